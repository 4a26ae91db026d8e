"""The far end of `landzone.io.reader`: reads one order after another and answers each with one line of JSON."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, BinaryIO

from landzone.errors import LimitError, Refusal
from landzone.io.formats import limit
from landzone.io.handover import pack_problems, pack_refusal, write_raw
from landzone.io.tables import read_table
from landzone.io.vector import read_vector
from landzone.model.problems import Problems

READERS = {"vector": read_vector, "table": read_table}


def main() -> None:
    """Answer orders until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks; it ends this one
    orders, answers = _channels()
    _limit_memory()
    _say(answers, {"pid": os.getpid()})
    for line in orders:
        order = json.loads(line)
        _limit_time(order["seconds"])
        _say(answers, _answer(order))


def _channels() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout for the orders; what a library prints goes to the log instead."""
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return orders, answers


def _say(answers: BinaryIO, what: dict[str, Any]) -> None:
    answers.write(json.dumps(what).encode() + b"\n")
    answers.flush()


def _answer(order: dict[str, Any]) -> dict[str, Any]:
    problems = Problems()
    try:
        raw = READERS[order["kind"]](
            folder=Path(order["folder"]), work=Path(order["work"]), problems=problems, **order["order"]
        )
        return {"raw": write_raw(raw, Path(order["stem"])), "problems": pack_problems(problems)}
    except LimitError as error:
        return {"limit": pack_refusal(error)}
    except Refusal as error:
        return {"refusal": pack_refusal(error)}
    except MemoryError:
        return {"memory": True}
    except Exception:  # noqa: BLE001 - raised again, with this text, in the process that asked
        return {"bug": traceback.format_exc()}


def _limit_memory() -> None:
    """Let a file that announces more than there can be fail at once; the process that asks watches what is used."""
    if sys.platform == "win32":
        return
    import resource

    most = int(limit("child_memory_bytes"))
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard in (-1, resource.RLIM_INFINITY) or hard > most:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _limit_time(seconds: float) -> None:
    """End this process by itself, should nobody be left to stop it: a last net, well above the limit that counts."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + 2 * seconds + 60)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard in (-1, resource.RLIM_INFINITY) or hard > most:
        resource.setrlimit(resource.RLIMIT_CPU, (most, hard))
