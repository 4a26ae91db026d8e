"""开发区土地集约利用评价: indicators, normalisation, score and potential from figures and weights that the user gives.

Weights and ideal values are set by province and type of zone; none ship, and none is assumed. Formulas of
normalisation and potential are recalled from TD/T 1029 and not checked against its text; the indicators are found in
public copies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

WEIGHT_TOLERANCE = 1e-9
SUMS: Mapping[str, tuple[str, ...]] = {
    "A3": ("A31", "A32"), "A5": ("A51", "A52"), "B1": ("B11", "B12"), "B2": ("B21", "B22"), "C": ("C1", "C2", "C3"),
    "D": ("D1", "D21", "D22"), "E": ("E1", "E21", "E22"), "H": ("H1", "H2"),
}  # fmt: skip
"""Identities of the area ledger."""


def ledger_breaches(areas: pd.DataFrame, tolerance: float = 1e-6) -> list[tuple[str, str, float]]:
    """Check the identities of the area ledger A…H; every breach is named, nothing is mended.

    ``A3 = A31 + A32`` and so on; ``A + B + C = total``; ``D + E + F = total``.

    Parameters
    ----------
    areas : DataFrame
        Areas in one unit, one row a zone, columns by code; an identity with a missing column is not checked.
    tolerance : float
        Relative to the larger side.

    Returns
    -------
    list of (zone, identity, difference)

    Examples
    --------
    >>> areas = pd.DataFrame({"D": [60.0], "E": [30.0], "F": [9.0], "total": [100.0]}, index=["Z"])
    >>> ledger_breaches(areas)
    [('Z', 'total = D + E + F', 1.0)]
    """
    sums = {**SUMS, "total = A + B + C": ("A", "B", "C"), "total = D + E + F": ("D", "E", "F")}
    found = []
    for name, parts in sums.items():
        whole = name.partition(" ")[0]
        if not {whole, *parts} <= set(areas.columns):
            continue
        text = name if " " in name else f"{whole} = {' + '.join(parts)}"
        off = areas[whole] - areas[list(parts)].sum(axis=1, skipna=False)
        wrong = off.abs() > tolerance * areas[whole].abs().clip(lower=1)
        found += [(str(zone), text, float(off[zone])) for zone in areas.index[wrong]]
    return found


def land_ratios(areas: pd.DataFrame) -> pd.DataFrame:
    """Take 土地供应率, 土地建成率, 工业用地率, 土地闲置率 and 土地开发率 from the area ledger.

    ``supply = D / (A + B21)``; ``built = A / D``; ``industrial = A2 / A``; ``idle = G / D``;
    ``developed = (A + B21) / (A + B)``. NaN where an area is missing or the divisor is 0.

    Examples
    --------
    >>> own = {"A": [80.0], "B21": [20.0], "B": [40.0], "D": [90.0], "A2": [48.0], "G": [4.5]}
    >>> areas = pd.DataFrame(own, index=["Z"])
    >>> land_ratios(areas).round(4).iloc[0].to_dict()
    {'supply': 0.9, 'built': 0.8889, 'industrial': 0.6, 'idle': 0.05, 'developed': 0.8333}
    """

    def area(name: str) -> pd.Series:
        return areas[name].astype("float64") if name in areas else pd.Series(np.nan, index=areas.index)

    def over(above: pd.Series, below: pd.Series) -> pd.Series:
        return above / below.where(below > 0)

    ready = area("A") + area("B21")
    return pd.DataFrame(
        {
            "supply": over(area("D"), ready),
            "built": over(area("A"), area("D")),
            "industrial": over(area("A2"), area("A")),
            "idle": over(area("G"), area("D")),
            "developed": over(ready, area("A") + area("B")),
        }
    )


def zone_type(areas: pd.DataFrame) -> pd.Series:
    """Tell 工业主导型, 产城融合型 or other zones by industrial (A2) and residential (A1) land in the built land (A).

    ``A2/A > 0.30 and A1/A < 0.25``: industrial; ``A2/A <= 0.30 and A1/A >= 0.25``: mixed; else other; missing: unknown.

    Examples
    --------
    >>> zone_type(pd.DataFrame({"A": [100.0] * 3, "A2": [31.0, 30.0, 31.0], "A1": [24.0, 25.0, 25.0]})).tolist()
    ['industrial', 'mixed', 'other']
    """
    whole = areas["A"].where(areas["A"] > 0)
    industry, living = areas["A2"] / whole, areas["A1"] / whole
    choices = [
        (industry.isna() | living.isna(), "unknown"),
        ((industry > 0.30) & (living < 0.25), "industrial"),
        ((industry <= 0.30) & (living >= 0.25), "mixed"),
    ]
    names = np.select([where for where, _ in choices], [name for _, name in choices], "other")
    return pd.Series(names, index=areas.index, dtype="str")


def normalised(values: pd.DataFrame, ideals: Mapping[str, float]) -> pd.DataFrame:
    """Normalise indicators by their ideal values: ``min(X / T, 1)``; for ``idle`` ``max(1 - X, 0)``.

    Raises
    ------
    ValueError
        An ideal value that is missing or not positive.

    Examples
    --------
    >>> normalised(pd.DataFrame({"built": [0.45, 0.99], "idle": [0.1, 0.0]}), {"built": 0.9}).values.tolist()
    [[0.5, 0.9], [1.0, 1.0]]
    """
    columns = {}
    for name in values:
        if name == "idle":
            columns[name] = (1 - values[name]).clip(lower=0)
            continue
        ideal = ideals.get(str(name))
        if ideal is None or not ideal > 0:
            raise ValueError(f"{name}: an ideal value above 0 is needed")
        columns[name] = (values[name] / ideal).clip(upper=1)
    return pd.DataFrame(columns, index=values.index)


def score(parts: pd.DataFrame, weights: Mapping[str, float], *, renormalise: bool = False) -> pd.Series:
    """Weigh normalised indicators: ``100 * sum(weight * S)``.

    Parameters
    ----------
    parts : DataFrame
        Normalised indicators, 0…1.
    weights : mapping of str to float
        They have to sum to 1 within 1e-9 and to name every indicator.
    renormalise : bool
        Leave out what is missing and spread its weight; else a score with a missing indicator is NaN.

    Raises
    ------
    ValueError
        Weights that do not sum to 1, or that do not fit the indicators.

    Examples
    --------
    >>> score(pd.DataFrame({"a": [0.5, None], "b": [1.0, 0.4]}), {"a": 0.25, "b": 0.75}).tolist()
    [87.5, nan]
    """
    if set(weights) != set(parts.columns):
        raise ValueError(f"weights for {sorted(weights)}, indicators {sorted(map(str, parts.columns))}")
    if (
        any(not weight >= 0 for weight in weights.values())
        or abs(sum(weights.values()) - 1) > WEIGHT_TOLERANCE
    ):
        raise ValueError(f"the weights sum to {sum(weights.values())!r}, not to 1")
    own = pd.Series(weights)[list(parts.columns)]
    weighed = (parts * own).sum(axis=1, skipna=False)
    if renormalise:
        there = parts.notna().mul(own).sum(axis=1)
        weighed = (parts * own).sum(axis=1) / there.where(there > 0)
    return (100 * weighed).round(12)


def classes(scores: pd.Series, shares: Sequence[float], names: Sequence[str]) -> pd.Series:
    """Sort into classes by rank: the first share of the subjects is of the first class, and so on.

    The same for any order of rows: equal scores get the same class, the better one; without a score there is no class.

    Parameters
    ----------
    scores : Series of float
    shares : sequence of float
        Cumulative shares of the scheme of the user, e.g. ``[0.2, 0.6, 0.9, 1.0]``.
    names : sequence of str
        One for each share, e.g. A, B, C, D.

    Examples
    --------
    >>> classes(pd.Series([9.0, 7.0, 7.0, 1.0], index=list("wxyz")), [0.25, 0.5, 1.0], ["A", "B", "C"]).to_dict()
    {'w': 'A', 'x': 'B', 'y': 'B', 'z': 'C'}
    """
    if len(shares) != len(names) or list(shares) != sorted(shares) or shares[-1] != 1:
        raise ValueError("one ascending share for each class, the last one 1")
    known = scores.dropna()
    better = known.rank(method="min", ascending=False) - 1
    place = np.searchsorted(np.asarray(shares), (better / max(len(known), 1)).to_numpy(), side="right")
    found = pd.Series(np.asarray(names)[np.minimum(place, len(names) - 1)], index=known.index, dtype="str")
    return found.reindex(scores.index)


def potential(
    areas: pd.DataFrame, ratios: pd.DataFrame, ideals: Mapping[str, float], supply: pd.Series
) -> pd.DataFrame:
    """扩展、结构、管理潜力 and 尚可供地年数, in the unit of the areas.

    ``expansion = E``; ``structure = max(0, T_industrial - X_industrial) * A``; ``management = G_recoverable + D22``;
    ``years = E / mean annual supply``; no supply: undefined. The kinds are reported side by side, never added.

    Examples
    --------
    >>> areas = pd.DataFrame({"A": [100.0], "E": [30.0], "D22": [2.0], "G_recoverable": [3.0]}, index=["Z"])
    >>> ratios = pd.DataFrame({"industrial": [0.5]}, index=["Z"])
    >>> one = potential(areas, ratios, {"industrial": 0.6}, pd.Series({"Z": 6.0}))
    >>> one.round(6).iloc[0].to_dict()
    {'expansion': 30.0, 'structure': 10.0, 'management': 5.0, 'years': 5.0}
    """
    return pd.DataFrame(
        {
            "expansion": areas["E"],
            "structure": (ideals["industrial"] - ratios["industrial"]).clip(lower=0) * areas["A"],
            "management": areas["G_recoverable"] + areas["D22"],
            "years": areas["E"] / supply.where(supply > 0),
        }
    )


def ranking(scores: pd.Series) -> pd.Series:
    """Rank subjects, the best first; equal scores share a rank, without a score there is none.

    >>> ranking(pd.Series([80.0, 90.0, 90.0, None], index=list("wxyz"))).tolist()
    [3.0, 1.0, 1.0, nan]
    """
    return scores.rank(method="min", ascending=False)
