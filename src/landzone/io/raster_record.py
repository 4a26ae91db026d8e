"""Rasters of a study, recorded with their hash; none is opened here."""

from __future__ import annotations

import hashlib
from pathlib import Path

from landzone.catalog.messages import refusal
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
    hashes, paths = {}, []
    for source in filter(None, (spec.source, spec.minus)):
        path = folder / source
        if not path.is_file() or path.is_symlink():
            raise refusal("RASTER_NOT_FOUND", file=masked(source))
        with path.open("rb") as handle:
            hashes[path.name] = hashlib.file_digest(handle, "sha256").hexdigest()
        paths.append(str(path))
    record = InputRecord(role=f"rasters.{name}", source=spec.source, sha256=hashes)
    return Raster(
        name=name, path=paths[0], classes=dict(spec.classes), source=record, above=dict(spec.above),
        below=dict(spec.below), minus=paths[1] if len(paths) > 1 else "", date=str(spec.date or ""),
    )  # fmt: skip
