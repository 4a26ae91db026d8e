"""Two audits of the example zone, before and after changes whose answers are known."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

import landzone as lz
from landzone.comparing import Compared


def changed_zone() -> ModuleType:
    name = "landzone_changed_zone"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("changed_zone.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def audits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the finished audits ``old`` and ``new``."""
    place = tmp_path_factory.mktemp("compare")
    zone = changed_zone()
    for name, changed in (("old", False), ("new", True)):
        study = zone.write_study(place / f"{name}_study", changed=changed)
        lz.audit(lz.open_study(study), as_of=zone.AS_OF).save(place / name)
    return place


@pytest.fixture(scope="session")
def compared(audits: Path) -> Compared:
    return lz.compare(audits / "old", audits / "new", lang="en")


@pytest.fixture(scope="session")
def mirrored(audits: Path) -> Compared:
    return lz.compare(audits / "new", audits / "old", lang="en")
