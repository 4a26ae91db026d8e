"""Every measurable row of the five documents stands in the packs, and is judged, reported or listed."""

import numpy as np
import pandas as pd
import pytest

from landzone.catalog import load
from landzone.catalog.packs import list_rules
from landzone.model.measures import Measured, MeasureTable
from landzone.model.rules import Op
from landzone.rules.evaluate import evaluate

RULES = {rule.id: (pack, rule) for pack in list_rules() for rule in pack.rules}
ROWS = load.table("document_rows.toml")
NUMBERS = [f"R{n:02d}" for n in (*range(1, 36), *range(40, 54), *range(60, 68))]
JUDGED = sorted(name for name, (_, rule) in RULES.items() if rule.op is not None)
WORDS = {"以上": ">=", "不低于": ">=", "不少于": ">=", "超": ">", "不超过": "<=", "过": ">"}


def test_all_57_rows_are_there():
    assert list(ROWS) == NUMBERS
    assert len(NUMBERS) == 57


@pytest.mark.parametrize("number", NUMBERS)
def test_a_row_is_judged_or_says_why_not(number):
    for name in ROWS[number]:
        _, rule = RULES[name]
        assert bool(rule.op) + bool(rule.reason) + (rule.op is None and bool(rule.measure)) == 1
        if rule.reason:
            assert len(rule.reason["zh"]) > 6
            assert len(rule.reason["en"]) > 6


def _finding(name, value):
    pack, rule = RULES[name]
    day = next(dated.valid_from for dated in rule.limits) or pack.valid_from
    one = pd.Index(["x"], dtype="str")
    keys = {
        key: pd.Series([pd.Timestamp(want) if not isinstance(want, bool) else want], one)
        for key, want in rule.when.items()
    }
    for key, want in rule.unless.items():
        keys[key] = pd.Series([not want if isinstance(want, bool) else pd.Timestamp(want)], one)
    if rule.limits_by is not None:
        first = sorted(rule.limits_by.limits)[0]
        keys |= {key: pd.Series([text], one) for key, text in zip(rule.limits_by.keys, first, strict=True)}
    measured = Measured(rule.measure, pd.Series([value], one), rule.unit)
    table = MeasureTable(rule.applies_to, {rule.measure: measured}, keys)
    return evaluate([table], [pack], day).set_index("rule_id").loc[name]


@pytest.mark.parametrize("name", JUDGED)
def test_every_limit_is_met_by_the_number_itself_as_its_words_say(name):
    """以上 and 以下 include the number, 超过 and 不足 do not; missing is unknown."""
    _, rule = RULES[name]
    limit = _finding(name, np.nan)["limit"]
    assert _finding(name, np.nan)["verdict"] == "unknown"
    at, above, below = (_finding(name, limit + step)["verdict"] for step in (0, 1e-6, -1e-6))
    expected = {
        Op.GE: ("pass", "pass", "fail"), Op.GT: ("fail", "pass", "fail"), Op.LE: ("pass", "fail", "pass"),
        Op.LT: ("fail", "fail", "pass"), Op.EQ: ("pass", "fail", "fail"),
    }[rule.op]  # fmt: skip
    assert (at, above, below) == expected


LIMITS = {
    "S004-DENS": (">=", 0.5), "S004-INV": (">=", 1000), "S001-SERV": ("<=", 0.15), "S001-NEWIND": ("<=", 0.15),
    "S001-BUILT": (">=", 0.15), "S001-FACT": (">=", 3_500_000), "S003-LAND": (">=", 5000 * 10_000 / 15),
    "S003-ZJGG": (">=", 1000 * 10_000 / 15), "S002-TOWN": ("==", 1), "S002-3F": (">=", 3), "S001-COST": (">=", 1),
    "S001-PRICE": (">=", 0.7), "S001-INZONE": (">=", 1), "S003-REVENUE": (">", 4_000_000),
    "S003-INVEST": (">=", 1_300_000),
    "S003-FINANCE": (">", 30_000), "S000-SHARE-PROFIT": (">", 0.7), "S000-ENERGY": ("<=", -0.1), 
    "S001-FIRMS": (">", 2000),
    "S001-JOBS": (">", 100_000), "S000-REVENUE": (">=", 370_000_000), "S000-INVEST": (">=", 160_000_000),
    "CTRL08-COEF": (">=", 0.3), "CTRL08-OFFICE": ("<=", 0.07), "CTRL08-GREEN": ("<=", 0.2), "S004-OVER-50": (">=", 20),
    "S001-COUNTY": (">=", 0.85), "S001-MODEL-GROWTH": (">=", 0.2), "S001-SCALE": (">=", 50),
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_the_limit_of_the_document_in_the_unit_of_the_measure(name):
    _, rule = RULES[name]
    op, limit = LIMITS[name]
    assert rule.op == op
    assert rule.limits[0].limit == pytest.approx(limit, rel=1e-12)


def test_minimum_prices_of_the_fifteen_grades():
    by = RULES["PRICE06-MIN"][1].limits_by.limits
    prices = [by[(str(grade),)] for grade in range(1, 16)]
    assert prices == [840, 720, 600, 480, 384, 336, 288, 252, 204, 168, 144, 120, 96, 84, 60]


def test_floor_area_ratios_of_2008_by_industry():
    by = RULES["CTRL08-FAR"][1].limits_by
    assert len(by.limits) == 30
    assert (by.scheme, by.digits) == ("gbt4754-2002", 2)
    assert [by.limits[(code,)] for code in ("13", "17", "25", "26", "35", "40", "43")] == [
        1,
        0.8,
        0.5,
        0.6,
        0.7,
        1,
        0.7,
    ]
    assert ("38",) not in by.limits
