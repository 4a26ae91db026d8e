"""The pool of this machine, with real processes that die, grow and fail."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import engine_jobs
import psutil
import pytest

from landzone.engine import runner, tasks
from landzone.engine.kernel import Land, Terms, measure_parcels
from landzone.engine.pool import Job, Pool, workers_that_fit
from landzone.engine.runner import Status
from landzone.engine.ways import InTasks
from landzone.errors import LimitError, Refusal

from .test_tasks import same

Tried = Callable[..., InTasks]


@pytest.fixture
def tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tried:
    """Return a way of four tasks (64 parcels each) over processes that do a job; two deaths are enough."""
    monkeypatch.setattr(tasks, "MOST_ROWS", 64)
    monkeypatch.setattr(runner, "TRIES", 2)

    def way(job: Job, workers: int = 2, limit: int | None = None) -> InTasks:
        return InTasks(tmp_path / "tasks", lambda: Pool(workers, limit, job), resume=True)

    return way


def parts(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("tasks/*/parts/*"))


def test_one_and_two_processes_measure_what_the_memory_does(
    tried: Tried, land: Land, terms: Terms, tmp_path: Path
) -> None:
    whole = measure_parcels(land, terms)
    heard: list[Status] = []
    same(tried(tasks.run_task, workers=1).measure(land, terms, heard.append), whole)
    assert len(parts(tmp_path)) == 4
    assert (heard[-1].done, heard[-1].total, heard[-1].parcels, heard[-1].share) == (4, 4, 256, 1.0)
    assert heard[0].seconds_left is None or heard[0].seconds_left > 0
    assert heard[-1].seconds_left == 0
    for path in tmp_path.glob("tasks/*/parts/*128.npz"):
        path.unlink()
    same(tried(engine_jobs.die_once).measure(land, terms, heard.append), whole)
    assert not [
        p for p in psutil.Process().children(recursive=True) if "landzone-worker" in " ".join(p.cmdline())
    ]


def test_a_process_that_is_killed_is_replaced_and_its_task_done_again(
    tried: Tried, land: Land, terms: Terms, tmp_path: Path
) -> None:
    same(tried(engine_jobs.die_once).measure(land, terms, lambda _: None), measure_parcels(land, terms))
    assert (tmp_path / "tasks" / "met").exists()


def test_a_task_that_is_too_much_is_done_in_quarters(
    tried: Tried, land: Land, terms: Terms, tmp_path: Path
) -> None:
    found = tried(engine_jobs.die_while_large).measure(land, terms, lambda _: None)
    same(found, measure_parcels(land, terms))
    assert len(parts(tmp_path)) == 7


def test_a_poisoned_partition_is_cut_up_and_then_named_and_the_others_stay(
    tried: Tried, land: Land, terms: Terms, tmp_path: Path
) -> None:
    with pytest.raises(
        Refusal, match=r"TASK_LOST  parcels-00000-000\d+-000\d+: .* 2 times \(exit code -6"
    ) as told:
        tried(engine_jobs.die, workers=1).measure(land, terms, lambda _: None)
    assert not isinstance(told.value, LimitError)
    assert "P" in str(told.value)
    assert len(parts(tmp_path)) >= 3


def test_a_partition_over_the_limit_of_memory_leaves_with_6_and_its_name(
    tried: Tried, land: Land, terms: Terms
) -> None:
    with pytest.raises(LimitError, match=r"TASK_MEMORY  parcels-00000-000\d+-000\d+") as told:
        tried(engine_jobs.grow, limit=700 << 20).measure(land, terms, lambda _: None)
    assert told.value.exit_code == 6


def test_a_mistake_in_a_task_is_raised_with_its_partition(tried: Tried, land: Land, terms: Terms) -> None:
    with pytest.raises(ZeroDivisionError, match="a mistake") as told:
        tried(engine_jobs.fail).measure(land, terms, lambda _: None)
    assert told.value.__notes__[0].startswith("partition parcels-00000-")


def test_workers_are_as_many_as_cores_and_memory_allow() -> None:
    assert workers_that_fit(0) == 1
    assert workers_that_fit(1 << 50) == os.cpu_count()
    assert 1 <= workers_that_fit() <= (os.cpu_count() or 1)
