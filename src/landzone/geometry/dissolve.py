"""Connected ground of one kind made one polygon, in a canonical form and order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.geometry.arrangement import rotation
from landzone.geometry.clusters import connected, whole_sums
from landzone.geometry.cycles import cycles
from landzone.geometry.faces import Borders, Faces
from landzone.geometry.grid_cut import Shapes
from landzone.units import FloatArray, IntArray

_LENGTH_STEPS = 1_000_000
"""Lengths of borders are summed in whole micrometres, so that no order can matter."""


@dataclass(frozen=True)
class Dissolved:
    """Connected grounds, sorted by label, then by position.

    Attributes
    ----------
    shapes : polygons without vertices on straight lines, rings in canonical order
    labels : shape (grounds, columns)
    borders : Borders, by the position of each ground
    first, second, border_m : neighbours and the length of their shared border, each pair once (first < second)
    """

    shapes: Shapes
    labels: IntArray
    borders: Borders
    first: IntArray
    second: IntArray
    border_m: FloatArray


def dissolve_connected(faces: Faces, labels: IntArray) -> Dissolved:
    """Merge faces that share an edge and all their labels; a shared point does not connect. Pure.

    Parameters
    ----------
    faces : Faces
    labels : integer array, shape (faces,) or (faces, columns)
    """
    labels = np.asarray(labels, dtype=np.int64)
    labels = labels[:, None] if labels.ndim == 1 else labels
    sides = faces.borders
    inner = np.flatnonzero((sides.left >= 0) & (sides.right >= 0))
    left, right = sides.left[inner], sides.right[inner]
    same = np.all(labels[left] == labels[right], axis=1)
    heads, member = np.unique(connected(len(labels), left[same], right[same]), return_inverse=True)
    borders = sides.grouped(member.astype(np.int64))
    shapes = outlines(borders, len(heads))
    order = _canonical_order(shapes, labels[heads])
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    borders = borders.grouped(rank)
    return Dissolved(shapes[order], labels[heads][order], borders, *shared_borders(borders, len(heads)))


def shared_borders(borders: Borders, count: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the places that share a border, each pair once (first < second), and its length in m."""
    inner = np.flatnonzero((borders.left >= 0) & (borders.right >= 0))
    a, b = borders.left[inner], borders.right[inner]
    pairs, place = np.unique(np.minimum(a, b) * max(count, 1) + np.maximum(a, b), return_inverse=True)
    ends = (borders.points[borders.head[inner]] - borders.points[borders.tail[inner]]).astype(np.float64)
    length = np.rint(np.hypot(*ends.T) * borders.grid * _LENGTH_STEPS).astype(np.int64)
    metres = whole_sums(length, place, len(pairs)) / _LENGTH_STEPS
    return pairs // max(count, 1), pairs % max(count, 1), metres


def face_shapes(faces: Faces) -> Shapes:
    """Return the polygon of each face."""
    return outlines(faces.borders, len(faces.within))


def outlines(borders: Borders, count: int) -> Shapes:
    """Return the polygons of ``count`` places, each connected by shared edges; corners only, normalised.

    At a vertex where a place meets itself its ring goes on along the next edge counterclockwise, so that every hole and
    every bay is a ring of its own and no ring meets itself.
    """
    if not count:
        return np.zeros(0, dtype=object)
    left, right = borders.left, borders.right
    edges = np.arange(len(left))
    twins = 2 * len(left) - 1 - edges
    half = np.concatenate([edges[left >= 0], twins[right >= 0][::-1]])
    ends = np.concatenate([borders.tail, borders.head[::-1]])
    owner = np.concatenate([left, right[::-1]])[half]
    leader, place = cycles(_around(borders.points, ends, half, owner))
    order = np.lexsort((place, leader, owner))
    points = borders.points[ends[half[order]]]
    return _polygons(points, leader[order], owner[order], borders.grid)


