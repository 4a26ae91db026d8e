"""Mean and sum of a raster under parcels, exact to the share of a pixel: landzone beside rasterstats.

python benchmarks/zonal.py --size 10k
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from generate import ORIGIN, SIZES, extent, folder_for
from harness import Entry, arguments, compete

PIXEL_M = 10.0


def write_raster(folder: Path, size: str) -> Path:
    """Write a raster of 10 m under the parcels: a ramp, so that the exact mean of a parcel is its centroid's value."""
    import rasterio

    path = folder / "ramp.tif"
    if not path.exists():
        _, wide, high = extent(SIZES[size])
        columns, rows = int(wide / PIXEL_M) + 20, int(high / PIXEL_M) + 20
        left, top = ORIGIN[0] - 10 * PIXEL_M, ORIGIN[1] + high + 10 * PIXEL_M
        x = left + (np.arange(columns) + 0.5) * PIXEL_M - ORIGIN[0]
        values = np.broadcast_to(x, (rows, columns)).astype("float32")
        with rasterio.open(
            path, "w", driver="GTiff", width=columns, height=rows, count=1, dtype="float32", crs="EPSG:4547",
            transform=rasterio.transform.from_origin(left, top, PIXEL_M, PIXEL_M),
        ) as target:  # fmt: skip
            target.write(values, 1)
    return path


def landzone(folder: Path) -> pd.DataFrame:
    import landzone as lz

    parcels = gpd.read_parquet(folder / "parcels.parquet", columns=["parcel_id", "geometry"])
    found = lz.zonal(parcels.set_index("parcel_id"), folder / "ramp.tif", ["mean", "count"])
    return found.reset_index()


def rasterstats(folder: Path) -> pd.DataFrame:
    from rasterstats import zonal_stats

    parcels = gpd.read_parquet(folder / "parcels.parquet", columns=["parcel_id", "geometry"])
    found = pd.DataFrame(zonal_stats(parcels, str(folder / "ramp.tif"), stats=["mean", "count"]))
    return found.assign(parcel_id=parcels["parcel_id"])


ENTRIES = [
    Entry("landzone", landzone, ("landzone.api", "landzone.io.rasters", "exactextract", "pyarrow.parquet")),
    Entry("rasterstats", rasterstats, ("rasterstats", "pyarrow.parquet")),
]


def main() -> None:
    options = arguments(__doc__).parse_args()
    folder = folder_for(options.size, options.seed, options.folder)
    write_raster(folder, options.size)
    results = compete(ENTRIES, options)
    parcels = gpd.read_parquet(folder / "parcels.parquet", columns=["parcel_id", "geometry"])
    for name, path in results.items():
        found = pd.read_parquet(path).set_index("parcel_id").loc[parcels["parcel_id"]]
        pixels = parcels.area.to_numpy() / PIXEL_M**2
        off = np.abs(found["count"].to_numpy(dtype="float64") / pixels - 1).max()
        print(f"{name}: covered pixels against area ÷ pixel, off by {off:.1e} at most")


if __name__ == "__main__":
    main()
