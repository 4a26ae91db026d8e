"""The legal clock, evidence by footprints and by a 10 m raster, the stock of land, and case files, on generated land.

python benchmarks/idle.py                  100,000 parcels; bars: clock and footprints 30 s, raster 60 s more, 3 GiB
python benchmarks/idle.py --only-cases 500 case files of 500 of 4,000 parcels; bar: 120 s
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from audit import _cpu
from generate import CRS, ORIGIN, extent, lattice
from harness import machine

DAY = date(2026, 6, 30)
STUDY = """[study]
name = "generated idle land"
crs = "EPSG:4547"

[layers.parcels]
source = "parcels.parquet"
[layers.buildings]
source = "buildings.parquet"
[tables.projects]
source = "projects.csv"
key = "parcel_id"
units = { land_price = "wan_cny", developed_area = "m2", required_area = "m2" }
[rasters.land_cover]
source = "cover.tif"
classes = { built = [50], bare = [60], green = [10] }
date = 2025-10-01
[idle]
blank_actual_start = "not_started"
"""


def write_study(count: int, seed: int, folder: Path) -> Path:
    """Write parcels of 12 corners, a building on two thirds of them, a ledger row on each, and a raster of 10 m."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    shapes = lattice(count, seed)
    ids = np.char.mod("4117990010%09d", np.arange(len(shapes)))
    gpd.GeoDataFrame({"parcel_id": ids}, geometry=shapes, crs=CRS).to_parquet(folder / "parcels.parquet")
    built = rng.uniform(size=len(shapes)) < 0.67
    middle = shapely.get_coordinates(shapely.centroid(shapes[built])) + rng.uniform(
        -4, 4, (int(built.sum()), 2)
    )
    halls = shapely.box(middle[:, 0] - 16, middle[:, 1] - 10, middle[:, 0] + 16, middle[:, 1] + 10)
    names = np.char.mod("B%07d", np.arange(len(halls)))
    gpd.GeoDataFrame({"building_id": names}, geometry=halls, crs=CRS).to_parquet(folder / "buildings.parquet")
    due = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 365 * 7, len(shapes)), "D")
    begun = rng.uniform(size=len(shapes)) < 0.8
    start = pd.Series(due + pd.to_timedelta(rng.integers(0, 200, len(shapes)), "D")).where(begun)
    start = start.where(start <= pd.Timestamp(DAY))
    pause = (start + pd.to_timedelta(rng.integers(30, 900, len(shapes)), "D")).where(
        rng.uniform(size=len(shapes)) < 0.1
    )
    pause = pause.where(pause <= pd.Timestamp(DAY))
    ledger = {
        "project_id": np.char.mod("X%07d", np.arange(len(shapes))), "parcel_id": ids,
        "agreed_start": due.strftime("%Y-%m-%d"), "actual_start": start.dt.strftime("%Y-%m-%d"),
        "suspended_since": pause.dt.strftime("%Y-%m-%d"), "land_price": rng.integers(50, 900, len(shapes)),
        "developed_area": rng.integers(100, 2000, len(shapes)), "required_area": 2000,
    }  # fmt: skip
    pd.DataFrame(ledger).to_csv(folder / "projects.csv", index=False)
    _, wide, high = extent(count)
    rows, columns = int(high / 10) + 4, int(wide / 10) + 4
    cover = rng.choice(np.array([10, 50, 60], dtype=np.uint8), (rows, columns), p=[0.3, 0.5, 0.2])
    place = rasterio.transform.from_origin(ORIGIN[0] - 20, ORIGIN[1] + high + 20, 10, 10)
    form: dict[str, Any] = {"driver": "GTiff", "dtype": "uint8", "count": 1, "crs": CRS, "transform": place}
    with rasterio.open(folder / "cover.tif", "w", height=rows, width=columns, tiled=True, **form) as file:
        file.write(cover, 1)
    (folder / "study.toml").write_text(STUDY, "utf-8")
    return folder / "study.toml"


class Watch:
    """Prints wall and CPU seconds of each stage."""

    def __init__(self) -> None:
        self.last = time.perf_counter(), _cpu()

    def told(self, name: str) -> None:
        now = time.perf_counter(), _cpu()
        print(f"{name}: wall {now[0] - self.last[0]:.1f} s, CPU {now[1] - self.last[1]:.1f} s", flush=True)
        self.last = time.perf_counter(), _cpu()


def main() -> None:
    """Time clock, evidence and case files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--parcels", type=int, default=100_000)
    parser.add_argument("--only-cases", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "landzone-benchmarks")
    options = parser.parse_args()
    if options.only_cases:
        case_files(options.only_cases, options.seed, options.folder)
        return
    path = write_study(options.parcels, options.seed, options.folder / f"idle-{options.parcels}")
    import landzone as lz
    from landzone.catalog.measure_list import measure_parameters
    from landzone.engine.direct import build_ledger
    from landzone.engine.idle_audit import add_ground, run_clock
    from landzone.measures.parcel_table import parcel_facts, standing_buildings
    from landzone.model.problems import Problems

    print(machine())
    study = lz.open_study(path)
    plain = replace(study, rasters={})
    parameters = measure_parameters(study.settings.money)
    watch = Watch()
    ledger = build_ledger(study, standing_buildings(study, parameters))
    facts = parcel_facts(study, ledger, parameters)
    watch.told("areas and cover, for every measure of an audit")
    clock = run_clock(study, facts, DAY, Problems())
    watch.told("clock, deadlines")
    add_ground(clock, plain, ledger, DAY, Problems())
    watch.told("evidence by footprints, contradictions")
    add_ground(clock, study, ledger, DAY, Problems())
    watch.told("the same with the raster")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    classes = clock.parcels["idle_class"].value_counts().to_dict()
    print(
        f"{len(facts.land):,} parcels, {len(clock.tables['contradictions']):,} contradictions, peak {peak:.2f} GiB"
    )
    print(classes)


def case_files(count: int, seed: int, folder: Path) -> None:
    """Audit 4,000 parcels and write the case files of some."""
    import landzone as lz
    from landzone.cases import write_cases
    from landzone.engine.pool import workers_that_fit
    from landzone.io.audit_folder import open_audit
    from landzone.outputs.case_files import suspected_parcels

    path = write_study(4_000, seed, folder / "idle-4000")
    out = folder / "idle-out"
    shutil.rmtree(out, ignore_errors=True)
    lz.audit(lz.open_study(path), as_of=DAY).save(out)
    chosen = suspected_parcels(open_audit(out)[1])[:count]
    print(machine())
    watch = Watch()
    done = write_cases(out, parcels=chosen, workers=workers_that_fit())
    watch.told(f"{done.count} case files (page, document, two drafts) and the register")


if __name__ == "__main__":
    main()
