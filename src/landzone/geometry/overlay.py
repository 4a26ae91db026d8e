"""Overlay of polygon sets, arrays in and arrays out; and the same for frames with ids.

The seam of the kernel: a compiled one can stand behind ``overlap_pairs``, ``flatten`` and ``faces`` (and
``coverage.covered_units``) without anyone above noticing.
"""

from __future__ import annotations

from typing import Any, Literal, overload

import geopandas as gpd
import pandas as pd

from landzone.geometry.area import AreaMeasure
from landzone.geometry.coverage import covered_units
from landzone.geometry.dissolve import Dissolved, dissolve_connected
from landzone.geometry.faces import Faces, faces
from landzone.geometry.flatten import OverlapReport, flatten
from landzone.geometry.grid_cut import Shapes, as_shapes
from landzone.geometry.pairs import Measure, shared_ground
from landzone.model.study import AreaKind
from landzone.units import IntArray, to_m2

__all__ = [
    "CrsMismatch",
    "Dissolved",
    "Faces",
    "OverlapReport",
    "covered_m2",
    "dissolve_connected",
    "faces",
    "flatten",
    "overlap_frame",
    "overlap_pairs",
]


class CrsMismatch(ValueError):
    """Two layers that are not in one stated CRS."""


@overload
def overlap_pairs(
    left: Shapes, right: Shapes, measure: Measure, *, pieces: Literal[False] = False, threads: int = 1
) -> tuple[IntArray, IntArray, IntArray]: ...
@overload
def overlap_pairs(
    left: Shapes, right: Shapes, measure: Measure, *, pieces: Literal[True], threads: int = 1
) -> tuple[IntArray, IntArray, IntArray, Shapes]: ...


def overlap_pairs(
    left: Shapes, right: Shapes, measure: Measure, *, pieces: bool = False, threads: int = 1
) -> tuple[Any, ...]:
    """Pairs of polygons of two sets that share ground, and how much.

    Parameters
    ----------
    left, right : arrays of polygons in one plane
        Large ones belong on the right: they are cut on a grid of the CRS, so that cost does not grow with them.
    measure : area method of the study
    pieces : bool
        Also return the shared ground itself.
    threads : int
        Threads for the pairs whose borders cross; the result does not depend on it.

    Returns
    -------
    left, right : int64 arrays
        Positions, sorted by (left, right). Touching is no overlap.
    units : int64 array
        Shared ground in 1e-4 m², always positive.
    shapes : array of polygons, with ``pieces=True`` only

    Examples
    --------
    >>> import numpy as np, pyproj, shapely
    >>> plane = AreaMeasure(pyproj.CRS(4547), AreaKind.PLANAR)
    >>> plots = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)])
    >>> left, right, units = overlap_pairs(plots, np.array([shapely.box(0, 0, 10, 4)]), plane)
    >>> left.tolist(), right.tolist(), units.tolist()
    ([0], [0], [400000])
    """
    shared = shared_ground(as_shapes(left), as_shapes(right), measure, pieces=pieces, threads=threads)
    if pieces:
        return shared.left, shared.right, shared.units(), shared.shapes
    return shared.left, shared.right, shared.units()


def overlap_frame(left: gpd.GeoSeries, right: gpd.GeoSeries, area_kind: str = "ellipsoidal") -> pd.DataFrame:
    """Every pair of a left and a right polygon that share ground.

    Parameters
    ----------
    left, right : GeoSeries or GeoDataFrame of polygons in one CRS
    area_kind : ``ellipsoidal`` or ``planar``

    Returns
    -------
    DataFrame
        ``left_id, right_id, area_m2`` (> 0; touching is no overlap), sorted by position.

    Raises
    ------
    ValueError
        Where a CRS is missing or the two differ: areas of mixed systems mean nothing.
    """
    plane = _one_plane(left, right, area_kind)
    first, second, units = overlap_pairs(*plane)
    return pd.DataFrame(
        {"left_id": left.index[first], "right_id": right.index[second], "area_m2": to_m2(units)}
    )


def covered_m2(left: gpd.GeoSeries, right: gpd.GeoSeries, area_kind: str = "ellipsoidal") -> pd.Series:
    """Ground of each left polygon under the union of the right ones, m²; overlaps count once.

    Index of ``left``; 0.0 where nothing lies on it. Raises ValueError as ``overlap_frame`` does.
    """
    plane = _one_plane(left, right, area_kind)
    return pd.Series(to_m2(covered_units(*plane)), index=left.index, name="covered_m2")


def _one_plane(
    left: gpd.GeoSeries, right: gpd.GeoSeries, area_kind: str
) -> tuple[Shapes, Shapes, AreaMeasure]:
    if left.crs is None or right.crs is None:
        raise CrsMismatch("a CRS is missing: set it with set_crs() before overlaying")
    if not left.crs.equals(right.crs, ignore_axis_order=True):
        raise CrsMismatch(
            f"left is in {left.crs.to_string()}, right in {right.crs.to_string()}: use to_crs()"
        )
    measure = AreaMeasure(left.crs, AreaKind(area_kind))
    return as_shapes(left.geometry), as_shapes(right.geometry), measure
