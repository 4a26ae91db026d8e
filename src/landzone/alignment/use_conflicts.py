"""Present construction contrary to a plan (D12)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd

from landzone.alignment.constraints import ids_or_missing, measured
from landzone.alignment.ground import PRESENT_ROLE, Plan, PlanGround, plan_grounds, study_ground
from landzone.alignment.pair_table import AlignmentTypes
from landzone.geometry.grid_cut import Shapes
from landzone.geometry.overlay import dissolve_connected, faces
from landzone.geometry.pairs import Measure
from landzone.model.study import AlignmentSettings
from landzone.units import IntArray

TEXTS = ("zone_id", "parcel_id", "present", "plan", "present_code", "plan_code", "type", "severity")


def use_conflicts(
    zones: gpd.GeoSeries,
    parcels: gpd.GeoSeries,
    plans: Sequence[Plan],
    measure: Measure,
    settings: AlignmentSettings,
    types: AlignmentTypes,
) -> gpd.GeoDataFrame:
    """Ground that is built on (present use C) where a plan says non-construction, restricted or prohibited.

    Every layer of role ``present`` is held against every layer of role ``plan``, inside the zones and the parcels.

    Returns
    -------
    GeoDataFrame
        One row per connected piece: ``zone_id, parcel_id`` (missing outside), ``present`` and ``plan`` (names),
        ``present_code, plan_code, type`` (D12), ``severity, area`` (1e-4 m²), ``area_m2, width_m, is_sliver``.
    """
    zones, parcels = zones.sort_index(), parcels.sort_index()
    kind = types.types[types.use_conflict]
    pairs = list(product(plan_grounds(plans, PRESENT_ROLE), plan_grounds(plans)))
    tables = []
    if pairs:
        ground = study_ground(zones.to_numpy(), parcels.to_numpy())
        for present, plan in pairs:
            table = _against(present, plan, ground, parcels, zones.index, types)
            tables.append(table.assign(type=kind.id, severity=kind.severity))
    empty = pd.DataFrame({name: [] for name in (*TEXTS, "geometry")}, dtype=object)
    frame = pd.concat(tables, ignore_index=True) if tables else empty
    frame = frame[[*TEXTS, "geometry"]].astype(dict.fromkeys(TEXTS, "str"))
    shapes = gpd.GeoSeries(frame["geometry"].to_numpy(dtype=object), crs=zones.crs)
    return measured(gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes), measure, settings)


def _against(
    present: PlanGround,
    plan: PlanGround,
    ground: tuple[Shapes, IntArray],
    parcels: gpd.GeoSeries,
    zone_ids: pd.Index,
    types: AlignmentTypes,
) -> pd.DataFrame:
    built, built_label = present.with_any(types.present_classes)
    contrary = plan.with_any(types.contrary_classes)
    places = (ground[0], np.arange(len(ground[0])))
    plots = (parcels.to_numpy(), np.arange(len(parcels)))
    overlay = faces([places, plots, contrary], built)
    place, parcel, planned = overlay.labels.T
    kept = (place >= 0) & (planned >= 0)
    zone = np.where(place >= 0, ground[1][place], -1) if len(ground[1]) else place
    labels = np.column_stack([zone, parcel, built_label[overlay.within], planned])
    cut = dissolve_connected(overlay.only(kept), labels[kept])
    zone, parcel, has, says = cut.labels.T
    return pd.DataFrame(
        {
            "zone_id": ids_or_missing(zone_ids, zone),
            "parcel_id": ids_or_missing(parcels.index, parcel),
            "present": present.name,
            "plan": plan.name,
            "present_code": np.array([one.code for one in present.classes], dtype=object)[has],
            "plan_code": np.array([one.code for one in plan.classes], dtype=object)[says],
            "geometry": cut.shapes,
        },
        index=range(len(zone)),
    )
