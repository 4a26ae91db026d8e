"""Conformity of a parcel, by the contract."""

from __future__ import annotations

import pandas as pd
import pytest

from landzone.alignment.conformity import conformity
from landzone.alignment.shares import plan_shares

WHOLE = (0, 0, 40, 40)
LEFT, RIGHT = (0, 0, 20, 40), (20, 0, 40, 40)


@pytest.mark.parametrize(
    ("plans", "want"),
    [
        ({}, "no_plan"),
        ({"a": [("?", WHOLE)]}, "no_plan"),
        ({"a": [("M1", (100, 0, 140, 40))]}, "no_plan"),
        ({"a": [("M1", WHOLE)]}, "conforms"),
        ({"a": [("M1", LEFT), ("R2", RIGHT)]}, "conforms"),
        ({"a": [("M1", WHOLE)], "b": [("R2", WHOLE)]}, "conforms"),
        ({"a": [("K", WHOLE)]}, "partly"),
        ({"a": [("M1", WHOLE)], "b": [("K", WHOLE)]}, "partly"),
        ({"a": [("M1", WHOLE)], "b": [("?", WHOLE)]}, "partly"),
        ({"a": [("M1", WHOLE)], "b": []}, "partly"),
        ({"a": [("M1", LEFT)]}, "partly"),
        ({"a": [("M1", LEFT), ("R", RIGHT)]}, "partly"),
        ({"a": [("R", WHOLE)]}, "conflicts"),
        ({"a": [("N", LEFT), ("W", RIGHT)]}, "conflicts"),
        ({"a": [("M1", WHOLE)], "b": [("P", WHOLE)]}, "conflicts"),
        ({"a": [("M1", LEFT), ("P", RIGHT)], "b": [("P", LEFT), ("M1", RIGHT)]}, "conflicts"),
        ({"a": [("M1", LEFT), ("P", RIGHT)], "b": [("M1", LEFT), ("R", RIGHT)]}, "partly"),
        ({"a": [("M1", (0, 0, 39.5, 40)), ("P", (39.5, 0, 40, 40))]}, "conforms"),
        ({"a": [("M1", (0, 0, 39.5, 40))]}, "conforms"),
        ({"a": [("M1", (0, 0, 37, 40)), ("P", (37, 0, 40, 40))]}, "partly"),
        ({"a": [("P", (0, 0, 39.5, 40)), ("M1", (39.5, 0, 40, 40))]}, "conflicts"),
        ({"a": [("P", (0, 0, 37, 40)), ("M1", (37, 0, 40, 40))]}, "partly"),
        ({"a": [("M1", WHOLE), ("P", (0, 0, 10, 10))]}, "partly"),
        ({"a": [("M1", WHOLE), ("P", (0, 0, 0.3, 40))]}, "conforms"),
    ],
)
def test_the_four_answers(sq, plan, layer, plane, norms, plans, want: str) -> None:
    made = [plan(name, [(code, sq(*box)) for code, box in pieces]) for name, pieces in plans.items()]
    made.append(plan("now", [("P", sq(*WHOLE))], role="present"))
    parcels = layer(p=sq(*WHOLE))
    for order in (made, made[::-1]):
        assert conformity(parcels, order, pd.Index([]), plane, norms).to_dict() == {"p": want}
    known = plan_shares(parcels, made, plane)
    assert conformity(parcels, made, pd.Index([]), plane, norms, shares=known).to_dict() == {"p": want}


def test_any_hit_takes_a_parcel_from_conforms_to_partly(sq, plan, layer, plane, norms) -> None:
    parcels = layer(p=sq(*WHOLE), q=sq(40, 0, 80, 40), r=sq(80, 0, 120, 40))
    land = plan("a", [("M1", sq(0, 0, 80, 40)), ("R", sq(80, 0, 120, 40))])
    found = conformity(parcels, [land], pd.Index(["q", "r"]), plane, norms)
    assert found.to_dict() == {"p": "conforms", "q": "partly", "r": "conflicts"}
    assert found.index.equals(parcels.index)


def test_on_a_parcel_narrower_than_a_sliver_everything_counts(sq, plan, layer, plane, norms) -> None:
    parcels = layer(path=sq(0, 0, 0.8, 100), lane=sq(10, 0, 10.8, 100))
    land = plan("a", [("M1", sq(0, 0, 5, 90)), ("P", sq(0, 90, 5, 100)), ("M1", sq(9, 0, 12, 100))])
    found = conformity(parcels, [land], pd.Index([]), plane, norms)
    assert found.to_dict() == {"path": "partly", "lane": "conforms"}


def test_no_parcels(plan, layer, plane, norms, sq) -> None:
    found = conformity(layer().set_crs(4547), [plan("a", [("M1", sq(*WHOLE))])], pd.Index([]), plane, norms)
    assert len(found) == 0
