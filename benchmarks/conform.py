"""One drawn boundary against a plan of many polygons: preparing the store once, then the answer from it.

The study: N plan polygons (``land_use_plan``), N parcels, two layers of giants with fractal borders (present use, and
farmland as one multipolygon). Every command runs in a process of its own. The time of ``conform`` is taken after its
modules are imported, outputs included; start-up is told apart. Gates: parts sum to the boundary, the store gives the
bytes of the study, the windows read less than the layers hold.

    python benchmarks/conform.py 100000
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from generate import CRS, ORIGIN, extent, lattice, plan

STUDY = """
[study]
name = "conform {count}"
crs = "EPSG:4547"
[layers.parcels]
source = "parcels.gpkg"
[plans.land_use_plan]
source = "land_use_plan.gpkg"
crosswalk = "land-use-plan-control-zones"
[plans.present_use]
source = "present_use.gpkg"
crosswalk = "own.csv"
role = "present"
[constraints.permanent_farmland]
source = "permanent_farmland.gpkg"
[constraints.urban_boundary]
source = "urban_boundary.gpkg"
"""
OWN = "code,common,sector,class3\n" + "".join(
    f"{code},{'C' if code < '030' else 'N'},,{'建设用地' if code < '030' else '农用地'}\n"
    for code in ("010", "020", "021", "030", "040", "050")
)
CHILD = """
import json, resource, sys, time
started = time.perf_counter()
import matplotlib.figure, docx, pyogrio, pyarrow.parquet
from landzone.conform import conform
from landzone.outputs import conform_gpkg, conform_report
loaded, begun = time.perf_counter(), time.process_time()
found = conform(sys.argv[1], sys.argv[2], lang="zh")
judged = time.perf_counter()
found.save(sys.argv[3])
done = time.perf_counter()
print(json.dumps({"start_up_s": loaded - started, "judge_s": judged - loaded, "save_s": done - judged,
    "cpu_s": time.process_time() - begun,
    "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "parcels": len(found.study.layers["parcels"].frame),
    "plan": len(found.study.plans["land_use_plan"].layer.frame)}))
