"""Polygons as flat arrays: rings, their vertices and their signs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.units import FloatArray, IntArray

POLYGON, MULTIPOLYGON, COLLECTION = 3, 6, 7
"""Type numbers of shapely."""


@dataclass(frozen=True)
class Rings:
    """All rings of many shapes.

    Attributes
    ----------
    xy : float array, shape (m, 2)
        Vertices, the first of each ring repeated at its end.
    starts : int array, shape (r + 1,)
        Where each ring begins in ``xy``.
    hole : bool array, shape (r,)
        True for inner rings.
    part, shape : int array, shape (r,)
        Number of the polygon and of the input shape a ring belongs to.
    """

    xy: FloatArray
    starts: IntArray
    hole: NDArray[np.bool_]
    part: IntArray
    shape: IntArray


def polygon_parts(shapes: Any) -> tuple[Any, IntArray]:
    """Return the single polygons inside shapes and the number of the shape each came from."""
    parts = np.asarray(shapes, dtype=object)
    owner: IntArray = np.arange(len(parts), dtype=np.int64)
    kinds = shapely.get_type_id(parts)
    while np.any(kinds > POLYGON):
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
        kinds = shapely.get_type_id(parts)
    keep = kinds == POLYGON
    return (parts, owner) if keep.all() else (parts[keep], owner[keep])


def explode(shapes: Any) -> Rings:
    """Take shapes apart into rings; points, lines, empty and missing shapes have none."""
    parts, owner = polygon_parts(shapes)
    parts, owner = _without_empty(parts, owner)
    holes = shapely.get_num_interior_rings(parts)
    part: IntArray = np.repeat(np.arange(len(parts)), holes + 1)
    hole = np.zeros(len(part), dtype=bool)
    hole[1:] = part[1:] == part[:-1]
    counts = np.empty(len(part), dtype=np.int64)
    pierced = (
        holes > 0
    )  # rings are taken out only where a polygon has several: the vertices lie in order anyway
    inside = pierced[part]
    counts[~inside] = shapely.get_num_coordinates(parts[~pierced])
    counts[inside] = shapely.get_num_coordinates(shapely.get_rings(parts[pierced]))
    starts = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=starts[1:])
    return Rings(shapely.get_coordinates(parts), starts, hole, part, owner[part])


def _without_empty(parts: Any, owner: IntArray) -> tuple[Any, IntArray]:
    empty = shapely.is_empty(parts)
    return (parts[~empty], owner[~empty]) if empty.any() else (parts, owner)


def assemble(xy: FloatArray, rings: Rings, shapes: Any) -> Any:
    """Build shapes again from new vertices; ``rings.starts`` must fit ``xy``.

    ``shapes`` are the shapes that ``rings`` came from, all of them polygons or multipolygons that are
    neither missing nor empty; the kinds are kept.
    """
    lengths = np.diff(rings.starts)
    lines = shapely.linearrings(xy, indices=np.repeat(np.arange(len(lengths)), lengths))
    polygons = shapely.polygons(lines, indices=rings.part)
    owner = rings.shape[~rings.hole]
    whole = np.empty(len(shapes), dtype=object)
    single = (shapely.get_type_id(shapes) == POLYGON)[owner]
    whole[owner[single]] = polygons[single]
    if not single.all():
        many, number = np.unique(owner[~single], return_inverse=True)
        whole[many] = shapely.multipolygons(polygons[~single], indices=number)
    return whole
