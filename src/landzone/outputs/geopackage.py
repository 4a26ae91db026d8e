"""``audit.gpkg`` and ``check.gpkg``: every table of a result, layers with geometry, styles for QGIS."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs import qgis_styles

LAYERS = ("zones", "parcels", "buildings", "patches", "constraints", "use_conflicts", "topology")
TABLES = ("findings", "plan_shares", "projects", "rejects", "repairs", "notes")
ROWS_AT_ONCE = 200_000
"""Rows that are turned into what GDAL takes at one time."""

FIXED_DATE = "2000-01-01T00:00:00Z"
"""GeoPackage stamps every table with a date; ours is always this one, so that equal results are equal bytes."""


def write(study: Study, result: AuditResult, folder: Path) -> Path:
    """Write ``audit.gpkg`` into a folder and return its path. Nothing is computed here."""
    path = folder / "audit.gpkg"
    _write(path, study, {name: getattr(result, name) for name in (*LAYERS, *TABLES)} | dict(result.tables))
    with closing(sqlite3.connect(path)) as base, base:
        qgis_styles.write(base, result, FIXED_DATE)
    return path


def write_check(study: Study, tables: Mapping[str, pd.DataFrame], folder: Path) -> Path:
    """Write ``check.gpkg``: the topology report as a layer, and the tables of a check. Return its path."""
    path = folder / "check.gpkg"
    _write(path, study, {"topology": study.topology.frame, **tables})
    with closing(sqlite3.connect(path)) as base, base:
        qgis_styles.write_styles(base, {"topology": qgis_styles.plain("topology")}, FIXED_DATE)
    return path


def _write(path: Path, study: Study, frames: Mapping[str, pd.DataFrame]) -> None:
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
    for name, frame in frames.items():
        if isinstance(frame, gpd.GeoDataFrame):
            write_layer(frame, name, path, study)
        else:
            own = frame.reset_index(drop=True)
            pyogrio.write_dataframe(own, path, layer=name, driver="GPKG", append=False)


def write_layer(frame: gpd.GeoDataFrame, name: str, path: Path, study: Study) -> None:
    """Write one layer of multipolygons into a GeoPackage."""
    for first in range(0, max(len(frame), 1), ROWS_AT_ONCE):
        part: gpd.GeoDataFrame = frame.iloc[first : first + ROWS_AT_ONCE].reset_index(drop=True)
        pyogrio.write_dataframe(
            part.set_geometry(_multi(part)).set_crs(study.crs, allow_override=True),
            path,
            layer=name,
            driver="GPKG",
            geometry_type="MultiPolygon",
            append=first > 0,
        )


def _multi(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return all geometries as multipolygons: one geometry type a layer, as QGIS and ArcGIS expect."""
    shapes = frame.geometry.to_numpy()
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    if single.any():
        shapes = shapes.copy()
        shapes[single] = shapely.multipolygons(shapes[single][:, None])
    return gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs)
