"""Units and exact numbers: every expected value was worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzone import units


def test_one_mu_is_two_thousand_thirds_of_a_square_metre() -> None:
    assert units.M2_PER_UNIT[units.AreaUnit.MU] == Fraction(2000, 3)
    assert 15 * units.M2_PER_UNIT[units.AreaUnit.MU] == units.M2_PER_UNIT[units.AreaUnit.HA]


def test_money_units_hold_whole_fen() -> None:
    assert units.fen_per_unit("cny") == 100
    assert units.fen_per_unit("wan_cny") == 1_000_000
    assert units.fen_per_unit("yi_cny") == 10_000_000_000
    assert units.fen_per_unit("USD") == 100


def test_areas_are_rounded_once_to_a_tenth_of_a_thousandth_square_metre() -> None:
    assert units.to_area_units(np.array([0.0, 1.23456, 9999.99996])).tolist() == [0, 12346, 100000000]


def test_an_area_that_is_not_finite_cannot_enter_the_ledger() -> None:
    with pytest.raises(ValueError, match="not finite"):
        units.to_area_units(np.array([1.0, np.nan]))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(5, 1000), "0.01"),
        (Fraction(4, 1000), "0.00"),
        (Fraction(15, 1000), "0.02"),
        (Decimal("2.345"), "2.35"),
    ],
)
def test_rounding_half_up(value: Fraction | Decimal, expected: str) -> None:
    assert units.round_half_up(value, 2) == Decimal(expected)


def test_three_equal_parts_of_one_hundred_square_metres() -> None:
    """features.md test 19: 3 x 33.333 of 100.00 m² become 33.33 / 33.33 / 33.34 (in hundredths)."""
    assert sorted(units.largest_remainder(10_000, np.array([33_333, 33_333, 33_333])).tolist()) == [
        3333,
        3333,
        3334,
    ]


def test_nothing_can_be_split_over_nothing() -> None:
    assert units.largest_remainder(0, np.array([0, 0])).tolist() == [0, 0]
    with pytest.raises(ValueError, match="nothing to split"):
        units.largest_remainder(5, np.array([0, 0]))


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_parts_sum_to_the_whole_and_stay_within_one_of_their_share(total: int, weights: list[int]) -> None:
    whole = sum(weights)
    if whole == 0:
        return
    parts = units.largest_remainder(total, np.array(weights, dtype=np.int64))
    assert int(parts.sum()) == total
    assert all(abs(int(p) - Fraction(total * w, whole)) < 1 for p, w in zip(parts, weights, strict=True))
