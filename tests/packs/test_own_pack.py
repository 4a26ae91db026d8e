"""A pack of a user: own indicators, own tables of limits, and what is refused before the run."""

import pytest

import landzone as lz
from landzone.catalog.packs import load_pack, read_pack
from landzone.errors import Refusal

from .conftest import write_study

HEAD = """id = "ours"
title = { zh = "本市办法", en = "Rules of the city" }
source = "示例〔2026〕1号"
issued = 2026-01-01
binding = "guidance"

[[indicators]]
name = "tax_share"
title = { zh = "税收占产值比", en = "tax over output" }
subjects = ["parcel", "zone"]
unit = "wan_cny_per_mu"
formula = "FORMULA"

[[rules]]
id = "OURS-1"
title = { zh = "亩均税收", en = "Tax per mu" }
applies_to = "zone"
measure = "tax_share"
op = ">="
unit = "wan_cny_per_mu"
clause = "二"
quote = "亩均税收不低于5万元"
values = [{ limit = 5 }]
"""
FORMULA = "sum(parcels.tax_wan_cny_per_ha * parcels.area_m2) / sum(parcels.area_m2)"


def _pack(formula, subjects='["zone"]', **changes):
    text = HEAD.replace("FORMULA", formula).replace('["parcel", "zone"]', subjects)
    for before, after in changes.values():
        assert before in text
        text = text.replace(before, after)
    return text


def test_an_indicator_is_a_sum_over_a_sum_in_its_own_unit(tmp_path):
    formula = "sum(enterprises.revenue_wan_cny) / industrial_land_m2"
    path = write_study(tmp_path, packs=["ours.toml"])
    (tmp_path / "ours.toml").write_text(_pack(formula), encoding="utf-8")
    found = lz.audit(lz.open_study(path), as_of="2026-06-30").findings.iloc[0]
    assert found["observed"] == pytest.approx(2_000 / 60)  # 2,000 万元 on 4 ha = 60 亩
    assert (found["numerator"], found["denominator"], found["verdict"]) == (
        pytest.approx(2e7 / 15),
        40_000,
        "pass",
    )


def test_a_column_that_the_data_lack_is_unknown_not_zero(tmp_path):
    columns = ('formula = "profit', 'columns = { profit_wan_cny = "wan_cny" }\nformula = "profit')
    text = _pack("profit_wan_cny / area_m2", columns=columns)
    path = write_study(tmp_path, packs=["ours.toml"])
    (tmp_path / "ours.toml").write_text(text, encoding="utf-8")
    found = lz.audit(lz.open_study(path), as_of="2026-06-30").findings
    assert found["verdict"].tolist() == ["unknown"]


@pytest.mark.parametrize(
    ("formula", "code", "words"),
    [
        ("sum(parcels.fotprint_m2) / area_m2", "RULE_PACK_COLUMN", "footprint_m2"),
        ("sum(parcel.footprint_m2) / area_m2", "RULE_PACK_COLUMN", "parcels enterprises"),
        ("footprint_m2 / area_m2", "RULE_PACK_FORMULA_UNIT", "wan_cny_per_mu"),
        ("revenue_wan_cny + area_m2", "RULE_PACK_FORMULA", "differ"),
        ("revenue_wan_cny /", "RULE_PACK_FORMULA", "missing here"),
        ("parcels.area_m2", "RULE_PACK_FORMULA", "outside"),
    ],
)
def test_a_formula_is_refused_with_file_line_and_name(formula, code, words):
    with pytest.raises(Refusal) as caught:
        read_pack(_pack(formula), "ours.toml")
    assert (caught.value.code, caught.value.place.row) == (code, "12 [tax_share]")
    assert words in caught.value.text("en")


def test_limits_by_a_table_of_the_user(tmp_path):
    rule = """limits_by = { key = "land_grade", table = "limits.csv", column = "low" }
values = [{ limit = 1 }]"""
    text = _pack("1", head=("values = [{ limit = 5 }]", rule))
    before = 'applies_to = "zone"\nmeasure = "tax_share"'
    after = 'applies_to = "parcel"\nmeasure = "building_density_ratio"'
    text = text.replace('formula = "1"\n', "").replace(before, after)
    text = text.replace('unit = "wan_cny_per_mu"\nclause', 'unit = "percent"\nclause')
    (tmp_path / "ours.toml").write_text(text, encoding="utf-8")
    (tmp_path / "limits.csv").write_text("land_grade,low\n13,40\n14,35\n", encoding="utf-8")
    rule = load_pack("ours.toml", tmp_path).rules[0]
    assert rule.limits_by.limits == {("13",): 0.4, ("14",): 0.35}
    for content, words in (
        ("land_grade,low\n13,x\n", "line 2: x is no number"),
        ("land_grade,low\n13,1\n13,2\n", "line 3: 13 occurs twice"),
        ("land_grade,high\n13,1\n", "no column low"),
        ("land_grade,low\n13\n", "line 2: 1 cells"),
        ("", "empty"),
    ):
        (tmp_path / "limits.csv").write_text(content, encoding="utf-8")
        with pytest.raises(Refusal, match="RULE_PACK_TABLE") as caught:
            load_pack("ours.toml", tmp_path)
        assert words in caught.value.text("en")


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('op = ">="\n', "", "RULE_PACK_MISSING"),
        ("values = [{ limit = 5 }]\n", "", "RULE_PACK_MISSING"),
        ('op = ">="\n', 'op = ">="\nwhen = { is_prority = true }\n', "RULE_PACK_KEY"),
        ('op = ">="\n', 'op = ">="\nreason = { zh = "x", en = "y" }\n', "RULE_PACK_KEY"),
        ('clause = "二"\n', "", "RULE_PACK_MISSING"),
        ('subjects = ["zone"]', 'subjects = ["town"]', "RULE_PACK_VALUE"),
        ('name = "tax_share"', 'name = "revenue_wan_cny"', "RULE_PACK_TWICE"),
    ],
)
def test_what_is_not_exactly_right_is_refused(before, after, code):
    text = _pack("revenue_wan_cny / area_m2")
    assert before in text
    with pytest.raises(Refusal) as caught:
        read_pack(text.replace(before, after, 1), "ours.toml")
    assert caught.value.code == code
    assert caught.value.place.file == "ours.toml"
