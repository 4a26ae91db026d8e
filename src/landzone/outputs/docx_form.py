"""The empty Word document of a language: python-docx makes it once, and each document is a copy with its own body."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

LATIN = "Times New Roman"
TITLE, HEADING, SUBHEADING, BODY, TABLE = "方正小标宋简体", "黑体", "楷体", "仿宋", "宋体"
PAGE_MM, LEFT_MM, RIGHT_MM, TOP_MM, BOTTOM_MM = (210, 297), 28, 26, 37, 30
PICTURE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"

_FIXED = datetime(2000, 1, 1)  # noqa: DTZ001 - a document property has no zone
_ZIP_TIME = (2000, 1, 1, 0, 0, 0)
_ZH_LINE = Pt(28)
_BANNER, _NAME, _SUBJECT = "landzone-banner", "landzone-title", "landzone-subject"
"""Words of the form that each document replaces by its own."""

_WORDS = re.compile(f"{_BANNER}|{_NAME}|{_SUBJECT}")

_LEFT_OUT = ("/thumbnail", "/stylesWithEffects", "/customXml")
"""Endings of relations of python-docx's template that no document needs."""

_TABLE_STYLES = {"TableNormal", "TableGrid"}


@dataclass(frozen=True)
class Form:
    """The parts of an empty document by name, and where its body begins and ends."""

    parts: dict[str, bytes]
    before: str
    after: str

    def filled(
        self, body: str, banner: str, title: str, subject: str, pictures: Sequence[tuple[str, bytes]]
    ) -> bytes:
        """Return a document; equal arguments are equal bytes.

        Parameters
        ----------
        body : str
            Paragraphs and tables as WordprocessingML.
        banner, title, subject : str
            The line at the head of every page, and two properties.
        pictures : sequence of (ending, bytes)
            ``png`` or ``jpeg``; the first is related as ``picture1``.
        """
        related = "".join(
            f'<Relationship Id="picture{number}" Type="{PICTURE}" Target="media/image{number}.{ending}"/>'
            for number, (ending, _) in enumerate(pictures, 1)
        )
        rels = "word/_rels/document.xml.rels"
        own = {
            "word/document.xml": f"{self.before}{body}{self.after}",
            rels: self.parts[rels].decode().replace("</Relationships>", f"{related}</Relationships>"),
        }
        words = {_BANNER: banner, _NAME: title[:255], _SUBJECT: subject[:255]}
        for name in self.parts:
            if name.startswith(("word/header", "docProps/core")):
                told = _WORDS.sub(lambda found: escape(words[found[0]]), self.parts[name].decode())
                own[name] = told
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as file:
            for name, data in self.parts.items():
                file.writestr(_entry(name, zipfile.ZIP_DEFLATED), own.get(name, data))
            for number, (ending, data) in enumerate(pictures, 1):
                file.writestr(_entry(f"word/media/image{number}.{ending}", zipfile.ZIP_STORED), data)
        return stream.getvalue()


def _entry(name: str, compression: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _ZIP_TIME)
    entry.compress_type = compression
    entry.external_attr = 0o600 << 16
    return entry


@cache
def form(lang: str) -> Form:
    """Return the form of a language, in the form that offices use (A4, 仿宋, 28 points)."""
    file = docx.Document()
    _slim(file)
    _properties(file, lang)
    _styles(file, lang)
    _page(file)
    stream = io.BytesIO()
    file.save(stream)
    with zipfile.ZipFile(stream) as saved:
        parts = {name: saved.read(name) for name in saved.namelist()}
    types = "".join(f'<Default Extension="{end}" ContentType="image/{end}"/>' for end in ("png", "jpeg"))
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"<Override", f"{types}<Override".encode(), 1
    )
    text = parts["word/document.xml"].decode()
    place = text.index("<w:sectPr")
    return Form(parts, text[:place], text[place:])


def _slim(file: Any) -> None:
    """Leave out what the template has for every taste: 440 kB of table styles, twice, and a picture of itself."""
    for rels in (file.part.package.rels, file.part.rels):
        for name in [name for name, rel in rels.items() if rel.reltype.endswith(_LEFT_OUT)]:
            del rels[name]
    styles = file.styles.element
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:type")) == "table" and style.get(qn("w:styleId")) not in _TABLE_STYLES:
            styles.remove(style)


def _properties(file: Any, lang: str) -> None:
    own = file.core_properties
    own.title, own.subject = _NAME, _SUBJECT
    own.author = own.last_modified_by = "landzone"
    own.comments = own.keywords = ""
    own.created = own.modified = _FIXED
    own.revision = 1
    own.language = "zh-CN" if lang == "zh" else "en-GB"


def _styles(file: Any, lang: str) -> None:
    normal = file.styles["Normal"]
    _font(normal, BODY, 16 if lang == "zh" else 11)
    spaced = normal.paragraph_format
    spaced.space_before = spaced.space_after = Pt(0 if lang == "zh" else 4)
    if lang == "zh":
        spaced.line_spacing_rule, spaced.line_spacing = WD_LINE_SPACING.EXACTLY, _ZH_LINE
    heading = file.styles["Heading 1"]
    _font(heading, HEADING, 16 if lang == "zh" else 14)
    heading.font.bold = lang != "zh"
    heading.font.color.rgb = RGBColor(0, 0, 0)
    heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(14), Pt(6)
    heading.paragraph_format.keep_with_next = True


def _font(style: Any, name: str, size: float) -> None:
    style.font.name, style.font.size = LATIN, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for kind, font in (("ascii", LATIN), ("hAnsi", LATIN), ("eastAsia", name)):
        fonts.set(qn(f"w:{kind}"), font)


def _page(file: Any) -> None:
    page = file.sections[0]
    page.page_width, page.page_height = (Mm(side) for side in PAGE_MM)
    page.top_margin, page.bottom_margin = Mm(TOP_MM), Mm(BOTTOM_MM)
    page.left_margin, page.right_margin = Mm(LEFT_MM), Mm(RIGHT_MM)
    head = page.header.paragraphs[0]
    _compact(head, WD_ALIGN_PARAGRAPH.RIGHT)
    _run(head, _BANNER, HEADING, 10.5).font.color.rgb = RGBColor(0xA6, 0x1E, 0x00)
    foot = page.footer.paragraphs[0]
    _compact(foot, WD_ALIGN_PARAGRAPH.CENTER)
    _run(foot, "— ", TABLE, 12)
    _field(_run(foot, "", TABLE, 12), "PAGE")
    _run(foot, " —", TABLE, 12)


def _compact(paragraph: Any, align: Any) -> None:
    spaced = paragraph.paragraph_format
    spaced.line_spacing_rule = WD_LINE_SPACING.SINGLE
    spaced.space_before = spaced.space_after = Pt(1)
    paragraph.alignment = align


def _run(paragraph: Any, text: str, font: str, size: float) -> Any:
    run = paragraph.add_run(text)
    run.font.name, run.font.size = LATIN, Pt(size)
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    return run


def _field(run: Any, code: str) -> None:
    for kind, text in (("begin", ""), ("", code), ("end", "")):
        part = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            part.set(qn("xml:space"), "preserve")
            part.text = text
        else:
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)
