"""``compare.gpkg``: every table of a comparison, layers with geometry."""

from __future__ import annotations

from pathlib import Path

from landzone.model.comparison import LAYERS, TABLES, Comparison
from landzone.model.study import Study
from landzone.outputs.geopackage import write_layer


def write(study: Study, result: Comparison, folder: Path) -> Path:
    """Write ``compare.gpkg`` into a folder and return its path. Nothing is computed here."""
    path = folder / "compare.gpkg"
    for name in (*LAYERS, *TABLES):
        write_layer(getattr(result, name), name, path, study)
    return path
