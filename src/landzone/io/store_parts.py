"""The files of a store: one Parquet file for each part, hashed when written and before it is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyproj
import shapely

from landzone.catalog.messages import refusal
from landzone.units import FloatArray

ROW_GROUP = 5_000
"""Rows that are read together: the least a window costs."""

PLACE, CELL, ID = "fid", "cell", "id"
"""Columns of every part beside those of the layer: place in the layer, cell of the grid, text id."""

_EDGES = ("xmin", "ymin", "xmax", "ymax")
_KINDS: dict[str, tuple[type, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "b": (bool, bool, bool),
    "i": (int, str, int),
    "f": (float, float.hex, float.fromhex),
    "s": (str, str, str),
    "dt": (datetime, datetime.isoformat, datetime.fromisoformat),
    "d": (date, date.isoformat, date.fromisoformat),
    "t": (time, time.isoformat, time.fromisoformat),
    "n": (Decimal, str, Decimal),
    "y": (bytes, bytes.hex, bytes.fromhex),
    "l": (list, list, list),
    "m": (dict, dict, dict),
}
"""Values of cells that have no one type (spreadsheets): letter, type, how it is written and read."""


@dataclass(frozen=True)
class Part:
    """One file of a store, as its manifest lists it.

    ``kind`` is ``features``, ``giants`` (features that ``pieces`` hold a second time, cut on the grid), ``pieces``,
    ``table``, ``topology``, ``problems`` or ``head``; ``bounds`` are west, south, east, north of its shapes (empty:
    no shapes).
    """

    role: str
    kind: str
    file: str
    rows: int
    sha256: str
    vertices: int = 0
    bounds: tuple[float, ...] = ()


def digest(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal text."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_features(
    frame: gpd.GeoDataFrame, place: Any, cell: Any, folder: Path, part: tuple[str, str, str]
) -> Part:
    """Write features with their place in the layer and their cell, as GeoParquet 1.1 with a bbox covering.

    Parameters
    ----------
    frame : GeoDataFrame
        In the order in which it is to be stored.
    place, cell : int64 arrays
    folder : Path
    part : role, kind and file name
    """
    role, kind, name = part
    flat = _flat(frame).assign(**{PLACE: place, CELL: cell})
    gpd.GeoDataFrame(flat, geometry="geometry", crs=frame.crs).to_parquet(
        folder / name,
        index=False,
        compression="zstd",
        schema_version="1.1.0",
        write_covering_bbox=True,
        row_group_size=ROW_GROUP,
    )
    shapes = frame.geometry.to_numpy()
    bounds = tuple(map(float, shapely.total_bounds(shapes)))
    vertices = int(shapely.get_num_coordinates(shapes).sum())
    return Part(role, kind, name, len(frame), digest(folder / name), vertices, bounds)


def write_table(frame: pd.DataFrame, folder: Path, part: tuple[str, str, str]) -> Part:
    """Write a table without shapes."""
    role, kind, name = part
    _flat(frame).to_parquet(folder / name, index=False, compression="zstd", row_group_size=ROW_GROUP * 20)
    return Part(role, kind, name, len(frame), digest(folder / name))


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with its ids as a column and cells of mixed types as text."""
    flat = frame.copy()
    for name in flat.columns:
        if flat[name].dtype == object:
            flat[name] = pd.Series([_written(v) for v in flat[name]], index=flat.index, dtype="str")
    flat.insert(0, ID, frame.index.to_numpy())
    return flat.reset_index(drop=True)


def _written(value: Any) -> str | None:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    value = value.item() if isinstance(value, np.generic) else value
    for letter, (kind, write, _) in _KINDS.items():
        if isinstance(value, kind):
            return json.dumps([letter, write(value)], ensure_ascii=False)
    raise TypeError(f"a cell of type {type(value).__name__} cannot be kept in a store")


def _read(text: Any) -> Any:
    if not isinstance(text, str):
        return None
    letter, value = json.loads(text)
    return _KINDS[letter][2](value)


