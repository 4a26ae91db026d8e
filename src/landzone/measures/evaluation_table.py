"""Evaluation with weights and reference values of the user: zones scored, enterprises classed (亩均论英雄), stars."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from landzone.measures.evaluation import classes, ranking, score
from landzone.measures.land_evaluation import INDUSTRIAL, land_rows
from landzone.model.study import EnterpriseScheme, EvaluationSettings, StarLevel, ZoneScheme

COLUMNS = [
    "system", "subject_kind", "subject_id", "item", "value", "unit", "reference", "weight", "normalised_ratio", "score",
    "rank_count", "class", "group",
]  # fmt: skip
_KINDS = {"value", "reference", "weight", "normalised_ratio", "score", "rank_count"}
MU_PER_HA = 15


def evaluation_table(measures: pd.DataFrame, settings: EvaluationSettings) -> pd.DataFrame:
    """Evaluate zones and enterprises as the study file says; nothing where it says nothing.

    Every subject has one row an indicator (value, reference, weight, normalised value, its part of the score) and one
    row ``total`` with score, rank and class. A missing indicator leaves no score.

    Parameters
    ----------
    measures : DataFrame
        The table ``measures`` of an audit.
    settings : EvaluationSettings

    Source
    ------
    开发区土地集约利用评价规程 (TD/T 1029) for the form of the score; weights and ideal values are the user's.
    """
    parts = []
    if settings.zones is not None:
        parts.append(zone_scores(measures, settings.zones))
    if settings.enterprises is not None:
        parts.append(enterprise_classes(measures, settings.enterprises))
    if settings.land is not None:
        asked = sorted(set(settings.land.ideals) - {INDUSTRIAL})
        parts.append(land_rows(settings.land, _values(measures, "zone", asked)))
    if settings.stars:
        parts.append(zone_stars(measures, settings.stars))
    if not parts:
        return pd.DataFrame(
            {name: pd.Series(dtype="float64" if name in _KINDS else "str") for name in COLUMNS}
        )
    whole = pd.concat(parts, ignore_index=True).reindex(columns=COLUMNS)
    whole = whole.astype({name: "float64" if name in _KINDS else "str" for name in COLUMNS})
    keys = ["system", "subject_kind", "subject_id", "item"]
    return whole.sort_values(keys, kind="stable", ignore_index=True)


def _values(measures: pd.DataFrame, kind: str, names: list[str]) -> pd.DataFrame:
    """Return complete values only: what stands on a part of the data is no value to be compared with others."""
    own = measures[(measures["subject_kind"] == kind) & measures["measure"].isin(names)]
    sure = own["value"].where(~(own["coverage_ratio"] < 1))
    return (
        own.assign(value=sure)
        .pivot(index="subject_id", columns="measure", values="value")
        .reindex(columns=names)
    )


def _units(measures: pd.DataFrame, names: list[str]) -> dict[str, str]:
    own = measures[measures["measure"].isin(names)].drop_duplicates("measure")
    return dict(zip(own["measure"], own["unit"], strict=True))


def zone_scores(measures: pd.DataFrame, scheme: ZoneScheme) -> pd.DataFrame:
    """Score zones: ``100 * sum(weight * S)`` with ``S = min(X / ideal, 1)``, or ``max(1 - X, 0)`` where less is better.

    Examples
    --------
    >>> rows = pd.DataFrame({"subject_kind": "zone", "subject_id": ["Y", "Y", "Z", "Z"], "unit": "ratio",
    ...     "measure": ["building_density_ratio", "idle_ratio"] * 2, "value": [0.25, 0.1, 0.6, 0.0],
    ...     "coverage_ratio": 1.0})
    >>> scheme = ZoneScheme({"building_density_ratio": 0.6, "idle_ratio": 0.4}, {"building_density_ratio": 0.5},
    ...                     ("idle_ratio",))
    >>> found = zone_scores(rows, scheme)
    >>> found[found["item"] == "total"][["subject_id", "score", "rank_count"]].values.tolist()
    [['Y', 66.0, 2.0], ['Z', 100.0, 1.0]]
    """
    names = list(scheme.weights)
    values = _values(measures, "zone", names)
    parts = pd.DataFrame(
        {
            name: (1 - values[name]).clip(lower=0)
            if name in scheme.less_is_better
            else (values[name] / scheme.ideals[name]).clip(upper=1)
            for name in names
        },
        index=values.index,
    )
    scores = score(parts, scheme.weights)
    rows = _items("zones", "zone", values, parts, scheme.weights, scheme.ideals, _units(measures, names))
    return pd.concat([rows, _totals("zones", "zone", scores, ranking(scores))], ignore_index=True)


def enterprise_classes(measures: pd.DataFrame, scheme: EnterpriseScheme) -> pd.DataFrame:
    """亩均论英雄: ``100 * sum(weight * X / base)``, classed by rank; large and small holders of land apart.

    The land of an enterprise is the denominator of its indicators per hectare. Without a score there is no class.

    Examples
    --------
    >>> rows = pd.DataFrame({"subject_kind": "enterprise", "subject_id": ["a", "b", "c"], "unit": "wan_cny_per_ha",
    ...     "measure": "tax_wan_cny_per_ha", "value": [300.0, 150.0, 450.0], "coverage_ratio": 1.0,
    ...     "denominator": [1.0, 1.0, 0.2], "denominator_unit": "ha"})
    >>> name = "tax_wan_cny_per_ha"
    >>> scheme = EnterpriseScheme({name: 1.0}, {name: 150.0}, ("A", "B"), (0.5, 1.0), 5.0)
    >>> found = enterprise_classes(rows, scheme)
    >>> found[found["item"] == "total"][["subject_id", "score", "class", "group"]].values.tolist()
    [['a', 200.0, 'A', 'large'], ['b', 100.0, 'B', 'large'], ['c', 300.0, 'A', 'small']]
    """
    names = list(scheme.weights)
    values = _values(measures, "enterprise", names)
    parts = values / pd.Series(scheme.bases)[names]
    scores = score(parts, scheme.weights)
    own = measures[(measures["subject_kind"] == "enterprise") & measures["measure"].isin(names)]
    land = own["denominator"].where(own["denominator_unit"] == "ha").groupby(own["subject_id"]).max()
    mu = land.reindex(values.index) * MU_PER_HA
    group = pd.Series(np.where(mu < scheme.small_below_mu, "small", "large"), values.index).where(
        mu.notna(), "unknown"
    )
    found = pd.Series(np.nan, index=values.index, dtype="str")
    ranks = pd.Series(np.nan, index=values.index)
    for name in ("large", "small"):
        members = scores[group == name]
        found.update(classes(members, scheme.shares, scheme.classes))
        ranks.update(ranking(members))
    rows = _items(
        "enterprises", "enterprise", values, parts, scheme.weights, scheme.bases, _units(measures, names)
    )
    totals = _totals("enterprises", "enterprise", scores, ranks)
    return pd.concat(
        [rows, totals.assign(**{"class": found.to_numpy(), "group": group.to_numpy()})], ignore_index=True
    )


def zone_stars(measures: pd.DataFrame, levels: tuple[StarLevel, ...]) -> pd.DataFrame:
    """Give every zone the highest level all of whose conditions it meets; unknown where a missing figure could lift it.

    Examples
    --------
    >>> rows = pd.DataFrame({"subject_kind": "zone", "subject_id": ["X", "Y", "Z"], "measure": "revenue_wan_cny",
    ...     "value": [5.0, 50.0, None], "unit": "wan_cny", "coverage_ratio": 1.0})
    >>> levels = (StarLevel(1, {"revenue_wan_cny": 10.0}), StarLevel(2, {"revenue_wan_cny": 50.0}))
    >>> zone_stars(rows, levels)[["subject_id", "class"]].values.tolist()
    [['X', '0'], ['Y', '2'], ['Z', 'unknown']]
    """
    names = sorted({name for level in levels for name in level.conditions})
    values = _values(measures, "zone", names)
    met, open_ones = pd.Series(0, values.index), pd.Series(False, values.index)
    for level in sorted(levels, key=lambda one: one.stars):
        asked = pd.Series(dict(level.conditions))
        own = values[list(asked.index)]
        fails = (own < asked).any(axis=1)
        blank = own.isna().any(axis=1) & ~fails
        met = met.mask(~fails & ~blank, level.stars)
        open_ones |= blank
    words = met.astype("str").mask(open_ones, "unknown")
    rows = pd.DataFrame(
        {"system": "stars", "subject_kind": "zone", "subject_id": values.index, "item": "total"}
    )
    return rows.assign(**{"class": words.to_numpy()})


def _items(
    system: str,
    kind: str,
    values: pd.DataFrame,
    parts: pd.DataFrame,
    weights: Mapping[str, float],
    references: Mapping[str, float],
    units: Mapping[str, str],
) -> pd.DataFrame:
    rows = [
        pd.DataFrame(
            {
                "system": system, "subject_kind": kind, "subject_id": values.index, "item": name,
                "value": values[name].to_numpy(), "unit": units.get(name, ""),
                "reference": references.get(name, np.nan), "weight": weight,
                "normalised_ratio": parts[name].to_numpy(), "score": (100 * weight * parts[name]).round(12).to_numpy(),
            }
        )
        for name, weight in weights.items()
    ]  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def _totals(system: str, kind: str, scores: pd.Series, ranks: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "system": system, "subject_kind": kind, "subject_id": scores.index, "item": "total",
            "score": scores.to_numpy(), "rank_count": ranks.to_numpy(),
        }
    )  # fmt: skip
