"""Investment intensity: fixed-asset investment (land price included) over land. Money in whole fen."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landzone.measures.apportion import split_in_groups
from landzone.units import AREA_UNITS_PER_M2, M2_PER_HA, MU_PER_HA

_UNITS_PER_HA = AREA_UNITS_PER_M2 * M2_PER_HA


def project_amounts(rows: pd.DataFrame, amount: str, land: pd.Series) -> pd.DataFrame:
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
        Name of the money column.
    land : Series of int
        Area of the parcels in 1e-4 m², index ``parcel_id``.

    Returns
    -------
    DataFrame ``project_id parcel_id fen lower_fen``
        One row a project and parcel; ``fen`` Int64 (missing: unknown), ``lower_fen`` int64.
    """
    own = rows[rows["parcel_id"].isin(land.index)]
    money = own[amount].astype("Int64") if amount in own else pd.Series(pd.NA, own.index, dtype="Int64")
    frame = pd.DataFrame({"project_id": own["project_id"], "parcel_id": own["parcel_id"], "fen": money})
    repeated = frame["project_id"].duplicated(keep=False)
    lone = frame[~repeated].assign(lower_fen=lambda rows: rows["fen"].fillna(0).astype("int64"))
    if not repeated.any():
        return lone.sort_values(["project_id", "parcel_id"], ignore_index=True)
    frame = frame[repeated]
    by_project = frame.groupby("project_id")["fen"]
    several = by_project.transform("size") > 1
    one_amount = by_project.transform("nunique") == 1
    blank = frame["fen"].isna().groupby(frame["project_id"]).transform("any")
    shared = several & one_amount
    single = frame[~shared]
    parts = [single.assign(lower_fen=single["fen"].fillna(0).astype("int64"))]
    if shared.any():
        parts.append(_split(frame[shared].assign(blank=blank[shared]), land))
    whole = pd.concat(parts, ignore_index=True)
    sums = whole.assign(unknown=whole["fen"].isna(), fen=whole["fen"].fillna(0))
    sums = sums.groupby(["project_id", "parcel_id"], as_index=False)[["fen", "lower_fen", "unknown"]].sum()
    sums["fen"] = sums["fen"].astype("Int64").mask(sums["unknown"] > 0)
    together = pd.concat([lone, sums.drop(columns="unknown")])
    return together.sort_values(["project_id", "parcel_id"], ignore_index=True)


def _split(frame: pd.DataFrame, land: pd.Series) -> pd.DataFrame:
    """Split one amount of a project over its distinct parcels; only projects with several rows come here."""
    marked = frame.assign(given=frame["fen"].notna())
    pairs = marked.groupby(["project_id", "parcel_id"], as_index=False).agg(
        fen=("fen", "max"), blank=("blank", "any"), given=("given", "any")
    )
    pairs["area"] = land.reindex(pairs["parcel_id"]).to_numpy(dtype="int64")
    total = pairs.groupby("project_id")["fen"].transform("max").astype("int64")
    group, _ = pd.factorize(pairs["project_id"])
    totals = np.array(total[~pairs["project_id"].duplicated()], dtype=np.int64)
    shares = split_in_groups(totals, np.maximum(pairs["area"].to_numpy(), 1), group)
    known = pd.Series(shares, pairs.index, dtype="Int64")
    return pd.DataFrame(
        {
            "project_id": pairs["project_id"],
            "parcel_id": pairs["parcel_id"],
            "fen": known.mask(pairs["blank"]),
            "lower_fen": np.where(pairs["given"], shares, 0),
        }
    )


def parcel_amounts(amounts: pd.DataFrame, index: pd.Index) -> pd.DataFrame:
    """Money on each parcel: the sum over its projects.

    Parameters
    ----------
    amounts : DataFrame
        As ``project_amounts`` returns it.
    index : Index
        All parcel ids.

    Returns
    -------
    DataFrame ``fen lower_fen``
        ``fen`` Int64: missing where no project names the parcel or one of them has no amount; never 0 for
        missing. ``lower_fen`` int64: the money that is certain.

    Examples
    --------
    >>> rows = pd.DataFrame({"project_id": ["a", "b", "c"], "parcel_id": ["P1", "P1", "P2"],
    ...                      "fen": pd.array([300, 500, 700], "Int64"), "lower_fen": [300, 500, 700]})
    >>> parcel_amounts(rows, pd.Index(["P1", "P2", "P3"]))["fen"].tolist()
    [800, 700, <NA>]
    """
    filled = amounts.assign(unknown=amounts["fen"].isna(), fen=amounts["fen"].fillna(0))
    sums = filled.groupby("parcel_id")[["fen", "lower_fen", "unknown"]].sum().reindex(index)
    fen = sums["fen"].astype("Int64").mask(sums["unknown"].fillna(1) > 0)
    return pd.DataFrame({"fen": fen, "lower_fen": sums["lower_fen"].fillna(0).astype("int64")})


def investment_intensity(fen: pd.Series, land: pd.Series, fen_per_unit: int) -> pd.Series:
    """投资强度: fixed-asset investment over land.

    ``(fen / fen_per_unit) / (land in hectares)``

    Parameters
    ----------
    fen : Series of Int64
        Fixed-asset investment, buildings, equipment and land price included.
    land : Series of int
        Land in 1e-4 m².
    fen_per_unit : int
        Fen in one unit of money: 1,000,000 for 万元.

    Returns
    -------
    Series of float
        Money unit per hectare; NaN where money is missing or there is no land.

    Source
    ------
    工业项目建设用地控制指标 (国土资发〔2008〕24号), 投资强度.

    Examples
    --------
    >>> investment_intensity(pd.Series([1_000_000_000]), pd.Series([100_000_000]), 1_000_000).tolist()
    [1000.0]
    """
    hectares = land.astype("float64") / _UNITS_PER_HA
    money = fen.astype("Float64").astype("float64") / fen_per_unit
    return money / hectares.where(hectares > 0)


def per_mu(per_hectare: pd.Series) -> pd.Series:
    """Turn an amount per hectare into one per 亩 (15 亩 are one hectare, exactly).

    >>> per_mu(pd.Series([1000.0])).round(4).tolist()
    [66.6667]
    """
    return per_hectare / MU_PER_HA
