"""Neighbours share border, not a corner; borders a hand's breadth apart are one."""

import numpy as np
import pytest
import shapely

from landzone.geometry.touching import shared_edges


def pairs(*boxes, tolerance=0.1, least=1.0):
    found = shared_edges(np.array([shapely.box(*box) for box in boxes]), tolerance, least)
    return list(zip(found.left.tolist(), found.right.tolist(), strict=True))


def test_a_shared_edge_joins_and_a_corner_does_not():
    assert pairs((0, 0, 10, 10), (10, 0, 20, 10), (20, 10, 30, 20)) == [(0, 1)]


@pytest.mark.parametrize(("gap", "joined"), [(0.0, True), (0.09, True), (0.11, False), (5.0, False)])
def test_borders_within_the_tolerance_are_one(gap, joined):
    assert (pairs((0, 0, 10, 10), (10 + gap, 0, 20, 10)) == [(0, 1)]) is joined


def test_borders_shorter_than_the_least_do_not_join():
    assert pairs((0, 0, 10, 10), (10, 9.5, 20, 20)) == []
    assert pairs((0, 0, 10, 10), (10, 8.5, 20, 20)) == [(0, 1)]


def test_the_order_of_shapes_changes_the_numbers_alone():
    boxes = [(0, 0, 10, 10), (10, 0, 20, 10), (0, 10, 10, 20), (40, 0, 50, 10)]
    turned = [boxes[n] for n in (2, 3, 0, 1)]
    named = {tuple(sorted((boxes[a], boxes[b]))) for a, b in pairs(*boxes)}
    assert {tuple(sorted((turned[a], turned[b]))) for a, b in pairs(*turned)} == named
    assert len(named) == 2


def test_missing_and_empty_shapes_touch_nothing():
    shapes = np.array([None, shapely.Polygon(), shapely.box(0, 0, 1, 1)], dtype=object)
    assert len(shared_edges(shapes, 0.1, 1.0).left) == 0
    assert len(shared_edges(shapes[:0], 0.1, 1.0).left) == 0


def test_a_least_border_that_corners_could_reach_is_refused():
    with pytest.raises(ValueError, match="corners would count"):
        pairs((0, 0, 1, 1), tolerance=0.3)
