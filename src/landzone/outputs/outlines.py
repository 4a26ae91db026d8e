"""Polygons as outlines that matplotlib fills."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import shapely
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

TOGETHER = 50
"""Polygons drawn as one outline: fewer strokes of the pen, and none that is too long for it."""

_AT_ONCE = 20_000
"""Shapes that are taken apart at one time."""


def outlines(shapes: Any, together: int = TOGETHER) -> list[Outline]:
    """Return polygons as outlines, some together in one; holes run the other way and stay empty.

    >>> [len(outline) for outline in outlines([shapely.box(0, 0, 1, 1), None])]
    [5]
    """
    present = pd.Series(shapes, dtype="object")
    given = present[present.notna()].to_numpy()
    found: list[Outline] = []
    waiting = np.zeros(0, dtype=object)
    for first in range(0, len(given), _AT_ONCE):
        parts = shapely.get_parts(shapely.orient_polygons(given[first : first + _AT_ONCE]))
        waiting = np.concatenate([waiting, parts])
        whole = len(waiting) // together * together
        found += _drawn(waiting[:whole], together)
        waiting = waiting[whole:]
    return found + _drawn(waiting, together)


def _drawn(polygons: NDArray[np.object_], together: int) -> list[Outline]:
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
