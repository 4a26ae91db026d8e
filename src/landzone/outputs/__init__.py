"""One output, one file. Outputs round, translate and colour; they compute nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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
    from landzone.outputs import geopackage

    progress("audit.gpkg", 0.0)
    return [geopackage.write(study, result, folder), *write_pages(study, result, folder, progress)]


def write_pages(
    study: Study,
    result: AuditResult,
    folder: Path,
    progress: Callable[[str, float], None] = lambda name, share: None,
    basemap: str = "",
) -> list[Path]:
    """Write what people read, the map, the workbook and the reports, and return the paths."""
    from landzone.outputs import ics, map_html, report_docx, report_html, workbook

    writers: dict[str, Callable[[Study, AuditResult, Path], Path | None]] = {
        "map.html": partial(map_html.write, basemap=basemap),
        "audit.xlsx": workbook.write,
        "report.html": report_html.write,
        "report.docx": report_docx.write,
        "deadlines.ics": ics.write,
    }
    paths: list[Path] = []
    for place, (name, write) in enumerate(writers.items(), start=1):
        progress(name, place / (len(writers) + 1))
        path = write(study, result, folder)
        paths += [path] if path else []
    return paths


def write_beside(
    study: Study,
    result: AuditResult,
    folder: Path,
    basemap: str = "",
    *,
    maps: bool = False,
    atlas: bool = False,
    tiles: str = "",
) -> list[Path]:
    """Write what is asked for beside the pages, and return the paths.

    Parameters
    ----------
    maps : bool
        The sheets of the reports as files.
    atlas : bool
        A page for each zone, with an overview.
    tiles : {"", "pmtiles", "mvt"}
        Vector tiles of the layers.
    """
    from landzone.outputs import atlas as pages
    from landzone.outputs import figures
    from landzone.outputs import tiles as vector_tiles

    paths = figures.write(study, result, folder) if maps else []
    paths += pages.write(study, result, folder, basemap) if atlas else []
    return paths + (vector_tiles.write(study, result, folder, tiles) if tiles else [])
