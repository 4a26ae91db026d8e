"""The small language of indicators: what it computes, what it refuses, and in which unit it comes out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzone.rules.formula import Columns, FormulaError, check_tables, compute, names, parse
from landzone.rules.formula_units import formula_unit, unit_of

DATA = {"a": np.array([6.0, 1.0, np.nan]), "b": np.array([4.0, 0.0, 2.0])}
ROWS = {("parcels", "x"): np.array([1.0, 2.0, 3.0, np.nan]), ("parcels", "y"): np.array([1.0, 1.0, 1.0, 1.0])}
PLACE = np.array([0, 0, 1, 2])
COLUMNS = Columns(
    lambda table, name: ROWS[(table, name)] if table else DATA[name],
    lambda table, values: np.bincount(PLACE, weights=np.broadcast_to(values, 4), minlength=3),
)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("a / b", [1.5, np.nan, np.nan]),
        ("a + b * 2", [14, 1, np.nan]),
        ("(a + b) * 2", [20, 2, np.nan]),
        ("10 - 4 - 3", [3, 3, 3]),
        ("24 / 4 / 2", [3, 3, 3]),
        ("-a - -b", [-2, -1, np.nan]),
        ("max(a, b)", [6, 1, np.nan]),
        ("min(a, b, 3)", [3, 0, np.nan]),
        ("abs(1 - a)", [5, 0, np.nan]),
        ("a >= 6", [1, 0, np.nan]),
        ("a > 6", [0, 0, np.nan]),
        ("a <= 6", [1, 1, np.nan]),
        ("a < 6", [0, 1, np.nan]),
        ("a == 1", [0, 1, np.nan]),
        ("sum(parcels.x)", [3, 3, np.nan]),
        ("sum(parcels.x * 2 + parcels.y)", [8, 7, np.nan]),
        ("count(parcels.x > 1)", [1, 1, np.nan]),
        ("1.5e2", [150, 150, 150]),
    ],
)
def test_a_formula_is_computed_for_all_subjects(text, want):
    got = np.broadcast_to(compute(parse(text), COLUMNS), (3,))
    assert got.tolist() == pytest.approx(want, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a +", 4, "missing here"),
        ("a b", 3, "not expected"),
        ("(a", 3, ") is missing"),
        ("__import__('os')", 12, "no part of a formula"),
        ("a.b.c", 4, "no part of a formula"),
        ("a ** 2", 4, "missing here"),
        ("a; b", 2, "no part"),
        ("eval(a)", 1, "no function eval"),
        ("abs(a, b)", 1, "one argument"),
        ("(" * 60 + "a" + ")" * 60, 51, "too deeply"),
        ("1+" * 400 + "1", 601, "more than"),
        ("", 1, "missing here"),
    ],
)
def test_what_is_no_formula_is_refused_with_its_place(text, place, words):
    with pytest.raises(FormulaError, match=f"character {place}: ") as caught:
        parse(text)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "text", ["parcels.x + a", "sum(a)", "sum(parcels.x + zones.y)", "sum(sum(parcels.x))", "count(1)"]
)
def test_rows_stand_inside_sum_and_count_alone(text):
    with pytest.raises(FormulaError):
        check_tables(parse(text))


@settings(max_examples=300, derandomize=True)
@given(st.text(alphabet="ab.()+-*/<>=,1 sum\n_", max_size=40))
def test_any_text_is_read_or_refused_and_nothing_else_happens(text):
    try:
        tree = parse(text)
    except FormulaError as refused:
        place = refused.place
    else:
        place = max((name.place for name in names(tree)), default=0)
    assert 0 <= place <= len(text)


UNITS = {"tax": "wan_cny", "land": "m2", "hectares": "ha", "share": "ratio", "jobs": "count"}


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("tax / land", "wan_cny_per_m2"),
        ("tax / hectares", "wan_cny_per_ha"),
        ("(tax + 5) / jobs", "wan_cny_per_count"),
        ("land / land", "ratio"),
        ("tax * share", "wan_cny"),
        ("max(land, 100)", "m2"),
        ("2 * 3 + tax", "wan_cny"),
    ],
)
def test_the_unit_of_a_formula(text, unit):
    found = formula_unit(parse(text), lambda name: unit_of(UNITS[name.column]))
    assert found.fits(unit_of(unit))
    assert found.factor == unit_of(unit).factor


@pytest.mark.parametrize("text", ["tax + land", "land + hectares", "tax > land", "max(tax, share)"])
def test_units_that_do_not_fit_are_refused(text):
    with pytest.raises(FormulaError, match="differ"):
        formula_unit(parse(text), lambda name: unit_of(UNITS[name.column]))
