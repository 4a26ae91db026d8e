"""A layer that lies off as a whole is told from a single house on two parcels."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from landzone.geometry.offset import systematic_offset

EAST, NORTH = (grid.ravel() * 50.0 for grid in np.meshgrid(np.arange(8), np.arange(8)))
PLOTS = shapely.box(EAST, NORTH, EAST + 50, NORTH + 50)


def houses(east: float, north: float, margin: float = 0.0) -> object:
    low_x, low_y = EAST + margin + east, NORTH + margin + north
    return shapely.box(low_x, low_y, low_x + 50 - 2 * margin, low_y + 50 - 2 * margin)


@pytest.mark.parametrize("shift", [(3.0, 0.0), (0.0, -4.0), (-2.5, 1.5), (5.0, 5.0)])
def test_a_shift_is_found_to_half_a_metre(shift: tuple[float, float]) -> None:
    found = systematic_offset(houses(*shift), PLOTS)
    assert (found.east_m, found.north_m, found.found) == (-shift[0], -shift[1], True)
    assert found.spill_after == pytest.approx(0, abs=1e-6)


def test_houses_that_lie_right_have_no_offset() -> None:
    found = systematic_offset(houses(0, 0, 5), PLOTS)
    assert (found.east_m, found.north_m, found.found, found.spilling) == (0.0, 0.0, False, 0)


def test_with_room_around_the_houses_only_a_part_of_the_shift_can_be_seen() -> None:
    found = systematic_offset(houses(6, 0, 4), PLOTS)
    assert (found.east_m, found.north_m, found.found) == (-2.0, 0.0, True)


def test_one_house_on_two_parcels_is_no_offset() -> None:
    own = np.array(houses(0, 0, 5), dtype=object)
    own[0] = shapely.box(10, 10, 70, 40)
    assert not systematic_offset(own, PLOTS).found


def test_no_houses_no_offset() -> None:
    empty = np.array([], dtype=object)
    assert not systematic_offset(empty, empty).found
