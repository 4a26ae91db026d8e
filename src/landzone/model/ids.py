"""Places and order of text ids, without a Python object for each of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from landzone.units import IntArray


def ranks(ids: pd.Series | pd.Index) -> IntArray:
    """Return the place of each id among the distinct ones in their order; missing ones stand last.

    >>> ranks(pd.Series(["b", None, "a", "b"], dtype="str")).tolist()
    [1, 2, 0, 1]
    """
    codes, kinds = pd.factorize(ids, sort=True)
    return np.where(codes < 0, len(kinds), codes).astype(np.int64)


def places(ids: pd.Series | pd.Index, index: pd.Index) -> IntArray:
    """Return where each id stands in an index of distinct ids; -1: nowhere.

    As ``index.get_indexer(ids)``; texts are compared where they lie, without a table of Python objects.

    Examples
    --------
    >>> places(pd.Series(["b", None, "x", "a"], dtype="str"), pd.Index(["a", "b"], dtype="str")).tolist()
    [1, -1, -1, 0]
    """
    if not (len(index) and len(ids) and _is_text(index) and _is_text(ids)):
        return np.asarray(index.get_indexer(pd.Index(ids)), dtype=np.int64)
    if isinstance(ids, pd.Index) and index.equals(ids):
        return np.arange(len(index), dtype=np.int64)
    found = pc.index_in(pa.array(ids.array), value_set=pa.array(index.array), skip_nulls=True)
    return np.asarray(pc.fill_null(found, -1), dtype=np.int64)


def within(ids: pd.Series, others: pd.Series) -> NDArray[np.bool_]:
    """Tell which ids stand among others; a missing one does not.

    >>> within(pd.Series(["a", None, "c"], dtype="str"), pd.Series(["c", "c", "b"], dtype="str")).tolist()
    [False, False, True]
    """
    found: NDArray[np.bool_] = places(ids, pd.Index(others.unique())) >= 0
    return found


def without_lookups(ids: pd.Index) -> pd.Index:
    """Return the same ids without what was kept for look-ups.

    An index of texts keeps every id as a Python object, in a table, from the first look-up on: 110 bytes an id.

    >>> ids = pd.Index(["a", "b"], dtype="str", name="parcel_id")
    >>> without_lookups(ids).equals(ids), without_lookups(ids) is ids
    (True, False)
    """
    return pd.Index(ids.array, name=ids.name, copy=False)


def ascending(index: pd.Index) -> bool:
    """Tell whether distinct ids stand in ascending order.

    >>> ascending(pd.Index(["a", "b"], dtype="str")), ascending(pd.Index(["b", "a"], dtype="str"))
    (True, False)
    """
    if not _is_text(index):
        return bool(index.is_monotonic_increasing)
    return bool((index.array[1:] >= index.array[:-1]).all())


def _is_text(values: pd.Series | pd.Index) -> bool:
    return isinstance(values.dtype, pd.StringDtype) and values.dtype.storage == "pyarrow"
