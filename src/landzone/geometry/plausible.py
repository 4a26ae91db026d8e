"""Do coordinates fit the CRS they are said to be in? And which CRS could they be in, if none is said?

Area and shape look right under a wrong zone, swapped axes or a zone number too many; only the place tells. Nothing
here corrects anything: the doubt and the candidates go to the user.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pyproj
import shapely

from landzone.geometry.crs import CHINA
from landzone.geometry.gauss_kruger import (
    ZONES,
    Datum,
    datum_of,
    gk_epsg,
    gk_info,
    zone_of_longitude,
)
from landzone.geometry.projection import horizontal, transverse_mercator, unit_factor
from landzone.units import FloatArray, IntArray

_MARGIN_DEGREES = 3.5
"""Data of a neighbouring 3-degree zone are still taken (and said); further off the CRS is wrong."""

_CHINA_NORTHING = (1_600_000.0, 6_200_000.0)
_GK_EASTING = (50_000.0, 950_000.0)
_MERCATOR_X = (8_100_000.0, 15_100_000.0)
_MERCATOR_Y = (1_850_000.0, 7_200_000.0)
"""Ranges of coordinates in China, in metres."""


class DoubtKind(StrEnum):
    """What speaks against the stated CRS."""

    NOT_DEGREES = "not_degrees"
    NOT_METRES = "not_metres"
    AXIS_ORDER = "axis_order"
    BAND_PREFIX = "band_prefix"
    OUTSIDE_AREA = "outside_area"
    FAR_FROM_MERIDIAN = "far_from_meridian"


@dataclass(frozen=True)
class CrsDoubt:
    """What is doubtful about coordinates under a CRS.

    Attributes
    ----------
    kind : DoubtKind
        ``not_degrees``: too large for longitude and latitude. ``not_metres``: look like degrees in a projected CRS.
        ``axis_order``: fit once x and y are swapped. ``band_prefix``: zone number in the easting and CRS disagree.
        ``outside_area``: away from where the CRS is used. ``far_from_meridian``: usable, but of a neighbouring zone.
    x, y : float
        Lower left corner of the first doubtful shape (in order of position), to be quoted.
    rows : int array
        Positions of the doubtful shapes.
    share : float
        Their share among the shapes with coordinates, 0…1: near 1 the CRS is wrong, near 0 the rows are.
    zones : tuple of int
        Zone numbers found in the eastings (``band_prefix``) or of the longitudes (``far_from_meridian``).
    expected_zone : int
        Zone of the stated CRS, 0 where it has none.
    candidates : tuple of str
        CRSs the coordinates would fit, best first, as ``EPSG:4526``.
    """

    kind: DoubtKind
    x: float
    y: float
    rows: IntArray
    share: float
    zones: tuple[int, ...] = ()
    expected_zone: int = 0
    candidates: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether the coordinates can be used all the same, with a note."""
        return self.kind is DoubtKind.FAR_FROM_MERIDIAN


@dataclass(frozen=True)
class CrsGuess:
    """CRSs that coordinates without a CRS could be in.

    ``zone`` is the number in front of the eastings, 0 without; ``zone_unknown`` is true for eastings of a Gauss-Krüger
    zone that do not say which; ``swapped`` if x and y have to change places.
    """

    candidates: tuple[str, ...]
    zone: int = 0
    zone_unknown: bool = False
    swapped: bool = False


def doubt_crs(shapes: Any, crs: pyproj.CRS) -> CrsDoubt | None:
    """Tell what speaks against coordinates being in a CRS, None if nothing does.

    Parameters
    ----------
    shapes : array of shapes
        Missing, empty and non-finite ones are passed over.
    crs : pyproj.CRS
        As stated by file or user.

    Examples
    --------
    >>> doubt = doubt_crs([shapely.box(38527000, 3958000, 38527100, 3958100)], pyproj.CRS("EPSG:4547"))
    >>> str(doubt.kind), doubt.zones, doubt.candidates
    ('band_prefix', (38,), ('EPSG:4526',))
    """
    boxes = shapely.bounds(np.asarray(shapes, dtype=object)).reshape(-1, 4)
    rows = np.flatnonzero(np.isfinite(boxes).all(axis=1))
    if not len(rows):
        return None
    box = boxes[rows]
    flat = horizontal(crs)
    return _doubt_degrees(box, rows, flat) if flat.is_geographic else _doubt_plane(box, rows, flat)


def plausible_rows(shapes: Any, crs: pyproj.CRS) -> Any:
    """Return a bool array: False for shapes that cannot lie where the CRS says (missing shapes are True)."""
    good = np.ones(len(shapes), dtype=bool)
    doubt = doubt_crs(shapes, crs)
    if doubt is not None and not doubt.usable:
        good[doubt.rows] = False
    return good


