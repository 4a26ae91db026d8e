"""Snap rounding: many edges made a graph whose edges meet in grid points alone, by exact integer arithmetic.

Coordinates come in steps of 1/1024 of the grid (about one micrometre on the grid of 1 mm). The pixel of a grid point is
the square around it, half a grid wide to each side, its left and lower sides included, its right and upper ones not.
A pixel is hot where an edge ends in it or two edges cross in it. Every edge becomes the chain of the centres of the hot
pixels that it passes (Hobby 1999; Guibas and Marimont 1998). Which pixels are hot and which edges pass them is settled
without rounding, so the graph depends on the set of edges alone: not on their order, on tiles, or on what is elsewhere.

What is known of the graph: its edges cross nowhere and no vertex lies inside an edge; nothing moves by more than half
the diagonal of a pixel; ground may collapse, and is never turned over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from landzone.geometry.edge_cells import MOST_EDGES, EdgeCells, edge_cells
from landzone.geometry.edge_index import ranges
from landzone.units import FloatArray, IntArray

STEPS = 1024
"""Steps of the input coordinates per grid cell."""

LONGEST = 1 << 40
"""Edges are at most so many steps long in x and y (about 1,000 km on the grid of 1 mm)."""

_EXACT = 2.0**61
"""Products of integers below this are exact in 64 bits; beyond it their sign is certain in floating point."""

_BLOCK = 1 << 20
"""Pairs looked at at a time; keeps memory flat."""


@dataclass(frozen=True)
class SubEdges:
    """Chains along grid points: ``edge`` is the edge a piece comes from, in its direction, in its order.

    ``tail``, ``head`` : int64 arrays, shape (pieces, 2), in grid cells
    """

    edge: IntArray
    tail: IntArray
    head: IntArray


def pixel(steps: IntArray) -> IntArray:
    """Return the grid point whose pixel holds each coordinate.

    >>> pixel(np.array([511, 512, 1535, -512, -513])).tolist()
    [0, 1, 1, 0, -1]
    """
    return np.asarray((steps + STEPS // 2) // STEPS, dtype=np.int64)


def snap_round(start: IntArray, stop: IntArray, *, most: int = MOST_EDGES) -> SubEdges:
    """Make edges a graph on the grid.

    Parameters
    ----------
    start, stop : int64 arrays, shape (edges, 2)
        Ends in steps; no edge twice.
    most : int
        Edges of one cell of the index; no result depends on it.

    Returns
    -------
    SubEdges
        Pieces in the order of the edges; an edge that lies in one pixel leaves none.

    Examples
    --------
    Two diagonals of a square of 10 × 10 meet in its middle; a third edge that passes it by less than half a cell is
    bent to it:

    >>> start = STEPS * np.array([[0, 0], [0, 10], [0, 5]])
    >>> stop = STEPS * np.array([[10, 10], [10, 0], [10, 5]]) + [[0, 0], [0, 0], [0, 400]]
    >>> found = snap_round(start, stop)
    >>> np.column_stack([found.edge, found.tail, found.head]).tolist()
    [[0, 0, 0, 5, 5], [0, 5, 5, 10, 10], [1, 0, 10, 5, 5], [1, 5, 5, 10, 0], [2, 0, 5, 5, 5], [2, 5, 5, 10, 5]]
    """
    if not len(start):
        return SubEdges(np.zeros(0, dtype=np.int64), start, stop)
    if int(np.abs(stop - start).max()) > LONGEST:
        raise ValueError("an edge is too long for exact arithmetic")
    cells = edge_cells(start, stop, STEPS, most)
    ends = pixel(np.concatenate([start, stop]))
    hot = _distinct(np.concatenate([ends, *_crossings(start, stop, cells)]))
    edge, centre = _passing(start, stop, ends, hot, cells)
    return _chains(ends, edge, hot[centre])


def _distinct(points: IntArray) -> IntArray:
    order = np.lexsort((points[:, 1], points[:, 0]))
    ranked = points[order]
    first = np.r_[True, np.any(ranked[1:] != ranked[:-1], axis=1)] if len(ranked) else np.zeros(0, np.bool_)
    return np.asarray(ranked[first], dtype=np.int64)


def _pairs(sizes: IntArray) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield the places of all pairs inside lists that stand one after the other, in blocks."""
    last = np.repeat(np.cumsum(sizes), sizes)
    place = np.arange(len(last))
    total = np.cumsum(last - place - 1)
    low = 0
    while low < len(last):
        done = int(total[low - 1]) if low else 0
        high = max(int(np.searchsorted(total, done + _BLOCK, side="right")), low + 1)
        owner, other = ranges(place[low:high] + 1, last[low:high])
        yield owner + low, other
        low = high


