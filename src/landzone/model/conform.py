"""What the judgement of drawn boundaries ends with: the tables that its outputs are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd


@dataclass(frozen=True)
class ConformResult:
    """Tables of one run, sorted by boundary; outputs compute nothing.

    Attributes
    ----------
    boundaries : GeoDataFrame
        ``boundary_id, name, area_m2, planar_m2, conformity`` (contract: conforms partly conflicts no_plan),
        ``conclusion`` (conforms partly conflicts unknown), ``borderline, missing`` (themes without an answer, joined
        by ``|``), ``zone_m2`` (ground inside a zone), ``outside_study_m2``, ``parcels_count, conflicts_count,
        disagreement_m2`` (ground on which plans disagree with one another).
    themes : DataFrame
        One row a boundary and plan or line: ``theme_kind`` (plan present line), ``theme, state`` (concerned
        not_concerned no_data), ``verdict, reason, concerned_m2, allowed_m2, contrary_m2, missing_m2,
        borderline, is_sliver``.
    occupied : GeoDataFrame
        Ground of each boundary under each class of each plan, and under and outside each line: ``theme_kind, theme,
        code, class_name, common, class3, part`` (under outside no_data), ``area_m2, share_ratio``. Its rows of one
        boundary and theme sum to the boundary.
    conflicts : GeoDataFrame
        Connected ground that contradicts construction: ``conflict_id, theme_kind, theme, code, class_name, type,
        severity, area_m2, width_m, is_sliver, borderline, parcels``.
    disagreements : GeoDataFrame
        Ground on which two plans say different things, as the patches of an audit: ``patch_id, kind`` (conflict
        precision), ``type, severity, plan_a, code_a, class_a, plan_b, code_b, class_b, area_m2, width_m, is_small``.
    land_use : DataFrame
        Present land use in three classes: ``theme, class3, area_m2, share_ratio``.
    parcels : GeoDataFrame
        Parcels touched: ``parcel_id, area_m2, share_ratio`` (of the parcel), ``boundary_share_ratio``.
    zones : DataFrame
        ``zone_id`` (missing: outside all zones), ``area_m2, share_ratio``.
    rejects, repairs, notes : DataFrame
        Problems of the study and of the boundary file.
    run : dict
        What ``run.json`` says, but for the time stamp and the hashes of the outputs.
    """

    lang: str
    as_of: str
    boundaries: gpd.GeoDataFrame
    themes: pd.DataFrame
    occupied: gpd.GeoDataFrame
    conflicts: gpd.GeoDataFrame
    disagreements: gpd.GeoDataFrame
    land_use: pd.DataFrame
    parcels: gpd.GeoDataFrame
    zones: pd.DataFrame
    rejects: pd.DataFrame
    repairs: pd.DataFrame
    notes: pd.DataFrame
    run: dict[str, Any]
