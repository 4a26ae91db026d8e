"""The land price of each ledger row: a price repeated on the rows of one project counts once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landzone.measures import ledger_columns as columns
from landzone.measures.apportion import split_in_groups
from landzone.measures.ledger_amounts import Amounts, LedgerRows, project_amounts, whole_fen
from landzone.measures.ledger_columns import Mask
from landzone.model.problems import Problems
from landzone.units import IntArray, to_area_units

PRICE = "land_price_fen"
_PAIR = ["project_id", "parcel_id"]


def own_prices(
    rows: pd.DataFrame, land: pd.Series, places: LedgerRows | None = None, *, source: str = ""
) -> tuple[pd.DataFrame, Problems]:
    """Give every row its own share of a price that is repeated on the rows of one project.

    - One project on several parcels with one amount: split by the area of the parcels (largest remainder).
    - One project on several rows of one parcel (phases under one contract) with one amount: the share of the
      parcel is split by the required area of the rows; where one of them has none, what each row has cannot be
      told, the price of all of them is missing, and ``PRICE_OF_PHASES_UNSPLIT`` is noted.
    - Different amounts: each row has its own.

    Parameters
    ----------
    rows : DataFrame
        ``project_id parcel_id land_price_fen``, ``required_area_m2`` and ``source_row`` if they are there.
    land : Series of int
        Area of the parcels in 1e-4 m², index ``parcel_id``.
    places : LedgerRows, optional
        Of the same rows and parcels, where they have been looked up already.
    source : str
        File that the notes name.

    Returns
    -------
    (DataFrame, Problems)
        ``rows`` with ``land_price_fen`` replaced, and the notes.

    Examples
    --------
    >>> rows = pd.DataFrame({"project_id": ["J", "J"], "parcel_id": ["P", "P"], "required_area_m2": [1000.0, 3000.0],
    ...                      "land_price_fen": pd.array([800, 800], "Int64")})
    >>> own_prices(rows, pd.Series({"P": 40_000_000}))[0]["land_price_fen"].tolist()
    [200, 600]
    """
    problems = Problems()
    if PRICE not in rows or not len(rows):
        return rows, problems
    at = LedgerRows.of(rows, land.index) if places is None else places
    amounts = project_amounts(rows, PRICE, land, at)
    price = rows[PRICE].astype("Int64").copy()
    shared = (np.bincount(at.project) > 1)[at.project]
    phased = _phased(rows, at)
    several = shared & ~phased
    price[several] = amounts.of_pairs.array.take(at.pair[several], allow_fill=True)
    phases = phased & _one_price(rows[PRICE].astype("Int64"), at, phased)
    if phases.any():
        price[phases] = _phases(rows[phases], at.pair[phases], amounts)
        lost = phases & price.isna().to_numpy(dtype=bool) & rows[PRICE].notna().to_numpy(dtype=bool)
        _note(problems, rows, lost, source)
    return rows.assign(**{PRICE: price}), problems


def _phased(rows: pd.DataFrame, at: LedgerRows) -> Mask:
    """Tell the rows of a project that has several on one parcel."""
    phased, known = np.zeros(len(rows), dtype=bool), at.pair >= 0
    phased[known] = (np.bincount(at.pair[known], minlength=1) > 1)[at.pair[known]]
    phased[~known] = rows.loc[~known, _PAIR].duplicated(keep=False).to_numpy(dtype=bool)
    return phased


def _one_price(price: pd.Series, at: LedgerRows, phased: Mask) -> Mask:
    """Tell the rows of projects with phases that name one price, on however many rows."""
    one = np.zeros(len(price), dtype=bool)
    own = np.isin(at.project, np.unique(at.project[phased])) if phased.any() else phased
    one[own] = price[own].groupby(at.project[own]).transform("nunique").to_numpy() == 1
    return one


def _phases(rows: pd.DataFrame, pair: IntArray, amounts: Amounts) -> pd.Series:
    """Split the price of a project on a parcel over its phases by required area."""
    area = columns.areas(rows, "required_area")
    group, pairs = pd.factorize(pair)
    total = pd.Series(amounts.of_pairs.array.take(pairs, allow_fill=True))
    unsized = np.bincount(group, weights=~(area > 0), minlength=len(pairs)) > 0
    weights = np.where((area > 0) & ~unsized[group], to_area_units(np.nan_to_num(area)), 1)
    whole, priced = whole_fen(total)
    order = np.lexsort((weights, group))
    parts = np.empty(len(rows), dtype=np.int64)
    parts[order] = split_in_groups(whole, weights[order], group[order])
    split = pd.array(parts, dtype="Int64")
    split[(unsized | ~priced)[group]] = pd.NA
    return pd.Series(split, index=rows.index)


def _note(problems: Problems, rows: pd.DataFrame, lost: Mask, source: str) -> None:
    if not lost.any():
        return
    numbers = rows["source_row"].to_numpy() if "source_row" in rows else np.zeros(len(rows), dtype=np.int64)
    ids = rows["project_id"].astype("str").to_numpy()
    problems.note(
        "PRICE_OF_PHASES_UNSPLIT", source=source, layer="projects", rows=numbers[lost], ids=ids[lost],
        column="land_price",
    )  # fmt: skip
