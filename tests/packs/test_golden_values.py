"""Golden values of the domain, each through a whole audit: files in, figure and verdict out. Answers by hand.

What else is held, and where: the 13 dates in both readings in ``tests/measures/test_calendar.py``; the eighteen rows of
the decision table, exactly a third, exactly a quarter and no fee for class B in ``tests/cases/idle.toml`` with
``tests/measures/test_idle.py``; limits met to the number in ``tests/packs/test_document_rows.py``; areas, codes of
reference systems and GCJ-02 in ``tests/geometry``; the coordinate file in ``tests/io/test_cad_txt.py``; faces of plans,
a shifted copy of a plan and one square metre of farmland in ``tests/alignment``.
"""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

import landzone as lz
from landzone.catalog.packs import load_pack

# Parcels of one or four ares or of a hectare, each in a zone of its own name; boxes in metres from a corner.
PARCELS = {
    "union": (0, 0, 20, 20), "half": (100, 0, 120, 20), "storey_8": (200, 0, 300, 100),
    "storey_801": (400, 0, 500, 100), "rich": (600, 0, 700, 100), "poor": (800, 0, 900, 100),
    "service": (1000, 0, 1100, 100),
    "over": (1200, 0, 1300, 100), "cost_60": (1400, 0, 1500, 100), "cost_70": (1600, 0, 1700, 100),
    "cost_80": (1800, 0, 1900, 100), "cheap": (2000, 0, 2100, 100),
}  # fmt: skip
BUILDINGS = [
    ((0, 0, 10, 10), 1, 4.0, "厂房"), ((5, 0, 15, 10), 1, 4.0, "厂房"),  # 100 + 100 - 50 = 150 of 400 m²
    ((95, 0, 105, 10), 1, 4.0, "厂房"),  # 50 of 400 m²
    ((200, 0, 300, 10), 1, 8.0, "厂房"), ((400, 0, 500, 10), 1, 8.01, "厂房"),
    ((1000, 0, 1085, 10), 1, 4.0, "厂房"), ((1085, 0, 1100, 10), 1, 4.0, "办公"),  # 150 of 1,000 m² for services
    ((1200, 0, 1284.99, 10), 1, 4.0, "厂房"), ((1284.99, 0, 1300, 10), 1, 4.0, "办公"),  # 150.1 of 1,000 m²
]  # fmt: skip
LEDGER = """project_id,parcel_id,行业代码,固定资产投资(万元),优先发展产业,新产业,\
土地价款(万元),土地成本(万元),原建筑面积(平方米),新增服务设施建筑面积(平方米)
J1,rich,3511,1000,否,否,,,,
J2,poor,3511,999.99,否,否,,,,
J3,service,3511,,否,是,,,1000,150
J4,over,3511,,否,是,,,1000,150.1
J5,cost_60,3511,,是,否,67.2,60,,
J6,cost_70,3511,,是,否,67.2,70,,
J7,cost_80,3511,,是,否,80,80,,
J8,cheap,3511,,是,否,67.19,60,,
"""
STUDY = """[study]
name = "golden values"
area_kind = "planar"
rules = ["seed-004-cluster-2014", "seed-001-action-plan-2018"]
[layers.zones]
source = "map.gpkg#zones"
[layers.parcels]
source = "map.gpkg#parcels"
use_scheme = "third-survey"
[layers.buildings]
source = "map.gpkg#buildings"
units = { storey_height = "m" }
[tables.projects]
source = "ledger.csv"
key = "parcel_id"
"""


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> lz.Audit:
    folder: Path = tmp_path_factory.mktemp("golden")

    def layer(name: str, rows: list[dict[str, object]]) -> None:
        for row in rows:
            west, south, east, north = row.pop("box")  # type: ignore[misc]
            row["geometry"] = box(500_000 + west, 3_600_000 + south, 500_000 + east, 3_600_000 + north)
        gpd.GeoDataFrame(rows, geometry="geometry", crs=4547).to_file(folder / "map.gpkg", layer=name)

    layer("zones", [{"zone_id": name, "box": where} for name, where in PARCELS.items()])
    own = {"use_code": "0601", "land_grade": 13}  # the lowest price of grade 13 is 96 yuan/m²
    layer("parcels", [{"parcel_id": name, **own, "box": where} for name, where in PARCELS.items()])
    names = ("box", "floors", "storey_height", "kind")
    halls = [dict(zip(names, hall, strict=True)) for hall in BUILDINGS]
    layer("buildings", [{"building_id": f"B{n}", **hall} for n, hall in enumerate(halls)])
    (folder / "ledger.csv").write_text(LEDGER, "utf-8")
    (folder / "study.toml").write_text(STUDY, "utf-8")
    return lz.audit(lz.open_study(folder / "study.toml"), as_of="2026-06-30")


