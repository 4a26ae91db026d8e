"""Areas that can be trusted: on the ellipsoid or in the plane, of any shape in any stated CRS.

The ellipsoidal area of a shape is the ground inside its edges, the edges being straight in the CRS of the
shape (in the plane of a projection, or in longitude and latitude). It is taken as a closed integral over the
edges, so pieces cut in that plane add up to their whole.

Transverse Mercator (every Gauss-Krüger and UTM zone), with x, y in metres from the natural origin, divided by k0::

    A = ∬ dx dy / k²  =  plane area - ∮ G dy,     G(x, y) = ∫0..x (1 - 1/k²) dx'
    1/k² = 1 - χ + (3/4 - q/12) χ² - (1/360 - q/8 + 1/2) χ³ + 62/315 χ⁴,    χ = x² / (ρ ν)
    q = 4 ψ - 3 - 24 e'⁴ sin²φ cos²φ / ψ,    ψ = ν / ρ

with ρ, ν at the footpoint latitude (Redfearn's series for the point scale; within 1e-9 of the true scale up to
600 km from the meridian, further out the next way is taken). Any other CRS::

    A = ∮ λ dS,     S(φ) = ∫ ρ ν cos φ dφ     (authalic integral)

with λ, φ of points on each edge, found by the inverse projection.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from landzone.geometry.integrals import (
    PLANE_EDGE_M,
    TM_EDGE_M,
    closed,
    geographic_area,
    plane_area,
    projected_area,
    scale_series,
)
from landzone.geometry.projection import (
    TransverseMercator,
    ellipsoid,
    horizontal,
    transverse_mercator,
    unit_factor,
)
from landzone.geometry.rings import Rings, explode
from landzone.model.study import AreaKind
from landzone.units import FloatArray, IntArray, to_area_units

_BLOCK = 2_048
"""Shapes taken at once; keeps memory flat and the arrays in the cache. No number depends on it."""

_TM_REACH_M = 600_000.0
"""Rings further than this from the central meridian leave the series."""


class AreaKindError(ValueError):
    """An area was asked for that does not exist: a plane area in degrees, or any area without a CRS."""


class AreaMeasure:
    """Measures shapes whose coordinates are in one CRS, vectorised, the same for any chunking.

    Parameters
    ----------
    crs : pyproj.CRS
        CRS of the coordinates (x east, y north).
    kind : AreaKind
        ``ellipsoidal``: ground on the ellipsoid of the CRS. ``planar``: area in the plane of the CRS, in m².

    Raises
    ------
    AreaKindError
        For a planar measure of a CRS in degrees.

    Examples
    --------
    >>> square = [shapely.box(38620000, 3700000, 38621000, 3701000)]
    >>> AreaMeasure(pyproj.CRS("EPSG:4526"), AreaKind.ELLIPSOIDAL).m2(square).round(3).tolist()
    [999642.204]
    >>> AreaMeasure(pyproj.CRS("EPSG:4526"), AreaKind.PLANAR).units(square).tolist()
    [10000000000]
    """

    def __init__(self, crs: pyproj.CRS, kind: AreaKind = AreaKind.ELLIPSOIDAL) -> None:
        self.crs = crs
        self.kind = AreaKind(kind)
        self._flat = horizontal(crs)
        if self.kind is AreaKind.PLANAR and self._flat.is_geographic:
            raise AreaKindError(f"a plane area needs a projected CRS; {crs.name} is in degrees")
        self._unit = unit_factor(crs)

    @property
    def plane(self) -> bool:
        """Tell whether areas are proportional to those in the plane of the CRS."""
        return self.kind is AreaKind.PLANAR

    @property
    def metric(self) -> bool:
        """Tell whether coordinates are lengths, not degrees."""
        return not self._flat.is_geographic

    def m2(self, shapes: Any) -> FloatArray:
        """Return the area of each shape in m²; NaN where a shape is missing or not finite.

        Ring direction does not matter, holes are taken off, points and lines have no area.
        """
        array = np.asarray(shapes, dtype=object)
        area = np.empty(len(array))
        for start in range(0, len(array), _BLOCK):
            area[start : start + _BLOCK] = self._block(array[start : start + _BLOCK])
        return area

    def units(self, shapes: Any) -> IntArray:
        """Return areas as whole ledger units of 1e-4 m²; a missing shape is an error."""
        return to_area_units(self.m2(shapes))

    def perimeter_m(self, shapes: Any) -> FloatArray:
        """Return the length of all rings in the plane of the CRS in metres; NaN where missing."""
        if self._flat.is_geographic:
            raise AreaKindError(f"a length needs a projected CRS; {self.crs.name} is in degrees")
        lengths: FloatArray = shapely.length(np.asarray(shapes, dtype=object)) * self._unit
        return lengths

    def _block(self, shapes: Any) -> FloatArray:
        rings = explode(shapes)
        with np.errstate(invalid="ignore", over="ignore"):
            signed = self._rings(rings)
        size = np.where(rings.hole, -np.abs(signed), np.abs(signed))
        area = np.bincount(rings.shape, weights=size, minlength=len(shapes))
        return np.where(shapely.is_missing(shapes) | ~np.isfinite(area), np.nan, area)

    def _rings(self, rings: Rings) -> FloatArray:
        if not len(rings.hole):
            return np.zeros(0)
        if self.kind is AreaKind.PLANAR:
            return plane_area(rings.xy * self._unit, rings.starts)
        tm = transverse_mercator(self._flat)
        if tm is not None:
            return self._transverse_mercator(rings, tm)
        if self._flat.is_geographic:
            return geographic_area(rings.xy * self._unit, rings.starts, *ellipsoid(self._flat))
        return self._by_inverse(rings)

    def _transverse_mercator(self, rings: Rings, tm: TransverseMercator) -> FloatArray:
        xy = rings.xy * tm.metres_per_unit
        xy -= (tm.false_easting_m, tm.false_northing_m)
        xy /= tm.k0
        series = scale_series(tm)
        area = plane_area(xy, rings.starts)
        area -= closed(xy, rings.starts, TM_EDGE_M, series)
        far = np.maximum.reduceat(np.abs(xy[:, 0]), rings.starts[:-1]) > _TM_REACH_M
        if far.any():
            area[far] = self._by_inverse(_select(rings, far))
        return area

    def _by_inverse(self, rings: Rings) -> FloatArray:
        a, es = ellipsoid(self._flat)
        base = self._flat.geodetic_crs
        inverse = pyproj.Transformer.from_crs(self._flat, base, always_xy=True)
        to_radians = unit_factor(base)

        def lonlat(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
            lon, lat = inverse.transform(x, y)
            return lon * to_radians, lat * to_radians

        return projected_area(rings, lonlat, PLANE_EDGE_M / self._unit, a, es)


def plane_area_of(shapes: Any) -> FloatArray:
    """Return plane areas in squared coordinate units, safe under large offsets; NaN where missing or not finite.

    Shells count positive and holes negative whatever their direction, as they are: overlaps count twice.
    """
    array = np.asarray(shapes, dtype=object)
    rings = explode(array)
    if not len(rings.hole):
        return np.where(shapely.is_missing(array), np.nan, 0.0)
    with np.errstate(invalid="ignore", over="ignore"):
        size = np.abs(plane_area(rings.xy, rings.starts))
    area = np.bincount(rings.shape, weights=np.where(rings.hole, -size, size), minlength=len(array))
    return np.where(shapely.is_missing(array) | ~np.isfinite(area), np.nan, area)


def area_m2(shapes: gpd.GeoSeries, area_kind: str = "ellipsoidal") -> pd.Series:
    """Measure the area of every shape in square metres.

    Formula: the ground inside the edges, straight in the CRS of the series, on its ellipsoid
    (``ellipsoidal``), or the area in its plane (``planar``). See the head of this module.

    Parameters
    ----------
    shapes : GeoSeries or GeoDataFrame
        Polygons in any CRS with a datum; feet are turned into metres. Longitudes and latitudes are fine for
        ``ellipsoidal``: edges are then straight in longitude and latitude, as in GeoJSON.
    area_kind : {"ellipsoidal", "planar"}
        How the area is taken.

    Returns
    -------
    Series of float
        m², same index. NaN where the shape is missing or has coordinates that are not finite.

    Raises
    ------
    AreaKindError
        Without a CRS, or for a plane area in degrees.

    Source: 国土调查办发〔2008〕32号 (ellipsoidal area of a patch); agrees with it to 1e-9.

    Examples
    --------
    >>> area_m2(gpd.GeoSeries([shapely.box(114, 33, 114.01, 33.01)], crs="EPSG:4490")).round(1).tolist()
    [1036380.2]
    """
    geometry = shapes.geometry
    if geometry.crs is None:
        raise AreaKindError("an area needs a CRS: set the one the coordinates are in")
    try:
        kind = AreaKind(area_kind)
    except ValueError:
        known = ", ".join(AreaKind)
        raise AreaKindError(f"area_kind {area_kind!r} is not one of {known}") from None
    measure = AreaMeasure(geometry.crs, kind)
    return pd.Series(measure.m2(geometry.to_numpy()), index=geometry.index, name="area_m2")


def _select(rings: Rings, keep: Any) -> Rings:
    """Return some rings only."""
    lengths = np.diff(rings.starts)
    starts = np.concatenate([[0], np.cumsum(lengths[keep])])
    return Rings(
        rings.xy[np.repeat(keep, lengths)], starts, rings.hole[keep], rings.part[keep], rings.shape[keep]
    )
