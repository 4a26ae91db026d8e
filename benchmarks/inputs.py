"""Reads and gates a lattice of generated parcels from a GeoPackage; prints time and peak memory of each step.

Usage: python benchmarks/inputs.py [N]      (default 100000; the bar is told for 1000000)
"""

from __future__ import annotations

import platform
import resource
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from landzone.geometry.area import AreaMeasure
from landzone.io.agreement import note_overlaps
from landzone.io.gate import gate_layer
from landzone.io.vector import read_vector
from landzone.model.layer import Layer
from landzone.model.problems import Problems
from landzone.model.study import AreaKind

CRS = pyproj.CRS(4547)


def lattice(count: int, seed: int = 1) -> gpd.GeoDataFrame:
    """Return about ``count`` parcels of 12 corners in a jittered lattice; neighbours share their edges bit for bit."""
    side = int(np.sqrt(count))
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(side + 1) * 60.0, np.arange(side + 1) * 40.0, indexing="ij")
    corner = np.stack([x + rng.uniform(-8, 8, x.shape), y + rng.uniform(-6, 6, y.shape)], axis=-1)
    across = rng.uniform(-3, 3, (side, side + 1, 2, 2))
    along = rng.uniform(-3, 3, (side + 1, side, 2, 2))
    i, j = (part.ravel() for part in np.meshgrid(np.arange(side), np.arange(side), indexing="ij"))

    def flat(i: np.ndarray, j: np.ndarray, step: int) -> np.ndarray:
        a, b = corner[i, j], corner[i + 1, j]
        return a + (b - a) * (step + 1) / 3 + across[i, j, step]

    def tall(i: np.ndarray, j: np.ndarray, step: int) -> np.ndarray:
        a, b = corner[i, j], corner[i, j + 1]
        return a + (b - a) * (step + 1) / 3 + along[i, j, step]

    ring = [
        corner[i, j], flat(i, j, 0), flat(i, j, 1), corner[i + 1, j], tall(i + 1, j, 0), tall(i + 1, j, 1),
        corner[i + 1, j + 1], flat(i, j + 1, 1), flat(i, j + 1, 0), corner[i, j + 1], tall(i, j, 1), tall(i, j, 0),
        corner[i, j],
    ]  # fmt: skip
    shapes = shapely.polygons(np.round(np.stack(ring, axis=1) + np.array([480_000.0, 3_650_000.0]), 3))
    ids = pd.Series(np.char.mod("4117990010%09d", np.arange(len(shapes))), dtype="str")
    use = pd.Series(rng.choice(["0601", "0508", "0701"], len(shapes)), dtype="str")
    area = np.round(shapely.area(shapes), 2)
    return gpd.GeoDataFrame({"ZDDM": ids, "ZDMJ": area, "DLBM": use}, geometry=shapes, crs=CRS)


def peak_gib() -> float:
    """Return the peak memory of the process in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def main(count: int) -> None:
    """Time reading, gating and the topology report."""
    with tempfile.TemporaryDirectory() as folder:
        pyogrio.write_dataframe(lattice(count), Path(folder) / "parcels.gpkg", layer="parcels")
        work = Path(folder) / "work"
        work.mkdir()
        problems, measure = Problems(), AreaMeasure(CRS, AreaKind.ELLIPSOIDAL)
        start = time.perf_counter()
        raw = read_vector("parcels.gpkg", Path(folder), role="parcels", problems=problems, work=work)
        read = time.perf_counter()
        layer: Layer = gate_layer(
            raw, columns={}, units={"registered_area": "m2"}, same_id="reject", crs=CRS, transformation=None,
            measure=measure, problems=problems,
        )  # fmt: skip
        gated = time.perf_counter()
        note_overlaps(layer.frame, measure, {"source": "parcels.gpkg", "layer": "parcels"}, problems)
        told = time.perf_counter()
    print(f"{platform.machine()}, Python {platform.python_version()}, shapely {shapely.__version__}")
    print(f"{len(layer.frame)} parcels: read {read - start:.1f} s, gate with topology {gated - read:.1f} s,")
    print(f"topology report alone {told - gated:.1f} s, peak {peak_gib():.2f} GiB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
