"""Ground of each parcel under each class of each plan, in whole units that never sum past the parcel."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from landzone.alignment.ground import Plan, PlanGround, plan_ground
from landzone.geometry.clusters import float_sums, groups, whole_sums
from landzone.geometry.grid_cut import Shapes
from landzone.geometry.pairs import Measure, shared_ground
from landzone.model.ids import places
from landzone.units import AREA_UNITS_PER_M2, FloatArray, IntArray, largest_remainder

COLUMNS = {"parcel_id": "str", "plan": "str", "code": "str", "common": "str", "area": "int64"}


def plan_shares(
    parcels: gpd.GeoSeries, plans: Sequence[Plan], measure: Measure, *, threads: int = 1
) -> pd.DataFrame:
    """Area of every parcel under every code of every plan.

    area = |parcel ∩ ground of the code|, 1e-4 m². Ground that a plan claims twice is counted once, under the
    codes joined by ``|``. Pieces that cover a parcel wholly sum to it exactly; pieces never sum past it.

    Parameters
    ----------
    parcels : GeoSeries of polygons, index ``parcel_id``
    plans : sequence of SpatialPlan or PlanGround, of any role
    measure : area method of the study

    Returns
    -------
    DataFrame
        ``parcel_id, plan, code, common, area``, sorted by these; only pieces with an area. A parcel that a plan
        does not cover has no row for it.
    """
    grounds = [plan_ground(plan) for plan in sorted(plans, key=lambda plan: plan.name)]
    return ground_shares(parcels, grounds, measure, threads=threads)


def ground_shares(
    parcels: gpd.GeoSeries, grounds: Sequence[PlanGround], measure: Measure, *, threads: int = 1
) -> pd.DataFrame:
    """``plan_shares`` for plans that have been made flat already."""
    shapes = parcels.to_numpy()
    whole = measure.units(shapes) if len(shapes) else np.zeros(0, np.int64)
    parts = []
    for ground in grounds:
        parcel, code, units = shares_by_class(shapes, ground, whole, measure, threads=threads)
        codes = np.array([one.code for one in ground.classes], dtype=object)
        commons = np.array([one.common for one in ground.classes], dtype=object)
        columns = [parcels.index.to_numpy()[parcel], ground.name, codes[code], commons[code], units]
        parts.append(pd.DataFrame(dict(zip(COLUMNS, columns, strict=True))))
    table = pd.concat(parts) if parts else pd.DataFrame(columns=list(COLUMNS))
    table = table[table["area"] > 0].astype(COLUMNS)
    return table.sort_values(["parcel_id", "plan", "code", "common"], kind="stable", ignore_index=True)


def shares_by_class(
    parcels: Shapes, ground: PlanGround, whole: IntArray, measure: Measure, *, threads: int = 1
) -> tuple[IntArray, IntArray, IntArray]:
    """Return (parcel, class of the plan, 1e-4 m²) of the ground they share, sorted; ``whole``: area of each parcel."""
    shared = shared_ground(parcels, ground.shapes, measure, threads=threads)
    label = ground.label[shared.right]
    size = max(len(ground.classes), 1)
    pairs, place = np.unique(shared.left * size + label, return_inverse=True)
    m2 = float_sums(shared.m2, place, len(pairs))
    parcel, code = pairs // size, pairs % size
    return parcel, code, round_to_totals(m2, parcel, whole)


def reconcile_shares(shares: pd.DataFrame, measured: pd.Series, land: pd.Series) -> IntArray:
    """Scale the shares of parcels to the area the audit uses, where that is not the measured one (证载面积).

    piece = share × used area ÷ measured area, rounded to whole units by largest remainder over all pieces of one plan
    on one parcel and the ground that the plan leaves open there: together they are the used area exactly. Ties go to
    the first piece.

    Parameters
    ----------
    shares : DataFrame of ``plan_shares``
    measured, land : Series of int64, 1e-4 m², index ``parcel_id``
        Measured area of each parcel, and the area the audit uses.

    Returns
    -------
    int64 array, one entry a row of ``shares``

    Examples
    --------
    >>> shares = pd.DataFrame({"parcel_id": ["p", "p"], "plan": "a", "area": [333, 667]})
    >>> reconcile_shares(shares, pd.Series([1000], ["p"]), pd.Series([1001], ["p"])).tolist()
    [333, 668]
    """
    place = places(shares["parcel_id"], measured.index)
    whole, used = measured.to_numpy(dtype=np.int64), land.reindex(measured.index).to_numpy(dtype=np.int64)
    units: IntArray = shares["area"].to_numpy(dtype=np.int64).copy()
    rows = np.flatnonzero((whole != used)[place])
    if not len(rows):
        return units
    plan, plans = pd.factorize(shares["plan"].iloc[rows])
    keys, group = np.unique(place[rows] * len(plans) + plan, return_inverse=True)
    parcel = keys // len(plans)
    rest = whole[parcel] - whole_sums(units[rows], group, len(keys))
    pieces = np.concatenate([units[rows], rest])
    member = np.concatenate([group, np.arange(len(keys))])
    factor = used[parcel] / whole[parcel]
    scaled = round_to_totals(pieces * factor[member] / AREA_UNITS_PER_M2, member, used[parcel])
    units[rows] = scaled[: len(rows)]
    return units


def round_to_totals(m2: FloatArray, group: IntArray, totals: IntArray) -> IntArray:
    """Round pieces of wholes to whole units of 1e-4 m².

    Where the pieces of a group add up to its total but for rounding, the units go by largest remainder so that
    they sum to it exactly. Where they fall short (gaps) each is rounded for itself. Where they pass it, they are
    scaled down to it.

    Parameters
    ----------
    m2 : float array
        Pieces in m².
    group : integer array, sorted
        Position in ``totals`` of the whole each piece belongs to.
    totals : int64 array
        Wholes in 1e-4 m².

    Examples
    --------
    >>> round_to_totals(np.array([1 / 3, 1 / 3, 1 / 3, 0.5]), np.array([0, 0, 0, 1]), np.array([10000, 9000])).tolist()
    [3334, 3333, 3333, 5000]
    """
    exact = np.asarray(m2, dtype=np.float64) * AREA_UNITS_PER_M2
    units = np.rint(exact).astype(np.int64)
    if not len(units):
        return units
    count = np.bincount(group, minlength=len(totals))
    floors = np.floor(exact).astype(np.int64)
    need = totals - whole_sums(floors, group, len(totals))
    slack = np.abs(totals - float_sums(exact, group, len(totals)))
    full = (slack <= 1 + 1e-9 * totals) & (need >= 0) & (need <= count)
    order = np.lexsort((np.arange(len(exact)), floors - exact, group))
    first = np.searchsorted(group[order], np.arange(len(totals)))
    rank = np.empty(len(exact), dtype=np.int64)
    rank[order] = np.arange(len(exact)) - first[group[order]]
    settled = full[group]
    units[settled] = (floors + (rank < need[group]))[settled]
    over = whole_sums(units, group, len(totals)) > totals
    rows = np.flatnonzero(over[group])
    for whole, part in groups(group[rows]):
        units[rows[part]] = largest_remainder(int(totals[whole]), units[rows[part]])
    return units
