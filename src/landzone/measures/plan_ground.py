"""Ground of a zone that the land-use plan allows to be built on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landzone.measures.bounded import quotient
from landzone.model.measures import Measured
from landzone.units import AREA_UNITS_PER_M2

PLAN = "land_use_plan"
NAME = "land_use_plan_construction_ratio"


def construction_share(
    patches: pd.DataFrame | None, zone_area: pd.Series, group: pd.Series | None = None
) -> Measured:
    """园区用地纳入土地利用总体规划: share of a zone in the construction area of the land-use plan.

    ``area of the patches where the plan says C / zone area``; NaN without a plan called ``land_use_plan``.

    Parameters
    ----------
    patches : DataFrame or None
        ``zone_id``, ``area_m2`` and ``land_use_plan_common``, as the comparison of plans returns them.
    zone_area : Series of int
        1e-4 m², index of the subjects.
    group : Series, optional
        Subject of each zone.

    Source
    ------
    鹤壁市产业集聚区建设工程2010年工作方案 附件 五(1).

    Examples
    --------
    >>> patches = pd.DataFrame({"zone_id": ["Z", "Z"], "area_m2": [30.0, 10.0], "land_use_plan_common": ["C", "P"]})
    >>> construction_share(patches, pd.Series({"Z": 400_000})).value.tolist()
    [0.75]
    """
    column = f"{PLAN}_common"
    whole = zone_area.astype("float64") / AREA_UNITS_PER_M2
    if patches is None or column not in patches:
        above = pd.Series(np.nan, index=zone_area.index)
    else:
        owner = patches["zone_id"] if group is None else patches["zone_id"].map(group)
        built = patches["area_m2"].where(patches[column] == "C", 0.0)
        units = (built * AREA_UNITS_PER_M2).round().astype("int64")
        above = units.groupby(owner).sum().reindex(zone_area.index, fill_value=0) / AREA_UNITS_PER_M2
    return quotient(NAME, "ratio", above, whole, ("m2", "m2"))
