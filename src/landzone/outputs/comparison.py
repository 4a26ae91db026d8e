"""Every output of a comparison of two audits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from landzone.model.comparison import Comparison
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs import compare_book, compare_gpkg, compare_report
from landzone.outputs.compare_words import CompareWords


def write(
    study: Study,
    before: Study,
    old: AuditResult,
    new: AuditResult,
    result: Comparison,
    folder: Path,
    progress: Callable[[str, float], None] = lambda name, share: None,
) -> list[Path]:
    """Write every output of a comparison into a folder, and return the paths.

    Parameters
    ----------
    study : Study
        That of the new audit, with the plans and lines of both.
    before : Study
        That of the old audit.
    """
    from landzone.outputs.map_html import comparison as map_page

    said = CompareWords(study, old, new, result)
    writers: dict[str, Callable[[], Path]] = {
        "compare.gpkg": lambda: compare_gpkg.write(study, result, folder),
        "compare.xlsx": lambda: compare_book.write(said, folder),
        "compare_map.html": lambda: map_page.write(study, before, old, new, result, folder),
        "compare.html": lambda: compare_report.write(said, folder),
    }
    paths = []
    for place, (name, write_one) in enumerate(writers.items()):
        progress(name, place / len(writers))
        paths.append(write_one())
    return paths