def guess_crs(shapes: Any) -> CrsGuess:
    """Propose CRSs for coordinates without one, from the size of their numbers; no candidate where they say nothing.

    >>> guess_crs([shapely.box(38527000, 3958000, 38527100, 3958100)]).candidates
    ('EPSG:4526', 'EPSG:2362', 'EPSG:2414')
    """
    boxes = shapely.bounds(np.asarray(shapes, dtype=object)).reshape(-1, 4)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return CrsGuess(())
    x, y = float(np.median(boxes[:, 0])), float(np.median(boxes[:, 1]))
    straight = _guess(x, y)
    if straight is not None:
        return straight
    turned = _guess(y, x)
    if turned is not None:
        return CrsGuess(turned.candidates, turned.zone, turned.zone_unknown, swapped=True)
    return CrsGuess(())


def _guess(x: float, y: float) -> CrsGuess | None:
    if abs(x) <= 180.0 and abs(y) <= 90.0:
        inside = CHINA[0] <= x <= CHINA[2] and CHINA[1] <= y <= CHINA[3]
        turned = CHINA[0] <= y <= CHINA[2] and CHINA[1] <= x <= CHINA[3]
        if turned and not inside:
            return None
        return CrsGuess(("EPSG:4490", "EPSG:4326") if inside else ("EPSG:4326",))
    northing = _CHINA_NORTHING[0] <= y <= _CHINA_NORTHING[1]
    zone = _prefix(np.array([x]))[0]
    mercator = _MERCATOR_X[0] <= x <= _MERCATOR_X[1] and _MERCATOR_Y[0] <= y <= _MERCATOR_Y[1]
    found = ("EPSG:3857",) if mercator else ()
    if northing and zone:
        return CrsGuess(found + _prefixed_codes(int(zone)), 0 if mercator else int(zone))
    if found:
        return CrsGuess(found)
    if northing and _GK_EASTING[0] <= x <= _GK_EASTING[1]:
        return CrsGuess((), zone_unknown=True)
    return None


def _prefixed_codes(zone: int) -> tuple[str, ...]:
    width = 3 if zone in ZONES[3] else 6
    return tuple(
        f"EPSG:{gk_epsg(datum, width, zone, True)}"
        for datum in (Datum.CGCS2000, Datum.XIAN80, Datum.BEIJING54)
    )


def _prefix(x: FloatArray) -> IntArray:
    """Return the zone number in front of each easting, 0 where there is none."""
    zone = np.floor(x / 1_000_000.0)
    rest = x - zone * 1_000_000.0
    known = np.isin(zone, [z for zones in ZONES.values() for z in zones])
    fits = known & (rest >= _GK_EASTING[0]) & (rest <= _GK_EASTING[1])
    return np.where(fits, zone, 0).astype(np.int64)


def zones_of(shapes: Any) -> IntArray:
    """Return the zone number in front of the eastings of each shape, 0 where there is none or more than one.

    >>> zones_of([shapely.box(38527000, 3958000, 38527100, 3958100), shapely.box(527000, 0, 527100, 100)]).tolist()
    [38, 0]
    """
    box = shapely.bounds(np.asarray(shapes, dtype=object)).reshape(-1, 4)
    west, east = _prefix(box[:, 0]), _prefix(box[:, 2])
    return np.where(west == east, west, 0)


def _doubt(kind: DoubtKind, box: FloatArray, rows: IntArray, bad: Any, **more: Any) -> CrsDoubt:
    corners = box[bad][:, :2]
    first = corners[np.lexsort((corners[:, 1], corners[:, 0]))[0]]
    share = float(bad.sum() / len(rows))
    return CrsDoubt(kind, float(first[0]), float(first[1]), rows[bad], share, **more)


def _doubt_degrees(box: FloatArray, rows: IntArray, crs: pyproj.CRS) -> CrsDoubt | None:
    degrees = box * (unit_factor(crs) * 180.0 / np.pi)
    turned = degrees[:, [1, 0, 3, 2]]
    bad = ~_in_range(degrees)
    if not bad.any():
        bad = ~_in_use(degrees, crs)
    if not bad.any():
        return None
    swapped = bad & _in_range(turned) & _in_use(turned, crs)
    if swapped.any():
        return _doubt(DoubtKind.AXIS_ORDER, box, rows, swapped)
    kind = DoubtKind.NOT_DEGREES if not _in_range(degrees).all() else DoubtKind.OUTSIDE_AREA
    return _doubt(kind, box, rows, bad, candidates=guess_crs(shapely.box(*box[bad].T)).candidates)


def _in_range(degrees: FloatArray) -> Any:
    x, y = np.abs(degrees[:, [0, 2]]).max(axis=1), np.abs(degrees[:, [1, 3]]).max(axis=1)
    return (x <= 360.0) & (y <= 90.0 + 1e-9)


