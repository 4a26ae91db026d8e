"""Areas from edges alone: worked out by hand, and held against GEOS on drawn polygons."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from landzone.geometry.area import AreaMeasure
from landzone.geometry.edge_index import CELL, index_edges
from landzone.geometry.edge_pairs import is_small, shared_areas
from landzone.geometry.pairs import intersected, shared_ground
from landzone.model.study import AreaKind

PLANE = AreaMeasure(pyproj.CRS(4547), AreaKind.PLANAR)
GROUND = AreaMeasure(pyproj.CRS(4547), AreaKind.ELLIPSOIDAL)


def shapes(*some: shapely.Geometry) -> np.ndarray:
    return np.array(some, dtype=object)


def areas(left: np.ndarray, right: np.ndarray) -> dict[tuple[int, int], float]:
    first, second, m2 = shared_areas(left, index_edges(right), PLANE)
    return {(int(a), int(b)): float(m) for a, b, m in zip(first, second, m2, strict=True) if m > 1e-9}


def test_half_a_square_under_a_border_is_half_its_area() -> None:
    assert areas(shapes(shapely.box(0, 0, 10, 10)), shapes(shapely.box(5, -50, 90, 50))) == {(0, 0): 50.0}


def test_a_triangle_cuts_half_of_a_square() -> None:
    square, triangle = shapely.box(0, 0, 10, 10), shapely.Polygon([(0, 0), (20, 0), (0, 20)])
    corner = shapely.Polygon([(0, 0), (10, 0), (0, 10)])
    assert areas(shapes(square), shapes(triangle, corner)) == {(0, 0): 100.0, (0, 1): 50.0}


def test_a_hole_is_taken_off_and_the_inner_polygon_fills_it() -> None:
    ring = shapely.box(-100, -100, 300, 300).difference(shapely.box(10, 10, 30, 30))
    found = areas(shapes(shapely.box(0, 0, 40, 40)), shapes(ring, shapely.box(10, 10, 30, 30)))
    assert found == {(0, 0): 1200.0, (0, 1): 400.0}


def test_polygons_that_touch_along_an_edge_share_nothing() -> None:
    assert areas(shapes(shapely.box(0, 0, 10, 10)), shapes(shapely.box(10, 0, 20, 10))) == {}


def test_polygons_of_the_right_that_overlap_are_counted_each() -> None:
    right = shapes(shapely.box(-5, -5, 50, 50), shapely.box(-5, -5, 50, 5))
    assert areas(shapes(shapely.box(0, 0, 10, 10)), right) == {(0, 0): 100.0, (0, 1): 50.0}


@pytest.mark.parametrize("x", [0.0, CELL, -CELL, 3 * CELL])
def test_a_border_on_a_line_of_the_grid_is_like_any_other(x: float) -> None:
    left = shapes(
        shapely.box(x - 10, 5, x + 10, 15), shapely.box(x, 5, x + 10, 15), shapely.box(x - 10, 5, x, 15)
    )
    right = shapes(shapely.box(x - 500, -500, x, 500), shapely.box(x, -500, x + 500, 500))
    assert areas(left, right) == {(0, 0): 100.0, (0, 1): 100.0, (1, 1): 100.0, (2, 0): 100.0}


def test_a_polygon_over_several_cells_inside_another_has_its_own_area() -> None:
    assert areas(shapes(shapely.box(1, 1, 201, 101)), shapes(shapely.box(-900, -900, 900, 900))) == {
        (0, 0): 20_000.0
    }


def test_ground_below_a_polygon_that_hangs_over_it_is_not_its_ground() -> None:
    hanging = shapely.Polygon([(-50, 100), (50, 40), (150, 100), (150, 900), (-50, 900)])
    assert areas(shapes(shapely.box(0, 0, 100, 20)), shapes(hanging)) == {}


def test_missing_and_empty_polygons_share_nothing() -> None:
    left = shapes(shapely.Polygon(), shapely.box(0, 0, 10, 10))
    assert areas(left, shapes(shapely.Polygon(), shapely.box(0, 0, 5, 10))) == {(1, 1): 50.0}
    assert areas(left[:0], left) == {}
    assert areas(left, left[:0]) == {}


def test_large_polygons_and_those_with_many_vertices_are_not_small() -> None:
    round_one = shapely.Point(0, 0).buffer(100, quad_segs=100)
    assert is_small(shapes(shapely.box(0, 0, 256, 5), shapely.box(0, 0, 257, 5), round_one)).tolist() == [
        True, False, False,
    ]  # fmt: skip


# Corners on a lattice of 16 m: borders coincide, touch in points and run along the lines of the grid all the time.
corner = st.tuples(st.integers(0, 12), st.integers(0, 12))


@st.composite
def polygons(draw: st.DrawFn, most: int) -> np.ndarray:
    found = []
    for _ in range(draw(st.integers(1, most))):
        points = draw(st.lists(corner, min_size=3, max_size=9, unique=True))
        hull = shapely.MultiPoint(points).convex_hull
        ring = shapely.Polygon(points)
        shape = ring if ring.is_valid and ring.area > 0 else hull
        if shape.geom_type == "Polygon" and shape.area > 0:
            found.append(shape)
    return np.array(found, dtype=object)


@given(polygons(4), polygons(5), st.sampled_from([PLANE, GROUND]), st.floats(0, 16))
def test_areas_are_those_of_geos(
    left: np.ndarray, right: np.ndarray, measure: AreaMeasure, shift: float
) -> None:
    def place(some: np.ndarray, by: float) -> np.ndarray:
        moved = shapely.transform(some, lambda xy: xy * 16.0 + np.array([500_032.0 + by, 3_700_032.0]))
        return np.asarray(moved, dtype=object)

    left, right = place(left, 0.0), place(right, shift if shift > 1 else 0.0)
    ours = shared_ground(left, right, measure)
    theirs = intersected(left, right, measure)
    assert (ours.left.tolist(), ours.right.tolist()) == (theirs.left.tolist(), theirs.right.tolist())
    np.testing.assert_allclose(ours.m2, theirs.m2, rtol=2e-9, atol=1e-7)


@given(polygons(5), polygons(5))
def test_the_answer_for_a_polygon_depends_on_nothing_beside_it(left: np.ndarray, right: np.ndarray) -> None:
    left, right = (
        np.asarray(shapely.transform(s, lambda xy: xy * 16.0), dtype=object) for s in (left, right)
    )
    whole = shared_areas(left, index_edges(right), GROUND)
    index = index_edges(right)
    single = [shared_areas(left[[place]], index, GROUND) for place in range(len(left))]
    assert np.concatenate([m2 for _, _, m2 in single]).tobytes() == whole[2].tobytes() if len(left) else True


def test_large_polygons_on_the_left_are_measured_from_the_small_ones_of_the_right() -> None:
    zone = shapes(shapely.box(480_000, 3_650_000, 481_000, 3_651_000))
    sheds = shapes(
        shapely.box(479_990, 3_650_100, 480_010, 3_650_110),
        shapely.box(480_500, 3_650_500, 480_510, 3_650_510),
    )
    lot = shapes(shapely.box(480_900, 3_650_000, 482_000, 3_651_000))
    found = shared_ground(zone, np.concatenate([sheds, lot]), PLANE)
    assert found.right.tolist() == [0, 1, 2]
    assert found.m2.round(6).tolist() == [100.0, 100.0, 100_000.0]
