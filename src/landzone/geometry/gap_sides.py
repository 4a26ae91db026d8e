"""Which shapes of a layer lie around its gaps and voids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.geometry.rings import explode
from landzone.units import IntArray

_TOUCHING = 1e-6
"""Shapes that are no further away lie around a gap, units of the CRS."""
_MANY = 512
"""Corners from which the border of a shape is looked at in stretches."""
_STRETCH = 128
"""Edges of a stretch."""

Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Sides:
    """What lies around gaps.

    Attributes
    ----------
    first, second : int arrays
        Positions of the two shapes that share most of the outline of a gap, the lower one first; -1: there is none.
    count : int array
        How many shapes lie around it.
    """

    first: IntArray
    second: IntArray
    count: IntArray


def gap_sides(gaps: Shapes, shapes: Shapes, tree: shapely.STRtree, most: int) -> Sides:
    """Return of each gap the two shapes that share most of its outline, and how many lie around it.

    A shape of very many corners, a plan of a whole town as one multipolygon, is looked at in stretches of its border:
    a gap, which no shape covers, can only touch it there.

    Parameters
    ----------
    gaps : array of polygons that no shape covers
    shapes : array of polygons of the layer
    tree : STRtree
        Of the shapes.
    most : int
        Where more shapes than this lie around a gap, a road or a lake, the first two stand for all.

    Examples
    --------
    >>> around = np.array([shapely.box(0, 0, 9, 1), shapely.box(0, 2, 9, 3), shapely.box(9, 0, 10, 3)], dtype=object)
    >>> found = gap_sides(np.array([shapely.box(0, 1, 9, 2)]), around, shapely.STRtree(around), 8)
    >>> found.first.tolist(), found.second.tolist(), found.count.tolist()
    ([0], [1], [3])
    """
    which, border, owner = _touching(gaps, shapes, tree)
    pair, at = np.unique(which * max(len(shapes), 1) + owner, return_inverse=True)
    gap, shape = np.divmod(pair, max(len(shapes), 1))
    count = np.bincount(gap, minlength=len(gaps)).astype(np.int64)
    few = count[which] <= most
    near = shapely.buffer(gaps[which[few]], _TOUCHING, quad_segs=1)
    shared = shapely.length(shapely.intersection(border[few], near))
    contact = np.bincount(at[few], weights=shared, minlength=len(pair))
    best = np.lexsort((shape, -np.round(contact, 4), gap))
    starts = np.searchsorted(gap[best], np.arange(len(gaps)))
    sides = []
    for place in (0, 1):
        there = np.minimum(starts + place, max(len(best) - 1, 0))
        side = shape[best][there] if len(best) else np.full(len(gaps), -1, dtype=np.int64)
        sides.append(np.where(count > place, side, -1))
    low, high = np.minimum(*sides), np.maximum(*sides)
    lone = low < 0
    return Sides(np.where(lone, high, low), np.where(lone, -1, high), count)


def _touching(gaps: Shapes, shapes: Shapes, tree: shapely.STRtree) -> tuple[IntArray, Shapes, IntArray]:
    """Return the pairs of gap and border that touch: number of the gap, border or stretch of it, its shape."""
    big = np.flatnonzero(shapely.get_num_coordinates(shapes) >= _MANY)
    if not len(big):
        which, shape = tree.query(gaps, predicate="dwithin", distance=_TOUCHING)
        return _in_order(which, _borders(shapes, shape), shape)
    small = np.setdiff1d(np.arange(len(shapes)), big)
    lines, owner = _stretches(shapes[big])
    which, place = shapely.STRtree(shapes[small]).query(gaps, predicate="dwithin", distance=_TOUCHING)
    other, line = shapely.STRtree(lines).query(gaps, predicate="dwithin", distance=_TOUCHING)
    border = np.concatenate([_borders(shapes, small[place]), lines[line]])
    return _in_order(np.r_[which, other], border, np.r_[small[place], big[owner[line]]])


def _in_order(which: IntArray, border: Shapes, owner: IntArray) -> tuple[IntArray, Shapes, IntArray]:
    order = np.lexsort((owner, which))
    return which[order].astype(np.int64), border[order], owner[order].astype(np.int64)


def _borders(shapes: Shapes, rows: IntArray) -> Shapes:
    """Return the border of each of some rows; a shape that comes often has one border."""
    once, at = np.unique(rows, return_inverse=True)
    return np.asarray(shapely.boundary(shapes[once]), dtype=object)[at]


def _stretches(shapes: Shapes) -> tuple[Shapes, IntArray]:
    """Return the borders of shapes as lines of few edges, and the shape of each."""
    rings = explode(shapes)
    edges = np.diff(rings.starts) - 1
    parts = -(-edges // _STRETCH)
    ring = np.repeat(np.arange(len(edges)), parts)
    nth = np.arange(len(ring)) - np.repeat(np.cumsum(parts) - parts, parts)
    begin = rings.starts[ring] + nth * _STRETCH
    points = np.minimum(_STRETCH, edges[ring] - nth * _STRETCH) + 1
    line = np.repeat(np.arange(len(ring)), points)
    place = np.arange(len(line)) - np.repeat(np.cumsum(points) - points, points) + begin[line]
    return np.asarray(shapely.linestrings(rings.xy[place], indices=line), dtype=object), rings.shape[ring]
