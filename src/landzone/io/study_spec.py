"""The specification of a study as its file states it: frozen, strict, with the defaults of the contract."""

from __future__ import annotations

import math
import re
import types
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pyproj
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from landzone.catalog import load
from landzone.model.study import (
    AlignmentSettings,
    Anniversary,
    AreaKind,
    AreaSource,
    BlankStart,
    EnterpriseScheme,
    EvaluationSettings,
    IdleSettings,
    LandScheme,
    Settings,
    StarLevel,
    TopologySettings,
    ZoneScheme,
)
from landzone.units import FEN_PER_MONEY_UNIT

WEIGHT_TOLERANCE = 1e-9

_NAME = re.compile(r"[^\s|./\\'\"`;\x00-\x1f][^|./\\'\"`;\x00-\x1f]*")


def _crs(text: str) -> str:
    try:
        pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError:
        raise ValueError('a coordinate reference system such as "EPSG:4547" or WKT') from None
    return text


def _money(unit: str) -> str:
    if unit.lower() not in FEN_PER_MONEY_UNIT and not re.fullmatch(r"[A-Za-z]{3}", unit):
        raise ValueError('wan_cny, cny, yi_cny or an ISO code such as "usd"')
    return unit.lower()


def _names(table: dict[str, Any]) -> dict[str, Any]:
    seen: dict[str, str] = {}
    for name in table:
        if not _NAME.fullmatch(name):
            raise ValueError(f"a name without | . / and quotes, not {name!r}")
        twin = seen.setdefault(name.casefold(), name)
        if twin != name:
            raise ValueError(f"names that differ in more than case, not {twin!r} and {name!r}")
    return table


def _not_empty(text: str) -> str:
    if not text.strip():
        raise ValueError("a text that is not empty")
    return text


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Crs = Annotated[str, AfterValidator(_crs)]
Source = Annotated[str, AfterValidator(_not_empty)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_tuple)]
Numbers = Annotated[tuple[float, ...], BeforeValidator(_tuple)]


Day = date


