"""What the difference patches add up to: plan against plan, plan by plan, zone by zone, class by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd

from landzone.alignment.disagreement import Disagreement, Mask
from landzone.alignment.ground import PlanGround
from landzone.alignment.pair_table import Kind
from landzone.geometry.clusters import whole_sums
from landzone.units import FloatArray, IntArray, to_m2

KINDS = (Kind.AGREE, Kind.CONFLICT, Kind.PRECISION, Kind.UNCOVERED)


@dataclass(frozen=True)
class Comparison:
    """Patches of all plans with what every two plans make of them.

    Attributes
    ----------
    plans : names in the order of the columns of ``said``
    said : shape (patches, plans), whether a plan says anything there (``?`` says nothing)
    found : the disagreements of every two plans
    zone : position of the zone of each patch
    units : area of each patch, 1e-4 m²
    """

    plans: tuple[str, ...]
    said: Mask
    found: Sequence[Disagreement]
    zone: IntArray
    units: IntArray


def says(labels: IntArray, grounds: Sequence[PlanGround]) -> Mask:
    """Tell for each patch and plan whether the plan says anything there."""
    said = np.zeros(labels.shape, dtype=np.bool_)
    for place, plan in enumerate(grounds):
        known = np.array([*[bool(one.present) for one in plan.classes], False], dtype=np.bool_)
        said[:, place] = known[labels[:, place]]
    return said


def pair_matrix(one: Comparison) -> pd.DataFrame:
    """Each plan against each other, as if the two were compared alone.

    Patches are joined again across the borders of all other plans, so that a conflict cut to strips by a third
    plan stays a conflict. The table is symmetric: each pair stands once.

    alignment_ratio = (agree + precision) ÷ (all − uncovered); NaN where nothing is covered by both.

    Returns
    -------
    DataFrame
        ``plan_a, plan_b`` (a before b by name), ``agree_m2, conflict_m2, precision_m2, uncovered_m2``,
        ``alignment_ratio``; the four areas sum to the zones.
    """
    rows, sums = [], []
    for a, b in combinations(range(len(one.plans)), 2):
        mine = [pair for pair in one.found if {pair.first, pair.second} <= {a, b}]
        kind = _kinds(one, mine, ~(one.said[:, a] & one.said[:, b]))
        rows.append((one.plans[a], one.plans[b]))
        sums.append([int(one.units[kind == place].sum()) for place in range(len(KINDS))])
    table = pd.DataFrame(rows, columns=["plan_a", "plan_b"]).astype({"plan_a": "str", "plan_b": "str"})
    return with_ratio(table, np.array(sums, dtype=np.int64).reshape(-1, len(KINDS)).T)


def plan_table(one: Comparison, zone_ids: pd.Index) -> pd.DataFrame:
    """How far each plan agrees with all the others, in all zones together and in each.

    Conflict of a plan is the ground on which it disagrees with any other plan, or with itself. Its ground is
    uncovered where it says nothing, or where no other plan does.

    alignment_ratio = (agree + precision) ÷ (all − uncovered); NaN where there is nothing to compare.

    Returns
    -------
    DataFrame
        ``plan, zone_id`` (missing: all zones together), ``agree_m2, conflict_m2, precision_m2, uncovered_m2``,
        ``alignment_ratio``.
    """
    rows: list[tuple[str, str | None]] = []
    sums = []
    for place, name in enumerate(one.plans):
        mine = [pair for pair in one.found if place in (pair.first, pair.second)]
        others = np.delete(one.said, place, axis=1).any(axis=1) | (len(one.plans) == 1)
        kind = _kinds(one, mine, ~(one.said[:, place] & others))
        by_zone = np.stack(
            [whole_sums(one.units[kind == k], one.zone[kind == k], len(zone_ids)) for k in range(len(KINDS))]
        )
        rows += [(name, None), *((name, str(zone)) for zone in zone_ids)]
        sums += [by_zone.sum(axis=1), *by_zone.T]
    table = pd.DataFrame(rows, columns=["plan", "zone_id"]).astype({"plan": "str", "zone_id": "str"})
    return with_ratio(table, np.array(sums, dtype=np.int64).reshape(-1, len(KINDS)).T)


def _kinds(one: Comparison, found: Sequence[Disagreement], absent: Mask) -> IntArray:
    """Return the place of the kind in ``KINDS`` for some of the disagreements; the gravest word counts."""
    kind = np.where(absent, KINDS.index(Kind.UNCOVERED), KINDS.index(Kind.AGREE)).astype(np.int64)
    for pair in found:
        kind[pair.rows[pair.noise]] = KINDS.index(Kind.PRECISION)
    for pair in found:
        kind[pair.rows[~pair.noise]] = KINDS.index(Kind.CONFLICT)
    return kind


def class_table(patches: gpd.GeoDataFrame, plans: Sequence[str]) -> pd.DataFrame:
    """Every combination of classes that occurs, with what it amounts to and how much ground it has.

    Returns
    -------
    DataFrame
        ``<plan>_code, <plan>_common`` of every plan (missing: absent), ``kind, type, severity, patches_count, area``
        (1e-4 m²), ``area_m2``; sorted by the codes. The areas sum to the zones.
    """
    said = [f"{plan}_{part}" for plan in plans for part in ("code", "common")]
    keys = [*said, "kind", "type", "severity"]
    grouped = patches.drop(columns="geometry").groupby(keys, dropna=False, sort=True)["area"]
    table = grouped.agg(patches_count="size", area="sum").reset_index()
    table = table.astype(dict.fromkeys(keys, "str") | {"patches_count": "int64", "area": "int64"})
    return table.assign(area_m2=to_m2(table["area"].to_numpy()))


def zone_alignment(patches: gpd.GeoDataFrame, zone_units: pd.Series) -> pd.DataFrame:
    """Sums of the patches by zone.

    Parameters
    ----------
    patches : GeoDataFrame of ``difference_patches``
    zone_units : Series of int64, 1e-4 m², index ``zone_id``
        Measured area of every zone; zones without patches get zeros.

    Returns
    -------
    DataFrame, index ``zone_id``
        ``agree_m2, conflict_m2, precision_m2, uncovered_m2, alignment_ratio`` and the numbers of patches
        ``conflict_count, precision_count``. The four areas sum to the zone.
    """
    index = zone_units.index
    place = index.get_indexer(patches["zone_id"])
    kind = patches["kind"].to_numpy()
    area = patches["area"].to_numpy()
    sums = [whole_sums(area[kind == one], place[kind == one], len(index)) for one in KINDS]
    table = with_ratio(pd.DataFrame(index=index), sums)
    counted = area > 0
    for one in (Kind.CONFLICT, Kind.PRECISION):
        table[f"{one}_count"] = np.bincount(place[(kind == one) & counted], minlength=len(index))
    return table


def with_ratio(table: pd.DataFrame, sums: Sequence[IntArray] | IntArray) -> pd.DataFrame:
    """Add ``agree_m2, conflict_m2, precision_m2, uncovered_m2, alignment_ratio`` to a table, from whole units by kind.

    ``sums``: shape (4, rows), 1e-4 m², in the order of ``KINDS``. The ratio is NaN where nothing is covered.
    """
    agree, conflict, precision, _ = sums
    table = table.assign(**{f"{kind}_m2": to_m2(units) for kind, units in zip(KINDS, sums, strict=True)})
    known = agree + conflict + precision
    ratio: FloatArray = np.full(len(known), np.nan)
    np.divide(agree + precision, known, out=ratio, where=known > 0)
    return table.assign(alignment_ratio=ratio)
