import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from landzone.errors import Refusal
from landzone.model.problems import ProblemKind


def refuse(desk, source: str) -> Refusal:
    with pytest.raises(Refusal) as refused:
        desk.table(source)
    return refused.value


def workbook(path: Path, sheets: dict[str, list[list[Any]]], hidden: tuple[str, ...] = ()) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name in hidden:
            sheet.sheet_state = "hidden"
    book.save(path)


def test_cells_of_a_csv_are_texts_as_found(desk) -> None:
    desk.write("p.csv", 'id,note,money\n0012,NA,"1,200"\n7,NULL,\n,None, 5 \n')
    reading = desk.table("p.csv")
    assert reading.raw.cells["id"].isna().tolist() == [False, False, True]
    assert reading.raw.cells["id"][0] == "0012"
    assert reading.raw.cells["note"].tolist() == ["NA", "NULL", "None"]
    assert reading.raw.cells["money"].dropna().tolist() == ["1,200", " 5 "]
    assert reading.raw.geometry is None
    assert reading.codes() == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(desk, delimiter: str) -> None:
    desk.write("p.csv", f"a{delimiter}b\n1{delimiter}2\n3{delimiter}4\n")
    assert desk.table("p.csv").raw.cells.columns.tolist() == ["a", "b"]


def test_line_numbers_are_those_of_an_editor(desk) -> None:
    desk.write("p.csv", '台账\n2024\na,b\n1,"x\ny"\n\n2,z\n,,\n\n')
    raw = desk.table("p.csv").raw
    assert raw.cells["a"].tolist() == ["1", "2"]
    assert raw.rows.tolist() == [4, 7]
    assert raw.rows_in == 2


def test_a_row_with_too_many_cells_is_rejected_alone(desk) -> None:
    desk.write("p.csv", "id,money,name\n1,1,200,x\n2,5,y\n3,6\n4,7,z,,\n")
    reading = desk.table("p.csv")
    assert reading.raw.cells["id"].tolist() == ["2", "3", "4"]
    assert reading.raw.rows_in == 4
    rejects = reading.problems.frame(ProblemKind.REJECT)
    assert rejects[["code", "row", "raw_value"]].values.tolist() == [["ROW_FIELDS", 2, "1|1|200|x"]]


def test_a_quote_that_never_ends_would_swallow_rows_and_is_refused(desk) -> None:
    desk.write("p.csv", 'a,b\n1,"x\n2,y\n3,z\n')
    error = refuse(desk, "p.csv")
    assert error.code == "FILE_CORRUPT"
    assert error.place.row == "2"


def test_equal_column_names_are_refused(desk) -> None:
    desk.write("p.csv", "面积,编号,面积\n1,2,3\n")
    error = refuse(desk, "p.csv")
    assert error.code == "COLUMN_DUPLICATE"
    assert "面积" in error.text("zh")


@pytest.mark.parametrize(
    ("text", "code"), [("a,b\n", "NO_ROWS"), ("1,2\n3,4\n", "HEADER_MISSING"), ("\n\n", "NO_ROWS")]
)
def test_a_table_needs_a_header_and_rows(desk, text: str, code: str) -> None:
    desk.write("p.csv", text)
    assert refuse(desk, "p.csv").code == code


def test_cells_of_a_workbook_keep_their_types(desk) -> None:
    rows = [
        ["id", "day", "serial", "money", "yes", "note"],
        [12, dt.datetime(2012, 6, 1), 41061, 1.5, True, "NA"],  # noqa: DTZ001
    ]
    workbook(desk.folder / "p.xlsx", {"Sheet1": rows})
    reading = desk.table("p.xlsx")
    assert reading.raw.cells.iloc[0].tolist() == rows[1]
    assert isinstance(reading.raw.cells["serial"][0], int)
    assert reading.raw.rows.tolist() == [2]
    assert reading.raw.layer == "Sheet1"


