"""Which polygon lies over which, and on how much ground."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.geometry.edge_index import index_edges
from landzone.geometry.edge_pairs import is_small, shared_areas
from landzone.geometry.grid_cut import Pieces, Shapes, cut_on_grid, polygonal
from landzone.geometry.measure import Measure
from landzone.geometry.threads import each
from landzone.units import AREA_UNITS_PER_M2, FloatArray, IntArray, to_area_units

__all__ = ["Measure", "Overlaps", "intersected", "shared_ground"]

BATCH = 4096
"""Pairs a thread takes at a time."""


@dataclass(frozen=True)
class Overlaps:
    """Pairs of polygons that share ground, sorted by (left, right); ``m2`` before rounding.

    ``shapes`` holds the shared ground where it was asked for, else None.
    """

    left: IntArray
    right: IntArray
    m2: FloatArray
    shapes: Shapes | None

    def units(self) -> IntArray:
        """Return the shared ground in whole units of 1e-4 m²."""
        return to_area_units(self.m2)


def shared_ground(
    left: Shapes, right: Shapes, measure: Measure, *, pieces: bool = False, threads: int = 1
) -> Overlaps:
    """Measure the ground that polygons of two sets share.

    Pairs of which one is small are measured from their edges (see ``edge_pairs``). For two large ones, for shapes in
    degrees, and where the shared ground itself is asked for, polygons are intersected, see ``intersected``.
    Pairs that share less than half a unit of 1e-4 m² (touching, rounding noise) do not count as overlap.
    """
    if pieces or not measure.metric:
        return intersected(left, right, measure, pieces=pieces, threads=threads)
    small = np.flatnonzero(is_small(left))
    large = np.setdiff1d(np.arange(len(left)), small)
    first, second, m2 = shared_areas(left[small], index_edges(right), measure, threads=threads)
    found = [(small[first], second, m2)]
    if len(large):
        fine = np.flatnonzero(is_small(right))
        coarse = np.setdiff1d(np.arange(len(right)), fine)
        second, first, m2 = shared_areas(right[fine], index_edges(left[large]), measure, threads=threads)
        found.append((large[first], fine[second], m2))
        both = intersected(left[large], right[coarse], measure, threads=threads)
        found.append((large[both.left], coarse[both.right], both.m2))
    first, second, m2 = (np.concatenate(part) for part in zip(*found, strict=True))
    kept = np.rint(m2 * AREA_UNITS_PER_M2) > 0
    first, second, m2 = first[kept], second[kept], m2[kept]
    order = np.lexsort((second, first))
    return Overlaps(first[order], second[order], m2[order], None)


def intersected(
    left: Shapes, right: Shapes, measure: Measure, *, pieces: bool = False, threads: int = 1
) -> Overlaps:
    """Intersect the polygons of two sets, pair by pair.

    Wholly inside pairs take the area of the inner polygon; only pairs whose borders cross are intersected.
    """
    cut = cut_on_grid(right)
    tree = shapely.STRtree(cut.shapes)
    found = tree.query(left)
    order = np.lexsort((found[1], found[0]))
    lefts, places = found[0][order], found[1][order]
    whole = _whole_left(left, right, cut, lefts, places)
    settled = np.unique(lefts[whole] * len(right) + cut.source[places[whole]])
    open_pair = ~np.isin(lefts * len(right) + cut.source[places], settled)
    inner = open_pair & _covered_pieces(left, cut, lefts, places, open_pair)
    crossing = np.flatnonzero(open_pair & ~inner)
    crossing = crossing[_prepared(shapely.intersects, cut.shapes, left, places[crossing], lefts[crossing])]
    parts = _intersections(left[lefts[crossing]], cut.shapes[places[crossing]], threads)
    whole_left, whole_right = settled // max(len(right), 1), settled % max(len(right), 1)
    inner_at = np.flatnonzero(inner)
    ground = np.concatenate([left[whole_left], cut.shapes[places[inner_at]], parts])
    return _gather(
        np.concatenate([whole_left, lefts[inner_at], lefts[crossing]]),
        np.concatenate([whole_right, cut.source[places[inner_at]], cut.source[places[crossing]]]),
        ground,
        measure.m2(ground) if len(ground) else np.zeros(0),
        pieces,
    )


def _whole_left(left: Shapes, right: Shapes, cut: Pieces, lefts: IntArray, places: IntArray) -> IntArray:
    """Return the candidates whose left polygon lies wholly inside the right one."""
    own, other = shapely.bounds(left), shapely.bounds(cut.shapes)
    fits = np.flatnonzero(_box_inside(own[lefts], other[places]))
    direct = fits[_prepared(shapely.covers, cut.shapes, left, places[fits], lefts[fits])]
    large = np.flatnonzero(cut.cut[places])
    large = large[~np.isin(large, direct)]
    if not len(large):
        return direct
    source = cut.source[places[large]]
    _, first = np.unique(lefts[large] * len(right) + source, return_index=True)
    large, source = large[first], source[first]
    boxes = np.flatnonzero(_box_inside(own[lefts[large]], shapely.bounds(right)[source]))
    large, source = large[boxes], source[boxes]
    inside = _prepared(shapely.covers, right, left, source, lefts[large])
    return np.concatenate([direct, large[inside]])


def _covered_pieces(
    left: Shapes, cut: Pieces, lefts: IntArray, places: IntArray, wanted: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell which candidates have their right piece wholly inside the left polygon."""
    own, other = shapely.bounds(left), shapely.bounds(cut.shapes)
    fits = np.flatnonzero(wanted & _box_inside(other[places], own[lefts]))
    inside = np.zeros(len(lefts), dtype=np.bool_)
    inside[fits] = _prepared(shapely.covers, left, cut.shapes, lefts[fits], places[fits])
    return inside


