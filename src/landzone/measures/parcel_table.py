"""The table of parcels: from the integer ledger and the ledgers of people to columns with units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from landzone.measures import density, investment, land_use
from landzone.measures.apportion import ZonePieces, main_zone, zone_pieces
from landzone.measures.bounded import only_where
from landzone.measures.ledger_amounts import LedgerRows, no_projects, project_amounts
from landzone.measures.parameters import Parameters
from landzone.measures.words import day_texts
from landzone.model.coded import coded
from landzone.model.ledger import BuildingPieces, Ledger
from landzone.model.measures import Measured, MeasureTable
from landzone.model.problems import Problems
from landzone.model.rules import RulePack
from landzone.model.study import AreaSource, Study
from landzone.units import AREA_UNITS_PER_M2, M2_PER_HA, to_area_units

UNITS_PER_HA = AREA_UNITS_PER_M2 * M2_PER_HA
_CLOCK = ["idle_class", "idle_since_date", "next_threshold_date"]


@dataclass(frozen=True)
class ParcelFacts:
    """What is known of each parcel, in whole units; index ``parcel_id``, sorted.

    Attributes
    ----------
    land : Series of int
        The area the audit uses, 1e-4 m².
    registered : Series of bool
        The area in ``land`` is the registered one.
    cover : Series of int or None
        Ground under buildings, reconciled to ``land``; None without a building layer.
    floor : DataFrame or None
        ``floor_area_lower far_floor_area_lower known``; None without a building layer.
    money : DataFrame
        ``fen`` (missing: unknown) and ``lower_fen``.
    industrial : Series of boolean or None
        None where the parcels have no use.
    supplied : Series of bool or None
        None where nothing is said about supply.
    building_floor : DataFrame or None
        As ``density.building_floor_area`` returns it.
    rows : LedgerRows
        Projects and parcels of the rows of the ledger of projects; empty without one.
    pieces : ZonePieces
        Pieces of parcels in zones.
    parcel_building, zone_building : BuildingPieces or None
        Pieces of footprints; None without a building layer.
    """

    land: pd.Series
    registered: pd.Series
    cover: pd.Series | None
    floor: pd.DataFrame | None
    money: pd.DataFrame
    industrial: pd.Series | None
    supplied: pd.Series | None
    building_floor: pd.DataFrame | None
    rows: LedgerRows
    pieces: ZonePieces
    parcel_building: BuildingPieces | None
    zone_building: BuildingPieces | None


@dataclass(frozen=True)
class Tables:
    """A table in the columns of the contract, the measures for the rules, and the notes it gives rise to."""

    frame: gpd.GeoDataFrame
    measures: MeasureTable
    problems: Problems
    region: MeasureTable | None = None


def standing_buildings(study: Study, parameters: Parameters) -> pd.Series | None:
    """Tell which buildings count (index ``building_id``); None without a building layer."""
    if "buildings" not in study.layers:
        return None
    frame = study.layers["buildings"].frame
    status = frame["status"] if "status" in frame else pd.Series(np.nan, index=frame.index, dtype="str")
    return density.counted_buildings(status, parameters.absent_status)


def parcel_facts(study: Study, ledger: Ledger, parameters: Parameters) -> ParcelFacts:
    """Gather what is known of each parcel."""
    frame = study.layers["parcels"].frame
    land, registered = _land(study, ledger)
    floor = building_floor = on_parcels = on_zones = None
    if ledger.building_area is not None and ledger.parcel_building is not None:
        on_parcels, on_zones = ledger.parcel_building, ledger.zone_building
        buildings = rows_of(study.layers["buildings"].frame, ledger.building_area.index)
        building_floor = density.building_floor_area(
            buildings, ledger.building_area, parameters.tall_storey_m
        )
        floor = density.floor_area_on(on_parcels, building_floor, frame.index)
    projects = study.tables["projects"].frame if "projects" in study.tables else None
    rows = LedgerRows.of(projects if projects is not None else no_projects(), frame.index)
    return ParcelFacts(
        land=land,
        registered=registered,
        cover=_reconciled(ledger.parcel_cover, ledger.parcel_area, land),
        floor=floor,
        money=_money(projects, land, rows),
        industrial=_industrial(frame),
        supplied=land_use.supplied_land(frame, projects, rows.parcel),
        building_floor=building_floor,
        rows=rows,
        pieces=zone_pieces(ledger.parcel_zone, ledger.parcel_area.reindex(frame.index)),
        parcel_building=on_parcels,
        zone_building=on_zones,
    )


def rows_of(frame: pd.DataFrame, index: pd.Index) -> pd.DataFrame:
    """Return the rows of some ids; nothing is copied where that is all of them, in order."""
    return frame if frame.index.equals(index) else frame.loc[index]


def _industrial(frame: pd.DataFrame) -> pd.Series | None:
    """Tell industrial parcels as the class scheme of the study says; None where no scheme speaks."""
    return frame["use_is_industrial"].astype("boolean") if "use_is_industrial" in frame else None


def _land(study: Study, ledger: Ledger) -> tuple[pd.Series, pd.Series]:
    frame = study.layers["parcels"].frame
    measured = ledger.parcel_area.reindex(frame.index).astype("int64")
    stated = frame.get("registered_area_m2", pd.Series(np.nan, index=frame.index))
    use = (stated > 0) & (study.settings.area is AreaSource.REGISTERED)
    land, own = measured.to_numpy(copy=True), use.to_numpy(dtype=bool)
    land[own] = to_area_units(stated.to_numpy(dtype=np.float64)[own])
    return pd.Series(land, index=frame.index), use


def _reconciled(cover: pd.Series | None, measured: pd.Series, land: pd.Series) -> pd.Series | None:
    """Scale the cover of a parcel to its registered area, cover and rest by largest remainder."""
    if cover is None:
        return None
    own = cover.reindex(land.index).astype("int64")
    area = measured.reindex(land.index).astype("int64")
    moved = (area != land) & (area > 0)
    if moved.any():
        part, whole, total = (s[moved].astype(object) for s in (own, area, land))
        own = own.copy()
        own[moved] = ((2 * part * total + whole) // (2 * whole)).astype("int64")
    return own


def _money(projects: pd.DataFrame | None, land: pd.Series, rows: LedgerRows) -> pd.DataFrame:
    if projects is None:
        unknown = pd.Series(pd.NA, index=land.index, dtype="Int64")
        return pd.DataFrame({"fen": unknown, "lower_fen": pd.Series(0, index=land.index, dtype="int64")})
    return project_amounts(projects, "fixed_asset_investment_fen", land, rows).by_parcel()


def parcel_table(
    study: Study,
    ledger: Ledger,
    facts: ParcelFacts,
    parameters: Parameters,
    *,
    idle: pd.DataFrame | None = None,
    conformity: pd.Series | None = None,
) -> Tables:
    """Assemble the table of parcels.

    Parameters
    ----------
    study, ledger, facts, parameters
        Of the same study.
    idle : DataFrame, optional
        Columns of the legal clock to be taken over, index ``parcel_id``.
    conformity : Series of str, optional
        Conformity with the plans, index ``parcel_id``.

    Returns
    -------
    Tables
        Frame in the columns of the contract, then the further measures, then the columns of the source.
        Without a building layer footprint, floor area and what follows are NaN; with one, a parcel without
        buildings has 0. A floor area that is unknown is NaN, with its lower bound beside it.
    """
    source = study.layers["parcels"].frame
    measures = _measures(ledger, facts, parameters, study.settings.boundary_precision_m)
    columns = _land_columns(study, ledger, facts) | _built_columns(facts, measures)
    fen, money = facts.money["fen"], parameters.money
    intensity = investment.investment_intensity(fen, facts.land, parameters.fen_per_unit)
    columns[f"fixed_asset_investment_{money}"] = _amount(fen, parameters.fen_per_unit)
    columns[f"investment_intensity_{money}_per_ha"] = intensity
    clock = {} if idle is None else written(idle.reindex(source.index), parameters)
    leading = [*_CLOCK, f"idle_fee_{money}"]
    columns |= {name: clock[name] for name in leading if name in clock}
    if conformity is not None:
        columns["conformity"] = conformity.reindex(source.index)
    columns |= {name: clock[name] for name in clock if name not in leading}
    if parameters.is_yuan:
        columns[f"investment_intensity_{money}_per_mu"] = investment.per_mu(intensity)
    lower = facts.floor["far_floor_area_lower"] if facts.floor is not None else None
    columns["far_floor_area_lower_m2"] = m2(lower) if lower is not None else np.nan
    if facts.industrial is not None:
        columns["is_industrial"] = facts.industrial
    asked = asked_for(study.rule_packs, "parcel")
    kept = {name: one if name in asked else one.bare() for name, one in measures.items()}
    return Tables(with_source(columns, source, parameters), MeasureTable("parcel", kept), Problems())


Columns = dict[str, pd.Series | float]
"""Columns of a table by name; a number stands for every row."""


def _land_columns(study: Study, ledger: Ledger, facts: ParcelFacts) -> Columns:
    """Return where a parcel lies and how large it is."""
    source = study.layers["parcels"].frame
    kinds = [study.settings.area_kind.value, AreaSource.REGISTERED.value]
    kind = coded(kinds, facts.registered.to_numpy(dtype=np.int64))
    return {
        "zone_id": main_zone(facts.pieces, source.index),
        "area_m2": m2(facts.land),
        "area_kind": pd.Series(kind, index=source.index),
        "registered_area_m2": source.get("registered_area_m2", np.nan),
        "measured_area_m2": m2(ledger.parcel_area.reindex(source.index)),
    }


def _built_columns(facts: ParcelFacts, measures: Mapping[str, Measured]) -> Columns:
    """Return what stands on a parcel."""
    return {
        "footprint_m2": m2(facts.cover) if facts.cover is not None else np.nan,
        "floor_area_m2": _floor(facts, "floor_area_lower"),
        "far_floor_area_m2": _floor(facts, "far_floor_area_lower"),
        "building_density_ratio": measures["building_density_ratio"].value,
        "floor_area_ratio": measures["floor_area_ratio"].value,
    }


def asked_for(packs: Sequence[RulePack], kind: str) -> set[str]:
    """Return the measures of a kind of subject that rules ask for."""
    return {rule.measure for pack in packs for rule in pack.rules if rule.applies_to == kind}


def written(frame: pd.DataFrame, parameters: Parameters) -> dict[str, pd.Series]:
    """Write columns as people and files have them: fen as money of the study, dates as ``YYYY-MM-DD``."""
    columns = {}
    for name in frame.columns:
        values = frame[name]
        if name.endswith("_fen"):
            columns[f"{name.removesuffix('_fen')}_{parameters.money}"] = _amount(
                values, parameters.fen_per_unit
            )
        elif pd.api.types.is_datetime64_any_dtype(values):
            columns[name] = day_texts(values)
        else:
            columns[name] = values
    return columns


def with_source(
    columns: Mapping[str, pd.Series | float], source: gpd.GeoDataFrame, parameters: Parameters
) -> gpd.GeoDataFrame:
    """Put the columns of the source that are not among some columns behind them, and the shapes."""
    rest = written(source.drop(columns=source.geometry.name), parameters)
    return joined({**columns, **{name: own for name, own in rest.items() if name not in columns}}, source)


def joined(columns: Mapping[str, pd.Series | float], source: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put columns and the shapes of a layer together; no number and no text is copied."""
    frame = pd.DataFrame(dict(columns), index=source.index, copy=False)
    return gpd.GeoDataFrame(frame, geometry=source.geometry, crs=source.crs, copy=False)