class Section(BaseModel):
    """A part of the file: unknown keys refused, no conversion of types, not to be changed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class StudySection(Section):
    """``[study]``."""

    name: str = ""
    crs: Crs | None = None
    area: Literal["measured", "registered"] = "measured"
    area_kind: Literal["ellipsoidal", "planar"] = "ellipsoidal"
    boundary_precision_m: NotNegative = Settings.boundary_precision_m
    money: Annotated[str, AfterValidator(_money)] = Settings.money
    rules: Texts = Settings.rules


class SourceSpec(Section):
    """What every source may state.

    ``transformation`` leads to the working CRS where PROJ knows no way: a PROJ pipeline, or the 3 or 7 parameters
    of a local adjustment (dx dy dz in m, rx ry rz in seconds of arc, ds in ppm). ``rotation`` says in which sense
    the angles turn; 7 parameters with angles are refused without it.
    """

    source: Source
    encoding: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    units: dict[str, str] = Field(default_factory=dict)


class LayerSpec(SourceSpec):
    """``[layers.zones]`` and its like."""

    crs: Crs | None = None
    transformation: str | Numbers | None = None
    rotation: Literal["position_vector", "coordinate_frame"] | None = None
    same_id: Literal["reject", "merge_parts"] = "reject"

    @model_validator(mode="after")
    def _parameters(self) -> LayerSpec:
        if isinstance(self.transformation, tuple) and len(self.transformation) not in (3, 7):
            raise ValueError("transformation: a PROJ pipeline, or 3 or 7 parameters")
        return self


class ParcelsSpec(LayerSpec):
    """``[layers.parcels]``."""

    use_scheme: (
        Literal["third-survey", "gbt21010-2017", "land-sea-2020", "land-sea-2023", "gb50137"] | None
    ) = None


class LayersSection(Section):
    """``[layers]``: parcels, and what else there is."""

    zones: LayerSpec | None = None
    parcels: ParcelsSpec
    phases: LayerSpec | None = None
    buildings: LayerSpec | None = None
    structures: LayerSpec | None = None
    villages: LayerSpec | None = None
    green: LayerSpec | None = None

    def given(self) -> dict[str, LayerSpec]:
        """Return the layers the study has, parcels first."""
        order = ["parcels", *(n for n in type(self).model_fields if n != "parcels")]
        return {name: spec for name in order if (spec := getattr(self, name)) is not None}


class TableSpec(SourceSpec):
    """``[tables.projects]``: joined on ``key``; ``industry_scheme`` is the edition of its industry codes."""

    key: Literal["parcel_id"] = "parcel_id"
    industry_scheme: Literal["gbt4754-2002", "gbt4754-2011", "gbt4754-2017"] | None = None


class ZoneTableSpec(SourceSpec):
    """``[tables.enterprises]``."""

    key: Literal["zone_id"] = "zone_id"


class FiguresSpec(SourceSpec):
    """``[tables.zone_figures]``: figures of zones, or of parcels where the key says so."""

    key: Literal["zone_id", "parcel_id"] = "zone_id"


class TablesSection(Section):
    """``[tables]``."""

    projects: TableSpec | None = None
    enterprises: ZoneTableSpec | None = None
    zone_figures: FiguresSpec | None = None

    def given(self) -> dict[str, SourceSpec]:
        """Return the tables the study has."""
        return {name: spec for name in type(self).model_fields if (spec := getattr(self, name)) is not None}

    def key_of(self, name: str) -> str:
        """Return the id on which a table is joined."""
        return str(getattr(self, name).key)


class PlanSpec(LayerSpec):
    """``[plans.city_plan]``: any number, any names."""

    class_column: str | None = None
    crosswalk: str | None = None
    convert_to: str | None = None
    kind: str | None = None
    precedence: Texts = ()
    role: Literal["plan", "present"] = "plan"
    title: str | None = None
    office: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _dates(self) -> PlanSpec:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to: a day not before valid_from")
        return self


class ConstraintSpec(LayerSpec):
    """``[constraints.permanent_farmland]``; what is not stated follows from the name."""

    rule: Literal["presence", "inside"] | None = None
    type: str | None = None
    severity: Literal["none", "info", "low", "medium", "high", "severe"] | None = None
    title: str | None = None
    clause: str | None = None


class RasterSpec(Section):
    """``[rasters.built_up]``: evidence beside the ledger.

    ``built lit bare green changed`` are told by class values, or by a number that a pixel lies above or below;
    ``minus`` is subtracted first: a terrain model from a surface model, an earlier picture from a later one.
    """

    source: Source
    classes: dict[str, Annotated[tuple[int, ...], BeforeValidator(_tuple)]] = Field(default_factory=dict)
    above: dict[str, float] = Field(default_factory=dict)
    below: dict[str, float] = Field(default_factory=dict)
    minus: Source | None = None
    date: Day | None = None


class IdleSection(Section):
    """``[idle]``."""

    anniversary: Literal["civil", "calendar"] = "civil"
    blank_actual_start: Literal["unknown", "not_started"] = "unknown"
    ownership_if_absent: Literal["state", "unknown"] = "state"
    holidays: Source | None = None
    footprint_shift_m: NotNegative = IdleSettings.footprint_shift_m
    block_sizes_ha: tuple[Annotated[float, Field(gt=0, allow_inf_nan=False)], ...] = ()


class AlignmentSection(Section):
    """``[alignment]``."""

    sliver_width_m: NotNegative = AlignmentSettings.sliver_width_m
    small_area_m2: NotNegative = AlignmentSettings.small_area_m2
    editions: Literal["all", "newest"] = "all"


class OverlapLimits(Section):
    """``[topology.overlap_limit_ratio]``: ground counted twice ÷ ground, past which an audit refuses."""

    parcels: NotNegative | None = None
    buildings: NotNegative | None = None
    structures: NotNegative | None = None
    green: NotNegative | None = None
    villages: NotNegative | None = None
    phases: NotNegative | None = None
    plans: NotNegative | None = None
    constraints: NotNegative | None = None

    def all(self) -> dict[str, float]:
        """Return the limits: those of the catalogue, and in their place what the study states."""
        known = {name: float(entry["ratio"]) for name, entry in load.table("topology.toml")["limits"].items()}
        return {**known, **self.model_dump(exclude_none=True)}


class TopologySection(Section):
    """``[topology]``."""

    overlap_limit_ratio: OverlapLimits = OverlapLimits()


Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Shares = Annotated[tuple[Positive, ...], BeforeValidator(_tuple)]


def _weights(table: dict[str, float]) -> dict[str, float]:
    if abs(math.fsum(table.values()) - 1) > WEIGHT_TOLERANCE:
        raise ValueError(f"weights that sum to 1, not to {math.fsum(table.values()):.12g}")
    return table


Weights = Annotated[dict[str, NotNegative], AfterValidator(_weights)]


def _fits(names: set[str], asked: set[str], what: str) -> None:
    if names != asked:
        raise ValueError(f"{what} for exactly {', '.join(sorted(asked))}, not for {', '.join(sorted(names))}")


class ZoneEvaluationSpec(Section):
    """``[evaluation.zones]``: weights sum to 1; a measure has an ideal value, or less of it is better."""

    weights: Weights
    ideals: dict[str, Positive] = Field(default_factory=dict)
    less_is_better: Texts = ()

    @model_validator(mode="after")
    def _whole(self) -> ZoneEvaluationSpec:
        _fits({*self.ideals, *self.less_is_better}, set(self.weights), "ideals")
        return self


class EnterpriseEvaluationSpec(Section):
    """``[evaluation.enterprises]``: ``shares`` are cumulative, one for each class, the last one 1."""

    weights: Weights
    bases: dict[str, Positive]
    classes: Texts
    shares: Shares
    small_below_mu: NotNegative = 0.0

    @model_validator(mode="after")
    def _whole(self) -> EnterpriseEvaluationSpec:
        _fits(set(self.bases), set(self.weights), "bases")
        ascending = list(self.shares) == sorted(set(self.shares))
        if len(self.shares) != len(self.classes) or not self.shares or not ascending or self.shares[-1] != 1:
            raise ValueError("shares: one ascending share for each class, the last one 1")
        return self


def _codes(table: dict[str, float]) -> dict[str, float]:
    known = load.table("area_ledger.toml")["codes"]
    for code in table:
        if code not in known:
            raise ValueError(f"a code of the area ledger ({', '.join(known)}), not {code}")
    return table


class LandEvaluationSpec(Section):
    """``[evaluation.land]``: the area ledger of TD/T 1029 by zone, ha; ideals of ``industrial`` and of measures."""

    areas_ha: dict[str, Annotated[dict[str, NotNegative], AfterValidator(_codes)]]
    ideals: dict[str, Positive] = Field(default_factory=dict)
    annual_supply_ha: dict[str, NotNegative] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> LandEvaluationSpec:
        unknown = sorted(set(self.annual_supply_ha) - set(self.areas_ha))
        if unknown:
            raise ValueError(f"annual_supply_ha for zones of areas_ha, not for {', '.join(unknown)}")
        return self

    def scheme(self) -> LandScheme:
        """Return the section in the words of the model."""
        return LandScheme(self.areas_ha, self.ideals, self.annual_supply_ha)


class StarSpec(Section):
    """``[[evaluation.stars]]``: what each measure has to reach for a level."""

    stars: Annotated[int, Field(ge=1)]
    conditions: Annotated[dict[str, float], Field(min_length=1)]


class EvaluationSection(Section):
    """``[evaluation]``: nothing is evaluated that the user does not ask for, with the user's weights."""

    zones: ZoneEvaluationSpec | None = None
    enterprises: EnterpriseEvaluationSpec | None = None
    stars: Annotated[tuple[StarSpec, ...], BeforeValidator(_tuple)] = ()
    land: LandEvaluationSpec | None = None

    def settings(self) -> EvaluationSettings:
        """Return the section in the words of the model."""
        zones, firms = self.zones, self.enterprises
        return EvaluationSettings(
            zones=None if zones is None else ZoneScheme(**zones.model_dump()),
            enterprises=None if firms is None else EnterpriseScheme(**firms.model_dump()),
            stars=tuple(StarLevel(one.stars, one.conditions) for one in self.stars),
            land=None if self.land is None else self.land.scheme(),
        )


