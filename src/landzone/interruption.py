"""Ctrl-C and SIGTERM: the work stops, nothing is published.

A handler raises in whatever the main thread is doing. Where that is a callback of a library that cannot raise (a
finalizer, a callback from C), Python reports the exception and goes on. So the handler also takes a note, and the
work is asked to look at it wherever it tells its progress, last of all before anything is published.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Terminated(BaseException):
    """SIGTERM: passes every handler of exceptions, so that only cleaning up happens on its way."""


_RAISED: dict[int, type[BaseException]] = {
    signal.SIGINT: KeyboardInterrupt,
    signal.SIGTERM: Terminated,
}
_asked: list[type[BaseException]] = []


def pass_on() -> None:
    """Raise an interruption that came and was lost; nothing where none came."""
    if _asked:
        raise _asked[0]


def _interrupt(number: int, _frame: FrameType | None) -> None:
    _asked.append(_RAISED[number])
    raise _RAISED[number]


@contextmanager
def listening() -> Iterator[None]:
    """Listen for signals, and put the handlers back that were there."""
    before = {number: signal.signal(number, _interrupt) for number in _RAISED}
    hook = sys.unraisablehook
    sys.unraisablehook = lambda lost: _report(lost, hook)
    try:
        yield
    finally:
        sys.unraisablehook = hook
        _asked.clear()
        for number, handler in before.items():
            signal.signal(number, handler)


def _report(lost: Any, hook: Any) -> None:
    """Say nothing of an interruption that could not be raised: ``pass_on`` raises it."""
    if lost.exc_type not in _RAISED.values():
        hook(lost)
