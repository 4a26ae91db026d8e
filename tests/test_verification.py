"""A result proved by hashing it and running it again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from landzone.cli import run
from landzone.io.bundled import example_study

AS_OF = ["--as-of", "2026-06-30"]


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study and its result side by side."""
    place = tmp_path_factory.mktemp("verify")
    shutil.copytree(example_study().parent, place / "study")
    assert run(["audit", str(place / "study"), *AS_OF, "-o", str(place / "out")]) == 4
    return place


@pytest.fixture
def place(audited: Path, tmp_path: Path) -> Path:
    shutil.copytree(audited, tmp_path / "moved")
    return tmp_path / "moved"


def test_an_untouched_result_is_verified_wherever_both_folders_were_moved(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["verify", str(place / "out"), "--lang", "en"]) == 0
    assert "as recorded" in capsys.readouterr().err
    assert sorted(p.name for p in place.iterdir()) == ["out", "study"]


def test_pages_in_another_language_are_verified_too(place: Path) -> None:
    assert run(["render", str(place / "out"), "--lang", "en"]) == 0
    assert run(["verify", str(place / "out")]) == 0


def test_one_changed_cell_names_file_table_column_and_id(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dbf = place / "study" / "parcels.dbf"
    data = dbf.read_bytes()
    old = b"8000.000"
    assert old in data
    dbf.write_bytes(data.replace(old, b"8001.000", 1))
    assert run(["verify", str(place / "out"), "--lang", "en"]) == 10
    said = capsys.readouterr().err
    assert "an input has changed: parcels.dbf (parcels)" in said
    assert "column registered_area_m2 of table parcels moved in 1 rows" in said
    assert "audit.xlsx comes out different" in said


def test_a_tampered_output_is_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = place / "out" / "report.html"
    report.write_bytes(report.read_bytes().replace("示例".encode(), "样例".encode(), 1))
    (place / "out" / "map.html").unlink()
    assert run(["verify", str(place / "out"), "--lang", "en"]) == 10
    said = capsys.readouterr().err
    assert "changed after the audit: report.html" in said
    assert "a file of the result is missing: map.html" in said


def test_another_version_is_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = place / "out" / "run.json"
    record = json.loads(path.read_text("utf-8"))
    record["versions"]["GEOS"] = "3.0.0"
    path.write_text(json.dumps(record), "utf-8")
    assert run(["verify", str(place / "out"), "--lang", "en"]) == 10
    assert "another version: GEOS 3.0.0" in capsys.readouterr().err


def test_a_result_whose_study_has_gone_is_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(place / "study")
    assert run(["verify", str(place / "out")]) == 3
    assert "OUT_WITHOUT_STUDY" in capsys.readouterr().err
