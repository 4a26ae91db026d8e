"""The study of a district: its zones, all parcels that touch them, and all that these touch, each feature whole."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landzone.geometry.boxes import box_meets
from landzone.geometry.grid_cut import LEAF_VERTICES, Shapes
from landzone.io.store import StoreReader
from landzone.model.layer import Layer
from landzone.model.study import Study
from landzone.units import FloatArray

FIGURES = "zone_figures"
"""The one table that a district reads: figures that zones state of themselves."""


@dataclass(frozen=True)
class Around:
    """A study cut around a district.

    Attributes
    ----------
    study : Study
        Zones, parcels, buildings, plans and lines of control, each feature whole, in the order of the whole study.
    zones : Index
        The zones of the district.
    parcels : Index
        Parcels that touch them, or those the district was made for.
    """

    study: Study
    zones: pd.Index
    parcels: pd.Index


def around_zones(reader: StoreReader, outline: Study, ids: pd.Index, boxes: FloatArray) -> Around:
    """Return what some zones need: parcels that touch them, what touches those, and all plans over either.

    A figure of a parcel needs all zones, buildings and plans on it; a figure of a zone needs its parcels as wholes.
    Parcels that touch those parcels (they may overlap) and parcels under the same buildings come too.
    """
    own = reader.layer("zones", boxes).frame.loc[ids]
    near = reader.layer("parcels", boxes).frame
    first = near[_touching(near, own.geometry.to_numpy())]
    return _around(reader, outline, own, first, near, boxes)


def around_parcels(reader: StoreReader, outline: Study, parcels: gpd.GeoDataFrame) -> Around:
    """Return what some parcels need that lie in no zone."""
    none = reader.layer("zones", np.zeros((0, 4))).frame
    return _around(reader, outline, none, parcels, parcels, np.zeros((0, 4)))


def _around(
    reader: StoreReader,
    outline: Study,
    own: gpd.GeoDataFrame,
    first: gpd.GeoDataFrame,
    near: gpd.GeoDataFrame,
    boxes: FloatArray,
) -> Around:
    layers: dict[str, Layer] = {}
    seeds = first.geometry.to_numpy()
    if "buildings" in outline.layers:
        found = reader.layer("buildings", _beyond(boxes, seeds))
        on = np.concatenate([seeds, own.geometry.to_numpy()])
        layers["buildings"] = replace(found, frame=found.frame[_touching(found.frame, on)])
        seeds = np.concatenate([seeds, layers["buildings"].frame.geometry.to_numpy()])
    outer = _outer(boxes, seeds)
    parcels = reader.layer("parcels", outer).frame if len(outer) else near.iloc[:0]
    parcels = gpd.GeoDataFrame(pd.concat([near, parcels[~parcels.index.isin(near.index)]]), crs=near.crs)
    kept = _touching(parcels, seeds) | parcels.index.isin(first.index)
    parcels = parcels[kept].sort_index()
    shapes = parcels.geometry.to_numpy()
    window = _beyond(boxes, shapes)
    zones = reader.layer("zones", window)
    zones = replace(
        zones, frame=zones.frame[_touching(zones.frame, shapes) | zones.frame.index.isin(own.index)]
    )
    layers |= {"zones": zones, "parcels": Layer("parcels", parcels, outline.layers["parcels"].source)}
    plans = {
        n: replace(p, layer=_cut(reader.layer(f"plans.{n}", window), window))
        for n, p in outline.plans.items()
    }
    lines = {
        n: replace(c, layer=_cut(reader.layer(f"constraints.{n}", window), window))
        for n, c in outline.constraints.items()
    }
    figures = reader.table(FIGURES)
    tables = {} if figures is None else {FIGURES: figures}
    study = replace(outline, layers=layers, plans=plans, constraints=lines, tables=tables)
    return Around(study, own.index, first.index)


def _touching(frame: gpd.GeoDataFrame, shapes: Shapes) -> NDArray[np.bool_]:
    """Tell which features touch or overlap one of some shapes."""
    hit = np.zeros(len(frame), dtype=np.bool_)
    if len(frame) and len(shapes):
        hit[shapely.STRtree(frame.geometry.to_numpy()).query(shapes, predicate="intersects")[1]] = True
    return hit


def _outer(boxes: FloatArray, shapes: Shapes) -> FloatArray:
    """Return the boxes of shapes that do not lie wholly in one of some boxes."""
    own = shapely.bounds(shapes).reshape(-1, 4)
    inside = np.zeros(len(own), dtype=np.bool_)
    for west, south, east, north in boxes:
        inside |= (own[:, 0] >= west) & (own[:, 1] >= south) & (own[:, 2] <= east) & (own[:, 3] <= north)
    outer: FloatArray = own[~inside]
    return outer


def _beyond(boxes: FloatArray, shapes: Shapes) -> FloatArray:
    return np.concatenate([boxes, _outer(boxes, shapes)])


def _cut(layer: Layer, boxes: FloatArray) -> Layer:
    """Take giants of many parts apart and leave out the parts that lie elsewhere; no edge is cut."""
    frame = layer.frame
    giant = shapely.get_num_coordinates(frame.geometry.to_numpy()) > LEAF_VERTICES
    if not giant.any():
        return layer
    parts = frame.explode(index_parts=False)
    return replace(layer, frame=parts[box_meets(parts.geometry, boxes)])
