"""Shapes written for tasks: leaves of the quadtree as GeoParquet, read by rows or by window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyproj
import shapely

from landzone.geometry.grid_cut import Shapes
from landzone.geometry.quadtree import cell_codes, leaves
from landzone.io.store_parts import PLACE, ROW_GROUP, Part, check_part, part_meets, read_part, write_features
from landzone.units import FloatArray, IntArray

LABEL = "label"


@dataclass(frozen=True)
class Placed:
    """Polygons with their positions in a layer, which rise, and a number each (class of a plan; 0 elsewhere)."""

    shapes: Shapes
    place: IntArray
    label: IntArray


def placed(shapes: Shapes) -> Placed:
    """Return the polygons of a whole layer."""
    count = len(shapes)
    return Placed(
        np.asarray(shapes, dtype=object), np.arange(count, dtype=np.int64), np.zeros(count, np.int64)
    )


def write_shapes(
    shapes: Placed, role: str, folder: Path, crs: pyproj.CRS, most: tuple[int, int]
) -> list[Part]:
    """Write shapes of one role in leaves of at most ``most`` features and vertices; nothing for no shapes."""
    bounds = shapely.bounds(shapes.shapes).reshape(-1, 4)
    codes = cell_codes(bounds)
    frame = gpd.GeoDataFrame({LABEL: shapes.label}, geometry=shapes.shapes, crs=crs)
    parts = []
    weights = shapely.get_num_coordinates(shapes.shapes).astype(np.int64)
    number = len(list(folder.glob("*.parquet")))
    for leaf in leaves(codes, weights, *most):
        rows = leaf.rows
        about = (role, "features", f"{number:05d}.{leaf.name}.parquet")
        parts.append(write_features(frame.iloc[rows], shapes.place[rows], codes[rows], folder, about))
        number += 1
    return parts


def read_rows(folder: Path, part: Part, start: int, stop: int) -> Placed:
    """Read the rows ``start`` to ``stop`` of a part, in the order of their positions."""
    path = _checked(folder, part)
    first, last = start // ROW_GROUP, -(-stop // ROW_GROUP)
    with pq.ParquetFile(path) as file:
        frame = file.read_row_groups(list(range(first, last)), columns=[PLACE, LABEL, "geometry"]).to_pandas()
    return _placed([frame.iloc[start - first * ROW_GROUP : stop - first * ROW_GROUP]])


def read_window(folder: Path, parts: Iterable[Part], box: FloatArray) -> Placed:
    """Read of some parts the shapes whose bounding boxes meet a box, whole, in the order of their positions."""
    boxes = box.reshape(1, 4)
    wanted = [part for part in parts if part_meets(part, boxes)]
    for part in wanted:
        _checked(folder, part)
    placed = _placed([read_part(folder, part, boxes, checked=True) for part in wanted])
    own = shapely.bounds(placed.shapes).reshape(-1, 4)
    west, south, east, north = box
    hit = (own[:, 0] <= east) & (own[:, 2] >= west) & (own[:, 1] <= north) & (own[:, 3] >= south)
    return Placed(placed.shapes[hit], placed.place[hit], placed.label[hit])


def _placed(frames: Sequence[pd.DataFrame]) -> Placed:
    if not frames:
        none = np.zeros(0, dtype=np.int64)
        return Placed(np.zeros(0, dtype=object), none, none)
    whole = pd.concat(frames, ignore_index=True).sort_values(PLACE, ignore_index=True)
    shapes = np.asarray(shapely.from_wkb(whole["geometry"].to_numpy()), dtype=object)
    return Placed(shapes, whole[PLACE].to_numpy(dtype=np.int64), whole[LABEL].to_numpy(dtype=np.int64))


@lru_cache(maxsize=4096)
def _checked(folder: Path, part: Part) -> Path:
    """Compare a part with its hash, once in each process."""
    return check_part(folder, part)
