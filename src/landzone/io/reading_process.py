"""A process that reads, as the process that asks holds it; its other end is `landzone.io.reader_process`."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from typing import Any

import psutil

from landzone import interpreter

_START = "from landzone.io.reader_process import main; main()"
_HEEDED = ("GDAL_", "OGR_", "CPL_", "PROJ_", "SHAPE_", "TMP", "TEMP", "LANG", "LC_", "PATH")
"""Beginnings of the names of environment variables that change what the libraries of the process do."""

Surroundings = tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]
"""Warnings, what is started with its import path, and heeded variables."""


class ReadingProcess:
    """A running interpreter that reads: what it is told and what it answers, a line each."""

    def __init__(self, warnings: str, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.pid = 0
        """As the interpreter itself tells it; 0 until then."""
        self.last_line = ""
        """The last line it printed, once it has ended."""
        self.answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process is
        try:
            self.popen = interpreter.start(_START, self._log, warnings)
        except OSError:
            self._log.close()
            raise
        threading.Thread(target=_listen, args=(self.popen, self.answers), daemon=True).start()

    def say(self, order: dict[str, Any]) -> None:
        """Give an order."""
        assert self.popen.stdin is not None
        self.popen.stdin.write(json.dumps(order).encode() + b"\n")
        self.popen.stdin.flush()

    def works(self) -> bool:
        """Tell whether it can take an order."""
        return self.popen.poll() is None and self.answers.empty()

    def memory_bytes(self) -> float:
        """Return what it holds now, 0 where that cannot be told."""
        if not self.pid:
            return 0.0
        try:
            return float(psutil.Process(self.pid).memory_info().rss)
        except psutil.Error:
            return 0.0

    def printed(self) -> str:
        """Return what its libraries printed."""
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace").strip()

    def end(self) -> int:
        """End it and return its exit code."""
        if self.popen.poll() is None:
            interpreter.kill(self.pid)
            self.popen.kill()
        code = self.popen.wait()
        assert self.popen.stdin is not None
        with contextlib.suppress(OSError):  # what was left to write has nobody to read it
            self.popen.stdin.close()
        self.last_line = self.printed().rpartition("\n")[2][:200]
        self._log.close()
        return code


class Waiting:
    """The process that waits for the next study, of this program alone (a fork of it has none)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: ReadingProcess | None = None
        self._owner = os.getpid()

    def take(self, surroundings: Surroundings) -> ReadingProcess | None:
        """Return the process that waits, where it was started in the same surroundings."""
        with self._lock:
            process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return None
        if process.works() and process.surroundings == surroundings:
            return process
        process.end()
        return None

    def give(self, process: ReadingProcess) -> None:
        """Have a process wait; one that waited before is ended."""
        with self._lock:
            before, self._process = self._process, process
            self._owner = os.getpid()
        if before is not None:
            before.end()

    def end(self) -> None:
        """End what waits."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None and self._owner == os.getpid():
            process.end()


WAITING = Waiting()
atexit.register(WAITING.end)


def _listen(process: subprocess.Popen[bytes], answers: queue.SimpleQueue[bytes]) -> None:
    """Pass on what the process says, line by line; an empty line tells its end."""
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            answers.put(line)
    answers.put(b"")


def surroundings_of(warnings: str) -> Surroundings:
    """Return what a process was started with that its libraries heed."""
    heeded = tuple(sorted((k, v) for k, v in os.environ.items() if k.startswith(_HEEDED)))
    return (warnings, (sys.executable or "", _START, *interpreter.import_path()), heeded)
