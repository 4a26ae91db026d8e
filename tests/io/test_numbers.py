"""Numbers with units: money exact in fen, areas in m2, shares decided once per column."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzone.io.numbers import (
    UnitMissing,
    UnitUnknown,
    find_unit,
    read_area,
    read_length,
    read_money,
    read_number,
    read_ratio,
    stated_unit,
)

TWELVE_MILLION_YUAN = 1_200_000_000  # fen


@pytest.mark.parametrize(
    "text",
    [
        "1200万元", "12000000元", "0.12亿元", "12,000,000 元", "1,200万元", "１２００万元", "1.2e3万元", "1200万",
        "0.12 亿", "12 000 000元", "12000千元", "12，000，000元", "+1200万元", "1200.00万元",
    ],
)  # fmt: skip
def test_one_amount_in_many_spellings(text: str) -> None:
    assert read_money([text], None)[0].value == TWELVE_MILLION_YUAN


def test_bare_numbers_take_the_stated_unit() -> None:
    unit = stated_unit("money", "wan_cny")
    assert [c.value for c in read_money([1200, "1200", 470.40], unit)] == [
        TWELVE_MILLION_YUAN, TWELVE_MILLION_YUAN, 470_400_000,
    ]  # fmt: skip


def test_the_unit_of_a_cell_goes_before_the_stated_one_and_is_listed() -> None:
    cells = read_money(["1200", "12000000元"], stated_unit("money", "wan_cny"))
    assert [c.value for c in cells] == [TWELVE_MILLION_YUAN] * 2
    assert [c.reading for c in cells] == ["", "UNIT_NORMALISED"]


def test_money_without_any_unit_is_refused() -> None:
    with pytest.raises(UnitMissing):
        read_money(["1200", "12000000"], None)


def test_zero_and_blank_need_no_unit() -> None:
    assert [c.value for c in read_money(["", "无", "0"], None)] == [None, None, 0]


def test_a_bare_cell_among_cells_with_units_is_ambiguous() -> None:
    cells = read_money(["1200万元", "300"], None)
    assert [c.fault for c in cells] == ["", "UNIT_AMBIGUOUS"]


def test_a_uniform_column_is_not_listed_a_mixed_one_is() -> None:
    assert [c.reading for c in read_money(["1200万元", "300万元"], None)] == ["", ""]
    assert [c.reading for c in read_money(["1200万元", "3亿元"], None)] == ["UNIT_NORMALISED"] * 2


@pytest.mark.parametrize(
    "text", ["约1200万元", "1200-1500万元", "1,2万元", "12,00万元", "万元", "1.200,50元", "五百万", "1200 亩"]
)
def test_what_is_no_amount_is_rejected(text: str) -> None:
    assert read_money([text], None)[0].fault == "VALUE_UNREADABLE"


def test_negative_money_is_out_of_range() -> None:
    assert [c.fault for c in read_money(["-5万元", "－5万元", "−5万元"], None)] == ["VALUE_RANGE"] * 3


def test_currencies_never_mix() -> None:
    assert [c.fault for c in read_money(["5元", "5美元"], None)] == ["UNIT_AMBIGUOUS"] * 2
    dollars = stated_unit("money", "usd")
    assert read_money(["$1,200"], dollars)[0].value == 120_000
    assert read_money(["5万元"], dollars)[0].fault == "UNIT_AMBIGUOUS"
    assert read_money(["$5"], stated_unit("money", "cny"))[0].fault == "VALUE_UNREADABLE"


def test_finer_than_a_fen_is_rounded_half_up_and_said() -> None:
    cell = read_money(["0.005元"], None)[0]
    assert (cell.value, cell.reading) == (1, "MONEY_ROUNDED")


@given(st.integers(0, 10**15))
@settings(derandomize=True, max_examples=100)
def test_yuan_wan_and_yi_agree_to_the_fen(fen: int) -> None:
    def text(per: int) -> str:
        whole, rest = divmod(fen * 10**10 // per, 10**10)
        return f"{whole}.{rest:010d}"

    spellings = [text(100) + "元", text(10**6) + "万元", text(10**10) + "亿元"]
    assert {c.value for c in read_money(spellings, None)} == {fen}


def test_areas_in_every_unit() -> None:
    cells = read_area(["15亩", "1公顷", "10000平方米", "0.01km2", "1万平方米", "10000㎡", "1 ha"], None)
    assert [c.value for c in cells] == [10_000.0] * 7
    assert read_area(["1 acre"], None)[0].value == pytest.approx(4046.8564224, abs=1e-9)
    assert read_area([1], stated_unit("area", "sqft"))[0].value == 0.09290304


def test_a_square_hectare_is_a_hectare_with_a_note() -> None:
    cell = read_area(["1平方公顷"], None)[0]
    assert (cell.value, cell.reading, cell.note) == (10_000.0, "UNIT_NORMALISED", "UNIT_MISNAMED")


def test_area_range() -> None:
    unit = stated_unit("area", "m2")
    assert [c.fault for c in read_area([-10000, 0, 5], unit, positive=True)] == [
        "VALUE_RANGE",
        "VALUE_RANGE",
        "",
    ]
    assert read_area([0], unit)[0].value == 0.0


def test_lengths_are_metres_unless_said() -> None:
    assert [c.value for c in read_length(["8.1", "8.1米", "10 ft", "810厘米"], None)] == [
        8.1,
        8.1,
        3.048,
        8.1,
    ]


def test_numbers_of_storeys() -> None:
    assert [c.value for c in read_number(["6", "6层", 6.0])] == [6.0, 6.0, 6.0]
    assert [c.fault for c in read_number(["-1", "abc", True])] == [
        "VALUE_RANGE",
        "VALUE_UNREADABLE",
        "VALUE_UNREADABLE",
    ]
    assert read_number(["-1.5"], signed=True)[0].value == -1.5


@pytest.mark.parametrize("text", ["6~7", "3-5层", "6/7", "6 or 7", "180~200", "20-960", "6万"])
def test_a_range_or_an_unknown_word_is_no_number(text: str) -> None:
    assert read_number([text])[0].fault == "VALUE_UNREADABLE"
    assert read_number([text], signed=True)[0].fault == "VALUE_UNREADABLE"


def test_a_measure_may_be_given_in_per_cent() -> None:
    cells = read_number(["250%", "2.5", "N/A"], signed=True)
    assert [c.value for c in cells] == [2.5, 2.5, None]
    assert cells[0].reading == "UNIT_NORMALISED"
    per_cent = stated_unit("measure", "percent")
    assert [c.value for c in read_number(["180", "250%"], per_cent, signed=True)] == [1.8, 2.5]
    assert read_number(["6%"])[0].fault == "VALUE_UNREADABLE"


@pytest.mark.parametrize(
    ("column", "answer"),
    [
        (["0.5", "50", "50%", "1"], [0.5, 0.5, 0.5, "UNIT_AMBIGUOUS"]),
        (["0.45", "0.3", "1"], [0.45, 0.3, 1.0]),
        (["45", "30", "1"], [0.45, 0.3, 0.01]),
        (["1", "0"], ["UNIT_AMBIGUOUS", 0.0]),
        (["4.5", "3.8", "0.8"], [0.045, 0.038, 0.008]),
        (["5", "0.5"], [0.05, "UNIT_AMBIGUOUS"]),
        (["45%", ""], [0.45, None]),
        (["250%"], [2.5]),
        (["-0.2", "0.2"], ["VALUE_RANGE", 0.2]),
    ],
)
def test_per_cent_or_fraction_is_decided_once(column: list[str], answer: list[object]) -> None:
    assert [c.fault or c.value for c in read_ratio(column, None)] == answer


def test_a_part_cannot_be_more_than_its_whole() -> None:
    assert [
        c.fault or c.value
        for c in read_ratio(["1.485", "0.4", "1.0"], stated_unit("ratio", "ratio"), of_whole=True)
    ] == [
        "SHARE_OVER_WHOLE",
        0.4,
        1.0,
    ]


def test_a_stated_unit_decides() -> None:
    assert [c.value for c in read_ratio([0.5, 50], stated_unit("ratio", "percent"))] == [0.005, 0.5]
    assert [c.value for c in read_ratio([0.5, 1], stated_unit("ratio", "ratio"))] == [0.5, 1.0]


def test_units_that_do_not_exist_are_refused_with_those_that_do() -> None:
    with pytest.raises(UnitUnknown) as caught:
        stated_unit("area", "furlong")
    assert "mu" in caught.value.known
    with pytest.raises(UnitUnknown):
        stated_unit("money", "m2")


def test_a_mu_is_two_thousand_thirds() -> None:
    unit = find_unit("area", "亩")
    assert unit is not None
    assert unit.times == Fraction(2000, 3)
