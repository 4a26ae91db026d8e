"""Maps of the conformity report: where the boundaries lie, and what in each of them contradicts."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from landzone.catalog import load
from landzone.model.conform import ConformResult
from landzone.model.study import Study
from landzone.outputs.conform_grids import renamed
from landzone.outputs.conform_words import PRESENT, ConformWords
from landzone.outputs.figures import Picture
from landzone.outputs.map_html.themes import styles
from landzone.outputs.plate import Plate
from landzone.outputs.sheet_fonts import cjk_font, fonts
from landzone.outputs.wording import Wording

MOST_DETAILS = 12
"""Boundaries that get a map of their own."""

_MOST_NAMES, _MOST_SOURCES = 30, 6
_CLEAR = "50"
"""Opacity of a conflict: what lies under it is still to be seen."""

_INK, _THIN = "#1d3557", "#b8bec4"


def draw(study: Study, result: ConformResult) -> list[Picture]:
    """Draw the maps: all boundaries, then each of the first ones."""
    font = cjk_font()
    lang = result.lang if font else "en"
    own = ConformWords(study, result)
    drawn = _Words(study, result, lang)
    with fonts(font):
        rows = renamed(result.boundaries).head(MOST_DETAILS).itertuples(index=False)
        details = [_detail(study, row, own, drawn, font) for row in rows]
        return [_overview(study, result, own, drawn, font), *details]


class _Words(ConformWords):
    """Words of the maps, English where the machine has no Chinese font."""

    def __init__(self, study: Study, result: ConformResult, lang: str) -> None:
        super().__init__(study, result)
        self.words = Wording(study, lang)
        self.own = {word: str(texts[lang]) for word, texts in load.table("labels/conform.toml").items()}
        self.lang = lang

    def source(self) -> str:
        """Return date, CRS and sources as one line."""
        names = list(dict.fromkeys(one["source"] for one in self.result.run["inputs"]))
        sources = ", ".join(names[:_MOST_SOURCES]) + (" …" if len(names) > _MOST_SOURCES else "")
        crs = self.study.crs
        code = crs.to_string() if len(crs.to_string()) < 40 else crs.name
        day = self.say("fig_as_of", as_of=self.result.as_of) if self.result.as_of else ""
        return self.say("fig_source", as_of=day, crs=code, sources=sources)


def _overview(
    study: Study, result: ConformResult, own: ConformWords, drawn: _Words, font: str | None
) -> Picture:
    boundaries = result.boundaries
    plate = Plate(_bounds(boundaries.geometry, 0.35), drawn.words, font)
    _ground(plate, study, drawn)
    for code, entry in styles()["answer"].items():
        rows = boundaries[boundaries["conclusion"] == code]
        if len(rows):
            label = f"{drawn.answer(code)}  {len(rows):,}"
            plate.shapes(rows.geometry.to_numpy(), entry, label, _INK, 1.2)
    if len(boundaries) <= _MOST_NAMES:
        for name, shape in zip(boundaries["boundary_id"], boundaries.geometry, strict=True):
            plate.name(shape, plate.drawable(str(name)), _INK)
    png = plate.png(study.settings.name, drawn.say("fig_overview"), drawn.source())
    return Picture("overview", own.say("fig_overview"), png)


def _detail(study: Study, row: Any, own: ConformWords, drawn: _Words, font: str | None) -> Picture:
    plate = Plate(_bounds([row.geometry], 0.12), drawn.words, font)
    _ground(plate, study, drawn)
    occupied = drawn.rows("occupied", row.boundary_id)
    present = occupied[(occupied["theme_kind"] == PRESENT) & (occupied["part"] == "under")]
    for code, entry in styles()["class3"].items():
        rows = present[present["class3"] == code]
        if len(rows):
            plate.shapes(
                rows.geometry.to_numpy(), entry, load.table("conform.toml")["class3"][code][drawn.lang]
            )
    missing = occupied[(occupied["part"] == "no_data") & ~occupied.geometry.is_empty]
    if len(missing):
        plate.shapes(missing.geometry.to_numpy(), styles()["missing"], drawn.say("no_data"), "#8a9199", 0.3)
    wheel = styles()["wheel"]
    conflicts = drawn.rows("conflicts", row.boundary_id)
    for place, (key, rows) in enumerate(conflicts.groupby(["theme_kind", "theme"], sort=False)):
        colour = wheel[place % len(wheel)]["fill"]
        label = f"{drawn.theme(*key)}  {len(rows):,}"
        shapes = rows.geometry.to_numpy()
        plate.shapes(shapes, {"fill": colour + _CLEAR}, label, colour, 1.6)
    plate.shapes([row.geometry], {}, drawn.say("fig_boundary"), _INK, 1.8)
    title = drawn.say("fig_detail", name=row.boundary_id)
    png = plate.png(study.settings.name, title, drawn.source())
    return Picture(str(row.boundary_id), own.say("fig_detail", name=row.boundary_id), png)


def _ground(plate: Plate, study: Study, drawn: _Words) -> None:
    """Draw parcels and zones near the boundaries as outlines."""
    parcels = study.layers["parcels"].frame.geometry.to_numpy()
    if len(parcels):
        plate.shapes(parcels, {}, drawn.say("fig_parcels"), _THIN, 0.4)
    zones = study.layers["zones"].frame.geometry.to_numpy()
    if len(zones):
        plate.shapes(zones, {}, drawn.words.say("fig_zone"), styles()["plain"]["zones"]["stroke"], 0.9)


def _bounds(shapes: Any, margin: float) -> tuple[float, float, float, float]:
    west, south, east, north = shapely.total_bounds(np.asarray(shapes, dtype=object))
    more = max(east - west, north - south, 1.0) * margin
    return float(west - more), float(south - more), float(east + more), float(north + more)
