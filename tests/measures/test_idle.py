"""The decision table of idle land: cases by hand, and what must hold for every ledger."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzone.catalog.idle_law import idle_terms
from landzone.measures.idle import COLUMNS, classify
from landzone.measures.idle_decisions import DECISIONS
from landzone.model.study import Anniversary, BlankStart, IdleSettings

DATES = (
    "contract_date", "delivery_date", "agreed_start", "supplement_start", "agreed_finish", "actual_start",
    "actual_finish", "suspended_since", "disposal_date", "disposal_start",
)  # fmt: skip
MONEY = ("land_price", "invested_ex_land", "total_invest_ex_land")
AREAS = ("developed_area", "required_area")
FLAGS = ("started", "completed", "reclaimed", "gov_cause_verified")
TEXTS = ("gov_cause_code", "rejected_cells", "disposal_way", "area_basis", "supply_status")
IDLE = ["A1", "A2", "A_gov", "A_pending", "B"]

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "idle.toml").read_text(encoding="utf-8"))["case"]
READINGS = [(case, reading) for case in CASES for reading in Anniversary]


def ledger(projects: list[dict[str, Any]]) -> pd.DataFrame:
    """Type projects as the gate does; a column that no project has is absent."""
    frame = pd.DataFrame(index=range(len(projects)))
    for name in sorted({key for project in projects for key in project}):
        cells = [project.get(name) for project in projects]
        if name in DATES:
            column = name if name.endswith("_date") else f"{name}_date"
            frame[column] = pd.Series(np.array(cells, dtype="datetime64[s]"))
        elif name in MONEY:
            fen = [None if cell is None else int(Decimal(str(cell)) * 100) for cell in cells]
            frame[f"{name}_fen"] = pd.array(fen, dtype="Int64")
        elif name in AREAS:
            frame[f"{name}_m2"] = pd.Series(cells, dtype="float64")
        elif name in FLAGS:
            frame[name] = pd.array(cells, dtype="boolean")
        elif name in TEXTS:
            frame[name] = pd.Series(cells, dtype="str")
        else:
            raise KeyError(name)
    return frame


def idle_settings(reading: Anniversary, given_settings: dict[str, str]) -> IdleSettings:
    return IdleSettings(
        anniversary=reading,
        blank_actual_start=BlankStart(given_settings.get("blank_actual_start", "unknown")),
        ownership_if_absent=given_settings.get("ownership_if_absent", "state"),
    )


def answer(
    projects: list[dict[str, Any]], as_of: date, reading: Anniversary = Anniversary.CIVIL
) -> pd.DataFrame:
    """Class state-owned projects of a ledger in which a blank start is unknown."""
    kinds = pd.Series("state", index=range(len(projects)), dtype="str")
    return classify(ledger(projects), as_of, idle_settings(reading, {}), idle_terms(), kinds)


FIELDS = {
    "row": "decision_row", "class": "idle_class", "conclusion": "conclusion", "basis": "start_basis",
    "due": "effective_start_date", "years": "idle_years_count", "since": "idle_since_date",
    "next": "next_threshold_date", "fee": "idle_fee_fen", "fee_due": "fee_due_since_date", "late": "late_days",
    "missing": "missing", "warnings": "warnings",
}  # fmt: skip


def readable(row: pd.Series) -> dict[str, Any]:
    """Write an outcome the way the cases are written."""
    seen: dict[str, Any] = {}
    for short, name in FIELDS.items():
        value = row[name]
        if pd.isna(value):
            seen[short] = ""
        elif name == "idle_fee_fen":
            seen[short] = str((Decimal(int(value)) / 100).quantize(Decimal("0.01")))
        else:
            seen[short] = value.date() if name.endswith("_date") else value
    words = {True: "yes", False: "no"}
    seen["below"] = [
        "?" if pd.isna(row[name]) else words[bool(row[name])]
        for name in ("area_below_third", "investment_below_quarter")
    ]
    return seen


@pytest.mark.parametrize(("case", "reading"), READINGS, ids=[f"{c['name']} ({r})" for c, r in READINGS])
def test_case(case: dict[str, Any], reading: Anniversary) -> None:
    expected = case.get(reading.value, case["civil"])
    if reading is Anniversary.CALENDAR and "calendar" not in case:
        expected = {key: value for key, value in expected.items() if key not in ("since", "next", "fee_due")}
    owner = case.get("ownership", "state")
    kinds = pd.Series([owner or None], dtype="str")
    found = classify(
        ledger([case["project"]]),
        case["as_of"],
        idle_settings(reading, case.get("settings", {})),
        idle_terms(),
        kinds,
    )
    seen = readable(found.iloc[0])
    assert {key: seen[key] for key in expected} == expected


def test_every_row_of_the_table_has_a_case_in_both_readings() -> None:
    for reading in Anniversary:
        rows = {case.get(reading.value, case["civil"])["row"] for case in CASES}
        assert rows == set(range(18))


def test_every_conclusion_has_a_case() -> None:
    wanted = {name for name, _, _ in DECISIONS}
    every = [{"project": c["project"], "settings": c.get("settings", {}), **c} for c in CASES]
    seen = set()
    for case in every:
        kinds = pd.Series([case.get("ownership", "state") or None], dtype="str")
        own = idle_settings(Anniversary.CIVIL, case["settings"])
        found = classify(ledger([case["project"]]), case["as_of"], own, idle_terms(), kinds)
        seen.add(found["conclusion"].iloc[0])
    assert seen == wanted


def test_columns_and_types_do_not_depend_on_the_input() -> None:
    full = answer([{"agreed_start": date(2022, 3, 15), "started": False}], date(2024, 1, 1))
    bare = classify(pd.DataFrame(index=[4, 7]), date(2024, 1, 1), IdleSettings(), idle_terms())
    empty = classify(pd.DataFrame(index=[]), date(2024, 1, 1), IdleSettings(), idle_terms())
    assert list(full.columns) == COLUMNS
    assert bare.index.tolist() == [4, 7]
    assert (
        full.dtypes.astype(str).tolist()
        == bare.dtypes.astype(str).tolist()
        == empty.dtypes.astype(str).tolist()
    )
    assert bare["idle_class"].tolist() == ["unknown", "unknown"]
    assert len(empty) == 0


def test_rows_do_not_depend_on_their_neighbours() -> None:
    projects = [case["project"] for case in CASES]
    whole = answer(projects, date(2024, 3, 16))
    order = np.random.default_rng(1).permutation(len(projects))
    mixed = answer([projects[i] for i in order], date(2024, 3, 16))
    pd.testing.assert_frame_equal(mixed, whole.iloc[order].reset_index(drop=True))


def test_the_input_is_left_alone() -> None:
    frame = ledger([{"agreed_start": date(2022, 3, 15), "gov_cause_code": " G1 "}])
    before = frame.copy()
    classify(frame, date(2024, 1, 1), IdleSettings(), idle_terms())
    pd.testing.assert_frame_equal(frame, before)


# ---------------------------------------------------------------- properties

DAY = st.dates(min_value=date(2015, 1, 1), max_value=date(2027, 12, 31))
MAYBE_DAY = st.none() | DAY
MAYBE = st.sampled_from([None, True, False])
YUAN = st.none() | st.integers(0, 10**9)
AREA = st.none() | st.integers(0, 10**6).map(float)


@st.composite
def project(draw: st.DrawFn) -> dict[str, Any]:
    own: dict[str, Any] = {name: draw(MAYBE_DAY) for name in DATES}
    own |= {name: draw(MAYBE) for name in FLAGS}
    own |= {name: draw(YUAN) for name in MONEY} | {name: draw(AREA) for name in AREAS}
    own["disposal_way"] = draw(st.sampled_from([None, None, "延期", "临时使用", "协议收回", "没有这种方式"]))
    own["gov_cause_code"] = draw(st.sampled_from([None, "G1", "FM"]))
    own["rejected_cells"] = draw(st.sampled_from(["", "", "", "agreed_start", "invested_ex_land|land_price"]))
    return own


EVENTS = (
    "delivery_date",
    "actual_start",
    "actual_finish",
    "suspended_since",
    "contract_date",
    "disposal_date",
)
GRAVER = {"A1": ["A1", "A2"], "A2": ["A2"], "A_gov": ["A_gov"], "A_pending": ["A_pending"], "B": ["B"]}


PROJECTS = st.lists(project(), min_size=5, max_size=5)
"""Rows of one ledger, since one call takes as long as the next; no row depends on its neighbours."""


def blanked(projects: list[dict[str, Any]], day: date, *names: str) -> list[tuple[str, str]]:
    """Return the class of each project as it is and without some of its cells."""
    less = [{**own, **dict.fromkeys(names)} for own in projects]
    found = answer([*projects, *less], day)["idle_class"].tolist()
    return list(zip(found[: len(projects)], found[len(projects) :], strict=True))


@settings(derandomize=True, deadline=None, max_examples=40)
@given(PROJECTS, DAY, st.integers(0, 1500), st.sampled_from(list(Anniversary)))
def test_a_later_day_never_takes_idleness_back(
    projects: list[dict[str, Any]], day: date, more: int, reading: Anniversary
) -> None:
    later = day + timedelta(days=more)
    quiet = [own for own in projects if not any(own[name] and day < own[name] <= later for name in EVENTS)]
    if not quiet:
        return
    classes = [answer(quiet, moment, reading)["idle_class"] for moment in (day, later)]
    for before, after in zip(*classes, strict=True):
        assert after in GRAVER.get(before, [after])


@settings(derandomize=True, deadline=None, max_examples=150)
@given(project(), DAY, st.sampled_from(list(Anniversary)))
def test_the_next_threshold_is_the_day_on_which_it_changes(
    own: dict[str, Any], day: date, reading: Anniversary
) -> None:
    row = answer([own], day, reading).iloc[0]
    if pd.isna(row["next_threshold_date"]):
        return
    threshold = row["next_threshold_date"].date()
    assert threshold > day
    if any(own[name] and day < own[name] <= threshold for name in EVENTS):
        return
    eve = answer([own], threshold - timedelta(days=1), reading).iloc[0]
    there = answer([own], threshold, reading).iloc[0]
    assert eve["idle_class"] == row["idle_class"]
    assert there["conclusion"] != row["conclusion"] or row["idle_class"] == "A_pending"


@settings(derandomize=True, deadline=None, max_examples=40)
@given(PROJECTS, DAY, st.sampled_from([*MONEY, *AREAS]))
def test_blanking_evidence_only_moves_to_unknown(
    projects: list[dict[str, Any]], day: date, name: str
) -> None:
    assert all(after in (before, "unknown") for before, after in blanked(projects, day, name))


@settings(derandomize=True, deadline=None, max_examples=30)
@given(PROJECTS, DAY)
def test_blanking_the_start_only_moves_to_unknown_or_not_due(
    projects: list[dict[str, Any]], day: date
) -> None:
    own = [{**one, "started": None, "suspended_since": None} for one in projects]
    assert all(after in (before, "unknown", "not_due") for before, after in blanked(own, day, "actual_start"))


@settings(derandomize=True, deadline=None, max_examples=30)
@given(PROJECTS, DAY)
def test_blanking_the_last_date_of_start_only_moves_to_unknown(
    projects: list[dict[str, Any]], day: date
) -> None:
    none = {"supplement_start": None, "delivery_date": None, "disposal_start": None}
    own = [{**one, **none} for one in projects]
    assert all(after in (before, "unknown") for before, after in blanked(own, day, "agreed_start"))


UNITS = st.sampled_from([1.0, 10_000.0, 2000 / 3, 1e6, 4046.8564224, 0.09290304])


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 10**6), UNITS), min_size=6, max_size=6))
def test_a_third_is_a_third_in_every_unit(parts: list[tuple[int, float]]) -> None:
    suspended = {"started": True, "suspended_since": date(2020, 1, 1)}
    evidence = [
        {**suspended, "developed_area": part * unit, "required_area": (3 * part + more) * unit}
        for part, unit in parts
        for more in (0, 1)
    ]
    assert answer(evidence, date(2024, 1, 1))["area_below_third"].tolist() == [False, True] * len(parts)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 10**12), st.sampled_from([1, 100, 10_000])), min_size=6, max_size=6))
def test_a_quarter_is_a_quarter_in_every_unit(parts: list[tuple[int, int]]) -> None:
    suspended = {"started": True, "suspended_since": date(2020, 1, 1)}
    evidence = [
        {**suspended, "invested_ex_land": part * unit, "total_invest_ex_land": (4 * part + more) * unit}
        for part, unit in parts
        for more in (0, 1)
    ]
    found = answer(evidence, date(2024, 1, 1))["investment_below_quarter"].tolist()
    assert found == [False, True] * len(parts)


@settings(derandomize=True, deadline=None, max_examples=20)
@given(st.lists(st.integers(0, 10**12), min_size=8, max_size=8))
def test_the_fee_is_a_fifth_rounded_half_up(prices: list[int]) -> None:
    due = {"agreed_start": date(2022, 3, 15), "started": False}
    found = answer([{**due, "land_price": Decimal(fen) / 100} for fen in prices], date(2023, 3, 16))
    expected = [int((Decimal(fen) / 5).quantize(Decimal(1), rounding="ROUND_HALF_UP")) for fen in prices]
    assert found["idle_fee_fen"].tolist() == expected


@settings(derandomize=True, deadline=None, max_examples=120)
@given(st.lists(project(), min_size=1, max_size=5), DAY)
def test_only_class_a1_has_a_fee_and_only_idle_land_a_first_day(
    projects: list[dict[str, Any]], day: date
) -> None:
    found = answer(projects, day)
    assert found.loc[found["idle_class"] != "A1", "idle_fee_fen"].isna().all()
    idle = found["idle_class"].isin(IDLE)
    assert (found["idle_since_date"].notna() == idle).all()
    assert (found.loc[idle, "idle_since_date"] <= pd.Timestamp(day)).all()
    assert (found.loc[idle, "idle_years_count"] >= 1).all()


@settings(derandomize=True, deadline=None, max_examples=80)
@given(project(), DAY, st.sampled_from(list(Anniversary)))
def test_two_phrasings_of_the_same_facts_have_the_same_class(
    own: dict[str, Any], day: date, reading: Anniversary
) -> None:
    """A start told by its date or by yes; an end by its date or by yes; a term by contract or by supplement."""
    own = {**own, "contract_date": None, "disposal_start": None, "disposal_way": None, "rejected_cells": ""}
    began, ended, term = (own[name] or day for name in ("actual_start", "actual_finish", "agreed_start"))
    pairs = [
        (
            {"started": None, "suspended_since": None, "actual_start": min(began, day)},
            {"started": True, "suspended_since": None, "actual_start": None},
        ),
        (
            {"completed": None, "actual_finish": min(ended, day)},
            {"completed": True, "actual_finish": None},
        ),
        (
            {"agreed_start": term, "supplement_start": None},
            {"agreed_start": None, "supplement_start": term},
        ),
        (
            {"gov_cause_verified": True, "gov_cause_code": "G1"},
            {"gov_cause_verified": True, "gov_cause_code": "FM"},
        ),
    ]
    told = [{**own, **phrase} for phrase in chain.from_iterable(pairs)]
    found = answer(told, day, reading)["idle_class"].tolist()
    assert found[0::2] == found[1::2]


def test_a_term_presumed_from_delivery_is_the_same_as_one_agreed_for_that_day() -> None:
    presumed = {"delivery_date": date(2021, 3, 15), "started": False}
    agreed = {"agreed_start": date(2022, 3, 15), "started": False}
    for day in (date(2022, 3, 15), date(2023, 3, 15), date(2023, 3, 16), date(2024, 3, 16)):
        assert answer([presumed, agreed], day)["idle_class"].nunique() == 1
