"""Bounding boxes: which shapes can meet a window at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.units import FloatArray

MANY = 8
"""More boxes than these are looked up in a tree."""


def box_meets(shapes: Any, boxes: FloatArray) -> NDArray[np.bool_]:
    """Tell which shapes have a bounding box that meets one of some boxes (touching counts).

    >>> box_meets([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)], np.array([[0.5, 0.5, 2.0, 2.0]])).tolist()
    [True, False]
    """
    own = shapely.bounds(np.asarray(shapes, dtype=object)).reshape(-1, 4)
    hit = np.zeros(len(own), dtype=np.bool_)
    if len(boxes) > MANY:
        hit[shapely.STRtree(shapely.box(*boxes.T)).query(shapely.box(*own.T))[0]] = True
        return hit
    for west, south, east, north in boxes:
        hit |= (own[:, 0] <= east) & (own[:, 2] >= west) & (own[:, 1] <= north) & (own[:, 3] >= south)
    return hit
