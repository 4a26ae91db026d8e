"""What the engine costs: parcels of generated land measured in memory, and as tasks in processes; CPU, memory, disk.

python benchmarks/tasks.py --size 10k
python benchmarks/tasks.py --size 100k --workers 2

Both ways have to find the same numbers. The figures are those of the paper plan in docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from audit import write_study
from generate import SIZES
from harness import machine

import landzone as lz
from landzone.alignment.ground import PLAN_ROLE, PRESENT_ROLE, plan_grounds
from landzone.engine.direct import _land, area_measure, standing_frame
from landzone.engine.kernel import Land, Partial, Terms, measure_parcels
from landzone.engine.land_files import DATA, PARCELS, read_head, read_land, write_land
from landzone.engine.pool import Pool
from landzone.engine.reduce import reduce_parts
from landzone.engine.runner import Outcome, carry_out
from landzone.engine.tasks import partition


class Watched(Pool):
    """A pool that keeps what its tasks said."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self.said: list[dict[str, Any]] = []

    def wait(self, seconds: float) -> list[Outcome]:
        found = super().wait(seconds)
        self.said += [one.said for one in found]
        return found


T = TypeVar("T")


def timed(name: str, count: int, work: Callable[[], T]) -> T:
    """Carry out a piece of work and print its wall time and its CPU time, with that of ended processes."""
    begun, used = time.perf_counter(), cpu()
    found = work()
    wall, own = time.perf_counter() - begun, cpu() - used
    print(f"{name}: wall {wall:.1f} s, CPU {own:.2f} s, {own / count * 1e6:.0f} µs a parcel", flush=True)
    return found


def cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def opened(size: str, folder: Path) -> tuple[Land, Terms]:
    study = lz.open_study(write_study(size, 1, folder))
    terms = Terms(area_measure(study), study.settings.idle.footprint_shift_m, study.settings.alignment)
    grounds = plan_grounds(list(study.plans.values()), PLAN_ROLE, PRESENT_ROLE)
    return _land(study, standing_frame(study, None), grounds), terms


def same(one: Partial, two: Partial) -> bool:
    return sorted(one) == sorted(two) and all(np.array_equal(one[name], two[name]) for name in one)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="10k")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--one", action="store_true", help="no more than one task of the whole")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "landzone-benchmarks")
    options = parser.parse_args()
    print(machine())
    land, terms = opened(options.size, options.folder)
    count = len(land.parcels.place)
    whole = (
        None if options.one else timed("in memory, one thread", count, lambda: measure_parcels(land, terms))
    )
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = timed("land written", count, lambda: write_land(land, terms, Path(name)))
        head = read_head(folder)
        tasks = partition(folder, head)
        part, task = head.of(PARCELS)[tasks[0].part], tasks[0]
        one = timed(
            "  one task, read", task.rows, lambda: read_land(folder, head, part, task.start, task.stop)
        )
        print(f"  one task: {task.rows} parcels of {len(tasks)} tasks")
        timed("  one task, measured", task.rows, lambda: measure_parcels(one, terms))
        if whole is None:
            return
        pool = Watched(options.workers)
        done = timed(f"tasks, {options.workers} processes", count, lambda: _all(tasks, head, pool))
        found = timed("parts put together", count, lambda: reduce_parts(done, head))
        sizes = [sum(path.stat().st_size for path in (folder / one).iterdir()) for one in (DATA, "parts")]
        print(
            f"{len(tasks)} tasks; files: land {sizes[0] / count:.0f} B a parcel, parts {sizes[1] / count:.0f} B"
        )
        print(f"most memory of a worker: {max(said['rss'] for said in pool.said) / (1 << 30):.2f} GiB")
        print(f"the same numbers: {same(whole, found)}")


def _all(tasks: Any, head: Any, pool: Pool) -> Any:
    try:
        return carry_out(tasks, head, pool, lambda _: None)
    finally:
        pool.close()


if __name__ == "__main__":
    main()
