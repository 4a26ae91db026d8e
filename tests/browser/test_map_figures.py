"""What the page of the example zone says, held against its audit.gpkg, and what a person at the keyboard can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pandas as pd
import pyogrio
import pytest

from landzone.catalog import load
from landzone.outputs import map_html
from landzone.outputs.map_html import content

pytestmark = pytest.mark.browser

WORDS = load.table("labels/map.toml")
EVIDENCE = load.table("labels/evidence.toml")


@pytest.fixture
def demo(example_folder: Path) -> Path:
    """The audit of the example zone."""
    return example_folder


def table(demo: Path, name: str) -> pd.DataFrame:
    return pyogrio.read_dataframe(demo / "audit.gpkg", layer=name, read_geometry=False)


def legend(opened: Any, layer: str) -> dict[str, int]:
    part = f".lz-legend-part[data-layer={layer}] "
    names, counts = opened.texts(part + ".lz-class-name"), opened.texts(part + ".lz-class-count")
    return {name: int(count.replace(",", "")) for name, count in zip(names, counts, strict=True)}


def counted(values: pd.Series, words: Any) -> dict[str, int]:
    found = values.fillna("missing").replace("", "missing").value_counts()
    return {words[code]["zh"]: int(n) for code, n in found.items()}


@pytest.mark.parametrize("theme", ["idle_class", "conformity"])
def test_the_legend_counts_the_parcels_of_the_table(
    demo: Path, open_page: Callable[..., Any], theme: str
) -> None:
    opened = open_page(demo / "map.html")
    opened.page.click(f"[value={theme}]")
    assert legend(opened, "parcels") == counted(table(demo, "parcels")[theme], WORDS[theme])


@pytest.mark.parametrize("theme", ["kind", "severity", "type"])
def test_the_legend_counts_the_patches_of_the_table(
    demo: Path, open_page: Callable[..., Any], theme: str
) -> None:
    opened = open_page(demo / "map.html")
    opened.page.click("input[data-layer=patches]")
    opened.page.click(f"[name=lz-theme-patches][value={theme}]")
    assert legend(opened, "patches") == counted(table(demo, "patches")[theme], WORDS[theme])


def test_contradictions_are_a_layer_with_its_own_list(demo: Path, open_page: Callable[..., Any]) -> None:
    rows = table(demo, "contradictions")
    opened = open_page(demo / "map.html")
    assert not opened.call("return app.map.hasLayer(app.layers.contradictions);"), (
        "leads are shown when asked for"
    )
    opened.page.click("input[data-layer=contradictions]")
    assert legend(opened, "contradictions") == counted(rows["kind"], EVIDENCE)
    opened.page.click("[name=lz-theme-contradictions][value=strength]")
    assert legend(opened, "contradictions") == counted(rows["strength"], EVIDENCE)
    opened.page.click("#lz-tab-findings")
    opened.page.click(".lz-chip[data-group=contradiction]")
    assert opened.texts("#lz-page-findings .lz-row strong") == rows["parcel_id"].tolist()
    opened.page.click("#lz-page-findings .lz-row >> nth=1")
    figures = dict(zip(opened.texts(".lz-figures dt"), opened.texts(".lz-figures dd"), strict=True))
    assert figures["不符之处"] == EVIDENCE[rows["kind"][1]]["zh"]
    assert figures["面积"].startswith(f"{rows['area_m2'][1]:,.2f} m²")
    assert "须现场核实" in opened.texts(".lz-sentence")[0]


def test_the_card_of_every_parcel_says_what_the_table_says(demo: Path, open_page: Callable[..., Any]) -> None:
    rows = table(demo, "parcels")
    opened = open_page(demo / "map.html")
    for place in range(0, len(rows), 8):
        opened.call(f"app.go(app.layers.parcels, {place})")
        row = rows.iloc[place]
        assert opened.texts(".lz-card h2") == [row["parcel_id"]]
        figures = dict(zip(opened.texts(".lz-figures dt"), opened.texts(".lz-figures dd"), strict=True))
        assert figures["面积"].split(" m²")[0] == f"{row['area_m2']:,.2f}"
        assert figures["疑似闲置"] == WORDS["idle_class"][row["idle_class"]]["zh"]
        density = figures.get("建筑密度")
        if pd.isna(row["building_density_ratio"]):
            assert density is None
        else:
            assert float(density.removesuffix(" %")) == pytest.approx(
                row["building_density_ratio"] * 100, abs=5e-3
            )
        money = row["investment_intensity_wan_cny_per_ha"]
        shown = figures.get("投资强度")
        assert (shown is None) == pd.isna(money)
        if shown is not None:
            assert shown == f"{money:,.2f} 万元/公顷"


def test_the_list_holds_every_failure_conflict_and_hit_of_the_tables(
    demo: Path, open_page: Callable[..., Any]
) -> None:
    patches, findings = table(demo, "patches"), table(demo, "findings")
    wanted = {
        "控制线": len(table(demo, "constraints")),
        "规划冲突": int((patches["kind"] == "conflict").sum()),
        "现状冲突": len(table(demo, "use_conflicts")),
        "账实不符": len(table(demo, "contradictions")),
        "闲置": int(table(demo, "parcels")["idle_class"].isin(["A1", "A2", "A_gov", "A_pending", "B"]).sum()),
    }
    failed = findings[findings["verdict"] == "fail"]
    wanted["不达标"] = int((failed["subject_kind"] != "region").sum())
    opened = open_page(demo / "map.html")
    opened.page.click("#lz-tab-findings")
    chips = dict(text.rsplit(" ", 1) for text in opened.texts(".lz-chip"))
    assert {name: int(count) for name, count in chips.items() if name != "全部"} == wanted
    assert int(chips["全部"]) == sum(wanted.values())


def test_the_foot_names_the_sources(demo: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(demo / "map.html")
    (foot,) = opened.texts(".lz-footer")
    assert foot.startswith(
        "数据：buildings.gpkg、constraints.gpkg、ledger.xlsx、parcels.shp、plans.gpkg、zones.gpkg。"
    )


def test_too_many_buildings_are_left_out_and_said(
    made_up: ModuleType, tmp_path: Path, open_page: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = made_up.make(4, 3)
    few = {**load.table("map.toml"), "most_buildings": 11}
    table_of = load.table
    patched = SimpleNamespace(table=lambda name: few if name == "map.toml" else table_of(name))
    monkeypatch.setattr(content, "load", patched)
    opened = open_page(map_html.write(made.study, made.result, tmp_path))
    assert opened.texts(".lz-left-out") == [
        "建筑 12 幢未上图：数量太多；全部在 audit.gpkg 中，分区图册（render --atlas）按区域显示。"
    ]
    assert opened.texts("input[data-layer=buildings]") == []
    monkeypatch.setattr(content, "load", load)
    opened = open_page(map_html.write(made.study, made.result, tmp_path))
    assert opened.texts(".lz-left-out") == []


def test_a_row_chosen_by_keyboard_is_read_closed_and_left(demo: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(demo / "map.html")
    opened.page.click("#lz-tab-findings")
    opened.page.focus("#lz-page-findings .lz-row >> nth=2")
    title = opened.texts("#lz-page-findings .lz-row strong")[2]
    opened.page.keyboard.press("Enter")
    label = opened.page.evaluate("() => document.activeElement.getAttribute('aria-label')")
    assert label.endswith(title)
    opened.page.keyboard.press("Escape")
    assert opened.texts(".lz-card") == []
    assert opened.page.evaluate("() => document.activeElement.className") == "lz-row"
    assert opened.page.evaluate("() => document.activeElement.querySelector('strong').textContent") == title


@pytest.mark.parametrize("more", [[], ["patches", "contradictions", "use_conflicts"]])
def test_an_office_screen_shows_everything_and_nothing_lies_on_anything(
    demo: Path, open_page: Callable[..., Any], more: list[str]
) -> None:
    opened = open_page(demo / "map.html", width=1366, height=768)
    for name in more:
        opened.page.check(f"input[data-layer={name}]")
    assert opened.page.evaluate("() => document.documentElement.scrollWidth") <= 1366
    parts = (
        ".lz-side", ".lz-legend", ".leaflet-control-zoom", ".lz-north", ".lz-measure",
        ".leaflet-control-scale-line", ".lz-position", ".lz-footer", ".lz-bar",
    )  # fmt: skip
    boxes = {name: opened.page.query_selector(name).bounding_box() for name in parts}
    for name, box in boxes.items():
        assert box["x"] >= 0, name
        assert box["y"] >= 0, name
        assert box["x"] + box["width"] <= 1366.5, name
        assert box["y"] + box["height"] <= 768.5, name
    names = list(boxes)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            a, b = boxes[one], boxes[other]
            apart = (
                a["x"] + a["width"] <= b["x"] + 0.5 or b["x"] + b["width"] <= a["x"] + 0.5
                or a["y"] + a["height"] <= b["y"] + 0.5 or b["y"] + b["height"] <= a["y"] + 0.5
            )  # fmt: skip
            assert apart, (one, other)


def test_the_legend_hides_no_land_when_the_map_opens(demo: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(demo / "map.html", width=1366, height=768)
    east = opened.call(
        "const b = app.about.bounds, p = app.map.latLngToContainerPoint([b[1], b[2]]);"
        "return p.x + app.map.getContainer().getBoundingClientRect().left;"
    )
    assert east < opened.page.query_selector(".lz-legend").bounding_box()["x"]


def test_the_map_opens_with_a_theme_that_tells_something(
    made_up: ModuleType, tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    made = made_up.make(4, 3)
    parcels = made.result.parcels.assign(idle_class="unknown")
    unknown = replace(made, result=replace(made.result, parcels=parcels))
    opened = open_page(map_html.write(unknown.study, unknown.result, tmp_path))
    theme = opened.page.eval_on_selector("[name=lz-theme-parcels]:checked", "radio => radio.value")
    assert theme != "idle_class"
    assert opened.call("return app.layers.parcels.current.key;") == theme
