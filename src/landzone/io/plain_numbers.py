"""Columns that are numbers already and wholly in range: read at once instead of value by value."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landzone.catalog.columns import ColumnSpec
from landzone.io.numbers import Unit

_EXACT_INTEGERS = 2.0**53
_CENT_NOISE = 1e-4
"""How far, in fen, a decimal amount may lie beside a whole one by binary rounding alone."""


def plain_column(column: pd.Series, spec: ColumnSpec, unit: Unit | None) -> pd.Series | None:
    """Return a numeric column in its base unit (fen, m², m), or None where single values need a look.

    None is returned for texts and mixed cells, for money and areas without a unit, and as soon as one value is out
    of range or an amount is finer than a fen.

    Examples
    --------
    >>> from landzone.io.numbers import stated_unit
    >>> wan = stated_unit("money", "wan_cny")
    >>> plain_column(pd.Series([470.4, np.nan]), ColumnSpec("land_price", "money"), wan).tolist()
    [470400000, <NA>]
    >>> plain_column(pd.Series([-1.0]), ColumnSpec("land_price", "money"), wan) is None
    True
    """
    kind = spec.kind
    if str(column.dtype) not in {"float64", "Int64", "int64"}:
        return None
    if kind not in {"area", "length", "money", "number", "measure"} or (
        unit is None and kind in {"area", "money"}
    ):
        return None
    values = column.astype("float64").to_numpy(dtype=np.float64, na_value=np.nan)
    there = values[~np.isnan(values)]
    if np.isinf(there).any() or (np.abs(there) >= _EXACT_INTEGERS).any():
        return None
    if kind != "measure" and ((there < 0).any() or (spec.positive and (there == 0).any())):
        return None
    if unit is not None:
        values = values * float(unit.times.numerator) / float(unit.times.denominator)
    if kind != "money":
        return pd.Series(values)
    whole = np.rint(values)
    with np.errstate(invalid="ignore"):
        if (np.abs(whole - values) > _CENT_NOISE).any() or (whole >= _EXACT_INTEGERS).any():
            return None
    return pd.Series(whole).astype("Int64")
