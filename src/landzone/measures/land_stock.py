"""Vacant and low-use land beyond the law: what the stock of land of a zone consists of, parcel by parcel.

Source: 驻马店市政协 教科文卫体委员会 二·二 (对存量土地进行全面清查，掌握其总量和分布情况),
二·四 (停产、半停产造成厂房闲置和土地闲置).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd

from landzone.units import IntArray

CLASSES = (
    "idle", "stopped", "supplied_unbuilt", "below_minimum", "in_use", "approved_unsupplied", "unsupplied_built",
    "unsupplied", "unknown",
)  # fmt: skip
"""Every parcel is in one of them: the first that holds; together they are the stock of land."""

LOW_USE = ("idle", "stopped", "supplied_unbuilt", "below_minimum", "approved_unsupplied")
"""Kinds of vacant and low-use land; a parcel may be of several."""

AT_LEAST = ("floor_area_ratio", "building_density_ratio", "building_coefficient_ratio")
"""Measures of a parcel whose least value a plan or a decree states."""

_SCALE = 10_000


def low_use_kinds(
    idle_class: pd.Series,
    supplied: pd.Series | None,
    built: pd.Series | None,
    stopped: pd.Series,
    below: pd.Series,
    approved: pd.Series,
    idle_classes: Collection[str],
) -> pd.DataFrame:
    """Tell for each parcel which kinds of vacant or low-use land it is.

    - ``idle``: suspected idle by the legal clock;
    - ``stopped``: production on it stands still (停产、半停产);
    - ``supplied_unbuilt`` (供而未用): supplied, and neither a building nor a completed project stands on it;
    - ``below_minimum`` (用而未尽): built, and below a least value of a plan or decree;
    - ``approved_unsupplied`` (批而未供): approved, and no sign of supply.

    Parameters
    ----------
    idle_class : Series of str, index ``parcel_id``
    supplied : Series of bool, or None
        None: nothing is said about supply.
    built : Series of boolean, or None
        Missing, or None: not known.
    stopped, below, approved : Series of bool
    idle_classes : collection of str

    Returns
    -------
    DataFrame of bool, index ``parcel_id``
        ``LOW_USE``, and ``known`` (supply and building are known).

    Examples
    --------
    >>> ids = pd.Index(["A", "B"])
    >>> no = pd.Series(False, ids)
    >>> kinds = low_use_kinds(pd.Series(["A1", "not_due"], ids), pd.Series(True, ids), pd.Series([False, True], ids),
    ...                       no, pd.Series([False, True], ids), no, ["A1"])
    >>> kinds[["idle", "supplied_unbuilt", "below_minimum"]].values.tolist()
    [[True, True, False], [False, False, True]]
    """
    index = idle_class.index
    told = pd.Series(supplied is not None, index=index)
    given = supplied if supplied is not None else pd.Series(False, index=index)
    standing = (
        built.astype("boolean") if built is not None else pd.Series(pd.NA, index=index, dtype="boolean")
    )
    bare, full = (~standing).fillna(False).astype(bool), standing.fillna(False).astype(bool)
    return pd.DataFrame(
        {
            "idle": idle_class.isin(set(idle_classes)),
            "stopped": stopped,
            "supplied_unbuilt": given & bare,
            "below_minimum": below & full,
            "approved_unsupplied": approved & told & ~given,
            "supplied": given,
            "built": full,
            "known": told & standing.notna(),
        },
        index=index,
    )


def stock_class(kinds: pd.DataFrame) -> pd.Series:
    """Return the one class of the stock of land that each parcel is in, the first of ``CLASSES`` that holds.

    Where supply or building is not known and nothing else holds, the class is ``unknown``, never ``in_use``.

    Examples
    --------
    >>> names = ["idle", "stopped", "supplied_unbuilt", "below_minimum", "approved_unsupplied", "supplied", "built",
    ...          "known"]
    >>> rows = [[1, 0, 1, 0, 0, 1, 0, 1], [0, 0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 1, 0, 0, 0]]
    >>> stock_class(pd.DataFrame(rows, columns=names).astype(bool)).tolist()
    ['idle', 'in_use', 'unknown', 'approved_unsupplied']
    """
    known, supplied, built = (kinds[name].to_numpy(dtype=bool) for name in ("known", "supplied", "built"))
    tests = [
        kinds[name].to_numpy(dtype=bool) for name in ("idle", "stopped", "supplied_unbuilt", "below_minimum")
    ]
    tests += [known & supplied & built, kinds["approved_unsupplied"].to_numpy(dtype=bool)]
    tests += [known & ~supplied & built, known & ~supplied]
    words = np.select(tests, CLASSES[:-1], CLASSES[-1])
    return pd.Series(words, index=kinds.index, dtype="str", name="land_stock")


def stopped_parcels(projects: pd.DataFrame, parcels: pd.Index, words: Collection[str]) -> pd.Series:
    """Tell on which parcels production of a project stands still.

    >>> rows = pd.DataFrame({"parcel_id": ["A", "B"], "operating_status": ["停产", "正常"]})
    >>> stopped_parcels(rows, pd.Index(["A", "B"]), ["停产"]).tolist()
    [True, False]
    """
    if "operating_status" not in projects:
        return pd.Series(False, index=parcels)
    still = projects["operating_status"].astype("str").str.strip().isin(set(words))
    return pd.Series(parcels.isin(set(projects.loc[still, "parcel_id"])), index=parcels)


def approved_parcels(parcels: pd.DataFrame, as_of: date) -> pd.Series:
    """Tell which parcels are approved for construction: a number of approval, or a date that is not after the day.

    >>> approved_parcels(pd.DataFrame({"approval_no": ["豫政土〔2020〕1号", None]}), date(2026, 6, 30)).tolist()
    [True, False]
    """
    found = pd.Series(False, index=parcels.index)
    if "approval_date" in parcels:
        found |= (parcels["approval_date"] <= pd.Timestamp(as_of)).fillna(False).astype(bool)
    if "approval_no" in parcels:
        later = (
            parcels["approval_date"] > pd.Timestamp(as_of) if "approval_date" in parcels else found & False
        )
        found |= parcels["approval_no"].notna() & ~later.fillna(False).astype(bool)
    return found


def below_own_minimum(
    projects: pd.DataFrame, far_floor: pd.Series, known: pd.Series, land: pd.Series
) -> pd.DataFrame:
    """Hold the floor area ratio of each parcel against the least one that its contract or planning conditions state.

    Below where ``10,000 × floor < rounded(10,000 × least) × land``, in whole units, so that the least value itself is
    reached. A parcel with several projects has to reach the highest of their least values.

    Parameters
    ----------
    projects : DataFrame
        ``parcel_id far_min``.
    far_floor, land : Series of int, index ``parcel_id``
        Floor area for the ratio (at least), and land, in 1e-4 m².
    known : Series of bool
        The floor area is known.

    Returns
    -------
    DataFrame, index ``parcel_id``
        ``observed limit`` of the parcels below.

    Examples
    --------
    >>> rows = pd.DataFrame({"parcel_id": ["A", "B"], "far_min": [1.0, 1.0]})
    >>> floor, land = pd.Series({"A": 99, "B": 100}), pd.Series({"A": 100, "B": 100})
    >>> below_own_minimum(rows, floor, pd.Series({"A": True, "B": True}), land)
       observed  limit
    A      0.99    1.0
    """
    if "far_min" not in projects:
        return pd.DataFrame({"observed": [], "limit": []})
    least = (
        projects["far_min"].astype("Float64").astype("float64").groupby(projects["parcel_id"]).max().dropna()
    )
    own = least.reindex(land.index)
    there = (own.notna() & known.reindex(land.index).fillna(False) & (land > 0)).to_numpy(dtype=bool)
    floor = far_floor.reindex(land.index).fillna(0).to_numpy(dtype=np.int64)[there]
    ground = land.to_numpy(dtype=np.int64)[there]
    asked: IntArray = np.rint(own.to_numpy(dtype=np.float64)[there] * _SCALE).astype(np.int64)
    low = floor.astype(object) * _SCALE < asked.astype(object) * ground.astype(object)
    low = np.asarray(low, dtype=bool)
    ids = land.index[there][low]
    return pd.DataFrame({"observed": floor[low] / ground[low], "limit": asked[low] / _SCALE}, index=ids)


def below_rules(findings: pd.DataFrame) -> pd.DataFrame:
    """Return the findings by which a parcel is built below a least value.

    Returns
    -------
    DataFrame
        ``subject_id rule_id observed limit`` of failed rules ``>=`` or ``>`` on ``AT_LEAST``.
    """
    rows = findings[
        (findings["subject_kind"] == "parcel")
        & (findings["verdict"] == "fail")
        & findings["measure"].isin(AT_LEAST)
        & findings["op"].isin([">=", ">"])
    ]
    return rows[["subject_id", "rule_id", "observed", "limit"]]
