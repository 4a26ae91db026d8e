"""Runs contenders side by side: each run in a process of its own, in turns, files in and a table out.

A contender is a function ``(folder: Path) -> DataFrame``. What it imports is imported before the clock starts. Time is
wall time and CPU time of the process with its children and, for a database, of the server; memory is the peak of the
process with its children.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from generate import SIZES, folder_for

Contender = Callable[[Path], pd.DataFrame]


@dataclass(frozen=True)
class Run:
    """One run: seconds and memory, and the table where it came to an end."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    ended: bool = True


@dataclass
class Entry:
    """A contender and its runs; ``most`` runs at most, each stopped after ``stop_s`` seconds of wall time."""

    name: str
    run: Contender
    modules: tuple[str, ...] = ()
    most: int = 99
    stop_s: float = 600.0
    server_cpu: Callable[[], float] | None = None
    environment: dict[str, str] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)


def arguments(about: str | None, *, default: str = "10k") -> argparse.ArgumentParser:
    """Return the arguments that every benchmark has."""
    parser = argparse.ArgumentParser(description=(about or "").splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default=default)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=None, help="names of contenders")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "landzone-benchmarks")
    parser.add_argument("--child", nargs=3, metavar=("NAME", "FOLDER", "RESULT"), help=argparse.SUPPRESS)
    return parser


def compete(
    entries: Sequence[Entry], options: argparse.Namespace, *, own: str = "landzone"
) -> dict[str, Path]:
    """Run the contenders in turns and print the table; return the file with the last result of each."""
    if options.child:
        _child(entries, *options.child)
        raise SystemExit
    entries = [one for one in entries if options.only is None or one.name in options.only]
    data = folder_for(options.size, options.seed, options.folder)
    results: dict[str, Path] = {}
    for turn in range(options.repeats):
        for entry in entries:
            if turn >= entry.most or (entry.runs and not entry.runs[-1].ended):
                continue
            target = (
                options.folder
                / f"{Path(sys.argv[0]).stem}-{entry.name.replace(' ', '-')}-{options.size}.parquet"
            )
            entry.runs.append(_start(entry, data, target))
            if entry.runs[-1].ended:
                results[entry.name] = target
    print(machine())
    print(f"size {options.size}, seed {options.seed}; {json.loads((data / 'made.json').read_text())}")
    print(table(entries, own))
    return results


def _start(entry: Entry, data: Path, target: Path) -> Run:
    command = [sys.executable, *_own_arguments(), "--child", entry.name, str(data), str(target)]
    before = entry.server_cpu() if entry.server_cpu else 0.0
    started = time.perf_counter()
    environment = {**os.environ, **entry.environment}
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, timeout=entry.stop_s, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        passed = time.perf_counter() - started
        return Run(passed, passed, float("nan"), ended=False)
    if done.returncode:
        raise SystemExit(f"{entry.name} ended with {done.returncode}")
    told = json.loads(done.stdout.splitlines()[-1])
    if entry.server_cpu:
        told["cpu_s"] += entry.server_cpu() - before
    return Run(**told)


def _own_arguments() -> list[str]:
    """Return the script and its arguments as they were given, for the process of one run."""
    return list(sys.argv)


def _child(entries: Sequence[Entry], name: str, folder: str, target: str) -> None:
    entry = next(one for one in entries if one.name == name)
    for module in entry.modules:
        __import__(module)
    wall, cpu = time.perf_counter(), _cpu()
    found = entry.run(Path(folder))
    wall, cpu = time.perf_counter() - wall, _cpu() - cpu
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    found.to_parquet(target)
    print(json.dumps({"wall_s": wall, "cpu_s": cpu, "peak_mib": peak / 1024}))


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def table(entries: Sequence[Entry], own: str = "landzone") -> str:
    """Return the medians as a Markdown table; ratio = median of the peer ÷ median of landzone, in CPU time."""
    ours = next((one for one in entries if one.name == own and one.runs), None)
    base = (_median(ours, "cpu_s"), _median(ours, "wall_s")) if ours else (float("nan"), float("nan"))
    lines = [
        "| contender | runs | CPU s (median, least – most) | wall s (median) | peak MiB | ratio CPU | ratio wall |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in entries:
        if not one.runs:
            continue
        cpu, wall = _median(one, "cpu_s"), _median(one, "wall_s")
        least, most = min(run.cpu_s for run in one.runs), max(run.cpu_s for run in one.runs)
        over = "" if one.runs[-1].ended else "> "
        ratios = "–" if one is ours else f"{over}{cpu / base[0]:.1f} | {over}{wall / base[1]:.1f}"
        if one is ours:
            ratios = "– | –"
        lines.append(
            f"| {one.name} | {len(one.runs)} | {over}{cpu:.2f} ({least:.2f} – {most:.2f}) | {over}{wall:.2f} | "
            f"{_median(one, 'peak_mib'):.0f} | {ratios} |"
        )
    return "\n".join(lines)


def _median(entry: Entry | None, name: str) -> float:
    return statistics.median(getattr(run, name) for run in entry.runs) if entry else float("nan")


def machine() -> str:
    """Return what the figures were measured on."""
    packages = (
        "landzone",
        "numpy",
        "pandas",
        "shapely",
        "geopandas",
        "pyproj",
        "duckdb",
        "sedonadb",
        "rasterstats",
    )
    versions = []
    for name in packages:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    import shapely

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores {platform.machine()}, {memory:.0f} GiB, load {load}, "
        f"Python {platform.python_version()}, GEOS {shapely.geos_version_string}, {', '.join(versions)}"
    )
