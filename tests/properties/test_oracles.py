"""The same answers by other means: counting square metres, and clipping in rational numbers."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import landzone as lz
from landzone.engine.direct import build_ledger

Audited = Callable[..., lz.Audit]
SEEDS = st.integers(0, 11)
few = settings(derandomize=True, max_examples=5, deadline=None, phases=[Phase.generate])
Point = tuple[Fraction, Fraction]


def _boxed(scene: Any) -> Any:
    """Make every shape its bounding box; zones become two boxes side by side."""
    boxes = scene.mapped(lambda shape: shapely.box(*shape.bounds))
    zones = [
        {"zone_id": "Z1", "geometry": shapely.box(21, 17, 200, 283)},
        {"zone_id": "Z2", "geometry": shapely.box(200, 17, 381, 250)},
    ]
    return replace(boxes, zones=zones, parcels=scene.parcels)


def _cells(shape: shapely.Polygon, width: int, height: int) -> tuple[slice, slice]:
    x0, y0, x1, y1 = (int(v) for v in shape.bounds)
    return slice(max(y0, 0), min(max(y1, 0), height)), slice(max(x0, 0), min(max(x1, 0), width))


@few
@given(seed=SEEDS)
def test_patches_of_boxes_are_counted_square_metres(audited: Audited, scenes: ModuleType, seed: int) -> None:
    scene = _boxed(scenes.draw(seed))
    size = (scenes.WIDTH, scenes.HEIGHT)
    names = sorted(name for name in scene.plans if name != "present_use")
    codes = {name: np.full(size[::-1], "", dtype=object) for name in names}
    for name, grid in codes.items():
        bits: dict[str, np.ndarray] = {}
        for row in scene.plans[name]:
            mask = bits.setdefault(row["DM"], np.zeros(size[::-1], bool))
            mask[_cells(row["geometry"], *size)] = True
        for code in sorted(bits):
            grid[bits[code]] = grid[bits[code]] + f"|{code}"
    counted = []
    for zone in scene.zones:
        window = _cells(zone["geometry"], *size)
        frame = pd.DataFrame({name: grid[window].ravel() for name, grid in codes.items()})
        counted.append(frame.apply(lambda column: column.str.strip("|")).assign(zone_id=zone["zone_id"]))
    wanted = pd.concat(counted).groupby(["zone_id", *names]).size()
    audit = audited(scene)
    keys = {name: audit.patches[f"{name}_code"].astype("object").fillna("") for name in names}
    found = pd.DataFrame({"zone_id": audit.patches["zone_id"], **keys, "area": audit.patches["area_m2"]})
    found = found.groupby(["zone_id", *names])["area"].sum()
    assert found.index.tolist() == wanted.index.tolist()
    assert np.allclose(found, wanted, rtol=1e-9, atol=1e-3)


@few
@given(seed=SEEDS)
def test_patches_against_a_fine_raster(audited: Audited, scenes: ModuleType, seed: int) -> None:
    """Cell centres every half metre; a class may be off by its border times a fraction of a cell."""
    cell = 0.5
    audit = audited(seed)
    x0, y0, x1, y1 = audit.zones.total_bounds
    xs, ys = np.meshgrid(np.arange(x0 + cell / 2 - 0.03, x1, cell), np.arange(y0 + cell / 2 - 0.07, y1, cell))
    points = shapely.points(xs.ravel(), ys.ravel())
    columns = {}
    zone = np.full(len(points), "", dtype=object)
    tree = shapely.STRtree(points)
    for row in audit.zones.itertuples():
        zone[tree.query(row.geometry, predicate="contains")] = row.zone_id
    for name, plan in audit.study.plans.items():
        if plan.role != "plan":
            continue
        frame = plan.layer.frame
        said = np.full(len(points), "", dtype=object)
        for code in sorted(set(frame["code"])):
            hit = np.unique(
                tree.query(frame.geometry[frame["code"] == code].to_numpy(), predicate="contains")[1]
            )
            said[hit] = said[hit] + f"|{code}"
        columns[name] = pd.Series(said).str.strip("|")
    raster = pd.DataFrame({"zone_id": zone, **columns}).query("zone_id != ''")
    counted = raster.groupby(list(raster.columns)).size() * cell**2
    patches = pd.DataFrame(audit.patches.drop(columns="geometry"))
    keys = {name: patches[f"{name}_code"].astype("object").fillna("") for name in columns}
    exact = pd.DataFrame({"zone_id": patches["zone_id"], **keys, "area": patches["area_m2"]})
    exact["border"] = audit.patches.length
    exact = exact.groupby(["zone_id", *columns])[["area", "border"]].sum()
    both = exact.join(counted.rename("counted"), how="outer").fillna(0)
    assert (both["area"] - both["counted"]).abs().le(both["border"] * cell * 0.5 + cell**2).all()
    assert exact["area"].sum() == pytest.approx(counted.sum(), rel=5e-3)


def _points(shape: shapely.Polygon) -> list[Point]:
    ring = shapely.get_coordinates(shapely.orient_polygons(shape).exterior)[:-1]
    return [(Fraction(float(x)), Fraction(float(y))) for x, y in ring]


def clip(subject: list[Point], window: list[Point]) -> list[Point]:
    """Sutherland and Hodgman's clip of a convex polygon by a convex one, in rational numbers."""
    for (ax, ay), (bx, by) in zip(window, window[1:] + window[:1], strict=True):

        def side(
            p: Point, ax: Fraction = ax, ay: Fraction = ay, bx: Fraction = bx, by: Fraction = by
        ) -> Fraction:
            return (bx - ax) * (p[1] - ay) - (by - ay) * (p[0] - ax)

        kept: list[Point] = []
        for p, q in zip(subject, subject[1:] + subject[:1], strict=True):
            s, t = side(p), side(q)
            if s >= 0:
                kept.append(p)
            if (s > 0 > t) or (s < 0 < t):
                share = s / (s - t)
                kept.append((p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])))
        subject = kept
    return subject


