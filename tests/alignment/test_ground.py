"""The ground of a study: its zones, and what of the parcels lies outside them."""

from __future__ import annotations

import numpy as np
import shapely

from landzone.alignment.ground import study_ground


def test_parcels_across_the_same_zones_each_keep_what_lies_outside_all_of_them() -> None:
    zones = shapely.box(np.array([0, 100]), np.zeros(2), np.array([100, 200]), np.full(2, 100))
    parcels = np.array(
        [
            shapely.box(90, 80, 110, 110),  # across both zones: 20 m x 10 m stand out
            shapely.box(95, -30, 105, 20),  # the same two zones: 10 m x 30 m
            shapely.box(190, 40, 240, 50),  # the second alone: 40 m x 10 m
            shapely.box(10, 10, 20, 20),  # inside
            shapely.box(300, 0, 310, 10),  # nowhere near
        ],
        dtype=object,
    )
    shapes, zone = study_ground(zones, parcels)
    assert zone.tolist() == [0, 1, -1, -1, -1, -1]
    assert shapely.area(shapes).tolist() == [10_000.0, 10_000.0, 200.0, 300.0, 400.0, 100.0]
    assert shapes[2].equals(shapely.box(90, 100, 110, 110))
