"""A store says what its study says: whole, in windows, and audited byte for byte."""

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
from landzone.io import store, store_parts


def published(folder: Path) -> dict[str, Any]:
    """Return the bytes of every file, and ``run.json`` without its time stamp."""
    files: dict[str, Any] = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    files["run.json"] = {k: v for k, v in json.loads(files["run.json"]).items() if k != "started_at"}
    return files


def with_giant(scene: Any) -> Any:
    """Return a scene with a line of control of 3,001 vertices."""
    ring = shapely.Point(180, 140).buffer(90, quad_segs=750)
    lines = scene.constraints["permanent_farmland"] + [{"id": "9", "geometry": ring}]
    return replace(scene, constraints={**scene.constraints, "permanent_farmland": lines})


@pytest.mark.parametrize("seed", [11, 12])
def test_an_audit_of_a_store_is_the_audit_of_its_study_byte_for_byte(
    seed: int, scenes: ModuleType, written: Callable[..., Path], tmp_path: Path
) -> None:
    study = lz.open_study(written(with_giant(scenes.draw(seed, "ellipsoidal"))))
    made = pipeline.prepare(study, tmp_path / "store")
    found = {}
    for name, opened in (("study", study), ("store", lz.open_study(made))):
        lz.audit(opened, as_of=scenes.AS_OF).save(tmp_path / f"of-{name}")
        found[name] = published(tmp_path / f"of-{name}")
    assert found["store"] == found["study"]


@pytest.mark.parametrize("seed", [13, 14, 15])
def test_a_window_of_a_store_is_the_window_of_its_study(
    seed: int,
    scenes: ModuleType,
    written: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store_parts, "ROW_GROUP", 3)
    monkeypatch.setattr(store, "MOST_ROWS", 7)
    study = lz.open_study(written(with_giant(scenes.draw(seed))))
    reader = store.StoreReader(pipeline.prepare(study, tmp_path / "store"))
    rng = random.Random(seed)
    for _ in range(6):
        x, y = scenes.EAST + rng.randint(-60, 400), scenes.NORTH + rng.randint(-60, 300)
        boxes = np.array([[x, y, x + 60, y + 40], [x + 100, y, x + 130, y + 5]], dtype=float)
        one, two = reader.window(boxes), store.study_window(study, boxes)
        pairs = [(one.layers[r].frame, two.layers[r].frame) for r in one.layers]
        pairs += [(one.plans[n].layer.frame, two.plans[n].layer.frame) for n in one.plans]
        pairs += [(one.constraints[n].layer.frame, two.constraints[n].layer.frame) for n in one.constraints]
        for left, right in pairs:
            pd.testing.assert_frame_equal(pd.DataFrame(left), pd.DataFrame(right), check_exact=True)
