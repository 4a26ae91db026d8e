"""Deadlines as dates: the day of the event is not counted, days of rest move the last day."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from landzone.catalog.idle_law import procedure_terms, warning_days
from landzone.measures.deadlines import WorkCalendar, deadlines
from landzone.model.study import IdleSettings

AS_OF = date(2026, 6, 30)
PLAIN = IdleSettings()
WEEK = tuple(date(2026, 10, day) for day in range(1, 8))
"""The first week of October; 2026-09-27 and 2026-10-10, a Sunday and a Saturday, are worked."""
WORKED = (date(2026, 9, 27), date(2026, 10, 10))


def due(settings: IdleSettings = PLAIN, as_of: date = AS_OF, **own: Any) -> dict[str, dict[str, Any]]:
    row = {"project_id": "J", "parcel_id": "P", "idle_class": "not_idle", "conclusion": "building", **own}
    frame = pd.DataFrame({name: [value] for name, value in row.items()})
    for name in frame.columns:
        if name.endswith("_date"):
            frame[name] = np.array(frame[name].tolist(), dtype="datetime64[s]")
    found = deadlines(frame, as_of, settings, procedure_terms(), warning_days(), ["A1", "A2", "B"])
    return {str(r["kind"]): r for r in found.to_dict("records")}


def iso(value: Any) -> str:
    return str(pd.Timestamp(value).date())


@pytest.mark.parametrize(
    ("event", "counted", "moved_to"),
    [
        ("2026-06-01", "2026-07-01", "2026-07-01"),  # a Wednesday
        ("2026-06-04", "2026-07-04", "2026-07-06"),  # a Saturday: the Monday after
        ("2026-06-05", "2026-07-05", "2026-07-06"),  # a Sunday
    ],
)
def test_thirty_days_after_a_notice(event: str, counted: str, moved_to: str) -> None:
    row = due(investigation_notice_date=event)["reply"]
    assert (iso(row["counted_date"]), iso(row["due_date"])) == (counted, moved_to)
    assert row["is_moved"] == (counted != moved_to)


def test_holidays_of_a_file_move_a_day_and_worked_weekends_do_not() -> None:
    settings = IdleSettings(holidays=WEEK, workdays=WORKED)
    day = date(2026, 9, 30)
    moved = due(settings, as_of=day, investigation_notice_date="2026-09-02")["reply"]
    assert (iso(moved["counted_date"]), iso(moved["due_date"])) == ("2026-10-02", "2026-10-08")
    worked = due(settings, as_of=day, investigation_notice_date="2026-09-10")["reply"]
    assert (iso(worked["due_date"]), worked["is_moved"]) == ("2026-10-10", False)


def test_five_working_days_for_a_hearing() -> None:
    """Fri 25 Sep; Sun 27 (worked), Mon 28, Tue 29, Wed 30, then the holidays, Thu 8 Oct is the fifth."""
    settings = IdleSettings(holidays=WEEK, workdays=WORKED)
    row = due(settings, as_of=date(2026, 9, 30), hearing_notice_date="2026-09-25")["hearing"]
    assert iso(row["due_date"]) == "2026-10-08"
    plain = due(as_of=date(2026, 9, 30), hearing_notice_date="2026-09-25")["hearing"]
    assert iso(plain["due_date"]) == "2026-10-02"


def test_a_suspicion_counts_from_the_audit_where_no_day_of_discovery_is_given() -> None:
    row = due(idle_class="A2", conclusion="idle_two_years")["investigation"]
    assert (iso(row["event_date"]), iso(row["due_date"]), row["is_assumed"]) == (
        "2026-06-30",
        "2026-07-30",
        True,
    )
    given = due(idle_class="A2", conclusion="idle_two_years", found_date="2026-06-10")["investigation"]
    assert (iso(given["due_date"]), given["is_assumed"]) == ("2026-07-10", False)


def test_an_investigation_whose_notice_was_sent_is_done_or_not_assumed() -> None:
    sent = {"idle_class": "A2", "conclusion": "idle_two_years", "investigation_notice_date": "2026-06-20"}
    assert set(due(**sent)) == {"reply"}
    assert due(**sent, found_date="2026-06-01")["investigation"]["state"] == "done"


def test_what_is_past_stays_on_the_list() -> None:
    row = due(decision_notice_date="2026-05-01")["payment"]
    assert (iso(row["due_date"]), row["days_left_count"], row["state"]) == ("2026-06-01", -29, "passed")
    assert pd.isna(row["warning_days_count"])


def test_an_event_after_the_audit_has_not_happened() -> None:
    assert due(decision_notice_date="2026-07-01") == {}


@pytest.mark.parametrize(
    ("left", "step"), [(0, 30), (30, 30), (31, 60), (60, 60), (61, 90), (90, 90), (91, None)]
)
def test_steps_of_early_warning(left: int, step: int | None) -> None:
    day = pd.Timestamp(AS_OF) + pd.Timedelta(days=left)
    row = due(idle_class="overdue", conclusion="overdue", next_threshold_date=str(day.date()))[
        "idle_one_year"
    ]
    assert row["days_left_count"] == left
    assert (None if pd.isna(row["warning_days_count"]) else row["warning_days_count"]) == step


def test_a_threshold_is_not_moved_by_a_weekend() -> None:
    row = due(idle_class="overdue", conclusion="overdue", next_threshold_date="2026-07-04")["idle_one_year"]
    assert (iso(row["due_date"]), row["is_moved"]) == ("2026-07-04", False)


def test_without_projects_nothing_is_due() -> None:
    empty = pd.DataFrame(
        {n: pd.Series(dtype="str") for n in ("project_id", "parcel_id", "idle_class", "conclusion")}
    )
    assert deadlines(empty, AS_OF, IdleSettings(), procedure_terms(), [30], ["A1"]).empty


def test_a_calendar_without_days_answers_nothing() -> None:
    assert np.isnat(WorkCalendar().moved(np.array(["NaT"], "datetime64[D]"))).all()
