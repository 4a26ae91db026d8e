"""Ids stay text; yes and no are few words."""

from __future__ import annotations

import pandas as pd
import pytest

from landzone.io.words import read_ids, read_texts, read_yesno


@pytest.mark.parametrize(
    "text", ["P001", "Ｐ００１", " P001 ", "P001\u3000", "P0\u200b01", "\ufeffP001", "P001\u00a0"]
)
def test_spellings_of_one_id(text: str) -> None:
    assert read_ids([text])[0].value == "P001"


def test_zeros_and_quotes_stay() -> None:
    ids = ["0012", "x' OR '1'='1", "410601001001100001", "1.0", "A-1", "NA"]
    cells = read_ids(ids)
    assert [c.value for c in cells] == ids
    assert {c.reading for c in cells} == {""}


def test_integers_of_a_database_are_exact() -> None:
    assert read_ids([410601001001100001])[0].value == "410601001001100001"


def test_numbers_of_a_spreadsheet_are_said_or_rejected() -> None:
    cells = read_ids([12, 12.0, 410601001001100001, 4.10601001001e17], spreadsheet=True)
    assert [c.value or c.fault for c in cells] == ["12", "12", "ID_PRECISION", "ID_PRECISION"]
    assert cells[0].reading == "ID_FROM_NUMBER"


def test_ids_that_were_turned_into_something_else() -> None:
    values = ["4.10601E+17", pd.Timestamp(2012, 1, 2), True]
    assert [c.fault for c in read_ids(values)] == ["ID_PRECISION", "ID_TYPE_LOST", "ID_TYPE_LOST"]


def test_words_for_nothing_are_missing() -> None:
    assert [(c.value, c.reading) for c in read_ids(["无", "--", "", "N/A"])] == [
        (None, "VALUE_PLACEHOLDER"), (None, "VALUE_PLACEHOLDER"), (None, ""), (None, "VALUE_PLACEHOLDER"),
    ]  # fmt: skip


def test_texts_stay_as_found() -> None:
    texts = ["<script>alert(1)</script>", "{{ 7*7 }}", "=1+1", "Ａ座", "NA", "None"]
    assert [c.value for c in read_texts(texts)] == texts


def test_yes_and_no() -> None:
    cells = read_yesno(["是", "否", "TRUE", "false", "1", 0, 1.0, "", "无", "2012-12-01"])
    assert [c.value for c in cells] == [True, False, True, False, True, False, True, None, None, None]
    assert cells[-1].fault == "VALUE_UNREADABLE"
