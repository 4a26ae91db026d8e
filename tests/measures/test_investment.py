"""Money on parcels against answers worked out by hand."""

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzone.measures.investment import investment_intensity, per_mu
from landzone.measures.ledger_amounts import project_amounts

CASES = tomllib.loads(
    (Path(__file__).parent.parent / "cases" / "investment.toml").read_text(encoding="utf-8")
)
COLUMN = "fixed_asset_investment_fen"


def _rows(rows):
    fen = [round(row[2] * 1_000_000) if len(row) > 2 and row[2] is not None else pd.NA for row in rows]
    names = {"project_id": [row[0] for row in rows], "parcel_id": [row[1] for row in rows]}
    return pd.DataFrame({**names, COLUMN: pd.array(fen, dtype="Int64")})


def _on_parcels(rows, land):
    units = pd.Series({name: area * 10_000 for name, area in land.items()}, dtype="int64")
    return project_amounts(rows, COLUMN, units).by_parcel()


@pytest.mark.parametrize("case", CASES["case"], ids=lambda c: c["name"])
def test_money_on_parcels(case):
    found = _on_parcels(_rows(case["rows"]), case["land"])
    known = {name: value / 1_000_000 for name, value in found["fen"].dropna().items()}
    assert known == case["fixed_asset_investment_wan_cny"]
    assert (found["lower_fen"] / 1_000_000).to_dict() == case["lower"]


def test_intensity_in_wan_cny_per_hectare_and_per_mu():
    found = investment_intensity(
        pd.Series([1_000_000_000, 999_990_000, None], dtype="Int64"), pd.Series([100_000_000] * 3), 1_000_000
    )
    np.testing.assert_array_equal(found, [1000.0, 999.99, np.nan])
    assert per_mu(found)[0] == pytest.approx(66.6667, abs=1e-4)


def test_no_land_has_no_intensity():
    assert investment_intensity(pd.Series([5], dtype="Int64"), pd.Series([0]), 100).isna().all()


def test_rows_of_parcels_outside_the_layer_bring_nothing():
    found = _on_parcels(_rows([["a", "P1", 10], ["b", "elsewhere", 99]]), {"P1": 5})
    assert found["fen"].to_dict() == {"P1": 10_000_000}


def test_a_ledger_without_the_money_column_tells_nothing():
    found = _on_parcels(_rows([["a", "P1", 10]]).drop(columns=COLUMN), {"P1": 5})
    assert found["fen"].isna().all()
    assert found["lower_fen"].tolist() == [0]


money = st.one_of(st.none(), st.integers(0, 3).map(lambda n: n * 1.5))
ledgers = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["P1", "P2", "P3"]), money), min_size=1, max_size=8
)
LAND = {"P1": 1, "P2": 7, "P3": 3}


@settings(derandomize=True, max_examples=60, deadline=None)
@given(ledgers, st.randoms(use_true_random=False))
def test_row_order_never_matters(rows, random):
    shuffled = random.sample(rows, len(rows))
    pd.testing.assert_frame_equal(_on_parcels(_rows(rows), LAND), _on_parcels(_rows(shuffled), LAND))


@settings(derandomize=True, max_examples=60, deadline=None)
@given(ledgers, st.data())
def test_blanking_an_amount_only_takes_knowledge_away(rows, data):
    place = data.draw(st.integers(0, len(rows) - 1))
    blanked = [(*row[:2], None) if n == place else row for n, row in enumerate(rows)]
    before, after = _on_parcels(_rows(rows), LAND), _on_parcels(_rows(blanked), LAND)
    assert (after["fen"].isna() | (after["fen"] == before["fen"]).fillna(False)).all()


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.integers(0, 10**12), st.lists(st.integers(1, 10**9), min_size=2, max_size=6))
def test_no_fen_is_lost_in_a_split(fen, areas):
    land = pd.Series(areas, index=[f"P{n}" for n in range(len(areas))], dtype="int64")
    rows = pd.DataFrame(
        {"project_id": "a", "parcel_id": land.index, COLUMN: pd.array([fen] * len(land), "Int64")}
    )
    found = project_amounts(rows, COLUMN, land)
    assert found.known.all()
    assert found.fen.sum() == fen
