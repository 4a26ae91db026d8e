"""Colours that people can read and tell apart: WCAG 2.2 AA, and palettes under simulated colour blindness.

Contrast is (L1 + 0.05) ÷ (L2 + 0.05) of relative luminances (WCAG 1.4.3 and 1.4.11). Colour blindness is simulated in
linear RGB with the matrices of Machado, Oliveira and Fernandes (2009), severity 1.0; colours are compared by CIEDE2000.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from landzone.catalog import load
from landzone.outputs import report_html
from landzone.outputs.map_html import assets

Array = NDArray[np.float64]

TEXT, LARGE_OR_GRAPHIC = 4.5, 3.0
LEAST_APART = 10.0
"""CIEDE2000 between any two classes of one palette; about 1 is the least that can be seen side by side."""

SIGHT: dict[str, list[list[float]]] = {
    "normal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900],
    ],
}  # fmt: skip
CODED = (
    "idle_class", "conformity", "verdict", "kind", "type", "common", "verdict_change", "conflict_state", "idle_move",
    "answer", "severity", "contradiction", "strength", "land_stock",
)  # fmt: skip
GROUND = "#f2f3f0"


def linear(colour: str) -> Array:
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def over(ink: tuple[int, int, int], alpha: float, ground: str) -> str:
    below = [int(ground[i : i + 2], 16) for i in (1, 3, 5)]
    mixed = [round(alpha * a + (1 - alpha) * b) for a, b in zip(ink, below, strict=True)]
    return "#" + "".join(f"{v:02x}" for v in mixed)


def lab(rgb: Array) -> Array:
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    t = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(one: Array, two: Array) -> float:
    """The formula of Sharma, Wu and Dalal (2005)."""
    chroma = (np.hypot(*one[1:]) + np.hypot(*two[1:])) / 2
    g = 0.5 * (1 - np.sqrt(chroma**7 / (chroma**7 + 25.0**7)))
    a = [(1 + g) * c[1] for c in (one, two)]
    c1, c2 = np.hypot(a[0], one[2]), np.hypot(a[1], two[2])
    h1, h2 = (np.degrees(np.arctan2(c[2], x)) % 360 for c, x in zip((one, two), a, strict=True))
    grey = c1 * c2 == 0
    turn = 0.0 if grey else (h2 - h1 + 180) % 360 - 180
    middle = h1 + h2 if grey else (h1 + turn / 2) % 360
    light, mean = (one[0] + two[0]) / 2, (c1 + c2) / 2
    t = (
        1 - 0.17 * np.cos(np.radians(middle - 30)) + 0.24 * np.cos(np.radians(2 * middle))
        + 0.32 * np.cos(np.radians(3 * middle + 6)) - 0.20 * np.cos(np.radians(4 * middle - 63))
    )  # fmt: skip
    by_light = (two[0] - one[0]) / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    by_chroma = (c2 - c1) / (1 + 0.045 * mean)
    by_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * mean * t)
    cross = -2 * np.sqrt(mean**7 / (mean**7 + 25.0**7))
    cross *= np.sin(np.radians(60 * np.exp(-(((middle - 275) / 25) ** 2))))
    return float(np.sqrt(by_light**2 + by_chroma**2 + by_hue**2 + cross * by_chroma * by_hue))


def palettes() -> dict[str, dict[str, str]]:
    """Return every palette by name: the plain fills that stand side by side in one legend."""
    known = load.table("labels/map_styles.toml")
    found = {
        name: {code: own["fill"] for code, own in known[name].items() if "pattern" not in own}
        for name in CODED
    }
    ramps = known["ramps"]
    found["sequential"] = dict(enumerate(ramps["sequential"]))
    found["diverging"] = dict(enumerate([*ramps["short"], *ramps["beyond"]]))
    found["wheel"] = {str(place): own["fill"] for place, own in enumerate(known["wheel"])}
    return found


def test_the_measure_of_distance_is_that_of_the_published_pairs() -> None:
    """Pairs 1, 7 and 20 of the test data of Sharma, Wu and Dalal."""
    pairs = [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
        ([50.0, 2.5, 0.0], [58.0, 24.0, 15.0], 19.4535),
    ]
    for one, two, wanted in pairs:
        assert ciede2000(np.array(one), np.array(two)) == pytest.approx(wanted, abs=1e-4)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("sight", list(SIGHT))
def test_classes_of_one_palette_can_be_told_apart(sight: str) -> None:
    matrix = np.array(SIGHT[sight])
    near = []
    for name, colours in palettes().items():
        seen = {code: lab(matrix @ linear(colour)) for code, colour in colours.items()}
        for a, b in itertools.combinations(seen, 2):
            distance = ciede2000(seen[a], seen[b])
            if distance < LEAST_APART:
                near.append((name, a, b, round(distance, 1)))
    assert near == []


def test_every_palette_of_the_catalogue_is_tested() -> None:
    known = load.table("labels/map_styles.toml")
    apart = {"missing", "ramps", "wheel", "plain", "class3"}
    assert set(known) - apart == set(CODED)


def test_a_pattern_is_seen_on_its_fill() -> None:
    line = re.search(r"const LINE = '(#[0-9a-f]{6})'", assets.text("polygons.js"))
    assert line is not None
    styles = load.table("labels/map_styles.toml")
    fills = {own["fill"] for name in CODED for own in styles[name].values() if "pattern" in own}
    assert fills
    assert {fill: contrast(line[1], fill) >= LARGE_OR_GRAPHIC for fill in fills} == dict.fromkeys(fills, True)


@pytest.mark.parametrize(
    ("layer", "names"),
    [
        ("parcels", ["idle_class", "conformity", "verdict", "sequential", "diverging"]),
        ("patches", ["kind", "type", "common"]),
        ("idle_changes", ["idle_move"]),
        ("conflict_changes", ["conflict_state"]),
    ],
)
def test_a_feature_stands_out_from_the_ground_by_its_fill_or_its_outline(
    layer: str, names: list[str]
) -> None:
    stroke = re.search(
        rf"{layer}: {{[^}}]*stroke: 'rgba\((\d+),(\d+),(\d+),([\d.]+)\)'", assets.text("polygons.js")
    )
    assert stroke is not None
    ink = (int(stroke[1]), int(stroke[2]), int(stroke[3]))
    known = palettes()
    faint = [
        (name, code)
        for name in names
        for code, fill in known[name].items()
        if max(contrast(fill, GROUND), contrast(over(ink, float(stroke[4]), fill), GROUND)) < LARGE_OR_GRAPHIC
    ]
    assert faint == []


@pytest.mark.parametrize("name", ["wheel", "verdict_change"])
def test_lines_on_the_map_stand_out_from_their_halo(name: str) -> None:
    faint = {code: c for code, c in palettes()[name].items() if contrast(c, "#ffffff") < LARGE_OR_GRAPHIC}
    assert faint == {}


def test_words_on_the_fills_of_tables_are_readable() -> None:
    tones: dict[str, Any] = load.table("labels/tones.toml")["tones"]
    assert tones
    assert {n: contrast(t["ink"], t["fill"]) >= TEXT for n, t in tones.items()} == dict.fromkeys(tones, True)


def test_words_of_the_report_are_readable() -> None:
    css = report_html._STYLE
    named = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", css))
    assert {"ink", "soft", "head", "accent"} <= set(named)
    for ink, ground in itertools.product(("ink", "soft", "accent"), ("#ffffff", named["head"], "#f6f8fa")):
        assert contrast(named[ink], ground) >= TEXT, (ink, ground)
    assert contrast("#a61e00", "#ffffff") >= TEXT


def style_rules() -> list[tuple[str, str, list[str]]]:
    """Return selector, ink and grounds of every rule of the map's style sheets that states both."""
    found = []
    for name in ("map.css", "atlas.css"):
        css = re.sub(r"/\*.*?\*/", "", assets.text(name), flags=re.DOTALL)
        named = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6})", css))
        for selector, body in re.findall(r"([^{}]+){([^{}]*)}", css):
            told = dict(part.strip().split(": ", 1) for part in body.split(";") if ": " in part)
            ink = colours(told.get("color", ""), named)
            ground = colours(told.get("background", told.get("background-color", "")), named)
            if ink and ground:
                found.append((selector.strip(), ink[0], ground))
    return found


def colours(text: str, named: dict[str, str]) -> list[str]:
    for name, value in named.items():
        text = text.replace(f"var({name})", value)
    short = [
        f"#{a}{a}{b}{b}{c}{c}" for a, b, c in re.findall(r"#([0-9a-f])([0-9a-f])([0-9a-f])(?![0-9a-f])", text)
    ]
    return re.findall(r"#[0-9a-f]{6}", text) + short


def test_every_rule_of_the_style_sheets_that_states_ink_and_ground_is_readable() -> None:
    rules = style_rules()
    assert ".lz-unknown" in {selector for selector, _, _ in rules}
    faint = [
        (selector, ink, ground, round(contrast(ink, ground), 2))
        for selector, ink, grounds in rules
        for ground in grounds
        if contrast(ink, ground) < TEXT
    ]
    assert faint == []
