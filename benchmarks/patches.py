"""N plans into difference patches, files in and table out: landzone beside successive geopandas.overlay.

python benchmarks/patches.py --size 10k --plans 2
python benchmarks/patches.py --size 10k --plans 5 --repeats 3

landzone also tells connected places apart, measures them on the ellipsoid, judges kind and type, and closes the sum to
the zone; the peer gives one multipolygon for each combination of classes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import gates
import geopandas as gpd
import pandas as pd
import shapely
from generate import CODES, CRS, MARGIN_M, ORIGIN, SIZES, extent
from harness import Entry, arguments, compete

COMMON = dict(zip(CODES, "CCKRPW", strict=True))


def _plans(folder: Path) -> dict[str, gpd.GeoDataFrame]:
    names = [f"plan_{number}" for number in range(1, PLANS + 1)]
    return {
        name: gpd.read_parquet(folder / f"{name}.parquet", columns=["code", "geometry"]) for name in names
    }


def zone(size: str) -> gpd.GeoSeries:
    """Return the one zone: the ground of the plans, but for half the margin on every side."""
    _, wide, high = extent(SIZES[size])
    box = shapely.box(-MARGIN_M / 2, -MARGIN_M / 2, wide + MARGIN_M / 2, high + MARGIN_M / 2)
    return gpd.GeoSeries([shapely.transform(box, lambda xy: xy + ORIGIN)], index=["Z"], crs=CRS)


def landzone(folder: Path) -> pd.DataFrame:
    import landzone as lz

    plans = {name: frame.assign(common=frame["code"].map(COMMON)) for name, frame in _plans(folder).items()}
    patches = lz.align(plans, within=zone(folder.name.split("-")[2]))
    return pd.DataFrame(patches.drop(columns="geometry"))


def geopandas(folder: Path) -> pd.DataFrame:
    size = folder.name.split("-")[2]
    found = gpd.GeoDataFrame(geometry=zone(size))
    for name, frame in _plans(folder).items():
        found = gpd.overlay(found, frame.rename(columns={"code": name}), how="identity", keep_geom_type=True)
    return pd.DataFrame(found.assign(area_m2=found.area).drop(columns="geometry"))


PLANS = int(sys.argv[sys.argv.index("--plans") + 1]) if "--plans" in sys.argv else 2

ENTRIES = [
    Entry("landzone", landzone, ("landzone.api", "pyarrow.parquet")),
    Entry("geopandas", geopandas, ("pyarrow.parquet",), stop_s=1800),
]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--plans", type=int, default=2)
    parser.add_argument("--geopandas-runs", type=int, default=99, help="fewer runs for the slow peer")
    options = parser.parse_args()
    ENTRIES[1].most = options.geopandas_runs
    results = compete(ENTRIES, options)
    for name, path in results.items():
        table = pd.read_parquet(path)
        small = int((table["area_m2"] < 1).sum())
        print(f"{name}: {len(table)} rows, {small} under 1 m², in all {table['area_m2'].sum():.4f} m²")
    print(
        gates.patches(
            _plans(options.folder / f"landzone-bench-{options.size}-{options.seed}"), zone(options.size)
        )
    )


if __name__ == "__main__":
    main()
