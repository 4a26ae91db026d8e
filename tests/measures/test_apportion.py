"""Parcels across zone boundaries."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from landzone.measures.apportion import ZonePieces, main_zone, split_in_groups, zone_pieces
from landzone.units import largest_remainder


def _pieces(rows):
    return pd.DataFrame(rows, columns=["parcel_id", "zone_id", "area"])


def test_a_parcel_in_one_zone_gives_it_everything():
    pieces = zone_pieces(_pieces([("P", "A", 100)]), pd.Series({"P": 100}))
    assert pieces.whole.tolist() == [True]
    assert pieces.allocate(pd.Series({"P": 77})).tolist() == [77]


def test_what_lies_outside_all_zones_goes_to_none():
    pieces = zone_pieces(_pieces([("P", "A", 25), ("P", "B", 50)]), pd.Series({"P": 100}))
    assert pieces.outside.tolist() == [25, 25]
    assert pieces.allocate(pd.Series({"P": 1000})).tolist() == [250, 500]


def test_the_rounding_of_the_ledger_is_no_ground_outside():
    pieces = zone_pieces(_pieces([("P", "A", 999_998)]), pd.Series({"P": 1_000_000}))
    assert pieces.allocate(pd.Series({"P": 1_000_000})).tolist() == [1_000_000]


def test_each_parcel_across_a_boundary_splits_its_own_value():
    rows = [("P", "A", 50), ("P", "B", 50), ("Q", "A", 25), ("Q", "B", 75)]
    pieces = zone_pieces(_pieces(rows), pd.Series({"P": 100, "Q": 100}))
    assert pieces.allocate(pd.Series({"P": 100, "Q": 8})).tolist() == [50, 50, 2, 6]


def test_zones_without_parcels_have_zero():
    pieces = zone_pieces(_pieces([("P", "A", 10)]), pd.Series({"P": 10}))
    assert pieces.per_zone(pieces.area, pd.Index(["A", "B"])).to_dict() == {"A": 10, "B": 0}


def test_pieces_are_summed_by_their_subject_whatever_its_place():
    index = pd.Index(["A", "B"])
    for zone, expected in (([0, 1], [5, 7]), ([1, 0], [7, 5]), ([0, 0], [12, 0])):
        own = np.array(zone)
        pieces = ZonePieces(
            index, index, np.arange(2), own, np.ones(2, int), np.zeros(2, int), np.ones(2, bool)
        )
        assert pieces.per_zone(np.array([5, 7]), index).tolist() == expected


def test_main_zone_is_the_largest_share_ties_to_the_lowest_id():
    rows = [("P", "B", 50), ("P", "A", 50), ("Q", "A", 1), ("Q", "B", 2)]
    land = pd.Series({"P": 100, "Q": 3, "R": 5})
    found = main_zone(zone_pieces(_pieces(rows), land), land.index)
    assert found["P"] == "A"
    assert found["Q"] == "B"
    assert pd.isna(found["R"])


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.integers(0, 10**12), st.lists(st.integers(3, 10**9), min_size=1, max_size=5))
def test_the_parts_of_a_parcel_wholly_in_zones_sum_to_it(value, areas):
    rows = [("P", f"Z{n}", area) for n, area in enumerate(areas)]
    pieces = zone_pieces(_pieces(rows), pd.Series({"P": sum(areas)}))
    assert pieces.allocate(pd.Series({"P": value})).sum() == value


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 10**15), st.lists(st.integers(1, 10**12), min_size=1, max_size=5)),
        max_size=5,
    )
)
def test_many_splits_at_once_are_each_split_alone(cases):
    totals = np.array([total for total, _ in cases], dtype=np.int64)
    weights = np.array([w for _, group in cases for w in group], dtype=np.int64)
    group = np.array([n for n, (_, own) in enumerate(cases) for _ in own], dtype=np.int64)
    alone = [part for total, own in cases for part in largest_remainder(total, np.array(own)).tolist()]
    assert split_in_groups(totals, weights, group).tolist() == alone
