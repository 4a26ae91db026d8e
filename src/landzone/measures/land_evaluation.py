"""The area ledger of TD/T 1029 in the table of evaluations: its identities, ratios, potentials and years of supply."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landzone.measures.evaluation import land_ratios, ledger_breaches, potential, zone_type
from landzone.model.study import LandScheme

INDUSTRIAL = "industrial"
NEEDED = ("A", "A1", "A2", "B", "B21", "D", "D22", "E", "G", "G_recoverable")


def land_rows(scheme: LandScheme, values: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the system ``land``: areas in ha as the user gives them, nothing mended, nothing added up.

    - one row for each identity of the ledger that does not hold: what is over, class ``broken``;
    - ``land_…_ratio``: 土地供应率, 建成率, 工业用地率, 闲置率, 开发率; ``land_type``: the type of the zone;
    - ``potential_expansion``, ``_structure``, ``_management``: 扩展, 结构, 管理潜力, ha;
    - ``potential_intensity_<measure>``: 强度潜力 ``max(0, 1 - X / T) * A2``, ha, one for each ideal value of a measure;
    - ``supply_years``: 尚可供地年数.

    Parameters
    ----------
    scheme : LandScheme
    values : DataFrame
        Complete values of the measures that have an ideal value, index ``zone_id``, missing where unknown.

    Source
    ------
    开发区土地集约利用评价规程 (TD/T 1029); formulas of potential from memory, as the docstrings they come from say.

    Examples
    --------
    >>> own = {"A": 100.0, "A2": 50.0, "E": 30.0, "F": 9.0, "D": 60.0, "total": 100.0}
    >>> rows = land_rows(LandScheme({"Z": own}, {"industrial": 0.6}, {"Z": 6.0}), pd.DataFrame(index=["Z"]))
    >>> rows.dropna(subset="value").set_index("item")["value"].round(3).to_dict()
    ... # doctest: +NORMALIZE_WHITESPACE
    {'total = D + E + F': 1.0, 'land_built_ratio': 1.667, 'land_industrial_ratio': 0.5, 'potential_expansion': 30.0,
     'potential_structure': 10.0, 'supply_years': 5.0}
    """
    given = pd.DataFrame.from_dict({zone: dict(own) for zone, own in scheme.areas.items()}, orient="index")
    given = given.astype("float64").sort_index()
    areas = given.reindex(columns=sorted({*given.columns, *NEEDED}))
    ratios = land_ratios(areas)
    supply = pd.Series(dict(scheme.annual_supply), dtype="float64").reindex(areas.index)
    ideals = {INDUSTRIAL: np.nan, **scheme.ideals}
    kinds = potential(areas, ratios, ideals, supply)
    rows = [
        pd.DataFrame({"subject_id": [zone], "item": text, "value": off, "unit": "ha", "class": "broken"})
        for zone, text, off in ledger_breaches(given)
    ]
    rows += [_row(f"land_{name}_ratio", ratios[name], "ratio", ideals, name) for name in ratios]
    rows.append(
        pd.DataFrame({"subject_id": areas.index, "item": "land_type", "class": zone_type(areas).array})
    )
    for name in ("expansion", "structure", "management"):
        rows.append(_row(f"potential_{name}", kinds[name], "ha", {}, name))
    for name in sorted(set(ideals) - {INDUSTRIAL}):
        short = (1 - values[name].reindex(areas.index) / ideals[name]).clip(lower=0)
        rows.append(_row(f"potential_intensity_{name}", short * areas["A2"], "ha", ideals, name))
    rows.append(_row("supply_years", kinds["years"], "years", {}, ""))
    whole = pd.concat(rows, ignore_index=True)
    return whole.assign(system="land", subject_kind="zone")


def _row(item: str, value: pd.Series, unit: str, ideals: dict[str, float], name: str) -> pd.DataFrame:
    found = {"subject_id": value.index, "item": item, "value": value.to_numpy(), "unit": unit}
    return pd.DataFrame({**found, "reference": ideals.get(name, np.nan)})
