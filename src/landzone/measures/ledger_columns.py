"""Reads the columns of a projects frame as arrays; a column that is absent is missing in every row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.measures.calendar import Days, to_days
from landzone.model.coded import coded
from landzone.units import FloatArray, IntArray

Mask = NDArray[np.bool_]


def date_column(name: str) -> str:
    """Return the typed column of a date: ``agreed_start`` → ``agreed_start_date``.

    >>> date_column("agreed_start"), date_column("contract_date")
    ('agreed_start_date', 'contract_date')
    """
    return name if name.endswith("_date") else f"{name}_date"


def dates(frame: pd.DataFrame, name: str) -> Days:
    """Return a date column as whole days, NaT where missing."""
    column = date_column(name)
    if column not in frame:
        return np.full(len(frame), np.datetime64("NaT"), dtype="datetime64[D]")
    return to_days(frame[column].to_numpy(dtype="datetime64[s]"))


def flags(frame: pd.DataFrame, name: str) -> tuple[Mask, Mask]:
    """Return where a yes/no column says yes, and where it says no; neither where it is blank."""
    if name not in frame:
        return np.zeros(len(frame), dtype=bool), np.zeros(len(frame), dtype=bool)
    column = frame[name].astype("boolean")
    return column.to_numpy(dtype=bool, na_value=False), ~column.to_numpy(dtype=bool, na_value=True)


def amounts(frame: pd.DataFrame, name: str) -> tuple[IntArray, Mask]:
    """Return a money column as whole fen (0 where missing), and where it is known."""
    column = f"{name}_fen"
    if column not in frame:
        return np.zeros(len(frame), dtype=np.int64), np.zeros(len(frame), dtype=bool)
    money = frame[column].astype("Int64")
    known: Mask = money.notna().to_numpy(dtype=bool)
    return np.asarray(money.fillna(0), dtype=np.int64), known


def areas(frame: pd.DataFrame, name: str) -> FloatArray:
    """Return an area column in m², NaN where missing."""
    column = f"{name}_m2"
    if column not in frame:
        return np.full(len(frame), np.nan)
    return np.asarray(frame[column].to_numpy(dtype=np.float64, na_value=np.nan))


def texts(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a text column without outer blanks; missing and empty texts are NaN."""
    if name not in frame:
        return pd.Series(np.nan, index=frame.index, dtype="str")
    column = frame[name].astype("str").str.strip()
    return column.where(column != "")


def rejected(frame: pd.DataFrame, names: Iterable[str]) -> dict[str, Mask]:
    """Return for each column where its cell was rejected at the door."""
    return named(frame, names, "rejected_cells")


def named(frame: pd.DataFrame, names: Iterable[str], column: str) -> dict[str, Mask]:
    """Return for each name where a column, which holds names joined by ``|``, has it.

    >>> named(pd.DataFrame({"warnings": ["A|B", "", "B"]}), ["A", "B"], "warnings")["B"].tolist()
    [True, False, True]
    """
    wanted = tuple(names)
    if column not in frame:
        return dict.fromkeys(wanted, np.zeros(len(frame), dtype=bool))
    codes, found = pd.factorize(frame[column].fillna("").astype("str"))
    cells = [set(str(value).split("|")) for value in found]
    return {name: np.array([name in own for own in cells], dtype=bool)[codes] for name in wanted}


def either(masks: Iterable[Mask], size: int) -> Mask:
    """Return where at least one of some masks holds."""
    return reduce(np.logical_or, masks, np.zeros(size, dtype=bool))


def joined(marks: Sequence[tuple[str, Mask]], size: int) -> pd.Categorical:
    """Return for each row the names whose mask holds, joined by ``|`` in the given order.

    >>> joined([("a", np.array([True, True])), ("b", np.array([True, False]))], 2).tolist()
    ['a|b', 'a']
    """
    bits = np.zeros(size, dtype=np.int64)
    for place, (_, mask) in enumerate(marks):
        bits |= mask.astype(np.int64) << place
    codes, patterns = pd.factorize(bits)
    words = [
        "|".join(n for place, (n, _) in enumerate(marks) if pattern >> place & 1) for pattern in patterns
    ]
    return coded(words, codes)
