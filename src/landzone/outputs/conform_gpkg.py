"""``conform.gpkg``: boundaries, occupied ground, conflicts, disagreements and parcels, every table, styles for QGIS."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from landzone.model.conform import ConformResult
from landzone.model.study import Study
from landzone.outputs import qgis_styles
from landzone.outputs.geopackage import FIXED_DATE, write_layer

LAYERS = ("boundaries", "occupied", "conflicts", "disagreements", "parcels")
TABLES = ("themes", "land_use", "zones", "rejects", "repairs", "notes")


def write(study: Study, result: ConformResult, folder: Path) -> Path:
    """Write ``conform.gpkg`` into a folder and return its path. Nothing is computed here."""
    path = folder / "conform.gpkg"
    for name in (*LAYERS, *TABLES):
        write_layer(getattr(result, name), name, path, study)
    with closing(sqlite3.connect(path)) as base, base:
        qgis_styles.write_styles(base, qgis_styles.conform_styles(result), FIXED_DATE)
    return path
