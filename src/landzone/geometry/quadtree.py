"""A quadtree that belongs to the plane, never to the data: which cell a feature lies in, which leaf holds it.

The grid is one square for every CRS in metres: 2²⁷ m wide, centred on the origin of the CRS, so that eastings with
a zone number in front of them (45,500,000) lie in it. A feature belongs to the cell of the centre of its bounding
box, and to no other: a pure function of the feature.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from landzone.units import FloatArray, IntArray

SIDE_M = float(1 << 27)
LOW_M = -SIDE_M / 2
DEPTH = 24
"""Levels of the tree: the smallest cell is 8 m wide, its code has 48 bits."""

_SPREAD = ((16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F), (2, 0x3333333333333333),
           (1, 0x5555555555555555))  # fmt: skip


@dataclass(frozen=True)
class Leaf:
    """A cell of the tree with the places of its features, in the order of their codes."""

    depth: int
    prefix: int
    rows: IntArray

    @property
    def name(self) -> str:
        """Depth and code of the cell, for instance ``03-02a``; it sorts as the tree does within one depth."""
        return f"{self.depth:02d}-{self.prefix:0{-(-self.depth // 2)}x}"


def outside_grid(bounds: FloatArray) -> IntArray:
    """Return the places of boxes that are not wholly on the grid.

    >>> outside_grid(np.array([[0.0, 0.0, 1.0, 1.0], [7e7, 0.0, 7.1e7, 1.0]])).tolist()
    [1]
    """
    inside = (bounds >= LOW_M).all(axis=1) & (bounds < LOW_M + SIDE_M).all(axis=1)
    return np.flatnonzero(~inside).astype(np.int64)


def cell_codes(bounds: FloatArray) -> IntArray:
    """Return the code of the smallest cell that holds the centre of each box (bits of x and y in turn).

    >>> corner = LOW_M + np.array([[0.0, 0.0, 16.0, 16.0], [16.0, 0.0, 16.0, 0.0]])
    >>> cell_codes(corner).tolist()
    [3, 4]

    Raises
    ------
    ValueError
        A box is not on the grid.
    """
    if len(outside_grid(bounds)):
        raise ValueError("a box lies outside the grid")
    cell = SIDE_M / (1 << DEPTH)
    x = np.floor(((bounds[:, 0] + bounds[:, 2]) / 2 - LOW_M) / cell).astype(np.uint64)
    y = np.floor(((bounds[:, 1] + bounds[:, 3]) / 2 - LOW_M) / cell).astype(np.uint64)
    return (_spread(x) | (_spread(y) << np.uint64(1))).astype(np.int64)


def _spread(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    for shift, mask in _SPREAD:
        values = (values | (values << np.uint64(shift))) & np.uint64(mask)
    return np.asarray(values, dtype=np.uint64)


def leaves(codes: IntArray, weights: IntArray, most_rows: int, most_weight: int) -> list[Leaf]:
    """Split the tree until no leaf has more rows or weight (vertices) than allowed; empty leaves are left out.

    A smallest cell is never split. Within a leaf the rows stand in the order of their codes, then as given.

    >>> [(leaf.name, leaf.rows.tolist()) for leaf in leaves(np.array([9, 0, 3]), np.ones(3, np.int64), 2, 99)]
    [('23-000000000000', [1, 2]), ('23-000000000002', [0])]
    """
    order = np.argsort(codes, kind="stable").astype(np.int64)
    ranked = codes[order]
    summed = np.concatenate([[0], np.cumsum(weights[order])])
    found: list[Leaf] = []
    open_cells = [(0, 0, 0, len(codes))]
    while open_cells:
        depth, prefix, start, end = open_cells.pop()
        if start == end:
            continue
        fits = end - start <= most_rows and summed[end] - summed[start] <= most_weight
        if fits or depth == DEPTH:
            found.append(Leaf(depth, prefix, order[start:end]))
            continue
        bits = 2 * (DEPTH - depth - 1)
        edges = [(prefix * 4 + part) << bits for part in range(5)]
        cuts = start + np.searchsorted(ranked[start:end], edges)
        open_cells += [
            (depth + 1, prefix * 4 + part, int(cuts[part]), int(cuts[part + 1])) for part in (3, 2, 1, 0)
        ]
    return found
