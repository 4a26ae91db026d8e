"""Boundaries drawn at random: parts sum to the boundary, a store says the same, each boundary is judged alone."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

import landzone as lz
from landzone import pipeline
from landzone.conform import Conform, conform

SEEDS = [21, 22, 23, 24]


def _drawn(seed: int, scenes: ModuleType) -> list[shapely.Polygon]:
    """Return three polygons that are crooked, and meet the ground of a scene at least in part."""
    rng = random.Random(seed)
    shapes = []
    for _ in range(3):
        x, y = scenes.EAST + rng.uniform(0, 380), scenes.NORTH + rng.uniform(0, 280)
        angles = np.sort([rng.uniform(0, 2 * np.pi) for _ in range(9)])
        radius = np.array([rng.uniform(15, 90) for _ in angles])
        shape = shapely.Polygon(np.c_[x + radius * np.cos(angles), y + radius * np.sin(angles)])
        shapes.append(shapely.convex_hull(shape))
    return shapes


def _file(path: Path, shapes: list[shapely.Polygon]) -> Path:
    features = [
        {"type": "Feature", "properties": {"name": f"B{n}"}, "geometry": shapely.geometry.mapping(shape)}
        for n, shape in enumerate(shapes)
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    return path


def _giant(scene: Any) -> Any:
    ring = shapely.Point(180, 140).buffer(90, quad_segs=750)
    lines = scene.constraints["permanent_farmland"] + [{"id": "9", "geometry": ring}]
    return replace(scene, constraints={**scene.constraints, "permanent_farmland": lines})


@pytest.fixture(scope="module", params=SEEDS)
def judged(
    request: pytest.FixtureRequest,
    scenes: ModuleType,
    written: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Conform, Conform, list[Conform]]:
    """The same boundaries held against a study, against its store, and one by one."""
    folder, seed = tmp_path_factory.mktemp("boundaries"), request.param
    kind = "planar" if seed % 2 else "ellipsoidal"
    study = written(_giant(scenes.draw(seed, kind)))
    store = pipeline.prepare(lz.open_study(study), folder / "store")
    shapes = _drawn(seed, scenes)
    path = _file(folder / "site.geojson", shapes)
    alone = []
    for number, shape in enumerate(shapes):
        one = _file(folder / f"one{number}.geojson", [shape])
        text = one.read_text().replace('"B0"', f'"B{number}"')
        one.write_text(text)
        alone.append(conform(one, study))
    return conform(path, study), conform(path, store), alone


def test_parts_of_every_theme_sum_to_the_boundary_to_the_last_unit(judged: Any) -> None:
    result = judged[0].result
    units = (result.occupied["area_m2"] * 10_000).round().astype("int64")
    sums = units.groupby([result.occupied[c] for c in ("boundary_id", "theme")]).sum()
    whole = (result.boundaries.set_index("boundary_id")["area_m2"] * 10_000).round().astype("int64")
    assert len(sums) >= 3 * len(whole)
    for (boundary, theme), area in sums.items():
        assert area == whole[boundary], theme


def test_shapes_of_every_theme_are_the_boundary(judged: Any) -> None:
    """Shapes are united on a grid of 0.1 mm, so that borders may lie off by that."""
    result = judged[0].result
    for row in result.boundaries.itertuples(index=False):
        own = result.occupied[result.occupied["boundary_id"] == row.boundary_id]
        for theme, rows in own.groupby("theme"):
            shapes = rows.geometry.to_numpy()
            off = shapely.symmetric_difference(shapely.union_all(shapes), row.geometry).area
            assert off <= 1e-3 * row.geometry.length, theme
            assert shapely.area(shapes).sum() == pytest.approx(
                row.geometry.area, abs=1e-3 * row.geometry.length
            )


def test_conflicts_never_pass_the_ground_they_are_cut_from(judged: Any) -> None:
    result = judged[0].result
    ground = result.occupied.groupby(["boundary_id", "theme"])["area_m2"].sum()
    sums = result.conflicts.groupby(["boundary_id", "theme"])["area_m2"].sum()
    for key, area in sums.items():
        assert area <= ground[key] + 1e-9
    contrary = result.themes.set_index(["boundary_id", "theme"])["contrary_m2"]
    for key, area in sums.items():
        assert round(area * 1e4) == round(contrary[key] * 1e4), key


def test_a_boundary_is_told_the_same_alone_and_among_others(judged: Any) -> None:
    together, _, alone = judged
    for one in alone:
        for name in ("boundaries", "themes", "occupied", "land_use", "parcels", "zones"):
            own = getattr(one.result, name)
            key = own["boundary_id"].iloc[0]
            rows = getattr(together.result, name)
            rows = rows[rows["boundary_id"] == key].reset_index(drop=True)
            pd.testing.assert_frame_equal(pd.DataFrame(rows), pd.DataFrame(own), check_exact=True)


def test_a_store_gives_the_same_bytes_as_its_study(judged: Any, tmp_path: Path) -> None:
    found = []
    for number, one in enumerate(judged[:2]):
        out = one.save(tmp_path / str(number))
        files: dict[str, Any] = {path.name: path.read_bytes() for path in sorted(out.iterdir())}
        files["run.json"] = {k: v for k, v in json.loads(files["run.json"]).items() if k != "started_at"}
        found.append(files)
    assert found[0] == found[1]
