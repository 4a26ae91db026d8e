"""The full overlay: self-overlaps, faces, dissolving, slivers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from landzone.geometry.clusters import connected
from landzone.geometry.overlay import dissolve_connected, faces, flatten
from landzone.geometry.width import is_sliver, mean_width_m

X, Y = 500_000.0, 3_600_000.0
ORIGIN = np.array([X, Y])


def shapes(*polygons: shapely.Geometry) -> np.ndarray:
    return np.array(polygons, dtype=object)


def lattice(size: int, step: float, jitter: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    at = np.stack(np.meshgrid(*([np.arange(size + 1) * step] * 2), indexing="ij"), -1) + ORIGIN
    at[1:-1, 1:-1] += rng.normal(0, jitter, (size - 1, size - 1, 2))
    rings = np.stack([at[:-1, :-1], at[1:, :-1], at[1:, 1:], at[:-1, 1:]], axis=2)
    return np.asarray(shapely.polygons(rings.reshape(-1, 4, 2)), dtype=object)


def test_flat_layers_pass_untouched() -> None:
    rows = shapes(box(0, 0, 1, 1), box(1, 0, 2, 1))
    flat, labels, report = flatten(rows, ["a", "b"])
    assert flat is rows
    assert labels.tolist() == ["a", "b"]
    assert (len(report.first), report.area_m2) == (0, 0.0)


def test_double_and_triple_ground_goes_under_joined_labels() -> None:
    rows = shapes(box(0, 0, 10, 10), box(5, 0, 15, 10), box(8, 0, 20, 10), box(30, 0, 31, 1))
    flat, labels, report = flatten(rows, ["R2", "M1", "A", "R2"])
    area = dict.fromkeys(labels, 0.0)
    for label, shape in zip(labels, flat, strict=True):
        area[label] += shape.area
    assert area == {"R2": 51.0, "M1|R2": 30.0, "A|M1|R2": 20.0, "A|M1": 50.0, "A": 50.0}
    assert sum(area.values()) == shapely.union_all(rows).area == 201.0
    assert list(zip(report.first, report.second, report.pair_m2, strict=True)) == [
        (0, 1, 50.0),
        (0, 2, 20.0),
        (1, 2, 70.0),
    ]
    assert report.area_m2 == pytest.approx(100.0)


def test_one_label_twice_stays_one_label() -> None:
    _, labels, report = flatten(shapes(box(0, 0, 2, 2), box(0, 0, 2, 2)), ["M1", "M1"])
    assert labels.tolist() == ["M1"]
    assert report.area_m2 == 4.0


def test_faces_of_two_layers_in_a_zone() -> None:
    one = (shapes(box(-5, -5, 6, 15)), np.array([7]))
    two = (shapes(box(4, -5, 8, 15), box(8, 0, 30, 5)), np.array([0, 1]))
    found = faces([one, two], shapes(box(0, 0, 10, 10)))
    area = {tuple(label): shape.area for label, shape in zip(found.labels, found.shapes, strict=True)}
    assert area == {(7, -1): 40.0, (7, 0): 20.0, (-1, 0): 20.0, (-1, 1): 10.0, (-1, -1): 10.0}


def test_multipolygons_and_holes_are_cut_like_their_parts() -> None:
    holed = shapely.Polygon(box(0, 0, 10, 10).exterior, [box(2, 2, 4, 4).exterior])
    several = shapely.MultiPolygon([holed, box(20, 0, 30, 10)])
    zones = shapes(shapely.MultiPolygon([box(0, 0, 10, 5), box(18, 0, 25, 10)]))
    found = faces([(shapes(several), np.array([3]))], zones)
    ground = dissolve_connected(found, found.labels)
    got = [(int(label[0]), shape.area) for label, shape in zip(ground.labels, ground.shapes, strict=True)]
    assert got == [(-1, 4.0), (-1, 20.0), (3, 46.0), (3, 50.0)]


def test_no_layers_and_no_zones() -> None:
    assert faces([], shapes(box(0, 0, 10, 10))).labels.shape == (1, 0)
    none = faces([(shapes(box(0, 0, 1, 1)), np.array([0]))], np.zeros(0, dtype=object))
    assert none.labels.shape == (0, 1)
    assert len(dissolve_connected(none, none.labels).shapes) == 0


def test_a_shared_edge_connects_and_a_shared_point_does_not() -> None:
    layer = (shapes(box(0, 0, 1, 1), box(1, 0, 2, 1), box(2, 1, 3, 2)), np.array([0, 0, 0]))
    found = faces([layer], shapes(box(0, 0, 3, 2)))
    ground = dissolve_connected(found, found.labels)
    there = ground.labels[:, 0] == 0
    assert shapely.area(ground.shapes[there]).tolist() == [2.0, 1.0]
    assert shapely.get_num_coordinates(ground.shapes[there]).tolist() == [5, 5]


def test_borders_carry_the_shared_length() -> None:
    layer = (shapes(box(0, 0, 4, 3), box(4, 0, 9, 3)), np.array([0, 1]))
    found = faces([layer], shapes(box(0, 0, 9, 3)))
    ground = dissolve_connected(found, found.labels)
    assert (ground.first.tolist(), ground.second.tolist(), ground.border_m.tolist()) == ([0], [1], [3.0])


def test_holes_and_islands_survive() -> None:
    ring = shapely.Polygon(box(0, 0, 10, 10).exterior, [box(2, 2, 8, 8).exterior])
    found = faces([(shapes(ring, box(4, 4, 6, 6)), np.array([0, 1]))], shapes(box(0, 0, 10, 10)))
    ground = dissolve_connected(found, found.labels)
    assert shapely.area(ground.shapes).tolist() == [32.0, 64.0, 4.0]
    assert shapely.get_num_interior_rings(ground.shapes).tolist() == [1, 1, 0]


@pytest.mark.parametrize(("tile", "vertices"), [(256.0, 10**9), (1024.0, 60), (64.0, 10**9)])
def test_tiles_leave_no_trace_on_whole_numbers(tile: float, vertices: int) -> None:
    rng = np.random.default_rng(5)
    corner = rng.integers(0, 900, (40, 2))
    layers = []
    for seed in range(3):
        side = np.random.default_rng(seed).integers(50, 400, (40, 2))
        shape = shapely.box(*(corner + ORIGIN).T, *(corner + side + ORIGIN).T)
        flat, labels, _ = flatten(shape, [str(i % 4) for i in range(40)])
        layers.append((flat, np.unique(labels, return_inverse=True)[1]))
    zones = shapes(box(X, Y, X + 600, Y + 1000), box(X + 600, Y, X + 1300, Y + 1000))
    one = faces(layers, zones, tile_m=2.0**22)
    many = faces(layers, zones, tile_m=tile, tile_vertices=vertices)
    assert len(many.shapes) > len(one.shapes)
    whole, parts = (dissolve_connected(f, np.column_stack([f.within, f.labels])) for f in (one, many))
    assert shapely.to_wkb(parts.shapes).tolist() == shapely.to_wkb(whole.shapes).tolist()
    assert np.array_equal(parts.labels, whole.labels)
    assert np.array_equal(parts.first, whole.first)
    assert parts.border_m == pytest.approx(whole.border_m)


def test_tiles_change_crooked_ground_by_less_than_the_snap() -> None:
    layers = [(lattice(20, 50.0, 6.0, seed), np.arange(400)) for seed in (1, 2)]
    zone = shapes(box(X, Y, X + 1000, Y + 1000))
    whole, parts = (faces(layers, zone, tile_m=tile) for tile in (2.0**22, 128.0))
    one = dissolve_connected(whole, whole.labels)
    two = dissolve_connected(parts, parts.labels)
    assert np.array_equal(one.labels, two.labels)
    assert np.abs(shapely.area(one.shapes) - shapely.area(two.shapes)).max() < 0.001 * 200
    assert shapely.area(two.shapes).sum() == pytest.approx(1e6, rel=1e-9)
    assert shapely.is_valid(two.shapes).all()


def clipped(subject: list[tuple[int, int]], convex: list[tuple[int, int]]) -> Fraction:
    """Area of a polygon inside a convex one, in exact fractions (Sutherland–Hodgman, shoelace)."""
    ring = [(Fraction(x), Fraction(y)) for x, y in subject]
    for (ax, ay), (bx, by) in zip(convex, convex[1:] + convex[:1], strict=True):
        side = [(bx - ax) * (y - ay) - (by - ay) * (x - ax) for x, y in ring]
        out = []
        for i, here in enumerate(ring):
            j = (i + 1) % len(ring)
            if side[i] >= 0:
                out.append(here)
            if side[i] * side[j] < 0:
                t = side[i] / (side[i] - side[j])
                out.append(tuple(a + t * (b - a) for a, b in zip(here, ring[j], strict=True)))
        ring = out
    twice = sum(
        (a[0] * b[1] - a[1] * b[0] for a, b in zip(ring, ring[1:] + ring[:1], strict=True)), Fraction(0)
    )
    return abs(twice) / 2


points = st.tuples(st.integers(0, 40), st.integers(0, 40))


@settings(derandomize=True, max_examples=80, deadline=None)
@given(st.tuples(points, points, points), st.tuples(points, points, points))
def test_against_exact_fractions(first: tuple, second: tuple) -> None:
    def ccw(ring: tuple) -> list[tuple[int, int]] | None:
        (a, b), (c, d), (e, f) = ring
        twice = (c - a) * (f - b) - (d - b) * (e - a)
        return None if twice == 0 else list(ring) if twice > 0 else list(ring[::-1])

    one, two = ccw(first), ccw(second)
    if one is None or two is None:
        return
    layers = [(shapes(shapely.Polygon(ring)), np.array([0])) for ring in (one, two)]
    found = faces(layers, shapes(box(-1, -1, 41, 41)))
    both = (found.labels >= 0).all(axis=1)
    assert shapely.area(found.shapes[both]).sum() == pytest.approx(float(clipped(one, two)), abs=0.12)
    assert shapely.area(found.shapes).sum() == pytest.approx(42 * 42, rel=1e-9)


def test_against_counting_points() -> None:
    layers = [(lattice(6, 40.0, 9.0, seed), np.arange(36) % 5) for seed in (3, 4, 5)]
    found = faces(layers, shapes(box(X, Y, X + 240, Y + 240)))
    code = (found.labels * [25, 5, 1]).sum(axis=1)
    areas = np.bincount(code, weights=shapely.area(found.shapes), minlength=125)
    step = np.arange(0.2, 240, 0.4)
    at = shapely.points(np.stack(np.meshgrid(step + X, step + Y), -1).reshape(-1, 2))
    place = np.zeros(len(at), dtype=int)
    for (polygons, labels), weight in zip(layers, (25, 5, 1), strict=True):
        polygon, point = shapely.STRtree(at).query(polygons, predicate="contains")
        place[point] += labels[polygon] * weight
    counted = np.bincount(place, minlength=125) * 0.16
    assert np.abs(areas - counted).max() < 12.0
    assert areas.sum() == pytest.approx(240 * 240, rel=1e-9)


def test_width_tells_slivers() -> None:
    body, tail = box(0, 0, 20, 20), box(20, 0, 3000, 0.1)
    rows = shapes(
        box(0, 0, 100, 0.05), box(0, 0, 14, 14), box(0, 0, 1000, 1.5), body.union(tail), box(0, 0, 1, 1)
    )
    assert mean_width_m(rows).round(2).tolist() == [0.05, 7.0, 1.5, 0.23, 0.5]
    assert is_sliver(rows, 1.0).tolist() == [True, False, False, False, True]
    assert is_sliver(rows, 0.0).tolist() == [False] * 5


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(points, min_size=3, max_size=9), st.floats(0.1, 20))
def test_the_circle_never_acquits_a_convex_patch(corners: list, width: float) -> None:
    hull = shapely.MultiPoint(corners).convex_hull
    if hull.geom_type == "Polygon":
        rows = shapes(hull)
        assert is_sliver(rows, width).tolist() == (mean_width_m(rows) < width).tolist()


def test_connected_in_one_long_chain() -> None:
    order = np.random.default_rng(0).permutation(5000)
    assert connected(5000, order[:-1], order[1:]).max() == 0
    assert connected(3, np.zeros(0, np.int64), np.zeros(0, np.int64)).tolist() == [0, 1, 2]
