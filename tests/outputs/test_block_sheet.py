"""Whole tables in a worksheet: what is read back is what was given, beside single cells."""

import numpy as np
import openpyxl
import pytest
import xlsxwriter

from landzone.outputs import block_sheet
from landzone.outputs.block_sheet import BlockSheet, Cells


def numbers(*values):
    """Return a column of numbers in the plain format."""
    count = len(values)
    return Cells(np.array(values, float), np.zeros(count, np.int64), np.zeros(count, bool))


def read_back(path):
    """Return the rows of the first sheet."""
    return [list(row) for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)]


def written(path, put):
    """Write a book of one sheet, fill it, and return its rows."""
    with xlsxwriter.Workbook(str(path)) as book:
        put(book, book.add_worksheet("one", worksheet_class=BlockSheet))
    return read_back(path)


def test_a_table_stands_between_single_cells(tmp_path):
    def put(book, page):
        page.write_string(0, 0, "title")
        page.write_block(1, [numbers(1, 2), numbers(0.5, 1e-9)])
        page.write_string(3, 1, "below")
        page.write_block(5, [numbers(7), numbers(1234567.25)])

    assert written(tmp_path / "a.xlsx", put) == [
        ["title", None],
        [1, 0.5],
        [2, 1e-9],
        [None, "below"],
        [None, None],
        [7, 1234567.25],
    ]


def test_texts_are_those_of_the_book_and_formats_are_kept(tmp_path):
    def put(book, page):
        style = book.add_format({"num_format": "0.00%"})._get_xf_index()
        texts = [book.str_table._get_shared_string_index(text) for text in ("<b>&", "地块 ")]
        cells = Cells(
            np.array([texts[0], 0.25, texts[1]]), np.array([0, style, 0]), np.array([True, False, True])
        )
        page.write_block(0, [cells])

    assert written(tmp_path / "a.xlsx", put) == [["<b>&"], [0.25], ["地块 "]]
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert [sheet.cell(row, 1).number_format for row in (1, 2, 3)] == ["General", "0.00%", "General"]


@pytest.mark.parametrize("rows", [1, 2, 3, 7])
def test_pieces_of_any_size_give_the_same_bytes(rows, monkeypatch):
    column = numbers(*np.random.default_rng(4).uniform(-1e6, 1e6, 7))
    whole = b"".join(map(bytes, block_sheet.rows_xml(3, [column, column])))
    monkeypatch.setattr(block_sheet, "ROWS_AT_ONCE", rows)
    assert b"".join(map(bytes, block_sheet.rows_xml(3, [column, column]))) == whole


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e20, 123456789012345.67, 5e-324, -2.5, 15999.997800000001])
def test_a_number_is_read_back_to_the_last_bit(tmp_path, value):
    rows = written(tmp_path / "a.xlsx", lambda book, page: page.write_block(0, [numbers(value)]))
    assert rows == [[value]]
