"""Writes parcels as 勘测定界 TXT."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landzone.catalog.messages import refusal
from landzone.geometry.area import plane_area_of
from landzone.geometry.gauss_kruger import GaussKruger, gk_info
from landzone.io.cad_txt import words
from landzone.io.coordinates import crs_label

_BREAKS = re.compile(r"[,，@＠\r\n]")


def write_cad_txt(
    frame: gpd.GeoDataFrame,
    path: str | Path,
    *,
    columns: dict[str, str] | None = None,
    producer: str = "",
    date: str = "",
    encoding: str = "gbk",
) -> Path:
    """Write parcels as a boundary survey hands them in.

    Northing first, three decimals, plane area in hectares with four decimals, CRLF. Rings begin at their
    north-western corner, outer ones clockwise, holes the other way; the first point is repeated at the end. Parts
    and holes have ring numbers of their own. Eastings keep the zone number if the CRS has it.

    Parameters
    ----------
    frame : GeoDataFrame
        Polygons in a Gauss-Krüger zone of CGCS2000, Xi'an 1980 or Beijing 1954.
    path : str or Path
        New file.
    columns : dict, optional
        Column of the frame for ``id``, ``name``, ``sheet``, ``use_name``, ``use_code``; by default
        ``parcel_id``, ``name``, none, ``use_name``, ``use_code`` where they exist. The id may be the index.
    producer, date : str
        数据产生单位 and 数据产生日期.
    encoding : str
        ``gbk`` or ``utf-8``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    Refusal
        CAD_CRS, CAD_SHAPE, CAD_TEXT, CAD_ENCODING. In names (not ids) commas and ``@`` become ``、``.
    """
    target = Path(path)
    gk = gk_info(frame.crs) if frame.crs is not None else None
    if gk is None:
        raise refusal("CAD_CRS", file=target.name, crs=crs_label(frame.crs) if frame.crs is not None else "-")
    lines = [*_headers(gk, producer, date), f"[{words()['parcels']}]"]
    cells = _cells(frame, columns or {}, target.name)
    area = plane_area_of(frame.geometry.to_numpy())
    for number, shape in enumerate(frame.geometry):
        row = {name: values[number] for name, values in cells.items()}
        if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
            raise refusal("CAD_SHAPE", file=target.name, subject_id=row["id"])
        points = _points(shape)
        fields = [str(len(points)), f"{area[number] / 1e4:.4f}", row["id"], row["name"], words()["polygon"]]
        lines.append(",".join([*fields, row["sheet"], row["use_name"], row["use_code"], "@"]))
        lines += points
    data = b"".join(_encoded(line + "\r\n", encoding, target.name) for line in lines)
    part = target.with_name(target.name + ".part")
    part.write_bytes(data)
    os.replace(part, target)  # noqa: PTH105
    return target


def _encoded(line: str, encoding: str, file: str) -> bytes:
    try:
        return line.encode(encoding)
    except UnicodeEncodeError as error:
        value = line[error.start : error.end]
        raise refusal("CAD_ENCODING", file=file, value=value, encoding=encoding.upper()) from None


def _headers(gk: GaussKruger, producer: str, date: str) -> list[str]:
    keys = words()["keys"]
    title = next(d["title"] for d in words()["datums"] if d["datum"] == str(gk.datum))
    said = {
        "version": words()["version"],
        "producer": " ".join(producer.split()),
        "date": date,
        "crs": title,
        "width": gk.width,
        "projection": "高斯克吕格",
        "unit": words()["unit"],
        "zone": gk.zone,
        "precision": "0.001",
        "parameters": ",,,,,,",
    }
    return [f"[{words()['header']}]", *(f"{keys[name]}={value}" for name, value in said.items())]


def _cells(frame: gpd.GeoDataFrame, columns: dict[str, str], file: str) -> dict[str, list[str]]:
    usual = {"id": "parcel_id", "name": "name", "sheet": "", "use_name": "use_name", "use_code": "use_code"}
    flat = frame.reset_index() if frame.index.name else frame
    cells = {}
    for role, default in usual.items():
        name = columns.get(role, default)
        values: Any = flat[name] if name in flat.columns else pd.Series([""] * len(flat))
        texts = ["" if pd.isna(v) else str(v) for v in values]
        if role == "id":
            lost = next((t for t in texts if _BREAKS.search(t)), None)
            if lost is not None:
                raise refusal("CAD_TEXT", file=file, value=lost)
        cells[role] = [_BREAKS.sub("、", text) for text in texts]
    return cells


def _points(shape: Any) -> list[str]:
    """Return the point lines of a parcel."""
    lines: list[str] = []
    number = 1
    for ring_number, (corners, hole) in enumerate(_rings(shape), 1):
        ring = _turned(corners, clockwise=not hole)
        names = [f"J{number + i}" for i in range(len(ring))]
        number += len(ring)
        for name, (x, y) in zip([*names, names[0]], [*ring, ring[0]], strict=True):
            lines.append(f"{name},{ring_number},{y:.3f},{x:.3f}")
    return lines


def _rings(shape: Any) -> list[tuple[Any, bool]]:
    found = []
    for part in shapely.get_parts(shape):
        found.append((shapely.get_coordinates(part.exterior)[:-1], False))
        found += [(shapely.get_coordinates(hole)[:-1], True) for hole in part.interiors]
    return found


def _turned(corners: Any, *, clockwise: bool) -> Any:
    if shapely.is_ccw(shapely.linearrings(corners)) == clockwise:
        corners = corners[::-1]
    west_of_north = corners[:, 1] - corners[:, 0]
    first = int(np.lexsort((corners[:, 0], -west_of_north))[0])
    return np.roll(corners, -first, axis=0)
