"""A study with answers that can be worked out by hand, and boundaries to hold against it.

Coordinates are metres from E 38,512,000 N 3,700,000 in EPSG:4526. The boundary of the examples is 200 m × 150 m:
x 0…200, y 50…200.

land_use_plan  010 (C) x 0…120, 030 (R) x 120…160, 020 (K) x 160…180, nothing beyond
city_plan      M1 (C) everywhere
present_use    0101 x 0…100 y 50…170, 0601 x 100…200 y 50…170, 1206 y 170…200
farmland       x 10…20 up to y 50.1; the red line is 800 m away; urban boundary x … 150
zone           x -50…100; parcels P1 x 0…50 y 50…200 and P2 x 150…250 y 0…100
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import shapely

EAST, NORTH = 38_512_000, 3_700_000
WIDE = (-100, -100, 400, 400)

Box = tuple[float, float, float, float]

LAYERS: dict[str, list[tuple[dict[str, Any], Box]]] = {
    "zones": [({"zone_id": "Z1"}, (-50, 0, 100, 300))],
    "parcels": [({"parcel_id": "P1"}, (0, 50, 50, 200)), ({"parcel_id": "P2"}, (150, 0, 250, 100))],
    "land_use_plan": [
        ({"GZQLXDM": "010"}, (-100, -100, 120, 400)),
        ({"GZQLXDM": "030"}, (120, -100, 160, 400)),
        ({"GZQLXDM": "020"}, (160, -100, 180, 400)),
    ],
    "city_plan": [({"YDDM": "M1"}, WIDE)],
    "present_use": [
        ({"DLBM": "0101"}, (0, 50, 100, 170)),
        ({"DLBM": "0601"}, (100, 50, 200, 170)),
        ({"DLBM": "1206"}, (0, 170, 200, 200)),
    ],
    "permanent_farmland": [({"id": "1"}, (10, -100, 20, 50.1))],
    "ecological_red_line": [({"id": "1"}, (1000, 0, 1100, 100))],
    "urban_boundary": [({"id": "1"}, (-100, -100, 150, 400))],
}

STUDY = """
[study]
name = "手算研究"
crs = "EPSG:4526"
area_kind = "planar"

[layers.zones]
source = "zones.geojson"
[layers.parcels]
source = "parcels.geojson"
[plans.land_use_plan]
source = "land_use_plan.geojson"
crosswalk = "land-use-plan-control-zones"
valid_from = 2010-01-01
valid_to = 2020-12-31
[plans.city_plan]
source = "city_plan.geojson"
crosswalk = "gb50137-2011"
[plans.present_use]
source = "present_use.geojson"
crosswalk = "third-survey-2019"
role = "present"
"""

TXT_HEAD = """[属性描述]
格式版本号=1.01
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=38
精度=0.001
转换参数=,,,,,,
[地块坐标]
"""
TXT_WITH_HOLE = (
    TXT_HEAD
    + """10,2.8000,1,示例地块一,面,,工业用地,,@
J1,1,3700200.000,38512000.000
J2,1,3700200.000,38512200.000
J3,1,3700050.000,38512200.000
J4,1,3700050.000,38512000.000
J1,1,3700200.000,38512000.000
J5,2,3700150.000,38512050.000
J6,2,3700110.000,38512050.000
J7,2,3700110.000,38512100.000
J8,2,3700150.000,38512100.000
J5,2,3700150.000,38512050.000
"""
)


def box(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    """Return a box in the plane of EPSG:4526."""
    return shapely.box(EAST + x0, NORTH + y0, EAST + x1, NORTH + y1)


def features(path: Path, rows: list[tuple[dict[str, Any], Any]]) -> Path:
    """Write a GeoJSON file in EPSG:4526; a shape is a box or a geometry."""
    listed = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": shapely.geometry.mapping(box(*shape) if isinstance(shape, tuple) else shape),
        }
        for properties, shape in rows
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4526"}}
    whole = {"type": "FeatureCollection", "crs": crs, "features": listed}
    path.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
    return path


def write_study(
    folder: Path, leave_out: tuple[str, ...] = (), **changes: list[tuple[dict[str, Any], Any]]
) -> Path:
    """Write the study, without some lines or with layers exchanged, and return its ``study.toml``."""
    folder.mkdir(parents=True)
    layers = {**LAYERS, **changes}
    text = STUDY
    for name in ("permanent_farmland", "ecological_red_line", "urban_boundary"):
        text += "" if name in leave_out else f'[constraints.{name}]\nsource = "{name}.geojson"\n'
    for name, rows in layers.items():
        features(folder / f"{name}.geojson", rows)
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def dxf(path: Path, rings: list[list[tuple[float, float]]]) -> Path:
    """Write closed polylines as a CAD program does."""
    lines = ["0", "SECTION", "2", "ENTITIES"]
    for ring in rings:
        lines += ["0", "LWPOLYLINE", "100", "AcDbEntity", "8", "REDLINE", "100", "AcDbPolyline"]
        lines += ["90", str(len(ring)), "70", "1"]
        for x, y in ring:
            lines += ["10", f"{EAST + x:.3f}", "20", f"{NORTH + y:.3f}"]
    path.write_text("\n".join([*lines, "0", "ENDSEC", "0", "EOF"]) + "\n", encoding="utf-8")
    return path
