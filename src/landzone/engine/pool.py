"""Tasks on this machine: a few processes, each with one task at a time.

Each process has a pipe of its own, so that a death is known at once and laid at the door of the task that the process
was at work on (``concurrent.futures`` loses the whole pool and cannot tell which task did it). A process whose client
is gone finishes its task and leaves.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Generic

import psutil

from landzone.engine.runner import End, Outcome, T
from landzone.engine.tasks import run_task

TASKS_OF_A_PROCESS = 64
"""After so many tasks a process makes room for a fresh one."""

Job = Callable[[dict[str, Any]], dict[str, Any]]

WORKER_BYTES = 1 << 30
"""Memory that a worker is given where nothing else is said; see docs/scale.md for what was measured."""


def workers_that_fit(memory: int | None = None) -> int:
    """Return how many processes the cores and the free memory (or the given one, bytes) allow, at least one."""
    free = psutil.virtual_memory().available if memory is None else memory
    return max(1, min(os.cpu_count() or 1, free // WORKER_BYTES))


class Pool(Generic[T]):
    """Processes of this machine (spawn), restarted when they die.

    Parameters
    ----------
    workers : int
    limit : int, optional
        Most resident memory of one process in bytes; it is ended when it takes more.
    job : callable
        What a process does with a task (``Task.spec``).
    """

    def __init__(self, workers: int, limit: int | None = None, job: Job = run_task) -> None:
        self.width = workers
        self.limit = limit
        self.job = job
        self._workers: list[_Worker[T]] = []

    def submit(self, task: T) -> None:
        """Give a task to an idle process."""
        idle = next((one for one in self._workers if one.task is None), None)
        if idle is not None and (idle.tasks >= TASKS_OF_A_PROCESS or not idle.process.is_alive()):
            self._drop(idle)
            idle = None
        if idle is None:
            idle = _start(self.job)
            self._workers.append(idle)
        idle.begin(task)

    def wait(self, seconds: float) -> list[Outcome[T]]:
        """Return what has ended."""
        until = time.monotonic() + seconds
        while True:
            busy = {one.pipe: one for one in self._workers if one.task is not None}
            ready = wait(list(busy), timeout=max(0.0, min(0.25, until - time.monotonic())))
            found = [self._ended(busy[pipe]) for pipe in ready if isinstance(pipe, Connection)]
            found += self._too_large(set(busy.values()) - {busy[pipe] for pipe in ready if pipe in busy})
            if found or time.monotonic() >= until:
                return found

    def _ended(self, worker: _Worker[T]) -> Outcome[T]:
        task = worker.task
        assert task is not None
        try:
            said, error = worker.pipe.recv()
        except (EOFError, OSError):
            worker.process.join()
            code = worker.process.exitcode
            self._drop(worker)
            return Outcome(task, End.LOST, {"exit": code})
        worker.task = None
        if isinstance(error, MemoryError):
            return Outcome(task, End.MEMORY, {"gib": ""}, error)
        return Outcome(task, End.FAILED if error else End.DONE, said, error)

    def _too_large(self, busy: set[_Worker[T]]) -> list[Outcome[T]]:
        found = []
        for worker in busy if self.limit is not None else ():
            used = _resident(worker.process.pid)
            if used > (self.limit or 0) and worker.task is not None:
                task = worker.task
                self._drop(worker)
                found.append(Outcome(task, End.MEMORY, {"gib": f"{used / (1 << 30):.2f}"}))
        return found

    def _drop(self, worker: _Worker[T]) -> None:
        self._workers.remove(worker)
        worker.stop()

    def close(self) -> None:
        """End every process at once; finished parts stay."""
        for worker in list(self._workers):
            self._drop(worker)


@dataclass(eq=False)
class _Worker(Generic[T]):
    process: Any
    pipe: Connection
    task: T | None = None
    tasks: int = 0

    def begin(self, task: T) -> None:
        self.task, self.tasks = task, self.tasks + 1
        try:
            self.pipe.send(task.spec())
        except OSError:
            return  # it died before it had anything to do: ``wait`` finds the closed pipe

    def stop(self) -> None:
        self.pipe.close()
        self.process.kill()
        self.process.join()
        self.process.close()


def _start(job: Job) -> _Worker[T]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, job), daemon=True, name="landzone-worker")
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _serve(pipe: Connection, job: Job) -> None:
    """Carry out tasks until the other end of the pipe is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        try:
            spec = pipe.recv()
        except (EOFError, OSError):
            return
        said: dict[str, Any] = {}
        error: BaseException | None = None
        try:
            said = job(spec)
        except Exception as found:  # noqa: BLE001 - whatever it is, the other side has to hear of it
            error = found
        try:
            pipe.send((said, error))
        except OSError:
            return


def _resident(pid: int | None) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
