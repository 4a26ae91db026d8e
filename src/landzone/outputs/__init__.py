"""One output, one file. Outputs round, translate and colour; they compute nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from landzone import memory
from landzone.model.result import AuditResult
from landzone.model.study import Study

if TYPE_CHECKING:
    from landzone.outputs.table_process import TableProcess

Writer = Callable[[Study, AuditResult, Path], Path | None]
Told = Callable[[str, float], None]

FEW_PARCELS = 5_000
"""Parcels of a result up to which a process for the tables costs more than it saves."""

MANY_PARCELS = 300_000
"""Parcels of a result from which the workbook is not made at the same time as the pages, nor handed over."""


def _silent(name: str, share: float) -> None:
    """Take no notice of progress."""


def write_all(
    study: Study, result: AuditResult, folder: Path, progress: Told = _silent, most: int | None = None
) -> list[Path]:
    """Write every output of an audit into a folder, and return the paths.

    ``most``: bytes that all processes together may take; as much as is free where nothing is said.
    """
    from landzone.outputs import geopackage

    return _written({"audit.gpkg": geopackage.write}, study, result, folder, progress, "", most)


def write_pages(
    study: Study, result: AuditResult, folder: Path, progress: Told = _silent, basemap: str = ""
) -> list[Path]:
    """Write what people read, the map, the workbook and the reports, and return the paths."""
    return _written({}, study, result, folder, progress, basemap, None)


def _written(
    base: dict[str, Writer], study: Study, result: AuditResult, folder: Path, progress: Told, basemap: str,
    most: int | None,
) -> list[Path]:  # fmt: skip
    """Write the tables aside, while the pages are drawn; both hold the result, nobody changes it.

    Those of a large result are written in a process of their own. A very large one is not held twice, and its workbook
    waits for the pages: each of them needs a gigabyte and more beside the result.
    """
    from landzone.outputs import ics, map_html, report_docx, report_html, workbook
    from landzone.outputs.table_process import TableProcess

    tables: dict[str, Writer] = {**base, "audit.xlsx": workbook.write}
    pages: dict[str, Writer] = {
        "map.html": partial(map_html.write, basemap=basemap),
        "report.html": report_html.write,
        "report.docx": report_docx.write,
        "deadlines.ics": ics.write,
    }
    arguments = (study, result, folder)
    size = len(result.parcels)
    at_once = list((base if size > MANY_PARCELS else tables).values())
    process = TableProcess() if FEW_PARCELS < size <= MANY_PARCELS and memory.fits_twice(most) else None
    found: list[Path | None] = []
    with ThreadPoolExecutor(max_workers=1) as thread:
        aside = thread.submit(_aside, process, at_once, arguments)
        try:
            for place, (name, write) in enumerate(pages.items()):
                progress(name, place / (len(tables) + len(pages)))
                found.append(write(*arguments))
                memory.release()
            for place, (name, write) in enumerate(tables.items(), start=len(pages)):
                progress(name, place / (len(tables) + len(pages)))
                found += aside.result() if write in at_once else [write(*arguments)]
        finally:
            if process is not None:
                process.end()
    return [path for path in dict.fromkeys(found) if path]


def _aside(
    process: TableProcess | None, writers: list[Writer], arguments: tuple[Study, AuditResult, Path]
) -> list[Path | None]:
    """Write tables in a process of their own, or here where there is none or it does not come to its end."""
    found = process.write(writers, arguments) if process is not None else None
    return [write(*arguments) for write in writers] if found is None else found


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
