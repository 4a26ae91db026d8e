"""Land on which tasks are tried: parcels in a lattice, footprints that overlap, plans, a line of control."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyproj
import pytest
import shapely

from landzone.alignment.ground import PlanGround
from landzone.alignment.pair_table import PlaceClass
from landzone.engine.kernel import Land, Terms
from landzone.geometry.area import AreaMeasure
from landzone.geometry.overlay import OverlapReport
from landzone.io.shape_parts import Placed, placed

sys.path.insert(0, str(Path(__file__).parent))  # processes of a pool find ``engine_jobs`` by it

X, Y = 38_500_000.0, 3_650_000.0
CLASSES = (PlaceClass("010", "C", "M", (("C", "M"),)), PlaceClass("030", "N", "", (("N", ""),)))


def turned(shapes: np.ndarray, degrees: float) -> np.ndarray:
    """Turn shapes, so that no edge is straight along an axis."""
    turn = np.deg2rad(degrees)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return shapely.transform(shapes, lambda xy: xy @ matrix + (X, Y))


def cells(count: int, side: float, degrees: float) -> np.ndarray:
    i, j = (part.ravel() for part in np.meshgrid(np.arange(count), np.arange(count), indexing="ij"))
    return turned(shapely.box(i * side, j * side, (i + 1) * side, (j + 1) * side), degrees)


def plan(name: str, shapes: np.ndarray) -> PlanGround:
    none, nothing = np.zeros(0, np.int64), np.zeros(0, dtype=object)
    report = OverlapReport(none, none, np.zeros(0), nothing, nothing)
    return PlanGround(name, shapes, np.arange(len(shapes)) % 2, CLASSES, report, none, none)


@pytest.fixture(scope="session")
def land() -> Land:
    """256 parcels of 20 × 20 m; of four neighbouring footprints two overlap, across a border of parcels."""
    rng = np.random.default_rng(4)
    corner = rng.uniform(0, 300, (300, 2))
    size = rng.uniform(4, 15, (300, 2))
    sheds = turned(shapely.box(*corner.T, *(corner + size).T), 3)
    order = rng.permutation(256)
    sets = {
        "zones": placed(cells(2, 150, 3)),
        "buildings": Placed(sheds, np.arange(0, 600, 2), np.zeros(300, np.int64)),
        "line:farmland": placed(np.array([shapely.Point(X + 100, Y + 120).buffer(90)])),
    }
    plans = [plan("a", cells(9, 37, 3)), plan("b", cells(6, 55, 3.01))]
    return Land(placed(cells(16, 20, 3)[order]), sets, plans, [f"P{n:03d}" for n in range(256)])


@pytest.fixture(scope="session")
def terms() -> Terms:
    return Terms(AreaMeasure(pyproj.CRS(4526)), 6.0)


class Dask:
    """A Dask scheduler and its workers on loopback, as processes of their own.

    ``tls``: environment that names certificates, where they shall speak by TLS.
    """

    def __init__(self, folder: Path, workers: int, tls: Mapping[str, str] | None = None) -> None:
        self.folder, self.tls = folder, tls
        self.file = folder / "scheduler.json"
        folder.mkdir()
        self.processes = [self._run("scheduler", "--port", "0", "--no-dashboard", "--no-show")]
        until = time.monotonic() + 120
        while not self.file.is_file() or not self.file.read_text().strip():
            assert time.monotonic() < until, "no scheduler"
            time.sleep(0.1)
        self.address = str(json.loads(self.file.read_text())["address"])
        for _ in range(workers):
            self.add_worker()

    def _run(self, what: str, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            f"distributed.cli.dask_{what}",
            "--scheduler-file",
            str(self.file),
            *words,
        ]
        own = os.environ | {"PYTHONPATH": str(Path(__file__).parent)} | environment
        own["DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"] = "1"
        if self.tls is not None:
            own |= self.tls
            command += ["--protocol", "tls"]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [*command, "--host", "127.0.0.1"], env=own, cwd=self.folder, stdout=log, stderr=log
            )

    def add_worker(self, **environment: str) -> None:
        words = ("--nthreads", "1", "--no-dashboard", "--local-directory", str(self.folder))
        self.processes.append(self._run("worker", *words, **environment))

    def kill_scheduler(self) -> None:
        self.processes[0].kill()

    def stop(self) -> None:
        for process in self.processes:
            for child in (
                psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            ):
                child.kill()
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """A scheduler and two workers."""
    found = Dask(tmp_path_factory.mktemp("dask") / "one", 2)
    yield found
    found.stop()


@pytest.fixture
def own(tmp_path: Path, dask: Dask) -> Iterator[Callable[..., Any]]:
    """Return a maker of clusters that only one test uses."""
    made = []

    def make(name: str, workers: int = 1) -> Any:
        made.append(type(dask)(tmp_path / name, workers))
        return made[-1]

    yield make
    for one in made:
        one.stop()