class StudySpec(Section):
    """A whole study file."""

    study: StudySection = StudySection()
    layers: LayersSection
    tables: TablesSection = TablesSection()
    plans: Annotated[dict[str, PlanSpec], AfterValidator(_names)] = Field(default_factory=dict)
    constraints: Annotated[dict[str, ConstraintSpec], AfterValidator(_names)] = Field(default_factory=dict)
    rasters: Annotated[dict[str, RasterSpec], AfterValidator(_names)] = Field(default_factory=dict)
    idle: IdleSection = IdleSection()
    alignment: AlignmentSection = AlignmentSection()
    topology: TopologySection = TopologySection()
    evaluation: EvaluationSection = EvaluationSection()

    def settings(self, default_name: str = "") -> Settings:
        """Return the settings in the words of the model."""
        study, idle = self.study, self.idle
        return Settings(
            name=study.name or default_name,
            area=AreaSource(study.area),
            area_kind=AreaKind(study.area_kind),
            boundary_precision_m=study.boundary_precision_m,
            money=study.money,
            rules=study.rules,
            idle=IdleSettings(
                Anniversary(idle.anniversary),
                BlankStart(idle.blank_actual_start),
                idle.ownership_if_absent,
                idle.footprint_shift_m,
                idle.block_sizes_ha,
            ),
            alignment=AlignmentSettings(**self.alignment.model_dump()),
            topology=TopologySettings(self.topology.overlap_limit_ratio.all()),
            evaluation=self.evaluation.settings(),
        )


def constraint_defaults(name: str) -> Mapping[str, Any]:
    """Return rule, type, severity, title and clause of a constraint by its name.

    >>> d = constraint_defaults("urban_boundary")
    >>> d["rule"], d["type"], d["severity"], constraint_defaults("flood_plain")["rule"]
    ('inside', 'D11', 'high', 'presence')
    """
    known = load.table("constraints.toml")
    entry: Mapping[str, Any] = known[name] if name in known and name != "other" else known["other"]
    return entry


def keys_at(path: tuple[str, ...]) -> list[str]:
    """Return the keys that a section of a study file may have; free names (plans) stand for any entry.

    >>> keys_at(("idle",))
    ['anniversary', 'blank_actual_start', 'ownership_if_absent', 'holidays', 'footprint_shift_m', 'block_sizes_ha']
    """
    kind: Any = StudySpec
    for part in path:
        if get_origin(kind) is dict:
            kind = get_args(kind)[1]
        else:
            model = _model_in(kind)
            info = model.model_fields.get(part) if model else None
            kind = info.annotation if info else None
    model = _model_in(kind)
    return list(model.model_fields) if model else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, types.UnionType, Annotated):
        return next((m for a in get_args(annotation) if (m := _model_in(a))), None)
    return None
