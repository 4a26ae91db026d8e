"""The topology report at the gate: each layer against itself, and the audit refused where it goes too far."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landzone.catalog import load
from landzone.catalog.messages import refusal
from landzone.geometry.area import AreaMeasure
from landzone.geometry.free_edges import free_edges
from landzone.geometry.gap_sides import gap_sides
from landzone.geometry.gaps import slits, voids
from landzone.geometry.threads import threads_of_machine
from landzone.geometry.topology import Overlaps, counted_twice, overlaps, same_as
from landzone.geometry.width import is_sliver, mean_width_m
from landzone.io.agreement import note_duplicates, note_overlaps
from landzone.model.layer import Layer
from landzone.model.problems import Problems
from landzone.model.topology import COLUMNS, LayerGround, Topology, empty_frame
from landzone.units import FloatArray, IntArray, to_m2

Shapes = NDArray[np.object_]
_Columns = dict[str, NDArray[Any]]
"""Rows of the report, column by column."""
_SHOWN = 5


@dataclass(frozen=True)
class _Rows:
    """Rows of one kind: ground, positions of the two shapes (-1: none), shapes around it."""

    kind: str
    pieces: Shapes
    first: IntArray
    second: IntArray
    around: IntArray
    m2: FloatArray


def topology_report(
    layers: Mapping[str, Layer],
    rejected: Sequence[gpd.GeoDataFrame],
    measure: AreaMeasure,
    sliver_width_m: float,
    problems: Problems,
) -> Topology:
    """Look for overlaps, copies, gaps, voids and slivers in every layer.

    Parameters
    ----------
    layers : mapping of role to Layer
    rejected : sequence of GeoDataFrame
        Shapes the gate did not let in, as ``rejected_shapes`` returns them.
    measure : AreaMeasure
        Of the working CRS.
    sliver_width_m : float
        Gaps and shapes narrower than this (2A/P) are differences of digitising.
    problems : Problems
        Takes GEOM_DUPLICATE, LAYER_OVERLAP, TOPOLOGY_UNDECIDED and one LAYER_TOPOLOGY a layer.

    Returns
    -------
    Topology
    """
    parts: list[_Columns] = [
        {name: frame[name].to_numpy() for name in (*COLUMNS, "geometry")} for frame in rejected if len(frame)
    ]
    grounds = []
    for _, layer in sorted(layers.items()):
        found, ground = _layer_report(layer, measure, sliver_width_m, problems)
        parts += found
        grounds.append(ground)
    if not parts:
        return Topology(empty_frame(measure.crs), tuple(grounds))
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    shapes = whole.pop("geometry")
    frame = pd.DataFrame({name: pd.array(whole[name], dtype=kind) for name, kind in COLUMNS.items()})
    rank = {kind: place for place, kind in enumerate(load.table("topology.toml")["kinds"])}
    order = frame.assign(rank=frame["kind"].map(rank)).sort_values(
        ["layer", "rank", "first_id", "second_id", "x", "y"], kind="stable"
    )
    frame = frame.loc[order.index].reset_index(drop=True)
    return Topology(gpd.GeoDataFrame(frame, geometry=shapes[order.index], crs=measure.crs), tuple(grounds))


def _layer_report(
    layer: Layer, measure: AreaMeasure, width: float, problems: Problems
) -> tuple[list[_Columns], LayerGround]:
    """Return what is wrong in one layer, kind by kind, and its ground."""
    shapes = np.asarray(layer.frame.geometry.to_numpy(), dtype=object)
    family = layer.role.partition(".")[0]
    place = {"source": layer.source.source, "layer": layer.role}
    tree = shapely.STRtree(shapes)
    same, shared = same_as(shapes), overlaps(shapes, measure, tree, threads=threads_of_machine())
    ids = layer.frame.index
    if family in ("parcels", "buildings"):
        note_duplicates(ids, same, place, problems)
    if family == "parcels":
        note_overlaps(ids, same, shared, place, problems)
    for one, two in shared.undecided:
        problems.note(
            "TOPOLOGY_UNDECIDED", **place, ids=str(ids[one]), params={"first": ids[one], "second": ids[two]}
        )
    found = [*_shared_ground(shapes, same, shared, measure), _slivers(shapes, width, measure)]
    found += _gaps(shapes, tree, width, family, measure)
    least = load.table("topology.toml")["least_m2"]
    told = [_told(rows, least) for rows in found]
    parts = [_columns(rows, at, layer, width) for rows, at in zip(found, told, strict=True) if len(at)]
    small = [rows.m2[rows.m2 < least] for rows in found if rows.kind != "sliver"]
    _note(parts, np.concatenate(small), least, place, problems)
    twice = counted_twice(shapes, shared, measure) / 10_000
    ground = float(measure.units(shapes).sum()) / 10_000 - twice
    return parts, LayerGround(layer.role, place["source"], layer.source.layer, len(shapes), ground, twice)


def _shared_ground(shapes: Shapes, same: IntArray, shared: Overlaps, measure: AreaMeasure) -> list[_Rows]:
    """Return copies (each against the first of its kind) and the overlaps of all other pairs."""
    again = np.flatnonzero((same >= 0) & (same != np.arange(len(same))))
    none = np.zeros(len(again), dtype=np.int64)
    copies = _Rows("duplicate", shapes[again], same[again], again, none, to_m2(measure.units(shapes[again])))
    other = same[shared.left] != same[shared.right]
    left, right = shared.left[other], shared.right[other]
    m2 = to_m2(shared.units[other])
    return [copies, _Rows("overlap", shared.pieces[other], left, right, np.zeros_like(left), m2)]


def _slivers(shapes: Shapes, width: float, measure: AreaMeasure) -> _Rows:
    places = np.flatnonzero(is_sliver(shapes, width))
    none = np.full(len(places), -1, dtype=np.int64)
    return _Rows(
        "sliver", shapes[places], places, none, np.zeros_like(none), to_m2(measure.units(shapes[places]))
    )


def _gaps(
    shapes: Shapes, tree: shapely.STRtree, width: float, family: str, measure: AreaMeasure
) -> list[_Rows]:
    """Return narrow gaps, and wide voids where the layer is meant to cover its ground."""
    settings = load.table("topology.toml")
    if family not in settings["coverages"]:
        return []
    edges = free_edges(shapes)
    holes, between = voids(edges, tree, measure), slits(edges, tree, width, measure)
    narrow = mean_width_m(holes.pieces) < width
    closed = shapely.STRtree(holes.pieces[narrow])
    inside = np.zeros(len(between.units), dtype=bool)
    inside[closed.query(shapely.point_on_surface(between.pieces), predicate="intersects")[0]] = True
    most = settings["most_neighbours"]
    tight, wide = (gap_sides(holes.pieces[rows], shapes, tree, most) for rows in (narrow, ~narrow))
    two = np.full(int((~inside).sum()), 2, dtype=np.int64)
    left, right = between.left[~inside], between.right[~inside]
    return [
        _Rows(
            "gap", holes.pieces[narrow], tight.first, tight.second, tight.count, to_m2(holes.units[narrow])
        ),
        _Rows("gap", between.pieces[~inside], left, right, two, to_m2(between.units[~inside])),
        _Rows(
            "void", holes.pieces[~narrow], wide.first, wide.second, wide.count, to_m2(holes.units[~narrow])
        ),
    ]


def _told(rows: _Rows, least: float) -> IntArray:
    """Return the places of the rows that are listed one by one."""
    return np.flatnonzero((rows.m2 >= least) | (rows.kind == "sliver"))


def _columns(rows: _Rows, told: IntArray, layer: Layer, width: float) -> _Columns:
    """Return rows in the columns of the report."""
    pieces = rows.pieces[told]
    ids = np.append(np.asarray(layer.frame.index, dtype=object), "")
    points = shapely.get_coordinates(shapely.point_on_surface(pieces)).reshape(-1, 2).round(4)
    first, second = rows.first[told], rows.second[told]
    if rows.kind in ("gap", "void"):
        swap = (second >= 0) & (ids[first] > ids[second])
        first, second = np.where(swap, second, first), np.where(swap, first, second)
    own = {
        "first_id": ids[first],
        "second_id": ids[second],
        "neighbours_count": rows.around[told],
        "area_m2": rows.m2[told],
        "width_m": mean_width_m(pieces).round(6),
        "is_sliver": is_sliver(pieces, width),
        "x": points[:, 0],
        "y": points[:, 1],
        "geometry": pieces,
    }
    same = {"layer": layer.role, "kind": rows.kind, "source": layer.source.source}
    return own | {name: np.full(len(told), text, dtype=object) for name, text in same.items()}


def _note(
    parts: Sequence[_Columns], small: FloatArray, least: float, place: Mapping[str, str], problems: Problems
) -> None:
    """Note once a layer how many of each kind there are, and their area."""
    if not parts and not len(small):
        return
    params: dict[str, str] = {}
    kinds = load.table("topology.toml")["kinds"]
    areas = {kind: [part["area_m2"] for part in parts if part["kind"][0] == kind] for kind in kinds}
    for lang, comma, places in (("zh", "；", "{word} {n} 处 {m2} m²"), ("en", "; ", "{word}: {n}, {m2} m²")):
        told = [
            places.format(word=kinds[kind][lang], n=sum(map(len, own)), m2=f"{math.fsum(chain(*own)):,.2f}")
            for kind, own in areas.items()
            if own
        ]
        params[f"kinds_{lang}"] = comma.join(told)
    words = load.table("topology.toml")["small"]
    numbers = {"count": len(small), "least": f"{least:g}", "total": f"{small.sum():,.4f}"}
    for lang, comma in (("zh", "；"), ("en", "; ")):
        said = (comma if parts else "") + words[lang].format(**numbers)
        params[f"small_{lang}"] = said if len(small) else ""
    problems.note("LAYER_TOPOLOGY", **place, params=params)


def refuse_over_limit(topology: Topology, limits: Mapping[str, float]) -> None:
    """Refuse a layer that counts more of its ground twice than the study allows.

    Parameters
    ----------
    topology : Topology
    limits : mapping of kind of layer to ratio
        Counted twice ÷ ground; layers without a limit are let through.

    Raises
    ------
    Refusal
        TOPOLOGY_LIMIT with both areas, the limit, the largest pairs, and the key that goes past it.
    """
    reasons = load.table("topology.toml")["limits"]
    for ground in topology.grounds:
        key = ground.role.partition(".")[0]
        limit = limits.get(key)
        if limit is None or ground.ratio <= limit:
            continue
        own = topology.frame[topology.frame["layer"] == ground.role]
        own = own[own["kind"].isin(["overlap", "duplicate"])]
        top = own.sort_values("area_m2", ascending=False, kind="stable").head(_SHOWN)
        pairs = [f"{r.first_id} – {r.second_id} {r.area_m2:,.0f} m²" for r in top.itertuples()]
        reason = reasons[key] if key in reasons and limit >= reasons[key]["ratio"] else None
        raise refusal(
            "TOPOLOGY_LIMIT",
            file=ground.source,
            layer=ground.layer,
            twice_m2=f"{ground.counted_twice_m2:,.0f}",
            ground_m2=f"{ground.ground_m2:,.0f}",
            percent=f"{ground.ratio * 100:.1f}",
            limit=f"{limit * 100:g}",
            reason_zh=f"{reason['zh']}。" if reason else "",
            reason_en=f"{reason['en'].capitalize()}. " if reason else "",
            pairs="; ".join(pairs),
            key=key,
            beyond=f"{np.ceil(ground.ratio * 100) / 100:g}",
        )
