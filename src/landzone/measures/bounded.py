"""Sums that are partly known: the value, what holds whatever is missing, and how much that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from landzone.model.measures import Measured
from landzone.units import AREA_UNITS_PER_M2, FloatArray


@dataclass(frozen=True)
class Part:
    """A part of a whole, of which some may or may not belong to it. Whole numbers, one entry a subject.

    Attributes
    ----------
    part : Series of int
        What is known to belong to the part.
    certain : Series of int
        What is known to belong or not to belong.
    open : Series of int
        What may belong to it.
    unmeasured : Series of int
        How many rows have no size at all, so that the whole itself is not known.
    missing : Series of int
        How many rows lack something.
    """

    part: pd.Series
    certain: pd.Series
    open: pd.Series
    unmeasured: pd.Series
    missing: pd.Series


def only_where(values: pd.Series, holds: pd.Series) -> pd.Series:
    """Return numbers where something holds, NaN elsewhere; both in the same order.

    As ``values.where(holds)``, which for a million text ids makes a table of them.

    Examples
    --------
    >>> only_where(pd.Series([1, 2]), pd.Series([True, False])).tolist()
    [1.0, nan]
    """
    kept = np.where(holds.to_numpy(dtype=bool), values.to_numpy(dtype=np.float64), np.nan)
    return pd.Series(kept, index=values.index, name=values.name)


def share(name: str, found: Part, **more: Any) -> Measured:
    """Return the share of a part in its whole.

    ``value = part / certain``; ``lower = part / (certain + open)``; ``upper = (part + open) / (certain + open)``;
    ``coverage = certain / (certain + open)``, and below 1 while a row has no size.

    Returns
    -------
    Measured
        Areas in m²; NaN where there is nothing to divide by. Where a row has no size the bounds are 0 and 1.

    Examples
    --------
    >>> def one(number): return pd.Series([number])
    >>> half = share("x", Part(one(30), one(60), one(40), one(0), one(1)))
    >>> [float(s.iloc[0]) for s in (half.value, half.lower, half.upper, half.coverage)]
    [0.5, 0.3, 0.7, 0.6]
    """
    index = found.part.index
    part, certain, rest = (s.to_numpy(dtype=np.int64) for s in (found.part, found.certain, found.open))
    there, sure = certain + rest > 0, found.unmeasured.to_numpy() == 0
    base = np.where(there, (certain + rest).astype(np.float64), np.nan)
    over = np.where(certain > 0, certain.astype(np.float64), np.nan)
    some = there | ~sure
    coverage = np.where(there, certain / base, np.where(sure, np.nan, 0.0))

    def series(values: FloatArray) -> pd.Series:
        return pd.Series(values, index=index)

    return Measured(
        name,
        series(np.where(sure | (rest > 0), part / over, np.nan)),
        "ratio",
        numerator=series(np.where(some, part / AREA_UNITS_PER_M2, np.nan)),
        denominator=series(base / AREA_UNITS_PER_M2),
        lower=series(np.where(some, np.where(sure, part / base, 0.0), np.nan)),
        upper=series(np.where(some, np.where(sure, (part + rest) / base, 1.0), np.nan)),
        coverage=series(np.where(sure | (coverage < 1), coverage, 0.0)),
        missing_count=found.missing.astype("float64"),
        numerator_unit="m2",
        denominator_unit="m2",
        **more,
    )


def total(name: str, known: pd.Series, missing: pd.Series, rows: pd.Series, unit: str, per: int) -> Measured:
    """Return a sum of which some rows may be missing: then at least what is known.

    ``value = known / per`` if nothing is missing; ``coverage = 1 - missing / rows``.

    Parameters
    ----------
    known : Series of int
        Sum of what is known, in whole units.
    missing, rows : Series of int
        Rows that lack the number, and all rows; a subject without a row has no figure.
    unit : str
    per : int
        Whole units in one unit.

    Examples
    --------
    >>> sums = total("x", pd.Series([70_000]), pd.Series([1]), pd.Series([4]), "m2", 10_000)
    >>> sums.value.tolist(), sums.lower.tolist(), sums.coverage.tolist()
    ([nan], [7.0], [0.75])
    """
    lacking, all_rows = missing.to_numpy(), rows.to_numpy()
    there = all_rows > 0
    known_sums = np.where(there, known.to_numpy() / per, np.nan)
    told = 1 - lacking / np.where(there, all_rows.astype(np.float64), np.nan)
    sums = pd.Series(known_sums, index=known.index)
    return Measured(
        name,
        pd.Series(np.where(lacking == 0, known_sums, np.nan), index=known.index),
        unit,
        numerator=sums,
        lower=sums,
        coverage=pd.Series(told, index=known.index),
        missing_count=missing.astype("float64"),
        numerator_unit=unit,
    )


def quotient(name: str, unit: str, above: pd.Series, below: pd.Series, units: tuple[str, str]) -> Measured:
    """Return the quotient of two numbers that are known or not; NaN where one is missing or the divisor is 0.

    Examples
    --------
    >>> quotient("x", "ratio", pd.Series([150.0, 1.0]), pd.Series([1000.0, 0.0]), ("m2", "m2")).value.tolist()
    [0.15, nan]
    """
    base = below.astype("float64")
    base = only_where(base, base > 0)
    top = above.astype("float64")
    return Measured(
        name,
        top / base,
        unit,
        numerator=top,
        denominator=base,
        missing_count=(top.isna() | base.isna()).astype("float64"),
        numerator_unit=units[0],
        denominator_unit=units[1],
    )
