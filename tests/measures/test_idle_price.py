"""The land price of each ledger row: nothing counted twice, nothing guessed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from landzone.measures.idle_price import own_prices

LAND = pd.Series({"P1": 30_000_000, "P2": 10_000_000})


def prices(rows: list[tuple[str, str, int | None, float | None]]) -> tuple[list[Any], list[str]]:
    frame = pd.DataFrame(rows, columns=["project_id", "parcel_id", "land_price_fen", "required_area_m2"])
    frame["land_price_fen"] = frame["land_price_fen"].astype("Int64")
    frame["required_area_m2"] = frame["required_area_m2"].astype("float64")
    found, problems = own_prices(frame, LAND)
    cells = [None if pd.isna(cell) else int(cell) for cell in found["land_price_fen"]]
    return cells, problems.frame("note")["subject_id"].tolist()


def test_one_project_on_two_parcels_has_one_price_split_by_area() -> None:
    assert prices([("J", "P1", 1000, None), ("J", "P2", 1000, None)]) == ([750, 250], [])


def test_phases_of_one_contract_share_its_price_by_required_area() -> None:
    assert prices([("J", "P1", 1000, 200.0), ("J", "P1", 1000, 300.0)]) == ([400, 600], [])


def test_phases_without_required_area_have_no_price_and_are_named() -> None:
    assert prices([("J", "P1", 1000, 200.0), ("J", "P1", 1000, None)]) == ([None, None], ["J", "J"])


def test_phases_with_prices_of_their_own_keep_them() -> None:
    assert prices([("J", "P1", 1000, None), ("J", "P1", 400, None)]) == ([1000, 400], [])


def test_two_projects_on_one_parcel_keep_their_prices() -> None:
    assert prices([("J", "P1", 1000, None), ("K", "P1", 1000, None)]) == ([1000, 1000], [])


def test_phases_on_two_parcels_split_twice() -> None:
    rows = [("J", "P1", 1000, 100.0), ("J", "P1", 1000, 400.0), ("J", "P2", 1000, None)]
    assert prices(rows) == ([150, 600, 250], [])


def test_a_phase_without_a_price_leaves_all_unknown_and_is_not_blamed_itself() -> None:
    assert prices([("J", "P1", 1000, 100.0), ("J", "P1", None, 100.0)])[0] == [None, None]


def test_the_order_of_rows_does_not_matter() -> None:
    rows = [("J", "P1", 1001, 100.0), ("J", "P1", 1001, 200.0), ("J", "P1", 1001, 300.0)]
    forward, back = prices(rows)[0], prices(rows[::-1])[0][::-1]
    assert forward == back
    assert sum(forward) == 1001
