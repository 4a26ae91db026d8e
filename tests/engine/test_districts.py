"""Districts in processes that are killed, on this machine and on Dask: the tables have the bytes of an undisturbed run.

``district_land``: six zones, one a district, and one range of parcels; seven tasks.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import engine_jobs
import pandas as pd
import pyarrow.parquet as pq
import pytest

from district_land import DAY, contents, tables, write_store
from landzone import districts, tabulating
from landzone.cli import run
from landzone.engine import district_tasks, runner
from landzone.engine.district_tasks import Caps, District, open_run, plot_of
from landzone.errors import LimitError, Refusal
from landzone.io.store import StoreReader
from landzone.io.store_parts import digest
from landzone.outputs.publish import tasks_path

CAPS = Caps(zones=1)
CLIENT = """
import sys
sys.path[:0] = sys.argv[3:5]
import engine_jobs
from district_land import tables
from landzone import tabulating
from landzone.engine.district_tasks import Caps
from pathlib import Path
if __name__ == "__main__":
    tabulating.run_district = engine_jobs.slowly
    tables(Path(sys.argv[1]), Path(sys.argv[2]), Caps(zones=1), scheduler=sys.argv[5] or None)
"""
Seen = list[set[str]]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_store(tmp_path_factory.mktemp("land"))


@pytest.fixture(scope="module")
def finished(store: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], Path]:
    """Return the tables of a run with one process that nothing disturbs, and the folder of its finished parts."""
    folder = tmp_path_factory.mktemp("undisturbed")

    def told(stage: str, *_: object, **__: object) -> None:
        if stage == "write" and not (folder / "parts").exists():
            shutil.copytree(tasks_path(folder / "out"), folder / "parts")

    out = tables(store, folder / "out", CAPS, progress=told)
    return contents(out), folder / "parts"


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Return a setter of what workers do with a district."""
    return lambda own: monkeypatch.setattr(tabulating, "run_district", own)


def parts(out: Path) -> list[Path]:
    """Return the finished parts beside a result that is not there yet."""
    return sorted(
        path.parent for path in tasks_path(out).glob("*/parts/*/run.json") if "part" not in path.parent.suffix
    )


def finder(out: Path, found: Seen) -> Callable[..., None]:
    """Return a teller of progress that takes down what lies beside the result before it is published."""

    def told(stage: str, *_: object, **__: object) -> None:
        if stage == "write":
            found.append(
                {path.name for path in tasks_path(out).iterdir()} | {path.name for path in parts(out)}
            )

    return told


def test_a_process_of_this_machine_is_killed_in_mid_run(
    store: Path, finished: tuple[dict[str, bytes], Path], job: Callable[[Any], None], tmp_path: Path
) -> None:
    job(engine_jobs.die_once)
    found: Seen = []
    out = tables(store, tmp_path / "out", CAPS, workers=2, progress=finder(tmp_path / "out", found))
    assert "met" in found[0]
    assert contents(out) == finished[0]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_two_workers_of_dask_of_which_one_is_killed_in_mid_run(
    store: Path,
    finished: tuple[dict[str, bytes], Path],
    dask: Any,
    job: Callable[[Any], None],
    tmp_path: Path,
) -> None:
    job(engine_jobs.die_once)
    found: Seen = []
    told = finder(tmp_path / "out", found)
    out = tables(store, tmp_path / "out", CAPS, scheduler=dask.address, progress=told)
    assert "met" in found[0]
    assert contents(out) == finished[0]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("scheduler", [False, True], ids=["of processes", "of dask"])
