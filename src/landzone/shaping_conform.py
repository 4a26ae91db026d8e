"""Brings the tables of judged boundaries into their final columns: areas in m², shares, texts."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from landzone.units import to_m2

_COLUMNS = {
    "boundaries": {
        "boundary_id": "str", "name": "str", "number": "str", "area_m2": "float64", "planar_m2": "float64",
        "perimeter_m": "float64", "conformity": "str", "conclusion": "str", "borderline": "bool", "missing": "str",
        "zone_m2": "float64", "outside_study_m2": "float64", "parcels_count": "int64", "conflicts_count": "int64",
        "disagreement_m2": "float64",
    },
    "themes": {
        "boundary_id": "str", "theme_kind": "str", "theme": "str", "state": "str", "verdict": "str", "reason": "str",
        "concerned_m2": "float64", "allowed_m2": "float64", "contrary_m2": "float64", "missing_m2": "float64",
        "borderline": "bool", "is_sliver": "bool",
    },
    "occupied": {
        "boundary_id": "str", "theme_kind": "str", "theme": "str", "code": "str", "class_name": "str",
        "common": "str", "class3": "str", "part": "str", "area_m2": "float64", "share_ratio": "float64",
    },
    "conflicts": {
        "boundary_id": "str", "conflict_id": "str", "theme_kind": "str", "theme": "str", "code": "str",
        "class_name": "str", "type": "str", "severity": "str", "area_m2": "float64", "width_m": "float64",
        "is_sliver": "bool", "borderline": "bool", "parcels": "str",
    },
    "disagreements": {
        "boundary_id": "str", "patch_id": "str", "kind": "str", "type": "str", "severity": "str", "plan_a": "str",
        "code_a": "str", "class_a": "str", "plan_b": "str", "code_b": "str", "class_b": "str", "area_m2": "float64",
        "width_m": "float64", "is_small": "bool",
    },
    "land_use": {
        "boundary_id": "str", "theme": "str", "class3": "str", "part": "str", "area_m2": "float64",
        "share_ratio": "float64",
    },
    "parcels": {
        "boundary_id": "str", "parcel_id": "str", "area_m2": "float64", "share_ratio": "float64",
        "boundary_share_ratio": "float64",
    },
    "zones": {"boundary_id": "str", "zone_id": "str", "area_m2": "float64", "share_ratio": "float64"},
}  # fmt: skip
WITH_SHAPES = ("boundaries", "occupied", "conflicts", "disagreements", "parcels")


def frames(rows: dict[str, list[Any]], crs: Any) -> dict[str, Any]:
    """Return the tables in their final columns: areas in m², shares, texts."""
    found: dict[str, Any] = {}
    for name, columns in _COLUMNS.items():
        parts = rows[name]
        if parts and isinstance(parts[0], dict):
            frame = pd.DataFrame(parts)
        else:
            kept = [part for part in parts if len(part)]
            frame = pd.concat(kept, ignore_index=True) if kept else pd.DataFrame()
        frame = _in_units(name, frame)
        shapes = frame["geometry"].to_numpy(dtype=object) if len(frame) and name in WITH_SHAPES else []
        texts = {c: frame[c] if c in frame else pd.Series(dtype=kind) for c, kind in columns.items()}
        final = pd.DataFrame(texts).astype(columns)
        if name in WITH_SHAPES:
            final = gpd.GeoDataFrame(
                final, geometry=gpd.GeoSeries(shapes, index=final.index, crs=crs), crs=crs
            )
        found[name] = final
    return found


def _in_units(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    if not len(frame):
        return frame
    areas = (
        "area",
        "planar",
        "zone",
        "outside_study",
        "concerned",
        "allowed",
        "contrary",
        "missing",
        "disagreement",
    )
    frame = frame.rename(columns={"id": "parcel_id" if name == "parcels" else "zone_id"})
    for column in areas:
        if column in frame and pd.api.types.is_numeric_dtype(frame[column]):
            frame[f"{column}_m2"] = to_m2(frame[column].to_numpy())
    if "boundary" in frame:
        share = "boundary_share_ratio" if name == "parcels" else "share_ratio"
        frame[share] = frame["area"] / frame["boundary"]
    if "whole" in frame:
        frame["share_ratio"] = frame["area"] / frame["whole"]
    return frame
