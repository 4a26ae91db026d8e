"""Statistics of a raster file under polygons, with answers worked out by hand."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

import landzone as lz

X, Y = 500_000.0, 3_650_000.0


@pytest.fixture
def raster(tmp_path: Path) -> Path:
    """Three by three pixels of 10 m, values 1…9 from the north-west, the middle one without data."""
    path = tmp_path / "values.tif"
    values = np.arange(1, 10, dtype=np.float32).reshape(3, 3)
    values[1, 1] = -1
    options = {"driver": "GTiff", "width": 3, "height": 3, "count": 1, "dtype": "float32", "nodata": -1}
    with rasterio.open(
        path, "w", crs="EPSG:4547", transform=from_origin(X, Y + 30, 10, 10), **options
    ) as target:
        target.write(values, 1)
    return path


def test_half_pixels_count_half(raster: Path) -> None:
    """The polygon covers pixel 1 whole and half of pixel 2: mean (1 + 0.5 × 2) / 1.5."""
    zones = gpd.GeoSeries({"a": shapely.box(X, Y + 20, X + 15, Y + 30)}, crs=4547)
    found = lz.zonal(zones, raster, stats=["mean", "count"])
    assert found.loc["a", "count"] == pytest.approx(1.5)
    assert found.loc["a", "mean"] == pytest.approx(2 / 1.5)


def test_a_file_that_points_to_others_is_not_opened_whatever_it_is_called(
    raster: Path, tmp_path: Path
) -> None:
    """GDAL would open this by content and read the other file, here or on the network."""
    pointer = tmp_path / "pointer.tif"
    pointer.write_text(
        '<VRTDataset rasterXSize="3" rasterYSize="3"><SRS>EPSG:4547</SRS>'
        f"<GeoTransform>{X},10,0,{Y + 30},0,-10</GeoTransform>"
        '<VRTRasterBand dataType="Float32" band="1"><SimpleSource>'
        f"<SourceFilename>{raster}</SourceFilename><SourceBand>1</SourceBand>"
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )
    with rasterio.open(pointer) as readable:
        assert readable.read(1)[0, 0] == 1
    with pytest.raises(lz.Refusal, match="RASTER_UNREADABLE"):
        lz.zonal(gpd.GeoSeries([shapely.box(X, Y, X + 30, Y + 30)], crs=4547), pointer)


def test_ground_without_data_or_beside_the_raster_is_missing_not_zero(raster: Path) -> None:
    zones = gpd.GeoSeries(
        {
            "hole": shapely.box(X + 10, Y + 10, X + 20, Y + 20),
            "away": shapely.box(X + 900, Y, X + 910, Y + 10),
        },
        crs=4547,
    )
    assert lz.zonal(zones, raster, stats=["mean"])["mean"].isna().tolist() == [True, True]


def test_polygons_in_another_zone_prefix_are_brought_to_the_raster(raster: Path) -> None:
    zones = gpd.GeoSeries({"a": shapely.box(38_000_000 + X, Y, 38_000_000 + X + 30, Y + 30)}, crs=4526)
    assert lz.zonal(zones, raster, stats=["sum"]).loc["a", "sum"] == pytest.approx(45 - 5)


def test_a_file_that_is_no_raster_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_text("no raster")
    zones = gpd.GeoSeries([shapely.box(0, 0, 1, 1)], crs=4547)
    with pytest.raises(lz.Refusal, match="RASTER_UNREADABLE"):
        lz.zonal(zones, tmp_path / "a.tif")
    with pytest.raises(lz.Refusal, match="RASTER_NOT_FOUND"):
        lz.zonal(zones, tmp_path / "b.tif")
