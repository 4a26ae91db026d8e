"""One contradiction of each kind is found, with the strength of its evidence, and none on the control."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from landzone.catalog.labels import labels
from landzone.measures.contradictions import contradictions

AS_OF = date(2026, 6, 30)


def found(
    conclusion: str, says: str, raster: str = "", *, works: bool = False, footprint: float = 0.0, **own: Any
) -> list[tuple[str, str]]:
    row = {"project_id": "J", "parcel_id": "P", "conclusion": conclusion, "idle_class": "x", **own}
    frame = pd.DataFrame({name: [value] for name, value in row.items()})
    for name in frame.columns:
        if name.endswith("_date"):
            frame[name] = np.array(frame[name].tolist(), dtype="datetime64[s]")
    ground = pd.DataFrame(
        {"area_m2": [9000.0], "footprint_m2": [footprint], "core_ratio": [0.0], "works": [works]}, index=["P"]
    )
    votes = {"footprints": pd.Series({"P": says})} | (
        {"land_cover": pd.Series({"P": raster})} if raster else {}
    )
    table = contradictions(frame, ground, votes, AS_OF)
    return list(zip(table["kind"], table["strength"], strict=True))


@pytest.mark.parametrize(
    ("args", "own", "expected"),
    [
        (("ended", "vacant"), {}, ("built_but_vacant", "medium")),
        (("ended", "vacant", "vacant"), {}, ("built_but_vacant", "strong")),
        (("ended", "unclear", "vacant"), {}, ("built_but_vacant", "medium")),
        (("ended", "vacant"), {"works": True}, ("built_but_works", "medium")),
        (("suspended_short", "vacant"), {"developed_area_m2": 1000.0}, ("developed_but_vacant", "medium")),
        (("building", "vacant"), {"actual_start_date": "2025-06-29"}, ("started_but_vacant", "weak")),
        (("idle_two_years", "standing"), {}, ("unstarted_but_built", "medium")),
        (("idle_one_year", "standing", "standing"), {}, ("unstarted_but_built", "strong")),
        (("not_due", "vacant"), {"works": True}, ("unstarted_but_works", "weak")),
        (
            ("suspended_short", "standing"),
            {"footprint": 3000.0, "required_area_m2": 9000.0, "area_below_third": True},
            ("short_but_built", "medium"),
        ),
    ],
)
def test_a_contradiction_of_each_kind(args: Any, own: dict[str, Any], expected: tuple[str, str]) -> None:
    assert found(*args, **own) == [expected]


def test_sources_that_disagree_are_listed_and_weaken_what_they_speak_of() -> None:
    assert found("ended", "vacant", "standing") == [
        ("built_but_vacant", "weak"),
        ("sources_disagree", "weak"),
    ]
    assert found("building", "standing", "vacant", actual_start_date="2020-01-01") == [
        ("sources_disagree", "weak")
    ]


@pytest.mark.parametrize(
    ("args", "own"),
    [
        (("ended", "standing", "standing"), {}),
        (("ended", "unclear"), {}),
        (("ended", "vacant"), {"reclaimed": True}),
        (("idle_two_years", "vacant", "vacant"), {}),
        (("idle_two_years", "unclear"), {}),
        (("building", "vacant"), {"actual_start_date": "2025-06-30"}),
        (("building", "vacant"), {"actual_start_date": "2020-01-01", "works": True}),
        (("unreadable", "vacant"), {}),
        (("start_unknown", "standing"), {}),
        (
            ("suspended_short", "standing"),
            {"footprint": 2999.0, "required_area_m2": 9000.0, "area_below_third": True},
        ),
    ],
)
def test_the_control_has_none(args: Any, own: dict[str, Any]) -> None:
    assert found(*args, **own) == []


def test_the_solid_and_the_large_come_first() -> None:
    rows = pd.DataFrame(
        {"project_id": list("abcd"), "parcel_id": list("ABCD"), "conclusion": "ended", "idle_class": "x"}
    )
    rows["fixed_asset_investment_fen"] = pd.array([1, 5, None, 9], "Int64")
    ground = pd.DataFrame(
        {"area_m2": [10.0, 10.0, 90.0, 10.0], "footprint_m2": 0.0, "core_ratio": 0.0, "works": False},
        index=list("ABCD"),
    )
    votes = {
        "footprints": pd.Series("vacant", index=list("ABCD")),
        "raster": pd.Series({"A": "unclear", "B": "unclear", "C": "unclear", "D": "vacant"}),
    }
    table = contradictions(rows, ground, votes, AS_OF)
    assert table["parcel_id"].tolist() == ["D", "C", "B", "A"]
    mixed = contradictions(rows.iloc[::-1], ground, votes, AS_OF)
    pd.testing.assert_frame_equal(table, mixed)


def test_every_kind_has_words() -> None:
    kinds = {"built_but_vacant", "built_but_works", "developed_but_vacant", "started_but_vacant", "unstarted_but_built",
             "unstarted_but_works", "short_but_built", "sources_disagree", "strong", "medium", "weak"}  # fmt: skip
    for lang in ("zh", "en"):
        assert kinds <= set(labels("evidence", lang))
