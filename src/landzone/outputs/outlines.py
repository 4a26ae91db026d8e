"""Polygons as outlines that matplotlib fills."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import shapely
from matplotlib.path import Path as Outline

TOGETHER = 50
"""Polygons drawn as one outline: fewer strokes of the pen, and none that is too long for it."""


def outlines(shapes: Any, together: int = TOGETHER) -> list[Outline]:
    """Return polygons as outlines, some together in one; holes run the other way and stay empty.

    >>> [len(outline) for outline in outlines([shapely.box(0, 0, 1, 1), None])]
    [5]
    """
    present = pd.Series(shapes, dtype="object")
    polygons = shapely.get_parts(shapely.orient_polygons(present[present.notna()].to_numpy()))
    rings, owner = shapely.get_rings(polygons, return_index=True)
    if not len(rings):
        return []
    points, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(points), Outline.LINETO, dtype=Outline.code_type)
    starts = np.searchsorted(ring, np.arange(len(rings)))
    ends = np.append(starts[1:], len(points)) - 1
    codes[starts], codes[ends] = Outline.MOVETO, Outline.CLOSEPOLY
    first = np.arange(0, len(polygons), together)
    cuts = [*np.searchsorted(owner[ring], first).tolist(), len(points)]
    return [Outline(points[a:b], codes[a:b]) for a, b in pairwise(cuts) if b > a]
