"""The conflicts of an audit: which plans are in dispute, how much ground it is about, which comes first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landzone.alignment.disagreement import Disagreement, Verdicts, joined_shapes
from landzone.alignment.pair_table import AlignmentTypes
from landzone.alignment.summary import Comparison
from landzone.geometry.clusters import whole_sums
from landzone.geometry.overlay import Dissolved
from landzone.geometry.width import widest_m
from landzone.model.study import AlignmentSettings
from landzone.units import AREA_UNITS_PER_M2, FloatArray, IntArray, to_m2


def disputes(
    ground: Dissolved,
    ids: list[str],
    compared: Comparison,
    verdicts: Verdicts,
    settings: AlignmentSettings,
    types: AlignmentTypes,
) -> pd.DataFrame:
    """Say of every patch that disagrees what the disagreement is about.

    One conflict is the ground on which two plans disagree under the same two codes, joined across the borders of all
    other plans. A patch belongs to the gravest conflict that lies on it, ties to the first two plans by name.

    Returns
    -------
    DataFrame, one row a patch; missing where no plans disagree
        ``is_small`` (a conflict under ``small_area_m2``), ``conflict_id`` (id of the largest patch of the conflict),
        ``rank`` (1 is the first to look at: by severity, then by area, then by id), ``plan_a, plan_b`` (the two plans;
        the same name twice: a plan that contradicts itself), ``disputing_plans`` (all that take part in a disagreement
        there, joined by ``|``), ``joined_m2`` and ``joined_width_m`` (area and mean width of the joined ground),
        ``widest_m`` (width of its widest part). ``conflict_id``, ``rank`` and
        ``widest_m`` stand for conflicts only.
    """
    count, plans = len(ground.shapes), np.array([*compared.plans, None], dtype=object)
    key = np.full(count, -1, dtype=np.int64)
    first, second = np.full(count, -1), np.full(count, -1)
    area = np.zeros(count, dtype=np.int64)
    width, widest = np.full(count, np.nan), np.full(count, np.nan)
    part = np.zeros((count, len(compared.plans)), dtype=np.bool_)
    for number, pair in enumerate(compared.found):
        counts = pair.noise == verdicts.noise[pair.rows]
        part[pair.rows[counts], pair.first] = part[pair.rows[counts], pair.second] = True
        mine = verdicts.pair[pair.rows] == number
        rows, head = pair.rows[mine], pair.head[mine]
        key[rows] = number * count + head
        first[rows], second[rows] = pair.first, pair.second
        area[rows] = whole_sums(compared.units[pair.rows], pair.head, count)[head]
        width[rows] = pair.width_m[mine]
        widest[rows] = _widest(ground, pair, np.unique(head[~pair.noise[mine]]), count)[head]
    conflict = verdicts.conflict
    key[~conflict] = -1
    chief, rank = _ranked(key, area, compared.units, verdicts, ids, types)
    joined = np.where(conflict | verdicts.noise, to_m2(area), np.nan)
    return pd.DataFrame(
        {
            "is_small": conflict & (area < settings.small_area_m2 * AREA_UNITS_PER_M2),
            "conflict_id": pd.Series(chief, dtype="str"),
            "rank": rank,
            "plan_a": pd.Series(plans[first], dtype="str"),
            "plan_b": pd.Series(plans[second], dtype="str"),
            "disputing_plans": pd.Series(_names(part, compared.plans), dtype="str"),
            "joined_m2": joined,
            "joined_width_m": width,
            "widest_m": widest,
        }
    )


def _widest(ground: Dissolved, pair: Disagreement, heads: IntArray, count: int) -> FloatArray:
    """Return the width of the widest part of each joined ground asked for, at the place of its head."""
    widest = np.full(count, np.nan)
    asked = np.isin(pair.head, heads)
    own, joined = joined_shapes(ground, pair.rows[asked], pair.head[asked])
    if len(own):
        widest[own] = widest_m(joined)
    return widest


def _ranked(
    key: IntArray, area: IntArray, units: IntArray, verdicts: Verdicts, ids: list[str], types: AlignmentTypes
) -> tuple[np.ndarray, pd.Series]:
    """Return the id and the rank of the conflict of each patch."""
    rows = np.flatnonzero(key >= 0)
    names = np.array(ids, dtype=object)
    chief: np.ndarray = np.full(len(key), None, dtype=object)
    rank = pd.Series(pd.NA, index=range(len(key)), dtype="Int64")
    if not len(rows):
        return chief, rank
    largest = rows[np.lexsort((rows, -units[rows], key[rows]))]
    head = largest[np.r_[True, key[largest][1:] != key[largest][:-1]]]
    gravity = {one.rank: types.severities.index(one.severity) for one in types.types.values()}
    grave = np.array([gravity[one] for one in verdicts.rank[head].tolist()], dtype=np.int64)
    order = np.lexsort((names[head].astype(str), -area[head], -grave))
    place = np.empty(len(head), dtype=np.int64)
    place[order] = np.arange(1, len(head) + 1)
    number = np.searchsorted(key[head], key[rows])
    chief[rows] = names[head[number]]
    rank[rows] = place[number]
    return chief, rank


def _names(part: np.ndarray, plans: tuple[str, ...]) -> np.ndarray:
    """Return the names of the plans of each row, joined by ``|``; missing where there are none."""
    said: np.ndarray = np.full(len(part), None, dtype=object)
    rows = np.flatnonzero(part.any(axis=1))
    if len(rows):
        sets, number = np.unique(part[rows], axis=0, return_inverse=True)
        texts = np.array(["|".join(np.array(plans)[one].tolist()) for one in sets], dtype=object)
        said[rows] = texts[np.asarray(number).reshape(-1)]
    return said
