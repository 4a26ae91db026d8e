"""Edges of polygons in columns and rows of a fixed grid: which are near a box, and how often a place is enclosed.

The grid belongs to the CRS (corners at whole multiples of ``CELL``), so that a box finds the same edges in the same
order whatever else is in the set. A vertical edge counts as one that leans to the right by nothing: edges run from
their lower to their higher end by (x, y).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from landzone.geometry.grid_cut import Shapes
from landzone.geometry.integrals import plane_area
from landzone.geometry.rings import explode
from landzone.units import FloatArray, IntArray

CELL = 64.0
"""Side of a cell in units of the CRS, a power of two; no number depends on it."""

_PAD = 1e-6
"""By how much the reach of an edge inside a column is widened, for the rounding of the two cut points."""


@dataclass(frozen=True)
class Edges:
    """Edges of polygons, in the order of their rings.

    Attributes
    ----------
    x0, y0, x1, y1 : ends, (x0, y0) < (x1, y1)
    sign : +1 where the polygon lies below the edge, -1 where it lies above
    owner : position of the polygon
    before, after : the edge that shares the end (x0, y0), and the one that shares (x1, y1)
    """

    x0: FloatArray
    y0: FloatArray
    x1: FloatArray
    y1: FloatArray
    sign: FloatArray
    owner: IntArray
    before: IntArray
    after: IntArray

    def height(self, edge: IntArray, x: FloatArray) -> FloatArray:
        """Return y of edges at x."""
        wide = self.x1[edge] - self.x0[edge]
        slope = np.divide(self.y1[edge] - self.y0[edge], wide, out=np.zeros(len(edge)), where=wide > 0)
        height: FloatArray = self.y0[edge] + (x - self.x0[edge]) * slope
        return height


def edges_of(shapes: Shapes) -> Edges:
    """Take polygons apart into edges; empty and missing ones have none."""
    rings = explode(shapes)
    if not len(rings.hole):
        none, whole = np.zeros(0), np.zeros(0, dtype=np.int64)
        return Edges(none, none, none, none, none, whole, whole, whole)
    signed = plane_area(rings.xy, rings.starts)
    turn = np.where((signed > 0) != rings.hole, 1.0, -1.0)
    ring = np.repeat(np.arange(len(rings.hole)), np.diff(rings.starts))
    start, stop = rings.xy[:-1], rings.xy[1:]
    kept = (ring[1:] == ring[:-1]) & np.any(start != stop, axis=1)
    start, stop, ring = start[kept], stop[kept], ring[:-1][kept]
    forward = (start[:, 0] < stop[:, 0]) | ((start[:, 0] == stop[:, 0]) & (start[:, 1] < stop[:, 1]))
    low, high = np.where(forward[:, None], start, stop), np.where(forward[:, None], stop, start)
    place = np.arange(len(ring))
    first, last = np.searchsorted(ring, ring), np.searchsorted(ring, ring, side="right") - 1
    previous = np.where(place == first, last, place - 1)
    following = np.where(place == last, first, place + 1)
    return Edges(
        np.ascontiguousarray(low[:, 0]), np.ascontiguousarray(low[:, 1]),
        np.ascontiguousarray(high[:, 0]), np.ascontiguousarray(high[:, 1]),
        np.where(forward, -turn[ring], turn[ring]), rings.shape[ring],
        np.where(forward, previous, following), np.where(forward, following, previous),
    )  # fmt: skip


def ranges(start: IntArray, stop: IntArray) -> tuple[IntArray, IntArray]:
    """List the members of ranges: which range, and the number itself."""
    many = np.maximum(stop - start, 0)
    owner = np.repeat(np.arange(len(many)), many)
    return owner, np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many) + start[owner]


@dataclass(frozen=True)
class EdgeIndex:
    """Pieces of edges, one for each column an edge reaches into, and the cells they lie in.

    Attributes
    ----------
    edges : Edges
    edge, column, low, high : of each piece: its edge, its column, and how low and high it reaches in that column
    first : the first piece of each edge (the others follow, column by column)
    cell, cell_piece, cell_row : the cells of the pieces, sorted by cell
    origin, rows : what makes one number of a column and a row
    enclosing : polygon, first and last cell, and winding of the cells whose left side a polygon lies over
    """

    edges: Edges
    edge: IntArray
    column: IntArray
    low: FloatArray
    high: FloatArray
    first: IntArray
    cell: IntArray
    cell_piece: IntArray
    cell_row: IntArray
    origin: tuple[int, int]
    rows: int
    enclosing: tuple[IntArray, IntArray, IntArray, IntArray]

    def number(self, column: IntArray, row: IntArray) -> IntArray:
        """Return the number of a cell; rows outside the set are brought to its margin."""
        inside = np.clip(row - self.origin[1], -1, self.rows)
        return np.asarray((column - self.origin[0]) * (self.rows + 2) + inside + 1, dtype=np.int64)

    def piece_in(self, edge: IntArray, column: IntArray) -> IntArray:
        """Return the piece of an edge in a column it reaches into."""
        first = self.first[edge]
        return np.asarray(first + column - self.column[first], dtype=np.int64)

    def near(self, column: IntArray, bottom: IntArray, top: IntArray) -> tuple[IntArray, IntArray]:
        """Find the pieces in rows ``bottom`` … ``top`` of columns: which question, which piece; each pair once."""
        start = np.searchsorted(self.cell, self.number(column, bottom))
        stop = np.searchsorted(self.cell, self.number(column, top), side="right")
        asked, entry = ranges(start, stop)
        piece = self.cell_piece[entry]
        lowest = np.maximum(np.floor(self.low[piece] / CELL).astype(np.int64), bottom[asked])
        once = self.cell_row[entry] == lowest
        return asked[once], piece[once]

    def enclosures(self, column: IntArray, row: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        """Tell which polygons hold the left end of a column just above a row, counting only edges in higher rows.

        Returns
        -------
        asked, owner, winding
            Question, polygon, and how often it encloses the place (never 0).
        """
        cells, question = np.unique(self.number(column, row), return_inverse=True)
        group, first, last, winding = self.enclosing
        interval, place = ranges(np.searchsorted(cells, first), np.searchsorted(cells, last, side="right"))
        order = np.argsort(place, kind="stable")
        interval, place = interval[order], place[order]
        asked, entry = ranges(
            np.searchsorted(place, question), np.searchsorted(place, question, side="right")
        )
        return asked, group[interval[entry]], winding[interval[entry]]


def index_edges(shapes: Shapes) -> EdgeIndex:
    """Index the edges of polygons."""
    edges = edges_of(shapes)
    left = np.floor(edges.x0 / CELL).astype(np.int64)
    right = np.floor(edges.x1 / CELL).astype(np.int64)
    edge, column = ranges(left, right + 1)
    low, high = _reach(edges, edge, column, left, right)
    first = np.cumsum(right - left + 1) - (right - left + 1)
    bottom, top = np.floor(low / CELL).astype(np.int64), np.floor(high / CELL).astype(np.int64)
    origin = (int(left.min()), int(bottom.min())) if len(edge) else (0, 0)
    rows = int(top.max()) - origin[1] + 1 if len(edge) else 1
    cell_piece, cell_row = ranges(bottom, top + 1)
    cell = (column[cell_piece] - origin[0]) * (rows + 2) + cell_row - origin[1] + 1
    order = np.argsort(cell, kind="stable")
    entering = np.flatnonzero(column > left[edge])
    enclosing = _intervals(
        edges, edge[entering], column[entering] - origin[0], bottom[entering] - origin[1], rows
    )
    return EdgeIndex(
        edges, edge, column, low, high, first, cell[order], cell_piece[order], cell_row[order], origin, rows, enclosing
    )  # fmt: skip


def _reach(
    edges: Edges, edge: IntArray, column: IntArray, left: IntArray, right: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return how low and how high each edge reaches inside a column."""
    begin, end = edges.y0[edge], edges.y1[edge]
    cut = np.flatnonzero(left[edge] < right[edge])
    own = edge[cut]
    low, high = np.minimum(begin, end), np.maximum(begin, end)
    if len(cut):
        enters = edges.height(own, np.maximum(edges.x0[own], column[cut] * CELL))
        leaves = edges.height(own, np.minimum(edges.x1[own], (column[cut] + 1) * CELL))
        low[cut] = np.maximum(low[cut], np.minimum(enters, leaves) - _PAD)
        high[cut] = np.minimum(high[cut], np.maximum(enters, leaves) + _PAD)
    return low, high


def _intervals(
    edges: Edges, edge: IntArray, column: IntArray, row: IntArray, rows: int
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return polygon, first and last cell, and winding of the runs of rows that a polygon encloses in a column."""
    owner, sign = edges.owner[edge], edges.sign[edge].astype(np.int64)
    order = np.lexsort((row, owner, column))
    column, owner, row, sign = column[order], owner[order], row[order], sign[order]
    same = (column[1:] == column[:-1]) & (owner[1:] == owner[:-1])
    total = np.cumsum(sign)
    # edges of one polygon over one line add up to nothing, so what lies above is minus what lies at and below
    between = np.flatnonzero(same & (row[1:] > row[:-1]) & (total[:-1] != 0))
    head = column[between] * (rows + 2) + 1
    return owner[between], head + row[between], head + row[between + 1] - 1, -total[between]
