"""The full overlay: self-overlaps, faces, dissolving, slivers."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from landzone.geometry.clusters import connected
from landzone.geometry.dissolve import face_shapes
from landzone.geometry.faces import faces_of_each
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
    area = {tuple(label): shape.area for label, shape in zip(found.labels, face_shapes(found), strict=True)}
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


def test_the_lowest_label_counts_where_labels_overlap() -> None:
    """A ∩ B, C inside A, D the same as A's neighbour: each face in the lowest of the labels that lie there."""
    rows = shapes(
        box(0, 0, 10, 10), box(5, 0, 15, 10), box(1, 1, 2, 2), box(20, 0, 30, 10), box(20, 0, 30, 10)
    )
    for labels in ([0, 1, 2, 3, 4], [4, 3, 2, 1, 0]):
        found = faces([(rows, np.array(labels))], shapes(box(0, 0, 40, 10)))
        area = np.bincount(found.labels[:, 0] + 1, weights=shapely.area(face_shapes(found)), minlength=6)
        least = {0: min(labels[0], labels[2]), 1: min(labels[0], labels[1]), 3: min(labels[3], labels[4])}
        want = np.zeros(6)
        want[0] = 400 - 150 - 100
        want[labels[0] + 1] += 49
        want[labels[1] + 1] += 50
        for first, m2 in ((0, 1), (1, 50), (3, 100)):
            want[least[first] + 1] += m2
        assert area.tolist() == want.tolist()


def test_a_zone_that_no_border_of_a_plan_comes_near() -> None:
    """Zones inside one polygon, in its hole, in a polygon in the hole, and on either side of one long border."""
    holed = shapely.Polygon(box(0, 0, 9e4, 9e4).exterior, [box(3e4, 3e4, 6e4, 6e4).exterior])
    layer = (shapes(holed, box(4e4, 4e4, 5e4, 5e4)), np.array([3, 5]))
    at = [(1e4, 1e4), (3.5e4, 3.5e4), (4.5e4, 4.5e4), (-1e4, 1e4)]
    for spots in (at[:1], at[1:2], at[2:3], at[3:], at, [at[0], at[3]]):
        zones = shapes(*(box(x, y, x + 10, y + 10) for x, y in spots))
        found = faces([layer], zones)
        want = {at[0]: 3, at[1]: -1, at[2]: 5, at[3]: -1}
        assert found.labels[np.argsort(found.within), 0].tolist() == [want[spot] for spot in spots]
        each = [part.labels.tolist() for part in faces_of_each([layer], zones)]
        assert each == [[[want[spot]]] for spot in spots]


def test_borders_that_meet_in_the_middle_of_an_edge_leave_no_sliver() -> None:
    """Parcels along a road whose long edge has no vertex where they meet; corners lie on it but for rounding."""
    rng = np.random.default_rng(8)
    turn = np.array([[np.cos(0.3), np.sin(0.3)], [-np.sin(0.3), np.cos(0.3)]])
    cuts = np.r_[0, np.sort(rng.uniform(1, 999, 200)), 1000]
    plots = [np.array([[a, 0], [b, 0], [b, 40], [a, 40]]) for a, b in pairwise(cuts)]
    road = np.array([[0, -10], [1000, -10], [1000, 0], [0, 0]])
    rows = shapely.polygons([ring @ turn + ORIGIN for ring in [*plots, road]])
    found = faces([(rows, np.arange(len(rows)))], shapes(shapely.unary_union(rows).buffer(1.0)))
    ground = dissolve_connected(found, found.labels)
    uncovered = ground.labels[:, 0] == -1
    assert len(ground.shapes) == len(rows) + 1
    assert uncovered.sum() == 1
    assert shapely.get_num_interior_rings(ground.shapes[uncovered]).tolist() == [1]


