"""Rasters beside the ledger: here they are only recorded, with their hash; evidence reads them later."""

from __future__ import annotations

import hashlib
from pathlib import Path

from landzone.catalog.messages import refusal
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
        raise refusal("RASTER_NOT_FOUND", file=spec.source)
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    record = InputRecord(role=f"rasters.{name}", source=spec.source, sha256={path.name: digest})
    return Raster(name=name, path=str(path), classes=dict(spec.classes), source=record)
