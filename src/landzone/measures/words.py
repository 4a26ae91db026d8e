"""What texts mean, and how dates are written: every distinct one is looked at once."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd


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