def _crossings(start: IntArray, stop: IntArray, cells: EdgeCells) -> Iterator[IntArray]:
    """Yield the pixels in which two edges cross between their ends."""
    sizes, listed = cells.crowds()
    low, high = np.minimum(start, stop)[listed], np.maximum(start, stop)[listed]
    for one, two in _pairs(sizes):
        meet = (low[one, 0] <= high[two, 0]) & (low[two, 0] <= high[one, 0])
        meet &= (low[one, 1] <= high[two, 1]) & (low[two, 1] <= high[one, 1])
        first, second = listed[one[meet]], listed[two[meet]]
        a, b, c, d = start[first], stop[first], start[second], stop[second]
        side = _side(a, b, c)
        found = np.flatnonzero(side * _side(a, b, d) < 0)
        a, b, c, d = a[found], b[found], c[found], d[found]
        found = np.flatnonzero(_side(c, d, a) * _side(c, d, b) < 0)
        if len(found):
            yield _meeting(a[found], b[found], c[found], d[found])


def _cross(one: IntArray, two: IntArray) -> tuple[IntArray, FloatArray]:
    """Return a cross product modulo 2⁶⁴ and in floating point."""
    exact = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
    p, q = one.astype(np.float64), two.astype(np.float64)
    return exact, p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]


def _side(a: IntArray, b: IntArray, c: IntArray) -> IntArray:
    """Tell on which side of the line a → b the point c lies: 1 left, 0 on it, -1 right; exact."""
    exact, near = _cross(b - a, c - a)
    return np.where(np.abs(near) < _EXACT, np.sign(exact), np.sign(near)).astype(np.int64)


def _meeting(a: IntArray, b: IntArray, c: IntArray, d: IntArray) -> IntArray:
    """Return the pixel of the point in which a → b and c → d cross, exact."""
    along, across = b - a, d - c
    top, top_near = _cross(c - a, across)
    bottom, bottom_near = _cross(along, across)
    share = _value(top, top_near) / _value(bottom, bottom_near)
    error = 4e-16 + (_error(top_near) + _error(bottom_near)) * np.abs(share)
    whole = np.empty_like(a)
    for axis in (0, 1):
        base = a[:, axis] + STEPS // 2
        inside = (base % STEPS + along[:, axis] * share) / STEPS
        whole[:, axis] = base // STEPS + np.floor(inside).astype(np.int64)
        slack = (np.abs(along[:, axis]) * error * 4 + 1e-9) / STEPS
        doubtful = np.abs(inside - np.rint(inside)) <= slack
        for place in np.flatnonzero(doubtful):
            whole[place, axis] = _meeting_exactly(axis, a[place], b[place], c[place], d[place])
    return whole


def _value(exact: IntArray, near: FloatArray) -> FloatArray:
    return np.where(np.abs(near) < _EXACT, exact.astype(np.float64), near)


def _error(near: FloatArray) -> FloatArray:
    """Return the relative error of a cross product: nothing where it is an exact integer."""
    reach = 4.0 * float(LONGEST) ** 2 * 2.0**-52
    return np.where(np.abs(near) < _EXACT, 2.3e-16, reach / np.maximum(np.abs(near), 1.0))


