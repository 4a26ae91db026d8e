"""Which column is which: as stated, by a known name, by a name that was cut."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from landzone.errors import Refusal
from landzone.io.columns import match_columns
from landzone.io.raw import Raw


def source(role: str, *headers: str, cells: list[list[str]] | None = None) -> Raw:
    frame = pd.DataFrame(cells or [["x"] * len(headers)], columns=list(headers), dtype="str")
    return Raw(role, "t.csv", "", frame, np.arange(1, len(frame) + 1), len(frame))


def found(
    raw: Raw, columns: dict[str, str] | None = None, units: dict[str, str] | None = None
) -> dict[str, str]:
    return {m.spec.name: m.header for m in match_columns(raw, columns or {}, units or {})}


def test_canonical_names_and_aliases_in_any_dress() -> None:
    raw = source("parcels", "Parcel ID", "ＺＤＭＪ(m2)", "地类编码", " 权利人 ", "other")
    assert found(raw) == {
        "parcel_id": "Parcel ID", "registered_area": "ＺＤＭＪ(m2)", "use_code": "地类编码", "holder": " 权利人 ",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("固定资产投资(万元)", "wan_cny"),
        ("固定资产投资(单位:亿元)", "yi_cny"),
        ("固定资产投资[元]", "cny"),
        ("固定资产投资_万元", "wan_cny"),
        ("固定资产投资万元", "wan_cny"),
        ("fixed_asset_investment_wan_cny", "wan_cny"),
        ("固定资产投资(万元", "wan_cny"),
        ("固定资产投资(万", "wan_cny"),
        ("fixed_asset_investment (USD)", "usd"),
    ],
)
def test_units_in_headers(header: str, unit: str) -> None:
    match = match_columns(source("projects", "parcel_id", header), {}, {})[-1]
    assert match.spec.name == "fixed_asset_investment"
    assert match.unit is not None
    assert match.unit.name == unit


def test_area_units_in_headers() -> None:
    for header, unit in [
        ("面积(公顷)", "ha"),
        ("area_m2", "m2"),
        ("宗地面积(亩)", "mu"),
        ("面积(公", "ha"),
        ("TBMJ", "m2"),
    ]:
        match = match_columns(source("parcels", "parcel_id", header), {}, {})[-1]
        assert (match.spec.name, match.unit and match.unit.name) == ("registered_area", unit)


def test_a_bracket_that_is_no_unit_is_part_of_the_name() -> None:
    assert found(source("projects", "已投资额(不含地价)(万元)")) == {
        "invested_ex_land": "已投资额(不含地价)(万元)"
    }


def test_supply_export_with_cut_headers() -> None:
    first = ("电子监管号", "项目名称", "土地使用权人", "面积(公顷")
    raw = source("projects", *first, "成交价格(万元", "约定开工时间", "合同签定日期", "宗地编号")
    assert found(raw) == {
        "project_id": "电子监管号", "parcel_id": "宗地编号", "project": "项目名称", "enterprise": "土地使用权人",
        "land_price": "成交价格(万元", "contract_date": "合同签定日期", "agreed_start": "约定开工时间",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "canonical"),
    [
        ("固定资产投", "fixed_asset_investment"),
        ("fixed_asse", "fixed_asset_investment"),
        ("约定竣", "agreed_finish"),
        ("agreed_sta", "agreed_start"),
    ],
)
def test_names_cut_at_ten_bytes(header: str, canonical: str) -> None:
    match = match_columns(source("projects", header), {}, {})[0]
    assert (match.spec.name, match.how) == (canonical, "prefix")


def test_a_short_word_is_not_a_cut_name() -> None:
    assert found(source("projects", "约定", "fixed")) == {}


def test_a_cut_name_that_fits_two_columns_is_left_alone() -> None:
    assert found(source("enterprises", "clean_audi")) == {}


def test_the_study_goes_before_names() -> None:
    raw = source("parcels", "ZDDM", "BSM", "MJ2")
    stated = {"parcel_id": "BSM", "registered_area": "mj2"}
    assert found(raw, stated, {"registered_area": "mu"}) == {"parcel_id": "BSM", "registered_area": "MJ2"}


def test_an_empty_header_leaves_a_column_out() -> None:
    assert found(source("parcels", "parcel_id", "tax"), {"tax": ""}) == {"parcel_id": "parcel_id"}


def test_cadastral_id_goes_before_the_survey_id() -> None:
    assert found(source("parcels", "BSM", "ZDDM"))["parcel_id"] == "ZDDM"
    assert found(source("parcels", "BSM", "TBMJ"))["parcel_id"] == "BSM"


def refusal_of(
    raw: Raw, columns: dict[str, str] | None = None, units: dict[str, str] | None = None
) -> Refusal:
    with pytest.raises(Refusal) as caught:
        match_columns(raw, columns or {}, units or {})
    return caught.value


def test_a_stated_column_that_is_not_there_names_the_nearest() -> None:
    error = refusal_of(source("parcels", "ZDDM", "ZDMJ"), {"parcel_id": "ZDDN"})
    assert error.code == "COLUMN_MISSING"
    assert "ZDDM" in error.text("en")
    assert "ZDDM" in error.text("zh")


def test_two_columns_for_one_name_are_refused() -> None:
    error = refusal_of(source("parcels", "ZDDM", "宗地代码"))
    assert error.code == "COLUMN_AMBIGUOUS"
    assert "ZDDM" in str(error)
    assert "宗地代码" in str(error)


def test_unknown_names_and_units_are_refused() -> None:
    assert refusal_of(source("parcels", "ZDDM"), {"parcel_ids": "ZDDM"}).code == "COLUMN_UNKNOWN"
    assert "parcel_id" in str(refusal_of(source("parcels", "ZDDM"), {"parcel_ids": "ZDDM"}))
    error = refusal_of(source("parcels", "ZDDM", "ZDMJ"), units={"registered_area": "furlong"})
    assert error.code == "UNIT_UNKNOWN"
    assert "mu" in str(error)


def test_a_yes_no_column_of_dates_is_the_date() -> None:
    raw = source("projects", "completed", "started", cells=[["2012-12-01", "是"], ["", "否"]])
    assert found(raw) == {"actual_finish": "completed", "started": "started"}


def test_a_second_column_can_hold_the_unit() -> None:
    match = match_columns(source("parcels", "ZDDM", "ZDMJ", "MJDW"), {}, {})[-1]
    assert (match.header, match.unit_column) == ("ZDMJ", "MJDW")
    assert match.report() == "registered_area = ZDMJ (name)"
