"""What a reader has to know of the figures: how money was counted, and footprints that overlap."""

import json

import pytest

MONEY = {"INVESTMENT_PARTLY_BLANK", "INVESTMENT_SPLIT", "INVESTMENT_PER_ROW"}


def noted(zones, codes):
    frame = zones.problems.frame("note")
    own = frame[frame["code"].isin(codes)]
    return {code: json.loads(text) for code, text in zip(own["code"], own["params"], strict=True)}


@pytest.mark.parametrize(
    ("ledger", "code"),
    [
        ([("a", "P1", 2500), ("a", "P2", 2500)], "INVESTMENT_SPLIT"),
        ([("a", "P1", 2500), ("a", "P2", None)], "INVESTMENT_PARTLY_BLANK"),
        ([("a", "P1", 2500), ("a", "P2", 1500)], "INVESTMENT_PER_ROW"),
        ([("a", "P1", 2500)], ""),
        ([("a", "P1", 2500), ("a", "P1", 1500)], ""),  # two amounts, one parcel
        ([("a", "P1", None)], ""),
        ([("a", "P1", None), ("a", "P2", None)], ""),
    ],
)
def test_how_the_money_of_a_project_was_counted(make_study, make_tables, ledger, code):
    _, zones = make_tables(make_study(ledger=ledger))
    assert noted(zones, MONEY) == ({code: {"count": 1, "ids": "a"}} if code else {})


@pytest.mark.parametrize(
    ("width", "told"), [(1.0, {}), (1.1, {"BUILDINGS_OVERLAP": {"area": 11.0, "percent": 1.1}})]
)
def test_footprints_that_overlap_by_more_than_a_hundredth_are_noted(
    make_study, make_tables, squares, width, told
):
    """A second footprint of 10 or 11 m² lies on one of 1,000 m²; the limit is 1 %, exceeded, not reached."""
    buildings = {
        "B1": {"floors": 1.0, "geometry": squares(0, 0, 100, 10)},
        "B2": {"floors": 1.0, "geometry": squares(0, 0, width, 10)},
    }
    _, zones = make_tables(make_study(buildings=buildings))
    assert noted(zones, {"BUILDINGS_OVERLAP"}) == told
