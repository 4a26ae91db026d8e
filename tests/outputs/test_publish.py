"""Results appear by one rename, and never in the place of somebody's own folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landzone.errors import OutputError, Refusal
from landzone.outputs import publish


def _fresh(work: Path, text: str) -> Path:
    fresh = work / "new"
    fresh.mkdir()
    (fresh / "audit.txt").write_text(text)
    (fresh / "run.json").write_text(json.dumps({"outputs": {"audit.txt": ""}}))
    return fresh


def _broken_run(out: Path) -> None:
    with publish.work_folder(out) as work:
        _fresh(work, "half")
        raise ZeroDivisionError


def test_a_new_result_replaces_the_old_one_and_keeps_what_a_person_put_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for text in ("old", "new"):
        publish.check_target(out)
        with publish.work_folder(out) as work:
            publish.publish(_fresh(work, text), out)
        (out / "remarks.docx").write_text("mine")
    assert (out / "audit.txt").read_text() == "new"
    assert (out / "remarks.docx").read_text() == "mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(Refusal, match="OUT_NOT_EMPTY"):
        publish.check_target(tmp_path)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(Refusal, match="OUT_NOT_A_FOLDER"):
        publish.check_target(tmp_path / "out")


def test_a_failed_run_leaves_the_old_result_and_no_work_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with publish.work_folder(out) as work:
        publish.publish(_fresh(work, "old"), out)
    with pytest.raises(ZeroDivisionError):
        _broken_run(out)
    assert (out / "audit.txt").read_text() == "old"
    assert not (tmp_path / "out.work").exists()


def test_a_place_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError), publish.work_folder(tmp_path / "file" / "out"):
        pass


def test_a_folder_of_ours_is_replaced_but_for_what_somebody_put_into_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with publish.work_folder(out) as work:
        fresh = _fresh(work, "old")
        (fresh / "maps").mkdir()
        (fresh / "maps" / "idle.png").write_text("ours")
        (fresh / "run.json").write_text(json.dumps({"outputs": {"audit.txt": "", "maps/idle.png": ""}}))
        publish.publish(fresh, out)
    (out / "maps" / "mine" / "deep").mkdir(parents=True)
    (out / "maps" / "mine" / "deep" / "sketch.png").write_text("mine")
    with publish.work_folder(out) as work:
        publish.publish(_fresh(work, "new"), out)
    left = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    assert left == ["audit.txt", "maps/mine/deep/sketch.png", "run.json"]
