"""Parcels read from a PostGIS server on loopback, by a role that can only read, beside the same ones from GeoPackage.

python benchmarks/database.py --size 100k      (bar: 1.5 s of wall time for 100,000 parcels on an idle machine)

Gate: the same ids and the same bytes of every shape.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from generate import CRS, SIZES, lattice
from harness import machine

from landzone.io.raw import Raw
from landzone.io.vector import read_vector
from landzone.model.problems import Problems
from postgis import connect, cpu_of, load, server

REPEATS = 5


def parcels(count: int) -> gpd.GeoDataFrame:
    shapes = lattice(count)
    return gpd.GeoDataFrame(
        {"parcel_id": np.char.mod("P%08d", np.arange(len(shapes)))}, geometry=shapes, crs=CRS
    )


def publish(frame: gpd.GeoDataFrame) -> None:
    """Load a frame into ``parcels`` and make the role ``reader``, which can do nothing but read it."""
    with connect() as connection:
        load(connection, "parcels", frame, "parcel_id")
        connection.execute(
            "ALTER TABLE parcels ALTER geom TYPE geometry(Polygon, 4547) USING ST_SetSRID(geom, 4547),"
            " ADD PRIMARY KEY (parcel_id)"
        )
        connection.execute(f"CREATE ROLE reader LOGIN PASSWORD '{os.environ['PGPASSWORD']}'")
        connection.execute("GRANT SELECT ON parcels TO reader")


def timed(name: str, read: Callable[[], Raw], server_cpu: Callable[[], float]) -> Raw:
    walls, own, theirs = [], [], []
    for _ in range(REPEATS):
        before = time.perf_counter(), cpu(), server_cpu()
        raw = read()
        after = time.perf_counter(), cpu(), server_cpu()
        for kept, one, two in zip((walls, own, theirs), before, after, strict=True):
            kept.append(two - one)
    said = ", ".join(
        f"{word} {np.median(s):.2f} s" for word, s in (("wall", walls), ("CPU", own), ("server", theirs))
    )
    print(
        f"{name}, {len(raw.rows)} parcels, {REPEATS} runs, median: {said}; least wall {min(walls):.2f} s",
        flush=True,
    )
    return raw


def cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="10k")
    options = parser.parse_args()
    frame = parcels(SIZES[options.size])
    print(machine())
    with tempfile.TemporaryDirectory() as name, server() as data:
        folder = Path(name)
        frame.to_file(folder / "parcels.gpkg")
        publish(frame)
        source = f"postgresql://reader@127.0.0.1:{os.environ['PGPORT']}/postgres?table=public.parcels"

        def read(source: str) -> Raw:
            return read_vector(source, folder, role="parcels", problems=Problems(), work=folder / "work")

        base = timed("PostGIS", lambda: read(source), lambda: cpu_of(data))
        file = timed("GeoPackage", lambda: read("parcels.gpkg"), lambda: 0.0)
        one, two = (
            dict(zip(raw.cells["parcel_id"], shapely.to_wkb(raw.geometry), strict=True))
            for raw in (base, file)
        )
        print(f"the same ids and shapes: {one == two}")


if __name__ == "__main__":
    main()
