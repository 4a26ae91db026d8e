"""Random studies on a grid of whole metres, written to files: what properties are tested on.

Everything is drawn from one seed. Parcels, plans and zones are coverages of triangles and rectangles with whole
coordinates, so that their borders meet exactly; buildings overlap, ledgers have gaps, orphans and odd cells.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xlsxwriter

import landzone as lz

Row = dict[str, Any]
EPSG = 4547
EAST, NORTH = 431_000, 3_640_000
WIDTH, HEIGHT = 400, 300
AS_OF = "2026-06-30"
CODES = {
    "city_plan": ["M1", "M2", "W1", "R2", "G1", "A3", "E1"],
    "land_use_plan": ["010", "020", "030", "040"],
    "eco_plan": ["YX", "ZD", "YB", "WZ"],
    "present_use": ["0601", "0101", "0701", "1101"],
}
CROSSWALKS = {
    "city_plan": "gb50137-2011",
    "land_use_plan": "land-use-plan-control-zones",
    "eco_plan": "eco.csv",
    "present_use": "third-survey-2019",
}
ECO = "code,name,common,sector\nYX,优先保护单元,P,\nZD,重点管控单元,C,工业\nYB,一般管控单元,N,\nWZ,未知单元,?,\n"
MONEY = ("固定资产投资", "土地价款")
DATES = ("约定开工时间", "实际开工时间", "中止开发时间")
LEDGER = ("电子监管号", "宗地代码", *MONEY, *DATES, "是否开工", "是否竣工", "已动工面积", "应动工面积")
PER_WAN = {"元": 10_000, "万元": 1, "亿元": Decimal("0.0001")}
PER_M2 = {"平方米": Decimal(1), "亩": Decimal(3) / 2000, "公顷": Decimal("0.0001")}


@dataclass(frozen=True)
class Scene:
    """One study before it is written; shapes in metres from a corner of the ground."""

    zones: list[Row]
    parcels: list[Row]
    buildings: list[Row]
    plans: dict[str, list[Row]]
    constraints: dict[str, list[Row]]
    ledger: list[Row]
    kind: str = "planar"
    settings: str = ""
    rules: tuple[str, ...] = ("seed-004-cluster-2014", "idle-land-2012")
    files: dict[str, str] = field(default_factory=dict)

    def layers(self) -> Iterator[tuple[str, list[Row]]]:
        """Walk over all layers with their file names."""
        yield "zones", self.zones
        yield "parcels", self.parcels
        yield "buildings", self.buildings
        yield from self.plans.items()
        yield from self.constraints.items()

    def mapped(self, change: Any) -> Scene:
        """Return the scene with every shape changed."""

        def rows(layer: list[Row]) -> list[Row]:
            return [row | {"geometry": change(row["geometry"])} for row in layer]

        return replace(
            self,
            zones=rows(self.zones),
            parcels=rows(self.parcels),
            buildings=rows(self.buildings),
            plans={name: rows(layer) for name, layer in self.plans.items()},
            constraints={name: rows(layer) for name, layer in self.constraints.items()},
        )


def _splits(
    rng: random.Random, box: tuple[int, int, int, int], least: int
) -> list[tuple[int, int, int, int]]:
    x0, y0, x1, y1 = box
    wide, high = x1 - x0, y1 - y0
    if max(wide, high) < 2 * least or (max(wide, high) < 4 * least and rng.random() < 0.25):
        return [box]
    if wide >= high:
        cut = rng.randint(x0 + least, x1 - least)
        return _splits(rng, (x0, y0, cut, y1), least) + _splits(rng, (cut, y0, x1, y1), least)
    cut = rng.randint(y0 + least, y1 - least)
    return _splits(rng, (x0, y0, x1, cut), least) + _splits(rng, (x0, cut, x1, y1), least)


def coverage(rng: random.Random, box: tuple[int, int, int, int], least: int) -> list[shapely.Polygon]:
    """Cut a box into rectangles and triangles with whole coordinates."""
    shapes = []
    for x0, y0, x1, y1 in _splits(rng, box, least):
        if rng.random() < 0.3:
            shapes.append(shapely.Polygon([(x0, y0), (x1, y0), (x1, y1)]))
            shapes.append(shapely.Polygon([(x0, y0), (x1, y1), (x0, y1)]))
        else:
            shapes.append(shapely.box(x0, y0, x1, y1))
    return shapes


def _zones(rng: random.Random) -> list[Row]:
    x0, y0, x1, y1 = 21, 17, 381, 283
    if rng.random() < 0.3:
        return [{"zone_id": "Z1", "geometry": shapely.box(x0, y0, x1, y1)}]
    low, high = rng.randint(150, 250), rng.randint(150, 250)
    west = shapely.Polygon([(x0, y0), (low, y0), (high, y1), (x0, y1)])
    east = shapely.Polygon([(low, y0), (x1, y0), (x1, y1), (high, y1)])
    return [{"zone_id": "Z1", "geometry": west}, {"zone_id": "Z2", "geometry": east}]


def _parcels(rng: random.Random) -> list[Row]:
    rows = []
    for number, shape in enumerate(coverage(rng, (0, 0, WIDTH, HEIGHT), 45)):
        if rng.random() < 0.1:
            continue
        area = shape.area if rng.random() < 0.8 else shape.area * rng.choice([1.004, 1.2])
        registered = "" if rng.random() < 0.15 else str(round(area))
        use = rng.choice(["0601", "0601", "0601", "0508", "0701"])
        owner = rng.choice(["国有", "国有", "国有", "国有", "集体"])
        rows.append(
            {
                "宗地代码": f"G{number:03d}",
                "证载面积": registered,
                "地类编码": use,
                "权属性质": owner,
                "geometry": shape,
            }
        )
    return rows


def _box(rng: random.Random, least: int, most: int) -> shapely.Polygon:
    x, y = rng.randint(0, WIDTH - least), rng.randint(0, HEIGHT - least)
    return shapely.box(x, y, x + rng.randint(least, most), y + rng.randint(least, most))


def _buildings(rng: random.Random) -> list[Row]:
    rows: list[Row] = []
    for number in range(rng.randint(8, 22)):
        shape = _box(rng, 8, 60)
        if rng.random() < 0.3:
            x0, y0, x1, y1 = (int(v) for v in shape.bounds)
            shape = shapely.Polygon([(x0, y0 + 3), (x1, y0), (x1 - 2, y1), (x0 + 1, y1 + 2)])
        floors = rng.choice([1, 1, 2, 3, 6, ""])
        row = {
            "building_id": f"B{number:03d}",
            "floors": str(floors),
            "storey_height": rng.choice(["", "3.5", "6", "8", "8.01"]),
            "floor_area": str(round(shape.area * floors)) if floors and rng.random() < 0.5 else "",
            "geometry": shape,
        }
        rows.append(row)
        if rng.random() < 0.1:
            rows.append(dict(row))
        elif rng.random() < 0.1:
            rows.append(row | {"building_id": f"B{number:03d}X"})
    return rows


def _plan(rng: random.Random, codes: list[str]) -> list[Row]:
    inset = rng.randint(0, 30)
    shapes = coverage(rng, (-inset, -5, WIDTH - inset, HEIGHT + 5), 80)
    rows = [{"DM": rng.choice(codes), "geometry": shape} for shape in shapes if rng.random() < 0.9]
    rows += [{"DM": rng.choice(codes), "geometry": _box(rng, 1, 70)} for _ in range(rng.randint(0, 2))]
    return rows


def _ledger(rng: random.Random, parcels: list[Row]) -> list[Row]:
    rows = []
    ids = [row["宗地代码"] for row in parcels]
    for number, parcel in enumerate([*ids, *rng.choices(ids, k=3), "G998", "G999"]):
        if rng.random() < 0.15:
            continue
        start = f"{rng.randint(2021, 2026)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        if rng.random() < 0.06:
            start = rng.choice(["12-06-01", "不详", "2024-02-30", "1900-01-01"])
        state = rng.choice(["built", "built", "none", "blank", "suspended"])
        begun = f"{rng.randint(2021, 2025)}-05-06" if state in ("built", "suspended") else ""
        row = dict.fromkeys(LEDGER, "") | {
            "电子监管号": f"4100002020B{number:05d}",
            "宗地代码": parcel,
            "固定资产投资": "" if rng.random() < 0.15 else f"{rng.randint(0, 9_999_999) / 10_000:.4f}",
            "土地价款": "" if rng.random() < 0.15 else f"{rng.randint(1, 5_000_000) / 10_000:.4f}",
            "约定开工时间": "" if rng.random() < 0.1 else start,
            "实际开工时间": begun,
            "中止开发时间": f"{rng.randint(2023, 2026)}-03-03" if state == "suspended" else "",
            "是否开工": {"none": "否", "blank": ""}.get(state, "是"),
            "是否竣工": "是" if state == "built" and rng.random() < 0.7 else "",
        }
        if state == "suspended":
            row |= {"已动工面积": str(rng.randint(1, 50)), "应动工面积": "100"}
        if rng.random() < 0.05:
            row["固定资产投资"] = rng.choice(["-12.5", "约三百", "-1"])
        rows.append(row)
        if rng.random() < 0.08:
            rows.append(dict(row))
    return rows


def draw(seed: int, kind: str = "planar") -> Scene:
    """Draw a scene from a seed."""
    rng = random.Random(seed)
    parcels = _parcels(rng)
    names = rng.sample(["city_plan", "land_use_plan", "eco_plan"], rng.randint(2, 3))
    if rng.random() < 0.5:
        names.append("present_use")
    constraints = {
        "permanent_farmland": [
            {"id": "1", "geometry": _box(rng, 20, 150)},
            {"id": "2", "geometry": _box(rng, 1, 90)},
        ]
    }
    if rng.random() < 0.6:
        constraints["urban_boundary"] = [
            {"id": "1", "geometry": shapely.box(-10, -10, rng.randint(100, 390), 290)}
        ]
    return Scene(
        zones=_zones(rng),
        parcels=parcels,
        buildings=_buildings(rng),
        plans={name: _plan(rng, CODES[name]) for name in names},
        constraints=constraints,
        ledger=_ledger(rng, parcels),
        kind=kind,
    )  # fmt: skip


@dataclass(frozen=True)
class Style:
    """How a scene is written: nothing of this may change an answer."""

    shuffle: int | None = None
    columns_shuffled: bool = False
    sections: int | None = None
    ledger: str = "csv"
    vector: str = "geojson"
    money: str = "万元"
    area: str = "平方米"
    in_cells: bool = False
    east: float = EAST
    north: float = NORTH


def _place(shape: shapely.Geometry, style: Style) -> shapely.Geometry:
    return shapely.transform(shape, lambda xy: np.add(xy, (style.east, style.north)))


def _mixed(rows: list[Row], style: Style, name: str) -> list[Row]:
    """Put rows, and columns if asked for, in another order."""
    if style.shuffle is None:
        return rows
    rng = random.Random(f"{style.shuffle} {name}")
    rows = rng.sample(rows, len(rows))
    if style.columns_shuffled and rows:
        order = rng.sample(list(rows[0]), len(rows[0]))
        rows = [{key: row[key] for key in order} for row in rows]
    return rows


def _write_layer(folder: Path, name: str, rows: list[Row], style: Style) -> None:
    rows = [row | {"geometry": _place(row["geometry"], style)} for row in _mixed(rows, style, name)]
    if style.vector == "gpkg":
        frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=EPSG)
        frame.to_file(folder / f"{name}.gpkg", layer=name, driver="GPKG")
        return
    features = [
        {
            "type": "Feature",
            "properties": {key: value for key, value in row.items() if key != "geometry"},
            "geometry": shapely.geometry.mapping(row["geometry"]),
        }
        for row in rows
    ]
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{EPSG}"}}
    text = json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}, ensure_ascii=False)
    (folder / f"{name}.geojson").write_text(text, encoding="utf-8")


def _amount(text: str, factor: Decimal | int) -> str:
    try:
        return format(Decimal(text) * factor, "f")
    except ArithmeticError:
        return text


def _ledger_table(scene: Scene, style: Style) -> list[list[str]]:
    heads = {
        name: f"{name}({style.money})" if name in MONEY and not style.in_cells else name for name in LEDGER
    }
    heads |= {name: f"{name}({style.area})" for name in ("已动工面积", "应动工面积")}
    rows = []
    for row in scene.ledger:
        cells = dict(row)
        for name in MONEY:
            cells[name] = _amount(row[name], PER_WAN[style.money])
            if style.in_cells and cells[name]:
                cells[name] += style.money
        for name in ("已动工面积", "应动工面积"):
            cells[name] = _amount(row[name], PER_M2[style.area])
        rows.append({heads[name]: cells[name] for name in LEDGER})
    rows = _mixed(rows, style, "ledger")
    return [list(rows[0]), *[list(row.values()) for row in rows]] if rows else [list(heads.values())]


def _write_ledger(scene: Scene, folder: Path, style: Style) -> str:
    table = _ledger_table(scene, style)
    if style.ledger == "xlsx":
        book = xlsxwriter.Workbook(folder / "ledger.xlsx")
        sheet = book.add_worksheet("台账")
        for number, line in enumerate(table):
            for column, cell in enumerate(line):
                sheet.write_string(number, column, cell)
        book.close()
        return "ledger.xlsx#台账"
    with (folder / "ledger.csv").open("w", encoding="utf-8-sig", newline="") as handle:
        csv.writer(handle).writerows(table)
    return "ledger.csv"


def write(scene: Scene, folder: Path, style: Style = Style()) -> Path:
    """Write the study and return its ``study.toml``."""
    folder.mkdir(parents=True)
    suffix = style.vector

    def source(name: str) -> str:
        return f'source = "{name}.{suffix}"\n'

    for name, rows in scene.layers():
        _write_layer(folder, name, rows, style)
    for name, text in scene.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "eco.csv").write_text(ECO, encoding="utf-8")
    sections = [
        f'[layers.zones]\n{source("zones")}columns = {{ zone_id = "zone_id" }}\n',
        f'[layers.parcels]\n{source("parcels")}use_scheme = "third-survey"\nunits = {{ registered_area = "m2" }}\n',
        f'[layers.buildings]\n{source("buildings")}units = {{ storey_height = "m", floor_area = "m2" }}\n',
        f'[tables.projects]\nsource = "{_write_ledger(scene, folder, style)}"\nkey = "parcel_id"\n',
    ]
    for name in scene.plans:
        role = '\nrole = "present"' if name == "present_use" else ""
        sections.append(
            f'[plans.{name}]\n{source(name)}class_column = "DM"\ncrosswalk = "{CROSSWALKS[name]}"{role}\n'
        )
    sections += [f"[constraints.{name}]\n{source(name)}" for name in scene.constraints]
    rules = ", ".join(f'"{rule}"' for rule in scene.rules)
    head = f'[study]\nname = "性质"\ncrs = "EPSG:{EPSG}"\narea_kind = "{scene.kind}"\nrules = [{rules}]\n'
    sections += [head, *([scene.settings] if scene.settings else [])]
    if style.sections is not None:
        random.Random(style.sections).shuffle(sections)
    path = folder / "study.toml"
    path.write_text("\n".join(sections), encoding="utf-8")
    return path


TABLES = (
    "zones", "parcels", "buildings", "patches", "constraints", "use_conflicts", "findings", "plan_shares", "projects",
    "rejects", "repairs", "notes",
)  # fmt: skip


def table(audit: lz.Audit, name: str) -> pd.DataFrame:
    """Return a table of the result with shapes as bytes."""
    frame = getattr(audit.result, name)
    if isinstance(frame, gpd.GeoDataFrame):
        shapes = shapely.to_wkb(frame.geometry.to_numpy(), hex=True, byte_order=1)
        frame = pd.DataFrame(frame.drop(columns=frame.geometry.name)).assign(geometry=shapes)
    return frame


def tables(audit: lz.Audit, leave_out: tuple[str, ...] = ()) -> dict[str, str]:
    """Return every table as text, every bit of a number kept."""
    return {
        name: table(audit, name).drop(columns=list(leave_out), errors="ignore").to_csv(index=False)
        for name in TABLES
    }


def fen(text: str) -> int:
    """Return an amount in 万元 as whole fen; 0 where it is no number."""
    try:
        return int(Decimal(text) * 1_000_000)
    except ArithmeticError:
        return 0
