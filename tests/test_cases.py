"""`landzone cases`: case files, their drafts, pictures of a person, and the register that survives the next run."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pandas as pd
import pytest
from PIL import Image

import landzone as lz
from landzone import cases
from landzone.cases import write_cases
from landzone.cli import run
from landzone.errors import Refusal
from landzone.explaining import explain
from landzone.outputs import case_files, case_register
from landzone.outputs.case_pictures import picture_files

ONE, TWO, PENDING, GOV, STOPPED = (f"411799001001GB{n:05d}" for n in (17, 18, 16, 15, 8))
FILES = ["case.docx", "case.html", "draft_determination.docx", "draft_notice.docx"]


@pytest.fixture(scope="module")
def result(example_audit: lz.Audit) -> lz.Audit:
    return example_audit


@pytest.fixture(scope="module")
def audited(example_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(example_folder, tmp_path_factory.mktemp("cases") / "out"))


@pytest.fixture(scope="module")
def written(audited: Path) -> Path:
    pictures = audited / "cases" / "pictures"
    pictures.mkdir(parents=True)
    Image.new("RGB", (2400, 1200), "#7a9a5a").save(pictures / f"{ONE}_east.jpg")
    (pictures / f"{ONE}-west.png").write_bytes(b"this is no picture")
    (pictures / "readme.txt").write_text("mine")
    assert run(["cases", str(audited)]) == 0
    return audited / "cases"


@pytest.fixture
def out(audited: Path, written: Path, tmp_path: Path) -> Path:
    shutil.copytree(audited, tmp_path / "out")
    return tmp_path / "out"


def text_of(path: Path) -> str:
    """Everything that a document says."""
    file = docx.Document(str(path))
    cells = [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    header = [p.text for p in file.sections[0].header.paragraphs]
    return "\n".join([*header, *(p.text for p in file.paragraphs), *cells])


def test_every_suspected_parcel_has_a_folder_with_page_document_and_two_drafts(written: Path) -> None:
    folders = sorted(p.name for p in written.iterdir() if p.is_dir() and p.name != "pictures")
    assert folders == sorted([ONE, TWO, PENDING, GOV, STOPPED])
    for name in folders:
        assert sorted(p.name for p in (written / name).iterdir()) == FILES


def test_the_arithmetic_is_told_as_explain_tells_it(audited: Path, written: Path) -> None:
    for parcel in (ONE, STOPPED):
        page, document = (
            (written / parcel / "case.html").read_text("utf-8"),
            text_of(written / parcel / "case.docx"),
        )
        steps = [line[2:] for line in explain(audited, parcel) if re.match(r"  \d+\. ", line)]
        assert len(steps) >= 6
        for step in steps:
            assert step in document
            assert step in page


def test_facts_name_file_and_row(written: Path) -> None:
    text = text_of(written / ONE / "case.docx")
    assert "ledger.xlsx 第 19 行" in text
    assert "470.40 万元" in text
    assert "94.08" in text


def test_the_time_line_has_every_date_and_stands_in_page_and_document(written: Path) -> None:
    page = (written / ONE / "case.html").read_text("utf-8")
    line = page[page.index("<svg") : page.index("</svg>")]
    for words in (
        "2025-03-15",
        "2026-03-16",
        "2026-06-30",
        "2027-03-16",
        "满一年",
        "审查基准日",
        "疑似闲置满一年",
    ):
        assert words in line
    with zipfile.ZipFile(written / TWO / "case.docx") as file:
        assert len([name for name in file.namelist() if name.startswith("word/media/")]) == 2


def test_what_is_suspected_is_called_suspected_and_nothing_is_determined(written: Path) -> None:
    for parcel in (ONE, TWO, PENDING, GOV, STOPPED):
        for file in FILES:
            path = written / parcel / file
            text = path.read_text("utf-8") if path.suffix == ".html" else text_of(path)
            assert "疑似" in text
            bare = re.findall(r"(?<!疑似)(?<!□ 认定为)(?<!不认定为)闲置满[一两]年", text)
            assert bare == [], (parcel, file)


def test_drafts_are_marked_and_leave_the_decision_blank(written: Path) -> None:
    for file in ("draft_notice.docx", "draft_determination.docx"):
        text = text_of(written / ONE / file)
        assert text.startswith("草稿 未经审核签发 不得送达")
        assert "（草稿）" in text
        assert "＿＿＿" in text
    text = text_of(written / ONE / "draft_determination.docx")
    assert "□ 认定为闲置土地　□ 不认定为闲置土地" in text
    assert "94.08 万元" in text
    assert "94.08" not in text_of(written / TWO / "draft_determination.docx")
    assert "30 日内" in text_of(written / ONE / "draft_notice.docx")


def test_a_notice_has_the_six_items_of_article_6_and_asks_the_holder_for_what_a_holder_has(
    written: Path,
) -> None:
    text = text_of(written / ONE / "draft_notice.docx")
    heads = [
        "一、涉嫌闲置土地的基本情况", "二、涉嫌闲置土地的事实和依据", "三、调查的主要内容和提交材料的期限",
        "四、权利和义务", "五、其他需要调查的事项",
    ]  # fmt: skip
    places = [text.index(head) for head in ("示例企业017有限公司：", "地址：", *heads)]
    assert places == sorted(places)
    assert "约定（规定）的动工日期为2025年3月15日" in text
    assert "面积为 8,000.00 平方米" in text
    assert "（1）土地权利证明文件" in text
    assert "施工许可证及基础施工进度证明" in text
    assert "抵押登记" not in text
    assert "中止开发的时间证明" not in text
    assert "中止开发的时间证明" in text_of(written / STOPPED / "draft_notice.docx")


def test_a_determination_has_the_items_of_article_10_and_its_computation_is_an_annex(written: Path) -> None:
    text = text_of(written / ONE / "draft_determination.docx")
    heads = [
        "一、闲置土地的基本情况", "二、认定土地闲置的事实、依据", "三、闲置原因及认定结论", "四、其他需要说明的事项",
        "特此告知。", "（机关名称、印章）", "附：测算过程（供承办人核对，定稿时删去）", "判定表第 16 行",
    ]  # fmt: skip
    places = [text.index(head) for head in heads]
    assert places == sorted(places)
    assert "台账所填原因" not in text
    assert "台账所填原因" in text_of(written / PENDING / "draft_determination.docx")


def test_missing_proofs_are_those_the_ledger_does_not_state(written: Path) -> None:
    tables = docx.Document(str(written / STOPPED / "case.docx")).tables
    rows = {
        row.cells[0].text: row.cells[1].text for table in tables for row in table.rows if len(row.cells) == 3
    }
    assert rows["中止开发的时间证明"] == "台账有记载，原件待附"
    assert rows["已投资额、总投资额的审计或凭证（不含地价）"] == "缺"
    assert "土地出让或者划拨价款的缴纳凭证" not in rows


def test_pictures_are_shown_with_their_hash_and_what_is_no_picture_is_named(written: Path) -> None:
    page = (written / ONE / "case.html").read_text("utf-8")
    assert f"{ONE}_east.jpg（SHA-256 " in page
    assert "data:image/jpeg;base64," in page
    assert f"{ONE}-west.png 无法作为图片打开" in page
    assert "附照片 1 张，待核" in page
    assert "cases/pictures" in (written / TWO / "case.html").read_text("utf-8")


def test_a_picture_belongs_to_the_parcel_whose_whole_id_it_begins_with(tmp_path: Path) -> None:
    for name in ("P1.jpg", "P1_2.jpg", "P10.jpg", "P1.gif"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "P1").mkdir()
    (tmp_path / "P1" / "x.png").write_bytes(b"")
    found = picture_files(tmp_path, ["P1", "P10"])
    assert {k: [p.name for p in v] for k, v in found.items()} == {
        "P1": ["x.png", "P1.jpg", "P1_2.jpg"], "P10": ["P10.jpg"],
    }  # fmt: skip


def test_the_same_result_gives_the_same_bytes(out: Path) -> None:
    def contents() -> dict[Path, Any]:
        files = [p for p in sorted((out / "cases").rglob("*")) if p.is_file() and p.name != "register.xlsx"]
        sheet = openpyxl.load_workbook(out / "cases" / "register.xlsx").worksheets[0]
        return {p: p.read_bytes() for p in files} | {out: list(sheet.iter_rows(values_only=True))}

    before = contents()
    assert write_cases(out).checks.rows == []
    assert contents() == before


def test_a_file_that_a_person_changed_is_kept_and_the_new_one_lies_beside(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = out / "cases" / ONE / "draft_notice.docx"
    file = docx.Document(str(path))
    file.add_paragraph("经办人补充的文字")
    file.save(str(path))
    mine = path.read_bytes()
    assert run(["cases", str(out), "--lang", "en"]) == 0
    assert path.read_bytes() == mine
    assert "(draft)" in text_of(path.with_name("draft_notice.new.docx"))
    assert f"{ONE}/draft_notice.docx was changed by hand and is kept" in capsys.readouterr().err


def test_the_terminal_speaks_the_language_of_the_audit_unless_another_is_asked_for(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = out / "run.json"
    page.write_text(json.dumps(json.loads(page.read_text("utf-8")) | {"lang": "en"}), "utf-8")
    assert run(["cases", str(out), ONE]) == 0
    assert capsys.readouterr().err.startswith("1 case files: ")
    assert run(["cases", str(out), ONE, "--lang", "zh"]) == 0
    assert capsys.readouterr().err.startswith("已写出 1 份案卷：")
    assert run(["cases", str(out), "nobody"]) == 3
    assert not re.search("[\u4e00-\u9fff]", capsys.readouterr().err)
    assert run(["cases", str(out), "nobody", "--lang=zh"]) == 3
    assert re.search("[\u4e00-\u9fff]", capsys.readouterr().err)


def test_a_new_audit_into_the_same_folder_keeps_cases_and_register(result: Any, out: Path) -> None:
    register = (out / "cases" / "register.xlsx").read_bytes()
    result.save(out)
    assert (out / "cases" / "register.xlsx").read_bytes() == register
    assert (out / "cases" / ONE / "case.html").is_file()


def test_only_the_parcels_named_are_written_and_an_unknown_one_is_refused(
    audited: Path, tmp_path: Path
) -> None:
    shutil.copytree(audited, tmp_path / "out", ignore=shutil.ignore_patterns("cases"))
    overdue = "411799001001GB00014"
    done = write_cases(tmp_path / "out", "en", parcels=[overdue])
    assert sorted(p.name for p in done.folder.iterdir() if p.is_dir()) == [overdue]
    assert "Case file of a parcel" in (done.folder / overdue / "case.html").read_text("utf-8")
    with pytest.raises(Refusal, match="CASE_UNKNOWN"):
        write_cases(tmp_path / "out", parcels=["nobody"])


def test_cases_made_in_two_processes_are_the_same_bytes(
    audited: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "MANY", 1)
    found = []
    for workers in (1, 2):
        out = tmp_path / str(workers) / "out"
        shutil.copytree(audited, out, ignore=shutil.ignore_patterns("cases"))
        done = write_cases(out, "en", workers=workers)
        files = sorted(p for p in done.folder.rglob("*") if p.is_file() and p.name != "register.xlsx")
        found.append({p.relative_to(done.folder).as_posix(): p.read_bytes() for p in files})
    assert len(found[0]) == 5 * 4 + 1
    assert found[0] == found[1]


def test_names_of_folders_differ_for_every_parcel_on_every_system() -> None:
    ids = ["P1", "p1", "CON", "../x", "a/b", "a:b", "长" * 90, "", "pictures"]
    names = case_files.folder_names(ids)
    lower = [name.lower() for name in names.values()]
    assert len(set(lower)) == len(ids)
    assert all(name and len(name) < 80 and name.lower() not in ("con", "pictures") for name in names.values())


# The register


def case(parcel: str = "P1", project: str = "J1", code: str = "A1", **more: Any) -> dict[str, Any]:
    return {
        "parcel_id": parcel, "project_id": project, "holder": "甲公司", "zone_id": "Z", "area_m2": 8000.0,
        "area_mu": 12.0, "idle_class": f"疑似 {code}", "code": code, "conclusion": "疑似闲置", "idle_fee": 94.08,
        "idle_since_date": "2026-03-16", "next_threshold_date": "2027-03-16", "due": "2026-07-30",
        "contradictions": "", "file": f"{parcel}/case.html", **more,
    }  # fmt: skip


class Book:
    """The register of a folder, changed as a person changes it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "register.xlsx"

    def update(
        self, *cases: dict[str, Any], as_of: str = "2026-06-30", lang: str = "zh"
    ) -> case_register.Checks:
        return case_register.update(self.path, cases, as_of, lang, "万元")

    def edit(self, change: Any) -> None:
        book = openpyxl.load_workbook(self.path)
        change(book.worksheets[0])
        book.save(self.path)

    def write(self, row: int, title: str, value: Any) -> None:
        def change(page: Any) -> None:
            page.cell(row, self.column(page, title)).value = value

        self.edit(change)

    @staticmethod
    def column(page: Any, title: str) -> int:
        return next(c.column for row in page.iter_rows(max_row=4) for c in row if c.value == title)

    def rows(self) -> list[dict[str, Any]]:
        page = openpyxl.load_workbook(self.path).worksheets[0]
        head = next(r for r in range(1, 6) if page.cell(r, 1).value in ("宗地代码", "Parcel id"))
        titles = [cell.value for cell in page[head]]
        return [
            dict(zip(titles, row, strict=True)) for row in page.iter_rows(min_row=head + 1, values_only=True)
        ]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path)


