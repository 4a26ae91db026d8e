"""Land price against the national minimum for the land grade, the 70 % rule and the sum of the costs."""

from __future__ import annotations

import pandas as pd

from landzone.measures.bounded import quotient
from landzone.model.measures import Measured
from landzone.units import AREA_UNITS_PER_M2

FEN_PER_CNY = 100


def price_floor(standard: pd.Series, cost: pd.Series, priority: pd.Series, share: float) -> pd.Series:
    """出让最低价: what the price of a square metre may not be below.

    ``max(share * standard, cost)`` for a priority industry, else ``standard``.

    Parameters
    ----------
    standard : Series of float
        National minimum for the land grade, yuan/m².
    cost : Series of float
        Acquisition, first development and fees, yuan/m²; missing: the floor of a priority industry is not known.
    priority : Series of boolean
    share : float
        The share that a priority industry may pay: 0.70.

    Returns
    -------
    Series of float, yuan/m²
        NaN where what it stands on is missing.

    Source
    ------
    安康市行动计划 三(十七); 国土资发〔2006〕307号.

    Examples
    --------
    >>> yes = pd.Series([True, True, True, False], dtype="boolean")
    >>> price_floor(pd.Series([96.0] * 4), pd.Series([60.0, 70.0, 80.0, 80.0]), yes, 0.70).round(10).tolist()
    [67.2, 70.0, 80.0, 96.0]
    """
    reduced = pd.concat([standard * share, cost], axis=1).max(axis=1, skipna=False)
    known = priority.astype("boolean")
    floor = reduced.where(known.fillna(False).astype(bool), standard)
    return floor.where(known.notna())


def price_measures(projects: pd.DataFrame) -> list[Measured]:
    """Take the price of a square metre of land, and the price over the sum of the costs.

    ``land_price_cny_per_m2 = price / land``; ``land_price_to_cost_ratio = price / cost``.

    Parameters
    ----------
    projects : DataFrame
        ``price_fen`` and ``cost_fen`` (Int64, missing: unknown), ``land`` (int, 1e-4 m²), index ``project_id``.

    Examples
    --------
    >>> one = pd.DataFrame({"price_fen": [672_000_000], "cost_fen": [700_000_000], "land": [1_000_000_000]}, ["J1"])
    >>> [m.value.tolist() for m in price_measures(one.astype({"price_fen": "Int64", "cost_fen": "Int64"}))]
    [[67.2], [0.96]]
    """
    price = projects["price_fen"].astype("Float64").astype("float64") / FEN_PER_CNY
    cost = projects["cost_fen"].astype("Float64").astype("float64") / FEN_PER_CNY
    land = projects["land"].astype("float64") / AREA_UNITS_PER_M2
    return [
        quotient("land_price_cny_per_m2", "cny_per_m2", price, land, ("cny", "m2")),
        quotient("land_price_to_cost_ratio", "ratio", price, cost, ("cny", "cny")),
    ]
