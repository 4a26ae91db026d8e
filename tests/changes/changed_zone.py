"""The example zone and the same zone a while later, with changes whose answers can be worked out by hand.

On the grid of data/example_zone/make.py, both as of 2026-06-30:

parcel 17     start was due a year earlier                          A1 -> A2, fee 94.08 -> none
parcel 35     ledger: 600 -> 900 wan                                intensity 750 -> 1125
parcel 120    eastern edge 1240 -> 1240.03                          redrawn, 11,200 -> 11,202.4 m²
parcel 201    dropped; 204 added at 1210, 600                       gone, appeared, 6,400 m² each
parcel 202    bow-tie (rejected) -> rectangle                       appeared, rejected before
building B0033 80 x 50 -> 80 x 60                                   density of parcel 33: 0.5 -> 0.6
city plan     farm and forest at 300, 180 (1,200 m²) becomes industry      conflict solved
              housing at 1500, 400: 100 x 100 -> 100 x 80           conflict 10,000 -> 8,000 m², shrunk
              new housing at 1700, 600: 50 x 50                     new conflict of 2,500 m²
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import geopandas as gpd

from landzone.io.bundled import example_study

AS_OF = "2026-06-30"


def maker() -> ModuleType:
    """Return a fresh copy of the module that makes the example zone."""
    where = Path(__file__).parents[2] / "data" / "example_zone" / "make.py"
    spec = importlib.util.spec_from_file_location("example_zone_maker", where)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_study(folder: Path, *, changed: bool, seed: int | None = None) -> Path:
    """Write the study as it was, or as it is later, and return its folder; ``seed`` shuffles every row."""
    made = maker()
    if changed:
        _change_plans(made)
        _change_ledger(made)
        _change_shapes(made)
    made.make(folder, seed=seed)
    for name in ("study.toml", "eco.csv", "facilities.csv"):
        (folder / name).write_bytes((example_study().parent / name).read_bytes())
    return folder


def _change_plans(made: ModuleType) -> None:
    made.PLANS["city_plan"] = [
        ("M1", "一类工业用地", (0, 0, 1200, 710), []),
        ("W1", "一类物流仓储用地", (0, 710, 1200, 800.3), []),
        ("R2", "二类居住用地", (0, 800.3, 1200, 900), []),
        ("M2", "二类工业用地", (1300, 0, 2050, 900), [(1500, 400, 1600, 480), (1700, 600, 1750, 650)]),
        ("M2", "二类工业用地", (2050, 0, 2100, 800), []),
        ("R2", "二类居住用地", (1500, 400, 1600, 480), []),
        ("R2", "二类居住用地", (1700, 600, 1750, 650), []),
    ]


def _change_ledger(made: ModuleType) -> None:
    made.CASES[17] = {**made.CASES[17], "约定开工时间": "2024-03-15"}
    before = made.ledger_rows

    def rows() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = before()
        for row in found:
            if row["宗地代码"] == made.parcel_id(35):
                row["固定资产投资(万元)"] = 900
        return found

    made.ledger_rows = rows


def _change_shapes(made: ModuleType) -> None:
    rects, parcels, buildings = made.parcel_rects, made.parcels, made.buildings

    def moved_rects() -> dict[int, Any]:
        found: dict[int, Any] = rects()
        x0, y0, _, y1 = found[120]
        found[120] = (x0, y0, 1240.03, y1)
        return found

    def moved_parcels(scene: Any) -> gpd.GeoDataFrame:
        frame = parcels(scene)
        ids = frame["宗地代码"]
        kept = frame[~ids.isin([made.parcel_id(201), made.parcel_id(202)])]
        rows = [{**row, "geometry": row["geometry"]} for row in kept.to_dict("records")]
        for n, rect in ((202, (1210, 200, 1290, 280)), (204, (1210, 600, 1290, 680))):
            rows.append(made._parcel(n, "0601", "工业用地", 6400.0, scene.polygon(rect)))
        return gpd.GeoDataFrame(rows, geometry="geometry", crs=frame.crs)

    def moved_buildings(scene: Any) -> gpd.GeoDataFrame:
        frame = buildings(scene)
        x, y = rects()[33][:2]
        larger = scene.polygon((x + 10, y + 10, x + 90, y + 70))
        frame.loc[frame["编号"] == "B0033", "geometry"] = gpd.GeoSeries([larger], crs=frame.crs).to_numpy()
        return frame

    made.parcel_rects, made.parcels, made.buildings = moved_rects, moved_parcels, moved_buildings
