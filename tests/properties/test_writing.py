"""How a study is written changes no answer: order, format, rings, units."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import landzone as lz

Audited = Callable[..., lz.Audit]
SEEDS = st.integers(0, 11)
few = settings(derandomize=True, max_examples=4, deadline=None, phases=[Phase.generate])


@few
@given(seed=SEEDS, order=st.integers(0, 1000))
def test_order_of_rows_columns_and_sections_is_nothing(
    audited: Audited, scenes: ModuleType, seed: int, order: int
) -> None:
    plain = scenes.tables(audited(seed), leave_out=("row",))
    other = audited(scenes.draw(seed), shuffle=order, columns_shuffled=True, sections=order)
    mixed = scenes.tables(other, leave_out=("row",))
    for name, text in plain.items():
        assert text == mixed[name], name


@few
@given(seed=SEEDS)
def test_file_formats_are_nothing(audited: Audited, scenes: ModuleType, seed: int) -> None:
    plain = scenes.tables(audited(seed), leave_out=("row", "source"))
    other = scenes.tables(
        audited(scenes.draw(seed), vector="gpkg", ledger="xlsx"), leave_out=("row", "source")
    )
    for name in set(plain) - {"notes", "repairs", "rejects"}:
        assert plain[name] == other[name], name


def _redrawn(seed: int, more_points: bool) -> Callable[[shapely.Polygon], shapely.Geometry]:
    """Return a change of drawing that keeps the ground: start, direction, wrapping, and points on edges if asked for.

    Copies of a shape are drawn alike.
    """

    def change(shape: shapely.Polygon) -> shapely.Geometry:
        rng = random.Random(f"{seed} {shape.wkt}")
        points = shapely.get_coordinates(shape.exterior)[:-1]
        points = np.roll(points, rng.randrange(len(points)), axis=0)
        if rng.random() < 0.5:
            points = points[::-1]
        middle = (points + np.roll(points, -1, axis=0)) / 2
        chosen = [more_points and rng.random() < 0.5 for _ in points]
        ring = [p for a, m, c in zip(points, middle, chosen, strict=True) for p in ((a, m) if c else (a,))]
        drawn = shapely.Polygon(ring)
        return shapely.MultiPolygon([drawn]) if rng.random() < 0.5 else drawn

    return change


@few
@given(seed=SEEDS, drawing=st.integers(0, 1000))
def test_start_direction_and_wrapping_of_rings_are_nothing(
    audited: Audited, scenes: ModuleType, seed: int, drawing: int
) -> None:
    base = audited(seed)
    other = audited(scenes.draw(seed).mapped(_redrawn(drawing, more_points=False)))
    for name in set(scenes.TABLES) - {"rejects", "repairs"}:
        drawn = ["geometry"] if name in ("zones", "parcels", "buildings") else []
        one, two = (scenes.table(audit, name).drop(columns=drawn) for audit in (base, other))
        assert one.to_csv(index=False) == two.to_csv(index=False), name
    for name in ("zones", "parcels"):
        pairs = zip(getattr(base, name).geometry, getattr(other, name).geometry, strict=True)
        assert all(a.equals(b) for a, b in pairs)


BY_PATCHES = ["agree_m2", "conflict_m2", "precision_m2", "uncovered_m2"]


@few
@given(seed=SEEDS, drawing=st.integers(0, 1000))
def test_points_on_edges_are_nothing(audited: Audited, scenes: ModuleType, seed: int, drawing: int) -> None:
    """Whole coordinates: the middle of an edge lies exactly on it. It pins an edge that a snapped crossing bends
    by less than a millimetre, so that patches are the same to 1e-6 of their zone; all else is to 1e-9.
    """
    base = audited(seed)
    other = audited(scenes.draw(seed).mapped(_redrawn(drawing, more_points=True)))
    left_out = {"zones": [*BY_PATCHES, "alignment_ratio", "geometry"], "parcels": ["geometry"]}
    for name, columns in left_out.items():
        one, two = (getattr(audit, name).drop(columns=columns) for audit in (base, other))
        for column in one:
            if one[column].dtype == "float64":
                assert np.allclose(one[column], two[column], rtol=1e-9, atol=1e-4, equal_nan=True), column
            else:
                assert one[column].astype("str").tolist() == two[column].astype("str").tolist(), column
    one, two = (audit.zones.set_index("zone_id")[BY_PATCHES] for audit in (base, other))
    assert ((one - two).abs().max(axis=1) <= 1e-6 * base.zones.set_index("zone_id")["area_m2"]).all()
    keys = ["subject_kind", "subject_id", "rule_id", "verdict"]
    assert base.findings[keys].equals(other.findings[keys])


@pytest.mark.parametrize(
    "style",
    [{"money": "元"}, {"money": "亿元"}, {"money": "元", "in_cells": True}, {"money": "亿元", "in_cells": True},
     {"area": "亩"}, {"area": "公顷"}],
    ids=["yuan", "yi", "yuan in cells", "yi in cells", "mu", "ha"],
)  # fmt: skip
@settings(derandomize=True, max_examples=3, deadline=None, phases=[Phase.generate])
@given(seed=SEEDS)
def test_units_are_nothing(audited: Audited, scenes: ModuleType, style: dict[str, Any], seed: int) -> None:
    plain, other = audited(seed), audited(scenes.draw(seed), **style)
    was, now = scenes.tables(plain), scenes.tables(other)
    for name in set(was) - {"rejects", "repairs", "notes"}:
        assert was[name] == now[name], name
    told = ["layer", "row", "subject_id", "code", "column"]
    assert plain.rejects[told].values.tolist() == other.rejects[told].values.tolist()


@few
@given(seed=SEEDS)
def test_one_zone_of_all_parcels(audited: Audited, scenes: ModuleType, seed: int) -> None:
    """Zones only sort the ground: parcels, projects and constraints on parcels do not depend on them."""
    scene = scenes.draw(seed)
    x0, y0, x1, y1 = -50, -50, scenes.WIDTH + 50, scenes.HEIGHT + 50
    one = audited(replace(scene, zones=[{"zone_id": "Z1", "geometry": shapely.box(x0, y0, x1, y1)}]))
    base = audited(seed)
    of_zones = ["zone_id", "inside_zone_ratio", "geometry"]
    left = base.parcels.drop(columns=of_zones)
    right = one.parcels.drop(columns=of_zones)
    assert (one.parcels["inside_zone_ratio"] == 1.0).all()
    assert left.to_csv() == right.to_csv()
    assert scenes.tables(base)["projects"] == scenes.tables(one)["projects"]
    assert scenes.tables(base)["plan_shares"] == scenes.tables(one)["plan_shares"]
