"""``deadlines.ics``: what is due, for any calendar program (RFC 5545); equal deadlines are equal bytes."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from landzone.catalog.idle_law import warning_days
from landzone.catalog.labels import labels
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.wording import Wording, clean

_WIDTH = 75
"""Octets of a line before it is folded."""


def write(study: Study, result: AuditResult, folder: Path) -> Path | None:
    """Write ``deadlines.ics`` into a folder and return its path, or None where nothing is due."""
    rows = result.tables["deadlines"] if "deadlines" in result.tables else pd.DataFrame(columns=["state"])
    rows = rows[rows["state"] == "open"]
    if rows.empty:
        return None
    path = folder / "deadlines.ics"
    path.write_bytes(calendar(rows, result.as_of, Wording(study, result.lang)))
    return path


def calendar(rows: pd.DataFrame, as_of: date, words: Wording) -> bytes:
    """Return the events of open deadlines as the bytes of a calendar."""
    texts = labels("deadlines", words.lang)
    name = texts["calendar"].format(name=words.study.settings.name)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//landzone//deadlines//ZH", "CALSCALE:GREGORIAN",
             "METHOD:PUBLISH", f"X-WR-CALNAME:{escaped(name)}"]  # fmt: skip
    for row in rows.to_dict("records"):
        lines += _event(row, as_of, words)
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)


def _event(row: dict[str, Any], as_of: date, words: Wording) -> list[str]:
    texts = labels("deadlines", words.lang)
    due = date.fromisoformat(str(row["due_date"]))
    subject = words.beside(str(row["parcel_id"]), str(row["project_id"]))
    what = words.deadline(row["kind"])
    notes = [texts["suspected"]]
    if str(row["event_date"]) not in ("", "nan", "NaT"):
        key = "from_audit" if row["is_assumed"] else "from_event"
        notes.append(texts[key].format(event=row["event_date"]))
    if row["is_moved"]:
        notes.append(texts["moved"].format(counted=row["counted_date"]))
    key = "|".join(str(row[n]) for n in ("parcel_id", "project_id", "kind", "event_date", "due_date"))
    lines = [
        "BEGIN:VEVENT",
        f"UID:{hashlib.sha256(key.encode()).hexdigest()[:32]}@landzone",
        f"DTSTAMP:{as_of:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{due:%Y%m%d}",
        f"DTEND;VALUE=DATE:{due + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(what + words.say('colon') + subject)}",
        f"DESCRIPTION:{escaped(chr(10).join(notes))}",
        "TRANSP:TRANSPARENT",
    ]
    for days in sorted(warning_days(), reverse=True):
        if (due - as_of).days > days:
            lines += ["BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:-P{days}D",
                      f"DESCRIPTION:{escaped(what + words.say('colon') + subject)}", "END:VALARM"]  # fmt: skip
    return [*lines, "END:VEVENT"]


def escaped(text: str) -> str:
    r"""Return a text as the value of a property.

    >>> escaped("a;b,c\\d\ne")
    'a\\;b\\,c\\\\d\\ne'
    """
    plain = clean(text).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\n", "\\n")


def folded(line: str) -> bytes:
    r"""Return a line of a calendar, folded after at most 75 octets and never inside a character.

    >>> folded("X:" + "地" * 30).count(b"\r\n ")
    1
    """
    parts: list[bytes] = []
    part = b""
    for letter in line:
        octets = letter.encode("utf-8")
        if len(part) + len(octets) > (_WIDTH if not parts else _WIDTH - 1):
            parts.append(part)
            part = b""
        part += octets
    return b"\r\n ".join([*parts, part]) + b"\r\n"
