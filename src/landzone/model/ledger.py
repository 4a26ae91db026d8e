"""The additive ledger: what geometry work ends with, integers only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from landzone.units import IntArray


@dataclass(frozen=True)
class BuildingPieces:
    """Pieces of building footprints on ground, by places instead of ids: one entry a building and piece of ground.

    Attributes
    ----------
    ground, building : int arrays
        Places of the ground (a parcel or zone) and of the building in their indexes.
    area : int64 array
        Footprint of the building there, 1e-4 m²; overlaps count for each.
    """

    ground: IntArray
    building: IntArray
    area: IntArray

    def sums(self, values: IntArray, size: int) -> IntArray:
        """Sum whole numbers of the pieces by ground."""
        found = np.zeros(size, dtype=np.int64)
        np.add.at(found, self.ground, values)
        return found

    def chosen(self, rows: IntArray) -> BuildingPieces:
        """Return some of the pieces, by mask or place."""
        return BuildingPieces(self.ground[rows], self.building[rows], self.area[rows])


@dataclass(frozen=True)
class Ledger:
    """Areas in whole units of 1e-4 m², measured, by text id. Sums of them are exact in any order.

    Attributes
    ----------
    parcel_area, zone_area : Series of int64
        Measured area, index ``parcel_id`` / ``zone_id``.
    parcel_perimeter_m, zone_perimeter_m : Series of float
        Length of the boundary in metres, for the uncertainty of an area.
    parcel_zone : DataFrame ``parcel_id zone_id area``
        Pieces of parcels in zones (> 0), sorted by both ids.
    building_area : Series of int64
        Footprint of every building that counts (status), index ``building_id``; None without buildings.
    parcel_cover, zone_cover : Series of int64 or None
        Ground covered by the union of footprints, each square metre once; None without a building layer.
    parcel_cover_perimeter_m, zone_cover_perimeter_m : Series of float or None
        Summed perimeter of the footprints (share inside), for the uncertainty of the cover.
    parcel_building, zone_building : BuildingPieces or None
        Pieces of single footprints, overlaps counted for each; places in ``parcel_area``, ``zone_area`` and
        ``building_area``.
    plan_shares : DataFrame ``parcel_id plan code common area``
        Ground of a parcel under each class of each plan.
    parcel_site_cover : Series of int64 or None
        Ground of a parcel under buildings, structures and open yards together, each square metre once.
    parcel_green : Series of int64 or None
        Ground under green areas.
    parcel_phase : DataFrame ``parcel_id phase area`` or None
        Pieces of parcels in the phases of a zone, by the words of the layer.
    parcel_line_cover : mapping of str to Series of int64
        Ground under each line of control, each square metre once.
    parcel_core : DataFrame ``area cover`` or None
        The core of a parcel (without the rim by which footprints may lie off), and what of it is under footprints;
        -1 where a parcel has no core.
    parcel_conformity : Series of str
        Conformity with the plans, lines of control left aside.
    """

    parcel_area: pd.Series
    parcel_perimeter_m: pd.Series
    zone_area: pd.Series
    zone_perimeter_m: pd.Series
    parcel_zone: pd.DataFrame
    building_area: pd.Series | None
    parcel_cover: pd.Series | None
    zone_cover: pd.Series | None
    parcel_cover_perimeter_m: pd.Series | None
    zone_cover_perimeter_m: pd.Series | None
    parcel_building: BuildingPieces | None
    zone_building: BuildingPieces | None
    plan_shares: pd.DataFrame
    parcel_site_cover: pd.Series | None
    parcel_green: pd.Series | None
    parcel_phase: pd.DataFrame | None
    parcel_line_cover: Mapping[str, pd.Series]
    parcel_core: pd.DataFrame | None
    parcel_conformity: pd.Series


@dataclass(frozen=True)
class SiteLedger:
    """What the layers beside parcels and buildings add to the ledger of zones; None without the layer.

    Attributes
    ----------
    zone_green : Series of int64 or None
        Ground of a zone under green areas.
    village_zone : DataFrame ``zone_id village_id township_code`` or None
        Villages that share ground with a zone.
    """

    zone_green: pd.Series | None = None
    village_zone: pd.DataFrame | None = None
