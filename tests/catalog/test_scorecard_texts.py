"""What a line of the scorecard says: arithmetic, limit, gap, and what missing data could still bring."""

from types import SimpleNamespace

import pytest

from landzone.catalog.finding_texts import arithmetic, required, to_pass

NAN = float("nan")
DENSITY = {
    "observed": 0.34, "unit": "ratio", "limit": 0.5, "op": ">=", "numerator": 34_000.0, "gap_unit": "m2",
    "denominator": 100_000.0, "denominator_unit": "m2", "lower": 0.34, "upper": NAN, "needed": NAN,
    "coverage_ratio": 1.0, "missing_count": 0, "verdict": "fail", "message_code": "FINDING_FAIL", "gap": 16_000.0,
    "gap_denominator": 32_000.0,
}  # fmt: skip
MONEY = {
    **DENSITY, "observed": 900.0, "unit": "wan_cny_per_ha", "limit": 1000.0, "numerator": 45_000.0,
    "gap_unit": "wan_cny", "denominator": 60.0, "denominator_unit": "ha", "lower": 750.0, "needed": 1500.0,
    "coverage_ratio": 5 / 6, "missing_count": 37, "verdict": "unknown", "message_code": "FINDING_INCOMPLETE",
    "gap": NAN, "gap_denominator": NAN,
}  # fmt: skip


def row(base, **changes):
    return SimpleNamespace(**{**base, **changes})


@pytest.mark.parametrize(
    ("found", "zh", "en"),
    [
        (row(DENSITY), "34,000 平方米 ÷ 100,000 平方米 ＝ 34 %", "34,000 m² ÷ 100,000 m² = 34 %"),
        (
            row(MONEY),
            "45,000 万元 ÷ 60 公顷 ＝ 750 万元/公顷（缺数据按 0 计；有数据部分 900 万元/公顷）",
            "45,000 wan CNY ÷ 60 ha = 750 wan CNY/ha (missing as 0; the part with data 900 wan CNY/ha)",
        ),
        (
            row(MONEY, observed=NAN),
            "45,000 万元 ÷ 60 公顷 ＝ 750 万元/公顷（缺数据按 0 计）",
            "45,000 wan CNY ÷ 60 ha = 750 wan CNY/ha (missing as 0)",
        ),
        (row(DENSITY, denominator_unit="", gap_unit="count", numerator=3.0, denominator=4.0, observed=0.75),
         "3 个 ÷ 4 个 ＝ 75 %", "3 ÷ 4 = 75 %"),
        (row(DENSITY, denominator=NAN, unit="count", observed=2.0), "2 个", "2"),
    ],
)  # fmt: skip
def test_arithmetic_shows_numerator_denominator_and_what_counts_as_zero(found, zh, en):
    assert (arithmetic(found, "zh"), arithmetic(found, "en")) == (zh, en)


def test_the_limit_stands_with_its_comparison_or_there_is_none():
    assert required(row(DENSITY), "zh") == "不低于 50 %"
    assert required(row(DENSITY, op="<"), "en") == "less than 50 %"
    assert required(row(DENSITY, op="", limit=NAN), "zh") == "文件未规定限值"
    assert required(row(DENSITY, limit=NAN), "zh") == "不低于"


@pytest.mark.parametrize(
    ("found", "zh"),
    [
        (row(DENSITY), "还差 16,000 平方米（1.6 公顷），或分母减少 32,000 平方米（3.2 公顷）"),
        (row(DENSITY, gap=9_999.0, gap_denominator=NAN), "还差 9,999 平方米"),
        (
            row(DENSITY, op="<=", gap=10_000.0),
            "超出 10,000 平方米（1 公顷），或分母增加 32,000 平方米（3.2 公顷）",
        ),
        (row(DENSITY, verdict="pass", message_code="FINDING_PASS"), ""),
        (row(DENSITY, verdict="not_applicable", message_code="FINDING_REPORTED"), ""),
        (row(MONEY), "缺数据 37 个、10 公顷：其平均不到 1,500 万元/公顷 即不达标"),
        (
            row(MONEY, verdict="pass", message_code="FINDING_PASS_BY_BOUND"),
            "缺数据 37 个、10 公顷：无论其值多少均达标",
        ),
        (
            row(MONEY, verdict="fail", message_code="FINDING_FAIL_BY_UPPER", gap=5.0, gap_unit="wan_cny"),
            "还差 5 万元（缺数据 37 个、10 公顷，但无论其值多少均不达标）",
        ),
        (
            row(MONEY, needed=NAN, upper=1200.0),
            "缺数据 37 个、10 公顷：补齐后在 750 万元/公顷 与 1,200 万元/公顷 之间",
        ),
        (row(MONEY, needed=NAN), "缺数据 37 个、10 公顷：至少为 750 万元/公顷"),
        (row(MONEY, needed=NAN, lower=NAN, missing_count=0), "缺数据"),
        (row(MONEY, denominator=NAN, missing_count=2, needed=NAN, lower=NAN), "缺数据 2 个"),
    ],
)
def test_what_is_missing_to_pass_or_what_missing_data_could_bring(found, zh):
    assert to_pass(found, "zh") == zh


def test_the_same_in_english():
    assert (
        to_pass(row(MONEY), "en")
        == "without data (37 rows, 10 ha): fails unless they average 1,500 wan CNY/ha"
    )
    by_bound = row(MONEY, verdict="pass", message_code="FINDING_PASS_BY_BOUND")
    assert to_pass(by_bound, "en") == "without data (37 rows, 10 ha): passes whatever they are"
