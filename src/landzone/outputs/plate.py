"""A map sheet: shapes with fills and patterns, legend, scale, north arrow, title and source line, as PNG bytes."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import shapely
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.patheffects import Normal, Stroke

from landzone.outputs.map_html.themes import Theme
from landzone.outputs.wording import Wording, clean

CJK_FONTS = (
    "Microsoft YaHei", "SimHei", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback",
)  # fmt: skip
"""Fonts with Chinese characters, the first that is installed is taken."""

_LATIN = "DejaVu Sans"
_HATCHES = {"hatch": "////", "cross": "xxx", "dots": "...", "lines": "|||"}
_PATTERN_INK = "#8a9199"
_DPI = 160
_WIDE = 8.2
_HIGH = (4.7, 6.4)
"""Inches: the width, and the least and greatest height."""

_LEGEND_WIDTH = 26
_TOGETHER = 50
"""Polygons drawn as one outline: fewer strokes of the pen, and none that is too long for it."""
_LONGEST_LINE = 125


def cjk_font() -> str | None:
    """Return the first installed font of ``CJK_FONTS``, None where there is none."""
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((name for name in CJK_FONTS if name in installed), None)


def fonts(font: str | None) -> Any:
    """Return the context in which sheets are drawn: no font of the machine but those asked for."""
    family = [_LATIN, font] if font else [_LATIN]
    return mpl.rc_context({"font.family": family, "axes.unicode_minus": True, "hatch.linewidth": 0.6})


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

    def __init__(self, bounds: tuple[float, float, float, float], words: Wording, font: str | None) -> None:
        self.words, self.font = words, font
        self.bounds = bounds
        left, bottom, right, top = self.bounds
        high = _WIDE * 0.72 * (top - bottom) / (right - left) * 1.25 + 0.9
        self.figure = Figure(figsize=(_WIDE, min(max(high, _HIGH[0]), _HIGH[1])), dpi=_DPI, facecolor="white")
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes((0.02, 0.08, 0.72, 0.82))
        self.axes.set_xticks([])
        self.axes.set_yticks([])
        self.legend: list[Patch] = []

    def themed(self, frame: gpd.GeoDataFrame, theme: Theme, name: Callable[[dict[str, Any]], str]) -> None:
        """Draw a layer class by class; classes without a feature have no legend entry."""
        places = np.array(theme.places, dtype=np.int64)
        for place, entry in enumerate(theme.classes):
            own = places == place
            if own.any():
                self.shapes(frame.geometry.to_numpy()[own], entry, f"{name(entry)}  {int(own.sum()):,}")

    def shapes(
        self, shapes: Any, entry: dict[str, Any], label: str, edge: str = "#5f6b76", width: float = 0.25
    ) -> None:
        """Draw shapes with one fill and pattern; an empty label keeps them out of the legend."""
        fill = entry.get("fill") or "none"
        hatch = _HATCHES.get(entry.get("pattern", ""))
        outlines = _outlines(shapes)
        own: dict[str, Any] = {"facecolor": fill, "edgecolor": edge, "linewidth": width}
        self.axes.add_collection(PathCollection(outlines, **own, rasterized=True))
        if hatch:
            pattern: dict[str, Any] = {
                "facecolor": "none",
                "edgecolor": _PATTERN_INK,
                "linewidth": 0.0,
                "hatch": hatch,
            }
            self.axes.add_collection(PathCollection(outlines, **pattern))
        if label:
            edge_shown = _PATTERN_INK if hatch else edge
            self.legend.append(
                Patch(
                    facecolor=fill,
                    edgecolor=edge_shown,
                    linewidth=max(width, 0.5),
                    hatch=hatch,
                    label=_wrapped(self.drawable(label)),
                )
            )

    def covered(self, text: str) -> bool:
        """Tell whether the fonts have every character."""
        return all(ord(letter) in characters(self.font) for letter in text)

    def drawable(self, text: str) -> str:
        """Return a text with what the fonts do not have as a question mark."""
        known = characters(self.font)
        line = clean(text).replace("\n", " ").replace("\t", " ")
        return "".join(letter if ord(letter) in known else "?" for letter in line)[:60]

    def name(self, shape: Any, text: str, ink: str) -> None:
        """Write a name into a shape."""
        spot = shape.representative_point()
        label = self.axes.text(
            spot.x, spot.y, text, ha="center", va="center", fontsize=8, color=ink, parse_math=False
        )
        label.set_path_effects([Stroke(linewidth=2.5, foreground="white"), Normal()])

    def png(self, name: str, title: str, source: str) -> bytes:
        """Add title, legend, scale, arrow and source line, and return the picture."""
        self._extent()
        head = f"{name}  {title}" if self.covered(name) else title
        self.figure.text(0.02, 0.955, self.drawable(head), fontsize=13, va="center", parse_math=False)
        self._legend()
        self._scale()
        self._north()
        self._source(source)
        stream = io.BytesIO()
        self.figure.savefig(stream, format="png", metadata={"Software": None})
        return stream.getvalue()

    def _extent(self) -> None:
        left, bottom, right, top = self.bounds
        wide, high = (right - left) * 1.12, (top - bottom) * 1.16
        box = self.axes.get_position()
        shape = (box.width * self.figure.get_figwidth()) / (box.height * self.figure.get_figheight())
        wide, high = max(wide, high * shape, 1.0), max(high, wide / shape, 1.0 / shape)
        middle, centre = (left + right) / 2, (bottom + top) / 2 - high * 0.01
        self.axes.set_xlim(middle - wide / 2, middle + wide / 2)
        self.axes.set_ylim(centre - high / 2, centre + high / 2)

    def _legend(self) -> None:
        self.axes.legend(
            handles=self.legend, title=self.drawable(self.words.say("fig_legend")), loc="upper left",
            bbox_to_anchor=(1.01, 0.86), fontsize=7.5, title_fontsize=9, frameon=False, handlelength=1.8,
            handleheight=1.2, borderaxespad=0.0,
        )  # fmt: skip

    def _scale(self) -> None:
        left, right = self.axes.get_xlim()
        bottom, top = self.axes.get_ylim()
        length = _round_length((right - left) / 5)
        height = (top - bottom) * 0.008
        at, y = left + (right - left) * 0.03, bottom + (top - bottom) * 0.035
        for part in range(4):
            ink = "#222222" if part % 2 == 0 else "white"
            box = Rectangle(
                (at + length / 4 * part, y),
                length / 4,
                height,
                facecolor=ink,
                edgecolor="#222222",
                linewidth=0.5,
            )
            self.axes.add_patch(box)
        shown = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
        for x, text in ((at, "0"), (at + length, shown)):
            self.axes.text(x, y + height * 1.6, text, fontsize=7, ha="center", va="bottom")

    def _north(self) -> None:
        self.axes.annotate(
            "", xy=(1.06, 0.985), xytext=(1.06, 0.9), xycoords="axes fraction",
            arrowprops={"arrowstyle": "-|>,head_width=0.35,head_length=0.8", "color": "#222222", "linewidth": 1.4},
        )  # fmt: skip
        north = self.drawable(self.words.say("north"))
        self.axes.text(1.085, 0.955, north, transform=self.axes.transAxes, fontsize=9, va="center")

    def _source(self, text: str) -> None:
        banner = self.words.banner
        line = "".join(letter if ord(letter) in characters(self.font) else "?" for letter in clean(text))
        self.figure.text(
            0.02,
            0.035,
            line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + " …",
            fontsize=7,
            color="#444444",
            va="center",
            parse_math=False,
        )
        self.figure.text(
            0.98, 0.955, self.drawable(banner), fontsize=7, color="#a61e00", ha="right", va="center"
        )


def _wrapped(text: str) -> str:
    """Break a legend entry into lines; a wide character counts twice."""
    lines, line, width = [], "", 0
    for part in re.findall(r"[\u2e80-\uffff]|[^\s\u2e80-\uffff]+\s*|\s+", text):
        own = sum(2 if ord(letter) > 0x2E7F else 1 for letter in part)
        if line and width + own > _LEGEND_WIDTH:
            lines.append(line.rstrip())
            line, width = "", 0
        line, width = line + part, width + own
    return "\n".join([*lines, line.rstrip()])


def _round_length(metres: float) -> float:
    """Return the largest of 1, 2, 5 × 10ⁿ that is not longer."""
    step = 10.0 ** np.floor(np.log10(metres))
    return float(max(k * step for k in (1, 2, 5) if k * step <= metres))


def _outlines(shapes: Any, together: int = _TOGETHER) -> list[Outline]:
    """Return polygons as outlines, some together in one; holes run the other way and stay empty."""
    present = pd.Series(shapes, dtype="object")
    polygons = shapely.get_parts(shapely.orient_polygons(present[present.notna()].to_numpy()))
    rings, owner = shapely.get_rings(polygons, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(points), Outline.LINETO, dtype=Outline.code_type)
    starts = np.searchsorted(ring, np.arange(len(rings)))
    ends = np.append(starts[1:], len(points)) - 1
    codes[starts], codes[ends] = Outline.MOVETO, Outline.CLOSEPOLY
    first = np.arange(0, len(polygons), together)
    cuts = [*np.searchsorted(owner[ring], first).tolist(), len(points)] if len(points) else []
    return [Outline(points[a:b], codes[a:b]) for a, b in pairwise(cuts) if b > a]


@cache
def characters(font: str | None) -> frozenset[int]:
    """Return the code points that the fonts can draw."""
    known: set[int] = set()
    for name in (_LATIN, font):
        if name:
            path = font_manager.findfont(name)
            entry = font_manager.get_font(path)
            known |= set(entry.get_charmap())
    return frozenset(known)
