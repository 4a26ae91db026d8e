"""Building density and floor area ratio against answers worked out by hand."""

import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from landzone.measures.density import (
    building_density_ratio,
    building_floor_area,
    counted_buildings,
    floor_area_on,
    floor_area_ratio,
    ratio,
)
from landzone.model.ledger import BuildingPieces

CASES = tomllib.loads((Path(__file__).parent.parent / "cases" / "density.toml").read_text(encoding="utf-8"))


def _boxes(rows, crs=4547):
    return gpd.GeoSeries(
        [box(500_000 + w, 3_600_000 + s, 500_000 + e, 3_600_000 + n) for w, s, e, n in rows], crs=crs
    )


@pytest.mark.parametrize("case", CASES["density"], ids=lambda c: c["name"])
def test_density_of_a_parcel(case):
    found = building_density_ratio(_boxes([case["parcel"]]), _boxes(case["buildings"]), area_kind="planar")
    assert found.tolist() == [case["building_density_ratio"]]


@pytest.mark.parametrize("case", CASES["floor"], ids=lambda c: c["name"])
def test_floor_area_of_a_building(case):
    found = building_floor_area(pd.DataFrame([case["building"]]), pd.Series([10_000_000])).iloc[0]
    expected = [case.get("floor_area_m2", np.nan), case.get("far_floor_area_m2", np.nan)]
    np.testing.assert_array_equal([found["floor_area"] / 1e4, found["far_floor_area"] / 1e4], expected)
    assert bool(found["height_unknown"]) is case.get("height_unknown", False)


def test_ellipsoidal_density_is_the_planar_one_to_a_millionth():
    parcel, building = _boxes([[0, 0, 100, 100]]), _boxes([[10, 10, 60, 60]])
    found = building_density_ratio(parcel, building)
    assert found.tolist() == pytest.approx([0.25], rel=1e-6)


def test_index_and_order_of_the_parcels_are_kept():
    parcels = _boxes([[0, 0, 10, 10], [10, 0, 20, 10], [20, 0, 30, 10]])
    parcels.index = ["c", "a", "b"]
    found = building_density_ratio(parcels, _boxes([[10, 0, 15, 10]]), area_kind="planar")
    assert found.to_dict() == {"c": 0.0, "a": 0.5, "b": 0.0}
    assert list(found.index) == ["c", "a", "b"]


def test_no_building_at_all_is_a_density_of_zero():
    empty = gpd.GeoDataFrame({"floors": pd.Series(dtype="float64")}, geometry=[], crs=4547)
    parcels = _boxes([[0, 0, 10, 10]])
    assert building_density_ratio(parcels, empty, area_kind="planar").tolist() == [0.0]
    assert floor_area_ratio(parcels, empty, area_kind="planar").tolist() == [0.0]


@pytest.mark.parametrize("function", [building_density_ratio, floor_area_ratio])
def test_two_reference_systems_are_refused(function):
    parcels, buildings = _boxes([[0, 0, 10, 10]]), gpd.GeoDataFrame(geometry=_boxes([[0, 0, 5, 5]], 4526))
    with pytest.raises(ValueError, match="two reference systems"):
        function(parcels, buildings)
    with pytest.raises(ValueError, match="need a coordinate reference system"):
        function(parcels.set_crs(None, allow_override=True), buildings)


def test_floor_area_goes_by_the_share_of_the_footprint_and_is_summed_not_united():
    parcels = _boxes([[0, 0, 100, 100], [100, 0, 200, 100]])
    shapes = _boxes([[50, 0, 150, 50], [0, 0, 50, 50], [0, 0, 50, 50]])
    buildings = gpd.GeoDataFrame({"floors": [4.0, 1.0, 2.0]}, geometry=shapes, crs=4547)
    found = floor_area_ratio(parcels, buildings, area_kind="planar")
    assert found.tolist() == [(4 * 2500 + 2500 + 2 * 2500) / 10_000, 4 * 2500 / 10_000]


def test_unknown_storeys_make_the_ratio_unknown_on_their_own_parcel_alone():
    parcels = _boxes([[0, 0, 100, 100], [100, 0, 200, 100]])
    shapes = _boxes([[0, 0, 50, 50], [100, 0, 150, 50]])
    buildings = gpd.GeoDataFrame({"floors": [np.nan, 2.0]}, geometry=shapes, crs=4547)
    np.testing.assert_array_equal(floor_area_ratio(parcels, buildings, area_kind="planar"), [np.nan, 0.5])


def test_unknown_storeys_count_one_floor_in_the_lower_bound_and_a_tall_one_twice():
    buildings = pd.DataFrame({"storey_height_m": [4.0, 9.0]}, index=["B1", "B2"])
    areas = building_floor_area(buildings, pd.Series({"B1": 100, "B2": 100}))
    pieces = BuildingPieces(np.array([0, 0]), np.array([0, 1]), np.array([40, 100]))
    found = floor_area_on(pieces, areas, pd.Index(["P", "Q"]))
    assert found["floor_area_lower"].to_dict() == {"P": 140, "Q": 0}
    assert found["far_floor_area_lower"].to_dict() == {"P": 240, "Q": 0}
    assert found["known"].to_dict() == {"P": False, "Q": True}


def test_planned_unfinished_and_demolished_buildings_do_not_count():
    status = pd.Series(["现状", " 拆除 ", "Planned", "", None, "竣工"])
    absent = ["拆除", "planned"]
    assert counted_buildings(status, absent).tolist() == [True, False, False, True, True, True]


def test_a_parcel_without_area_has_no_ratio():
    np.testing.assert_array_equal(ratio(pd.Series([1, 1]), pd.Series([0, 2])), [np.nan, 0.5])
