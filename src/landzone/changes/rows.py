"""Which rows of two tables are the same one: by key, each row at most once, none lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from landzone.units import IntArray

MISSING = "\x00"
"""Stands for a missing value in a key: missing is not the same as an empty text."""


class RowsLost(AssertionError):
    """Rows of one side are on no list: a bug, and no result is written."""


@dataclass(frozen=True)
class Pairs:
    """Positions of rows in both tables: ``old[i]`` and ``new[i]`` are one row; ``gone`` and ``appeared`` stand alone.

    Raises
    ------
    RowsLost
        Where a row of a side is on no list or on two.
    """

    old: IntArray
    new: IntArray
    gone: IntArray
    appeared: IntArray
    old_count: int
    new_count: int

    def __post_init__(self) -> None:
        for side, alone, count in (
            (self.old, self.gone, self.old_count),
            (self.new, self.appeared, self.new_count),
        ):
            places = np.concatenate([side, alone])
            if len(places) != count or len(np.unique(places)) != count:
                raise RowsLost(
                    f"{count} rows, but {len(np.unique(places))} of {len(places)} places on the lists"
                )


def keys(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """Return one text a row made of some columns; rows that say the same there are numbered by their content.

    >>> keys(pd.DataFrame({"a": ["x", "x", None], "b": [2.0, 1.0, 3.0]}), ["a"]).tolist()
    ['x#2', 'x', '\\x00']
    """
    if not len(frame):
        return pd.Series([], index=frame.index, dtype="str")
    parts = [texts(frame[column]) for column in columns]
    joined = parts[0].str.cat(parts[1:], sep="\x1f") if len(parts) > 1 else parts[0]
    if not joined.duplicated().any():
        return joined
    whole = pd.DataFrame({str(c): texts(frame[c]) for c in frame.columns if c != "geometry"})
    if "geometry" in frame:
        whole["geometry"] = pd.Series(frame["geometry"].to_wkb(hex=True), index=frame.index)
    order = whole.assign(key=joined).sort_values(["key", *whole.columns], kind="stable").index
    number = joined.loc[order].groupby(joined.loc[order], sort=False).cumcount().reindex(frame.index)
    return joined.where(number == 0, joined + "#" + (number + 1).astype("str"))


def texts(column: pd.Series) -> pd.Series:
    """Return a column as texts that are equal where the values are."""
    written = column.astype("object").map(lambda value: MISSING if pd.isna(value) else str(value))
    return pd.Series(written, index=column.index, dtype="object")


def pair_rows(old: pd.DataFrame, new: pd.DataFrame, columns: Sequence[str]) -> Pairs:
    """Pair the rows of two tables that say the same in some columns.

    Parameters
    ----------
    old, new : DataFrame
    columns : sequence of str
        The key. Rows with one key are numbered by their content, so that row order decides nothing.

    Examples
    --------
    >>> old, new = pd.DataFrame({"id": ["a", "b"]}), pd.DataFrame({"id": ["c", "b"]})
    >>> found = pair_rows(old, new, ["id"])
    >>> [x.tolist() for x in (found.old, found.new, found.gone, found.appeared)]
    [[1], [1], [0], [0]]
    """
    first, second = _codes(old, new, columns)
    if pd.Index(first).has_duplicates or pd.Index(second).has_duplicates:
        texts_of = [keys(frame.reset_index(drop=True), columns) for frame in (old, new)]
        both, _ = pd.factorize(pd.concat(texts_of, ignore_index=True))
        first, second = both[: len(old)], both[len(old) :]
    place = pd.Index(second).get_indexer(pd.Index(first))
    left = np.flatnonzero(place >= 0)
    right = place[left]
    return Pairs(
        left.astype(np.int64),
        right.astype(np.int64),
        np.flatnonzero(place < 0).astype(np.int64),
        np.setdiff1d(np.arange(len(new)), right).astype(np.int64),
        len(old),
        len(new),
    )


def _codes(old: pd.DataFrame, new: pd.DataFrame, columns: Sequence[str]) -> tuple[IntArray, IntArray]:
    """Return one number a row, the same in both tables where the rows say the same in some columns."""
    whole = np.zeros(len(old) + len(new), dtype=np.int64)
    for column in columns:
        sides = [frame[column].reset_index(drop=True) for frame in (old, new)]
        if sides[0].dtype != sides[1].dtype:
            sides = [texts(side) for side in sides]
        own, known = pd.factorize(pd.concat(sides, ignore_index=True), use_na_sentinel=False)
        whole, _ = pd.factorize(whole * len(known) + own)  # kept small, so that no product runs over
    return whole[: len(old)], whole[len(old) :]
