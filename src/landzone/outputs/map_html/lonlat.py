"""Longitude and latitude for drawing. No figure of the audit comes from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from landzone.geometry.crs import NoTransformation, transformation
from landzone.geometry.gcj02 import to_gcj02

_WGS84 = pyproj.CRS.from_epsg(4326)


@dataclass(frozen=True)
class Position:
    """How positions are told: the datum by name, whether it is WGS 84 to the eye (a few decimetres), whether it is
    that of the study, so that degrees can be taken into its plane.
    """

    datum: str
    world: bool
    own: bool


class Degrees:
    """Turns shapes of a working CRS into longitude and latitude.

    CGCS2000 is taken as WGS 84, other datums are moved by an operation that PROJ knows. Where it knows none but
    a guess (Xi'an 1980, Beijing 1954), the degrees stay on their own datum and ``position`` says so. Edges get
    no further corners: on the screen the difference cannot be seen. ``shift`` moves the shapes as a basemap in
    GCJ-02 is moved.
    """

    def __init__(self, crs: pyproj.CRS, shift: str = "") -> None:
        self.shift = shift
        own = crs.geodetic_crs or crs
        try:
            self._operation = transformation(crs, _WGS84)
            same = self._operation.accuracy_m == 0
            self.position = Position(own.name if same else _WGS84.name, True, same)
        except NoTransformation:
            self._operation = transformation(crs, own)
            self.position = Position(own.name, False, True)

    def shapes(self, geometries: Any) -> NDArray[np.object_]:
        """Return the shapes in degrees, longitude first."""
        whole = np.asarray(geometries, dtype=object)
        return np.asarray(shapely.transform(shapely.force_2d(whole), self.places), dtype=object)

    def places(self, corners: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return corners of the plane in degrees, longitude first."""
        degrees = self._operation.coordinates(corners)
        return to_gcj02(degrees) if self.shift == "gcj02" else degrees


_PARAMETERS = {
    "Longitude of natural origin": "lon0", "Latitude of natural origin": "lat0", "Scale factor at natural origin": "k0",
    "False easting": "x0", "False northing": "y0",
}  # fmt: skip


def plane_of(crs: pyproj.CRS) -> dict[str, float] | None:
    """Return the parameters of a transverse Mercator plane in metres and degrees, None for any other.

    >>> plane_of(pyproj.CRS.from_epsg(4526))["x0"]
    38500000.0
    """
    operation, ellipsoid = crs.coordinate_operation, crs.ellipsoid
    if operation is None or ellipsoid is None or operation.method_name != "Transverse Mercator":
        return None
    if any(axis.unit_conversion_factor != 1.0 for axis in crs.axis_info):
        return None
    found = {_PARAMETERS[p.name]: float(p.value) for p in operation.params if p.name in _PARAMETERS}
    if len(found) != len(_PARAMETERS):
        return None
    return {**found, "a": ellipsoid.semi_major_metre, "f": 1 / ellipsoid.inverse_flattening}
