"""Units and exact numbers: areas in 1e-4 m², money in fen, both as 64-bit integers.

Inside landzone an area is an integer count of 1e-4 m² and an amount of money an integer count of
fen (0.01 yuan, or a hundredth of the study's currency). Integers add up the same in any order.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

AREA_UNITS_PER_M2 = 10_000
"""One square metre is 10,000 ledger units of 1e-4 m²."""

FEN_PER_WAN = 1_000_000
"""One 万元 (10,000 yuan) is 1,000,000 fen."""

M2_PER_HA = 10_000
MU_PER_HA = 15

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


class AreaUnit(StrEnum):
    """Units in which an area column may be given."""

    M2 = "m2"
    HA = "ha"
    MU = "mu"
    KM2 = "km2"
    ACRE = "acre"
    SQFT = "sqft"


class LengthUnit(StrEnum):
    """Units in which a length column may be given."""

    M = "m"
    FT = "ft"


class RatioUnit(StrEnum):
    """Units in which a ratio column may be given."""

    RATIO = "ratio"
    PERCENT = "percent"


M2_PER_UNIT: dict[AreaUnit, Fraction] = {
    AreaUnit.M2: Fraction(1),
    AreaUnit.HA: Fraction(10_000),
    AreaUnit.MU: Fraction(2_000, 3),
    AreaUnit.KM2: Fraction(1_000_000),
    AreaUnit.ACRE: Fraction("4046.8564224"),
    AreaUnit.SQFT: Fraction("0.09290304"),
}
"""Square metres in one unit, exact: 1 亩 = 2000/3 m², never 666.67."""

METRES_PER_UNIT: dict[LengthUnit, Fraction] = {LengthUnit.M: Fraction(1), LengthUnit.FT: Fraction("0.3048")}

FEN_PER_MONEY_UNIT: dict[str, int] = {"cny": 100, "wan_cny": 1_000_000, "yi_cny": 10_000_000_000}
"""Fen in one money unit; any other currency is given by its ISO code and counts 100 to one."""


def fen_per_unit(unit: str) -> int:
    """Return how many fen (hundredths) one unit of money holds.

    >>> fen_per_unit("wan_cny"), fen_per_unit("usd")
    (1000000, 100)
    """
    return FEN_PER_MONEY_UNIT.get(unit.lower(), 100)


def to_area_units(m2: FloatArray) -> IntArray:
    """Round square metres once to ledger units of 1e-4 m² (half to even).

    NaN is refused: a missing area has to be handled before it enters the ledger.

    >>> to_area_units(np.array([1.00004, 2.0])).tolist()
    [10000, 20000]
    """
    values = np.asarray(m2, dtype=np.float64)
    if not np.all(np.isfinite(values)):
        raise ValueError("an area that is not finite cannot enter the ledger")
    return np.rint(values * AREA_UNITS_PER_M2).astype(np.int64)


def to_m2(units: IntArray) -> FloatArray:
    """Turn ledger units of 1e-4 m² into square metres.

    >>> to_m2(np.array([15000])).tolist()
    [1.5]
    """
    return np.asarray(units, dtype=np.float64) / AREA_UNITS_PER_M2


def round_half_up(value: Fraction | Decimal, places: int) -> Decimal:
    """Round an exact number half up to a number of decimal places.

    >>> round_half_up(Fraction(1, 8), 2)
    Decimal('0.13')
    """
    step = Decimal(1).scaleb(-places)
    if isinstance(value, Fraction):
        scaled = value * 10**places
        whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
        return Decimal(whole) * step
    return value.quantize(step, rounding=ROUND_HALF_UP)


def largest_remainder(total: int, weights: IntArray) -> IntArray:
    """Split an integer over weights so that the parts sum to it exactly (largest remainder, ties to the first).

    Parameters
    ----------
    total : int
        What is to be split, in ledger units or fen.
    weights : integer array, shape (n,)
        Non-negative weights; their sum must be positive unless ``total`` is zero.

    Examples
    --------
    >>> largest_remainder(100, np.array([1, 1, 1])).tolist()
    [34, 33, 33]
    """
    numbers = [int(w) for w in weights]
    whole = sum(numbers)
    if whole <= 0:
        if total:
            raise ValueError("nothing to split over")
        return np.zeros(len(numbers), dtype=np.int64)
    floors = [total * w // whole for w in numbers]
    rests = [total * w - f * whole for w, f in zip(numbers, floors, strict=True)]
    for place in sorted(range(len(numbers)), key=lambda i: (-rests[i], i))[: total - sum(floors)]:
        floors[place] += 1
    return np.array(floors, dtype=np.int64)
