"""Lines of control and present use: planted hits, each listed once."""

from __future__ import annotations

import pytest
import shapely

from landzone.alignment.constraints import constraint_pieces, hit_parcels, line_overlaps
from landzone.alignment.use_conflicts import use_conflicts

SHOWN = [
    "constraint",
    "type",
    "severity",
    "zone_id",
    "parcel_id",
    "construction_plans",
    "area_m2",
    "is_sliver",
]


def listed(frame) -> list[list[object]]:
    return frame[SHOWN].fillna("-").to_numpy().tolist()


@pytest.fixture(name="farmland")
def _farmland(line):
    def make(*shapes: shapely.Geometry):
        return line("permanent_farmland", *shapes, rule="presence", type="D9", severity="severe")

    return make


@pytest.fixture(name="boundary")
def _boundary(line):
    def make(*shapes: shapely.Geometry):
        return line("urban_boundary", *shapes, rule="inside", type="D11", severity="high")

    return make


def test_presence_is_cut_by_zone_parcel_and_plans(sq, plan, layer, farmland, plane, norms) -> None:
    zones = layer(Z1=sq(0, 0, 100, 100), Z2=sq(100, 0, 200, 100))
    parcels = layer(p1=sq(0, 0, 50, 50), p2=sq(90, 0, 120, 50))
    city = plan("city", [("M1", sq(0, 0, 60, 100)), ("K", sq(60, 0, 200, 100))])
    eco = plan("eco", [("R2", sq(0, 0, 20, 100)), ("N", sq(20, 0, 200, 100))])
    found = constraint_pieces([farmland(sq(10, 40, 110, 60))], zones, parcels, [eco, city], plane, norms)
    assert listed(found) == [
        ["permanent_farmland", "", "info", "Z1", "-", "", 20 * 40.0 - 10 * 10, False],
        ["permanent_farmland", "D9", "severe", "Z1", "-", "city", 40 * 10.0 + 10 * 10, False],
        ["permanent_farmland", "D9", "severe", "Z1", "-", "city|eco", 100.0, False],
        ["permanent_farmland", "D9", "severe", "Z1", "p1", "city", 300.0, False],
        ["permanent_farmland", "D9", "severe", "Z1", "p1", "city|eco", 100.0, False],
        ["permanent_farmland", "", "info", "Z1", "p2", "", 100.0, False],
        ["permanent_farmland", "", "info", "Z2", "-", "", 100.0, False],
        ["permanent_farmland", "", "info", "Z2", "p2", "", 100.0, False],
    ]
    assert found["area_m2"].sum() == 2000.0
    assert (found["area"] == found["area_m2"] * 10_000).all()
    assert sorted(hit_parcels(found)) == ["p1", "p2"]


def test_one_square_metre_of_farmland_is_listed(sq, plan, layer, farmland, plane, norms) -> None:
    city = plan("city", [("M1", sq(0, 0, 100, 100))])
    zone, parcel = layer(Z=sq(0, 0, 100, 100)), layer(p=sq(10, 10, 60, 60))
    found = constraint_pieces([farmland(sq(59, 59, 60, 60))], zone, parcel, [city], plane, norms)
    assert listed(found) == [["permanent_farmland", "D9", "severe", "Z", "p", "city", 1.0, True]]
    assert found["width_m"].tolist() == [0.5]


def test_overlapping_rows_of_a_line_count_once_and_islands_apart(sq, layer, farmland, plane, norms) -> None:
    line = farmland(sq(0, 0, 10, 10), sq(5, 0, 15, 10), sq(30, 0, 40, 10))
    found = constraint_pieces(
        [line], layer(Z=sq(0, 0, 100, 10)), layer(p=sq(50, 0, 60, 10)), [], plane, norms
    )
    assert found["area_m2"].tolist() == [150.0, 100.0]
    assert found["parcel_id"].isna().all()


