"""The time line of a project: spans that do not run backwards, and the day from which a pause counts."""

from datetime import date
from typing import Any

import pytest

from landzone.catalog.idle_law import idle_terms
from landzone.measures.idle_timeline import Timeline, timeline
from landzone.model.study import Anniversary

DAY = date(2025, 6, 30)


def line(**row: Any) -> Timeline:
    return timeline(row, DAY, Anniversary.CALENDAR, idle_terms())


def spans(found: Timeline) -> list[tuple[str, str, str]]:
    return [(s.kind, s.first.isoformat(), s.last.isoformat()) for s in found.spans]


@pytest.mark.parametrize(
    ("finish", "expected"),
    [
        ("2024-03-01", [("building", "2024-01-01", "2024-03-01")]),
        ("2023-03-01", [("building", "2024-01-01", "2025-06-30")]),  # finished before it started: not an end
        ("2024-01-01", []),  # started and finished on one day: a span of no day is not drawn
    ],
)
def test_building_ends_with_a_finish_that_does_not_lie_before_the_start(
    finish: str, expected: list[tuple[str, str, str]]
) -> None:
    assert spans(line(actual_start_date="2024-01-01", actual_finish_date=finish)) == expected


def test_a_start_on_the_day_of_the_audit_has_begun() -> None:
    found = line(effective_start_date="2024-01-01", actual_start_date="2025-06-30")
    assert spans(found) == []
    assert spans(line(effective_start_date="2024-01-01", actual_start_date="2025-07-01")) == [
        ("overdue", "2024-01-01", "2025-01-01"), ("idle_one_year", "2025-01-01", "2025-06-30"),
    ]  # fmt: skip


@pytest.mark.parametrize(("basis", "full"), [("disposal", "2026-01-10"), ("contract", "2025-02-28")])
def test_a_pause_counts_anew_only_from_a_disposal(basis: str, full: str) -> None:
    found = line(suspended_since_date="2024-02-29", disposal_start_date="2025-01-10", start_basis=basis)
    assert {e.kind: e.day.isoformat() for e in found.events}["suspended_one_year"] == full
