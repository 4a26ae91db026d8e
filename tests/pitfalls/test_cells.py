"""Dates, ids, words and numbers that the usual stack reads wrongly without a word."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
import shapely

HEAD = ["project_id", "parcel_id", "agreed_start", "固定资产投资(万元)"]


def scene_plot(number: int) -> Any:
    return shapely.box(527000 + 100 * number, 3958000, 527100 + 100 * number, 3958100)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (41061, "DATE_SERIAL"),  # 1970-01-01 in pandas
        (20120601, None),  # 1970-01-01 in pandas; the eight digits are a date
        ("1970-01-01", "VALUE_PLACEHOLDER"),
        ("1900-01-01", "VALUE_PLACEHOLDER"),
        ("12-06-01", "DATE_AMBIGUOUS"),  # 2001-12-06 in pandas
        ("01/06/2012", "DATE_AMBIGUOUS"),  # 2012-01-06 in pandas
        (dt.date(2012, 6, 1), None),
    ],
)
def test_1_and_2_a_date_is_certain_or_is_none(scene: Any, cell: Any, code: str | None) -> None:
    scene.layer("parcels.gpkg")
    scene.ledger(HEAD, ["J1", "P1", cell, 1200], ["J2", "P2", dt.date(2012, 6, 1), 1200])
    audit = scene.audit()
    start = audit.result.projects.set_index("project_id")["agreed_start_date"]
    assert start["J2"] == "2012-06-01"
    if code is None:
        assert start["J1"] == "2012-06-01"
        return
    assert pd.isna(start["J1"])
    told = pd.concat([audit.rejects, audit.repairs])
    assert told[told["code"] == code]["column"].tolist() == ["agreed_start"]
    classes = audit.parcels.set_index("parcel_id")["idle_class"]
    assert classes["P1"] == ("unknown" if code == "VALUE_PLACEHOLDER" else "data_error")


def test_3_missing_money_is_neither_a_pass_nor_a_failure(scene: Any) -> None:
    scene.layer("parcels.gpkg")
    scene.layer("zones.gpkg", [s.union(t) for s, t in [(scene_plot(0), scene_plot(1)), (scene_plot(2), scene_plot(3))]],
                zone_id=["Z1", "Z2"])  # fmt: skip
    scene.ledger(
        HEAD,
        ["J1", "P1", "2012-06-01", None],
        ["J3", "P3", "2012-06-01", 900],
        ["J4", "P4", "2012-06-01", 900],
    )
    audit = scene.audit(as_of="2016-06-30")
    rule = audit.findings[
        (audit.findings["measure"] == "investment_intensity_wan_cny_per_ha") & (audit.findings["op"] == ">=")
    ]
    verdicts = rule.groupby("subject_id")["verdict"].unique().map(list).to_dict()
    assert verdicts["Z1"] == ["unknown"]
    assert verdicts["Z2"] == ["fail"]


@pytest.mark.parametrize(
    ("ids", "cells", "code", "joined"),
    [
        (
            ["410601001001100001", "410601001001100002"],
            [410601001001100001, 410601001001100002],
            "ID_PRECISION",
            [],
        ),
        (
            ["410601001001100001", "410601001001100002"],
            ["4.106010010011E+17", "4.10601E+17"],
            "ID_PRECISION",
            [],
        ),
        (["0012", "0013"], [12, "0013"], "ID_TYPE_LOST", ["0013"]),
        (
            ["410601001001100001", "0013"],
            ["410601001001100001", "0013"],
            None,
            ["0013", "410601001001100001"],
        ),
        (["1E5", "2E5"], ["1E5", "2E5"], None, ["1E5", "2E5"]),
        (["12", "13"], [12, None], "ID_MISSING", ["12"]),
    ],
)
def test_13_an_id_is_text_for_ever(
    scene: Any, ids: list[str], cells: list[Any], code: str | None, joined: list[str]
) -> None:
    scene.layer("parcels.gpkg", [scene_plot(0), scene_plot(1)], parcel_id=ids)
    scene.ledger(HEAD, *[[f"J{n}", cell, "2012-06-01", 100] for n, cell in enumerate(cells)])
    audit = scene.audit()
    assert sorted(audit.result.projects["parcel_id"]) == joined
    assert set(audit.rejects["code"]) == ({code} if code else set())


def test_13_ids_that_a_csv_would_turn_into_numbers_stay_as_they_are(scene: Any) -> None:
    scene.layer("parcels.gpkg", [scene_plot(0), scene_plot(1)], parcel_id=["0012", "410601001001100001"])
    scene.text(
        "projects.csv",
        "project_id,parcel_id,agreed_start\nJ1,0012,2012-06-01\nJ2,410601001001100001,2012-06-01\n",
    )
    audit = scene.audit()
    assert sorted(audit.result.projects["parcel_id"]) == ["0012", "410601001001100001"]
    assert audit.rejects.empty


def test_20_words_that_look_like_nothing_stay_words(scene: Any) -> None:
    scene.layer("parcels.gpkg", 备注=["NA", "NULL", "None", "无"], name=["NA", "None", "nan", "甲"])
    frame = scene.study().layers["parcels"].frame
    assert frame["src_备注"].tolist() == ["NA", "NULL", "None", "无"]
    assert frame["name"].tolist() == ["NA", "None", "nan", "甲"]
