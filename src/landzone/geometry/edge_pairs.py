"""Ground that small polygons share with others, from their edges alone: no polygon is built, nothing is snapped.

A polygon is the signed sum of the strips below its edges, so the ground that two polygons share is::

    |A ∩ B| = Σe Σf s(e) s(f) ∫ min(y(e, x), y(f, x)) dx       e in A, f in B, x where both reach

Edges of B wholly above A count as its upper side, edges wholly below it cancel. Every term is continuous in the
coordinates: borders that coincide, touch or nearly coincide need no case of their own. The first moments come the same
way; with them an area on the ellipsoid is, to 1e-9 for polygons of up to ``LARGEST`` units,

    m² = ρ P + gx (Mx - cx P) + gy (My - cy P)

with ρ the measured area of A ÷ its plane area, (gx, gy) the gradient of the area scale and (cx, cy) the centroid of A.
So the pieces of A add up to the measured area of A.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.geometry.clusters import float_sums
from landzone.geometry.edge_index import CELL, EdgeIndex, Edges, edges_of, ranges
from landzone.geometry.grid_cut import Shapes
from landzone.geometry.measure import Measure
from landzone.geometry.threads import each
from landzone.units import FloatArray, IntArray

LARGEST = 256.0
"""Widest and highest polygon on the left, in units of the CRS."""

MOST_VERTICES = 256

_BLOCK = 16_384
"""Polygons of the left taken at once; no number depends on it."""

_TERMS = 1 << 18
"""Pairs of edges worked on at once; a pair of polygons is never divided."""


def is_small(shapes: Shapes) -> NDArray[np.bool_]:
    """Tell which polygons may stand on the left."""
    bounds = shapely.bounds(shapes)
    side = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
    small: NDArray[np.bool_] = (side <= LARGEST) & (shapely.get_num_coordinates(shapes) <= MOST_VERTICES)
    return small


def shared_areas(
    left: Shapes, index: EdgeIndex, measure: Measure, *, threads: int = 1
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return (left, right, m²) of the pairs that may share ground, sorted; ``left`` are small polygons."""
    starts = range(0, len(left), _BLOCK)

    def block(start: int) -> tuple[IntArray, IntArray, FloatArray]:
        first, second, m2 = _block(left[start : start + _BLOCK], index, measure)
        return first + start, second, m2

    found = each(block, starts, threads)
    if not found:
        none = np.zeros(0, dtype=np.int64)
        return none, none, np.zeros(0)
    first, second, area = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return first, second, area


@dataclass(frozen=True)
class _Slots:
    """Polygons of the left in the columns they reach into: polygon, column, and where it begins and ends there."""

    shape: IntArray
    column: IntArray
    begin: FloatArray
    end: FloatArray
    bottom: FloatArray
    top: FloatArray


def _slots(bounds: FloatArray) -> _Slots:
    first, last = (np.floor(bounds[:, k] / CELL).astype(np.int64) for k in (0, 2))
    shape, column = ranges(first, last + 1)
    begin = np.maximum(bounds[shape, 0], column * CELL)
    end = np.minimum(bounds[shape, 2], (column + 1) * CELL)
    return _Slots(shape, column, begin, end, bounds[shape, 1], bounds[shape, 3])


@dataclass(frozen=True)
class _Strips:
    """Edges of the right (or parts of the upper side of a polygon of the left) between two x."""

    shape: IntArray
    owner: IntArray
    edge: IntArray  # -1: at the height of the upper side
    begin: FloatArray
    end: FloatArray
    sign: FloatArray


