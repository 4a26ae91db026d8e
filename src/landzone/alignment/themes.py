"""What concerns each parcel, theme by theme: concerned, not concerned, or no data.

After the Swiss cadastre of public-law restrictions on land ownership (ÖREB): its extract lists for every parcel the
themes that concern it, those that do not, and those for which there are no data yet. A missing layer is never the same
as a clean answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from landzone.model.coded import coded
from landzone.model.ids import places, ranks
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
        ``constraint``), ``state``, these three as categories; ``area`` (1e-4 m²), ``area_m2``, ``share_ratio`` of the
        measured parcel. Sorted by parcel and theme.
    """
    whole = measure.units(parcels.to_numpy()) if len(parcels) else np.zeros(0, np.int64)
    found = []
    for plan in plans:
        if plan.role == PLAN_ROLE:
            own = shares[(shares["plan"] == plan.name) & (shares["common"] != UNKNOWN)]
            area = whole_sums(own["area"].to_numpy(), places(own["parcel_id"], parcels.index), len(parcels))
            found.append(_Theme(plan.name, "plan", area, State.NO_DATA))
    for line in constraints:
        under = _under(line, parcels, covered, measure, threads)
        area = whole - under if line.rule == INSIDE else under
        found.append(_Theme(line.name, "constraint", area, State.NOT_CONCERNED))
    return _table(sorted(found, key=lambda one: one.name), sorted(missing), parcels.index, whole)


@dataclass(frozen=True)
class _Theme:
    """Ground of every parcel that a theme concerns, and the answer where there is none."""

    name: str
    kind: str
    area: IntArray
    nothing: State


def _table(themes: Sequence[_Theme], missing: Sequence[str], ids: pd.Index, whole: IntArray) -> pd.DataFrame:
    """Return the rows parcel by parcel, at last those of themes without a layer, which speak of no parcel."""
    order = np.argsort(ranks(ids), kind="stable")
    rows, last = len(ids) * len(themes), len(missing)

    def column(values: Sequence[IntArray], end: int) -> IntArray:
        every = np.stack(values, axis=1)[order].ravel() if values else np.zeros(0, np.int64)
        return np.concatenate([every, np.full(last, end, dtype=np.int64)]).astype(np.int64)

    states = list(State)
    answers = [
        np.where(one.area > 0, states.index(State.CONCERNED), states.index(one.nothing)) for one in themes
    ]
    area, state = column([one.area for one in themes], 0), column(answers, states.index(State.NO_DATA))
    ground = np.concatenate([np.repeat(whole[order], len(themes)), np.zeros(last, np.int64)])
    known = state != states.index(State.NO_DATA)
    parcel = np.concatenate([np.repeat(order, len(themes)), np.full(last, -1)])
    theme = np.concatenate([np.tile(np.arange(len(themes)), len(ids)), np.arange(last) + len(themes)])
    kinds = [*(one.kind for one in themes), *(["constraint"] * last)]
    columns = {
        "parcel_id": pd.array(ids, dtype="str").take(parcel, allow_fill=True),
        "theme": coded([*(one.name for one in themes), *missing], theme),
        "theme_kind": coded(kinds, theme),
        "state": coded([str(one) for one in states], state),
        "area": area,
        "area_m2": np.where(known, to_m2(area), np.nan),
        "share_ratio": np.where(known & (ground > 0), area / np.maximum(ground, 1), np.nan),
    }
    assert len(area) == rows + last
    return pd.DataFrame(columns, copy=False)


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
