"""What processes of a pool do in tests: carry out tasks, and die, grow or fail over some of them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np

from landzone.districts import run_district
from landzone.engine.tasks import run_task

POISONED, POISONED_ZONE = 100, 2
"""Row of parcels, and place in the list of zones, that no process survives."""


def work(spec: dict[str, Any]) -> dict[str, Any]:
    """Carry out a task, of parcels or of a district."""
    return run_district(spec) if "kind" in spec else run_task(spec)


def holds(spec: dict[str, Any]) -> bool:
    place = {None: POISONED, "zones": POISONED_ZONE}.get(spec.get("kind"), -1)
    return bool(spec["start"] <= place < spec["stop"])


def die(spec: dict[str, Any]) -> dict[str, Any]:
    if holds(spec):
        os.kill(os.getpid(), signal.SIGABRT)
    return work(spec)


def die_behind_another(spec: dict[str, Any]) -> dict[str, Any]:
    """Die, but not before another district is done where one is at work (a dying worker takes its neighbours along)."""
    until = time.monotonic() + 5
    while holds(spec) and time.monotonic() < until and not any(Path(spec["folder"]).glob("parts/*/run.json")):
        time.sleep(0.05)
    return die(spec)


def die_once(spec: dict[str, Any]) -> dict[str, Any]:
    met = Path(spec["folder"]).with_name("met")
    if holds(spec) and not met.exists():
        met.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return work(spec)


def die_while_large(spec: dict[str, Any]) -> dict[str, Any]:
    if holds(spec) and spec["stop"] - spec["start"] > 20:
        os.kill(os.getpid(), signal.SIGKILL)
    return work(spec)


def grow(spec: dict[str, Any]) -> dict[str, Any]:
    if holds(spec):
        kept = [np.ones(1 << 24) for _ in range(8)]  # 1 GiB
        time.sleep(60)
        del kept
    return work(spec)


def fail(spec: dict[str, Any]) -> dict[str, Any]:
    if holds(spec):
        raise ZeroDivisionError("a mistake")
    return work(spec)


def slowly(spec: dict[str, Any]) -> dict[str, Any]:
    time.sleep(1.5)
    return work(spec)
