"""Evaluations of the study file: zones scored, enterprises classed, stars; all weights the user's."""

from pathlib import Path

import pandas as pd
import pytest

import landzone as lz
from landzone.errors import Refusal
from landzone.io.study_file import parse

from .conftest import write_study

SECTION = """
[evaluation.zones]
weights = { building_density_ratio = 0.75, townships_count = 0.25 }
ideals = { building_density_ratio = 0.5, townships_count = 4 }

[evaluation.enterprises]
weights = { tax_wan_cny_per_ha = 1 }
bases = { tax_wan_cny_per_ha = 100 }
classes = ["A", "B"]
shares = [0.5, 1]
small_below_mu = 5

[[evaluation.stars]]
stars = 1
conditions = { revenue_wan_cny = 2000 }
[[evaluation.stars]]
stars = 2
conditions = { revenue_wan_cny = 2000.01 }

[evaluation.land]
ideals = { industrial = 0.6, building_density_ratio = 0.5 }
annual_supply_ha = { Z1 = 4 }

[evaluation.land.areas_ha.Z1]
A = 80
A1 = 8
A2 = 40
B = 40
B21 = 20
C = 31
D = 90
D22 = 2
E = 20
F = 40
G = 4.5
G_recoverable = 3
total = 150
"""


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> lz.Audit:
    path = write_study(tmp_path_factory.mktemp("evaluation"), packs=["seed-004-cluster-2014"], more=SECTION)
    return lz.audit(lz.open_study(path), as_of="2026-06-30")


def test_a_zone_is_scored_by_the_weights_and_ideal_values_of_the_study(audit: lz.Audit) -> None:
    """Footprints 5,000 + 4,200 + 900 m² on 40,000 m²: 25.25 % of 50 %; two townships of four."""
    table = audit.result.tables["evaluation"]
    rows = table[table["system"] == "zones"].set_index("item")
    assert rows.loc["building_density_ratio", "value"] == pytest.approx(0.2525)
    assert rows.loc["building_density_ratio", "normalised_ratio"] == pytest.approx(0.505)
    assert rows.loc["building_density_ratio", "score"] == pytest.approx(37.875)
    assert rows.loc["townships_count", "score"] == pytest.approx(12.5)
    assert rows.loc["total", "score"] == pytest.approx(50.375)
    assert rows.loc["total", "rank_count"] == 1


def test_enterprises_are_classed_by_tax_over_their_land(audit: lz.Audit) -> None:
    """甲 pays 100 万元 on 1 ha, 乙 50, 丙 nothing that the ledger states: no score and no class."""
    table = audit.result.tables["evaluation"]
    rows = table[(table["system"] == "enterprises") & (table["item"] == "total")].set_index("subject_id")
    assert rows["score"].dropna().round(9).to_dict() == {"甲公司": 100, "乙公司": 50}
    assert rows["class"].dropna().to_dict() == {"甲公司": "A", "乙公司": "B"}
    assert set(rows["group"]) == {"large"}


def test_the_highest_level_whose_conditions_are_met_is_the_number_of_stars(audit: lz.Audit) -> None:
    table = audit.result.tables["evaluation"]
    assert table.loc[table["system"] == "stars", ["subject_id", "class"]].to_numpy().tolist() == [["Z1", "1"]]


def test_the_area_ledger_gives_ratios_potentials_and_years_and_names_what_does_not_balance(
    audit: lz.Audit,
) -> None:
    """80 + 40 + 31 is one hectare more than 150; the density of the zone is 25.25 % of 50 %."""
    table = audit.result.tables["evaluation"]
    rows = table[table["system"] == "land"].set_index("item")
    assert set(rows["subject_id"]) == {"Z1"}
    assert rows["value"].dropna().round(9).to_dict() == {
        "land_built_ratio": round(80 / 90, 9), "land_developed_ratio": round(100 / 120, 9), "land_idle_ratio": 0.05,
        "land_industrial_ratio": 0.5, "land_supply_ratio": 0.9, "potential_expansion": 20,
        "potential_intensity_building_density_ratio": round((1 - 0.2525 / 0.5) * 40, 9), "potential_management": 5,
        "potential_structure": 8, "supply_years": 5, "total = A + B + C": -1,
    }  # fmt: skip
    assert rows["class"].dropna().to_dict() == {"land_type": "industrial", "total = A + B + C": "broken"}
    assert rows.loc["potential_expansion", "unit"] == "ha"


