"""What is wrong with a shape, told apart, and the repairs that leave no doubt about its area.

A broken polygon has no single area: a bow-tie has one by the formula, another by the even-odd rule, a third once the
crossings are noded. Only where all of them agree is a shape mended here, by the structure method of GEOS; the rest is
left for quarantine. Valid shapes are never touched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.geometry.area import plane_area_of
from landzone.geometry.rings import MULTIPOLYGON, POLYGON
from landzone.geometry.solids import face_area, has_wall, plan_view
from landzone.units import FloatArray

AREA_TOLERANCE = 1e-4
"""Share of its area that a mended shape may leave open: 1 m² in a hectare."""

_EXACT = 1e-9
_THIN = 1e-10
"""A shape whose area is less than this share of its squared perimeter is a line."""

_PLACE = re.compile(r"\[(\S+) (\S+?)(?: \S+)?\]")


class Fault(StrEnum):
    """What is wrong with a shape. See ``REPAIRABLE`` for the ones that can be mended."""

    OK = "ok"
    NULL = "null"
    EMPTY = "empty"
    NOT_FINITE = "not_finite"
    TYPE = "type"
    ZERO_AREA = "zero_area"
    SELF_INTERSECTION = "self_intersection"
    HOLE_OUTSIDE = "hole_outside"
    NESTED_HOLES = "nested_holes"
    SELF_OVERLAP = "self_overlap"
    SPIKE = "spike"
    RING_TOUCH = "ring_touch"
    TOUCHING_PARTS = "touching_parts"
    COLLAPSED_PART = "collapsed_part"
    TINY_LOOP = "tiny_loop"
    SOLID = "solid"
    UNDECIDED = "undecided"


REPAIRABLE = frozenset(
    {
        Fault.SPIKE,
        Fault.RING_TOUCH,
        Fault.TOUCHING_PARTS,
        Fault.COLLAPSED_PART,
        Fault.TINY_LOOP,
        Fault.SOLID,
    }
)
"""Faults whose repair leaves no doubt about the area.

``spike``: out and back along one line. ``ring_touch``: a ring or hole touches itself, its shell or another hole.
``touching_parts``: parts of a multipolygon share an edge. ``collapsed_part``: a part or hole without area.
``tiny_loop``: a crossing that leaves less than ``AREA_TOLERANCE`` of the area open. ``solid``: faces of a body with
vertical walls, taken in plan view.
"""


@dataclass(frozen=True)
class Examination:
    """The finding on each of n shapes.

    Attributes
    ----------
    fault : object array of Fault
    where : object array of str
        Point of the fault (``527050,3958250``), or the type of a shape that is no polygon; else empty.
    area : float array
        Area by the formula in squared units of the CRS, shells less holes as they are (for a solid the sum of its
        faces in plan view); NaN where there is none.
    has_z : bool array
        Whether the shape has heights.
    mended : object array
        The repaired shape (two-dimensional) where the fault is repairable, else None.
    """

    fault: NDArray[np.object_]
    where: NDArray[np.object_]
    area: FloatArray
    has_z: NDArray[np.bool_]
    mended: NDArray[np.object_]

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Whether each shape can be used, as it is or mended."""
        return np.array([f == Fault.OK or f in REPAIRABLE for f in self.fault], dtype=bool)


@dataclass(frozen=True)
class Repaired:
    """Shapes after repair: ``changed`` marks the mended ones; areas in squared units of the CRS."""

    shapes: NDArray[np.object_]
    area_before: FloatArray
    area_after: FloatArray
    changed: NDArray[np.bool_]


def examine(shapes: Any) -> Examination:
    """Find out what is wrong with each shape; detail is looked for only where a shape is not valid.

    Parameters
    ----------
    shapes : array of n shapes
        In one CRS, of any unit.

    Examples
    --------
    >>> bow_tie = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    >>> found = examine([bow_tie, shapely.box(0, 0, 1, 1), None])
    >>> [str(f) for f in found.fault], found.where[0]
    (['self_intersection', 'ok', 'null'], '50,50')
    """
    array = np.asarray(shapes, dtype=object)
    fault = _faults(len(array), Fault.OK)
    where = np.full(len(array), "", dtype=object)
    mended = np.full(len(array), None, dtype=object)
    missing, kind = shapely.is_missing(array), shapely.get_type_id(array)
    areal = (kind == POLYGON) | (kind == MULTIPOLYGON)
    empty = shapely.is_empty(array)
    other = ~missing & ~empty & ~areal
    for rows, kind_of_fault in ((missing, Fault.NULL), (empty, Fault.EMPTY), (other, Fault.TYPE)):
        fault[rows] = _faults(int(rows.sum()), kind_of_fault)
    where[other] = [shape.geom_type for shape in array[other]]
    polygons = array.copy()
    polygons[~areal] = None
    area = plane_area_of(polygons)
    sound = areal & ~empty
    with np.errstate(invalid="ignore", over="ignore"):
        valid = sound & shapely.is_valid(array)
        thin = valid & (area <= _THIN * shapely.length(array) ** 2)
    fault[thin] = _faults(int(thin.sum()), Fault.ZERO_AREA)
    for place in np.flatnonzero(sound & ~valid):
        fault[place], where[place], mended[place] = _diagnosed(array[place], float(area[place]))
        if fault[place] is Fault.SOLID:
            area[place] = face_area(array[place])
    for place in np.flatnonzero(thin):
        where[place] = _point(*shapely.get_coordinates(array[place])[0])
    return Examination(fault, where, area, shapely.has_z(array), mended)


