"""Which cells of paired rows moved, and by how much."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.changes.rows import Pairs

NOISE = 1e-12
"""Two figures are equal where they differ by no more than this share: the last digits of a float."""

COLUMNS = [
    "table", "subject_id", "column", "old_value", "new_value", "difference_value", "old_text", "new_text",
]  # fmt: skip


def shared_columns(old: pd.DataFrame, new: pd.DataFrame, ignored: Sequence[str]) -> list[str]:
    """Return the columns that both tables have, in the order of the new one, shapes and ignored ones left out."""
    return [str(c) for c in new.columns if c in old and c != "geometry" and c not in ignored]


def is_number(old: pd.Series, new: pd.Series) -> bool:
    """Tell whether a column holds numbers on both sides; one that is wholly missing takes the kind of the other."""
    kinds = [pd.api.types.is_numeric_dtype(s) and not pd.api.types.is_bool_dtype(s) for s in (old, new)]
    blank = [bool(s.isna().all()) for s in (old, new)]
    return (kinds[0] or blank[0]) and (kinds[1] or blank[1]) and (kinds[0] or kinds[1])


def numbers(column: pd.Series) -> NDArray[np.float64]:
    """Return a column as floats, NaN where missing."""
    found: NDArray[np.float64] = pd.to_numeric(column, errors="coerce").to_numpy(
        dtype=np.float64, na_value=np.nan
    )
    return found


def moved(old: pd.Series, new: pd.Series) -> NDArray[np.bool_]:
    """Tell of two columns, row by row, whether the value moved; missing on both sides is no move."""
    if is_number(old, new):
        a, b = numbers(old), numbers(new)
        with np.errstate(invalid="ignore"):
            near = np.abs(a - b) <= NOISE * np.maximum(np.abs(a), np.abs(b))
        return np.asarray(~(near | (np.isnan(a) & np.isnan(b))), dtype=bool)
    absent = old.isna().to_numpy(), new.isna().to_numpy()
    plain = old.dtype == new.dtype
    sides = [side.astype("object").to_numpy() if plain else as_text(side) for side in (old, new)]
    both = ~(absent[0] | absent[1])
    differ = np.zeros(len(old), dtype=bool)
    differ[both] = sides[0][both] != sides[1][both]
    return np.asarray(np.where(absent[0] | absent[1], absent[0] != absent[1], differ), dtype=bool)


def as_text(column: pd.Series) -> NDArray[np.object_]:
    """Return a column as texts, None where missing; yes and no as ``true`` and ``false``."""
    flags = pd.api.types.is_bool_dtype(column)
    values = [
        None if missing else str(bool(value)).lower() if flags else str(value)
        for value, missing in zip(column.astype("object").tolist(), column.isna().tolist(), strict=True)
    ]
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def differences(
    table: str,
    old: pd.DataFrame,
    new: pd.DataFrame,
    pairs: Pairs,
    subjects: pd.Series,
    ignored: Sequence[str] = (),
) -> pd.DataFrame:
    """Return one row a cell that moved in rows that both sides have.

    Parameters
    ----------
    table : str
        Name of the table, for the column ``table``.
    old, new : DataFrame
    pairs : Pairs
        Of these two tables.
    subjects : Series
        What each row of ``new`` is called.
    ignored : sequence of str
        Columns that are not compared.

    Returns
    -------
    DataFrame
        ``table, subject_id, column, old_value, new_value, difference_value`` (numbers: new − old; NaN where one side
        is missing) and ``old_text, new_text`` (everything else), in the order of the columns, then of the new table.
    """
    parts = []
    for column in shared_columns(old, new, ignored):
        before, after = old[column].iloc[pairs.old], new[column].iloc[pairs.new]
        rows = np.flatnonzero(moved(before, after))
        if len(rows):
            parts.append(
                _moved_cells(column, before.iloc[rows], after.iloc[rows], subjects.iloc[pairs.new[rows]])
            )
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    return found.assign(table=table)[COLUMNS].astype(
        {"table": "str", "subject_id": "str", "column": "str", "old_text": "str", "new_text": "str"}
        | {name: "float64" for name in COLUMNS if name.endswith("_value")}
    )


def _moved_cells(column: str, old: pd.Series, new: pd.Series, subjects: pd.Series) -> pd.DataFrame:
    own = pd.DataFrame({"subject_id": subjects.to_numpy(), "column": column})
    if is_number(old, new):
        a, b = numbers(old), numbers(new)
        return own.assign(old_value=a, new_value=b, difference_value=b - a, old_text=None, new_text=None)
    nothing = np.full(len(own), np.nan)
    return own.assign(
        old_value=nothing,
        new_value=nothing,
        difference_value=nothing,
        old_text=as_text(old),
        new_text=as_text(new),
    )
