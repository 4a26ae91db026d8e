"""Findings of every pack on the grid, and what becomes of them when data go missing."""

import numpy as np
import pytest

import landzone as lz
from landzone.catalog import load
from landzone.errors import Refusal

from .conftest import write_study

VERDICTS = {
    ("project", "J1", "S001-PRICE"): ("pass", 67.2, 67.2),
    ("project", "J2", "S001-PRICE"): ("fail", 67.19, 67.2),
    ("project", "J9", "S001-PRICE"): ("not_applicable", 95.99, 67.2),
    ("project", "J1", "S001-COST"): ("pass", 1.12, 1),
    ("project", "J1", "S001-SERV"): ("pass", 0.15, 0.15),
    ("project", "J2", "S001-SERV"): ("fail", 0.1501, 0.15),
    ("project", "J9", "S001-SERV"): ("unknown", np.nan, 0.15),
    ("project", "J2", "S001-NEWIND"): ("pass", 400 / 12_400, 0.15),
    ("project", "J1", "S001-NEWIND"): ("not_applicable", 0, 0.15),
    ("parcel", "P2", "S001-INZONE"): ("pass", 1, 1),
    ("parcel", "P9", "S001-INZONE"): ("fail", 0, 1),
    ("parcel", "P3", "S001-INZONE"): ("unknown", 1, 1),
    ("parcel", "P5", "S001-INZONE"): ("not_applicable", 1, 1),
    ("region", "all", "S001-BUILT"): ("pass", 0.15, 0.15),
    ("region", "all", "S001-FACT"): ("fail", 12_000, 3_500_000),
    ("region", "all", "S001-JOBS"): ("fail", 100_000, 100_000),
    ("region", "all", "S001-FIRMS"): ("fail", 2, 2000),
    ("region", "all", "S004-CLUSTERS"): ("fail", 1, 80),
    ("building", "B2", "S002-3F"): ("pass", 3, 3),
    ("zone", "Z1", "S002-TOWN"): ("fail", 2, 1),
    ("project", "J1", "PRICE06-MIN"): ("not_applicable", 67.2, 96),
    ("project", "J9", "PRICE06-MIN"): ("fail", 95.99, 96),
    ("zone", "Z1", "S002-STOCK"): ("not_applicable", 0, np.nan),
    ("zone", "Z1", "S003-MICRO"): ("not_applicable", np.nan, np.nan),
    ("zone", "Z1", "S003-PHASE"): ("fail", 1 / 3, 0),
    ("region", "all", "S003-LAND"): ("not_applicable", 10_000, np.nan),
    ("parcel", "P1", "CTRL08-FAR"): ("not_applicable", 1.0, np.nan),
    ("parcel", "P1", "CTRL23-COEF"): ("not_applicable", 0.7, np.nan),
}


@pytest.fixture(scope="module")
def found(grid_audit):
    return grid_audit.findings.set_index(["subject_kind", "subject_id", "rule_id"])


@pytest.mark.parametrize("key", VERDICTS, ids="-".join)
def test_verdict(found, key):
    verdict, observed, limit = VERDICTS[key]
    row = found.loc[key]
    assert row["verdict"] == verdict, row["message"]
    assert row["observed"] == pytest.approx(observed, rel=1e-6, nan_ok=True)
    assert row["limit"] == pytest.approx(limit, rel=1e-9, nan_ok=True)


def test_control_values_of_2008_on_a_day_they_were_in_force(make_audit):
    found = make_audit(as_of="2021-06-30", packs=["land-control-2008"]).findings
    rows = found.set_index(["subject_id", "rule_id"])
    expected = {
        ("P1", "CTRL08-FAR"): ("pass", 0.7),  # 35 通用设备: 0.7; floor 10,000 of 10,000
        ("P2", "CTRL08-FAR"): ("pass", 1.0),  # 30 塑料: 1.0; floor 12,400
        ("P9", "CTRL08-FAR"): ("fail", 0.7),  # nothing built
        ("P3", "CTRL08-FAR"): ("unknown", np.nan),  # no project, no industry
        ("P1", "CTRL08-COEF"): ("pass", 0.3),
        ("P3", "CTRL08-COEF"): ("fail", 0.3),
        ("P3", "CTRL08-GREEN"): ("pass", 0.2),  # exactly 20 %
        ("P2", "CTRL08-OFFICE"): ("pass", 0.07),
        ("P5", "CTRL08-COEF"): ("not_applicable", 0.3),
        ("P1", "CTRL08-INV"): ("not_applicable", np.nan),
    }
    for key, (verdict, limit) in expected.items():
        assert rows.loc[key, "verdict"] == verdict, key
        assert rows.loc[key, "limit"] == pytest.approx(limit, nan_ok=True), key


