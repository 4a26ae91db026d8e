"""A real browser. Without Chromium these tests fail: a map nobody opened is not tested."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
INSIDE = ("file:", "data:", "blob:")


@dataclass
class Opened:
    """A page with everything it asked for and complained about."""

    page: Page
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def texts(self, selector: str) -> list[str]:
        """Return the exact texts of all elements that match."""
        return self.page.eval_on_selector_all(selector, "nodes => nodes.map(n => n.textContent)")

    def call(self, code: str) -> Any:
        """Run code on the map's application ``app`` and return what it returns."""
        return self.page.evaluate("() => { const app = landzone.app; " + code + " }")

    def settle(self) -> None:
        """Wait until every tile is drawn."""
        self.page.wait_for_function(
            "() => Object.values(landzone.app.layers).every(l => !l._busy && l._queue.length === 0)"
        )

    def place_of(self, layer: str, feature: int) -> tuple[float, float]:
        """Return where the middle of a feature is on the screen."""
        x, y = self.call(
            f"const a = app.layers['{layer}'].anchor({feature}); const p = app.map.latLngToContainerPoint(a);"
            "const r = app.map.getContainer().getBoundingClientRect(); return [p.x + r.left, p.y + r.top];"
        )
        return x, y

    def colour_at(self, layer: str, feature: int) -> list[int]:
        """Return red, green, blue and alpha of a layer's canvas 30 px left above the middle of a feature."""
        return self.call(
            f"const l = app.layers['{layer}']; const p = app.map.latLngToContainerPoint(l.anchor({feature}));"
            "const r = app.map.getContainer().getBoundingClientRect(); l.flush();"
            "for (const key of Object.keys(l._tiles)) { const c = l._tiles[key].el, b = c.getBoundingClientRect();"
            " const x = p.x + r.left - 30 - b.left, y = p.y + r.top - 30 - b.top;"
            " if (x >= 0 && y >= 0 && x < b.width && y < b.height)"
            "  return Array.from(c.getContext('2d').getImageData(x, y, 1, 1).data); } return null;"
        )


@pytest.fixture(scope="session")
def made_up() -> ModuleType:
    """The factory of made-up audits that the tests of outputs use."""
    name = "landzone_made_up_audit"
    if name not in sys.modules:
        where = Path(__file__).parents[1] / "outputs" / "made_up_audit.py"
        spec = importlib.util.spec_from_file_location(name, where)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    assert CHROMIUM.exists(), f"{CHROMIUM} is missing: make system installs it"
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Opened]]:
    """Open a file; at the end nothing may have been asked of the outside or complained about."""
    made: list[tuple[Any, Opened]] = []

    def opener(path: Path, *, hash_: str = "", width: int = 1366, height: int = 768) -> Opened:
        context = browser.new_context(viewport={"width": width, "height": height})
        opened = Opened(context.new_page())
        page = opened.page
        page.on("request", lambda r: None if r.url.startswith(INSIDE) else opened.outside.append(r.url))
        page.on("console", lambda m: opened.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: opened.complaints.append(str(e)))
        page.on("dialog", lambda d: (opened.complaints.append("dialog " + d.message), d.dismiss()))
        page.goto(path.as_uri() + hash_)
        page.wait_for_function("() => window.landzone && landzone.app && landzone.app.legend")
        opened.settle()
        made.append((context, opened))
        return opened

    yield opener
    for context, opened in made:
        context.close()
        assert opened.outside == []
        assert opened.complaints == []
