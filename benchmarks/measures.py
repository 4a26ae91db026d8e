"""All measures of a generated study that is open in memory: parcels, buildings, ledgers; no files, no outputs.

python benchmarks/measures.py 100000
python benchmarks/measures.py 1000000 --packs all --profile

The geometry (areas, pieces, ground under buildings) is measured first and counted apart. Then every measure of
parcels, projects, zones and the region is computed, with the legal clock, and held against rule packs. CPU seconds
and the highest memory of each stage are printed, and a hash of the results: it must not move when the code gets faster.
"""

from __future__ import annotations

import argparse
import cProfile
import hashlib
import pstats
import resource
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from generate import CRS, ORIGIN, buildings, extent, lattice
from harness import machine

from landzone import judging, memory, shaping
from landzone.catalog.measure_list import measure_parameters
from landzone.catalog.packs import bundled_packs, load_pack
from landzone.engine.direct import build_ledger
from landzone.engine.idle_audit import run_clock
from landzone.measures.parcel_table import parcel_facts, parcel_table
from landzone.measures.zone_table import zone_table
from landzone.model.layer import InputRecord, Layer, Table
from landzone.model.problems import Problems
from landzone.model.rules import RulePack
from landzone.model.study import Settings, Study
from landzone.rules.evaluate import evaluate

DAY = date(2026, 6, 30)
DEFAULT = ("seed-004-cluster-2014", "idle-land-2012")
PARCELS_A_ZONE = 2_500


