"""The land of a run as files that any process reads its part of, with all that the numbers depend on beside them."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pyproj
import shapely
from pydantic import TypeAdapter

from landzone.alignment.ground import PlanGround
from landzone.alignment.pair_table import PlaceClass
from landzone.catalog.messages import refusal
from landzone.engine.kernel import Land, Terms
from landzone.geometry.area import AreaMeasure
from landzone.geometry.grid_cut import Shapes
from landzone.geometry.overlay import OverlapReport
from landzone.io.shape_parts import Placed, read_rows, read_window, write_shapes
from landzone.io.store_head import code_sha256, versions
from landzone.io.store_parts import Part
from landzone.model.study import AlignmentSettings, AreaKind

LEAF = (100_000, 4_000_000)
"""Most features and vertices of one file."""

HEAD_FILE, DATA, PARTS = "land.json", "data", "parts"
PARCELS, PLAN = "parcels", "plan:"


@dataclass(frozen=True)
class PlanHead:
    """A flat plan without its shapes."""

    name: str
    role: str
    classes: tuple[PlaceClass, ...]


@dataclass(frozen=True)
class LandHead:
    """What lies in the files, and everything else that decides about a number.

    ``count`` and ``area`` (1e-4 m²) are those of all parcels: what the finished parts have to add up to.
    """

    versions: dict[str, str]
    crs: str
    area_kind: AreaKind
    core_m: float
    alignment: AlignmentSettings
    sets: tuple[str, ...]
    plans: tuple[PlanHead, ...]
    parts: tuple[Part, ...]
    count: int
    area: int

    def of(self, role: str) -> list[Part]:
        """Return the files of one role."""
        return [part for part in self.parts if part.role == role]

    @property
    def terms(self) -> Terms:
        """Return what the kernel is told beside the ground."""
        measure = AreaMeasure(pyproj.CRS.from_user_input(self.crs), self.area_kind)
        return Terms(measure, self.core_m, self.alignment)


HEADS: TypeAdapter[LandHead] = TypeAdapter(LandHead)


@cache
def kernel_versions() -> dict[str, str]:
    """Return what the numbers of a task depend on beside its files: code, libraries, and how this processor counts."""
    found = np.show_config(mode="dicts")["SIMD Extensions"]
    simd = ",".join([*found.get("baseline", []), *found.get("found", [])])
    kernel = code_sha256("alignment", "engine", "measures", "districts.py", "shaping.py", "units.py")
    return {**versions(), "kernel": kernel, "SIMD": simd}


def write_land(land: Land, terms: Terms, folder: Path) -> Path:
    """Write the land of a run below ``folder`` and return its folder, named by everything its numbers depend on.

    A folder of the same name that is there already holds the same bytes; it is used as it is.
    """
    fresh = folder / "new"
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / DATA).mkdir(parents=True)
    (fresh / PARTS).mkdir()
    crs = terms.measure.crs
    parts: list[Part] = []

    def write(role: str, shapes: Placed) -> None:
        parts.extend(write_shapes(shapes, role, fresh / DATA, crs, LEAF))

    write(PARCELS, land.parcels)
    for name, shapes in land.sets.items():
        write(name, shapes)
    for plan in land.plans:
        write(PLAN + plan.name, Placed(plan.shapes, np.arange(len(plan.shapes)), plan.label))
    whole = int(terms.measure.units(land.parcels.shapes).sum()) if len(land.parcels.place) else 0
    head = LandHead(
        versions=kernel_versions(),
        crs=crs.srs,
        area_kind=terms.measure.kind,
        core_m=terms.core_m,
        alignment=terms.alignment,
        sets=tuple(land.sets),
        plans=tuple(PlanHead(plan.name, plan.role, plan.classes) for plan in land.plans),
        parts=tuple(parts),
        count=len(land.parcels.place),
        area=whole,
    )
    said = HEADS.dump_json(head)
    (fresh / HEAD_FILE).write_bytes(said)
    own = folder / key_of(said)
    for other in folder.iterdir():
        if other not in (own, fresh):
            shutil.rmtree(other, ignore_errors=True)
    if not (own / HEAD_FILE).is_file():
        shutil.rmtree(own, ignore_errors=True)
        fresh.rename(own)
    shutil.rmtree(fresh, ignore_errors=True)
    return own


def key_of(said: bytes) -> str:
    """Return the key of a run: the SHA-256 of its head, which has those of all files, terms and versions."""
    return hashlib.sha256(said).hexdigest()[:32]


@lru_cache(maxsize=8)
def read_head(folder: Path) -> LandHead:
    """Return the head of the land in a folder.

    Raises
    ------
    Refusal
        TASK_FILES where the name of the folder is not the key of what its head says.
    """
    said = (folder / HEAD_FILE).read_bytes()
    if key_of(said) != folder.name:
        raise refusal("TASK_FILES", file=str(folder), key=key_of(said))
    return HEADS.validate_json(said)


def read_land(folder: Path, head: LandHead, part: Part, start: int, stop: int) -> Land:
    """Read some rows of the parcels and all that their common bounding box meets."""
    data = folder / DATA
    parcels = read_rows(data, part, start, stop)
    box = np.asarray(shapely.total_bounds(parcels.shapes))
    sets = {name: read_window(data, head.of(name), box) for name in head.sets}
    plans = [_plan(one, read_window(data, head.of(PLAN + one.name), box)) for one in head.plans]
    return Land(parcels, sets, plans)


def _plan(head: PlanHead, found: Placed) -> PlanGround:
    none = np.zeros(0, dtype=np.int64)
    nothing: Shapes = np.zeros(0, dtype=object)
    report = OverlapReport(none, none, np.zeros(0), nothing, nothing)
    return PlanGround(head.name, found.shapes, found.label, head.classes, report, none, none, head.role)
