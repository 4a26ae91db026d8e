"""Paragraphs, tables and pictures of a Word document, written as WordprocessingML."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from xml.sax.saxutils import escape, quoteattr

from PIL import Image

from landzone.catalog import load
from landzone.outputs.docx_form import HEADING, LATIN, LEFT_MM, PAGE_MM, RIGHT_MM, SUBHEADING, TABLE
from landzone.outputs.report_content import TextTable

_TWIPS, _EMU_PER_MM = 20, 36_000
_POINTS_PER_MM = 72 / 25.4
_TEXT_MM = PAGE_MM[0] - LEFT_MM - RIGHT_MM
_PICTURE_MM = (_TEXT_MM, 200)
"""The greatest width and height of a picture."""

_WIDE_TABLE = 8
"""Columns from which a table gets smaller letters."""

_OVERHANG_MM = 20
"""By how much such a table may be wider than the text."""

_LONG_WORD, _LONG_TEXT = 20, 200
"""Letters: a longer word is broken, a longer text gets no more room."""

_LETTER, _CAPITAL = 0.52, 1.35
"""Width of a letter or digit of Times New Roman in its size; a capital is wider, a wide character is two letters."""

_HEAD_LINES = 3
"""Lines that the title of a column may take where its language breaks it anywhere."""

_PADDING = 8.0
_BREAKS = re.compile(r"[\s\u2e80-\uffff]+")


@dataclass(frozen=True)
class Look:
    """How a paragraph looks; what is 0 or empty is left to its style. Sizes in points."""

    font: str = ""
    size: float = 0
    align: str = ""
    before: float | None = None
    after: float | None = None
    indent: float = 0
    bold: bool = False
    ink: str = ""
    keep: bool = False
    style: str = ""
    single: bool = False
    line: float = 0

    def paragraph(self) -> str:
        """Return the properties of the paragraph, in the order of the schema."""
        spacing = ""
        for name, value in (("before", self.before), ("after", self.after)):
            spacing += f' w:{name}="{round(value * _TWIPS)}"' if value is not None else ""
        spacing += ' w:line="240" w:lineRule="auto"' if self.single else ""
        spacing += f' w:line="{round(self.line * _TWIPS)}" w:lineRule="exact"' if self.line else ""
        parts = (
            f'<w:pStyle w:val="{self.style}"/>' if self.style else "",
            "<w:keepNext/>" if self.keep else "",
            f"<w:spacing{spacing}/>" if spacing else "",
            f'<w:ind w:firstLine="{round(self.indent * _TWIPS)}"/>' if self.indent else "",
            f'<w:jc w:val="{self.align}"/>' if self.align else "",
        )
        return f"<w:pPr>{''.join(parts)}</w:pPr>" if any(parts) else ""

    def run(self) -> str:
        """Return the properties of its text, in the order of the schema."""
        fonts = f'<w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia="{self.font}"/>'
        parts = (
            fonts if self.font else "",
            "<w:b/>" if self.bold else "",
            f'<w:color w:val="{self.ink}"/>' if self.ink else "",
            f'<w:sz w:val="{round(self.size * 2)}"/>' if self.size else "",
        )
        return f"<w:rPr>{''.join(parts)}</w:rPr>" if any(parts) else ""


@cache
def _around(look: Look) -> tuple[str, str]:
    """Return what stands before and after the text of a paragraph."""
    return f"<w:p>{look.paragraph()}<w:r>{look.run()}", "</w:r></w:p>"


def _text(text: str) -> str:
    r"""Return a text as the content of a run.

    >>> _text("a < b\nc")
    '<w:t xml:space="preserve">a &lt; b</w:t><w:br/><w:t xml:space="preserve">c</w:t>'
    """
    parts = (
        "<w:tab/>".join(
            f'<w:t xml:space="preserve">{escape(part)}</w:t>' if part else "" for part in line.split("\t")
        )
        for line in text.split("\n")
    )
    return "<w:br/>".join(parts)


def paragraph(text: str, look: Look) -> str:
    """Return a paragraph."""
    before, after = _around(look)
    return f"{before}{_text(text)}{after}"


def line(
    text: str,
    font: str,
    size: float,
    align: str = "center",
    before: float = 0,
    after: float = 0,
    *,
    keep: bool = False,
) -> str:
    """Return a paragraph of single spacing."""
    return paragraph(text, Look(font, size, align, before, after, keep=keep, single=True))


def picture(number: int, caption: str, data: bytes) -> str:
    """Return the picture that a document relates as ``picture{number}``, as wide as the text or 20 cm high."""
    with Image.open(io.BytesIO(data)) as image:
        wide, high = image.size
    scale = min(_PICTURE_MM[0] / wide, _PICTURE_MM[1] / high) * _EMU_PER_MM
    size = f'cx="{round(wide * scale)}" cy="{round(high * scale)}"'
    main = "http://schemas.openxmlformats.org/drawingml/2006"
    related = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    own = f'id="{number}" name="Picture {number}" descr={quoteattr(caption)}'
    drawn = (
        f'<w:drawing><wp:inline xmlns:wp="{main}/wordprocessingDrawing"><wp:extent {size}/><wp:docPr {own}/>'
        f'<a:graphic xmlns:a="{main}/main"><a:graphicData uri="{main}/picture"><pic:pic xmlns:pic="{main}/picture">'
        f"<pic:nvPicPr><pic:cNvPr {own}/><pic:cNvPicPr/></pic:nvPicPr>"
        f'<pic:blipFill><a:blip xmlns:r="{related}" r:embed="picture{number}"/><a:stretch><a:fillRect/></a:stretch>'
        f'</pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
        f"</wp:inline></w:drawing>"
    )
    look = Look(align="center", before=1, after=1, keep=True, single=True)
    before, after = _around(look)
    return f"{before}{drawn}{after}"


def table(own: TextTable) -> str:
    """Return a table with its caption and note."""
    size = 9 if len(own.head) < _WIDE_TABLE else 7.5
    widths = [round(width * _TWIPS) for width in column_widths(own, size)]
    rows = [*own.rows, *([own.totals] if own.totals else [])]
    tones = [*own.tones, *([("total",) * len(own.totals)] if own.totals else [])]
    aligned = ["right" if right else "left" for right in own.right]
    if all(row[0].isdigit() for row in own.rows):
        aligned[0] = "center"
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    parts = [
        line(own.caption, HEADING, 10.5, before=8, after=3, keep=True),
        '<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="0" w:type="auto"/><w:jc w:val="center"/>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="55" w:type="dxa"/><w:right w:w="55" w:type="dxa"/>'
        f'</w:tblCellMar><w:tblLook w:val="04A0"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>',
        _row(own.head, widths, size, ["center"] * len(own.head), ["head"] * len(own.head)),
        *(_row(row, widths, size, aligned, tone) for row, tone in zip(rows, tones, strict=True)),
        "</w:tbl>",
    ]
    if own.note:
        parts.append(line(own.note, SUBHEADING, 9, "left", before=2))
    return "".join([*parts, line("", TABLE, 6, "left")])


def _row(
    texts: Sequence[str], widths: Sequence[int], size: float, aligned: Sequence[str], tones: Sequence[str]
) -> str:
    cells = []
    for text, width, align, tone in zip(texts, widths, aligned, tones, strict=True):
        before, after = _cell(width, size, align, tone)
        cells.append(f"{before}{_text(text)}{after}")
    head = "<w:tblHeader/>" if tones and tones[0] == "head" else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{''.join(cells)}</w:tr>"


@cache
def _cell(width: int, size: float, align: str, tone: str) -> tuple[str, str]:
    """Return what stands before and after the text of a cell."""
    tones = load.table("labels/tones.toml")["tones"]
    fill = {"head": "EAF0F5", "total": "F3F5F7"}.get(tone) or tones.get(tone, {}).get("fill", "").lstrip("#")
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill.upper()}"/>' if fill else ""
    ink = tones[tone]["ink"].lstrip("#").upper() if tone in tones else ""
    font = HEADING if tone == "head" else TABLE
    look = Look(font, size, align, 1, 1, bold=tone == "total", ink=ink, keep=tone == "head", single=True)
    before, after = _around(look)
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>{before}', f"{after}</w:tc>"


def columns_without_lines(texts: Sequence[str], look: Look) -> str:
    """Return texts two in a row, without lines around them, and a paragraph of no height behind."""
    width = round(_TEXT_MM * _POINTS_PER_MM * _TWIPS / 2)
    rows = []
    for place in range(0, len(texts), 2):
        pair = [*texts[place : place + 2], ""][:2]
        cells = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{paragraph(text, look)}</w:tc>'
            for text in pair
        )
        rows.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>")
    grid = f'<w:tblGrid><w:gridCol w:w="{width}"/><w:gridCol w:w="{width}"/></w:tblGrid>'
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/><w:tblLayout w:type="fixed"/></w:tblPr>{grid}'
        f"{''.join(rows)}</w:tbl>{paragraph('', Look(size=1, before=0, after=0, line=1))}"
    )


def column_widths(own: TextTable, size: float) -> list[float]:
    """Give every column room for its longest word, and share the rest by the length of its texts; in points."""
    rows = [*own.rows, *([own.totals] if own.totals else [])]
    least, wanted = [], []
    for place, title in enumerate(own.head):
        texts = {row[place] for row in rows}
        word = max((_letters(part) for text in texts for part in _words(text)), default=0)
        longest = max((_letters(text) for text in texts), default=0)
        named = max(*(_letters(part) for part in _words(title)), _letters(title) / _HEAD_LINES)
        low = max(min(word, _LONG_WORD), min(named, 10), min(_letters(title), 4), min(longest, 10))
        least.append(low * size * _LETTER + _PADDING)
        wanted.append(
            max(min(longest, _LONG_TEXT), min(_letters(title), 10), low) * size * _LETTER + _PADDING
        )
    room = (_TEXT_MM + (_OVERHANG_MM if len(own.head) > _WIDE_TABLE else 0)) * _POINTS_PER_MM
    if sum(least) >= room:
        return [part * room / sum(least) for part in least]
    more = [want - low for want, low in zip(wanted, least, strict=True)]
    rest = room - sum(least)
    spread = [part / sum(more) for part in more] if sum(more) else [1 / len(more)] * len(more)
    return [low + rest * part for low, part in zip(least, spread, strict=True)]


def _words(text: str) -> list[str]:
    """Split a text where a line may break: at blanks and between wide characters."""
    return _BREAKS.split(text)


def _letters(text: str) -> float:
    return sum(2.0 if letter > "\u2e7f" else _CAPITAL if letter.isupper() else 1.0 for letter in text)
