"""Opens the folder of a finished audit again: its tables, and what its outputs ask of the study."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pyproj
import shapely
from pydantic import TypeAdapter, ValidationError

from landzone.catalog.messages import refusal
from landzone.catalog.packs import load_pack, read_pack
from landzone.model.layer import Constraint, InputRecord, Layer, SpatialPlan
from landzone.model.problems import Problems
from landzone.model.result import AuditResult
from landzone.model.rules import RulePack
from landzone.model.study import CrsOperation, Settings, Study

TABLES_FILE, RUN_FILE = "audit.gpkg", "run.json"
_IDS = {"zones": "zone_id", "parcels": "parcel_id", "buildings": "building_id"}
_NOT_TABLES = ("as_of", "lang", "run", "tables", "alignment")
_PAIRS, STYLES = "plan_pairs", "layer_styles"
_KINDS = {"int": "Int64", "bool": "boolean", "object": "str"}
_TEXT = ("params", "message", "action", "column", "raw_value", "before", "after")


def read_run(folder: Path) -> dict[str, Any]:
    """Return what ``run.json`` of an audit says.

    Raises
    ------
    Refusal
        ``OUT_NOT_AN_AUDIT`` where the folder holds no finished audit.
    """
    path = folder / RUN_FILE
    try:
        run = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        raise refusal("OUT_NOT_AN_AUDIT", file=str(folder)) from None
    if not isinstance(run, dict) or "settings" not in run or TABLES_FILE not in run.get("outputs", {}):
        raise refusal("OUT_NOT_AN_AUDIT", file=str(folder))
    return run


def open_audit(folder: Path) -> tuple[Study, AuditResult]:
    """Return the tables of a finished audit and the study as far as its outputs need it.

    The layers of the study are those of the result; tables and rasters are not opened again.

    Raises
    ------
    Refusal
        ``OUT_NOT_AN_AUDIT``, ``OUT_OF_ANOTHER_VERSION``.
    """
    run = read_run(folder)
    path = folder / TABLES_FILE
    there = {str(name) for name, _ in pyogrio.list_layers(path)} if path.is_file() else set()
    wanted = [field.name for field in fields(AuditResult) if field.name not in _NOT_TABLES]
    missing = sorted({*wanted, _PAIRS} - there)
    if missing or "plans" not in run:
        raise refusal("OUT_OF_ANOTHER_VERSION", file=str(folder), layers=", ".join(missing) or RUN_FILE)
    crs = pyproj.CRS.from_user_input(run["crs"])
    tables = {name: _table(path, name, crs) for name in wanted}
    more = {name: _table(path, name, crs) for name in sorted(there - set(wanted) - {STYLES})}
    result = AuditResult(
        as_of=date.fromisoformat(run["as_of"]),
        lang=run["lang"],
        run=run,
        alignment=more[_PAIRS],
        tables=more,
        **tables,
    )
    try:
        study = _study(run, crs, tables)
    except (ValidationError, KeyError, TypeError) as error:
        version = run.get("versions", {}).get("landzone", "")
        raise refusal("OUT_OF_ANOTHER_VERSION", file=str(folder), layers=version) from error
    return study, result


def _table(path: Path, name: str, crs: pyproj.CRS) -> Any:
    frame = pyogrio.read_dataframe(path, layer=name)
    info = pyogrio.read_info(path, layer=name)
    for column, stored in zip(info["fields"], info["dtypes"], strict=True):
        kind = next((kind for mark, kind in _KINDS.items() if str(stored).startswith(mark)), None)
        if kind is not None:
            frame[column] = frame[column].astype(kind)
        if column in _TEXT:
            frame[column] = frame[column].fillna("")
    if not isinstance(frame, gpd.GeoDataFrame):
        return frame
    shapes = frame.geometry.to_numpy()
    single = (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON) & (
        shapely.get_num_geometries(shapes) == 1
    )
    shapes = shapes.copy()
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    return gpd.GeoDataFrame(
        frame.drop(columns=frame.geometry.name), geometry=gpd.GeoSeries(shapes, index=frame.index, crs=crs)
    )


def _study(run: Mapping[str, Any], crs: pyproj.CRS, tables: Mapping[str, Any]) -> Study:
    inputs = {one.role: one for one in TypeAdapter(list[InputRecord]).validate_python(run["inputs"])}

    def layer(role: str, frame: Any = None) -> Layer:
        return Layer(
            role, gpd.GeoDataFrame() if frame is None else frame, inputs.get(role, InputRecord(role, ""))
        )

    layers = {
        role: layer(role, tables[role].set_index(key, drop=True))
        for role, key in _IDS.items()
        if role in inputs or role in ("zones", "parcels")
    }
    plans = {one["name"]: SpatialPlan(layer=layer(f"plans.{one['name']}"), **one) for one in run["plans"]}
    lines = {
        one["name"]: Constraint(layer=layer(f"constraints.{one['name']}"), **one)
        for one in run["constraints"]
    }
    return Study(
        settings=TypeAdapter(Settings).validate_python(run["settings"]),
        crs=crs,
        layers=layers,
        tables={},
        plans=plans,
        constraints=lines,
        rasters={},
        rule_packs=tuple(_pack(one) for one in run["rule_packs"]),
        problems=Problems(),
        crs_operations=tuple(TypeAdapter(list[CrsOperation]).validate_python(run["crs_operations"])),
        raw_settings=run["study_file"],
        records=tuple(inputs.values()),
    )


def _pack(said: Mapping[str, Any]) -> RulePack:
    """Read a pack again: the bundled one of that id, or the text that the run has kept."""
    if said.get("text"):
        pack = read_pack(said["text"], said["id"], tables=said.get("tables"))
        return replace(pack, sha256=said["sha256"], text=said["text"])
    return replace(load_pack(said["id"]), sha256=said["sha256"])
