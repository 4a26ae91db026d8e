"""Difference patches (差异图斑): where plans agree, conflict, differ by drawing only, or say nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landzone.alignment.ground import Plan, PlanGround, plan_grounds, self_overlaps
from landzone.alignment.pair_table import AlignmentTypes, Kind
from landzone.alignment.summary import PatchGraph, pair_matrix, zone_alignment
from landzone.alignment.zone_overlay import overlay_zones
from landzone.geometry.clusters import groups
from landzone.geometry.grid_cut import Shapes
from landzone.geometry.overlay import Dissolved
from landzone.geometry.pairs import Measure
from landzone.geometry.width import is_sliver, mean_width_m
from landzone.model.study import AlignmentSettings
from landzone.units import AREA_UNITS_PER_M2, IntArray, largest_remainder, to_m2


@dataclass(frozen=True)
class Alignment:
    """The comparison of plans.

    Attributes
    ----------
    patches : GeoDataFrame, see ``difference_patches``
    pairs : DataFrame, see ``pair_matrix``
    zones : DataFrame indexed by zone_id, see ``zone_alignment``
    self_overlaps : DataFrame, see ``ground.self_overlaps``
    """

    patches: gpd.GeoDataFrame
    pairs: pd.DataFrame
    zones: pd.DataFrame
    self_overlaps: pd.DataFrame


def difference_patches(
    zones: gpd.GeoSeries,
    plans: Sequence[Plan],
    measure: Measure,
    settings: AlignmentSettings,
    types: AlignmentTypes,
) -> gpd.GeoDataFrame:
    """Cut zones into patches: connected ground on which no plan changes its code, with what it amounts to.

    kind = conflict where two present plans disagree (pair types D3…D7; ``?`` counts as absent), or precision
    where such ground is noise by width; else uncovered where any plan is absent; else agree.

    Noise by width: 2 × area ÷ perimeter < ``sliver_width_m`` and no circle of diameter 2 × ``sliver_width_m``
    fits inside. The second test never touches a convex patch; it stops a real conflict with thin tails attached
    from hiding. Area never makes a precision difference.

    Parameters
    ----------
    zones : GeoSeries of polygons, index ``zone_id``
        Flat: zones do not overlap one another.
    plans : sequence of SpatialPlan or PlanGround
        Those of role ``plan`` are compared, in any order; ``present`` ones are left out.
    measure : area method of the study
    settings : AlignmentSettings
    types : AlignmentTypes
        The pair table of the catalogue.

    Returns
    -------
    GeoDataFrame
        ``patch_id`` (made from content: zone, codes, shape), ``zone_id, kind, type, severity``, ``area`` (1e-4 m²,
        integer), ``area_m2, width_m`` (2A/P), ``is_small`` (a conflict under ``small_area_m2``) and for each plan,
        by name, ``<plan>_code``, ``<plan>_common``, ``<plan>_sector`` (missing where the plan is absent); codes of
        a plan that overlaps itself are joined by ``|``. Sorted by zone, codes and place.
        Areas of a zone sum exactly to its measured area: what snapping to 1 mm moved is shared out over its
        patches by largest remainder. Ground under half a unit of area is left out.

    Source
    ------
    Land-use planning practice of 两规/三规 comparison; minimum widths are a setting of the study.
    """
    return align_plans(zones, plans, measure, settings, types).patches


def align_plans(
    zones: gpd.GeoSeries,
    plans: Sequence[Plan],
    measure: Measure,
    settings: AlignmentSettings,
    types: AlignmentTypes,
    *,
    threads: int = 1,
) -> Alignment:
    """Compare plans inside zones: patches, plan × plan matrix, sums by zone, self-overlaps.

    Parameters as in ``difference_patches``.
    """
    zones = zones.sort_index()
    zone_shapes = zones.to_numpy()
    grounds = plan_grounds(plans)
    overlay = overlay_zones(grounds, zone_shapes, threads)
    ground = overlay.ground
    zone, labels = ground.labels[:, 0], ground.labels[:, 1:]
    whole = measure.units(zone_shapes) if len(zones) else np.zeros(0, np.int64)
    units = _closing(ground.shapes, zone, zone_shapes, whole, measure, overlay.grid)
    kind, name = _judge(labels, grounds, types)
    noise = np.zeros(len(zone), dtype=np.bool_)
    doubtful = np.flatnonzero(kind == Kind.CONFLICT)
    noise[doubtful] = is_sliver(ground.shapes[doubtful], settings.sliver_width_m)
    kind[noise] = Kind.PRECISION
    severity = np.array([types.types[one].severity for one in name], dtype=object)
    severity[noise] = types.precision_severity
    small = (kind == Kind.CONFLICT) & (units < settings.small_area_m2 * AREA_UNITS_PER_M2)
    frame = pd.DataFrame(
        {
            "patch_id": _ids(ground, zones.index, grounds),
            "zone_id": zones.index.to_numpy()[zone],
            "kind": kind,
            "type": name,
            "severity": severity,
            "area": units,
            "area_m2": to_m2(units),
            "width_m": mean_width_m(ground.shapes),
            "is_small": small,
        }
    )
    texts = ["patch_id", "zone_id", "kind", "type", "severity"]
    frame = pd.concat([frame.astype(dict.fromkeys(texts, "str")), _plan_columns(labels, grounds)], axis=1)
    patches = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(ground.shapes, crs=zones.crs), crs=zones.crs)
    graph = PatchGraph(ground, units, tuple(plan.name for plan in grounds))
    pairs = pair_matrix(graph, [plan.classes for plan in grounds], settings, types)
    sums = zone_alignment(patches, pd.Series(whole, zones.index))
    kept = patches[patches["area"] > 0].reset_index(drop=True)
    return Alignment(kept, pairs, sums, self_overlaps(grounds, measure, types))


def _closing(
    shapes: Shapes, zone: IntArray, zones: Shapes, whole: IntArray, measure: Measure, grid: float
) -> IntArray:
    """Measure the patches and let those of each zone sum to it, as far as the snap grid explains the rest."""
    units = measure.units(shapes) if len(shapes) else np.zeros(0, np.int64)
    reach = 2 * grid * shapely.length(zones) * AREA_UNITS_PER_M2 + 16
    for number, rows in groups(zone):
        total, found = int(whole[number]), int(units[rows].sum())
        if total != found > 0 and abs(total - found) <= max(reach[number], len(rows)):
            units[rows] = largest_remainder(total, units[rows])
    return units


def _judge(
    labels: IntArray, grounds: Sequence[PlanGround], types: AlignmentTypes
) -> tuple[np.ndarray, np.ndarray]:
    """Return kind and type of every patch; each combination of classes is looked up once."""
    combinations, number = np.unique(labels, axis=0, return_inverse=True)
    if not labels.shape[1]:
        combinations, number = labels[:1], np.zeros(len(labels), dtype=np.int64)
    found = [
        types.combination(
            [plan.classes[one] if one >= 0 else None for plan, one in zip(grounds, row, strict=True)]
        )
        for row in combinations
    ]
    kinds = np.array([kind for kind, _ in found], dtype=object)
    names = np.array([name for _, name in found], dtype=object)
    number = np.asarray(number).reshape(-1)
    return kinds[number], names[number]


def _plan_columns(labels: IntArray, grounds: Sequence[PlanGround]) -> pd.DataFrame:
    columns = {}
    for place, plan in enumerate(grounds):
        for part in ("code", "common", "sector"):
            known = [getattr(one, part) or None for one in plan.classes]
            values = np.array([*known, None], dtype=object)[labels[:, place]]
            columns[f"{plan.name}_{part}"] = pd.Series(values, dtype="str")
    return pd.DataFrame(columns, index=range(len(labels)))


def _ids(ground: Dissolved, zone_ids: pd.Index, grounds: Sequence[PlanGround]) -> list[str]:
    """Return an id made from zone, codes and shape, so that it outlives every other change of the study."""
    said = [np.array([str(one) for one in zone_ids], dtype=object)[ground.labels[:, 0]]]
    for place, plan in enumerate(grounds):
        codes = np.array(
            [*[f"{plan.name}={one.code}" for one in plan.classes], f"{plan.name}="], dtype=object
        )
        said.append(codes[ground.labels[:, place + 1]])
    shapes = shapely.to_wkb(ground.shapes, byte_order=1)
    return [
        "P" + hashlib.sha256("\x1f".join(texts).encode() + b"\x1e" + shape).hexdigest()[:16]
        for *texts, shape in zip(*said, shapes, strict=True)
    ]
