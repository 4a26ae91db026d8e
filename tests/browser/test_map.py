"""The map in a real browser: what a person does with it, and what hostile names do not do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

import folium
import pytest

from landzone.outputs import map_html

pytestmark = pytest.mark.browser

FIRST = "410700211000GB00001"


@pytest.fixture
def demo(example_folder: Path) -> Path:
    """The audit of the example zone."""
    return example_folder


@pytest.fixture
def small(made_up: ModuleType, tmp_path: Path) -> Path:
    made = made_up.make(4, 3)
    return map_html.write(made.study, made.result, tmp_path)


def test_the_map_says_what_it_is(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small)
    assert opened.texts(".lz-bar h1") == ["示例产业集聚区"]
    assert opened.texts(".lz-meta") == ["审查日 2026-06-30 · 面积：椭球面积（图形量算）"]
    assert opened.texts(".lz-internal") == ["内部资料 注意保管 不得公开"]
    assert opened.page.title() == "示例产业集聚区 – 土地审查地图"
    assert opened.page.get_attribute("html", "lang") == "zh-CN"
    assert opened.page.is_visible(".leaflet-control-scale-line")
    assert opened.page.is_visible(".lz-north")
    assert opened.texts(".leaflet-control-attribution a") == []


def test_parcels_have_the_colour_of_their_class(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small)
    red, green, blue, alpha = opened.colour_at("parcels", 2)
    assert alpha > 200
    assert red > 100
    assert green < 70
    assert blue < 40, "A2 is a dark red-brown"
    opened.page.click("[value=conformity]")
    red, green, blue, alpha = opened.colour_at("parcels", 0)
    assert blue > red, "conforms is blue"


def test_a_click_opens_the_card_of_a_parcel(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small)
    opened.page.mouse.click(*opened.place_of("parcels", 0))
    assert opened.texts(".lz-card h2") == [FIRST]
    (sentence,) = opened.texts(".lz-sentence")
    assert (
        sentence
        == "示例机械1有限公司，位于城东产业集聚区，面积 1.0000 公顷。闲置判定：非闲置。规划符合性：符合。"
    )
    figures = dict(zip(opened.texts(".lz-figures dt"), opened.texts(".lz-figures dd"), strict=True))
    assert figures["面积"] == "10,000.00 m²（1.0000 公顷，15.00 亩）"
    assert figures["建筑密度"] == "20 %"
    assert figures["容积率"] == "0.5"
    assert figures["投资强度"] == "400.00 万元/公顷"
    assert opened.texts(".lz-results strong") == ["两年以上无实质性进展"]
    assert opened.texts(".lz-clause") == ["依据：豫工信企业〔2014〕196号 三(二)"]
    assert opened.page.url.endswith("#parcel=" + FIRST)


def test_the_ground_between_parcels_belongs_to_the_zone(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small)
    x, y = opened.place_of("zones", 0)
    opened.call("app.setTheme(app.layers.parcels, 0)")
    hits = opened.call(
        "return app._hits(app.map.unproject(app.map.project(app.layers.parcels.bounds(0).getSouthWest()).add([-5, 5])))"
        ".map(h => h.layer.name);"
    )
    assert hits == ["zones"]
    assert x > 0
    assert y > 0


def test_what_else_is_here_can_be_chosen(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small)
    opened.page.mouse.click(*opened.place_of("constraints", 0))
    assert opened.texts(".lz-card h2") == ["永久基本农田"]
    also = opened.texts(".lz-also button")
    assert also == ["宗地 410700211000GB00002", "区域 城东产业集聚区"]
    opened.page.click(".lz-also button >> nth=0")
    assert opened.texts(".lz-card h2") == ["410700211000GB00002"]


def test_hovering_tells_the_class(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small)
    x, y = opened.place_of("parcels", 2)
    opened.page.mouse.move(x - 5, y)
    opened.page.mouse.move(x, y)
    opened.page.wait_for_selector(".lz-tip")
    assert opened.texts(".lz-tip span") == ["满两年未动工"]


def test_the_legend_counts_hides_and_follows_the_theme(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small)
    part = ".lz-legend-part[data-layer=parcels] "
    assert opened.texts(part + "h3") == ["宗地 · 疑似闲置"]
    assert sum(int(n) for n in opened.texts(part + ".lz-class-count")) == 12
    opened.page.click(part + ".lz-class >> nth=0")
    assert opened.colour_at("parcels", 2)[3] == 0, "the class of two years is hidden"
    opened.page.click("[value=building_density_ratio]")
    assert opened.texts(part + "h3") == ["宗地 · 建筑密度"]
    (note,) = opened.texts(part + ".lz-note")
    assert note == "分级以规则 S004-DENS 的限值 ≥ 50 % 为界（该规则按区域评价）"
    names = opened.texts(part + ".lz-class-name")
    assert names[-1] == "无数据"
    assert any(name.endswith("– 50 %") for name in names)
    assert any(name.startswith("50 % –") for name in names)


@pytest.mark.parametrize(
    "theme",
    [
        "idle_class",
        "building_density_ratio",
        "floor_area_ratio",
        "investment_intensity_per_ha",
        "conformity",
        "verdict",
    ],
)
def test_every_theme_accounts_for_every_parcel(
    small: Path, open_page: Callable[..., Any], theme: str
) -> None:
    opened = open_page(small)
    opened.page.click(f"[value={theme}]")
    counts = opened.texts(".lz-legend-part[data-layer=parcels] .lz-class-count")
    assert sum(int(n) for n in counts) == 12


@pytest.mark.parametrize(
    ("theme", "sheet"),
    [
        ("building_density_ratio", "density"),
        ("investment_intensity_per_ha", "intensity"),
        ("verdict", "status"),
    ],
)
def test_the_legend_on_paper_is_that_of_the_page(
    demo: Path, open_page: Callable[..., Any], theme: str, sheet: str
) -> None:
    from landzone.io.audit_folder import open_audit
    from landzone.outputs import figures

    opened = open_page(demo / "map.html")
    opened.page.click(f"[value={theme}]")
    part = ".lz-legend-part[data-layer=parcels] "
    names, counts = opened.texts(part + ".lz-class-name"), opened.texts(part + ".lz-class-count")
    note = opened.texts(part + ".lz-note")
    plate = next(plate for key, _, plate in figures.sheets(*open_audit(demo)) if key == sheet)
    paper = [str(entry.get_label()).replace("\n", "") for entry in plate.legend]
    said = [f"{name}  {count}" for name, count in zip(names, counts, strict=True)]
    assert paper[: len(said)] == said
    assert [text.replace(" ", "") for text in paper[len(said) + 1 :]] == [t.replace(" ", "") for t in note]


def test_layers_are_switched_on_and_off(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small)
    opened.page.click("input[data-layer=patches]")
    opened.settle()
    assert opened.texts(".lz-legend-part[data-layer=patches] .lz-class-name") == [
        "冲突",
        "精度差异",
        "一致",
        "规划缺失",
    ]
    opened.page.click("[name=lz-theme-patches][value=type]")
    assert opened.texts(".lz-legend-part[data-layer=patches] .lz-class-name")[0] == "D1 均为建设"
    opened.page.click("input[data-layer=patches]")
    assert opened.texts(".lz-legend-part[data-layer=patches]") == []


def test_the_list_zooms_to_what_is_wrong(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small)
    opened.page.click("#lz-tab-findings")
    assert opened.texts("#lz-tab-findings") == ["问题清单 12"]
    before = opened.call("return app.map.getZoom();")
    opened.page.click(".lz-chip[data-group=fail]")
    titles = opened.texts("#lz-page-findings .lz-row strong")
    assert titles == ["城东产业集聚区", "城东产业集聚区", "410700211000GB00003"]
    opened.page.click("#lz-page-findings .lz-row >> nth=2")
    assert opened.texts(".lz-card h2") == ["410700211000GB00003"]
    assert opened.call("return app.map.getZoom();") > before
    assert opened.call("return app.map.getBounds().contains(app.layers.parcels.bounds(2));")
    opened.page.click(".lz-chip[data-group=conflict]")
    opened.page.click("#lz-page-findings .lz-row >> nth=0")
    assert opened.texts(".lz-card h2") == ["P0003"]
    assert opened.call("return app.map.hasLayer(app.layers.patches);"), "its layer is switched on"


def test_search_by_id_holder_and_project(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small)
    opened.page.click("#lz-tab-parcels_tab")
    rows = "#lz-page-parcels_tab .lz-row strong"
    for query, wanted in {"gb00007": "GB00007", "机械5有限": "GB00005", "机械9 扩建": "GB00009"}.items():
        opened.page.fill(".lz-search", query)
        opened.page.wait_for_function(
            f"() => {{ const n = document.querySelectorAll('{rows}');"
            f" return n.length === 1 && n[0].textContent.endsWith('{wanted}'); }}"
        )
    opened.page.press(".lz-search", "Enter")
    assert opened.texts(".lz-card h2")[0].endswith("GB00009")
    opened.page.fill(".lz-search", "no such parcel")
    opened.page.wait_for_selector("#lz-page-parcels_tab .lz-none")
    opened.page.click(".lz-reset")
    assert len(opened.texts(rows)) == 12


def test_filters_fade_the_others_on_the_map(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small)
    opened.page.click("#lz-tab-parcels_tab")
    opened.page.select_option("[data-filter=idle_class]", label="满一年未动工")
    assert [t[-2:] for t in opened.texts("#lz-page-parcels_tab .lz-row strong")] == ["02"]
    assert opened.texts(".lz-found p") == ["符合条件 1 宗，共 12 宗"]
    red, green, blue, _ = opened.colour_at("parcels", 2)
    assert min(red, green, blue) > 200, "others are pale"
    opened.page.click(".lz-reset")
    opened.page.select_option("[data-filter=verdict]", label="不达标")
    assert [t[-2:] for t in opened.texts("#lz-page-parcels_tab .lz-row strong")] == ["03"]
    opened.page.click(".lz-reset")
    opened.page.select_option("[data-filter=zone]", label="Southern Park")
    assert len(opened.texts("#lz-page-parcels_tab .lz-row strong")) == 6


def test_the_language_switches_everything_at_once(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small)
    opened.page.mouse.click(*opened.place_of("parcels", 2))
    opened.page.click(".lz-language")
    assert opened.texts(".lz-internal") == ["Internal – keep safe, not for publication"]
    assert opened.texts(".lz-tabs button") == ["Layers", "Findings 12", "Search"]
    assert opened.texts(".lz-legend-part[data-layer=parcels] h3") == ["Parcels · Suspected idle"]
    (sentence,) = opened.texts(".lz-sentence")
    assert sentence.endswith(
        "Idle class: Two years without start (suspected). Since 2024-03-16. Conformity with plans: Conflicts."
    )
    assert opened.page.get_attribute("html", "lang") == "en"
    assert opened.page.get_attribute(".leaflet-control-zoom-in", "aria-label") == "Zoom in"
    line = ".lz-legend-part[data-layer=constraints] .lz-class-name"
    assert opened.texts(line) == ["Permanent basic farmland"]
    opened.page.click(".lz-language")
    assert opened.texts(".lz-tabs button")[0] == "图层"
    assert opened.texts(line) == ["永久基本农田"]


def test_a_line_under_a_name_of_the_study_is_called_what_the_catalogue_calls_it(
    made_up: ModuleType, tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    made = made_up.make(lang="en")
    (line,) = made.study.constraints.values()
    for number, (title, called) in enumerate(
        {"洪水风险区": "Flood plain", "一级水源地": "一级水源地"}.items()
    ):
        study = replace(made.study, constraints={"sfha_2010": replace(line, name="sfha_2010", title=title)})
        result = replace(made.result, constraints=made.result.constraints.assign(constraint="sfha_2010"))
        out = tmp_path / str(number)
        out.mkdir()
        opened = open_page(map_html.write(study, result, out))
        assert opened.texts(".lz-legend-part[data-layer=constraints] .lz-class-name") == [called]
        opened.call("app.go(app.layers.constraints, 0)")
        assert opened.texts(".lz-card h2") == [called]


def test_the_first_language_is_that_of_the_audit(
    made_up: ModuleType, tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    made = made_up.make(lang="en")
    opened = open_page(map_html.write(made.study, made.result, tmp_path))
    assert opened.texts(".lz-tabs button")[0] == "Layers"
    chinese = opened.page.eval_on_selector_all(
        ".lz-side, .lz-bar p, .lz-footer, .leaflet-control", "nodes => nodes.map(n => n.innerText).join('')"
    )
    assert not [c for c in chinese if "\u4e00" <= c <= "\u9fff"]


def test_a_link_opens_a_parcel(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small, hash_="#parcel=410700211000GB00007")
    assert opened.texts(".lz-card h2") == ["410700211000GB00007"]
    opened.page.evaluate("() => { location.hash = '#parcel=410700211000GB00008'; }")
    opened.page.wait_for_function("() => document.querySelector('.lz-card h2').textContent.endsWith('8')")
    opened.page.evaluate("() => { location.hash = '#parcel=nobody'; }")
    opened.page.wait_for_function(
        "() => document.querySelector('.lz-found p').textContent.includes('nobody')"
    )


def test_everything_can_be_reached_by_keyboard_and_has_a_name(
    small: Path, open_page: Callable[..., Any]
) -> None:
    opened = open_page(small)
    nameless = opened.page.evaluate(
        "() => [...document.querySelectorAll('button, input, select, a[role=button]')].filter(n =>"
        " !n.textContent.trim() && !n.getAttribute('aria-label') && !(n.labels && n.labels.length)).length"
    )
    assert nameless == 0
    opened.page.focus("#lz-tab-layers")
    opened.page.keyboard.press("ArrowRight")
    assert opened.page.get_attribute("#lz-tab-findings", "aria-selected") == "true"
    opened.page.keyboard.press("Tab")
    opened.page.keyboard.press("Tab")
    assert opened.page.evaluate("() => document.activeElement.className").startswith("lz-chip")


def test_hostile_names_are_text_and_nothing_else(
    made_up: ModuleType, tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    made = made_up.hostile()
    opened = open_page(map_html.write(made.study, made.result, tmp_path))
    assert opened.texts(".lz-bar h1") == [made_up.HOSTILE[0] + made_up.HOSTILE[1]]
    opened.page.click("#lz-tab-parcels_tab")
    assert sorted(opened.texts("#lz-page-parcels_tab .lz-row strong")) == sorted(made_up.HOSTILE)
    opened.page.click("#lz-tab-findings")
    assert opened.page.query_selector_all("#lz-page-findings .lz-row")
    for place in range(12):
        opened.call(f"app.go(app.layers.parcels, {place})")
        (name,) = opened.texts(".lz-card h2")
        assert name in made_up.HOSTILE
        assert opened.texts(".lz-clause") == ["依据：豫工信企业〔2014〕196号 ${alert(1)}"]
        assert name + "·" in opened.texts(".lz-figures dd")
        assert opened.page.evaluate("() => decodeURIComponent(location.hash.slice(8))") == name
    assert opened.page.evaluate("() => window.stolen") is None
    assert str(1234567 * 7654321) not in opened.page.content()
    assert opened.page.query_selector_all("img[src=x]") == []


@pytest.mark.parametrize(
    "name", ["{{ 1234567*7654321 }}", "地块{#1号", "<img src=x onerror=window.stolen=1>"]
)
def test_a_link_to_a_hostile_name_works(
    made_up: ModuleType, tmp_path: Path, open_page: Callable[..., Any], name: str
) -> None:
    made = made_up.hostile()
    opened = open_page(
        map_html.write(made.study, made.result, tmp_path), hash_="#parcel=" + quote(name, safe="")
    )
    assert opened.texts(".lz-card h2") == [name]


def test_the_map_works_on_a_phone(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small, width=390, height=780)
    assert not opened.page.is_visible(".lz-side")
    opened.page.click(".lz-tool-panel")
    opened.page.click("#lz-tab-findings")
    opened.page.click("#lz-page-findings .lz-row >> nth=1")
    assert not opened.page.is_visible(".lz-side")
    box = opened.page.query_selector(".leaflet-popup-content-wrapper").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert opened.page.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_printing_shows_map_title_legend_and_no_panel(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small)
    opened.page.emulate_media(media="print")
    opened.page.evaluate("() => { window.dispatchEvent(new Event('beforeprint')); }")
    for selector in (".lz-bar h1", ".lz-internal", ".lz-legend", ".lz-north", ".leaflet-control-scale-line"):
        assert opened.page.is_visible(selector), selector
    for selector in (".lz-side", ".lz-tools", ".leaflet-control-zoom"):
        assert not opened.page.is_visible(selector), selector
    assert opened.call("return app.layers.parcels._queue.length;") == 0


def test_folium_layers_of_the_user_live_beside_ours(
    made_up: ModuleType, tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    made = made_up.make()
    page = map_html.build(made.study, made.result)
    folium.Marker([32.9945, 114.001], popup="my note", tooltip="hint").add_to(page)
    folium.CircleMarker([32.9942, 114.0015], radius=9, popup="circle").add_to(page)
    folium.LayerControl(collapsed=False).add_to(page)
    page.save(tmp_path / "own.html")
    opened = open_page(tmp_path / "own.html")
    opened.page.click(".leaflet-marker-icon")
    opened.page.wait_for_function(
        "() => document.querySelector('.leaflet-popup').textContent.includes('my note')"
    )
    opened.page.click(".leaflet-control-layers-overlays label:has-text('patches')")
    assert opened.call("return app.boxes.patches.checked;"), "our panel follows folium's layer control"


def test_thirteen_thousand_parcels_open_and_move_quickly(
    made_up: ModuleType, tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    made = made_up.make(115, 115, corners=16)
    opened = open_page(map_html.write(made.study, made.result, tmp_path))
    assert opened.call("return performance.now();") < 20_000
    drawn = opened.call(
        "const t = performance.now();"
        "[app.layers.parcels, app.layers.buildings].forEach(l => { l.repaint(); l.flush(); });"
        "return performance.now() - t;"
    )
    assert drawn < 5_000
    opened.call("app.map.setZoom(app.map.getZoom() + 2, {animate: false})")
    opened.settle()
    opened.call("app.map.setZoom(app.map.getZoom() - 4, {animate: false})")
    opened.settle()


@pytest.mark.parametrize(
    ("columns", "rows", "most"), [(142, 141, 3_000_000), (317, 316, 12_000_000)], ids=["20,000", "100,000"]
)
def test_many_parcels_open_from_disk_and_ask_for_nothing(
    made_up: ModuleType, tmp_path: Path, open_page: Callable[..., Any], columns: int, rows: int, most: int
) -> None:
    made = made_up.make(columns, rows, corners=14)
    path = map_html.write(made.study, made.result, tmp_path)
    assert path.stat().st_size <= most
    opened = open_page(path)
    assert opened.texts(".lz-layers li:nth-child(2) em") == [f"{columns * rows:,}"]
    opened.call("app.map.setZoom(app.map.getZoom() + 3, {animate: false})")
    opened.settle()
    middle = columns * rows // 2
    opened.call(f"app.go(app.layers.parcels, {middle})")
    assert opened.texts(".lz-card h2") == [made.result.parcels["parcel_id"].iloc[middle]]


def test_parcels_are_filtered_by_area(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small)
    opened.page.click("#lz-tab-parcels_tab")
    opened.page.fill("[data-filter=least]", "1.0")
    assert opened.texts(".lz-found p") == ["符合条件 12 宗，共 12 宗"]
    opened.page.fill("[data-filter=least]", "1.01")
    assert opened.texts(".lz-found p") == ["符合条件 0 宗，共 12 宗"]
    opened.page.click(".lz-reset")
    assert opened.page.input_value("[data-filter=least]") == ""


def test_conflicts_are_filtered_by_the_two_plans(demo: Path, open_page: Callable[..., Any]) -> None:
    import pyogrio

    opened = open_page(demo / "map.html")
    opened.page.click("#lz-tab-findings")
    opened.page.click(".lz-chip[data-group=conflict]")
    patches = pyogrio.read_dataframe(demo / "audit.gpkg", layer="patches", read_geometry=False)
    conflicts = patches[patches["kind"] == "conflict"]
    both = conflicts["disputing_plans"].str.split("|").map({"city_plan", "land_use_plan"}.issubset)
    opened.page.select_option("[data-filter=pair]", value="city_plan|land_use_plan")
    shown = opened.texts("#lz-page-findings .lz-row strong")
    assert 0 < len(shown) < len(conflicts)
    assert sorted(shown) == sorted(conflicts.loc[both, "patch_id"])


def test_two_plans_are_compared_across_a_line(demo: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(demo / "map.html")
    opened.page.check("[data-compare=on]")
    opened.page.select_option("[data-compare=right]", value="plan:land_use_plan")
    titles = opened.texts(".lz-legend-part[data-layer=patches] h3")
    assert titles == ["差异图斑 · 城市总体规划", "差异图斑 · 土地利用总体规划"]
    assert not opened.call("return app.map.hasLayer(app.layers.parcels);")
    opened.page.focus(".lz-compare-bar")
    opened.page.keyboard.press("ArrowRight")
    assert opened.page.get_attribute(".lz-compare-bar", "aria-valuenow") == "55"
    clips = opened.call(
        "return [0, 1].map(k => app.map.getPane('lz-compare-' + k).style.clip.match(/-?[0-9]+/g).map(Number));"
    )
    assert clips[0][1] == clips[1][3], "the left side ends where the right one begins"
    opened.page.uncheck("[data-compare=on]")
    assert opened.call(
        "return app.map.hasLayer(app.layers.parcels) && app.map.hasLayer(app.layers.buildings);"
    )


def test_positions_are_told_in_the_plane_of_the_study(demo: Path, open_page: Callable[..., Any]) -> None:
    import re

    import pyproj

    opened = open_page(demo / "map.html")
    opened.page.mouse.move(700, 400)
    (text,) = opened.texts(".lz-position")
    lon, lat, north, east = map(float, re.findall(r"[0-9]+[.][0-9]+", text))
    wanted = pyproj.Transformer.from_crs(4490, 4526, always_xy=True).transform(lon, lat)
    assert abs(east - wanted[0]) < 0.2
    assert abs(north - wanted[1]) < 0.2


def test_measuring_tells_length_and_area_and_opens_no_card(
    small: Path, open_page: Callable[..., Any]
) -> None:
    opened = open_page(small)
    opened.page.click(".lz-measure")
    for corner in ("getSouthWest", "getSouthEast", "getNorthEast", "getNorthWest"):
        x, y = opened.call(
            f"const p = app.map.latLngToContainerPoint(app.layers.parcels.bounds(0).{corner}());"
            "const r = app.map.getContainer().getBoundingClientRect(); return [p.x + r.left, p.y + r.top];"
        )
        opened.page.mouse.click(x, y)
    (text,) = opened.texts(".lz-measured")
    assert text.startswith("长约 ")
    hectares = float(text.split("（")[1].split(" 公顷")[0])
    assert 0.97 < hectares < 1.03, "parcel 0 is 100 m by 100 m, clicked to the pixel"
    assert "仅供参考" in text
    assert opened.page.query_selector_all(".lz-card") == []
    opened.page.keyboard.press("Escape")
    assert not opened.page.is_visible(".lz-measured")


@pytest.mark.parametrize(
    ("sheet", "width"), [("A4-landscape", 1046), ("A3-landscape", 1510), ("A4-portrait", 716)]
)
def test_the_page_takes_the_size_of_the_sheet(
    small: Path, open_page: Callable[..., Any], sheet: str, width: int
) -> None:
    opened = open_page(small)
    opened.page.select_option(".lz-sheet", value=sheet)
    opened.page.evaluate("() => { window.dispatchEvent(new Event('beforeprint')); }")
    assert opened.page.evaluate("() => document.querySelector('.lz-app').offsetWidth") == width
    assert opened.page.is_visible(".lz-legend")
    assert not opened.page.is_visible(".lz-measure")


def test_the_public_map_tells_no_positions_and_no_holder(
    demo: Path, tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    import shutil

    from landzone import rendering

    shutil.copytree(demo, tmp_path / "public")
    opened = open_page(rendering.render(tmp_path / "public", public=True) / "map.html")
    assert opened.texts(".lz-internal") == ["本图未经地图审核，不得向社会公开"]
    assert opened.texts(".lz-position") == []
    opened.call("app.go(app.layers.parcels, 3)")
    assert "使用权人" not in opened.texts(".lz-figures dt")
    assert "有限公司" not in opened.page.content()


def test_a_local_basemap_is_seen_without_any_request(
    made_up: ModuleType, tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    import numpy as np
    import rasterio
    from rasterio.transform import from_bounds

    made = made_up.make()
    path = tmp_path / "ortho.tif"
    options = {"driver": "GTiff", "width": 8, "height": 8, "count": 3, "dtype": "uint8", "crs": "EPSG:4326"}
    with rasterio.open(path, "w", transform=from_bounds(113.9, 32.9, 114.1, 33.1, 8, 8), **options) as target:
        target.write(np.full((3, 8, 8), 120, dtype=np.uint8))
    (tmp_path / "map.html").write_text(
        map_html.build(made.study, made.result, str(path)).page(), encoding="utf-8"
    )
    opened = open_page(tmp_path / "map.html")
    assert opened.page.eval_on_selector(".leaflet-image-layer", "image => image.naturalWidth") > 0


def test_what_is_not_seen_is_not_decoded(small: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(small)
    opened.settle()
    made = "Object.keys({0}).filter(k => landzone.made({0}, k)).sort()"
    decoded = (
        "return Object.values(app.layers).filter(l => landzone.made(l.source, 'space')).map(l => l.name);"
    )
    shown = ["buildings", "constraints", "parcels", "zones"]
    assert sorted(opened.call(decoded)) == shown
    assert opened.call("return " + made.format("app.layers.parcels.columns")) == ["class:idle_class"]
    assert opened.call("return " + made.format("app.facts.results")) == []
    assert opened.call("return [landzone.made(app, 'findingList'), landzone.made(app, 'parcelList')];") == [
        False,
        False,
    ]
    opened.page.click("input[data-layer=patches]")
    opened.settle()
    assert sorted(opened.call(decoded)) == sorted([*shown, "patches"])


def test_both_sides_of_a_comparison_are_drawn_from_one_copy_of_the_shapes(
    demo: Path, open_page: Callable[..., Any]
) -> None:
    opened = open_page(demo / "map.html")
    opened.page.check("[data-compare=on]")
    opened.settle()
    assert opened.call(
        "const [a, b] = app.compare.shown(), own = app.layers.patches;"
        "return a !== b && a.space === own.space && b.space === own.space;"
    )
