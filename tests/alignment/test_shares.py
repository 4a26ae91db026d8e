"""Parcel × plan × code: hand answers, never past the parcel."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from landzone.alignment.shares import plan_shares, reconcile_shares, round_to_totals

ORIGIN = np.array([500_000, 3_600_000])


def test_areas_under_each_code(sq, plan, layer, plane) -> None:
    parcels = layer(p1=sq(0, 0, 10, 10), p2=sq(10, 0, 20, 10), p3=sq(50, 0, 60, 10))
    land = plan("land", [("R", sq(0, 0, 15, 4)), ("P", sq(0, 4, 15, 10)), ("R", sq(15, 0, 18, 10))])
    now = plan("now", [("M1", sq(0, 0, 10, 10))], role="present")
    found = plan_shares(parcels, [now, land], plane)
    assert found.columns.tolist() == ["parcel_id", "plan", "code", "common", "area"]
    assert [(*row[:4], row[4] / 10_000) for row in found.to_numpy().tolist()] == [
        ("p1", "land", "P", "P", 60.0),
        ("p1", "land", "R", "R", 40.0),
        ("p1", "now", "M1", "C", 100.0),
        ("p2", "land", "P", "P", 30.0),
        ("p2", "land", "R", "R", 50.0),
    ]


def test_doubly_claimed_ground_counts_once(sq, plan, layer, plane) -> None:
    parcels = layer(p=sq(0, 0, 10, 10))
    land = plan("land", [("R2", sq(0, 0, 7, 10)), ("M1", sq(5, 0, 10, 10))])
    found = plan_shares(parcels, [land], plane)
    assert found[["code", "common", "area"]].to_numpy().tolist() == [
        ["M1", "C", 300_000],
        ["M1|R2", "C", 200_000],
        ["R2", "C", 500_000],
    ]


def test_without_plans_or_parcels(sq, plan, layer, plane) -> None:
    assert len(plan_shares(layer(p=sq(0, 0, 1, 1)), [], plane)) == 0
    assert len(plan_shares(layer().set_crs(4547), [plan("a", [("M1", sq(0, 0, 1, 1))])], plane)) == 0


def test_covered_parcels_sum_exactly(sq, plan, layer, plane) -> None:
    rng = np.random.default_rng(2)
    points = np.vstack([rng.random((40, 2)), [[-9, -9], [-9, 9], [9, -9], [9, 9]]]) * 33.3
    fans = shapely.get_parts(shapely.delaunay_triangles(shapely.MultiPoint(points + ORIGIN)))
    land = plan("land", [(["M1", "R", "P"][i % 3], shape) for i, shape in enumerate(fans)])
    parcels = layer(p=sq(0.1, 0.2, 30.33, 29.7), q=sq(1 / 3, -20, 11.1, 0.2))
    found = plan_shares(parcels, [land], plane)
    assert found.groupby("parcel_id")["area"].sum().tolist() == plane.units(parcels.to_numpy()).tolist()


def shares_of(*rows: tuple[str, str, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["parcel_id", "plan", "area"])


def test_shares_are_scaled_to_a_registered_area_with_the_ground_left_open() -> None:
    """p is 100 units measured and 91 registered; plan a covers it, plan b leaves a tenth open. q stays as measured."""
    shares = shares_of(("p", "a", 30), ("p", "a", 70), ("p", "b", 90), ("q", "a", 7))
    measured, land = pd.Series([100, 7], ["p", "q"]), pd.Series([91, 7], ["p", "q"])
    assert reconcile_shares(shares, measured, land).tolist() == [27, 64, 82, 7]


def test_three_equal_pieces_of_a_registered_area_differ_by_a_unit_at_most() -> None:
    shares = shares_of(("p", "a", 1), ("p", "a", 1), ("p", "a", 1))
    found = reconcile_shares(shares, pd.Series([3], ["p"]), pd.Series([100], ["p"]))
    assert found.tolist() == [34, 33, 33]


@settings(derandomize=True, max_examples=100)
@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=6), st.integers(0, 10**6), st.integers(1, 2 * 10**9)
)
def test_reconciled_shares_never_pass_the_parcel(parts: list[int], rest: int, land: int) -> None:
    measured = max(sum(parts) + rest, 1)
    shares = shares_of(*[("p", "a", part) for part in parts])
    found = reconcile_shares(shares, pd.Series([measured], ["p"]), pd.Series([land], ["p"]))
    assert found.min() >= 0
    assert found.sum() <= land
    if rest == 0 and sum(parts):
        assert found.sum() == land
    exact = np.array(parts) * (land / measured)
    assert np.abs(found - exact).max() <= 1.01 + 1e-9 * land


def test_rounding_to_wholes() -> None:
    group, totals = np.array([0, 0, 1, 1, 2]), np.array([10_001, 50_000, 7])
    m2 = np.array([0.50004, 0.50006, 1.0, 1.0, 0.00091])
    assert round_to_totals(m2, group, totals).tolist() == [5000, 5001, 10_000, 10_000, 7]
    assert round_to_totals(np.array([3.0, 3.0]), np.array([0, 0]), np.array([50_000])).tolist() == [
        25_000,
        25_000,
    ]


@settings(derandomize=True, max_examples=200)
@given(st.lists(st.floats(0, 1e7), min_size=1, max_size=9))
def test_parts_of_a_whole_sum_to_it(parts: list[float]) -> None:
    m2 = np.array(parts)
    whole = np.rint(m2.sum() * 10_000).astype(np.int64)
    units = round_to_totals(m2, np.zeros(len(m2), dtype=np.int64), np.array([whole]))
    assert units.sum() == whole
    assert np.abs(units - m2 * 10_000).max() <= 1.01 + 1e-9 * whole
    assert units.min() >= 0
    assert pytest.approx(m2, abs=2e-4 + 1e-9 * m2.sum()) == units / 10_000
