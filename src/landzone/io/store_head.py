"""What a store says of itself: the study without its rows, and the manifest of its parts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pyproj
import shapely
from pydantic import TypeAdapter, ValidationError

from landzone.catalog.messages import refusal
from landzone.io.store_parts import Part
from landzone.model.layer import InputRecord, Raster
from landzone.model.rules import RulePack
from landzone.model.study import CrsOperation, Settings
from landzone.model.topology import LayerGround

MANIFEST = "store.json"
FORMAT = 2


@dataclass(frozen=True)
class FrameHead:
    """Columns of a layer or table: types by name in order, name and type of the index, rows."""

    dtypes: dict[str, str]
    index: str | None
    index_dtype: str
    rows: int


@dataclass(frozen=True)
class LayerHead:
    """A layer, table, plan or constraint without its rows; ``about`` are its further fields."""

    role: str
    source: InputRecord
    frame: FrameHead
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StudyHead:
    """A study without its rows."""

    settings: Settings
    crs: str
    layers: list[LayerHead]
    tables: list[LayerHead]
    plans: list[LayerHead]
    constraints: list[LayerHead]
    problems: list[FrameHead]
    rasters: list[Raster]
    rule_packs: tuple[RulePack, ...]
    crs_operations: tuple[CrsOperation, ...]
    raw_settings: dict[str, Any]
    path: str
    topology: FrameHead
    grounds: tuple[LayerGround, ...]


@dataclass(frozen=True)
class Manifest:
    """What ``store.json`` holds."""

    landzone_store: int
    study: str
    versions: dict[str, str]
    grid: dict[str, float]
    inputs: list[InputRecord]
    parts: list[Part]


HEAD: TypeAdapter[StudyHead] = TypeAdapter(StudyHead)
MANIFESTS: TypeAdapter[Manifest] = TypeAdapter(Manifest)


@cache
def versions() -> dict[str, str]:
    """Return what the rows of a store depend on: landzone itself, its code, and the libraries under it."""
    return {
        "landzone": version("landzone"),
        "code": code_sha256("catalog", "geometry", "io", "model"),
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "pyarrow": pa.__version__,
        "shapely": shapely.__version__,
        "GEOS": shapely.geos_version_string,
        "PROJ": pyproj.proj_version_str,
        "GDAL": ".".join(map(str, pyogrio.__gdal_version__)),
    }


def code_sha256(*places: str) -> str:
    """Return the SHA-256 of code and catalogue in some folders and files of landzone: they decide about numbers."""
    whole = hashlib.sha256()
    for place in places:
        root = Path(str(files("landzone"))).joinpath(place)
        for path in [root] if root.is_file() else sorted(root.rglob("*")):
            if path.suffix in (".py", ".toml", ".csv"):
                whole.update(path.relative_to(path.parents[1]).as_posix().encode())
                whole.update(path.read_bytes())
    return whole.hexdigest()


def is_store(path: Path) -> bool:
    """Tell whether a path is a store (whole or broken)."""
    return path.is_dir() and (path / MANIFEST).is_file()


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a store that this landzone may use.

    Raises
    ------
    Refusal
        STORE_MANIFEST where it is no manifest, STORE_VERSION where other versions made the store.
    """
    try:
        found = MANIFESTS.validate_json((folder / MANIFEST).read_bytes(), strict=False)
    except (ValidationError, OSError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise refusal("STORE_MANIFEST", file=folder.name, reason=reason) from None
    own = {"store": str(FORMAT), **versions()}
    theirs = {"store": str(found.landzone_store), **found.versions}
    other = [name for name in own if own[name] != theirs.get(name, "")]
    if other:
        pairs = ", ".join(f"{n} {theirs.get(n, '?')[:12]} ≠ {own[n][:12]}" for n in other)
        raise refusal("STORE_VERSION", file=folder.name, versions=pairs)
    return found
