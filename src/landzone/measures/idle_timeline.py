"""The dates of a project in order, with the days on which the terms of the law are full: what a time line shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from landzone.measures.calendar import first_day_full, to_days
from landzone.measures.idle_evidence import IdleTerms
from landzone.model.study import Anniversary

FACTS = (
    "contract", "delivery", "agreed_start", "supplement_start", "disposal", "disposal_start", "actual_start",
    "suspended_since", "actual_finish",
)  # fmt: skip
"""Dates of the ledger; ``<name>_date`` is the column."""


@dataclass(frozen=True)
class Event:
    """One day: ``kind`` is a column of the ledger, ``due``, ``idle_one_year``, ``idle_two_years``,
    ``suspended_one_year`` or ``as_of``.
    """

    day: date
    kind: str


@dataclass(frozen=True)
class Span:
    """Days from ``first`` to ``last`` in one state: ``overdue``, ``idle_one_year``, ``idle_two_years``,
    ``building`` or ``suspended``.
    """

    first: date
    last: date
    kind: str


@dataclass(frozen=True)
class Timeline:
    """Events in order of days, and the spans up to the day of the audit."""

    events: tuple[Event, ...]
    spans: tuple[Span, ...]


def timeline(row: Mapping[str, Any], as_of: date, reading: Anniversary, terms: IdleTerms) -> Timeline:
    """Return the time line of a row of ``projects``.

    Parameters
    ----------
    row : mapping
        A row of the table ``projects`` of an audit.
    as_of : date
    reading : Anniversary
    terms : IdleTerms

    Examples
    --------
    >>> from fractions import Fraction
    >>> terms = IdleTerms(1, 2, 1, Fraction(1, 3), Fraction(1, 4), Fraction(1, 5))
    >>> row = {"agreed_start_date": "2025-03-15", "effective_start_date": "2025-03-15", "idle_class": "A1"}
    >>> line = timeline(row, date(2026, 6, 30), Anniversary.CIVIL, terms)
    >>> [(event.kind, event.day.isoformat()) for event in line.events]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('agreed_start', '2025-03-15'), ('due', '2025-03-15'), ('idle_one_year', '2026-03-16'), ('as_of', '2026-06-30'),
     ('idle_two_years', '2027-03-16')]
    >>> [(span.kind, span.first.isoformat(), span.last.isoformat()) for span in line.spans]
    [('overdue', '2025-03-15', '2026-03-16'), ('idle_one_year', '2026-03-16', '2026-06-30')]
    """
    days = {name: day for name in FACTS if (day := _day(row, f"{name}_date")) is not None}
    marks = dict(days)
    due, start, pause = (
        _day(row, "effective_start_date"),
        days.get("actual_start"),
        days.get("suspended_since"),
    )
    begun = start is not None and start <= as_of
    spans: list[Span] = []
    if due is not None:
        marks["due"] = due
        if (
            not begun
            and row.get("conclusion") not in ("ended", "building")
            and _flag(row, "started") is not True
        ):
            one, two = (_full(due, years, reading) for years in (terms.idle_years, terms.recovery_years))
            marks |= {"idle_one_year": one, "idle_two_years": two}
            spans += _cut([Span(due, one, "overdue"), Span(one, two, "idle_one_year"),
                           Span(two, date.max, "idle_two_years")], as_of)  # fmt: skip
    if start is not None and begun:
        ends = [day for day in (pause, days.get("actual_finish")) if day is not None and day >= start]
        spans += _cut([Span(start, min([*ends, as_of]), "building")], as_of)
    if pause is not None:
        anew = days.get("disposal_start")
        counted = max(pause, anew) if anew is not None and row.get("start_basis") == "disposal" else pause
        marks["suspended_one_year"] = _full(counted, terms.idle_years, reading)
        spans += _cut([Span(pause, date.max, "suspended")], as_of)
    events = [Event(day, kind) for kind, day in marks.items()] + [Event(as_of, "as_of")]
    order = [*FACTS, "due", "suspended_one_year", "idle_one_year", "idle_two_years", "as_of"]
    events.sort(key=lambda event: (event.day, order.index(event.kind)))
    return Timeline(tuple(events), tuple(spans))


def _cut(spans: list[Span], as_of: date) -> list[Span]:
    return [Span(s.first, min(s.last, as_of), s.kind) for s in spans if s.first < min(s.last, as_of)]


def _full(day: date, years: int, reading: Anniversary) -> date:
    return date.fromisoformat(str(first_day_full(to_days([day]), years, reading)[0]))


def _flag(row: Mapping[str, Any], name: str) -> bool | None:
    value = row.get(name)
    return None if value is None or pd.isna(value) else bool(value)


def _day(row: Mapping[str, Any], column: str) -> date | None:
    value = row.get(column)
    return None if value is None or pd.isna(value) else date.fromisoformat(str(value)[:10])
