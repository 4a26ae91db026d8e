"""Statistics of a raster under polygons, exact to the share of each pixel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import exactextract
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from exactextract.feature import GeoPandasFeatureSource
from exactextract.raster import NumPyRasterSource

from landzone.units import FloatArray

Bounds = tuple[float, float, float, float]

STATS = (
    "count",
    "sum",
    "mean",
    "min",
    "max",
    "stdev",
    "variance",
    "median",
    "majority",
    "minority",
    "variety",
)
"""Statistics on offer; ``count`` is pixels, counted by the share that is covered."""


class _Shapes(GeoPandasFeatureSource):  # type: ignore[misc]
    """Shapes as exactextract takes them; that they are in the CRS of the raster is the caller's word."""

    def srs_wkt(self) -> None:
        """Return nothing: there is nothing to compare."""


def bounds_of(transform: Sequence[float], shape: tuple[int, int]) -> Bounds:
    """Return (min x, min y, max x, max y) of a north-up raster from its affine transform (a, b, c, d, e, f).

    Raises
    ------
    ValueError
        For a raster that is turned or mirrored.
    """
    a, b, c, d, e, f = (float(v) for v in tuple(transform)[:6])
    if b or d or a <= 0 or e >= 0:
        raise ValueError("the raster is turned or mirrored; bring it to north-up first")
    rows, columns = shape
    return c, f + e * rows, c + a * columns, f


def zonal(
    shapes: Any,
    array: Any,
    bounds: Bounds,
    stats: Sequence[str] = ("mean",),
    nodata: float | None = None,
) -> pd.DataFrame:
    """Take statistics of raster values under each shape, every pixel weighted by its covered share.

    Parameters
    ----------
    shapes : array of polygons
        In the CRS of the raster.
    array : array, shape (rows, columns)
        Values, first row in the north. NaN and masked pixels count as no data.
    bounds : (min x, min y, max x, max y)
        Outer edges of the raster (``bounds_of`` turns an affine transform into them).
    stats : sequence of str
        Of ``STATS``.
    nodata : float, optional
        Value that means no data.

    Returns
    -------
    DataFrame
        One row a shape in the same order, one float column a statistic. NaN where no pixel with data is covered
        (0.0 for ``count`` of a shape beside the raster), and for missing and empty shapes everywhere.

    Raises
    ------
    ValueError
        For an unknown statistic or an array that is not two-dimensional.

    Source: exactextract (Baston).

    Examples
    --------
    >>> zonal([shapely.box(0, 0, 1.5, 1)], np.array([[10.0, 40.0]]), (0, 0, 2, 1), ["mean", "count"]).values.tolist()
    [[20.0, 1.5]]
    """
    unknown = [name for name in stats if name not in STATS]
    if unknown:
        raise ValueError(f"unknown statistics {unknown}; on offer are {', '.join(STATS)}")
    polygons = np.asarray(shapes, dtype=object)
    places, found = _extract(polygons, _values(array, nodata), bounds, list(stats))
    empty = found["count"] == 0
    columns = {}
    for name in dict.fromkeys(stats):
        column = np.full(len(polygons), np.nan)
        column[places] = found[name] if name == "count" else np.where(empty, np.nan, found[name])
        columns[name] = column
    return pd.DataFrame(columns, index=pd.RangeIndex(len(polygons)))


