"""Verdicts, gaps and borderline cases against answers worked out by hand."""

import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzone.model.measures import Measured, MeasureTable
from landzone.model.result import FINDING_COLUMNS
from landzone.model.rules import Binding, DatedLimit, Op, Rule, RulePack
from landzone.rules.evaluate import DETAIL_COLUMNS, evaluate, qualification

CASES = tomllib.loads((Path(__file__).parent.parent / "cases" / "rules.toml").read_text(encoding="utf-8"))
DAY = date(2026, 6, 30)


def _rule(op=">=", limit=0.5, rule_id="R", limits=None):
    limits = limits or (DatedLimit(float(limit)),)
    return Rule(rule_id, {"zh": "规则"}, "zone", "x", Op(op), limits, "ratio", "三(二)", "原文")


def _pack(*rules, valid_from=None, valid_to=None):
    return RulePack("p", {"zh": "包"}, "文号", None, valid_from, valid_to, Binding.GUIDANCE, rules)


def _table(**parts):
    index = pd.Index(["Z1"], dtype="str")
    exempt = parts.pop("not_applicable", False)
    series = {name: pd.Series([float(value)], index=index) for name, value in parts.items()}
    value = series.pop("value", pd.Series([np.nan], index=index))
    measured = Measured(
        "x", value, "ratio", **series, not_applicable=pd.Series([exempt], index=index), numerator_unit="m2"
    )
    return MeasureTable("zone", {"x": measured})


def _one(rule, table=None, day=DAY, **dates):
    return evaluate([table or _table(value=0.4)], [_pack(rule, **dates)], day).iloc[0]


@pytest.mark.parametrize("case", CASES["case"], ids=lambda c: c["name"])
def test_finding(case):
    found = _one(_rule(*case["rule"]), _table(**case["measure"]))
    assert found["verdict"] == case["verdict"]
    assert found["borderline"] == case.get("borderline", False)
    for name, column in (("gap", "gap"), ("needed", "needed")):
        np.testing.assert_allclose(found[column], case.get(name, np.nan), rtol=1e-9, atol=1e-9)
    if "code" in case:
        assert found["message_code"] == case["code"]


def test_a_finding_says_what_it_stands_on():
    found = evaluate([_table(value=0.4, numerator=4, denominator=10)], [_pack(_rule())], DAY)
    assert list(found.columns) == FINDING_COLUMNS + DETAIL_COLUMNS
    assert found.iloc[0].drop(["gap", *DETAIL_COLUMNS]).fillna("-").to_dict() == {
        "subject_kind": "zone", "subject_id": "Z1", "pack_id": "p", "rule_id": "R", "measure": "x", "observed": 0.4,
        "limit": 0.5, "op": ">=", "unit": "ratio", "verdict": "fail", "borderline": False, "gap_unit": "m2",
        "coverage_ratio": "-", "clause": "三(二)", "source": "文号", "as_of": "2026-06-30", "message": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("day", "verdict"),
    [
        (date(2014, 3, 21), "not_applicable"),
        (date(2014, 3, 22), "fail"),
        (date(2016, 12, 31), "fail"),
        (date(2017, 1, 1), "not_applicable"),
    ],
)
def test_a_pack_holds_from_its_first_to_its_last_day(day, verdict):
    found = _one(_rule(), day=day, valid_from=date(2014, 3, 22), valid_to=date(2016, 12, 31))
    assert found["verdict"] == verdict
    assert (found["message_code"] == "FINDING_NOT_IN_FORCE") == (verdict == "not_applicable")


@pytest.mark.parametrize(
    ("day", "limit", "verdict"),
    [
        (date(2019, 12, 31), 0.3, "pass"),
        (date(2020, 1, 1), 0.5, "fail"),
        (date(2022, 1, 1), np.nan, "not_applicable"),
    ],
)
def test_the_limit_of_the_day_counts(day, limit, verdict):
    limits = (
        DatedLimit(0.3, None, date(2019, 12, 31)),
        DatedLimit(0.5, date(2020, 1, 1), date(2021, 12, 31)),
    )
    found = _one(_rule(limits=limits), day=day)
    np.testing.assert_equal(found["limit"], limit)
    assert found["verdict"] == verdict


def test_a_measure_that_nobody_took_is_unknown():
    other = MeasureTable("zone", {"y": Measured("y", pd.Series({"Z1": 1.0}), "ratio")})
    assert _one(_rule(), other)["verdict"] == "unknown"


def test_a_rule_in_another_unit_is_a_mistake_of_the_caller():
    table = MeasureTable("zone", {"x": Measured("x", pd.Series({"Z1": 1.0}), "percent")})
    with pytest.raises(ValueError, match="limit in ratio, measure x in percent"):
        _one(_rule(), table)


def test_without_subjects_there_are_no_findings_but_all_columns():
    found = evaluate([], [_pack(_rule())], DAY)
    assert len(found) == 0
    assert list(found.columns) == FINDING_COLUMNS + DETAIL_COLUMNS


def test_findings_are_sorted_by_subject_and_rule_whatever_the_order():
    index = pd.Index(["Z2", "Z1"], dtype="str")
    table = MeasureTable("zone", {"x": Measured("x", pd.Series([0.1, 0.9], index=index), "ratio")})
    found = evaluate([table], [_pack(_rule(rule_id="R2"), _rule(rule_id="R1"))], DAY)
    assert found[["subject_id", "rule_id"]].to_numpy().tolist() == [
        ["Z1", "R1"], ["Z1", "R2"], ["Z2", "R1"], ["Z2", "R2"],
    ]  # fmt: skip


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.floats(0, 1), st.floats(0, 1))
def test_a_stricter_limit_only_adds_fails(values, one, two):
    mild, strict = sorted([one, two])
    table = MeasureTable(
        "zone", {"x": Measured("x", pd.Series(values, [f"Z{n}" for n in range(len(values))]), "ratio")}
    )
    before, after = (evaluate([table], [_pack(_rule(limit=limit))], DAY) for limit in (mild, strict))
    assert set(before[before["verdict"] == "fail"]["subject_id"]) <= set(
        after[after["verdict"] == "fail"]["subject_id"]
    )


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.floats(0, 2), st.floats(0, 0.99), st.sampled_from(list(Op)))
def test_incomplete_data_never_turn_a_verdict_round(value, coverage, op):
    """What passes or fails on incomplete data does so whatever the missing part is (it cannot be negative)."""
    lower = value * coverage
    partial = _one(_rule(op.value, 0.5), _table(value=value, lower=lower, coverage=coverage))
    for rest in (0.0, 0.3, 5.0):
        complete = _one(_rule(op.value, 0.5), _table(value=lower + rest * (1 - coverage)))
        assert partial["verdict"] in ("unknown", complete["verdict"])


@pytest.mark.parametrize(
    ("values", "verdict"),
    [([0.9, 0.1], "fail"), ([0.9, np.nan], "unknown"), ([np.nan, 0.1], "fail"), ([0.9, 0.8], "pass")],
)
def test_qualification(values, verdict):
    measures = {
        name: Measured(name, pd.Series({"Z1": v}), "ratio") for name, v in zip("xy", values, strict=True)
    }
    second = Rule("S", {}, "zone", "y", Op.GE, (DatedLimit(0.5),), "ratio", "c", "q")
    found = qualification(evaluate([MeasureTable("zone", measures)], [_pack(_rule(), second)], DAY))
    assert found["verdict"].tolist() == [verdict]
    assert found.filter(like="_count").sum(axis=1).tolist() == [2]
