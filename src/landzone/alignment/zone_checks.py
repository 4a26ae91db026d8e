"""The boundary of each zone against everything that has a boundary: plans, lines of control, townships, phases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landzone.alignment.constraints import INSIDE
from landzone.alignment.ground import PLAN_ROLE, PlanGround
from landzone.alignment.shares import ground_shares
from landzone.geometry.clusters import groups
from landzone.geometry.coverage import covered_units
from landzone.geometry.grid_cut import Shapes, polygonal
from landzone.geometry.overlay import overlap_pairs
from landzone.geometry.pairs import Measure
from landzone.geometry.width import is_sliver, mean_width_m
from landzone.model.layer import Constraint
from landzone.model.study import AlignmentSettings
from landzone.units import IntArray, to_m2

UNCOVERED = "uncovered"
COLUMNS = {"zone_id": "str", "check": "str", "name": "str", "part": "str", "area": "int64"}


def zone_checks(
    zones: gpd.GeoSeries,
    plans: Sequence[PlanGround],
    constraints: Sequence[Constraint],
    others: Mapping[str, tuple[Shapes, Sequence[str]]],
    measure: Measure,
    settings: AlignmentSettings,
    *,
    threads: int = 1,
) -> pd.DataFrame:
    """Hold the boundary of every zone against plans, lines of control and other divisions of the ground.

    ==========  ========================  ==================================================================
    check       name                      part
    ==========  ========================  ==================================================================
    plan        plan                      its common class, or ``uncovered``; the parts sum to the zone
    line        line of control           ``inside`` and ``outside`` the line; they sum to the zone.
                                          ``beyond`` (lines of rule ``inside``, such as the same boundary in
                                          another document): ground of the line that lies in no zone
    others      ``township``, ``phase``   code or name of the part; ground in none of them is not listed
    ==========  ========================  ==================================================================

    Returns
    -------
    DataFrame
        ``zone_id, check, name, part, area`` (1e-4 m²), ``area_m2, share_ratio`` (of the zone), ``width_m`` (mean
        width of an ``outside`` or ``beyond`` part) and ``is_sliver`` (that part is nowhere wider than a digitising
        difference). Parts without ground are left out.
    """
    zones = zones.sort_index()
    whole = measure.units(zones.to_numpy()) if len(zones) else np.zeros(0, np.int64)
    parts = [_plans(zones, plans, whole, measure, threads)]
    parts += [
        _line(zones, line, whole, measure, settings) for line in sorted(constraints, key=lambda one: one.name)
    ]
    for check, (shapes, names) in sorted(others.items()):
        parts.append(_division(zones, check, shapes, names, measure, threads))
    table = pd.concat(parts, ignore_index=True)
    table = table[table["area"] > 0].astype(COLUMNS)
    total = pd.Series(whole, zones.index).reindex(table["zone_id"]).to_numpy()
    table = table.assign(
        area_m2=to_m2(table["area"].to_numpy()), share_ratio=table["area"] / np.maximum(total, 1)
    )
    table["width_m"] = table["width_m"].astype("float64")
    table["is_sliver"] = table["is_sliver"].astype("boolean")
    order = [*COLUMNS, "area_m2", "share_ratio", "width_m", "is_sliver"]
    return table[order].sort_values(["zone_id", "check", "name", "part"], kind="stable", ignore_index=True)


def _plans(
    zones: gpd.GeoSeries, plans: Sequence[PlanGround], whole: IntArray, measure: Measure, threads: int
) -> pd.DataFrame:
    compared = [plan for plan in plans if plan.role == PLAN_ROLE]
    shares = ground_shares(zones, compared, measure, threads=threads)
    table = shares.groupby(["parcel_id", "plan", "common"], sort=True)["area"].sum().reset_index()
    table.columns = pd.Index(["zone_id", "name", "part", "area"])
    every = pd.MultiIndex.from_product(
        [zones.index, [plan.name for plan in compared]], names=["zone_id", "name"]
    )
    covered = table.groupby(["zone_id", "name"])["area"].sum().reindex(every, fill_value=0)
    rest = (pd.Series(whole, zones.index).reindex(every.get_level_values(0)).to_numpy() - covered).rename(
        "area"
    )
    table = pd.concat([table, rest.reset_index().assign(part=UNCOVERED)])
    return table.assign(check="plan", width_m=np.nan, is_sliver=pd.NA)


def _line(
    zones: gpd.GeoSeries, line: Constraint, whole: IntArray, measure: Measure, settings: AlignmentSettings
) -> pd.DataFrame:
    shapes, own = np.asarray(line.layer.frame.geometry.to_numpy(), dtype=object), zones.to_numpy()
    inside = covered_units(own, shapes, measure)
    outside = _without(own, shapes)
    tables = [
        pd.DataFrame({"zone_id": zones.index, "part": "inside", "area": inside}),
        pd.DataFrame(
            {"zone_id": zones.index, "part": "outside", "area": whole - inside, **_width(outside, settings)}
        ),
    ]
    if line.rule == INSIDE:
        ground, zone = _beyond(own, shapes)
        units = measure.units(ground) if len(ground) else np.zeros(0, np.int64)
        ids = zones.index.to_numpy()[zone]
        tables.append(
            pd.DataFrame({"zone_id": ids, "part": "beyond", "area": units, **_width(ground, settings)})
        )
    return pd.concat(tables).assign(check="line", name=line.name)


def _width(shapes: Shapes, settings: AlignmentSettings) -> dict[str, np.ndarray]:
    return {"width_m": mean_width_m(shapes), "is_sliver": is_sliver(shapes, settings.sliver_width_m)}


def _without(shapes: Shapes, taken: Shapes) -> Shapes:
    """Return what of the shapes lies outside others, as polygons (perhaps empty)."""
    rest = shapes.copy()
    place, near = shapely.STRtree(taken).query(shapes, predicate="intersects")
    for row, rows in groups(place):
        rest[row] = shapely.difference(shapes[row], shapely.union_all(taken[np.sort(near[rows])]))
    return polygonal(rest)


def _beyond(zones: Shapes, line: Shapes) -> tuple[Shapes, IntArray]:
    """Return for each zone the ground of the line's shapes that meet it and lie in no zone."""
    place, near = shapely.STRtree(line).query(zones, predicate="intersects")
    heads, joined = [], []
    for zone, rows in groups(place):
        heads.append(zone)
        joined.append(shapely.union_all(line[np.sort(near[rows])]))
    rest = _without(np.array(joined, dtype=object), zones) if joined else np.zeros(0, dtype=object)
    return rest, np.array(heads, dtype=np.int64)


def _division(
    zones: gpd.GeoSeries, check: str, shapes: Shapes, names: Sequence[str], measure: Measure, threads: int
) -> pd.DataFrame:
    zone, place, units = overlap_pairs(zones.to_numpy(), shapes, measure, threads=threads)
    found = pd.DataFrame(
        {"zone_id": zones.index.to_numpy()[zone], "name": np.array(names, dtype=object)[place], "area": units}
    )
    table = found.groupby(["zone_id", "name"], sort=True)["area"].sum().reset_index()
    return table.assign(check=check, part="inside", width_m=np.nan, is_sliver=pd.NA)
