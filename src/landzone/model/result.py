"""What an audit ends with: the tables that every output is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd

from landzone.model.topology import empty_frame

FINDING_COLUMNS = [
    "subject_kind", "subject_id", "pack_id", "rule_id", "measure", "observed", "limit", "op", "unit", "verdict",
    "borderline", "gap", "gap_unit", "coverage_ratio", "clause", "source", "as_of", "message",
]  # fmt: skip


@dataclass(frozen=True)
class AuditResult:
    """The tables of the contract, in final column names, sorted by id; outputs compute nothing.

    ``zones parcels buildings patches constraints use_conflicts`` are GeoDataFrames in the working CRS;
    ``findings plan_shares projects rejects repairs notes`` are plain frames. Ids are ordinary text columns.
    Dates are ``YYYY-MM-DD`` texts, missing values are NaN (numbers) or missing text. In ``findings``,
    ``plan_shares`` and the tables ``parcel_themes`` and ``source_rows`` texts that are not ids may be categories
    (``model.coded``); they become texts where they are written, and ``Audit.findings`` has texts.
    ``run`` holds what ``run.json`` says, but for the time stamp and the hashes of the outputs.
    ``alignment`` holds the plan × plan matrix (``plan_a plan_b agree_m2 conflict_m2 precision_m2
    uncovered_m2 alignment_ratio``). ``tables`` holds further plain tables by the name they have in ``audit.gpkg``.
    """

    as_of: date
    lang: str
    zones: gpd.GeoDataFrame
    parcels: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    patches: gpd.GeoDataFrame
    constraints: gpd.GeoDataFrame
    use_conflicts: gpd.GeoDataFrame
    findings: pd.DataFrame
    plan_shares: pd.DataFrame
    projects: pd.DataFrame
    rejects: pd.DataFrame
    repairs: pd.DataFrame
    notes: pd.DataFrame
    alignment: pd.DataFrame
    run: dict[str, Any]
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    topology: gpd.GeoDataFrame = field(default_factory=empty_frame)
