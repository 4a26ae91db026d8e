"""Comparisons at the limit itself."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzone.model.rules import Op
from landzone.rules.exact import fraction_of, holds, signs


def test_a_float_is_read_as_the_decimal_it_prints_as():
    assert fraction_of(66.6667) == Fraction(666667, 10000)
    assert fraction_of(1e-4) == Fraction(1, 10000)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.integers(0, 10**14), st.sampled_from([10_000, 1_000_000, 100_000_000]))
def test_ledger_sums_come_back_exactly(units, per):
    assert fraction_of(units / per) == Fraction(units, per)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.integers(0, 10**10), st.integers(1, 10**10))
def test_the_sign_is_that_of_the_integers(above, below):
    found = signs(np.array([above / below]), 0.5, np.array([above / 1e4]), np.array([below / 1e4]))
    assert found[0] == (2 * above > below) - (2 * above < below)


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        (Op.GE, [False, True, True, False]),
        (Op.GT, [False, False, True, False]),
        (Op.LE, [True, True, False, False]),
        (Op.LT, [True, False, False, False]),
        (Op.EQ, [False, True, False, False]),
    ],
)
def test_missing_values_hold_nothing(op, expected):
    assert holds(np.array([-1.0, 0.0, 1.0, np.nan]), op).tolist() == expected
