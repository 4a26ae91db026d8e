"""The gate for tables: what is used, what is rejected, and that both add up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from landzone.errors import Refusal
from landzone.io.ledger import gate_table
from landzone.io.raw import Raw
from landzone.model.layer import Table
from landzone.model.problems import ProblemKind, Problems

PROJECT = ["project_id", "parcel_id", "investment", "agreed_start", "actual_start"]


def source(headers: list[str], rows: list[list[Any]], role: str = "projects", sheet: bool = False) -> Raw:
    cells = pd.DataFrame(rows, columns=headers, dtype=object if sheet else "str")
    return Raw(role, "projects.csv", "", cells, np.arange(2, 2 + len(rows)), len(rows))


def gate(raw: Raw, key: str = "parcel_id", **stated: dict[str, str]) -> tuple[Table, Problems]:
    problems = Problems()
    columns, units = stated.get("columns", {}), stated.get("units", {})
    table = gate_table(raw, columns=columns, units=units, key=key, problems=problems)
    record = table.source
    whole = (problems.frame(ProblemKind.REJECT)["column"] == "").sum()
    assert record.rows_in == record.rows_used + whole == record.rows_used + record.rows_rejected
    return table, problems


def codes(problems: Problems, kind: ProblemKind) -> list[tuple[str, str]]:
    frame = problems.frame(kind)
    return list(zip(frame["code"], frame["subject_id"], strict=True))


def test_a_clean_ledger_gives_no_problem() -> None:
    table, problems = gate(source(PROJECT, [["J1", "P001", "1200万元", "2012-06-01", "2012-09-01"]]))
    row = table.frame.iloc[0]
    assert row["fixed_asset_investment_fen"] == 1_200_000_000
    assert row["agreed_start_date"] == pd.Timestamp("2012-06-01")
    assert [len(problems.frame(kind)) for kind in ProblemKind] == [0, 0, 0]
    assert str(table.frame.dtypes["fixed_asset_investment_fen"]) == "Int64"
    assert str(table.frame.dtypes["agreed_start_date"]) == "datetime64[s]"
    assert str(table.frame.dtypes["parcel_id"]) == "str"


def test_readings_are_one_row_a_column_with_count_and_ids() -> None:
    amounts = ["1200万元", "12000000元", "0.12亿元", "12,000,000 元"]
    rows = [[f"J{i}", f"P00{i}", amount, "2012-06-01", ""] for i, amount in enumerate(amounts, 1)]
    table, problems = gate(source(PROJECT, rows))
    assert table.frame["fixed_asset_investment_fen"].tolist() == [1_200_000_000] * 4
    repairs = problems.frame(ProblemKind.REPAIR)
    assert (repairs["code"].tolist(), repairs["action"].tolist()) == (["UNIT_NORMALISED"], ["read"])
    assert '"count": 4' in repairs["params"][0]
    assert "J1, J2, J3, J4" in repairs["params"][0]
    assert not problems.has_losses()


def test_money_without_unit_is_refused_with_column_and_values() -> None:
    with pytest.raises(Refusal) as caught:
        gate(source(PROJECT, [["J1", "P001", "1200", "", ""], ["J2", "P002", "12000000", "", ""]]))
    assert caught.value.code == "UNIT_MISSING"
    for word in ("investment", "1200", "12000000", "J1", "J2"):
        assert word in str(caught.value)


def test_a_stated_unit_answers() -> None:
    raw = source(PROJECT, [["J1", "P001", "1200", "", ""]])
    table, _ = gate(raw, units={"fixed_asset_investment": "wan_cny"})
    assert table.frame["fixed_asset_investment_fen"].tolist() == [1_200_000_000]


def test_bad_dates_cost_the_cell_alone() -> None:
    rows = [["J1", "P001", "1万元", "01/06/2012", ""], ["J2", "P002", "1万元", 41061, ""]]
    table, problems = gate(source(PROJECT, rows, sheet=True))
    rejects = problems.frame(ProblemKind.REJECT)
    assert codes(problems, ProblemKind.REJECT) == [("DATE_AMBIGUOUS", "J1"), ("DATE_SERIAL", "J2")]
    assert rejects["column"].tolist() == ["agreed_start", "agreed_start"]
    assert rejects["raw_value"].tolist() == ["01/06/2012", "41061"]
    assert rejects["row"].tolist() == [2, 3]
    assert table.frame["rejected_cells"].tolist() == ["agreed_start", "agreed_start"]
    assert table.frame["agreed_start_date"].isna().all()


def test_long_ids_of_a_spreadsheet_are_rejected() -> None:
    rows = [[410601001001100001, "1万元"], [410601001001100002, "2万元"], [None, "3万元"]]
    table, problems = gate(source(["parcel_id", "investment"], rows, sheet=True))
    assert len(table.frame) == 0
    assert [c for c, _ in codes(problems, ProblemKind.REJECT)] == [
        "ID_MISSING",
        "ID_PRECISION",
        "ID_PRECISION",
    ]
    assert '"digits": "18"' in problems.frame(ProblemKind.REJECT)["params"][1]


def test_a_row_without_parcel_is_rejected_with_its_money() -> None:
    _, problems = gate(source(PROJECT, [["J1", "", "1200万元", "", ""]]))
    assert codes(problems, ProblemKind.REJECT) == [("ID_MISSING", "J1")]
    assert "1200 万元" in problems.frame(ProblemKind.REJECT)["params"][0]


def test_a_further_identical_row_is_rejected_once() -> None:
    row = ["J1", "P001", "1万元", "2012-06-01", ""]
    table, problems = gate(source(PROJECT, [row, row, ["J1", "P001", "2万元", "2012-06-01", ""]]))
    assert codes(problems, ProblemKind.REJECT) == [("ROW_DUPLICATE", "J1")]
    assert len(table.frame) == 2


def test_projects_without_id_are_named_after_their_parcel_in_order_of_content() -> None:
    rows = [["P2", "3万元"], ["P1", "9万元"], ["P1", "1万元"]]
    table, _ = gate(source(["parcel_id", "investment"], rows))
    assert table.frame["project_id"].tolist() == ["P1-1", "P1-2", "P2-1"]
    assert table.frame["fixed_asset_investment_fen"].tolist() == [1_000_000, 9_000_000, 3_000_000]


def test_row_order_changes_nothing_but_row_numbers() -> None:
    rows = [[f"J{i}", f"P{i % 3}", f"{i},000元", f"2012年{i}月1日", "12-06-01"] for i in range(1, 10)]
    one, first = gate(source(PROJECT, rows))
    two, second = gate(source(PROJECT, rows[::-1]))
    pd.testing.assert_frame_equal(one.frame.drop(columns="source_row"), two.frame.drop(columns="source_row"))
    for kind in ProblemKind:
        pd.testing.assert_frame_equal(
            first.frame(kind).drop(columns="row"), second.frame(kind).drop(columns="row")
        )


def test_a_table_without_its_key_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        gate(source(["name", "investment"], [["a", "1万元"]]))
    assert caught.value.code == "COLUMN_MISSING"


def test_zone_figures_are_measures_under_their_own_names() -> None:
    raw = source(
        ["zone_id", "revenue_wan_cny", "rd_share_ratio", "floor_area_ratio", "remark"],
        [["Z1", "1,200", "3.2", "1.2", "x"], ["Z2", "800", "45", "1.5", "y"]],
        role="zone_figures",
    )
    table, _ = gate(raw, key="zone_id")
    assert table.frame.loc["Z1", ["revenue_wan_cny", "rd_share_ratio", "floor_area_ratio"]].tolist() == [
        1200.0,
        0.032,
        1.2,
    ]
    assert table.frame["src_remark"].tolist() == ["x", "y"]


def test_a_share_that_fits_two_readings_is_rejected() -> None:
    rows = [["P001", "0.5"], ["P002", "50"], ["P003", "50%"], ["P004", "1"]]
    table, problems = gate(source(["parcel_id", "building_density"], rows, role="zone_figures"))
    assert table.frame["building_density"].tolist()[:3] == [0.5, 0.5, 0.5]
    assert codes(problems, ProblemKind.REJECT) == [("UNIT_AMBIGUOUS", "P004")]


def test_two_figures_for_one_zone_are_both_rejected() -> None:
    rows = [["Z1", "1"], ["Z1", "2"], ["Z2", "3"]]
    table, problems = gate(source(["zone_id", "staff"], rows, role="zone_figures"), key="zone_id")
    assert table.frame.index.tolist() == ["Z2"]
    assert codes(problems, ProblemKind.REJECT) == [("ID_DUPLICATE", "Z1"), ("ID_DUPLICATE", "Z1")]


def test_enterprises_are_typed() -> None:
    raw = source(
        ["企业名称", "集聚区代码", "主营业务收入(万元)", "是否龙头企业"],
        [["乙", "Z1", "6000", "是"], ["甲", "Z1", "无", "否"]],
        role="enterprises",
    )
    table, _ = gate(raw, key="zone_id")
    assert table.frame["enterprise"].tolist() == ["乙", "甲"]
    assert table.frame["is_leader"].tolist() == [True, False]
    assert table.frame["revenue_fen"].tolist() == [6_000_000_000, pd.NA]
