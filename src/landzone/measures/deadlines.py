"""Deadlines of idle land: when a class changes next, and the steps of the procedure, as dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from landzone.measures import ledger_columns as columns
from landzone.measures.calendar import DayLike, Days, to_days
from landzone.measures.ledger_columns import Mask
from landzone.model.study import IdleSettings

COLUMNS = [
    "parcel_id", "project_id", "kind", "event_date", "counted_date", "due_date", "is_moved", "days_left_count",
    "warning_days_count", "state", "is_assumed",
]  # fmt: skip

KINDS = {
    "kind": "str", "event_date": "datetime64[s]", "counted_date": "datetime64[s]", "due_date": "datetime64[s]",
    "is_moved": "bool", "state": "str", "is_assumed": "bool",
}  # fmt: skip

THRESHOLDS = {
    "not_due": "start_due", "overdue": "idle_one_year", "idle_one_year": "idle_two_years",
    "cause_to_verify": "idle_two_years", "suspended_recently": "suspended_one_year",
}  # fmt: skip
"""What the next threshold of a conclusion is."""

_ONE_DAY = np.timedelta64(1, "D")
_MARGIN = np.timedelta64(400, "D")


@dataclass(frozen=True)
class Term:
    """A step of the procedure: the date column that starts it, and how many days, or working days, it has."""

    kind: str
    event: str
    days: int
    working: bool = False
    done_by: str = ""


class WorkCalendar:
    """Working days: Monday to Friday, but for the holidays, and the weekend days that are worked.

    Examples
    --------
    >>> calendar = WorkCalendar([date(2026, 10, 1), date(2026, 10, 2)], [date(2026, 9, 27)])
    >>> calendar.moved(["2026-10-01", "2026-09-27", "2026-09-26"]).astype(str).tolist()
    ['2026-10-05', '2026-09-27', '2026-09-27']
    >>> calendar.after(["2026-09-25"], 5).astype(str).tolist()
    ['2026-10-05']
    """

    def __init__(self, holidays: Sequence[date] = (), workdays: Sequence[date] = ()) -> None:
        self.holidays = np.array(sorted(set(holidays)), dtype="datetime64[D]")
        self.workdays = np.array(sorted(set(workdays)), dtype="datetime64[D]")

    def _working(self, days: Days) -> Days:
        """Return the working days around some days."""
        known = days[~np.isnat(days)]
        span = np.arange(known.min() - _ONE_DAY, known.max() + _MARGIN)
        weekday = (span.astype(np.int64) + 3) % 7 < 5
        rest = (~weekday & ~np.isin(span, self.workdays)) | np.isin(span, self.holidays)
        return np.asarray(span[~rest])

    def moved(self, days: DayLike) -> Days:
        """Return each day, or the next working day where it is none (民法典 art. 203)."""
        return self._step(to_days(days), "left", 0)

    def after(self, days: DayLike, count: int) -> Days:
        """Return the working day that is the ``count``-th after each day; the day itself is not counted."""
        return self._step(to_days(days), "right", count - 1)

    def _step(self, days: Days, side: Any, further: int) -> Days:
        found = np.full(days.shape, np.datetime64("NaT"), dtype="datetime64[D]")
        known = ~np.isnat(days)
        if known.any():
            working = self._working(days)
            found[known] = working[np.searchsorted(working, days[known], side=side) + further]
        return found


def deadlines(
    projects: pd.DataFrame,
    as_of: date,
    settings: IdleSettings,
    terms: Sequence[Term],
    warning_days: Sequence[int],
    idle_classes: Sequence[str],
) -> pd.DataFrame:
    """List what is due after the audit, for every project.

    - The next threshold of the clock; a threshold is not moved by holidays.
    - For each term of the procedure whose event is known: event + days, the day of the event not counted, moved to
      the next working day; or the n-th working day after it. A suspicion without a day of discovery counts from
      the day of the audit, and says so (``is_assumed``).

    Parameters
    ----------
    projects : DataFrame
        ``project_id parcel_id idle_class conclusion next_threshold_date`` and the dates of events.
    as_of : date
    settings : IdleSettings
        Its holidays and working weekend days.
    terms : sequence of Term
    warning_days : sequence of int
        Steps of early warning, such as 30, 60, 90.
    idle_classes : sequence of str
        Classes that are suspected idle.

    Returns
    -------
    DataFrame
        ``parcel_id project_id kind event_date counted_date due_date is_moved days_left_count warning_days_count
        state is_assumed``, by due date. ``days_left_count`` is negative for what has passed;
        ``warning_days_count`` is the smallest step of warning that has been reached, missing where none is.
        ``state`` is ``open``, ``passed`` or ``done``.

    Examples
    --------
    >>> rows = pd.DataFrame({"project_id": ["J"], "parcel_id": ["P"], "idle_class": ["overdue"],
    ...     "conclusion": ["overdue"], "next_threshold_date": pd.to_datetime(["2026-07-20"])})
    >>> found = deadlines(rows, date(2026, 6, 30), IdleSettings(), [], [30, 60, 90], ["A1"])
    >>> found[["kind", "days_left_count", "warning_days_count"]].values.tolist()
    [['idle_one_year', 20, 30]]
    """
    calendar = WorkCalendar(settings.holidays, settings.workdays)
    today = np.datetime64(as_of.isoformat(), "D")
    parts = [_thresholds(projects)]
    parts += [_steps(projects, term, today, calendar, idle_classes) for term in terms]
    table = pd.concat(parts[:1] + [part for part in parts[1:] if part is not None], ignore_index=True)
    due = table["due_date"].to_numpy(dtype="datetime64[D]")
    left = (due - today).astype(np.int64)
    table["days_left_count"] = left
    table["warning_days_count"] = _warning(left, warning_days)
    table["state"] = table["state"].mask((table["state"] == "open") & (left < 0), "passed")
    order = ["due_date", "parcel_id", "project_id", "kind", "event_date"]
    return table[COLUMNS].sort_values(order, ignore_index=True, kind="stable")


def _warning(left: Any, steps: Sequence[int]) -> Any:
    reached = np.full(len(left), np.inf)
    for step in sorted(steps, reverse=True):
        reached[(left >= 0) & (left <= step)] = step
    return pd.array(np.where(np.isinf(reached), np.nan, reached)).astype("Int64")


def _table(projects: pd.DataFrame, where: Mask, own: Mapping[str, Any]) -> pd.DataFrame:
    size = int(where.sum())
    columns: dict[str, Any] = {
        name: projects[name].astype("str").array[where] for name in ("parcel_id", "project_id")
    }
    for name, values in own.items():
        kind = KINDS[name]
        if kind == "str":
            columns[name] = pd.array(np.broadcast_to(np.asarray(values, dtype=object), size), dtype="str")
        else:
            columns[name] = np.broadcast_to(np.asarray(values), size).astype(kind)
    return pd.DataFrame(columns, index=range(size))


def _thresholds(projects: pd.DataFrame) -> pd.DataFrame:
    coming = columns.dates(projects, "next_threshold_date")
    where = ~np.isnat(coming)
    kinds = projects.loc[where, "conclusion"].map(THRESHOLDS).to_numpy()
    days = coming[where]
    started = np.full(len(days), np.datetime64("NaT"), dtype="datetime64[D]")
    own = {"kind": kinds, "event_date": started, "counted_date": days, "due_date": days}
    return _table(projects, where, {**own, "is_moved": False, "state": "open", "is_assumed": False})


def _steps(
    projects: pd.DataFrame, term: Term, today: Any, calendar: WorkCalendar, idle_classes: Sequence[str]
) -> pd.DataFrame | None:
    """Return what is due under one term; None where its event is known of no project."""
    event = columns.dates(projects, term.event)
    event = np.where(event > today, np.datetime64("NaT"), event)
    suspected = projects["idle_class"].isin(list(idle_classes)).to_numpy(dtype=bool)
    assumed = np.isnat(event) & suspected & (term.event == "found_date")
    done = (
        ~np.isnat(columns.dates(projects, term.done_by))
        if term.done_by
        else np.zeros(len(projects), dtype=bool)
    )
    assumed &= ~done
    event = np.where(assumed, today, event)
    where = ~np.isnat(event)
    if not where.any():
        return None
    days = event[where]
    counted = calendar.after(days, term.days) if term.working else days + np.timedelta64(term.days, "D")
    due = counted if term.working else calendar.moved(counted)
    own = {"kind": term.kind, "event_date": days, "counted_date": counted, "due_date": due}
    state = np.where(done[where], "done", "open")
    return _table(
        projects, where, {**own, "is_moved": due != counted, "state": state, "is_assumed": assumed[where]}
    )