def _box_inside(inner: FloatArray, outer: FloatArray) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = np.all(inner[:, :2] >= outer[:, :2], axis=1) & np.all(
        inner[:, 2:] <= outer[:, 2:], axis=1
    )
    return inside


def _prepared(
    test: Callable[[Shapes, Shapes], NDArray[np.bool_]],
    first: Shapes,
    second: Shapes,
    first_at: IntArray,
    second_at: IntArray,
) -> NDArray[np.bool_]:
    """Run a test with the first polygons prepared, which is let go again afterwards."""
    used = first[np.unique(first_at)]
    shapely.prepare(used)
    answer = np.asarray(test(first[first_at], second[second_at]), dtype=np.bool_)
    shapely.destroy_prepared(used)
    return answer


def _intersections(first: Shapes, second: Shapes, threads: int) -> Shapes:
    if threads <= 1 or len(first) <= BATCH:
        return polygonal(shapely.intersection(first, second))
    starts = range(0, len(first), BATCH)
    batches = each(
        lambda s: shapely.intersection(first[s : s + BATCH], second[s : s + BATCH]), starts, threads
    )
    return polygonal(np.concatenate(batches))


def _gather(left: IntArray, right: IntArray, ground: Shapes, m2: FloatArray, pieces: bool) -> Overlaps:
    """Add up the pieces of each pair in a fixed order."""
    order = np.lexsort((np.arange(len(left)), right, left))
    left, right, m2 = left[order], right[order], m2[order]
    if not len(left):
        none = np.zeros(0, dtype=np.int64)
        return Overlaps(none, none, np.zeros(0), np.zeros(0, dtype=object) if pieces else None)
    starts = np.flatnonzero(np.r_[True, (np.diff(left) != 0) | (np.diff(right) != 0)])
    totals = np.add.reduceat(m2, starts)
    kept = np.rint(totals * 10_000) > 0
    shapes: Shapes | None = None
    if pieces:
        sizes = np.diff(np.r_[starts, len(left)])
        shapes = ground[order][starts]
        for place in np.flatnonzero((sizes > 1) & kept):
            group = ground[order[starts[place] : starts[place] + sizes[place]]]
            shapes[place] = shapely.union_all(group)
        shapes = shapes[kept]
    return Overlaps(left[starts][kept], right[starts][kept], totals[kept], shapes)