def test_the_area_ledger_is_told_in_words(audit: lz.Audit) -> None:
    from landzone.outputs.result_grids import ResultGrids

    columns = {
        column.key: column.values for column in ResultGrids(audit.study, audit.result).evaluation().columns
    }
    shown = dict(zip(columns["item"], columns["class"], strict=True))
    assert {"土地供应率", "扩展潜力", "尚可供地年数"} <= set(shown)
    assert any(str(item).startswith("强度潜力：") and "建筑密度" in str(item) for item in shown)
    assert (shown["total = A + B + C"], shown["开发区类型"]) == ("台账不平", "工业主导型")


def test_nothing_is_evaluated_that_nobody_asks_for(grid_audit: lz.Audit) -> None:
    assert grid_audit.result.tables["evaluation"].empty
    assert isinstance(grid_audit.result.tables["evaluation"], pd.DataFrame)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("= 0.75", "= 0.7", "weights that sum to 1, not to 0.95"),
        ("= 0.75", "= -0.75", "greater than or equal to 0"),
        ("ideals = { building_density_ratio = 0.5, ", "ideals = { ", "ideals for exactly"),
        ("ratio = 0.5, town", "ratio = 0, town", "greater than 0"),
        ("shares = [0.5, 1]", "shares = [0.5, 0.9]", "the last one 1"),
        ("shares = [0.5, 1]", "shares = [1]", "one ascending share for each class"),
        ("small_below_mu", "small_below", "small_below_mu"),
        ("stars = 2", "stars = 0", "greater than or equal to 1"),
        ("A1 = 8", "A7 = 8", "not A7"),
        ("{ Z1 = 4 }", "{ Z2 = 4 }", "not for Z2"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(before: str, after: str, words: str) -> None:
    import tomllib

    raw = tomllib.loads('[layers.parcels]\nsource = "p.shp"\n' + SECTION)
    assert parse(raw).evaluation.zones is not None
    assert before in SECTION
    with pytest.raises(Refusal) as caught:
        parse(tomllib.loads('[layers.parcels]\nsource = "p.shp"\n' + SECTION.replace(before, after, 1)))
    text = caught.value.text("en")
    assert "evaluation." in text
    assert words in text


@pytest.mark.parametrize(
    ("before", "after", "place", "near"),
    [
        ("townships_count", "township_count", "evaluation.zones", "townships_count"),
        ("tax_wan_cny_per_ha", "taxes_wan_cny_per_ha", "evaluation.enterprises", "tax_wan_cny_per_ha"),
        ("revenue_wan_cny = 2000.01", "revenues_wan_cny = 2000.01", "evaluation.stars", "revenue_wan_cny"),
        ("0.6, building_density", "0.6, buildings_density", "evaluation.land", "building_density_ratio"),
    ],
)
def test_a_measure_that_there_is_not_is_answered_with_its_line_and_the_nearest(
    tmp_path: Path, before: str, after: str, place: str, near: str
) -> None:
    path = write_study(tmp_path, packs=["seed-004-cluster-2014"], more=SECTION.replace(before, after))
    with pytest.raises(Refusal) as caught:
        lz.open_study(path)
    lines = path.read_text("utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if after in text)
    assert str(caught.value.place) == f"study.toml {line}/{place}"
    assert caught.value.code == "EVALUATION_MEASURE"
    assert f"Use {near};" in caught.value.text("en")


def test_weights_that_do_not_sum_to_one_are_refused_with_file_and_line(tmp_path: Path) -> None:
    path = write_study(tmp_path, packs=["seed-004-cluster-2014"], more=SECTION.replace("= 0.75", "= 0.7"))
    lines = path.read_text("utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if text.startswith("weights"))
    with pytest.raises(Refusal, match=f"study.toml {line}/evaluation.zones.weights"):
        lz.open_study(path)


def test_a_zone_of_the_area_ledger_that_there_is_not_is_refused(tmp_path: Path) -> None:
    wrong = SECTION.replace("areas_ha.Z1", "areas_ha.Z9").replace("{ Z1 = 4 }", "{ Z9 = 4 }")
    path = write_study(tmp_path, packs=["seed-004-cluster-2014"], more=wrong)
    with pytest.raises(Refusal, match=r"EVALUATION_ZONE.*Z9.*Z1"):
        lz.audit(lz.open_study(path), as_of="2026-06-30")
