"""Difference patches (差异图斑): where plans agree, conflict, differ by drawing only, or say nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landzone.alignment.disagreement import Verdicts, disagreements, gravest
from landzone.alignment.disputes import disputes
from landzone.alignment.ground import Plan, PlanGround, plan_grounds, self_overlaps
from landzone.alignment.identity import patch_ids
from landzone.alignment.pair_table import AlignmentTypes, Kind
from landzone.alignment.summary import Comparison, class_table, pair_matrix, plan_table, says, zone_alignment
from landzone.alignment.surroundings import neighbours, parcels_under
from landzone.alignment.zone_overlay import overlay_zones
from landzone.geometry.clusters import groups
from landzone.geometry.grid_cut import Shapes
from landzone.geometry.pairs import Measure
from landzone.geometry.width import mean_width_m
from landzone.model.study import AlignmentSettings
from landzone.units import AREA_UNITS_PER_M2, IntArray, largest_remainder, to_m2


@dataclass(frozen=True)
class Alignment:
    """The comparison of plans.

    Attributes
    ----------
    patches : GeoDataFrame, see ``difference_patches``
    pairs : DataFrame, see ``summary.pair_matrix``
    plans : DataFrame, see ``summary.plan_table``
    classes : DataFrame, see ``summary.class_table``
    parcels : DataFrame, see ``surroundings.parcels_under``
    zones : DataFrame indexed by zone_id, see ``summary.zone_alignment``
    self_overlaps : DataFrame, see ``ground.self_overlaps``
    """

    patches: gpd.GeoDataFrame
    pairs: pd.DataFrame
    plans: pd.DataFrame
    classes: pd.DataFrame
    parcels: pd.DataFrame
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

    kind = conflict where two plans that both say something disagree (pair types D3…D7; ``?`` says nothing), precision
    where all that disagrees there is noise by width; else uncovered where any plan is absent; else agree.

    Noise by width, for each two plans on the ground that hangs together under their two codes, whatever other plans
    cut it into: 2 × area ÷ perimeter < ``sliver_width_m`` and no circle of diameter 2 × ``sliver_width_m`` fits
    inside. The second test never touches a convex patch; it stops a real conflict with thin tails attached from
    hiding. Area never makes a precision difference. The type is the gravest of the disagreements that count.

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
        ``patch_id`` (see ``identity.patch_ids``), ``zone_id, kind, type, severity``, ``area`` (1e-4 m², integer),
        ``area_m2, width_m`` (2A/P), then what ``disputes`` says of the disagreement (``is_small, conflict_id, rank,
        plan_a, plan_b, disputing_plans, joined_m2, joined_width_m, widest_m``), what lies beside and under a conflict
        (``neighbours, neighbours_count, parcels, parcels_count``), ``match_key`` (second key for comparing audits),
        and for each plan, by name, ``<plan>_code``, ``<plan>_common``, ``<plan>_sector`` (missing where the plan is
        absent); codes of a plan that overlaps itself are joined by ``|``. Sorted by zone, codes and place.
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
    parcels: gpd.GeoSeries | None = None,
    threads: int = 1,
) -> Alignment:
    """Compare plans inside zones: patches, the tables they add up to, self-overlaps.

    Parameters as in ``difference_patches``; ``parcels`` (index ``parcel_id``) are held against the conflicts.
    """
    zones = zones.sort_index()
    zone_shapes = zones.to_numpy()
    grounds = plan_grounds(plans)
    ground = overlay_zones(grounds, zone_shapes)
    zone, labels = ground.labels[:, 0], ground.labels[:, 1:]
    whole = measure.units(zone_shapes) if len(zones) else np.zeros(0, np.int64)
    units = _closing(ground.shapes, zone, zone_shapes, whole, measure, ground.borders.grid)
    found = disagreements(ground, grounds, types, settings.sliver_width_m)
    names = tuple(plan.name for plan in grounds)
    compared = Comparison(names, says(labels, grounds), found, zone, units)
    verdicts = gravest(found, len(zone))
    ids, keys = patch_ids(ground.shapes, _said(labels, zone, zones.index, grounds))
    frame = pd.DataFrame({"patch_id": ids, "zone_id": zones.index.to_numpy()[zone]})
    frame = frame.assign(**_judged(labels, grounds, verdicts, types))
    frame = frame.assign(area=units, area_m2=to_m2(units), width_m=mean_width_m(ground.shapes))
    frame = pd.concat([frame, disputes(ground, ids, compared, verdicts, settings, types)], axis=1)
    chosen = np.flatnonzero(verdicts.conflict & (units > 0))
    frame = pd.concat([frame, neighbours(ground, ids, chosen, units > 0)], axis=1)
    plots = zones[:0] if parcels is None else parcels
    under, pieces = parcels_under(ground.shapes, ids, chosen, plots, measure, threads)
    frame = pd.concat([frame, under], axis=1).assign(match_key=keys)
    texts = ["patch_id", "zone_id", "kind", "type", "severity", "match_key"]
    frame = pd.concat([frame.astype(dict.fromkeys(texts, "str")), _plan_columns(labels, grounds)], axis=1)
    patches = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(ground.shapes, crs=zones.crs), crs=zones.crs)
    kept = patches[patches["area"] > 0].reset_index(drop=True)
    return Alignment(
        patches=kept,
        pairs=pair_matrix(compared),
        plans=plan_table(compared, zones.index),
        classes=class_table(kept, names),
        parcels=pieces,
        zones=zone_alignment(patches, pd.Series(whole, zones.index)),
        self_overlaps=self_overlaps(grounds, measure, types),
    )


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


def _judged(
    labels: IntArray, grounds: Sequence[PlanGround], verdicts: Verdicts, types: AlignmentTypes
) -> dict[str, NDArray[np.object_]]:
    """Return kind, type and severity; what does not disagree is looked up once for each combination of classes."""
    combinations, number = np.unique(labels, axis=0, return_inverse=True)
    if not labels.shape[1]:
        combinations, number = labels[:1], np.zeros(len(labels), dtype=np.int64)
    found = [
        types.combination(
            [plan.classes[one] if one >= 0 else None for plan, one in zip(grounds, row, strict=True)]
        )
        for row in combinations
    ]
    number = np.asarray(number).reshape(-1)
    kind = np.array([kind for kind, _ in found], dtype=object)[number]
    name = np.array([name for _, name in found], dtype=object)[number]
    kind[verdicts.conflict] = Kind.CONFLICT
    kind[verdicts.noise] = Kind.PRECISION
    differ = verdicts.rank > 0
    by_rank = types.by_rank
    name[differ] = [by_rank[rank].id for rank in verdicts.rank[differ].tolist()]
    severity = np.array([types.types[one].severity for one in name], dtype=object)
    severity[verdicts.noise] = types.precision_severity
    return {"kind": kind, "type": name, "severity": severity}


def _plan_columns(labels: IntArray, grounds: Sequence[PlanGround]) -> pd.DataFrame:
    columns = {}
    for place, plan in enumerate(grounds):
        for part in ("code", "common", "sector"):
            known = [getattr(one, part) or None for one in plan.classes]
            values = np.array([*known, None], dtype=object)[labels[:, place]]
            columns[f"{plan.name}_{part}"] = pd.Series(values, dtype="str")
    return pd.DataFrame(columns, index=range(len(labels)))


def _said(
    labels: IntArray, zone: IntArray, zone_ids: pd.Index, grounds: Sequence[PlanGround]
) -> list[NDArray[np.object_]]:
    """Return what the id of a patch is made from: its zone and the code of each plan."""
    said = [np.array([str(one) for one in zone_ids], dtype=object)[zone]]
    for place, plan in enumerate(grounds):
        codes = [*[f"{plan.name}={one.code}" for one in plan.classes], f"{plan.name}="]
        said.append(np.array(codes, dtype=object)[labels[:, place]])
    return said
