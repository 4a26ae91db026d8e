"""What a reader of the idle list has to know: assumptions made, evidence missing, oddities of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from landzone.measures import ledger_columns as columns
from landzone.measures.ledger_columns import Mask
from landzone.model.problems import Problems
from landzone.model.study import BlankStart, IdleSettings

ROW_NOTES = {
    "START_PRESUMED": "delivery_date",
    "START_CONTRADICTED": "started",
    "FINISH_CONTRADICTED": "completed",
    "SUSPENDED_NOT_STARTED": "suspended_since",
    "DEVELOPED_OVER_REQUIRED": "developed_area",
    "INVESTED_OVER_TOTAL": "invested_ex_land",
    "EXTENSION_OVER_LIMIT": "disposal_start",
    "TEMPORARY_USE_OVER_LIMIT": "disposal_start",
    "DISPOSAL_WAY_UNKNOWN": "disposal_way",
    "CAUSE_WITHOUT_CODE": "gov_cause_code",
    "CAUSE_CODE_UNKNOWN": "gov_cause_code",
}
"""Warnings of ``classify`` that are noted row by row, with the column they speak of."""


def idle_notes(
    idle: pd.DataFrame,
    projects: pd.DataFrame,
    settings: IdleSettings,
    *,
    source: str = "",
    role: str = "projects",
) -> Problems:
    """Return the notes that go with the classes of a ledger.

    One note a ledger with a count: ``OWNERSHIP_ASSUMED``, ``BLANK_START_READ``, ``CAUSE_NOT_CLAIMED``. One note a
    row: ``IDLE_EVIDENCE_MISSING`` (class unknown; a ledger without any column on the start gets one
    ``IDLE_LEDGER_WITHOUT_DATES`` instead), ``IDLE_DATA_ERROR``, ``IDLE_PRICE_MISSING`` (A1 without a
    price: no fee), and the warnings of ``ROW_NOTES``.

    Parameters
    ----------
    idle : DataFrame
        Result of ``landzone.measures.idle.classify``.
    projects : DataFrame, same index
    settings : IdleSettings
    source, role : str
        File and role that the notes name.

    Examples
    --------
    >>> idle = pd.DataFrame({"idle_class": ["unknown"], "missing": ["agreed_start"], "warnings": [""]})
    >>> notes = idle_notes(idle, pd.DataFrame({"project_id": ["J1"], "started": [None]}), IdleSettings()).frame("note")
    >>> notes[["subject_id", "code", "column"]].values.tolist()
    [['J1', 'IDLE_EVIDENCE_MISSING', 'agreed_start']]
    """
    problems = Problems()
    common = {"source": source, "layer": role}
    _assumptions(problems, common, idle, projects, settings)
    ids = projects["project_id"].astype("str").to_numpy()
    rows = (
        projects["source_row"].to_numpy() if "source_row" in projects else np.zeros(len(projects), np.int64)
    )

    def note(code: str, where: Mask, column: Any) -> None:
        if where.any():
            problems.note(code, **common, rows=rows[where], ids=ids[where], column=column)

    missing = idle["missing"].astype("str").to_numpy()
    unknown = _is(idle["idle_class"], "unknown")
    if _tells_nothing(projects):
        if unknown.any():
            problems.note("IDLE_LEDGER_WITHOUT_DATES", **common, params={"count": int(unknown.sum())})
    else:
        note("IDLE_EVIDENCE_MISSING", unknown, missing[unknown])
    broken = _is(idle["idle_class"], "data_error")
    note("IDLE_DATA_ERROR", broken, missing[broken])
    priceless = _is(idle["idle_class"], "A1") & _is(idle["missing"], "land_price")
    note("IDLE_PRICE_MISSING", priceless, "land_price")
    warnings = columns.named(idle, ROW_NOTES, "warnings")
    for code, column in ROW_NOTES.items():
        note(code, warnings[code], column)
    return problems


def _tells_nothing(projects: pd.DataFrame) -> bool:
    """Tell whether a ledger has no column from which a start could be known: then one note is enough."""
    names = ("agreed_start", "supplement_start", "delivery_date", "actual_start")
    known = {columns.date_column(name) for name in names} | {"started"}
    return not known & set(projects.columns)


def _is(column: pd.Series, word: str) -> Mask:
    return np.asarray(column == word, dtype=bool)


def _assumptions(
    problems: Problems,
    common: dict[str, str],
    idle: pd.DataFrame,
    projects: pd.DataFrame,
    settings: IdleSettings,
) -> None:
    """Note once how many rows stand on an assumption."""

    def count(code: str, where: Mask, column: str) -> None:
        if where.any():
            problems.note(code, **common, column=column, params={"count": int(where.sum())})

    assumed = columns.named(idle, ["OWNERSHIP_ASSUMED"], "warnings")["OWNERSHIP_ASSUMED"]
    count("OWNERSHIP_ASSUMED", assumed, "ownership")
    delayed = np.asarray(idle["idle_class"].isin(["A1", "A2", "A_gov", "A_pending", "overdue"]), dtype=bool)
    yes, no = columns.flags(projects, "started")
    blank = np.isnat(columns.dates(projects, "actual_start")) & ~yes & ~no
    if settings.blank_actual_start is BlankStart.NOT_STARTED:
        count("BLANK_START_READ", delayed & blank, "actual_start")
    if "area_basis" not in projects and "conclusion" in idle:
        extents = ["suspended_short", "suspended_far", "extent_partly_known"]
        given = ~np.isnan(columns.areas(projects, "developed_area"))
        by_area = np.asarray(idle["conclusion"].isin(extents), dtype=bool) & given
        count("AREA_BASIS_NOT_STATED", by_area, "developed_area")
    claimed = columns.texts(projects, "gov_cause_code").notna().to_numpy(dtype=bool)
    verified, _ = columns.flags(projects, "gov_cause_verified")
    count("CAUSE_NOT_CLAIMED", delayed & ~claimed & ~verified, "gov_cause_code")
