"""Which polygons share ground, and how much, against answers worked out by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from landzone.geometry.area import AreaMeasure
from landzone.geometry.grid_cut import cut_on_grid
from landzone.geometry.overlay import CrsMismatch, covered_m2, overlap_frame, overlap_pairs
from landzone.model.study import AreaKind

PLANE = AreaMeasure(pyproj.CRS(4547), AreaKind.PLANAR)
GROUND = AreaMeasure(pyproj.CRS(4547), AreaKind.ELLIPSOIDAL)


def shapes(*polygons: shapely.Geometry) -> np.ndarray:
    return np.array(polygons, dtype=object)


def star(x: float, y: float, radius: float, points: int) -> shapely.Geometry:
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    reach = radius * (0.75 + 0.25 * np.cos(7 * angle) + 0.01 * np.cos(301 * angle))
    return shapely.polygons(np.column_stack([x + reach * np.cos(angle), y + reach * np.sin(angle)]))


def test_inside_around_across_and_touching() -> None:
    left = shapes(box(0, 0, 10, 10), box(10, 0, 20, 10))
    right = shapes(box(2, 2, 4, 4), box(-5, -5, 12, 15), box(10, 10, 30, 20), box(5, 0, 15, 1))
    first, second, units = overlap_pairs(left, right, PLANE)
    assert list(zip(first, second, units // 10_000, strict=True)) == [
        (0, 0, 4),
        (0, 1, 100),
        (0, 3, 5),
        (1, 1, 20),
        (1, 3, 5),
    ]


def test_pieces_are_the_shared_ground() -> None:
    left, right = shapes(box(0, 0, 10, 10)), shapes(box(5, 5, 20, 20), box(1, 1, 2, 2), box(10, 0, 11, 1))
    first, second, units, pieces = overlap_pairs(left, right, PLANE, pieces=True)
    assert second.tolist() == [0, 1]
    assert [
        piece.equals(want) for piece, want in zip(pieces, [box(5, 5, 10, 10), box(1, 1, 2, 2)], strict=True)
    ]
    assert (shapely.area(pieces) * 10_000).tolist() == units.tolist() == [250_000, 10_000]
    assert first.tolist() == [0, 0]


def test_less_than_half_a_unit_is_no_overlap() -> None:
    left, right = shapes(box(0, 0, 10, 10)), shapes(box(10 - 4e-6, 0, 20, 10))
    assert overlap_pairs(left, right, PLANE)[2].tolist() == []
    assert overlap_pairs(left, shapes(box(10 - 6e-6, 0, 20, 10)), PLANE)[2].tolist() == [1]


@pytest.mark.parametrize("empty", ["left", "right"])
def test_nothing_against_something(empty: str) -> None:
    none, some = np.zeros(0, dtype=object), shapes(box(0, 0, 1, 1))
    found = overlap_pairs(none, some, PLANE) if empty == "left" else overlap_pairs(some, none, PLANE)
    assert [part.tolist() for part in found] == [[], [], []]


def test_large_polygons_are_cut_in_fixed_places_and_lose_nothing() -> None:
    big = shapes(star(500_000, 3_600_000, 4000, 20_000), box(0, 0, 1, 1))
    cut = cut_on_grid(big, 512)
    assert int(shapely.get_num_coordinates(cut.shapes).max()) <= 512
    assert cut.source[0] == 0
    assert cut.source[-1] == 1
    assert cut.cut.tolist() == [True] * (len(cut.source) - 1) + [False]
    own = cut.shapes[cut.source == 0]
    assert shapely.area(own).sum() == pytest.approx(shapely.area(big[0]), rel=1e-12)
    assert cut_on_grid(big[::-1].copy(), 512).source.tolist() == [0, *[1] * len(own)]


def test_cuts_fall_on_powers_of_two() -> None:
    square = shapes(shapely.segmentize(box(100, 100, 900, 900), 2.0))
    cut = cut_on_grid(square, 512)
    assert sorted(map(tuple, shapely.bounds(cut.shapes).tolist())) == [
        (100, 100, 512, 512),
        (100, 512, 512, 900),
        (512, 100, 900, 512),
        (512, 512, 900, 900),
    ]


def test_cutting_changes_no_area_and_threads_no_byte() -> None:
    rng = np.random.default_rng(3)
    corner = rng.uniform(-4000, 4000, (6000, 2)) + np.array([500_000, 3_600_000])
    left = shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + 60, corner[:, 1] + 45)
    right = shapes(star(500_000, 3_600_000, 4000, 9_000), star(501_000, 3_600_500, 3000, 5_000))
    first, second, units = overlap_pairs(left, right, PLANE)
    whole = shapely.area(shapely.intersection(left[:, None], right[None, :]))
    want = np.rint(whole[first, second] * 10_000)
    assert np.abs(units - want).max() <= 1
    assert int((np.rint(whole * 10_000) > 0).sum()) == len(first)
    again = overlap_pairs(left, right, PLANE, threads=2)
    assert [np.array_equal(a, b) for a, b in zip(again, (first, second, units), strict=True)] == [True] * 3


def test_ellipsoidal_pieces_sum_to_their_parcel() -> None:
    left = shapely.box(600_000, 3_600_000, 600_300, 3_600_200)
    lines = np.linspace(600_000, 600_300, 8)
    right = shapely.box(lines[:-1], 3_599_000, lines[1:], 3_601_000)
    units = overlap_pairs(shapes(left), right, GROUND)[2]
    assert abs(int(units.sum()) - int(GROUND.units(shapes(left))[0])) <= 4


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 20)] * 4), min_size=2, max_size=12), st.integers(1, 11))
def test_symmetric_and_conserving(corners: list[tuple[int, int, int, int]], split: int) -> None:
    plots = [box(min(a, c), min(b, d), max(a, c) + 1, max(b, d) + 1) for a, b, c, d in corners]
    left, right = shapes(*plots[:split]), shapes(*plots[split:])
    there = {(i, j): u for i, j, u in zip(*overlap_pairs(left, right, PLANE), strict=True)}
    back = {(i, j): u for j, i, u in zip(*overlap_pairs(right, left, PLANE), strict=True)}
    assert there == back
    for (i, j), units in there.items():
        assert units <= min(PLANE.units(left[i : i + 1])[0], PLANE.units(right[j : j + 1])[0])
        assert units % 10_000 == 0


def test_frames_keep_ids_and_refuse_mixed_systems() -> None:
    left = gpd.GeoSeries([box(0, 0, 10, 10), box(20, 0, 30, 10)], index=["a", "b"], crs=4547)
    right = gpd.GeoSeries([box(5, 0, 25, 10), box(5, 0, 8, 10)], index=["x", "y"], crs=4547)
    frame = overlap_frame(left, right, "planar")
    assert frame.columns.tolist() == ["left_id", "right_id", "area_m2"]
    assert frame.to_numpy().tolist() == [["a", "x", 50.0], ["a", "y", 30.0], ["b", "x", 50.0]]
    covered = covered_m2(left, right, "planar")
    assert covered.to_dict() == {"a": 50.0, "b": 50.0}
    for other in (right.set_crs(4548, allow_override=True), gpd.GeoSeries(right.to_numpy())):
        with pytest.raises(CrsMismatch):
            overlap_frame(left, other)
        with pytest.raises(CrsMismatch):
            covered_m2(left, other)


def test_plots_that_share_a_parallel_do_not_overlap_in_degrees() -> None:
    south = gpd.GeoSeries([box(114.0, 32.99, 114.0073, 33.0)], crs=4490)
    north = gpd.GeoSeries([box(114.0, 33.0, 114.0146, 33.01)], crs=4490)
    assert len(overlap_frame(south, north)) == 0
    half = overlap_frame(north, gpd.GeoSeries([box(114.0, 33.0, 114.0073, 33.02)], crs=4490))
    assert half["area_m2"].tolist() == pytest.approx([756_590], rel=2e-3)


def test_missing_shapes_overlap_nothing() -> None:
    left = gpd.GeoSeries([None, box(0, 0, 2, 2)], index=["none", "some"], crs=4547)
    assert overlap_frame(left, left, "planar").to_numpy().tolist() == [["some", "some", 4.0]]
    assert covered_m2(left, left, "planar").to_dict() == {"none": 0.0, "some": 4.0}
