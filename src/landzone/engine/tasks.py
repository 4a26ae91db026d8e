"""Tasks: some rows of the parcels each, as a few words of JSON, carried out from files to a file in any process."""

from __future__ import annotations

import itertools
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from landzone.catalog.messages import refusal
from landzone.engine.kernel import Partial, measure_parcels
from landzone.engine.land_files import DATA, PARCELS, PARTS, LandHead, kernel_versions, read_head, read_land
from landzone.io import checkpoint
from landzone.io.shape_parts import read_rows

MOST_ROWS, MOST_VERTICES = 16_384, 1_000_000
"""Parcels and vertices of a task: about ten seconds of work and some hundred MB."""


@dataclass(frozen=True)
class Task:
    """Rows ``start`` to ``stop`` of one file of parcels, of the land in ``folder`` (named by the key of the run)."""

    folder: str
    part: int
    start: int
    stop: int

    @property
    def name(self) -> str:
        """Return the name of the partition and of its file."""
        return f"parcels-{self.part:05d}-{self.start:06d}-{self.stop:06d}"

    @property
    def rows(self) -> int:
        """Return the number of parcels."""
        return self.stop - self.start

    @property
    def path(self) -> Path:
        """Return where the finished part lies."""
        return Path(self.folder) / PARTS / f"{self.name}.npz"

    def spec(self) -> dict[str, Any]:
        """Return the task in values of JSON."""
        return asdict(self)

    def quartered(self) -> list[Task]:
        """Return the task in up to four."""
        edges = np.unique(np.linspace(self.start, self.stop, min(4, self.rows) + 1).astype(int)).tolist()
        return [Task(self.folder, self.part, a, b) for a, b in itertools.pairwise(edges)]

    def is_done(self) -> bool:
        """Tell whether the finished part is there, whole, of this run and of these rows."""
        return checkpoint.read_head(self.path) == self._head()

    def _head(self) -> dict[str, Any]:
        return {"key": Path(self.folder).name, "part": self.part, "start": self.start, "stop": self.stop}

    def keep(self, found: Partial) -> None:
        """Write the finished part."""
        checkpoint.write_arrays(self.path, found, self._head())

    def kept(self) -> Partial:
        """Read the finished part.

        Raises
        ------
        Refusal
            TASK_MISSING where there is none, or one of another run or of other rows.
        """
        if not self.is_done():
            raise refusal("TASK_MISSING", file=self.path.name)
        return checkpoint.read_arrays(self.path)


def partition(folder: Path, head: LandHead) -> list[Task]:
    """Cut the parcels into tasks of about one size, by the land alone, so that a later run finds its parts."""
    tasks = []
    for number, part in enumerate(head.of(PARCELS)):
        many = max(-(-part.rows // MOST_ROWS), -(-part.vertices // MOST_VERTICES))
        edges = np.unique(np.linspace(0, part.rows, min(many, part.rows) + 1).astype(int)).tolist()
        tasks += [Task(str(folder), number, a, b) for a, b in itertools.pairwise(edges)]
    return tasks


def weight(head: LandHead, task: Task) -> float:
    """Return about how many vertices the parcels of a task have."""
    part = head.of(PARCELS)[task.part]
    return part.vertices * task.rows / max(part.rows, 1)


def run_task(spec: dict[str, Any]) -> dict[str, Any]:
    """Carry out a task: a pure function of the files it names. The numbers go to a file, a summary comes back.

    Raises
    ------
    Refusal
        TASK_VERSIONS where this process is not what the land was written for: its numbers could differ.
    """
    begun = time.perf_counter()
    task = Task(**spec)
    kept = task.is_done()
    if not kept:
        head = read_head(Path(task.folder))
        require_versions(head.versions, kernel_versions())
        land = read_land(Path(task.folder), head, head.of(PARCELS)[task.part], task.start, task.stop)
        task.keep(measure_parcels(land, head.terms))
    used = psutil.Process().memory_info().rss
    return {"name": task.name, "kept": kept, "seconds": time.perf_counter() - begun, "rss": used}


def require_versions(wanted: dict[str, str], found: dict[str, str], where: str = "") -> None:
    """Refuse a process in which anything is of another version.

    Raises
    ------
    Refusal
        TASK_VERSIONS
    """
    other = [name for name in wanted if wanted[name] != found.get(name)]
    if other:
        pairs = ", ".join(f"{name} {str(found.get(name))[:24]} ≠ {wanted[name][:24]}" for name in other)
        raise refusal("TASK_VERSIONS", file=where, versions=pairs)


def place_of(task: Task, head: LandHead) -> list[int]:
    """Return the positions of the parcels of a task in the study."""
    rows = read_rows(Path(task.folder) / DATA, head.of(PARCELS)[task.part], task.start, task.stop)
    return [int(one) for one in rows.place]
