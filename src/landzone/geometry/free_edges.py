"""Edges of a layer that no neighbour shares: where its ground ends, and where neighbours do not fit together.

In a layer whose neighbours share their corners nearly every edge is drawn twice, once from each side. What is left
over is little, and it is enough: how many shapes lie over a place can only change at these edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.geometry.integrals import plane_area
from landzone.geometry.rings import explode
from landzone.units import FloatArray, IntArray

_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0xFF51AFD7ED558CCD))


@dataclass(frozen=True)
class Edges:
    """Edges with the ground of their shape on the left.

    Attributes
    ----------
    start, end : float arrays, shape (k, 2)
    owner : int array, shape (k,)
        Position of the shape an edge belongs to.
    """

    start: FloatArray
    end: FloatArray
    owner: IntArray

    def __len__(self) -> int:
        return len(self.owner)

    def lines(self) -> NDArray[np.object_]:
        """Return the edges as lines of two points."""
        return np.asarray(shapely.linestrings(np.stack([self.start, self.end], axis=1)), dtype=object)

    def chains(self) -> NDArray[np.object_]:
        """Return the edges as lines, those that follow each other in one."""
        if not len(self):
            return np.zeros(0, dtype=object)
        follows = (self.start[1:] == self.end[:-1]).all(axis=1) & (self.owner[1:] == self.owner[:-1])
        first = np.r_[True, ~follows]
        chain = np.cumsum(first) - 1
        heads = np.flatnonzero(first) + np.arange(int(first.sum()))
        later = np.ones(len(self) + len(heads), dtype=bool)
        later[heads] = False
        points = np.empty((len(later), 2))
        points[heads], points[later] = self.start[first], self.end
        number = np.empty(len(later), dtype=np.int64)
        number[heads], number[later] = chain[first], chain
        return np.asarray(shapely.linestrings(points, indices=number), dtype=object)


def free_edges(shapes: Any) -> Edges:
    """Return the edges that are not drawn exactly twice, once in each direction.

    Corners are compared bit by bit.

    Parameters
    ----------
    shapes : array of valid polygons
        Missing shapes have no edges.

    Examples
    --------
    Two neighbours share one of their eight edges:

    >>> len(free_edges([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]))
    6
    """
    rings = explode(np.asarray(shapes, dtype=object))
    if not len(rings.hole):
        none = np.zeros((0, 2))
        return Edges(none, none, np.zeros(0, dtype=np.int64))
    xy = rings.xy + 0.0
    inside = np.ones(len(xy), dtype=bool)
    inside[rings.starts[1:] - 1] = False
    place = np.flatnonzero(inside)
    place = place[(xy[place] != xy[place + 1]).any(axis=1)]
    turned = (plane_area(xy, rings.starts) < 0) != rings.hole
    ring = np.repeat(np.arange(len(rings.hole)), np.diff(rings.starts))
    free = place[~_matched(xy, place, turned[ring[place]])]
    free = free[np.lexsort((np.where(turned[ring[free]], -free, free), ring[free]))]
    back = turned[ring[free]][:, None]
    start, end = xy[free], xy[free + 1]
    owner = rings.shape[ring[free]].astype(np.int64)
    return Edges(np.where(back, end, start), np.where(back, start, end), owner)


def _matched(xy: FloatArray, place: IntArray, turned: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which of the edges that begin at some vertices have exactly one twin, drawn the other way."""
    bits = np.ascontiguousarray(xy).view(np.uint64)
    mixed = bits[:, 0] * _MIX[0] ^ (bits[:, 1] * _MIX[1] + _MIX[2])
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX[2]
    mixed ^= mixed >> np.uint64(32)
    key = mixed[place] + mixed[place + 1]
    order = np.argsort(key, kind="stable")
    same = np.r_[False, key[order[1:]] == key[order[:-1]], False]
    head = np.flatnonzero(~same[:-1] & same[1:] & ~np.r_[same[2:], False])
    one, two = order[head], order[head + 1]
    crossed = turned[one] != turned[two]
    forward = (xy[place[one]] == xy[place[two]]).all(axis=1) & (xy[place[one] + 1] == xy[place[two] + 1]).all(
        axis=1
    )
    backward = (xy[place[one]] == xy[place[two] + 1]).all(axis=1) & (
        xy[place[one] + 1] == xy[place[two]]
    ).all(axis=1)
    twins = (forward & crossed) | (backward & ~crossed)
    found = np.zeros(len(place), dtype=bool)
    found[one[twins]] = True
    found[two[twins]] = True
    return found
