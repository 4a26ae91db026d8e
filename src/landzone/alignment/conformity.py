"""Whether construction on a parcel conforms to all plans and lines of control."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landzone.alignment.ground import Plan, PlanGround, plan_grounds
from landzone.alignment.pair_table import CONSTRUCTION, UNKNOWN
from landzone.alignment.shares import ground_shares
from landzone.geometry.clusters import whole_sums
from landzone.geometry.grid_cut import Shapes
from landzone.geometry.pairs import Measure, shared_ground
from landzone.geometry.width import is_sliver
from landzone.model.ids import places
from landzone.model.study import AlignmentSettings

CONDITIONAL = "K"


class Conformity(StrEnum):
    """The four answers for a parcel."""

    CONFORMS = "conforms"
    PARTLY = "partly"
    CONFLICTS = "conflicts"
    NO_PLAN = "no_plan"


def conformity(
    parcels: gpd.GeoSeries,
    plans: Sequence[Plan],
    hit: pd.Index,
    measure: Measure,
    settings: AlignmentSettings,
    *,
    shares: pd.DataFrame | None = None,
    threads: int = 1,
) -> pd.Series:
    """Conformity of every parcel with all plans (role ``plan``) and constraints.

    ===========  ==================================================================================================
    no_plan      no plan says anything on the parcel (``?`` says nothing)
    conforms     every plan says C (K is not enough) on all of it but slivers, and no constraint is hit
    conflicts    no ground but slivers is left on which a plan says C or K and none says R, P, N or W
    partly       anything else, for instance K alone, a plan that covers only a part, a hit however small
    ===========  ==================================================================================================

    Slivers are told by width alone, as in ``geometry.width.is_sliver``; on a parcel that is itself narrower
    than that nothing counts as a sliver.

    Parameters
    ----------
    parcels : GeoSeries of polygons, index ``parcel_id``
    plans : sequence of SpatialPlan or PlanGround
    hit : Index of parcel ids
        Parcels that a constraint hits (``constraints.hit_parcels``).
    measure, settings
        Area method and sliver width of the study.
    shares : DataFrame, optional
        ``plan_shares`` of the same parcels and plans, where they are known already.

    Returns
    -------
    Series of str, index ``parcel_id``
    """
    grounds = plan_grounds(plans)
    shapes = parcels.to_numpy()
    count = len(shapes)
    if shares is None:
        shares = ground_shares(parcels, grounds, measure, threads=threads)
    shares = shares[shares["plan"].isin([ground.name for ground in grounds])]
    place = places(shares["parcel_id"], parcels.index)
    area = shares["area"].to_numpy()
    says, allows, forbids = _said(shares["common"])
    known, allowed, forbidden = (_any(place[flag], count) for flag in (says, allows, forbids))
    thin = is_sliver(shapes, settings.sliver_width_m)
    whole = measure.units(shapes) if count else np.zeros(0, np.int64)
    full = known & ~parcels.index.isin(hit)
    for ground in grounds:
        mine = (shares["plan"] == ground.name).to_numpy() & (shares["common"] == CONSTRUCTION).to_numpy()
        built = whole_sums(area[mine], place[mine], count)
        doubtful = np.flatnonzero(full & (built < whole) & (built > 0) & ~thin)
        full &= built >= whole
        full[doubtful] = _only_slivers_left(shapes[doubtful], ground, measure, settings)
    conflicts = known & ~allowed
    conflicts |= known & (_most(area * forbids, shares["plan"], place, count) >= whole)
    mixed = np.flatnonzero(allowed & forbidden & ~full & ~conflicts)
    width = np.where(thin[mixed], 0.0, settings.sliver_width_m)
    conflicts[mixed] = ~_open_ground(shapes[mixed], grounds, measure, width)
    answer = np.full(count, Conformity.PARTLY, dtype=object)
    answer[conflicts] = Conformity.CONFLICTS
    answer[full] = Conformity.CONFORMS
    answer[~known] = Conformity.NO_PLAN
    return pd.Series([str(one) for one in answer], index=parcels.index, name="conformity", dtype="str")


def with_hits(
    answers: pd.Series,
    hit: pd.Index,
    parcels: gpd.GeoSeries,
    plans: Sequence[Plan],
    measure: Measure,
    settings: AlignmentSettings,
    shares: pd.DataFrame,
) -> pd.Series:
    """Return the conformity of parcels once lines of control are known, from ``answers`` that leave them aside.

    A line changes the answer of no parcel but one that would conform: only those that are hit are judged again.
    """
    again = answers.index[(answers == Conformity.CONFORMS).to_numpy() & answers.index.isin(hit)]
    if not len(again):
        return answers
    own = shares[shares["parcel_id"].isin(again)]
    judged = conformity(parcels.loc[again], plans, hit, measure, settings, shares=own)
    changed = answers.copy()
    changed.loc[again] = judged
    return changed


def _said(common: pd.Series) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell for each share whether its plan says anything, whether it says C or K, and whether it says anything else."""
    codes, texts = pd.factorize(common)
    claims = [frozenset(str(text).split("|")) for text in texts]
    open_to = frozenset({CONSTRUCTION, CONDITIONAL})
    says = [claim != {UNKNOWN} for claim in claims]
    allows = [bool(claim & open_to) for claim in claims]
    forbids = [bool(claim - open_to - {UNKNOWN}) for claim in claims]
    said = (np.array(flags, dtype=np.bool_)[codes] for flags in (says, allows, forbids))
    return tuple(said)


