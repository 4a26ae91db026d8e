"""Which shapes lie around a gap, also where one of them has very many corners."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from landzone.geometry.gap_sides import gap_sides

VOID = shapely.box(10, 10, 40, 20)
ROUND = shapely.difference(shapely.box(0, 0, 50, 30), shapely.box(10, 10, 50, 20))
"""Open to the east: 70 m of the outline of the void."""
FAR = shapely.box(100, 100, 130, 130)


@pytest.mark.parametrize("step", [100.0, 0.1], ids=["few corners", "1,720 corners"])
@pytest.mark.parametrize("together", [False, True], ids=["polygon", "multipolygon with a far part"])
def test_a_void_is_between_the_shapes_that_share_most_of_its_outline(step: float, together: bool) -> None:
    whole = shapely.segmentize(shapely.union_all([ROUND, FAR]) if together else ROUND, step)
    east = shapely.box(40, 10, 50, 16)
    upper = shapely.box(40, 16, 50, 20)
    shapes = np.array([east, whole, shapely.box(60, 0, 70, 9), upper], dtype=object)
    found = gap_sides(np.array([VOID], dtype=object), shapes, shapely.STRtree(shapes), 8)
    assert (found.first.tolist(), found.second.tolist(), found.count.tolist()) == ([0], [1], [3])


def test_where_too_many_lie_around_a_void_the_first_two_stand_for_all() -> None:
    step = 0.1
    shapes = np.array(
        [shapely.box(40, 19, 50, 20), shapely.box(40, 10, 50, 19), shapely.segmentize(ROUND, step)]
    )
    found = gap_sides(np.array([VOID], dtype=object), shapes, shapely.STRtree(shapes), 2)
    assert (found.first.tolist(), found.second.tolist(), found.count.tolist()) == ([0], [1], [3])


def test_a_void_alone_has_no_sides() -> None:
    shapes = np.array([shapely.segmentize(FAR, 0.1)], dtype=object)
    found = gap_sides(np.array([VOID], dtype=object), shapes, shapely.STRtree(shapes), 8)
    assert (found.first.tolist(), found.second.tolist(), found.count.tolist()) == ([-1], [-1], [0])


def test_no_gaps_have_no_sides() -> None:
    shapes = np.array([FAR], dtype=object)
    found = gap_sides(np.zeros(0, dtype=object), shapes, shapely.STRtree(shapes), 8)
    assert len(found.first) == len(found.second) == len(found.count) == 0
