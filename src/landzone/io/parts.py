"""Rows of one id put together: the parts of a parcel that the source keeps on several rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from landzone.io.cells import reading, shown
from landzone.io.rows import Shapes, content_order
from landzone.model.problems import Problems


def merge_parts(
    frame: pd.DataFrame, shapes: Shapes, name: str, place: Mapping[str, str], problems: Problems
) -> tuple[pd.DataFrame, Shapes]:
    """Unite the rows that share an id.

    The shape is the union of the parts, so that ground on which two parts lie counts once. A mapped column in
    which the parts disagree is a rejected cell (PARTS_DISAGREE); a blank agrees with everything. Unmapped columns
    are kept where all parts say the same.

    Parameters
    ----------
    frame : DataFrame
        Typed rows with ``rejected_cells``, RangeIndex.
    shapes : object array
        Valid polygons of the rows.
    name : str
        The id column.
    place : mapping
        ``source`` and ``layer`` for problems.
    """
    double = frame[name].duplicated(keep=False).to_numpy(dtype=bool)
    if not double.any():
        return frame, shapes
    some = frame[double]
    groups = some.groupby(name, sort=True).indices
    merged, united = [], []
    columns = [c for c in frame.columns if c not in {name, "source_row", "rejected_cells"}]
    order = content_order(some, [name], shapes[double])
    rank = np.empty(len(some), dtype=int)
    rank[order] = np.arange(len(some))
    for unit, places in groups.items():
        ordered = sorted(places, key=lambda i: rank[i])
        parts = some.iloc[ordered]
        row, clashes = _one_row(parts, columns)
        for column, values in clashes.items():
            problems.reject(
                "PARTS_DISAGREE",
                **place,
                rows=parts["source_row"].min(),
                ids=str(unit),
                column=column,
                raw_value=values,
            )
        lost = {c for text in parts["rejected_cells"] for c in text.split("|") if c} | set(clashes)
        row |= {name: unit, "source_row": parts["source_row"].min(), "rejected_cells": "|".join(sorted(lost))}
        merged.append(row)
        united.append(shapely.union_all(shapes[double][ordered]))
    keep = reading()["kept"]["ids"]
    problems.note(
        "MERGED_PARTS",
        **place,
        params={"count": len(groups), "ids": ", ".join(sorted(map(str, groups))[:keep])},
    )
    together = pd.DataFrame(merged, columns=list(frame.columns)).astype(frame.dtypes.to_dict())
    whole = pd.concat([frame[~double], together], ignore_index=True)
    return whole, np.concatenate([shapes[~double], np.array(united, dtype=object)])


def _one_row(parts: pd.DataFrame, columns: list[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values all parts agree on, and for mapped columns the values on which they do not."""
    row: dict[str, Any] = {}
    clashes: dict[str, str] = {}
    for column in columns:
        values = parts[column].dropna().drop_duplicates()
        if len(values) == 1:
            row[column] = values.iloc[0]
        else:
            row[column] = None
            if len(values) and not column.startswith("src_"):
                clashes[_canonical(column)] = "; ".join(sorted(shown(v) for v in values))
    return row, clashes


def _canonical(column: str) -> str:
    for suffix in ("_m2", "_fen", "_m"):
        if column.endswith(suffix):
            return column.removesuffix(suffix)
    plain = column.removesuffix("_date")
    return column if plain in {"contract", "delivery"} else plain
