"""Facts that had not happened yet, and dates that contradict each other."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from landzone.catalog import load
from landzone.catalog.messages import problem_messages
from landzone.measures.facts import facts_at

AS_OF = date(2026, 6, 30)
FACTS = tuple(n for n, spec in load.table("columns.toml")["projects"].items() if spec.get("fact"))


def projects(**days: list[str | None]) -> pd.DataFrame:
    size = len(next(iter(days.values())))
    frame = pd.DataFrame(
        {"project_id": [f"J{n + 1}" for n in range(size)], "rejected_cells": [""] * size}, dtype="str"
    )
    frame["source_row"] = range(11, 11 + size)
    for name, cells in days.items():
        frame[name if name.endswith("_date") else f"{name}_date"] = np.array(cells, dtype="datetime64[s]")
    return frame


def listed(problems: Any, kind: str) -> list[tuple[str, str, str, str]]:
    frame = problems.frame(kind)
    return list(zip(frame["subject_id"], frame["code"], frame["column"], frame["raw_value"], strict=True))


def test_the_facts_of_the_catalogue() -> None:
    assert set(FACTS) == {
        "contract_date",
        "delivery_date",
        "actual_start",
        "actual_finish",
        "suspended_since",
        "disposal_date",
        "found_date",
        "investigation_notice_date",
        "hearing_notice_date",
        "decision_notice_date",
    }


def test_a_fact_a_century_ahead_is_rejected_with_its_date() -> None:
    frame, problems = facts_at(
        projects(actual_start=["2112-06-01", "2020-01-01"]), AS_OF, FACTS, source="p.csv"
    )
    assert listed(problems, "reject") == [("J1", "DATE_FUTURE", "actual_start", "2112-06-01")]
    assert frame["actual_start_date"].isna().tolist() == [True, False]
    assert frame["rejected_cells"].tolist() == ["actual_start", ""]
    row = problems.frame("reject").iloc[0]
    assert (row["source"], row["layer"], row["row"]) == ("p.csv", "projects", 11)
    text = problem_messages(problems.frame("reject"), "en")[0]
    assert "J1" in text
    assert "2112" in text


@pytest.mark.parametrize(
    ("day", "outcome"),
    [("2026-06-30", ""), ("2026-07-01", "note"), ("2027-06-30", "note"), ("2027-07-01", "reject")],
)
def test_a_year_ahead_is_the_limit_for_every_fact(day: str, outcome: str) -> None:
    for name in FACTS:
        _, problems = facts_at(projects(**{name: [day]}), AS_OF, FACTS)
        kinds = [kind for kind in ("reject", "note") if len(problems.frame(kind))]
        assert kinds == [outcome] * bool(outcome)


def test_a_start_within_a_year_is_not_yet_a_fact() -> None:
    frame, problems = facts_at(projects(actual_start=["2026-07-15"]), AS_OF, FACTS)
    assert listed(problems, "note") == [("J1", "DATE_NOT_YET", "actual_start", "2026-07-15")]
    assert frame["actual_start_date"].notna().all()


def test_a_suspension_to_come_is_noted_and_left_to_the_decision_table() -> None:
    frame, problems = facts_at(projects(suspended_since=["2026-07-15"]), AS_OF, FACTS)
    assert listed(problems, "note") == [("J1", "SUSPENDED_NOT_YET", "suspended_since", "2026-07-15")]
    assert frame["rejected_cells"].tolist() == [""]


def test_agreed_dates_may_lie_ahead() -> None:
    _, problems = facts_at(projects(agreed_start=["2030-01-01"], agreed_finish=["2040-01-01"]), AS_OF, FACTS)
    assert not len(problems.frame("reject"))
    assert not len(problems.frame("note"))


def test_suspended_before_the_start() -> None:
    frame, problems = facts_at(
        projects(actual_start=["2020-05-01", "2020-05-01"], suspended_since=["2020-04-30", "2020-05-01"]),
        AS_OF,
        FACTS,
    )
    assert listed(problems, "reject") == [("J1", "SUSPENDED_BEFORE_START", "suspended_since", "2020-04-30")]
    assert frame["rejected_cells"].tolist() == ["suspended_since", ""]
    assert frame["actual_start_date"].notna().all()
    assert "2020-05-01" in problem_messages(problems.frame("reject"), "zh")[0]


def test_finished_before_the_start_costs_both_dates() -> None:
    frame, problems = facts_at(
        projects(actual_start=["2013-01-01"], actual_finish=["2012-12-01"]), AS_OF, FACTS
    )
    assert listed(problems, "reject") == [
        ("J1", "DATE_ORDER", "actual_finish", "2012-12-01"),
        ("J1", "DATE_ORDER", "actual_start", "2013-01-01"),
    ]
    assert frame["rejected_cells"].tolist() == ["actual_finish|actual_start"]


def test_agreed_before_the_contract_is_noted() -> None:
    frame, problems = facts_at(
        projects(agreed_start=["2020-05-01", "2020-05-02"], contract_date=["2020-05-02", "2020-05-02"]),
        AS_OF,
        FACTS,
    )
    assert listed(problems, "note") == [("J1", "AGREED_BEFORE_CONTRACT", "agreed_start", "2020-05-01")]
    assert frame["agreed_start_date"].notna().all()
    assert "2020-05-02" in problem_messages(problems.frame("note"), "en")[0]


def test_cells_that_were_rejected_before_stay_named() -> None:
    frame = projects(actual_start=["2112-06-01"])
    frame["rejected_cells"] = pd.Series(["land_price"], dtype="str")
    found, _ = facts_at(frame, AS_OF, FACTS)
    assert found["rejected_cells"].tolist() == ["actual_start|land_price"]
    assert frame["rejected_cells"].tolist() == ["land_price"]


def test_a_ledger_without_dates_passes() -> None:
    bare = pd.DataFrame({"project_id": ["J1"]}, dtype="str")
    frame, problems = facts_at(bare, AS_OF, FACTS)
    assert frame["rejected_cells"].tolist() == [""]
    assert not problems.has_losses()


def test_row_order_changes_nothing_but_the_row() -> None:
    days = {
        "actual_start": ["2112-06-01", "2026-07-15", "2113-01-01"],
        "suspended_since": ["2020-01-01", None, None],
    }
    whole = projects(**days)
    for kind in ("reject", "note"):
        expected = facts_at(whole, AS_OF, FACTS)[1].frame(kind)
        mixed = facts_at(whole.iloc[[2, 0, 1]].reset_index(drop=True), AS_OF, FACTS)[1].frame(kind)
        pd.testing.assert_frame_equal(mixed, expected)


def test_a_start_before_the_contract_is_rejected_and_named() -> None:
    frame, problems = facts_at(
        projects(contract_date=["2022-03-15", "2022-03-15"], actual_start=["2022-03-14", "2022-03-15"]),
        AS_OF,
        FACTS,
    )
    assert listed(problems, "reject") == [("J1", "START_BEFORE_CONTRACT", "actual_start", "2022-03-14")]
    assert frame["actual_start_date"].isna().tolist() == [True, False]
