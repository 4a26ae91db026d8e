"""The file of holidays: days that are free, and weekend days that are worked."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from landzone.catalog.messages import refusal

FREE = ("holiday", "休", "放假", "节假日")
WORKED = ("workday", "班", "上班", "调休")


def read_holidays(path: Path, name: str) -> tuple[tuple[date, ...], tuple[date, ...]]:
    """Read a CSV file of two columns: ``date`` (YYYY-MM-DD) and ``kind`` (holiday 放假, workday 上班).

    A header may stand in the first row; further columns and empty rows are passed over.

    Returns
    -------
    (holidays, workdays)
        Sorted; a day named twice counts once.

    Raises
    ------
    Refusal
        HOLIDAYS_NOT_FOUND, HOLIDAYS_UNREADABLE (with the row).
    """
    if not path.is_file():
        raise refusal("HOLIDAYS_NOT_FOUND", file=name)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="gb18030", errors="replace")
    free: set[date] = set()
    worked: set[date] = set()
    for number, cells in enumerate(csv.reader(text.splitlines()), 1):
        own = [cell.strip() for cell in cells]
        if not any(own) or (number == 1 and own[0].lower() in ("date", "日期")):
            continue
        kind = own[1].lower() if len(own) > 1 else ""
        try:
            day = date.fromisoformat(own[0])
        except ValueError:
            kind, day = "", date.min
        if kind not in FREE + WORKED:
            raise refusal("HOLIDAYS_UNREADABLE", file=name, row=str(number), value=",".join(own)[:60])
        (free if kind in FREE else worked).add(day)
    if free & worked:
        day = min(free & worked)
        raise refusal("HOLIDAYS_UNREADABLE", file=name, value=f"{day} holiday, workday")
    return tuple(sorted(free)), tuple(sorted(worked))
