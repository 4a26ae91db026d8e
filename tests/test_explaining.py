"""`landzone explain`: rows, arithmetic, clause, limit and margin, from the folder of the audit alone."""

from types import SimpleNamespace

import pytest

from landzone.catalog.finding_texts import ways_to_pass
from landzone.errors import Refusal
from landzone.explaining import explain


@pytest.fixture
def out(example_folder):
    return example_folder


def test_a_failed_density_shows_clause_sums_limit_and_both_gaps(out):
    text = "\n".join(explain(out, "JQ01", "S004-DENS"))
    for words in (
        "豫工信企业〔2014〕196号 三(二)", "产业集群工业用地建筑密度不低于50%", "÷", "＝ 34.04 %", "不低于 50 %",
        "余量 -15.96 %", "平方米", "parcels 共 96 行", "列出 20 行", "不达标",
    ):  # fmt: skip
        assert words in text, words


def test_missing_investment_is_named_parcel_by_parcel(out):
    text = "\n".join(explain(out, "JQ01", "S004-INV", "en"))
    assert "46,800 wan CNY ÷ 76.8 ha = 609.38" in text
    assert "Without data, 18 rows: 411799001001GB00001" in text


def test_all_rules_and_measures_of_a_zone(out):
    text = "\n".join(explain(out, "JQ02"))
    assert all(
        f"S004-{name} " in text for name in ("LEADERS", "LINKED", "DENS", "INV", "REVENUE", "RD", "CLEAN")
    )
    assert "building_density_built_ratio" in text


def test_a_project_shows_its_row_of_the_ledger(out):
    text = "\n".join(explain(out, "4117992021B00017", "IDLE-14-1"))
    assert "project_id: 4117992021B00017" in text
    assert "idle_fee_wan_cny: 94.08" in text


@pytest.mark.parametrize(
    ("subject", "rule", "code", "near"),
    [("JQ1", "", "EXPLAIN_SUBJECT", "JQ01"), ("JQ01", "S004-DENSITY", "EXPLAIN_RULE", "S004-DENS")],
)
def test_an_unknown_name_is_answered_with_the_nearest(out, subject, rule, code, near):
    with pytest.raises(Refusal, match=code) as caught:
        explain(out, subject, rule)
    assert near in caught.value.text("en")


def test_every_sentence_is_in_the_language_asked_for(out):
    english = [
        line for line in explain(out, "JQ01", "S004-DENS", "en") if line.strip().startswith("Finding:")
    ]
    assert len(english) == 1
    assert english[0].isascii() or not any("\u4e00" <= letter <= "\u9fff" for letter in english[0])
    assert "Or a denominator smaller by" in english[0]
    chinese = "\n".join(explain(out, "JQ01", "S004-DENS", "zh"))
    assert "结论：" in chinese
    assert "或分母减少" in chinese


def test_a_lower_limit_is_also_met_with_less_and_an_upper_limit_with_more_of_the_denominator():
    row = SimpleNamespace(gap=30.0, gap_unit="m2", gap_denominator=200.0, denominator_unit="m2", op=">=")
    assert ways_to_pass(row, "zh") == "30 平方米，或分母减少 200 平方米"
    row.op = "<="
    assert ways_to_pass(row, "en") == "30 m², or a denominator larger by 200 m²"
    assert ways_to_pass(row, "zh") == "30 平方米，或分母增加 200 平方米"
    row.denominator_unit = ""
    assert ways_to_pass(row, "en") == "30 m²"


def test_no_audit_is_refused(tmp_path):
    with pytest.raises(Refusal, match="OUT_NOT_AN_AUDIT"):
        explain(tmp_path, "JQ01")


def test_the_clock_of_a_parcel_is_told_step_by_step_with_its_source_rows(out):
    lines = explain(out, "411799001001GB00017", lang="en")
    assert lines[0].startswith("Legal clock of project 4117992021B00017 on parcel 411799001001GB00017")
    assert lines[1].startswith("  1. The start was due on 2025-03-15; basis: contract.")
    assert "1/5 × land price 470.4 wan CNY = 94.08 wan CNY" in lines[6]
    assert "Read from: projects 4117992021B00017 ← ledger.xlsx, row 19" in lines


def test_a_rule_on_a_zone_tells_no_clock(out):
    assert not any("法定时钟" in line for line in explain(out, "JQ01", "S004-DENS"))
