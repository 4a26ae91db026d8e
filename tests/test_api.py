"""The public functions on plain frames, on squares with visible answers."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

import landzone as lz

X, Y = 500_000, 3_650_000


def _frame(
    *boxes: tuple[float, float, float, float], crs: int = 4547, **columns: list[str]
) -> gpd.GeoDataFrame:
    shapes = [shapely.box(X + a, Y + b, X + c, Y + d) for a, b, c, d in boxes]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


def test_every_public_name_is_there() -> None:
    assert all(hasattr(lz, name) for name in lz.__all__)


def test_touching_is_no_overlap() -> None:
    left, right = _frame((0, 0, 10, 10)), _frame((10, 0, 20, 10), (5, 0, 15, 10))
    pairs = lz.overlap_m2(left.geometry, right.geometry, area_kind="planar")
    assert pairs.to_numpy().tolist() == [[0, 1, 50.0]]


def test_the_same_footprint_twice_covers_its_ground_once() -> None:
    """An 80 x 80 m shed twice in a parcel of 100 x 100 m: 64 %, not 128 %."""
    parcel, sheds = _frame((0, 0, 100, 100)), _frame((10, 10, 90, 90), (10, 10, 90, 90))
    assert lz.covered_m2(parcel.geometry, sheds.geometry, area_kind="planar").tolist() == [6400.0]
    assert lz.measures.building_density_ratio(parcel, sheds).round(9).tolist() == [0.64]


def test_layers_in_two_systems_give_no_number() -> None:
    left, right = _frame((0, 0, 10, 10)), _frame((0, 0, 10, 10), crs=4526)
    with pytest.raises(ValueError, match="EPSG:4526"):
        lz.overlap_m2(left.geometry, right.geometry)
    with pytest.raises(ValueError, match="EPSG:4526"):
        lz.covered_m2(left.geometry, right.geometry)


def test_plans_in_degrees_are_not_compared() -> None:
    plan = gpd.GeoDataFrame(
        {"code": ["M"], "common": ["C"]}, geometry=[shapely.box(114, 33, 114.01, 33.01)], crs=4490
    )
    with pytest.raises(ValueError, match="projected"):
        lz.align({"a": plan, "b": plan}, plan)


def test_a_planted_disagreement_of_thirty_by_forty_metres_is_one_conflict() -> None:
    city = _frame((0, 0, 100, 100), code=["M1"], common=["C"])
    land = _frame(
        (0, 0, 30, 40),
        (30, 0, 100, 100),
        (0, 40, 30, 100),
        code=["040", "010", "010"],
        common=["P", "C", "C"],
    )
    patches = lz.align({"city": city, "land": land}, _frame((0, 0, 100, 100)), area_kind="planar")
    conflict = patches[patches["kind"] == "conflict"]
    assert conflict[["type", "area_m2"]].to_numpy().tolist() == [["D5", 1200.0]]
    assert patches["area_m2"].sum() == 10_000.0


def test_repair_loses_nothing_and_lists_every_change() -> None:
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    spike = shapely.Polygon([(0, 0), (10, 0), (10, 10), (5, 10), (5, 60), (5, 10), (0, 10)])
    frame = gpd.GeoDataFrame(
        {"id": ["a", "b", "c"]}, geometry=[bow, spike, shapely.box(0, 0, 1, 1)], crs=4547
    )
    mended, repairs = lz.repair(frame)
    assert mended["id"].tolist() == ["a", "b", "c"]
    assert mended.geometry.iloc[0] is bow
    assert repairs[["index", "fault", "action"]].to_numpy().tolist() == [
        [0, "self_intersection", "left"],
        [1, "spike", "repaired"],
    ]
