"""Ground under buildings by parcel, overlaps counted once: landzone beside geopandas.overlay and dissolve.

python benchmarks/cover.py --size 100k
"""

from __future__ import annotations

from pathlib import Path

import gates
import geopandas as gpd
import pandas as pd
from harness import Entry, arguments, compete


def _read(folder: Path) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    parcels = gpd.read_parquet(folder / "parcels.parquet", columns=["parcel_id", "geometry"])
    return parcels, gpd.read_parquet(folder / "buildings.parquet", columns=["building_id", "geometry"])


def landzone(folder: Path) -> pd.DataFrame:
    import landzone as lz

    parcels, buildings = _read(folder)
    cover = lz.covered_m2(parcels.set_index("parcel_id"), buildings, "planar")
    cover = cover[cover > 0]
    return pd.DataFrame({"parcel_id": cover.index, "m2": cover.to_numpy()})


def geopandas(folder: Path) -> pd.DataFrame:
    parcels, buildings = _read(folder)
    pieces = gpd.overlay(parcels, buildings, how="intersection", keep_geom_type=True)
    cover = pieces.dissolve(by="parcel_id")
    return pd.DataFrame({"parcel_id": cover.index, "m2": cover.area.to_numpy()})


ENTRIES = [
    Entry("landzone", landzone, ("landzone.api", "pyarrow.parquet")),
    Entry("geopandas", geopandas, ("pyarrow.parquet",)),
]


def main() -> None:
    results = compete(ENTRIES, arguments(__doc__, default="100k").parse_args())
    print(gates.same_areas(results, ["parcel_id"]))


if __name__ == "__main__":
    main()
