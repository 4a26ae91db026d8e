"""Writes random studies and audits them through the public door."""

from __future__ import annotations

import functools
import importlib.util
import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import landzone as lz


def _scenes() -> ModuleType:
    name = "landzone_property_scenes"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("scenes.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@dataclass(frozen=True)
class Same:
    """A scene that is known by what stands in it."""

    text: str
    scene: Any = field(compare=False)


@pytest.fixture(scope="session")
def scenes() -> ModuleType:
    """The generator: ``scenes.draw(seed)``, ``scenes.write(scene, folder, style)``."""
    return _scenes()


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory, scenes: ModuleType) -> Callable[..., Path]:
    """Return a function that writes a scene into a folder of its own and returns its study file."""
    root, number = tmp_path_factory.mktemp("properties"), itertools.count()

    def write(scene: Any, **style: Any) -> Path:
        return scenes.write(scene, root / str(next(number)), scenes.Style(**style))

    return write


@pytest.fixture(scope="session")
def audited(written: Callable[..., Path], scenes: ModuleType) -> Callable[..., lz.Audit]:
    """Return a function that audits a scene, or the drawn one of a seed; the same scene is opened and audited once."""

    @functools.lru_cache(maxsize=64)
    def opened(scene: Same, style: tuple[tuple[str, Any], ...]) -> lz.Study:
        return lz.open_study(written(scene.scene, **dict(style)))

    @functools.lru_cache(maxsize=64)
    def result(scene: Same, style: tuple[tuple[str, Any], ...], as_of: str) -> lz.Audit:
        return lz.audit(opened(scene, style), as_of=as_of)

    def run(scene: Any, as_of: str = scenes.AS_OF, **style: Any) -> lz.Audit:
        if isinstance(scene, int):
            scene = scenes.draw(scene, style.pop("kind", "planar"))
        return result(Same(repr(scene), scene), tuple(sorted(style.items())), as_of)

    return run
