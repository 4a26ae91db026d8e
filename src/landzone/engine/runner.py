"""What carries out tasks, seen from above, and the loop that sends them until all are done."""

from __future__ import annotations

import signal
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from landzone.catalog.messages import out_of_limit, refusal

TRIES = 3
"""How often a task may take its worker with it before it is cut up, and its pieces before the run gives up."""

NAMED = 5


class Work(Protocol):
    """A task as the loop sees it: a name, a size, and a finished part that may be there already."""

    @property
    def name(self) -> str:
        """Return the name of the partition."""
        ...

    @property
    def rows(self) -> int:
        """Return of how many things it consists; one of more than one can be cut up."""
        ...

    @property
    def path(self) -> Path:
        """Return where the finished part lies."""
        ...

    def spec(self) -> dict[str, Any]:
        """Return the task in values of JSON."""
        ...

    def is_done(self) -> bool:
        """Tell whether its finished part is there."""
        ...

    def quartered(self) -> Sequence[Any]:
        """Return the task in up to four."""
        ...


T = TypeVar("T", bound=Work)


@dataclass(frozen=True)
class Sizes(Generic[T]):
    """What the loop has to know of tasks: their weights in vertices, their parcels, and what to call them by.

    ``named`` returns the first ids of a task, for the message that gives it up.
    """

    weight: Callable[[T], float]
    parcels: Callable[[T], int]
    named: Callable[[T], Sequence[str]]


class End(StrEnum):
    """How a task ended."""

    DONE = "done"
    LOST = "lost"
    MEMORY = "memory"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """How a task ended; ``error`` is what it raised, ``said`` its summary or what is known of the loss.

    ``spent``: it was sent again as often as is worth while.
    """

    task: T
    end: End
    said: dict[str, Any]
    error: BaseException | None = None
    spent: bool = False


class Runner(Protocol[T]):
    """Carries out tasks: on this machine or on a cluster."""

    @property
    def width(self) -> int:
        """Return how many tasks may be under way."""
        ...

    def submit(self, task: T) -> None:
        """Begin a task."""
        ...

    def wait(self, seconds: float) -> list[Outcome[T]]:
        """Return the tasks that have ended, after so many seconds at the latest."""
        ...

    def close(self) -> None:
        """Stop everything that is under way."""
        ...


@dataclass(frozen=True)
class Status:
    """How far a run is; ``seconds_left`` is None until something can be said of it."""

    done: int
    total: int
    parcels: int
    share: float
    seconds_left: float | None


Told = Callable[[Status], None]


def carry_out(tasks: Sequence[T], sizes: Sizes[T], runner: Runner[T], told: Told) -> list[T]:
    """Carry out tasks, the largest first; return those whose parts make the whole (a task may have been cut up).

    A task whose worker died is sent again; after ``TRIES`` deaths, or one over the limit of memory, it is quartered,
    and where a quarter fares no better the run stops and names it.

    Raises
    ------
    Refusal
        TASK_LOST or TASK_MEMORY, naming the partition and its parcels.
    Exception
        What a task raised, with a note of its partition.
    """
    watch = _Watch(tasks, sizes, told)
    done = [task for task in tasks if task.is_done()]
    for task in done:
        watch.finished(task, kept=True)
    finished = set(done)
    waiting = deque(sorted((t for t in tasks if t not in finished), key=lambda t: (-sizes.weight(t), t.name)))
    whole, deaths, flying = set(waiting), Counter[T](), 0
    while waiting or flying:
        while waiting and flying < runner.width:
            runner.submit(waiting.popleft())
            flying += 1
        ended = runner.wait(1.0)
        if not ended:
            watch.tell()
        for outcome in ended:
            flying -= 1
            task = outcome.task
            if outcome.end is End.DONE:
                done.append(task)
                watch.finished(task)
            elif outcome.end is End.FAILED:
                raise _failed(outcome)
            else:
                deaths[task] += 1
                if outcome.end is End.LOST and deaths[task] < TRIES and not outcome.spent:
                    waiting.append(task)
                elif task in whole and task.rows > 1:
                    pieces = task.quartered()
                    waiting.extend(pieces)
                    watch.total += len(pieces) - 1
                else:
                    raise _given_up(outcome, sizes)
    return done


class _Watch(Generic[T]):
    """Counts what is done and says how long the rest will take, by vertices."""

    def __init__(self, tasks: Sequence[T], sizes: Sizes[T], told: Told) -> None:
        self.sizes, self.told = sizes, told
        self.total, self.done, self.parcels = len(tasks), 0, 0
        self.all = sum(sizes.weight(task) for task in tasks) or 1.0
        self.weight = self.fresh = 0.0
        self.begun = time.perf_counter()

    def finished(self, task: T, *, kept: bool = False) -> None:
        own = self.sizes.weight(task)
        self.done, self.weight = self.done + 1, self.weight + own
        self.parcels += self.sizes.parcels(task)
        self.fresh += 0.0 if kept else own
        self.tell()

    def tell(self) -> None:
        left = None
        if self.fresh:
            left = (time.perf_counter() - self.begun) / self.fresh * max(self.all - self.weight, 0.0)
        share = min(self.weight / self.all, 1.0)
        self.told(Status(self.done, self.total, self.parcels, share, left))


def _failed(outcome: Outcome[T]) -> BaseException:
    error = outcome.error
    if isinstance(error, Exception):
        error.add_note(f"partition {outcome.task.name}")
        return error
    return RuntimeError(f"partition {outcome.task.name}: {outcome.said}")


def _given_up(outcome: Outcome[T], sizes: Sizes[T]) -> BaseException:
    task = outcome.task
    named = ", ".join(list(sizes.named(task))[:NAMED])
    facts = {"count": sizes.parcels(task), "ids": named, "tries": TRIES, **outcome.said}
    if outcome.end is End.MEMORY:
        return out_of_limit("TASK_MEMORY", file=task.name, **facts)
    killed = facts.get("exit") == -signal.SIGKILL if hasattr(signal, "SIGKILL") else False
    return (out_of_limit if killed else refusal)("TASK_LOST", file=task.name, **facts)
