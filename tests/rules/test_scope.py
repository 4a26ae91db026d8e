"""To whom a rule applies, which limit holds for whom, and both ways to pass."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from landzone.model.measures import Measured, MeasureTable
from landzone.model.rules import Binding, DatedLimit, KeyedLimits, Op, Rule, RulePack
from landzone.rules.evaluate import evaluate

IDS = pd.Index(["a", "b", "c", "d"], dtype="str")
DAY = date(2026, 6, 30)
RULE = Rule("R", {}, "project", "x", Op.GE, (DatedLimit(10.0),), "ratio", "c", "q")


def _found(rule, values=(10, 10, 9, 9), **keys):
    measured = Measured("x", pd.Series(values, index=IDS, dtype="float64"), "ratio")
    table = MeasureTable("project", {"x": measured}, {n: pd.Series(v, index=IDS) for n, v in keys.items()})
    pack = RulePack("p", {}, "s", None, None, None, Binding.LAW, (rule,))
    return evaluate([table], [pack], DAY)


def _verdicts(rule, **keys):
    return _found(rule, **keys)["verdict"].tolist()


def test_a_rule_applies_where_its_condition_is_known_to_hold():
    rule = replace(RULE, when={"is_priority": True})
    flags = pd.array([True, False, True, None], "boolean")
    assert _verdicts(rule, is_priority=flags) == ["pass", "not_applicable", "fail", "unknown"]
    assert _verdicts(rule) == ["unknown"] * 4


def test_an_exemption_that_is_not_known_saves_from_a_fail_but_takes_no_pass():
    rule = replace(RULE, unless={"is_priority": True})
    flags = pd.array([None, True, None, False], "boolean")
    assert _verdicts(rule, is_priority=flags) == ["pass", "not_applicable", "unknown", "fail"]


def test_a_day_is_included_in_what_comes_after_it():
    rule = replace(RULE, when={"contract_date": date(2018, 11, 30)})
    days = pd.to_datetime(["2018-11-30", "2018-11-29", "2019-01-01", None])
    assert _verdicts(rule, contract_date=days) == ["pass", "not_applicable", "fail", "unknown"]
    rule = replace(RULE, unless={"contract_date": date(2018, 11, 30)})
    assert _verdicts(rule, contract_date=days) == ["pass", "not_applicable", "fail", "unknown"]


def test_limits_by_grade_times_a_factor():
    by = KeyedLimits(("land_grade",), {("13",): 96.0, ("4",): 480.0})
    rule = replace(RULE, limits=(DatedLimit(0.7),), limits_by=by)
    found = _found(rule, values=(67.2, 335.99, 67.2, 67.2), land_grade=[13.0, 4.0, 16.0, np.nan])
    assert found["limit"].fillna(-1).tolist() == [67.2, 336.0, -1, -1]
    assert found["verdict"].tolist() == ["pass", "fail", "not_applicable", "unknown"]


def test_limits_by_industry_and_grade_look_at_the_first_digits():
    by = KeyedLimits(("industry_code", "land_grade"), {("35", "4"): 9.0}, digits=2, scheme="gbt4754-2002")
    rule = replace(RULE, limits=(DatedLimit(1.0),), limits_by=by)
    found = _found(
        rule, values=(9, 9, 9, 9), industry_code=["3511", "3511", "3011", None], land_grade=[4, 5, 4, 4]
    )
    assert found["verdict"].tolist() == ["pass", "not_applicable", "not_applicable", "unknown"]


@pytest.mark.parametrize(
    ("op", "limit", "above", "below", "gap", "other"),
    [
        (">=", 0.5, 40, 100, 10, 20),  # 10 more of 40, or 20 less of 100
        ("<=", 0.15, 18, 100, 3, 20),  # 3 less of 18, or 20 more of 100
        (">=", 0.5, 50, 100, 0, 0),
        (">=", 0.0, 50, 100, 0, 0),
    ],
)
def test_both_ways_to_pass(op, limit, above, below, gap, other):
    one = pd.Index(["Z"])
    parts = {"numerator": pd.Series([above], one), "denominator": pd.Series([below], one)}
    measured = Measured("x", pd.Series([above / below], one), "ratio", **parts)
    rule = replace(RULE, op=Op(op), limits=(DatedLimit(limit),))
    pack = RulePack("p", {}, "s", None, None, None, Binding.LAW, (rule,))
    row = evaluate([MeasureTable("project", {"x": measured})], [pack], DAY).iloc[0]
    assert (row["gap"], row["gap_denominator"]) == pytest.approx((gap, other))


def test_a_reported_rule_shows_its_value_and_a_listed_one_none():
    reported = replace(RULE, op=None, limits=())
    listed = replace(RULE, id="L", measure="", op=None, limits=(), unit="", reason={"zh": "无", "en": "none"})
    for rule, code, value in ((reported, "FINDING_REPORTED", 10.0), (listed, "FINDING_LISTED", np.nan)):
        row = _found(rule).iloc[0]
        assert (row["verdict"], row["message_code"]) == ("not_applicable", code)
        assert row["observed"] == pytest.approx(value, nan_ok=True)
