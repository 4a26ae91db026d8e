"""Changes of coordinates, points on edges, and the plane an audit works in."""

from __future__ import annotations

import math

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from landzone.geometry.area import AreaMeasure
from landzone.geometry.crs import (
    NoTransformation,
    areal_scale_range,
    lonlat_bounds,
    transformation,
    working_crs,
)
from landzone.geometry.densify import densify

HENAN = (114.0, 33.0, 115.0, 34.0)


def crs(code: int) -> pyproj.CRS:
    return pyproj.CRS.from_epsg(code)


@pytest.mark.parametrize("target", [4526, 4546, 4547, 4548])
def test_plots_on_a_parallel_do_not_overlap_after_projection(target: int) -> None:
    north = shapely.box(114.0, 33.0, 114.0073, 33.01)
    south = shapely.box(114.0, 32.99, 114.0146, 33.0)
    change = transformation(crs(4490), crs(target))
    moved = change.apply([north, south])
    assert change.densified
    assert AreaMeasure(crs(target)).units([shapely.intersection(*moved)]).tolist() == [0]
    bare = [shapely.transform(s, change.coordinates) for s in (north, south)]
    assert AreaMeasure(crs(target)).m2([shapely.intersection(*bare)])[0] > 5.0


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (2383, 4547),
        (4610, 4490),
        (4214, 4490),
        (4555, 4490),
        (2154, 4490),
        (4214, 4326),
        (21418, 32650),
        (2434, 4547),
    ],
)
def test_ballpark_operations_are_refused(source: int, target: int) -> None:
    with pytest.raises(NoTransformation) as refusal:
        transformation(crs(source), crs(target))
    assert refusal.value.source == crs(source)
    assert refusal.value.target == crs(target)
    assert crs(source).name in str(refusal.value)


def test_operations_made_for_elsewhere_are_left_out() -> None:
    change = transformation(crs(4214), crs(4326), area=(108.0, 38.0, 108.1, 38.1))
    assert change.accuracy_m == 1.0
    assert "Beijing 1954 to WGS 84" in change.name
    with pytest.raises(NoTransformation):
        transformation(crs(4214), crs(4326), area=(86.0, 30.0, 86.1, 30.1))


def test_a_pipeline_of_the_user_is_taken_and_recorded() -> None:
    pipeline = "+proj=affine +xoff=100.5 +yoff=-20.25"
    change = transformation(crs(2383), crs(4547), pipeline=pipeline)
    moved = change.apply([shapely.box(500000, 3700000, 500010, 3700010)])[0]
    assert moved.bounds == (500100.5, 3699979.75, 500110.5, 3699989.75)
    record = change.operation("parcels")
    assert (record.source_crs, record.target_crs) == ("EPSG:2383", "EPSG:4547")
    assert (record.pipeline, record.accuracy_m) == (pipeline, -1.0)


def test_prefix_is_only_a_shift_to_the_last_bit() -> None:
    away = transformation(crs(4526), crs(4547))
    back = transformation(crs(4547), crs(4526))
    xy = np.array([[38500000.123, 3700000.456], [38640500.7, 3700200.3]])
    shape = shapely.linestrings(xy)
    moved = away.apply([shape])
    assert (away.shift, away.densified, away.accuracy_m) == ((-38_000_000.0, 0.0), False, 0.0)
    assert shapely.get_coordinates(moved)[:, 0].tolist() == [38500000.123 - 38e6, 38640500.7 - 38e6]
    assert shapely.get_coordinates(back.apply(moved)).tolist() == xy.tolist()


@pytest.mark.parametrize(("source", "target"), [(4326, 4490), (4490, 4326), (4490, 4490), (4480, 4490)])
def test_cgcs2000_and_wgs84_are_one(source: int, target: int) -> None:
    change = transformation(crs(source), crs(target))
    shape = shapely.box(114.3, 35.75, 114.301, 35.751)
    assert change.is_identity
    assert change.apply([shape])[0].equals(shape)


