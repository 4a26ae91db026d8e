"""A study: what is audited, with everything that was decided at the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

import pyproj

from landzone.model.layer import Constraint, InputRecord, Layer, Raster, SpatialPlan, Table
from landzone.model.problems import Problems
from landzone.model.rules import RulePack
from landzone.model.topology import Topology


class AreaKind(StrEnum):
    """How a measured area is taken: on the ellipsoid, or in the plane of the working CRS."""

    ELLIPSOIDAL = "ellipsoidal"
    PLANAR = "planar"


class AreaSource(StrEnum):
    """Which area the audit uses: measured from the geometry, or registered (证载面积) where present."""

    MEASURED = "measured"
    REGISTERED = "registered"


class Anniversary(StrEnum):
    """When N years have passed: after the anniversary (civil) or on it (calendar)."""

    CIVIL = "civil"
    CALENDAR = "calendar"


class BlankStart(StrEnum):
    """What an empty actual start means in this ledger."""

    UNKNOWN = "unknown"
    NOT_STARTED = "not_started"


@dataclass(frozen=True)
class IdleSettings:
    """Settings of the legal clock; ``holidays`` and ``workdays`` come from the file of holidays, if there is one.

    ``footprint_shift_m`` is how far footprints may lie off without changing a verdict on vacancy; ``block_sizes_ha``
    are the sizes of projects that blocks of vacant land are held against (empty: those of the catalogue).
    """

    anniversary: Anniversary = Anniversary.CIVIL
    blank_actual_start: BlankStart = BlankStart.UNKNOWN
    ownership_if_absent: str = "state"
    footprint_shift_m: float = 6.0
    block_sizes_ha: tuple[float, ...] = ()
    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()


@dataclass(frozen=True)
class AlignmentSettings:
    """Settings of the plan comparison.

    ``editions``: ``all`` compares every plan of the study; ``newest`` leaves out what is not in force on the day and
    lets the newest of several editions of one kind hold where it says something.
    """

    sliver_width_m: float = 1.0
    small_area_m2: float = 200.0
    editions: str = "all"


@dataclass(frozen=True)
class TopologySettings:
    """How far layers may overlap themselves: ground counted twice ÷ ground, by kind of layer; absent: no limit."""

    overlap_limit_ratio: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ZoneScheme:
    """How zones are scored: weights and ideal values by measure, and the measures of which less is better."""

    weights: Mapping[str, float]
    ideals: Mapping[str, float]
    less_is_better: tuple[str, ...] = ()


@dataclass(frozen=True)
class EnterpriseScheme:
    """How enterprises are classed: weights and base values by measure, classes with cumulative shares."""

    weights: Mapping[str, float]
    bases: Mapping[str, float]
    classes: tuple[str, ...]
    shares: tuple[float, ...]
    small_below_mu: float = 0.0


@dataclass(frozen=True)
class StarLevel:
    """A level of stars and what each measure has to reach for it."""

    stars: int
    conditions: Mapping[str, float]


@dataclass(frozen=True)
class LandScheme:
    """The area ledger of TD/T 1029 by zone and code, ha; ideal values; and what is supplied in a year, ha."""

    areas: Mapping[str, Mapping[str, float]]
    ideals: Mapping[str, float] = field(default_factory=dict)
    annual_supply: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class EvaluationSettings:
    """Evaluations that the user asks for, each with the user's own weights; none of them is official."""

    zones: ZoneScheme | None = None
    enterprises: EnterpriseScheme | None = None
    stars: tuple[StarLevel, ...] = ()
    land: LandScheme | None = None

    def measures(self, kind: str) -> list[str]:
        """Return the measures of a kind of subject that an evaluation stands on."""
        if kind == "enterprise":
            return list(self.enterprises.weights) if self.enterprises is not None else []
        own = set(self.zones.weights) if self.zones is not None else set()
        own |= set(self.land.ideals) - {"industrial"} if self.land is not None else set()
        return sorted(own | {name for level in self.stars for name in level.conditions})


@dataclass(frozen=True)
class Settings:
    """What the study file says under ``[study]``, ``[idle]``, ``[alignment]`` and ``[topology]``."""

    name: str
    area: AreaSource = AreaSource.MEASURED
    area_kind: AreaKind = AreaKind.ELLIPSOIDAL
    boundary_precision_m: float = 0.1
    money: str = "wan_cny"
    rules: tuple[str, ...] = ("seed-004-cluster-2014", "idle-land-2012")
    idle: IdleSettings = field(default_factory=IdleSettings)
    alignment: AlignmentSettings = field(default_factory=AlignmentSettings)
    topology: TopologySettings = field(default_factory=TopologySettings)
    evaluation: EvaluationSettings = field(default_factory=EvaluationSettings)


@dataclass(frozen=True)
class CrsOperation:
    """One coordinate operation as PROJ carried it out (``accuracy_m`` < 0: unknown)."""

    role: str
    source_crs: str
    target_crs: str
    name: str
    pipeline: str
    accuracy_m: float
    densified: bool = False


@dataclass(frozen=True)
class Study:
    """Layers, tables and plans in one working CRS, with all problems found at the door.

    ``layers`` has some of ``zones parcels buildings structures green villages phases``; ``tables`` some of
    ``projects enterprises zone_figures``. ``layers["zones"]`` and ``layers["parcels"]`` are always there.
    ``notice`` is what the pages say in place of "internal", by language; it marks a version for the public.
    """

    settings: Settings
    crs: pyproj.CRS
    layers: Mapping[str, Layer]
    tables: Mapping[str, Table]
    plans: Mapping[str, SpatialPlan]
    constraints: Mapping[str, Constraint]
    rasters: Mapping[str, Raster]
    rule_packs: tuple[RulePack, ...]
    problems: Problems
    crs_operations: tuple[CrsOperation, ...]
    raw_settings: Mapping[str, Any]
    path: str = ""
    records: tuple[InputRecord, ...] = ()
    notice: Mapping[str, str] = field(default_factory=dict)
    topology: Topology = field(default_factory=Topology)

    @property
    def inputs(self) -> list[InputRecord]:
        """Every input in a fixed order, as ``run.json`` lists it (``records`` where the layers are not open)."""
        if self.records:
            return sorted(self.records, key=lambda r: r.role)
        records = [layer.source for layer in self.layers.values()]
        records += [table.source for table in self.tables.values()]
        records += [plan.layer.source for plan in self.plans.values()]
        records += [constraint.layer.source for constraint in self.constraints.values()]
        records += [raster.source for raster in self.rasters.values()]
        return sorted((r for r in records if r.source), key=lambda r: r.role)
