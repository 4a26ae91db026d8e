"""Free edges of a layer, the voids it encloses, and slits between neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from landzone.geometry.area import AreaMeasure
from landzone.geometry.free_edges import free_edges
from landzone.geometry.gaps import Gaps, slits, voids
from landzone.model.study import AreaKind

PLANE = AreaMeasure(pyproj.CRS.from_epsg(4547), AreaKind.PLANAR)
OX, OY = 527000.0, 3958000.0


def box(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    return shapely.box(OX + x0, OY + y0, OX + x1, OY + y1)


def voids_of(shapes: Any) -> Gaps:
    array = np.asarray(shapes, dtype=object)
    return voids(free_edges(array), shapely.STRtree(array), PLANE)


def slits_of(shapes: Any, width: float = 1.0) -> Gaps:
    array = np.asarray(shapes, dtype=object)
    return slits(free_edges(array), shapely.STRtree(array), width, PLANE)


RING = [box(0, 0, 30, 10), box(0, 20, 30, 30), box(0, 10, 10, 20), box(20, 10, 30, 20)]


def test_an_edge_drawn_from_both_sides_is_not_free() -> None:
    found = free_edges([box(0, 0, 10, 10), box(10, 0, 20, 10), None, shapely.Polygon()])
    assert len(found) == 6
    assert found.owner.tolist() == [0, 0, 0, 1, 1, 1]
    assert {OX + 10} != set(found.start[:, 0])
    assert len(free_edges([])) == 0


@pytest.mark.parametrize("clockwise", [False, True])
def test_free_edges_have_their_shape_on_the_left(clockwise: bool) -> None:
    ring = box(0, 0, 10, 10) if not clockwise else shapely.reverse(box(0, 0, 10, 10))
    pierced = shapely.Polygon(ring.exterior, [box(4, 4, 6, 6).exterior])
    found = free_edges([pierced])
    along = found.end - found.start
    left = np.stack([-along[:, 1], along[:, 0]], axis=1)
    beside = (found.start + found.end) / 2 + left * 1e-3
    assert shapely.intersects(pierced, shapely.points(beside)).all()
    chains = found.chains()
    assert len(chains) == 2
    assert shapely.is_closed(chains).all()


def test_copies_and_triple_edges_stay_free() -> None:
    assert len(free_edges([box(0, 0, 1, 1), box(0, 0, 1, 1)])) == 8
    assert len(free_edges([box(0, 0, 1, 1), box(0, 0, 1, 1), box(1, 0, 2, 1)])) == 12


def test_closed_hole_of_a_layer() -> None:
    found = voids_of([*RING, None])
    assert found.units.tolist() == [1_000_000]
    assert found.pieces[0].equals(box(10, 10, 20, 20))
    assert voids_of(RING[:3]).units.tolist() == []
    assert voids_of([None]).units.tolist() == []


def test_what_stands_alone_inside_a_void_is_taken_out_of_it() -> None:
    assert voids_of([*RING, box(14, 14, 16, 16)]).units.tolist() == [960_000]


def test_a_ring_hole_that_nothing_fills_is_a_void_and_a_filled_one_is_none() -> None:
    pierced = shapely.Polygon(box(0, 0, 30, 30).exterior, [box(10, 10, 20, 20).exterior])
    assert voids_of([pierced]).units.tolist() == [1_000_000]
    assert voids_of([pierced, box(10, 10, 20, 20)]).units.tolist() == []


def test_corners_on_an_edge_make_no_void() -> None:
    assert voids_of([box(0, 0, 20, 10), box(0, 10, 10, 20), box(10, 10, 20, 20)]).units.tolist() == []


def test_overlapping_shapes_enclose_no_void_where_they_overlap() -> None:
    assert voids_of([box(0, 0, 20, 20), box(10, 10, 30, 30), box(12, 12, 18, 18)]).units.tolist() == []


def test_two_whole_covers_over_each_other_leave_no_void_and_no_slit() -> None:
    x, y = np.meshgrid(np.arange(4.0), np.arange(4.0))
    one = shapely.box(OX + x, OY + y, OX + x + 1, OY + y + 1).ravel()
    two = shapely.transform(one, lambda xy: xy + 0.3)
    layer = np.concatenate([one, two])
    assert voids_of(layer).units.tolist() == []
    assert slits_of(layer, 0.5).units.tolist() == []


def test_holes_of_a_large_layer() -> None:
    x, y = np.meshgrid(np.arange(100.0), np.arange(100.0))
    keep = ~(((x == 17) & (y == 40)) | ((x == 80) & (y == 80)))
    layer = shapely.box(OX + x[keep], OY + y[keep], OX + x[keep] + 1, OY + y[keep] + 1)
    found = voids_of(layer)
    assert found.units.tolist() == [10_000, 10_000]
    assert [p.bounds[0] - OX for p in found.pieces] == [17.0, 80.0]


def test_gap_of_three_millimetres() -> None:
    found = slits_of([box(0, 0, 10, 10), box(10.003, 0, 20, 10), box(30, 0, 40, 10)], 0.01)
    assert found.units.tolist() == [300]
    assert (found.left.tolist(), found.right.tolist()) == ([0], [1])
    assert found.pieces[0].equals_exact(box(10, 0, 10.003, 10).normalize(), 1e-6, normalize=True)


def test_a_wedge_that_opens_from_a_common_corner_is_a_slit() -> None:
    """From 0 to 0.2 m over 20 m: 2 m²."""
    lower = box(0, 0, 20, 10)
    upper = shapely.Polygon([(OX, OY + 10), (OX + 20, OY + 10.2), (OX + 20, OY + 20), (OX, OY + 20)])
    assert slits_of([lower, upper]).units.tolist() == [20_000]


def test_a_wedge_is_a_slit_only_as_far_as_it_is_narrow() -> None:
    """It opens to 2 m over 40 m: the first 20 m are narrower than 1 m, 10 m² of them."""
    lower = box(0, 0, 40, 10)
    upper = shapely.Polygon([(OX, OY + 10), (OX + 40, OY + 12), (OX + 40, OY + 20), (OX, OY + 20)])
    assert slits_of([lower, upper]).units.tolist() == [100_000]


def test_what_a_third_shape_covers_is_no_gap() -> None:
    layer = [box(0, 0, 10, 10), box(10.003, 0, 20, 10), box(10, 2, 10.003, 8)]
    assert slits_of(layer, 0.01).units.tolist() == [60, 60]


def test_neighbours_that_touch_or_lie_far_apart_have_no_gap() -> None:
    layer = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(25, 0, 30, 10), None]
    assert slits_of(layer, 0.1).units.tolist() == []
    assert slits_of(layer, 0.0).units.tolist() == []
    assert slits_of([], 0.1).units.tolist() == []


def test_corners_that_meet_are_no_slit() -> None:
    assert slits_of([box(0, 0, 10, 10), box(10, 10, 20, 20), box(10.5, 0, 20, 9.5)]).units.tolist() == [
        47_500,
        47_500,
    ]
    assert slits_of([box(0, 0, 10, 10), box(10.2, 10.2, 20, 20)]).units.tolist() == []


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_order_and_direction_of_rings_change_nothing(seed: int, turned: bool) -> None:
    rng = np.random.default_rng(seed)
    corner = rng.integers(0, 30, (12, 2))
    size = rng.integers(1, 9, (12, 2))
    layer = np.array([box(*c, *(c + s)) for c, s in zip(corner, size, strict=True)], dtype=object)
    mixed = layer[rng.permutation(len(layer))]
    mixed = shapely.reverse(mixed) if turned else mixed
    straight, other = voids_of(layer), voids_of(mixed)
    assert straight.units.tolist() == other.units.tolist()
    assert slits_of(layer, 1.0).units.sum() == slits_of(mixed, 1.0).units.sum()


@given(st.integers(0, 2**32 - 1))
def test_voids_are_the_cells_that_no_way_leads_to_from_outside(seed: int) -> None:
    """Boxes of whole metres on a raster of metres; ways go through sides of free cells, not through corners."""
    rng = np.random.default_rng(seed)
    corner = rng.integers(1, 20, (25, 2))
    size = rng.integers(1, 9, (25, 2))
    layer = np.array([box(*c, *(c + s)) for c, s in zip(corner, size, strict=True)], dtype=object)
    covered = np.zeros((30, 30), dtype=bool)
    for (x, y), (w, h) in zip(corner, size, strict=True):
        covered[x : x + w, y : y + h] = True
    outside = np.zeros_like(covered)
    outside[0, 0] = True
    for _ in range(covered.size):
        grown = outside.copy()
        grown[1:] |= outside[:-1]
        grown[:-1] |= outside[1:]
        grown[:, 1:] |= outside[:, :-1]
        grown[:, :-1] |= outside[:, 1:]
        grown &= ~covered
        if (grown == outside).all():
            break
        outside = grown
    assert voids_of(layer).units.sum() == int((~covered & ~outside).sum()) * 10_000
