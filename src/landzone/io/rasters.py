"""Rasters read under polygons, for shares of their ground and for statistics."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import rasterio
import shapely
from rasterio.errors import RasterioError
from rasterio.windows import Window, from_bounds

from landzone.catalog import load
from landzone.catalog.messages import refusal
from landzone.geometry.crs import transformation
from landzone.geometry.zonal import Bounds, bounds_of, zonal, zonal_means
from landzone.model.layer import Raster
from landzone.units import FloatArray


def raster_shares(zones: gpd.GeoSeries, raster: Raster) -> pd.DataFrame:
    """Return what share of each polygon's pixels counts as built, lit, bare, green or changed, by exact coverage.

    Returns
    -------
    DataFrame, index of the zones
        One column 0…1 a kind that the raster tells, of the ground with data; ``mean_value`` of the band (after
        ``minus``); ``covered_ratio``, ``pixels_count``, ``resolution_m``. NaN where there is no data.

    Raises
    ------
    Refusal
        RASTER_UNREADABLE, RASTER_WITHOUT_CRS, RASTER_GRIDS_DIFFER.
    """
    path = Path(raster.path)
    try:
        with _opened(path) as source:
            if source.crs is None:
                raise refusal("RASTER_WITHOUT_CRS", file=path.name)
            target = pyproj.CRS.from_user_input(source.crs)
            shapes = transformation(zones.crs, target).apply(zones.to_numpy())
            window = _window(gpd.GeoSeries(shapes), source)
            values = _band(source, window)
            bounds = bounds_of(source.window_transform(window), values.shape)
            if raster.minus:
                values = values - _second(raster, source, window)
            resolution = _resolution(source, target)
    except RasterioError:
        raise refusal("RASTER_UNREADABLE", file=path.name) from None
    return _shares(shapes, values, bounds, raster).assign(resolution_m=resolution).set_index(zones.index)


def _opened(path: Path) -> rasterio.DatasetReader:
    """Open a raster with the one driver of its suffix; a VRT, which may point anywhere, is opened by none."""
    driver = load.table("formats.toml")["raster"]["drivers"].get(path.suffix.lower())
    if driver is None:
        raise refusal("RASTER_UNREADABLE", file=path.name)
    return rasterio.open(path, driver=driver)


def _band(source: rasterio.DatasetReader, window: Window) -> FloatArray:
    band: FloatArray = source.read(1, window=window, masked=True).astype(np.float64).filled(np.nan)
    return band


def _second(raster: Raster, first: rasterio.DatasetReader, window: Window) -> FloatArray:
    path = Path(raster.minus)
    with _opened(path) as other:
        if (other.crs, other.transform, other.shape) != (first.crs, first.transform, first.shape):
            raise refusal("RASTER_GRIDS_DIFFER", file=path.name, other=Path(raster.path).name)
        return _band(other, window)


def _shares(shapes: Any, values: FloatArray, bounds: Bounds, raster: Raster) -> pd.DataFrame:
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        marks = {name: np.isin(values, members) for name, members in raster.classes.items()}
        marks |= {name: values > limit for name, limit in raster.above.items()}
        marks |= {name: values < limit for name, limit in raster.below.items()}
    found = zonal(shapes, values, bounds, ["mean", "count"])
    table = pd.DataFrame({"mean_value": found["mean"], "pixels_count": found["count"]})
    layers = {name: np.where(known, mark.astype(np.float64), np.nan) for name, mark in sorted(marks.items())}
    table = table.assign(**zonal_means(shapes, layers, bounds))
    pixel = (bounds[2] - bounds[0]) / values.shape[1] * (bounds[3] - bounds[1]) / values.shape[0]
    area = shapely.area(shapes)
    table["covered_ratio"] = np.divide(
        found["count"] * pixel, area, out=np.full(len(area), np.nan), where=area > 0
    ).clip(0, 1)
    return table


def _resolution(source: rasterio.DatasetReader, crs: pyproj.CRS) -> float:
    """Return the side of a pixel in metres, at the centre of the raster where it lies in degrees."""
    width, height = abs(source.transform.a), abs(source.transform.e)
    if not crs.is_geographic:
        return float(np.sqrt(width * height) * crs.axis_info[0].unit_conversion_factor)
    middle = (source.bounds.bottom + source.bounds.top) / 2
    return float(np.sqrt(width * height * np.cos(np.radians(middle))) * 111_195.0)


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
        with _opened(path) as source:
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
