"""Decides in which CRS a layer really is, before anything is measured; refuses what its numbers contradict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from landzone.catalog.messages import LANGUAGES, message, refusal
from landzone.geometry.crs import (
    gk_epsg,
    gk_info,
    lonlat_bounds,
    zone_of_easting,
)
from landzone.geometry.gauss_kruger import Datum, GaussKruger
from landzone.geometry.projection import horizontal, unit_factor
from landzone.io.raw import Raw
from landzone.model.problems import Problems
from landzone.units import FloatArray

NORTHINGS_M = (1.9e6, 6.0e6)
"""Northings of Gauss-Krüger coordinates in China."""
EASTINGS_M = (1.0e5, 9.0e5)
"""Eastings without a band number."""
_HALF = 0.5
_FAR_LONGITUDE, _FAR_LATITUDE = 25.0, 15.0
"""Degrees outside its area of use at which a projected CRS cannot be meant."""
_ZONE_REACH = {3: 2.0, 6: 3.5}
"""Degrees from the central meridian that a zone of 3 or 6 degrees may reach, half a degree of overlap included."""


@dataclass(frozen=True)
class Located:
    """A source whose CRS is settled."""

    raw: Raw
    crs: pyproj.CRS
    section: str

    @property
    def label(self) -> str:
        """EPSG code, or the name where there is none."""
        return crs_label(self.crs)


def crs_label(crs: pyproj.CRS) -> str:
    """Return what people call a CRS.

    >>> crs_label(pyproj.CRS("EPSG:4547"))
    'EPSG:4547'
    """
    code = crs.to_epsg()
    return f"EPSG:{code}" if code is not None else crs.name


def locate(raw: Raw, *, stated: str | None, section: str, problems: Problems) -> Located:
    """Settle the CRS of a source and check its coordinates against it.

    Parameters
    ----------
    raw : Raw
        As read, with the CRS the file declares.
    stated : str or None
        CRS of the study for this source; goes before that of the file.
    section : str
        Section of the study file, for the remedy.
    problems : Problems
        Takes notes.

    Raises
    ------
    Refusal
        CRS_MISSING, CRS_LOCAL, CRS_IMPLAUSIBLE, CRS_AXIS_ORDER, CRS_BAND_PREFIX, CRS_BAND_OTHER, CRS_BAND_ABSENT.
    """
    shapes = _Numbers.of(raw)
    if stated is not None:
        crs = pyproj.CRS.from_user_input(stated)
        if raw.crs is not None and not raw.crs_assumed and not raw.crs.equals(crs, ignore_axis_order=True):
            params = {"found": crs_label(raw.crs), "crs": crs_label(crs)}
            problems.note("CRS_STATED", source=raw.source, layer=raw.role, params=params)
    elif raw.crs is None:
        raise refusal("CRS_MISSING", file=raw.source, layer=raw.layer, section=section, **_hint(shapes))
    else:
        crs = raw.crs
    located = Located(raw, crs, section)
    try:
        flat = horizontal(crs)
    except ValueError:
        raise _refuse(located, "CRS_LOCAL") from None
    if shapes.count:
        if flat.is_geographic:
            _check_degrees(located, shapes, flat, problems)
        else:
            _check_metres(located, shapes, flat, problems)
    return located


@dataclass(frozen=True)
class _Numbers:
    """Bounds of the shapes whose coordinates are finite."""

    low_x: FloatArray
    low_y: FloatArray
    high_x: FloatArray
    high_y: FloatArray

    @classmethod
    def of(cls, raw: Raw) -> _Numbers:
        geometry: Any = raw.geometry if raw.geometry is not None else np.array([], dtype=object)
        bounds = shapely.bounds(geometry).reshape(-1, 4)
        bounds = bounds[np.isfinite(bounds).all(axis=1)]
        return cls(*bounds.T)

    @property
    def count(self) -> int:
        return len(self.low_x)

    @property
    def x(self) -> FloatArray:
        return (self.low_x + self.high_x) / 2

    @property
    def y(self) -> FloatArray:
        return (self.low_y + self.high_y) / 2

    def first_x(self, where: NDArray[np.bool_] | None = None) -> str:
        """Return the least x, as a person would write it."""
        return plain_number(float(self.low_x[where].min() if where is not None else self.low_x.min()))

    def first_y(self) -> str:
        return plain_number(float(self.low_y.min()))


def plain_number(value: float) -> str:
    """Return a coordinate without useless digits.

    >>> plain_number(527000.0), plain_number(35.75)
    ('527000', '35.75')
    """
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _most(flags: NDArray[np.bool_]) -> bool:
    return bool(flags.mean() > _HALF)


def _inside(values: FloatArray, limits: tuple[float, float]) -> NDArray[np.bool_]:
    return np.asarray((values >= limits[0]) & (values <= limits[1]))


def _hint(shapes: _Numbers) -> dict[str, str]:
    """Return what the numbers themselves let one suppose, in every language."""
    if not shapes.count:
        return {}
    if _most((np.abs(shapes.x) <= 180) & (np.abs(shapes.y) <= 90)):
        edges = {"west": shapes.low_x.min(), "east": shapes.high_x.max()}
        edges |= {"south": shapes.low_y.min(), "north": shapes.high_y.max()}
        return _texts("CRS_HINT_LONLAT", **{k: plain_number(round(float(v), 3)) for k, v in edges.items()})
    band = zone_of_easting(float(np.median(shapes.x)))
    if band and _most(_inside(shapes.y, NORTHINGS_M)):
        epsg = gk_epsg(Datum.CGCS2000, *band, True)
        return _texts("CRS_HINT_BAND", width=band[0], band=band[1], epsg=epsg)
    if _most(_inside(shapes.x, EASTINGS_M) & _inside(shapes.y, NORTHINGS_M)):
        return _texts("CRS_HINT_METRES")
    return {}


def _texts(code: str, name: str = "hint", **params: object) -> dict[str, str]:
    return {f"{name}_{lang}": message(code, lang, **params) for lang in LANGUAGES}


def _refuse(located: Located, code: str, **params: Any) -> Exception:
    raw = located.raw
    return refusal(
        code, file=raw.source, layer=raw.layer, crs=located.label, section=located.section, **params
    )


def _implausible(located: Located, shapes: _Numbers, wrong: NDArray[np.bool_] | None) -> Exception:
    assumed = _texts("CRS_ASSUMED", "assumed") if located.raw.crs_assumed else {}
    value = shapes.first_x(wrong)
    return _refuse(located, "CRS_IMPLAUSIBLE", value=value, **assumed, **_hint(shapes))


def _check_degrees(located: Located, shapes: _Numbers, flat: pyproj.CRS, problems: Problems) -> None:
    turn = unit_factor(flat) * 180.0 / np.pi
    x, y = shapes.x * turn, shapes.y * turn
    world = (np.abs(x) <= 360) & (np.abs(y) <= 90)
    west, south, east, north = _area(flat)
    here = world & _inside(x, (west - 1, east + 1)) & _inside(y, (south - 1, north + 1))
    swapped = _inside(y, (west - 1, east + 1)) & _inside(x, (south - 1, north + 1))
    if not _most(here) and _most(swapped):
        raise _refuse(located, "CRS_AXIS_ORDER", x=shapes.first_x(), y=shapes.first_y())
    if not _most(world):
        raise _implausible(located, shapes, ~world)
    if not _most(here):
        _note_outside(located, float(np.median(x)), float(np.median(y)), problems)


def _area(crs: pyproj.CRS) -> tuple[float, float, float, float]:
    use = crs.area_of_use
    if use is None or use.west >= use.east:
        return -180.0, -90.0, 180.0, 90.0
    return use.west, use.south, use.east, use.north


def _note_outside(located: Located, longitude: float, latitude: float, problems: Problems) -> None:
    params = {"crs": located.label, "longitude": f"{longitude:.2f}", "latitude": f"{latitude:.2f}"}
    problems.note("CRS_OUTSIDE_AREA", source=located.raw.source, layer=located.raw.role, params=params)


def _check_metres(located: Located, shapes: _Numbers, flat: pyproj.CRS, problems: Problems) -> None:
    if _most((np.abs(shapes.x) <= 180) & (np.abs(shapes.y) <= 90)):
        raise _implausible(located, shapes, None)
    zone = gk_info(flat)
    if zone is not None:
        _check_band(located, shapes, zone)
    middle = np.array([np.median(shapes.x), np.median(shapes.y)] * 2)
    longitude, latitude = lonlat_bounds(middle, flat)[:2]
    west, south, east, north = _area(flat)
    if not np.isfinite([longitude, latitude]).all():
        raise _implausible(located, shapes, None)
    off = max(west - longitude, longitude - east), max(south - latitude, latitude - north)
    if off[0] > _FAR_LONGITUDE or off[1] > _FAR_LATITUDE:
        raise _implausible(located, shapes, None)
    if zone is not None and abs(longitude - zone.central_meridian) > _ZONE_REACH[zone.width]:
        params = {"crs": located.label, "degrees": f"{abs(longitude - zone.central_meridian):.2f}"}
        problems.note(
            "CRS_FAR_FROM_MERIDIAN", source=located.raw.source, layer=located.raw.role, params=params
        )
    elif max(off) > 1:
        _note_outside(located, longitude, latitude, problems)


def _check_band(located: Located, shapes: _Numbers, zone: GaussKruger) -> None:
    easting, northing = float(np.median(shapes.x)), float(np.median(shapes.y))
    band = zone_of_easting(easting)
    turned = zone_of_easting(northing) is not None or EASTINGS_M[0] <= northing <= EASTINGS_M[1]
    if NORTHINGS_M[0] <= easting <= NORTHINGS_M[1] and turned:
        raise _refuse(located, "CRS_AXIS_ORDER", x=shapes.first_x(), y=shapes.first_y())
    x = shapes.first_x()
    if band is None:
        if zone.prefixed and EASTINGS_M[0] <= easting <= EASTINGS_M[1]:
            epsg = gk_epsg(zone.datum, zone.width, zone.zone, False)
            raise _refuse(located, "CRS_BAND_ABSENT", x=x, zone=zone.zone, epsg=epsg)
        return
    epsg = gk_epsg(zone.datum, *band, True)
    if not zone.prefixed:
        own = zone.zone if band != (zone.width, zone.zone) else None
        texts = {"own_zh": f",且其为第 {own} 带", "own_en": f" and is band {own}"} if own else {}
        raise _refuse(located, "CRS_BAND_PREFIX", x=x, band=band[1], epsg=epsg, **texts)
    if band != (zone.width, zone.zone):
        raise _refuse(located, "CRS_BAND_OTHER", x=x, band=band[1], zone=zone.zone, epsg=epsg)
