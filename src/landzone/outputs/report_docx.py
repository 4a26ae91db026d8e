"""``report.docx``: the report as a document to be signed, in the form that offices use (A4, 仿宋, 28 points)."""

from __future__ import annotations

import io
import re
import zipfile
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from landzone.catalog import load
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.report_content import Block, Link, Map, Paragraph, Report, TextTable, build

_FIXED = datetime(2000, 1, 1)  # noqa: DTZ001 - a document property has no zone
_ZIP_TIME = (2000, 1, 1, 0, 0, 0)
_LATIN = "Times New Roman"
_TITLE, _HEADING, _SUBHEADING, _BODY, _TABLE = "方正小标宋简体", "黑体", "楷体", "仿宋", "宋体"
_ZH_LINE = Pt(28)
_TEXT_WIDTH = Mm(210 - 28 - 26)
_WIDE_TABLE = 8
"""Columns from which a table gets smaller letters."""

_OVERHANG = Mm(20)
"""By how much such a table may be wider than the text."""

_LONG_WORD, _LONG_TEXT = 20, 60
"""Letters: a longer word is broken, a longer text gets no more room."""

_LETTER = 0.6
"""Width of a letter in its size; a wide character is two."""

_PADDING = 8.0
_BREAKS = re.compile(r"[\s\u2e80-\uffff]+")


def write(study: Study, result: AuditResult, folder: Path) -> Path:
    """Write ``report.docx`` into a folder and return its path."""
    path = folder / "report.docx"
    path.write_bytes(document(build(study, result)))
    return path


def document(report: Report) -> bytes:
    """Return a report as the bytes of a Word document; equal reports are equal bytes."""
    file = docx.Document()
    _properties(file, report)
    _styles(file, report.lang)
    _page(file, report)
    _line(file, report.title, _TITLE, 22, WD_ALIGN_PARAGRAPH.CENTER, before=24)
    _line(
        file,
        report.subtitle,
        _SUBHEADING,
        15 if report.lang == "zh" else 12,
        WD_ALIGN_PARAGRAPH.CENTER,
        before=10,
        after=16,
    )
    for section in report.sections:
        file.add_heading(section.title, level=1)
        for block in section.blocks:
            _block(file, block, report.lang)
    _signatures(file, report)
    stream = io.BytesIO()
    file.save(stream)
    return _dated(stream.getvalue())


