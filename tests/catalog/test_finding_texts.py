"""Sentences of findings."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from landzone.catalog.finding_texts import finding_messages, quantity
from landzone.catalog.packs import load_pack
from landzone.model.measures import Measured, MeasureTable
from landzone.rules.evaluate import evaluate

PACK = load_pack("seed-004-cluster-2014")
NAME = "investment_intensity_wan_cny_per_ha"


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ((0.375, "ratio", "zh"), "37.5 %"),
        ((0.4999999, "ratio", "zh", 0.5), "49.99999 %"),
        ((1234567.891, "m2", "en"), "1,234,567.89 m²"),
        ((2.0, "count", "zh"), "2 个"),
        ((np.nan, "ratio", "zh"), "—"),
        ((1.2, "far", "zh"), "1.2"),
        ((5.0, "usd_per_ha", "en"), "5 usd_per_ha"),
    ],
)
def test_quantity(args, text):
    assert quantity(*args) == text


def _sentence(lang, day=date(2026, 6, 30), **parts):
    series = {k: pd.Series([float(v)], index=["Z1"]) for k, v in parts.items()}
    value = series.pop("value", pd.Series([np.nan], index=["Z1"]))
    table = MeasureTable(
        "zone", {NAME: Measured(NAME, value, "wan_cny_per_ha", **series, numerator_unit="wan_cny")}
    )
    found = evaluate([table], [PACK], day)
    found = found[found["rule_id"] == "S004-INV"]
    return finding_messages(found, (PACK,), lang)[0]


def test_a_fail_tells_the_gap():
    assert _sentence("zh", value=999.99, numerator=1999.98, denominator=2) == (
        "平均投资强度：999.99 万元/公顷，要求不低于 1,000 万元/公顷，不达标。差距 0.02 万元。"
    )


def test_an_unknown_tells_what_the_missing_ones_would_need():
    text = _sentence("en", value=1200, numerator=1200, denominator=2, lower=600, coverage=0.5)
    assert text == (
        "Average investment intensity: insufficient data (coverage 50 %, known part 1,200 wan CNY/ha, lower bound "
        "600 wan CNY/ha), required: at least 1,000 wan CNY/ha: cannot be told. What has no data would have to add "
        "800 wan CNY/ha on average."
    )


def test_borderline_is_said():
    assert _sentence("zh", value=1001, uncertainty=5).endswith("（临界，需人工复核）")


def test_a_rule_not_in_force_names_the_day():
    assert "2010-01-01" in _sentence("zh", day=date(2010, 1, 1), value=1)
