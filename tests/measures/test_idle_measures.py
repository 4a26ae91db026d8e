"""What rules compare: years without start, of suspension, open to a fee, without progress; standing production."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from landzone.catalog.idle_law import idle_terms, operating_words
from landzone.catalog.packs import load_pack
from landzone.measures.idle import classify
from landzone.measures.idle_measures import idle_measures
from landzone.model.measures import Measured, MeasureTable
from landzone.model.study import IdleSettings
from landzone.rules.evaluate import evaluate

AS_OF = date(2024, 3, 16)


def projects(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame({"project_id": [row.get("id", f"J{n}") for n, row in enumerate(rows)]}, dtype="str")
    for name in ("agreed_start", "delivery_date", "contract_date", "suspended_since"):
        column = name if name.endswith("_date") else f"{name}_date"
        frame[column] = np.array([row.get(name) for row in rows], dtype="datetime64[s]")
    for name in ("started", "completed", "gov_cause_verified"):
        frame[name] = pd.array([row.get(name) for row in rows], dtype="boolean")
    for name in ("gov_cause_code", "operating_status", "rejected_cells"):
        frame[name] = pd.Series([row.get(name) for row in rows], dtype="str")
    frame["developed_area_m2"] = [row.get("developed", np.nan) for row in rows]
    frame["required_area_m2"] = 30_000.0
    frame["supplied_year"] = [row.get("supplied_year", np.nan) for row in rows]
    return frame


def measure(rows: list[dict[str, Any]], owner: str = "state") -> dict[str, Measured]:
    frame = projects(rows)
    kinds = pd.Series(owner, index=frame.index, dtype="str")
    idle = classify(frame, AS_OF, IdleSettings(), idle_terms(), kinds)
    return idle_measures(idle, frame, AS_OF, *operating_words())


def read(found: Measured) -> list[Any]:
    """Write a measure as numbers, "?" where it cannot be told, "-" where it does not apply."""
    assert found.not_applicable is not None
    return [
        "-" if exempt else "?" if np.isnan(value) else int(value)
        for value, exempt in zip(found.value, found.not_applicable, strict=True)
    ]


LATE: dict[str, Any] = {"agreed_start": "2022-03-15", "started": False}
PAUSED: dict[str, Any] = {"agreed_start": "2022-03-15", "started": True, "suspended_since": "2023-01-10"}

# name, project, then: not started, suspended, chargeable, no progress
TRUTH = [
    ("not due", {**LATE, "agreed_start": "2024-03-16"}, 0, 0, 0, 0),
    ("overdue", {**LATE, "agreed_start": "2023-03-16"}, 0, 0, 0, 0),
    ("A1", {**LATE, "agreed_start": "2022-03-16"}, 1, 0, 1, 1),
    ("A2", LATE, 2, 0, 2, 2),
    ("A_gov", {**LATE, "gov_cause_code": "G1", "gov_cause_verified": True}, 2, 0, "-", "-"),
    ("A_pending", {**LATE, "gov_cause_code": "G1"}, 2, 0, "?", "?"),
    ("cause refused", {**LATE, "gov_cause_code": "G1", "gov_cause_verified": False}, 2, 0, 2, 2),
    ("building", {**PAUSED, "suspended_since": None}, 0, 0, 0, 0),
    ("B", {**PAUSED, "developed": 1.0}, 0, 1, "-", "?"),
    ("suspended for a day", {**PAUSED, "suspended_since": "2024-03-15"}, 0, 0, 0, 0),
    ("suspended, extent unknown", PAUSED, 0, "?", "?", "?"),
    ("completed", {**LATE, "completed": True}, 0, 0, 0, 0),
    ("start unknown", {"agreed_start": "2022-03-15"}, "?", "?", "?", "?"),
    ("not started, no date", {"started": False}, "?", 0, "?", "?"),
    ("data error", {**LATE, "rejected_cells": "agreed_start"}, "?", "?", "?", "?"),
    ("land contracted after the day", {**LATE, "contract_date": "2024-03-17"}, 2, 0, 2, "-"),
    ("land delivered after the day", {**LATE, "delivery_date": "2024-03-17"}, 2, 0, 2, "-"),
    ("land delivered on the day", {**LATE, "delivery_date": "2024-03-16"}, 2, 0, 2, 2),
    ("land supplied this year", {**LATE, "supplied_year": 2024.0}, 2, 0, 2, 2),
    ("land supplied next year", {**LATE, "supplied_year": 2025.0}, 2, 0, 2, "-"),
]


@pytest.mark.parametrize("case", TRUTH, ids=[case[0] for case in TRUTH])
def test_truth_table(case: tuple[Any, ...]) -> None:
    found = measure([case[1]])
    names = (
        "not_started_years_count",
        "suspended_years_count",
        "chargeable_years_count",
        "no_progress_years_count",
    )
    assert [read(found[name])[0] for name in names] == list(case[2:])


def test_nothing_of_it_applies_to_collective_land() -> None:
    found = measure([LATE], owner="collective")
    for name in ("not_started_years_count", "suspended_years_count", "chargeable_years_count"):
        assert read(found[name]) == ["-"]
    assert read(found["no_progress_years_count"]) == ["-"]


def test_standing_production() -> None:
    words = ["停产", "半停产", " 停产 ", "正常生产", "", None, "不明"]
    found = measure([{"id": f"J{n}", "operating_status": word} for n, word in enumerate(words)])
    assert read(found["stopped_production_count"]) == [1, 1, 1, 0, "?", "?", "?"]


def test_a_project_on_several_parcels_is_one_subject() -> None:
    unknown = {"agreed_start": "2022-03-15"}
    found = measure(
        [
            {**LATE, "id": "B"}, {**LATE, "id": "A", "agreed_start": "2022-03-16"}, {**LATE, "id": "B"},
            {**LATE, "id": "C"}, {**unknown, "id": "C"},
        ]
    )["not_started_years_count"]  # fmt: skip
    assert found.value.index.tolist() == ["A", "B", "C"]
    assert read(found) == [1, 2, "?"]
    assert found.lower is not None
    assert found.lower.tolist() == [1, 2, 2]


def verdicts(rows: list[dict[str, Any]], pack: str) -> dict[tuple[str, str], str]:
    table = MeasureTable("project", measure(rows))
    findings = evaluate([table], [load_pack(pack)], AS_OF)
    return {(f.subject_id, f.rule_id): f.verdict for f in findings.itertuples()}


def test_the_articles_as_findings() -> None:
    found = verdicts(
        [
            {**LATE, "id": "A1", "agreed_start": "2022-03-16"},
            {**LATE, "id": "A2"},
            {**LATE, "id": "A_gov", "gov_cause_verified": True},
            {**LATE, "id": "A_pending", "gov_cause_code": "FM"},
            {**PAUSED, "id": "B", "developed": 1.0},
            {"id": "unknown"},
        ],
        "idle-land-2012",
    )
    table = {
        who: [found[who, rule] for rule in ("IDLE-2-1", "IDLE-2-2", "IDLE-14-1", "IDLE-14-2")]
        for who in ("A1", "A2", "A_gov", "A_pending", "B", "unknown")
    }
    assert table == {
        "A1": ["fail", "pass", "fail", "pass"],
        "A2": ["fail", "pass", "fail", "fail"],
        "A_gov": ["fail", "pass", "not_applicable", "not_applicable"],
        "A_pending": ["fail", "pass", "unknown", "unknown"],
        "B": ["pass", "fail", "not_applicable", "not_applicable"],
        "unknown": ["unknown", "unknown", "unknown", "unknown"],
    }


def test_the_advice_counts_exactly_two_years_as_two() -> None:
    found = verdicts(
        [
            {**LATE, "id": "J1", "agreed_start": "2022-03-16"},
            {**LATE, "id": "J2", "operating_status": "半停产"},
        ],
        "seed-002-advice-2016",
    )
    assert found == {
        ("J1", "S002-IDLE24"): "pass",
        ("J1", "S002-STOP"): "unknown",
        ("J2", "S002-IDLE24"): "fail",
        ("J2", "S002-STOP"): "fail",
    }


def test_the_law_was_not_in_force_before_july_2012() -> None:
    table = MeasureTable("project", measure([LATE]))
    findings = evaluate([table], [load_pack("idle-land-2012")], date(2012, 6, 30))
    assert set(findings["verdict"]) == {"not_applicable"}
