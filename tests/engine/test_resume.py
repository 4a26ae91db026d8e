"""The command line over tasks: interrupted in mid-run, killed, resumed; the bytes are those of a run in memory."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from landzone.cli import run
from landzone.engine import tasks, ways
from landzone.io.bundled import example_study
from landzone.outputs.publish import drop_tasks, tasks_path, work_folder

TASKS_OF_10 = """
import sys
from landzone.engine import tasks, ways
if __name__ == "__main__":
    tasks.MOST_ROWS = ways.MOST_ROWS = 10
    from landzone.cli import run
    sys.exit(run(sys.argv[1:]))
"""
AUDIT = ["audit", str(example_study()), "--as-of", "2026-06-30", "--lang", "en"]


def contents(folder: Path) -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    said = json.loads(found.pop("run.json"))
    del said["started_at"]
    return {**found, "run.json": json.dumps(said).encode()}


def start(script: Path, out: Path, *words: str) -> subprocess.Popen[str]:
    script.write_text(TASKS_OF_10)
    arguments = [sys.executable, str(script), *AUDIT, "-o", str(out), "--log-json", "--workers", "1", *words]
    return subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)


def until(running: subprocess.Popen[str], done: int) -> list[dict[str, Any]]:
    """Read what a run says of its tasks until so many are done."""
    assert running.stderr is not None
    told = []
    for line in running.stderr:
        event = json.loads(line)
        if event.get("stage") == "tasks":
            told.append(event)
            if event["done"] >= done:
                return told
    raise AssertionError("the run ended before its tasks")


@pytest.fixture(scope="module")
def direct(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result of a run in memory."""
    out = tmp_path_factory.mktemp("direct") / "out"
    assert run([*AUDIT, "-o", str(out)]) == 4
    return out


def test_a_killed_run_goes_on_from_its_parts_and_writes_the_bytes_of_a_run_in_memory(
    direct: Path, tmp_path: Path
) -> None:
    """21 tasks; the client dies at the third, and the worker of the second run dies as well."""
    out = tmp_path / "out"
    running = start(tmp_path / "audit.py", out)
    until(running, 3)
    running.kill()
    running.communicate()
    parts = sorted((tmp_path / "out.work" / "tasks").glob("*/parts/*.npz"))
    assert 3 <= len(parts) < 21
    assert not out.exists()
    resumed = start(tmp_path / "audit.py", out, "--resume")
    told = until(resumed, len(parts) + 1)
    assert [event["done"] for event in told[: len(parts)]] == list(range(1, len(parts) + 1))
    assert {event["seconds_left"] for event in told[:-1]} == {None}
    workers = [p for p in psutil.Process(resumed.pid).children() if "spawn_main" in " ".join(p.cmdline())]
    for worker in workers:
        worker.kill()
    said = [json.loads(line) for line in resumed.communicate()[1].splitlines()]
    assert resumed.returncode == 4
    told = [event for event in said if event.get("stage") == "tasks"]
    assert (told[-1]["done"], told[-1]["total"]) == (21, 21)
    assert contents(out) == contents(direct)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["audit.py", "out"]


def test_sigterm_leaves_the_parts_and_the_earlier_result_and_says_where(direct: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(direct, out)
    before = contents(out)
    running = start(tmp_path / "audit.py", out)
    until(running, 1)
    running.send_signal(signal.SIGTERM)
    said = running.communicate()[1]
    assert running.returncode == 143
    assert "Traceback" not in said
    assert '"work_kept", "path": "' + str(tmp_path / "out.work") in said
    assert contents(out) == before
    assert list((tmp_path / "out.work").glob("tasks/*/parts/*.npz"))
    with work_folder(out):
        assert tasks_path(out).is_dir()
    assert tasks_path(out).is_dir()
    drop_tasks(out)
    assert not (tmp_path / "out.work").exists()


def test_a_dask_cluster_writes_the_bytes_of_a_run_in_memory(
    dask: Any, direct: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "MOST_ROWS", 20)
    monkeypatch.setattr(ways, "MOST_ROWS", 20)
    monkeypatch.chdir(tmp_path)
    assert run([*AUDIT, "-o", "out", "--scheduler", dask.address]) == 4
    assert contents(tmp_path / "out") == contents(direct)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("value", ["", "much", "4", "-1GiB", "0M", "GiB"])
def test_an_amount_of_memory_that_is_none_leaves_with_2(
    value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*AUDIT, "-o", str(tmp_path / "out"), "--memory", value]) == 2
    assert f"the amount of memory {value} cannot be read" in capsys.readouterr().err


def test_too_little_memory_leaves_with_6_and_names_the_stage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*AUDIT, "-o", str(tmp_path / "out"), "--memory", "1M"]) == 6
    assert "MEMORY_EXCEEDED  at the stage read this process takes" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
