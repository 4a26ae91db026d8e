"""GeoParquet, read with pyarrow (the wheels of GDAL come without Parquet)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj

from landzone.io.frames import pandas_frame
from landzone.io.gdal_reader import Bulk, shapes_of
from landzone.io.origin import Origin

_DEFAULT_CRS = "OGC:CRS84"


def read_geoparquet(path: Path, origin: Origin) -> tuple[Bulk, pyproj.CRS | None]:
    """Return the content of a GeoParquet file and its coordinate system.

    Without a ``crs`` member it is in longitude and latitude by the standard; ``null`` says that none is known.

    Raises
    ------
    Refusal
        ``FILE_CORRUPT``, ``LAYER_NO_GEOMETRY``.
    """
    try:
        table = pq.read_table(path)
        names = table.column_names
        geo = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise origin.refuse("FILE_CORRUPT", detail=(str(error).splitlines() or ["Parquet"])[0]) from None
    name = geo.get("primary_column", "") if isinstance(geo, dict) else ""
    if name not in names:
        raise origin.refuse("LAYER_NO_GEOMETRY", layers="; ".join(names))
    columns = geo.get("columns")
    if not isinstance(columns, dict) or not isinstance(columns.get(name), dict):
        raise origin.refuse("FILE_CORRUPT", detail="Parquet, geo.columns")
    about: dict[str, Any] = columns[name]
    others = [c for c in names if c not in columns]
    if about.get("encoding", "WKB") == "WKB":
        shapes, bad = shapes_of(table.column(name).to_numpy(zero_copy_only=False))
    else:
        import geopandas

        shapes, bad = np.asarray(geopandas.read_parquet(path, columns=[name])[name].array, dtype=object), {}
    declared = about.get("crs", _DEFAULT_CRS)
    try:
        crs = None if declared is None else pyproj.CRS.from_user_input(declared)
    except pyproj.exceptions.CRSError:
        origin.note("CRS_UNREADABLE", params={"declared": str(declared)[:80]})
        crs = None
    if crs is not None and crs.to_authority() == ("OGC", "CRS84"):
        crs = pyproj.CRS.from_epsg(4326)
    return Bulk(pandas_frame(table.select(others), origin), shapes, bad=bad), crs
