"""Raster statistics on a 3 × 3 raster whose answers can be counted."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from landzone.geometry.zonal import STATS, bounds_of, class_shares, zonal

VALUES = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
BOUNDS = (0.0, 0.0, 3.0, 3.0)


@pytest.mark.parametrize(
    ("stat", "expected"),
    [
        ("count", 4.0),
        ("sum", 20.0),  # 5 + (2 + 4 + 6 + 8) / 2 + (1 + 3 + 7 + 9) / 4
        ("mean", 5.0),
        ("min", 1.0),
        ("max", 9.0),
        ("variance", 5.0),
        ("stdev", 5.0**0.5),
        ("median", 5.0),
        ("majority", 5.0),
        ("variety", 9.0),
    ],
)
def test_pixels_count_by_their_covered_share(stat: str, expected: float) -> None:
    square = shapely.box(0.5, 0.5, 2.5, 2.5)
    assert zonal([square], VALUES, BOUNDS, [stat])[stat].tolist() == pytest.approx([expected])


def test_nothing_covered_is_nan() -> None:
    shapes = [shapely.box(10, 10, 11, 11), None, shapely.Polygon(), shapely.box(2.5, 2.5, 4, 4)]
    found = zonal(shapes, VALUES, BOUNDS, STATS)
    assert list(found.columns) == list(STATS)
    assert found["mean"].isna().tolist() == [True, True, True, False]
    assert found["sum"].isna().tolist() == [True, True, True, False]
    assert found["variety"].isna().tolist() == [True, True, True, False]
    assert found["count"].tolist() == pytest.approx([0.0, np.nan, np.nan, 0.25], nan_ok=True)
    assert found["sum"].iloc[3] == pytest.approx(0.75)
    assert zonal([None], VALUES, BOUNDS, ["mean"])["mean"].isna().all()


@pytest.mark.parametrize("dtype", ["float64", "float32", "int16", "uint8"])
def test_no_data_is_left_out(dtype: str) -> None:
    found = zonal(
        [shapely.box(0, 0, 3, 3), shapely.box(0, 2, 1, 3)], VALUES.astype(dtype), BOUNDS, ["mean", "count"], 1
    )
    assert found["mean"].tolist() == pytest.approx([5.5, np.nan], nan_ok=True)
    assert found["count"].tolist() == [8.0, 0.0]


def test_nan_and_mask_are_no_data_too() -> None:
    holey = VALUES.copy()
    holey[0, 0] = np.nan
    masked = np.ma.masked_equal(VALUES, 1.0)
    whole = [shapely.box(0, 0, 3, 3)]
    assert zonal(whole, holey, BOUNDS)["mean"].tolist() == [5.5]
    assert zonal(whole, masked, BOUNDS)["mean"].tolist() == [5.5]


def test_a_shape_half_beside_the_raster_uses_what_is_there() -> None:
    assert zonal([shapely.box(2, 0, 5, 3)], VALUES, BOUNDS)["mean"].tolist() == [6.0]


def test_shares_of_land_cover() -> None:
    cover = np.array([[50, 50, 60], [50, 60, 60], [0, 0, 0]], dtype="uint8")
    shapes = [shapely.box(0, 0, 3, 3), shapely.box(2, 2, 4, 3), None, shapely.box(0, 0, 1, 1)]
    found = class_shares(shapes, cover, BOUNDS, {"built": [50], "bare": [60], "any": [50, 60]}, nodata=0)
    assert found["built"].tolist() == pytest.approx([0.5, 0.0, np.nan, np.nan], nan_ok=True)
    assert found["bare"].tolist() == pytest.approx([0.5, 1.0, np.nan, np.nan], nan_ok=True)
    assert found["any"].tolist() == pytest.approx([1.0, 1.0, np.nan, np.nan], nan_ok=True)
    assert found["covered_ratio"].tolist() == pytest.approx([2 / 3, 0.5, np.nan, 0.0], nan_ok=True)


def test_wrong_calls_are_refused() -> None:
    with pytest.raises(ValueError, match="average"):
        zonal([shapely.box(0, 0, 1, 1)], VALUES, BOUNDS, ["average"])
    with pytest.raises(ValueError, match="two dimensions"):
        zonal([shapely.box(0, 0, 1, 1)], VALUES[None], BOUNDS)


def test_bounds_of_an_affine_transform() -> None:
    assert bounds_of((10.0, 0.0, 500.0, 0.0, -10.0, 900.0), (3, 4)) == (500.0, 870.0, 540.0, 900.0)
    with pytest.raises(ValueError, match="turned"):
        bounds_of((10.0, 1.0, 500.0, 0.0, -10.0, 900.0), (3, 4))
