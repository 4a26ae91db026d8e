"""The ways to measure parcels: in memory, or as tasks on this machine or a cluster. All give the same bytes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil
import shapely

from landzone.catalog.messages import out_of_limit
from landzone.engine.cluster import Cluster
from landzone.engine.kernel import Land, Partial, Terms, measure_parcels
from landzone.engine.land_files import PARTS, LandHead, read_head, write_land
from landzone.engine.pool import WORKER_BYTES, Job, Pool, workers_that_fit
from landzone.engine.reduce import reduce_parts
from landzone.engine.runner import Runner, Sizes, Status, T, carry_out
from landzone.engine.tasks import MOST_ROWS, Task, partition, place_of, run_task, weight
from landzone.geometry.area import AreaMeasure

LEAST_WORKER_BYTES = WORKER_BYTES // 4
BYTES_OF_VERTEX = 40
"""About what a vertex takes on disk, in the files of the land and of the finished parts together."""

Told = Callable[[Status], None]


class Way(Protocol):
    """How parcels are measured."""

    def measure(self, land: Land, terms: Terms, told: Told) -> Partial:
        """Measure all parcels of a study, see ``kernel.measure_parcels``."""
        ...


@dataclass(frozen=True)
class Direct:
    """In memory, in threads."""

    threads: int = 1

    def measure(self, land: Land, terms: Terms, told: Told) -> Partial:
        """Measure all parcels at once."""
        del told
        return measure_parcels(land, terms, self.threads)


@dataclass(frozen=True)
class InTasks:
    """As tasks, from files in ``folder`` to files there.

    Attributes
    ----------
    folder : Path
        Folder of the run's own, which every worker reaches.
    runner : callable
        Starts what carries out the tasks.
    resume : bool
        Use what an earlier run with the same key has finished.
    """

    folder: Path
    runner: Callable[[], Runner[Task]]
    resume: bool = False

    def measure(self, land: Land, terms: Terms, told: Told) -> Partial:
        """Write the land, carry out the tasks, put the parts together; the parts stay where anything goes wrong."""
        if not self.resume:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        _require_disk(self.folder, land)
        try:
            own = write_land(land, terms, self.folder)
            head = read_head(own)
            runner = self.runner()
            try:
                done = carry_out(partition(own, head), _sizes(head, land.ids), runner, told)
            finally:
                runner.close()
            return reduce_parts(done, head)
        except BaseException:
            if not any(self.folder.glob(f"*/{PARTS}/*.npz")):
                shutil.rmtree(self.folder, ignore_errors=True)
            raise


def _sizes(head: LandHead, ids: Sequence[str]) -> Sizes[Task]:
    def named(task: Task) -> list[str]:
        return [str(ids[one]) if len(ids) else str(one) for one in place_of(task, head)]

    return Sizes(lambda task: weight(head, task), lambda task: task.rows, named)


@dataclass(frozen=True)
class Wish:
    """What the command line says of the way.

    Attributes
    ----------
    folder : Path
        Where the files of tasks may lie.
    workers : int, optional
        Processes of this machine; as many as cores and memory allow where absent.
    resume : bool
        Use finished parts of an earlier run.
    memory : int, optional
        Most bytes of the whole run on this machine.
    scheduler : str, optional
        Address of a Dask scheduler that takes the place of the processes.
    insecure : bool
        Speak to a scheduler on another host without TLS.
    """

    folder: Path
    workers: int | None = None
    resume: bool = False
    memory: int | None = None
    scheduler: str | None = None
    insecure: bool = False


def in_tasks(parcels: int, measure: AreaMeasure, wish: Wish | None) -> bool:
    """Tell whether parcels are measured as tasks: where it is wished, they are many and the CRS is in metres."""
    return wish is not None and parcels > MOST_ROWS and measure.metric


def way_for(land: Land, terms: Terms, threads: int, wish: Wish | None) -> Way:
    """Return the way that fits, see ``in_tasks``."""
    if wish is None or not in_tasks(len(land.parcels.place), terms.measure, wish):
        return Direct(threads)
    return InTasks(wish.folder, lambda: runner_for(wish, run_task), wish.resume)


def runner_for(wish: Wish, job: Job, sources: Sequence[Path] = ()) -> Runner[T]:
    """Return what carries out tasks: the cluster that a wish names, else the processes of this machine that it allows.

    ``sources``: files outside ``wish.folder`` that tasks read.

    Raises
    ------
    Refusal
        See ``Cluster``.
    LimitError
        MEMORY_TOO_SMALL where not even one process would fit.
    """
    if wish.scheduler is None:
        return pool_for(wish, job)
    return Cluster(wish.scheduler, wish.folder, insecure=wish.insecure, job=job, sources=sources)


def pool_for(wish: Wish, job: Job) -> Pool[T]:
    """Return the processes that a wish allows, within its memory.

    Raises
    ------
    LimitError
        MEMORY_TOO_SMALL where not even one would fit.
    """
    if wish.memory is None:
        return Pool(wish.workers or workers_that_fit(), job=job)
    own = psutil.Process().memory_info().rss
    rest = wish.memory - own
    workers = min(wish.workers or workers_that_fit(rest), max(rest // LEAST_WORKER_BYTES, 0))
    if workers < 1:
        raise out_of_limit("MEMORY_TOO_SMALL", file="", gib=f"{own / (1 << 30):.2f}")
    return Pool(workers, rest // workers, job)


def within(memory: int | None, progress: Callable[..., None]) -> Callable[..., None]:
    """Return a teller of progress that stops the run where this process takes more memory than allowed.

    Raises
    ------
    LimitError
        MEMORY_EXCEEDED naming the stage.
    """
    if memory is None:
        return progress

    def watched(stage: str, share: float, name: str = "", **facts: object) -> None:
        used = psutil.Process().memory_info().rss
        if used > memory:
            raise out_of_limit("MEMORY_EXCEEDED", file="", stage=stage, gib=f"{used / (1 << 30):.2f}")
        progress(stage, share, name, **facts)

    return watched


def _require_disk(folder: Path, land: Land) -> None:
    """Refuse to begin where the disk cannot hold the files of the run."""
    sets = [land.parcels, *land.sets.values()]
    shapes = [one.shapes for one in sets] + [plan.shapes for plan in land.plans]
    need = BYTES_OF_VERTEX * sum(int(shapely.get_num_coordinates(one).sum()) for one in shapes)
    free = shutil.disk_usage(folder).free
    if need > free:
        mb = 1_000_000
        raise out_of_limit("DISK_TOO_SMALL", file=str(folder), need=need // mb, free=free // mb)
