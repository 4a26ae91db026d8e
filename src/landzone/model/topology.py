"""What the topology report holds: places where the shapes of a layer do not fit together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

COLUMNS = {
    "layer": "str", "kind": "str", "first_id": "str", "second_id": "str", "neighbours_count": "int64",
    "area_m2": "float64", "width_m": "float64", "is_sliver": "bool", "x": "float64", "y": "float64", "source": "str",
}  # fmt: skip
"""Columns of the report and their types; the ground itself is the geometry."""


def empty_frame(crs: Any = None) -> gpd.GeoDataFrame:
    """Return a report without rows."""
    bare = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    return gpd.GeoDataFrame(bare, geometry=gpd.GeoSeries([], crs=crs), crs=crs)


@dataclass(frozen=True)
class LayerGround:
    """The ground of a layer, and how much of it is counted more than once (sum of areas - ground)."""

    role: str
    source: str
    layer: str
    shapes_count: int
    ground_m2: float
    counted_twice_m2: float

    @property
    def ratio(self) -> float:
        """Return counted twice ÷ ground, 0 where there is no ground."""
        return self.counted_twice_m2 / self.ground_m2 if self.ground_m2 else 0.0


@dataclass(frozen=True)
class Topology:
    """The report of a study.

    ``frame`` has ``COLUMNS`` and the ground as geometry in the working CRS, sorted by layer, kind, ids and place.
    ``second_id`` is empty where one shape alone is at fault; ``area_m2`` is NaN where a rejected shape has no one
    area; ``neighbours_count`` counts the shapes around a gap or void.
    """

    frame: gpd.GeoDataFrame = field(default_factory=empty_frame)
    grounds: tuple[LayerGround, ...] = ()
