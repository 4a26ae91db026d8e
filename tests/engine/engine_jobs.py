"""What processes of a pool do in tests: carry out tasks, and die, grow or fail over some of them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np

from landzone.engine.tasks import run_task

POISONED = 100
"""Row that no process survives."""


def holds(spec: dict[str, Any]) -> bool:
    return bool(spec["start"] <= POISONED < spec["stop"])


def die(spec: dict[str, Any]) -> dict[str, Any]:
    if holds(spec):
        os.kill(os.getpid(), signal.SIGABRT)
    return run_task(spec)


def die_once(spec: dict[str, Any]) -> dict[str, Any]:
    met = Path(spec["folder"]).with_name("met")
    if holds(spec) and not met.exists():
        met.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return run_task(spec)


def die_while_large(spec: dict[str, Any]) -> dict[str, Any]:
    if holds(spec) and spec["stop"] - spec["start"] > 20:
        os.kill(os.getpid(), signal.SIGKILL)
    return run_task(spec)


def grow(spec: dict[str, Any]) -> dict[str, Any]:
    if holds(spec):
        kept = [np.ones(1 << 24) for _ in range(8)]  # 1 GiB
        time.sleep(60)
        del kept
    return run_task(spec)


def fail(spec: dict[str, Any]) -> dict[str, Any]:
    if holds(spec):
        raise ZeroDivisionError("a mistake")
    return run_task(spec)


def slowly(spec: dict[str, Any]) -> dict[str, Any]:
    time.sleep(1.5)
    return run_task(spec)
