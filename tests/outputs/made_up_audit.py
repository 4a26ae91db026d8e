"""A made-up study and its result with every column of the contract, for the tests of outputs.

Six parcels of 100 m × 100 m in two zones, every idle class that matters, one conflict patch, one piece of
farmland under construction. ``grid`` gives larger ones. Nothing here is computed by landzone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from landzone.model.layer import ColumnUse, Constraint, InputRecord, Layer, SpatialPlan, Table
from landzone.model.problems import COLUMNS as PROBLEM_COLUMNS
from landzone.model.problems import Problems
from landzone.model.result import FINDING_COLUMNS, AuditResult
from landzone.model.rules import Binding, DatedLimit, Op, Rule, RulePack
from landzone.model.study import Settings, Study

CRS = pyproj.CRS.from_epsg(4547)
EAST, NORTH = 500_000.0, 3_652_000.0
SIDE = 100.0
IDLE = [
    "not_idle",
    "A1",
    "A2",
    "unknown",
    "overdue",
    "not_applicable",
    "B",
    "A_gov",
    "A_pending",
    "not_due",
    "data_error",
]
CONFORMITY = ["conforms", "partly", "conflicts", "no_plan"]

HOSTILE = [
    "<script>window.stolen=1</script>",
    "{{ 1234567*7654321 }}",
    "{% raw",
    "${alert(1)}",
    "地块{#1号",
    "\"quotes' and `ticks`",
    "line\nbreak\r\nand\ttab",
    "control\x07\x1bsigns",
    "<img src=x onerror=window.stolen=1>",
    "</script><!--&amp;\u2028\u2029",
    "__proto__",
    "{holder}{zone}",
]


@dataclass(frozen=True)
class MadeUp:
    """A study and what an audit of it ends with."""

    study: Study
    result: AuditResult


def make(
    columns: int = 3,
    rows: int = 2,
    *,
    lang: str = "zh",
    name: str = "示例产业集聚区",
    parcel_ids: list[str] | None = None,
    holders: list[str] | None = None,
    corners: int = 4,
) -> MadeUp:
    """Return a made-up audit of ``columns`` × ``rows`` parcels; the left half lies in zone Z1, the rest in Z2."""
    count = columns * rows
    ids = parcel_ids or [f"410700211000GB{i + 1:05d}" for i in range(count)]
    holders = holders or [f"示例机械{i % 97 + 1}有限公司" for i in range(count)]
    order = np.argsort(np.array(ids, dtype=object))
    ids, holders = [ids[i] for i in order], [holders[i] for i in order]
    place = order
    left = EAST + (place % columns) * (SIDE + 12) + np.where(place % columns >= columns / 2, 40, 0)
    bottom = NORTH + (place // columns) * (SIDE + 12)
    shapes = _plots(left, bottom, corners)
    zones = _zones(columns, rows)
    parcels = _parcels(ids, shapes, np.where(place % columns < columns / 2, "Z1", "Z2"), holders)
    findings = _findings(parcels, zones)
    result = AuditResult(
        as_of=date(2026, 6, 30),
        lang=lang,
        zones=zones,
        parcels=parcels,
        buildings=_buildings(parcels, left, bottom),
        patches=_patches(columns, rows),
        constraints=_constraints(parcels, left, bottom),
        use_conflicts=_use_conflicts(parcels, left, bottom),
        findings=findings,
        plan_shares=_plan_shares(parcels),
        projects=_projects(parcels),
        rejects=_problems("parcels", "ROW_DUPLICATE"),
        repairs=_problems("projects", "DATE_READ"),
        notes=_notes(),
        alignment=_alignment(),
        run={"inputs": [], "versions": {"landzone": "0.1.0"}},
    )
    return MadeUp(_study(name, zones, parcels), result)


def hostile() -> MadeUp:
    """Return an audit whose names are all attacks or accidents."""
    made = make(
        4, 3, name=HOSTILE[0] + HOSTILE[1], parcel_ids=list(HOSTILE), holders=[h + "·" for h in HOSTILE]
    )
    zones = made.result.zones.assign(name=[HOSTILE[1], HOSTILE[8]])
    constraints = made.result.constraints.assign(constraint=HOSTILE[2])
    findings = made.result.findings.assign(clause=HOSTILE[3], message=HOSTILE[1])
    result = replace(made.result, zones=zones, constraints=constraints, findings=findings)
    return MadeUp(replace(made.study, constraints={}), result)


def _plots(left: Any, bottom: Any, corners: int) -> Any:
    if corners == 4:
        return shapely.box(left, bottom, left + SIDE, bottom + SIDE)
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1) * SIDE / 2
    wobble = 1 + 0.05 * np.sin(np.arange(len(left)))[:, None, None]
    return shapely.polygons(ring[None] * wobble + np.stack([left, bottom], axis=1)[:, None, :] + SIDE / 2)


def _frame(data: dict[str, Any], shapes: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(data, geometry=list(shapes), crs=CRS)


def _zones(columns: int, rows: int) -> gpd.GeoDataFrame:
    half = -(-columns // 2) * (SIDE + 12)
    top = NORTH + rows * (SIDE + 12)
    right = EAST + columns * (SIDE + 12) + 40
    shapes = [
        shapely.box(EAST - 20, NORTH - 20, EAST + half, top),
        shapely.box(EAST + half + 20, NORTH - 20, right, top),
    ]
    areas = [shape.area for shape in shapes]
    return _frame(
        {
            "zone_id": ["Z1", "Z2"],
            "name": ["城东产业集聚区", "Southern Park"],
            "phase": ["起步区", "发展区"],
            "area_m2": areas,
            "parcels_count": [-(-columns // 2) * rows, columns // 2 * rows],
            "industrial_land_m2": [40000.0, 20000.0],
            "density_denominator": ["industrial", "industrial"],
            "footprint_m2": [18000.0, 12000.0],
            "floor_area_m2": [30000.0, 26000.0],
            "industrial_footprint_m2": [18000.0, 12000.0],
            "industrial_far_floor_area_m2": [30000.0, 26000.0],
            "building_density_ratio": [0.45, 0.6],
            "floor_area_ratio": [0.75, 1.3],
            "gross_building_density_ratio": [0.30, 0.41],
            "investment_intensity_wan_cny_per_ha": [820.5, np.nan],
            "investment_coverage_ratio": [0.75, 0.0],
            "idle_area_m2": [20000.0, 0.0],
            "idle_ratio": [0.2, 0.0],
            "alignment_ratio": [0.93, 0.99],
            "conflict_m2": [1200.0, 0.0],
            "precision_m2": [5.25, 0.0],
            "uncovered_m2": [0.0, 310.0],
        },
        shapes,
    )


def _parcels(ids: list[str], shapes: Any, zone: Any, holders: list[str]) -> gpd.GeoDataFrame:
    n = len(ids)
    k = np.arange(n)
    area = np.round(shapely.area(shapes), 4)
    density = np.where(k % 7 == 3, np.nan, 0.2 + (k * 37 % 61) / 100)
    money = np.where(k % 5 == 4, np.nan, 400.0 + (k * 613 % 1700))
    idle = [IDLE[i % len(IDLE)] for i in k]
    since = ["2024-03-16" if c in ("A1", "A2", "B", "A_gov", "A_pending") else None for c in idle]
    return _frame(
        {
            "parcel_id": ids,
            "zone_id": zone,
            "area_m2": area,
            "area_kind": "ellipsoidal",
            "registered_area_m2": area + 3.5,
            "measured_area_m2": area,
            "footprint_m2": np.round(density * area, 4),
            "floor_area_m2": np.round(density * area * 2, 4),
            "far_floor_area_m2": np.round(density * area * 2.5, 4),
            "building_density_ratio": density,
            "floor_area_ratio": density * 2.5,
            "fixed_asset_investment_wan_cny": money,
            "investment_intensity_wan_cny_per_ha": money / area * 10_000,
            "idle_class": idle,
            "idle_since_date": pd.Series(since, dtype="object"),
            "next_threshold_date": pd.Series([None] * n, dtype="object"),
            "idle_fee_wan_cny": np.where(np.array(idle) == "A1", 94.08, np.nan),
            "conformity": [CONFORMITY[i % 4] for i in k],
            "holder": holders,
            "use_code": "0601",
            "use_name": "工业用地",
        },
        shapes,
    )


def _buildings(parcels: gpd.GeoDataFrame, left: Any, bottom: Any) -> gpd.GeoDataFrame:
    n = len(parcels)
    shapes = shapely.box(left + 15, bottom + 15, left + 62, bottom + 48)
    return _frame(
        {
            "building_id": [f"B{i + 1:06d}" for i in range(n)],
            "parcel_id": parcels["parcel_id"],
            "zone_id": parcels["zone_id"],
            "footprint_m2": shapely.area(shapes),
            "floor_area_m2": shapely.area(shapes) * 2,
            "floors": 2.0,
            "kind": "厂房",
        },
        shapes,
    )


def _patches(columns: int, rows: int) -> gpd.GeoDataFrame:
    top = NORTH + rows * (SIDE + 12)
    half = EAST + -(-columns // 2) * (SIDE + 12)
    shapes = [
        shapely.box(EAST - 20, NORTH - 20, half - 40, top),
        shapely.box(half - 40, NORTH - 20, half - 39.5, top),
        shapely.box(half - 39.5, NORTH - 20, half, top),
        shapely.box(half + 20, NORTH - 20, EAST + columns * (SIDE + 12) + 40, top),
    ]
    return _frame(
        {
            "patch_id": ["P0001", "P0002", "P0003", "P0004"],
            "zone_id": ["Z1", "Z1", "Z1", "Z2"],
            "kind": ["agree", "precision", "conflict", "uncovered"],
            "type": ["D1", "D5", "D5", "D8"],
            "severity": ["none", "severe", "severe", "info"],
            "area_m2": [s.area for s in shapes],
            "width_m": [90.0, 0.4981, 30.0, 80.0],
            "is_small": [False, True, False, False],
            "city_plan_code": ["M1", "M1", "M1", "M2"],
            "city_plan_common": ["C", "C", "C", "C"],
            "land_use_plan_code": ["010", "040", "040", None],
            "land_use_plan_common": ["C", "P", "P", None],
        },
        shapes,
    )


def _constraints(parcels: gpd.GeoDataFrame, left: Any, bottom: Any) -> gpd.GeoDataFrame:
    shapes = [
        shapely.box(left[1] + 60, bottom[1] + 55, left[1] + 100, bottom[1] + 90),
        shapely.box(left[2], bottom[2], left[2] + 0.4, bottom[2] + 90),
    ]
    return _frame(
        {
            "constraint": ["permanent_farmland"] * 2,
            "rule": ["presence"] * 2,
            "type": ["D9", "D9"],
            "severity": ["severe", "severe"],
            "zone_id": parcels["zone_id"].iloc[1:3].to_numpy(),
            "parcel_id": parcels["parcel_id"].iloc[1:3].to_numpy(),
            "construction_plans": ["city_plan|land_use_plan", "city_plan"],
            "area_m2": [s.area for s in shapes],
            "width_m": [18.7, 0.398],
            "is_sliver": [False, True],
        },
        shapes,
    )


def _use_conflicts(parcels: gpd.GeoDataFrame, left: Any, bottom: Any) -> gpd.GeoDataFrame:
    shape = shapely.box(left[0] + 65, bottom[0] + 5, left[0] + 98, bottom[0] + 60)
    return _frame(
        {
            "zone_id": ["Z1"],
            "parcel_id": [parcels["parcel_id"].iloc[0]],
            "plan": ["land_use_plan"],
            "present_code": ["0601"],
            "plan_code": ["040"],
            "area_m2": [shape.area],
        },
        [shape],
    )


def _findings(parcels: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    rows = []
    for zone_id, density, money in zip(
        zones["zone_id"],
        zones["building_density_ratio"],
        zones["investment_intensity_wan_cny_per_ha"],
        strict=True,
    ):
        rows.append(
            _finding("zone", zone_id, "S004-DENS", "building_density_ratio", density, 0.5, "ratio", "m2")
        )
        rows.append(
            _finding(
                "zone",
                zone_id,
                "S004-INV",
                "investment_intensity_wan_cny_per_ha",
                money,
                1000.0,
                "wan_cny_per_ha",
                "wan_cny",
            )
        )
    for parcel_id, idle in zip(parcels["parcel_id"], parcels["idle_class"], strict=True):
        years = {"A1": 1.0, "A2": 2.0, "not_idle": 0.0, "overdue": 0.0, "not_due": 0.0}.get(idle, np.nan)
        rows.append(
            _finding(
                "project",
                f"E-{parcel_id}",
                "S002-IDLE24",
                "years_without_start_years",
                years,
                2.0,
                "years",
                "years",
                op="<",
            )
        )
    frame = pd.DataFrame(rows, columns=FINDING_COLUMNS)
    return frame.astype({"borderline": bool})


def _finding(
    kind: str,
    subject: str,
    rule: str,
    measure: str,
    observed: float,
    limit: float,
    unit: str,
    gap_unit: str,
    op: str = ">=",
) -> dict[str, Any]:
    meets = observed >= limit if op == ">=" else observed < limit
    verdict = "unknown" if np.isnan(observed) else "pass" if meets else "fail"
    return {
        "subject_kind": kind,
        "subject_id": subject,
        "pack_id": "seed-004-cluster-2014" if kind == "zone" else "seed-002-zmd-2016",
        "rule_id": rule,
        "measure": measure,
        "observed": observed,
        "limit": limit,
        "op": op,
        "unit": unit,
        "verdict": verdict,
        "borderline": bool(abs(observed - limit) < 0.06),
        "gap": abs(limit - observed) * (40000 if unit == "ratio" else 1),
        "gap_unit": gap_unit,
        "coverage_ratio": 1.0,
        "clause": "三(二)",
        "source": "豫工信企业〔2014〕196号",
        "as_of": "2026-06-30",
        "message": "",
    }


def _projects(parcels: gpd.GeoDataFrame) -> pd.DataFrame:
    ids = parcels["parcel_id"]
    return pd.DataFrame(
        {
            "project_id": ["E-" + i for i in ids],
            "parcel_id": ids,
            "project": [f"{h}扩建项目" for h in parcels["holder"]],
            "enterprise": parcels["holder"],
            "fixed_asset_investment_wan_cny": parcels["fixed_asset_investment_wan_cny"],
            "agreed_start_date": "2022-03-15",
            "actual_start_date": None,
            "idle_class": parcels["idle_class"],
        }
    )


def _plan_shares(parcels: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "parcel_id": parcels["parcel_id"],
            "plan": "city_plan",
            "code": "M1",
            "common": "C",
            "area_m2": parcels["area_m2"],
            "share_ratio": 1.0,
        }
    )


def _problems(layer: str, code: str) -> pd.DataFrame:
    row = dict.fromkeys([c for c in PROBLEM_COLUMNS if c != "params"], "") | {
        "source": "parcels.gpkg",
        "layer": layer,
        "row": 7,
        "code": code,
    }
    return pd.DataFrame([{**row, "subject_id": "410700211000GB00001", "message": "同一行出现两次。"}])


def _notes() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "source": "",
                "layer": "zones",
                "row": 0,
                "subject_id": "",
                "code": "ZONES_ALL",
                "message": "全部宗地视为一个区域。",
            }
        ]
    )


def _alignment() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "plan_a": "city_plan",
                "plan_b": "land_use_plan",
                "agree_m2": 1e5,
                "conflict_m2": 1200.0,
                "precision_m2": 5.25,
                "uncovered_m2": 310.0,
                "alignment_ratio": 0.93,
            }
        ]
    )


def _study(name: str, zones: gpd.GeoDataFrame, parcels: gpd.GeoDataFrame) -> Study:
    def layer(role: str, frame: gpd.GeoDataFrame, index: str) -> Layer:
        uses = tuple(ColumnUse(name, name, "name", "", len(frame)) for name in frame.columns[:-1])
        record = InputRecord(role, f"{role}.gpkg", "", len(frame), len(frame), columns=uses)
        return Layer(role, frame.set_index(index, drop=False), record)

    plots = layer(
        "parcels", parcels[["parcel_id", "holder", "use_code", "use_name", "geometry"]], "parcel_id"
    )
    areas = layer("zones", zones[["zone_id", "name", "geometry"]], "zone_id")
    plan = Layer("plans.city_plan", zones[["geometry"]], InputRecord("plans.city_plan", "city.gpkg"))
    line = Layer(
        "constraints.permanent_farmland",
        zones[["geometry"]],
        InputRecord("constraints.permanent_farmland", "nt.shp"),
    )
    return Study(
        settings=Settings(name=name),
        crs=CRS,
        layers={"zones": areas, "parcels": plots},
        tables={"projects": Table("projects", _projects(parcels), InputRecord("projects", "ledger.xlsx"))},
        plans={
            "city_plan": SpatialPlan("city_plan", plan, title="城市总体规划"),
            "land_use_plan": SpatialPlan("land_use_plan", plan, title="土地利用总体规划"),
        },
        constraints={
            "permanent_farmland": Constraint(
                "permanent_farmland", line, type="D9", severity="severe", title="永久基本农田"
            )
        },
        rasters={},
        rule_packs=_packs(),
        problems=Problems(),
        crs_operations=(),
        raw_settings={},
    )


def _packs() -> tuple[RulePack, ...]:
    def rule(
        id_: str, zh: str, en: str, measure: str, op: Op, limit: float, unit: str, kind: str = "zone"
    ) -> Rule:
        return Rule(id_, {"zh": zh, "en": en}, kind, measure, op, (DatedLimit(limit),), unit, "三(二)", "")

    cluster = (
        rule(
            "S004-DENS",
            "工业用地建筑密度",
            "Building density of industrial land",
            "building_density_ratio",
            Op.GE,
            0.5,
            "ratio",
        ),
        rule(
            "S004-INV",
            "平均投资强度",
            "Average investment intensity",
            "investment_intensity_wan_cny_per_ha",
            Op.GE,
            1000,
            "wan_cny_per_ha",
        ),
    )
    idle = (
        rule(
            "S002-IDLE24",
            "两年以上无实质性进展",
            "Two years without progress",
            "years_without_start_years",
            Op.LT,
            2,
            "years",
            "project",
        ),
    )
    return (
        RulePack(
            "seed-004-cluster-2014",
            {"zh": "产业集群", "en": "Clusters"},
            "豫工信企业〔2014〕196号",
            None,
            None,
            None,
            Binding.GUIDANCE,
            cluster,
        ),
        RulePack(
            "seed-002-zmd-2016",
            {"zh": "协调研建议", "en": "Advice"},
            "市政协调研建议",
            None,
            None,
            None,
            Binding.ADVICE,
            idle,
        ),
    )
