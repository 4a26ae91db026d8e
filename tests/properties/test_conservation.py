"""Nothing is lost and nothing is counted twice: parts sum to wholes, and every part is within its bounds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import shapely
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import landzone as lz
from landzone.engine.direct import build_ledger

Audited = Callable[..., lz.Audit]
SEEDS = st.integers(0, 11)
few = settings(derandomize=True, max_examples=6, deadline=None, phases=[Phase.generate])
ROUNDING = 0.5e-4
"""m²; an area is a whole number of 1e-4 m²."""
SNAP = 0.001
"""m; the grid on which crossings of linework end."""


@pytest.mark.parametrize("kind", ["planar", "ellipsoidal"])
@few
@given(seed=SEEDS)
def test_kinds_of_patches_sum_to_the_zone(audited: Audited, kind: str, seed: int) -> None:
    audit = audited(seed, kind=kind)
    zones = audit.zones.set_index("zone_id")
    kinds = zones[["agree_m2", "conflict_m2", "precision_m2", "uncovered_m2"]]
    assert np.allclose(kinds.sum(axis=1), zones["area_m2"], rtol=1e-6, atol=0)
    by_kind = audit.patches.groupby(["zone_id", "kind"])["area_m2"].sum()
    for kind_name in ("agree", "conflict", "precision", "uncovered"):
        for zone in zones.index:
            listed = by_kind.get((zone, kind_name), 0.0)
            assert kinds.loc[zone, f"{kind_name}_m2"] == pytest.approx(listed, rel=1e-9, abs=1e-3)
    assert (audit.patches["area_m2"] > 0).all()
    assert audit.patches["patch_id"].is_unique


@few
@given(seed=SEEDS)
def test_patches_cover_their_zone_once(audited: Audited, seed: int) -> None:
    audit = audited(seed)
    for zone in audit.zones.itertuples():
        own = audit.patches.geometry[audit.patches["zone_id"] == zone.zone_id]
        reach = SNAP * (zone.geometry.length + own.length.sum())
        assert shapely.union_all(own.to_numpy(), grid_size=SNAP).symmetric_difference(
            zone.geometry
        ).area == pytest.approx(0, abs=reach)
        assert own.area.sum() == pytest.approx(zone.geometry.area, abs=reach)


@few
@given(seed=SEEDS)
def test_pieces_of_a_parcel_over_zones_and_outside_sum_to_it(audited: Audited, seed: int) -> None:
    audit = audited(seed)
    ledger = build_ledger(audit.study)
    zones = shapely.union_all(audit.zones.geometry.to_numpy())
    inside = ledger.parcel_zone.groupby("parcel_id")["area"].sum() / 10_000
    for parcel in audit.parcels.itertuples():
        outside = parcel.geometry.difference(zones).area
        within = inside.get(parcel.parcel_id, 0.0)
        assert within + outside == pytest.approx(parcel.area_m2, rel=1e-9, abs=4 * ROUNDING)
        assert within <= parcel.area_m2 + 4 * ROUNDING
        assert (parcel.zone_id is None or parcel.zone_id != parcel.zone_id) == (within == 0)


@few
@given(seed=SEEDS)
def test_shares_of_plans(audited: Audited, seed: int) -> None:
    audit = audited(seed)
    parcels = audit.parcels.set_index("parcel_id")
    shares = audit.result.plan_shares
    assert shares["share_ratio"].between(0, 1 + 1e-9).all()
    sums = shares.groupby(["parcel_id", "plan"])[["area_m2", "share_ratio"]].sum()
    assert (sums["share_ratio"] <= 1 + 1e-9).all()
    for name, plan in audit.study.plans.items():
        whole = shapely.union_all(plan.layer.frame.geometry.to_numpy())
        for parcel_id, shape in parcels.geometry.items():
            listed = sums["area_m2"].get((parcel_id, name), 0.0)
            reach = SNAP * 2 * shape.length
            assert listed == pytest.approx(shape.intersection(whole).area, abs=reach)
            assert listed <= parcels.loc[parcel_id, "area_m2"] + ROUNDING


@few
@given(seed=SEEDS)
def test_constraint_pieces_sum_to_the_ground_under_the_line(audited: Audited, seed: int) -> None:
    audit = audited(seed)
    shapes = [*audit.zones.geometry, *audit.parcels.geometry]
    ground = shapely.union_all(shapes)
    pieces = audit.constraints
    for name, constraint in audit.study.constraints.items():
        line = shapely.union_all(constraint.layer.frame.geometry.to_numpy())
        own = pieces[pieces["constraint"] == name]
        if constraint.rule == "presence":
            wanted = ground.intersection(line)
        else:
            plans = [plan.layer.frame for plan in audit.study.plans.values() if plan.role == "plan"]
            built = [shape for frame in plans for shape in frame.geometry[frame["common"] == "C"]]
            wanted = ground.difference(line).intersection(shapely.union_all(built))
        reach = SNAP * (own.length.sum() + 1)
        assert own["area_m2"].sum() == pytest.approx(wanted.area, abs=reach)
        assert shapely.union_all(own.geometry.to_numpy()).area == pytest.approx(wanted.area, abs=reach)
        assert own["type"].fillna("").ne("").equals(own["construction_plans"].fillna("").ne(""))


@few
@given(seed=SEEDS)
def test_bounds(audited: Audited, seed: int) -> None:
    audit = audited(seed)
    parcels, zones = audit.parcels, audit.zones
    for table in (parcels, zones):
        assert table["building_density_ratio"].dropna().between(0, 1).all()
        assert (table["footprint_m2"].fillna(0) <= table["area_m2"]).all()
        assert (table["floor_area_m2"].dropna() >= 0).all()
    both = parcels.dropna(subset=["floor_area_m2", "far_floor_area_m2"])
    assert (both["far_floor_area_m2"] >= both["floor_area_m2"] - ROUNDING).all()
    assert zones["gross_building_density_ratio"].between(0, 1).all()
    assert (zones["industrial_footprint_m2"].fillna(0) <= zones["footprint_m2"] + 1e-3).all()
    assert (zones["industrial_land_m2"].fillna(0) <= zones["area_m2"] + 1e-3).all()
    for name in ("alignment_ratio", "idle_ratio", "investment_coverage_ratio"):
        assert zones[name].dropna().between(0, 1).all()
    assert (zones["idle_area_m2"].dropna() <= zones["area_m2"] + 1e-3).all()
    lower = zones["investment_intensity_lower_wan_cny_per_ha"]
    known = lower.notna() & zones["investment_intensity_wan_cny_per_ha"].notna()
    average = zones["investment_intensity_wan_cny_per_ha"] * zones["investment_coverage_ratio"]
    assert (lower[known] >= average[known] * (1 - 1e-9)).all()
    assert set(parcels["conformity"]) <= {"conforms", "partly", "conflicts", "no_plan"}
    assert set(audit.findings["verdict"]) <= {"pass", "fail", "unknown", "not_applicable"}


@few
@given(seed=SEEDS)
def test_footprints_are_those_of_the_union_of_buildings(audited: Audited, seed: int) -> None:
    audit = audited(seed)
    union = shapely.union_all(audit.study.layers["buildings"].frame.geometry.to_numpy())
    for table in (audit.parcels, audit.zones):
        wanted = shapely.area(shapely.intersection(table.geometry.to_numpy(), union))
        assert np.allclose(table["footprint_m2"], wanted, rtol=1e-9, atol=4 * ROUNDING)


@few
@given(seed=SEEDS)
def test_public_overlaps_are_symmetric_and_inclusion_exclusion_holds(audited: Audited, seed: int) -> None:
    audit = audited(seed)
    buildings = audit.study.layers["buildings"].frame
    parcels = audit.parcels.set_index("parcel_id")
    one = lz.overlap_m2(parcels, buildings, area_kind="planar")
    other = lz.overlap_m2(buildings, parcels, area_kind="planar")
    pairs = one.set_index(["left_id", "right_id"])["area_m2"].sort_index()
    swapped = other.set_index(["right_id", "left_id"])["area_m2"].sort_index()
    assert pairs.index.tolist() == swapped.index.tolist()
    assert np.allclose(pairs, swapped, rtol=1e-9, atol=2 * ROUNDING)
    for (parcel, building), area in pairs.items():
        a, b = parcels.geometry[parcel], buildings.geometry[building]
        assert area <= min(a.area, b.area) + ROUNDING
        assert a.area + b.area == pytest.approx(a.union(b).area + area, rel=1e-9, abs=ROUNDING)
