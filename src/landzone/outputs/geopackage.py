"""``audit.gpkg`` and ``check.gpkg``: every table of a result, layers with geometry, styles for QGIS."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj

from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs import qgis_styles
from landzone.outputs.arrow_rows import rows

LAYERS = ("zones", "parcels", "buildings", "patches", "constraints", "use_conflicts", "topology")
TABLES = ("findings", "plan_shares", "projects", "rejects", "repairs", "notes")
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
    for name, frame in frames.items():
        write_layer(frame, name, path, study)


def write_layer(frame: pd.DataFrame, name: str, path: Path, study: Study) -> None:
    """Write one table into a GeoPackage, a layer of multipolygons where it has shapes."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
    own: dict[str, str] = {}
    if isinstance(frame, gpd.GeoDataFrame):
        own = {"geometry_name": frame.geometry.name, "geometry_type": "MultiPolygon", "crs": _crs(study.crs)}
    pyogrio.write_arrow(rows(frame), path, layer=name, driver="GPKG", append=False, **own)


def _crs(crs: pyproj.CRS) -> str:
    """Return a CRS as GDAL reads it best."""
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(crs.to_wkt("WKT1_GDAL"))
