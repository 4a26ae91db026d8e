"""Rows and their ids: identical copies, missing and doubled ids, parts of one unit, order by content."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from landzone.catalog.columns import ColumnSpec
from landzone.io.cells import reading
from landzone.io.raw import Raw
from landzone.io.typed import BoolArray, Typed
from landzone.model.problems import Problems
from landzone.units import fen_per_unit

Shapes = NDArray[np.object_]


def further_copies(raw: Raw) -> BoolArray:
    """Mark every row that is identical to an earlier one in all cells and its geometry."""
    cells = raw.cells.reset_index(drop=True)
    if raw.geometry is not None:
        cells = cells.assign(__shape=0) if cells.shape[1] == 0 else cells
    elif cells.shape[1] == 0:
        return np.zeros(len(cells), dtype=bool)
    try:
        alike: NDArray[np.bool_] = cells.duplicated(keep=False).to_numpy(dtype=bool)
    except TypeError:  # cells that hold lists
        cells = cells.astype("str")
        alike = cells.duplicated(keep=False).to_numpy(dtype=bool)
    if not alike.any():
        return alike
    some = cells[alike]
    if raw.geometry is not None:
        some = some.assign(__shape=shape_keys(raw.geometry[alike]))
    order = np.argsort(raw.rows[alike], kind="stable")
    again = some.iloc[order].duplicated(keep="first")
    marks = np.zeros(len(cells), dtype=bool)
    marks[again.index[again]] = True
    return marks


def shape_keys(shapes: Shapes) -> NDArray[np.object_]:
    """Return a text for each shape, the same for the same coordinates in the same order."""
    keys = np.full(len(shapes), "", dtype=object)
    there = ~shapely.is_missing(shapes)
    keys[there] = shapely.to_wkb(shapes[there], hex=True)
    return keys


def without(raw: Raw, rows: BoolArray) -> Raw:
    """Return the source without some of its rows."""
    keep = ~rows
    geometry = None if raw.geometry is None else raw.geometry[keep]
    return Raw(
        role=raw.role,
        source=raw.source,
        layer=raw.layer,
        cells=raw.cells[keep].reset_index(drop=True),
        rows=raw.rows[keep],
        rows_in=raw.rows_in,
        geometry=geometry,
        crs=raw.crs,
        encoding=raw.encoding,
        encoding_guessed=raw.encoding_guessed,
        sha256=raw.sha256,
    )


def drop_copies(raw: Raw, subject_header: str, problems: Problems) -> Raw:
    """Reject every further copy of an identical row."""
    if subject_header and _has_no_double(raw.cells[subject_header]):
        return raw
    copies = further_copies(raw)
    if not copies.any():
        return raw
    ids: Any = ""
    if subject_header:
        ids = raw.cells.loc[copies, subject_header].astype("str").fillna("").str.strip()
    problems.reject("ROW_DUPLICATE", source=raw.source, layer=raw.role, rows=raw.rows[copies], ids=ids)
    return without(raw, copies)


def _has_no_double(ids: pd.Series) -> bool:
    """Tell whether ids alone rule copies out; cells of a spreadsheet, which may be anything, are not looked at."""
    return isinstance(ids.dtype, pd.StringDtype) and bool(ids.is_unique)


def drop_missing(raw: Raw, typed: Typed, spec: ColumnSpec, problems: Problems, money: str) -> None:
    """Reject the rows without the id that they need."""
    rows = typed.frame[spec.frame_name].isna().to_numpy(dtype=bool) & ~typed.dropped
    amounts = money_texts(typed.frame[rows], money)
    problems.reject(
        "ID_MISSING",
        source=raw.source,
        layer=raw.role,
        rows=raw.rows[rows],
        ids=typed.subject[rows],
        params=[{"canonical": spec.name, "zh": spec.zh, "money": amount} for amount in amounts],
    )
    typed.dropped |= rows


def money_texts(frame: pd.DataFrame, unit: str) -> list[str]:
    """Return what each row says of investment, or else of the land price, as `` (900 万元)``."""
    amount = pd.Series(pd.NA, index=frame.index, dtype="Int64")
    for name in ("fixed_asset_investment_fen", "land_price_fen"):
        if name in frame:
            amount = amount.fillna(frame[name])
    name = reading()["money_names"].get(unit, unit.upper())
    return ["" if pd.isna(a) else f" ({amount_text(int(a), unit)} {name})" for a in amount]


def amount_text(fen: int, unit: str) -> str:
    """Return an amount in a unit of money as a plain decimal number.

    >>> amount_text(900_000_000, "wan_cny"), amount_text(12345, "usd")
    ('900', '123.45')
    """
    text = f"{Decimal(fen) / fen_per_unit(unit):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def content_order(frame: pd.DataFrame, first: list[str], shapes: Shapes | None = None) -> NDArray[np.intp]:
    """Return the order of rows by content alone: the named columns, the shape, then every other column."""
    keys = frame[first].astype("str").fillna("")
    if shapes is not None:
        keys = keys.assign(__shape=shape_keys(shapes))
    if keys.shape[1] == 0 or keys.duplicated().any():
        rest = [c for c in frame.columns if c not in {*first, "source_row"}]
        keys = pd.concat([keys, frame[rest].astype("str").fillna("")], axis=1)
    if keys.shape[1] == 0:
        return np.arange(len(frame))
    columns = [pa.array(keys.iloc[:, place].astype("str").array) for place in range(keys.shape[1])]
    names = [str(place) for place in range(len(columns))]
    by = [(name, "ascending") for name in names]
    return np.asarray(pc.sort_indices(pa.table(columns, names), sort_keys=by), dtype=np.int64)


def standin_ids(role: str, count: int) -> list[str]:
    """Return ids for rows that have none.

    >>> standin_ids("buildings", 2)
    ['buildings-0001', 'buildings-0002']
    """
    width = max(4, len(str(count)))
    return [f"{role}-{n:0{width}d}" for n in range(1, count + 1)]


def settle_doubles(
    frame: pd.DataFrame,
    shapes: Shapes,
    name: str,
    place: Mapping[str, str],
    problems: Problems,
) -> BoolArray:
    """Reject rows that share an id; where shape and columns agree one of them is kept.

    Returns
    -------
    bool array
        Rows to keep.
    """
    keep = np.ones(len(frame), dtype=bool)
    double = frame[name].duplicated(keep=False).to_numpy(dtype=bool)
    if not double.any():
        return keep
    some = frame[double]
    mapped = [c for c in some.columns if not c.startswith("src_") and c != "source_row"]
    known = (
        some[mapped].astype("str").fillna("").assign(__shape=shape_keys(shapely.normalize(shapes[double])))
    )
    order = content_order(some, [name], shapes[double])
    distinct = known.drop_duplicates().groupby(name, sort=True).size()
    same = some[name].map(distinct).to_numpy() == 1
    again = some[name].iloc[order].duplicated(keep="first").sort_index().to_numpy(dtype=bool)
    copies, clashes = same & again, ~same
    where = np.flatnonzero(double)
    counts = some[name].map(some[name].value_counts())
    for code, rows in (("ROW_DUPLICATE", copies), ("ID_DUPLICATE", clashes)):
        problems.reject(
            code,
            **place,
            rows=some.loc[rows, "source_row"].to_numpy(),
            ids=some.loc[rows, name],
            params=[{"count": int(c)} for c in counts[rows]],
        )
    keep[where[copies | clashes]] = False
    return keep
