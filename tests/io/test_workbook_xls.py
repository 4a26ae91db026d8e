"""Old Excel workbooks give what new ones give."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlwt

from landzone.errors import Refusal

DAY = pd.Timestamp("2012-06-01").to_pydatetime()
HEAD = ["宗地", "数", "日期", "金额", "是"]
ROWS = [["0012", 4106010010011, DAY, 1200.5, True], ["NA", 41061, 41061, None, False]]


def old(path: Path, rows: list[list[object]], hidden: bool = True, second: bool = False) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    styled = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    sheets = [book.add_sheet("台账")] + ([book.add_sheet("说明")] if second else [])
    for sheet in sheets:
        sheet.write(0, 0, "2026年台账")
        for number, row in enumerate([HEAD, *rows], 2):
            for place, value in enumerate(row):
                if value is not None:
                    sheet.write(number, place, value, *([styled] if isinstance(value, datetime) else []))
    if hidden:
        cover = book.add_sheet("隐藏")
        cover.visibility = 1
        cover.write(0, 0, "x")
        cover.write(1, 0, "y")
    book.save(str(path))


def test_an_old_workbook_gives_the_cells_of_a_new_one(desk) -> None:
    old(desk.folder / "t.xls", ROWS)
    book = openpyxl.Workbook()
    for row in [["2026年台账"], [], HEAD, *ROWS]:
        book.active.append(row)
    book.active.title = "台账"
    book.save(desk.folder / "t.xlsx")
    ours, theirs = desk.table("t.xls").raw, desk.table("t.xlsx").raw
    pd.testing.assert_frame_equal(ours.cells, theirs.cells)
    assert ours.rows.tolist() == theirs.rows.tolist() == [4, 5]
    assert (ours.layer, ours.rows_in) == ("台账", 2)
    assert [type(v) for v in ours.cells.iloc[0]] == [str, int, datetime, float, bool]


def test_sheets_are_chosen_by_name_and_listed_where_none_is_named(desk) -> None:
    old(desk.folder / "t.xls", ROWS, second=True)
    assert desk.table("t.xls#说明").raw.layer == "说明"
    with pytest.raises(Refusal) as refused:
        desk.table("t.xls")
    assert refused.value.code == "LAYER_AMBIGUOUS"
    assert "台账; 说明" in refused.value.text("zh")


def test_other_content_under_the_suffix_is_refused(desk) -> None:
    desk.write("t.xls", "<html><table><tr><td>宗地</td></tr></table></html>")
    with pytest.raises(Refusal) as refused:
        desk.table("t.xls")
    assert (refused.value.code, "HTML" in refused.value.text("en")) == ("FORMAT_MISMATCH", True)


def test_a_damaged_old_workbook_is_refused(desk) -> None:
    old(desk.folder / "t.xls", ROWS)
    data = (desk.folder / "t.xls").read_bytes()
    desk.write("t.xls", data[:1000])
    with pytest.raises(Refusal) as refused:
        desk.table("t.xls")
    assert refused.value.code == "FILE_CORRUPT"


def test_an_old_workbook_is_no_layer(desk) -> None:
    old(desk.folder / "t.xls", ROWS)
    with pytest.raises(Refusal) as refused:
        desk.layer("t.xls")
    assert refused.value.code == "LAYER_NO_GEOMETRY"


def test_errors_of_formulas_stay_texts_and_are_noted(desk) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("t")
    sheet.write(0, 0, "parcel_id")
    sheet.write(0, 1, "area")
    sheet.write(1, 0, "P1")
    sheet.row(1).set_cell_error(1, "#DIV/0!")
    sheet.write(2, 0, "P2")
    sheet.write(2, 1, 5)
    book.save(str(desk.folder / "t.xls"))
    reading = desk.table("t.xls")
    assert reading.raw.cells["area"].tolist() == ["#DIV/0!", 5]
    assert reading.codes() == ["CELL_ERROR"]