def made_study(count: int, seed: int, packs: Sequence[RulePack]) -> Study:
    """Return a study of about ``count`` parcels: a tenth without use code, a fifth without a project, blanks."""
    shapes = lattice(count, seed)
    layers = {
        "zones": _layer("zones", _zones(count)),
        "parcels": _layer("parcels", _parcels(shapes, seed)),
        "buildings": _layer("buildings", _buildings(shapes, seed)),
    }
    parcel_ids = layers["parcels"].frame.index
    tables = {
        "projects": Table("projects", _projects(parcel_ids, seed), InputRecord("projects", "ledger.csv")),
        "enterprises": Table(
            "enterprises",
            _enterprises(layers["zones"].frame.index, len(shapes) // 10, seed),
            InputRecord("enterprises", "firms.csv"),
            key="zone_id",
        ),
    }
    return Study(
        settings=Settings(f"generated {len(shapes)}"), crs=CRS, layers=layers, tables=tables, plans={}, constraints={},
        rasters={}, rule_packs=tuple(packs), problems=Problems(), crs_operations=(), raw_settings={},
    )  # fmt: skip


def _layer(role: str, frame: gpd.GeoDataFrame) -> Layer:
    return Layer(role, frame, InputRecord(role, f"{role}.gpkg"))


def _ids(pattern: str, count: int, name: str) -> pd.Index:
    return pd.Index(np.char.mod(pattern, np.arange(count)), name=name, dtype="str")


def _zones(count: int) -> gpd.GeoDataFrame:
    """Return zones on a grid of their own, so that parcels lie across their borders."""
    _, wide, high = extent(count)
    side = max(1, round(np.sqrt(count / PARCELS_A_ZONE)))
    east, north = np.linspace(0, wide, side + 1), np.linspace(0, high, side + 1)
    i, j = (part.ravel() for part in np.meshgrid(np.arange(side), np.arange(side), indexing="ij"))
    shapes = shapely.box(
        east[i] + ORIGIN[0], north[j] + ORIGIN[1], east[i + 1] + ORIGIN[0], north[j + 1] + ORIGIN[1]
    )
    return gpd.GeoDataFrame(
        {"name": "Z"}, geometry=shapes, index=_ids("Z%05d", side * side, "zone_id"), crs=CRS
    )


def _parcels(shapes: np.ndarray, seed: int) -> gpd.GeoDataFrame:
    rng = np.random.default_rng([seed, 11])
    size = len(shapes)
    index = _ids("4117990010%09d", size, "parcel_id")
    code = rng.choice(["0601", "0508", "0701", ""], size, p=[0.6, 0.1, 0.2, 0.1])
    known = code != ""
    frame = gpd.GeoDataFrame(geometry=shapes, index=index, crs=CRS)
    frame["use_code"] = pd.Series(code, index, dtype="str").where(known)
    frame["use_is_industrial"] = pd.Series(code == "0601", index).astype("boolean").where(known)
    frame["supply_mode"] = pd.Series(rng.choice(["出让", "划拨"], size), index, dtype="str").where(
        rng.uniform(size=size) < 0.5
    )
    frame["land_grade"] = rng.integers(1, 16, size).astype("float64")
    frame["ownership"] = pd.Series("国有", index, dtype="str")
    return frame


def _buildings(shapes: np.ndarray, seed: int) -> gpd.GeoDataFrame:
    rng = np.random.default_rng([seed, 12])
    size = len(shapes)
    index = _ids("B%09d", size, "building_id")
    frame = gpd.GeoDataFrame(geometry=buildings(shapes, seed + 1), index=index, crs=CRS)
    frame["floors"] = pd.Series(rng.integers(1, 6, size).astype("float64"), index).where(
        rng.uniform(size=size) < 0.95
    )
    frame["storey_height_m"] = rng.choice([3.6, 6.0, 8.0, 12.0], size)
    frame["kind"] = pd.Series(rng.choice(["厂房", "办公", "研发", "仓库", "?"], size), index, dtype="str")
    frame["standard_factory"] = pd.Series(rng.uniform(size=size) < 0.2, index, dtype="boolean")
    return frame


def _projects(parcels: pd.Index, seed: int) -> pd.DataFrame:
    """Return a ledger: four parcels in five, one project in ten on two parcels, a hundredth of the money blank."""
    rng = np.random.default_rng([seed, 13])
    chosen = np.flatnonzero(rng.uniform(size=len(parcels)) < 0.8)
    size = len(chosen)
    number = np.arange(size) - (rng.uniform(size=size) < 0.1).cumsum()
    amount = np.random.default_rng([seed, 14]).integers(500, 5_000, size) * 1_000_000

    def money(low: int, high: int, blank: float) -> pd.Series:
        values = pd.Series(rng.integers(low, high, size) * 1_000_000, dtype="Int64")
        return values.mask(rng.uniform(size=size) < blank)

    def days(first: str, last: str, blank: float) -> pd.Series:
        begin, end = (np.datetime64(day, "D").astype("int64") for day in (first, last))
        found = rng.integers(begin, end, size).astype("datetime64[D]").astype("datetime64[s]")
        return pd.Series(found).mask(rng.uniform(size=size) < blank)

    frame = pd.DataFrame(
        {
            "project_id": pd.Series(np.char.mod("J%08d", number), dtype="str"),
            "parcel_id": pd.Series(parcels[chosen], dtype="str"),
            "enterprise": pd.Series(np.char.mod("E%07d", number // 3), dtype="str"),
            "fixed_asset_investment_fen": pd.Series(amount[number], dtype="Int64").mask(
                rng.uniform(size=size) < 0.01
            ),
            "invested_ex_land_fen": money(100, 3_000, 0.02),
            "total_invest_ex_land_fen": money(500, 4_000, 0.02),
            "output_fen": money(500, 9_000, 0.02),
            "tax_fen": money(5, 400, 0.02),
            "land_price_fen": money(50, 800, 0.02),
            "land_cost_fen": money(50, 500, 0.1),
            "industry_code": pd.Series(rng.choice(["13", "3511", "3011"], size), dtype="str"),
            "is_priority": pd.Series(rng.uniform(size=size) < 0.3, dtype="boolean"),
            "is_new_industry": pd.Series(rng.uniform(size=size) < 0.2, dtype="boolean"),
            "contract_date": days("2015-01-01", "2025-06-01", 0.05),
            "agreed_start_date": days("2016-01-01", "2026-12-01", 0.05),
            "actual_start_date": days("2016-06-01", "2026-06-01", 0.4),
            "completed": pd.Series(rng.uniform(size=size) < 0.4, dtype="boolean"),
            "supplied_year": pd.Series(rng.integers(2015, 2027, size).astype("float64")),
        }
    )
    frame["source_row"] = np.arange(size)
    frame["rejected_cells"] = pd.Series("", frame.index, dtype="str")
    return frame.sort_values(["project_id", "parcel_id"], ignore_index=True)


def _enterprises(zones: pd.Index, size: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([seed, 15])
    money = pd.Series(rng.integers(100, 20_000, size) * 1_000_000, dtype="Int64")
    frame = pd.DataFrame(
        {
            "enterprise": pd.Series(np.char.mod("E%07d", np.arange(size)), dtype="str"),
            "zone_id": pd.Series(zones[rng.integers(0, len(zones), size)], dtype="str"),
            "revenue_fen": money.mask(rng.uniform(size=size) < 0.01),
            "rd_spend_fen": pd.Series(rng.integers(1, 500, size) * 1_000_000, dtype="Int64"),
        }
    )
    for name in ("is_leader", "is_supplier", "is_above_scale", "main_industry", "clean_audit_done"):
        frame[name] = pd.Series(rng.uniform(size=size) < 0.3, dtype="boolean")
    return frame


class Stages:
    """Runs stages and keeps CPU seconds, wall seconds and highest memory of each."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, float, float, float]] = []

    def run(self, name: str, work: Callable[[], Any]) -> Any:
        """Run one stage."""
        memory.release()
        _forget_peak()
        wall, cpu = time.perf_counter(), time.process_time()
        found = work()
        self.rows.append((name, time.process_time() - cpu, time.perf_counter() - wall, _peak_mib()))
        return found

    def print(self, *names: str) -> None:
        """Print the stages, and the sum of those named last."""
        for name, cpu, wall, peak in self.rows:
            print(f"{name:28} {cpu:8.2f} s CPU {wall:8.2f} s wall {peak:8.0f} MiB")
        own = [row for row in self.rows if row[0] in names]
        print(f"{'measures in all':28} {sum(r[1] for r in own):8.2f} s CPU {sum(r[2] for r in own):8.2f} s wall "
              f"{max(r[3] for r in own):8.0f} MiB")  # fmt: skip


def _forget_peak() -> None:
    """Let the kernel count the highest memory anew, where it can (Linux)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")


def _peak_mib() -> float:
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text("ascii").splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(study: Study, stages: Stages) -> dict[str, pd.DataFrame]:
    """Compute every measure, in the order of an audit."""
    parameters = measure_parameters(study.settings.money)
    problems = Problems()
    ledger = stages.run("geometry", lambda: build_ledger(study, workers=2, plans=[]))
    facts = stages.run("facts of parcels", lambda: parcel_facts(study, ledger, parameters))
    clock = stages.run("legal clock", lambda: run_clock(study, facts, DAY, problems))
    parcels = stages.run(
        "table of parcels", lambda: parcel_table(study, ledger, facts, parameters, idle=clock.parcels)
    )
    site = stages.run(
        "facts of the site", lambda: judging.gather(study, ledger, facts, parameters, DAY, 2, problems)
    )
    zones = stages.run(
        "table of zones, region",
        lambda: zone_table(
            study, ledger, facts, parameters, idle_class=clock.parcels["idle_class"], site=site
        ),
    )
    further = stages.run("further of parcels", lambda: judging.parcel_measures(site))
    whole = stages.run(
        "their columns", lambda: judging.with_parcel_columns(parcels.frame, further, parameters)
    )
    parcels = replace(parcels, frame=whole)
    frames = judging.Frames(zones.frame, whole, lambda: shaping.presentable(clock.projects, parameters.money))
    measures = stages.run(
        "projects, enterprises",
        lambda: judging.measure_tables(site, zones, parcels, further, clock.measures, frames),
    )
    findings = stages.run("rules", lambda: evaluate(measures, study.rule_packs, DAY))
    more = stages.run(
        "review, what-if", lambda: judging.further_tables(measures, findings, study.settings.evaluation)
    )
    tables = {
        "parcels": whole,
        "zones": zones.frame,
        "projects": clock.projects,
        "findings": findings,
        **more,
    }
    return {
        name: pd.DataFrame(frame).drop(columns="geometry", errors="ignore") for name, frame in tables.items()
    }


MEASURES = ("facts of parcels", "legal clock", "table of parcels", "facts of the site", "table of zones, region",
            "further of parcels", "their columns", "projects, enterprises")  # fmt: skip


def digest(tables: dict[str, pd.DataFrame]) -> str:
    """Return one hash of all tables."""
    whole = hashlib.sha256()
    for name in sorted(tables):
        frame = tables[name].reset_index()
        whole.update(name.encode() + "|".join(map(str, frame.columns)).encode())
        for column in frame.columns:
            whole.update(pd.util.hash_pandas_object(frame[column], index=False).to_numpy().tobytes())
    return whole.hexdigest()[:16]


def main() -> None:
    """Run all measures once and print time, memory and the hash of what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("count", type=int, nargs="?", default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--packs", choices=["default", "all"], default="default")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument(
        "--keep", type=Path, help="folder for the tables, to compare them with those of another run"
    )
    options = parser.parse_args()
    packs = [load_pack(name) for name in (DEFAULT if options.packs == "default" else bundled_packs())]
    stages = Stages()
    study = stages.run("making the study", lambda: made_study(options.count, options.seed, packs))
    profile = cProfile.Profile()
    if options.profile:
        profile.enable()
    tables = measure(study, stages)
    profile.disable()
    print(machine())
    print({name: len(frame) for name, frame in tables.items()})
    stages.print(*MEASURES)
    print("results", digest(tables))
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        for name, frame in tables.items():
            frame.to_pickle(options.keep / f"{name}.pickle")
    if options.profile:
        pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    main()
