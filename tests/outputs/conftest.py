"""Made-up audits for the tests of outputs."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def _made_up() -> ModuleType:
    name = "landzone_made_up_audit"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("made_up_audit.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def made_up() -> ModuleType:
    """The factory: ``made_up.make(columns, rows, lang=…)``, ``made_up.hostile()``, ``made_up.HOSTILE``."""
    return _made_up()
