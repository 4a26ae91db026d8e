"""The workbook, re-opened with another library."""

from __future__ import annotations

import math
import zipfile
from dataclasses import replace
from typing import Any

import openpyxl
import pandas as pd
import pytest

from landzone.outputs import workbook
from landzone.outputs.result_grids import ResultGrids
from landzone.outputs.spreadsheet import MOST_TEXT

SHEETS = {
    "zh": ["汇总", "区域", "宗地", "闲置", "多规比对", "评分", "问题", "数据来源"],
    "en": ["summary", "zones", "parcels", "idle", "alignment", "scorecard", "problems", "inputs"],
}
ATTACKS = [
    '=HYPERLINK("http://x.example","x")',
    "+1",
    "@cmd",
    "-2+3",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "http://x.example/a",
    "_x0007_",
    "#N/A",
    "  spaces  ",
]


def opened(made: Any, folder: Any, *, values: bool = True) -> Any:
    return openpyxl.load_workbook(workbook.write(made.study, made.result, folder), data_only=values)


def rows(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


def column(sheet: Any, title: str) -> list[Any]:
    table = rows(sheet)
    head = next(place for place, row in enumerate(table) if title in row)
    place = table[head].index(title)
    cells = []
    for row in table[head + 1 :]:
        if not isinstance(row[0], int):
            break
        cells.append(row[place])
    return cells


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sheets_are_named_in_the_language(made_up: Any, tmp_path: Any, lang: str) -> None:
    book = opened(made_up.make(lang=lang), tmp_path)
    assert book.sheetnames == SHEETS[lang]
    sheet = book[SHEETS[lang][2]]
    assert sheet.freeze_panes == "C4"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize == 9
    assert sheet.auto_filter.ref is not None
    assert sheet.print_area


def test_first_column_counts_and_ids_are_text(made_up: Any, tmp_path: Any) -> None:
    ids = [f"41070021100100{i:05d}" for i in range(6)]
    made = made_up.make(parcel_ids=ids)
    sheet = opened(made, tmp_path)["宗地"]
    assert column(sheet, "序号") == [1, 2, 3, 4, 5, 6]
    assert column(sheet, "宗地代码") == ids
    assert len(ids[0]) == 19
    assert column(sheet, "地类编码") == ["0601"] * 6


def test_totals_are_sums_and_agree_with_the_tables(made_up: Any, tmp_path: Any) -> None:
    made = made_up.make(5, 4)
    book = opened(made, tmp_path)
    formulas = opened(made, tmp_path, values=False)
    totals = [row for row in rows(book["宗地"]) if row[0] == "合计"]
    asked = [row for row in rows(formulas["宗地"]) if row[0] == "合计"]
    assert len(totals) == 1
    checked = 0
    for place, formula in enumerate(asked[0]):
        if isinstance(formula, str) and formula.startswith("=SUM("):
            cells = [row[place] for row in rows(book["宗地"])[3:-2] if isinstance(row[0], int)]
            own = math.fsum(cell for cell in cells if isinstance(cell, int | float))
            assert totals[0][place] == pytest.approx(own, rel=1e-12)
            checked += 1
    assert checked >= 6
    area = made.result.parcels["area_m2"]
    assert column(book["宗地"], "面积（平方米）") == pytest.approx(area.tolist())
    assert column(book["宗地"], "面积（公顷）") == pytest.approx((area / 10_000).tolist())
    assert column(book["宗地"], "面积（亩）") == pytest.approx((area * 0.0015).tolist())


def test_classes_are_words_and_their_codes_stand_in_a_column_of_their_own(
    made_up: Any, tmp_path: Any
) -> None:
    book = opened(made_up.make(4, 3), tmp_path)
    told = {
        "A2": "疑似满两年未动工", "A1": "疑似满一年未动工", "A_pending": "疑似闲置，原因待核实",
        "A_gov": "疑似闲置（政府原因）", "B": "疑似中止开发满一年", "overdue": "逾期未动工（未满一年）",
        "not_due": "未到动工期限", "not_idle": "非闲置", "data_error": "数据错误", "unknown": "证据不足",
        "not_applicable": "不适用",
    }  # fmt: skip
    assert set(column(book["宗地"], "疑似闲置")) == set(told.values())
    classes = dict(zip(column(book["闲置"], "代码"), column(book["闲置"], "疑似闲置"), strict=True))
    assert classes == told


def test_missing_is_a_dash_never_nil(made_up: Any, tmp_path: Any) -> None:
    made = made_up.make(5, 4)
    density = made.result.parcels["building_density_ratio"]
    shown = column(opened(made, tmp_path)["宗地"], "建筑密度")
    assert [value == "—" for value in shown] == density.isna().tolist()
    assert density.isna().sum() == 3


def test_texts_stay_texts(made_up: Any, tmp_path: Any) -> None:
    made = made_up.make(5, 2, holders=ATTACKS)
    book = opened(made, tmp_path, values=False)
    sheet = book["宗地"]
    written = [cell for row in sheet.iter_rows() for cell in row if cell.value in ATTACKS]
    assert sorted(cell.value for cell in written) == sorted(ATTACKS)
    assert {cell.data_type for cell in written} == {"s"}
    with zipfile.ZipFile(tmp_path / "audit.xlsx") as pack:
        assert "hyperlink" not in pack.read("xl/worksheets/sheet3.xml").decode()


def test_a_text_that_looks_like_the_mark_up_of_the_library_stays_a_text(made_up: Any, tmp_path: Any) -> None:
    hostile = "<r><t>x</t></r>"
    book = opened(made_up.make(holders=[hostile, "<r></b></r>", *"abcd"]), tmp_path)
    found = [str(cell) for row in rows(book["宗地"]) for cell in row if str(cell).startswith("<r>")]
    assert {text.rstrip() for text in found} == {hostile, "<r></b></r>"}


def test_control_characters_are_removed_and_said(made_up: Any, tmp_path: Any) -> None:
    made = made_up.make(holders=["a\x07b\x1b", "c\x00d", "plain", "p", "q", "r"])
    texts = [str(cell) for row in rows(opened(made, tmp_path)["宗地"]) for cell in row if cell]
    assert {"ab", "cd", "plain"} <= set(texts)
    assert any("2 处文字含不可打印的控制字符" in text for text in texts)


def test_a_text_too_long_is_cut_with_a_mark(made_up: Any, tmp_path: Any) -> None:
    made = made_up.make(holders=["地" * 40_000, "b", "c", "d", "e", "f"])
    book = opened(made, tmp_path)
    longest = max((str(c) for row in rows(book["宗地"]) for c in row if c), key=len)
    assert len(longest) <= MOST_TEXT
    assert longest.endswith("…[超长，已截断]")


def test_hostile_names_come_back(made_up: Any, tmp_path: Any) -> None:
    made = made_up.hostile()
    texts = {cell for row in rows(opened(made, tmp_path)["宗地"]) for cell in row}
    for name in ("{{ 1234567*7654321 }}", "{% raw", "地块{#1号", "{holder}{zone}", "__proto__"):
        assert name in texts


def test_findings_show_their_arithmetic(made_up: Any, tmp_path: Any) -> None:
    made = made_up.make()
    findings = made.result.findings.assign(numerator=18000.0, denominator=40000.0)
    made = replace(made, result=replace(made.result, findings=findings))
    sheet = opened(made, tmp_path)["评分"]
    assert column(sheet, "分子")[0] == 18000
    assert column(sheet, "分母")[0] == 40000
    assert column(sheet, "结论")[:2] == ["不达标", "不达标"]
    assert column(sheet, "实际值")[0] in made.result.findings["observed"].tolist()


def test_patches_in_agreement_are_left_out(made_up: Any, tmp_path: Any) -> None:
    sheet = opened(made_up.make(), tmp_path)["多规比对"]
    assert column(sheet, "图斑编号") == ["P0003", "P0002", "P0004"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_same_bytes_twice(made_up: Any, tmp_path: Any, lang: str) -> None:
    made, again = made_up.make(lang=lang), made_up.make(lang=lang)
    first = workbook.write(made.study, made.result, tmp_path).read_bytes()
    assert workbook.write(again.study, again.result, tmp_path).read_bytes() == first


def test_an_empty_audit_has_all_sheets(made_up: Any, tmp_path: Any) -> None:
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
    book = opened(replace(made, result=bare), tmp_path)
    assert book.sheetnames == SHEETS["zh"]
    assert "无。" in {cell for row in rows(book["问题"]) for cell in row}


def test_idle_parcels_are_told_in_two_tables_that_can_be_read_on_paper(made_up: Any, tmp_path: Any) -> None:
    """What is signed for, and below it what it rests on: the same parcels, and no column twice but their id."""
    sheet = rows(opened(made_up.make(5, 4), tmp_path)["闲置"])
    firsts = [row[0] for row in sheet]
    places = [firsts.index(title) + 1 for title in ("疑似闲置、逾期及不能判断的宗地", "以上宗地的判定依据")]
    one, two = ([title for title in sheet[place] if title and title != "序号"] for place in places)
    assert one == [
        "宗地代码", "土地使用权人", "疑似闲置", "区域", "面积（公顷）", "面积（亩）", "闲置起始日", "下一界限日",
        "土地闲置费（测算）（万元）",
    ]  # fmt: skip
    assert set(one) & set(two) == {"宗地代码"}
    assert "面积（平方米）" in two
    ids = [[row[1] for row in sheet[place + 1 : place + 8]] for place in places]
    assert ids[0] == ids[1]
    assert all(ids[0])


def test_a_parcel_of_several_kinds_of_low_use_says_so_in_each_of_its_rows(
    made_up: Any, tmp_path: Any
) -> None:
    made = made_up.make()
    kinds = {
        "P1": ["idle", "supplied_unbuilt"],
        "P2": ["below_minimum", "below_minimum"],
        "P3": ["supplied_unbuilt"],
    }
    pairs = [(parcel, kind) for parcel, own in kinds.items() for kind in own]
    low_use = pd.DataFrame(pairs, columns=["parcel_id", "kind"]).assign(zone_id="Z", area_m2=8000.0)
    result = replace(made.result, tables={**made.result.tables, "low_use": low_use})
    sheet = opened(replace(made, result=result), tmp_path)["闲置"]
    assert column(sheet, "同时列入") == ["供而未用", "疑似闲置", "—", "—", "—"]
    assert any(row[0] and "面积不可相加" in str(row[0]) for row in rows(sheet))


@pytest.mark.parametrize(("lang", "sheet"), [("zh", "闲置"), ("en", "idle")])
def test_no_heading_of_the_idle_sheet_is_the_name_of_a_column(
    made_up: Any, tmp_path: Any, lang: str, sheet: str
) -> None:
    cells = [cell for row in rows(opened(made_up.make(lang=lang), tmp_path)[sheet]) for cell in row]
    texts = [cell for cell in cells if isinstance(cell, str)]
    assert (
        "投资额，无则为地价（万元）" if lang == "zh" else "Investment, else land price (wan CNY)"
    ) in texts
    assert not [text for text in texts if "_wan_cny" in text or text.endswith(("_m2", "_ratio", "_ha"))]


def test_of_a_list_longer_than_a_sheet_holds_only_the_first_rows_are_built(made_up: Any) -> None:
    made = made_up.make()
    whole, short = ResultGrids(made.study, made.result), ResultGrids(made.study, made.result, most=2)
    lists = {
        "parcels": lambda grids: grids.parcels(),
        "patches": lambda grids: grids.patches(workbook.KINDS, ""),
        "findings": lambda grids: grids.findings(made.result.findings, ""),
    }
    for name, own in lists.items():
        every, first = own(whole), own(short)
        assert len(every) > 2, name
        assert (len(first), first.rows_all) == (2, len(every)), name
        assert [c.values for c in first.columns] == [c.values[:2] for c in every.columns], name
