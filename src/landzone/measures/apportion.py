"""Parcels across zone boundaries: land, footprint, floor area and money go to each zone by area share."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.units import IntArray


def split_in_groups(totals: IntArray, weights: IntArray, group: IntArray) -> IntArray:
    """Split many whole numbers, each over the weights of its group, by largest remainder; ties to the first.

    As ``units.largest_remainder``, for all groups at once and exact beyond 64 bits.

    Parameters
    ----------
    totals : int64 array, shape (groups,)
    weights : int64 array, shape (n,)
        Not negative; the sum of a group is positive.
    group : int64 array, shape (n,)
        Number of the group of each weight.

    Examples
    --------
    >>> split_in_groups(np.array([100, 7]), np.array([1, 1, 1, 5]), np.array([0, 0, 0, 1])).tolist()
    [34, 33, 33, 7]
    """
    whole = np.zeros(len(totals), dtype=np.int64)
    np.add.at(whole, group, weights)
    most = int(totals.max(initial=0)) * int(weights.max(initial=0))
    kind: type = np.int64 if most <= np.iinfo(np.int64).max else object
    product = totals.astype(kind)[group] * weights.astype(kind)
    floors = (product // whole.astype(kind)[group]).astype(np.int64)
    rests = (product % whole.astype(kind)[group]).astype(np.int64)
    given = np.zeros(len(totals), dtype=np.int64)
    np.add.at(given, group, floors)
    order = np.lexsort((np.arange(len(group)), -rests, group))
    starts = np.searchsorted(group[order], np.arange(len(totals)))
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - starts[group[order]]
    return np.asarray(floors + (rank < (totals - given)[group]), dtype=np.int64)


@dataclass(frozen=True)
class ZonePieces:
    """Pieces of parcels in zones, in whole units, sorted by parcel and zone.

    Attributes
    ----------
    parcel_id, zone_id : arrays of str, one entry a piece
    area : int64 array
        Measured area of the piece, 1e-4 m².
    outside : int64 array
        What of the parcel of this piece lies in no zone.
    whole : bool array
        The piece is all of its parcel.
    """

    parcel_id: NDArray[np.object_]
    zone_id: NDArray[np.object_]
    area: IntArray
    outside: IntArray
    whole: NDArray[np.bool_]
    _places: list[tuple[pd.Index, IntArray]] = field(default_factory=list, repr=False, compare=False)
    _groups: list[tuple[pd.Index, IntArray]] = field(default_factory=list, repr=False, compare=False)

    def at(self, parcels: pd.Index) -> IntArray:
        """Return where the parcel of each piece stands in an index; looked up once an index."""
        for index, places in self._places:
            if index.is_(parcels):
                return places
        places = np.asarray(parcels.get_indexer(pd.Index(self.parcel_id)), dtype=np.int64)
        self._places.append((parcels, places))
        return places

    def allocate(self, values: pd.Series) -> IntArray:
        """Share a whole number of each parcel (index ``parcel_id``) out over its pieces.

        Largest remainder over the pieces and the ground outside all zones, so that the parts of a parcel
        wholly in zones sum to its value exactly.

        Examples
        --------
        >>> pieces = zone_pieces(pd.DataFrame({"parcel_id": ["P", "P"], "zone_id": ["A", "B"], "area": [10, 20]}),
        ...                      pd.Series({"P": 30}))
        >>> pieces.allocate(pd.Series({"P": 100})).tolist()
        [33, 67]
        """
        parts: IntArray = values.to_numpy(dtype=np.int64)[self.at(values.index)]
        split = np.flatnonzero(~self.whole)
        if not len(split):
            return parts
        own = self.parcel_id[split]
        group = np.cumsum(np.r_[True, own[1:] != own[:-1]]) - 1
        first = np.flatnonzero(np.r_[True, np.diff(group) > 0])
        weights = np.r_[self.area[split], self.outside[split][first]]
        totals = parts[split][first]
        shares = split_in_groups(totals, weights, np.r_[group, np.arange(len(first))])
        parts[split] = shares[: len(split)]
        return parts

    def per_zone(self, parts: IntArray, zones: pd.Index) -> pd.Series:
        """Sum the pieces of each zone; zones without a piece have zero."""
        place = self._zone_places(zones)
        here = place >= 0
        sums = np.zeros(len(zones), dtype=np.int64)
        np.add.at(sums, place[here], np.asarray(parts, dtype=np.int64)[here])
        return pd.Series(sums, index=zones)

    def _zone_places(self, zones: pd.Index) -> IntArray:
        for index, places in self._groups:
            if index.is_(zones):
                return places
        places = np.asarray(zones.get_indexer(pd.Index(self.zone_id)), dtype=np.int64)
        self._groups.append((zones, places))
        return places


def zone_pieces(parcel_zone: pd.DataFrame, parcel_area: pd.Series) -> ZonePieces:
    """Order the pieces of the ledger and say how much of each parcel lies outside all zones.

    What is left within the rounding of the ledger (one unit of 1e-4 m² a piece and one for the parcel) is
    no ground outside.

    Parameters
    ----------
    parcel_zone : DataFrame ``parcel_id zone_id area``
    parcel_area : Series of int
        Measured area of the parcels, 1e-4 m².
    """
    pieces = parcel_zone.sort_values(["parcel_id", "zone_id"], kind="stable", ignore_index=True)
    inside = pieces.groupby("parcel_id")["area"].transform("sum").to_numpy(dtype=np.int64)
    count = pieces.groupby("parcel_id")["area"].transform("size").to_numpy(dtype=np.int64)
    left = parcel_area.reindex(pieces["parcel_id"]).to_numpy(dtype=np.int64) - inside
    outside = np.where(left > count + 1, left, 0)
    return ZonePieces(
        parcel_id=pieces["parcel_id"].to_numpy(dtype=object),
        zone_id=pieces["zone_id"].to_numpy(dtype=object),
        area=pieces["area"].to_numpy(dtype=np.int64),
        outside=outside,
        whole=(count == 1) & (outside == 0),
    )


def main_zone(parcel_zone: pd.DataFrame, parcels: pd.Index) -> pd.Series:
    """Return the zone with the largest share of each parcel, ties to the lowest id; missing outside all zones."""
    order = parcel_zone.sort_values(
        ["parcel_id", "area", "zone_id"], ascending=[True, False, True], kind="stable"
    )
    first = order.drop_duplicates("parcel_id").set_index("parcel_id")["zone_id"]
    return first.reindex(parcels).astype("str").rename("zone_id")