def _meeting_exactly(axis: int, a: IntArray, b: IntArray, c: IntArray, d: IntArray) -> int:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = (tuple(map(int, point)) for point in (a, b, c, d))
    top = (cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)
    bottom = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if bottom < 0:
        top, bottom = -top, -bottom
    from_, reach = ((ax, bx - ax), (ay, by - ay))[axis]
    return ((from_ + STEPS // 2) * bottom + reach * top) // (STEPS * bottom)


def _passing(
    start: IntArray, stop: IntArray, ends: IntArray, hot: IntArray, cells: EdgeCells
) -> tuple[IntArray, IntArray]:
    """Return which edges pass which hot pixels besides those they end in: edge, place of the pixel."""
    edges, centres = [], []
    first, last = ends[: len(start)], ends[len(start) :]
    for low in range(0, len(hot), _BLOCK // 8):
        block = hot[low : low + _BLOCK // 8]
        place, edge = cells.near(block[:, 0] * STEPS, block[:, 1] * STEPS)
        at = block[place]
        box = np.all(
            (at >= np.minimum(first[edge], last[edge])) & (at <= np.maximum(first[edge], last[edge])), axis=1
        )
        box &= np.any(at != first[edge], axis=1) & np.any(at != last[edge], axis=1)
        place, edge, at = place[box], edge[box], at[box]
        passes = _passes(start[edge], stop[edge], at * STEPS - STEPS // 2)
        edges.append(edge[passes])
        centres.append(place[passes] + low)
    return np.concatenate(edges or [hot[:, 0]]), np.concatenate(centres or [hot[:, 0]])


def _passes(start: IntArray, stop: IntArray, corner: IntArray) -> NDArray[np.bool_]:
    """Tell whether edges meet half-open squares of one grid cell, given by their lower left corner; exact.

    Separating axes: x, y and the normal of the edge, for the closed square whose right and upper sides are moved
    inwards by an infinitely small amount.
    """
    swap = start[:, 0] > stop[:, 0]
    a, b = np.where(swap[:, None], stop, start), np.where(swap[:, None], start, stop)
    along = b - a
    dx, dy = along[:, 0], along[:, 1]
    low_y, high_y = np.minimum(a[:, 1], b[:, 1]), np.maximum(a[:, 1], b[:, 1])
    inside: NDArray[np.bool_] = (b[:, 0] >= corner[:, 0]) & (a[:, 0] < corner[:, 0] + STEPS)
    inside &= (high_y >= corner[:, 1]) & (low_y < corner[:, 1] + STEPS)
    exact, near = _cross(along, corner - a)
    rise = dx + np.maximum(-dy, 0)
    fall = np.minimum(-dy, 0)
    above = exact + fall * STEPS
    below = exact + rise * STEPS
    inside &= np.where(fall < 0, above < 0, above <= 0) & np.where(rise > 0, below > 0, below >= 0)
    return np.asarray(inside & (np.abs(near) < _EXACT), dtype=np.bool_)


def _chains(ends: IntArray, edge: IntArray, at: IntArray) -> SubEdges:
    """Order the pixels along each edge and return the pieces between them."""
    count = len(ends) // 2
    first, last = ends[:count], ends[count:]
    turn = np.sign(last - first)
    along = np.einsum("ij,ij->i", at - first[edge], turn[edge])
    order = np.lexsort((along, edge))
    edge, at = edge[order], at[order]
    before = np.searchsorted(edge, np.arange(count)) + 2 * np.arange(count)
    after = np.searchsorted(edge, np.arange(count), side="right") + 2 * np.arange(count) + 1
    chain = np.empty((len(edge) + 2 * count, 2), dtype=np.int64)
    chain[before], chain[after] = first, last
    chain[np.arange(len(edge)) + 2 * edge + 1] = at
    owner = np.repeat(np.arange(count), after - before + 1)
    inner = (owner[1:] == owner[:-1]) & np.any(chain[1:] != chain[:-1], axis=1)
    return SubEdges(owner[:-1][inner], chain[:-1][inner], chain[1:][inner])
