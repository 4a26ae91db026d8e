"""Class schemes and conversions as data: complete, named twice, and each code converted once."""

from __future__ import annotations

import re

import pytest

from landzone.catalog import load
from landzone.catalog.conversions import FOLDER, conversion, targets
from landzone.catalog.crosswalks import bundled, crosswalk

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("name", bundled())
def test_every_class_has_a_name_in_both_languages_and_a_mark(name: str) -> None:
    for entry in crosswalk(name).classes.values():
        assert CHINESE.search(entry.name), entry.code
        assert entry.name_en.isascii(), entry.code
        assert len(entry.name_en) > 3, entry.code
        assert entry.mark in ("found", "derived", "recalled", "ours"), entry.code


def test_the_counts_of_classes() -> None:
    """What the lists hold; of 用地用海 2023 the first level is complete, deeper codes are cut to the ones listed."""
    land_sea = crosswalk("land-sea-2023")
    levels = [len([code for code in land_sea.classes if len(code) == length]) for length in (2, 4, 6)]
    assert levels == [24, 111, 40]
    assert land_sea.find("180199") == land_sea.classes["1801"]
    urban = crosswalk("gb50137").classes
    assert "".join(sorted(code for code in urban if len(code) == 1)) == "ABEGHMRSUW"
    assert len(crosswalk("third-survey").classes) == 72


@pytest.mark.parametrize(
    ("name", "open_classes"),
    [
        ("gb50137-2011", {"E1": "W", "E11": "W", "E12": "W", "E13": "W"}),
        ("land-sea-2023", {}),
        ("land-sea-2020", {"060102": "C", "1311": "W"}),
        ("third-survey-2019", {}),
        ("gbt21010-2017", {}),
    ],
)
def test_a_class_means_what_the_class_above_it_means(name: str, open_classes: dict[str, str]) -> None:
    """But for parts that differ from the rest of their class; a class above that is unknown says nothing."""
    classes = crosswalk(name).classes
    differ = {}
    for code, entry in classes.items():
        above = [classes[code[:n]] for n in range(1, len(code)) if code[:n] in classes]
        if any(one.common not in ("?", entry.common) for one in above):
            differ[code] = entry.common
    assert differ == open_classes


def test_a_plan_of_2020_is_renumbered_at_once() -> None:
    way = conversion("land-sea-2020", "land-sea-2023")
    assert way is not None
    old = ["0204", "060102", "0602", "0603", "0604", "1311", "1312", "1313", "2302", "2303", "2303v", "0701"]
    new = [
        "0205",
        "1207",
        "060201",
        "060202",
        "060203",
        "1705",
        "1311",
        "1312",
        "2303",
        "060102",
        "060102",
        "0701",
    ]
    assert [way.code(code) for code in old] == new


def test_the_third_survey_in_the_numbers_of_2023() -> None:
    way = conversion("third-survey", "land-sea-2023")
    assert way is not None
    pairs = {"0601": "1001", "0508": "1101", "0201K": "0201", "0810A": "1403", "08H2A": "080401", "1202": "0602",
             "1203": "2303", "1109": "1311", "05H1": "09", "08H2": "08", "09": "15"}  # fmt: skip
    assert {code: way.code(code) for code in pairs} == pairs
    assert [way.code(code) for code in ("08H1", "03", "ZZ")] == [None, None, None]


def test_every_conversion_leads_from_known_to_known_codes_of_the_same_meaning() -> None:
    for name, entry in load.table(f"{FOLDER}/index.toml").items():
        way = conversion(entry["from"], entry["to"])
        assert way is not None, name
        assert set(way.codes) <= set(way.source.classes)
        for code, known in way.source.classes.items():
            new = way.code(code)
            if new is not None:
                assert way.target.classes[new].common == known.common, (name, code, new)


def test_there_is_no_way_back() -> None:
    assert conversion("land-sea-2023", "land-sea-2020") is None
    assert targets("gb50137") == []