def test_targets_of_2010_and_2014_hold_in_their_years(make_audit):
    found = make_audit(as_of="2010-12-31", packs=["seed-003-work-plan-2010"]).findings.set_index("rule_id")
    assert found.loc["S003-ZJGG", ["verdict", "observed"]].tolist() == ["pass", 666666.67]
    assert found.loc["S003-REVENUE", "verdict"] == "fail"
    assert found.loc["S003-FINANCE", "verdict"] == "unknown"
    found = make_audit(as_of="2014-06-30", packs=["seed-000-upgrade-2014"]).findings.set_index("rule_id")
    assert found.loc["S000-NEW-LEADERS", "verdict"] == "pass"
    assert found.loc["S000-ZONES-200", ["verdict", "observed"]].tolist() == ["fail", 0]


def test_a_gap_is_told_both_ways(found):
    row = found.loc[("zone", "Z1", "S004-DENS")]
    assert row["gap"] == pytest.approx(20_000 - 10_100)  # more footprint on 4 ha
    assert row["gap_denominator"] == pytest.approx(40_000 - 20_200)  # or less land under 1.01 ha of footprint
    assert "9,900 平方米" in row["message"]
    assert "19,800 平方米" in row["message"]


def test_an_unknown_verdict_says_what_is_missing_and_what_it_would_have_to_be(found):
    row = found.loc[("zone", "Z1", "S004-INV")]
    assert (row["verdict"], row["missing_count"], row["needed"]) == ("unknown", 2, 1000)
    assert "缺数据 2 个，2 公顷" in row["message"]


def test_a_listed_rule_gives_its_reason(found):
    assert "前后不一" in found.loc[("zone", "Z1", "S003-MICRO"), "message"]


def _bytes(findings, rules):
    rows = findings[findings["rule_id"].isin(rules)].drop(columns=["subject_kind"])
    return rows.to_csv(index=False)


def test_without_the_ledger_money_is_unknown_and_the_rest_stays_byte_for_byte(grid_audit, make_audit):
    bare = make_audit(ledger=None).findings
    money = {"S004-INV"}
    ground = {"S004-DENS", "S004-LEADERS", "S004-LINKED", "S004-REVENUE", "S004-MAIN-SHARE", "S004-PLATFORM",
              "S004-RD", "S004-CLEAN", "S002-TOWN", "S002-3F", "S002-3F-SHARE", "S001-FACT", "S001-BUILT"}  # fmt: skip
    assert set(bare[bare["rule_id"].isin(money)]["verdict"]) == {"unknown"}
    assert _bytes(bare, ground) == _bytes(grid_audit.findings, ground)


def test_a_copied_pack_with_another_limit_changes_that_line_alone(tmp_path):
    text = load.text("rule_packs/seed-004-cluster-2014.toml").replace('"seed-004-cluster-2014"', '"ours"')
    path = write_study(tmp_path, packs=["ours.toml"])
    found = []
    for limit in (50, 45, 25):
        (tmp_path / "ours.toml").write_text(
            text.replace("limit = 50 }", f"limit = {limit} }}"), encoding="utf-8"
        )
        found.append(lz.audit(lz.open_study(path), as_of="2026-06-30").findings)
    before, *others = found
    for after in others:
        pairs = zip(before.to_csv().split("\n"), after.to_csv().split("\n"), strict=True)
        changed = [number - 1 for number, (one, other) in enumerate(pairs) if one != other]
        assert before["rule_id"].to_numpy()[changed].tolist() == ["S004-DENS"]
    rows = [f.set_index("rule_id").loc["S004-DENS"] for f in found]
    assert [row["limit"] for row in rows] == [0.5, 0.45, 0.25]
    assert [row["verdict"] for row in rows] == ["fail", "fail", "pass"]


def test_industry_codes_of_another_edition_are_refused(tmp_path):
    path = write_study(tmp_path, packs=["land-control-2008"])
    text = path.read_text(encoding="utf-8").replace("gbt4754-2002", "gbt4754-2017")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refusal, match=r"INDUSTRY_SCHEME_OTHER.*industry_code"):
        lz.audit(lz.open_study(path), as_of="2021-06-30")


def test_every_message_is_a_sentence_in_both_languages(grid_audit):
    messages = grid_audit.findings["message"]
    assert not messages.str.contains("{", regex=False).any()
    assert (messages.str.len() > 5).all()


def test_prices_below_a_floor_are_worked_out_as_what_if_and_stay_out_of_the_findings(grid_audit):
    """J2 pays 67.19 of 67.2 (70 % of 96) and J9 95.99 of 96 yuan/m², each on 10,000 m²: 100 yuan each."""
    table = grid_audit.result.tables["what_if"].set_index(["what_if", "basis"])
    raised = table.loc["price_raised_to_floor"]
    assert raised["value"].round(9).to_dict() == {"PRICE06-MIN": 0.01, "S001-PRICE": 0.01}
    assert set(raised["unit"]) == {"wan_cny"}
    assert set(raised["subject_id"]) == {"all"}
    assert not grid_audit.findings["measure"].str.contains("price_raised").any()