def shoelace(ring: list[Point]) -> Fraction:
    """Twice the signed area, halved, without rounding."""
    return (
        sum((a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True)), Fraction(0))
        / 2
    )


@few
@given(seed=SEEDS)
def test_pieces_of_buildings_are_those_of_a_rational_clip(audited: Audited, seed: int) -> None:
    """Every footprint on every parcel and zone, to the last unit of 1e-4 m²."""
    audit = audited(seed)
    ledger = build_ledger(audit.study)
    buildings = audit.study.layers["buildings"].frame.geometry
    assert ledger.building_area is not None
    for layer, pieces in (("parcel", ledger.parcel_building), ("zone", ledger.zone_building)):
        assert pieces is not None
        ground = getattr(audit, f"{layer}s").set_index(f"{layer}_id").geometry
        owners = getattr(ledger, f"{layer}_area").index[pieces.ground]
        names = zip(owners, ledger.building_area.index[pieces.building], strict=True)
        found = dict(zip(names, pieces.area.tolist(), strict=True))
        wanted = {}
        for own, shape in ground.items():
            for name, building in buildings.items():
                area = shoelace(clip(_points(building), _points(shape)))
                if area > 0:
                    wanted[own, name] = area
        assert set(found) <= set(wanted)
        for pair, area in wanted.items():
            assert abs(Fraction(int(found.get(pair, 0)), 10_000) - area) <= Fraction(6, 100_000), pair


@few
@given(seed=SEEDS)
def test_cover_of_overlapping_boxes_is_counted_square_metres(
    audited: Audited, scenes: ModuleType, seed: int
) -> None:
    scene = _boxed(scenes.draw(seed))
    scene = replace(
        scene, parcels=[row | {"geometry": shapely.box(*row["geometry"].bounds)} for row in scene.parcels]
    )
    size = (scenes.WIDTH + 80, scenes.HEIGHT + 80)
    built = np.zeros(size[::-1], bool)
    for row in scene.buildings:
        built[_cells(row["geometry"], *size)] = True
    seen: dict[bytes, dict[str, Any]] = {}
    for row in scene.parcels:
        seen.setdefault(row["geometry"].wkb, row)
    audit = audited(replace(scene, parcels=list(seen.values())))
    for name, rows, key in (("zones", scene.zones, "zone_id"), ("parcels", list(seen.values()), "宗地代码")):
        found = getattr(audit, name).set_index(f"{name[:-1]}_id")["footprint_m2"]
        for row in rows:
            assert found[row[key]] == built[_cells(row["geometry"], *size)].sum(), row[key]


@few
@given(seed=st.integers(0, 500))
def test_the_rational_clip_agrees_with_itself(seed: int) -> None:
    """The oracle, tried on boxes, where the answer is a product of two lengths."""
    rng = random.Random(seed)
    a, b = ([rng.randint(0, 20), rng.randint(0, 20), rng.randint(21, 40), rng.randint(21, 40)] for _ in "ab")
    wide = Fraction(min(a[2], b[2]) - max(a[0], b[0]))
    high = Fraction(min(a[3], b[3]) - max(a[1], b[1]))
    assert shoelace(clip(_points(shapely.box(*a)), _points(shapely.box(*b)))) == wide * high
