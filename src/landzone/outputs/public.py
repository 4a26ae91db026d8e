"""A result without what must not be published. Figures stay as they are; positions are coarsened for display."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from landzone.catalog import load
from landzone.catalog.labels import labels
from landzone.geometry.crs import NoTransformation, transformation
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.map_html.lonlat import Degrees

LIST_FILE = "removed.txt"
_PER_HA = "_per_ha"


def publishable(
    study: Study, result: AuditResult, folder: Path, approval: str = ""
) -> tuple[Study, AuditResult]:
    """Return study and result without holders, contract numbers, prices and exact corners.

    Parameters
    ----------
    study, result
        As an audit ends with them.
    folder : Path
        Takes ``removed.txt``, the list of what was left out.
    approval : str
        Approval number of the map (审图号) as somebody was given it; without one the pages say that the map was
        not reviewed and may not be shown to the public.

    Notes
    -----
    Corners are set on a grid of ``catalog/public.toml`` in degrees; a shape that would vanish becomes the cell of
    the grid in which its middle lies. Columns, tables and kinds of findings that go stand in the same file.
    """
    rules = load.table("public.toml")
    gone: list[tuple[str, str]] = []
    tables = {}
    for field in fields(AuditResult):
        frame = getattr(result, field.name)
        if isinstance(frame, pd.DataFrame):
            tables[field.name] = _without(field.name, frame, rules, study, gone)
    tables["tables"] = {
        name: _without(name, table, rules, study, gone) for name, table in result.tables.items()
    }
    spoken = {lang: _notice(lang, approval) for lang in ("zh", "en")}
    layers = {
        role: replace(layer, frame=_columns_gone(role, layer.frame, rules, study, []))
        for role, layer in study.layers.items()
    }
    words = labels("public", result.lang)
    grid = rules["grid"]["degrees"]
    lines = [
        words["head"],
        "",
        *(f"{name}: {what}" for name, what in gone),
        words["corners"].format(grid=grid),
    ]
    (folder / LIST_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return replace(study, layers=layers, notice=spoken), replace(result, **tables)


def _notice(lang: str, approval: str) -> str:
    words = labels("public", lang)
    return words["approved"].format(number=approval) if approval else words["not_approved"]


def _without(
    name: str, frame: pd.DataFrame, rules: Mapping[str, Any], study: Study, gone: list[tuple[str, str]]
) -> pd.DataFrame:
    if name in rules["tables"]["emptied"]:
        gone += [(name, f"{len(frame)}")] if len(frame) else []
        return frame.iloc[:0]
    if "subject_kind" in frame:
        private = frame["subject_kind"].isin(rules["findings"]["subjects"])
        gone += [(name, f"{int(private.sum())}")] if private.any() else []
        frame = frame[~private].reset_index(drop=True)
    frame = _columns_gone(name, frame, rules, study, gone)
    if isinstance(frame, gpd.GeoDataFrame):
        return frame.set_geometry(_coarse(frame.geometry, study.crs, rules["grid"]["degrees"]))
    return frame


def _columns_gone(
    name: str, frame: Any, rules: Mapping[str, Any], study: Study, gone: list[tuple[str, str]]
) -> Any:
    private = set(rules["columns"]["removed"])
    private |= {"name"} if name in rules["columns"]["names_in"] else set()
    money = study.settings.money
    dropped = [
        column
        for column in map(str, frame.columns)
        if column.startswith("src_") or _stem(column, money) in private or column in private
    ]
    gone += [(name, column) for column in dropped]
    own = [column for column in dropped if not column.startswith("src_")]
    blank = {column: frame[column].iloc[:0].reindex(frame.index) for column in own}
    return frame.drop(columns=[column for column in dropped if column not in blank]).assign(**blank)


def _stem(column: str, money: str) -> str:
    """Return a column without its unit: ``idle_fee_wan_cny`` → ``idle_fee``."""
    for suffix in (f"_{money}{_PER_HA}", f"_{money}", "_fen", "_date"):
        if column.endswith(suffix):
            return column.removesuffix(suffix)
    return column


def _coarse(shapes: gpd.GeoSeries, crs: pyproj.CRS, grid: float) -> gpd.GeoSeries:
    """Set the corners of shapes on a grid of degrees."""
    degrees = Degrees(crs).shapes(shapes.to_numpy())
    rough = shapely.set_precision(degrees, grid)
    lost = shapely.is_empty(rough) & ~shapely.is_empty(degrees)
    middle = shapely.centroid(degrees[lost])
    west = np.floor(shapely.get_x(middle) / grid) * grid
    south = np.floor(shapely.get_y(middle) / grid) * grid
    rough[lost] = shapely.box(west, south, west + grid, south + grid)
    back = shapely.transform(rough, _back(crs).coordinates)
    return gpd.GeoSeries(back, index=shapes.index, crs=crs)


def _back(crs: pyproj.CRS) -> Any:
    try:
        return transformation(pyproj.CRS.from_epsg(4326), crs)
    except NoTransformation:
        return transformation(crs.geodetic_crs or crs, crs)
