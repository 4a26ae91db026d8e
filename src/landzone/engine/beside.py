"""Waiting for tasks in a thread, while this one does what does not need them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

from landzone.engine.runner import Status

Answer = TypeVar("Answer")
Told = Callable[[Status], None]


class Beside(Generic[Answer]):
    """A function that waits for tasks, in a thread of its own until ``answer`` is called.

    Used as a context manager: where the block ends early, the function is stopped when it next tells how far it is,
    and the block is left once it has ended. Signals come to the main thread, so that is the place for long work.

    Parameters
    ----------
    work : callable
        Is given the teller of progress that it has to use.
    told : callable
        Is told by it, in its thread.
    """

    def __init__(self, work: Callable[[Told], Answer], told: Told) -> None:
        self._work, self._told = work, told
        self._stopped = False
        self._answers: list[Answer] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="landzone-tasks")

    def __enter__(self) -> Beside[Answer]:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped = True
        self._thread.join()

    def answer(self) -> Answer:
        """Wait for the function and return what it returns, or raise what it raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._answers[0]

    def _run(self) -> None:
        try:
            self._answers.append(self._work(self._tell))
        except BaseException as error:  # noqa: BLE001 - raised again where the answer is asked for
            self._error = error

    def _tell(self, status: Status) -> None:
        if self._stopped:
            raise _Stopped
        self._told(status)


class _Stopped(BaseException):
    """Nobody waits for the answer any more; passes every handler of exceptions."""