def check_part(folder: Path, part: Part) -> Path:
    """Return the path of a part after its hash was compared with the manifest.

    Raises
    ------
    Refusal
        STORE_PART where the file is missing or not the one that was written.
    """
    path = folder / part.file
    if not path.is_file() or path.is_symlink():
        raise refusal("STORE_PART", file=folder.name, part=part.file, why="missing")
    if digest(path) != part.sha256:
        raise refusal("STORE_PART", file=folder.name, part=part.file, why="SHA-256")
    return path


def read_part(
    folder: Path,
    part: Part,
    boxes: FloatArray | None = None,
    *,
    checked: bool = False,
    groups: Sequence[int] | None = None,
) -> pd.DataFrame:
    """Read a part, or only the row groups whose bounding boxes meet one of some boxes, or some row groups by number.

    ``checked``: its hash was compared already.

    Raises
    ------
    Refusal
        STORE_PART where hash or number of rows is not that of the manifest.
    """
    path = folder / part.file if checked else check_part(folder, part)
    with pq.ParquetFile(path) as file:
        if file.metadata.num_rows != part.rows:
            raise refusal(
                "STORE_PART", file=folder.name, part=part.file, why=f"{file.metadata.num_rows} rows"
            )
        if groups is not None:
            return _plain(file.read_row_groups(list(groups)).to_pandas())
        if boxes is None:
            return _plain(file.read().to_pandas())
        groups = [n for n in range(file.num_row_groups) if _meets(_group_box(file.metadata, n), boxes)]
        return _plain(file.read_row_groups(groups).to_pandas())


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=[name for name in frame.columns if name == "bbox"])


def group_boxes(folder: Path, part: Part) -> list[tuple[int, tuple[float, ...]]]:
    """Return rows and bounding box of each row group of a part, from its footer alone."""
    about = pq.read_metadata(folder / part.file)
    return [(about.row_group(n).num_rows, _group_box(about, n)) for n in range(about.num_row_groups)]


def _group_box(about: Any, number: int) -> tuple[float, ...]:
    group = about.row_group(number)
    edges: dict[str, float] = {}
    for place in range(group.num_columns):
        column = group.column(place)
        head, _, edge = column.path_in_schema.partition(".")
        if head == "bbox":
            found = column.statistics
            edges[edge] = found.min if edge in ("xmin", "ymin") else found.max
    return tuple(edges[edge] for edge in _EDGES)


def _meets(box: Sequence[float], boxes: FloatArray) -> bool:
    west, south, east, north = box
    hit = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
    return bool(hit.any())


def part_meets(part: Part, boxes: FloatArray) -> bool:
    """Tell whether any shape of a part can meet one of some boxes."""
    return bool(part.bounds) and _meets(part.bounds, boxes)


def typed(frame: pd.DataFrame, dtypes: Mapping[str, str]) -> pd.DataFrame:
    """Return the columns of a layer or table as they were before they were stored."""
    columns: dict[str, Any] = {}
    for name, kind in dtypes.items():
        column = frame[name]
        if kind == "geometry":
            columns[name] = column
        elif kind == "object":
            columns[name] = pd.Series([_read(v) for v in column], index=frame.index, dtype=object)
        else:
            columns[name] = column.astype(kind)
    return pd.DataFrame(columns, index=frame.index)


def layer_frame(
    frame: pd.DataFrame, dtypes: Mapping[str, str], index: str | None, crs: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Return a layer from the rows of its parts."""
    own = typed(frame, dtypes)
    own.index = ids_of(frame, index)
    shapes = gpd.GeoSeries(shapely.from_wkb(frame["geometry"].to_numpy()), index=own.index, crs=crs)
    own["geometry"] = shapes
    return gpd.GeoDataFrame(own[list(dtypes)], geometry="geometry", crs=crs)


def ids_of(frame: pd.DataFrame, name: str | None) -> pd.Index:
    """Return the ids of the rows as an index."""
    ids = frame[ID]
    return pd.Index(ids.to_numpy(), dtype=ids.dtype if ids.dtype != object else "str", name=name)
