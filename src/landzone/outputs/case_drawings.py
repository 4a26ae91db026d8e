"""The drawings of a case file: the clock as a time line (SVG and PNG), and the map of the ground."""

from __future__ import annotations

import html
import io
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image, ImageDraw, ImageFont

from landzone.catalog import load
from landzone.catalog.labels import labels
from landzone.measures.idle_timeline import Timeline
from landzone.outputs.plate import Plate
from landzone.outputs.sheet_fonts import characters, font_path, fonts
from landzone.outputs.wording import Wording, clean

_WIDTH, _LEFT, _RIGHT = 900.0, 40.0, 860.0
_LINE, _STEP, _BAR = 18.0, 34.0, 14.0
_LETTER = 11.0
_MARGIN = 0.04
_SCALE = 1.6
"""Points of a picture of a time line to a unit of its drawing."""

_DPI = 130
_COLOURS, _SAME = 64, 8
"""Colours of a picture of a map, and how far apart they are in a channel: the more frequent of two keeps its place."""


@dataclass(frozen=True)
class _Mark:
    """A day on the line: where it stands, and on which level its words are written."""

    x: float
    spot: float
    level: int
    text: str
    day: str
    is_today: bool


@dataclass(frozen=True)
class _Bar:
    left: float
    right: float
    colour: str
    text: str


@dataclass(frozen=True)
class LineDrawing:
    """A time line with every place worked out, so that page and document show the same."""

    marks: tuple[_Mark, ...]
    bars: tuple[_Bar, ...]
    height: float
    axis: float
    title: str

    def svg(self) -> str:
        """Return the drawing as SVG; every text is escaped."""
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {self.height:g}" role="img" '
            f'width="{_WIDTH:g}" height="{self.height:g}" font-size="12" text-anchor="middle">',
            f"<title>{html.escape(self.title)}</title>",
            f'<line x1="{_LEFT:g}" x2="{_RIGHT:g}" y1="{self.axis:g}" y2="{self.axis:g}" stroke="#5b6673"/>',
        ]
        parts += [
            f'<rect x="{bar.left:.1f}" y="{self.axis - _BAR / 2:.1f}" width="{bar.right - bar.left:.1f}" '
            f'height="{_BAR:g}" fill="{bar.colour}" stroke="#5b6673" stroke-width="0.5">'
            f"<title>{html.escape(bar.text)}</title></rect>"
            for bar in self.bars
        ]
        for mark in self.marks:
            ink = load.table("cases.toml")["colours"]["as_of"] if mark.is_today else "#1c2430"
            y = self.words_at(mark)
            foot = y + 16 if mark.level > 0 else y - 12
            parts.append(
                f'<line x1="{mark.x:.1f}" x2="{mark.x:.1f}" y1="{self.axis:g}" y2="{foot:.1f}" stroke="{ink}" '
                'stroke-width="0.8"/>'
            )
            parts.append(f'<circle cx="{mark.x:.1f}" cy="{self.axis:g}" r="3" fill="{ink}"/>')
            spot = mark.spot
            parts.append(f'<text x="{spot:.1f}" y="{y:.1f}" fill="{ink}">{html.escape(mark.text)}</text>')
            parts.append(f'<text x="{spot:.1f}" y="{y + 13:.1f}" fill="{ink}">{mark.day}</text>')
        x = _LEFT
        for bar in self.bars:
            parts.append(
                f'<rect x="{x:.1f}" y="{self.height - 18:.1f}" width="12" height="10" fill="{bar.colour}"/>'
                f'<text x="{x + 17:.1f}" y="{self.height - 9:.1f}" text-anchor="start">{html.escape(bar.text)}</text>'
            )
            x += 32 + _wide(bar.text)
        return "".join([*parts, "</svg>"])

    def words_at(self, mark: _Mark) -> float:
        """Return the height at which the words of a mark begin."""
        if mark.level > 0:
            return self.axis - _BAR - _STEP * mark.level + 6
        return self.axis + _BAR - _STEP * (mark.level + 1) + 14

    def png(self, font: str | None) -> bytes:
        """Return the drawing as a picture."""
        image = Image.new("RGB", (round(_WIDTH * _SCALE), round(self.height * _SCALE)), "white")
        pen, letters = ImageDraw.Draw(image), _letters(font)
        soft, thin, black = "#5b6673", 2, "#1c2430"

        def scaled(*places: float) -> tuple[float, ...]:
            return tuple(place * _SCALE for place in places)

        pen.line(scaled(_LEFT, self.axis, _RIGHT, self.axis), fill=soft, width=thin)
        x = _LEFT
        for bar in self.bars:
            box = scaled(bar.left, self.axis - _BAR / 2, bar.right, self.axis + _BAR / 2)
            pen.rectangle(box, fill=bar.colour, outline=soft)
            pen.rectangle(scaled(x, self.height - 18, x + 12, self.height - 8), fill=bar.colour)
            pen.text(scaled(x + 17, self.height - 9), drawable(bar.text, font), black, letters, "ls")
            x += 32 + _wide(bar.text)
        for mark in self.marks:
            ink = load.table("cases.toml")["colours"]["as_of"] if mark.is_today else black
            y = self.words_at(mark)
            foot = y + 16 if mark.level > 0 else y - 12
            pen.line(scaled(mark.x, self.axis, mark.x, foot), fill=ink, width=thin)
            pen.ellipse(scaled(mark.x - 3, self.axis - 3, mark.x + 3, self.axis + 3), fill=ink)
            pen.text(scaled(mark.spot, y), drawable(mark.text, font), ink, letters, "ms")
            pen.text(scaled(mark.spot, y + 13), mark.day, ink, letters, "ms")
        stream = io.BytesIO()
        image.save(stream, format="PNG")
        return stream.getvalue()