def test_a_new_register_has_a_row_a_case_and_blank_columns_for_people(book: Book) -> None:
    assert book.update(case(), case("P2", "J2", "A2")).rows == []
    first, second = book.rows()
    assert (first["宗地代码"], first["项目编号"], first["闲置费测算（万元）"]) == ("P1", "J1", 94.08)
    assert second["在册情况"] == "在册（2026-06-30）"
    assert [first[name] for name in ("办理状态", "处理决定", "备注")] == [None, None, None]


def test_what_a_person_wrote_survives_the_next_run_while_our_columns_move_on(book: Book) -> None:
    book.update(case())
    for title, words in (("办理状态", "已发调查通知"), ("处理决定", "征缴闲置费"), ("备注", "=不是公式")):
        book.write(4, title, words)
    checks = book.update(case(due="2026-09-01"), as_of="2026-07-31")
    row = book.rows()[0]
    assert [row[name] for name in ("办理状态", "处理决定", "备注")] == [
        "已发调查通知",
        "征缴闲置费",
        "=不是公式",
    ]
    assert (row["最近期限"], row["首次列入"], row["在册情况"]) == (
        "2026-09-01",
        "2026-06-30",
        "在册（2026-07-31）",
    )
    assert checks.rows == []


def test_a_case_that_vanished_is_kept_with_its_words_and_listed(book: Book) -> None:
    book.update(case(), case("P2", "J2"))
    book.write(4, "备注", "持有人已搬迁")
    checks = book.update(case("P2", "J2"), as_of="2026-12-31")
    row = book.rows()[0]
    assert (row["宗地代码"], row["备注"], row["在册情况"]) == (
        "P1",
        "持有人已搬迁",
        "本次未列入（2026-12-31）",
    )
    assert [(c[0], c[2]) for c in checks.rows] == [("gone", "P1")]
    back = book.update(case(), case("P2", "J2"), as_of="2027-01-31")
    assert back.rows == []
    assert book.rows()[0]["在册情况"] == "在册（2027-01-31）"
    assert book.rows()[0]["首次列入"] == "2026-06-30"


