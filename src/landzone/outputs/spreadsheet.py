"""Writes grids as an Excel workbook after the habits of an office; the bytes depend on the tables alone."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count as lines_from
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from landzone.catalog import load
from landzone.outputs.grid import DASH, Column, Grid, total
from landzone.outputs.wording import Wording, clean

MOST_TEXT = 32_767
"""Characters that a cell of Excel holds."""

MOST_ROWS = 200_000
"""Rows of one table; the others stand in the GeoPackage, and the sheet says so."""

FIXED = datetime(2000, 1, 1)  # noqa: DTZ001 - a date in a file property has no zone
_OLDEST = date(1900, 3, 1)
_A4 = 9
_FORMATS = {
    "m2": "#,##0.00",
    "ha": "#,##0.0000",
    "mu": "#,##0.00",
    "ratio": "0.00%",
    "far": "0.000",
    "money": "#,##0.00",
    "rate": "#,##0.00",
    "number": "#,##0.00##",
    "count": "#,##0",
    "width": "0.000",
    "place": "0.000",
    "date": "yyyy-mm-dd",
}
_WIDTHS = {"id": 16, "date": 12, "count": 10, "flag": 8, "ratio": 12, "far": 10, "ha": 14, "mu": 14, "m2": 16}
_HEAD = "#dfe7ee"
_NUMBER_WIDTH = 6
_INVALID_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


@dataclass(frozen=True)
class Sheet:
    """One sheet: a title, a line of units and one or more tables below each other."""

    name: str
    title: str
    unit_line: str
    grids: tuple[Grid, ...]


def write_book(path: Path, sheets: Sequence[Sheet], words: Wording, banner: str) -> Path:
    """Write sheets; what Excel cannot hold is removed or cut, and said below the last table."""
    with _no_collections():
        return _write_book(path, sheets, words, banner)


@contextmanager
def _no_collections() -> Iterator[None]:
    """Pause the search for cycles: a book is millions of cells without any, and looking for them costs a third."""
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()


def _write_book(path: Path, sheets: Sequence[Sheet], words: Wording, banner: str) -> Path:
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": FIXED, "title": clean(sheets[0].title), "author": "landzone"})
    writer = _Writer(book, words, banner)
    for place, sheet in enumerate(sheets):
        writer.sheet(sheet, last=place == len(sheets) - 1)
    book.close()
    return path


class _Writer:
    def __init__(self, book: Any, words: Wording, banner: str) -> None:
        self.book, self.words, self.banner = book, words, banner
        self.cut = 0
        self._known: dict[str, str] = {}
        self._formats: dict[tuple[str, str, str], Any] = {}
        font = {
            "font_name": "宋体" if words.lang == "zh" else "Calibri",
            "font_size": 10,
            "valign": "vcenter",
        }
        heavy = {**font, "font_name": "黑体" if words.lang == "zh" else "Calibri", "bold": words.lang == "en"}
        self.font = font
        self.title = book.add_format({**heavy, "font_size": 16, "align": "center"})
        self.units = book.add_format({**font, "align": "right", "font_color": "#444444"})
        self.subtitle = book.add_format({**heavy, "font_size": 12})
        self.note = book.add_format({**font, "font_color": "#444444", "text_wrap": False})
        self.head = book.add_format(
            {**heavy, "bg_color": _HEAD, "border": 1, "align": "center", "text_wrap": True}
        )

    def sheet(self, sheet: Sheet, *, last: bool) -> None:
        page = self.book.add_worksheet(clean(sheet.name).translate(_INVALID_IN_SHEET_NAMES)[:31])
        widest = max(len(grid.columns) for grid in sheet.grids)
        self._top(page, sheet, widest)
        page.set_column(0, 0, _NUMBER_WIDTH)
        for place in range(widest):
            own = [_width(g.columns[place]) for g in sheet.grids if place < len(g.columns)]
            page.set_column(place + 1, place + 1, max(own))
        alone = len(sheet.grids) == 1
        row = 2
        for grid in sheet.grids:
            row = self._grid(page, grid, row, alone=alone, filtered=grid is sheet.grids[-1])
        if last and self.cut:
            page.write_string(row, 0, self.words.say("cut_cells", count=self.cut), self.note)
            row += 1
        page.print_area(0, 0, row, widest)

    def _top(self, page: Any, sheet: Sheet, widest: int) -> None:
        page.merge_range(0, 0, 0, min(widest, 11), "", self.title)
        page.write_string(0, 0, self._text(sheet.title), self.title)
        page.merge_range(1, 0, 1, min(widest, 11), "", self.units)
        page.write_string(1, 0, self._text(sheet.unit_line), self.units)
        page.set_row(0, 30)
        page.set_row(1, 18)
        page.set_landscape()
        page.set_paper(_A4)
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.6)
        page.set_header(f"&R&9{self.banner.replace('&', '&&')}")
        page.set_footer("&C&9&P / &N")

    def _grid(self, page: Any, grid: Grid, row: int, *, alone: bool, filtered: bool) -> int:
        if not alone:
            page.write_string(row, 0, self._text(grid.title), self.subtitle)
            page.set_row(row, 22)
            row += 1
        head = row
        page.write_string(head, 0, self.words.say("number"), self.head)
        for place, column in enumerate(grid.columns, 1):
            page.write_string(head, place, self._text(column.title), self.head)
        page.set_row(head, 32)
        if alone:
            page.freeze_panes(head + 1, 2)
            page.repeat_rows(0, head)
        shown = grid.head(MOST_ROWS)
        count = len(shown)
        numbers = self._format("count", "", "center")
        for place in range(count):
            page.write_number(head + 1 + place, 0, place + 1, numbers)
        for place, column in enumerate(shown.columns, 1):
            self._column(page, column, head + 1, place)
        if filtered and count:
            page.autofilter(head, 0, head + count, len(grid.columns))
        row = head + 1 + count
        if count and any(column.total for column in shown.columns):
            self._totals(page, shown, head + 1, row)
            row += 1
        for text in self._notes(grid, count):
            page.write_string(row, 0, self._text(text), self.note)
            row += 1
        return row + 1

    def _notes(self, grid: Grid, count: int) -> list[str]:
        texts = [grid.note] if grid.note else []
        if not count:
            texts.append(self.words.say("none"))
        if any(c.total and None in c.values for c in grid.columns) and count:
            texts.append(self.words.say("partial_total"))
        cleaned = sum(column.cleaned for column in grid.columns)
        if cleaned:
            texts.append(self.words.say("cleaned", count=cleaned))
        if count < grid.rows_all:
            texts.append(self.words.say("cut_rows", shown=f"{count:,}", all=f"{grid.rows_all:,}"))
        return texts

    def _column(self, page: Any, column: Column, row: int, place: int) -> None:
        align = "right" if column.numeric else "center" if column.kind in ("date", "flag", "word") else "left"
        tones = column.tones or ("",) * len(column.values)
        units = column.units or ("",) * len(column.values)
        amount, numeric, form = column.kind == "amount", column.numeric, self._format
        string, number = page.write_string, page.write_number
        for line, value, tone, unit in zip(lines_from(row), column.values, tones, units, strict=False):
            if value is None:
                string(line, place, DASH, form("missing", tone, "center"))
            elif numeric:
                kind = _kind_of_unit(unit) if amount else column.kind
                number(line, place, value, form(kind, tone, align))
            elif isinstance(value, date) and value >= _OLDEST:
                page.write_datetime(line, place, value, form("date", tone, align))
            else:
                text = value.isoformat() if isinstance(value, date) else value
                string(line, place, self._text(text), form("text", tone, align))

    def _totals(self, page: Any, grid: Grid, first: int, row: int) -> None:
        page.write_string(row, 0, self.words.say("total"), self._format("text", "total", "center"))
        for place, column in enumerate(grid.columns, 1):
            added = total(column) if column.total else None
            if added is None:
                page.write_blank(row, place, None, self._format("text", "total", "left"))
                continue
            span = f"{xl_rowcol_to_cell(first, place)}:{xl_rowcol_to_cell(row - 1, place)}"
            page.write_formula(
                row, place, f"=SUM({span})", self._format(column.kind, "total", "right"), added
            )

    def _text(self, text: str) -> str:
        """Return what a cell can hold of a text; the same text is cleaned once."""
        found = self._known.get(text)
        if found is None:
            found = self._fitted(text)
            if len(found) <= MOST_TEXT // 2:
                self._known[text] = found
        return found

    def _fitted(self, text: str) -> str:
        kept = clean(text)
        if len(kept.encode("utf-16-le")) // 2 <= MOST_TEXT:
            return kept
        self.cut += 1
        mark = self.words.say("cut_text")
        room = (MOST_TEXT - len(mark)) * 2
        return kept.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + mark

    def _format(self, kind: str, tone: str, align: str) -> Any:
        key = (kind, tone, align)
        if key not in self._formats:
            tones = load.table("labels/tones.toml")["tones"]
            own: dict[str, Any] = {**self.font, "border": 1, "border_color": "#b8c0c8", "align": align}
            if kind in _FORMATS:
                own["num_format"] = _FORMATS[kind]
            elif kind == "text":
                own |= {"num_format": "@", "text_wrap": True}
            if kind == "missing":
                own["font_color"] = "#868e96"
            if tone in tones:
                own |= {"bg_color": tones[tone]["fill"], "font_color": tones[tone]["ink"]}
            if tone == "total":
                own |= {"bold": True, "top": 2, "bg_color": "#f3f5f7"}
            self._formats[key] = self.book.add_format(own)
        return self._formats[key]


def _kind_of_unit(unit: str) -> str:
    return unit if unit in ("ratio", "far", "m2", "count") else "number"


def _width(column: Column) -> float:
    """Return a column width that holds the longest of the first cells; wide characters count twice."""
    if column.width:
        return column.width
    texts = [str(v) for v in column.values[:500] if v is not None and not column.numeric]
    longest = max((_letters(text) for text in texts), default=0)
    least = _WIDTHS.get(column.kind, 12)
    return min(max(least, longest + 2, min(_letters(column.title) * 0.6 + 2, 20)), 40)


def _letters(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)