def test_wgs84_lands_in_the_zone_as_cgcs2000_does() -> None:
    shape = [shapely.box(114.3, 35.75, 114.301, 35.751)]
    by_wgs = transformation(crs(4326), crs(4547)).apply(shape)[0]
    by_cgcs = transformation(crs(4490), crs(4547)).apply(shape)[0]
    assert by_wgs.equals(by_cgcs)
    assert "identical" in transformation(crs(4326), crs(4547)).name


@pytest.mark.parametrize(
    ("source", "target", "accuracy"),
    [(2249, 26919, 0.0), (2154, 32631, 1.0), (4269, 4326, 4.0), (4547, 4548, 0.0)],
)
def test_known_operations_carry_their_accuracy(source: int, target: int, accuracy: float) -> None:
    assert transformation(crs(source), crs(target)).accuracy_m == accuracy


def test_there_and_back_is_within_a_micrometre() -> None:
    shape = shapely.box(520000, 3700000, 520100, 3700100)
    there = transformation(crs(4547), crs(4548)).apply([shape])
    back = transformation(crs(4548), crs(4547)).apply(there)
    assert back[0].hausdorff_distance(shape) < 1e-6


def test_missing_and_unreachable_shapes() -> None:
    change = transformation(crs(4547), crs(4490))
    moved = change.apply([None, shapely.Polygon(), shapely.box(38527000, 3958000, 38527100, 3958100)])
    assert moved[0] is None
    assert moved[1].is_empty
    assert not np.isfinite(shapely.get_coordinates(moved[2])).any()


def test_heights_are_dropped() -> None:
    solid = shapely.force_3d(shapely.box(114.3, 35.75, 114.301, 35.751), 81.5)
    assert not shapely.has_z(transformation(crs(4490), crs(4547)).apply([solid]))[0]
    assert not shapely.has_z(transformation(crs(4490), crs(4490)).apply([solid]))[0]


def test_null_shift_on_an_old_datum_is_no_transformation() -> None:
    old = pyproj.CRS(
        "+proj=tmerc +lat_0=0 +lon_0=114 +k=1 +x_0=500000 +a=6378140 +rf=298.257 +towgs84=0,0,0 +units=m"
    )
    with pytest.raises(NoTransformation):
        transformation(old, crs(4547))


def test_points_on_edges_lie_on_the_grid() -> None:
    dense = densify([shapely.box(0, 0, 500, 100)], 1 / 200)[0]
    assert shapely.get_coordinates(dense).tolist() == [
        [500, 0], [500, 100], [400, 100], [200, 100], [0, 100], [0, 0], [200, 0], [400, 0], [500, 0],
    ]  # fmt: skip


def test_edges_that_start_and_end_on_the_grid_get_no_double_points() -> None:
    square = shapely.Polygon([(0.0002, 0.0), (0.0006, 0.0), (0.0006, 0.0002), (0.0002, 0.0002)])
    dense = densify([square], 5000)[0]
    assert shapely.get_num_coordinates(dense) == 7
    assert shapely.get_coordinates(dense)[1].tolist() == [0.0004, 0.0]


def test_only_polygons_get_points_and_kinds_stay() -> None:
    donut = shapely.Polygon(
        [(0, 0), (900, 0), (900, 900), (0, 900)], [[(300, 300), (700, 300), (700, 700), (300, 700)]]
    )
    many = shapely.MultiPolygon([shapely.box(1000, 0, 1500, 10), shapely.box(2000, 0, 2010, 10)])
    one = shapely.MultiPolygon([shapely.box(1000, 0, 1500, 10)])
    shapes = [
        donut,
        None,
        many,
        shapely.Point(1, 1),
        one,
        shapely.Polygon(),
        shapely.LineString([(0, 0), (900, 0)]),
    ]
    dense = densify(shapes, 1 / 200)
    assert [getattr(s, "geom_type", None) for s in dense] == [getattr(s, "geom_type", None) for s in shapes]
    assert shapely.get_num_coordinates(dense).tolist() == [10 + 16 + 8, 0, 5 + 4 + 5, 1, 9, 0, 2]
    for before, after in zip(shapes, dense, strict=True):
        assert after is before or after.equals(before)


