"""Where coordinates lie, the plane an audit works in, and the change from one CRS to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyproj
import shapely
from pyproj.aoi import AreaOfInterest
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import UTMConversion
from pyproj.database import query_utm_crs_info

from landzone.geometry.gauss_kruger import (
    Datum,
    GaussKruger,
    datum_of,
    gk_epsg,
    gk_info,
    zone_of_easting,
    zone_of_longitude,
)
from landzone.geometry.projection import horizontal, unit_factor
from landzone.geometry.transform import (
    STRAIGHT_METHODS,
    Bounds,
    NoTransformation,
    Transformation,
    same_ground,
    transformation,
)

__all__ = [
    "Bounds", "Datum", "GaussKruger", "NoTransformation", "Transformation", "areal_scale_range", "datum_of", "gk_epsg",
    "gk_info", "in_china", "lonlat_bounds", "transformation", "working_crs", "zone_of_easting", "zone_of_longitude",
]  # fmt: skip

CHINA: Bounds = (73.62, 16.7, 134.77, 53.56)
"""Where CGCS2000 zones are the natural plane (degrees; the area of use of EPSG:4490)."""

_CONFORMAL = (
    *STRAIGHT_METHODS, "Lambert Conic Conformal (2SP Belgium)", "Lambert Conic Conformal (2SP Michigan)",
    "Oblique Stereographic", "Hotine Oblique Mercator (variant A)", "Hotine Oblique Mercator (variant B)",
    "Polar Stereographic (variant A)", "Polar Stereographic (variant B)", "Swiss Oblique Cylindrical",
)  # fmt: skip
"""Projection methods that keep angles and are made for large scales."""

_AREAL_SCALE_TOLERANCE = 0.02


def working_crs(crss: Sequence[pyproj.CRS], lonlat: Bounds) -> pyproj.CRS:
    """Choose the plane of an audit: metric and conformal, the CRS of the parcels where it is fit.

    Parameters
    ----------
    crss : sequence of pyproj.CRS
        CRSs of the layers, that of the parcels first. The first that is metric, conformal and within 2 % in areal
        scale is taken if its datum is that of the parcels.
    lonlat : (west, south, east, north)
        Degrees, where the parcels lie.

    Returns
    -------
    pyproj.CRS
        Else: for CGCS2000 and WGS 84 in China the CGCS2000 3-degree zone (by central meridian) of the middle
        longitude, for Xi'an 1980 and Beijing 1954 theirs, anywhere else the UTM zone on the datum of the parcels.

    Examples
    --------
    >>> working_crs([pyproj.CRS("EPSG:4490")], (114.3, 35.7, 114.4, 35.8)).to_epsg()
    4547
    """
    if not crss:
        raise ValueError("no CRS to choose from")
    parcels = horizontal(crss[0])
    for crs in map(horizontal, crss):
        if _is_fit(crs, lonlat) and (crs is parcels or same_ground(crs, parcels)):
            return crs
    longitude, latitude = (lonlat[0] + lonlat[2]) / 2, (lonlat[1] + lonlat[3]) / 2
    datum = datum_of(parcels)
    if datum is Datum.WGS84 and in_china(lonlat):
        datum = Datum.CGCS2000
    if datum is not None and datum is not Datum.WGS84 and in_china(lonlat):
        return pyproj.CRS.from_epsg(gk_epsg(datum, 3, zone_of_longitude(longitude), False))
    return _utm(parcels, longitude, latitude)


def _is_fit(crs: pyproj.CRS, lonlat: Bounds) -> bool:
    if not crs.is_projected or crs.coordinate_operation is None or unit_factor(crs) != 1.0:
        return False
    if crs.coordinate_operation.method_name not in _CONFORMAL:
        return False
    low, high = areal_scale_range(crs, lonlat)
    return low >= 1 - _AREAL_SCALE_TOLERANCE and high <= 1 + _AREAL_SCALE_TOLERANCE


def _utm(crs: pyproj.CRS, longitude: float, latitude: float) -> pyproj.CRS:
    base = crs.geodetic_crs
    if base is None:
        raise ValueError(f"no geographic CRS under {crs.name}")
    place = AreaOfInterest(longitude, latitude, longitude, latitude)
    known = query_utm_crs_info(datum_name=base.name, area_of_interest=place, contains=True)
    if known:
        return pyproj.CRS.from_epsg(int(known[0].code))
    zone = int((longitude + 180.0) // 6) % 60 + 1
    conversion = UTMConversion(str(zone), hemisphere="N" if latitude >= 0 else "S")
    return ProjectedCRS(conversion, name=f"{base.name} / UTM zone {zone}", geodetic_crs=base)


def in_china(lonlat: Bounds) -> bool:
    """Tell whether the middle of some bounds (degrees) lies in the box of the CGCS2000 zones."""
    longitude, latitude = (lonlat[0] + lonlat[2]) / 2, (lonlat[1] + lonlat[3]) / 2
    return CHINA[0] <= longitude <= CHINA[2] and CHINA[1] <= latitude <= CHINA[3]


def areal_scale_range(crs: pyproj.CRS, lonlat: Bounds) -> tuple[float, float]:
    """Return the least and greatest areal scale (plane ÷ ellipsoid) of a projected CRS over bounds in degrees.

    NaN where the projection does not reach. 1.0004 means that plane areas are 0.04 % too large.
    """
    flat = horizontal(crs)
    if not flat.is_projected:
        raise ValueError(f"{crs.name} is in degrees and has no areal scale")
    longitude, latitude = np.meshgrid(
        np.linspace(lonlat[0], lonlat[2], 5), np.linspace(lonlat[1], lonlat[3], 5)
    )
    factors = pyproj.Proj(flat).get_factors(longitude.ravel(), latitude.ravel())
    scale = np.asarray(factors.areal_scale, dtype=np.float64)
    scale = scale[np.isfinite(scale)]
    return (float(scale.min()), float(scale.max())) if len(scale) else (float("nan"), float("nan"))


def lonlat_bounds(shapes: Any, crs: pyproj.CRS) -> Bounds:
    """Return west, south, east, north in degrees of what some shapes cover, on the datum of their own CRS.

    Parameters
    ----------
    shapes : array of shapes, or four numbers
        Shapes, or their bounds (min x, min y, max x, max y) in ``crs``. Missing shapes and shapes that are not
        finite are passed over.
    crs : pyproj.CRS

    Returns
    -------
    tuple of float
        NaN where there is nothing, or nothing the projection can take.
    """
    box = np.asarray(shapes)
    if box.shape != (4,) or box.dtype == object:
        each = shapely.bounds(np.asarray(shapes, dtype=object)).reshape(-1, 4)
        each = each[np.isfinite(each).all(axis=1)]
        if not len(each):
            return (float("nan"),) * 4
        box = np.concatenate([each[:, :2].min(axis=0), each[:, 2:].max(axis=0)])
    flat = horizontal(crs)
    if flat.is_geographic:
        degrees = box * (unit_factor(flat) * 180.0 / np.pi)
    else:
        side = np.linspace(0.0, 1.0, 21)
        x = box[0] + side * (box[2] - box[0])
        y = box[1] + side * (box[3] - box[1])
        border_x = np.concatenate([x, x, np.full(21, box[0]), np.full(21, box[2])])
        border_y = np.concatenate([np.full(21, box[1]), np.full(21, box[3]), y, y])
        base = flat.geodetic_crs
        inverse = pyproj.Transformer.from_crs(flat, base, always_xy=True)
        longitude, latitude = inverse.transform(border_x, border_y)
        if not (np.isfinite(longitude).all() and np.isfinite(latitude).all()):
            return (float("nan"),) * 4
        turn = unit_factor(base) * 180.0 / np.pi
        degrees = turn * np.array([longitude.min(), latitude.min(), longitude.max(), latitude.max()])
    west, south, east, north = (float(v) for v in degrees)
    return west, south, east, north