@pytest.mark.parametrize(
    ("parcel", "column", "expected"),
    [
        ("union", "footprint_m2", 150),
        ("union", "building_density_ratio", 0.375),  # not 0.5: what overlaps counts once
        ("half", "footprint_m2", 50),
        ("half", "building_density_ratio", 0.125),  # half of the building lies outside
        ("storey_8", "floor_area_m2", 1000),
        ("storey_8", "far_floor_area_m2", 1000),
        ("storey_801", "floor_area_m2", 1000),
        ("storey_801", "far_floor_area_m2", 2000),
        ("storey_801", "floor_area_ratio", 0.2),
        ("rich", "investment_intensity_wan_cny_per_ha", 1000),
        ("poor", "investment_intensity_wan_cny_per_ha", 999.99),
    ],
)
def test_a_figure_of_a_parcel(audit: lz.Audit, parcel: str, column: str, expected: float) -> None:
    assert audit.parcels.set_index("parcel_id").loc[parcel, column] == expected


def test_a_thousand_a_hectare_is_66_6667_a_mu(audit: lz.Audit) -> None:
    per_mu = audit.parcels.set_index("parcel_id").loc["rich", "investment_intensity_wan_cny_per_mu"]
    assert per_mu == pytest.approx(66.6667, abs=1e-4)


def test_a_thousand_a_square_hectare_is_a_thousand_a_hectare() -> None:
    rule = next(rule for rule in load_pack("seed-004-cluster-2014").rules if rule.id == "S004-INV")
    assert "1000万元/平方公顷" in rule.quote
    assert (rule.unit, rule.limits[0].limit) == ("wan_cny_per_ha", 1000)


@pytest.mark.parametrize(
    ("rule", "subject", "observed", "limit", "verdict"),
    [
        ("S004-INV", "rich", 1000, 1000, "pass"),  # 以上 includes the number
        ("S004-INV", "poor", 999.99, 1000, "fail"),
        ("S004-DENS", "union", 0.375, 0.5, "fail"),
        ("S001-SERV", "J3", 0.15, 0.15, "pass"),  # exactly 15 % passes both rules
        ("S001-SERV", "J4", 0.1501, 0.15, "fail"),
        ("S001-NEWIND", "J3", 0.15, 0.15, "pass"),
        ("S001-NEWIND", "J4", 0.1501, 0.15, "fail"),
        ("S001-PRICE", "J5", 67.2, 67.2, "pass"),  # exactly 0.70 * 96
        ("S001-PRICE", "J8", 67.19, 67.2, "fail"),
        ("S001-COST", "J5", 67.2 / 60, 1, "pass"),  # floors: 67.2 where the costs are 60,
        ("S001-PRICE", "J6", 67.2, 67.2, "pass"),
        ("S001-COST", "J6", 0.96, 1, "fail"),  # 70 where they are 70: unless below cost,
        ("S001-COST", "J7", 1, 1, "pass"),  # 80 where they are 80
    ],
)
def test_a_verdict_at_the_limit(
    audit: lz.Audit, rule: str, subject: str, observed: float, limit: float, verdict: str
) -> None:
    row = audit.findings.set_index(["rule_id", "subject_id"]).loc[(rule, subject)]
    assert row["observed"] == pytest.approx(observed, rel=1e-12)
    assert row["limit"] == pytest.approx(limit, rel=1e-12)
    assert row["verdict"] == verdict
    assert pd.notna(row["gap"])
