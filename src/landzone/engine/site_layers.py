"""Measures the layers beside parcels and buildings: structures, green areas, villages, phases."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landzone.engine.direct import area_measure
from landzone.geometry.coverage import covered_units
from landzone.geometry.overlay import overlap_pairs
from landzone.model.ledger import SiteLedger
from landzone.model.study import Study


def site_ledger(study: Study, standing: pd.Series | None = None, workers: int = 1) -> SiteLedger:
    """Measure what the layers of a study add, in whole units of 1e-4 m².

    Parameters
    ----------
    study : Study
    standing : Series of bool, optional
        Buildings that count (index ``building_id``); all of them where absent.
    workers : int
        Threads in which the geometry library works; no result depends on it.
    """
    measure = area_measure(study)
    parcels, zones = study.layers["parcels"].frame, study.layers["zones"].frame

    def cover(ground: pd.DataFrame, *layers: pd.DataFrame) -> pd.Series:
        shapes = np.concatenate([layer.geometry.to_numpy() for layer in layers])
        units = covered_units(ground.geometry.to_numpy(), shapes, measure, threads=workers)
        return pd.Series(units, ground.index, name="area")

    site_cover = green = zone_green = villages = phases = None
    if "structures" in study.layers and "buildings" in study.layers:
        buildings = study.layers["buildings"].frame
        if standing is not None:
            buildings = buildings[standing.reindex(buildings.index).fillna(True).to_numpy(dtype=bool)]
        site_cover = cover(parcels, buildings, study.layers["structures"].frame)
    if "green" in study.layers:
        green, zone_green = (cover(ground, study.layers["green"].frame) for ground in (parcels, zones))
    if "villages" in study.layers:
        frame = study.layers["villages"].frame
        left, right, _ = overlap_pairs(
            zones.geometry.to_numpy(), frame.geometry.to_numpy(), measure, threads=workers
        )
        code = frame.get("township_code", pd.Series(np.nan, index=frame.index, dtype="str"))
        villages = pd.DataFrame(
            {
                "zone_id": zones.index[left],
                "village_id": frame.index[right].astype("str"),
                "township_code": code.to_numpy(dtype=object)[right],
            }
        )
    if "phases" in study.layers:
        frame = study.layers["phases"].frame
        left, right, area = overlap_pairs(
            parcels.geometry.to_numpy(), frame.geometry.to_numpy(), measure, threads=workers
        )
        words = frame["phase"].to_numpy(dtype=object)[right]
        phases = pd.DataFrame({"parcel_id": parcels.index[left], "phase": words, "area": area})
    return SiteLedger(site_cover, green, zone_green, villages, phases)
