"""A Dask cluster of real processes on loopback: workers, client and scheduler are killed, the numbers stay."""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import engine_jobs
import pytest

from landzone.engine import cluster, tasks
from landzone.engine.cluster import Cluster, check_address
from landzone.engine.kernel import Land, Terms, measure_parcels
from landzone.engine.ways import InTasks
from landzone.errors import LimitError, Refusal

from .test_tasks import same

CLIENT = """
import pickle, sys
sys.path.insert(0, sys.argv[3])
import engine_jobs
from landzone.engine import tasks
from landzone.engine.cluster import Cluster
from landzone.engine.ways import InTasks
from pathlib import Path
if __name__ == "__main__":
    tasks.MOST_ROWS = 26
    folder = Path(sys.argv[1])
    land, terms = pickle.loads(folder.with_name("land").read_bytes())
    way = InTasks(folder, lambda: Cluster(sys.argv[2], folder, job=engine_jobs.slowly))
    way.measure(land, terms, lambda _: None)
"""


@pytest.fixture
def tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., InTasks]:
    """Return a way of ten tasks over a cluster."""
    monkeypatch.setattr(tasks, "MOST_ROWS", 26)
    folder = tmp_path / "tasks"
    return lambda dask, job=tasks.run_task: InTasks(
        folder, lambda: Cluster(dask.address, folder, job=job), resume=True
    )


def parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("tasks/*/parts/*.npz"))


def test_two_workers_of_which_one_is_killed_in_mid_run(
    dask: Any, tried: Callable[..., InTasks], land: Land, terms: Terms, tmp_path: Path
) -> None:
    found = tried(dask, engine_jobs.die_once).measure(land, terms, lambda _: None)
    assert (tmp_path / "tasks" / "met").exists()
    same(found, measure_parcels(land, terms))


def test_a_killed_client_leaves_parts_from_which_the_next_one_goes_on(
    dask: Any, tried: Callable[..., InTasks], land: Land, terms: Terms, tmp_path: Path
) -> None:
    (tmp_path / "land").write_bytes(pickle.dumps((land, terms)))
    command = [
        sys.executable,
        "-c",
        CLIENT,
        str(tmp_path / "tasks"),
        dask.address,
        str(Path(__file__).parent),
    ]
    running = subprocess.Popen(command)
    while not parts(tmp_path):
        assert running.poll() is None
        time.sleep(0.05)
    running.kill()
    running.wait()
    left = {path: path.stat().st_mtime_ns for path in parts(tmp_path)}
    assert 0 < len(left) < 10
    same(tried(dask).measure(land, terms, lambda _: None), measure_parcels(land, terms))
    assert len(parts(tmp_path)) == 10
    assert {path: path.stat().st_mtime_ns for path in left} == left


def test_a_killed_scheduler_ends_the_run_with_6_and_another_one_goes_on(
    own: Callable[[str], Any],
    dask: Any,
    tried: Callable[..., InTasks],
    land: Land,
    terms: Terms,
    tmp_path: Path,
) -> None:
    first = own("first")
    killed = []

    def told(status: Any) -> None:
        if status.done == 2 and not killed:
            killed.append(first.kill_scheduler())

    with pytest.raises(
        LimitError, match=r"CLUSTER_LOST.*the scheduler tcp://127\.0\.0\.1:\d+ is gone"
    ) as said:
        tried(first, engine_jobs.slowly).measure(land, terms, told)
    assert said.value.exit_code == 6
    assert 2 <= len(parts(tmp_path)) < 10
    same(tried(dask).measure(land, terms, lambda _: None), measure_parcels(land, terms))


def test_a_worker_that_counts_otherwise_is_refused(
    own: Callable[[str], Any], tried: Callable[..., InTasks], land: Land, terms: Terms, tmp_path: Path
) -> None:
    """numpy without its vector instructions may round the last digit otherwise."""
    odd = own("odd", workers=0)
    odd.add_worker(NPY_DISABLE_CPU_FEATURES="X86_V4")
    with pytest.raises(Refusal, match=r"TASK_VERSIONS  tcp://127\.0\.0\.1:\d+: .*SIMD"):
        tried(odd).measure(land, terms, lambda _: None)
    assert not parts(tmp_path)


def test_a_folder_that_workers_do_not_see_is_refused(
    dask: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``/proc/self/cwd`` is another folder for every process."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refusal, match="CLUSTER_FOLDER"):
        Cluster(dask.address, Path("/proc/self/cwd"))
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_joins_later_and_does_not_see_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="CLUSTER_FOLDER"):
        cluster._marked(engine_jobs.work, {}, str(tmp_path / "none" / "a.begun"))


def test_a_poisoned_partition_is_named(
    dask: Any, tried: Callable[..., InTasks], land: Land, terms: Terms, tmp_path: Path
) -> None:
    with pytest.raises(Refusal, match="TASK_LOST  parcels-00000-000"):
        tried(dask, engine_jobs.die).measure(land, terms, lambda _: None)


def test_a_scheduler_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 1)
    with pytest.raises(Refusal, match="CLUSTER_UNREACHABLE"):
        Cluster("tcp://127.0.0.1:9", tmp_path)


@pytest.mark.parametrize("address", ["tcp://10.0.0.7:8786", "tcp://scheduler:8786", "tcp://0.0.0.0:8786"])
def test_another_host_without_tls_needs_a_word_of_its_own(address: str) -> None:
    with pytest.raises(Refusal, match="SCHEDULER_OPEN"):
        check_address(address)
    check_address(address, insecure=True)
    check_address(address.replace("tcp", "tls"))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "tcp://localhost:8786", "tcp://[::1]:8786"])
def test_loopback_needs_none(address: str) -> None:
    check_address(address)


NO_ADDRESSES = [
    "",
    "8786",
    "127.0.0.1:8786",
    "http://127.0.0.1:8786",
    "tcp://127.0.0.1",
    "tls://:1",
    "tcp://a:b",
]


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Refusal, match="SCHEDULER_ADDRESS"):
        check_address(address, insecure=True)


def test_leaving_a_scheduler_that_is_gone_hides_nothing() -> None:
    class Gone:
        status = "closed"

        def close(self, timeout: float) -> None:
            """Fail as distributed does when its own wait for the scheduler ends at that moment."""
            raise RuntimeError("Cannot change state of expiring Timeout")

    left = Cluster.__new__(Cluster)
    left._client, left._flying = Gone(), {}
    left.close()
