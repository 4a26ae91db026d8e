"""Facts and time: what a ledger claims for days that had not come yet, and dates that contradict each other."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from landzone.measures import ledger_columns as columns
from landzone.measures.calendar import Days, anniversary
from landzone.measures.ledger_columns import Mask
from landzone.model.problems import Problems


def facts_at(
    projects: pd.DataFrame,
    as_of: date,
    facts: Collection[str],
    *,
    source: str = "",
    role: str = "projects",
    years_ahead: int = 1,
) -> tuple[pd.DataFrame, Problems]:
    """Hold the dates of a ledger against the day of the audit and against each other.

    - A fact more than a year after the day cannot be one: the cell is rejected, ``DATE_FUTURE``.
    - A fact after the day, within a year, has not happened yet: noted, ``DATE_NOT_YET``. A suspension after
      the day is noted as ``SUSPENDED_NOT_YET``; the row is a data error.
    - Suspended before the start: the cell is rejected, ``SUSPENDED_BEFORE_START``. Finished before the start:
      both cells are rejected, ``DATE_ORDER``.
    - Started before the contract was signed: the cell is rejected, ``START_BEFORE_CONTRACT``.
    - A start agreed for a day before the contract: noted, ``AGREED_BEFORE_CONTRACT``.

    Parameters
    ----------
    projects : DataFrame
        Rows as they leave the gate: ``<name>_date`` columns, ``project_id`` (else the index), ``source_row``,
        ``rejected_cells``.
    as_of : date
    facts : collection of str
        Canonical names of the dates that state facts (``fact = true`` in ``catalog/columns.toml``).
    source, role : str
        File and role that the problems name.
    years_ahead : int
        How far ahead a fact may lie before it is taken for an error.

    Returns
    -------
    (DataFrame, Problems)
        A frame in which rejected cells are missing and named in ``rejected_cells``, and the problems.

    Examples
    --------
    >>> ledger = pd.DataFrame({"project_id": ["J1"], "actual_start_date": ["2112-06-01"]}).astype(
    ...     {"actual_start_date": "datetime64[s]"})
    >>> frame, problems = facts_at(ledger, date(2026, 6, 30), ["actual_start"])
    >>> frame["rejected_cells"].tolist(), problems.frame("reject")["raw_value"].tolist()
    (['actual_start'], ['2112-06-01'])
    """
    return _Facts(projects, as_of, source, role).checked(tuple(facts), years_ahead)


class _Facts:
    def __init__(self, projects: pd.DataFrame, as_of: date, source: str, role: str) -> None:
        self.frame = projects.copy(deep=False)
        if "rejected_cells" not in self.frame:
            self.frame["rejected_cells"] = pd.Series("", index=projects.index, dtype="str")
        self.today = np.datetime64(as_of.isoformat(), "D")
        self.common: dict[str, Any] = {"source": source, "layer": role}
        self.as_of = as_of.isoformat()
        named = "project_id" in projects
        self.ids = projects["project_id"] if named else projects.index.to_series()
        rows = projects["source_row"] if "source_row" in projects else np.zeros(len(projects), dtype=np.int64)
        self.rows = np.asarray(rows, dtype=np.int64)
        self.problems = Problems()

    def checked(self, facts: tuple[str, ...], years_ahead: int) -> tuple[pd.DataFrame, Problems]:
        far = anniversary(self.today, years_ahead)
        for name in sorted(facts):
            days = columns.dates(self.frame, name)
            self._reject("DATE_FUTURE", name, days > far, days)
            code = "SUSPENDED_NOT_YET" if name == "suspended_since" else "DATE_NOT_YET"
            self._note(code, name, (days > self.today) & ~(days > far), days)
        self._order()
        return self.frame, self.problems

    def _order(self) -> None:
        frame = self.frame
        start, since, finish, agreed, contract = (
            columns.dates(frame, name)
            for name in ("actual_start", "suspended_since", "actual_finish", "agreed_start", "contract_date")
        )
        pair = {"before": start, "after": since}
        self._reject("SUSPENDED_BEFORE_START", "suspended_since", since < start, since, **pair)
        wrong, pair = finish < start, {"before": start, "after": finish}
        self._reject("DATE_ORDER", "actual_start", wrong, start, **pair)
        self._reject("DATE_ORDER", "actual_finish", wrong, finish, **pair)
        wrong, pair = start < contract, {"before": contract, "after": start}
        self._reject("START_BEFORE_CONTRACT", "actual_start", wrong, start, **pair)
        self._note("AGREED_BEFORE_CONTRACT", "agreed_start", agreed < contract, agreed, before=contract)

    def _reject(self, code: str, name: str, where: Mask, days: Days, **pair: Days) -> None:
        if not where.any():
            return
        self._list(self.problems.reject, code, name, where, days, **pair)
        cells = self.frame["rejected_cells"].fillna("").astype("str").to_numpy(dtype=object, copy=True)
        cells[where] = ["|".join(sorted({*filter(None, own.split("|")), name})) for own in cells[where]]
        self.frame["rejected_cells"] = pd.Series(cells, index=self.frame.index, dtype="str")
        column = columns.date_column(name)
        self.frame[column] = self.frame[column].mask(where)

    def _note(self, code: str, name: str, where: Mask, days: Days, **pair: Days) -> None:
        if where.any():
            self._list(self.problems.note, code, name, where, days, **pair)

    def _list(self, add: Any, code: str, name: str, where: Mask, days: Days, **pair: Days) -> None:
        add(
            code,
            **self.common,
            rows=self.rows[where],
            ids=self.ids[where].astype("str").to_numpy(),
            column=name,
            raw_value=days[where].astype(str),
            params={"as_of": self.as_of},
            **{side: other[where].astype(str) for side, other in pair.items()},
        )
