"""``compare.gpkg``: every table of a comparison, layers with geometry."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyogrio

from landzone.model.comparison import LAYERS, TABLES, Comparison
from landzone.model.study import Study
from landzone.outputs.geopackage import FIXED_DATE, write_layer


def write(study: Study, result: Comparison, folder: Path) -> Path:
    """Write ``compare.gpkg`` into a folder and return its path. Nothing is computed here."""
    path = folder / "compare.gpkg"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
    for name in LAYERS:
        write_layer(getattr(result, name), name, path, study)
    for name in TABLES:
        table: pd.DataFrame = getattr(result, name).reset_index(drop=True)
        pyogrio.write_dataframe(table, path, layer=name, driver="GPKG", append=False)
    return path
