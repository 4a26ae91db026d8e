"""Where plans disagree with one another inside a drawn boundary."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from landzone.alignment.boundary import Drawn, Names, said_of
from landzone.alignment.ground import PLAN_ROLE
from landzone.alignment.pair_table import AlignmentTypes, Kind
from landzone.alignment.patches import difference_patches
from landzone.model.layer import SpatialPlan
from landzone.model.study import AlignmentSettings

_LISTED = (Kind.CONFLICT, Kind.PRECISION)
_KEPT = [
    "patch_id",
    "kind",
    "type",
    "severity",
    "plan_a",
    "plan_b",
    "area",
    "width_m",
    "is_small",
    "geometry",
]


def boundary_disagreements(
    drawn: Drawn,
    plans: Sequence[SpatialPlan],
    settings: AlignmentSettings,
    types: AlignmentTypes,
    names: Names,
) -> pd.DataFrame:
    """List the ground of a boundary on which two plans say different things, as the patches of an audit do.

    The boundary stands for the zone: connected ground with one combination of codes, conflict or precision by width.
    Differences that are only drawn differently are listed, too, after the conflicts.

    Parameters
    ----------
    plans : sequence of SpatialPlan
        Those that are judged by; fewer than two of role ``plan`` have nothing to disagree about.

    Returns
    -------
    DataFrame
        ``patch_id, kind`` (conflict precision), ``type, severity, plan_a, plan_b, code_a, class_a, code_b, class_b,
        area`` (1e-4 m²), ``width_m, is_small, geometry``; by kind, then by rank, then largest first.
    """
    compared = {plan.name: plan for plan in plans if plan.role == PLAN_ROLE and len(plan.layer.frame)}
    if len(compared) < 2:
        return pd.DataFrame(columns=[*_KEPT, "code_a", "class_a", "code_b", "class_b"])
    zone = gpd.GeoSeries(
        [drawn.shape], index=[drawn.boundary_id], crs=next(iter(compared.values())).layer.frame.crs
    )
    found = difference_patches(zone, list(compared.values()), drawn.measure, settings, types)
    found = found[found["kind"].isin(_LISTED)]
    order = pd.DataFrame(
        {
            "kind": found["kind"] != Kind.CONFLICT,
            "rank": found["rank"],
            "area": -found["area"],
            "id": found["patch_id"],
        }
    )
    found = found.loc[order.sort_values(list(order.columns)).index]
    table = pd.DataFrame(found[_KEPT])
    called = {name: names(plan) for name, plan in compared.items()}
    for side in ("a", "b"):
        plan = found[f"plan_{side}"].astype(str)
        codes = [found.at[row, f"{name}_code"] for row, name in plan.items()]
        table[f"code_{side}"] = np.array(codes, dtype=object)
        table[f"class_{side}"] = [said_of(str(c), called[n]) for c, n in zip(codes, plan, strict=True)]
    return table.reset_index(drop=True)
