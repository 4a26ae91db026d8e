"""What an area method offers to the overlay."""

from __future__ import annotations

from typing import Protocol

from landzone.geometry.grid_cut import Shapes
from landzone.units import FloatArray, IntArray


class Measure(Protocol):
    """Square metres, and whole units of 1e-4 m²."""

    @property
    def plane(self) -> bool:
        """Tell whether areas are proportional to those in the plane of the CRS."""

    @property
    def metric(self) -> bool:
        """Tell whether coordinates are lengths, not degrees."""

    def m2(self, shapes: Shapes) -> FloatArray:
        """Return square metres."""

    def units(self, shapes: Shapes) -> IntArray:
        """Return whole units of 1e-4 m²."""
