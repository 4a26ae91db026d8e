"""Three states for every parcel and theme: concerned, not concerned, no data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from landzone.alignment.ground import plan_grounds
from landzone.alignment.shares import plan_shares
from landzone.alignment.themes import parcel_themes


def test_the_three_states(sq, plan, layer, line, plane) -> None:
    parcels = layer(p=sq(0, 0, 10, 10), q=sq(20, 0, 30, 10), r=sq(40, 0, 50, 10))
    city = plan("city", [("M1", sq(0, 0, 5, 10)), ("R2", sq(20, 0, 30, 10)), ("?", sq(40, 0, 50, 10))])
    now = plan("now", [("M1", sq(0, 0, 50, 10))], role="present")
    farmland = line("permanent_farmland", sq(9, 9, 10, 10), sq(9, 9, 10, 10), type="D9")
    boundary = line("urban_boundary", sq(0, 0, 24, 10), rule="inside", type="D11")
    plans = [city, now]
    shares = plan_shares(parcels, plans, plane)
    found = parcel_themes(
        parcels,
        shares,
        plan_grounds(plans, "plan", "present"),
        [farmland, boundary],
        ["ecological_red_line"],
        plane,
    )
    shown = ["parcel_id", "theme", "theme_kind", "state", "area_m2", "share_ratio"]
    assert found[shown].astype("object").fillna(-1).to_numpy().tolist() == [
        ["p", "city", "plan", "concerned", 50.0, 0.5],
        ["p", "permanent_farmland", "constraint", "concerned", 1.0, 0.01],
        ["p", "urban_boundary", "constraint", "not_concerned", 0.0, 0.0],
        ["q", "city", "plan", "concerned", 100.0, 1.0],
        ["q", "permanent_farmland", "constraint", "not_concerned", 0.0, 0.0],
        ["q", "urban_boundary", "constraint", "concerned", 60.0, 0.6],
        ["r", "city", "plan", "no_data", -1.0, -1.0],
        ["r", "permanent_farmland", "constraint", "not_concerned", 0.0, 0.0],
        ["r", "urban_boundary", "constraint", "concerned", 100.0, 1.0],
        [-1, "ecological_red_line", "constraint", "no_data", -1.0, -1.0],
    ]


def test_no_plans_and_no_lines_leave_an_empty_table(layer, sq, plane) -> None:
    parcels = layer(p=sq(0, 0, 1, 1))
    found = parcel_themes(parcels, plan_shares(parcels, [], plane), [], [], [], plane)
    assert (len(found), found["area"].dtype) == (0, np.dtype("int64"))
    assert isinstance(found["parcel_id"].dtype, pd.StringDtype)


@pytest.mark.parametrize("flip", [False, True])
def test_the_order_of_parcels_does_not_matter(layer, sq, plan, line, plane, flip: bool) -> None:
    parcels = layer(p=sq(0, 0, 10, 10), q=sq(20, 0, 30, 10))[:: -1 if flip else 1]
    city = plan("city", [("M1", sq(0, 0, 5, 10))])
    found = parcel_themes(
        parcels,
        plan_shares(parcels, [city], plane),
        plan_grounds([city]),
        [line("flood", sq(0, 0, 25, 5))],
        [],
        plane,
    )
    assert found[["parcel_id", "theme", "area_m2"]].fillna(-1).to_numpy().tolist() == [
        ["p", "city", 50.0],
        ["p", "flood", 50.0],
        ["q", "city", -1.0],
        ["q", "flood", 25.0],
    ]
