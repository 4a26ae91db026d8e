"""Investment intensity: fixed-asset investment (land price included) over land."""

from __future__ import annotations

import pandas as pd

from landzone.measures.bounded import only_where
from landzone.units import AREA_UNITS_PER_M2, M2_PER_HA, MU_PER_HA

_UNITS_PER_HA = AREA_UNITS_PER_M2 * M2_PER_HA


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
    return money / only_where(hectares, hectares > 0)


def per_mu(per_hectare: pd.Series) -> pd.Series:
    """Turn an amount per hectare into one per 亩 (15 亩 are one hectare, exactly).

    >>> per_mu(pd.Series([1000.0])).round(4).tolist()
    [66.6667]
    """
    return per_hectare / MU_PER_HA
