"""Points on long edges before a change of projection, so that neighbours stay neighbours.

An edge that is straight in one projection is bent in another. Two plots that share a line but not all of its
vertices would part or overlap after a change of projection. So every edge gets points where it crosses the lines of
a fixed grid of the source coordinates; shared lines get the same points from both sides.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from landzone.geometry.rings import MULTIPOLYGON, POLYGON, assemble, explode
from landzone.units import FloatArray, IntArray

_BLOCK = 16_384

_MOST_LINES = 10_000_000.0
"""Nothing on Earth crosses more lines; a shape that does is in another CRS than said and stays as it is."""


def densify(shapes: Any, lines_per_unit: float) -> Any:
    """Add points where edges cross the lines of a fixed grid, along the longer of their two directions.

    Parameters
    ----------
    shapes : array of shapes
        Polygons and multipolygons get points; all others come back as they are.
    lines_per_unit : float
        Grid lines per coordinate unit: 5000 is a grid of 0.0002, 0.005 a grid of 200.

    Returns
    -------
    array of shapes
        Same order; shapes that cross no line are the very same objects. Two-dimensional where points were added.

    Examples
    --------
    >>> shapely.get_num_coordinates(densify([shapely.box(0, 0, 500, 100)], 1 / 200)).tolist()
    [9]
    """
    array = np.array(shapes, dtype=object)
    kind = shapely.get_type_id(array)
    fit = ((kind == POLYGON) | (kind == MULTIPOLYGON)) & ~shapely.is_empty(array)
    box = shapely.bounds(array).reshape(-1, 4)
    with np.errstate(invalid="ignore", over="ignore"):
        size = (box[:, 2] - box[:, 0] + box[:, 3] - box[:, 1]) * lines_per_unit
    fit &= np.isfinite(size) & (size < _MOST_LINES)
    chosen = np.flatnonzero(fit)
    for start in range(0, len(chosen), _BLOCK):
        some = chosen[start : start + _BLOCK]
        array[some] = _densify_block(array[some], lines_per_unit)
    return array


def _densify_block(shapes: Any, lines_per_unit: float) -> Any:
    rings = explode(shapes)
    low, count, along_x, ascending = _crossings(rings.xy, lines_per_unit)
    count[rings.starts[1:-1] - 1] = 0  # no edge between two rings
    if not count.any():
        return shapes
    touched = np.unique(
        rings.shape[np.repeat(np.arange(len(rings.hole)), np.diff(rings.starts))[:-1][count > 0]]
    )
    if len(touched) < len(shapes):
        result = shapes.copy()
        result[touched] = _densify_block(shapes[touched], lines_per_unit)
        return result
    place = np.zeros(len(rings.xy) + 1, dtype=np.int64)
    np.cumsum(np.append(count, 0) + 1, out=place[1:])
    xy = np.empty((place[-1], 2))
    xy[place[:-1]] = rings.xy
    edge = np.repeat(np.arange(len(count)), count)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    rank = np.where(ascending[edge], step, count[edge] - 1 - step)
    xy[place[edge] + 1 + step] = _points(rings.xy, edge, (low[edge] + rank) / lines_per_unit, along_x[edge])
    return assemble(xy, replace(rings, starts=place[rings.starts]), shapes)


def _crossings(xy: FloatArray, lines_per_unit: float) -> tuple[IntArray, IntArray, Any, Any]:
    """Return for each edge its first grid line, how many it crosses, whether along x, and whether upwards."""
    first, second = xy[:-1], xy[1:]
    along_x = np.abs(second[:, 0] - first[:, 0]) >= np.abs(second[:, 1] - first[:, 1])
    start = np.where(along_x, first[:, 0], first[:, 1])
    end = np.where(along_x, second[:, 0], second[:, 1])
    lower, upper = np.minimum(start, end), np.maximum(start, end)
    low = np.floor(lower * lines_per_unit) - 1.0
    high = np.ceil(upper * lines_per_unit) + 1.0
    for _ in range(3):  # strictly between the two ends, whatever the rounding of the product
        low += low / lines_per_unit <= lower
        high -= high / lines_per_unit >= upper
    count = np.maximum(high - low + 1.0, 0.0).astype(np.int64)
    return low.astype(np.int64), count, along_x, end > start


def _points(xy: FloatArray, edge: IntArray, at: FloatArray, along_x: Any) -> FloatArray:
    """Interpolate on edges from the lesser of their two ends, so that both directions give the same bits."""
    first, second = xy[edge], xy[edge + 1]
    swap = (first[:, 0] > second[:, 0]) | ((first[:, 0] == second[:, 0]) & (first[:, 1] > second[:, 1]))
    low, high = np.where(swap[:, None], second, first), np.where(swap[:, None], first, second)
    axis = np.where(along_x, 0, 1)
    row = np.arange(len(edge))
    base, run = low[row, axis], high[row, axis] - low[row, axis]
    other, rise = low[row, 1 - axis], high[row, 1 - axis] - low[row, 1 - axis]
    across = other + (at - base) / run * rise
    return np.column_stack([np.where(along_x, at, across), np.where(along_x, across, at)])