def _any(place: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    flags = np.zeros(count, dtype=np.bool_)
    flags[place] = True
    return flags


def _most(
    units: NDArray[np.int64], plan: pd.Series, place: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Return the largest sum any one plan reaches on each parcel."""
    most = np.zeros(count, dtype=np.int64)
    for name in plan.unique():
        mine = (plan == name).to_numpy()
        most = np.maximum(most, whole_sums(units[mine], place[mine], count))
    return most


def _united(parcels: Shapes, ground: Shapes, measure: Measure) -> Shapes:
    """Return what of each parcel lies under the ground, as one shape."""
    shared = shared_ground(parcels, ground, measure, pieces=True)
    united = np.full(len(parcels), shapely.Polygon(), dtype=object)
    assert shared.shapes is not None
    order = np.argsort(shared.left, kind="stable")
    places, owner, many = np.unique(shared.left[order], return_inverse=True, return_counts=True)
    if len(places):
        pieces = shapely.geometrycollections(shared.shapes[order], indices=owner)
        single = order[np.cumsum(many) - 1]
        united[places] = np.where(many > 1, shapely.union_all(pieces[:, None], axis=1), shared.shapes[single])
    return united


def _only_slivers_left(
    parcels: Shapes, ground: PlanGround, measure: Measure, settings: AlignmentSettings
) -> NDArray[np.bool_]:
    """Tell where nothing but slivers of a parcel lies outside the ground on which a plan says C alone."""
    only = np.array(
        [{claim[0] for claim in one.members} == {CONSTRUCTION} for one in ground.classes], dtype=bool
    )
    built = ground.shapes[only[ground.label]]
    rest = shapely.difference(parcels, _united(parcels, built, measure))
    return ~_has_ground(rest, np.full(len(rest), settings.sliver_width_m))


def _open_ground(
    parcels: Shapes, grounds: Sequence[PlanGround], measure: Measure, width: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Tell where ground wider than a sliver is left on which a plan says C or K and none forbids."""
    free, barred = [], []
    for ground in grounds:
        commons = {claim[0] for one in ground.classes for claim in one.members}
        free.append(ground.with_any(frozenset({CONSTRUCTION, CONDITIONAL}))[0])
        barred.append(ground.with_any(frozenset(commons - {CONSTRUCTION, CONDITIONAL, UNKNOWN}))[0])
    allowed = _united(parcels, np.concatenate(free), measure) if len(parcels) else parcels
    forbidden = _united(parcels, np.concatenate(barred), measure) if len(parcels) else parcels
    return _has_ground(shapely.difference(allowed, forbidden), width)


def _has_ground(shapes: Shapes, width: NDArray[np.float64]) -> NDArray[np.bool_]:
    parts, owner = shapely.get_parts(shapes, return_index=True)
    ground = (shapely.get_type_id(parts) == 3) & (shapely.area(parts) * 10_000 >= 0.5)
    parts, owner = parts[ground], owner[ground]
    found = np.zeros(len(shapes), dtype=np.bool_)
    for one in np.unique(width):
        mine = width[owner] == one
        found[owner[mine][~is_sliver(parts[mine], float(one))]] = True
    return found