def _in_use(degrees: FloatArray, crs: pyproj.CRS) -> Any:
    """Tell which boxes (degrees) have their middle in the area of use of a CRS or near it."""
    code = crs.to_epsg() if crs.area_of_use is None else None
    use = pyproj.CRS.from_epsg(code).area_of_use if code is not None else crs.area_of_use
    x, y = (degrees[:, 0] + degrees[:, 2]) / 2, (degrees[:, 1] + degrees[:, 3]) / 2
    with np.errstate(invalid="ignore"):
        if use is None:
            return np.isfinite(x) & (np.abs(y) <= 90.0)
        east = use.east if use.east >= use.west else use.east + 360.0
        around = (x - use.west + _MARGIN_DEGREES) % 360.0 <= min(east - use.west + 2 * _MARGIN_DEGREES, 360.0)
        return around & (y >= use.south - _MARGIN_DEGREES) & (y <= use.north + _MARGIN_DEGREES)


def _doubt_plane(box: FloatArray, rows: IntArray, crs: pyproj.CRS) -> CrsDoubt | None:
    prefix = _doubt_prefix(box, rows, crs)
    if prefix is not None:
        return prefix
    small = _in_range(box) & (np.maximum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]) < 1.0)
    if small.mean() > 0.5:
        candidates = guess_crs(shapely.box(*box[small].T)).candidates
        return _doubt(DoubtKind.NOT_METRES, box, rows, small, candidates=candidates)
    lonlat = _middles(box, crs)
    bad = ~_in_use(lonlat, crs)
    gk = gk_info(crs)
    if gk is not None:
        bad |= (box[:, 1] < _CHINA_NORTHING[0]) | (box[:, 3] > _CHINA_NORTHING[1])
    if bad.any():
        turned = box[:, [1, 0, 3, 2]]
        swapped = bad & _in_use(_middles(turned, crs), crs)
        if swapped.any():
            return _doubt(DoubtKind.AXIS_ORDER, box, rows, swapped)
        return _doubt(
            DoubtKind.OUTSIDE_AREA, box, rows, bad, candidates=guess_crs(shapely.box(*box[bad].T)).candidates
        )
    if gk is None:
        return None
    far = np.abs(lonlat[:, 0] - gk.central_meridian) > gk.width / 2 + 0.5
    if not far.any():
        return None
    zones = sorted({zone_of_longitude(float(v), gk.width) for v in np.unique(np.round(lonlat[far, 0], 2))})
    known = [z for z in zones if z in ZONES[gk.width]]
    codes = tuple(f"EPSG:{gk_epsg(gk.datum, gk.width, z, gk.prefixed)}" for z in known)
    return _doubt(
        DoubtKind.FAR_FROM_MERIDIAN,
        box,
        rows,
        far,
        zones=tuple(zones),
        expected_zone=gk.zone,
        candidates=codes,
    )


def _doubt_prefix(box: FloatArray, rows: IntArray, crs: pyproj.CRS) -> CrsDoubt | None:
    """Compare zone numbers in front of the eastings with the CRS (transverse Mercator in metres only)."""
    tm, gk = transverse_mercator(crs), gk_info(crs)
    if tm is None or tm.metres_per_unit != 1.0:
        return None
    northing = (box[:, 1] >= _CHINA_NORTHING[0]) & (box[:, 3] <= _CHINA_NORTHING[1])
    found = np.where(northing, _prefix(box[:, 0]), 0)
    east = np.where(northing, _prefix(box[:, 2]), 0)
    if gk is not None and gk.prefixed:
        bare = northing & (box[:, 0] >= _GK_EASTING[0]) & (box[:, 2] <= _GK_EASTING[1])
        found = np.where(found == gk.zone, east, found)
        bad = ((found > 0) & (found != gk.zone)) | bare
    elif tm.false_easting_m < 1_000_000.0:
        bad = found > 0
    else:
        return None
    if not bad.any():
        return None
    zones = tuple(int(z) for z in np.unique(found[bad]) if z > 0)
    datum = datum_of(crs)
    datum = Datum.CGCS2000 if datum in (None, Datum.WGS84) else datum
    codes = [f"EPSG:{gk_epsg(str(datum), 3 if z in ZONES[3] else 6, z, True)}" for z in zones]
    if gk is not None and not zones:
        codes = [f"EPSG:{gk_epsg(gk.datum, gk.width, gk.zone, False)}"]
    expected = gk.zone if gk is not None else 0
    return _doubt(
        DoubtKind.BAND_PREFIX, box, rows, bad, zones=zones, expected_zone=expected, candidates=tuple(codes)
    )


def _middles(box: FloatArray, crs: pyproj.CRS) -> FloatArray:
    """Return the middles of boxes as degenerate boxes in degrees; not finite where the projection ends."""
    base = crs.geodetic_crs
    inverse = pyproj.Transformer.from_crs(crs, base, always_xy=True)
    x, y = inverse.transform((box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2)
    turn = unit_factor(base) * 180.0 / np.pi
    degrees: FloatArray = np.column_stack([x, y, x, y]) * turn
    return degrees
