"""Shapes that share an edge: neighbours on the ground, also where their borders lie a hand's breadth apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.units import FloatArray, IntArray


@dataclass(frozen=True)
class SharedEdges:
    """Pairs of shapes with the length of border that they share, each pair once, ``left < right``."""

    left: IntArray
    right: IntArray
    length_m: FloatArray


def shared_edges(shapes: NDArray[np.object_], tolerance_m: float, least_m: float) -> SharedEdges:
    """Return which shapes share border.

    The shared length is that of the border of one shape that lies within the tolerance of the other, so it is up to
    two tolerances too long. Shapes that only meet in a corner share less than ``least_m``.

    Parameters
    ----------
    shapes : array of polygons, shape (n,)
        In metres; missing and empty ones touch nothing.
    tolerance_m : float
        How far borders may lie apart.
    least_m : float
        Shorter shared borders do not count; at least four times the tolerance, so that corners never do.

    Examples
    --------
    >>> plots = shapely.box(np.array([0, 10, 20.05, 10]), np.array([0, 0, 0, 10]), np.array([10, 20, 30, 20]),
    ...                     np.array([10, 10, 10, 20]))
    >>> found = shared_edges(plots, 0.1, 1.0)
    >>> list(zip(found.left.tolist(), found.right.tolist(), found.length_m.round(1).tolist()))
    [(0, 1, 10.2), (1, 2, 10.1), (1, 3, 10.2)]
    """
    if least_m < 4 * tolerance_m:
        raise ValueError(f"least_m {least_m} < 4 x tolerance_m {tolerance_m}: corners would count")
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="dwithin", distance=tolerance_m)
    once = left < right
    order = np.lexsort((right[once], left[once]))
    left, right = left[once][order], right[once][order]
    near = shapely.buffer(shapes[right], tolerance_m, join_style="mitre")
    length = shapely.length(shapely.intersection(shapely.boundary(shapes[left]), near))
    enough = length >= least_m
    return SharedEdges(left[enough], right[enough], length[enough])
