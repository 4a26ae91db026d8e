"""The quick way through a column of numbers or ids gives what the slow way gives, or steps aside."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzone.catalog.columns import ColumnSpec
from landzone.io.numbers import read_area, read_money, stated_unit
from landzone.io.plain_columns import plain_column
from landzone.io.words import read_ids

MONEY, AREA = ColumnSpec("land_price", "money"), ColumnSpec("registered_area", "area", positive=True)


@given(st.lists(st.decimals(0, 10**8, places=2), min_size=1), st.sampled_from(["cny", "wan_cny"]))
@settings(derandomize=True, max_examples=50)
def test_money_agrees_with_exact_reading(amounts: list[object], unit_name: str) -> None:
    unit, values = stated_unit("money", unit_name), [float(str(a)) for a in amounts]
    quick = plain_column(pd.Series(values), MONEY, unit)
    assert quick is not None
    assert quick.tolist() == [c.value for c in read_money(values, unit)]


@given(st.lists(st.floats(0.01, 1e9), min_size=1), st.sampled_from(["m2", "ha", "mu", "km2", "acre", "sqft"]))
@settings(derandomize=True, max_examples=50)
def test_areas_agree_to_the_last_digits(values: list[float], unit_name: str) -> None:
    unit = stated_unit("area", unit_name)
    quick = plain_column(pd.Series(values), AREA, unit)
    assert quick is not None
    assert quick.tolist() == pytest.approx([c.value for c in read_area(values, unit)], rel=1e-15)


@pytest.mark.parametrize("values", [[-1.0], [0.0], [np.inf], [1e17]])
def test_a_value_out_of_range_needs_a_look(values: list[float]) -> None:
    assert plain_column(pd.Series(values), AREA, stated_unit("area", "m2")) is None


def test_no_unit_text_or_finer_than_a_fen_needs_a_look() -> None:
    assert plain_column(pd.Series([1.0]), MONEY, None) is None
    assert plain_column(pd.Series(["1"]), MONEY, stated_unit("money", "cny")) is None
    assert plain_column(pd.Series([0.005]), MONEY, stated_unit("money", "cny")) is None


@given(st.lists(st.text("aAzZ059_-/.+ eEnul\u200bＰ无", min_size=1, max_size=6), min_size=1, unique=True))
@settings(derandomize=True, max_examples=200)
def test_ids_are_taken_as_they_are_only_where_reading_leaves_them_so(texts: list[str]) -> None:
    quick = plain_column(pd.Series(texts, dtype="str"), ColumnSpec("parcel_id", "id"), None)
    slow = read_ids(texts)
    if quick is not None:
        assert quick.tolist() == [cell.value for cell in slow]
        assert {cell.reading for cell in slow} == {""}


@pytest.mark.parametrize(
    "text", ["P 01", "无", "null", "NULL", "N/A", "--", "-", "1e+5", "Ｐ1", "", "P\u200b1"]
)
def test_an_id_with_anything_else_needs_a_look(text: str) -> None:
    spec = ColumnSpec("parcel_id", "id")
    assert plain_column(pd.Series(["P01", text], dtype="str"), spec, None) is None


def test_absent_ids_stay_absent_on_the_quick_way() -> None:
    quick = plain_column(
        pd.Series(["P01", None, "41-2_a"], dtype="str"), ColumnSpec("use_code", "code"), None
    )
    assert quick is not None
    assert quick.isna().tolist() == [False, True, False]
    assert quick.dropna().tolist() == ["P01", "41-2_a"]
