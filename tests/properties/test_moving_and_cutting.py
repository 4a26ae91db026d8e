"""Where a study lies and how its ground is cut into parcels does not change what is true of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.ops
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import landzone as lz

Audited = Callable[..., lz.Audit]
SEEDS = st.integers(0, 11)
few = settings(derandomize=True, max_examples=4, deadline=None, phases=[Phase.generate])
UNIT = 1e-4


def assert_same_figures(one: pd.DataFrame, two: pd.DataFrame, *, rel: float, units: int) -> None:
    """Compare two tables: texts equal, numbers to a relative tolerance or some units of area."""
    assert list(one.columns) == list(two.columns)
    assert len(one) == len(two)
    for name in one.columns:
        a, b = one[name], two[name]
        if pd.api.types.is_float_dtype(a):
            close = np.isclose(
                a.to_numpy(float), b.to_numpy(float), rtol=rel, atol=units * UNIT, equal_nan=True
            )
            assert close.all(), (name, a[~close].tolist(), b[~close].tolist())
        else:
            assert a.astype("str").tolist() == b.astype("str").tolist(), name


def patch_table(audit: lz.Audit) -> pd.DataFrame:
    """Return ground by zone, codes and kind: what patches say whatever they are called."""
    codes = [name for name in audit.patches.columns if name.endswith(("_code", "_common"))]
    keys = ["zone_id", "kind", "type", "severity", *codes]
    frame = pd.DataFrame(audit.patches[[*keys, "area_m2"]])
    frame[keys] = frame[keys].astype("object").fillna("")
    return frame.groupby(keys)["area_m2"].agg(["sum", "size"]).reset_index()


@few
@given(seed=SEEDS, dx=st.integers(-20_000, 20_000), dy=st.integers(-20_000, 20_000))
def test_translation(audited: Audited, scenes: ModuleType, seed: int, dx: int, dy: int) -> None:
    base = audited(seed)
    moved = audited(scenes.draw(seed), east=scenes.EAST + dx, north=scenes.NORTH + dy)
    for name in ("zones", "parcels"):
        pair = [getattr(one, name).drop(columns="geometry") for one in (base, moved)]
        assert_same_figures(*pair, rel=1e-9, units=1)
    assert_same_figures(patch_table(base), patch_table(moved), rel=1e-9, units=2)
    one, two = (audit.constraints.drop(columns="geometry") for audit in (base, moved))
    assert_same_figures(one, two, rel=1e-9, units=1)
    assert_same_figures(base.result.plan_shares, moved.result.plan_shares, rel=1e-9, units=1)
    columns = ["subject_kind", "subject_id", "rule_id", "verdict"]
    assert base.findings[columns].equals(moved.findings[columns])


@few
@given(seed=SEEDS)
def test_quarter_turn(audited: Audited, scenes: ModuleType, seed: int) -> None:
    """Crossings of linework end on the other side of their grid point: patches to 1e-6 of their zone."""
    base = audited(seed)
    turned = audited(
        scenes.draw(seed).mapped(lambda s: shapely.transform(s, lambda xy: xy[:, ::-1] * [-1, 1]))
    )
    by_patches = ["agree_m2", "conflict_m2", "precision_m2", "uncovered_m2", "alignment_ratio", "geometry"]
    for name, left_out in (("zones", by_patches), ("parcels", ["geometry"])):
        pair = [getattr(one, name).drop(columns=left_out) for one in (base, turned)]
        assert_same_figures(*pair, rel=1e-9, units=1)
    one, two = (audit.zones.set_index("zone_id")[by_patches[:4]] for audit in (base, turned))
    assert ((one - two).abs().max(axis=1) <= 1e-6 * base.zones.set_index("zone_id")["area_m2"]).all()


@few
@given(seed=SEEDS, factor=st.integers(2, 5))
def test_scaling(audited: Audited, scenes: ModuleType, seed: int, factor: int) -> None:
    base = audited(seed)
    large = audited(scenes.draw(seed).mapped(lambda s: shapely.transform(s, lambda xy: xy * factor)))
    columns = ["area_m2", "footprint_m2"]
    for name in ("zones", "parcels"):
        one, two = (getattr(audit, name)[columns].to_numpy(float) for audit in (base, large))
        assert np.allclose(two, one * factor**2, rtol=1e-9, atol=factor**2 * UNIT)
    pair = [audit.zones[["uncovered_m2"]].to_numpy(float) for audit in (base, large)]
    border = base.patches.length.sum()
    assert np.allclose(pair[1], pair[0] * factor**2, rtol=0, atol=factor**2 * 0.001 * border)


def _cut(shape: shapely.Polygon, rng: random.Random, grid: bool) -> tuple[shapely.Polygon, shapely.Polygon]:
    """Cut a convex polygon in two along an upright line on whole metres, or along any line."""
    x0, y0, x1, y1 = shape.bounds
    low = high = float(rng.randint(int(x0) + 2, int(x1) - 2))
    if not grid:
        low, high = rng.uniform(x0 + 2, x1 - 2), rng.uniform(x0 + 2, x1 - 2)
    west = shapely.Polygon([(x0 - 9, y0 - 9), (low, y0 - 9), (high, y1 + 9), (x0 - 9, y1 + 9)])
    return shape.intersection(west), shape.difference(west)


ZONE_FIGURES = [
    "area_m2", "industrial_land_m2", "footprint_m2", "floor_area_m2", "industrial_footprint_m2",
    "industrial_far_floor_area_m2", "building_density_ratio", "floor_area_ratio", "gross_building_density_ratio",
    "investment_intensity_wan_cny_per_ha", "investment_coverage_ratio", "idle_area_m2", "idle_ratio", "agree_m2",
    "conflict_m2", "precision_m2", "uncovered_m2", "supplied_land_m2", "alignment_ratio",
    "investment_intensity_lower_wan_cny_per_ha",
]  # fmt: skip


@pytest.mark.parametrize("grid", [True, False], ids=["on the grid", "any line"])
@few
@given(seed=SEEDS, which=st.integers(0, 10_000))
def test_cutting_a_parcel_leaves_its_zone_as_it_was(
    audited: Audited, scenes: ModuleType, grid: bool, seed: int, which: int
) -> None:
    """The parts are of the projects of the whole; an amount on both rows of a project counts once.

    A parcel across a border is another matter: what is on it goes to each zone by area share, and cutting it
    tells more about where things are.
    """
    scene = scenes.draw(seed)
    rng = random.Random(which)
    zones = [row["geometry"] for row in scene.zones]
    inside = [row for row in scene.parcels if any(zone.covers(row["geometry"]) for zone in zones)]
    parcel = inside[which % len(inside)]
    own = parcel["宗地代码"]
    parts = [
        parcel | {"宗地代码": f"{own}{mark}", "证载面积": "", "geometry": part}
        for mark, part in zip("AB", _cut(parcel["geometry"], rng, grid), strict=True)
    ]
    ledger: list[dict[str, Any]] = []
    for row in scene.ledger:
        rows = [row | {"宗地代码": f"{own}{mark}"} for mark in "AB"] if row["宗地代码"] == own else [row]
        ledger += rows
    rest = [row for row in scene.parcels if row is not parcel]
    base, split = audited(seed), audited(replace(scene, parcels=[*rest, *parts], ledger=ledger))
    assert set(split.parcels["parcel_id"]) - set(base.parcels["parcel_id"]) == {f"{own}A", f"{own}B"}
    assert_same_figures(base.zones[ZONE_FIGURES], split.zones[ZONE_FIGURES], rel=1e-7, units=20)
    one, two = (a.findings[a.findings["subject_kind"] == "zone"] for a in (base, split))
    assert one["verdict"].tolist() == two["verdict"].tolist()
    others = [
        a.parcels[~a.parcels["parcel_id"].str.startswith(own)].drop(columns="geometry") for a in (base, split)
    ]
    others[1]["idle_block_id"] = others[1]["idle_block_id"].replace(
        f"{own}A", own
    )  # blocks are named by a parcel
    assert others[0].to_csv(index=False) == others[1].to_csv(index=False)
    by_line = [
        a.constraints.groupby(["constraint", "construction_plans"])["area_m2"].sum() for a in (base, split)
    ]
    assert np.allclose(*by_line, rtol=0, atol=0.001 * 2 * parcel["geometry"].length)


@few
@given(seed=SEEDS, far=st.integers(1_000, 20_000))
def test_a_far_away_parcel_leaves_all_else_as_it_was(
    audited: Audited, scenes: ModuleType, seed: int, far: int
) -> None:
    scene = scenes.draw(seed)
    stranger = scene.parcels[0] | {
        "宗地代码": "A000",
        "证载面积": "",
        "geometry": shapely.box(far, far, far + 70, far + 50),
    }
    base, more = audited(seed), audited(replace(scene, parcels=[stranger, *scene.parcels]))
    for name in set(scenes.TABLES) - {"notes", "repairs", "rejects"}:
        one, two = scenes.table(base, name), scenes.table(more, name)
        for key in ("parcel_id", "subject_id"):
            two = two[two[key] != "A000"] if key in two else two
        assert one.to_csv(index=False) == two.to_csv(index=False), name
    assert len(more.parcels) == len(base.parcels) + 1
    cells = [a.rejects.drop(columns="row").to_csv(index=False) for a in (base, more)]
    assert cells[0] == cells[1]