def test_two_rows_of_one_case_are_both_kept_and_told_and_so_are_decisions_that_differ(book: Book) -> None:
    book.update(case())
    book.write(4, "处理决定", "延期")

    def copied(page: Any) -> None:
        for cell in list(page[4]):
            page.cell(5, cell.column).value = cell.value
        page.cell(5, Book.column(page, "处理决定")).value = "收回"

    book.edit(copied)
    checks = book.update(case(), case("P9", "J9"))
    assert [row["处理决定"] for row in book.rows()] == ["延期", "收回", None]
    assert (checks.count("duplicate"), checks.count("conflict")) == (1, 1)


def test_a_cell_of_ours_that_a_person_changed_keeps_their_words_and_is_told(book: Book) -> None:
    book.update(case())
    book.write(4, "土地使用权人", "乙公司（更名）")
    for as_of in ("2026-07-31", "2026-08-31"):
        checks = book.update(case(), as_of=as_of)
        assert book.rows()[0]["土地使用权人"] == "乙公司（更名）"
        assert [(c[0], c[4], c[5], c[6]) for c in checks.rows] == [
            ("edited", "土地使用权人", "乙公司（更名）", "甲公司")
        ]


def test_a_decision_on_another_class_is_told(book: Book) -> None:
    book.update(case())
    book.write(4, "处理决定", "征缴闲置费")
    checks = book.update(case(code="A2"), as_of="2027-06-30")
    assert [(c[0], c[5], c[6]) for c in checks.rows] == [("changed", "疑似 A1", "疑似 A2")]


