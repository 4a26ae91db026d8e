"""Makes the example zone: two made-up industrial zones, about 200 parcels, a ledger and five plans.

Everything is a rectangle on a grid of metres, so every answer in ``answers.toml`` can be worked out by hand.
Origin of the grid: easting 38,502,000, northing 3,650,000 in CGCS2000 / 3-degree zone 38 (EPSG:4526).

Usage: python make.py [FOLDER] [--crs 4526|4547|4490] [--shuffle SEED]
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sqlite3
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pyproj
import shapely
import xlsxwriter

EAST, NORTH = 38_502_000.0, 3_650_000.0
Rect = tuple[float, float, float, float]


def parcel_id(n: int) -> str:
    """Return the 19-character parcel code of a number."""
    return f"411799001001GB{n:05d}"


def row_south(r: int) -> int:
    """Return the southern edge of a parcel row: rows of 80 m in pairs, a road of 20 m after each pair."""
    return r * 80 + (r // 2) * 20


def parcel_rects() -> dict[int, Rect]:
    """Parcels 1…120 in JQ01 (12 columns), 121…200 in JQ02 (8 columns), 201 outside; 120 straddles the boundary."""
    rects: dict[int, Rect] = {}
    for r in range(10):
        for c in range(12):
            rects[r * 12 + c + 1] = (c * 100, row_south(r), c * 100 + 100, row_south(r) + 80)
        for c in range(8):
            rects[121 + r * 8 + c] = (1300 + c * 100, row_south(r), 1400 + c * 100, row_south(r) + 80)
    x0, y0, _, y1 = rects[120]
    rects[120] = (x0, y0, x0 + 140, y1)
    rects[201] = (1210, 0, 1290, 80)
    return rects


ZONES = [
    ("JQ01", "示例产业集聚区一期", (0, 0, 1200, 900)),
    ("JQ02", "示例产业集聚区二期", (1300, 0, 2100, 900)),
]

# Plans as lists of (code, name, outer rectangle, holes). The planted disagreements are listed in answers.toml.
PLANS: dict[str, list[tuple[str, str, Rect, list[Rect]]]] = {
    "zone_plan": [
        ("M1", "一类工业用地", (0, 0, 1200, 710), []),
        ("W1", "一类物流仓储用地", (0, 710, 1200, 800), []),
        ("R2", "二类居住用地", (0, 800, 1200, 900), []),
        ("M2", "二类工业用地", (1300, 0, 2100, 900), []),
    ],
    "city_plan": [
        ("M1", "一类工业用地", (0, 0, 1200, 710), [(300, 180, 330, 220)]),
        ("E2", "农林用地", (300, 180, 330, 220), []),
        ("W1", "一类物流仓储用地", (0, 710, 1200, 800.3), []),
        ("R2", "二类居住用地", (0, 800.3, 1200, 900), []),
        ("M2", "二类工业用地", (1300, 0, 2050, 900), [(1500, 400, 1600, 500)]),
        ("M2", "二类工业用地", (2050, 0, 2100, 800), []),
        ("R2", "二类居住用地", (1500, 400, 1600, 500), []),
    ],
    "land_use_plan": [
        ("010", "允许建设区", (0, 0, 1200, 900), [(600, 360, 700, 440)]),
        ("020", "有条件建设区", (600, 360, 700, 440), []),
        ("010", "允许建设区", (1350, 0, 2100, 900), [(1400, 80, 1500, 160), (1400, 20, 1450, 30)]),
        ("010", "允许建设区", (1300, 0, 1350, 850), []),
        ("030", "限制建设区", (1400, 20, 1450, 30), []),
        ("040", "禁止建设区", (1400, 80, 1500, 160), []),
        ("040", "禁止建设区", (1300, 850, 1350, 900), []),
    ],
    "eco_plan": [
        ("YB", "一般管控单元", (40, 0, 1200, 900), []),
        ("YB", "一般管控单元", (0, 10, 40, 900), []),
        ("YX", "优先保护单元", (0, 0, 40, 10), []),
        ("YB", "一般管控单元", (1300, 0, 2100, 900), []),
    ],
    "facilities_plan": [
        ("FW", "设施服务范围", (0, 0, 1190, 900), []),
        ("FW", "设施服务范围", (1300, 0, 2100, 900), []),
    ],
    "present_use": [
        ("0601", "工业用地", (0, 0, 1200, 900), []),
        ("0601", "工业用地", (1300, 0, 2100, 900), [(1400, 20, 1450, 30)]),
        ("0101", "水田", (1400, 20, 1450, 30), []),
    ],
}
CLASS_FIELDS = {
    "zone_plan": ("YDDM", "YDMC"), "city_plan": ("YDDM", "YDMC"), "land_use_plan": ("GZQLXDM", "GZQMC"),
    "eco_plan": ("GKDM", "GKMC"), "facilities_plan": ("SSDM", "SSMC"), "present_use": ("DLBM", "DLMC"),
}  # fmt: skip
CONSTRAINTS = {
    "yjjbnt": [(1199, 360, 1260, 361), (100, 560, 150, 580)],
    "sthx": [(1300, 870, 1330, 900)],
}


class Scene:
    """Turns rectangles of the grid into polygons of the wanted CRS."""

    def __init__(self, epsg: int, rng: random.Random | None) -> None:
        self.epsg = epsg
        self.rng = rng
        self.to_degrees = pyproj.Transformer.from_crs(4526, 4490, always_xy=True)

    def polygon(self, rect: Rect, holes: list[Rect] | None = None) -> shapely.Polygon:
        """Return one rectangle with holes."""
        return self.place(shapely.Polygon(_ring(rect), [_ring(hole) for hole in holes or []]))

    def place(self, shape: shapely.Geometry) -> shapely.Geometry:
        """Move a shape from the grid into the CRS; in degrees, edges keep a vertex every 10 m."""
        if (
            self.epsg == 4490
        ):  # ring by ring: GEOS quietly mends a whole polygon, and a bow-tie loses one half
            shell, *holes = [shapely.segmentize(ring, 10.0) for ring in shapely.get_rings(shape)]
            shape = shapely.Polygon(shell, holes)
        easting = EAST - (38_000_000 if self.epsg == 4547 else 0)

        def move(points: np.ndarray) -> np.ndarray:
            moved = points + np.array([easting, NORTH])
            if self.epsg == 4490:
                moved = np.column_stack(self.to_degrees.transform(moved[:, 0], moved[:, 1]))
            return moved

        return shapely.transform(shape, move)

    def frame(self, rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
        """Return rows as a frame, shuffled if asked for."""
        if self.rng:
            self.rng.shuffle(rows)
        return gpd.GeoDataFrame(rows, geometry="geometry", crs=self.epsg)


def _ring(rect: Rect) -> list[tuple[float, float]]:
    x0, y0, x1, y1 = rect
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]


def use_of(n: int) -> tuple[str, str]:
    """Return the 三调 code and name of a parcel: rows 0-7 industry, row 8 storage, row 9 housing in JQ01."""
    if 97 <= n <= 108:
        return "0508", "物流仓储用地"
    if 109 <= n <= 120:
        return "0701", "城镇住宅用地"
    return "0601", "工业用地"


def parcels(scene: Scene) -> gpd.GeoDataFrame:
    """Return the parcels, with the planted defects 202 (bow-tie) and 203 (one id, two shapes)."""
    rows = []
    for n, rect in parcel_rects().items():
        code, name = use_of(n)
        area = (rect[2] - rect[0]) * (rect[3] - rect[1])
        rows.append(_parcel(n, code, name, 12.0 if n == 50 else area, scene.polygon(rect)))
    bow = shapely.Polygon([(1210, 200), (1290, 280), (1290, 200), (1210, 280), (1210, 200)])
    rows.append(_parcel(202, "0601", "工业用地", 3200.0, scene.place(bow)))
    rows.append(_parcel(203, "0601", "工业用地", 6400.0, scene.polygon((1210, 300, 1290, 380))))
    rows.append(_parcel(203, "0601", "工业用地", 6400.0, scene.polygon((1210, 400, 1290, 480))))
    return scene.frame(rows)


def _parcel(n: int, code: str, name: str, area: float, shape: shapely.Geometry) -> dict[str, Any]:
    return {
        "宗地代码": parcel_id(n), "证载面积": area, "地类编码": code, "地类名称": name,
        "权属性质": "集体" if n == 1 else "国有", "使用权人": f"示例企业{n:03d}有限公司", "geometry": shape,
    }  # fmt: skip


def buildings(scene: Scene) -> gpd.GeoDataFrame:
    """Return the buildings; see answers.toml for the planted cases."""
    rects = parcel_rects()
    rows: list[dict[str, Any]] = []

    def add(
        bid: str, n: int, size: tuple[float, float], at: tuple[float, float] = (10, 10), **cells: Any
    ) -> None:
        x, y = rects[n][0] + at[0], rects[n][1] + at[1]
        base = {
            "编号": bid,
            "层数": 1,
            "层高": 6.0,
            "建筑面积": None,
            "类别": "厂房",
            "状态": "现状",
            "标准厂房": "否",
        }
        rows.append(base | cells | {"geometry": scene.polygon((x, y, x + size[0], y + size[1]))})

    for n in range(19, 97):
        even = (n - 1) % 12 % 2 == 0
        if n in (21, 22):
            continue
        if n == 27:
            add("B0027", n, (80, 50), 层数=None)
        elif even:
            add(f"B{n:04d}", n, (80, 50), 层数=2, 建筑面积=8000.0, 层高=8.0 if n == 25 else 6.0)
        else:
            add(f"B{n:04d}", n, (70, 40), 层高=8.01 if n == 26 else 6.0)
    add("B0019T", 19, (20, 20), (20, 20), 层数=10, 层高=3.5, 类别="办公")
    add("B0021", 21, (60, 50), (60, 10))
    add("B0023X", 23, (80, 50), 层数=2, 建筑面积=8000.0)
    add("B0024D", 24, (20, 20), (75, 55), 状态="拆除")
    add("B0028", 28, (70, 40))
    for n in range(97, 109):
        add(f"B{n:04d}", n, (60, 40), 类别="仓库")
    for n in range(109, 121):
        add(f"B{n:04d}", n, (50, 30), 层数=6, 层高=3.0, 类别="住宅")
    for n in range(121, 201):
        add(f"B{n:04d}", n, (80, 55), 层数=3, 层高=4.5, 建筑面积=13200.0, 标准厂房="是")
    return scene.frame(rows)


LEDGER = [
    "电子监管号", "宗地代码", "项目名称", "企业名称", "固定资产投资(万元)", "土地价款(万元)", "合同签订日期",
    "约定开工时间", "实际开工时间", "是否开工", "是否竣工", "中止开发时间", "已动工面积(平方米)", "应动工面积(平方米)",
    "已投资额(万元)", "总投资额(万元)", "政府原因代码", "政府原因已核实",
]  # fmt: skip

# The eighteen rows of the decision table, parcel n = row + 1, as of 2026-06-30.
CASES: dict[int, dict[str, Any]] = {
    1: {"约定开工时间": "2024-03-15", "是否开工": "否"},
    2: {"约定开工时间": "2022-03-15", "实际开工时间": "2022-05-01", "是否竣工": "是"},
    3: {"约定开工时间": "12-06-01", "是否开工": "否"},
    4: {"约定开工时间": "2024年3月1日", "实际开工时间": "2024/5/1"},
    5: {"约定开工时间": "2024-03-01", "实际开工时间": "2024-03-01", "中止开发时间": "2026-12-01"},
    6: {"约定开工时间": "2024-03-01", "实际开工时间": "2024-03-01", "中止开发时间": "2025-12-01"},
    7: {"约定开工时间": "2023-03-01", "实际开工时间": "2023-03-01", "中止开发时间": "2024-12-01"},
    8: {"约定开工时间": "2023-03-01", "实际开工时间": "2023-03-01", "中止开发时间": "2025-06-29",
        "已动工面积(平方米)": 2000, "应动工面积(平方米)": 8000},
    9: {"约定开工时间": "2023-03-01", "实际开工时间": "2023-03-01", "中止开发时间": "2024-12-01",
        "已动工面积(平方米)": 4000, "应动工面积(平方米)": 8000},
    10: {"约定开工时间": "2023-03-01", "实际开工时间": "2023-03-01", "中止开发时间": "2024-12-01",
         "已动工面积(平方米)": 4000, "应动工面积(平方米)": 8000, "已投资额(万元)": 300, "总投资额(万元)": 1000},
    11: {},
    12: {"是否开工": "否"},
    13: {"约定开工时间": "2026.9.1", "是否开工": "否"},
    14: {"约定开工时间": "20250630", "是否开工": "否", "土地价款(万元)": 400},
    15: {"约定开工时间": "2024-01-10", "是否开工": "否", "政府原因代码": "G1", "政府原因已核实": "是"},
    16: {"约定开工时间": "2024-01-10", "是否开工": "否", "政府原因代码": "G2"},
    17: {"约定开工时间": "2025-03-15", "是否开工": "否", "土地价款(万元)": 470.40},
    18: {"约定开工时间": "2024-03-15", "是否开工": "否", "土地价款(万元)": 470.40},
}  # fmt: skip


def ledger_rows() -> list[dict[str, Any]]:
    """Return the project ledger: cases 1…18, built projects, one orphan and one repeated row."""
    rows: list[dict[str, Any]] = []

    def add(n: int, serial: int, **cells: Any) -> None:
        base = {"电子监管号": f"4117992021B{serial:05d}", "宗地代码": parcel_id(n), "项目名称": f"示例项目{serial:03d}",
                "企业名称": f"示例企业{n:03d}有限公司"}  # fmt: skip
        rows.append(base | cells)

    built = {
        "合同签订日期": dt.date(2019, 10, 8),
        "约定开工时间": "2020-03-15",
        "实际开工时间": "2020-03-10",
        "是否竣工": "是",
    }
    for n, cells in CASES.items():
        add(n, n, **cells)
    for n in range(19, 97):
        if n == 31:
            add(31, 31, **built, **{"固定资产投资(万元)": 400})
            add(31, 531, **built, **{"固定资产投资(万元)": 200})
        elif n in (29, 30):
            add(n, 29, **built, **{"固定资产投资(万元)": 1200, "企业名称": "示例企业029有限公司"})
        else:
            add(n, n, **built, **{"固定资产投资(万元)": 600})
    for n in range(121, 201):
        add(n, n, **built, **{"固定资产投资(万元)": 900})
    add(999, 999, **built, **{"固定资产投资(万元)": 900})
    rows.append(dict(next(row for row in rows if row["宗地代码"] == parcel_id(40))))
    return rows


ENTERPRISES = [
    "企业名称", "区域编号", "主营业务收入(万元)", "研发投入(万元)", "龙头企业", "关联配套企业", "规模以上",
    "应实施清洁生产审核", "已实施清洁生产审核", "主导产业",
]  # fmt: skip


def enterprise_rows() -> list[list[Any]]:
    """Return the enterprise register: JQ02 meets every condition of seed 004, JQ01 fails or cannot be judged."""
    rows: list[list[Any]] = [
        ["龙头一号", "JQ02", 90000, 1500, "是", "否", "是", "是", "是", "是"],
        ["龙头二号", "JQ02", 60000, 800, "是", "否", "是", "是", "是", "是"],
        ["龙头三号", "JQ02", 5000, 0, "是", "否", "是", "否", "否", "否"],
        ["龙头甲", "JQ01", 8000, None, "是", "否", "是", "是", None, "是"],
    ]
    rows += [[f"配套{i:02d}", "JQ02", 3000, 0, "否", "是", "否", "否", "否", "否"] for i in range(1, 21)]
    rows += [[f"协作{i:02d}", "JQ01", 1000, 0, "否", "是", "否", "否", "否", "否"] for i in range(1, 20)]
    return rows


def write_workbook(path: Path, rng: random.Random | None) -> None:
    """Write the ledger as a bureau keeps it: a title row over the header, contract dates as styled dates."""
    book = xlsxwriter.Workbook(path)
    book.set_properties({"created": dt.datetime(2026, 6, 30, tzinfo=dt.UTC)})
    title = book.add_format({"bold": True, "align": "center"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("项目台账")
    sheet.merge_range(0, 0, 0, len(LEDGER) - 1, "示例产业集聚区项目台账", title)
    sheet.write_row(1, 0, LEDGER)
    rows = ledger_rows()
    if rng:
        rng.shuffle(rows)
    for number, row in enumerate(rows, start=2):
        for column, name in enumerate(LEDGER):
            value = row.get(name)
            if isinstance(value, dt.date):
                sheet.write_datetime(number, column, dt.datetime.combine(value, dt.time()), day)
            elif value is not None:
                sheet.write(number, column, value)
    lines = enterprise_rows()
    if rng:
        rng.shuffle(lines)
    firms = book.add_worksheet("企业名录")
    for number, line in enumerate([ENTERPRISES, *lines]):
        firms.write_row(number, 0, line)
    figures = book.add_worksheet("园区指标")
    figures.write_row(0, 0, ["区域编号", "platform_count"])
    figures.write_row(1, 0, ["JQ02", 1])
    book.close()


def write_gpkg(frame: gpd.GeoDataFrame, path: Path, layer: str) -> None:
    """Write one layer."""
    pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG", geometry_type="Polygon")


def write_parcels(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write the parcels as many bureaus send them: GBK field names and texts, no .cpg, no language byte."""
    pyogrio.write_dataframe(frame, path, driver="ESRI Shapefile", encoding="GBK")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    table = path.with_suffix(".dbf")
    data = bytearray(table.read_bytes())
    data[1:4] = bytes([126, 6, 30])
    data[29] = 0
    table.write_bytes(bytes(data))


