"""A province in tables: generated land of any size, audited district by district, with memory watched over time.

python benchmarks/province.py --size 100k
nice -n 19 python benchmarks/province.py --size 10m --workers 2

The store is written strip by strip through the writers of the store itself; reading sources through the gate is no
part of this (it holds whole layers in memory). Strips are squares of generated land side by side: a lattice of parcels
of 12 corners, zones of about 2,500 to 25,000 parcels, three plans with fractal borders, one polygon a cell. Parcels
lie across borders of zones, and one strip of ten has a row of parcels in no zone.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import psutil
import pyarrow.parquet as pq
import shapely
from generate import (
    CODES,
    CRS,
    MARGIN_M,
    ORIGIN,
    PARCEL_M,
    SIZES,
    WEIGHTS,
    lattice,
    plan_cells,
)
from harness import machine
from patches import COMMON

BLOCK = 40_000
"""Parcels of one generated square."""

SEEN_EVERY_S = 1.0
STUDY = """[study]
name = "generated {size}"
crs = "EPSG:4547"
[layers.zones]
source = "zones.parquet"
[layers.parcels]
source = "parcels.parquet"
use_scheme = "third-survey"
"""
PLAN = """
[plans.plan_{number}]
source = "plan_{number}.parquet"
class_column = "code"
crosswalk = "crosswalk.csv"
"""


def block_moves(count: int) -> list[tuple[int, int]]:
    """Return the places of the squares, in strips from west to east."""
    many = math.ceil(count / BLOCK)
    wide = math.ceil(math.sqrt(many))
    return [(number % wide, number // wide) for number in range(many)]


class Square:
    """One square of generated land, moved to its place."""

    def __init__(self, number: int, place: tuple[int, int], size: int, seed: int) -> None:
        self.number, self.size, self.seed = number, size, seed + number
        self.side = round(math.sqrt(size))
        self.width = (self.side * PARCEL_M[0] + 2 * MARGIN_M, self.side * PARCEL_M[1] + 2 * MARGIN_M)
        self.shift = np.array([place[0] * self.width[0], place[1] * self.width[1]])

    def moved(self, shapes: np.ndarray) -> np.ndarray:
        return np.asarray(shapely.transform(shapes, lambda xy: np.round(xy + self.shift, 3)), dtype=object)

    def parcels(self) -> gpd.GeoDataFrame:
        shapes = self.moved(lattice(self.size, self.seed))
        rng = np.random.default_rng(self.seed + 7)
        ids = np.char.mod(f"41{self.number:06d}%06d", np.arange(len(shapes)))
        codes = rng.choice(["0601", "0508", "0701"], len(shapes), p=[0.7, 0.1, 0.2])
        return frame({"parcel_id": ids, "use_code": codes}, shapes)

    def zones(self) -> gpd.GeoDataFrame:
        """Columns and rows of a grid whose lines run between 50 and 158 parcels apart, off the lattice."""
        rng = np.random.default_rng(self.seed + 9)
        cut = [edges(rng, self.side, step) for step in PARCEL_M]
        if self.number % 10 == 9:
            cut[1] = cut[1][1:]
        west, east = np.meshgrid(cut[0][:-1], cut[1][:-1], indexing="ij")
        far, top = np.meshgrid(cut[0][1:], cut[1][1:], indexing="ij")
        boxes = shapely.box(west.ravel(), east.ravel(), far.ravel(), top.ravel())
        shapes = self.moved(shapely.transform(boxes, lambda xy: xy + ORIGIN))
        ids = np.char.mod(f"Z{self.number:05d}-%03d", np.arange(len(shapes)))
        return frame({"zone_id": ids}, shapes)

    def plan(self, number: int) -> gpd.GeoDataFrame:
        cells = self.moved(plan_cells(self.size, 16, number, self.seed))
        common, own = np.random.default_rng([self.seed, 99]), np.random.default_rng([self.seed, 100 + number])
        code = common.choice(len(CODES), len(cells), p=WEIGHTS)
        again = own.uniform(size=len(cells)) < 0.15
        code = np.where(again & (number > 1), own.choice(len(CODES), len(cells), p=WEIGHTS), code)
        kept = (own.uniform(size=len(cells)) >= 0.03) | (number == 1)
        return frame({"code": np.array(CODES)[code[kept]]}, cells[kept])


def frame(columns: dict[str, np.ndarray], shapes: np.ndarray) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def edges(rng: np.random.Generator, side: int, step: float) -> np.ndarray:
    """Return lines across a square, 50 to 158 parcels apart, from just outside to just outside."""
    found, at = [-MARGIN_M / 2], 0
    while side - at > 158:
        at += int(rng.integers(50, 109))
        found.append((at + 0.4) * step)
    return np.array([*found, side * step + MARGIN_M / 2])


def squares(count: int, seed: int) -> Iterator[Square]:
    size = count // math.ceil(count / BLOCK)
    for number, place in enumerate(block_moves(count)):
        yield Square(number, place, size, seed)


def write_land(count: int, name: str, seed: int, root: Path) -> Path:
    """Write the store of a study of generated land and return its folder; never more than a square is held."""
    from landzone.io.store import StoreReader, write_store
    from landzone.io.store_head import HEAD, MANIFEST, MANIFESTS
    from landzone.io.store_parts import Part, digest
    from landzone.io.study import open_study

    store = root / f"province-{name}-{seed}"
    if (store / MANIFEST).is_file():
        return store
    first = root / f"province-{name}-{seed}.first"
    for folder in (first, store):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    one = next(squares(count, seed))
    write_study(one, name, first)
    begun = open_study(first / "study.toml")
    write_store(begun, store)
    reader = StoreReader(store)
    parts = [
        part for part in reader.manifest.parts if part.kind not in ("features", "giants", "pieces", "head")
    ]
    heads = {}
    for head in (*reader.head.layers, *reader.head.plans):
        sample = reader.layer(head.role, np.array([[-1e8, -1e8, 1e8, 1e8]])).frame
        own, rows = written(head.role, sample, list(squares(count, seed)), store)
        parts += own
        heads[head.role] = replace(head, frame=replace(head.frame, rows=rows))
    for old in store.glob("*.features.*"):
        if old.name not in {part.file for part in parts}:
            old.unlink()
    told = replace(
        reader.head,
        layers=[heads[one.role] for one in reader.head.layers],
        plans=[heads[one.role] for one in reader.head.plans],
    )
    (store / "study.json").write_bytes(HEAD.dump_json(told, indent=1))
    parts.append(Part("study", "head", "study.json", 1, digest(store / "study.json")))
    (store / MANIFEST).write_bytes(MANIFESTS.dump_json(replace(reader.manifest, parts=parts), indent=1))
    shutil.rmtree(first)
    return store


def write_study(square: Square, name: str, folder: Path) -> None:
    """Write one square as a study that the gate reads: it makes settings, columns and codes."""
    text = STUDY.format(size=name)
    square.parcels().to_parquet(folder / "parcels.parquet")
    square.zones().to_parquet(folder / "zones.parquet")
    for number in (1, 2, 3):
        square.plan(number).to_parquet(folder / f"plan_{number}.parquet")
        text += PLAN.format(number=number)
    rows = [f"{code},{common},{'M' if common == 'C' else ''}" for code, common in COMMON.items()]
    (folder / "crosswalk.csv").write_text("\n".join(["code,common,sector", *rows, ""]), "utf-8")
    (folder / "study.toml").write_text(text, "utf-8")


def source(square: Square, role: str) -> gpd.GeoDataFrame:
    if role.startswith("plans."):
        return square.plan(int(role[-1]))
    return square.parcels() if role == "parcels" else square.zones()


def written(role: str, sample: gpd.GeoDataFrame, land: list[Square], store: Path):  # type: ignore[no-untyped-def]
    """Write a layer: cells of all features first (8 bytes each), then leaf after leaf from spilled squares."""
    from landzone.geometry.quadtree import cell_codes, leaves
    from landzone.io.store import MOST_ROWS, MOST_VERTICES
    from landzone.io.store_parts import write_features

    spill = store / "spill"
    spill.mkdir()
    codes, sizes, homes, starts = [], [], [], [0]
    for square in land:
        one = as_gate(source(square, role), sample, role, starts[-1])
        shapes = one.geometry.to_numpy()
        one.to_parquet(spill / f"{square.number:05d}.parquet")
        codes.append(cell_codes(shapely.bounds(shapes)))
        sizes.append(shapely.get_num_coordinates(shapes).astype(np.int64))
        homes.append(np.full(len(one), square.number, dtype=np.int32))
        starts.append(starts[-1] + len(one))
    code, size, home = np.concatenate(codes), np.concatenate(sizes), np.concatenate(homes)
    parts = []
    for leaf in leaves(code, size, MOST_ROWS, MOST_VERTICES):
        pieces = []
        for number in np.unique(home[leaf.rows]):
            mine = leaf.rows[home[leaf.rows] == number]
            pieces.append(
                gpd.read_parquet(spill / f"{number:05d}.parquet").iloc[mine - starts[number]].assign(fid=mine)
            )
        whole = gpd.GeoDataFrame(pd.concat(pieces), crs=CRS).set_index("fid", append=True)
        whole = whole.iloc[pd.Index(whole.index.get_level_values("fid")).get_indexer(leaf.rows)].droplevel(
            "fid"
        )
        name = f"{role.replace('.', '-')}.features.{leaf.name}.parquet"
        parts.append(write_features(whole, leaf.rows, code[leaf.rows], store, (role, "features", name)))
    shutil.rmtree(spill)
    return parts, starts[-1]


def as_gate(found: gpd.GeoDataFrame, sample: gpd.GeoDataFrame, role: str, start: int) -> gpd.GeoDataFrame:
    """Give generated features the columns that the gate gave the sample: those of their code or id."""
    if role == "zones":
        keys, own = None, found.set_index("zone_id")
    elif role == "parcels":
        keys, own = "use_code", found.set_index("parcel_id")
    else:
        keys, own = "code", found.set_axis(pd.RangeIndex(start, start + len(found)))
    columns = {}
    first = sample.drop_duplicates(keys).set_index(keys) if keys else None
    for name in sample.columns:
        if name == "geometry":
            columns[name] = own.geometry
        elif name == keys:
            columns[name] = own[name].astype(sample[name].dtype)
        elif name == "source_row":
            columns[name] = pd.Series(np.arange(start + 1, start + 1 + len(own)), own.index)
        elif first is not None:
            columns[name] = pd.Series(first[name].reindex(own[keys]).to_numpy(), own.index).astype(
                sample[name].dtype
            )
        else:
            columns[name] = pd.Series([sample[name].iloc[0]] * len(own), own.index).astype(sample[name].dtype)
    frame = gpd.GeoDataFrame(columns, index=own.index, geometry="geometry", crs=CRS)
    frame.index = frame.index.astype(sample.index.dtype).set_names(sample.index.name)
    return frame


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="100k")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "landzone-benchmarks")
    options = parser.parse_args()
    print(machine(), f"{os.cpu_count()} cores", flush=True)
    begun = time.perf_counter()
    store = write_land(SIZES[options.size], options.size, options.seed, options.folder)
    most = psutil.Process().memory_info().rss / (1 << 30)
    print(
        f"store: {time.perf_counter() - begun:.0f} s, {size_of(store):.2f} GB ({most:.2f} GiB at its end)",
        flush=True,
    )
    out = options.folder / f"province-{options.size}-tables"
    if not options.resume:
        for path in (out, out.with_name(out.name + ".work")):
            shutil.rmtree(path, ignore_errors=True)
    words = ["--workers", str(options.workers), *(["--resume"] if options.resume else [])]
    command = [sys.executable, "-m", "landzone", "audit", str(store), "--as-of", "2014-06-30", "-o", str(out)]
    log = out.with_suffix(".log")
    seen = watch([*command, "--tables", "--log-json", *words], log)
    told(seen, log, out, SIZES[options.size])


def watch(command: list[str], log: Path) -> dict[str, list[float]]:
    """Run a command and look at its memory every second: seconds, share done, main process, largest worker, all."""
    names = ("seconds", "share", "main", "worker", "all", "cpu")
    seen: dict[str, list[float]] = {name: [] for name in names}
    cpu: dict[int, float] = {}
    begun = time.perf_counter()
    with log.open("w") as stream, log.with_suffix(".memory.csv").open("w") as table:
        table.write(",".join(names) + "\n")
        process = psutil.Popen(command, stderr=stream)
        while process.poll() is None:
            row = looked_at(process, cpu)
            if row is not None:
                row = (time.perf_counter() - begun, share(log), *row, sum(cpu.values()))
                for name, value in zip(names, row, strict=True):
                    seen[name].append(value)
                table.write(",".join(f"{value:.4f}" for value in row) + "\n")
                table.flush()
            time.sleep(SEEN_EVERY_S)
    seen["code"] = [float(process.returncode)]
    return seen


def looked_at(process: psutil.Popen, cpu: dict[int, float]) -> tuple[float, float, float] | None:
    main = worker = whole = 0.0
    try:
        for one in [process, *process.children(recursive=True)]:
            gib = one.memory_info().rss / (1 << 30)
            times = one.cpu_times()
            cpu[one.pid] = times.user + times.system
            whole += gib
            main, worker = (gib, worker) if one.pid == process.pid else (main, max(worker, gib))
    except psutil.Error:
        return None
    return main, worker, whole


def share(log: Path) -> float:
    """Return how far the last line of a log says that the run is."""
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - 2_000))
        lines = stream.read().decode("utf-8", "replace").splitlines()
    for line in reversed(lines):
        try:
            return float(json.loads(line)["share"])
        except (ValueError, KeyError, TypeError):
            continue
    return 0.0


def size_of(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e9


def told(seen: dict[str, list[float]], log: Path, out: Path, count: int) -> None:
    """Print time, rows, and most memory in each tenth of the run."""
    print(
        f"exit {seen['code'][0]:.0f}, wall {seen['seconds'][-1]:.0f} s, CPU {seen['cpu'][-1]:.0f} s, ", end=""
    )
    print(f"{seen['cpu'][-1] / count * 1e6:.0f} µs a parcel")
    share_done = np.array(seen["share"])
    print("| done | most of the main process | most of a worker | most of all, GiB |\n|---|---:|---:|---:|")
    for tenth in range(10):
        mine = (share_done >= tenth / 10) & (share_done < (tenth + 1) / 10 + (tenth == 9))
        if mine.any():
            most = [np.array(seen[name])[mine].max() for name in ("main", "worker", "all")]
            print(f"| {tenth * 10}–{tenth * 10 + 10} % | " + " | ".join(f"{one:.2f}" for one in most) + " |")
    if (out / "run.json").is_file():
        record = json.loads((out / "run.json").read_text("utf-8"))
        print(json.dumps(record["tables"]["rows"]), json.dumps(record["tables"]["units_of_0.0001_m2"]))
        print(f"tables: {size_of(out):.2f} GB; the log is {log.name}")
        for name in ("parcels", "zones"):
            rows = sum(pq.read_metadata(path).num_rows for path in (out / "tables" / name).iterdir())
            assert rows == record["tables"]["rows"][name]


if __name__ == "__main__":
    main()
