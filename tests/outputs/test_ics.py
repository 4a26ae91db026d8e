"""The calendar is read by a parser of calendars, and equal deadlines are equal bytes."""

from __future__ import annotations

from datetime import date, timedelta

import icalendar
import pandas as pd
import pytest

import landzone as lz
from landzone.outputs import ics
from landzone.outputs.wording import Wording

AS_OF = date(2026, 6, 30)


@pytest.fixture
def audit(example_audit: lz.Audit) -> lz.Audit:
    return example_audit


def rows(**own: object) -> pd.DataFrame:
    row = {
        "parcel_id": "P;1,2\\3", "project_id": "J\n1", "kind": "idle_one_year", "event_date": "", "counted_date": "",
        "due_date": "2026-12-01", "is_moved": False, "days_left_count": 154, "state": "open", "is_assumed": False,
    }  # fmt: skip
    return pd.DataFrame([{**row, **own}])


def test_a_parser_reads_dates_without_zones_and_the_text_as_it_was(audit: lz.Audit) -> None:
    data = ics.calendar(rows(), AS_OF, Wording(audit.study, "zh"))
    event = icalendar.Calendar.from_ical(data).walk("VEVENT")[0]
    assert event.decoded("DTSTART") == date(2026, 12, 1)
    assert event.decoded("DTEND") == date(2026, 12, 2)
    assert "P;1,2\\3" in str(event["SUMMARY"])
    assert "J\n1" in str(event["SUMMARY"])
    assert "疑似" in str(event["DESCRIPTION"])
    alarms = [alarm.decoded("TRIGGER") for alarm in event.walk("VALARM")]
    assert alarms == [-timedelta(days=90), -timedelta(days=60), -timedelta(days=30)]


def test_warnings_whose_day_has_passed_are_left_out(audit: lz.Audit) -> None:
    data = ics.calendar(rows(due_date="2026-08-29"), AS_OF, Wording(audit.study, "en"))
    event = icalendar.Calendar.from_ical(data).walk("VEVENT")[0]
    assert [alarm.decoded("TRIGGER").days for alarm in event.walk("VALARM")] == [-30]


def test_lines_end_as_the_standard_says_and_none_is_too_long(audit: lz.Audit) -> None:
    data = ics.calendar(rows(parcel_id="地" * 100), AS_OF, Wording(audit.study, "zh"))
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    for line in data.split(b"\r\n"):
        line.decode("utf-8")


def test_the_example_zone_has_the_deadlines_worked_out_by_hand(audit: lz.Audit) -> None:
    """Five suspected parcels (8, 15 to 18 without 14) and the thresholds of 6, 13, 14, 17."""
    table = audit.result.tables["deadlines"]
    short = table.assign(parcel=table["parcel_id"].str[-2:].astype(int))
    found = set(zip(short["parcel"], short["kind"], short["due_date"], strict=True))
    assert found == {
        (6, "suspended_one_year", "2026-12-02"),
        (13, "start_due", "2026-09-02"),
        (14, "idle_one_year", "2026-07-01"),
        (17, "idle_two_years", "2027-03-16"),
        *((n, "investigation", "2026-07-30") for n in (8, 15, 16, 17, 18)),
    }
    events = icalendar.Calendar.from_ical(ics.calendar(table, AS_OF, Wording(audit.study, "zh"))).walk(
        "VEVENT"
    )
    assert len(events) == len(table)
    assert len({str(event["UID"]) for event in events}) == len(table)


def test_nothing_due_writes_no_file(audit: lz.Audit, tmp_path) -> None:  # type: ignore[no-untyped-def]
    from dataclasses import replace

    bare = replace(audit.result, tables={"deadlines": audit.result.tables["deadlines"].iloc[:0]})
    assert ics.write(audit.study, bare, tmp_path) is None
    assert list(tmp_path.iterdir()) == []
