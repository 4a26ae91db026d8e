"""Bodies with vertical walls (3D buildings) seen from above."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from landzone.geometry.area import plane_area_of

_FLAT = 1e-9
"""A face whose plan area is less than this share of its squared perimeter is a wall."""


def _faces(shape: Any) -> tuple[Any, Any]:
    """Return the faces of a body as flat polygons, and which of them are walls.

    A face is a part without those of its inner rings that are walls. Where what is left is no valid polygon (the
    outer ring is a wall, an inner ring is the floor under a roof), each ring is a face.
    """
    faces: list[Any] = []
    for part in shapely.get_parts(shapely.force_2d(shape)):
        rings = shapely.polygons(shapely.get_rings(part))
        wall = _is_wall(rings)
        faces.extend(rings[wall])
        if not wall[0]:
            lying = shapely.get_rings(part)[~wall]
            face = shapely.polygons(lying[0], holes=lying[1:]) if len(lying) > 1 else rings[0]
            faces.extend([face] if shapely.is_valid(face) else rings[~wall])
        else:
            faces.extend(rings[~wall])
    array: Any = np.empty(len(faces), dtype=object)
    array[:] = faces
    return array, _is_wall(array)


def _is_wall(polygons: Any) -> Any:
    return np.abs(plane_area_of(polygons)) <= _FLAT * np.maximum(shapely.length(polygons) ** 2, 1e-300)


def has_wall(shape: Any) -> bool:
    """Tell whether some face of a shape with heights stands upright: no area from above, but some extent."""
    faces, wall = _faces(shape)
    return bool((wall & (shapely.length(faces) > 0)).any())


def face_area(shape: Any) -> float:
    """Return the summed plan area of the faces that are no walls (twice the ground for a closed body)."""
    faces, wall = _faces(shape)
    return float(np.sum(plane_area_of(faces[~wall])))


def plan_view(shape: Any) -> Any:
    """Return the ground under a body: the union of its faces that are no walls.

    None where the plan is not clear: no such face, or one that crosses itself.
    """
    faces, wall = _faces(shape)
    lying = faces[~wall]
    if not len(lying) or not shapely.is_valid(lying).all():
        return None
    plan = shapely.union_all(lying)
    return plan if shapely.get_type_id(plan) in (3, 6) and shapely.is_valid(plan) else None
