"""The one process that parses files, kept for a whole run.

A time limit in Python cannot stop GDAL, and a crash of GDAL would take the audit with it. So every file of a study is
parsed in a second Python process, which can be stopped, can crash alone, and is started again when that happened.

A process that has done its work waits for the next study of the same program, since loading the libraries takes longer
than most files do; it ends with the program.

The process is a plain new interpreter (`landzone.interpreter`). Where none can be started, files are read in this
process, and the notes say so.
"""

from __future__ import annotations

import contextlib
import json
import queue
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from landzone import interpreter
from landzone.catalog.messages import out_of_limit, refusal
from landzone.errors import LimitError, Refusal
from landzone.io.database_session import Databases
from landzone.io.database_url import is_database
from landzone.io.formats import limit
from landzone.io.handover import read_raw, unpack_problems, unpack_refusal
from landzone.io.postgis import read_postgis
from landzone.io.raw import Raw
from landzone.io.reading_process import WAITING, ReadingProcess, surroundings_of
from landzone.io.tables import read_table
from landzone.io.vector import read_vector
from landzone.model.problems import Problems

_POLL_SECONDS = 0.1
_GIB = 1024**3


class Reader:
    """Reads layers and tables: files in a process of its own, tables of a database in one transaction each database.

    Parameters
    ----------
    work : Path
        Folder for private copies and for what is handed over; nothing is written anywhere else.
    seconds, memory_bytes : float, optional
        Limits for one file in place of ``child_seconds`` and ``child_memory_bytes`` of ``catalog/formats.toml``.
    warnings : str
        What the process does with warnings of Python, as after ``python -W``.

    Notes
    -----
    Use it as a context manager, or call `close`. `start` may be called ahead of the first file, so that the process
    loads its libraries while this one does something else.
    """

    def __init__(
        self,
        work: Path,
        *,
        seconds: float | None = None,
        memory_bytes: float | None = None,
        warnings: str = "ignore",
    ) -> None:
        self.work = work
        self.seconds = limit("child_seconds") if seconds is None else seconds
        self.memory_bytes = limit("child_memory_bytes") if memory_bytes is None else memory_bytes
        self._warnings = warnings
        self._process: ReadingProcess | None = None
        self._number = 0
        self._alone = ""
        self._databases = Databases()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def vector(
        self,
        source: str,
        folder: Path,
        *,
        role: str,
        problems: Problems,
        layer: str | None = None,
        encoding: str | None = None,
    ) -> Raw:
        """Read one layer; see `landzone.io.vector.read_vector`.

        Raises
        ------
        Refusal
            What `read_vector` refuses; ``READER_STOPPED`` where the process died over the file.
        LimitError
            ``READER_TIME``, ``READER_MEMORY``.
        """
        order = {"source": source, "role": role, "layer": layer, "encoding": encoding}
        if is_database(source):
            return read_postgis(source, role=role, problems=problems, layer=layer, opened=self._databases)
        if not self._ready(problems, source, role):
            return read_vector(
                source,
                folder,
                role=role,
                problems=problems,
                layer=layer,
                encoding=encoding,
                work=self.work,
            )
        return self._read("vector", folder, order, problems)

    def table(
        self, source: str, folder: Path, *, role: str, problems: Problems, encoding: str | None = None
    ) -> Raw:
        """Read one table; see `landzone.io.tables.read_table` and `vector`."""
        order = {"source": source, "role": role, "encoding": encoding}
        if is_database(source):
            return read_postgis(source, role=role, problems=problems, spatial=False, opened=self._databases)
        if not self._ready(problems, source, role):
            return read_table(source, folder, role=role, problems=problems, encoding=encoding, work=self.work)
        return self._read("table", folder, order, problems)

    def _read(self, kind: str, folder: Path, order: dict[str, Any], problems: Problems) -> Raw:
        self._number += 1
        stem = self.work.absolute() / f"answer-{self._number}"
        file = order["source"].partition("#")[0]
        places = {"folder": str(folder.absolute()), "work": str(self.work.absolute()), "stem": str(stem)}
        answer = self._ask({"kind": kind, **places, "order": order, "seconds": self.seconds}, file)
        if "refusal" in answer:
            raise unpack_refusal(Refusal, answer["refusal"])
        if "limit" in answer:
            raise unpack_refusal(LimitError, answer["limit"])
        if "memory" in answer:
            raise self._out_of_memory(file)
        if "bug" in answer:
            raise RuntimeError(f"{file}, in the reading process:\n{answer['bug']}")
        raw = read_raw(answer["raw"], stem)
        unpack_problems(answer["problems"], problems)
        if self._grown(limit("child_keep_bytes")):
            self.close()  # gives its memory back; the next file starts another
        return raw

    def start(self) -> None:
        """Have a process without waiting for it: one that waits for work, or a new one."""
        if self._process is not None or self._alone:
            return
        self.work.mkdir(parents=True, exist_ok=True)
        if not interpreter.can_start():
            self._alone = Path(sys.executable or "?").name
            return
        surroundings = surroundings_of(self._warnings)
        try:
            self._process = WAITING.take(surroundings) or ReadingProcess(self._warnings, surroundings)
        except OSError as error:
            self._alone = error.strerror or type(error).__name__

    def _ready(self, problems: Problems, source: str, role: str) -> bool:
        """Have the process running; note where there cannot be one."""
        self.start()
        process = self._process
        if process is not None and not process.pid:
            try:
                process.pid = int(json.loads(self._wait(limit("child_start_seconds")))["pid"])
            except (_Died, _TooSlow, ValueError, KeyError, TypeError):
                self.close()
                self._alone = process.last_line or "–"
        if self._alone:
            file = source.partition("#")[0]
            problems.note("READER_NOT_APART", source=file, layer=role, params={"reason": self._alone})
        return not self._alone

    def _ask(self, order: dict[str, Any], file: str) -> dict[str, Any]:
        assert self._process is not None
        try:
            self._process.say(order)
            return dict(json.loads(self._wait(self.seconds, self.memory_bytes)))
        except _TooSlow:
            self.close()
            raise out_of_limit("READER_TIME", file=file, seconds=f"{self.seconds:g}") from None
        except _TooLarge:
            raise self._out_of_memory(file) from None
        except (_Died, OSError):
            code = self.close()
            raise refusal("READER_STOPPED", file=file, detail=f"exit {code}") from None
        except BaseException:
            self.close()
            raise

    def _out_of_memory(self, file: str) -> LimitError:
        self.close()
        return out_of_limit("READER_MEMORY", file=file, gib=f"{self.memory_bytes / _GIB:.3g}")

    def _wait(self, seconds: float, memory_bytes: float = float("inf")) -> bytes:
        """Return the next line of the process, watching the clock and its memory."""
        assert self._process is not None
        until = time.monotonic() + seconds
        line: bytes | None = None
        while line is None:
            with contextlib.suppress(queue.Empty):
                line = self._process.answers.get(timeout=_POLL_SECONDS)
            if self._grown(memory_bytes):
                raise _TooLarge
            if line is None and time.monotonic() > until:
                raise _TooSlow
        if not line:
            raise _Died
        return line

    def _grown(self, most: float) -> bool:
        return self._process is not None and self._process.memory_bytes() > most

    def release(self) -> None:
        """End the transactions, and let the process wait for the next study.

        It ends too where it holds much memory or has not said that it works.
        """
        self._databases.close()
        process = self._process
        if process is None or not process.pid or self._grown(limit("child_wait_bytes")):
            self.close()
            return
        self._process = None
        self._clear()
        WAITING.give(process)

    @property
    def pid(self) -> int:
        """The process that reads now, 0 where none has said that it works."""
        return 0 if self._process is None else self._process.pid

    def close(self) -> int | None:
        """End the process and return its exit code; the next file starts another."""
        process, self._process = self._process, None
        if process is None:
            return None
        code = process.end()
        self._clear()
        return code

    def _clear(self) -> None:
        for room in self.work.glob("read-*"):
            shutil.rmtree(room, ignore_errors=True)


class _Died(Exception):
    """The process ended before it answered."""


class _TooSlow(Exception):
    """The process did not answer in time."""


class _TooLarge(Exception):
    """The process took too much memory."""
