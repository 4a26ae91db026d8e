"""Ground between the shapes of a layer that none of them covers: enclosed voids, and slits between neighbours.

Both are found from the free edges alone. Whether a void is a mistake, a road or a lake is for its width to tell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.geometry.area import AreaMeasure
from landzone.geometry.careful import carefully
from landzone.geometry.clusters import groups
from landzone.geometry.free_edges import Edges
from landzone.geometry.grid_cut import polygonal
from landzone.units import FloatArray, IntArray

_BLOCK = 200_000
_STEEP = 0.25
"""Sine of the greatest angle between two edges that face each other (14.5°)."""
_SLENDER = 5.0
"""A slit is at least this many times longer than wide; what is shorter is a corner, not a slit."""

Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Gaps:
    """Uncovered ground of a layer, sorted by place.

    Attributes
    ----------
    pieces : object array
    units : int array
        Their areas, whole units of 1e-4 m².
    left, right : int arrays
        Positions of the two shapes on either side of a slit; -1 for a void.
    """

    pieces: Shapes
    units: IntArray
    left: IntArray
    right: IntArray


def voids(edges: Edges, tree: shapely.STRtree, measure: AreaMeasure) -> Gaps:
    """Find the ground that the shapes of a layer enclose and none of them covers.

    The free edges are noded and closed into faces; the layer covers a face wholly or not at all.

    Parameters
    ----------
    edges : Edges
        Free edges of the layer.
    tree : STRtree
        Of its shapes.
    measure : AreaMeasure

    Examples
    --------
    >>> import pyproj
    >>> from landzone.geometry.free_edges import free_edges
    >>> from landzone.model.study import AreaKind
    >>> plane = AreaMeasure(pyproj.CRS("EPSG:4547"), AreaKind.PLANAR)
    >>> ring = [shapely.box(0, 0, 30, 10), shapely.box(0, 20, 30, 30), shapely.box(0, 10, 10, 20),
    ...         shapely.box(20, 10, 30, 20)]
    >>> voids(free_edges(ring), shapely.STRtree(ring), plane).units.tolist()
    [1000000]
    """
    if not len(edges):
        return _gaps(np.zeros(0, dtype=object), measure)
    noded = shapely.union_all(edges.chains())
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    if not len(faces):
        return _gaps(faces, measure)
    covered = np.zeros(len(faces), dtype=bool)
    covered[tree.query(shapely.point_on_surface(faces), predicate="intersects")[0]] = True
    return _gaps(faces[~covered], measure)


def slits(edges: Edges, tree: shapely.STRtree, width: float, measure: AreaMeasure) -> Gaps:
    """Find narrow ground between two neighbours whose edges run along each other without meeting.

    Two free edges face each other where the perpendicular distance between them is no more than ``width`` and the
    angle no more than 14.5°; the ground between them, less what any shape covers, is the slit.

    Parameters
    ----------
    edges : Edges
        Free edges of the layer.
    tree : STRtree
        Of its shapes.
    width : float
        Greatest distance, units of the CRS.
    measure : AreaMeasure

    Examples
    --------
    >>> import pyproj
    >>> from landzone.geometry.free_edges import free_edges
    >>> from landzone.model.study import AreaKind
    >>> plane = AreaMeasure(pyproj.CRS("EPSG:4547"), AreaKind.PLANAR)
    >>> pair = [shapely.box(0, 0, 10, 10), shapely.box(10.003, 0, 20, 10)]
    >>> found = slits(free_edges(pair), shapely.STRtree(pair), 1.0, plane)
    >>> found.units.tolist(), found.left.tolist(), found.right.tolist()
    ([300], [0], [1])
    """
    if not len(edges) or width <= 0:
        return _gaps(np.zeros(0, dtype=object), measure)
    quads, pair = _facing(edges, width)
    if not len(quads):
        return _gaps(np.zeros(0, dtype=object), measure)
    count = int(edges.owner.max()) + 1
    pieces, keys = [], []
    for key, rows in groups(pair[:, 0] * count + pair[:, 1]):
        parts = shapely.get_parts(shapely.union_all(quads[rows]) if len(rows) > 1 else quads[rows[0]])
        pieces.append(parts)
        keys.append(np.full(len(parts), key, dtype=np.int64))
    ground = _uncovered(np.concatenate(pieces), tree)
    parts, source = shapely.get_parts(ground, return_index=True)
    key = np.concatenate(keys)[source]
    slender = shapely.length(parts) ** 2 >= 4 * _SLENDER * shapely.area(parts)
    return _gaps(parts[slender], measure, key[slender] // count, key[slender] % count)


def _facing(edges: Edges, width: float) -> tuple[Shapes, IntArray]:
    """Return the quadrilaterals between edges of different shapes that face each other, and the two shapes."""
    lines = edges.lines()
    tree = shapely.STRtree(lines)
    quads, pairs = [], []
    for first in range(0, len(edges), _BLOCK):
        one, two = tree.query(lines[first : first + _BLOCK], predicate="dwithin", distance=width)
        one = one + first
        once = edges.owner[one] < edges.owner[two]
        corners, held = _between(edges, one[once], two[once], width)
        quads.append(np.asarray(shapely.polygons(corners), dtype=object))
        pairs.append(np.stack([edges.owner[one[once][held]], edges.owner[two[once][held]]], axis=1))
    found, pair = np.concatenate(quads), np.concatenate(pairs)
    sound = shapely.is_valid(found) & (shapely.area(found) > 0)
    return found[sound], pair[sound].astype(np.int64)


def _between(
    edges: Edges, one: IntArray, two: IntArray, width: float
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return the corners of the ground between edges, and which of the pairs have any.

    Along the first edge lies t, across it, away from its shape, s; the second edge runs the other way.
    """
    a = edges.start[one]
    along = edges.end[one] - a
    length = np.hypot(along[:, 0], along[:, 1])
    along = along / length[:, None]
    across = np.stack([along[:, 1], -along[:, 0]], axis=1)
    near, far = edges.end[two] - a, edges.start[two] - a
    t0, t1 = (near * along).sum(axis=1), (far * along).sum(axis=1)
    s0, s1 = (near * across).sum(axis=1), (far * across).sum(axis=1)
    run = t1 - t0
    reach = np.hypot(run, s1 - s0)
    level = (run > 0) & (np.abs(s1 - s0) <= _STEEP * reach)
    run = np.where(level, run, 1.0)
    slope = (s1 - s0) / run
    low, high = np.maximum(t0, 0.0), np.minimum(t1, length)
    with np.errstate(divide="ignore", invalid="ignore"):
        zero, top = t0 - s0 / slope, t0 + (width - s0) / slope
    rising, falling = slope > 0, slope < 0
    low = np.where(rising, np.maximum(low, zero), np.where(falling, np.maximum(low, top), low))
    high = np.where(rising, np.minimum(high, top), np.where(falling, np.minimum(high, zero), high))
    flat_inside = rising | falling | ((s0 >= 0) & (s0 <= width))
    held = level & flat_inside & (high > low)
    low, high = low[held, None], high[held, None]
    s_low = s0[held, None] + slope[held, None] * (low - t0[held, None])
    s_high = s0[held, None] + slope[held, None] * (high - t0[held, None])
    a, along, across = a[held], along[held], across[held]
    p, q = a + along * low, a + along * high
    return np.stack([p, q, q + across * s_high, p + across * s_low, p], axis=1), held


