"""Areas of plan classes by parcel, files in and table out: landzone beside its peers.

python benchmarks/overlay.py --size 10k
python benchmarks/overlay.py --size 100k --only landzone geopandas
"""

from __future__ import annotations

import sys
from pathlib import Path

import gates
import geopandas as gpd
import pandas as pd
from harness import Entry, arguments, compete

import postgis

KEYS = ["parcel_id", "code"]


def landzone(folder: Path, area_kind: str = "planar") -> pd.DataFrame:
    import landzone as lz

    parcels = gpd.read_parquet(folder / f"{PARCELS}.parquet", columns=["parcel_id", "geometry"])
    classes = gpd.read_parquet(folder / "classes.parquet", columns=["code", "geometry"])
    pairs = lz.overlap_m2(parcels.set_index("parcel_id"), classes.set_index("code"), area_kind)
    pairs.columns = [*KEYS, "m2"]
    return pairs.groupby(KEYS, sort=False, as_index=False)["m2"].sum()


def landzone_ellipsoidal(folder: Path) -> pd.DataFrame:
    return landzone(folder, "ellipsoidal")


def geopandas(folder: Path) -> pd.DataFrame:
    parcels = gpd.read_parquet(folder / f"{PARCELS}.parquet", columns=["parcel_id", "geometry"])
    classes = gpd.read_parquet(folder / "classes.parquet", columns=["code", "geometry"])
    pieces = gpd.overlay(parcels, classes, how="intersection", keep_geom_type=True)
    return pieces.assign(m2=pieces.area).groupby(KEYS, as_index=False)["m2"].sum()


def postgis_subdivide(folder: Path) -> pd.DataFrame:
    parcels = gpd.read_parquet(folder / f"{PARCELS}.parquet", columns=["parcel_id", "geometry"])
    classes = gpd.read_parquet(folder / "classes.parquet", columns=["code", "geometry"])
    with postgis.connect() as connection:
        postgis.load(connection, "parcels", parcels, "parcel_id")
        postgis.load(connection, "classes", classes, "code")
        connection.execute("DROP TABLE IF EXISTS pieces")
        connection.execute(
            "CREATE UNLOGGED TABLE pieces AS SELECT code, ST_Subdivide(geom, 256) AS geom FROM classes"
        )
        connection.execute("CREATE INDEX ON pieces USING gist (geom)")
        connection.execute("ANALYZE pieces")
        rows = connection.execute(
            "SELECT parcel_id, code, sum(CASE WHEN ST_CoveredBy(p.geom, c.geom) THEN ST_Area(p.geom) "
            "ELSE ST_Area(ST_Intersection(p.geom, c.geom)) END) AS m2 "
            "FROM parcels p JOIN pieces c ON ST_Intersects(p.geom, c.geom) GROUP BY 1, 2"
        ).fetchall()
    return pd.DataFrame(rows, columns=[*KEYS, "m2"])


def duckdb_spatial(folder: Path) -> pd.DataFrame:
    import duckdb
    import duckdb_extension_spatial

    extension = next(Path(duckdb_extension_spatial.__file__).parent.rglob("spatial.duckdb_extension"))
    with duckdb.connect() as connection:
        connection.execute(f"LOAD '{extension}'")
        return connection.execute(
            "SELECT parcel_id, code, sum(ST_Area(ST_Intersection(p.geometry, c.geometry))) AS m2 "
            f"FROM read_parquet('{folder}/{PARCELS}.parquet') p JOIN read_parquet('{folder}/classes.parquet') c "
            "ON ST_Intersects(p.geometry, c.geometry) GROUP BY 1, 2"
        ).df()


def sedona(folder: Path) -> pd.DataFrame:
    import sedonadb

    context = sedonadb.connect()
    context.read_parquet(str(folder / f"{PARCELS}.parquet")).to_view("parcels")
    context.read_parquet(str(folder / "classes.parquet")).to_view("classes")
    return context.sql(
        "SELECT parcel_id, code, sum(ST_Area(ST_Intersection(p.geometry, c.geometry))) AS m2 "
        "FROM parcels p JOIN classes c ON ST_Intersects(p.geometry, c.geometry) GROUP BY 1, 2"
    ).to_pandas()


PARCELS = "split" if "--split" in sys.argv else "parcels"

ENTRIES = [
    Entry("landzone", landzone, ("landzone.geometry.overlay", "landzone.api", "pyarrow.parquet")),
    Entry(
        "landzone ellipsoidal",
        landzone_ellipsoidal,
        ("landzone.geometry.overlay", "landzone.api", "pyarrow.parquet"),
    ),
    Entry("geopandas", geopandas, ("pyarrow.parquet",)),
    Entry("postgis", postgis_subdivide, ("psycopg", "pyarrow.parquet")),
    Entry("duckdb", duckdb_spatial, ("duckdb",)),
    Entry("sedonadb", sedona, ("sedonadb",)),
]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--split", action="store_true", help="parcels with T-junctions, gaps and overlaps")
    parser.add_argument("--slow-runs", type=int, default=99, help="fewer runs of geopandas, duckdb, sedonadb")
    options = parser.parse_args()
    for entry in ENTRIES:
        if entry.name in ("geopandas", "duckdb", "sedonadb"):
            entry.most = options.slow_runs
    wanted = options.only is None or "postgis" in options.only
    if wanted and not options.child and postgis.installed():
        with postgis.server() as data:
            next(one for one in ENTRIES if one.name == "postgis").server_cpu = lambda: postgis.cpu_of(data)
            results = compete(ENTRIES, options)
    else:
        results = compete(ENTRIES, options)
    print(gates.same_areas(results, KEYS))
    print(gates.overlay(options, PARCELS))


if __name__ == "__main__":
    main()
