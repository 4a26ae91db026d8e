"""Overlaps and copies inside a layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from landzone.geometry.area import AreaMeasure
from landzone.geometry.topology import counted_twice, overlaps, same_as
from landzone.model.study import AreaKind

PLANE = AreaMeasure(pyproj.CRS.from_epsg(4547), AreaKind.PLANAR)
OX, OY = 527000.0, 3958000.0


def box(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    return shapely.box(OX + x0, OY + y0, OX + x1, OY + y1)


def test_two_parcels_overlap_by_a_thousand_square_metres() -> None:
    found = overlaps([box(0, 0, 100, 100), box(90, 0, 190, 100)], PLANE)
    assert (found.left.tolist(), found.right.tolist(), found.units.tolist()) == ([0], [1], [10_000_000])
    assert found.pieces[0].equals(box(90, 0, 100, 100))


def test_touching_neighbours_and_missing_shapes_do_not_overlap() -> None:
    layer = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(20, 10, 30, 20), None, shapely.Polygon()]
    assert len(overlaps(layer, PLANE).left) == 0


def test_copies_and_enclosed_shapes_overlap() -> None:
    found = overlaps([box(0, 0, 10, 10), box(2, 2, 4, 4), box(0, 0, 10, 10)], PLANE)
    pairs = list(zip(found.left.tolist(), found.right.tolist(), found.units.tolist(), strict=True))
    assert pairs == [(0, 1, 40_000), (0, 2, 1_000_000), (1, 2, 40_000)]


def test_overlap_with_a_common_edge_elsewhere_is_an_area_only() -> None:
    u_shape = shapely.union_all([box(0, 0, 30, 10), box(0, 10, 10, 20), box(20, 10, 30, 20)])
    across = box(0, 15, 30, 25)
    piece = overlaps([u_shape, across], PLANE)
    assert piece.units.tolist() == [1_000_000]
    assert piece.pieces[0].geom_type == "MultiPolygon"


def test_overlap_thinner_than_the_ledger_is_none() -> None:
    assert len(overlaps([box(0, 0, 10, 10), box(10 - 1e-7, 0, 20, 10)], PLANE).left) == 0


def test_pairs_do_not_depend_on_the_order_of_the_layer() -> None:
    rng = np.random.default_rng(5)
    corner = rng.uniform(0, 400, (120, 2))
    layer = np.array([box(x, y, x + 30, y + 20) for x, y in corner], dtype=object)
    order = rng.permutation(len(layer))
    straight, mixed = overlaps(layer, PLANE), overlaps(layer[order], PLANE)
    pairs = dict(zip(zip(straight.left, straight.right, strict=True), straight.units, strict=True))
    turned = {
        tuple(sorted((order[a], order[b]))): u
        for a, b, u in zip(mixed.left, mixed.right, mixed.units, strict=True)
    }
    assert turned == pairs
    assert len(pairs) > 50


def test_same_shape_under_two_ids() -> None:
    square = box(0, 0, 10, 10)
    turned = shapely.Polygon([(OX + 10, OY), (OX + 10, OY + 10), (OX, OY + 10), (OX, OY)])
    same_extent = shapely.Polygon(
        [(OX, OY), (OX + 10, OY), (OX + 10, OY + 10), (OX + 5, OY + 5), (OX, OY + 10)]
    )
    layer = [square, box(20, 0, 30, 10), turned, shapely.MultiPolygon([square]), None, same_extent, None]
    layer.append(shapely.force_3d(square, 81.5))
    assert same_as(layer).tolist() == [0, 1, 0, 0, -1, 5, -1, 0]
    assert same_as([]).tolist() == []


def test_ground_counted_more_than_once() -> None:
    """A pair shares 10 m², three lie on one square of 100 m²: 10 + 200."""
    layer = np.array(
        [box(0, 0, 10, 10), box(9, 0, 20, 10), *[box(50, 0, 60, 10)] * 3, box(60, 0, 70, 10)], dtype=object
    )
    assert counted_twice(layer, overlaps(layer, PLANE), PLANE) == 2_100_000
    assert counted_twice(layer[5:], overlaps(layer[5:], PLANE), PLANE) == 0


def test_a_pair_that_cannot_be_worked_out_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = [box(0, 0, 10, 10), box(5, 0, 15, 10), box(100, 0, 110, 10), box(105, 0, 115, 10)]
    true = shapely.intersection

    def fails(left: Any, right: Any) -> Any:
        if (shapely.bounds(left)[:, 0] == OX).any():
            raise shapely.errors.GEOSException("TopologyException")
        return true(left, right)

    monkeypatch.setattr(shapely, "intersection", fails)
    found = overlaps(layer, PLANE)
    assert (found.left.tolist(), found.right.tolist(), found.units.tolist()) == ([2], [3], [500_000])
    assert found.undecided.tolist() == [[0, 1]]
