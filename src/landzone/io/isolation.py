"""Reading of untrusted files in a child process with limits on memory and time.

A time limit in Python cannot stop GDAL, and a crash of GDAL would take the audit with it. A child process can
be stopped and can crash alone.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from landzone.catalog.messages import refusal
from landzone.errors import LandzoneError, LimitError
from landzone.io.formats import limit


def in_child(function: Callable[..., Any], /, *, file: str, **arguments: Any) -> Any:
    """Call a function in a new process and return its result.

    Parameters
    ----------
    function : callable
        Importable by name; arguments and result are pickled.
    file : str
        Named in the refusal where the child breaks down.
    **arguments
        Passed on.

    Raises
    ------
    LandzoneError
        Whatever the function raised.
    LimitError
        Out of the time or memory of ``catalog/formats.toml``.
    Refusal
        ``READER_STOPPED`` where the process died.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_answer, args=(theirs, function, arguments), daemon=True)
    child.start()
    theirs.close()
    try:
        if not ours.poll(limit("child_seconds")):
            raise LimitError(f"{file}: {limit('child_seconds')} s")
        answer = ours.recv()
    except EOFError:
        child.join()
        raise refusal("READER_STOPPED", file=file, detail=f"exit {child.exitcode}") from None
    finally:
        ours.close()
        if child.is_alive():
            child.terminate()
        child.join()
    if isinstance(answer, LandzoneError):
        raise answer
    return answer


def _answer(pipe: Connection[Any, Any], function: Callable[..., Any], arguments: dict[str, Any]) -> None:
    _limit_memory()
    try:
        answer = function(**arguments)
    except LandzoneError as error:
        answer = error
    except MemoryError:
        answer = LimitError(f"{limit('child_memory_bytes')} bytes")
    pipe.send(answer)
    pipe.close()


def _limit_memory() -> None:
    if sys.platform == "win32":
        return
    import resource

    most = int(limit("child_memory_bytes"))
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most if hard < 0 else min(most, hard), hard))
