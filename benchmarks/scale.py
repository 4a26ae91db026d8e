"""A whole audit of generated land through the command line, as a user runs it: stages, parts, processes, memory.

python benchmarks/scale.py --size 10k --workers 1 2
python benchmarks/scale.py --size 1m --workers 2 --kill

``--kill`` ends the client with SIGKILL when half the partitions are done, and resumes. The outputs of all runs are
compared byte by byte with those of the first.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from audit import write_study
from generate import SIZES
from harness import machine


@dataclass
class Run:
    """What one run was seen to do."""

    seconds: float = 0.0
    code: int | None = None
    stages: dict[str, float] = field(default_factory=dict)
    parts: int = 0
    client_gib: float = 0.0
    worker_gib: float = 0.0
    whole_gib: float = 0.0
    cpu: dict[int, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)


def run(study: Path, out: Path, *words: str, kill_at: float = 2.0) -> Run:
    """Run an audit and watch it; end it when so large a share of its partitions is done."""
    command = [sys.executable, "-m", "landzone", "audit", str(study), "--as-of", "2014-06-30", "-o", str(out)]
    begun = time.perf_counter()
    log = out.with_suffix(".log")
    found = Run()
    with log.open("w") as stream:
        process = psutil.Popen([*command, "--log-json", *words], stderr=stream)
        while process.poll() is None:
            watch(process, found, stage(log))
            time.sleep(0.2)
            done, total = progress(log)
            if total and done / total >= kill_at:
                process.kill()
    found.seconds, found.code = time.perf_counter() - begun, process.returncode
    found.parts = progress(log)[1]
    found.stages = stages(log)
    return found


def watch(process: psutil.Process, found: Run, stage: str) -> None:
    whole = 0.0
    try:
        for one in [process, *process.children(recursive=True)]:
            gib = one.memory_info().rss / (1 << 30)
            times = one.cpu_times()
            found.cpu[one.pid] = times.user + times.system
            whole += gib
            if one.pid == process.pid:
                found.client_gib = max(found.client_gib, gib)
                found.memory[stage] = max(found.memory.get(stage, 0.0), gib)
            else:
                found.worker_gib = max(found.worker_gib, gib)
    except psutil.Error:
        return
    found.whole_gib = max(found.whole_gib, whole)


def events(log: Path) -> list[dict[str, object]]:
    found = []
    for line in log.read_text("utf-8").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def progress(log: Path) -> tuple[int, int]:
    told = [one for one in events(log) if one.get("stage") == "tasks"]
    return (int(str(told[-1]["done"])), int(str(told[-1]["total"]))) if told else (0, 0)


def stage(log: Path) -> str:
    """Return the stage that began last."""
    told = [one for one in events(log) if one.get("event") == "progress"]
    return (
        f"{told[-1]['stage']} {told[-1]['name'] if told[-1]['stage'] == 'write' else ''}".strip()
        if told
        else ""
    )


def stages(log: Path) -> dict[str, float]:
    """Return the seconds from the beginning of each stage to that of the next."""
    found: dict[str, float] = {}
    told = [one for one in events(log) if one.get("event") == "progress"]
    for one, after in itertools.pairwise(told):
        name = str(one["stage"]) + (f" {one['name']}" if one["stage"] == "write" else "")
        found[name] = found.get(name, 0.0) + float(str(after["seconds"])) - float(str(one["seconds"]))
    return found


def same_bytes(one: Path, two: Path) -> list[str]:
    """Return the names of the outputs that differ; the time stamp of ``run.json`` apart."""
    names = sorted({path.name for path in [*one.iterdir(), *two.iterdir()]} - {"run.json"})
    return [name for name in names if (one / name).read_bytes() != (two / name).read_bytes()]


def told(name: str, found: Run, count: int) -> None:
    cpu = sum(found.cpu.values())
    print(f"{name}: exit {found.code}, wall {found.seconds:.1f} s, {found.parts} partitions")
    print(f"  CPU {cpu:.1f} s, {cpu / count * 1e6:.0f} µs a parcel")
    print(
        f"  most memory: client {found.client_gib:.2f} GiB, one worker {found.worker_gib:.2f} GiB, "
        f"all {found.whole_gib:.2f} GiB"
    )
    print("  seconds: " + ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in found.stages.items()))
    print("  client GiB: " + ", ".join(f"{stage} {gib:.2f}" for stage, gib in found.memory.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="10k")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "landzone-benchmarks")
    options = parser.parse_args()
    study = write_study(options.size, 1, options.folder)
    print(machine(), f"{os.cpu_count()} cores")
    first: Path | None = None
    for workers in options.workers:
        out = options.folder / f"scale-{options.size}-{workers}"
        for path in (out, out.with_name(out.name + ".work")):
            shutil.rmtree(path, ignore_errors=True)
        words = ["--workers", str(workers)]
        if options.kill:
            told(f"{workers} workers, killed", run(study, out, *words, kill_at=0.5), SIZES[options.size])
            words.append("--resume")
        told(f"{workers} workers", run(study, out, *words), SIZES[options.size])
        if first is None:
            first = out
        else:
            print(f"  other bytes than the first run: {same_bytes(first, out) or 'none'}")


if __name__ == "__main__":
    main()
