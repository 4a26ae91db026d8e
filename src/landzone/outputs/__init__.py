"""One output, one file. Outputs round, translate and colour; they compute nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from landzone import memory
from landzone.model.result import AuditResult
from landzone.model.study import Study

Writer = Callable[[Study, AuditResult, Path], Path | None]
Told = Callable[[str, float], None]

MANY_PARCELS = 300_000
"""Parcels of a result from which the workbook is not made at the same time as the pages."""


def _silent(name: str, share: float) -> None:
    """Take no notice of progress."""


def write_all(study: Study, result: AuditResult, folder: Path, progress: Told = _silent) -> list[Path]:
    """Write every output of an audit into a folder, and return the paths."""
    from landzone.outputs import geopackage

    return _written({"audit.gpkg": geopackage.write}, study, result, folder, progress, "")


def write_pages(
    study: Study, result: AuditResult, folder: Path, progress: Told = _silent, basemap: str = ""
) -> list[Path]:
    """Write what people read, the map, the workbook and the reports, and return the paths."""
    return _written({}, study, result, folder, progress, basemap)


def _written(
    base: dict[str, Writer], study: Study, result: AuditResult, folder: Path, progress: Told, basemap: str
) -> list[Path]:
    """Write the tables in a thread of their own, while the pages are drawn; both hold the result, nobody changes it.

    The workbook of a very large result waits for the pages: each of them needs a gigabyte and more beside the result.
    """
    from landzone.outputs import ics, map_html, report_docx, report_html, workbook

    tables: dict[str, Writer] = {**base, "audit.xlsx": workbook.write}
    pages: dict[str, Writer] = {
        "map.html": partial(map_html.write, basemap=basemap),
        "report.html": report_html.write,
        "report.docx": report_docx.write,
        "deadlines.ics": ics.write,
    }
    count = len(tables) + len(pages)
    at_once = base if len(result.parcels) > MANY_PARCELS else tables
    with ThreadPoolExecutor(max_workers=1) as aside:
        waiting = {name: aside.submit(write, study, result, folder) for name, write in at_once.items()}
        try:
            found = []
            for place, (name, write) in enumerate(pages.items()):
                progress(name, place / count)
                found.append(write(study, result, folder))
                memory.release()
            later = {name: write for name, write in tables.items() if name not in waiting}
            waiting |= {name: aside.submit(write, study, result, folder) for name, write in later.items()}
            for place, (name, one) in enumerate(waiting.items(), start=len(pages)):
                progress(name, place / count)
                found.append(one.result())
        finally:
            aside.shutdown(cancel_futures=True)
    return [path for path in found if path]


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
