"""Growth of the built-up area a year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landzone.measures.bounded import only_where
from landzone.model.measures import Measured


def compound_growth(begin: pd.Series, end: pd.Series, years: pd.Series) -> pd.Series:
    """年均增长: the constant growth a year that leads from one area to another.

    ``(end / begin) ** (1 / years) - 1``

    Parameters
    ----------
    begin, end : Series of float
        Built-up area at the beginning and at the end, in one unit.
    years : Series of float

    Returns
    -------
    Series of float
        NaN where anything is missing, or the beginning or the years are not positive.

    Examples
    --------
    >>> compound_growth(pd.Series([100.0, 0.0]), pd.Series([132.25, 5.0]), pd.Series([2.0, 1.0])).tolist()
    [0.15, nan]
    """
    start, span = only_where(begin, begin > 0), only_where(years, years > 0)
    growth = np.power(end / start, 1 / span) - 1
    return growth.round(12)  # a power leaves a rounding error in the 16th digit; 15 % is 15 %


def growth_measure(figures: pd.DataFrame, index: pd.Index, group: pd.Series | None = None) -> Measured:
    """Take the growth of the built-up area from what zones state.

    Parameters
    ----------
    figures : DataFrame
        ``built_up_base_m2 built_up_m2 built_up_span_years`` by zone, as far as they are there.
    index : Index
        The subjects.
    group : Series, optional
        Subject of each zone: the region sums its zones, which have to count the same years.

    Source
    ------
    安康市行动计划 二(四): 全市县域工业集中区建成面积年均增长15%以上.
    """
    names = ["built_up_base_m2", "built_up_m2", "built_up_span_years"]
    own = pd.DataFrame({n: _figure(figures, n) for n in names}, index=figures.index)
    if group is not None:
        complete = own.notna().all(axis=1).groupby(group).all().reindex(index, fill_value=False)
        spans = own["built_up_span_years"].groupby(group).nunique().reindex(index)
        sums = own[names[:2]].groupby(group).sum().reindex(index)
        years = own["built_up_span_years"].groupby(group).first().reindex(index)
        own = sums.assign(built_up_span_years=years).where(complete & (spans == 1))
    own = own.reindex(index)
    growth = compound_growth(own[names[0]], own[names[1]], own[names[2]])
    return Measured("built_up_growth_ratio", growth, "ratio", numerator_unit="ratio")


def _figure(figures: pd.DataFrame, name: str) -> pd.Series:
    column = next((c for c in (name, f"src_{name}") if c in figures), None)
    if column is None:
        return pd.Series(np.nan, index=figures.index)
    return pd.to_numeric(figures[column], errors="coerce").astype("float64")
