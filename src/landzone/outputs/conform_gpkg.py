"""``conform.gpkg``: boundaries, occupied ground, conflicts and parcels, with every table of the result."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyogrio

from landzone.model.conform import ConformResult
from landzone.model.study import Study
from landzone.outputs.geopackage import FIXED_DATE, write_layer

LAYERS = ("boundaries", "occupied", "conflicts", "parcels")
TABLES = ("themes", "land_use", "zones", "rejects", "repairs", "notes")


def write(study: Study, result: ConformResult, folder: Path) -> Path:
    """Write ``conform.gpkg`` into a folder and return its path. Nothing is computed here."""
    path = folder / "conform.gpkg"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
    for name in LAYERS:
        write_layer(getattr(result, name), name, path, study)
    for name in TABLES:
        table: pd.DataFrame = getattr(result, name).reset_index(drop=True)
        pyogrio.write_dataframe(table, path, layer=name, driver="GPKG", append=False)
    return path