def _dated(data: bytes) -> bytes:
    """Return a zip with fixed times and one order of entries."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, old.read(name))
    return stream.getvalue()


def _properties(file: Any, report: Report) -> None:
    own = file.core_properties
    own.title, own.subject = report.title[:255], report.subtitle[:255]
    own.author = own.last_modified_by = "landzone"
    own.comments = own.keywords = ""
    own.created = own.modified = _FIXED
    own.revision = 1
    own.language = "zh-CN" if report.lang == "zh" else "en-GB"


def _styles(file: Any, lang: str) -> None:
    normal = file.styles["Normal"]
    _font(normal, _BODY, 16 if lang == "zh" else 11)
    form = normal.paragraph_format
    form.space_before = form.space_after = Pt(0 if lang == "zh" else 4)
    if lang == "zh":
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, _ZH_LINE
    heading = file.styles["Heading 1"]
    _font(heading, _HEADING, 16 if lang == "zh" else 14)
    heading.font.bold = lang != "zh"
    heading.font.color.rgb = RGBColor(0, 0, 0)
    heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(14), Pt(6)
    heading.paragraph_format.keep_with_next = True


def _font(style: Any, name: str, size: float) -> None:
    style.font.name, style.font.size = _LATIN, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for kind, font in (("ascii", _LATIN), ("hAnsi", _LATIN), ("eastAsia", name)):
        fonts.set(qn(f"w:{kind}"), font)


def _page(file: Any, report: Report) -> None:
    page = file.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(37), Mm(30)
    page.left_margin, page.right_margin = Mm(28), Mm(26)
    head = page.header.paragraphs[0]
    _compact(head, WD_ALIGN_PARAGRAPH.RIGHT)
    _run(head, report.banner, _HEADING, 10.5).font.color.rgb = RGBColor(0xA6, 0x1E, 0x00)
    foot = page.footer.paragraphs[0]
    _compact(foot, WD_ALIGN_PARAGRAPH.CENTER)
    _run(foot, "— ", _TABLE, 12)
    _field(_run(foot, "", _TABLE, 12), "PAGE")
    _run(foot, " —", _TABLE, 12)


def _field(run: Any, code: str) -> None:
    for kind, text in (("begin", ""), ("", code), ("end", "")):
        part = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            part.set(qn("xml:space"), "preserve")
            part.text = text
        else:
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)


def _run(paragraph: Any, text: str, font: str, size: float) -> Any:
    run = paragraph.add_run(text)
    run.font.name, run.font.size = _LATIN, Pt(size)
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    return run


def _compact(paragraph: Any, align: Any = None, *, keep: bool = False) -> None:
    form = paragraph.paragraph_format
    form.line_spacing_rule = WD_LINE_SPACING.SINGLE
    form.space_before = form.space_after = Pt(1)
    form.first_line_indent = Pt(0)
    form.keep_with_next = keep
    if align is not None:
        paragraph.alignment = align


def _line(
    file: Any, text: str, font: str, size: float, align: Any, before: float = 0, after: float = 0
) -> Any:
    paragraph = file.add_paragraph()
    _compact(paragraph, align)
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(before), Pt(after)
    _run(paragraph, text, font, size)
    return paragraph


def _block(file: Any, block: Block, lang: str) -> None:
    if isinstance(block, Paragraph):
        paragraph = file.add_paragraph(block.text)
        if block.kind == "note":
            for run in paragraph.runs:
                run.font.size = Pt(14 if lang == "zh" else 10)
        if block.kind == "heading":
            for run in paragraph.runs:
                run.font.bold = True
            paragraph.paragraph_format.space_before = Pt(12)
            paragraph.paragraph_format.keep_with_next = True
        if lang == "zh":
            paragraph.paragraph_format.first_line_indent = Pt(28 if block.kind == "note" else 32)
    elif isinstance(block, Link):
        file.add_paragraph(block.text)
    elif isinstance(block, Map):
        paragraph = file.add_paragraph()
        _compact(paragraph, WD_ALIGN_PARAGRAPH.CENTER, keep=True)
        picture = paragraph.add_run().add_picture(io.BytesIO(block.png), width=_TEXT_WIDTH)
        picture._inline.docPr.set("descr", block.caption)
        _line(file, block.caption, _HEADING, 10.5, WD_ALIGN_PARAGRAPH.CENTER, after=8)
    else:
        _table(file, block)


def _table(file: Any, table: TextTable) -> None:
    caption = _line(file, table.caption, _HEADING, 10.5, WD_ALIGN_PARAGRAPH.CENTER, before=8, after=3)
    caption.paragraph_format.keep_with_next = True
    size = 9 if len(table.head) < _WIDE_TABLE else 7.5
    rows = [*table.rows, *([table.totals] if table.totals else [])]
    drawn = file.add_table(rows=1 + len(rows), cols=len(table.head), style="Table Grid")
    drawn.alignment = WD_TABLE_ALIGNMENT.CENTER
    drawn.autofit = False
    _narrow_margins(drawn)
    widths = _widths(table, size)
    for column, width in zip(drawn.columns, widths, strict=True):
        column.width = width
    lines = drawn._tbl.tr_lst
    made: dict[tuple[int, str, str], Any] = {}
    _head(drawn.rows[0])
    _fill(
        lines[0], table.head, widths, size, ("center",) * len(table.head), ("head",) * len(table.head), made
    )
    aligned = tuple("right" if right else "left" for right in table.right)
    aligned = ("center", *aligned[1:])
    for place, row in enumerate(rows, 1):
        tones = table.tones[place - 1] if place <= len(table.rows) else ("total",) * len(row)
        _fill(lines[place], row, widths, size, aligned, tones, made)
    if table.note:
        _line(file, table.note, _SUBHEADING, 9, WD_ALIGN_PARAGRAPH.LEFT, before=2)
    _line(file, "", _TABLE, 6, WD_ALIGN_PARAGRAPH.LEFT)


def _narrow_margins(drawn: Any) -> None:
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        own = OxmlElement(f"w:{side}")
        own.set(qn("w:w"), "55")
        own.set(qn("w:type"), "dxa")
        margins.append(own)
    look = drawn._tbl.tblPr.find(qn("w:tblLook"))
    look.addprevious(margins)


def _head(row: Any) -> None:
    own = row._tr.get_or_add_trPr()
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    own.append(repeated)


def _fill(
    line: Any,
    texts: tuple[str, ...],
    widths: list[Any],
    size: float,
    aligned: tuple[str, ...],
    tones: tuple[str, ...],
    made: dict[tuple[int, str, str], Any],
) -> None:
    """Write one row straight into its cells: a document table looks up a cell slowly.

    ``made`` holds a finished cell of each kind; the others are copies of it with their own text.
    """
    unbroken = OxmlElement("w:cantSplit")
    line.get_or_add_trPr().append(unbroken)
    for cell, text, width, align, tone in zip(line.tc_lst, texts, widths, aligned, tones, strict=True):
        kind = (int(width), align, tone)
        if kind not in made:
            made[kind] = _formatted(cell, width, size, align, tone)
        own = deepcopy(made[kind])
        own.p_lst[0].r_lst[0].text = text
        line.replace(cell, own)


def _formatted(cell: Any, width: Any, size: float, align: str, tone: str) -> Any:
    cell.width = width
    paragraph = docx.text.paragraph.Paragraph(cell.p_lst[0], None)
    _compact(paragraph, getattr(WD_ALIGN_PARAGRAPH, align.upper()))
    run = _run(paragraph, "", _HEADING if tone == "head" else _TABLE, size)
    run.font.bold = tone == "total"
    _shade(cell, run, tone)
    return deepcopy(cell)


def _shade(cell: Any, run: Any, tone: str) -> None:
    tones = load.table("labels/tones.toml")["tones"]
    fill = {"head": "EAF0F5", "total": "F3F5F7"}.get(tone) or tones.get(tone, {}).get("fill", "").lstrip("#")
    if not fill:
        return
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:color"), "auto")
    shade.set(qn("w:fill"), fill.upper())
    cell.get_or_add_tcPr().append(shade)
    if tone in tones:
        run.font.color.rgb = RGBColor.from_string(tones[tone]["ink"].lstrip("#").upper())


def _widths(table: TextTable, size: float) -> list[Any]:
    """Give every column room for its longest word, and share the rest by the length of its texts."""
    rows = [*table.rows, *([table.totals] if table.totals else [])]
    least, wanted = [], []
    for place, title in enumerate(table.head):
        texts = {row[place] for row in rows}
        word = max((_letters(part) for text in texts for part in _words(text)), default=0)
        longest = max((_letters(text) for text in texts), default=0)
        named = max((_letters(part) for part in _words(title)), default=0)
        low = max(min(word, _LONG_WORD), min(named, 10), min(_letters(title), 4), min(longest, 10))
        least.append(low * size * _LETTER + _PADDING)
        wanted.append(
            max(min(longest, _LONG_TEXT), min(_letters(title), 10), low) * size * _LETTER + _PADDING
        )
    room = _TEXT_WIDTH.pt + (_OVERHANG.pt if len(table.head) > _WIDE_TABLE else 0)
    if sum(least) >= room:
        return [Pt(part * room / sum(least)) for part in least]
    more = [want - low for want, low in zip(wanted, least, strict=True)]
    rest = room - sum(least)
    spread = [part / sum(more) for part in more] if sum(more) else [1 / len(more)] * len(more)
    return [Pt(low + rest * part) for low, part in zip(least, spread, strict=True)]


def _words(text: str) -> list[str]:
    """Split a text where a line may break: at blanks and between wide characters."""
    return _BREAKS.split(text)


def _letters(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def _signatures(file: Any, report: Report) -> None:
    if not report.signatures:
        return
    _line(file, "", _BODY, 12, WD_ALIGN_PARAGRAPH.LEFT, before=30)
    block = file.add_table(rows=2, cols=2)
    for place, text in enumerate(report.signatures):
        paragraph = block.cell(place // 2, place % 2).paragraphs[0]
        _compact(paragraph)
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(16)
        _run(paragraph, text, _BODY, 16 if report.lang == "zh" else 12)
