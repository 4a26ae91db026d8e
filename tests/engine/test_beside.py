"""Tasks that are waited for in a thread of their own."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from landzone.engine.beside import Beside
from landzone.engine.runner import Status

STATUS = Status(1, 2, 10, 0.5, None)


def test_the_answer_comes_while_the_block_does_something_else() -> None:
    told: list[Status] = []
    other = threading.Event()

    def work(tell: Any) -> str:
        tell(STATUS)
        assert other.wait(60)
        return "ledger"

    with Beside(work, told.append) as tasks:
        other.set()
        assert tasks.answer() == "ledger"
    assert told == [STATUS]


def test_what_the_work_raises_is_raised_where_the_answer_is_asked_for() -> None:
    def work(_tell: Any) -> str:
        raise MemoryError("partition 7")

    with Beside(work, print) as tasks, pytest.raises(MemoryError, match="partition 7"):
        tasks.answer()


def test_work_is_stopped_when_the_block_ends_early() -> None:
    told: list[Status] = []
    cleaned: list[str] = []

    def work(tell: Any) -> str:
        try:
            while True:
                tell(STATUS)
        finally:
            cleaned.append("runner closed")

    def block() -> None:
        with Beside(work, told.append):
            while not told:
                pass
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        block()
    assert cleaned == ["runner closed"]
    assert "landzone-tasks" not in {t.name for t in threading.enumerate()}