def _uncovered(pieces: Shapes, tree: shapely.STRtree) -> Shapes:
    """Return pieces of ground without what the shapes of a layer cover, one neighbour after the other."""
    which, shape = tree.query(pieces, predicate="intersects")
    order = np.lexsort((shape, which))
    which, shape = which[order], shape[order]
    turn = np.arange(len(which)) - np.searchsorted(which, which)
    result = pieces.copy()
    for _, rows in groups(turn):
        own = which[rows]
        left, _ = carefully(
            shapely.difference, result[own], tree.geometries[shape[rows]], empty=shapely.Polygon()
        )
        result[own] = polygonal(left)
    return result


def _gaps(
    pieces: Shapes, measure: AreaMeasure, left: IntArray | None = None, right: IntArray | None = None
) -> Gaps:
    units = measure.units(pieces)
    some = np.flatnonzero(units > 0)
    boxes = shapely.bounds(pieces[some]).reshape(-1, 4)
    order = some[np.lexsort((units[some], boxes[:, 3], boxes[:, 2], boxes[:, 1], boxes[:, 0]))]
    none = np.full(len(pieces), -1, dtype=np.int64)
    sides = [none if side is None else side for side in (left, right)]
    return Gaps(pieces[order], units[order], sides[0][order], sides[1][order])