def test_chunks_do_not_change_a_bit() -> None:
    rng = np.random.default_rng(3)
    corner = rng.uniform(0, 0.05, (60, 2)) + np.array([114, 33])
    shapes = shapely.box(*corner.T, *(corner + rng.uniform(1e-4, 3e-3, (60, 2))).T)
    change = transformation(crs(4490), crs(4547))
    whole = [shapely.to_wkb(s) for s in change.apply(shapes)]
    split = [shapely.to_wkb(s) for part in np.array_split(shapes, 7) for s in change.apply(part)]
    assert whole == split


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    x=st.floats(113, 115),
    y=st.floats(30, 40),
    dx=st.floats(-0.01, 0.01),
    dy=st.floats(-0.01, 0.01),
    turn=st.booleans(),
)
def test_a_shared_edge_gets_the_same_points_from_both_sides(
    x: float, y: float, dx: float, dy: float, turn: bool
) -> None:
    a, b = (x, y), (x + dx, y + dy)
    if math.dist(a, b) < 1e-6:
        return
    left = shapely.Polygon([a, b, (x - dy, y + dx)])
    right = shapely.Polygon([b, a, (x + dy, y - dx)])
    found = [densify([s], 5000)[0] for s in ((left, right) if turn else (right, left))]
    on_line = [
        {
            tuple(p)
            for p in shapely.get_coordinates(s)
            if shapely.LineString([a, b]).distance(shapely.Point(p)) < 1e-12
        }
        for s in found
    ]
    assert on_line[0] == on_line[1]


@pytest.mark.parametrize(
    ("layers", "bounds", "expected"),
    [
        ([4490], HENAN, 4547),
        ([4326], HENAN, 4547),
        ([3857], HENAN, 4547),
        ([4526, 4547], HENAN, 4526),
        ([4548], HENAN, 4548),
        ([4490, 4526], HENAN, 4526),
        ([4610], HENAN, 2383),
        ([4610, 4547], HENAN, 2383),
        ([2154], (2.0, 48.0, 2.1, 48.1), 2154),
        ([2249], (-71.2, 42.3, -71.0, 42.4), 26919),
        ([4326], (20.0, -34.0, 20.1, -33.9), 32734),
        ([3826], (121.0, 24.0, 121.1, 24.1), 3826),
    ],
)
def test_working_plane(layers: list[int], bounds: tuple[float, ...], expected: int) -> None:
    assert working_crs([crs(code) for code in layers], bounds).to_epsg() == expected  # type: ignore[arg-type]


def test_working_plane_of_a_datum_without_utm_codes() -> None:
    found = working_crs([crs(2048)], (20.0, -34.0, 20.1, -33.9))
    low, high = areal_scale_range(found, (20.0, -34.0, 20.1, -33.9))
    assert found.geodetic_crs == crs(4148)
    assert 0.998 < low <= high < 1.0


def test_areal_scale() -> None:
    low, high = areal_scale_range(crs(4547), HENAN)
    assert (round(low, 6), round(high, 6)) == (1.0, 1.000215)
    assert areal_scale_range(crs(3857), (114, 33, 114, 33))[0] == pytest.approx(1.42, abs=0.01)
    with pytest.raises(ValueError, match="degrees"):
        areal_scale_range(crs(4490), HENAN)


def test_bounds_in_degrees() -> None:
    box = shapely.box(527000, 3958000, 527100, 3958100)
    expected = (114.29852, 35.75140, 114.29963, 35.75230)
    assert lonlat_bounds([box, None, shapely.Polygon()], crs(4547)) == pytest.approx(expected, abs=1e-5)
    assert lonlat_bounds(box.bounds, crs(4547)) == pytest.approx(expected, abs=1e-5)
    assert lonlat_bounds((114, 33, 115, 34), crs(4490)) == HENAN
    assert np.isnan(lonlat_bounds([None], crs(4547))).all()
    assert np.isnan(lonlat_bounds([shapely.box(38527000, 0, 38527001, 1)], crs(4547))).all()
