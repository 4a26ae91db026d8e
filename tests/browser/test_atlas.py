"""The atlas in a real browser: from the overview to a zone, from a parcel to its page, without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from landzone.outputs import atlas, map_html

pytestmark = pytest.mark.browser

INSIDE = ("file:", "data:", "blob:")


@pytest.fixture
def index(made_up: ModuleType, tmp_path: Path) -> Path:
    made = made_up.make(6, 4)
    map_html.write(made.study, made.result, tmp_path)
    return atlas.write(made.study, made.result, tmp_path)[0]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page; nothing may be asked of the outside or complained about."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    said: list[str] = []
    page.on("request", lambda r: None if r.url.startswith(INSIDE) else said.append(r.url))
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: said.append(str(e)))
    page.on("dialog", lambda d: (said.append("dialog " + d.message), d.dismiss()))

    def opener(path: Path, hash_: str = "", width: int = 1366) -> Page:
        page.set_viewport_size({"width": width, "height": 768})
        page.goto(path.as_uri() + hash_)
        return page

    yield opener
    context.close()
    assert said == []


def wait_for_map(page: Page) -> None:
    page.wait_for_function("() => window.landzone && landzone.app && landzone.app.legend")


def texts(page: Page, selector: str) -> list[str]:
    return page.eval_on_selector_all(selector, "nodes => nodes.map(n => n.textContent)")


def test_a_click_on_a_zone_opens_its_page_and_the_way_leads_on(
    index: Path, opened: Callable[..., Page]
) -> None:
    page = opened(index)
    page.click("svg.zones a >> nth=0")
    wait_for_map(page)
    assert page.url.endswith("/zone-Z1.html")
    assert texts(page, ".lz-bar h1") == ["城东产业集聚区 – 示例产业集聚区"]
    assert texts(page, ".lz-layers li:nth-child(2) em") == ["12"]
    assert texts(page, ".lz-way a") == ["图册总览", "全域地图", "下一区域 ›"]
    page.click(".lz-way a >> nth=2")
    wait_for_map(page)
    assert page.url.endswith("/zone-Z2.html")
    page.click(".lz-way a >> nth=2")
    wait_for_map(page)
    assert page.url.endswith("/map.html")
    assert texts(page, ".lz-layers li:nth-child(2) em") == ["24"]


def test_a_link_to_a_parcel_is_led_to_its_page(index: Path, opened: Callable[..., Page]) -> None:
    page = opened(index, "#parcel=410700211000GB00006")
    wait_for_map(page)
    assert "/zone-Z2.html#parcel=" in page.url
    assert texts(page, ".lz-card h2") == ["410700211000GB00006"]
    page = opened(index.parent / "zone-Z1.html", "#parcel=410700211000GB00005")
    page.wait_for_url("**/zone-Z2.html#parcel=*")
    wait_for_map(page)
    assert texts(page, ".lz-card h2") == ["410700211000GB00005"]


def test_a_link_to_no_parcel_ends_at_the_search(index: Path, opened: Callable[..., Page]) -> None:
    page = opened(index.parent / "zone-Z1.html", "#parcel=nowhere")
    page.wait_for_url("**/index.html#parcel=nowhere")
    assert page.input_value("#find") == "nowhere"
    assert texts(page, "#found li") == ["没有找到"]


def test_zones_and_parcels_are_found_by_typing(index: Path, opened: Callable[..., Page]) -> None:
    page = opened(index)
    page.fill("#find", "southern")
    assert page.locator("#zones tbody tr:visible").count() == 1
    page.fill("#find", "gb0001")
    assert texts(page, "#found li")[0] == "宗地"
    assert len(texts(page, "#found a")) == 10
    page.click("#found a >> nth=0")
    wait_for_map(page)
    assert texts(page, ".lz-card h2") == ["410700211000GB00010"]


def test_a_theme_colours_the_zones_and_opens_its_legend(index: Path, opened: Callable[..., Page]) -> None:
    page = opened(index)

    def fills() -> list[str]:
        return page.eval_on_selector_all(
            "svg.zones path[data-classes]", "n => n.map(p => p.getAttribute('fill'))"
        )

    first = fills()
    page.click("label:has-text('建筑密度') input")
    assert fills() != first
    (legend,) = [t for t in page.query_selector_all(".theme ul") if t.is_visible()]
    assert "分级以规则 S004-DENS 的限值 ≥ 50 % 为界（该规则按区域评价）" in legend.inner_text()
    assert "< 50 %" in legend.inner_text()


@pytest.mark.parametrize("width", [1366, 390])
def test_the_overview_fits_its_screen_and_is_read_by_keyboard(
    index: Path, opened: Callable[..., Page], width: int
) -> None:
    page = opened(index, width=width)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    names = page.eval_on_selector_all("svg.zones a", "n => n.map(a => a.getAttribute('aria-label'))")
    assert sorted(names) == ["Southern Park", "城东产业集聚区"]
    page.focus("svg.zones a >> nth=0")
    page.keyboard.press("Enter")
    wait_for_map(page)
    assert "/zone-Z" in page.url


def test_hostile_names_are_text(made_up: ModuleType, tmp_path: Path, opened: Callable[..., Page]) -> None:
    made = made_up.hostile()
    index = atlas.write(made.study, made.result, tmp_path)[0]
    for name in ("{{ 1234567*7654321 }}", "<img src=x onerror=window.stolen=1>"):
        page = opened(index, "#parcel=" + quote(name, safe=""))
        wait_for_map(page)
        assert texts(page, ".lz-card h2") == [name]
        assert page.evaluate("() => window.stolen") is None
