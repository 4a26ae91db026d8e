"""Gives memory that is no longer used back to the machine."""

from __future__ import annotations

import ctypes
import gc
import sys
from functools import cache
from typing import Any

import psutil

_LARGE = 1 << 30
"""Bytes of a process in which it pays to look for cycles."""


@cache
def _trim() -> Any:
    """Return the call of the C library that does it; None where there is none (only glibc keeps memory for long)."""
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


def release() -> None:
    """Return what was freed since the last stage of an audit.

    glibc and Arrow keep freed blocks for later: after the reading of 100,000 parcels a fifth of the memory of the
    process is none that anybody holds, and the next stage would come on top of it. In a large process things that hold
    each other are looked for too; that takes a fifth of a second.
    """
    if psutil.Process().memory_info().rss > _LARGE:
        gc.collect()
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    trim = _trim()
    if trim is not None:
        trim(0)


def fits_twice(most: int | None = None) -> bool:
    """Tell whether another process may hold as much as this one: by what is free, and by a limit of all together.

    >>> fits_twice(most=1)
    False
    """
    used, free = psutil.Process().memory_info().rss, psutil.virtual_memory().available
    return used <= free and (most is None or 2 * used <= most)
