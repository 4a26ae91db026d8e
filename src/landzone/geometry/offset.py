"""The systematic offset of a building layer: the shift that brings footprints back into their parcels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

MOST = 500
"""Buildings looked at, spread evenly over the layer."""

LEAST, LEAST_SHARE = 20, 0.05
"""So many of them, and such a share, have to lie partly outside their parcels before an offset is spoken of."""

_STEPS = (4.0, 2.0, 1.0, 0.5)
_NEARER = [(1, 1), (1, 0), (0, 1)]
_AROUND = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y]


@dataclass(frozen=True)
class Offset:
    """A shift in metres (east, north), and how much of the footprints it brings back.

    ``spill_before`` and ``spill_after`` are shares of the footprints outside their parcels, without and with it;
    ``count`` buildings were looked at, ``spilling`` of them lie by more than 1 % outside.
    """

    east_m: float
    north_m: float
    spill_before: float
    spill_after: float
    count: int
    spilling: int

    @property
    def found(self) -> bool:
        """Enough buildings spill over, and at least half of what spilled comes back."""
        many = self.spilling >= max(LEAST, LEAST_SHARE * self.count)
        moved = np.hypot(self.east_m, self.north_m) > 0
        return bool(moved and many and self.spill_after * 2 <= self.spill_before)


def systematic_offset(footprints: Any, parcels: Any) -> Offset:
    """Estimate by which shift footprints would lie in their parcels.

    Looks for the shift v with the least ``Σ area(F) - area((F + v) ∩ P)`` by steps of 4, 2, 1 and 0.5 m from
    zero, then goes back towards zero as far as the spill does not grow. Where footprints have room around them
    only a part of the true offset can be seen: the estimate is a lower bound.

    Parameters
    ----------
    footprints, parcels : arrays of polygons of one length
        Each footprint with the parcel that holds most of it, in an order that does not depend on the input.

    Examples
    --------
    >>> plots = shapely.box(np.arange(30) * 40.0, 0, np.arange(30) * 40.0 + 40, 40)
    >>> houses = shapely.box(np.arange(30) * 40.0 + 3, 0, np.arange(30) * 40.0 + 43, 40)
    >>> found = systematic_offset(houses, plots)
    >>> found.east_m, found.north_m, found.found
    (-3.0, 0.0, True)
    """
    rows = np.unique(np.linspace(0, len(footprints) - 1, min(MOST, len(footprints))).astype(np.int64))
    own, ground = np.asarray(footprints, dtype=object)[rows], np.asarray(parcels, dtype=object)[rows]
    whole = float(np.sum(shapely.area(own)))
    if not len(rows) or whole <= 0:
        return Offset(0.0, 0.0, 0.0, 0.0, 0, 0)

    def spill(shift: tuple[float, float]) -> float:
        moved = shapely.transform(own, lambda points: points + np.array(shift))
        return whole - float(np.sum(shapely.area(shapely.intersection(moved, ground))))

    inside = shapely.area(shapely.intersection(own, ground))
    spilling = int(np.count_nonzero(inside < 0.99 * shapely.area(own)))
    at, least = (0.0, 0.0), spill((0.0, 0.0))
    before = least
    for step in _STEPS:
        while True:
            tried = [(at[0] + step * x, at[1] + step * y) for x, y in _AROUND]
            best = min((round(spill(shift), 3), float(np.hypot(*shift)), shift) for shift in tried)
            if best[0] >= round(least, 3) - whole * 1e-6:
                break
            at, least = best[2], best[0]
    while at != (0.0, 0.0):
        nearer = [(at[0] - 0.5 * np.sign(at[0]) * x, at[1] - 0.5 * np.sign(at[1]) * y) for x, y in _NEARER]
        kept = [shift for shift in nearer if shift != at and spill(shift) <= least + whole * 1e-6]
        if not kept:
            break
        at = (float(kept[0][0]), float(kept[0][1]))
    return Offset(at[0], at[1], before / whole, max(least, 0.0) / whole, len(rows), spilling)
