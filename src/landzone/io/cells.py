"""The text of a cell: letters made comparable, words for "nothing" found, the parts every reader needs."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from landzone.catalog import load

_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF])
_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_BLANKS = dict.fromkeys([0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_ID_TABLE: dict[int, Any] = {**_INVISIBLE, **_HALF, **_BLANKS}
_TEXT_TABLE: dict[int, Any] = dict(_INVISIBLE)


@dataclass(frozen=True)
class Cell:
    """One value as it was read.

    ``value`` is None where missing. ``fault`` is the code of a rejected cell, ``reading`` the code of a reading
    that changed the spelling only, ``note`` the code of a remark; ``detail`` holds what their messages need.
    """

    value: Any = None
    fault: str = ""
    reading: str = ""
    note: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


MISSING = Cell()

Reader = Callable[[Sequence[Any]], list[Cell]]
"""Reads the distinct values of one column at once, because units are decided for a column, not for a cell."""


@cache
def reading() -> dict[str, Any]:
    """Return the catalogue of readings."""
    return load.table("reading.toml")


@cache
def _missing_words() -> tuple[frozenset[str], frozenset[str]]:
    words = frozenset(reading()["missing"]["words"])
    return words, words | frozenset(reading()["missing"]["value_words"])


def missing_words() -> list[str]:
    """Return the words that stand for a missing id or text, folded as ``plain_value`` folds."""
    return sorted(_missing_words()[0])


def plain_id(text: str) -> str:
    """Return an id with half-width letters, without invisible characters and outer blanks.

    >>> plain_id("Ｐ００１ "), plain_id("P0\u200b04")
    ('P001', 'P004')
    """
    return text.translate(_ID_TABLE).strip()


def plain_text(text: str) -> str:
    """Return a text without invisible characters and outer blanks; full-width letters stay."""
    return text.translate(_TEXT_TABLE).strip()


def plain_value(text: str) -> str:
    """Return the text of a number, date or word in compatible half-width form, case folded.

    >>> plain_value("１，２００ 万元")
    '1,200 万元'
    """
    return unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).replace("\u2212", "-").strip().casefold()


def is_missing_word(text: str, *, value: bool = False) -> bool:
    """Tell whether a word stands for a missing value; ``value``: in a column of numbers, dates or yes/no."""
    return plain_value(text) in _missing_words()[1 if value else 0]


def shown(value: Any) -> str:
    """Return a raw value as a person sees it in the source: numbers without a needless fraction.

    >>> shown(41061.0), shown("a "), shown(True)
    ('41061', 'a ', 'True')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def placeholder(value: Any) -> Cell:
    """Return the reading of a word that stands for nothing."""
    return Cell(reading="VALUE_PLACEHOLDER", detail={"raw": shown(value)})
