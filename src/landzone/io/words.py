"""Ids, codes, texts and yes/no, read strictly: an id is text for ever."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from landzone.io.cells import (
    MISSING,
    Cell,
    is_missing_word,
    placeholder,
    plain_id,
    plain_text,
    plain_value,
    reading,
    shown,
)

_SAFE_DIGITS = 15
"""A binary floating point number keeps 15 decimal digits; a spreadsheet keeps no more."""
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+\d{1,3}")


def read_ids(values: Sequence[Any], *, spreadsheet: bool = False) -> list[Cell]:
    """Read distinct cells as ids or codes.

    Parameters
    ----------
    values : sequence
        Texts, integers (taken exactly) or floats.
    spreadsheet : bool
        The cells come from a spreadsheet, whose numbers are floats even where they look like integers.

    Returns
    -------
    list of Cell
        Texts. Faults: ``ID_PRECISION`` (more digits than a float keeps, or 4.1E+17), ``ID_TYPE_LOST`` (a date or a
        truth value stands where the id was). Readings: ``TEXT_NORMALISED``, ``ID_FROM_NUMBER``,
        ``VALUE_PLACEHOLDER``.

    Examples
    --------
    >>> [c.value or c.fault for c in read_ids(["Ｐ００１", 12, 410601001001100001], spreadsheet=True)]
    ['P001', '12', 'ID_PRECISION']
    """
    return [_id(value, spreadsheet) for value in values]


def _id(value: Any, spreadsheet: bool) -> Cell:
    if isinstance(value, str):
        text = plain_id(value)
        if not text:
            return MISSING
        if is_missing_word(text):
            return placeholder(value)
        if _SCIENTIFIC.fullmatch(text):
            return Cell(fault="ID_PRECISION", detail={"digits": text.upper().rpartition("E+")[2]})
        return Cell(value=text, reading="TEXT_NORMALISED" if text != value else "")
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        exact = isinstance(value, int | np.integer) and not spreadsheet
        text = shown(value) if isinstance(value, float) else str(value)
        digits = len(text.lstrip("-").partition(".")[0])
        if not exact and digits > _SAFE_DIGITS:
            return Cell(fault="ID_PRECISION")
        return Cell(value=text, reading="ID_FROM_NUMBER" if spreadsheet else "")
    return Cell(fault="ID_TYPE_LOST")


def read_texts(values: Sequence[Any]) -> list[Cell]:
    """Read distinct cells as free text: blanks at the ends go, everything else stays as found.

    >>> [c.value for c in read_texts([" 甲 公司", "<b>", "无", 12.0])]
    ['甲 公司', '<b>', None, '12']
    """
    cells = []
    for value in values:
        text = plain_text(shown(value))
        if not text:
            cells.append(MISSING)
        elif is_missing_word(text):
            cells.append(placeholder(value))
        else:
            code = "TEXT_NORMALISED" if isinstance(value, str) and text != value else ""
            cells.append(Cell(value=text, reading=code))
    return cells


@cache
def _yesno() -> dict[str, bool]:
    words = reading()["yesno"]
    return {plain_value(w): answer for key, answer in (("yes", True), ("no", False)) for w in words[key]}


def read_yesno(values: Sequence[Any]) -> list[Cell]:
    """Read distinct cells as yes or no (是/否, true/false, 1/0).

    >>> [c.value if not c.fault else c.fault for c in read_yesno(["是", 0, "TRUE", "也许"])]
    [True, False, True, 'VALUE_UNREADABLE']
    """
    cells = []
    for value in values:
        text = plain_value(shown(value))
        if not text:
            cells.append(MISSING)
        elif text in _yesno():
            cells.append(Cell(value=_yesno()[text]))
        elif is_missing_word(text, value=True):
            cells.append(placeholder(value))
        else:
            cells.append(Cell(fault="VALUE_UNREADABLE"))
    return cells
