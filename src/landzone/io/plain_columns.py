"""Columns that are plain numbers or plain ids throughout: read at once instead of value by value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landzone.catalog.columns import ColumnSpec
from landzone.io.cells import missing_words
from landzone.io.numbers import Unit

_PLAIN_ID = "^[A-Za-z0-9_-]+$"
_EXACT_INTEGERS = 2.0**53
_CENT_NOISE = 1e-4
"""How far, in fen, a decimal amount may lie beside a whole one by binary rounding alone."""


def plain_column(column: pd.Series, spec: ColumnSpec, unit: Unit | None) -> pd.Series | None:
    """Return a column of ids as it is, or a numeric one in its base unit (fen, m², m); None where values need a look.

    None is returned for other texts and mixed cells, for money and areas without a unit, and as soon as one value is
    out of range or an amount is finer than a fen.

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
    if kind in {"id", "code"}:
        return _plain_ids(column)
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


def _plain_ids(column: pd.Series) -> pd.Series | None:
    """Return ids that are nothing but ASCII letters, digits, ``_`` and ``-``, and no word for a missing value."""
    if column.dtype != "str":
        return None
    texts = pa.array(column)
    plain = pc.match_substring_regex(texts, _PLAIN_ID)
    missing = pc.is_in(pc.utf8_lower(texts), pa.array(missing_words(), texts.type))
    doubtful = pc.or_(pc.invert(plain), missing)
    return None if pc.any(doubtful).as_py() else column
