"""Ellipsoidal area of parcels: landzone beside a loop over pyproj.Geod, in longitude and latitude.

python benchmarks/area.py --size 100k

landzone measures the parcels in their projected CRS; the peer gets them in longitude and latitude already. Its edges
are geodesics, those of landzone straight in the plane: the gate tells how far the two lie apart.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from harness import Entry, arguments, compete

GEOD = pyproj.Geod(ellps="GRS80")


def landzone(folder: Path) -> pd.DataFrame:
    import landzone as lz

    parcels = gpd.read_parquet(folder / "parcels.parquet", columns=["parcel_id", "geometry"])
    return pd.DataFrame({"parcel_id": parcels["parcel_id"], "m2": lz.area_m2(parcels).to_numpy()})


def pyproj_loop(folder: Path) -> pd.DataFrame:
    parcels = gpd.read_parquet(_lonlat(folder))
    areas = [abs(GEOD.geometry_area_perimeter(shape)[0]) for shape in parcels.geometry]
    return pd.DataFrame({"parcel_id": parcels["parcel_id"], "m2": areas})


def _lonlat(folder: Path) -> Path:
    path = folder / "parcels-lonlat.parquet"
    if not path.exists():
        gpd.read_parquet(folder / "parcels.parquet", columns=["parcel_id", "geometry"]).to_crs(
            4490
        ).to_parquet(path)
    return path


ENTRIES = [
    Entry("landzone", landzone, ("landzone.api", "pyarrow.parquet")),
    Entry("pyproj", pyproj_loop, ("pyarrow.parquet",)),
]


def main() -> None:
    options = arguments(__doc__, default="100k").parse_args()
    if not options.child:
        from generate import folder_for

        _lonlat(folder_for(options.size, options.seed, options.folder))
    results = compete(ENTRIES, options)
    ours, theirs = (pd.read_parquet(results[name])["m2"].to_numpy() for name in ("landzone", "pyproj"))
    off = np.abs(ours - theirs) / theirs
    print(
        f"difference to Geod: {off.max():.1e} of the parcel at most, {np.median(off):.1e} in the middle (bar 1e-7)"
    )


if __name__ == "__main__":
    main()