def _around(points: IntArray, origin: IntArray, half: IntArray, owner: IntArray) -> IntArray:
    """Return for each half-edge of an outline the one after it."""
    count, twin = len(half), len(origin) - 1 - half
    vertex = np.concatenate([origin[half], origin[twin]])
    key = np.concatenate([owner, owner]) * len(points) + vertex
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.r_[True, key[order][1:] != key[order][:-1]])
    many = np.diff(np.r_[first, len(order)])
    following = np.empty(count, dtype=np.int64)
    plain = first[many == 2]
    following[order[plain + 1] - count] = order[plain]
    rows = order[np.repeat(many > 2, many)]
    if len(rows):
        outward = np.concatenate([half, twin])[rows]
        rows = rows[_ranked(points, origin, outward, key[rows])]
        start = np.flatnonzero(np.r_[True, key[rows][1:] != key[rows][:-1]])
        after = np.arange(1, len(rows) + 1)
        after[np.r_[start[1:], len(rows)] - 1] = start
        arriving = rows >= count
        following[rows[arriving] - count] = rows[after[arriving]]
    return following


def _ranked(points: IntArray, origin: IntArray, outward: IntArray, key: IntArray) -> IntArray:
    """Sort half-edges that leave vertices by key, then counterclockwise."""
    distinct, place = np.unique(outward, return_inverse=True)
    ranked = rotation(points, origin, distinct)
    rank = np.empty(len(distinct), dtype=np.int64)
    rank[np.searchsorted(distinct, ranked)] = np.arange(len(ranked))
    return np.lexsort((rank[place], key)).astype(np.int64)


def _polygons(points: IntArray, ring: IntArray, owner: IntArray, grid: float) -> Shapes:
    """Build polygons from the vertices of their rings, which stand one after the other; owners are 0, 1, 2, …"""
    points, ring, owner = _corners(points, ring, owner)
    first = np.flatnonzero(np.r_[True, (ring[1:] != ring[:-1]) | (owner[1:] != owner[:-1])])
    sizes = np.diff(np.r_[first, len(ring)])
    shell = _counterclockwise(points, first, sizes)
    order = np.lexsort((~shell, owner[first]))
    first, sizes, holder = first[order], sizes[order], owner[first][order]
    starts = np.r_[0, np.cumsum(sizes + 1)]
    place = np.arange(starts[-1]) - np.repeat(starts[:-1], sizes + 1)
    row = np.repeat(first, sizes + 1) + place % np.repeat(sizes, sizes + 1)
    rings = np.searchsorted(holder, np.arange(int(holder[-1]) + 2))
    scale = round(1 / grid)
    made = shapely.from_ragged_array(shapely.GeometryType.POLYGON, points[row] / scale, (starts, rings))
    return np.asarray(shapely.normalize(made), dtype=object)


def _corners(points: IntArray, ring: IntArray, owner: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Leave out vertices at which a ring does not turn, so that the way a border was cut up leaves no trace."""
    first = np.flatnonzero(np.r_[True, (ring[1:] != ring[:-1]) | (owner[1:] != owner[:-1])])
    last = np.r_[first[1:], len(ring)] - 1
    before, after = np.arange(len(ring)) - 1, np.arange(len(ring)) + 1
    before[first], after[last] = last, first
    into, out = points - points[before], points[after] - points
    turns = into[:, 0] * out[:, 1] != into[:, 1] * out[:, 0]
    return points[turns], ring[turns], owner[turns]


def _counterclockwise(points: IntArray, first: IntArray, sizes: IntArray) -> NDArray[np.bool_]:
    """Tell which rings run counterclockwise, from the turn at their leftmost (then lowest) vertex; exact."""
    ring = np.repeat(np.arange(len(first)), sizes)
    order = np.lexsort((points[:, 1], points[:, 0], ring))
    least = order[first] - first
    before = points[first + (least - 1) % sizes]
    at, after = points[first + least], points[first + (least + 1) % sizes]
    into, out = at - before, after - at
    return np.asarray(into[:, 0] * out[:, 1] > into[:, 1] * out[:, 0], dtype=np.bool_)


def _canonical_order(shapes: Shapes, labels: IntArray) -> IntArray:
    """Sort by labels, then bounds; equal ones by their bytes."""
    bounds = shapely.bounds(shapes)
    keys = [*labels.T, *bounds.T]
    order = np.lexsort(keys[::-1]).astype(np.int64)
    table = np.column_stack([labels.astype(np.float64), bounds])[order]
    same = np.r_[False, np.all(table[1:] == table[:-1], axis=1)] if len(order) else np.zeros(0, np.bool_)
    run = np.cumsum(~same)
    for number in np.unique(run[same]):
        low, high = np.searchsorted(run, [number, number + 1])
        order[low:high] = sorted(order[low:high], key=lambda place: shapely.to_wkb(shapes[place]))
    return order
