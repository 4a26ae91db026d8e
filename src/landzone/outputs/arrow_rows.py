"""Rows of a table on their way into a GeoPackage: Arrow, in batches that depend on nothing but the rows."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from landzone.model.coded import as_texts

ROWS_AT_ONCE = 1 << 16
"""Rows of a batch, and of a transaction of SQLite: it counts them in the head of the file."""


def rows(frame: pd.DataFrame) -> pa.RecordBatchReader:
    """Return a table as Arrow; its shapes, where it has any, are multipolygons in WKB.

    Texts lie in memory in pieces that their history has left. Here every column of a batch is one piece, so that equal
    tables are written in equal steps.

    >>> found = rows(pd.DataFrame({"zone_id": pd.Series(["Z1"], dtype="str"), "share_ratio": [0.5]}))
    >>> [str(field.type) for field in found.schema], found.read_all().num_rows
    (['large_string', 'double'], 1)
    """
    shapes = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else ""
    plain = pd.DataFrame(frame.drop(columns=shapes)) if shapes else frame
    schema = _schema(plain)
    if shapes:
        schema = schema.append(pa.field(shapes, pa.binary()))

    def batches() -> Iterator[pa.RecordBatch]:
        for first in range(0, len(frame), ROWS_AT_ONCE):
            part = slice(first, first + ROWS_AT_ONCE)
            columns = [_column(plain[name].iloc[part], schema.field(name).type) for name in plain.columns]
            if shapes:
                own = _multi(frame.geometry.iloc[part].to_numpy())
                columns.append(pa.array(shapely.to_wkb(own), pa.binary()))
            yield pa.record_batch(columns, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _schema(frame: pd.DataFrame) -> pa.Schema:
    """Return the types of the columns; one that holds nothing at all is text."""
    found = pa.Schema.from_pandas(frame, preserve_index=False).remove_metadata()
    return pa.schema([pa.field(f.name, _kind(f.type)) for f in found])


def _kind(own: pa.DataType) -> pa.DataType:
    """Return the type a column is written as: texts by codes are texts."""
    if pa.types.is_dictionary(own):
        return pa.large_string()
    return pa.string() if pa.types.is_null(own) else own


def _column(cells: pd.Series, kind: pa.DataType) -> pa.Array:
    array = pa.Array.from_pandas(as_texts(cells), type=kind)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _multi(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return all shapes as multipolygons: one type a layer, as QGIS and ArcGIS expect."""
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    if single.any():
        shapes = shapes.copy()
        shapes[single] = shapely.multipolygons(shapes[single][:, None])
    return shapes
