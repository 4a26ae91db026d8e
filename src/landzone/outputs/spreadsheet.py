"""Writes grids as an Excel workbook after the habits of an office; the bytes depend on the tables alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter
from numpy.typing import NDArray
from xlsxwriter.utility import xl_rowcol_to_cell

from landzone.catalog import load
from landzone.outputs.block_sheet import BlockSheet, Cells
from landzone.outputs.grid import DASH, Coded, Column, Grid, total
from landzone.outputs.wording import Wording, clean
from landzone.units import IntArray

MOST_TEXT = 32_767
"""Characters that a cell of Excel holds."""

MOST_ROWS = 200_000
"""Rows of one table; the others stand in the GeoPackage, and the sheet says so."""

FIXED = datetime(2000, 1, 1)  # noqa: DTZ001 - a date in a file property has no zone
_OLDEST = date(1900, 3, 1)
_DAY_ZERO = date(1899, 12, 30)
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
Styles = NDArray[np.int16]
_INVALID_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


@dataclass(frozen=True)
class Sheet:
    """One sheet: a title, a line of units and one or more tables below each other."""

    name: str
    title: str
    unit_line: str
    grids: tuple[Grid, ...]


def write_book(path: Path, sheets: Iterable[Sheet], words: Wording, banner: str) -> Path:
    """Write sheets; what Excel cannot hold is removed or cut, and said below the last table.

    Of sheets that come one after the other only one is held at a time.
    """
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    writer = _Writer(book, words, banner)
    for sheet in sheets:
        if not book.worksheets():
            book.set_properties({"created": FIXED, "title": clean(sheet.title), "author": "landzone"})
        writer.sheet(sheet)
        del sheet
    writer.say_cut()
    book.close()
    return path


class _Writer:
    def __init__(self, book: Any, words: Wording, banner: str) -> None:
        self.book, self.words, self.banner = book, words, banner
        self.cut = 0
        self._end: tuple[Any, int, int] = (None, 0, 0)
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

    def sheet(self, sheet: Sheet) -> None:
        name = clean(sheet.name).translate(_INVALID_IN_SHEET_NAMES)[:31]
        page = self.book.add_worksheet(name, worksheet_class=BlockSheet)
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
        page.print_area(0, 0, row, widest)
        self._end = (page, row, widest)

    def say_cut(self) -> None:
        """Say below the last table how many texts were cut."""
        page, row, widest = self._end
        if self.cut:
            page.write_string(row, 0, self.words.say("cut_cells", count=self.cut), self.note)
            page.print_area(0, 0, row + 1, widest)

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
        if count:
            page.write_block(head + 1, self._cells(shown))
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
        if count and any(column.total and column.lacks for column in grid.columns):
            texts.append(self.words.say("partial_total"))
        cleaned = sum(column.cleaned for column in grid.columns)
        if cleaned:
            texts.append(self.words.say("cleaned", count=cleaned))
        if count < grid.rows_all:
            texts.append(self.words.say("cut_rows", shown=f"{count:,}", all=f"{grid.rows_all:,}"))
        return texts

    def _cells(self, grid: Grid) -> list[Cells]:
        """Return the number of each row and the columns of a table as cells."""
        style = self._style("count", "", "center")
        count = len(grid)
        places = np.arange(1, count + 1, dtype=np.int32)
        number = Cells(places, np.full(count, style, np.int16), np.zeros(count, bool))
        return [number, *(self._column(column) for column in grid.columns)]

    def _column(self, column: Column) -> Cells:
        return self._numbers(column) if column.numeric else self._texts(column)

    def _numbers(self, column: Column) -> Cells:
        """Return numbers as cells; a missing one is a dash."""
        numbers = np.asarray(column.data)
        missing = np.isnan(numbers)
        units = column.units or Coded(np.full(len(numbers), -1), ())
        kinds = (
            [_kind_of_unit(unit) for unit in (*units.kinds, "")] if column.kind == "amount" else [column.kind]
        )
        kind = units.codes if column.kind == "amount" else np.zeros(len(numbers), np.int64)
        styles = self._styles(column, kinds, kind, ["right"] * len(kinds))
        if missing.any():
            dashes = self._styles(column, ["missing"], np.zeros(len(numbers), np.int64), ["center"])
            styles = np.where(missing, dashes, styles)
            numbers = np.where(missing, self._known_text(DASH), numbers)
        return Cells(numbers, styles, missing)

    def _texts(self, column: Column) -> Cells:
        """Return texts and dates as cells; a missing one is a dash."""
        assert isinstance(column.data, Coded)
        align = "center" if column.kind in ("date", "flag", "word") else "left"
        dated = [isinstance(value, date) and value >= _OLDEST for value in column.data.kinds]
        values = [
            (value - _DAY_ZERO).days if own else self._known_text(self._text(str(value)))
            for own, value in zip(dated, column.data.kinds, strict=True)
        ]
        forms = ["date" if own else "text" for own in dated]
        codes = column.data.codes
        styles = self._styles(column, [*forms, "missing"], codes, [align] * len(forms) + ["center"])
        dash = self._known_text(DASH) if (codes < 0).any() else 0
        return Cells(
            np.array([*values, dash], dtype=np.int32)[codes],
            styles,
            np.array([*(not own for own in dated), True])[codes],
        )

    def _styles(self, column: Column, kinds: list[str], kind: IntArray, aligns: list[str]) -> Styles:
        """Return the number of the format of each cell, from its kind and its tone; only formats in use are made."""
        tones = [*column.tones.kinds, ""] if column.tones else [""]
        tone = column.tones.codes % len(tones) if column.tones else np.zeros(len(kind), np.int64)
        pair = (kind % len(kinds)) * len(tones) + tone
        known, place = np.unique(pair, return_inverse=True)
        made = [
            self._style(kinds[p // len(tones)], tones[p % len(tones)], aligns[p // len(tones)]) for p in known
        ]
        return np.array(made, dtype=np.int16)[place]

    def _style(self, kind: str, tone: str, align: str) -> int:
        return int(self._format(kind, tone, align)._get_xf_index())

    def _known_text(self, text: str) -> int:
        """Return the number of a text in the book."""
        return int(self.book.str_table._get_shared_string_index(text))

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
        if kept.startswith("<r>") and kept.endswith("</r>"):
            kept += " "  # the library would take it for its own mark-up
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
    first = column.data[slice(500)]
    texts = {str(value) for value in first.told("")} if isinstance(first, Coded) else set()
    longest = max((_letters(text) for text in texts), default=0)
    least = _WIDTHS.get(column.kind, 12)
    return min(max(least, longest + 2, min(_letters(column.title) * 0.6 + 2, 20)), 40)


def _letters(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)
