"""Places of ids in an index, and what texts mean, word by word; no Python object for each row."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landzone.units import IntArray


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


def by_word(texts: pd.Series, meaning: Callable[[str], str | None]) -> pd.Series:
    """Return what each text means; every distinct text is looked at once, a missing one stays missing.

    Examples
    --------
    >>> by_word(pd.Series(["a", None, "b"], dtype="str"), {"a": "one"}.get).tolist()
    ['one', nan, nan]
    """
    codes, words = pd.factorize(texts.astype("str"))
    found = pd.array([meaning(str(word)) for word in words], dtype="str")
    return pd.Series(found.take(codes, allow_fill=True), index=texts.index, dtype="str")


def day_texts(days: pd.Series) -> pd.Series:
    """Write dates as ``YYYY-MM-DD``; every distinct day once, a missing one stays missing.

    Examples
    --------
    >>> day_texts(pd.Series(pd.to_datetime(["2026-06-30", None]))).tolist()
    ['2026-06-30', nan]
    """
    codes, distinct = pd.factorize(days)
    words = pd.Series(distinct).dt.strftime("%Y-%m-%d").astype("str").array
    return pd.Series(words.take(codes, allow_fill=True), index=days.index, dtype="str")