def _block(left: Shapes, index: EdgeIndex, measure: Measure) -> tuple[IntArray, IntArray, FloatArray]:
    filled = np.flatnonzero(~shapely.is_empty(left))
    bounds = shapely.bounds(left[filled])
    size = int(index.edges.owner.max(initial=0)) + 1
    slots = _slots(bounds)
    near, ends = _near(slots, index)
    above = _above(slots, ends, size)
    near_pair = slots.shape[near.slot] * size + index.edges.owner[index.edge[near.piece]]
    whole, broken = _even(slots, above, size)
    crossed = np.unique(np.concatenate([near_pair[near.crosses], broken]))
    whole = whole[~np.isin(whole, crossed)]
    strips = _strips(slots, index, near, ends, above, crossed, size)
    m2 = _measured(left[filled], bounds, strips, index.edges, measure, crossed, size)
    inner = whole // size
    total = measure.m2(left[filled[inner]]) if len(inner) else np.zeros(0)
    pairs, area = np.concatenate([crossed, whole]), np.concatenate([m2, total])
    order = np.argsort(pairs, kind="stable")
    return filled[pairs[order] // size], pairs[order] % size, area[order]


@dataclass(frozen=True)
class _Near:
    """Pieces of edges that are neither wholly above nor wholly below a polygon, and whether they lie beside it."""

    slot: IntArray
    piece: IntArray
    crosses: NDArray[np.bool_]


@dataclass(frozen=True)
class _Ends:
    """Where the upper side changes: slot, polygon of the right, x, and by how much."""

    slot: IntArray
    owner: IntArray
    x: FloatArray
    step: FloatArray


def _near(slots: _Slots, index: EdgeIndex) -> tuple[_Near, _Ends]:
    """Return the near pieces of every slot, and the changes of its upper side."""
    edges = index.edges
    bottom = np.floor(slots.bottom / CELL).astype(np.int64)
    top = np.floor(slots.top / CELL).astype(np.int64)
    slot, piece = index.near(slots.column, bottom, top)
    above = index.low[piece] >= slots.top[slot]
    entering = above & (index.column[piece] > np.floor(edges.x0[index.edge[piece]] / CELL))
    own = index.edge[piece[entering]]
    found = [(slot[entering], edges.owner[own], np.full(len(own), -np.inf), edges.sign[own])]
    asked, owner, winding = index.enclosures(slots.column, top)
    found.append((asked, owner, np.full(len(asked), -np.inf), winding.astype(np.float64)))
    kept = ~above & (index.high[piece] > slots.bottom[slot])
    slot, piece = slot[kept], piece[kept]
    edge = index.edge[piece]
    for neighbour, x, y in (
        (edges.before[edge], edges.x0[edge], edges.y0[edge]),
        (edges.after[edge], edges.x1[edge], edges.y1[edge]),
    ):
        here = np.flatnonzero(np.floor(x / CELL) == slots.column[slot])
        other = neighbour[here]
        over = index.low[index.piece_in(other, slots.column[slot[here]])] >= slots.top[slot[here]]
        here, other = here[over], other[over]
        begins = (edges.x0[other] == x[here]) & (edges.y0[other] == y[here])
        step = np.where(begins, edges.sign[other], -edges.sign[other])
        found.append((slot[here], edges.owner[other], x[here], step))
    crosses = (edges.x0[edge] < slots.end[slot]) & (edges.x1[edge] > slots.begin[slot])
    return _Near(slot, piece, crosses), _Ends(*(np.concatenate(part) for part in zip(*found, strict=True)))


@dataclass(frozen=True)
class _Above:
    """How often polygons of the right lie over the beginning of slots, one row each, never 0."""

    slot: IntArray
    owner: IntArray
    winding: FloatArray


def _above(slots: _Slots, ends: _Ends, size: int) -> _Above:
    early = ends.x <= slots.begin[ends.slot]
    keys, place = np.unique(ends.slot[early] * size + ends.owner[early], return_inverse=True)
    winding = np.rint(np.bincount(place, weights=ends.step[early], minlength=len(keys)))
    kept = winding != 0
    return _Above(keys[kept] // size, keys[kept] % size, winding[kept])


def _even(slots: _Slots, above: _Above, size: int) -> tuple[IntArray, IntArray]:
    """Return the pairs that are enclosed once in every slot, and those that are in some of them only."""
    pairs, place = np.unique(slots.shape[above.slot] * size + above.owner, return_inverse=True)
    columns = np.bincount(slots.shape)
    once = np.bincount(place, weights=above.winding == 1, minlength=len(pairs))
    rows = np.bincount(place, minlength=len(pairs))
    even = (once == rows) & (rows == columns[pairs // size])
    return pairs[even], pairs[~even]


def _strips(
    slots: _Slots, index: EdgeIndex, near: _Near, ends: _Ends, above: _Above, crossed: IntArray, size: int
) -> _Strips:
    """List what lies over the polygons of crossed pairs, sorted by pair."""
    edges = index.edges
    side = np.flatnonzero(near.crosses)
    slot, edge = near.slot[side], index.edge[near.piece[side]]
    own = np.isin(slots.shape[above.slot] * size + above.owner, crossed)
    over = above.slot[own]
    late = ends.x > slots.begin[ends.slot]
    later = ends.slot[late]
    shape = slots.shape[np.concatenate([slot, over, later])]
    owner = np.concatenate([edges.owner[edge], above.owner[own], ends.owner[late]])
    begin = np.concatenate([np.maximum(edges.x0[edge], slots.begin[slot]), slots.begin[over], ends.x[late]])
    end = np.concatenate([np.minimum(edges.x1[edge], slots.end[slot]), slots.end[over], slots.end[later]])
    sign = np.concatenate([edges.sign[edge], above.winding[own], ends.step[late]])
    lines = np.concatenate([edge, np.full(len(over) + len(later), -1, dtype=np.int64)])
    order = np.argsort(shape * size + owner, kind="stable")
    order = order[begin[order] < end[order]]
    return _Strips(shape[order], owner[order], lines[order], begin[order], end[order], sign[order])


def _measured(
    left: Shapes,
    bounds: FloatArray,
    strips: _Strips,
    edges: Edges,
    measure: Measure,
    crossed: IntArray,
    size: int,
) -> FloatArray:
    """Return the shared ground of the crossed pairs in m²."""
    used, shape = np.unique(crossed // size, return_inverse=True)
    if not len(used):
        return np.zeros(0)
    corner = bounds[used, :2]
    own = edges_of(left[used])
    at = np.searchsorted(used, strips.shape)
    height = (bounds[used, 3] - corner[:, 1])[at]
    line = np.maximum(strips.edge, 0)
    y0, y1 = (
        np.where(strips.edge < 0, height, edges.height(line, x) - corner[at, 1])
        if len(edges.owner)
        else height
        for x in (strips.begin, strips.end)
    )
    group = np.searchsorted(crossed, strips.shape * size + strips.owner)
    below = _Lines(strips.begin - corner[at, 0], strips.end - corner[at, 0], y0, y1, strips.sign)
    mine = _Lines(
        own.x0 - corner[own.owner, 0], own.x1 - corner[own.owner, 0],
        own.y0 - corner[own.owner, 1], own.y1 - corner[own.owner, 1], own.sign,
    )  # fmt: skip
    wide = np.flatnonzero(mine.x1 > mine.x0)
    mine, owner = mine.some(wide), own.owner[wide]
    first = np.searchsorted(owner, np.arange(len(used)))
    last = np.searchsorted(owner, np.arange(len(used)), side="right")
    flat = _sums(below, mine, first[at], last[at], group, len(crossed), moments=not measure.plane)
    roof = _Lines.roof(bounds[used])
    whole = _sums(roof, mine, first, last, np.arange(len(used)), len(used), moments=not measure.plane)
    filled = np.where(whole[0] > 0, whole[0], 1.0)
    ratio = np.where(whole[0] > 0, measure.m2(left[used]) / filled, 0.0)
    if measure.plane:
        return np.asarray(flat[0] * ratio[shape])
    slope = _slope(bounds[used], measure)
    area = flat[0] * ratio[shape]
    for axis in (0, 1):
        centre = whole[axis + 1] / filled
        area += slope[axis][shape] * (flat[axis + 1] - centre[shape] * flat[0])
    return np.asarray(area)


@dataclass(frozen=True)
class _Lines:
    """Straight lines between two x, with their heights there."""

    x0: FloatArray
    x1: FloatArray
    y0: FloatArray
    y1: FloatArray
    sign: FloatArray

    def some(self, rows: IntArray) -> _Lines:
        return _Lines(self.x0[rows], self.x1[rows], self.y0[rows], self.y1[rows], self.sign[rows])

    @classmethod
    def roof(cls, bounds: FloatArray) -> _Lines:
        """Return the upper sides of boxes, counted from their lower left corners."""
        wide, high = bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]
        return cls(np.zeros(len(wide)), wide, high, high, np.ones(len(wide)))


def _sums(
    upper: _Lines,
    lower: _Lines,
    first: IntArray,
    last: IntArray,
    group: IntArray,
    count: int,
    *,
    moments: bool,
) -> tuple[FloatArray, ...]:
    """Sum by group the areas (and first moments) below both of each upper line and its lower lines first … last."""
    totals = tuple(np.zeros(count) for _ in range(3 if moments else 1))
    if not len(group):
        return totals
    heads = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    stops = np.r_[heads[1:], len(group)]
    terms = np.cumsum(last - first)[stops - 1]
    place = 0
    while place < len(heads):
        done = terms[place - 1] if place else 0
        until = max(place + 1, int(np.searchsorted(terms, done + _TERMS, side="right")))
        start, stop = heads[place], stops[until - 1]
        one, other = ranges(first[start:stop], last[start:stop])
        parts = _terms(upper, lower, one + start, other, group, count, moments)
        for total, part in zip(totals, parts, strict=True):
            np.add(total, part, out=total)
        place = until
    return totals


def _terms(
    upper: _Lines, lower: _Lines, one: IntArray, other: IntArray, group: IntArray, count: int, moments: bool
) -> list[FloatArray]:
    begin = np.maximum(upper.x0[one], lower.x0[other])
    end = np.minimum(upper.x1[one], lower.x1[other])
    meets = np.flatnonzero(begin < end)
    one, other, begin, end = one[meets], other[meets], begin[meets], end[meets]
    sign = upper.sign[one] * lower.sign[other]
    a0, a1 = _at(upper, one, begin), _at(upper, one, end)
    b0, b1 = _at(lower, other, begin), _at(lower, other, end)
    d0, d1 = a0 - b0, a1 - b1
    h0, h2 = np.minimum(a0, b0), np.minimum(a1, b1)
    crosses = d0 * d1 < 0
    share = np.divide(d0, d0 - d1, out=np.zeros(len(d0)), where=crosses)
    middle = begin + share * (end - begin)
    h1 = np.where(crosses, b0 + share * (b1 - b0), h0)
    w0, w1 = (middle - begin) * sign, (end - middle) * sign
    place = group[one]
    sums = [float_sums((w0 * (h0 + h1) + w1 * (h1 + h2)) / 2, place, count)]
    if moments:
        across = w0 * (begin * (2 * h0 + h1) + middle * (h0 + 2 * h1))
        across += w1 * (middle * (2 * h1 + h2) + end * (h1 + 2 * h2))
        along = w0 * (h0 * h0 + h0 * h1 + h1 * h1) + w1 * (h1 * h1 + h1 * h2 + h2 * h2)
        sums += [float_sums(across / 6, place, count), float_sums(along / 6, place, count)]
    return sums


def _at(lines: _Lines, rows: IntArray, x: FloatArray) -> FloatArray:
    x0, y0 = lines.x0[rows], lines.y0[rows]
    height: FloatArray = y0 + (x - x0) * ((lines.y1[rows] - y0) / (lines.x1[rows] - x0))
    return height


def _slope(bounds: FloatArray, measure: Measure) -> tuple[FloatArray, FloatArray]:
    """Return the gradient of the area scale (m² per unit² and unit) from the halves of a box about each polygon."""
    middle = (bounds[:, :2] + bounds[:, 2:]) / 2
    x, y, half = middle[:, 0], middle[:, 1], LARGEST / 2
    west = measure.m2(shapely.box(x - half, y - half, x, y + half))
    east = measure.m2(shapely.box(x, y - half, x + half, y + half))
    south = measure.m2(shapely.box(x - half, y - half, x + half, y))
    north = west + east - south
    scale = half * half * LARGEST  # area of a half times the distance of their middles
    return (east - west) / scale, (north - south) / scale
