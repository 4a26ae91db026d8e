"""Zones whose boundaries were drawn twice share a sliver; the patches of each still sum to it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from landzone.alignment.pair_table import AlignmentTypes
from landzone.alignment.patches import align_plans
from landzone.catalog import load
from landzone.geometry.area import AreaMeasure
from landzone.model.layer import InputRecord, Layer, SpatialPlan
from landzone.model.study import AlignmentSettings, AreaKind

CRS = pyproj.CRS(4547)
X, Y = 500_000, 3_650_000


def _box(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


def _plan(name: str, *rows: tuple[str, str, shapely.Polygon]) -> SpatialPlan:
    codes, commons, shapes = zip(*rows, strict=True)
    frame = gpd.GeoDataFrame({"code": codes, "common": commons, "sector": ""}, geometry=list(shapes), crs=CRS)
    return SpatialPlan(name, Layer(f"plans.{name}", frame.assign(class_name=""), InputRecord("", "")))


def test_two_zones_that_share_a_strip_of_ten_centimetres_both_close() -> None:
    """A is 0..100, B is 99.9..200: 10 m² of 10,000 lie in both; the conflict 90..110 is split between them."""
    zones = gpd.GeoSeries({"A": _box(0, 0, 100, 100), "B": _box(99.9, 0, 200, 100)}, crs=CRS)
    city = _plan("city", ("M1", "C", _box(0, 0, 200, 100)))
    land = _plan(
        "land",
        ("010", "C", _box(0, 0, 90, 100)),
        ("040", "P", _box(90, 0, 110, 100)),
        ("010", "C", _box(110, 0, 200, 100)),
    )
    measure = AreaMeasure(CRS, AreaKind.PLANAR)
    types = AlignmentTypes.read(load.table("alignment_types.toml"))
    found = align_plans(zones, [city, land], measure, AlignmentSettings(), types)
    sums = found.patches.groupby(["zone_id", "kind"])["area_m2"].sum()
    assert np.allclose(sums["A"]["agree"], 9_000)
    assert np.allclose(sums["A"]["conflict"], 1_000)
    assert np.allclose(sums["B"]["agree"], 9_000)
    assert np.allclose(sums["B"]["conflict"], 1_010)
    assert found.zones["conflict_m2"].round(4).to_dict() == {"A": 1_000.0, "B": 1_010.0}
