"""Every text of the map is readable: its contrast with what really lies behind it, as Chromium computes both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from landzone.outputs import map_html

pytestmark = pytest.mark.browser

WALK = """() => {
  const parse = (text) => {
    const found = /rgba?\\(([^)]+)\\)/.exec(text);
    if (!found) { return null; }
    const p = found[1].split(/[ ,/]+/).map(Number);
    return [p[0], p[1], p[2], p.length > 3 ? p[3] : 1];
  };
  const over = (top, below) => [0, 1, 2].map((k) => top[3] * top[k] + (1 - top[3]) * below[k]);
  const linear = (v) => v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4);
  const light = (rgb) => rgb.map((v) => linear(v / 255))
    .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
  const grounds = (node) => {
    const layers = [];
    for (let n = node; n; n = n.parentElement) {
      const style = getComputedStyle(n);
      const stops = (style.backgroundImage.match(/rgba?\\([^)]+\\)/g) || []).map(parse);
      const own = parse(style.backgroundColor);
      if (stops.length) { layers.push(stops); if (stops.every((s) => s[3] === 1)) { break; } }
      if (own && own[3] > 0) { layers.push([own]); if (own[3] === 1) { break; } }
    }
    let found = [[242, 243, 240], [20, 20, 20]];
    layers.reverse().forEach((stops) => { found = stops.flatMap((s) => found.map((below) => over(s, below))); });
    return found;
  };
  const faint = [];
  let texts = 0;
  document.querySelectorAll('.lz-app *').forEach((node) => {
    const own = Array.from(node.childNodes).some((c) => c.nodeType === 3 && c.textContent.trim());
    const box = node.getBoundingClientRect();
    if (!own || !box.width || !box.height || !node.checkVisibility()) { return; }
    texts += 1;
    const style = getComputedStyle(node);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight, 10) >= 700) ? 3 : 4.5;
    grounds(node).forEach((ground) => {
      const a = light(over(parse(style.color), ground)), b = light(ground);
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const name = node.className || node.tagName;
      const told = [name, node.textContent.slice(0, 30), style.color, ground.map(Math.round).join()];
      if (ratio < least) { faint.push(told.concat(ratio.toFixed(2)).join(' | ')); }
    });
  });
  return [texts, Array.from(new Set(faint))];
}"""


@pytest.fixture
def small(made_up: ModuleType, tmp_path: Path) -> Path:
    made = made_up.make(4, 3)
    return map_html.write(made.study, made.result, tmp_path)


def read(opened: Any, least: int) -> None:
    texts, faint = opened.page.evaluate(WALK)
    assert texts >= least, "the page shows its texts"
    assert faint == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_panels_legend_and_cards_are_readable(
    small: Path, open_page: Callable[..., Any], language: str
) -> None:
    opened = open_page(small)
    if language == "en":
        opened.page.click(".lz-language")
    read(opened, 40)
    opened.page.click("#lz-tab-findings")
    opened.page.hover("#lz-page-findings .lz-row >> nth=0")
    read(opened, 40)
    opened.page.click(".lz-chip[data-group=fail]")
    opened.page.click("#lz-page-findings .lz-row >> nth=2")
    opened.page.wait_for_selector(".lz-card")
    read(opened, 40)
    opened.page.click("#lz-tab-parcels_tab")
    opened.page.fill(".lz-search", "no such parcel")
    opened.page.wait_for_selector("#lz-page-parcels_tab .lz-none")
    read(opened, 30)


def test_the_line_between_two_plans_and_the_ruler_are_readable(
    small: Path, open_page: Callable[..., Any]
) -> None:
    opened = open_page(small)
    opened.page.check("[data-compare=on]")
    read(opened, 40)
    opened.page.click(".lz-measure")
    read(opened, 40)


def test_the_check_can_fail(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small)
    opened.page.evaluate("() => { document.querySelector('.lz-meta').style.color = '#5a6773'; }")
    _, faint = opened.page.evaluate(WALK)
    assert len(faint) == 1
    assert faint[0].startswith("lz-meta | ")