def test_parcels_outside_all_zones_are_heard_too(sq, plan, layer, farmland, plane, norms) -> None:
    zone, parcel = layer(Z=sq(0, 0, 10, 10)), layer(p=sq(5, 0, 30, 10), q=sq(100, 0, 110, 10))
    found = constraint_pieces([farmland(sq(0, 0, 200, 5))], zone, parcel, [], plane, norms)
    rows = found[["zone_id", "parcel_id", "area_m2"]].fillna("-").to_numpy().tolist()
    assert rows == [["-", "p", 100.0], ["-", "q", 50.0], ["Z", "-", 25.0], ["Z", "p", 25.0]]


def test_inside_lists_planned_construction_outside_the_line(sq, plan, layer, boundary, plane, norms) -> None:
    zone, parcel = layer(Z=sq(0, 0, 100, 100)), layer(p=sq(80, 0, 120, 10))
    city = plan("city", [("M1", sq(50, 0, 95, 100)), ("K", sq(0, 0, 50, 100)), ("R", sq(95, 0, 130, 100))])
    land = plan("land", [("R2", sq(90, 0, 110, 100))])
    found = constraint_pieces([boundary(sq(0, 0, 90, 200))], zone, parcel, [land, city], plane, norms)
    assert listed(found) == [
        ["urban_boundary", "D11", "high", "-", "p", "land", 100.0, False],
        ["urban_boundary", "D11", "high", "Z", "-", "city|land", 450.0, False],
        ["urban_boundary", "D11", "high", "Z", "-", "land", 450.0, False],
        ["urban_boundary", "D11", "high", "Z", "p", "city|land", 50.0, False],
        ["urban_boundary", "D11", "high", "Z", "p", "land", 50.0, False],
    ]


def test_nothing_hit_gives_an_empty_frame_with_all_columns(
    sq, layer, boundary, farmland, plane, norms
) -> None:
    zone, parcel = layer(Z=sq(0, 0, 10, 10)), layer(p=sq(0, 0, 5, 5))
    for lines in ([], [boundary(sq(0, 0, 20, 20))], [farmland(sq(20, 20, 30, 30))]):
        found = constraint_pieces(lines, zone, parcel, [], plane, norms)
        assert len(found) == 0
        assert set(SHOWN) | {"rule", "clause", "area", "width_m", "geometry"} == set(found.columns)
        assert found.crs == zone.crs


def test_overlaps_between_control_lines(sq, line, boundary, farmland, plane, norms) -> None:
    other = line("flood", sq(0, 0, 100, 100))
    lines = [farmland(sq(5, 0, 15, 10), sq(5, 0, 15, 10)), boundary(sq(0, 0, 10, 10)), other]
    found = line_overlaps(lines, plane, norms)
    shown = ["constraint_a", "constraint_b", "area", "area_m2", "width_m", "is_sliver"]
    assert found[shown].to_numpy().tolist() == [
        ["permanent_farmland", "urban_boundary", 500_000, 50.0, pytest.approx(100 / 30), False]
    ]
    assert found.geometry.iloc[0].equals(sq(5, 0, 10, 10))
    assert len(line_overlaps(lines[:1], plane, norms)) == len(line_overlaps([], plane, norms)) == 0


def test_present_construction_against_plans(sq, plan, layer, plane, norms, types) -> None:
    zone, parcels = layer(Z=sq(0, 0, 100, 100)), layer(p=sq(0, 0, 40, 40))
    now = plan("now", [("M1", sq(20, 0, 60, 10)), ("N", sq(0, 50, 50, 60))], role="present")
    land = plan("land", [("P", sq(0, 0, 50, 100)), ("M1", sq(50, 0, 100, 100))])
    water = plan("water", [("W", sq(0, 0, 100, 100))])
    found = use_conflicts(zone, parcels, [land, now, water], plane, norms, types)
    shown = ["zone_id", "parcel_id", "plan", "present_code", "plan_code", "type", "severity", "area_m2"]
    assert found[shown].fillna("-").to_numpy().tolist() == [
        ["Z", "-", "land", "M1", "P", "D12", "medium", 100.0],
        ["Z", "p", "land", "M1", "P", "D12", "medium", 200.0],
    ]
    assert found.geometry.iloc[1].equals(sq(20, 0, 40, 10))
    assert len(use_conflicts(zone, parcels, [land, water], plane, norms, types)) == 0
