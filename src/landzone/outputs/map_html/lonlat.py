"""Longitude and latitude for drawing. No figure of the audit comes from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import ProjError

_SAME_AS_WGS84 = ("China Geodetic Coordinate System 2000", "CGCS2000", "China_2000", "WGS84", "WGS 84")
_WGS84 = pyproj.CRS.from_epsg(4326)


@dataclass(frozen=True)
class Position:
    """How positions are told: the datum by name, and whether it is WGS 84 to the eye (a few decimetres)."""

    datum: str
    world: bool


class Degrees:
    """Turns shapes of a working CRS into longitude and latitude.

    CGCS2000 is taken as WGS 84. Any other datum is moved by a transformation that PROJ knows; where it
    knows none but a guess (ballpark), the degrees stay on their own datum and ``position`` says so.
    """

    def __init__(self, crs: pyproj.CRS) -> None:
        own = crs.geodetic_crs or crs
        if any(name in own.name for name in _SAME_AS_WGS84):
            self.position = Position(own.name, True)
            self._transformer = pyproj.Transformer.from_crs(crs, own, always_xy=True)
            return
        try:
            self._transformer = pyproj.Transformer.from_crs(crs, _WGS84, always_xy=True, allow_ballpark=False)
            self.position = Position("WGS 84", True)
        except ProjError:
            self._transformer = pyproj.Transformer.from_crs(crs, own, always_xy=True)
            self.position = Position(own.name, False)

    def shapes(self, geometries: Any) -> NDArray[np.object_]:
        """Return the shapes in degrees, longitude first."""
        whole = np.asarray(geometries, dtype=object)
        return np.asarray(shapely.transform(shapely.force_2d(whole), self._moved), dtype=object)

    def _moved(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        lon, lat = self._transformer.transform(coordinates[:, 0], coordinates[:, 1])
        return np.column_stack([lon, lat])
