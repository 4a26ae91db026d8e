"""The edges of flat layers as whole numbers, each once, with what lies on either side of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from landzone.geometry.edge_index import ranges
from landzone.geometry.grid_cut import Shapes
from landzone.geometry.integrals import plane_area
from landzone.geometry.rings import explode
from landzone.geometry.snap_rounding import STEPS, SubEdges
from landzone.units import IntArray

WINDOW_CELLS = 64
"""Edges count as far as this from the ground that is asked about, in cells of the snap grid."""


@dataclass(frozen=True)
class Linework:
    """Rings of all layers. ``xy`` in steps of the grid, ``claim`` the number of (layer, label) of each ring.

    Rings run with their polygon to the left. ``bounds``: of each ring, in steps.
    """

    xy: IntArray
    starts: IntArray
    claim: IntArray
    bounds: IntArray


@dataclass(frozen=True)
class Sides:
    """Edges and their claims: on edge ``edge[i]`` the winding of ``claim[i]`` is ``net[i]`` higher on the left.

    ``start``, ``stop``: ends of the edges. Claims are sorted by edge.
    """

    start: IntArray
    stop: IntArray
    edge: IntArray
    claim: IntArray
    net: IntArray


def linework(layers: Sequence[tuple[Shapes, IntArray]], grid: float) -> Linework:
    """Take layers (polygons, claim of each) apart into rings of whole numbers."""
    rings = [explode(shapes) for shapes, _ in layers]
    if not rings:
        none = np.zeros(0, dtype=np.int64)
        return Linework(none.reshape(0, 2), np.zeros(1, np.int64), none, none.reshape(0, 4))
    sizes = np.concatenate([np.diff(one.starts) for one in rings])
    starts = np.r_[0, np.cumsum(sizes)].astype(np.int64)
    xy = np.concatenate([np.rint(one.xy * (STEPS * round(1 / grid))).astype(np.int64) for one in rings])
    signed = np.concatenate([plane_area(one.xy, one.starts) for one in rings])
    hole = np.concatenate([one.hole for one in rings])
    claim = np.concatenate(
        [
            np.asarray(claims, dtype=np.int64)[one.shape]
            for one, (_, claims) in zip(rings, layers, strict=True)
        ]
    )
    turned = (signed > 0) == hole
    place = np.arange(len(xy))
    ring = np.repeat(np.arange(len(sizes)), sizes)
    back = turned[ring]
    place[back] = (starts[ring] + starts[ring + 1] - 1 - place)[back]
    xy = xy[place]
    if not len(sizes):
        return Linework(xy, starts, claim, np.zeros((0, 4), dtype=np.int64))
    bounds = np.hstack([np.minimum.reduceat(xy, starts[:-1]), np.maximum.reduceat(xy, starts[:-1])])
    return Linework(xy, starts, claim, bounds)


def inside_window(lines: Linework, window: IntArray) -> Linework:
    """Keep what can matter inside a window (x, y, x, y).

    Of every run of vertices that lie to one side of the window only the first and the last stay. The straight line
    between them lies on that side, too, so edges that reach the window are untouched, and so is every winding in it.
    """
    low, high = window[:2], window[2:]
    near = np.flatnonzero(np.all((lines.bounds[:, :2] <= high) & (lines.bounds[:, 2:] >= low), axis=1))
    sizes = np.diff(lines.starts)[near]
    ring, place = ranges(lines.starts[near], lines.starts[near + 1])
    xy = lines.xy[place]
    side = np.zeros(len(xy), dtype=np.int8)
    for number, beyond in enumerate(
        (xy[:, 1] > high[1], xy[:, 1] < low[1], xy[:, 0] > high[0], xy[:, 0] < low[0])
    ):
        side[beyond] = number + 1
    kept: NDArray[np.bool_] = np.ones(len(xy), dtype=np.bool_)
    kept[1:-1] = (side[1:-1] == 0) | (side[1:-1] != side[:-2]) | (side[1:-1] != side[2:])
    starts = np.r_[0, np.cumsum(sizes)]
    kept[starts[:-1]] = kept[starts[1:] - 1] = True
    sizes = np.bincount(ring[kept], minlength=len(near))
    return Linework(
        xy[kept], np.r_[0, np.cumsum(sizes)].astype(np.int64), lines.claim[near], lines.bounds[near]
    )


def sides_of(lines: Linework) -> Sides:
    """Return every edge once; edges with the same claims on both sides are left out."""
    ring = np.repeat(np.arange(len(lines.claim)), np.diff(lines.starts))
    number, points = point_numbers(lines.xy)
    inner = np.flatnonzero((ring[1:] == ring[:-1]) & (number[1:] != number[:-1]))
    tail, head = number[inner], number[inner + 1]
    kept, forward, edge = unite(tail, head, len(points))
    rows = Sides(points[tail[kept]], points[head[kept]], edge, lines.claim[ring[inner]], forward)
    return summed(rows)


def cut_sides(sides: Sides, pieces: SubEdges) -> tuple[IntArray, IntArray, IntArray, Sides]:
    """Return the graph of pieces: vertices (sorted by x, then y), tail and head of each edge, and its sides."""
    number, points = grid_points(np.concatenate([pieces.tail, pieces.head]))
    tail, head = number[: len(pieces.tail)], number[len(pieces.tail) :]
    kept, forward, piece = unite(tail, head, len(points))
    first = np.searchsorted(sides.edge, np.arange(len(sides.start) + 1))
    owner, claim = ranges(first[pieces.edge], first[pieces.edge + 1])
    rows = Sides(tail[kept], head[kept], piece[owner], sides.claim[claim], sides.net[claim] * forward[owner])
    found = summed(rows)
    return points, found.start, found.stop, found


def unite(tail: IntArray, head: IntArray, count: int) -> tuple[IntArray, IntArray, IntArray]:
    """Find edges that are the same up to their direction.

    Returns
    -------
    kept : the first row of each edge, rising
    forward : 1 where a row runs as the first row of its edge does, else -1
    edge : number of the edge of each row, in the order of ``kept``
    """
    key = np.minimum(tail, head) * count + np.maximum(tail, head)
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    kept = np.sort(first)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    edge = rank[inverse]
    return kept, np.where(tail == tail[kept][edge], 1, -1), edge


def summed(rows: Sides) -> Sides:
    """Add up the claims of every edge and leave out what cancels, edges without claims too."""
    most = int(rows.claim.max(initial=0)) + 1
    keys, inverse = np.unique(rows.edge * most + rows.claim, return_inverse=True)
    net = np.rint(np.bincount(inverse, weights=rows.net, minlength=len(keys))).astype(np.int64)
    keys, net = keys[net != 0], net[net != 0]
    edge, claim = keys // most, keys % most
    used = np.zeros(len(rows.start), dtype=np.bool_)
    used[edge] = True
    rank = np.cumsum(used) - 1
    return Sides(rows.start[used], rows.stop[used], rank[edge], claim, net)


def point_numbers(points: IntArray) -> tuple[IntArray, IntArray]:
    """Number distinct points: the number of each, and the points by number; in no particular order."""
    mixed = points[:, 0] * np.int64(-7046029254386353131) + points[:, 1] * np.int64(-4417276706812531889)
    _, first, number = np.unique(mixed, return_index=True, return_inverse=True)
    if np.array_equal(points[first][number], points):
        return number.astype(np.int64), points[first]
    distinct, number = np.unique(points, axis=0, return_inverse=True)
    return number.reshape(-1).astype(np.int64), distinct


def grid_points(points: IntArray) -> tuple[IntArray, IntArray]:
    """Number distinct points by x, then y."""
    if not len(points):
        return np.zeros(0, dtype=np.int64), points
    base = points.min(axis=0)
    moved = points - base
    if int(moved.max()) < 1 << 31:
        keys, number = np.unique((moved[:, 0] << 32) + moved[:, 1], return_inverse=True)
        return number.astype(np.int64), np.column_stack([keys >> 32, keys & 0xFFFFFFFF]) + base
    distinct, number = np.unique(points, axis=0, return_inverse=True)
    return number.reshape(-1).astype(np.int64), distinct


def window_around(lines: Linework) -> IntArray:
    """Return the window (x, y, x, y) around rings, with a margin, in steps."""
    pad = WINDOW_CELLS * STEPS
    low, high = lines.bounds[:, :2].min(axis=0), lines.bounds[:, 2:].max(axis=0)
    return np.concatenate([low - pad, high + pad])


def joined(one: Linework, two: Linework) -> Linework:
    """Return the rings of both."""
    return Linework(
        np.concatenate([one.xy, two.xy]),
        np.concatenate([one.starts, two.starts[1:] + len(one.xy)]),
        np.concatenate([one.claim, two.claim]),
        np.concatenate([one.bounds, two.bounds]),
    )
