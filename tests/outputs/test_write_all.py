"""All outputs of an audit: which are made at the same time, and by which process, changes nothing in them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest

from landzone import outputs
from landzone.outputs.table_process import TableProcess

PAGES = ["map.html", "report.html", "report.docx", "deadlines.ics"]
TABLES = ["audit.gpkg", "audit.xlsx"]


def all_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _listener(names: list[str]) -> Any:
    return lambda name, _share: names.append(name)


def write_pid(folder: Path) -> Path:
    """Write down which process this is."""
    path = folder / "pid"
    path.write_text(str(os.getpid()), "utf-8")
    return path


def nothing(folder: Path) -> None:
    """Write nothing, as the calendar of a study without a ledger."""


def die(folder: Path) -> None:
    """End as a process ends that the system takes the memory from."""
    write_pid(folder)
    os._exit(9)


def wait_for_ever(folder: Path) -> None:
    """Tell that the work has begun, and never end it."""
    write_pid(folder)
    threading.Event().wait()


def test_a_workbook_that_waits_for_the_pages_is_the_same(
    made_up: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = made_up.hostile()
    told: dict[int, list[str]] = {}
    for most in (outputs.MANY_PARCELS, 0):
        monkeypatch.setattr(outputs, "MANY_PARCELS", most)
        folder = tmp_path / str(most)
        folder.mkdir()
        told[most] = []
        outputs.write_all(made.study, made.result, folder, _listener(told[most]))
    one, two = (all_of(tmp_path / str(most)) for most in told)
    assert one == two
    assert {*TABLES, "map.html", "report.html", "report.docx"} <= set(one)
    assert list(told.values()) == [[*PAGES, *TABLES]] * 2


def test_tables_written_by_a_process_of_their_own_are_the_same(
    made_up: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = made_up.hostile()
    here, apart = tmp_path / "here", tmp_path / "apart"
    here.mkdir()
    apart.mkdir()
    outputs.write_all(made.study, made.result, here)
    found = []

    def seen(self: TableProcess, *given: Any) -> Any:
        found.append(own(self, *given))
        return found[-1]

    own = TableProcess.write
    monkeypatch.setattr(TableProcess, "write", seen)
    monkeypatch.setattr(outputs, "FEW_PARCELS", 0)
    paths = outputs.write_all(made.study, made.result, apart)
    assert found == [[apart / name for name in TABLES]]
    assert all_of(apart) == all_of(here)
    assert sorted(paths) == sorted(apart.iterdir())


def test_no_second_process_where_memory_holds_only_one(
    made_up: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = made_up.hostile()
    monkeypatch.setattr(outputs, "FEW_PARCELS", 0)
    monkeypatch.setattr(TableProcess, "write", lambda *_: pytest.fail("a second process was started"))
    used = psutil.Process().memory_info().rss
    paths = outputs.write_all(made.study, made.result, tmp_path, most=used + used // 2)
    assert {path.name for path in paths} == {*PAGES, *TABLES} - {"deadlines.ics"}


def test_the_process_is_another_one_and_tells_what_was_written(tmp_path: Path) -> None:
    assert TableProcess().write([write_pid, nothing], (tmp_path,)) == [tmp_path / "pid", None]
    assert (tmp_path / "pid").read_text("utf-8") != str(os.getpid())


def test_a_process_that_dies_has_written_nothing(tmp_path: Path) -> None:
    assert TableProcess().write([die], (tmp_path,)) is None
    assert (tmp_path / "pid").exists()


def test_where_no_interpreter_can_be_started_the_caller_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "qgis-bin.exe")
    assert TableProcess().write([write_pid], (tmp_path,)) is None
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert TableProcess().write([write_pid], (tmp_path,)) is None
    assert not any(tmp_path.iterdir())


def test_what_cannot_be_sent_is_left_to_the_caller(tmp_path: Path) -> None:
    def of_a_notebook(folder: Path) -> Path:
        return write_pid(folder)

    assert TableProcess().write([of_a_notebook], (tmp_path,)) is None
    assert not any(tmp_path.iterdir())


def test_work_that_nobody_wants_any_more_is_ended_and_not_done_again(tmp_path: Path) -> None:
    process = TableProcess()
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(process.write([wait_for_ever], (tmp_path,))))
    thread.start()
    while not (tmp_path / "pid").exists():
        thread.join(0.05)
    process.end()
    thread.join()
    assert found == [[]]


CALLER = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_write_all import wait_for_ever
from landzone.outputs.table_process import TableProcess
TableProcess().write([wait_for_ever], (Path({folder!r}),))
"""


def test_the_process_leaves_when_the_one_that_asked_is_killed(tmp_path: Path) -> None:
    code = CALLER.format(tests=str(Path(__file__).parent), folder=str(tmp_path))
    caller = subprocess.Popen([sys.executable, "-c", code])
    pid = tmp_path / "pid"
    while not pid.exists() or not pid.read_text("utf-8"):
        assert caller.poll() is None
    caller.kill()
    caller.wait()
    own = int(pid.read_text("utf-8"))
    while _alive(own):
        threading.Event().wait(0.05)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
