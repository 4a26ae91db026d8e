"""The geometry of a study: Study in, integer ledger out, in whatever way the parcels are measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import shapely

from landzone.alignment.ground import PLAN_ROLE, PRESENT_ROLE, Plan, PlanGround, plan_grounds
from landzone.engine.kernel import BUILDINGS, GREEN, LINE, PHASES, SITE, ZONES, Land, Terms, in_parts
from landzone.engine.ledger_tables import Found
from landzone.engine.runner import Status
from landzone.engine.ways import Wish, way_for
from landzone.geometry.area import AreaMeasure
from landzone.geometry.coverage import covered_units
from landzone.geometry.overlay import overlap_pairs
from landzone.io.shape_parts import Placed, placed
from landzone.model.ledger import BuildingPieces, Ledger
from landzone.model.study import Study

__all__ = ["area_measure", "build_ledger"]


def area_measure(study: Study) -> AreaMeasure:
    """Return the one area method of a study: its working CRS and the kind it asks for."""
    return AreaMeasure(study.crs, study.settings.area_kind)


def build_ledger(
    study: Study,
    standing: pd.Series | None = None,
    workers: int = 1,
    *,
    plans: Sequence[Plan] | None = None,
    wish: Wish | None = None,
    told: Callable[[Status], None] = lambda _: None,
) -> Ledger:
    """Measure everything once, in whole units of 1e-4 m².

    Parameters
    ----------
    study : Study
        Layers in the working CRS.
    standing : Series of bool, optional
        Buildings that count (index ``building_id``); all of them where absent.
    workers : int
        Threads in which the geometry library works; no result depends on it.
    plans : sequence of PlanGround, optional
        The plans of the study where they have been made flat already.
    wish : Wish, optional
        Where and how tasks may run; in memory where absent.
    told : callable
        Told how far the tasks are.
    """
    measure = area_measure(study)
    terms = Terms(measure, study.settings.idle.footprint_shift_m, study.settings.alignment)
    buildings = standing_frame(study, standing)
    given = list(study.plans.values()) if plans is None else plans
    land = _land(study, buildings, plan_grounds(given, PLAN_ROLE, PRESENT_ROLE))
    way = way_for(land, terms, workers, wish)
    parcels, zones = study.layers["parcels"].frame, study.layers["zones"].frame
    found = Found(way.measure(land, terms, told), parcels.index)
    cover, outline, pieces = _on_zones(zones, buildings, measure, workers)
    zone_shapes = zones.geometry.to_numpy()
    return Ledger(
        parcel_area=found.column("area"),
        parcel_perimeter_m=found.column("perimeter_m", named=False),
        zone_area=pd.Series(measure.units(zone_shapes), zones.index, name="area"),
        zone_perimeter_m=pd.Series(shapely.length(zone_shapes), zones.index),
        parcel_zone=found.pieces(ZONES, "zone_id", zones.index),
        building_area=_footprints(buildings, measure),
        parcel_cover=found.cover(BUILDINGS),
        zone_cover=cover,
        parcel_cover_perimeter_m=found.optional("outline_m", named=False),
        zone_cover_perimeter_m=outline,
        parcel_building=found.footprints(BUILDINGS),
        zone_building=pieces,
        plan_shares=found.shares(land.plans),
        parcel_site_cover=found.cover(SITE),
        parcel_green=found.cover(GREEN),
        parcel_phase=_phases(study, found),
        parcel_line_cover={name: found.column(f"cover:{LINE}{name}") for name in sorted(study.constraints)},
        parcel_core=found.core(),
        parcel_conformity=found.conformity(),
    )


def standing_frame(study: Study, standing: pd.Series | None) -> pd.DataFrame | None:
    """Return the buildings that count; None without a building layer."""
    if "buildings" not in study.layers:
        return None
    frame = study.layers["buildings"].frame
    if standing is None:
        return frame
    return frame[standing.reindex(frame.index).fillna(True).to_numpy(dtype=bool)]


def _land(study: Study, buildings: pd.DataFrame | None, plans: Sequence[PlanGround]) -> Land:
    """Return all that is measured parcel by parcel."""
    sets: dict[str, Placed] = {ZONES: _placed(study.layers["zones"].frame)}
    if buildings is not None:
        sets[BUILDINGS] = _placed(buildings)
    for role in ("structures", GREEN, PHASES):
        if role in study.layers:
            sets[role] = _placed(study.layers[role].frame)
    for name in sorted(study.constraints):
        sets[LINE + name] = _placed(study.constraints[name].layer.frame)
    parcels = study.layers["parcels"].frame
    return Land(_placed(parcels), sets, [in_parts(plan) for plan in plans], parcels.index)


def _placed(frame: pd.DataFrame) -> Placed:
    return placed(frame.geometry.to_numpy())


def _footprints(buildings: pd.DataFrame | None, measure: AreaMeasure) -> pd.Series | None:
    if buildings is None:
        return None
    return pd.Series(measure.units(buildings.geometry.to_numpy()), buildings.index, name="area")


def _phases(study: Study, found: Found) -> pd.DataFrame | None:
    if PHASES not in study.layers:
        return None
    frame = study.layers[PHASES].frame
    pieces = found.pieces(PHASES, "phase", frame.index)
    words = frame["phase"].to_numpy(dtype=object)[found.places(PHASES)]
    return pd.DataFrame({"parcel_id": pieces["parcel_id"], "phase": words, "area": pieces["area"]})


def _on_zones(
    zones: pd.DataFrame, buildings: pd.DataFrame | None, measure: AreaMeasure, workers: int
) -> tuple[pd.Series | None, pd.Series | None, BuildingPieces | None]:
    """Return the ground of zones under footprints, their outlines inside, and the pieces of each."""
    if buildings is None:
        return None, None, None
    own, shapes = zones.geometry.to_numpy(), buildings.geometry.to_numpy()
    left, right, area = overlap_pairs(own, shapes, measure, threads=workers)
    cover = covered_units(own, shapes, measure, threads=workers)
    whole = np.maximum(measure.units(shapes)[right], 1)
    outline = shapely.length(shapes)[right] * (area / whole)
    lengths = np.bincount(left, weights=outline, minlength=len(own))
    pieces = BuildingPieces(left, right, area)
    return pd.Series(cover, zones.index, name="area"), pd.Series(lengths, zones.index), pieces
