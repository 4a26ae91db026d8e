"""Static maps: never a box where a letter should be, the same bytes twice."""

from __future__ import annotations

import io
import warnings
from dataclasses import replace
from typing import Any

import pytest
import shapely
from PIL import Image

from landzone.outputs import figures, plate
from landzone.outputs.report_content import build


def test_three_maps_without_a_warning(made_up: Any) -> None:
    made = made_up.make(5, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pictures = figures.draw(made.study, made.result)
    assert [picture.key for picture in pictures] == ["overview", "density", "conflicts"]
    for picture in pictures:
        with Image.open(io.BytesIO(picture.png)) as image:
            assert image.size[0] > 1000
            assert "Software" not in image.info
            assert len(image.convert("RGB").getcolors(1_000_000)) > 20


def test_same_bytes_twice(made_up: Any) -> None:
    made = made_up.make(3, 2)
    assert figures.draw(made.study, made.result) == figures.draw(made.study, made.result)


def test_without_a_chinese_font(made_up: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plate, "CJK_FONTS", ())
    monkeypatch.setattr("landzone.outputs.report_content.cjk_font", lambda: None)
    made = made_up.make()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert plate.cjk_font() is None
        report = build(made.study, made.result)
    texts = [block.text for section in report.sections for block in section.blocks if hasattr(block, "text")]
    assert sum("没有找到中文字体" in text for text in texts) == 3


def test_fonts_are_taken_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    class Entry:
        def __init__(self, name: str) -> None:
            self.name = name

    listed = [Entry("WenQuanYi Micro Hei"), Entry("SimHei"), Entry("Arial")]
    monkeypatch.setattr(plate.font_manager.fontManager, "ttflist", listed)
    assert plate.cjk_font() == "SimHei"


def test_hostile_names_are_drawn_as_they_are(made_up: Any) -> None:
    made = made_up.hostile()
    zones = made.result.zones.assign(name=["$\\frac{1}{0}$", "a\nb\x07"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(figures.draw(made.study, replace(made.result, zones=zones))) == 3


def test_holes_stay_empty() -> None:
    ring = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (6, 3), (6, 6), (3, 6)]])
    outlines = plate._outlines(
        [ring, None, shapely.MultiPolygon([ring, shapely.box(20, 0, 21, 1)])], together=1
    )
    assert len(outlines) == 3
    assert outlines[0].contains_point((1, 1))
    assert len(outlines[0].codes) == 10
    assert outlines[2].contains_point((20.5, 0.5))


def test_length_of_the_scale_bar() -> None:
    assert [plate._round_length(x) for x in (9.9, 10, 260, 4999)] == [5, 10, 200, 2000]
