"""Rule packs: what is read, and what is refused with file, line and rule."""

import hashlib
from datetime import date

import pytest

from landzone.catalog import load
from landzone.catalog.measure_list import measure_spec, measures, unit_factor
from landzone.catalog.packs import bundled_packs, list_rules, load_pack, load_packs, read_pack
from landzone.errors import Refusal
from landzone.model.rules import Binding, Op

SEED = load.text("rule_packs/seed-004-cluster-2014.toml")


def test_the_nine_conditions_of_seed_004():
    pack = load_pack("seed-004-cluster-2014")
    assert (pack.source, pack.issued, pack.valid_to) == ("豫工信企业〔2014〕196号", date(2014, 3, 22), None)
    assert pack.binding is Binding.GUIDANCE
    found = {r.id: (r.measure, r.op, r.limits[0].limit, r.unit, r.clause) for r in pack.rules}
    assert found == {
        "S004-LEADERS": ("leaders_count", Op.GE, 2, "count", "三(二)"),
        "S004-LINKED": ("linked_firms_count", Op.GE, 20, "count", "三(二)"),
        "S004-DENS": ("building_density_ratio", Op.GE, 0.5, "ratio", "三(二)"),
        "S004-INV": ("investment_intensity_wan_cny_per_ha", Op.GE, 1000, "wan_cny_per_ha", "三(二)"),
        "S004-REVENUE": ("revenue_wan_cny", Op.GE, 200_000, "wan_cny", "三(三)"),
        "S004-MAIN-SHARE": ("main_industry_revenue_ratio", Op.GE, 0.65, "ratio", "三(三)"),
        "S004-RD": ("rd_spend_ratio", Op.GE, 0.01, "ratio", "三(四)"),
        "S004-CLEAN": ("clean_audit_ratio", Op.EQ, 1, "ratio", "三(五)"),
        "S004-PLATFORM": ("platform_count", Op.GE, 1, "count", "三(六)"),
    }


def test_every_bundled_pack_is_read_and_its_text_hashed():
    for pack, name in zip(list_rules(), bundled_packs(), strict=True):
        assert pack.id == name
        assert pack.sha256 == hashlib.sha256(load.text(f"rule_packs/{name}.toml").encode()).hexdigest()


def test_a_pack_of_the_user_lies_beside_the_study(tmp_path):
    (tmp_path / "ours.toml").write_text(
        SEED.replace('"seed-004-cluster-2014"', '"ours"'), encoding="utf-8-sig"
    )
    assert load_pack("ours.toml", tmp_path).id == "ours"


