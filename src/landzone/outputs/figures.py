"""Thematic maps of an audit as sheets: the classes, breaks and colours of the interactive map, on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.map_html.legend_words import class_words, split_words, theme_words
from landzone.outputs.map_html.themed import ThemedLayer, themed
from landzone.outputs.map_html.themes import known, styles
from landzone.outputs.plate import Plate
from landzone.outputs.result_grids import idle_word, zone_names
from landzone.outputs.sheet_fonts import cjk_font, fonts
from landzone.outputs.wording import Wording

FOLDER = "maps"
_MOST_LABELS = 30
_THIN = "#9aa3ab"


@dataclass(frozen=True)
class Picture:
    """A map: its key, its title in the language of the report, its PNG bytes."""

    key: str
    title: str
    png: bytes


def draw(study: Study, result: AuditResult) -> list[Picture]:
    """Draw the maps of a report; a theme of which nothing is known has none.

    Without a font for Chinese the words are English and names that cannot be drawn give way to ids; the
    report says so.
    """
    return [Picture(key, title, plate.written("png")) for key, title, plate in sheets(study, result)]


def write(study: Study, result: AuditResult, folder: Path) -> list[Path]:
    """Write every sheet as PNG and PDF into ``maps`` in a folder, and return the paths."""
    own = folder / FOLDER
    own.mkdir()
    paths = []
    for key, _, plate in sheets(study, result):
        for form in ("png", "pdf"):
            path = own / f"{key}.{form}"
            path.write_bytes(plate.written(form))
            paths.append(path)
    return paths


def sheets(study: Study, result: AuditResult) -> Iterator[tuple[str, str, Plate]]:
    """Give the sheets of an audit one by one: key, title in the language of the audit, finished sheet."""
    font = cjk_font()
    lang = result.lang if font else "en"
    drawn = Wording(study, lang)
    parcels = themed("parcels", study, result)
    with fonts(font):
        for key, layers in _MAPS.items():
            plate = _Plate(study, result, drawn, font, parcels)
            title = layers(plate)
            if not title:
                continue
            plate.zones()
            plate.finish(study.settings.name, drawn.say(f"fig_{title}"), source_lines(study, drawn, result))
            yield key, Wording(study, result.lang).say(f"fig_{title}"), plate
            plate.figure.clear()  # a figure and what is drawn on it hold each other


class _Plate(Plate):
    """A sheet of an audit."""

    def __init__(
        self, study: Study, result: AuditResult, words: Wording, font: str | None, parcels: ThemedLayer
    ) -> None:
        super().__init__(_bounds(result), words, font)
        self.study, self.result, self.parcels = study, result, parcels

    def coloured(self, key: str, name: Callable[[dict[str, Any]], str] | None = None) -> bool:
        """Draw the parcels by a theme; nothing is drawn, and False returned, where no parcel has a value."""
        theme = self.parcels.theme(key)
        if theme is None or not known(theme):
            return False
        self.legend_head = theme_words(key, self.words)
        self.themed(self.parcels.frame, theme, name or (lambda entry: class_words(theme, entry, self.words)))
        remark = split_words(theme, self.words)
        if remark:
            self.remark(remark)
        return True

    def plain_parcels(self, label: str | None = None) -> None:
        """Draw the outlines of parcels; an empty label keeps them out of the legend."""
        shapes = self.result.parcels.geometry.to_numpy()
        said = f"{self.words.word('layer', 'parcels')}  {len(shapes):,}" if label is None else label
        self.shapes(shapes, {}, said, _THIN, min(0.25, self.pen(shapes) + 0.12))

    def zones(self) -> None:
        """Draw boundaries of zones, with their names where there are few."""
        zones = self.result.zones
        plain = styles()["plain"]["zones"]
        self.shapes(zones.geometry.to_numpy(), {}, self.words.say("fig_zone"), plain["stroke"], 1.4)
        if len(zones) > _MOST_LABELS:
            return
        names = zone_names(self.study, self.result)
        for zone_id, shape in zip(zones["zone_id"], zones.geometry, strict=True):
            name = names.get(str(zone_id), "")
            text = self.drawable(name) if self.covered(name) and name else self.drawable(str(zone_id))
            self.name(shape, text, plain["stroke"])


def source_lines(study: Study, words: Wording, result: AuditResult) -> str:
    """Return date, kind of area, CRS and sources of a study."""
    settings = study.settings
    sources = words.join(list(dict.fromkeys(one.source for one in study.inputs)))
    code = study.crs.to_string() if len(study.crs.to_string()) < 40 else study.crs.name
    kind = words.word("ui", f"area_{settings.area_kind}")
    area = words.say("fig_area", kind=kind, base=words.word("ui", f"area_{settings.area}"))
    return words.say("fig_source", as_of=result.as_of.isoformat(), crs=code, sources=sources, area=area)


def _status(plate: _Plate) -> str:
    if plate.coloured("verdict"):
        return "status"
    plate.plain_parcels()
    return "overview"


def _density(plate: _Plate) -> str:
    return "density" if plate.coloured("building_density_ratio") else ""


def _intensity(plate: _Plate) -> str:
    return "intensity" if plate.coloured("investment_intensity_per_ha") else ""


def _idle(plate: _Plate) -> str:
    drawn = plate.coloured("idle_class", lambda entry: idle_word(entry["code"], plate.words))
    return "idle" if drawn else ""


def _conflicts(plate: _Plate) -> str:
    patches = themed("patches", plate.study, plate.result)
    theme = patches.theme("kind")
    if theme is None or not len(patches.frame):
        return ""
    plate.themed(patches.frame, theme, lambda entry: class_words(theme, entry, plate.words))
    plate.plain_parcels("")
    built = plate.result.use_conflicts.geometry.to_numpy()
    plain = styles()["plain"]["use_conflicts"]
    if len(built):
        label = f"{plate.words.say('fig_hit')}  {len(built):,}"
        plate.shapes(built, {"pattern": "lines"}, label, plain["stroke"], 0.7)
    return "conflicts"


def _constraints(plate: _Plate) -> str:
    lines = themed("constraints", plate.study, plate.result)
    if not plate.study.constraints and not len(lines.frame):
        return ""
    if not plate.coloured("conformity"):
        plate.plain_parcels()
    (theme,) = lines.themes
    shapes, places = lines.frame.geometry.to_numpy(), np.array(theme.places, dtype=np.int64)
    for place, entry in enumerate(theme.classes):
        own = shapes[places == place]
        label = f"{plate.words.line(entry['name'])}  {len(own):,}"
        plate.shapes(own, {"pattern": "lines", "ink": entry["fill"]}, label, entry["fill"], 0.8)
    if not len(shapes):
        plate.remark(plate.words.say("fig_no_line"))
    return "constraints"


_MAPS: dict[str, Callable[[_Plate], str]] = {
    "status": _status,
    "density": _density,
    "intensity": _intensity,
    "idle": _idle,
    "conflicts": _conflicts,
    "constraints": _constraints,
}
KEYS: Sequence[str] = tuple(_MAPS)


def _bounds(result: AuditResult) -> tuple[float, float, float, float]:
    """Return west, south, east, north of zones and parcels; never empty."""
    bounds = np.vstack([result.zones.total_bounds, result.parcels.total_bounds])
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return (0.0, 0.0, 1.0, 1.0)
    left, bottom = float(bounds[:, 0].min()), float(bounds[:, 1].min())
    right, top = float(bounds[:, 2].max()), float(bounds[:, 3].max())
    return left, bottom, max(right, left + 1.0), max(top, bottom + 1.0)
