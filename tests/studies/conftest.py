"""Makes the example zone in any CRS and row order, audits it once for each."""

from __future__ import annotations

import importlib.util
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import landzone as lz

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "data" / "example_zone"


def load_generator() -> ModuleType:
    """Import ``data/example_zone/make.py`` from where it lies."""
    spec = importlib.util.spec_from_file_location("make_example_zone", EXAMPLE / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def answers() -> dict[str, Any]:
    """The hand-made answers."""
    return tomllib.loads((EXAMPLE / "answers.toml").read_text("utf-8"))


@pytest.fixture(scope="session")
def make_example(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a function that writes the study in a CRS and row order."""
    generator = load_generator()

    def make(epsg: int = 4526, seed: int | None = None, settings: str = "") -> Path:
        folder = tmp_path_factory.mktemp("zone")
        generator.make(folder, epsg, seed)
        for name in ("study.toml", "eco.csv", "facilities.csv"):
            (folder / name).write_bytes((EXAMPLE / name).read_bytes())
        with (folder / "study.toml").open("a", encoding="utf-8") as study:
            study.write(settings)
        return folder / "study.toml"

    return make


@pytest.fixture(scope="session")
def audited(make_example: Callable[..., Path]) -> Callable[..., lz.Audit]:
    """Return a function that audits the study once for each CRS, row order and setting."""
    cache: dict[tuple[int, int | None, str], lz.Audit] = {}

    def run(epsg: int = 4526, seed: int | None = None, settings: str = "") -> lz.Audit:
        key = (epsg, seed, settings)
        if key not in cache:
            cache[key] = lz.audit(lz.open_study(make_example(epsg, seed, settings)), as_of=date(2026, 6, 30))
        return cache[key]

    return run
