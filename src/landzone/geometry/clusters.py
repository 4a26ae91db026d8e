"""Groups of numbered things joined by pairs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landzone.units import FloatArray, IntArray


def connected(count: int, first: IntArray, second: IntArray) -> IntArray:
    """Return for each of ``count`` things the lowest number in its group.

    Parameters
    ----------
    count : int
        How many things there are, numbered from zero.
    first, second : integer arrays
        Pairs that belong together.

    Examples
    --------
    >>> connected(5, np.array([0, 3]), np.array([3, 4])).tolist()
    [0, 1, 2, 0, 0]
    """
    label = np.arange(count, dtype=np.int64)
    while len(first):
        low = np.minimum(label[first], label[second])
        found = label.copy()
        np.minimum.at(found, label[first], low)
        np.minimum.at(found, label[second], low)
        while not np.array_equal(found, found[found]):
            found = found[found]
        if np.array_equal(found, label):
            break
        label = found
    return label


def groups(keys: IntArray) -> Iterator[tuple[int, IntArray]]:
    """Walk over the distinct keys in rising order, each with the positions that carry it.

    >>> [(key, rows.tolist()) for key, rows in groups(np.array([7, 3, 7]))]
    [(3, [1]), (7, [0, 2])]
    """
    order = np.argsort(keys, kind="stable")
    heads, starts = np.unique(keys[order], return_index=True)
    for key, start, stop in zip(heads, starts, [*starts[1:], len(order)][: len(heads)], strict=True):
        yield int(key), order[start:stop]


def float_sums(values: FloatArray, group: IntArray, count: int) -> FloatArray:
    """Sum numbers by group, in the order given."""
    total: FloatArray = np.zeros(count)
    if len(values):
        total += np.bincount(group, weights=values, minlength=count)
    return total


def whole_sums(units: IntArray, group: IntArray, count: int) -> IntArray:
    """Sum integers by group, exactly."""
    total: IntArray = np.zeros(count, dtype=np.int64)
    np.add.at(total, group, units)
    return total
