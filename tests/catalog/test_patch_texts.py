"""Patches in words: classes, offices and next steps in both languages."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from landzone.catalog.patch_texts import with_words
from landzone.model.layer import InputRecord, Layer, SpatialPlan


def make(name: str, codes: list[str], names: list[str], english: list[str] | None, **fields) -> SpatialPlan:
    frame = pd.DataFrame({"code": codes, "class_name": names})
    frame = frame.assign(class_name_en=english) if english else frame
    layer = Layer(
        f"plans.{name}", gpd.GeoDataFrame(frame, geometry=[None] * len(codes)), InputRecord(name, "")
    )
    return SpatialPlan(name, layer, **fields)


@pytest.fixture(name="plans")
def _plans() -> dict[str, SpatialPlan]:
    city = make("city", ["M1", "R2"], ["一类工业用地", "二类居住用地"], ["Industrial", "Residential"],
                office={"zh": "规划局", "en": "planning office"})  # fmt: skip
    land = make("land", ["040"], ["禁止建设区"], [""], office={"zh": "国土局", "en": "land office"})
    return {"city": city, "land": land, "now": make("now", ["0601"], ["工业用地"], None, role="present")}


@pytest.fixture(name="patches")
def _patches() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kind": ["conflict", "precision", "agree", "uncovered"],
            "type": ["D5", "D5", "D1", "D8"],
            "disputing_plans": pd.Series(["city|land", "city|land", None, None], dtype="str"),
            "city_code": pd.Series(["M1", "M1|R2", "R2", None], dtype="str"),
            "land_code": pd.Series(["040", "040", "040", "040"], dtype="str"),
        }
    )


def test_words_in_chinese(patches, plans) -> None:
    found = with_words(patches, plans, "zh")
    assert found["city_name"].fillna("-").tolist() == [
        "一类工业用地",
        "一类工业用地、二类居住用地",
        "二类居住用地",
        "-",
    ]
    assert found["land_name"].tolist() == ["禁止建设区"] * 4
    assert found["offices"].fillna("-").tolist() == ["规划局；国土局", "规划局；国土局", "-", "-"]
    assert found["next_step"].tolist() == [
        "不得建设；从建设用地布局中调出。",
        "同一界线两次绘制的偏差，统一界线即可，不计入冲突。",
        "",
        "补充缺失规划的数据，或确认该处不在其规划范围内。",
    ]


def test_words_in_english_fall_back_on_the_name_of_the_file(patches, plans) -> None:
    found = with_words(patches, plans, "en")
    assert found["city_name"].fillna("-").tolist() == [
        "Industrial",
        "Industrial, Residential",
        "Residential",
        "-",
    ]
    assert found["land_name"].tolist() == ["禁止建设区"] * 4
    assert found["offices"].tolist()[0] == "planning office; land office"
    assert "now_name" not in found