MISTAKES = {
    "unknown key": ('op = "=="', 'opp = "=="', "RULE_PACK_KEY", 90, "The nearest is op."),
    "unknown key of a value": ("limit = 65", "limits = 65", "RULE_PACK_KEY", 72, "The nearest is limit."),
    "no clause": ('clause = "三(四)"\n', "", "RULE_PACK_MISSING", 74, "lacks clause"),
    "empty quote": (
        "产业集群内研发投入占营业收入的比重不低于1%",
        " ",
        "RULE_PACK_MISSING",
        82,
        "lacks quote",
    ),
    "bad comparison": ('op = "=="', 'op = "="', "RULE_PACK_VALUE", 90, ">= <= > < =="),
    "limit as text": ("limit = 65", 'limit = "65"', "RULE_PACK_VALUE", 72, "limit cannot be 65"),
    "limit not finite": ("limit = 65", "limit = nan", "RULE_PACK_VALUE", 72, "limit cannot be nan"),
    "date as text": ("issued = 2014-03-22", 'issued = "2014"', "RULE_PACK_VALUE", 4, "2014-03-22"),
    "unit of another measure": (
        'unit = "亿元"',
        'unit = "m2"',
        "RULE_PACK_UNIT",
        58,
        "wan_cny 万元 yi_cny 亿元",
    ),
    "unknown measure": (
        '"rd_spend_ratio"',
        '"rd_spend_rate"',
        "RULE_PACK_MEASURE",
        78,
        "nearest is rd_spend_ratio",
    ),
    "wrong subject": (
        'applies_to = "zone"\nmeasure = "rd',
        'applies_to = "parcel"\nmeasure = "rd',
        "RULE_PACK_VALUE",
        77,
        "zone",
    ),
    "the same id twice": ("S004-RD", "S004-INV", "RULE_PACK_TWICE", 75, "S004-INV occurs twice"),
    "overlapping dates": (
        "[{ from = 2014-03-22, limit = 20 }]",
        "[{ until = 2014-12-31, limit = 9 }, { from = 2014-12-31, limit = 20 }]",
        "RULE_PACK_DATES",
        28,
        "2014-12-31",
    ),
    "dates that run backwards": (
        "[{ from = 2014-03-22, limit = 20 }]",
        "[{ from = 2014-03-22, until = 2013-01-01, limit = 20 }]",
        "RULE_PACK_DATES",
        28,
        "run backwards",
    ),
    "no rules": (SEED[SEED.index("[[rules]]") :], "rules = []", "RULE_PACK_MISSING", 8, "lacks rules"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(name):
    before, after, code, line, words = MISTAKES[name]
    assert before in SEED
    with pytest.raises(Refusal) as caught:
        read_pack(SEED.replace(before, after, 1), "ours.toml")
    assert caught.value.code == code
    assert caught.value.place.file == "ours.toml"
    assert caught.value.place.row.split()[0] == str(line)
    assert words in caught.value.text("en")
    assert caught.value.text("zh")


def test_periods_that_follow_each_other_are_fine():
    after = "[{ until = 2014-12-31, limit = 9 }, { from = 2015-01-01, limit = 20 }]"
    pack = read_pack(SEED.replace("[{ from = 2014-03-22, limit = 20 }]", after, 1), "ours.toml")
    rule = next(r for r in pack.rules if r.id == "S004-LINKED")
    assert (rule.limit_at(date(2014, 12, 31)), rule.limit_at(date(2015, 1, 1))) == (9, 20)


def test_text_that_is_no_toml_is_refused_with_its_line():
    with pytest.raises(Refusal, match=r"RULE_PACK_SYNTAX.*line 1"):
        read_pack("id = \n", "ours.toml")


def test_an_unknown_pack_is_refused_with_the_nearest_name(tmp_path):
    with pytest.raises(Refusal, match=r"RULE_PACK_NOT_FOUND.*seed-004-cluster-2014"):
        load_pack("seed-004-cluster-2015")
    with pytest.raises(Refusal, match=r"RULE_PACK_NOT_FOUND  none\.toml"):
        load_pack("none.toml", tmp_path)


def test_one_pack_twice_is_refused():
    with pytest.raises(Refusal, match="RULE_PACK_TWICE"):
        load_packs(["seed-004-cluster-2014", "seed-004-cluster-2014"])


def test_limits_may_be_given_in_units_that_convert_exactly():
    assert float(66.6667 * unit_factor("万元/亩", "wan_cny_per_ha")) == pytest.approx(1000, abs=1e-3)
    text = SEED.replace('"万元/平方公顷"', '"万元/亩"').replace("limit = 1000", "limit = 70")
    rule = next(r for r in read_pack(text, "ours.toml").rules if r.id == "S004-INV")
    assert (rule.limits[0].limit, rule.unit) == (1050, "wan_cny_per_ha")
    assert unit_factor("m2", "wan_cny") is None


def test_every_measure_says_what_it_is():
    units = set(load.table("units.toml"))
    for spec in measures().values():
        assert {spec.unit, spec.numerator_unit} <= units, spec.name
        assert all([spec.subjects, spec.source, *spec.title.values(), *spec.formula.values()]), spec.name
    assert measure_spec("investment_intensity_usd_per_ha").numerator_unit == "usd"
    assert measure_spec("investment_intensity_x_per_ha") is None
