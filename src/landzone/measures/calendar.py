"""The legal clock: anniversaries and full years between dates, never 365 days and never 365.25."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from landzone.model.study import Anniversary
from landzone.units import FloatArray, IntArray

Days = NDArray[np.datetime64]
DayLike = Days | Sequence[str] | Sequence[date] | np.datetime64 | date | str

_ONE_DAY = np.timedelta64(1, "D")
_ONE_MONTH = np.timedelta64(1, "M")


def to_days(dates: DayLike) -> Days:
    """Return dates of any resolution as whole days.

    >>> to_days(np.array(["2024-02-29T00:00:00"], "datetime64[s]")).tolist()
    [datetime.date(2024, 2, 29)]
    """
    return np.asarray(dates).astype("datetime64[D]")


def anniversary(days: DayLike, years: int | IntArray) -> Days:
    """Return the same month and day some years later; 29 February becomes 28 February where there is none.

    Parameters
    ----------
    days : datetime64, shape (n,)
        Missing dates stay missing.
    years : int or integer array, shape (n,)

    Notes
    -----
    民法典 art. 202: a period in years ends on the corresponding day, or on the last day of the month.

    Examples
    --------
    >>> anniversary(["2020-02-29", "2022-03-15"], 1).astype(str).tolist()
    ['2021-02-28', '2023-03-15']
    """
    whole = to_days(days)
    month = whole.astype("datetime64[M]")
    target = month + 12 * np.asarray(years, dtype=np.int64) * _ONE_MONTH
    last = (target + _ONE_MONTH).astype("datetime64[D]") - _ONE_DAY
    same_day: Days = target.astype("datetime64[D]") + (whole - month.astype("datetime64[D]"))
    return np.minimum(same_day, last)


def years_elapsed(start: DayLike, as_of: DayLike, reading: Anniversary) -> FloatArray:
    """Count the full years that have passed since a date.

    ``civil``: N years are full the day after the Nth anniversary, because the first day is not counted and
    the last one runs to its end (民法典 art. 201 and 203). ``calendar``: on the anniversary itself.

    Parameters
    ----------
    start : datetime64, shape (n,)
    as_of : datetime64, one or shape (n,)
    reading : Anniversary

    Returns
    -------
    float64 array
        Whole numbers; 0 where ``as_of`` is not after ``start``; NaN where a date is missing.

    Examples
    --------
    >>> years_elapsed(["2022-03-15"], "2023-03-15", Anniversary.CIVIL).tolist()
    [0.0]
    >>> years_elapsed(["2022-03-15"], "2023-03-15", Anniversary.CALENDAR).tolist()
    [1.0]
    """
    first, today = np.broadcast_arrays(to_days(start), to_days(as_of))
    known = ~(np.isnat(first) | np.isnat(today))
    apart = today.astype("datetime64[Y]").astype(np.int64) - first.astype("datetime64[Y]").astype(np.int64)
    apart = np.where(known, apart, 0)
    mark = anniversary(first, apart)
    full = mark < today if reading is Anniversary.CIVIL else mark <= today
    years = np.maximum(np.where(full, apart, apart - 1), 0)
    return np.where(known, years.astype(np.float64), np.nan)


def first_day_full(start: DayLike, years: int | IntArray, reading: Anniversary) -> Days:
    """Return the first day on which some years are full: the day after the anniversary (civil), or the anniversary.

    Examples
    --------
    >>> first_day_full(["2020-02-29"], 1, Anniversary.CIVIL).astype(str).tolist()
    ['2021-03-01']
    >>> first_day_full(["2020-02-29"], 1, Anniversary.CALENDAR).astype(str).tolist()
    ['2021-02-28']
    """
    mark = anniversary(start, years)
    return mark + _ONE_DAY if reading is Anniversary.CIVIL else mark
