"""Shapes that the gate did not let in, brought to the map all the same so that somebody can find them."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landzone.geometry.area import AreaMeasure, plane_area_of
from landzone.geometry.careful import carefully
from landzone.geometry.transform import Transformation
from landzone.geometry.width import mean_width_m
from landzone.io.cells import reading
from landzone.io.raw import Raw
from landzone.model.problems import ProblemKind, Problems
from landzone.model.topology import COLUMNS, empty_frame


def rejected_shapes(
    raws: Mapping[str, tuple[Raw, Transformation | None]], problems: Problems, measure: AreaMeasure
) -> list[gpd.GeoDataFrame]:
    """Return rows of the topology report for shapes whose area is in doubt (bow-ties, holes outside, doubled parts).

    The ground shown is what is left when the crossings are noded. ``area_m2`` is the ground counted twice where
    parts overlap, else NaN: such a shape has no one area.

    Parameters
    ----------
    raws : mapping of role to source and transformation into the working CRS
    problems : Problems
        Holds the rejects of the gate.
    measure : AreaMeasure
        Of the working CRS.
    """
    kinds = {entry["code"]: kind for kind, entry in reading()["faults"].items()}
    wanted = {code: kind for code, kind in kinds.items() if kind in _SHOWN}
    rejects = problems.frame(ProblemKind.REJECT)
    rejects = rejects[rejects["code"].isin(wanted) & (rejects["column"] == "")]
    frames = []
    for role, rows in rejects.groupby("layer", sort=True):
        if role in raws:
            frames.append(_rows(rows.assign(kind=rows["code"].map(wanted)), *raws[str(role)], measure))
    return frames


_SHOWN = ("self_overlap", "self_intersection", "hole_outside", "nested_holes", "undecided")


def _rows(
    rows: pd.DataFrame, raw: Raw, change: Transformation | None, measure: AreaMeasure
) -> gpd.GeoDataFrame:
    if raw.geometry is None:
        return empty_frame(measure.crs)
    places = pd.Index(raw.rows).get_indexer(rows["row"])
    rows, places = rows[places >= 0], places[places >= 0]
    shapes = shapely.force_2d(raw.geometry[places])
    noded, _ = carefully(shapely.make_valid, shapes, empty=shapely.Polygon())
    moved = np.asarray(noded if change is None else change.apply(noded), dtype=object)
    parts = shapes if change is None else np.asarray(change.apply(shapes), dtype=object)
    ground = np.array([_polygons(shape) for shape in moved], dtype=object)
    double = (rows["kind"] == "self_overlap").to_numpy(dtype=bool)
    united = np.array([_united(shape) for shape in parts[double]], dtype=object)
    area = np.full(len(rows), np.nan)
    whole = plane_area_of(united)
    share = np.divide(plane_area_of(parts[double]), whole, out=np.ones(len(whole)), where=whole > 0)
    area[double] = ((share - 1) * measure.m2(united)).round(4)
    points = shapely.get_coordinates(shapely.point_on_surface(ground)).reshape(-1, 2)
    at = np.full((len(rows), 2), np.nan)
    at[~shapely.is_empty(ground)] = points.round(4)
    data = {
        "layer": rows["layer"], "kind": rows["kind"], "first_id": rows["subject_id"], "second_id": "",
        "neighbours_count": 0, "area_m2": area, "width_m": mean_width_m(ground).round(6), "is_sliver": False,
        "x": at[:, 0], "y": at[:, 1], "source": raw.source,
    }  # fmt: skip
    frame = pd.DataFrame(data, index=rows.index).reset_index(drop=True).astype(COLUMNS)
    return gpd.GeoDataFrame(frame[list(COLUMNS)], geometry=ground, crs=measure.crs)


def _united(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the ground under the parts of a shape, each square metre once."""
    parts, _ = carefully(shapely.make_valid, shapely.get_parts(shape), empty=shapely.Polygon())
    return _polygons(shapely.union_all(parts))


def _polygons(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of a shape alone."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.union_all(parts[shapely.get_type_id(parts) == 3])
