"""Industrial, supplied and idle land."""

import pandas as pd

from landzone.measures.land_use import idle_land, supplied_land


def test_supply_is_told_by_mode_or_by_a_date_in_the_ledger():
    parcels = pd.DataFrame({"supply_mode": ["出让", None, None]}, index=["P1", "P2", "P3"])
    ledger = pd.DataFrame({"parcel_id": ["P2", "P3"], "contract_date": pd.to_datetime(["2020-01-01", None])})
    assert supplied_land(parcels, ledger).tolist() == [True, True, False]
    assert supplied_land(parcels[[]], ledger[["parcel_id"]]) is None


def test_an_unknown_class_is_not_known_to_be_in_use():
    found = idle_land(pd.Series(["A2", "overdue", "data_error", None]), ["A2"], ["data_error"])
    assert found["idle"].tolist() == [True, False, False, False]
    assert found["known"].tolist() == [True, True, False, False]