def test_titles_above_the_header_and_empty_rows_are_skipped(desk) -> None:
    path = desk.folder / "p.xlsx"
    rows = [
        ["XX产业集聚区台账"],
        ["单位：万元"],
        ["编号", "面积", None],
        [1, 2.0, "注"],
        [None, " "],
        [2, 3.0],
    ]
    workbook(path, {"台账": rows})
    book = openpyxl.load_workbook(path)
    book["台账"].merge_cells("A1:C1")
    book["台账"]["A20"].number_format = "0.00"
    book.save(path)
    raw = desk.table("p.xlsx").raw
    assert raw.cells.columns.tolist() == ["编号", "面积", "column_3"]
    assert raw.rows.tolist() == [4, 6]
    assert raw.rows_in == 2


def test_the_only_sheet_with_rows_is_taken_and_of_several_one_must_be_named(desk) -> None:
    table = [["id", "x"], ["1", "2"]]
    workbook(desk.folder / "one.xlsx", {"说明": [], "台账": table, "字典": table}, hidden=("字典",))
    assert desk.table("one.xlsx").raw.layer == "台账"
    assert desk.table("one.xlsx#字典").raw.layer == "字典"
    workbook(desk.folder / "two.xlsx", {"a2019": table, "b2024": table})
    error = refuse(desk, "two.xlsx")
    assert error.code == "LAYER_AMBIGUOUS"
    assert "a2019; b2024" in error.text("zh")
    assert desk.table("two.xlsx#b2024").raw.rows_in == 1
    assert refuse(desk, "two.xlsx#c").code == "LAYER_MISSING"


def test_formulas_without_a_value_and_errors_are_no_missing_values(desk) -> None:
    rows = [["id", "sum", "ratio"], ["1", "=1+1", "#DIV/0!"], ["2", 5, 0.5]]
    workbook(desk.folder / "p.xlsx", {"s": rows})
    reading = desk.table("p.xlsx")
    assert reading.raw.cells["sum"].tolist() == ["=1+1", 5]
    assert reading.raw.cells["ratio"].tolist() == ["#DIV/0!", 0.5]
    assert reading.codes() == ["CELL_ERROR", "FORMULA_NOT_CALCULATED"] or set(reading.codes()) == {
        "CELL_ERROR", "FORMULA_NOT_CALCULATED",
    }  # fmt: skip
    assert "#DIV/0!" in reading.messages("zh")


def test_a_stored_value_of_a_formula_is_used(desk) -> None:
    path = desk.folder / "p.xlsx"
    workbook(path, {"s": [["id", "sum"], ["1", "=1+1"]]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = (
        parts[sheet]
        .replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
        .replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
    )
    desk.zip("p.xlsx", parts)
    reading = desk.table("p.xlsx")
    assert reading.raw.cells["sum"].tolist() == [2]
    assert reading.codes() == []


def test_an_xlsx_that_is_none_is_refused(desk) -> None:
    desk.write("p.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    assert refuse(desk, "p.xlsx").code == "FORMAT_MISMATCH"
    desk.zip("q.xlsx", {"a.txt": b"x"})
    assert refuse(desk, "q.xlsx").code == "FILE_CORRUPT"
    desk.write("r.xls", b"\xd0\xcf\x11\xe0")
    assert refuse(desk, "r.xls").code == "FORMAT_MISMATCH"


def test_a_workbook_with_a_doctype_or_a_bomb_is_refused(desk) -> None:
    desk.zip("p.xlsx", {"xl/workbook.xml": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'})
    assert refuse(desk, "p.xlsx").code == "XML_DTD"
    desk.zip("q.xlsx", {"xl/worksheets/sheet1.xml": b" " * (30 << 20)})
    assert refuse(desk, "q.xlsx").code == "ZIP_RATIO"


def test_a_dbf_is_a_table_too(desk, dbf) -> None:
    desk.write("p.dbf", dbf([("名称".encode("gbk"), "C", 20)], [["鹤壁市工业园区".encode("gbk")]], 0x4D))
    reading = desk.table("p.dbf")
    assert reading.raw.cells["名称"].tolist() == ["鹤壁市工业园区"]
    assert reading.raw.encoding == "GBK"
    assert reading.codes() == []
