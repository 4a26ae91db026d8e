"""Workbooks of Excel 97 to 2003 (``.xls``), read with xlrd: stored values only, no macro and no formula is run."""

from __future__ import annotations

import struct
from io import StringIO
from pathlib import Path
from typing import Any

import xlrd
from xlrd.compdoc import CompDocError
from xlrd.xldate import XLDateError, xldate_as_datetime

from landzone.io.origin import Origin
from landzone.io.workbook import damage, pick_sheet

_EXACT = 2**53
_FAILURES = (*damage(), xlrd.XLRDError, CompDocError, struct.error, AssertionError, RecursionError)
_BLANK = (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK)


def xls_sheet(path: Path, origin: Origin) -> tuple[str, list[tuple[int, list[Any]]]]:
    """Return name and rows of the sheet that is meant, each row with its number.

    Cells have the types that openpyxl gives for ``.xlsx``: whole numbers ``int``, cells styled as dates ``datetime``,
    errors of formulas their text.

    Raises
    ------
    Refusal
        ``FILE_CORRUPT``, also for a workbook with a password; those of `pick_sheet`.
    """
    try:
        with xlrd.open_workbook(str(path), logfile=StringIO(), on_demand=True) as book:
            sheets = [(name, book.sheet_by_name(name)) for name in book.sheet_names()]
            shown = [name for name, sheet in sheets if sheet.visibility == 0]
            rows = {name: _rows(sheet, book.datemode) for name, sheet in sheets}
    except _FAILURES as error:
        raise origin.refuse("FILE_CORRUPT", detail=f"xls, {error}") from None
    return pick_sheet(list(rows), shown, rows.__getitem__, origin)


def _rows(sheet: Any, datemode: int) -> list[tuple[int, list[Any]]]:
    rows = []
    for number in range(sheet.nrows):
        cells = [_cell(cell, datemode) for cell in sheet.row(number)]
        if any(cell is not None for cell in cells):
            rows.append((number + 1, cells))
    return rows


def _cell(cell: Any, datemode: int) -> Any:
    value = cell.value
    if cell.ctype in _BLANK or (cell.ctype == xlrd.XL_CELL_TEXT and not value.strip()):
        return None
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(value, "#N/A")
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return xldate_as_datetime(value, datemode)
        except (XLDateError, OverflowError, ValueError):
            return value
    if cell.ctype == xlrd.XL_CELL_NUMBER and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return value
