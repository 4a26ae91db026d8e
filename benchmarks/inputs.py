"""Reads and gates a lattice of generated parcels from a GeoPackage; prints time and peak memory of each step.

Usage: python benchmarks/inputs.py [N]      (default 100000; the bar is told for 1000000)
"""

from __future__ import annotations

import contextlib
import platform
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import psutil
import pyogrio
import shapely
from generate import CRS, lattice

from landzone.geometry.area import AreaMeasure
from landzone.io.gate import gate_layer
from landzone.io.reader import Reader
from landzone.io.topology import topology_report
from landzone.model.layer import Layer
from landzone.model.problems import Problems
from landzone.model.study import AreaKind


def parcels(count: int) -> gpd.GeoDataFrame:
    """Return generated parcels with the columns of a Chinese cadastre."""
    rng = np.random.default_rng(1)
    shapes = lattice(count)
    ids = pd.Series(np.char.mod("4117990010%09d", np.arange(len(shapes))), dtype="str")
    use = pd.Series(rng.choice(["0601", "0508", "0701"], len(shapes)), dtype="str")
    area = np.round(shapely.area(shapes), 2)
    return gpd.GeoDataFrame({"ZDDM": ids, "ZDMJ": area, "DLBM": use}, geometry=shapes, crs=CRS)


def peak_gib() -> float:
    """Return the peak memory of this process in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


class Peak:
    """Watches the memory of this process and its reading process together."""

    def __init__(self) -> None:
        self.gib = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        mine = psutil.Process()
        while not self._done.wait(0.05):
            with contextlib.suppress(psutil.Error):
                both = [mine, *mine.children(recursive=True)]
                self.gib = max(self.gib, sum(p.memory_info().rss for p in both) / 1024**3)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def main(count: int) -> None:
    """Time reading, gating and the topology report."""
    with tempfile.TemporaryDirectory() as folder:
        pyogrio.write_dataframe(parcels(count), Path(folder) / "parcels.gpkg", layer="parcels")
        work = Path(folder) / "work"
        work.mkdir()
        problems, measure = Problems(), AreaMeasure(CRS, AreaKind.ELLIPSOIDAL)
        start = time.perf_counter()
        with Reader(work) as reader, Peak() as peak:
            raw = reader.vector("parcels.gpkg", Path(folder), role="parcels", problems=problems)
        read = time.perf_counter()
        layer: Layer = gate_layer(
            raw, columns={}, units={"registered_area": "m2"}, same_id="reject", crs=CRS, transformation=None,
            measure=measure, problems=problems,
        )  # fmt: skip
        gated = time.perf_counter()
        report = topology_report({"parcels": layer}, [], measure, 1.0, problems)
        told = time.perf_counter()
    print(f"{platform.machine()}, Python {platform.python_version()}, shapely {shapely.__version__}")
    print(f"{len(layer.frame)} parcels: read {read - start:.1f} s, gate {gated - read:.1f} s,")
    print(
        f"topology report {told - gated:.1f} s ({len(report.frame)} rows), peak while reading {peak.gib:.2f} GiB"
        f" (both processes), later {peak_gib():.2f} GiB"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
