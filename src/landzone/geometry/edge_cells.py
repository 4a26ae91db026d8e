"""Which edges come near one another: a tree of square cells that grows where edges are crowded.

The cells are an index alone. Whatever their sizes are, the same edges and points meet in them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from landzone.geometry.edge_index import ranges
from landzone.units import FloatArray, IntArray

MOST_EDGES = 12
"""A cell with more edges is quartered, unless it is of the smallest size already."""

_SMALLEST_STEPS = 4
"""The smallest cell has a side of so many times the padding."""


@dataclass(frozen=True)
class CellLevel:
    """Cells of one size with the edges that reach into them.

    ``key`` numbers the cells, rising; the edges of cell ``i`` are ``edge[start[i]:start[i + 1]]``.
    """

    size: int
    key: IntArray
    start: IntArray
    edge: IntArray


@dataclass(frozen=True)
class EdgeCells:
    """Edges in a tree of cells; every point of the plane lies in one cell at most."""

    levels: tuple[CellLevel, ...]
    origin: IntArray

    def crowds(self) -> tuple[IntArray, IntArray]:
        """Return the sizes of all cells' lists and all edges, cell after cell."""
        sizes = np.concatenate([np.diff(level.start) for level in self.levels])
        return sizes, np.concatenate([level.edge for level in self.levels])

    def near(self, x: IntArray, y: IntArray) -> tuple[IntArray, IntArray]:
        """Return which points have which edges in their cells: position of the point, edge."""
        found: list[tuple[IntArray, IntArray]] = []
        waiting = np.arange(len(x))
        for level in self.levels:
            key = _key(*(_cell(v[waiting], o, level.size) for v, o in zip((x, y), self.origin, strict=True)))
            place = np.minimum(np.searchsorted(level.key, key), max(len(level.key) - 1, 0))
            here = level.key[place] == key if len(level.key) else np.zeros(len(key), dtype=np.bool_)
            asked, entry = ranges(level.start[place[here]], level.start[place[here] + 1])
            found.append((waiting[here][asked], level.edge[entry]))
            waiting = waiting[~here]
        return np.concatenate([one for one, _ in found]), np.concatenate([one for _, one in found])


def edge_cells(start: IntArray, stop: IntArray, pad: int, most: int = MOST_EDGES) -> EdgeCells:
    """Sort edges into cells.

    Parameters
    ----------
    start, stop : int64 arrays, shape (edges, 2), at least one edge
    pad : int
        An edge reaches into a cell where it comes as near as this to it.
    most : int
        Edges a cell may hold before it is quartered.
    """
    forward = start[:, 0] <= stop[:, 0]
    low = np.where(forward[:, None], start, stop)
    origin = np.minimum(start, stop).min(axis=0) - 2 * pad
    x0, y0 = (low - origin).astype(np.float64).T
    x1, y1 = (np.where(forward[:, None], stop, start) - origin).astype(np.float64).T
    ends = np.stack([x0, y0, x1, y1])
    size = _first_size(ends, pad)
    edge, column, row = uniform_cells(ends, size, pad)
    levels = []
    while len(edge):
        key = _key(column, row)
        order = np.argsort(key, kind="stable")
        edge, column, row, key = edge[order], column[order], row[order], key[order]
        first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
        many = np.diff(np.r_[first, len(key)])
        full = (many > most) & (size >= _SMALLEST_STEPS * 2 * pad)
        in_full = np.repeat(full, many)
        levels.append(CellLevel(size, key[first[~full]], np.r_[0, np.cumsum(many[~full])], edge[~in_full]))
        size //= 2
        edge, column, row = _quartered(ends, edge[in_full], column[in_full], row[in_full], size, pad)
    return EdgeCells(tuple(levels), origin)


def uniform_cells(ends: FloatArray, size: int, pad: float) -> tuple[IntArray, IntArray, IntArray]:
    """List the cells of one size that edges reach into: edge, column, row. ``ends``: x0 ≤ x1, y0, y1 as rows."""
    left = np.floor((ends[0] - pad) / size).astype(np.int64)
    right = np.floor((ends[2] + pad) / size).astype(np.int64)
    edge, column = ranges(left, right + 1)
    low, high = _reach(ends, edge, column, size, pad)
    owner, row = ranges(np.floor(low / size).astype(np.int64), np.floor(high / size).astype(np.int64) + 1)
    return edge[owner], column[owner], row


def _first_size(ends: FloatArray, pad: int) -> int:
    """Return a power of two: cells that hold a few edges each where these are spread evenly."""
    count = ends.shape[1]
    wide, high = np.ptp(ends[[0, 2]]) + pad, np.ptp(ends[[1, 3]]) + pad
    reach = np.abs(ends[2] - ends[0]) + np.abs(ends[3] - ends[1])
    side = max(float(np.sqrt(wide * high / count)) * 2, float(reach.mean()), 2.0 * _SMALLEST_STEPS * pad)
    return 1 << int(np.ceil(np.log2(side)))


def _quartered(
    ends: FloatArray, edge: IntArray, column: IntArray, row: IntArray, size: int, pad: int
) -> tuple[IntArray, IntArray, IntArray]:
    parts = []
    for right in (0, 1):
        inner = 2 * column + right
        low, high = _reach(ends, edge, inner, size, pad)
        here = (ends[0, edge] - pad < (inner + 1) * size) & (ends[2, edge] + pad >= inner * size)
        for upper in (0, 1):
            level = 2 * row + upper
            kept = here & (low < (level + 1) * size) & (high >= level * size)
            parts.append((edge[kept], inner[kept], level[kept]))
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))  # type: ignore[return-value]


def _reach(
    ends: FloatArray, edge: IntArray, column: IntArray, size: int, pad: float
) -> tuple[FloatArray, FloatArray]:
    """Return how low and high each edge comes inside a column, widened by the padding."""
    x0, y0, x1, y1 = ends[:, edge]
    wide = x1 - x0
    slope = np.divide(y1 - y0, wide, out=np.zeros(len(edge)), where=wide > 0)
    enters = np.clip(column * float(size) - pad, x0, x1)
    leaves = np.clip((column + 1) * float(size) + pad, x0, x1)
    first = y0 + (enters - x0) * slope
    last = np.where(wide > 0, y0 + (leaves - x0) * slope, y1)
    return np.minimum(first, last) - 2 * pad, np.maximum(first, last) + 2 * pad


def _cell(value: IntArray, origin: int, size: int) -> IntArray:
    return np.asarray((value - origin) // size, dtype=np.int64)


def _key(column: IntArray, row: IntArray) -> IntArray:
    return np.asarray((column << 31) + row, dtype=np.int64)
