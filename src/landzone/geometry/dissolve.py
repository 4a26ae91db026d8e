"""Connected ground of one kind made one polygon, in a canonical form and order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.geometry.clusters import connected, float_sums
from landzone.geometry.faces import Faces
from landzone.geometry.grid_cut import Shapes
from landzone.units import FloatArray, IntArray


@dataclass(frozen=True)
class Dissolved:
    """Connected grounds, sorted by label, then by position.

    Attributes
    ----------
    shapes : polygons without vertices on straight lines, rings in canonical order
    labels : shape (grounds, columns)
    member : ground of each face
    first, second, border_m : neighbours and the length of their shared border, each pair once (first < second)
    """

    shapes: Shapes
    labels: IntArray
    member: IntArray
    first: IntArray
    second: IntArray
    border_m: FloatArray


def dissolve_connected(faces: Faces, labels: IntArray) -> Dissolved:
    """Merge faces that share an edge and all their labels; a shared point does not connect.

    Parameters
    ----------
    faces : Faces
    labels : integer array, shape (faces,) or (faces, columns)

    Returns
    -------
    Dissolved
        The same whatever the tiles of the overlay were.
    """
    labels = np.asarray(labels, dtype=np.int64)
    labels = labels[:, None] if labels.ndim == 1 else labels
    if not len(labels):
        none = np.zeros(0, dtype=np.int64)
        return Dissolved(faces.shapes, labels, none, none, none, np.zeros(0))
    first, second, length = _shared_edges(faces)
    same = np.all(labels[first] == labels[second], axis=1)
    root = connected(len(faces.shapes), first[same], second[same])
    heads, member = np.unique(root, return_inverse=True)
    shapes = _merge(faces, member, len(heads))
    shapes = canonical(shapes, faces.grid)
    order = _canonical_order(shapes, labels[heads])
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    member = rank[member]
    a, b = member[first[~same]], member[second[~same]]
    a, b = np.minimum(a, b), np.maximum(a, b)
    pairs, place = np.unique(a * max(len(heads), 1) + b, return_inverse=True)
    border = float_sums(length[~same], place, len(pairs))
    low, high = pairs // max(len(heads), 1), pairs % max(len(heads), 1)
    return Dissolved(shapes[order], labels[heads][order], member, low, high, border)


def _merge(faces: Faces, member: IntArray, count: int) -> Shapes:
    """Unite the faces of each ground; within one tile edges match exactly, across tiles they may not."""
    order = np.argsort(member, kind="stable")
    sizes = np.bincount(member, minlength=count)
    starts = np.cumsum(sizes) - sizes
    shapes: Shapes = faces.shapes[order[starts]] if count else faces.shapes
    bounds = shapely.bounds(faces.shapes)
    touching = np.hstack(
        [np.isin(bounds[:, [0, 2]], faces.seams_x), np.isin(bounds[:, [1, 3]], faces.seams_y)]
    )
    on_seam: NDArray[np.bool_] = np.logical_or.reduce(touching, axis=1)
    for place in np.flatnonzero(sizes > 1):
        rows = order[starts[place] : starts[place] + sizes[place]]
        unite = shapely.union_all if on_seam[rows].any() else shapely.coverage_union_all
        shapes[place] = unite(faces.shapes[rows])
    return shapes


def canonical(shapes: Shapes, grid: float) -> Shapes:
    """Return polygons on the grid without vertices on straight lines, in normal form.

    A vertex goes where the edges before and after it have exactly one direction (in whole grid steps), so that
    the way a border was cut up leaves no trace.
    """
    if not len(shapes):
        return shapes
    parts, owner = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    sizes = np.bincount(ring, minlength=len(rings))
    stops = np.cumsum(sizes)
    starts = stops - sizes
    closing = np.zeros(len(points), dtype=np.bool_)
    closing[stops - 1] = True
    open_at = np.flatnonzero(~closing)
    steps = np.rint(points / grid).astype(np.int64)
    after = open_at + 1
    before = open_at - 1
    first = np.isin(open_at, starts)
    before[first] = stops[ring[open_at[first]]] - 2
    into, out = steps[open_at] - steps[before], steps[after] - steps[open_at]
    turns = into[:, 0] * out[:, 1] != into[:, 1] * out[:, 0]
    kept = open_at[turns]
    corners = np.bincount(ring[kept], minlength=len(rings))
    made = np.empty(len(rings), dtype=object)
    whole = corners >= 3
    made[~whole] = rings[~whole]
    use = kept[whole[ring[kept]]]
    made[whole] = shapely.linearrings(points[use], indices=_packed(ring[use]))
    shell = np.r_[True, part[1:] != part[:-1]]
    polygons = shapely.polygons(made[shell])
    holed = np.unique(part[~shell])
    for place in holed:
        own = made[(np.searchsorted(part, place)) : np.searchsorted(part, place, side="right")]
        polygons[place] = shapely.polygons(own[0], own[1:])
    if len(parts) == len(shapes):
        out_shapes: Shapes = polygons
    else:
        out_shapes = shapely.multipolygons(polygons, indices=owner)
    return np.asarray(shapely.normalize(out_shapes), dtype=object)


def _packed(ids: IntArray) -> IntArray:
    return np.unique(ids, return_inverse=True)[1].astype(np.int64)


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


def _shared_edges(faces: Faces) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the pairs of faces on both sides of every inner edge and the length of the edge, m."""
    rings, owner = shapely.get_rings(faces.shapes, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    steps = np.rint(points / faces.grid).astype(np.int64)
    inner = ring[1:] == ring[:-1]
    start, stop, face = steps[:-1][inner], steps[1:][inner], owner[ring[:-1][inner]]
    start, stop, face = _split_on_seams(start, stop, face, faces)
    swap = (start[:, 0] > stop[:, 0]) | ((start[:, 0] == stop[:, 0]) & (start[:, 1] > stop[:, 1]))
    ends = np.where(swap[:, None], np.hstack([stop, start]), np.hstack([start, stop]))
    order = np.lexsort((face, ends[:, 3], ends[:, 2], ends[:, 1], ends[:, 0]))
    ends, face = ends[order], face[order]
    twin = np.flatnonzero(np.all(ends[1:] == ends[:-1], axis=1)) if len(ends) else np.zeros(0, np.int64)
    delta = (ends[twin, 2:] - ends[twin, :2]).astype(np.float64) * faces.grid
    return face[twin], face[twin + 1], np.hypot(delta[:, 0], delta[:, 1])


def _split_on_seams(
    start: IntArray, stop: IntArray, face: IntArray, faces: Faces
) -> tuple[IntArray, IntArray, IntArray]:
    """Cut the edges that run along a tile line at every vertex on that line, whichever side it comes from."""
    for axis, seams in ((0, faces.seams_x), (1, faces.seams_y)):
        lines = np.rint(seams / faces.grid).astype(np.int64)
        along: NDArray[np.bool_] = (start[:, axis] == stop[:, axis]) & np.isin(start[:, axis], lines)
        if not np.any(along):
            continue
        other = 1 - axis
        line = np.searchsorted(lines, start[along, axis])
        low = np.minimum(start[along, other], stop[along, other])
        high = np.maximum(start[along, other], stop[along, other])
        base = int(low.min())
        span = int(high.max()) - base + 1
        breaks = np.unique(np.r_[line * span + low - base, line * span + high - base])
        begin = np.searchsorted(breaks, line * span + low - base)
        end = np.searchsorted(breaks, line * span + high - base)
        many = end - begin
        edge = np.repeat(np.arange(len(many)), many)
        place = begin[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(many) - many, many)
        parts = np.empty((2, len(edge), 2), dtype=np.int64)
        parts[:, :, axis] = start[along, axis][edge]
        parts[0, :, other] = breaks[place] % span + base
        parts[1, :, other] = breaks[place + 1] % span + base
        start = np.concatenate([start[~along], parts[0]])
        stop = np.concatenate([stop[~along], parts[1]])
        face = np.concatenate([face[~along], face[along][edge]])
    return start, stop, face
