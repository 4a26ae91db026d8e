"""Ground under footprints, every square metre once."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from landzone.geometry.area import AreaMeasure
from landzone.geometry.coverage import covered_units, overlapping_pairs
from landzone.geometry.overlay import overlap_pairs
from landzone.model.study import AreaKind

PLANE = AreaMeasure(pyproj.CRS(4547), AreaKind.PLANAR)


def shapes(*polygons: shapely.Geometry) -> np.ndarray:
    return np.array(polygons, dtype=object)


def covered_m2(left: np.ndarray, right: np.ndarray) -> list[float]:
    return (covered_units(left, right, PLANE) / 10_000).tolist()


def test_the_same_footprint_twice_is_64_percent() -> None:
    parcel, shed = box(0, 0, 100, 100), box(10, 10, 90, 90)
    assert covered_m2(shapes(parcel), shapes(shed, shed)) == [6400.0]


def test_half_overlapping_footprints() -> None:
    assert covered_m2(shapes(box(0, 0, 20, 20)), shapes(box(0, 0, 10, 10), box(5, 0, 15, 10))) == [150.0]


def test_a_building_over_two_parcels_adds_to_each() -> None:
    parcels = shapes(box(0, 0, 10, 10), box(10, 0, 20, 10), box(20, 0, 30, 10))
    assert covered_m2(parcels, shapes(box(6, 0, 16, 10))) == [40.0, 60.0, 0.0]


def test_footprints_that_share_a_wall_do_not_overlap() -> None:
    rows = shapes(box(0, 0, 5, 5), box(5, 0, 10, 5), box(4, 5, 6, 7))
    assert [part.tolist() for part in overlapping_pairs(rows)] == [[], []]
    assert covered_m2(shapes(box(-1, -1, 11, 11)), rows) == [54.0]


def test_overlap_outside_the_parcel_does_not_matter() -> None:
    parcel = shapes(box(0, 0, 10, 10))
    assert covered_m2(parcel, shapes(box(8, 0, 20, 10), box(12, 0, 30, 10))) == [20.0]


def test_a_chain_of_overlaps() -> None:
    chain = shapely.box(np.arange(0, 90, 3.0), 0, np.arange(0, 90, 3.0) + 5, 10)
    parcels = shapes(box(0, 0, 46, 20), box(46, 0, 200, 5))
    assert covered_m2(parcels, chain) == [460.0, 46 * 5.0]


def test_nothing_built_is_zero() -> None:
    assert covered_m2(shapes(box(0, 0, 1, 1)), np.zeros(0, dtype=object)) == [0.0]
    assert covered_m2(np.zeros(0, dtype=object), shapes(box(0, 0, 1, 1))) == []


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 15)] * 4), min_size=1, max_size=14), st.randoms())
def test_against_counting_cells(corners: list[tuple[int, int, int, int]], random: object) -> None:
    plots = [(min(a, c), min(b, d), max(a, c) + 1, max(b, d) + 1) for a, b, c, d in corners]
    count = np.zeros((17, 17), dtype=int)
    for a, b, c, d in plots:
        count[a:c, b:d] += 1
    parcels = shapes(box(0, 0, 8, 17), box(8, 0, 17, 17))
    order = np.random.default_rng(len(plots)).permutation(len(plots))
    footprints = shapes(*[box(*plots[i]) for i in order])
    once = [(count[:8] > 0).sum(), (count[8:] > 0).sum()]
    assert covered_m2(parcels, footprints) == once
    left, _, units = overlap_pairs(parcels, footprints, PLANE)
    assert np.bincount(left, weights=units / 10_000, minlength=2).tolist() == [
        count[:8].sum(),
        count[8:].sum(),
    ]


def test_the_cover_of_a_parcel_depends_on_nothing_outside_it() -> None:
    rng = np.random.default_rng(11)
    corner, size = rng.uniform(0, 90, (60, 2)), rng.uniform(5, 20, (60, 2))
    turned = [
        shapely.affinity.rotate(box(*c, *(c + s)), rng.uniform(0, 90))
        for c, s in zip(corner, size, strict=True)
    ]
    sheds = shapes(*turned)
    parcels = shapes(*[box(x, y, x + 13.3, y + 13.3) for x in range(0, 90, 15) for y in range(0, 90, 15)])
    together = covered_units(parcels, sheds, PLANE)
    alone = [covered_units(parcels[n : n + 1], sheds, PLANE)[0] for n in range(len(parcels))]
    near = [
        covered_units(parcels[n : n + 1], sheds[shapely.intersects(sheds, parcels[n])], PLANE)[0]
        for n in range(len(parcels))
    ]
    assert together.tolist() == alone == near
    exact = [shapely.area(shapely.intersection(one, shapely.union_all(sheds))) for one in parcels]
    np.testing.assert_allclose(together / 10_000, exact, rtol=1e-9, atol=1e-4)
