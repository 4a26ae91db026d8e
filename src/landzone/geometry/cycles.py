"""Cycles of a permutation: who belongs together, and in which order."""

from __future__ import annotations

import numpy as np

from landzone.units import IntArray


def cycles(following: IntArray) -> tuple[IntArray, IntArray]:
    """Follow a permutation round and round.

    Parameters
    ----------
    following : int64 array
        ``following[i]`` comes after ``i``. Runs of ``i, i + 1, …`` make it cheap.

    Returns
    -------
    leader, place
        The lowest member of the cycle of each, and how many steps after the leader it comes.

    Examples
    --------
    >>> leader, place = cycles(np.array([1, 4, 3, 2, 0]))
    >>> leader.tolist(), place.tolist()
    ([0, 0, 2, 2, 0], [0, 1, 0, 1, 2])
    """
    count = len(following)
    if not count:
        return following, following
    breaks = np.flatnonzero(following[:-1] != np.arange(1, count))
    first, last = np.r_[0, breaks + 1], np.r_[breaks, count - 1]
    run = np.repeat(np.arange(len(first)), last - first + 1)
    size = last - first + 1
    leader = _lowest(run[following[last]])
    ahead = _steps_to(leader, run[following[last]], size)
    whole = size + ahead[run[following[last]]]
    begin = np.where(leader == np.arange(len(first)), 0, whole[leader] - ahead)
    return first[leader][run], begin[run] + np.arange(count) - first[run]


def _lowest(jump: IntArray) -> IntArray:
    lowest = np.minimum(np.arange(len(jump)), jump)
    jump = jump[jump]
    while True:
        found = np.minimum(lowest, lowest[jump])
        if np.array_equal(found, lowest):
            return lowest
        lowest, jump = found, jump[jump]


def _steps_to(leader: IntArray, jump: IntArray, size: IntArray) -> IntArray:
    """Return how many steps lie between the start of a run and the leader that comes after it; 0 at the leader."""
    own = np.arange(len(jump))
    at_goal = leader == own
    jump = np.where(at_goal, own, jump)
    steps = np.where(at_goal, 0, size)
    while not np.array_equal(jump, leader):
        steps, jump = steps + steps[jump], jump[jump]
    return steps
