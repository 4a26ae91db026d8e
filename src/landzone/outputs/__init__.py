"""One output, one file. Outputs round, translate and colour; they compute nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from landzone.model.result import AuditResult
from landzone.model.study import Study


def write_all(
    study: Study,
    result: AuditResult,
    folder: Path,
    progress: Callable[[str, float], None] = lambda name, share: None,
) -> list[Path]:
    """Write every output of an audit into a folder, and return the paths."""
    from landzone.outputs import geopackage, map_html, report_docx, report_html, workbook

    writers = {
        "audit.gpkg": geopackage.write,
        "map.html": map_html.write,
        "audit.xlsx": workbook.write,
        "report.html": report_html.write,
        "report.docx": report_docx.write,
    }
    paths = []
    for place, (name, write) in enumerate(writers.items()):
        progress(name, place / len(writers))
        paths.append(write(study, result, folder))
    return paths
