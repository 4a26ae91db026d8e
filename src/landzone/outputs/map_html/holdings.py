"""What one page can hold: past its limits it draws what tells something, the weightiest first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.catalog import load
from landzone.model.ids import within
from landzone.model.result import AuditResult
from landzone.outputs.map_html.themed import findings_by_parcel

_SEVERITY = ("agree", "none", "info", "low", "medium", "high", "severe")


def held(result: AuditResult) -> tuple[AuditResult, dict[str, int]]:
    """Return a result with no more parcels and patches than ``catalog/map.toml`` allows, and how many are left out.

    Parcels stay that are suspected idle or will be, that fail a rule, or whose construction is against the plans; of
    patches those in agreement go first, then the slightest. Where even these are too many, the largest stay. Findings
    on what is left out stand in the other outputs.
    """
    limits = load.table("map.toml")
    parcels, patches = result.parcels, result.patches
    out = {}
    if len(parcels) > limits["most_parcels"]:
        weight = _parcel_weight(result)
        kept = _heaviest(weight, parcels["area_m2"], limits["most_parcels"]) & (weight > 0)
        out["parcels"], parcels = int((~kept).sum()), parcels[kept].reset_index(drop=True)
    if len(patches) > limits["most_patches"]:
        kept = _heaviest(_patch_weight(patches), patches["area_m2"], limits["most_patches"])
        out["patches"], patches = int((~kept).sum()), patches[kept].reset_index(drop=True)
    return (replace(result, parcels=parcels, patches=patches), out) if out else (result, out)


def _parcel_weight(result: AuditResult) -> NDArray[np.int64]:
    """Weigh parcels: 4 suspected idle, 3 failing a rule, 2 against the plans, 1 about to be idle, 0 nothing."""
    parcels = result.parcels
    idle = load.table("parameters.toml")["idle"]["idle_classes"]
    failed = result.findings[result.findings["verdict"] == "fail"]
    failing = findings_by_parcel(replace(result, findings=failed), ["verdict"])["parcel_id"]
    states = {
        1: parcels["idle_class"] == "overdue",
        2: parcels["conformity"] == "conflicts",
        3: pd.Series(within(parcels["parcel_id"], failing), index=parcels.index),
        4: parcels["idle_class"].isin(list(idle)),
    }
    weight = np.zeros(len(parcels), dtype=np.int64)
    for heavy, state in states.items():
        weight[state.fillna(False).to_numpy(dtype=bool)] = heavy
    return weight


def _patch_weight(patches: pd.DataFrame) -> NDArray[np.int64]:
    rank = patches["severity"].map({word: place for place, word in enumerate(_SEVERITY)}).fillna(1)
    weight: NDArray[np.int64] = rank.astype("int64").mask(patches["kind"] == "agree", 0).to_numpy()
    return weight


def _heaviest(weight: NDArray[np.int64], area: pd.Series, most: int) -> NDArray[np.bool_]:
    """Mark so many rows, the heaviest first, of equal weight the largest."""
    order = np.lexsort([np.arange(len(weight)), -area.fillna(0.0).to_numpy(dtype=np.float64), -weight])
    kept = np.zeros(len(weight), dtype=np.bool_)
    kept[order[:most]] = True
    return kept
