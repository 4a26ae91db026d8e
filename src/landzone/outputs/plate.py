"""A map sheet: shapes with fills and patterns, legend, scale, north arrow, title and source lines, as PNG or PDF."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.patheffects import Normal, Stroke

from landzone.outputs.furniture import ground_of, north_arrow, scale_bar
from landzone.outputs.map_html.themes import Theme
from landzone.outputs.outlines import outlines
from landzone.outputs.sheet_fonts import characters, wrapped
from landzone.outputs.wording import Wording, clean

_HATCHES = {"hatch": "////", "cross": "xxx", "dots": "...", "lines": "|||||"}
_PATTERN_INK = "#8a9199"
_EDGE = "#5f6b76"
_SOFT = "#444444"
_BANNER_INK = "#a61e00"
_DPI = 160
_WIDE, _MAP_WIDE = 8.2, 5.9
"""Inches: the sheet, and the map on it."""

_HIGH = (4.7, 7.6)
"""Inches: the least and greatest height of a sheet."""

_LEFT, _HEAD, _FOOT = 0.16, 0.72, 0.62
_LEGEND_FROM, _LEGEND_LINE = 0.85, 0.165
"""Inches from the top of the map to the legend, and of one line of it."""

_SEEN = 4.0
"""Points: shapes that are smaller on paper have no edges."""

_LEGEND_WIDTH, _SOURCE_WIDTH, _HEAD_WIDTH = 28, 138, 58
_SOURCE_LINES = 2
_MOST_OUTLINES = 40_000
"""Corners of a layer that a PDF holds as outlines; more are put in as a picture, or a page would not open."""


class Plate:
    """One map sheet with its furniture.

    Parameters
    ----------
    bounds : west, south, east, north of what is drawn
    words : Wording
        In the language of the sheet.
    font : str or None
        A font with Chinese characters.
    """

    dpi = _DPI

    def __init__(self, bounds: tuple[float, float, float, float], words: Wording, font: str | None) -> None:
        self.words, self.font = words, font
        self.bounds = bounds
        self.figure = Figure(figsize=(_WIDE, _HIGH[0]), dpi=self.dpi, facecolor="white")
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes((0.02, 0.08, 0.72, 0.82))
        self.axes.set_xticks([])
        self.axes.set_yticks([])
        self.legend: list[Patch] = []
        self.legend_head = ""
        self._drawn = 0
        self._remarks: list[Patch] = []

    def themed(self, frame: gpd.GeoDataFrame, theme: Theme, name: Callable[[dict[str, Any]], str]) -> None:
        """Draw a layer class by class, the first class on top; those without a feature have no legend entry."""
        places = np.array(theme.places, dtype=np.int64)
        shapes = frame.geometry.to_numpy()
        pen = self.pen(shapes)
        for place, entry in reversed(list(enumerate(theme.classes))):
            self._fill(shapes[places == place], entry, _EDGE, pen)
        for place, entry in enumerate(theme.classes):
            own = int((places == place).sum())
            if own:
                self.entry(entry, f"{name(entry)}  {own:,}")

    def shapes(
        self, shapes: Any, entry: dict[str, Any], label: str, edge: str = _EDGE, width: float = 0.25
    ) -> None:
        """Draw shapes with one fill and pattern; an empty label keeps them out of the legend."""
        self._fill(shapes, entry, edge, width)
        if label:
            self.entry(entry, label, edge, width)

    def pen(self, shapes: Any) -> float:
        """Return the width of an edge in points: none where most shapes would be nothing but edge."""
        left, bottom, right, top = self.bounds
        paper = _MAP_WIDE * 72 / max(right - left, top - bottom)
        middle = float(np.median(np.sqrt(shapely.area(shapes)))) * paper if len(shapes) else 0.0
        return 0.25 if middle >= _SEEN else 0.0

    def _fill(self, shapes: Any, entry: dict[str, Any], edge: str, width: float) -> None:
        drawn = outlines(shapes)
        if not drawn:
            return
        self._drawn += 1
        many = sum(len(outline) for outline in drawn) > _MOST_OUTLINES
        own: dict[str, Any] = {"rasterized": many, "zorder": 1 + self._drawn / 1000}
        fill = PathCollection(
            drawn, facecolor=entry.get("fill") or "none", edgecolor=edge, linewidth=width, **own
        )
        self.axes.add_collection(fill)
        hatch = _HATCHES.get(entry.get("pattern", ""))
        if hatch:
            ink = entry.get("ink", _PATTERN_INK)
            pattern = PathCollection(
                drawn, facecolor="none", edgecolor=ink, linewidth=0.0, hatch=hatch, **own
            )
            self.axes.add_collection(pattern)

    def entry(self, entry: dict[str, Any], label: str, edge: str = _EDGE, width: float = 0.25) -> None:
        """Add a line to the legend."""
        hatch = _HATCHES.get(entry.get("pattern", ""))
        own: dict[str, Any] = {"facecolor": entry.get("fill") or "none", "hatch": hatch}
        own |= {"edgecolor": entry.get("ink", _PATTERN_INK) if hatch else edge, "linewidth": max(width, 0.5)}
        self.legend.append(Patch(**own, label=wrapped(self.drawable(label), _LEGEND_WIDTH)))

    def remark(self, text: str) -> None:
        """Add a sentence below the legend."""
        self._remarks.append(Patch(alpha=0.0, label=wrapped(self.drawable(text, 160), _LEGEND_WIDTH)))

    def covered(self, text: str) -> bool:
        """Tell whether the fonts have every character."""
        return all(ord(letter) in characters(self.font) for letter in text)

    def drawable(self, text: str, most: int = 60) -> str:
        """Return a text with what the fonts do not have as a question mark."""
        known = characters(self.font)
        line = clean(text).replace("\n", " ").replace("\t", " ")
        return "".join(letter if ord(letter) in known else "?" for letter in line)[:most]

    def name(self, shape: Any, text: str, ink: str) -> None:
        """Write a name into a shape."""
        spot = shape.representative_point()
        label = self.axes.text(
            spot.x, spot.y, text, ha="center", va="center", fontsize=8, color=ink, parse_math=False, zorder=8
        )
        label.set_path_effects([Stroke(linewidth=2.5, foreground="white"), Normal()])

    def finish(self, name: str, title: str, source: str) -> None:
        """Add title, name of the study, legend, scale, arrow and source lines; once, before it is written."""
        self.legend += self._remarks
        self._size()
        self._extent()
        high = self.figure.get_figheight()
        self._text(_LEFT, high - 0.24, wrapped(self.drawable(title), _HEAD_WIDTH, 1), 13)
        if self.covered(name):
            self._text(_LEFT, high - 0.52, wrapped(self.drawable(name, 120), 2 * _HEAD_WIDTH, 1), 9, _SOFT)
        self._text(_WIDE - _LEFT, high - 0.24, self.drawable(self.words.banner), 7, _BANNER_INK, ha="right")
        if self.font is None and self.words.lang == "en":
            source = f"{source}\n{self.words.say('fig_no_font_short')}"
        lines = "\n".join(
            wrapped(self.drawable(part, 1000), _SOURCE_WIDTH, _SOURCE_LINES) for part in source.split("\n")
        )
        self._text(_LEFT, _FOOT - 0.12, lines, 7, _SOFT, va="top")
        self._legend()
        ground = ground_of(self.words.study.crs, self.bounds)
        scale_bar(self.axes, ground.metres)
        place = (_LEFT + _MAP_WIDE + 0.3, high - _HEAD - 0.3)
        north_arrow(self.figure, place, self.drawable(self.words.say("north")), ground.north)

    def png(self, name: str, title: str, source: str) -> bytes:
        """Finish the sheet and return it as a picture."""
        self.finish(name, title, source)
        return self.written("png")

    def written(self, form: str) -> bytes:
        """Return a finished sheet as ``png`` or ``pdf``; equal sheets are equal bytes."""
        own: dict[str, dict[str, None]] = {
            "png": {"Software": None},
            "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
        }
        stream = io.BytesIO()
        self.figure.savefig(stream, format=form, metadata=own[form])
        return stream.getvalue()

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        ink: str = "black",
        *,
        ha: str = "left",
        va: str = "center",
    ) -> None:
        place = (x / _WIDE, y / self.figure.get_figheight())
        self.figure.text(
            *place, text, fontsize=size, color=ink, ha=ha, va=va, parse_math=False, linespacing=1.35
        )

    def _size(self) -> None:
        """Make the sheet as high as map and legend need."""
        left, bottom, right, top = self.bounds
        mapped = _MAP_WIDE * (top - bottom) * 1.16 / ((right - left) * 1.12)
        lines = sum(str(entry.get_label()).count("\n") + 1.15 for entry in self.legend) + 2
        legend = _LEGEND_FROM + lines * _LEGEND_LINE
        high = min(max(max(mapped, legend) + _HEAD + _FOOT, _HIGH[0]), max(_HIGH[1], legend + _HEAD + _FOOT))
        self.figure.set_size_inches(_WIDE, high)
        box = (_LEFT / _WIDE, _FOOT / high, _MAP_WIDE / _WIDE, (high - _HEAD - _FOOT) / high)
        self.axes.set_position(box)

    def _extent(self) -> None:
        left, bottom, right, top = self.bounds
        wide, high = (right - left) * 1.12, (top - bottom) * 1.16
        shape = _MAP_WIDE / (self.figure.get_figheight() - _HEAD - _FOOT)
        wide, high = max(wide, high * shape, 1.0), max(high, wide / shape, 1.0 / shape)
        middle, centre = (left + right) / 2, (bottom + top) / 2 - high * 0.01
        self.axes.set_xlim(middle - wide / 2, middle + wide / 2)
        self.axes.set_ylim(centre - high / 2, centre + high / 2)

    def _legend(self) -> None:
        box = self.axes.get_position()
        top = 1.0 - _LEGEND_FROM / (box.height * self.figure.get_figheight()) + 0.02
        title = self.drawable(self.words.say("fig_legend"))
        if self.legend_head:
            title += "\n" + wrapped(self.drawable(self.legend_head), _LEGEND_WIDTH)
        drawn = self.axes.legend(
            handles=self.legend, title=title, loc="upper left", alignment="left", bbox_to_anchor=(1.015, top),
            fontsize=7.5, title_fontsize=8.5, frameon=False, handlelength=1.8, handleheight=1.2, borderaxespad=0.0,
            borderpad=0.0,
        )  # fmt: skip
        for text in (*drawn.get_texts(), drawn.get_title()):
            text.set_parse_math(False)
