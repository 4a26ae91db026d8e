"""The whole audit of generated land: parcels, buildings, three plans and a ledger, every output written.

python benchmarks/audit.py --size 10k
python benchmarks/audit.py --size 100k --profile
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from generate import CRS, SIZES, folder_for
from harness import machine
from patches import COMMON, zone

STUDY = """[study]
name = "{name}"
crs = "EPSG:4547"
rules = ["seed-004-cluster-2014", "idle-land-2012"]

[layers.zones]
source = "zones.parquet"
[layers.parcels]
source = "parcels.parquet"
use_scheme = "third-survey"
[layers.buildings]
source = "buildings.parquet"
[tables.projects]
source = "projects.csv"
key = "parcel_id"
units = {{ fixed_asset_investment = "wan_cny" }}
"""

PLAN = """
[plans.plan_{number}]
source = "plan_{number}.parquet"
class_column = "code"
crosswalk = "crosswalk.csv"
"""


def write_study(size: str, seed: int, root: Path, plans: int = 3) -> Path:
    """Write a study over the generated land: one zone, use codes, storeys, and a project on every third parcel."""
    data = folder_for(size, seed, root)
    folder = data.with_name(f"{data.name}-study")
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(seed + 7)
    parcels = gpd.read_parquet(data / "parcels.parquet", columns=["parcel_id", "geometry"])
    parcels["use_code"] = rng.choice(["0601", "0508", "0701"], len(parcels), p=[0.7, 0.1, 0.2])
    buildings = gpd.read_parquet(data / "buildings.parquet", columns=["building_id", "geometry"])
    buildings["floors"] = rng.integers(1, 6, len(buildings))
    for name, frame in (("parcels", parcels), ("buildings", buildings)):
        frame.to_parquet(folder / f"{name}.parquet")
    zones = gpd.GeoDataFrame({"zone_id": ["Z1"], "name": ["Z1"]}, geometry=zone(size).to_numpy(), crs=CRS)
    zones.to_parquet(folder / "zones.parquet")
    chosen = parcels["parcel_id"].to_numpy()[::3]
    year = rng.integers(2008, 2014, len(chosen))
    started = np.where(rng.uniform(size=len(chosen)) < 0.7, np.char.mod("%d-06-01", year), "")
    ledger = pd.DataFrame(
        {
            "project_id": np.char.mod("X%07d", np.arange(len(chosen))), "parcel_id": chosen,
            "agreed_start": np.char.mod("%d-03-01", year), "actual_start": started,
            "fixed_asset_investment": rng.integers(500, 5000, len(chosen)),
        }
    )  # fmt: skip
    ledger.to_csv(folder / "projects.csv", index=False)
    rows = [f"{code},{common},{'M' if common == 'C' else ''}" for code, common in COMMON.items()]
    (folder / "crosswalk.csv").write_text("\n".join(["code,common,sector", *rows, ""]), "utf-8")
    text = STUDY.format(name=f"generated {size}")
    for number in range(1, plans + 1):
        shutil.copy(data / f"plan_{number}.parquet", folder)
        text += PLAN.format(number=number)
    (folder / "study.toml").write_text(text, "utf-8")
    return folder / "study.toml"


def main() -> None:
    """Time the stages of one audit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="10k")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plans", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "landzone-benchmarks")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    study_file = write_study(options.size, options.seed, options.folder, options.plans)
    import landzone as lz

    out = options.folder / f"audit-{options.size}"
    shutil.rmtree(out, ignore_errors=True)
    watch = cProfile.Profile() if options.profile else None
    clock = [(time.perf_counter(), _cpu())]
    if watch:
        watch.enable()
    study = lz.open_study(study_file)
    clock.append((time.perf_counter(), _cpu()))
    audit = lz.audit(study, as_of="2014-06-30")
    clock.append((time.perf_counter(), _cpu()))
    audit.save(out)
    clock.append((time.perf_counter(), _cpu()))
    if watch:
        watch.disable()
        pstats.Stats(watch, stream=sys.stdout).sort_stats("tottime").print_stats(45)
        pstats.Stats(watch, stream=sys.stdout).sort_stats("cumtime").print_stats(110)
    print(machine())
    print(f"{len(audit.parcels)} parcels, {options.plans} plans, {len(audit.patches)} patches")
    for name, before, after in zip(("open and check", "audit", "write"), clock[:-1], clock[1:], strict=True):
        print(f"{name}: wall {after[0] - before[0]:.1f} s, CPU {after[1] - before[1]:.1f} s")
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    total = clock[-1][0] - clock[0][0]
    print(f"whole: wall {total:.1f} s, CPU {clock[-1][1] - clock[0][1]:.1f} s, peak {peak / 1024**2:.2f} GiB")


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
