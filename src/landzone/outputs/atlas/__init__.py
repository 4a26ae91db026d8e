"""The atlas: an overview of all zones and a page for each, every page one file that needs no network."""

from __future__ import annotations

from pathlib import Path

from landzone.catalog import load
from landzone.catalog.labels import labels
from landzone.catalog.messages import refusal
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs import map_html
from landzone.outputs.atlas.index import Entry, page
from landzone.outputs.atlas.parts import Part, parts

FOLDER = "atlas"
INDEX = "index.html"

__all__ = ["FOLDER", "INDEX", "write"]


def write(study: Study, result: AuditResult, folder: Path, basemap: str = "") -> list[Path]:
    """Write the atlas into ``atlas`` in a folder, and return the paths.

    Parameters
    ----------
    basemap : str
        As for ``map_html.build``.

    Raises
    ------
    Refusal
        ``ATLAS_TOO_MANY`` where there are more zones than ``catalog/atlas.toml`` allows.
    """
    most = load.table("atlas.toml")["most_pages"]
    if len(result.zones) > most:
        raise refusal("ATLAS_TOO_MANY", zones=f"{len(result.zones):,}", most=f"{most:,}")
    own = folder / FOLDER
    own.mkdir()
    found = list(parts(study, result))
    outside = labels("atlas", result.lang)["outside"]
    paths = []
    for place, part in enumerate(found):
        links = {"name": part.name or part.zone_id or outside, **_links(found, place, outside)}
        text = map_html.compose(study, part.result, part.layers, basemap, links).page()
        paths.append(_written(own / part.file, text))
    entries = [
        Entry(part.zone_id, part.file, part.result.parcels["parcel_id"].astype(str).tolist())
        for part in found
    ]
    return [_written(own / INDEX, page(study, result, entries)), *paths]


def _links(found: list[Part], place: int, outside: str) -> dict[str, object]:
    """Return where a page leads: the overview, the whole map, the pages before and after it."""

    def named(part: Part) -> dict[str, str]:
        return {"file": part.file, "name": part.name or part.zone_id or outside}

    before = named(found[place - 1]) if place else None
    after = named(found[place + 1]) if place + 1 < len(found) else None
    return {"index": INDEX, "whole": f"../{map_html.FILE_NAME}", "previous": before, "next": after}


def _written(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("utf-8"))
    return path
