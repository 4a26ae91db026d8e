"""Excel workbooks: the sheet, the header row, cells with their Python types, dates only where the cell is styled so."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.io.archive import check_archive
from landzone.io.csv_table import column_names, header_place
from landzone.io.origin import Origin

_ERRORS = {
    "#NULL!",
    "#DIV/0!",
    "#VALUE!",
    "#REF!",
    "#NAME?",
    "#NUM!",
    "#N/A",
    "#GETTING_DATA",
    "#SPILL!",
    "#CALC!",
}


def damage() -> tuple[type[Exception], ...]:
    """Return what the libraries raise on a workbook that is damaged."""
    from openpyxl.utils.exceptions import InvalidFileException

    return (
        zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, ParseError, OSError, IndexError, TypeError,
        AttributeError, ArithmeticError, EOFError, NotImplementedError, zlib.error,
    )  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """Rows of one sheet below its header, with the row number that the program shows."""

    name: str
    cells: pd.DataFrame
    rows: NDArray[np.int64]


def read_workbook(path: Path, origin: Origin) -> Sheet:
    """Read one sheet.

    Formulas give their stored value. A formula without one and a formula error stay texts, so that they are
    never taken for missing or for zero, and are noted. Hidden sheets are read only where they are named.

    Raises
    ------
    Refusal
        ``LAYER_AMBIGUOUS`` where several sheets have rows, ``LAYER_MISSING``, ``NO_ROWS``, ``HEADER_MISSING``,
        ``COLUMN_DUPLICATE``, ``FILE_CORRUPT``, ``XML_DTD`` and those of zip archives.
    """
    if path.suffix == ".xls":
        from landzone.io.workbook_xls import xls_sheet

        name, found = xls_sheet(path, origin)
        formulas: dict[tuple[int, int], str] = {}
    else:
        name, found, formulas = _xlsx(path, origin)
    records = [record for _, record in found]
    header = header_place(records)
    if header is None:
        raise origin.refuse("HEADER_MISSING", layer=name)
    body = found[header + 1 :]
    width = max((len(r) for _, r in found[header:]), default=0)
    head = records[header] + [None] * (width - len(records[header]))
    names = column_names(head, [r for _, r in body], origin)
    if not body:
        raise origin.refuse("NO_ROWS", layer=name)
    rows = np.array([n for n, _ in body], np.int64)
    columns: dict[str, list[Any]] = {}
    for place, column in enumerate(names):
        values = [r[place] if place < len(r) else None for _, r in body]
        here = (
            {n: f for n, row in enumerate(rows) if (f := formulas.get((int(row), place)))} if formulas else {}
        )
        columns[column] = _with_formulas(values, here, column, origin)
    return Sheet(name, pd.DataFrame({n: pd.Series(v, dtype=object) for n, v in columns.items()}), rows)


def _xlsx(path: Path, origin: Origin) -> tuple[str, list[tuple[int, list[Any]]], dict[tuple[int, int], str]]:
    members = check_archive(path, origin)
    try:
        _refuse_doctype(path, members, origin)
        name, found = _sheet(path, origin)
        return name, found, _formulas(path, name, [n for n, _ in found])
    except damage() as error:
        raise origin.refuse("FILE_CORRUPT", detail=f"xlsx, {error}") from None


def _refuse_doctype(path: Path, members: list[zipfile.ZipInfo], origin: Origin) -> None:
    with zipfile.ZipFile(path) as archive:
        for member in members:
            if member.filename.endswith((".xml", ".rels")):
                data = archive.read(member)
                # a cell cannot hold this text: there it is &lt;!DOCTYPE; UTF-16 would hide it
                if b"<!DOCTYPE" in data or data.startswith((b"\xff\xfe", b"\xfe\xff")):
                    raise origin.refuse("XML_DTD")


def _sheet(path: Path, origin: Origin) -> tuple[str, list[tuple[int, list[Any]]]]:
    book = _open(path, data_only=True)
    try:
        names = [s.title for s in book.worksheets]
        shown = [s.title for s in book.worksheets if s.sheet_state == "visible"]
        return pick_sheet(names, shown, lambda name: list(_rows(book[name])), origin)
    finally:
        book.close()


def pick_sheet(
    names: list[str], shown: list[str], rows_of: Callable[[str], list[tuple[int, list[Any]]]], origin: Origin
) -> tuple[str, list[tuple[int, list[Any]]]]:
    """Return name and rows of the sheet that is meant: the one named, or the only visible one with rows."""
    if origin.layer:
        loose = [n for n in names if n.lower() == origin.layer.lower()]
        wanted = [n for n in names if n == origin.layer] or loose
        if len(wanted) != 1:
            raise origin.refuse("LAYER_MISSING", wanted=origin.layer, layers="; ".join(names))
        rows = rows_of(wanted[0])
        if not rows:
            raise origin.refuse("NO_ROWS", layer=wanted[0])
        return wanted[0], rows
    full = [(name, rows) for name in shown if len(rows := rows_of(name)) > 1]
    if len(full) > 1:
        sheets = [name for name, _ in full]
        raise origin.refuse("LAYER_AMBIGUOUS", layers="; ".join(sheets), choices=sheets)
    if not full:
        raise origin.refuse("NO_ROWS")
    return full[0]


def _open(path: Path, *, data_only: bool) -> Any:
    import openpyxl  # takes long to load, and most studies have no workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions that openpyxl does not keep
        return openpyxl.load_workbook(path, read_only=True, data_only=data_only)


def _rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    sheet.reset_dimensions()  # the stored size is often wrong
    for number, record in enumerate(sheet.iter_rows(values_only=True), 1):
        if any(cell is not None and str(cell).strip() for cell in record):
            yield number, [None if isinstance(c, str) and not c.strip() else c for c in record]


def _formulas(path: Path, name: str, rows: list[int]) -> dict[tuple[int, int], str]:
    """Return the formulas of a sheet by row number and 0-based column; a second reading, only where there are any."""
    with zipfile.ZipFile(path) as archive:
        parts = [m for m in archive.namelist() if m.startswith("xl/worksheets/") and m.endswith(".xml")]
        if not any(b"<f" in archive.read(part) for part in parts):
            return {}
    book = _open(path, data_only=False)
    try:
        wanted = set(rows)
        return {
            (number, place): str(cell)
            for number, record in _rows(book[name])
            if number in wanted
            for place, cell in enumerate(record)
            if isinstance(cell, str) and cell.startswith("=")
        }
    finally:
        book.close()


def _with_formulas(values: list[Any], formulas: dict[int, str], column: str, origin: Origin) -> list[Any]:
    counts: dict[str, int] = defaultdict(int)
    empty = 0
    for n, value in enumerate(values):
        if value is None and (formula := formulas.get(n)):
            values[n] = formula
            empty += 1
        elif isinstance(value, str) and value in _ERRORS:
            counts[value] += 1
    if empty:
        origin.note("FORMULA_NOT_CALCULATED", column=column, params={"count": empty})
    if counts:
        params = {"count": sum(counts.values()), "values": ", ".join(sorted(counts))}
        origin.note("CELL_ERROR", column=column, params=params)
    return values
