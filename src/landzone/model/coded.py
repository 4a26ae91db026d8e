"""Texts of many rows by codes of few words: a byte or two a row instead of the text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.units import IntArray


def coded(words: Sequence[str | None], codes: NDArray[np.integer]) -> pd.Categorical:
    """Return texts of many rows by codes of few words: a byte a row. They sort and group as the texts do.

    Parameters
    ----------
    words : sequence of str or None
        Words may stand in it more than once; None is a missing text.
    codes : int array, one entry a row
        Place of its word.

    Examples
    --------
    >>> coded(["A1", None, "A1"], np.array([2, 1, 0])).tolist()
    ['A1', nan, 'A1']
    """
    place, kind = (_kept if len(words) <= _FEW else _categories)(tuple(words))
    return pd.Categorical.from_codes(place[codes], dtype=kind)


def _categories(words: tuple[str | None, ...]) -> tuple[NDArray[np.signedinteger], pd.CategoricalDtype]:
    """Return the place of each word among the categories (-1: missing), and the categories."""
    place, distinct = pd.factorize(np.array(words, dtype=object), sort=True)
    kind = pd.CategoricalDtype(pd.Index(distinct, dtype="str"))
    return place.astype(np.min_scalar_type(-max(len(distinct), 1))), kind


_kept = lru_cache(maxsize=1024)(_categories)
_FEW = 50
"""Words up to which their categories are kept for the next column of the same words."""


def joined(pieces: Sequence[pd.Categorical]) -> pd.Categorical:
    """Return texts by codes, piece behind piece; the words are those of all pieces.

    >>> joined([coded(["b"], np.array([0])), coded(["a", None], np.array([1, 0]))]).tolist()
    ['b', nan, 'a']
    """
    own = [piece.categories.tolist() for piece in pieces]
    words = [word for some in own for word in some]
    kind = np.min_scalar_type(-len(words) - 1)
    starts = np.cumsum([0, *map(len, own)])
    codes = [
        np.where(piece.codes < 0, len(words), piece.codes + start.astype(kind)).astype(kind)
        for piece, start in zip(pieces, starts, strict=False)
    ]
    return coded([*words, None], np.concatenate(codes))


def told_by(words: Sequence[str | None], codes: IntArray) -> Any:
    """Return texts as ``coded`` does where most rows share their words, else as plain texts.

    >>> [str(told_by(words, np.array([0, 0, 0])).dtype) for words in (["a"], ["a", "b"])]
    ['category', 'str']
    """
    if 2 * len(words) <= len(codes):
        return coded(words, codes)
    return pd.array(words, dtype="str").take(codes)


def alike(frame: pd.DataFrame) -> tuple[IntArray, IntArray]:
    """Return which rows say the same: for each row the number of what it says, and the first row that says it.

    >>> [found.tolist() for found in alike(pd.DataFrame({"rule": ["b", "a", "b"], "limit": [1.0, 1.0, 1.0]}))]
    [[0, 1, 0], [0, 1]]
    """
    place = np.zeros(len(frame), dtype=np.int64)
    for name in frame:
        codes, kinds = pd.factorize(frame[name])
        place = np.asarray(pd.factorize(place * (len(kinds) + 1) + codes)[0], dtype=np.int64)
    return place, np.unique(place, return_index=True)[1]


def one_word(word: str, count: int) -> pd.Categorical:
    """Return the same text for every row."""
    return coded([word], np.zeros(count, dtype=np.int8))


def as_coded(texts: pd.Series) -> pd.Categorical:
    """Return a column of texts by codes, as ``coded`` does.

    >>> as_coded(pd.Series(["b", None, "b"], dtype="str")).codes.tolist()
    [0, -1, 0]
    """
    if isinstance(texts.array, pd.Categorical):
        return texts.array
    codes, words = pd.factorize(texts.astype("str"))
    return coded([*words, None], codes)


def as_texts(column: pd.Series) -> pd.Series:
    """Return a column of texts by codes as plain texts; any other column as it is."""
    if not isinstance(column.array, pd.Categorical):
        return column
    words = pd.array(column.array.categories, dtype="str")
    return pd.Series(words.take(column.array.codes, allow_fill=True), index=column.index, name=column.name)


def in_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with plain texts only.

    >>> in_texts(pd.DataFrame({"verdict": one_word("pass", 2)})).dtypes.astype(str).to_dict()
    {'verdict': 'str'}
    """
    own = [name for name in frame if isinstance(frame[name].dtype, pd.CategoricalDtype)]
    return frame.assign(**{name: as_texts(frame[name]) for name in own}) if own else frame