"""


def make(folder: Path, count: int) -> Path:
    """Write the study once and return its file."""
    study = folder / "study.toml"
    if study.is_file():
        return study
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(7)
    codes = rng.choice(["010", "020", "030", "040"], count, p=[0.6, 0.15, 0.15, 0.1])
    shapes = lattice(count)
    parcels = gpd.GeoDataFrame(
        {"parcel_id": [f"P{n:07d}" for n in range(count)]}, geometry=lattice(count, 2), crs=CRS
    )
    layers = {
        "parcels": parcels,
        "land_use_plan": gpd.GeoDataFrame({"GZQLXDM": codes}, geometry=shapes, crs=CRS),
        "present_use": plan(count, 32, 2).rename(columns={"code": "DLBM"}),
    }
    fields = plan(count, 64, 3)
    layers["permanent_farmland"] = fields[fields["code"] == "040"][["geometry"]].assign(id="1")
    _, wide, high = extent(count)
    inner = shapely.box(*ORIGIN, *np.add(ORIGIN, (wide / 2, high)))
    layers["urban_boundary"] = gpd.GeoDataFrame({"id": ["1"]}, geometry=[inner], crs=CRS)
    for name, frame in layers.items():
        pyogrio.write_dataframe(frame, folder / f"{name}.gpkg", driver="GPKG")
    (folder / "own.csv").write_text(OWN, encoding="utf-8")
    study.write_text(STUDY.format(count=count), encoding="utf-8")
    return study


def boundaries(folder: Path, count: int) -> dict[str, Path]:
    """Write one site of 200 m × 150 m, twenty of them, and one of 2 km × 2 km."""
    _, wide, high = extent(count)
    rng = np.random.default_rng(11)
    corner = ORIGIN + rng.uniform(0.1, 0.8, (20, 2)) * [wide, high]
    small = [shapely.box(x, y, x + 200, y + 150) for x, y in corner]
    middle = ORIGIN + np.array([wide, high]) / 2 - 1000
    large = [shapely.box(*middle, *(middle + 2000))]
    found = {}
    for name, shapes in (("one site", small[:1]), ("20 sites", small), ("2 km × 2 km", large)):
        path = folder / f"site-{len(shapes)}-{int(shapes[0].area)}.gpkg"
        frame = gpd.GeoDataFrame({"name": [f"S{n}" for n in range(len(shapes))]}, geometry=shapes, crs=CRS)
        pyogrio.write_dataframe(frame, path, driver="GPKG")
        found[name] = path
    return found


def prepare(study: Path, store: Path) -> None:
    """Prepare the store and print time and memory."""
    shutil.rmtree(store, ignore_errors=True)
    started = time.perf_counter()
    command = [sys.executable, "-m", "landzone", "prepare", str(study), "-o", str(store), "--lang", "en"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode not in (0, 4):
        raise SystemExit(done.stderr)
    wall = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    size = sum(path.stat().st_size for path in store.iterdir()) / 2**20
    print(f"| prepare | {wall:.1f} s with start-up | {peak:.0f} MiB | store {size:.0f} MiB |")


def judge(boundary: Path, source: Path, out: Path) -> dict[str, float]:
    """Run one conform in a process of its own."""
    command = [sys.executable, "-c", CHILD, str(boundary), str(source), str(out)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def published(folder: Path) -> dict[str, object]:
    """Return what a run wrote, but for its time stamp."""
    files: dict[str, object] = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    record = json.loads((folder / "run.json").read_text("utf-8"))
    files["run.json"] = {key: value for key, value in record.items() if key != "started_at"}
    return files


def gates(folder: Path, study: Path, site: Path, own: dict[str, float], count: int) -> None:
    """Stop where the answer is not the one it has to be."""
    rows = pyogrio.read_dataframe(folder / "one site" / "conform.gpkg", layer="occupied")
    whole = pyogrio.read_dataframe(folder / "one site" / "conform.gpkg", layer="boundaries")["area_m2"].iloc[
        0
    ]
    sums = (rows.groupby("theme")["area_m2"].sum() * 1e4).round()
    assert (sums == round(whole * 1e4)).all(), "parts do not sum to the boundary"
    assert own["plan"] < count / 100, "the window holds too much"
    slow = judge(site, study, folder / "from study")
    assert published(folder / "from study") == published(folder / "one site"), "store and study differ"
    print(
        f"\nGates: parts sum, window {own['plan']:.0f} of {count:,} plan polygons, bytes of store = bytes of study"
    )
    print(
        f"From the study instead of the store: {slow['judge_s'] + slow['save_s']:.1f} s, {slow['peak_mib']:.0f} MiB"
    )


def main() -> None:
    """Make the data, prepare, judge, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("count", type=int, nargs="?", default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "landzone-benchmarks")
    options = parser.parse_args()
    count = math.ceil(math.sqrt(options.count)) ** 2
    folder = options.folder / f"conform-{count}"
    study = make(folder, count)
    print(f"{platform.machine()}, Python {platform.python_version()}, shapely {shapely.__version__}\n")
    print("| what | time | peak memory | |\n| --- | --- | --- | --- |")
    prepare(study, folder / "store")
    sites = boundaries(folder, count)
    last: dict[str, dict[str, float]] = {}
    for name, path in sites.items():
        runs = [judge(path, folder / "store", folder / name) for _ in range(options.repeats)]
        run = last[name] = sorted(runs, key=lambda one: one["judge_s"] + one["save_s"])[len(runs) // 2]
        times = f"{run['judge_s'] + run['save_s']:.2f} s (judged {run['judge_s']:.2f}, written {run['save_s']:.2f}), "
        times += f"CPU {run['cpu_s']:.2f} s"
        seen = f"{run['plan']:.0f} plan polygons, {run['parcels']:.0f} parcels read"
        print(
            f"| conform, {name} | {times}; start-up {run['start_up_s']:.2f} s | {run['peak_mib']:.0f} MiB | {seen} |"
        )
    gates(folder, study, sites["one site"], last["one site"], count)


if __name__ == "__main__":
    main()
