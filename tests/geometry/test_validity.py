"""Broken shapes told apart, and repairs that leave no doubt."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from landzone.geometry.validity import REPAIRABLE, Fault, examine, repair

SQUARE = "(0 0, 100 0, 100 100, 0 100, 0 0)"

DOUBTFUL = {
    "bow-tie": ("POLYGON ((0 0, 100 100, 100 0, 0 100, 0 0))", Fault.SELF_INTERSECTION, "50,50", 0.0),
    "lopsided bow-tie": (
        "POLYGON ((0 0, 100 100, 100 0, 0 50, 0 0))", Fault.SELF_INTERSECTION, "33.3333333,33.3333333", 2500.0,
    ),
    "ring run through twice": (
        "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0, 10 0, 10 10, 0 10, 0 0))", Fault.SELF_INTERSECTION, "10,10", 200.0,
    ),
    "pocket wound the wrong way": (
        "POLYGON ((0 0, 100 0, 100 100, 50 100, 30 50, 70 50, 50 100, 0 100, 0 0))",
        Fault.SELF_INTERSECTION, "50,100", 11000.0,
    ),
    "hole outside": (
        f"POLYGON ({SQUARE}, (200 0, 200 50, 250 50, 250 0, 200 0))", Fault.HOLE_OUTSIDE, "200,0", 7500.0,
    ),
    "hole across the border": (
        f"POLYGON ({SQUARE}, (50 20, 50 50, 150 50, 150 20, 50 20))", Fault.HOLE_OUTSIDE, "100,20", 7000.0,
    ),
    "hole in a hole": (
        f"POLYGON ({SQUARE}, (10 10, 90 10, 90 90, 10 90, 10 10), (20 20, 30 20, 30 30, 20 30, 20 20))",
        Fault.NESTED_HOLES, "20,20", 3500.0,
    ),
    "holes that overlap": (
        f"POLYGON ({SQUARE}, (10 10, 60 10, 60 60, 10 60, 10 10), (50 50, 80 50, 80 80, 50 80, 50 50))",
        Fault.NESTED_HOLES, "50,60", 6600.0,
    ),
    "parts that overlap": (
        f"MULTIPOLYGON (({SQUARE}), ((50 0, 150 0, 150 100, 50 100, 50 0)))", Fault.SELF_OVERLAP, "50,100", 20000.0,
    ),
    "part twice": (f"MULTIPOLYGON (({SQUARE}), ({SQUARE}))", Fault.SELF_OVERLAP, "100,100", 20000.0),
    "part in a part": (
        f"MULTIPOLYGON (({SQUARE}), ((10 10, 20 10, 20 20, 10 20, 10 10)))", Fault.SELF_OVERLAP, "10,10", 10100.0,
    ),
    "collinear": ("POLYGON ((0 0, 50 50, 100 100, 0 0))", Fault.ZERO_AREA, "50,50", 0.0),
    "one point": ("POLYGON ((0 0, 0 0, 0 0, 0 0))", Fault.ZERO_AREA, "0,0", 0.0),
}  # fmt: skip

MENDABLE = {
    "spike": ("POLYGON ((0 0, 100 0, 100 100, 50 100, 50 700, 50 100, 0 100, 0 0))", Fault.SPIKE, 10000.0),
    "oblique spike": (
        "POLYGON ((0 0, 100 0, 100 100, 66.7 100, 123.456 777.77, 66.7 100, 0 100, 0 0))", Fault.SPIKE, 10000.0,
    ),
    "cut without width": ("POLYGON ((0 0, 100 0, 100 100, 50 100, 50 50, 50 100, 0 100, 0 0))", Fault.SPIKE, 10000.0),
    "ring through itself at a point": (
        "POLYGON ((0 0, 50 50, 100 0, 100 100, 50 50, 0 100, 0 0))", Fault.RING_TOUCH, 5000.0,
    ),
    "hole drawn as part of the ring": (
        "POLYGON ((0 0, 100 0, 100 100, 50 100, 70 50, 30 50, 50 100, 0 100, 0 0))", Fault.RING_TOUCH, 9000.0,
    ),
    "hole along the border": (
        f"POLYGON ({SQUARE}, (50 20, 50 50, 100 50, 100 20, 50 20))", Fault.RING_TOUCH, 8500.0,
    ),
    "hole that cuts in two": (
        f"POLYGON ({SQUARE}, (50 0, 80 50, 50 100, 20 50, 50 0))", Fault.RING_TOUCH, 7000.0,
    ),
    "parts with a common edge": (
        f"MULTIPOLYGON (({SQUARE}), ((100 0, 150 0, 150 100, 100 100, 100 0)))", Fault.TOUCHING_PARTS, 15000.0,
    ),
    "part of one point": (
        f"MULTIPOLYGON (({SQUARE}), ((5 5, 5 5, 5 5, 5 5)))", Fault.COLLAPSED_PART, 10000.0,
    ),
    "loop of a square centimetre": (
        "POLYGON ((0 0, 100 0, 100 100, 50 100, 50.01 100.01, 50.01 100, 50 100.01, 50 100, 0 100, 0 0))",
        Fault.TINY_LOOP, 10000.00005,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DOUBTFUL)
@pytest.mark.parametrize("offset", [0, 38_527_000])
def test_shapes_with_more_than_one_area_are_named_and_left_alone(name: str, offset: int) -> None:
    text, fault, where, area = DOUBTFUL[name]
    shape = affinity.translate(shapely.from_wkt(text), offset)
    found = examine([shape])
    assert found.fault[0] is fault
    assert fault not in REPAIRABLE
    assert found.usable.tolist() == [False]
    assert found.area[0] == pytest.approx(area, rel=1e-9, abs=1e-9)
    if not offset:
        assert found.where[0] == where
    after = repair([shape], found)
    assert after.shapes[0] is shape
    assert after.changed.tolist() == [False]


@pytest.mark.parametrize("name", MENDABLE)
@pytest.mark.parametrize("offset", [0, 38_527_000])
def test_shapes_with_one_area_are_mended(name: str, offset: int) -> None:
    text, fault, area = MENDABLE[name]
    shape = affinity.translate(shapely.from_wkt(text), offset)
    found = examine([shape])
    after = repair([shape], found)
    assert found.fault[0] is fault
    assert fault in REPAIRABLE
    assert found.usable.tolist() == after.changed.tolist() == [True]
    assert shapely.is_valid(after.shapes[0])
    assert after.area_after[0] == pytest.approx(area, rel=1e-8)
    assert abs(after.area_after[0] - after.area_before[0]) <= 1e-4 * area


def test_a_spike_is_cut_off_and_the_extent_shrinks() -> None:
    shape = shapely.from_wkt(MENDABLE["spike"][0])
    after = repair([shape])
    assert shape.bounds == (0.0, 0.0, 100.0, 700.0)
    assert after.shapes[0].bounds == (0.0, 0.0, 100.0, 100.0)
    assert (after.area_before[0], after.area_after[0]) == (10000.0, 10000.0)


def test_crossing_point_of_the_bow_tie_is_told_in_full_metres() -> None:
    ring = [(527000, 3958200), (527100, 3958300), (527100, 3958200), (527000, 3958300)]
    assert examine([shapely.Polygon(ring)]).where[0] == "527050,3958250"


def test_no_polygon_at_all() -> None:
    with np.errstate(invalid="ignore"):
        not_finite = shapely.from_wkt(
            "POLYGON ((527000 3958200, NaN 3958200, 527100 3958300, 527000 3958200))"
        )
    shapes = [
        None,
        shapely.Polygon(),
        shapely.GeometryCollection(),
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.Point(1, 2),
        shapely.GeometryCollection([shapely.box(0, 0, 1, 1)]),
        not_finite,
        shapely.box(0, 0, 1, 1),
    ]
    found = examine(shapes)
    assert [str(f) for f in found.fault] == [
        "null", "empty", "empty", "type", "type", "type", "not_finite", "ok",
    ]  # fmt: skip
    assert found.where.tolist() == [
        "", "", "", "LineString", "Point", "GeometryCollection", "nan,3958200", "",
    ]  # fmt: skip
    assert np.isnan(found.area).tolist() == [True, False, True, True, True, True, True, False]
    assert found.usable.tolist() == [False] * 7 + [True]
    assert all(a is b for a, b in zip(repair(shapes).shapes, shapes, strict=True))


def test_a_valid_polygon_without_width_is_a_line() -> None:
    hair = shapely.Polygon([(0, 0), (100, 1e-9), (100, 0)])
    assert shapely.is_valid(hair)
    assert examine([hair]).fault[0] is Fault.ZERO_AREA
    thin_but_real = shapely.box(0, 0, 1000, 0.001)
    assert examine([thin_but_real]).fault[0] is Fault.OK


def test_degrees_are_judged_by_the_same_measure() -> None:
    square = affinity.scale(shapely.from_wkt(DOUBTFUL["bow-tie"][0]), 1e-5, 1e-5, origin=(0, 0))
    found = examine([affinity.translate(square, 114.3, 35.75), shapely.box(114.3, 35.75, 114.3001, 35.7501)])
    assert [str(f) for f in found.fault] == ["self_intersection", "ok"]
    assert found.where[0] == "114.3005,35.7505"


def test_heights_are_told() -> None:
    flat, high = shapely.box(0, 0, 1, 1), shapely.force_3d(shapely.box(0, 0, 1, 1), 81.5)
    found = examine([flat, high])
    assert found.has_z.tolist() == [False, True]
    assert [str(f) for f in found.fault] == ["ok", "ok"]


def wall(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float, float]]:
    return [(x0, y0, 0), (x1, y1, 0), (x1, y1, 9), (x0, y0, 9), (x0, y0, 0)]


def level(z: float) -> list[tuple[float, float, float]]:
    return [(0, 0, z), (20, 0, z), (20, 10, z), (0, 10, z), (0, 0, z)]


def test_a_body_with_walls_counts_its_ground_once() -> None:
    walls = [wall(0, 0, 20, 0), wall(20, 0, 20, 10), wall(20, 10, 0, 10), wall(0, 10, 0, 0)]
    as_parts = shapely.MultiPolygon([(ring, []) for ring in [level(0), level(9), *walls]])
    as_rings = shapely.MultiPolygon([(walls[0], [level(0), level(9), *walls[1:]])])
    found = examine([as_parts, as_rings])
    after = repair([as_parts, as_rings], found)
    assert [str(f) for f in found.fault] == ["solid", "solid"]
    assert after.area_before.tolist() == [400.0, 400.0]
    assert after.area_after.tolist() == [200.0, 200.0]
    assert all(s.equals(shapely.box(0, 0, 20, 10)) for s in after.shapes)
    assert not shapely.has_z(after.shapes).any()


def test_a_body_whose_roof_crosses_itself_is_left_alone() -> None:
    roof = [(0, 0, 9), (20, 10, 9), (20, 0, 9), (0, 10, 9), (0, 0, 9)]
    body = shapely.MultiPolygon([(roof, []), (wall(0, 0, 20, 0), [])])
    found = examine([body])
    assert found.fault[0] is Fault.SELF_INTERSECTION
    assert not repair([body], found).changed[0]


def test_nothing_at_all() -> None:
    assert len(examine([]).fault) == len(repair([]).shapes) == 0


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=9))
def test_repair_twice_is_repair_once_and_the_area_stays_in_bounds(points: list[tuple[int, int]]) -> None:
    shape = shapely.Polygon(points)
    once = repair([shape])
    twice = repair(once.shapes)
    assert not twice.changed[0]
    assert twice.shapes[0] is once.shapes[0]
    if once.changed[0]:
        assert shapely.is_valid(once.shapes[0])
        assert abs(once.area_after[0] - once.area_before[0]) <= 1e-4 * once.area_after[0]
    elif shapely.is_valid(shape):
        assert once.shapes[0] is shape
