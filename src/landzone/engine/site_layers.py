"""Measures the layers beside parcels and buildings on zones: green areas, villages."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landzone.engine.direct import area_measure
from landzone.geometry.coverage import covered_units
from landzone.geometry.overlay import overlap_pairs
from landzone.model.ledger import SiteLedger
from landzone.model.study import Study


def site_ledger(study: Study, workers: int = 1) -> SiteLedger:
    """Measure what the layers of a study add to its zones, in whole units of 1e-4 m².

    Parameters
    ----------
    study : Study
    workers : int
        Threads in which the geometry library works; no result depends on it.
    """
    measure = area_measure(study)
    zones = study.layers["zones"].frame
    own = zones.geometry.to_numpy()
    green = villages = None
    if "green" in study.layers:
        shapes = study.layers["green"].frame.geometry.to_numpy()
        green = pd.Series(covered_units(own, shapes, measure, threads=workers), zones.index, name="area")
    if "villages" in study.layers:
        frame = study.layers["villages"].frame
        left, right, _ = overlap_pairs(own, frame.geometry.to_numpy(), measure, threads=workers)
        code = frame.get("township_code", pd.Series(np.nan, index=frame.index, dtype="str"))
        villages = pd.DataFrame(
            {
                "zone_id": zones.index[left],
                "village_id": frame.index[right].astype("str"),
                "township_code": code.to_numpy(dtype=object)[right],
            }
        )
    return SiteLedger(green, villages)
