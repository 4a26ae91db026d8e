"""How wide a patch is, and whether it is a real place or the gap between two drawings of one line."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.geometry.grid_cut import Shapes
from landzone.units import FloatArray


def mean_width_m(shapes: Shapes) -> FloatArray:
    """Mean width of polygons: 2 × area ÷ perimeter, m, in the plane (a long strip of width w has about w).

    >>> mean_width_m(np.array([shapely.box(0, 0, 14, 14), shapely.box(0, 0, 100, 0.05)])).round(3).tolist()
    [7.0, 0.05]
    """
    length = shapely.length(shapes)
    width: FloatArray = np.zeros(len(length))
    np.divide(2 * shapely.area(shapes), length, out=width, where=length > 0)
    return width


def is_sliver(shapes: Shapes, width_m: float) -> NDArray[np.bool_]:
    """Tell digitising noise from ground: narrow on average, and nowhere wide.

    sliver = (2A/P < width_m) and no circle of diameter 2 × width_m fits inside.

    The second test never changes the answer for a convex patch, whose inscribed diameter is at most twice 2A/P.
    It stops a real place with thin tails attached to it from hiding: the tails pull its mean width down.
    No area enters.

    Examples
    --------
    >>> body, tail = shapely.box(0, 0, 20, 20), shapely.box(20, 0, 2000, 0.1)
    >>> is_sliver(np.array([tail, shapely.union(body, tail)]), 1.0).tolist()
    [True, False]
    """
    sliver: NDArray[np.bool_] = mean_width_m(shapes) < width_m
    bounds = shapely.bounds(shapes)
    side = np.minimum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
    doubtful = sliver & (shapely.area(shapes) >= np.pi * width_m**2) & (side >= 2 * width_m)
    places = np.flatnonzero(doubtful)
    if len(places):
        eroded = shapely.buffer(shapes[places], -width_m)
        sliver[places] = shapely.is_empty(eroded)
    return sliver


def widest_m(shapes: Shapes) -> FloatArray:
    """Width of the widest part: the diameter of the largest circle that fits inside, m, to 2 % of the mean width.

    The circle found always fits, so the figure is never too large.

    >>> widest_m(np.array([shapely.box(0, 0, 30, 40), shapely.box(0, 0, 100, 2)])).round(1).tolist()
    [30.0, 2.0]
    """
    tolerance = np.maximum(mean_width_m(shapes) * 0.01, 1e-4)
    radius: FloatArray = shapely.length(shapely.maximum_inscribed_circle(shapes, tolerance=tolerance))
    return 2 * radius
