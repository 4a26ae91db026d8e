"""Blocks of work in threads: GEOS and NumPy let others work meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

MOST_THREADS = 4

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def threads_of_machine() -> int:
    """Return how many threads this machine has for geometry; no result depends on their number."""
    return min(os.cpu_count() or 1, MOST_THREADS)


def each(function: Callable[[Item], Answer], items: Sequence[Item], threads: int) -> list[Answer]:
    """Return what a function gives for each item, in the order of the items.

    >>> each(lambda start: start + 1, range(3), threads=2)
    [1, 2, 3]
    """
    if threads <= 1 or len(items) <= 1:
        return [function(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, items))
