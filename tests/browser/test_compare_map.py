"""The map of two audits in a real browser: what moved, the line between both, and names that are attacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from landzone.comparing import held_against
from landzone.outputs.map_html import comparison

pytestmark = pytest.mark.browser

RUN: dict[str, Any] = {
    "inputs": [], "rule_packs": [], "plans": [], "constraints": [], "versions": {}, "settings": {},
}  # fmt: skip


def complete(made: Any, as_of: str) -> Any:
    """Give a made-up audit the columns and the record that a comparison asks of a saved one."""
    result = made.result
    patches = result.patches.assign(
        match_key=["K1", "K2", "K3", "K4"], disputing_plans="city_plan|land_use_plan"
    )
    uses = result.use_conflicts.assign(present="present_use", type="D12", severity="medium")
    return replace(
        made, result=replace(result, patches=patches, use_conflicts=uses, run={**RUN, "as_of": as_of})
    )


def later(made: Any) -> Any:
    """Return the audit a year later.

    Parcel 3 (A2) is built on, parcel 1 falls idle, parcel 12 is gone; the finding on the project of parcel 3 is met;
    conflict P0003 is solved and P0005 is new.
    """
    result = made.result
    ids = result.parcels["parcel_id"].tolist()
    idle = result.parcels["idle_class"].tolist()
    idle[2], idle[0] = "not_idle", "A1"
    parcels = result.parcels.assign(idle_class=idle).iloc[:-1]
    own = result.findings["subject_id"] == f"E-{ids[2]}"
    findings = result.findings.assign(
        verdict=result.findings["verdict"].where(~own, "pass"),
        observed=result.findings["observed"].where(~own, 0.0),
    )
    patches = result.patches.copy()
    patches.loc[2, ["kind", "type", "severity"]] = ["agree", "D1", "none"]
    x0, y0, _, _ = result.patches.geometry.iloc[3].bounds
    fresh = patches.iloc[[3]].assign(
        patch_id="P0005", kind="conflict", type="D7", severity="high", match_key="K5"
    )
    fresh = fresh.set_geometry([shapely.box(x0, y0, x0 + 50, y0 + 40)], crs=patches.crs).assign(
        area_m2=2000.0
    )
    rest = patches.geometry.iloc[3].difference(fresh.geometry.iloc[0])
    patches = patches.set_geometry([*patches.geometry.iloc[:3], rest], crs=patches.crs)
    patches["area_m2"] = patches.area
    whole = gpd.GeoDataFrame(pd.concat([patches, fresh], ignore_index=True), crs=patches.crs)
    return replace(made, result=replace(result, parcels=parcels, findings=findings, patches=whole))


def page_of(old: Any, new: Any, folder: Path, lang: str = "zh") -> Path:
    study, found = held_against((old.study, old.result), (new.study, new.result), lang)
    return comparison.write(study, old.study, old.result, new.result, found, folder)


@pytest.fixture
def page(made_up: ModuleType, tmp_path: Path) -> Path:
    old = complete(made_up.make(4, 3), "2025-06-30")
    new = later(complete(made_up.make(4, 3), "2026-06-30"))
    new = replace(new, result=replace(new.result, as_of=pd.Timestamp("2026-06-30").date()))
    old = replace(old, result=replace(old.result, as_of=pd.Timestamp("2025-06-30").date()))
    return page_of(old, new, tmp_path)


def test_the_page_says_which_audits_it_compares(page: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(page)
    assert opened.texts(".lz-meta")[0].startswith("审查日 2025-06-30 → 2026-06-30")
    assert opened.page.title() == "示例产业集聚区 – 两次审查对照地图"
    assert opened.texts(".lz-layers label span")[:3] == ["结论变化的宗地", "闲置类别变化", "新增、消除的冲突"]
    counts = dict(zip(opened.texts(".lz-layers label span"), opened.texts(".lz-layers em"), strict=True))
    assert [counts[k] for k in ("结论变化的宗地", "闲置类别变化", "新增、消除的冲突", "宗地")] == [
        "1",
        "3",
        "2",
        "11",
    ]


def test_the_legend_names_what_moved(page: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(page)
    part = ".lz-legend-part[data-layer={}] .lz-class-name"
    assert opened.texts(part.format("idle_changes")) == ["变为疑似闲置", "不再疑似闲置", "消失宗地"]
    assert opened.texts(part.format("conflict_changes")) == ["新增", "消除"]
    assert opened.texts(part.format("verdict_changes")) == ["变为达标"]


def test_the_list_tells_every_change_and_opens_its_card(page: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(page)
    assert opened.texts("#lz-tab-findings") == ["变化清单 6"]
    opened.page.click("#lz-tab-findings")
    assert opened.texts(".lz-chip") == ["全部 6", "结论变化 1", "闲置变化 3", "冲突变化 2"]
    opened.page.click(".lz-chip[data-group=verdict_change]")
    assert opened.texts("#lz-page-findings .lz-row-text span")[0].endswith("：不达标 → 达标")
    opened.page.click("#lz-page-findings .lz-row >> nth=0")
    assert opened.texts(".lz-card h2")[0].endswith("GB00003")
    assert opened.texts(".lz-moves li")[0].endswith("：不达标 → 达标")
    opened.page.click(".lz-chip[data-group=conflict_change]")
    assert opened.texts("#lz-page-findings .lz-row-text span") == ["新增：0 m² → 2,000.00 m²", solved(opened)]
    opened.page.click("#lz-page-findings .lz-row >> nth=0")
    figures = dict(zip(opened.texts(".lz-figures dt"), opened.texts(".lz-figures dd"), strict=True))
    assert figures["类型（新）"] == "D7 用途不同"
    assert figures["面积（新）"] == "2,000.00 m²（0.2000 公顷，3.00 亩）"


def solved(opened: Any) -> str:
    area = opened.call(
        "const l = app.layers.conflict_changes; return l.value('area_old_m2', l.columns.id.indexOf('P0003'));"
    )
    return f"消除：{area:,.2f} m² → 0 m²"


def test_the_line_parts_the_two_audits(page: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(page)
    opened.page.check("[data-compare=on]")
    opened.page.select_option("[data-compare=theme]", "parcels:idle_class")
    assert opened.texts(".lz-compare-name") == ["旧 2025-06-30", "新 2026-06-30"]
    assert opened.texts("[data-compare=theme] option")[0] == "宗地 · 疑似闲置"
    sides = opened.call(
        "const third = l => l.columns.id.findIndex(i => i.endsWith('GB00003'));"
        "return app.compare.shown().map(l => l.current.classes[l.places[third(l)]].code);"
    )
    assert sides == ["A2", "not_idle"]
    heads = opened.texts(".lz-legend-part[data-layer=parcels] h3")
    assert heads == ["旧 2025-06-30 · 疑似闲置", "新 2026-06-30 · 疑似闲置"]
    assert not opened.call("return app.map.hasLayer(app.layers.idle_changes);"), (
        "what covers both sides is put away"
    )
    clip = "return ['lz-compare-0', 'lz-compare-1'].map(p => app.map.getPane(p).style.clip);"
    before = opened.call(clip)
    opened.page.focus(".lz-compare-bar")
    opened.page.keyboard.press("ArrowRight")
    after = opened.call(clip)
    assert opened.page.get_attribute(".lz-compare-bar", "aria-valuenow") == "55"
    assert before[0] != after[0]
    assert before[1] != after[1]
    opened.page.select_option("[data-compare=theme]", "patches:kind")
    kinds = opened.call(
        "return app.compare.shown().map(l => [l.payload.layer, l.count, app.map.hasLayer(l)]);"
    )
    assert kinds == [["patches", 4, True], ["patches", 5, True]]
    opened.page.uncheck("[data-compare=on]")
    assert opened.call("return app.map.hasLayer(app.layers.idle_changes);")
    assert opened.call("return app.compare.shown().some(l => app.map.hasLayer(l));") is False


def test_one_colour_means_one_thing_on_both_sides(page: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(page)
    opened.page.check("[data-compare=on]")
    for theme in opened.page.eval_on_selector_all("[data-compare=theme] option", "n => n.map(o => o.value)"):
        opened.page.select_option("[data-compare=theme]", theme)
        classes = opened.call("return app.compare.shown().map(l => JSON.stringify(l.current.classes));")
        assert classes[0] == classes[1], theme


def test_the_language_switch_reaches_everything(page: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(page)
    opened.page.click(".lz-language")
    assert opened.texts("#lz-tab-findings") == ["Changes 6"]
    opened.page.check("[data-compare=on]")
    assert opened.texts(".lz-compare-name") == ["Old, 2025-06-30", "New, 2026-06-30"]
    opened.page.click("#lz-tab-findings")
    opened.page.click(".lz-chip[data-group=idle_change]")
    assert "Two years without start → Not idle" in opened.texts("#lz-page-findings .lz-row-text span")


def test_names_that_are_attacks_stay_names(
    made_up: ModuleType, tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    old = complete(made_up.hostile(), "2025-06-30")
    opened = open_page(page_of(old, later(complete(made_up.hostile(), "2026-06-30")), tmp_path))
    assert opened.call("return window.stolen;") is None
    assert str(1234567 * 7654321) not in (tmp_path / comparison.FILE_NAME).read_text("utf-8")
    opened.page.click("#lz-tab-findings")
    shown = opened.texts("#lz-page-findings .lz-row strong")
    known = opened.call("return app.layers.idle_changes.columns.id;")
    assert set(known) <= set(shown)
    assert set(known) <= set(made_up.hostile().result.parcels["parcel_id"])
    opened.page.check("[data-compare=on]", force=True) if opened.page.is_visible(
        "[data-compare=on]"
    ) else None
    policy = opened.page.get_attribute("meta[http-equiv=Content-Security-Policy]", "content")
    assert "default-src 'none'" in policy


def test_boundaries_stay_in_sight_and_the_compared_classes_come_first(
    page: Path, open_page: Callable[..., Any]
) -> None:
    opened = open_page(page)
    opened.page.check("[data-compare=on]")
    above = opened.call(
        "const z = l => Number(getComputedStyle(l.getPane()).zIndex);"
        "return [...app.compare.shown().map(z), z(app.layers.constraints), z(app.layers.zones)];"
    )
    assert max(above[:2]) < min(above[2:])
    parts = opened.page.eval_on_selector_all(".lz-legend-part", "nodes => nodes.map(n => n.dataset.layer)")
    assert parts[:2] == ["parcels", "parcels"]
