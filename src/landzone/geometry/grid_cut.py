"""Large polygons cut into bounded pieces on a grid that belongs to the CRS, never to the data.

A cell is a square whose side is a power of two (metres) and whose corners are whole multiples of it, so that
the same polygon is cut in the same places in every run, partition and study.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.units import FloatArray, IntArray

Shapes = NDArray[np.object_]

LEAF_VERTICES = 1024
"""Pieces have at most this many vertices (measured: 256 and 1024 cost the same)."""

SMALLEST_CELL = 1.0


@dataclass(frozen=True)
class Pieces:
    """Pieces of polygons: ``shapes`` and the position of the polygon each comes from (``source``)."""

    shapes: Shapes
    source: IntArray
    cut: NDArray[np.bool_]


def as_shapes(shapes: Any) -> Shapes:
    """Return shapes as an array of objects."""
    if hasattr(shapes, "to_numpy"):
        shapes = shapes.to_numpy()
    return np.asarray(shapes, dtype=object)


def polygonal(shapes: Shapes) -> Shapes:
    """Keep the ground of each shape: points and lines of an intersection count for nothing."""
    kinds = shapely.get_type_id(shapes)
    mixed = kinds == 7
    if not np.any(mixed) and np.all((kinds == 3) | (kinds == 6)):
        return shapes
    out = shapes.copy()
    out[~np.isin(kinds, (3, 6, 7))] = shapely.Polygon()
    for place in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapes[place])
        out[place] = shapely.union_all(parts[np.isin(shapely.get_type_id(parts), (3, 6))])
    return out


def cell_range(bounds: FloatArray, size: FloatArray | float) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return the first and last column and row of cells that boxes reach into (touching is not reaching)."""
    low = np.floor(bounds[:, :2].T / size).astype(np.int64)
    high = np.ceil(bounds[:, 2:].T / size).astype(np.int64) - 1
    return low[0], low[1], np.maximum(high[0], low[0]), np.maximum(high[1], low[1])


def spread(x0: IntArray, y0: IntArray, x1: IntArray, y1: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """List every cell of rectangles of cells: owner, column, row."""
    wide, high = x1 - x0 + 1, y1 - y0 + 1
    many = wide * high
    owner = np.repeat(np.arange(len(x0)), many)
    place = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
    return owner, x0[owner] + place % wide[owner], y0[owner] + place // wide[owner]


def clip(shapes: Shapes, x: IntArray, y: IntArray, size: FloatArray | float) -> Shapes:
    """Return each polygon inside its own cell."""
    bounds = shapely.bounds(shapes)
    left, bottom = x * size, y * size
    right, top = left + size, bottom + size
    crossing = (bounds[:, 0] < left) | (bounds[:, 1] < bottom) | (bounds[:, 2] > right) | (bounds[:, 3] > top)
    out = shapes.copy()
    if np.any(crossing):
        boxes = shapely.box(left[crossing], bottom[crossing], right[crossing], top[crossing])
        out[crossing] = polygonal(shapely.intersection(shapes[crossing], boxes))
    return out


def cut_on_grid(shapes: Shapes, leaf: int = LEAF_VERTICES) -> Pieces:
    """Cut polygons with more than ``leaf`` vertices until no piece has more.

    Small polygons pass untouched. Pieces come sorted by the polygon they were cut from.
    """
    counts = shapely.get_num_coordinates(shapes)
    large = np.flatnonzero(counts > leaf)
    small = np.flatnonzero(counts <= leaf)
    done, sources = [shapes[small]], [small]
    work, source = shapes[large], large
    bounds = shapely.bounds(work)
    span = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]) if len(work) else np.zeros(0)
    size = np.exp2(np.ceil(np.log2(np.maximum(span, SMALLEST_CELL))))
    while len(work):
        owner, x, y = spread(*cell_range(shapely.bounds(work), size))
        parts, source, size = clip(work[owner], x, y, size[owner]), source[owner], size[owner]
        kept = ~shapely.is_empty(parts)
        parts, source, size = parts[kept], source[kept], size[kept]
        ready = (shapely.get_num_coordinates(parts) <= leaf) | (size <= SMALLEST_CELL)
        done.append(parts[ready])
        sources.append(source[ready])
        work, source, size = parts[~ready], source[~ready], size[~ready] / 2
    pieces, origin = np.concatenate(done), np.concatenate(sources).astype(np.int64)
    order = np.argsort(origin, kind="stable")
    return Pieces(pieces[order], origin[order], counts[origin[order]] > leaf)
