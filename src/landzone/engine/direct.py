"""Runs the geometry of a study in memory: Study in, integer ledger out."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely

from landzone.alignment.ground import Plan
from landzone.alignment.shares import plan_shares
from landzone.geometry.area import AreaMeasure
from landzone.geometry.coverage import covered_units
from landzone.geometry.overlay import overlap_pairs
from landzone.model.ledger import Ledger
from landzone.model.study import Study
from landzone.units import IntArray

MOST_THREADS = 4


def workers_of_machine() -> int:
    """Return how many workers this machine has for geometry; no result depends on their number."""
    return min(os.cpu_count() or 1, MOST_THREADS)


def area_measure(study: Study) -> AreaMeasure:
    """Return the one area method of a study: its working CRS and the kind it asks for."""
    return AreaMeasure(study.crs, study.settings.area_kind)


def build_ledger(
    study: Study,
    standing: pd.Series | None = None,
    workers: int = 1,
    *,
    plans: Sequence[Plan] | None = None,
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
    """
    measure = area_measure(study)
    parcels = study.layers["parcels"].frame
    zones = study.layers["zones"].frame
    parcel_shapes, zone_shapes = parcels.geometry.to_numpy(), zones.geometry.to_numpy()
    left, right, area = overlap_pairs(parcel_shapes, zone_shapes, measure, threads=workers)
    parcel_zone = pd.DataFrame(
        {"parcel_id": parcels.index[left], "zone_id": zones.index[right], "area": area}
    )
    buildings = None
    if "buildings" in study.layers:
        buildings = study.layers["buildings"].frame
        if standing is not None:
            buildings = buildings[standing.reindex(buildings.index).fillna(True).to_numpy(dtype=bool)]
    plans = list(study.plans.values()) if plans is None else plans
    covers = _Covers(measure, buildings, workers)
    on_parcels = covers.on(parcels, "parcel_id")
    on_zones = covers.on(zones, "zone_id")
    return Ledger(
        parcel_area=pd.Series(measure.units(parcel_shapes), parcels.index, name="area"),
        parcel_perimeter_m=pd.Series(shapely.length(parcel_shapes), parcels.index),
        zone_area=pd.Series(measure.units(zone_shapes), zones.index, name="area"),
        zone_perimeter_m=pd.Series(shapely.length(zone_shapes), zones.index),
        parcel_zone=parcel_zone,
        building_area=covers.footprints(),
        parcel_cover=on_parcels[0],
        zone_cover=on_zones[0],
        parcel_cover_perimeter_m=on_parcels[1],
        zone_cover_perimeter_m=on_zones[1],
        parcel_building=on_parcels[2],
        zone_building=on_zones[2],
        plan_shares=plan_shares(parcels.geometry, plans, measure, threads=workers),
    )


class _Covers:
    """Footprints against any layer of ground: union, pieces and length of outline."""

    def __init__(self, measure: AreaMeasure, buildings: pd.DataFrame | None, workers: int) -> None:
        self.measure = measure
        self.workers = workers
        self.frame = buildings

    def footprints(self) -> pd.Series | None:
        if self.frame is None:
            return None
        return pd.Series(self.measure.units(self.frame.geometry.to_numpy()), self.frame.index, name="area")

    def on(
        self, ground: pd.DataFrame, key: str
    ) -> tuple[pd.Series | None, pd.Series | None, pd.DataFrame | None]:
        if self.frame is None:
            return None, None, None
        shapes = self.frame.geometry.to_numpy()
        own = ground.geometry.to_numpy()
        left, right, area = overlap_pairs(own, shapes, self.measure, threads=self.workers)
        cover: IntArray = covered_units(own, shapes, self.measure, threads=self.workers)
        whole = np.maximum(self.measure.units(shapes)[right], 1)
        outline = shapely.length(shapes)[right] * (area / whole)
        lengths = np.bincount(left, weights=outline, minlength=len(own))
        pieces = pd.DataFrame({key: ground.index[left], "building_id": self.frame.index[right], "area": area})
        return pd.Series(cover, ground.index, name="area"), pd.Series(lengths, ground.index), pieces
