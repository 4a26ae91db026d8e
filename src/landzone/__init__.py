"""landzone audits land: building density, investment intensity, idle land and the agreement of plans.

>>> import landzone as lz
>>> sorted(name for name in lz.__all__ if name.startswith("o"))
['open_study', 'overlap_m2']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from landzone import measures
    from landzone.api import align, area_m2, covered_m2, overlap_m2, repair, zonal
    from landzone.comparing import compare
    from landzone.errors import LandzoneError, LimitError, OutputError, Refusal, UsageError
    from landzone.io.study import open_study
    from landzone.model.result import AuditResult
    from landzone.model.study import Study
    from landzone.pipeline import Audit, audit
    from landzone.tabulating import tabulate

_HOME = {
    "align": "landzone.api",
    "area_m2": "landzone.api",
    "covered_m2": "landzone.api",
    "overlap_m2": "landzone.api",
    "repair": "landzone.api",
    "zonal": "landzone.api",
    "Audit": "landzone.pipeline",
    "audit": "landzone.pipeline",
    "compare": "landzone.comparing",
    "open_study": "landzone.io.study",
    "tabulate": "landzone.tabulating",
    "Study": "landzone.model.study",
    "AuditResult": "landzone.model.result",
    "LandzoneError": "landzone.errors",
    "LimitError": "landzone.errors",
    "OutputError": "landzone.errors",
    "Refusal": "landzone.errors",
    "UsageError": "landzone.errors",
}

__all__ = [
    "Audit",
    "AuditResult",
    "LandzoneError",
    "LimitError",
    "OutputError",
    "Refusal",
    "Study",
    "UsageError",
    "align",
    "area_m2",
    "audit",
    "compare",
    "covered_m2",
    "measures",
    "open_study",
    "overlap_m2",
    "repair",
    "tabulate",
    "zonal",
]


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used, so that ``landzone --help`` answers at once."""
    if name == "measures":
        return import_module("landzone.measures")
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'landzone' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