def zonal_means(shapes: Any, arrays: Mapping[str, Any], bounds: Bounds) -> pd.DataFrame:
    """Take the mean of several rasters of one grid under each shape; coverage is worked out once for all of them.

    Parameters
    ----------
    shapes, bounds
        As for ``zonal``.
    arrays : mapping of name to array, shape (rows, columns)
        Rasters on one grid; NaN is no data.

    Returns
    -------
    DataFrame
        One row a shape, one float column a raster; NaN where no pixel with data is covered.

    Examples
    --------
    >>> layers = {"a": np.array([[10.0, 40.0]]), "b": np.array([[1.0, 0.0]])}
    >>> zonal_means([shapely.box(0, 0, 1.5, 1)], layers, (0, 0, 2, 1)).round(4).values.tolist()
    [[20.0, 0.6667]]
    """
    polygons = np.asarray(shapes, dtype=object)
    places = np.flatnonzero(~shapely.is_missing(polygons) & ~shapely.is_empty(polygons))
    columns = {name: np.full(len(polygons), np.nan) for name in arrays}
    if len(places) and arrays:
        sources = [
            NumPyRasterSource(
                np.asarray(array, dtype="float64"), *bounds, nodata=np.nan, name=f"band{number}"
            )
            for number, array in enumerate(arrays.values())
        ]
        frame = gpd.GeoDataFrame(geometry=shapely.force_2d(polygons[places]))
        found = exactextract.exact_extract(sources, _Shapes(frame), ["mean"], output="pandas")
        for number, name in enumerate(arrays):
            title = f"band{number}_mean" if len(arrays) > 1 else "mean"
            columns[name][places] = pd.to_numeric(found[title]).to_numpy(dtype="float64")
    return pd.DataFrame(columns, index=pd.RangeIndex(len(polygons)))


def class_shares(
    shapes: Any,
    array: Any,
    bounds: Bounds,
    classes: Mapping[str, Sequence[int]],
    nodata: float | None = None,
) -> pd.DataFrame:
    """Return the share of each shape's covered pixels that belongs to each class of a land-cover raster.

    Parameters
    ----------
    shapes, array, bounds, nodata
        As for ``zonal``.
    classes : mapping of name to pixel values

    Returns
    -------
    DataFrame
        One column a class, 0…1, of the ground with data; NaN where there is none. ``covered_ratio`` is the share of
        the shape that has data at all.

    >>> class_shares([shapely.box(0, 0, 2, 1)], np.array([[50, 60]]), (0, 0, 2, 1), {"built": [50]}).values.tolist()
    [[0.5, 1.0]]
    """
    values = _values(array, nodata)
    polygons = np.asarray(shapes, dtype=object)
    pixel = (bounds[2] - bounds[0]) / values.shape[1] * (bounds[3] - bounds[1]) / values.shape[0]
    mask = np.ma.getmaskarray(values)
    columns = {}
    for name, members in classes.items():
        member = np.ma.masked_array(np.isin(values.data, list(members)).astype("float64"), mask)
        places, found = _extract(polygons, member, bounds, ["mean"])
        columns[name] = np.full(len(polygons), np.nan)
        columns[name][places] = found["mean"]
    places, found = _extract(polygons, values, bounds, ["count"])
    area = shapely.area(polygons[places])
    covered = np.full(len(polygons), np.nan)
    covered[places] = np.divide(found["count"] * pixel, area, out=np.full(len(area), np.nan), where=area > 0)
    columns["covered_ratio"] = covered
    return pd.DataFrame(columns, index=pd.RangeIndex(len(polygons)))


def _values(array: Any, nodata: float | None) -> Any:
    """Return a masked array of the values with data."""
    values = np.ma.asarray(array)
    if values.ndim != 2:
        raise ValueError(f"a raster band has two dimensions, this array has {values.ndim}")
    mask = np.ma.getmaskarray(values).copy()
    if np.issubdtype(values.dtype, np.floating):
        mask |= ~np.isfinite(values.data)
    if nodata is not None and not np.isnan(nodata):
        mask |= values.data == nodata
    return np.ma.masked_array(values.data, mask)


def _extract(
    polygons: Any, values: Any, bounds: Bounds, stats: list[str]
) -> tuple[Any, dict[str, FloatArray]]:
    """Run exactextract on the shapes that are there; return their positions and the statistics."""
    places = np.flatnonzero(~shapely.is_missing(polygons) & ~shapely.is_empty(polygons))
    wanted = list(dict.fromkeys([*stats, "count"]))
    if not len(places):
        return places, {name: np.zeros(0) for name in wanted}
    plain = np.where(np.ma.getmaskarray(values), np.nan, values.data.astype("float64"))
    source = NumPyRasterSource(plain, *bounds, nodata=np.nan)
    frame = gpd.GeoDataFrame(geometry=shapely.force_2d(polygons[places]))
    found = exactextract.exact_extract(source, _Shapes(frame), wanted, output="pandas")
    return places, {name: pd.to_numeric(found[name]).to_numpy(dtype="float64") for name in wanted}
