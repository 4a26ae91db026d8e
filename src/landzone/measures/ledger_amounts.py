"""Money of a ledger on parcels and projects, no yuan counted twice. Whole fen; places instead of ids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.measures.apportion import split_in_groups
from landzone.model.ids import ascending, places
from landzone.units import IntArray

Mask = NDArray[np.bool_]


def no_projects() -> pd.DataFrame:
    """Return a ledger without rows."""
    return pd.DataFrame({"project_id": pd.Series(dtype="str"), "parcel_id": pd.Series(dtype="str")})


@dataclass(frozen=True)
class LedgerRows:
    """Which project and which parcel each row of a ledger belongs to; looked up once, used for every amount.

    Attributes
    ----------
    projects : Index of all project ids, sorted
    parcels : Index of all parcel ids
    project : int array, one entry a row
        Place in ``projects``.
    parcel : int array, one entry a row
        Place in ``parcels``; -1: no such parcel.
    pair : int array, one entry a row
        Place among the distinct pairs of project and parcel; -1: no such parcel.
    pair_project, pair_parcel : int arrays, one entry a pair
        Sorted by project id, then by parcel id.
    """

    projects: pd.Index
    parcels: pd.Index
    project: IntArray
    parcel: IntArray
    pair: IntArray
    pair_project: IntArray
    pair_parcel: IntArray

    @classmethod
    def of(cls, rows: pd.DataFrame, parcels: pd.Index) -> LedgerRows:
        """Look up the rows (``project_id parcel_id``) of a ledger.

        Examples
        --------
        >>> ledger = pd.DataFrame({"project_id": ["b", "a", "a"], "parcel_id": ["P1", "P2", "?"]})
        >>> found = LedgerRows.of(ledger, pd.Index(["P1", "P2"]))
        >>> found.projects.tolist(), found.project.tolist(), found.pair.tolist()
        (['a', 'b'], [1, 0, 0], [1, 0, -1])
        """
        project, names = pd.factorize(rows["project_id"], sort=True, use_na_sentinel=False)
        parcel = places(rows["parcel_id"], parcels)
        by_id = np.arange(len(parcels)) if ascending(parcels) else np.asarray(parcels.argsort())
        rank = np.empty(len(parcels), dtype=np.int64)
        rank[by_id] = np.arange(len(parcels))
        used = np.flatnonzero(parcel >= 0)
        width = max(len(parcels), 1)
        keys, place = np.unique(project[used] * width + rank[parcel[used]], return_inverse=True)
        pair = np.full(len(rows), -1, dtype=np.int64)
        pair[used] = place
        return cls(
            projects=pd.Index(names, name="project_id"),
            parcels=parcels,
            project=np.asarray(project, dtype=np.int64),
            parcel=parcel,
            pair=pair,
            pair_project=keys // width,
            pair_parcel=by_id[keys % width] if len(keys) else keys,
        )

    @property
    def used(self) -> IntArray:
        """Positions of the rows that lie on a parcel of the layer."""
        return np.flatnonzero(self.parcel >= 0)

    def of_projects(self, money: pd.Series) -> pd.DataFrame:
        """Tell of every project, over its rows on known parcels: how many rows, how many with an amount, which.

        Returns
        -------
        DataFrame ``rows given least most parcels``, one line a place in ``projects``
            ``least`` and ``most``: smallest and largest amount; only where ``given`` is positive.
        """
        fen, known = whole_fen(money)
        used, size = self.used, len(self.projects)
        told = used[known[used]]
        least = np.full(size, np.iinfo(np.int64).max)
        most = np.full(size, np.iinfo(np.int64).min)
        np.minimum.at(least, self.project[told], fen[told])
        np.maximum.at(most, self.project[told], fen[told])
        return pd.DataFrame(
            {
                "rows": np.bincount(self.project[used], minlength=size),
                "given": np.bincount(self.project[told], minlength=size),
                "least": least,
                "most": most,
                "parcels": np.bincount(self.pair_project, minlength=size),
            }
        )


@dataclass(frozen=True)
class Amounts:
    """Money of each pair of project and parcel, in the order of ``rows.pair_project``.

    Attributes
    ----------
    rows : LedgerRows
    fen : int array
        What is known of it, whether or not something is missing.
    known : bool array
        All of it is known.
    lower : int array
        The money that is certain.
    """

    rows: LedgerRows
    fen: IntArray
    known: Mask
    lower: IntArray

    @property
    def of_pairs(self) -> pd.Series:
        """The money of each pair, missing where it is not known."""
        return pd.Series(pd.arrays.IntegerArray(self.fen.copy(), ~self.known))

    def by_parcel(self) -> pd.DataFrame:
        """Money on each parcel: the sum over its projects.

        Returns
        -------
        DataFrame ``fen lower_fen``, index the ids of all parcels
            ``fen`` Int64: missing where no project names the parcel or one of them has no amount; never 0 for
            missing. ``lower_fen`` int64: the money that is certain.

        Examples
        --------
        >>> ledger = pd.DataFrame({"project_id": ["a", "b", "c"], "parcel_id": ["P1", "P1", "P2"],
        ...                        "fen": pd.array([300, 500, 700], "Int64")})
        >>> project_amounts(ledger, "fen", pd.Series({"P1": 9, "P2": 9, "P3": 9})).by_parcel()["fen"].tolist()
        [800, 700, <NA>]
        """
        fen, lower = self._sums(self.rows.pair_parcel, self.rows.parcels)
        return pd.DataFrame({"fen": fen, "lower_fen": lower}, index=self.rows.parcels)

    def by_project(self) -> pd.Series:
        """Money of each project, missing where a pair lacks it or the project lies on no parcel of the layer."""
        fen, _ = self._sums(self.rows.pair_project, self.rows.projects)
        return pd.Series(fen, index=self.rows.projects)

    def _sums(self, place: IntArray, index: pd.Index) -> tuple[pd.arrays.IntegerArray, IntArray]:
        sums, lower = np.zeros(len(index), dtype=np.int64), np.zeros(len(index), dtype=np.int64)
        np.add.at(sums, place, np.where(self.known, self.fen, 0))
        np.add.at(lower, place, self.lower)
        empty = np.bincount(place, minlength=len(index)) == 0
        blank = np.bincount(place[~self.known], minlength=len(index)) > 0
        return pd.arrays.IntegerArray(np.where(empty | blank, 1, sums), empty | blank), lower


def project_amounts(
    rows: pd.DataFrame, amount: str, land: pd.Series, places: LedgerRows | None = None
) -> Amounts:
    """Money of each ledger row on its own parcel, no yuan counted twice.

    A project over several parcels with the same amount on each row is one sum, split by the area of the
    parcels (largest remainder, whole fen). Different amounts: each row is the amount of its own parcel.
    Where some rows of a project carry one amount and others none, it cannot be told whether the amount is
    that of the project or of the parcel: all of them are unknown, and the share by area is the lower bound.

    Parameters
    ----------
    rows : DataFrame
        ``project_id``, ``parcel_id`` and the column ``amount`` (Int64, fen).
    amount : str
        Name of the money column; without it everything is unknown.
    land : Series of int
        Area of the parcels in 1e-4 m², index ``parcel_id``.
    places : LedgerRows, optional
        Of the same rows and parcels, where they have been looked up already.
    """
    at = LedgerRows.of(rows, land.index) if places is None else places
    money = rows[amount] if amount in rows else pd.Series(pd.NA, rows.index, dtype="Int64")
    fen, known = whole_fen(money)
    told = at.of_projects(money)
    one_amount = (told["rows"] > 1) & (told["given"] > 0) & (told["least"] == told["most"])
    shared = one_amount.to_numpy(dtype=bool)
    pairs, used = len(at.pair_project), at.used
    own = used[~shared[at.project[used]]]
    sums, lacking = np.zeros(pairs, dtype=np.int64), np.zeros(pairs, dtype=np.int64)
    np.add.at(sums, at.pair[own], fen[own])
    np.add.at(lacking, at.pair[own], ~known[own])
    lower, whole = sums.copy(), lacking == 0
    split = np.flatnonzero(shared[at.pair_project])
    if len(split):
        group, names = pd.factorize(at.pair_project[split])
        areas = land.to_numpy(dtype=np.int64)[at.pair_parcel[split]]
        totals = told["most"].to_numpy(dtype=np.int64)[names]
        sums[split] = split_in_groups(totals, np.maximum(areas, 1), np.asarray(group, dtype=np.int64))
        given = np.bincount(at.pair[used[known[used]]], minlength=pairs) > 0
        lower[split] = np.where(given[split], sums[split], 0)
        blank = (told["given"] < told["rows"]).to_numpy(dtype=bool)
        whole[split] = ~blank[at.pair_project[split]]
    return Amounts(at, sums, whole, lower)


def whole_fen(money: pd.Series) -> tuple[IntArray, Mask]:
    """Return money as whole fen (0 where missing), and where it is known."""
    own = money.astype("Int64")
    return own.fillna(0).to_numpy(dtype=np.int64), own.notna().to_numpy(dtype=bool)
