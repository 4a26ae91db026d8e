"""Static maps for the reports: drawn after the same palette as the interactive map, as PNG bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.grid import written
from landzone.outputs.map_html.themes import Limit, by_code, by_number, styles
from landzone.outputs.plate import Plate, cjk_font, fonts
from landzone.outputs.result_grids import idle_word, zone_names
from landzone.outputs.wording import Wording

_MOST_LABELS = 30
_MOST_SOURCES = 6


@dataclass(frozen=True)
class Picture:
    """A map: its key, its title in the language of the report, its PNG bytes."""

    key: str
    title: str
    png: bytes


def draw(study: Study, result: AuditResult) -> list[Picture]:
    """Draw the maps of a report.

    Without a font for Chinese the words are English and names that cannot be drawn give way to ids; the
    report says so.
    """
    font = cjk_font()
    lang = result.lang if font else "en"
    pictures = []
    with fonts(font):
        for key, layers in _MAPS.items():
            plate = _Plate(study, result, Wording(study, lang), font)
            layers(plate)
            title = Wording(study, result.lang).say(f"fig_{key}")
            pictures.append(Picture(key, title, plate.finished(key)))
    return pictures


class _Plate(Plate):
    """A sheet of an audit."""

    def __init__(self, study: Study, result: AuditResult, words: Wording, font: str | None) -> None:
        super().__init__(_bounds(result), words, font)
        self.study, self.result = study, result

    def zones(self, *, named: bool = True) -> None:
        """Draw boundaries of zones, with their names where there are few."""
        zones = self.result.zones
        plain = styles()["plain"]["zones"]
        self.shapes(zones.geometry.to_numpy(), {}, self.words.say("fig_zone"), plain["stroke"], 1.4)
        if not named or len(zones) > _MOST_LABELS:
            return
        names = zone_names(self.study, self.result)
        for zone_id, shape in zip(zones["zone_id"], zones.geometry, strict=True):
            name = names.get(str(zone_id), "")
            text = self.drawable(name) if self.covered(name) and name else self.drawable(str(zone_id))
            self.name(shape, text, plain["stroke"])

    def finished(self, key: str) -> bytes:
        """Return the picture under the title of its key, with its sources."""
        title = self.words.say(f"fig_{key}")
        line = source_line(self.study, self.words, self.result.as_of.isoformat())
        return self.png(self.study.settings.name, title, line)


def source_line(study: Study, words: Wording, as_of: str) -> str:
    """Return date, CRS and sources of a study as one line."""
    names = list(dict.fromkeys(one.source for one in study.inputs))
    sources = ", ".join(names[:_MOST_SOURCES]) + (" …" if len(names) > _MOST_SOURCES else "")
    code = study.crs.to_string() if len(study.crs.to_string()) < 40 else study.crs.name
    return words.say("fig_source", as_of=as_of, crs=code, sources=sources)


def _overview(plate: _Plate) -> None:
    frame = plate.result.parcels
    theme = by_code("idle_class", frame["idle_class"], "idle_class")
    plate.themed(frame, theme, lambda entry: idle_word(entry["code"], plate.words))
    plate.zones()


def _density(plate: _Plate) -> None:
    frame = plate.result.parcels
    rows = plate.result.findings
    rows = rows[(rows["measure"] == "building_density_ratio") & rows["limit"].notna()]
    limit = None
    if len(rows):
        first = rows.sort_values(["rule_id", "pack_id", "limit"], kind="stable").iloc[0]
        limit = Limit(
            float(first["limit"]), str(first["op"]), str(first["rule_id"]), str(first["subject_kind"])
        )
    theme = by_number("building_density_ratio", frame["building_density_ratio"], limit)
    plate.themed(frame, theme, lambda entry: _step(entry, plate.words))
    plate.zones()


def _step(entry: dict[str, Any], words: Wording) -> str:
    if entry.get("code") == "missing":
        return words.word("conformity", "missing")
    low, high = entry["from"], entry["to"]
    if low is None and high is None:
        return words.word("ui", "any_value")
    if low is None:
        return f"< {written(high, 'ratio')}"
    if high is None:
        return f"≥ {written(low, 'ratio')}"
    return f"{written(low, 'ratio')} – {written(high, 'ratio')}"


def _conflicts(plate: _Plate) -> None:
    patches = plate.result.patches
    plate.themed(
        patches, by_code("kind", patches["kind"], "kind"), lambda e: plate.words.word("kind", e["code"])
    )
    parcels = plate.result.parcels.geometry.to_numpy()
    plate.shapes(parcels, {}, "", "#9aa3ab", 0.2)
    built = plate.result.use_conflicts.geometry.to_numpy()
    plain = styles()["plain"]["use_conflicts"]
    if len(built):
        plate.shapes(
            built,
            {"fill": "", "pattern": "lines"},
            f"{plate.words.say('fig_hit')}  {len(built):,}",
            plain["stroke"],
            0.7,
        )
    wheel: Sequence[dict[str, Any]] = styles()["wheel"]
    lines = plate.result.constraints
    groups = [
        (str(name), own, wheel[i % len(wheel)]) for i, (name, own) in enumerate(lines.groupby("constraint"))
    ]
    for name, own, colour in sorted(groups, key=lambda group: (-group[1]["area_m2"].sum(), group[0])):
        label = f"{plate.words.line(name)}  {len(own):,}"
        plate.shapes(own.geometry.to_numpy(), colour, label, colour["fill"], 0.8)
    plate.zones()


_MAPS: dict[str, Callable[[_Plate], None]] = {
    "overview": _overview,
    "density": _density,
    "conflicts": _conflicts,
}


def _bounds(result: AuditResult) -> tuple[float, float, float, float]:
    """Return west, south, east, north of zones and parcels; never empty."""
    bounds = np.vstack([result.zones.total_bounds, result.parcels.total_bounds])
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return (0.0, 0.0, 1.0, 1.0)
    left, bottom = float(bounds[:, 0].min()), float(bounds[:, 1].min())
    right, top = float(bounds[:, 2].max()), float(bounds[:, 3].max())
    return left, bottom, max(right, left + 1.0), max(top, bottom + 1.0)
