"""A zone on a grid of metres, with every layer and ledger, audited by every bundled pack. Answers by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

import landzone as lz

EAST, NORTH = 500_000, 3_600_000
PACKS = [
    "seed-000-upgrade-2014", "seed-001-action-plan-2018", "seed-002-advice-2016", "seed-003-work-plan-2010",
    "seed-004-cluster-2014", "seed-004-province-2014", "idle-land-2012", "land-control-2008", "land-control-2023",
    "industrial-land-price-2006",
]  # fmt: skip
PARCELS = {
    "P1": ((0, 0, 100, 100), "0601", 13), "P2": ((100, 0, 200, 100), "0601", 13),
    "P3": ((200, 0, 300, 100), "0601", None), "P4": ((300, 0, 400, 100), "0601", None),
    "P5": ((0, 100, 100, 200), "0701", None), "P6": ((100, 100, 200, 200), "0701", None),
    "P7": ((200, 100, 300, 200), "0701", None), "P8": ((300, 100, 400, 200), "0701", None),
    "P9": ((500, 0, 600, 100), "0601", 13),
}  # fmt: skip
BUILDINGS = [
    ("B1", (0, 0, 50, 100), 1, 12.0, "厂房", "否"),
    ("B2", (100, 0, 140, 100), 3, 4.0, "标准厂房", "是"),
    ("B3", (150, 0, 160, 20), 2, 3.0, "办公", "否"),
    ("B4", (300, 0, 330, 30), 1, 6.0, "车间", "否"),
]
LEDGER = """project_id,parcel_id,enterprise,固定资产投资(万元),已投资额(万元),年产值(万元),年税收(万元),\
行业代码,优先发展产业,新产业,土地价款(万元),土地成本(万元),合同签订日期,\
供地年份,原建筑面积(平方米),新增服务设施建筑面积(平方米)
J1,P1,甲公司,1200,500,2000,100,3511,是,否,67.2,60,2019-05-01,2019,1000,150
J2,P2,乙公司,800,,,50,3011,是,是,67.19,60,2026-03-01,2026,1000,150.1
J9,P9,丙公司,100,,,,3511,否,否,95.99,60,2020-01-01,2020,,
"""
FIRMS = """enterprise,zone_id,revenue(万元),output(万元),is_leader,is_supplier,is_above_scale,main_industry
甲公司,Z1,1600,3000,是,否,是,是
乙公司,Z1,400,1000,否,是,否,否
"""
FIGURES = """zone_id,built_up_base_m2,built_up_m2,built_up_span_years,\
s000_new_leaders_count,s003_linkage_m2,s001_jobs_count
Z1,100000,132250,2,2,,
all,,,,,666666.67,100000
"""


def square(west: float, south: float, east: float, north: float) -> object:
    return box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def write_study(
    folder: Path, packs: list[str] | None = None, ledger: str | None = LEDGER, more: str = ""
) -> Path:
    """Write the study into a folder and return its file."""

    def layer(name: str, rows: list[dict[str, object]]) -> None:
        frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=4547)
        frame.to_file(folder / "map.gpkg", layer=name, driver="GPKG")

    layer("zones", [{"zone_id": "Z1", "geometry": square(0, 0, 400, 200)}])
    rows = [
        {"parcel_id": i, "use_code": use, "land_grade": grade, "geometry": square(*rect)}
        for i, (rect, use, grade) in PARCELS.items()
    ]
    layer("parcels", rows)
    names = ("building_id", "geometry", "floors", "storey_height", "kind", "standard_factory")
    halls = [dict(zip(names, (b, square(*rect), *rest), strict=True)) for b, rect, *rest in BUILDINGS]
    layer("buildings", halls)
    layer("structures", [{"structure_id": "S1", "kind": "堆场", "geometry": square(40, 0, 70, 100)}])
    layer("green", [{"green_id": "G1", "geometry": square(200, 0, 250, 40)}])
    villages = [("V1", "410001", (10, 110, 20, 120)), ("V2", "410002", (30, 110, 40, 120))]
    layer("villages", [{"village_id": v, "township_code": c, "geometry": square(*r)} for v, c, r in villages])
    phases = [("起步区", (0, 0, 200, 200)), ("控制区", (200, 0, 400, 200))]
    layer("phases", [{"phase": p, "geometry": square(*r)} for p, r in phases])
    tables = ""
    if ledger is not None:
        (folder / "ledger.csv").write_text(ledger, encoding="utf-8")
        tables = (
            '[tables.projects]\nsource = "ledger.csv"\nkey = "parcel_id"\nindustry_scheme = "gbt4754-2002"\n'
        )
    (folder / "firms.csv").write_text(FIRMS, encoding="utf-8")
    (folder / "figures.csv").write_text(FIGURES, encoding="utf-8")
    layers = "".join(
        f'[layers.{name}]\nsource = "map.gpkg#{name}"\n'
        + ('use_scheme = "third-survey"\n' if name == "parcels" else "")
        + ('units = { storey_height = "m" }\n' if name == "buildings" else "")
        for name in ("zones", "parcels", "buildings", "structures", "green", "villages", "phases")
    )
    wanted = ", ".join(f'"{pack}"' for pack in packs or PACKS)
    text = f'[study]\nname = "t"\narea_kind = "planar"\nrules = [{wanted}]\n{layers}{tables}'
    text += (
        '[tables.enterprises]\nsource = "firms.csv"\n[tables.zone_figures]\nsource = "figures.csv"\n' + more
    )
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="package")
def grid_audit(tmp_path_factory: pytest.TempPathFactory) -> lz.Audit:
    path = write_study(tmp_path_factory.mktemp("grid"))
    return lz.audit(lz.open_study(path), as_of="2026-06-30")


@pytest.fixture(scope="package")
def make_audit(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., lz.Audit]:
    def make(as_of: str = "2026-06-30", **changes: object) -> lz.Audit:
        path = write_study(tmp_path_factory.mktemp("grid"), **changes)  # type: ignore[arg-type]
        return lz.audit(lz.open_study(path), as_of=as_of)

    return make


@pytest.fixture(scope="package")
def measured(grid_audit: lz.Audit) -> pd.DataFrame:
    return grid_audit.result.tables["measures"].set_index(["subject_id", "measure"])
