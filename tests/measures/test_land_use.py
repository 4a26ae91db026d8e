"""Industrial, supplied and idle land."""

import pandas as pd

from landzone.catalog.measure_list import industrial_codes
from landzone.measures.land_use import idle_land, is_industrial, supplied_land


def test_0601_is_industrial_in_one_scheme_and_a_country_road_in_another():
    codes = pd.Series(["0601", "1001", "100102", "1101", "0602"])
    assert is_industrial(codes, None, industrial_codes("third-survey"), []).tolist() == [True] + [False] * 4
    expected = [False, True, True, False, False]
    assert is_industrial(codes, None, industrial_codes("land-sea-2023"), []).tolist() == expected


def test_the_first_use_of_a_mixed_code_is_the_principal_one():
    codes = pd.Series(["M1/W1", "W1/M1", "M"])
    assert is_industrial(codes, None, industrial_codes("gb50137"), []).tolist() == [True, False, True]


def test_the_name_decides_where_the_code_is_missing():
    codes, names = (
        pd.Series(["0701", None, None, ""]),
        pd.Series(["工业用地", "工业用地", None, "城镇住宅用地"]),
    )
    assert is_industrial(codes, names, ["0601"], ["工业用地"]).tolist() == [False, True, pd.NA, False]


def test_without_code_and_name_nothing_is_known():
    assert is_industrial(None, None, ["0601"], ["工业用地"]) is None


def test_supply_is_told_by_mode_or_by_a_date_in_the_ledger():
    parcels = pd.DataFrame({"supply_mode": ["出让", None, None]}, index=["P1", "P2", "P3"])
    ledger = pd.DataFrame({"parcel_id": ["P2", "P3"], "contract_date": pd.to_datetime(["2020-01-01", None])})
    assert supplied_land(parcels, ledger).tolist() == [True, True, False]
    assert supplied_land(parcels[[]], ledger[["parcel_id"]]) is None


def test_an_unknown_class_is_not_known_to_be_in_use():
    found = idle_land(pd.Series(["A2", "overdue", "data_error", None]), ["A2"], ["data_error"])
    assert found["idle"].tolist() == [True, False, False, False]
    assert found["known"].tolist() == [True, True, False, False]
