"""The report as data: sections with paragraphs, tables and maps. Page and document write the same content."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs import report_parts
from landzone.outputs.figures import Picture, draw
from landzone.outputs.grid import DASH, Column, Grid, shown, total, written
from landzone.outputs.result_grids import ResultGrids
from landzone.outputs.sheet_fonts import cjk_font
from landzone.outputs.wording import Wording, clean

MOST_ROWS = 100
"""Rows of a table in the report; the workbook has all of them."""


@dataclass(frozen=True)
class Paragraph:
    """Plain text; ``kind`` is ``body``, ``note``, ``heading``, or ``end`` for the lines of a seal on the right."""

    text: str
    kind: str = "body"


@dataclass(frozen=True)
class TextTable:
    """A table of texts; ``right`` says which columns are numbers, ``tones`` the tone of each cell."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]
    tones: tuple[tuple[str, ...], ...]
    totals: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Map:
    """A picture with its caption; ``svg`` is the same drawing for pages, ``kind`` the type of the bytes."""

    caption: str
    png: bytes
    svg: str = ""
    kind: str = "png"


@dataclass(frozen=True)
class Link:
    """A line that leads to a file beside the report."""

    text: str
    file: str


Block = Paragraph | TextTable | Map | Link


@dataclass(frozen=True)
class Section:
    """A numbered part of the report."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """A whole report; ``signatures`` are the lines that a person fills."""

    lang: str
    title: str
    subtitle: str
    banner: str
    sections: tuple[Section, ...]
    signatures: tuple[str, ...] = ()


_latest: dict[str, tuple[weakref.ref[Study], weakref.ref[AuditResult], Report]] = {}
"""The report that was built last: page and document are written one after the other from the same."""


def build(study: Study, result: AuditResult) -> Report:
    """Return the report of an audit.

    Parameters
    ----------
    study : Study
    result : AuditResult
        Its ``lang`` is the language of the report.
    """
    known = _latest.get("report")
    if known is not None and known[0]() is study and known[1]() is result:
        return known[2]
    report = _build(study, result)
    _latest["report"] = (weakref.ref(study), weakref.ref(result), report)
    return report


def _build(study: Study, result: AuditResult) -> Report:
    grids = ResultGrids(study, result)
    words = grids.words
    pictures = {picture.key: picture for picture in draw(study, result)}
    no_font = cjk_font() is None
    writer = Composer(words)
    sections = [
        writer.section(key, blocks, pictures, no_font) for key, blocks in report_parts.parts(grids).items()
    ]
    subtitle = words.say("subtitle", name=clean(study.settings.name), as_of=result.as_of.isoformat())
    signatures = tuple(words.say(f"sign_{name}") for name in ("made", "checked", "date", "seal"))
    return Report(result.lang, words.say("title"), subtitle, words.banner, tuple(sections), signatures)


class Composer:
    """Turns sentences, grids and names of maps into numbered blocks."""

    def __init__(self, words: Wording) -> None:
        self.words = words
        self.tables = 0
        self.maps = 0

    def section(
        self, key: str, parts: Sequence[report_parts.Part], pictures: dict[str, Picture], no_font: bool
    ) -> Section:
        """Return a section from its parts; a picture of an unknown key is left out."""
        blocks: list[Block] = []
        for part in parts:
            if isinstance(part, Grid):
                blocks.append(self.table(part))
            elif part.kind != "map":
                blocks.append(Paragraph(clean(part.text), part.kind))
            elif part.text in pictures:
                blocks.append(self.map(pictures[part.text]))
                if no_font:
                    blocks.append(Paragraph(self.words.say("fig_no_font"), "note"))
        return Section(self.words.say(f"h_{key}"), tuple(blocks))

    def table(self, grid: Grid, most: int = MOST_ROWS) -> TextTable:
        """Return a grid as texts; a long one is cut and says so."""
        self.tables += 1
        caption = self.words.say("table_caption", number=self.tables, title=grid.title)
        short = numbered(grid.head(most), self.words)
        notes = [grid.note] if grid.note else []
        if not len(grid):
            notes.append(self.words.say("none"))
        elif len(grid) > most:
            sheet = (
                self.words.say("sheet_problems") if not grid.sheet else self.words.say(f"sheet_{grid.sheet}")
            )
            notes.append(self.words.say("more_rows", shown=most, all=f"{len(grid):,}", sheet=sheet))
        return replace(
            _texts(short, self.words), caption=caption, totals=self.totals(grid), note=" ".join(notes)
        )

    def totals(self, grid: Grid) -> tuple[str, ...]:
        """Return the line of sums, nothing where no column is summed."""
        if len(grid) < 2 or not any(column.total for column in grid.columns):
            return ()
        cells = [self.words.say("total")]
        for column in grid.columns:
            added = total(column) if column.total else None
            cells.append("" if not column.total else DASH if added is None else written(added, column.kind))
        return tuple(cells)

    def map(self, picture: Picture) -> Map:
        """Return a picture under its number."""
        self.maps += 1
        return Map(self.words.say("fig_caption", number=self.maps, title=picture.title), picture.png)


def numbered(grid: Grid, words: Wording) -> Grid:
    """Return a grid with the number of each row in front."""
    places = Column("number", words.title("number"), "count", np.arange(1.0, len(grid) + 1))
    return replace(grid, columns=(places, *grid.columns))


def _texts(grid: Grid, words: Wording) -> TextTable:
    texts = [shown(column, words) for column in grid.columns]
    tones = [column.tones.told("") if column.tones else [""] * len(grid) for column in grid.columns]
    return TextTable(
        caption=grid.title,
        head=tuple(column.title for column in grid.columns),
        rows=tuple(zip(*texts, strict=True)),
        right=tuple(column.numeric and column.key != "number" for column in grid.columns),
        tones=tuple(zip(*tones, strict=True)),
    )
