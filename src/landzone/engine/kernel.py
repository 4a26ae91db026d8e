"""The kernel of the engine: everything that is measured on one parcel, as a pure function of arrays.

A parcel is measured whole and once, with all that its bounding box meets; no number depends on other parcels. So the
same numbers come out for the whole study in memory and for any part of it in any process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landzone.alignment.conformity import Conformity, conformity
from landzone.alignment.ground import PLAN_ROLE, PlanGround
from landzone.alignment.shares import shares_by_class
from landzone.geometry.area import AreaMeasure
from landzone.geometry.coverage import covered_units
from landzone.geometry.grid_cut import Shapes
from landzone.geometry.overlay import overlap_pairs
from landzone.io.shape_parts import Placed
from landzone.model.study import AlignmentSettings
from landzone.units import IntArray

Partial = dict[str, NDArray[Any]]
"""Integers of some parcels by name; see ``measure_parcels``."""

BUILDINGS, SITE, ZONES, PHASES, GREEN = "buildings", "site", "zones", "phases", "green"
PAIRED = (ZONES, BUILDINGS, PHASES)
"""Sets of which every piece on a parcel is listed."""

UNITED = {SITE: (BUILDINGS, "structures")}
"""Ground that is covered by several sets together."""

LINE = "line:"
"""Before the name of a line of control."""

NO_CORE = -1
ANSWERS = tuple(Conformity)


@dataclass(frozen=True)
class Land:
    """Some parcels and all that may lie on them.

    Attributes
    ----------
    parcels : Placed
    sets : mapping of str to Placed
        ``zones``, and where the study has them ``buildings`` (those that count), ``structures``, ``green``,
        ``phases`` and every line of control under ``line:NAME``.
    plans : sequence of PlanGround
        Flat plans by name, taken apart into polygons (see ``in_parts``).
    ids : sequence of str
        Ids of the parcels by position, for messages alone.
    """

    parcels: Placed
    sets: Mapping[str, Placed]
    plans: Sequence[PlanGround] = ()
    ids: Sequence[str] = ()


@dataclass(frozen=True)
class Terms:
    """What the numbers depend on beside the ground: the area method and the widths of the study."""

    measure: AreaMeasure
    core_m: float
    alignment: AlignmentSettings = field(default_factory=AlignmentSettings)


def in_parts(ground: PlanGround) -> PlanGround:
    """Return a plan with its multipolygons taken apart, so that a window of it reads what it needs."""
    shapes, owner = shapely.get_parts(ground.shapes, return_index=True)
    return replace(ground, shapes=np.asarray(shapes, dtype=object), label=ground.label[owner])


def measure_parcels(land: Land, terms: Terms, threads: int = 1) -> Partial:
    """Measure parcels.

    Returns
    -------
    mapping of str to array
        One entry a parcel, in the order given: ``parcel`` (position), ``area``, ``perimeter_m``, ``cover:SET`` (ground
        under a set, each square metre once), ``outline_m`` (of footprints, the share inside), ``core_area`` and
        ``core_cover`` (the parcel without a rim of ``core_m`` and what of it is built on; -1: no such core),
        ``conformity`` (number in ``ANSWERS``, lines of control left aside).
        One entry a piece: ``pair:SET:left, :right, :units`` (parcel, position in the set, ground) and
        ``share:PLAN:left, :right, :units`` (parcel, class of the plan, ground).
        All areas are whole units of 1e-4 m².
    """
    shapes, place, measure = land.parcels.shapes, land.parcels.place, terms.measure
    whole = measure.units(shapes) if len(shapes) else np.zeros(0, np.int64)
    found: Partial = {"parcel": place, "area": whole, "perimeter_m": shapely.length(shapes)}
    for name in PAIRED:
        if name in land.sets:
            found |= _pairs(name, land, measure, threads)
    for name, parts in _covering(land.sets).items():
        united = np.concatenate([land.sets[part].shapes for part in parts])
        found[f"cover:{name}"] = covered_units(shapes, united, measure, threads=threads)
    if BUILDINGS in land.sets:
        found |= _core(shapes, land.sets[BUILDINGS].shapes, terms, threads)
    return found | _plans(land, whole, terms, threads)


def _covering(sets: Mapping[str, Placed]) -> dict[str, tuple[str, ...]]:
    """Return of what sets the covered ground is asked for."""
    named = {name: (name,) for name in sets if name in (BUILDINGS, GREEN) or name.startswith(LINE)}
    return named | {name: parts for name, parts in UNITED.items() if set(parts) <= set(sets)}


def _pairs(name: str, land: Land, measure: AreaMeasure, threads: int) -> Partial:
    own, other = land.parcels, land.sets[name]
    left, right, units = overlap_pairs(own.shapes, other.shapes, measure, threads=threads)
    found: Partial = {
        f"pair:{name}:left": own.place[left],
        f"pair:{name}:right": other.place[right],
        f"pair:{name}:units": units,
    }
    if name == BUILDINGS:
        size = np.maximum(measure.units(other.shapes), 1) if len(other.shapes) else other.place
        outline = shapely.length(other.shapes)[right] * (units / size[right])
        found["outline_m"] = np.bincount(left, weights=outline, minlength=len(own.shapes)).astype(np.float64)
    return found


def _core(parcels: Shapes, buildings: Shapes, terms: Terms, threads: int) -> Partial:
    cores = np.asarray(shapely.buffer(parcels, -terms.core_m, join_style="mitre"), dtype=object)
    there = np.flatnonzero(~shapely.is_empty(cores))
    area, cover = (np.full(len(parcels), NO_CORE, dtype=np.int64) for _ in range(2))
    if len(there):
        area[there] = terms.measure.units(cores[there])
        cover[there] = covered_units(cores[there], buildings, terms.measure, threads=threads)
    return {"core_area": area, "core_cover": cover}


def _plans(land: Land, whole: IntArray, terms: Terms, threads: int) -> Partial:
    found: Partial = {}
    tables = []
    for plan in land.plans:
        own, label, units = shares_by_class(land.parcels.shapes, plan, whole, terms.measure, threads=threads)
        left = land.parcels.place[own]
        kept = units > 0
        for column, values in (("left", left), ("right", label), ("units", units)):
            found[f"share:{plan.name}:{column}"] = values[kept]
        if plan.role == PLAN_ROLE:
            commons = np.array([one.common for one in plan.classes], dtype=object)[label[kept]]
            columns = {"parcel_id": left[kept], "plan": plan.name, "common": commons, "area": units[kept]}
            tables.append(pd.DataFrame(columns).astype({"plan": "str", "common": "str"}))
    compared = [plan for plan in land.plans if plan.role == PLAN_ROLE]
    empty = pd.DataFrame({"parcel_id": whole[:0], "plan": [], "common": [], "area": whole[:0]})
    shares = pd.concat(tables) if tables else empty.astype({"plan": "str", "common": "str"})
    answers = conformity(
        gpd.GeoSeries(land.parcels.shapes, index=land.parcels.place),
        compared, pd.Index([]), terms.measure, terms.alignment, shares=shares,
    )  # fmt: skip
    number = {str(answer): place for place, answer in enumerate(ANSWERS)}
    found["conformity"] = answers.map(number).to_numpy(dtype=np.int8)
    return found
