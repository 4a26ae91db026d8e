"""The report as page and as document: the same content, safe texts, the same bytes."""

from __future__ import annotations

import io
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import docx
import pandas as pd
import pytest
from docx.oxml.ns import qn

from landzone.outputs import report_docx, report_html
from landzone.outputs.report_content import Paragraph, TextTable, build
from landzone.outputs.wording import clean

PARTS = [
    "一、概况",
    "二、结论摘要",
    "三、审查依据",
    "四、数据来源与坐标系",
    "五、建筑密度与容积率",
    "六、投资强度",
]
PARTS += [
    "七、疑似闲置土地清单",
    "八、多规比对与控制线",
    "九、不能判断的事项与所缺数据",
    "十、数据问题",
    "附：运行记录",
]
FORBIDDEN = ["处以罚款", "已收回", "fined", "recovered"]


class Reader(HTMLParser):
    """Collects tags, addresses, texts, cells and headings of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.texts: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def said(report: Any) -> list[str]:
    """Every text of a report in its order."""
    texts = []
    for section in report.sections:
        texts.append(section.title)
        for block in section.blocks:
            if isinstance(block, Paragraph):
                texts.append(block.text)
            elif isinstance(block, TextTable):
                texts += [
                    block.caption,
                    *block.head,
                    *[cell for row in block.rows for cell in row],
                    *block.totals,
                ]
            else:
                texts.append(block.caption)
    return texts


def test_parts_of_the_report(made_up: Any) -> None:
    made = made_up.make()
    report = build(made.study, made.result)
    assert [section.title for section in report.sections] == PARTS
    assert report.banner == "内部资料 注意保管 不得公开"
    assert report.title == "土地利用审查报告"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_and_document_say_the_same(made_up: Any, lang: str) -> None:
    made = made_up.make(4, 3, lang=lang)
    report = build(made.study, made.result)
    page = read(report_html.page(report)).texts
    file = docx.Document(io.BytesIO(report_docx.document(report)))
    written = [p.text for p in file.paragraphs]
    written += [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    for text in said(report):
        assert not text or text in page
        assert text in written
    for word in FORBIDDEN:
        assert word not in "".join(page)


def test_figures_are_those_of_the_tables(made_up: Any) -> None:
    made = made_up.make(5, 4)
    report = build(made.study, made.result)
    parcels = made.result.parcels
    idle = parcels[parcels["idle_class"].isin(["A1", "A2", "A_gov", "A_pending", "B"])]
    assert len(idle) == 10
    text = " ".join(said(report))
    assert "疑似闲置土地 10 宗，面积 10.0000 公顷（150.00 亩）" in text
    assert "测算的土地闲置费合计 188.16 万元" in text
    assert idle["idle_fee_wan_cny"].sum() == pytest.approx(188.16)
    assert "检查 2 项，达标 0 项、不达标 2 项、证据不足 0 项" in text
    assert "规划一致率 93.00%，冲突面积 0.1200 公顷" in text


def test_texts_are_never_markup(made_up: Any) -> None:
    made = made_up.hostile()
    made = replace(
        made, study=replace(made.study, settings=replace(made.study.settings, name='<b>"&{{7*7}}'))
    )
    page = report_html.page(build(made.study, made.result))
    reader = read(page)
    assert not {"script", "iframe", "b", "object", "link"} & set(reader.tags)
    assert any('<b>"&{{7*7}}' in text for text in reader.texts)
    assert "49" not in [text.strip() for text in reader.texts]
    assert "9449772114007" not in page
    assert all(address.startswith(("#", "data:image/png")) for address in reader.addresses)
    ids = set(made.result.parcels["parcel_id"])
    assert {clean(name) for name in ids} & set(reader.texts)


def test_document_holds_hostile_texts_literally(made_up: Any) -> None:
    made = made_up.hostile()
    file = docx.Document(io.BytesIO(report_docx.document(build(made.study, made.result))))
    cells = {cell.text for table in file.tables for row in table.rows for cell in row.cells}
    idle = made.result.parcels
    idle = idle[idle["idle_class"].isin(["A1", "A2", "A_gov", "A_pending", "B"])]
    for name in idle["parcel_id"]:
        assert clean(name) in cells


def test_long_lists_are_cut_and_say_so(made_up: Any) -> None:
    made = made_up.make(40, 30)
    report = build(made.study, made.result)
    tables = [b for s in report.sections for b in s.blocks if isinstance(b, TextTable)]
    assert max(len(table.rows) for table in tables) == 100
    cut = next(table for table in tables if table.caption.endswith("疑似闲置土地清单"))
    idle = made.result.parcels["idle_class"].isin(["A1", "A2", "A_gov", "A_pending", "B"])
    assert f"共 {int(idle.sum())} 行" in cut.note
    assert "“闲置”表" in cut.note
    assert cut.totals[0] == "合计"
    hectares = made.result.parcels.loc[idle, "area_m2"].sum() / 10_000
    assert f"{hectares:,.4f}" in cut.totals


def test_missing_is_a_dash(made_up: Any) -> None:
    made = made_up.make()
    report = build(made.study, made.result)
    investment = report.sections[5]
    table = next(block for block in investment.blocks if isinstance(block, TextTable))
    row = next(row for row in table.rows if "Z2" in row)
    assert row[table.head.index("投资强度（万元/公顷）")] == "—"
    assert row[table.head.index("投资数据覆盖率")] == "0.00%"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_same_bytes_twice(made_up: Any, tmp_path: Any, lang: str) -> None:
    made, again = made_up.make(lang=lang), made_up.make(lang=lang)
    for module in (report_html, report_docx):
        first = module.write(made.study, made.result, tmp_path).read_bytes()
        assert module.write(again.study, again.result, tmp_path).read_bytes() == first


def test_fonts_of_the_document(made_up: Any) -> None:
    made = made_up.make()
    file = docx.Document(io.BytesIO(report_docx.document(build(made.study, made.result))))
    fonts = file.styles["Normal"].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "仿宋"
    assert fonts.get(qn("w:ascii")) == "Times New Roman"
    assert file.styles["Heading 1"].element.rPr.rFonts.get(qn("w:eastAsia")) == "黑体"
    assert file.styles["Normal"].paragraph_format.line_spacing.pt == 28
    assert file.sections[0].page_width.mm == pytest.approx(210, abs=0.1)
    assert "内部资料" in file.sections[0].header.paragraphs[0].text


def test_an_audit_without_anything_to_tell(made_up: Any) -> None:
    made = made_up.make()
    whole = made.result
    names = (
        "findings",
        "patches",
        "constraints",
        "use_conflicts",
        "rejects",
        "repairs",
        "notes",
        "alignment",
    )
    bare = replace(whole, **{name: getattr(whole, name).iloc[:0] for name in names})
    parcels = whole.parcels.assign(idle_class="not_idle", idle_fee_wan_cny=float("nan"))
    bare = replace(bare, parcels=parcels)
    study = replace(made.study, plans={}, constraints={}, rule_packs=())
    text = " ".join(said(build(study, bare)))
    assert "未发现疑似闲置土地" in text
    assert "提供的规划不足两个" in text
    assert "未提供控制线图层" in text
    assert "疑似闲置土地 0" not in text
    assert isinstance(bare.findings, pd.DataFrame)
