"""Small plans on a plane, built in code."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from landzone.alignment.pair_table import AlignmentTypes
from landzone.catalog import load
from landzone.geometry.area import AreaMeasure
from landzone.model.layer import Constraint, InputRecord, Layer, SpatialPlan
from landzone.model.study import AlignmentSettings, AreaKind

CRS = pyproj.CRS(4547)
ORIGIN = np.array([500_000.0, 3_600_000.0])

SECTORS = {"M1": "工业", "R2": "居住", "B1": "商业", "H": "-"}
COMMON = {
    "M1": "C",
    "R2": "C",
    "B1": "C",
    "H": "C",
    "K": "K",
    "R": "R",
    "P": "P",
    "N": "N",
    "W": "W",
    "?": "?",
}


def square(x0: float, y0: float, x1: float, y1: float) -> shapely.Geometry:
    """Return a rectangle beside the origin of the tests."""
    return shapely.box(*(np.array([x0, y0, x1, y1]) + np.tile(ORIGIN, 2)))


def series(**shapes: shapely.Geometry) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes.values()), index=list(shapes), crs=CRS)


def make_plan(name: str, pieces: Sequence[tuple[str, shapely.Geometry]], role: str = "plan") -> SpatialPlan:
    """Return a plan of (code, polygon); the common class and sector follow from the code."""
    codes = [code for code, _ in pieces]
    frame = gpd.GeoDataFrame(
        {
            "code": codes,
            "class_name": codes,
            "common": [COMMON[code] for code in codes],
            "sector": [SECTORS.get(code, "") for code in codes],
        },
        geometry=gpd.GeoSeries([shape for _, shape in pieces], crs=CRS),
        crs=CRS,
    )
    return SpatialPlan(name, Layer(f"plans.{name}", frame, InputRecord(f"plans.{name}", "")), role)


def make_constraint(name: str, *shapes: shapely.Geometry, **fields: str) -> Constraint:
    frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(list(shapes), crs=CRS), crs=CRS)
    return Constraint(name, Layer(f"constraints.{name}", frame, InputRecord(name, "")), **fields)


@pytest.fixture(name="plane")
def _plane() -> AreaMeasure:
    return AreaMeasure(CRS, AreaKind.PLANAR)


@pytest.fixture(name="types")
def _types() -> AlignmentTypes:
    return AlignmentTypes.read(load.table("alignment_types.toml"))


@pytest.fixture(name="norms")
def _norms() -> AlignmentSettings:
    return AlignmentSettings(sliver_width_m=1.0, small_area_m2=200.0)


@pytest.fixture(name="sq")
def _sq() -> Callable[..., shapely.Geometry]:
    return square


@pytest.fixture(name="plan")
def _plan() -> Callable[..., SpatialPlan]:
    return make_plan


@pytest.fixture(name="line")
def _line() -> Callable[..., Constraint]:
    return make_constraint


@pytest.fixture(name="layer")
def _layer() -> Callable[..., gpd.GeoSeries]:
    return series
