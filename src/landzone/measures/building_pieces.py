"""Pieces of building footprints on ground: parcels or zones. Places instead of ids, looked up once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from landzone.measures.places import places
from landzone.units import IntArray


@dataclass(frozen=True)
class BuildingPieces:
    """One entry a building and piece of ground.

    Attributes
    ----------
    ground, building : int arrays
        Places of the ground and of the building in their indexes.
    area : int64 array
        Footprint of the building there, 1e-4 m²; overlaps count for each.
    """

    ground: IntArray
    building: IntArray
    area: IntArray

    @classmethod
    def of(cls, pieces: pd.DataFrame, key: str, ground: pd.Index, buildings: pd.Index) -> BuildingPieces:
        """Look up pieces (``key``, ``building_id``, ``area``); those of other ground or buildings are left out.

        Examples
        --------
        >>> ledger = pd.DataFrame({"zone_id": ["Z", "Y"], "building_id": ["B1", "B1"], "area": [7, 9]})
        >>> found = BuildingPieces.of(ledger, "zone_id", pd.Index(["Z"]), pd.Index(["B0", "B1"]))
        >>> found.ground.tolist(), found.building.tolist(), found.area.tolist()
        ([0], [1], [7])
        """
        place, building = places(pieces[key], ground), places(pieces["building_id"], buildings)
        area, known = pieces["area"].to_numpy(dtype=np.int64), (place >= 0) & (building >= 0)
        return cls(place[known], building[known], area[known])

    def sums(self, values: IntArray, size: int) -> IntArray:
        """Sum whole numbers of the pieces by ground."""
        found = np.zeros(size, dtype=np.int64)
        np.add.at(found, self.ground, values)
        return found
