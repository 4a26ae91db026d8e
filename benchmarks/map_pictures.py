"""Pictures of the map for the documentation: every layer of a finished audit on one sheet, in both languages.

Usage: python benchmarks/map_pictures.py OUT NAME [FOLDER]
writes FOLDER/map-NAME.zh.webp and map-NAME.en.webp, and the page as it opens: map-NAME.zh.png and map-NAME.en.png
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
WIDE, HIGH, ACROSS = 1200, 750, 3
SHOWN = 640
COLOURS = 255
QUALITY = 72
READY = "() => window.landzone && landzone.app && landzone.app.legend"
SETTLED = "() => Object.values(landzone.app.layers).every(l => !l._busy && l._queue.length === 0)"
ONLY = """name => {
  const app = landzone.app;
  Object.keys(app.layers).forEach(key => {
    const wanted = key === name || key === 'zones' || (key === 'parcels' && name !== 'patches');
    if (wanted !== app.map.hasLayer(app.layers[key])) { app.map[wanted ? 'addLayer' : 'removeLayer'](app.layers[key]); }
  });
}"""


def views(page: Any) -> list[tuple[str, int]]:
    """Return every layer and theme of the map that holds something."""
    found = page.evaluate(
        "() => Object.values(landzone.app.layers).filter(l => l.count && l.name !== 'zones' && l.name !== 'buildings')"
        ".flatMap(l => l.payload.themes.map((t, k) => [l.name, k, t.key]))"
    )
    return [(name, place) for name, place, key in found if not key.startswith("plan:")]


def picture(page: Any, name: str, place: int) -> Image.Image:
    """Return the map with one layer in one theme."""
    page.evaluate("() => landzone.app.setTheme(landzone.app.layers.parcels, 0)")
    page.evaluate(ONLY, name)
    page.evaluate("([name, place]) => landzone.app.setTheme(landzone.app.layers[name], place)", [name, place])
    page.evaluate("() => landzone.app.home()")
    page.wait_for_function(SETTLED, timeout=120_000)
    page.wait_for_timeout(400)
    data = page.screenshot()
    return Image.open(io.BytesIO(data)).resize((SHOWN, round(SHOWN * HIGH / WIDE)), Image.Resampling.LANCZOS)


def sheet(pictures: list[Image.Image]) -> Image.Image:
    """Return pictures side by side."""
    wide, high = pictures[0].size
    rows = -(-len(pictures) // ACROSS)
    whole = Image.new("RGB", (wide * ACROSS, high * rows), "white")
    for place, one in enumerate(pictures):
        whole.paste(one, (place % ACROSS * wide, place // ACROSS * high))
    return whole


def front(page: Any, path: Path) -> None:
    """Write the page as it opens, in few colours."""
    page.evaluate(
        "() => { const app = landzone.app;"
        " app.openPanel(true); app.map.invalidateSize({ animate: false }); app.home(); }"
    )
    page.wait_for_function(SETTLED, timeout=120_000)
    page.wait_for_timeout(400)
    whole = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    whole.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        path, optimize=True
    )
    print(path, path.stat().st_size)


def main(out: Path, name: str, folder: Path) -> None:
    """Write one sheet a language."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": WIDE, "height": HIGH})
        page.goto((out / "map.html").resolve().as_uri())
        page.wait_for_function(READY, timeout=120_000)
        for lang in ("zh", "en"):
            page.evaluate("lang => landzone.app.language.change(lang)", lang)
            front(page, folder / f"map-{name}.{lang}.png")
        page.evaluate("() => landzone.app.openPanel(false)")
        for lang in ("zh", "en"):
            page.evaluate("lang => landzone.app.language.change(lang)", lang)
            made = [picture(page, *view) for view in views(page)]
            path = folder / f"map-{name}.{lang}.webp"
            sheet(made).save(path, quality=QUALITY, method=6)
            print(path, len(made), path.stat().st_size)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]) if len(sys.argv) > 3 else Path("docs/img"))
