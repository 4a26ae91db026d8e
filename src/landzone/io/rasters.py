"""Rasters: recorded with their hash for a study, or read under polygons for statistics."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import rasterio
from rasterio.errors import RasterioError
from rasterio.windows import Window, from_bounds

from landzone.catalog.messages import refusal
from landzone.geometry.crs import transformation
from landzone.geometry.zonal import bounds_of, zonal
from landzone.io.database_url import masked
from landzone.io.study_spec import RasterSpec
from landzone.model.layer import InputRecord, Raster


def record_raster(name: str, spec: RasterSpec, folder: Path) -> Raster:
    """Return the record of a raster of the study.

    Raises
    ------
    Refusal
        RASTER_NOT_FOUND.
    """
    path = folder / spec.source
    if not path.is_file() or path.is_symlink():
        raise refusal("RASTER_NOT_FOUND", file=masked(spec.source))
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    record = InputRecord(role=f"rasters.{name}", source=spec.source, sha256={path.name: digest})
    return Raster(name=name, path=str(path), classes=dict(spec.classes), source=record)


def raster_statistics(zones: gpd.GeoSeries, path: Path, stats: Sequence[str]) -> pd.DataFrame:
    """Statistics of the first band of a raster under polygons, every pixel weighted by its covered share.

    Only the window under the polygons is read. NaN where nothing of the raster lies under a polygon.

    Raises
    ------
    Refusal
        RASTER_NOT_FOUND, RASTER_UNREADABLE, RASTER_WITHOUT_CRS.
    ValueError
        The polygons have no CRS, or a statistic is unknown.
    """
    if zones.crs is None:
        raise ValueError("the polygons have no CRS")
    if not path.is_file():
        raise refusal("RASTER_NOT_FOUND", file=path.name)
    try:
        with rasterio.open(path) as source:
            if source.crs is None:
                raise refusal("RASTER_WITHOUT_CRS", file=path.name)
            target = pyproj.CRS.from_user_input(source.crs)
            shapes = transformation(zones.crs, target).apply(zones.to_numpy())
            window = _window(gpd.GeoSeries(shapes), source)
            values = source.read(1, window=window, masked=True).astype(np.float64).filled(np.nan)
            bounds = bounds_of(source.window_transform(window), values.shape)
    except RasterioError:
        raise refusal("RASTER_UNREADABLE", file=path.name) from None
    table: pd.DataFrame = zonal(shapes, values, bounds, list(stats))
    return table.set_index(zones.index)


def _window(shapes: gpd.GeoSeries, source: rasterio.DatasetReader) -> Window:
    """Return the whole pixels of a raster that lie under the extent of shapes, one pixel at least."""
    whole = Window(0, 0, source.width, source.height)
    box = from_bounds(*shapes.total_bounds, transform=source.transform)
    first_column, first_row = int(np.floor(box.col_off)), int(np.floor(box.row_off))
    columns, rows = int(np.ceil(box.col_off + box.width)), int(np.ceil(box.row_off + box.height))
    asked = Window(first_column, first_row, max(columns - first_column, 1), max(rows - first_row, 1))
    if asked.col_off >= source.width or asked.row_off >= source.height or columns <= 0 or rows <= 0:
        return Window(0, 0, 1, 1)
    return asked.intersection(whole)
