"""What the comparison of two audits ends with: the tables that its outputs are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

LAYERS = ("zones", "parcels", "buildings", "patches", "constraints", "use_conflicts")
TABLES = (
    "rows", "differences", "findings", "verdict_changes", "class_changes", "patch_changes", "ground_changes",
    "zone_totals", "lineage", "plans", "settings", "notes",
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Tables of one comparison; outputs compute nothing. ``old`` and ``new`` are the two audits.

    Attributes
    ----------
    zones, parcels, buildings : GeoDataFrame
        Every feature of both sides by id: ``state`` (unchanged changed appeared gone), what its shape did (``shape``:
        same redrawn changed elsewhere) and by how much, the columns that moved. Shapes are those of the new audit, of
        the old one where it is gone.
    patches : GeoDataFrame
        Every difference patch of both sides once: ``state`` (kept grown shrunk new solved gone).
    constraints, use_conflicts : GeoDataFrame
        Every piece of both sides by what it says: ``state`` (kept grown shrunk appeared gone).
    rows : DataFrame
        For every table of an audit ``old_count new_count kept_count changed_count gone_count appeared_count``.
    differences : DataFrame
        One row a cell that moved: old, new, difference.
    findings : DataFrame
        Findings whose verdict, figure or limit moved, or that stand on one side alone.
    verdict_changes, class_changes, patch_changes, ground_changes : DataFrame
        From–to tables with counts and areas that add up to the totals of both sides.
    zone_totals : DataFrame
        Every figure of every zone, old and new, and the sums of those that can be summed.
    lineage : DataFrame
        Where the ground of parcels that are gone lies now, and where that of new ones came from.
    plans, settings : DataFrame
        What differs in plans, lines, inputs, rule packs, settings, versions.
    notes : DataFrame
        What a reader has to know before he compares.
    run : dict
        What ``run.json`` says, but for the time stamp and the hashes of the outputs.
    """

    lang: str
    zones: gpd.GeoDataFrame
    parcels: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    patches: gpd.GeoDataFrame
    constraints: gpd.GeoDataFrame
    use_conflicts: gpd.GeoDataFrame
    rows: pd.DataFrame
    differences: pd.DataFrame
    findings: pd.DataFrame
    verdict_changes: pd.DataFrame
    class_changes: pd.DataFrame
    patch_changes: pd.DataFrame
    ground_changes: pd.DataFrame
    zone_totals: pd.DataFrame
    lineage: pd.DataFrame
    plans: pd.DataFrame
    settings: pd.DataFrame
    notes: pd.DataFrame
    run: dict[str, Any]
