"""Static maps: never a box where a letter should be, the same bytes twice."""

from __future__ import annotations

import io
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyproj
import pytest
import shapely
from matplotlib.colors import to_hex
from PIL import Image

from landzone.outputs import figures, furniture, sheet_fonts
from landzone.outputs.map_html import content
from landzone.outputs.outlines import outlines
from landzone.outputs.report_content import build

KEYS = ["status", "density", "intensity", "idle", "conflicts", "constraints"]


def test_one_map_for_each_theme_without_a_warning(made_up: Any) -> None:
    made = made_up.make(5, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pictures = figures.draw(made.study, made.result)
    assert [picture.key for picture in pictures] == KEYS == list(figures.KEYS)
    for picture in pictures:
        with Image.open(io.BytesIO(picture.png)) as image:
            assert image.size[0] > 1000
            assert "Software" not in image.info
            assert len(image.convert("RGB").getcolors(1_000_000)) > 20


def test_a_theme_of_which_nothing_is_known_has_no_map(made_up: Any) -> None:
    made = made_up.make(3, 2)
    parcels = made.result.parcels.assign(
        building_density_ratio=float("nan"),
        investment_intensity_wan_cny_per_ha=float("nan"),
        idle_class="unknown",
    )
    findings = made.result.findings.iloc[:0]
    bare = replace(made.result, parcels=parcels, findings=findings, patches=made.result.patches.iloc[:0])
    pictures = {picture.key: picture.title for picture in figures.draw(made.study, bare)}
    assert pictures == {"status": "区域与宗地", "constraints": "控制线占用与宗地规划符合性"}


def test_the_breaks_and_counts_of_a_sheet_are_those_of_the_interactive_map(made_up: Any) -> None:
    made = made_up.make(5, 4)
    layer = content.layers(made.study, made.result)["parcels"].payload
    themes = {theme["key"]: theme for theme in layer["themes"]}
    drawn = {key: plate for key, _, plate in figures.sheets(made.study, made.result)}
    edges = [(entry.get("from"), entry.get("to")) for entry in themes["building_density_ratio"]["classes"]]
    assert [low for low, _ in edges[1:-1]] == [high for _, high in edges[:-2]]
    labels = [entry.get_label() for entry in drawn["density"].legend]
    assert any("50 % –" in label for label in labels), "split at the limit of the rule"
    assert sum(int(label.rpartition(" ")[2]) for label in labels[:-2]) == 20
    fills = {str(entry["fill"]) for entry in themes["building_density_ratio"]["classes"]}
    shown = {to_hex(entry.get_facecolor()) for entry in drawn["density"].legend[:-2]}
    assert shown <= fills


def test_sheets_are_written_as_pictures_and_as_pages_for_print(made_up: Any, tmp_path: Path) -> None:
    made = made_up.make(3, 2)
    paths = figures.write(made.study, made.result, tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        f"maps/{key}.{form}" for key in KEYS for form in ("png", "pdf")
    ]
    before = {path.name: path.read_bytes() for path in paths}
    page = before["idle.pdf"]
    assert page.startswith(b"%PDF-1.")
    assert b"/CreationDate" not in page
    assert b"/Producer" not in page
    assert b"/FontFile2" in page, "letters are letters, and the font goes along"
    other = tmp_path / "again"
    other.mkdir()
    again = figures.write(made.study, made.result, other)
    assert {path.name: path.read_bytes() for path in again} == before


def test_same_bytes_twice(made_up: Any) -> None:
    made = made_up.make(3, 2)
    assert figures.draw(made.study, made.result) == figures.draw(made.study, made.result)


def test_without_a_chinese_font(made_up: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_fonts, "CJK_FONTS", ())
    monkeypatch.setattr("landzone.outputs.report_content.cjk_font", lambda: None)
    made = made_up.make()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sheet_fonts.cjk_font() is None
        report = build(made.study, made.result)
    texts = [block.text for section in report.sections for block in section.blocks if hasattr(block, "text")]
    assert sum("没有找到中文字体" in text for text in texts) == 6


def test_fonts_are_taken_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    class Entry:
        def __init__(self, name: str) -> None:
            self.name = name

    listed = [Entry("WenQuanYi Micro Hei"), Entry("SimHei"), Entry("Arial")]
    monkeypatch.setattr(sheet_fonts.font_manager.fontManager, "ttflist", listed)
    assert sheet_fonts.cjk_font() == "SimHei"


def test_hostile_names_are_drawn_as_they_are(made_up: Any) -> None:
    made = made_up.hostile()
    zones = made.result.zones.assign(name=["$\\frac{1}{0}$", "a\nb\x07"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(figures.draw(made.study, replace(made.result, zones=zones))) == 6


def test_holes_stay_empty() -> None:
    ring = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (6, 3), (6, 6), (3, 6)]])
    drawn = outlines([ring, None, shapely.MultiPolygon([ring, shapely.box(20, 0, 21, 1)])], together=1)
    assert len(drawn) == 3
    assert drawn[0].contains_point((1, 1))
    assert len(drawn[0].codes) == 10
    assert drawn[2].contains_point((20.5, 0.5))


def test_length_of_the_scale_bar() -> None:
    assert [furniture.round_length(x) for x in (9.9, 10, 260, 4999)] == [5, 10, 200, 2000]


@pytest.mark.parametrize(
    ("epsg", "x", "y", "metres", "north"),
    [
        # Central meridian of UTM: 1 m of plane is 1.0004 m of ground.
        (32650, 500_000.0, 3_600_000.0, 1 / 0.9996, 0.0),
        # 2.1° east of it: the grid is turned by 2.1° · sin 32.5°.
        (32650, 700_000.0, 3_600_000.0, 1 / 1.00009, -1.138),
        # Web Mercator at 60° north: cos 60° · N / a = 0.5 · 1.00252.
        (3857, 0.0, 8_399_737.0, 0.50126, 0.0),
        # A South African plane, whose axes grow towards west and south.
        (2048, 0.0, 3_700_000.0, 1.0, 180.0),
    ],
)
def test_bar_and_arrow_are_true_to_the_ground(
    epsg: int, x: float, y: float, metres: float, north: float
) -> None:
    crs = pyproj.CRS.from_epsg(epsg)
    ground = furniture.ground_of(crs, (x - 2000, y - 2000, x + 2000, y + 2000))
    assert ground.metres == pytest.approx(metres, rel=1e-4)
    assert (ground.north - north + 180) % 360 - 180 == pytest.approx(0, abs=0.02)
