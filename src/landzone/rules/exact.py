"""Comparisons without tolerance: 0.5 passes ``>= 0.5``, 999.99 fails ``>= 1000``."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from landzone.model.rules import Op
from landzone.units import FloatArray

Signs = NDArray[np.float64]
_NEAR = 1e-9


def fraction_of(number: float) -> Fraction:
    """Return the decimal number that a float prints as.

    Sums of whole ledger units written as m², hectares or 万元 come back exactly (up to 15 digits).

    >>> fraction_of(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(float(number)))


def signs(
    value: FloatArray,
    limit: FloatArray | float,
    numerator: FloatArray | None = None,
    denominator: FloatArray | None = None,
) -> Signs:
    """Compare values with a limit (one, or one each): -1 below, 0 at it, 1 above, NaN where either is missing.

    Values close to the limit are compared as exact fractions, of numerator and denominator where given.

    Examples
    --------
    >>> signs(np.array([0.5, 999.99]), 0.5, np.array([1.0, 999.99]), np.array([2.0, 1.0])).tolist()
    [0.0, 1.0]
    """
    limits = np.broadcast_to(np.asarray(limit, dtype=np.float64), value.shape)
    answer = np.sign(value - limits)
    near = np.flatnonzero(np.abs(value - limits) <= _NEAR * np.maximum(1.0, np.abs(limits)))
    for place in near:
        border = fraction_of(limits[place])
        exact = fraction_of(value[place])
        if numerator is not None and denominator is not None:
            above, below = numerator[place], denominator[place]
            if np.isfinite(above) and np.isfinite(below) and below > 0:
                exact = fraction_of(above) / fraction_of(below)
        answer[place] = (exact > border) - (exact < border)
    return answer


def holds(sign: Signs, op: Op) -> NDArray[np.bool_]:
    """Tell where a comparison holds; False where the value is missing."""
    with np.errstate(invalid="ignore"):
        tests: dict[Op, NDArray[np.bool_]] = {
            Op.GE: sign >= 0,
            Op.GT: sign > 0,
            Op.LE: sign <= 0,
            Op.LT: sign < 0,
            Op.EQ: sign == 0,
        }
    return tests[op]
