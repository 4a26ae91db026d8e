"""Operations on many pairs of shapes at once, in which one pair that cannot be worked out does not cost the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Operation = Callable[..., Any]

_SNAP = 1e-6
"""Grid (units of the CRS) on which a pair that failed is tried once more."""


def carefully(
    operation: Operation, *arrays: NDArray[np.object_], empty: Any
) -> tuple[Any, NDArray[np.bool_]]:
    """Return what an operation gives for each row of some arrays, and the rows it could not be worked out for.

    A batch that fails is halved until the row at fault stands alone; that row is tried once more with its corners
    on a grid of a thousandth of a millimetre, and then given up.

    Parameters
    ----------
    operation : callable
        Of arrays of shapes, row by row (``shapely.intersection`` …).
    empty
        What stands in the answer where a row was given up.

    Examples
    --------
    >>> box = np.array([shapely.box(0, 0, 2, 2)])
    >>> shared, failed = carefully(shapely.intersection, box, box, empty=shapely.Polygon())
    >>> shapely.area(shared).tolist(), failed.tolist()
    ([4.0], [False])
    """
    try:
        found = np.asarray(operation(*arrays))
        return found, np.zeros(len(found), dtype=bool)
    except shapely.errors.GEOSException:
        pass
    count = len(arrays[0])
    if count > 1:
        half = count // 2
        parts = [carefully(operation, *(a[cut] for a in arrays), empty=empty) for cut in _halves(half)]
        return tuple(np.concatenate(column) for column in zip(*parts, strict=True))  # type: ignore[return-value]
    try:
        found = np.asarray(operation(*(shapely.set_precision(a, _SNAP) for a in arrays)))
        return found, np.zeros(1, dtype=bool)
    except shapely.errors.GEOSException:
        given_up = np.empty(1, dtype=object if not isinstance(empty, bool) else bool)
        given_up[0] = empty
        return given_up, np.ones(1, dtype=bool)


def _halves(half: int) -> tuple[slice, slice]:
    return slice(0, half), slice(half, None)
