"""Figures of zones and their sums, old and new."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from landzone.changes.cells import moved, numbers

ALL = ""
"""Stands for all zones together."""

_SUMMED = ("_m2", "_count")
COLUMNS = ["zone_id", "measure", "old_value", "new_value", "difference_value", "moved"]


def zone_totals(old: pd.DataFrame, new: pd.DataFrame, money: str) -> pd.DataFrame:
    """Return every figure of every zone of both audits, and the sum over all zones of what can be summed.

    A sum is missing where the figure of one zone is: an unknown part makes the whole unknown. A zone that one audit
    alone has is missing on the other side.

    Parameters
    ----------
    old, new : DataFrame
        Zones of both audits.
    money : str
        Unit of money; its columns are summed.

    Examples
    --------
    >>> old = pd.DataFrame({"zone_id": ["A", "B"], "idle_area_m2": [10.0, 20.0], "idle_ratio": [0.1, 0.2]})
    >>> new = old.assign(idle_area_m2=[10.0, 25.5])
    >>> zone_totals(old, new, "wan_cny").query("moved").iloc[:, :5].to_numpy().tolist()
    [['', 'idle_area_m2', 30.0, 35.5, 5.5], ['B', 'idle_area_m2', 20.0, 25.5, 5.5]]
    """
    zones = sorted({*old["zone_id"], *new["zone_id"]})
    first, second = (frame.set_index("zone_id").reindex(zones) for frame in (old, new))
    parts = []
    for measure in [str(c) for c in new.columns if c in old and _is_figure(old[c], new[c])]:
        a, b = numbers(first[measure]), numbers(second[measure])
        names = list(zones)
        if measure.endswith((*_SUMMED, f"_{money}")):
            sums = [_sum(numbers(frame[measure])) for frame in (old, new)]
            names, a, b = [ALL, *names], np.array([sums[0], *a]), np.array([sums[1], *b])
        own = pd.DataFrame({"zone_id": names, "measure": measure, "old_value": a, "new_value": b})
        parts.append(own[own[["old_value", "new_value"]].notna().any(axis=1)])
    whole = pd.concat(parts, ignore_index=True)
    whole["difference_value"] = (whole["new_value"] - whole["old_value"]).round(9)
    whole["moved"] = moved(whole["old_value"], whole["new_value"])
    order = {measure: place for place, measure in enumerate(new.columns)}
    whole["place"] = whole["measure"].map(order)
    whole = whole.sort_values(["zone_id", "place"], kind="stable", ignore_index=True)
    return whole[COLUMNS].astype({"zone_id": "str", "measure": "str"})


def _is_figure(old: pd.Series, new: pd.Series) -> bool:
    return all(pd.api.types.is_numeric_dtype(s) and not pd.api.types.is_bool_dtype(s) for s in (old, new))


def _sum(values: np.ndarray) -> float:
    return round(math.fsum(values.tolist()), 4) if not np.isnan(values).any() else math.nan
