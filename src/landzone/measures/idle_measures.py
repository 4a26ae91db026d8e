"""The legal clock as measures of a project, for rules to compare with their limits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd

from landzone.measures import ledger_columns as columns
from landzone.measures.ledger_amounts import LedgerRows
from landzone.measures.ledger_columns import Mask
from landzone.model.measures import Measured
from landzone.units import FloatArray

YEARS = "years"
COUNT = "count"
_DELAYED = ["A1", "A2", "A_gov", "A_pending"]
_UNTOLD = ["unknown", "data_error"]


def idle_measures(
    idle: pd.DataFrame,
    projects: pd.DataFrame,
    as_of: date,
    stopped: Collection[str] = (),
    running: Collection[str] = (),
    rows: LedgerRows | None = None,
) -> dict[str, Measured]:
    """Return the measures that rules on idle land speak of, by name, for every project.

    - ``not_started_years_count``: full years since the effective start without a start (art. 2 ¶1);
    - ``suspended_years_count``: full years of suspension of class B land, else 0 (art. 2 ¶2);
    - ``chargeable_years_count``: the first one where fee and recovery of art. 14 are open: does not apply to a
      verified cause of government and to class B, cannot be told while a cause is unverified;
    - ``no_progress_years_count``: the same years for supplied land without a special reason (advice 002): does
      not apply to a verified reason nor to land not yet supplied; whether suspended land made substantive
      progress cannot be told;
    - ``stopped_production_count``: 1 where production stands still (停产, 半停产), 0 where it runs.

    A project on several rows has the largest of their values if all are known, else only a lower bound.

    Parameters
    ----------
    idle : DataFrame
        Result of ``landzone.measures.idle.classify``.
    projects : DataFrame, same index
        ``project_id``, and the ledger columns as far as they are there.
    as_of : date
    stopped, running : collections of str
        Words of ``operating_status`` for production that stands still, and that runs.
    rows : LedgerRows, optional
        Of the same projects, where they have been looked up already.

    Returns
    -------
    dict of str to Measured
        Index ``project_id``, sorted. NaN: cannot be told.

    Examples
    --------
    >>> idle = pd.DataFrame({"idle_class": ["A2", "B"], "idle_years_count": [2, 1]})
    >>> found = idle_measures(idle, pd.DataFrame({"project_id": ["J1", "J2"]}), date(2026, 6, 30))
    >>> found["not_started_years_count"].value.tolist(), found["suspended_years_count"].value.tolist()
    ([2.0, 0.0], [0.0, 1.0])
    """
    kind = idle["idle_class"].astype("str")
    years = idle["idle_years_count"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    delayed, suspended = _among(kind, _DELAYED), _among(kind, ["B"])
    unknown, exempt = _among(kind, _UNTOLD), _among(kind, ["not_applicable"])
    term_only = unknown & _named(idle, "conclusion", ["extent_unknown", "extent_partly_known"])
    not_started = np.where(unknown & ~term_only, np.nan, np.where(delayed, years, 0.0))
    pause = np.where(unknown, np.nan, np.where(suspended, years, 0.0))
    pause = np.where(_named(idle, "conclusion", ["term_unknown"]), 0.0, pause)
    pending, government = _among(kind, ["A_pending"]), _among(kind, ["A_gov"])
    chargeable = np.where(pending | unknown, np.nan, not_started)
    no_progress = np.where(pending | unknown | suspended, np.nan, not_started)
    unsupplied = _unsupplied(projects, as_of)
    standing = _standing(projects, stopped, running)
    at = LedgerRows.of(projects.assign(parcel_id=""), pd.Index([], dtype="str")) if rows is None else rows
    groups = _Projects(at)
    return {
        m.name: m
        for m in (
            groups.measured("not_started_years_count", not_started, exempt, YEARS),
            groups.measured("suspended_years_count", pause, exempt, YEARS),
            groups.measured("chargeable_years_count", chargeable, exempt | government | suspended, YEARS),
            groups.measured("no_progress_years_count", no_progress, exempt | government | unsupplied, YEARS),
            groups.measured("stopped_production_count", standing, np.zeros(len(idle), dtype=bool), COUNT),
        )
    }


def _among(kind: pd.Series, words: list[str]) -> Mask:
    return np.asarray(kind.isin(words), dtype=bool)


def _named(idle: pd.DataFrame, column: str, words: list[str]) -> Mask:
    if column not in idle:
        return np.zeros(len(idle), dtype=bool)
    return _among(idle[column].astype("str"), words)


def _unsupplied(projects: pd.DataFrame, as_of: date) -> Mask:
    """Return the rows whose land was contracted or delivered after the day: not supplied yet."""
    today = np.datetime64(as_of.isoformat(), "D")
    after = (columns.dates(projects, "contract_date") > today) | (
        columns.dates(projects, "delivery_date") > today
    )
    if "supplied_year" in projects:
        after = after | (projects["supplied_year"].astype("float64") > as_of.year).to_numpy(dtype=bool)
    return np.asarray(after)


def _standing(projects: pd.DataFrame, stopped: Collection[str], running: Collection[str]) -> FloatArray:
    status = columns.texts(projects, "operating_status")
    return np.select([_among(status, list(stopped)), _among(status, list(running))], [1.0, 0.0], np.nan)


class _Projects:
    """Brings the rows of one project together."""

    def __init__(self, rows: LedgerRows) -> None:
        self.codes = rows.project
        self.index = pd.Index(rows.projects, name="project_id", dtype="str")

    def _any(self, mask: Mask) -> Mask:
        return np.bincount(self.codes, weights=mask, minlength=len(self.index)) > 0

    def measured(self, name: str, value: FloatArray, exempt: Mask, unit: str) -> Measured:
        """Return the measure: largest known value, lower bound where a row is open, exempt if all rows are."""
        open_row = np.isnan(value) & ~exempt
        known = ~np.isnan(value) & ~exempt
        largest = np.full(len(self.index), -np.inf)
        np.maximum.at(largest, self.codes[known], value[known])
        lower = np.where(np.isfinite(largest), largest, np.nan)
        whole = np.where(self._any(open_row), np.nan, lower)

        def series(data: FloatArray | Mask) -> pd.Series:
            return pd.Series(data, index=self.index)

        return Measured(
            name=name,
            value=series(whole),
            unit=unit,
            lower=series(lower),
            not_applicable=series(~self._any(~exempt)),
            numerator_unit=unit,
        )
