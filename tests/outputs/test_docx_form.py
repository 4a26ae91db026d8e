"""Word documents: a form that python-docx makes once, filled with a body for each report."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import docx
import pytest
from PIL import Image

from landzone.outputs import docx_body, docx_form, report_docx
from landzone.outputs.report_content import Map, Paragraph, Report, Section, TextTable

SIGNS = ("made", "checked", "date")


def picture(wide: int, high: int, form: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (wide, high), "#7a9a5a").save(stream, form)
    return stream.getvalue()


def report(lang: str = "en", text: str = "a < b & c", banner: str = "Internal") -> Report:
    table = TextTable(
        "Table", ("No.", "A"), (("1", text), ("2", "x\ty\nz")), (False, True), (("", "fail"),) * 2
    )
    blocks = (
        Paragraph(text), Paragraph("n", "note"), Paragraph("h", "heading"), table,
        Map("wide", picture(400, 100)), Map("tall", picture(300, 900, "JPEG"), kind="jpeg"),
    )  # fmt: skip
    return Report(lang, f"Title {text}", "Subtitle", banner, (Section("One", blocks),), SIGNS)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_document_says_every_text_and_shows_every_picture(lang: str) -> None:
    file = docx.Document(io.BytesIO(report_docx.document(report(lang))))
    texts = [p.text for p in file.paragraphs]
    for text in ("Title a < b & c", "Subtitle", "One", "a < b & c", "n", "h", "Table", "wide", "tall"):
        assert text in texts
    assert [c.text for c in file.tables[0].rows[1].cells] == ["1", "a < b & c"]
    assert file.tables[0].rows[2].cells[1].text == "x\ty\nz"
    assert [c.text for row in file.tables[1].rows for c in row.cells] == ["made", "checked", "date", ""]
    assert file.sections[0].header.paragraphs[0].text == "Internal"
    assert file.core_properties.title == "Title a < b & c"
    assert file.paragraphs[2].style.name == "Heading 1"


def test_pictures_keep_their_shape_and_fit_the_page() -> None:
    wide, tall = docx.Document(io.BytesIO(report_docx.document(report()))).inline_shapes
    assert (wide.width.mm, wide.height.mm) == pytest.approx((156, 39), abs=0.1)
    assert (tall.width.mm, tall.height.mm) == pytest.approx((200 / 3, 200), abs=0.1)


def test_words_of_the_form_in_a_text_stay_words() -> None:
    data = report_docx.document(report(text="landzone-subject", banner="landzone-title & landzone-banner"))
    file = docx.Document(io.BytesIO(data))
    assert file.sections[0].header.paragraphs[0].text == "landzone-title & landzone-banner"
    assert file.core_properties.title == "Title landzone-subject"


def test_a_document_holds_no_part_that_nothing_relates_and_no_style_gallery() -> None:
    with zipfile.ZipFile(io.BytesIO(report_docx.document(report()))) as file:
        names = set(file.namelist())
        assert len(names) == len(file.namelist())
        for name in names:
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(file.read(name))
        related = ElementTree.fromstring(file.read("word/_rels/document.xml.rels"))
        assert {f"word/{one.get('Target')}" for one in related} <= names
    assert not [name for name in names if "thumbnail" in name or "Effects" in name or "customXml" in name]
    assert {"word/media/image1.png", "word/media/image2.jpeg"} <= names
    assert sum(map(len, docx_form.form("zh").parts.values())) < 150_000


def test_the_document_ends_with_a_paragraph_of_no_height() -> None:
    last = docx.Document(io.BytesIO(report_docx.document(report()))).paragraphs[-1]
    assert last.text == ""
    assert last.paragraph_format.line_spacing.pt == 1


def test_a_first_column_that_counts_is_centred_and_words_are_not() -> None:
    for first, align in ((("1", "2"), "CENTER"), (("Area", "2"), "LEFT")):
        own = TextTable("T", ("A", "B"), tuple((one, "x") for one in first), (False, False), (("", ""),) * 2)
        made = report_docx.document(Report("en", "t", "s", "b", (Section("One", (own,)),)))
        cell = docx.Document(io.BytesIO(made)).tables[0].rows[1].cells[0]
        assert cell.paragraphs[0].alignment.name == align


def test_columns_share_the_width_and_have_room_for_their_longest_word() -> None:
    own = TextTable("T", ("Code", "Text"), (("EVIDENCE_MISSING", "word " * 40),), (False, False), (("", ""),))
    code, text = docx_body.column_widths(own, 9)
    assert code + text == pytest.approx(156 * 72 / 25.4)
    assert code >= 16 * 0.7 * 9  # a capital of Times New Roman is at most seven tenths of its size on average
    assert text > 2 * code


def test_a_chinese_title_takes_three_lines_at_most() -> None:
    heads = ("序号", "土地闲置费（测算）（万元）", *("字" * 30 for _ in range(8)))
    own = TextTable(
        "T", heads, (("1", "94.08", *("字" * 60 for _ in range(8))),), (False,) * 10, (("",) * 10,)
    )
    assert docx_body.column_widths(own, 7.5)[1] >= 13 / 3 * 7.5
