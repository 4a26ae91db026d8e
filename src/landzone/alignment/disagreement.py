"""Where plans disagree two by two, and where such a disagreement is only two drawings of one line.

Each two plans are looked at alone: their patches are joined again across the borders of all other plans, and the
width of the joined ground decides. So a third plan can neither cut a real conflict into strips that pass for noise,
nor lend its own slivers the gravity of a conflict that lies beneath them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.alignment.ground import PlanGround
from landzone.alignment.pair_table import AlignmentTypes
from landzone.geometry.clusters import connected, float_sums
from landzone.geometry.dissolve import outlines
from landzone.geometry.grid_cut import Shapes
from landzone.geometry.overlay import Dissolved
from landzone.geometry.width import is_sliver
from landzone.units import FloatArray, IntArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Disagreement:
    """The patches on which two plans disagree; ``first == second``: one plan contradicts itself.

    Attributes
    ----------
    first, second : positions of the plans
    rows : positions of the patches, rising
    rank : gravity of the type of each (``DifferenceType.rank``)
    noise : the joined ground it belongs to is a sliver
    head : the first patch of that joined ground
    width_m : mean width of that joined ground, m
    """

    first: int
    second: int
    rows: IntArray
    rank: IntArray
    noise: Mask
    head: IntArray
    width_m: FloatArray


def disagreements(
    ground: Dissolved, grounds: Sequence[PlanGround], types: AlignmentTypes, width_m: float
) -> list[Disagreement]:
    """Compare every two plans, and each with itself, on the patches of all plans.

    Joined ground is what hangs together inside one zone under one class of each of the two plans. It is noise where
    ``geometry.width.is_sliver`` says so.

    Parameters
    ----------
    ground : Dissolved
        Patches of all plans; labels are the zone, then the class of each plan (-1: absent).
    grounds : the plans, in the order of the labels
    types : the pair table of the catalogue
    width_m : sliver width of the study

    Returns
    -------
    list of Disagreement
        In the order of the plans; two plans that never disagree are left out.
    """
    area, outline = shapely.area(ground.shapes), shapely.length(ground.shapes)
    found = []
    for a, b in combinations_with_replacement(range(len(grounds)), 2):
        rank = _ranks(ground.labels[:, a + 1], ground.labels[:, b + 1], grounds[a], grounds[b], types, a == b)
        rows = np.flatnonzero(rank > 0)
        if not len(rows):
            continue
        labels = ground.labels[:, [0, a + 1, b + 1]]
        same = np.all(labels[ground.first] == labels[ground.second], axis=1) & (rank[ground.first] > 0)
        place = np.full(len(rank), -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        one, two = place[ground.first[same]], place[ground.second[same]]
        head = connected(len(rows), one, two)
        joined_area = float_sums(area[rows], head, len(rows))
        joined_outline = float_sums(outline[rows], head, len(rows))
        joined_outline -= 2 * float_sums(ground.border_m[same], head[one], len(rows))
        noise = _noise(ground, rows, head, joined_area, joined_outline, width_m)
        mean = 2 * joined_area / np.where(joined_outline > 0, joined_outline, 1.0)
        found.append(Disagreement(a, b, rows, rank[rows], noise[head], rows[head], mean[head]))
    return found


def _ranks(
    first: IntArray, second: IntArray, one: PlanGround, two: PlanGround, types: AlignmentTypes, own: bool
) -> IntArray:
    """Return the gravity of the disagreement on each patch, 0 where the two do not disagree."""
    rank = np.zeros(len(first), dtype=np.int64)
    both = np.flatnonzero((first >= 0) & (second >= 0))
    keys, number = np.unique(first[both] * max(len(two.classes), 1) + second[both], return_inverse=True)
    known = np.zeros(len(keys), dtype=np.int64)
    for place, key in enumerate(keys.tolist()):
        a, b = divmod(key, max(len(two.classes), 1))
        name = (
            types.contradiction(one.classes[a]) if own else types.disagreement(one.classes[a], two.classes[b])
        )
        known[place] = types.types[name].rank if name else 0
    rank[both] = known[number]
    return rank


def _noise(
    ground: Dissolved, rows: IntArray, head: IntArray, area: FloatArray, outline: FloatArray, width_m: float
) -> Mask:
    """Tell for each joined ground (at the place of its head) whether it is a sliver."""
    narrow = 2 * area < width_m * outline
    wide_enough = narrow & (area >= np.pi * width_m**2)
    chosen = np.flatnonzero(wide_enough[head])
    heads, joined = joined_shapes(ground, rows[chosen], head[chosen])
    narrow[heads] = is_sliver(joined, width_m)
    return np.asarray(narrow, dtype=np.bool_)


def joined_shapes(ground: Dissolved, rows: IntArray, head: IntArray) -> tuple[IntArray, Shapes]:
    """Return the distinct heads and the polygon of the patches that hang together under each."""
    heads, number = np.unique(head, return_inverse=True)
    group = np.full(len(ground.shapes), -1, dtype=np.int64)
    group[rows] = number
    return heads, outlines(ground.borders.grouped(group), len(heads))


@dataclass(frozen=True)
class Verdicts:
    """What all plans together amount to on every patch.

    Attributes
    ----------
    conflict, noise : a disagreement that is wide; else one that is only drawn differently
    rank : gravity of the gravest disagreement of that kind, 0 where there is none
    pair : position of that disagreement in the list, -1 where there is none; ties to the first
    """

    conflict: Mask
    noise: Mask
    rank: IntArray
    pair: IntArray


def gravest(found: Sequence[Disagreement], count: int) -> Verdicts:
    """Put the disagreements of all plans together, patch by patch; slivers never lend a conflict their gravity."""
    conflict = np.zeros(count, dtype=np.bool_)
    noise = np.zeros(count, dtype=np.bool_)
    for one in found:
        conflict[one.rows[~one.noise]] = True
        noise[one.rows[one.noise]] = True
    noise &= ~conflict
    rank = np.zeros(count, dtype=np.int64)
    pair = np.full(count, -1, dtype=np.int64)
    for number, one in enumerate(found):
        graver = (one.noise == noise[one.rows]) & (one.rank > rank[one.rows])
        rank[one.rows[graver]] = one.rank[graver]
        pair[one.rows[graver]] = number
    return Verdicts(conflict, noise, rank, pair)
