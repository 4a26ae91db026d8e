"""Dates: what is certain is read, what could be two days is not."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzone.io.dates import read_dates

JUNE_1 = dt.date(2012, 6, 1)


@pytest.mark.parametrize(
    "spelling",
    [
        "2012年6月1日", "2012-06-01", "2012/6/1", "20120601", "2012.6.1", "２０１２年６月１日", "二〇一二年六月一日",
        "2012-06-01 00:00:00", "2012/6/1 0:00", "2012-06-01T00:00:00", "2012-06-01T00:00:00+08:00",
        " 2012 年 6 月 1 日 ", "2012年06月01号", "２０１２－０６－０１", "2012 - 6 - 1",
        20120601, 20120601.0, pd.Timestamp(2012, 6, 1, 13, 5), JUNE_1,
    ],
)  # fmt: skip
def test_every_certain_spelling_is_the_first_of_june(spelling: object) -> None:
    assert read_dates([spelling])[0].value == JUNE_1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("01/06/2012", "DATE_AMBIGUOUS"),
        ("12-06-01", "DATE_AMBIGUOUS"),
        ("25/12/2012", "DATE_AMBIGUOUS"),
        ("2012年6月", "DATE_AMBIGUOUS"),
        ("2012-06", "DATE_AMBIGUOUS"),
        ("2012", "DATE_AMBIGUOUS"),
        ("2012年", "DATE_AMBIGUOUS"),
        ("2012年6月底", "DATE_AMBIGUOUS"),
        ("6月1日", "DATE_AMBIGUOUS"),
        ("201206", "DATE_AMBIGUOUS"),
        ("2012-05-31T16:00:00Z", "DATE_AMBIGUOUS"),
        (41061, "DATE_SERIAL"),
        (41061.0, "DATE_SERIAL"),
        ("41061", "DATE_SERIAL"),
        ("2012-02-30", "DATE_UNREADABLE"),
        ("2012-13-01", "DATE_UNREADABLE"),
        ("20121301", "DATE_UNREADABLE"),
        ("二〇一二年十三月一日", "DATE_UNREADABLE"),
        ("2012-06/01", "DATE_UNREADABLE"),
        ("三年内", "DATE_UNREADABLE"),
        ("0212-06-01", "DATE_UNREADABLE"),
    ],
)
def test_what_is_no_certain_day_is_rejected(text: object, code: str) -> None:
    cell = read_dates([text])[0]
    assert (cell.value, cell.fault) == (None, code)


@pytest.mark.parametrize(
    "text",
    ["1900-01-01", "1899-12-30", "0001-01-01", "1970-01-01", "1970年1月1日", "--", "无", "/", "N/A", "0", 0],
)
def test_placeholders_are_missing_and_said(text: object) -> None:
    cell = read_dates([text])[0]
    assert (cell.value, cell.fault, cell.reading) == (None, "", "VALUE_PLACEHOLDER")


def test_a_blank_is_missing_without_a_word() -> None:
    assert [c.reading + c.fault for c in read_dates(["", "  "])] == ["", ""]


def test_only_other_spellings_are_listed() -> None:
    cells = read_dates(["2012-06-01", "2012/6/1", pd.Timestamp(2012, 6, 1)])
    assert [c.reading for c in cells] == ["", "DATE_NORMALISED", ""]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("二〇二三年十二月三十一日", (2023, 12, 31)),
        ("二零二三年十月十日", (2023, 10, 10)),
        ("二〇二三年一月二十日", (2023, 1, 20)),
    ],
)
def test_chinese_numerals(text: str, day: tuple[int, int, int]) -> None:
    assert read_dates([text])[0].value == dt.date(*day)


@given(st.dates(dt.date(1971, 1, 1), dt.date(2100, 12, 31)))
@settings(derandomize=True, max_examples=100)
def test_all_spellings_of_a_day_agree(day: dt.date) -> None:
    spellings = [
        day.isoformat(), f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日", f"{day.year}.{day.month}.{day.day}",
    ]  # fmt: skip
    assert {c.value for c in read_dates(spellings)} == {day}
