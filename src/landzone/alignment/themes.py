"""What concerns each parcel, theme by theme: concerned, not concerned, or no data.

After the Swiss cadastre of public-law restrictions on land ownership (ÖREB): its extract lists for every parcel the
themes that concern it, those that do not, and those for which there are no data yet. A missing layer is never the same
as a clean answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import geopandas as gpd
import numpy as np
import pandas as pd

from landzone.alignment.constraints import INSIDE
from landzone.alignment.ground import PLAN_ROLE, PlanGround
from landzone.alignment.pair_table import UNKNOWN
from landzone.geometry.clusters import whole_sums
from landzone.geometry.coverage import covered_units
from landzone.geometry.pairs import Measure
from landzone.model.layer import Constraint
from landzone.units import IntArray, to_m2


class State(StrEnum):
    """The three answers of the extract."""

    CONCERNED = "concerned"
    NOT_CONCERNED = "not_concerned"
    NO_DATA = "no_data"


def parcel_themes(
    parcels: gpd.GeoSeries,
    shares: pd.DataFrame,
    plans: Sequence[PlanGround],
    constraints: Sequence[Constraint],
    missing: Sequence[str],
    measure: Measure,
    *,
    covered: Mapping[str, pd.Series] | None = None,
    threads: int = 1,
) -> pd.DataFrame:
    """Tell for every parcel which plans and lines of control concern it.

    A plan concerns a parcel on the ground where it says something (``?`` says nothing); where it says nothing on the
    whole parcel there are no data. A line concerns it on the ground under it (``presence``), or outside it
    (``inside``); else it does not concern it.

    Parameters
    ----------
    parcels : GeoSeries of polygons, index ``parcel_id``
    shares : DataFrame
        ``plan_shares`` of the parcels.
    plans, constraints
        Plans of role ``plan`` and all lines of control of the study.
    missing : sequence of str
        Lines that every such study should have and this one has not: one row each without a parcel, for all parcels.
    measure : area method of the study
    covered : mapping of str to Series of int64, optional
        Ground of the parcels under each line (1e-4 m²), where it is known already.

    Returns
    -------
    DataFrame
        ``parcel_id`` (missing: every parcel), ``theme`` (name of the plan or line), ``theme_kind`` (``plan`` or
        ``constraint``), ``state``, ``area`` (1e-4 m²), ``area_m2``, ``share_ratio`` of the measured parcel.
    """
    whole = measure.units(parcels.to_numpy()) if len(parcels) else np.zeros(0, np.int64)
    parts = []
    for plan in sorted((one for one in plans if one.role == PLAN_ROLE), key=lambda one: one.name):
        own = shares[(shares["plan"] == plan.name) & (shares["common"] != UNKNOWN)]
        place = parcels.index.get_indexer(own["parcel_id"])
        area = whole_sums(own["area"].to_numpy(), place, len(parcels))
        state = np.where(area > 0, State.CONCERNED, State.NO_DATA)
        parts.append(_rows(parcels.index, plan.name, "plan", state, area, whole))
    for line in sorted(constraints, key=lambda one: one.name):
        under = _under(line, parcels, covered, measure, threads)
        area = whole - under if line.rule == INSIDE else under
        state = np.where(area > 0, State.CONCERNED, State.NOT_CONCERNED)
        parts.append(_rows(parcels.index, line.name, "constraint", state, area, whole))
    none = np.zeros(1, dtype=np.int64)
    unknown = np.array([State.NO_DATA])
    parts += [_rows(pd.Index([None]), name, "constraint", unknown, none, none) for name in sorted(missing)]
    kinds = {"parcel_id": "str", "theme": "str", "theme_kind": "str", "state": "str", "area": "int64"}
    table = pd.concat(parts) if parts else pd.DataFrame(columns=[*kinds, "area_m2", "share_ratio"])
    table = table.astype(kinds | {"area_m2": "float64", "share_ratio": "float64"})
    return table.sort_values(["parcel_id", "theme"], kind="stable", ignore_index=True)


def _under(
    line: Constraint,
    parcels: gpd.GeoSeries,
    covered: Mapping[str, pd.Series] | None,
    measure: Measure,
    threads: int,
) -> IntArray:
    if covered is not None:
        return np.asarray(covered[line.name].reindex(parcels.index).to_numpy(), dtype=np.int64)
    shapes = np.asarray(line.layer.frame.geometry.to_numpy(), dtype=object)
    return covered_units(parcels.to_numpy(), shapes, measure, threads=threads)


def _rows(
    ids: pd.Index, theme: str, kind: str, state: np.ndarray, area: IntArray, whole: IntArray
) -> pd.DataFrame:
    known = state != State.NO_DATA
    share = np.where(known & (whole > 0), area / np.maximum(whole, 1), np.nan)
    m2 = np.where(known, to_m2(area), np.nan)
    texts = [str(one) for one in state]
    return pd.DataFrame(
        {
            "parcel_id": ids.to_numpy(dtype=object),
            "theme": theme,
            "theme_kind": kind,
            "state": texts,
            "area": area,
            "area_m2": m2,
            "share_ratio": share,
        }
    )
