"""Longitude and latitude for drawing. No figure of the audit comes from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from landzone.geometry.crs import NoTransformation, transformation

_WGS84 = pyproj.CRS.from_epsg(4326)


@dataclass(frozen=True)
class Position:
    """How positions are told: the datum by name, and whether it is WGS 84 to the eye (a few decimetres)."""

    datum: str
    world: bool


class Degrees:
    """Turns shapes of a working CRS into longitude and latitude.

    CGCS2000 is taken as WGS 84, other datums are moved by an operation that PROJ knows. Where it knows none but
    a guess (Xi'an 1980, Beijing 1954), the degrees stay on their own datum and ``position`` says so. Edges get
    no further corners: on the screen the difference cannot be seen.
    """

    def __init__(self, crs: pyproj.CRS) -> None:
        own = crs.geodetic_crs or crs
        try:
            self._operation = transformation(crs, _WGS84)
            self.position = Position(own.name if self._operation.accuracy_m == 0 else _WGS84.name, True)
        except NoTransformation:
            self._operation = transformation(crs, own)
            self.position = Position(own.name, False)

    def shapes(self, geometries: Any) -> NDArray[np.object_]:
        """Return the shapes in degrees, longitude first."""
        whole = np.asarray(geometries, dtype=object)
        return np.asarray(
            shapely.transform(shapely.force_2d(whole), self._operation.coordinates), dtype=object
        )