def make(folder: Path, epsg: int = 4526, seed: int | None = None) -> None:
    """Write the whole study into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-06-30T00:00:00Z"})
    rng = random.Random(seed) if seed is not None else None
    scene = Scene(epsg, rng)
    write_parcels(parcels(scene), folder / "parcels.shp")
    zones = [{"JQDM": i, "JQMC": name, "geometry": scene.polygon(rect)} for i, name, rect in ZONES]
    for path in folder.glob("*.gpkg"):
        path.unlink()
    write_gpkg(scene.frame(zones), folder / "zones.gpkg", "zones")
    write_gpkg(buildings(scene), folder / "buildings.gpkg", "buildings")
    for name, polygons in PLANS.items():
        code, title = CLASS_FIELDS[name]
        rows = [{code: c, title: t, "geometry": scene.polygon(rect, holes)} for c, t, rect, holes in polygons]
        write_gpkg(scene.frame(rows), folder / "plans.gpkg", name)
    for name, rects in CONSTRAINTS.items():
        rows = [{"TBBH": str(i + 1), "geometry": scene.polygon(rect)} for i, rect in enumerate(rects)]
        write_gpkg(scene.frame(rows), folder / "constraints.gpkg", name)
    write_workbook(folder / "ledger.xlsx", rng)
    for name in ("zones", "buildings", "plans", "constraints"):
        with sqlite3.connect(folder / f"{name}.gpkg") as base:
            base.execute("VACUUM")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    parser.add_argument("--crs", type=int, choices=(4526, 4547, 4490), default=4526)
    parser.add_argument("--shuffle", type=int, default=None)
    options = parser.parse_args()
    make(options.folder, options.crs, options.shuffle)


if __name__ == "__main__":
    main()
