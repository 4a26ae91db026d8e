"""Parcels across zone boundaries: land, footprint, floor area and money go to each zone by area share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.model.ids import places
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
        Number of the group of each weight, ascending; every group has one.

    Examples
    --------
    >>> split_in_groups(np.array([100, 7]), np.array([1, 1, 1, 5]), np.array([0, 0, 0, 1])).tolist()
    [34, 33, 33, 7]
    """
    if not len(group):
        return np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    whole = np.add.reduceat(weights, starts)
    most = int(totals.max(initial=0)) * int(weights.max(initial=0))
    kind: type = np.int64 if most <= np.iinfo(np.int64).max else object
    product: NDArray[Any] = totals.astype(kind)[group] * weights.astype(kind)
    divisor: NDArray[Any] = whole.astype(kind)[group]
    quotients = product // divisor
    rests: IntArray = (product - quotients * divisor).astype(np.int64)
    floors: IntArray = quotients.astype(np.int64)
    left = totals - np.add.reduceat(floors, starts)
    some = np.flatnonzero(left[group] > 0)
    own = group[some]
    order = np.lexsort((-rests[some], own))  # stable: ties to the first
    rank = np.arange(len(own)) - np.searchsorted(own, own)
    floors[some[order]] += rank < left[own]
    return floors


@dataclass(frozen=True)
class ZonePieces:
    """Pieces of parcels in zones, in whole units, sorted by parcel and zone; places instead of ids.

    Attributes
    ----------
    parcels, zones : Index of ids
    parcel, zone : int arrays, one entry a piece
        Places in ``parcels`` and ``zones``.
    area : int64 array
        Measured area of the piece, 1e-4 m².
    outside : int64 array
        What of the parcel of this piece lies in no zone.
    whole : bool array
        The piece is all of its parcel.
    """

    parcels: pd.Index
    zones: pd.Index
    parcel: IntArray
    zone: IntArray
    area: IntArray
    outside: IntArray
    whole: NDArray[np.bool_]

    def at(self, parcels: pd.Index) -> IntArray:
        """Return where the parcel of each piece stands in an index; -1: nowhere."""
        if any(parcels.is_(one) for one in self._alike):
            return self.parcel
        if parcels.equals(self.parcels):
            self._alike.append(parcels)
            return self.parcel
        return places(self.parcels, parcels)[self.parcel]

    @cached_property
    def _alike(self) -> list[pd.Index]:
        """Indexes that have been found to hold the parcels in the same order."""
        return [self.parcels]

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
        split, first, weights, group, inside = self._split
        if len(split):
            parts[split] = split_in_groups(parts[split][first], weights, group)[inside]
        return parts

    @cached_property
    def _split(self) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray]:
        """Pieces that are not all of their parcel, and how values are split over them.

        The places of those pieces; the first of each parcel among them; the weights of a split, being the pieces
        of each parcel and then what of it lies outside; the number of the parcel of each weight; where the weights
        of the pieces stand.
        """
        split = np.flatnonzero(~self.whole)
        own = self.parcel[split]
        begins = np.r_[True, own[1:] != own[:-1]][: len(own)]
        number, first = np.cumsum(begins) - 1, np.flatnonzero(begins)
        group = np.r_[number, np.arange(len(first))]
        order = np.argsort(group, kind="stable")
        inside = np.empty(len(group), dtype=np.int64)
        inside[order] = np.arange(len(group))
        weights = np.r_[self.area[split], self.outside[split][first]]
        return split, first, weights[order], group[order], inside[: len(split)]

    @cached_property
    def _one_each(self) -> bool:
        """Every subject has one piece, in the order of the subjects: the pieces are the parcels themselves."""
        return len(self.zone) == len(self.zones) and bool((self.zone == np.arange(len(self.zone))).all())

    def sums(self, parts: IntArray, zones: pd.Index) -> IntArray:
        """Sum the pieces of each zone; zones without a piece have zero."""
        own = np.asarray(parts, dtype=np.int64)
        if zones is self.zones and self._one_each:
            return own.copy()
        known = np.zeros(len(self.zones), dtype=np.int64)
        if len(known) == 1:
            known[0] = own.sum()
        else:
            np.add.at(known, self.zone, own)
        place = self._places_in(zones)
        sums = np.zeros(len(zones), dtype=np.int64)
        sums[place[place >= 0]] = known[place >= 0]
        return sums

    def per_zone(self, parts: IntArray, zones: pd.Index) -> pd.Series:
        """Sum the pieces of each zone, as a series over the zones."""
        return pd.Series(self.sums(parts, zones), index=zones)

    def _places_in(self, zones: pd.Index) -> IntArray:
        """Return the place of each zone of the pieces in an index; looked up once for an index."""
        for known, place in self._looked_up:
            if known is zones:
                return place
        found = np.asarray(zones.get_indexer(self.zones), dtype=np.int64)
        self._looked_up.append((zones, found))
        return found

    @cached_property
    def _looked_up(self) -> list[tuple[pd.Index, IntArray]]:
        return []

    @cached_property
    def main(self) -> IntArray:
        """Place of the zone with the largest share of each parcel, ties to the first; -1: outside all zones."""
        place = np.full(len(self.parcels), -1, dtype=np.int64)
        place[self.parcel[self.whole]] = self.zone[self.whole]
        split = self._split[0]
        order = split[
            np.lexsort((-self.area[split], self.parcel[split]))
        ]  # equal areas stay in the order of zones
        first = order[np.r_[True, np.diff(self.parcel[order]) > 0][: len(order)]]
        place[self.parcel[first]] = self.zone[first]
        return place

    def in_one(self, name: str) -> ZonePieces:
        """Return the same pieces as parts of one subject: the region."""
        return replace(self, zones=pd.Index([name], dtype="str"), zone=np.zeros_like(self.zone))


def zone_pieces(parcel_zone: pd.DataFrame, parcel_area: pd.Series) -> ZonePieces:
    """Order the pieces of the ledger and say how much of each parcel lies outside all zones.

    What is left within the rounding of the ledger (one unit of 1e-4 m² a piece and one for the parcel) is
    no ground outside.

    Parameters
    ----------
    parcel_zone : DataFrame ``parcel_id zone_id area``
        Parcels that are not in ``parcel_area`` are none.
    parcel_area : Series of int
        Measured area of the parcels, 1e-4 m², index ``parcel_id``, sorted.
    """
    parcels = parcel_area.index
    parcel = places(parcel_zone["parcel_id"], parcels)
    zone, zones = pd.factorize(parcel_zone["zone_id"], sort=True)
    order = np.lexsort((zone, parcel))
    parcel, zone = parcel[order], np.asarray(zone, dtype=np.int64)[order]
    area = parcel_zone["area"].to_numpy(dtype=np.int64)[order]
    inside = np.zeros(len(parcels), dtype=np.int64)
    np.add.at(inside, parcel, area)
    count = np.bincount(parcel, minlength=len(parcels))[parcel]
    left = parcel_area.to_numpy(dtype=np.int64)[parcel] - inside[parcel]
    outside = np.where(left > count + 1, left, 0)
    whole = (count == 1) & (outside == 0)
    return ZonePieces(parcels, pd.Index(zones), parcel, zone, area, outside, whole)


def main_zone(pieces: ZonePieces, parcels: pd.Index) -> pd.Series:
    """Return the zone with the largest share of each parcel, ties to the lowest id; missing outside all zones."""
    names = pieces.zones.array.take(pieces.main, allow_fill=True)
    return pd.Series(names, index=pieces.parcels, dtype="str", name="zone_id").reindex(parcels)
