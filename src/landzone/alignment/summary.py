"""What the difference patches add up to: plan against plan, and zone by zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landzone.alignment.pair_table import AlignmentTypes, Kind, PlaceClass
from landzone.geometry.clusters import connected, float_sums, groups, whole_sums
from landzone.geometry.overlay import Dissolved
from landzone.geometry.width import is_sliver
from landzone.model.study import AlignmentSettings
from landzone.units import FloatArray, IntArray, to_m2

KINDS = (Kind.AGREE, Kind.CONFLICT, Kind.PRECISION, Kind.UNCOVERED)


@dataclass(frozen=True)
class PatchGraph:
    """Patches with their neighbours: labels are zone, then the class of each plan; ``units`` in 1e-4 m²."""

    ground: Dissolved
    units: IntArray
    plans: tuple[str, ...]


def pair_matrix(
    graph: PatchGraph,
    classes: Sequence[tuple[PlaceClass, ...]],
    settings: AlignmentSettings,
    types: AlignmentTypes,
) -> pd.DataFrame:
    """Each plan against each other, as if the two were compared alone.

    Patches are joined again across the borders of all other plans, so that a conflict cut to strips by a third
    plan stays a conflict.

    alignment_ratio = (agree + precision) ÷ (all − uncovered); NaN where nothing is covered by both.

    Returns
    -------
    DataFrame
        ``plan_a, plan_b`` (a before b by name), ``agree_m2, conflict_m2, precision_m2, uncovered_m2``,
        ``alignment_ratio``; the four areas sum to the zones.
    """
    rows = []
    for a, b in combinations(range(len(graph.plans)), 2):
        sums = _compare(graph, a, b, (classes[a], classes[b]), settings, types)
        rows.append([graph.plans[a], graph.plans[b], *sums])
    table = pd.DataFrame(rows, columns=["plan_a", "plan_b", *KINDS])
    kinds: dict[str, str] = {"plan_a": "str", "plan_b": "str"}
    table = table.astype(kinds | {str(kind): "int64" for kind in KINDS})
    return _finish(table[["plan_a", "plan_b"]], [table[kind].to_numpy() for kind in KINDS])


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
    table = _finish(pd.DataFrame(index=index), sums)
    counted = area > 0
    for one in (Kind.CONFLICT, Kind.PRECISION):
        table[f"{one}_count"] = np.bincount(place[(kind == one) & counted], minlength=len(index))
    return table


def _finish(table: pd.DataFrame, sums: Sequence[IntArray]) -> pd.DataFrame:
    agree, conflict, precision, _ = sums
    table = table.assign(**{f"{kind}_m2": to_m2(units) for kind, units in zip(KINDS, sums, strict=True)})
    known = agree + conflict + precision
    ratio: FloatArray = np.full(len(known), np.nan)
    np.divide(agree + precision, known, out=ratio, where=known > 0)
    return table.assign(alignment_ratio=ratio)


def _compare(
    graph: PatchGraph,
    a: int,
    b: int,
    classes: tuple[tuple[PlaceClass, ...], tuple[PlaceClass, ...]],
    settings: AlignmentSettings,
    types: AlignmentTypes,
) -> list[int]:
    """Return agree, conflict, precision and uncovered of two plans, 1e-4 m²."""
    ground = graph.ground
    labels = ground.labels[:, [0, a + 1, b + 1]]
    same = np.all(labels[ground.first] == labels[ground.second], axis=1)
    member = connected(len(labels), ground.first[same], ground.second[same])
    combination, number = np.unique(labels[:, 1:], axis=0, return_inverse=True)
    found = [
        types.combination([own[one] if one >= 0 else None for own, one in zip(classes, row, strict=True)])[0]
        for row in combination
    ]
    kind = np.array(found, dtype=object)[np.asarray(number).reshape(-1)]
    conflict = kind == Kind.CONFLICT
    sliver = np.zeros(len(labels), dtype=np.bool_)
    sliver[conflict] = _noise(ground, member, conflict, same, settings.sliver_width_m)
    kind[sliver] = Kind.PRECISION
    return [int(graph.units[kind == one].sum()) for one in KINDS]


def _noise(
    ground: Dissolved, member: IntArray, chosen: np.ndarray, same: np.ndarray, width: float
) -> np.ndarray:
    """Tell for the chosen patches whether the joined ground they belong to is a sliver."""
    count = len(member)
    area = float_sums(shapely.area(ground.shapes), member, count)
    outline = float_sums(shapely.length(ground.shapes), member, count)
    outline -= 2 * float_sums(ground.border_m[same], member[ground.first[same]], count)
    narrow = 2 * area < width * outline
    doubtful = narrow & (area >= np.pi * width**2)
    rows = np.flatnonzero(chosen & doubtful[member])
    joined = [(head, shapely.union_all(ground.shapes[rows[part]])) for head, part in groups(member[rows])]
    heads = [head for head, _ in joined]
    narrow[heads] = is_sliver(np.array([shape for _, shape in joined], dtype=object), width)
    return np.asarray(narrow[member[chosen]])