@cache
def _letters(font: str | None) -> ImageFont.FreeTypeFont:
    """Return the letters of a time line: those of the Chinese font, which has Latin ones, where there is one."""
    return ImageFont.truetype(font_path(font), round(_LETTER * _SCALE))


def line_drawing(line: Timeline, lang: str, title: str) -> LineDrawing:
    """Lay a time line out: days of one date share a mark, words give way to each other above and below the line."""
    words, colours = labels("cases", lang), load.table("cases.toml")["colours"]
    days = [event.day.toordinal() for event in line.events]
    first, last = min(days), max(days)
    room = max(last - first, 30)

    def place(day: date) -> float:
        share = (day.toordinal() - first + room * _MARGIN) / (room * (1 + 2 * _MARGIN))
        return _LEFT + share * (_RIGHT - _LEFT)

    joiner = labels("report", lang)["joiner"]
    together: dict[date, list[str]] = {}
    for event in line.events:
        together.setdefault(event.day, []).append(event.kind)
    ends: dict[int, float] = {}
    marks = []
    for day, kinds in sorted(together.items()):
        text = joiner.join(words[f"e_{kind}"] for kind in kinds)
        x, half = place(day), max(_wide(text), _wide("2026-06-30")) / 2 + 4
        spot = min(max(x, half), _WIDTH - half)
        level = next(n for n in _levels() if ends.get(n, -1e9) <= spot - half)
        ends[level] = spot + half
        marks.append(_Mark(x, spot, level, text, day.isoformat(), "as_of" in kinds))
    above = max([m.level for m in marks if m.level > 0], default=0)
    below = max([-m.level for m in marks if m.level < 0], default=0)
    axis = _LINE + above * _STEP + _BAR
    bars = [_Bar(place(s.first), place(s.last), colours[s.kind], words[f"s_{s.kind}"]) for s in line.spans]
    height = axis + _BAR + below * _STEP + 30
    return LineDrawing(tuple(marks), tuple(bars), height, axis, title)


def _levels() -> Any:
    """Count 1, -1, 2, -2 … : above and below the line in turn."""
    number = 1
    while True:
        yield number
        yield -number
        number += 1


def _wide(text: str) -> float:
    return sum(1.0 if ord(letter) > 0x2E7F else 0.58 for letter in text) * _LETTER


def drawable(text: str, font: str | None) -> str:
    """Return a text with what the fonts do not have as a question mark."""
    known = characters(font)
    return "".join(letter if ord(letter) in known else "?" for letter in clean(text).replace("\n", " "))


class Surroundings:
    """Parcels and buildings around a parcel, found through an index that is built once."""

    def __init__(self, parcels: Any, ids: Any, buildings: Any, shift_m: float) -> None:
        self.parcels, self.ids, self.buildings = parcels, ids, buildings
        self.shift_m = shift_m
        self.parcel_tree, self.building_tree = shapely.STRtree(parcels), shapely.STRtree(buildings)
        self.place = {str(name): number for number, name in enumerate(ids)}

    def picture(self, parcel_id: str, words: Wording, font: str | None, source: str) -> bytes:
        """Return the map of one parcel with its core, its neighbours and the footprints around."""
        own = self.parcels[self.place[parcel_id]]
        left, bottom, right, top = shapely.bounds(own)
        edge = max(right - left, top - bottom) * 0.35 + 10
        bounds = (left - edge, bottom - edge, right + edge, top + edge)
        window = shapely.box(*bounds)
        near = [n for n in sorted(self.parcel_tree.query(window)) if n != self.place[parcel_id]]
        built = np.sort(self.building_tree.query(window))
        texts, colours = labels("cases", words.lang), load.table("cases.toml")["colours"]
        with fonts(font):
            plate = _Sheet(bounds, words, font)
            if near:
                plate.shapes(self.parcels[near], {"fill": colours["neighbour"]}, texts["map_neighbour"])
            plate.shapes(np.array([own]), {"fill": colours["parcel"]}, texts["map_parcel"], "#a61e00", 1.6)
            core = shapely.buffer(own, -self.shift_m, join_style="mitre")
            if not core.is_empty:
                label = texts["map_core"].format(shift=f"{self.shift_m:g}")
                plate.shapes(np.array([core]), {"fill": ""}, label, "#a61e00", 0.6)
            if len(built):
                fill = {"fill": colours["building_fill"]}
                plate.shapes(self.buildings[built], fill, texts["map_building"], "#333a44", 0.4)
            return plate.png("", texts["map_title"], source)


class _Sheet(Plate):
    """A small sheet: one parcel needs no more points than a page shows, and few colours."""

    dpi = _DPI

    def written(self, form: str) -> bytes:
        """Return a finished sheet as ``png`` of its most frequent colours: less to pack, and a third of the bytes."""
        canvas = FigureCanvasAgg(self.figure)
        canvas.draw()
        size = canvas.get_width_height()
        image = Image.frombuffer("RGBA", size, canvas.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")
        counted = image.getcolors(size[0] * size[1]) or []
        apart: dict[tuple[int, ...], tuple[int, ...]] = {}
        for _, colour in sorted(counted, key=lambda one: (-one[0], one[1])):
            apart.setdefault(tuple(part // _SAME for part in colour), colour)
        palette = Image.new("P", (1, 1))
        palette.putpalette([part for colour in [*apart.values()][:_COLOURS] for part in colour])
        stream = io.BytesIO()
        image.quantize(palette=palette, dither=Image.Dither.NONE).save(stream, format=form)
        return stream.getvalue()