def m2(units: pd.Series) -> pd.Series:
    """Write whole units as square metres."""
    own = units.to_numpy(dtype=np.float64) / AREA_UNITS_PER_M2
    return pd.Series(own, index=units.index, name=units.name)


def _amount(fen: pd.Series, fen_per_unit: int) -> pd.Series:
    return fen.astype("Float64").astype("float64") / fen_per_unit


def _floor(facts: ParcelFacts, name: str) -> pd.Series | float:
    if facts.floor is None:
        return np.nan
    return only_where(m2(facts.floor[name]), facts.floor["known"])


def _measures(
    ledger: Ledger, facts: ParcelFacts, parameters: Parameters, precision_m: float
) -> dict[str, Measured]:
    index = facts.land.index
    empty = pd.Series(np.nan, index=index)
    area = only_where(m2(facts.land), facts.land > 0)
    edge = ledger.parcel_perimeter_m.reindex(index) * precision_m
    cover = m2(facts.cover) if facts.cover is not None else empty
    outline = ledger.parcel_cover_perimeter_m
    cover_edge = outline.reindex(index) * precision_m if outline is not None else empty
    covered = cover / area
    far_lower = m2(facts.floor["far_floor_area_lower"]) if facts.floor is not None else empty
    far_known = facts.floor["known"] if facts.floor is not None else pd.Series(False, index=index)
    far = far_lower / area
    per = parameters.fen_per_rule_unit
    fen, lower_fen = facts.money["fen"], facts.money["lower_fen"]
    hectares = facts.land.astype("float64") / UNITS_PER_HA
    known = fen.notna()
    intensity = investment.investment_intensity(fen, facts.land, per)
    found = [
        Measured(
            "building_density_ratio",
            covered,
            "ratio",
            numerator=cover,
            denominator=area,
            uncertainty=(cover_edge + covered * edge) / area,
            numerator_unit="m2",
            denominator_unit="m2",
        ),
        Measured(
            "floor_area_ratio",
            only_where(far, far_known),
            "far",
            numerator=far_lower,
            denominator=area,
            lower=far,
            coverage=far_known.astype("float64"),
            uncertainty=far * edge / area,
            numerator_unit="m2",
            denominator_unit="m2",
        ),
        Measured(
            f"fixed_asset_investment_{parameters.rule_money}",
            _amount(fen, per),
            parameters.rule_money,
            numerator=lower_fen / per,
            lower=lower_fen / per,
            coverage=known.astype("float64"),
            numerator_unit=parameters.rule_money,
        ),
        Measured(
            f"investment_intensity_{parameters.rule_money}_per_ha",
            intensity,
            f"{parameters.rule_money}_per_ha",
            numerator=lower_fen / per,
            denominator=only_where(hectares, hectares > 0),
            lower=investment.investment_intensity(lower_fen, facts.land, per),
            coverage=known.astype("float64"),
            uncertainty=intensity * edge / area,
            numerator_unit=parameters.rule_money,
            denominator_unit="ha",
        ),
    ]
    return {measured.name: measured for measured in found}