def test_sorting_own_columns_own_sheets_and_comments_survive(book: Book) -> None:
    book.update(case(), case("P2", "J2"))

    def change(page: Any) -> None:
        page.insert_cols(1)
        page.cell(3, 1).value = "经办人"
        page.cell(4, 1).value = "张"
        page.cell(4, Book.column(page, "备注")).comment = openpyxl.comments.Comment("见会议纪要", "张")
        for column in range(2, page.max_column + 1):
            one, two = page.cell(4, column), page.cell(5, column)
            one.value, two.value = two.value, one.value
        page.parent.create_sheet("我的表")["A1"] = "自用"

    book.edit(change)
    book.update(case(holder="丙公司"), case("P2", "J2"))
    saved = openpyxl.load_workbook(book.path)
    page = saved.worksheets[0]
    assert [page.cell(4, c).value for c in (1, 2)] == ["张", "P2"]
    assert page.cell(5, Book.column(page, "土地使用权人")).value == "丙公司"
    assert page.cell(4, Book.column(page, "备注")).comment.text == "见会议纪要"
    assert saved["我的表"]["A1"].value == "自用"


def test_rows_of_a_person_without_an_id_or_of_no_case_are_kept_and_told(book: Book) -> None:
    book.update(case())
    book.write(5, "备注", "口头举报一宗")
    book.write(6, "宗地代码", "P7")
    book.write(6, "项目编号", "J7")
    checks = book.update(case(), case("P2", "J2"))
    assert [(c[0], c[1]) for c in checks.rows] == [("without_id", 5), ("added", 6)]
    assert [row["宗地代码"] for row in book.rows()] == ["P1", None, "P7", "P2"]
    assert book.rows()[2]["在册情况"] == "人工加入"


