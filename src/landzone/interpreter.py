"""A second Python beside this one: a plain new interpreter that finds the same modules.

It is not ``multiprocessing``: scripts without a main guard, notebooks and test runners start it the same way on every
system, and nothing of the calling program is run a second time.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import psutil

_PATH = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "


def can_start() -> bool:
    """Tell whether there is an interpreter to start: inside QGIS ``sys.executable`` is that program."""
    return not getattr(sys, "frozen", False) and _is_python(sys.executable)


def _is_python(executable: str | None) -> bool:
    return re.match(r"(python|pypy)[\dw.]*(\.exe)?$", Path(executable or "").name.lower()) is not None


def start(code: str, log: IO[bytes], warnings: str = "ignore") -> subprocess.Popen[bytes]:
    """Start an interpreter with pipes for what it is told and what it answers.

    Parameters
    ----------
    code : str
        What it runs.
    log : file
        Takes what it and its libraries print to stderr.
    warnings : str
        What it does with warnings of Python, as after ``python -W``.

    Raises
    ------
    OSError
        No process can be started.
    """
    return subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", "-W", warnings, "-c", _PATH + code, json.dumps(import_path())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        cwd=tempfile.gettempdir(),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def import_path() -> Sequence[str]:
    """Return where this process finds its modules; the folder it happens to stand in is no such place."""
    here = str(Path(__file__).resolve().parents[1])
    path = [str(Path(entry).absolute()) for entry in sys.path if entry]
    return path if here in path else [*path, here]


def kill(pid: int) -> None:
    """End the interpreter itself: in a virtual environment on Windows the process we started is only its launcher."""
    if pid:
        try:
            psutil.Process(pid).kill()
        except psutil.Error:
            return
