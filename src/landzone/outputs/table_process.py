"""Tables of a large result are written by a process of their own, at the same time as the pages.

Two threads would share one interpreter lock, which GDAL holds while it writes: 66 s of work took 51 s in two threads.
What is handed over goes from this process to one that it started itself, so that a pickle is as good as a call.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from landzone import interpreter

_START = "from landzone.outputs.table_process import main; main()"

_NOT_TO_BE_SENT = (pickle.PicklingError, TypeError, AttributeError)
"""What pickle raises over something that cannot be sent, for instance a function of a notebook."""


class TableProcess:
    """An interpreter that writes, from its start to its end."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._unwanted = False

    def write(
        self, writers: Sequence[Callable[..., Path | None]], arguments: tuple[object, ...]
    ) -> list[Path | None] | None:
        """Call functions of modules, one after the other and each with the same arguments.

        Returns
        -------
        list of Path, or None
            What they return, nothing when `end` was called meanwhile. None where no process can be had, it cannot be
            sent what to do, or it ended before they did: then the caller does the work itself, and meets what went
            wrong.
        """
        if not interpreter.can_start():
            return None
        answer = b""
        with tempfile.TemporaryFile() as log, contextlib.suppress(OSError, *_NOT_TO_BE_SENT):
            self._process = process = interpreter.start(_START, log)
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                with process.stdin as orders, process.stdout as answers:
                    pickle.dump((writers, arguments), orders, protocol=pickle.HIGHEST_PROTOCOL)
                    orders.flush()
                    answer = answers.readline()
            finally:
                _end(process)
        if self._unwanted:
            return []
        return (
            [Path(name) if name else None for name in json.loads(answer)] if answer.endswith(b"\n") else None
        )

    def end(self) -> None:
        """End the process, whatever it does: nobody wants its work any more."""
        self._unwanted = True
        if self._process is not None:
            _end(self._process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def main() -> None:
    """Do what stdin asks for, and say so; leave at once when the process that asks is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks; it ends this one
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    writers, arguments = pickle.load(orders)  # made by the process that started this one
    threading.Thread(target=_leave_with, args=(orders,), daemon=True).start()
    paths = [write(*arguments) for write in writers]
    answers.write(json.dumps([path and str(path) for path in paths]).encode() + b"\n")
    answers.flush()


def _leave_with(orders: BinaryIO) -> None:
    """End this process when the other end of its pipe is closed: nobody waits for what it writes."""
    orders.read(1)
    os._exit(1)