def test_a_register_of_the_other_language_is_recognised(book: Book) -> None:
    book.update(case(), lang="en")
    book.write(4, "Decision", "fee")
    book.update(case(due="2026-09-01"), lang="zh")
    assert (book.rows()[0]["Decision"], book.rows()[0]["Next deadline"]) == ("fee", "2026-09-01")


def test_ids_are_text_and_a_formula_in_a_name_stays_text(book: Book) -> None:
    book.update(case("411799001001000017", "=1+1", holder="=HYPERLINK(1)"))
    page = openpyxl.load_workbook(book.path).worksheets[0]
    assert [page.cell(4, c).data_type for c in (1, 2, 3)] == ["s", "s", "s"]
    assert page.cell(4, 1).value == "411799001001000017"
    assert book.update(case("411799001001000017", "=1+1", holder="=HYPERLINK(1)")).rows == []


def test_a_register_that_cannot_be_used_is_refused_and_left_as_it_was(book: Book) -> None:
    book.path.write_bytes(b"no workbook")
    with pytest.raises(Refusal, match="REGISTER_UNREADABLE"):
        book.update(case())
    assert book.path.read_bytes() == b"no workbook"
    book.path.unlink()
    book.update(case())
    book.edit(lambda page: page.delete_cols(1))
    before = book.path.read_bytes()
    with pytest.raises(Refusal, match="REGISTER_WITHOUT_IDS") as caught:
        book.update(case())
    assert "宗地代码" in caught.value.text("zh")
    assert book.path.read_bytes() == before


def test_the_checks_stand_on_their_own_sheet(book: Book) -> None:
    book.update(case())
    assert openpyxl.load_workbook(book.path)["核对"]["A3"].value == "没有需要核对的事项。"
    book.update(as_of="2026-12-31")
    row = [cell.value for cell in openpyxl.load_workbook(book.path)["核对"][3]]
    assert row[:4] == ["已不在本次疑似名单，保留原行", 4, "P1", "J1"]


def test_a_register_that_lies_elsewhere_is_brought_up_to_date_in_its_place(out: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.xlsx"
    shutil.move(out / "cases" / "register.xlsx", own)
    write_cases(out, register=own)
    assert not (out / "cases" / "register.xlsx").exists()
    assert pd.read_excel(own, header=2)["宗地代码"].astype(str).tolist() == [TWO, ONE, PENDING, GOV, STOPPED]


def test_the_time_line_counts_a_pause_from_the_date_agreed_anew() -> None:
    from landzone.catalog.idle_law import idle_terms
    from landzone.measures.idle_timeline import timeline
    from landzone.model.study import Anniversary

    row = {
        "actual_start_date": "2023-01-01", "suspended_since_date": "2024-02-29", "start_basis": "disposal",
        "disposal_start_date": "2025-01-10", "effective_start_date": "2025-01-10", "conclusion": "suspended_recently",
    }  # fmt: skip
    line = timeline(row, date(2025, 6, 30), Anniversary.CALENDAR, idle_terms())
    assert {e.kind: e.day.isoformat() for e in line.events}["suspended_one_year"] == "2026-01-10"
    assert [(s.kind, s.first.isoformat(), s.last.isoformat()) for s in line.spans] == [
        ("building", "2023-01-01", "2024-02-29"), ("suspended", "2024-02-29", "2025-06-30"),
    ]  # fmt: skip


def test_a_small_picture_is_not_blown_up_and_a_large_one_is_scaled(tmp_path: Path) -> None:
    from landzone.outputs.case_pictures import read_picture

    for size, shown in (((2400, 1200), (1600, 800)), ((64, 32), (64, 32))):
        Image.new("RGB", size).save(tmp_path / "p.png")
        assert Image.open(io.BytesIO(read_picture(tmp_path / "p.png").jpeg)).size == shown
