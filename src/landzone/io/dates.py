"""Dates as Chinese ledgers spell them, read strictly: what could be two days is no day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from landzone.io.cells import MISSING, Cell, is_missing_word, placeholder, plain_value, reading, shown

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_YMD = re.compile(
    r"(\d{4})\s*(?:([-/.])\s*(\d{1,2})\s*\2\s*(\d{1,2})|年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?)"
)
_DIGITS8 = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"(?:t|\s+|(?<=日))\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(z|[+-]\d{2}:?\d{2})?$")
_AMBIGUOUS = re.compile(
    r"\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*(\d{4}|\d{2})"  # 01/06/2012, 12-06-01
    r"|\d{2}年\d{1,2}月\d{1,2}[日号]?"
    r"|\d{4}\s*[-/.年]\s*\d{1,2}\s*月?(份|底|初|上旬|中旬|下旬)?"  # a month alone
    r"|\d{4}\s*年?(底|初|上半年|下半年)?"  # a year alone
    r"|\d{1,2}\s*[-/.月]\s*\d{1,2}\s*[日号]?"
    r"|\d{6}"
)
_HAN = {"〇": "0", "○": "0", "零": "0", "o": "0"} | dict(zip("一二三四五六七八九", "123456789", strict=True))
_HAN_DATE = re.compile(
    r"([〇○零o一二三四五六七八九]{4})年([十一二三四五六七八九]{1,3})月([十一二三四五六七八九]{1,3})[日号]?"
)


@cache
def _no_dates() -> frozenset[dt.date]:
    return frozenset(dt.date.fromisoformat(text) for text in reading()["missing"]["dates"])


def read_dates(values: Sequence[Any]) -> list[Cell]:
    """Read distinct cells as dates.

    Returns
    -------
    list of Cell
        ``datetime.date`` or None. Faults: ``DATE_SERIAL`` (the bare day count of a spreadsheet), ``DATE_AMBIGUOUS``
        (two readings, or a month or year alone), ``DATE_UNREADABLE``. Readings: ``DATE_NORMALISED``,
        ``VALUE_PLACEHOLDER`` (1900-01-01 and its like, 无, -- …).

    Examples
    --------
    >>> [str(c.value or c.fault) for c in read_dates(["2012年6月1日", "01/06/2012", 41061, "20120601"])]
    ['2012-06-01', 'DATE_AMBIGUOUS', 'DATE_SERIAL', '2012-06-01']
    """
    return [_read(value) for value in values]


def _read(value: Any) -> Cell:
    if isinstance(value, dt.datetime):
        return _checked(value.date(), value, "")
    if isinstance(value, dt.date):
        return _checked(value, value, "")
    if isinstance(value, dt.time):
        return placeholder(value) if value == dt.time(0) else Cell(fault="DATE_UNREADABLE")
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        return _read_text(shown(float(value)), value)
    return _read_text(str(value), value)


def _read_text(original: str, raw: Any) -> Cell:
    text = plain_value(original)
    if not text:
        return MISSING
    if is_missing_word(text, value=True) or text in reading()["missing"]["date_words"]:
        return placeholder(raw)
    text, time_fault = _without_time(text)
    if time_fault:
        return Cell(fault=time_fault)
    parts = _parts(text)
    if parts:
        try:
            day = dt.date(*parts)
        except ValueError:
            return Cell(fault="DATE_UNREADABLE")
        return _checked(day, raw, "" if _ISO.fullmatch(original) else "DATE_NORMALISED")
    limits = reading()["dates"]
    if re.fullmatch(r"\d{5}(\.\d+)?", text) and limits["serial_from"] <= float(text) < limits["serial_until"]:
        return Cell(fault="DATE_SERIAL")
    return Cell(fault="DATE_AMBIGUOUS" if _AMBIGUOUS.fullmatch(text) else "DATE_UNREADABLE")


def _without_time(text: str) -> tuple[str, str]:
    """Cut a time of day; a time with an offset may belong to the next day and is no certain date."""
    match = _TIME.search(text)
    if not match:
        return text, ""
    midnight = not any(int(part or 0) for part in match.group(1, 2, 3))
    if match.group(4) and not midnight:
        return text, "DATE_AMBIGUOUS"
    return text[: match.start()].strip(), ""


def _parts(text: str) -> tuple[int, int, int] | None:
    if match := _YMD.fullmatch(text):
        year, _, month, day, month_han, day_han = match.groups()
        return int(year), int(month or month_han), int(day or day_han)
    if match := _DIGITS8.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _HAN_DATE.fullmatch(text):
        year = int("".join(_HAN[c] for c in match[1]))
        return year, _han_number(match[2]), _han_number(match[3])
    return None


def _han_number(text: str) -> int:
    """Read 一 … 三十一.

    >>> _han_number("六"), _han_number("十"), _han_number("二十一")
    (6, 10, 21)
    """
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int(_HAN[text]) if len(text) == 1 else 0
    if len(tens) > 1 or len(ones) > 1:
        return 0
    return int(_HAN.get(tens, "1")) * 10 + int(_HAN.get(ones, "0"))


def _checked(day: dt.date, raw: Any, code: str) -> Cell:
    if day in _no_dates():
        return placeholder(raw if isinstance(raw, str) else day.isoformat())
    if day.year < reading()["dates"]["earliest_year"]:
        return Cell(fault="DATE_UNREADABLE")
    return Cell(value=day, reading=code)
