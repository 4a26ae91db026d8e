"""The drawing of the overview: zones as links, coloured by their figures."""

from __future__ import annotations

import html
import unicodedata
from typing import Any

import numpy as np
import pandas as pd
import shapely

from landzone.catalog import load
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.map_html.legend_words import class_words, split_words, theme_words
from landzone.outputs.map_html.themed import VERDICTS, limit_of, money_column
from landzone.outputs.map_html.themes import Theme, by_code, by_number, known
from landzone.outputs.wording import Wording

_PATTERNS = {
    "hatch": "M-1,7 L7,-1 M-3,3 L3,-3 M3,9 L9,3",
    "cross": "M0,6 L6,0 M0,0 L6,6",
    "dots": "M1,1 h1.4 v1.4 h-1.4 z",
}
_INK = "#8a9199"
_LONGEST_NAME = 24
_WIDE, _NARROW, _HIGH = 15.0, 9.0, 15.0
"""Room for a sign of a name on the drawing, at the size of ``atlas.css``."""


def zone_themes(study: Study, result: AuditResult) -> list[Theme]:
    """Return the ways in which the overview colours zones: those of ``catalog/atlas.toml`` that have a value."""
    zones, money = result.zones, study.settings.money
    found = []
    for key in load.table("atlas.toml")["themes"]:
        column = key if key in zones else money_column(key, money)
        if key == "verdict":
            found.append(by_code(key, zones["zone_id"].map(_worst(result)), key))
        elif column in zones and zones[column].notna().any():
            found.append(by_number(key, zones[column], limit_of(column, result.findings, "zone")))
    return sorted(found, key=lambda theme: not known(theme))


def _worst(result: AuditResult) -> dict[str, str]:
    """Return the gravest verdict on every zone."""
    rows = result.findings[result.findings["subject_kind"] == "zone"]
    ranks = (
        rows["verdict"].astype("object").map({word: place for place, word in enumerate(VERDICTS)}).dropna()
    )
    worst = ranks.groupby(rows.loc[ranks.index, "subject_id"]).min()
    return {str(zone): VERDICTS[int(place)] for zone, place in worst.items()}


def drawing(study: Study, result: AuditResult, themes: list[Theme], links: list[tuple[str, str]]) -> str:
    """Return the zones as SVG; ``links`` has page and name of each, in the order of the table."""
    own = load.table("atlas.toml")["drawing"]
    shapes = result.zones.geometry.to_numpy()
    if not len(shapes) or shapely.is_empty(shapes).all():
        return ""
    left, bottom, right, top = shapely.total_bounds(shapes).tolist()
    scale = own["width"] / max(right - left, top - bottom, 1.0)
    simple = shapely.coverage_simplify(shapes, own["tolerance"] / scale)
    flat = shapely.transform(simple, lambda xy: (xy - [left, top]) * [scale, -scale])
    size = (round((right - left) * scale) + 8, round((top - bottom) * scale) + 8)
    names = _names(flat, [name for _, name in links]) if len(shapes) <= own["most_names"] else []
    areas = [_link(flat[place], *links[place], place, themes) for place in _largest_first(shapes)]
    patterns = "".join(_pattern(name) for name in _PATTERNS)
    return (
        f'<svg class="zones" viewBox="-4 -4 {size[0]} {size[1]}" role="group">\n<defs>{patterns}</defs>\n'
        + "\n".join([*areas, *names]) + "\n</svg>"
    )  # fmt: skip


def _largest_first(shapes: Any) -> list[int]:
    return [int(place) for place in np.argsort(-shapely.area(shapes), kind="stable")]


def _link(shape: Any, file: str, name: str, place: int, themes: list[Theme]) -> str:
    path = " ".join(
        "M" + " ".join(f"{x:.1f},{y:.1f}" for x, y in shapely.get_coordinates(ring)[:-1].tolist()) + "Z"
        for ring in shapely.get_rings(shapely.get_parts(shape))
    )
    classes = " ".join(str(theme.places[place]) for theme in themes)
    fill = themes[0].classes[themes[0].places[place]] if themes else {}
    text = html.escape(name, quote=True)
    return (
        f'<a href="{file}" aria-label="{text}"><path fill-rule="evenodd" data-classes="{classes}" '
        f'fill="{paint(fill)}" d="{path}"><title>{text}</title></path></a>'
    )


def _names(shapes: Any, names: list[str]) -> list[str]:
    """Return the names on the drawing, those of the largest zones first; one that would lie on another is left out."""
    written: list[str] = []
    taken: list[shapely.Geometry] = []
    for place in _largest_first(shapes):
        if shapes[place].is_empty:
            continue
        spot, name = shapes[place].representative_point(), names[place][:_LONGEST_NAME]
        half = sum(_WIDE if unicodedata.east_asian_width(sign) in "WF" else _NARROW for sign in name) / 2
        box = shapely.box(spot.x - half, spot.y - _HIGH, spot.x + half, spot.y)
        if not shapely.intersects(box, taken).any():
            taken.append(box)
            written.append(
                f'<text x="{spot.x:.0f}" y="{spot.y:.0f}" aria-hidden="true">{html.escape(name)}</text>'
            )
    return written


def paint(entry: dict[str, Any]) -> str:
    """Return what a class is filled with: a colour, or a pattern for what is missing."""
    return f"url(#p-{entry['pattern']})" if "pattern" in entry else str(entry.get("fill") or "#ffffff")


def _pattern(name: str) -> str:
    return (
        f'<pattern id="p-{name}" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" '
        f'fill="#eef0f2"/><path d="{_PATTERNS[name]}" stroke="{_INK}" stroke-width="1" fill="none"/></pattern>'
    )


def legend(theme: Theme, words: Wording) -> list[tuple[str, str, int]]:
    """Return paint, words and number of zones of every class that has one."""
    counts = pd.Series(theme.places, dtype="int64").value_counts()
    return [
        (paint(entry), class_words(theme, entry, words), int(counts.get(place, 0)))
        for place, entry in enumerate(theme.classes)
        if counts.get(place, 0)
    ]


def heading(theme: Theme, words: Wording) -> tuple[str, str]:
    """Return the title of a theme and how its numbers were parted."""
    return theme_words(theme.key, words), split_words(theme, words)