def repair(shapes: Any, found: Examination | None = None) -> Repaired:
    """Mend what can be mended without doubt; all else, valid or hopeless, is handed back as the same object.

    Parameters
    ----------
    shapes : array of shapes
    found : Examination, optional
        Of the same shapes, if they have been examined already.

    Returns
    -------
    Repaired
        A second repair changes nothing. Spikes are cut off exactly: the area stays, the extent shrinks.
    """
    array = np.array(shapes, dtype=object)
    report = examine(array) if found is None else found
    changed = ~shapely.is_missing(report.mended)
    after = report.area.copy()
    array[changed] = report.mended[changed]
    after[changed] = plane_area_of(array[changed])
    return Repaired(array, report.area, after, changed)


def _faults(count: int, fault: Fault) -> NDArray[np.object_]:
    """Return an array of one fault (numpy would turn a lone member into plain text)."""
    array = np.empty(count, dtype=object)
    array[:] = [fault] * count
    return array


def _diagnosed(shape: Any, area: float) -> tuple[Fault, str, Any]:
    """Diagnose one shape; one that the library cannot work out is left undecided, whatever it is."""
    try:
        return _diagnose(shape, area)
    except shapely.errors.GEOSException:
        return Fault.UNDECIDED, _point(*shapely.get_coordinates(shape)[0]), None


def _diagnose(shape: Any, area: float) -> tuple[Fault, str, Any]:
    """Return fault, place and, where there is no doubt, the mended shape of one invalid polygon."""
    xy = shapely.get_coordinates(shape)
    finite = np.isfinite(xy).all(axis=1)
    if not finite.all():
        return Fault.NOT_FINITE, _point(*xy[~finite][0]), None
    flat = shapely.force_2d(shape)
    reason = shapely.is_valid_reason(flat)
    match = _PLACE.search(reason)
    where = _point(float(match[1]), float(match[2])) if match else ""
    if shapely.has_z(shape) and has_wall(shape):
        plan = plan_view(shape)
        return (Fault.SOLID, where, plan) if plan is not None else (Fault.SELF_INTERSECTION, where, None)
    mended = shapely.make_valid(flat, method="structure", keep_collapsed=False)
    noded = shapely.make_valid(flat, method="linework")
    whole, even_odd = (float(v) for v in plane_area_of([mended, noded]))
    thin = _THIN * float(shapely.length(flat)) ** 2
    if max(whole, even_odd) <= thin:
        return Fault.ZERO_AREA, where, None
    doubt = abs(whole - area)
    if whole > thin and doubt <= _EXACT * whole and _usable(mended):
        return _harmless(flat, mended), where, mended
    fault = _ambiguous(flat, reason)
    doubt = max(doubt, abs(even_odd - whole))
    if fault is Fault.SELF_INTERSECTION and doubt <= AREA_TOLERANCE * whole and _usable(mended):
        return Fault.TINY_LOOP, where, mended
    return fault, where, None


def _usable(shape: Any) -> bool:
    return bool(shapely.get_type_id(shape) in (POLYGON, MULTIPOLYGON) and shapely.is_valid(shape))


def _harmless(shape: Any, mended: Any) -> Fault:
    """Name a fault that leaves no doubt about the area."""
    parts = shapely.get_parts(shape)
    if len(parts) > 1 and shapely.is_valid(parts).all():
        return Fault.TOUCHING_PARTS
    rings = shapely.get_rings(parts)
    if (np.abs(plane_area_of(shapely.polygons(rings))) <= _THIN * shapely.length(rings) ** 2).any():
        return Fault.COLLAPSED_PART
    shorter = shapely.length(shape) - shapely.length(mended)
    if shorter > _EXACT * shapely.length(shape) and any(_goes_back(ring) for ring in rings):
        return Fault.SPIKE
    return Fault.RING_TOUCH


def _goes_back(ring: Any) -> bool:
    """Tell whether a ring runs back along its own line anywhere (a spike or a gore without width)."""
    polygon = shapely.polygons(ring)
    if shapely.is_valid(polygon):
        return False
    noded = shapely.make_valid(polygon, method="structure", keep_collapsed=False)
    return bool(shapely.length(ring) - shapely.length(noded) > _EXACT * shapely.length(ring))


def _ambiguous(shape: Any, reason: str) -> Fault:
    """Name a fault that gives a shape more than one area."""
    if reason.startswith("Hole lies outside"):
        return Fault.HOLE_OUTSIDE
    if reason.startswith("Holes are nested"):
        return Fault.NESTED_HOLES
    if reason.startswith(("Nested shells", "Duplicate Rings")):
        return Fault.SELF_OVERLAP
    parts = shapely.get_parts(shape)
    if len(parts) > 1 and shapely.is_valid(parts).all():
        return Fault.SELF_OVERLAP
    for part in parts[~shapely.is_valid(parts)]:
        rings = shapely.polygons(shapely.get_rings(part))
        if len(rings) == 1 or not shapely.is_valid(rings).all():
            return Fault.SELF_INTERSECTION
        if not shapely.covers(rings[0], rings[1:]).all():
            return Fault.HOLE_OUTSIDE
    return Fault.NESTED_HOLES


def _point(x: float, y: float) -> str:
    """Write a point to a tenth of a millimetre, or to 1e-7 where the numbers are small enough for degrees."""
    places = 7 if abs(x) <= 360.0 and abs(y) <= 360.0 else 4
    return ",".join(_number(v, places) for v in (float(x), float(y)))


def _number(value: float, places: int) -> str:
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