def test_a_killed_client_leaves_districts_from_which_the_next_one_goes_on(
    scheduler: bool, store: Path, finished: tuple[dict[str, bytes], Path], dask: Any, tmp_path: Path
) -> None:
    out, address = tmp_path / "out", dask.address if scheduler else None
    places = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
    running = subprocess.Popen([sys.executable, "-c", CLIENT, str(store), str(out), *places, address or ""])
    while len(parts(out)) < 2:
        assert running.poll() is None
        time.sleep(0.05)
    running.kill()
    running.wait()
    left = {path: (path / "run.json").stat().st_mtime_ns for path in parts(out)}
    assert 2 <= len(left) < 7
    assert not out.exists()
    kept: list[bool] = []

    def told(stage: str, *_: object, **__: object) -> None:
        if stage == "write":
            kept.append({path: (path / "run.json").stat().st_mtime_ns for path in left} == left)

    tables(store, out, CAPS, resume=True, scheduler=address, progress=told)
    assert kept[0]
    assert contents(out) == finished[0]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_killed_scheduler_ends_the_run_with_6_and_another_one_goes_on(
    store: Path,
    finished: tuple[dict[str, bytes], Path],
    dask: Any,
    own: Callable[[str], Any],
    job: Callable[[Any], None],
    tmp_path: Path,
) -> None:
    first, out = own("first"), tmp_path / "out"

    def told(stage: str, *_: object, done: int = 0, **__: object) -> None:
        if stage == "tasks" and done == 2:
            first.kill_scheduler()

    job(engine_jobs.slowly)
    with pytest.raises(LimitError, match="CLUSTER_LOST") as said:
        tables(store, out, CAPS, scheduler=first.address, progress=told)
    assert said.value.exit_code == 6
    assert 2 <= len(parts(out)) < 7
    job(districts.run_district)
    tables(store, out, CAPS, resume=True, scheduler=dask.address)
    assert contents(out) == finished[0]


