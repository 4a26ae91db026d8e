"""Case files of an audit whose names are attacks or accidents."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import docx

from landzone.outputs import case_files


def test_hostile_names_stay_text_and_no_folder_is_left(made_up: Any, tmp_path: Path) -> None:
    made = made_up.hostile()
    ids = [str(one) for one in made.result.parcels["parcel_id"]]
    maker = case_files.CaseMaker(made.study, made.result, ids, tmp_path / "none")
    written = case_files.write([(one, maker.files(one)) for one in ids], tmp_path / "cases", ids)
    inside = {p.relative_to(tmp_path / "cases").parts[0] for p in (tmp_path / "cases").rglob("*")}
    assert inside == {*written.folders.values(), "cases.json"}
    for name in written.folders.values():
        assert re.fullmatch(r"[\w-]+", name)
        page = (tmp_path / "cases" / name / "case.html").read_text("utf-8")
        assert "<script" not in page
        assert "<img src=x" not in page
        assert "59959" not in page.replace("1234567*7654321", "")
        docx.Document(str(tmp_path / "cases" / name / "draft_notice.docx"))
