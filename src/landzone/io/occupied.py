"""``occupied.txt``: the occupied parts of boundaries as a boundary survey hands them in (勘测定界 TXT)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pyproj
import shapely

from landzone.geometry.gauss_kruger import gk_info
from landzone.io.cad_writer import write_cad_txt

GRID_M = 1e-3
"""The format has millimetres; what vanishes on that grid is left out."""


def can_be_written(crs: pyproj.CRS) -> bool:
    """Tell whether the format knows a CRS: a Gauss-Krüger zone of a Chinese datum."""
    return gk_info(crs) is not None


def write_occupied(occupied: gpd.GeoDataFrame, titles: Mapping[str, str], path: Path, date: str) -> Path:
    """Write the ground under each class of each plan and on the wrong side of each line.

    Parameters
    ----------
    occupied : GeoDataFrame
        Rows that are concerned, with ``boundary_id, theme, code, class_name``.
    titles : mapping
        What each theme is called.
    path : Path
    date : str
        数据产生日期, may be empty.
    """
    shapes = shapely.set_precision(occupied.geometry.to_numpy(), GRID_M)
    kept = ~shapely.is_empty(shapes)
    rows, shapes = occupied[kept], shapes[kept]
    names = [f"{b} {titles[t]}" for b, t in zip(rows["boundary_id"], rows["theme"], strict=True)]
    frame = gpd.GeoDataFrame(
        {
            "parcel_id": [str(n) for n in range(1, len(rows) + 1)],
            "name": [_gbk(name) for name in names],
            "use_name": [_gbk(text) for text in rows["class_name"]],
            "use_code": [_gbk(text) for text in rows["code"]],
        },
        geometry=gpd.GeoSeries(shapes, crs=occupied.crs),
        crs=occupied.crs,
    )
    return write_cad_txt(frame, path, date=date)


def _gbk(text: str) -> str:
    """Return a text with what GBK does not have as a question mark."""
    return text.encode("gbk", "replace").decode("gbk")