@pytest.mark.parametrize("scheduler", [False, True], ids=["on processes", "on dask"])
def test_a_poisoned_district_is_named_and_the_others_stay(
    scheduler: bool,
    store: Path,
    dask: Any,
    job: Callable[[Any], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two zones a district: it is cut up, and the zone at fault named.

    A worker of Dask that dies takes along what waits for it, so there the usual number of tries has to hold.
    """
    if not scheduler:
        monkeypatch.setattr(runner, "TRIES", 1)
    job(engine_jobs.die_behind_another)
    zone = plot_of(StoreReader(store)).zones["zone_id"][engine_jobs.POISONED_ZONE]
    way = {"scheduler": dask.address} if scheduler else {}
    with pytest.raises(Refusal, match=f"TASK_LOST  zones-00000002-00000003: .*{zone}"):
        tables(store, tmp_path / "out", Caps(zones=2), **way)
    assert parts(tmp_path / "out")


def test_the_command_line_hands_districts_to_a_scheduler(
    store: Path, finished: tuple[dict[str, bytes], Path], dask: Any, tmp_path: Path
) -> None:
    words = ["audit", str(store), "--as-of", DAY.isoformat(), "-o", str(tmp_path / "out"), "--tables"]
    assert run([*words, "--scheduler", dask.address]) == 0
    assert contents(tmp_path / "out") == finished[0]


def test_a_store_that_workers_do_not_see_is_refused(
    store: Path, dask: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``/proc/self/cwd`` is another folder for every process."""
    monkeypatch.chdir(store.parent)
    with pytest.raises(Refusal, match=r"CLUSTER_SOURCE.*tcp://127\.0\.0\.1"):
        tables(Path("/proc/self/cwd") / store.name, tmp_path / "out", CAPS, scheduler=dask.address)
    assert not parts(tmp_path / "out")


def began(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return the folder of the only run below a folder, and what its head says."""
    (own,) = (path for path in folder.iterdir() if path.is_dir())
    return own, json.loads((own / "run.json").read_bytes())


@pytest.mark.parametrize("what", ["language", "plans", "store", "version", "code"])
def test_a_district_of_other_parameters_data_or_versions_is_never_used(
    what: str,
    store: Path,
    finished: tuple[dict[str, bytes], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, about = began(finished[1])
    plot, terms = plot_of(StoreReader(store)), {"lang": about["lang"], "plans": about["plans"]}
    found = dict(about["versions"])
    assert open_run(tmp_path / "same", store, plot, terms).name == first.name
    if what == "language":
        terms["lang"] = "en"
    elif what == "plans":
        terms["plans"] = terms["plans"][:1]
    elif what == "store":
        store = tmp_path / "store"
        store.mkdir()
        (store / "store.json").write_bytes(b"{}")
    else:
        found[{"version": "GEOS", "code": "kernel"}[what]] = "other"
        monkeypatch.setattr(district_tasks, "kernel_versions", lambda: found)
    second = open_run(tmp_path / "tasks", store, plot, terms)
    assert second.name != first.name
    task = District(str(second), str(store), "zones", 0, 1)
    shutil.copytree(first / "parts" / task.name, task.path)
    assert replace(task, folder=str(first)).is_done()
    assert not task.is_done()
    with pytest.raises(Refusal, match="TASK_MISSING"):
        task.kept()


def test_parts_of_other_districts_are_not_taken_for_one(
    store: Path, finished: tuple[dict[str, bytes], Path], tmp_path: Path
) -> None:
    shutil.copytree(finished[1], tmp_path / "tasks")
    folder, _ = began(tmp_path / "tasks")
    task = District(str(folder), str(store), "zones", 0, 1)
    shutil.rmtree(task.path)
    replace(task, start=1, stop=2).path.rename(task.path)
    assert not task.is_done()


def test_a_process_of_other_versions_is_refused(
    store: Path, finished: tuple[dict[str, bytes], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(finished[1], tmp_path / "tasks")
    folder, about = began(tmp_path / "tasks")
    task = District(str(folder), str(store), "zones", 0, 1)
    shutil.rmtree(task.path)
    monkeypatch.setattr(districts, "kernel_versions", lambda: {**about["versions"], "GEOS": "3.0.0"})
    with pytest.raises(Refusal, match=r"TASK_VERSIONS.*GEOS 3\.0\.0 ≠"):
        districts.run_district(task.spec())
    assert not task.is_done()


def test_a_part_that_another_worker_has_finished_meanwhile_stays(
    store: Path, finished: tuple[dict[str, bytes], Path], tmp_path: Path
) -> None:
    shutil.copytree(finished[1], tmp_path / "tasks")
    folder, _ = began(tmp_path / "tasks")
    task = District(str(folder), str(store), "zones", 0, 1)
    before = task.kept()
    task.keep({"zones": pd.DataFrame({"zone_id": ["other"]})}, {})
    assert task.kept() == before
    assert [path.name for path in folder.glob("parts/*.part")] == []


def resumed(store: Path, out: Path, progress: Callable[..., None] = lambda *_, **__: None) -> Path:
    return tables(store, out, CAPS, resume=True, progress=progress)


def test_a_district_that_is_missing_at_the_end_is_refused(
    store: Path, finished: tuple[dict[str, bytes], Path], tmp_path: Path
) -> None:
    shutil.copytree(finished[1], tasks_path(tmp_path / "out"))

    def lose(stage: str, *_: object, done: int = 0, **__: object) -> None:
        if stage == "tasks" and done == 7:
            shutil.rmtree(parts(tmp_path / "out")[3])

    with pytest.raises(Refusal, match="TASK_MISSING  zones-00000002-00000003"):
        resumed(store, tmp_path / "out", lose)
    assert not (tmp_path / "out").exists()
    assert contents(resumed(store, tmp_path / "out")) == finished[0]


@pytest.mark.parametrize(
    ("name", "what", "by"),
    [
        ("zones-00000000-00000001", "zones", 1),
        ("zones-00000000-00000001", "parcels", -1),
        ("zones-00000000-00000001", "parcel_area", 1),
        ("rest-00000000-00000001", "parcels", 1),
        ("rest-00000000-00000001", "looked_at", -1),
        ("rest-00000000-00000001", "area_looked_at", -1),
    ],
)
def test_districts_that_do_not_add_up_to_the_store_are_refused(
    name: str, what: str, by: int, store: Path, finished: tuple[dict[str, bytes], Path], tmp_path: Path
) -> None:
    shutil.copytree(finished[1], tasks_path(tmp_path / "out"))
    (head,) = tasks_path(tmp_path / "out").glob(f"*/parts/{name}/run.json")
    said = json.loads(head.read_text())
    said["sums"][what] += by
    head.write_text(json.dumps(said))
    with pytest.raises(Refusal, match="TASK_SUMS"):
        resumed(store, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("table", ["zones", "parcels"])
def test_files_that_do_not_hold_the_rows_that_were_counted_are_refused(
    table: str, store: Path, finished: tuple[dict[str, bytes], Path], tmp_path: Path
) -> None:
    """A row less, with a hash that fits."""
    shutil.copytree(finished[1], tasks_path(tmp_path / "out"))
    heads = sorted(tasks_path(tmp_path / "out").glob("*/parts/zones-*/run.json"))
    head = next(one for one in heads if len(pq.read_table(one.with_name(f"{table}.parquet"))))
    path = head.with_name(f"{table}.parquet")
    pq.write_table(pq.read_table(path).slice(1), path)
    said = json.loads(head.read_text())
    said["sha256"][table] = digest(path)
    head.write_text(json.dumps(said))
    with pytest.raises(Refusal, match=f"TASK_SUMS.*{table}"):
        resumed(store, tmp_path / "out")
    assert not (tmp_path / "out").exists()
