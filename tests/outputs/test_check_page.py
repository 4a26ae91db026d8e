"""The page and the workbook of a check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from landzone.io.bundled import example_study
from landzone.io.study import open_study
from landzone.outputs import check_page
from landzone.shaping import problem_tables


def problems(made: Any) -> dict[str, pd.DataFrame]:
    return {"rejects": made.result.rejects, "repairs": made.result.repairs, "notes": made.result.notes}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_and_workbook(made_up: Any, tmp_path: Any, lang: str) -> None:
    made = made_up.make(lang=lang)
    path = check_page.write(made.study, problems(made), tmp_path, lang)
    assert path == tmp_path / "check.html"
    page = path.read_text("utf-8")
    assert f'<html lang="{lang}">' in page
    assert "同一行出现两次。" in page
    assert "ROW_DUPLICATE" in page
    assert "parcels.gpkg" in page
    book = openpyxl.load_workbook(tmp_path / "check.xlsx")
    cells = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert {"ROW_DUPLICATE", "parcels.gpkg", "holder", "7"} <= cells


def test_same_bytes_and_no_markup(made_up: Any, tmp_path: Any) -> None:
    made = made_up.make(name="<script>x</script>")
    own = problems(made)
    own["rejects"] = own["rejects"].assign(raw_value="<img src=x onerror=1>", message='=HYPERLINK("x")')
    files = ("check.html", "check.xlsx")
    check_page.write(made.study, own, tmp_path, "zh")
    first = [(tmp_path / name).read_bytes() for name in files]
    check_page.write(made.study, own, tmp_path, "zh")
    assert [(tmp_path / name).read_bytes() for name in files] == first
    page = (tmp_path / "check.html").read_text("utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;img src=x onerror=1&gt;" in page


def test_nothing_wrong_is_said(made_up: Any, tmp_path: Any) -> None:
    made = made_up.make()
    none = {name: frame.iloc[:0] for name, frame in problems(made).items()}
    page = check_page.write(made.study, none, tmp_path, "zh").read_text("utf-8")
    assert "没有弃用任何行或格。" in page


def test_the_header_in_the_file_stands_beside_what_it_was_taken_for(tmp_path: Path) -> None:
    study = open_study(example_study())
    check_page.write(study, problem_tables(study.problems, "zh"), tmp_path, "zh")
    sheet = openpyxl.load_workbook(tmp_path / "check.xlsx")["数据来源"]
    rows = [row[1:8] for row in sheet.iter_rows(values_only=True)]
    assert ("企业名录", "主营业务收入(万元)", "营业收入", "revenue", "万元", "列名", 43) in rows
    assert ("建筑", "层高", "层高", "storey_height", "m", "study.toml 写明", 184) in rows
    assert {role for role, *_ in rows} >= {"宗地", "项目台账", "规划：土地利用现状"}
