"""The file of holidays is read as it is, or refused with its row."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from landzone.errors import Refusal
from landzone.io.holidays import read_holidays


def read(tmp_path: Path, text: str, encoding: str = "utf-8") -> tuple[tuple[date, ...], tuple[date, ...]]:
    path = tmp_path / "holidays.csv"
    path.write_bytes(text.encode(encoding))
    return read_holidays(path, "holidays.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_two_columns_in_english_or_chinese(tmp_path: Path, encoding: str) -> None:
    text = "日期,类别,说明\n2026-10-02,放假,国庆\n2026-10-01,holiday,\n\n2026-10-10,上班,\n2026-10-01,休,\n"
    assert read(tmp_path, text, encoding) == (
        (date(2026, 10, 1), date(2026, 10, 2)),
        (date(2026, 10, 10),),
    )


@pytest.mark.parametrize(
    "row", ["2026/10/01,holiday", "2026-10-01", "2026-10-01,maybe", "2026-02-30,holiday"]
)
def test_a_row_that_cannot_be_read_is_refused_with_its_number(tmp_path: Path, row: str) -> None:
    with pytest.raises(Refusal, match=r"HOLIDAYS_UNREADABLE  holidays.csv 3: "):
        read(tmp_path, f"date,kind\n2026-10-02,holiday\n{row}\n")


def test_a_day_that_is_free_and_worked_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="2026-10-01"):
        read(tmp_path, "2026-10-01,holiday\n2026-10-01,workday\n")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="HOLIDAYS_NOT_FOUND"):
        read_holidays(tmp_path / "none.csv", "none.csv")