def square_mm(shape: shapely.Polygon) -> Fraction:
    """Return the exact area of a polygon whose corners are whole millimetres."""
    twice = 0
    for number, ring in enumerate([shape.exterior, *shape.interiors]):
        xy = [(round(x * 1000), round(y * 1000)) for x, y in ring.coords]
        own = sum(a[0] * b[1] - a[1] * b[0] for a, b in pairwise(xy))
        twice += -abs(own) if number else abs(own)
    return Fraction(twice, 2)


def random_coverages(seed: int, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(lattice(12, 50.0, 6.0, seed + one), np.arange(144) % 5) for one in range(count)]


def printed(layers: list, zone: np.ndarray, order: np.ndarray, most: int) -> bytes:
    """Return all that the overlay says, as bytes, layers and rows being given in some order."""
    rng = np.random.default_rng(most)
    rows = [rng.permutation(len(label)) for _, label in layers]
    given_layers = [(layers[place][0][rows[place]], layers[place][1][rows[place]]) for place in order]
    found = faces(given_layers, zone, most_edges=most)
    ground = dissolve_connected(found, np.column_stack([found.within, found.labels[:, np.argsort(order)]]))
    parts = [ground.labels, ground.first, ground.second, ground.border_m]
    return b"".join(shapely.to_wkb(ground.shapes)) + b"".join(part.tobytes() for part in parts)


@settings(derandomize=True, max_examples=6, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 5), st.randoms(use_true_random=False))
def test_no_cells_and_no_order_change_a_byte(seed: int, count: int, random) -> None:
    layers = random_coverages(seed, count)
    zone = shapes(box(X - 3, Y - 3, X + 320.5, Y + 603), box(X + 320.5, Y - 3, X + 603, Y + 603))
    order = list(range(count))
    plain = printed(layers, zone, np.array(order), 12)
    for most in (1, 2, 7, 64):
        random.shuffle(order)
        assert printed(layers, zone, np.array(order), most) == plain


@pytest.mark.parametrize("ways", [1, 2, 7, 64])
def test_zones_cut_in_any_number_of_parts_hold_the_same_ground(ways: int) -> None:
    """Tiles as zones: all parts sum to the whole in whole square millimetres, every combination but for the snap."""
    layers = random_coverages(5, 3)
    cuts = np.round(np.linspace(0, 600, ways + 1) * 4) / 4
    zones = shapely.box(X + cuts[:-1], Y, X + cuts[1:], Y + 600)
    total: dict[tuple[int, ...], Fraction] = {}
    for found in faces_of_each(layers, zones):
        ground = dissolve_connected(found, found.labels)
        assert shapely.is_valid(ground.shapes).all()
        for label, shape in zip(ground.labels.tolist(), ground.shapes, strict=True):
            total[tuple(label)] = total.get(tuple(label), Fraction(0)) + square_mm(shape)
    assert sum(total.values()) == 600 * 600 * 10**6
    whole = faces(layers, shapes(box(X, Y, X + 600, Y + 600)))
    once = dissolve_connected(whole, whole.labels)
    for label in np.unique(once.labels, axis=0):
        mine = np.all(once.labels == label, axis=1)
        whole_mm = sum(map(square_mm, once.shapes[mine]))
        border_mm = 1000 * shapely.length(once.shapes[mine]).sum()
        assert abs(total[tuple(label.tolist())] - whole_mm) <= 0.71 * border_mm


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
    assert shapely.area(face_shapes(found)[both]).sum() == pytest.approx(float(clipped(one, two)), abs=0.12)
    assert shapely.area(face_shapes(found)).sum() == pytest.approx(42 * 42, rel=1e-9)


def test_against_counting_points() -> None:
    layers = [(lattice(6, 40.0, 9.0, seed), np.arange(36) % 5) for seed in (3, 4, 5)]
    found = faces(layers, shapes(box(X, Y, X + 240, Y + 240)))
    code = (found.labels * [25, 5, 1]).sum(axis=1)
    areas = np.bincount(code, weights=shapely.area(face_shapes(found)), minlength=125)
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
