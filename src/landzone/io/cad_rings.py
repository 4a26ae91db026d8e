"""Boundary points to shapes: where a ring ends, and which rings are holes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely


@dataclass(frozen=True)
class Point:
    """A boundary point: number, ring number, east and north."""

    name: str
    ring: str
    x: float
    y: float


@dataclass
class Ring:
    """Points of one ring without its repeated first point; ``fault`` says why it cannot be one."""

    corners: list[Point]
    fault: str = ""


def split_rings(points: list[Point]) -> list[Ring]:
    """Cut the points of a parcel into rings: a new ring number ends one, and so does the return to its first point.

    A last point that has the number of the first but lies elsewhere is a fault: which of the two is meant cannot
    be told (some exporters write the northing twice there).

    >>> square = [Point("J1", "1", 0, 0), Point("J2", "1", 1, 0), Point("J3", "1", 1, 1)]
    >>> [len(ring.corners) for ring in split_rings([*square, square[0], Point("J4", "1", 5, 5)])]
    [3, 1]
    """
    groups: list[list[Point]] = []
    for point in points:
        open_ring = groups[-1] if groups else []
        closed = len(open_ring) > 2 and _same(open_ring[0], open_ring[-1])
        if not open_ring or closed or open_ring[-1].ring != point.ring:
            groups.append([])
        groups[-1].append(point)
    return [_ring(group) for group in groups]


def _same(a: Point, b: Point) -> bool:
    return (a.x, a.y) == (b.x, b.y)


def _ring(points: list[Point]) -> Ring:
    first, last = points[0], points[-1]
    if len(points) > 1 and _same(first, last):
        return Ring(points[:-1])
    if len(points) > 3 and last.name == first.name:
        return Ring(points, f"{first.name} ({first.y}, {first.x}) / ({last.y}, {last.x})")
    return Ring(points)


def shape_of(rings: list[Ring], kind: str) -> tuple[Any, str]:
    """Return the shape of a parcel, or None and the reason.

    A ring inside another is a hole in it, a ring inside a hole is land again; all others are parts of their own.
    """
    if not rings:
        return None, "0 J"
    if kind == "point":
        return shapely.MultiPoint([(p.x, p.y) for ring in rings for p in ring.corners]), ""
    fault = next((ring.fault for ring in rings if ring.fault), "")
    least = 2 if kind == "line" else 3
    few = next((ring for ring in rings if len({(p.x, p.y) for p in ring.corners}) < least), None)
    if fault or few is not None:
        return None, fault or f"{few.corners[0].name} … {few.corners[-1].name} < {least}"  # type: ignore[union-attr]
    if kind == "line":
        return shapely.MultiLineString([[(p.x, p.y) for p in ring.corners] for ring in rings]), ""
    return nested(
        np.array([shapely.Polygon([(p.x, p.y) for p in r.corners]) for r in rings], dtype=object)
    ), ""


def nested(rings: Any) -> Any:
    """Build one polygon or multipolygon from filled rings, by which of them lie inside which.

    >>> big, hole, apart = shapely.box(0, 0, 9, 9), shapely.box(1, 1, 2, 2), shapely.box(20, 0, 21, 1)
    >>> nested(np.array([hole, big, apart], dtype=object)).area
    81.0
    """
    if len(rings) == 1:
        return rings[0]
    inside = np.array([[i != j and _within(a, b) for j, b in enumerate(rings)] for i, a in enumerate(rings)])
    depth = inside.sum(axis=1)
    parts = []
    for shell in np.flatnonzero(depth % 2 == 0):
        holes = [r for r in np.flatnonzero(inside[:, shell]) if depth[r] == depth[shell] + 1]
        parts.append(shapely.Polygon(rings[shell].exterior, [rings[h].exterior for h in holes]))
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _within(a: Any, b: Any) -> bool:
    if a.area >= b.area or not b.is_valid:
        return False
    # a ring that crosses itself has no inside to ask for: its corners have to do, the gate judges the rest
    return bool(shapely.covers(b, a if a.is_valid else shapely.MultiPoint(shapely.get_coordinates(a))))
