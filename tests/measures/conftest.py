"""A small study on squares: two zones side by side, four parcels, three buildings, ledgers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
from shapely import box

from landzone.catalog.measure_list import measure_parameters
from landzone.engine.direct import build_ledger
from landzone.measures.parcel_table import Tables, parcel_facts, parcel_table, standing_buildings
from landzone.measures.zone_table import zone_table
from landzone.model.layer import InputRecord, Layer, Table
from landzone.model.problems import Problems
from landzone.model.study import AreaKind, Settings, Study

CRS = 4547
EAST, NORTH = 500_000, 3_600_000


def square(west: float, south: float, east: float, north: float) -> Any:
    return box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def layer(role: str, key: str, rows: dict[str, dict[str, Any]]) -> Layer:
    frame = gpd.GeoDataFrame(list(rows.values()), geometry="geometry", crs=CRS)
    frame.index = pd.Index(list(rows), name=key, dtype="str")
    return Layer(role, frame.sort_index(), InputRecord(role, f"{role}.gpkg"))


def projects(rows: list[tuple[str, str, float | None]]) -> Table:
    fen = [pd.NA if amount is None else round(amount * 1_000_000) for _, _, amount in rows]
    frame = pd.DataFrame(
        {
            "project_id": pd.Series([r[0] for r in rows], dtype="str"),
            "parcel_id": pd.Series([r[1] for r in rows], dtype="str"),
            "fixed_asset_investment_fen": pd.array(fen, dtype="Int64"),
        }
    )
    frame = frame.sort_values(["project_id", "parcel_id"], ignore_index=True)
    return Table("projects", frame, InputRecord("projects", "ledger.xlsx"))


ZONES = {
    "Z1": {"name": "甲区", "geometry": square(0, 0, 200, 100)},
    "Z2": {"name": "乙区", "geometry": square(200, 0, 400, 100)},
}
PARCELS = {
    "P1": {"use_code": "0601", "geometry": square(0, 0, 100, 100)},
    "P2": {"use_code": "0601", "geometry": square(100, 0, 250, 100)},
    "P3": {"use_code": "0701", "geometry": square(300, 0, 400, 100)},
    "P4": {"use_code": "0601", "geometry": square(250, 0, 300, 100)},
}
BUILDINGS = {
    "B1": {"floors": 1.0, "storey_height_m": 12.0, "geometry": square(0, 0, 50, 100)},
    "B2": {"floors": 2.0, "storey_height_m": 4.0, "geometry": square(100, 0, 200, 50)},
    "B3": {"floors": 3.0, "storey_height_m": 3.0, "geometry": square(300, 0, 350, 50)},
}
LEDGER: list[tuple[str, str, float | None]] = [("a", "P1", 2500), ("a", "P2", 2500), ("b", "P4", None)]


def build(
    zones: dict[str, Any] | None = None,
    parcels: dict[str, Any] | None = None,
    buildings: dict[str, Any] | None = None,
    ledger: list[tuple[str, str, float | None]] | None = None,
    tables: dict[str, Table] | None = None,
    **settings: Any,
) -> Study:
    layers = {
        "zones": layer("zones", "zone_id", ZONES if zones is None else zones),
        "parcels": layer("parcels", "parcel_id", PARCELS if parcels is None else parcels),
    }
    ground = layers["parcels"].frame
    if "use_code" in ground:  # as the gate tells it by the class scheme
        known = ground["use_code"].notna()
        ground["use_is_industrial"] = (ground["use_code"] == "0601").astype("boolean").where(known)
    if buildings is None or buildings:
        layers["buildings"] = layer("buildings", "building_id", buildings or BUILDINGS)
    own = {"projects": projects(LEDGER if ledger is None else ledger)}
    return Study(
        settings=Settings("t", **{"area_kind": AreaKind.PLANAR, **settings}),
        crs=pyproj.CRS(CRS),
        layers=layers,
        tables=own | (tables or {}),
        plans={},
        constraints={},
        rasters={},
        rule_packs=(),
        problems=Problems(),
        crs_operations=(),
        raw_settings={},
    )


def tables(study: Study, idle_class: pd.Series | None = None) -> tuple[Tables, Tables]:
    """Return the tables of parcels and zones."""
    parameters = measure_parameters(study.settings.money)
    ledger = build_ledger(study, standing_buildings(study, parameters))
    facts = parcel_facts(study, ledger, parameters)
    parcels = parcel_table(study, ledger, facts, parameters)
    return parcels, zone_table(study, ledger, facts, parameters, idle_class=idle_class)


@pytest.fixture
def make_study() -> Callable[..., Study]:
    return build


@pytest.fixture
def make_tables() -> Callable[..., tuple[Tables, Tables]]:
    return tables


@pytest.fixture
def make_parcels() -> Callable[..., Tables]:
    def make(study: Study, **more: Any) -> Tables:
        parameters = measure_parameters(study.settings.money)
        ledger = build_ledger(study)
        return parcel_table(study, ledger, parcel_facts(study, ledger, parameters), parameters, **more)

    return make


@pytest.fixture
def squares() -> Callable[..., Any]:
    return square


@pytest.fixture
def squares_rows() -> tuple[Any, Any, Any, Any]:
    return ZONES, PARCELS, BUILDINGS, LEDGER


@pytest.fixture
def enterprise_table() -> Callable[..., Table]:
    def make(rows: dict[str, list[Any]]) -> Table:
        kinds = {"revenue_fen": "Int64", "rd_spend_fen": "Int64", "zone_id": "str", "enterprise": "str"}
        frame = pd.DataFrame({k: pd.array(v, dtype=kinds.get(k, "boolean")) for k, v in rows.items()})
        return Table("enterprises", frame, InputRecord("enterprises", "firms.xlsx"), "zone_id")

    return make


@pytest.fixture
def figure_table() -> Callable[..., Table]:
    def make(rows: dict[str, list[Any]]) -> Table:
        frame = pd.DataFrame(rows).astype({"zone_id": "str"})
        frame = frame.set_index("zone_id").astype(np.float64)
        return Table("zone_figures", frame, InputRecord("zone_figures", "figures.csv"), "zone_id")

    return make
