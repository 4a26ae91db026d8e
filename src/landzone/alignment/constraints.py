"""Lines of control (三区三线 and others): what lies under them, and what plans would build there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landzone.alignment.ground import Plan, PlanGround, plan_grounds, study_ground
from landzone.alignment.pair_table import CONSTRUCTION
from landzone.geometry.clusters import groups
from landzone.geometry.grid_cut import Shapes, polygonal
from landzone.geometry.overlay import Dissolved, dissolve_connected, faces, flatten
from landzone.geometry.pairs import Measure
from landzone.geometry.width import is_sliver, mean_width_m
from landzone.model.layer import Constraint
from landzone.model.study import AlignmentSettings
from landzone.units import IntArray, to_m2

INSIDE = "inside"
"""Rule of a line that construction has to keep inside of (城镇开发边界); any other rule counts every overlap."""

TEXTS = ("constraint", "rule", "type", "severity", "zone_id", "parcel_id", "construction_plans", "clause")

Layers = list[tuple[Shapes, IntArray]]


def constraint_pieces(
    constraints: Sequence[Constraint],
    zones: gpd.GeoSeries,
    parcels: gpd.GeoSeries,
    plans: Sequence[Plan],
    measure: Measure,
    settings: AlignmentSettings,
    *,
    idle_severity: str = "info",
) -> gpd.GeoDataFrame:
    """Ground under each constraint, cut by zone, parcel and the set of plans that allow construction there.

    ``presence``: the ground under the line, whether or not a plan would build there. ``inside``: the ground
    outside the line where at least one plan says C. The study's ground is its zones and what of the parcels lies
    outside them. Each piece is connected and listed once; no area is too small to be listed (down to the 1 mm
    to which linework is snapped).

    Parameters
    ----------
    constraints : sequence of Constraint
    zones, parcels : GeoSeries of polygons, index ``zone_id`` / ``parcel_id``
    plans : sequence of SpatialPlan or PlanGround
        Those of role ``plan`` count, where they say C (not K).
    measure, settings
        Area method and sliver width of the study.
    idle_severity : str
        Severity of a piece on which no plan would build.

    Returns
    -------
    GeoDataFrame
        ``constraint, rule, type, severity, zone_id, parcel_id`` (missing outside), ``construction_plans`` (names
        joined by ``|``, empty: none), ``clause``, ``area`` (1e-4 m²), ``area_m2, width_m, is_sliver`` (by width,
        疑似边界误差).
        ``type`` is empty where no plan would build. Sorted by constraint, zone, parcel, plans and place.
    """
    zones, parcels = zones.sort_index(), parcels.sort_index()
    grounds = plan_grounds(plans)
    tables = []
    if constraints:
        ground = study_ground(zones.to_numpy(), parcels.to_numpy())
        for constraint in sorted(constraints, key=lambda one: one.name):
            cut = _cut(constraint, ground, parcels.to_numpy(), grounds)
            tables.append(_listed(constraint, cut, zones.index, parcels.index, grounds, idle_severity))
    frame = pd.concat(tables, ignore_index=True) if tables else _empty()
    shapes = gpd.GeoSeries(frame["geometry"].to_numpy(dtype=object), crs=zones.crs)
    return measured(gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes), measure, settings)


def measured(frame: gpd.GeoDataFrame, measure: Measure, settings: AlignmentSettings) -> gpd.GeoDataFrame:
    """Add ``area, area_m2, width_m, is_sliver`` and leave out ground under half a unit of area."""
    shapes = frame.geometry.to_numpy()
    units = measure.units(shapes) if len(shapes) else np.zeros(0, np.int64)
    frame = frame.assign(
        area=units,
        area_m2=to_m2(units),
        width_m=mean_width_m(shapes),
        is_sliver=is_sliver(shapes, settings.sliver_width_m),
    )
    frame = frame[[name for name in frame.columns if name != "geometry"] + ["geometry"]]
    return frame[frame["area"] > 0].reset_index(drop=True)


def line_overlaps(
    constraints: Sequence[Constraint], measure: Measure, settings: AlignmentSettings
) -> gpd.GeoDataFrame:
    """Ground under two control lines that must not overlap one another (those with a type, 三条控制线).

    Returns
    -------
    GeoDataFrame
        One row a connected piece: ``constraint_a, constraint_b`` (names, sorted), ``area`` (1e-4 m²), ``area_m2,
        width_m, is_sliver``. Two drawings of one border are pieces, too; ``is_sliver`` tells them.
    """
    lines = sorted((one for one in constraints if one.type), key=lambda one: one.name)
    names, pieces = [], []
    flat = {one.name: flatten(_shapes(one), [""] * len(one.layer.frame))[0] for one in lines}
    for one, two in combinations(lines, 2):
        overlay = faces([(flat[two.name], np.zeros(len(flat[two.name]), np.int64))], flat[one.name])
        kept = overlay.labels[:, 0] >= 0
        found = dissolve_connected(overlay.only(kept), overlay.labels[kept]).shapes
        names += [(one.name, two.name)] * len(found)
        pieces += found.tolist()
    table = pd.DataFrame(names, columns=["constraint_a", "constraint_b"], dtype="str")
    crs = constraints[0].layer.frame.crs if constraints else None
    return measured(gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(pieces, crs=crs)), measure, settings)


def _shapes(constraint: Constraint) -> Shapes:
    return np.asarray(constraint.layer.frame.geometry.to_numpy(), dtype=object)


def _cut(
    constraint: Constraint,
    ground: tuple[Shapes, IntArray],
    parcels: Shapes,
    plans: Sequence[PlanGround],
) -> Dissolved:
    """Overlay the ground in question; labels: zone, parcel, and the set of building plans as bits."""
    shapes = _shapes(constraint)
    building = [plan.with_any(frozenset({CONSTRUCTION}))[0] for plan in plans]
    layers: Layers = [(parcels, np.arange(len(parcels)))]
    layers += [(built, np.zeros(len(built), dtype=np.int64)) for built in building]
    if constraint.rule == INSIDE:
        outside, zone_of = _outside(ground, shapes)
        overlay = faces(layers, outside)
        zone = zone_of[overlay.within]
        kept: NDArray[np.bool_] = np.logical_or.reduce(overlay.labels[:, 1:] >= 0, axis=1)
    else:
        flat, _, _ = flatten(shapes, [""] * len(shapes))
        overlay = faces([*layers, (ground[0], np.arange(len(ground[0])))], flat)
        place = overlay.labels[:, -1]
        zone = np.where(place >= 0, ground[1][place], -1)
        kept = place >= 0
    bits = np.zeros(len(zone), dtype=np.int64)
    for number in range(len(building)):
        bits |= (overlay.labels[:, number + 1] >= 0).astype(np.int64) << number
    labels = np.column_stack([zone, overlay.labels[:, 0], bits])
    return dissolve_connected(overlay.only(kept), labels[kept])


def _outside(ground: tuple[Shapes, IntArray], line: Shapes) -> tuple[Shapes, IntArray]:
    """Return the ground outside a line, with its zone."""
    shapes, zone = ground[0].copy(), ground[1]
    found, near = shapely.STRtree(line).query(shapes, predicate="intersects")
    for place, rows in groups(found):
        shapes[place] = shapely.difference(shapes[place], shapely.union_all(line[np.sort(near[rows])]))
    shapes = polygonal(shapes)
    kept = shapely.area(shapes) > 0
    return shapes[kept], zone[kept]


def _listed(
    constraint: Constraint,
    cut: Dissolved,
    zone_ids: pd.Index,
    parcel_ids: pd.Index,
    plans: Sequence[PlanGround],
    idle_severity: str,
) -> pd.DataFrame:
    zone, parcel, bits = cut.labels.T
    names = {
        int(one): "|".join(plan.name for place, plan in enumerate(plans) if one >> place & 1)
        for one in np.unique(bits)
    }
    said = np.array([names[int(one)] for one in bits], dtype=object)
    order = np.lexsort((np.unique(said, return_inverse=True)[1], parcel, zone)) if len(said) else bits
    zone, parcel, said, planned = zone[order], parcel[order], said[order], bits[order] > 0
    frame = pd.DataFrame(
        {
            "constraint": constraint.name,
            "rule": constraint.rule,
            "type": np.where(planned, constraint.type, ""),
            "severity": np.where(planned, constraint.severity, idle_severity),
            "zone_id": ids_or_missing(zone_ids, zone),
            "parcel_id": ids_or_missing(parcel_ids, parcel),
            "construction_plans": said,
            "clause": constraint.clause,
        },
        index=range(len(bits)),
    )
    return frame.astype(dict.fromkeys(TEXTS, "str")).assign(geometry=cut.shapes[order])


def ids_or_missing(ids: pd.Index, place: IntArray) -> np.ndarray:
    """Return the id at each position, missing at -1."""
    return np.array([*ids, None], dtype=object)[place]


def _empty() -> pd.DataFrame:
    frame = pd.DataFrame({name: pd.Series(dtype="str") for name in TEXTS})
    return frame.assign(geometry=np.zeros(0, dtype=object))


def hit_parcels(pieces: gpd.GeoDataFrame) -> pd.Index:
    """Return the ids of the parcels that any constraint hits, however little."""
    ids: pd.Index = pd.Index(pieces["parcel_id"].dropna().unique())
    return ids
