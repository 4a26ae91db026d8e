"""What the numbers of a CRS mean: its horizontal part, its units and the constants of its projection."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import pyproj


@dataclass(frozen=True)
class TransverseMercator:
    """Constants of a transverse Mercator projection (every Gauss-Krüger and UTM zone is one).

    Attributes
    ----------
    lat0, lon0 : float
        Natural origin, radians.
    k0 : float
        Scale on the central meridian.
    false_easting_m, false_northing_m : float
        Metres.
    metres_per_unit : float
        Length of one unit of the axes.
    a, es : float
        Semi-major axis in metres and squared eccentricity of the ellipsoid.
    """

    lat0: float
    lon0: float
    k0: float
    false_easting_m: float
    false_northing_m: float
    metres_per_unit: float
    a: float
    es: float

    def same_but_for_false_origin(self, other: TransverseMercator) -> bool:
        """Tell whether coordinates of the two differ by a constant shift only."""
        return (self.lat0, self.lon0, self.k0, self.metres_per_unit, self.a, self.es) == (
            other.lat0, other.lon0, other.k0, other.metres_per_unit, other.a, other.es,
        )  # fmt: skip


@lru_cache(maxsize=256)
def horizontal(crs: pyproj.CRS) -> pyproj.CRS:
    """Return the two-dimensional CRS inside a compound, bound or three-dimensional one.

    Raises
    ------
    ValueError
        Where there is none (a vertical, geocentric or local engineering CRS).
    """
    inner: pyproj.CRS | None = crs
    while inner is not None and (inner.is_bound or inner.is_compound):
        inner = inner.source_crs if inner.is_bound else inner.sub_crs_list[0]
    if inner is None or not (inner.is_projected or inner.is_geographic):
        raise ValueError(f"not a geographic or projected CRS: {crs.name}")
    return inner.to_2d() if len(inner.axis_info) > 2 else inner


@lru_cache(maxsize=256)
def ellipsoid(crs: pyproj.CRS) -> tuple[float, float]:
    """Return semi-major axis (m) and squared eccentricity of the ellipsoid of a CRS."""
    found = horizontal(crs).ellipsoid
    if found is None:
        raise ValueError(f"no ellipsoid in {crs.name}")
    flattening = 1.0 / found.inverse_flattening if found.inverse_flattening else 0.0
    return found.semi_major_metre, flattening * (2.0 - flattening)


@lru_cache(maxsize=256)
def unit_factor(crs: pyproj.CRS) -> float:
    """Return the length of one axis unit: metres (projected) or radians (geographic)."""
    return float(horizontal(crs).axis_info[0].unit_conversion_factor)


@lru_cache(maxsize=256)
def transverse_mercator(crs: pyproj.CRS) -> TransverseMercator | None:
    """Return the constants of a transverse Mercator CRS, None for any other.

    >>> transverse_mercator(pyproj.CRS("EPSG:4526")).false_easting_m
    38500000.0
    """
    flat = horizontal(crs)
    if not flat.is_projected or flat.coordinate_operation is None:
        return None
    if flat.coordinate_operation.method_name != "Transverse Mercator":
        return None
    if {axis.direction for axis in flat.axis_info} != {"north", "east"}:
        return None
    si = {p.name: float(p.value) * p.unit_conversion_factor for p in flat.coordinate_operation.params}
    given = {p.name: float(p.value) for p in flat.coordinate_operation.params}
    a, es = ellipsoid(flat)
    return TransverseMercator(
        lat0=si.get("Latitude of natural origin", 0.0),
        lon0=si.get("Longitude of natural origin", 0.0),
        k0=given.get("Scale factor at natural origin", 1.0),
        false_easting_m=si.get("False easting", 0.0),
        false_northing_m=si.get("False northing", 0.0),
        metres_per_unit=unit_factor(flat),
        a=a,
        es=es,
    )
