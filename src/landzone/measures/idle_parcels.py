"""Idle land by parcel: the gravest of the projects that stand on it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from landzone.measures.idle_evidence import COLLECTIVE
from landzone.measures.ledger_amounts import LedgerRows
from landzone.measures.ledger_columns import Mask
from landzone.model.coded import as_coded, coded
from landzone.units import IntArray

GRAVEST_FIRST = (
    "A2", "A1", "A_pending", "A_gov", "B", "data_error", "unknown", "overdue", "not_due", "not_idle", "not_applicable",
)  # fmt: skip
"""A parcel with several projects takes the first of these classes that one of them has."""

_TAKEN = [
    "idle_class", "decision_row", "conclusion", "start_basis", "effective_start_date", "idle_years_count",
    "idle_since_date", "next_threshold_date", "fee_due_since_date", "late_days", "missing", "warnings",
    "area_below_third", "investment_below_quarter", "undeveloped_area_m2",
]  # fmt: skip

_WITHOUT_PROJECT = {
    "idle_class": ["unknown", "not_applicable"], "conclusion": ["no_project", "collective"],
    "missing": ["project_id", ""], "warnings": ["", ""],
}  # fmt: skip
"""What is said of a parcel that no row names, and of collective land that no row names."""


def parcel_idle(
    idle: pd.DataFrame,
    projects: pd.DataFrame,
    parcels: pd.Index,
    ownership: pd.Series | None = None,
    rows: LedgerRows | None = None,
) -> pd.DataFrame:
    """Bring the classes of project rows together on their parcels.

    The parcel takes class, dates and reasons of its gravest project; among several of that class of the one
    idle longest, then of the lowest project id. ``idle_fee_fen`` is the exact sum over the projects of that
    class, missing where one of them has none. A parcel that no project row names is ``unknown``: nothing
    is known of its start; collective land is ``not_applicable`` all the same.

    Parameters
    ----------
    idle : DataFrame
        Result of ``landzone.measures.idle.classify``.
    projects : DataFrame, same index
        ``parcel_id`` and ``project_id``.
    parcels : Index
        Ids of all parcels.
    ownership : Series of str, index ``parcel_id``, optional
        As in ``classify``.
    rows : LedgerRows, optional
        Of the same projects and parcels, where they have been looked up already.

    Returns
    -------
    DataFrame, index ``parcels``
        The columns of ``classify``, ``project_id`` (the one that decides) and ``projects_count``.

    Examples
    --------
    >>> rows = pd.DataFrame({"idle_class": ["not_due", "A1"], "idle_fee_fen": pd.array([None, 20], "Int64")})
    >>> owners = pd.DataFrame({"project_id": ["J1", "J2"], "parcel_id": ["P", "P"]})
    >>> found = parcel_idle(rows, owners, pd.Index(["P", "Q"]))
    >>> found["idle_class"].tolist(), found["idle_fee_fen"].tolist()
    (['A1', 'unknown'], [20, <NA>])
    """
    at = LedgerRows.of(projects, parcels) if rows is None else rows
    place, rank = at.parcel, _rank(idle["idle_class"])
    order = _order(idle, at, rank)
    order = order[place[order] >= 0]
    where = place[order]
    first = np.unique(where, return_index=True)[1]
    top = order[first]
    decisive = np.full(len(parcels), -1, dtype=np.int64)
    decisive[place[top]] = top
    bare = decisive < 0
    collective = bare & _is_collective(ownership, parcels)
    result = _taken(idle.assign(project_id=projects["project_id"]), decisive, bare, collective).set_axis(
        parcels
    )
    gravest = order[rank[order] == rank[decisive[where]]]
    result["idle_fee_fen"] = _fees(idle["idle_fee_fen"], gravest, place[gravest], len(parcels))
    result["projects_count"] = np.bincount(where, minlength=len(parcels))
    return result


def _order(idle: pd.DataFrame, rows: LedgerRows, rank: IntArray) -> IntArray:
    """Sort rows by parcel, gravest first, then the longest idle, then by project."""
    known = [name for name in ("decision_row", "effective_start_date") if name in idle]
    keys: list[IntArray] = [np.asarray(idle[name]).astype(np.int64) for name in known]
    keys.append(rows.project)
    if "idle_since_date" in idle:
        since = np.asarray(idle["idle_since_date"], dtype="datetime64[D]")
        keys.append(np.where(np.isnat(since), np.iinfo(np.int64).max, since.astype(np.int64)))
    return np.lexsort([*keys, rank, rows.parcel])


def _fees(fees: pd.Series, rows: IntArray, place: IntArray, size: int) -> Any:
    """Sum whole fen by parcel, missing where one of the rows has none or there is no row."""
    money = fees.astype("Int64").reset_index(drop=True).iloc[rows]
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, place, money.fillna(0).to_numpy(dtype=np.int64))
    lacking = np.bincount(place, weights=money.isna(), minlength=size) > 0
    empty = np.bincount(place, minlength=size) == 0
    return pd.arrays.IntegerArray(total, lacking | empty)


def _rank(classes: pd.Series) -> IntArray:
    codes, words = pd.factorize(classes)
    ranks = [GRAVEST_FIRST.index(word) if word in GRAVEST_FIRST else -1 for word in words]
    return np.asarray(np.array([*ranks, -1], dtype=np.int64)[codes])


def _is_collective(ownership: pd.Series | None, parcels: pd.Index) -> Mask:
    if ownership is None:
        return np.zeros(len(parcels), dtype=bool)
    return np.asarray((ownership.reindex(parcels) == COLLECTIVE).to_numpy(dtype=bool, na_value=False))


def _taken(idle: pd.DataFrame, decisive: IntArray, bare: Mask, collective: Mask) -> pd.DataFrame:
    """Take the columns of the row that decides; a parcel without a row has what is said of those."""
    columns: dict[str, Any] = {}
    for name in [*(name for name in _TAKEN if name in idle), "project_id"]:
        if name in _WITHOUT_PROJECT:
            own = as_coded(idle[name])
            words = [*own.categories, None, *_WITHOUT_PROJECT[name]]
            known = len(own.categories)
            code = np.where(own.codes < 0, known, own.codes).take(decisive) if len(own) else decisive
            columns[name] = coded(words, np.where(collective, known + 2, np.where(bare, known + 1, code)))
        else:
            columns[name] = idle[name].array.take(decisive, allow_fill=True)
    for name in ("decision_row", "idle_years_count", "late_days"):
        if name in columns:
            columns[name] = pd.Series(columns[name]).astype("Int64")
    return pd.DataFrame(columns)


def idle_area_units(classes: pd.Series, area: pd.Series, idle_classes: Collection[str]) -> pd.Series:
    """Return the idle ground of each parcel in 1e-4 m²: all of it, nothing, or missing where it cannot be told.

    For class B the whole parcel counts, too; ``undeveloped_area_m2`` tells the rest still to be developed.

    Parameters
    ----------
    classes : Series of str, index ``parcel_id``
    area : Series of int, index ``parcel_id``
        Area that the audit uses, 1e-4 m².
    idle_classes : collection of str
        ``idle_classes`` of ``catalog/parameters.toml``.

    Examples
    --------
    >>> idle_area_units(pd.Series(["B", "overdue", "unknown"]), pd.Series([7, 8, 9]), ["A1", "B"]).tolist()
    [7, 0, <NA>]
    """
    ground = area.reindex(classes.index).astype("Int64")
    idle = classes.isin(list(idle_classes))
    open_ones = classes.isna() | classes.isin(["unknown", "data_error"])
    return ground.where(idle, 0).mask(open_ones).rename("idle_area")
