"""The stock of land: one class a parcel, kinds of low use, blocks of vacant land; answers worked out by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely

from landzone.geometry.touching import shared_edges
from landzone.measures import land_stock
from landzone.measures.idle_blocks import vacant_blocks

IDLE = ["A1", "A2", "A_gov", "A_pending", "B"]


def classed(idle="not_idle", supplied=True, built=True, stopped=False, below=False, approved=False):
    index = pd.Index(["P"])

    def flag(value):
        return pd.Series([value], index=index)

    kinds = land_stock.low_use_kinds(
        flag(idle), None if supplied is None else flag(supplied),
        flag(built).astype("boolean") if built is not None else pd.Series([pd.NA], index, dtype="boolean"),
        flag(stopped), flag(below), flag(approved), IDLE,
    )  # fmt: skip
    return land_stock.stock_class(kinds).iloc[0]


@pytest.mark.parametrize(
    ("facts", "answer"),
    [
        ({}, "in_use"),
        ({"idle": "A1", "stopped": True}, "idle"),
        ({"idle": "B"}, "idle"),
        ({"stopped": True, "below": True}, "stopped"),
        ({"built": False}, "supplied_unbuilt"),
        ({"below": True}, "below_minimum"),
        ({"below": True, "built": False}, "supplied_unbuilt"),
        ({"supplied": False, "built": False, "approved": True}, "approved_unsupplied"),
        ({"supplied": False, "built": True}, "unsupplied_built"),
        ({"supplied": False, "built": False}, "unsupplied"),
        ({"built": None}, "unknown"),
        ({"supplied": None}, "unknown"),
        ({"supplied": None, "built": False, "approved": True}, "unknown"),
        ({"supplied": False, "built": None, "approved": True}, "approved_unsupplied"),
        ({"idle": "unknown", "built": None}, "unknown"),
    ],
)
def test_the_first_class_that_holds_and_unknown_where_nothing_is_known(facts, answer):
    assert classed(**facts) == answer


def test_an_approval_after_the_day_is_none_yet_and_a_number_alone_is_one():
    parcels = pd.DataFrame(
        {
            "approval_no": [None, "1号", "2号", None],
            "approval_date": pd.to_datetime(["2026-06-30", "2026-07-01", None, None]),
        },
        index=["same_day", "later", "number", "nothing"],
    )
    found = land_stock.approved_parcels(parcels, date(2026, 6, 30))
    assert found.to_dict() == {"same_day": True, "later": False, "number": True, "nothing": False}


@pytest.mark.parametrize(
    ("floor", "least", "below"),
    [
        (6_999, 0.7, True),
        (7_000, 0.7, False),
        (6_999, 0.6999, False),
        (10_000, 1.0, False),
        (9_999, 1.0, True),
    ],
)
def test_the_least_floor_area_ratio_itself_is_reached(floor, least, below):
    rows = pd.DataFrame({"parcel_id": ["P"], "far_min": [least]})
    land, known = pd.Series({"P": 10_000}), pd.Series({"P": True})
    found = land_stock.below_own_minimum(rows, pd.Series({"P": floor}), known, land)
    assert (len(found) == 1) is below


def test_a_floor_area_that_is_not_known_is_below_nothing():
    rows = pd.DataFrame({"parcel_id": ["P"], "far_min": [1.0]})
    found = land_stock.below_own_minimum(
        rows, pd.Series({"P": 0}), pd.Series({"P": False}), pd.Series({"P": 100})
    )
    assert len(found) == 0


def test_only_failed_least_values_of_parcels_count():
    rows = pd.DataFrame(
        [
            ("parcel", "A", "R1", "floor_area_ratio", ">=", "fail", 0.5, 1.0),
            ("parcel", "B", "R1", "floor_area_ratio", ">=", "unknown", 0.5, 1.0),
            ("parcel", "C", "R2", "floor_area_ratio", "<=", "fail", 3.0, 2.0),
            ("parcel", "D", "R3", "green_ratio", ">=", "fail", 0.1, 0.2),
            ("zone", "Z", "R4", "building_density_ratio", ">=", "fail", 0.3, 0.5),
        ],
        columns=["subject_kind", "subject_id", "rule_id", "measure", "op", "verdict", "observed", "limit"],
    )
    assert land_stock.below_rules(rows).values.tolist() == [["A", "R1", 0.5, 1.0]]


def blocks(boxes, sizes=(1.0, 2.0)):
    shapes = np.array([shapely.box(*box) for box in boxes], dtype=object)
    ids = [f"P{n}" for n in range(len(boxes))]
    units = np.rint(shapely.area(shapes) * 10_000).astype(np.int64)
    edges = shared_edges(shapes, 0.1, 1.0)
    return vacant_blocks(ids, pd.Series("Z", index=ids), units, shapely.length(shapes), edges, sizes)


def test_four_parcels_around_a_corner_are_one_block_and_one_across_the_road_is_another():
    """Four squares of 100 m: 4 ha, 800 m around, 4 π 40,000 ÷ 640,000 = 0.785; the fifth lies 10 m off."""
    squares = [
        (0, 0, 100, 100),
        (100, 0, 200, 100),
        (0, 100, 100, 200),
        (100, 100, 200, 200),
        (210, 0, 310, 100),
    ]
    table, own = blocks(squares)
    assert own.tolist() == ["P0"] * 4 + ["P4"]
    first, second = table.to_dict("records")
    assert (first["parcels"], first["area_m2"], first["fits_ha"]) == ("P0|P1|P2|P3", 40_000.0, 2.0)
    assert first["perimeter_m"] == pytest.approx(800, abs=2)
    assert first["compactness_ratio"] == pytest.approx(np.pi / 4, abs=0.005)
    assert (second["rank_count"], second["parcels_count"], second["fits_ha"]) == (2, 1, 1.0)


def test_a_chain_is_one_block_whatever_its_order():
    row = [(n * 100, 0, n * 100 + 100, 100) for n in (3, 0, 4, 1, 2)]
    table, own = blocks(row)
    assert set(own) == {"P0"}
    assert table["area_m2"].tolist() == [50_000.0]


def test_a_block_that_is_too_small_fits_nothing_and_no_vacant_land_is_no_block():
    assert np.isnan(blocks([(0, 0, 10, 10)])[0]["fits_ha"].iloc[0])
    table, own = blocks([])
    assert len(table) == len(own) == 0
