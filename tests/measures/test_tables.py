"""The tables of parcels and zones on squares; the study stands in conftest.py."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landzone.catalog.packs import load_pack
from landzone.model.study import AreaSource
from landzone.rules.evaluate import evaluate

PACK = load_pack("seed-004-cluster-2014")
DAY = date(2026, 6, 30)


def _verdicts(zone):
    found = evaluate([zone.measures], [PACK], DAY)
    return found.set_index(["subject_id", "rule_id"])["verdict"].astype("str")


def test_columns_of_the_contract_come_first_and_in_order(make_study, make_tables):
    parcels, zones = make_tables(make_study())
    assert list(parcels.frame.columns[:13]) == [
        "zone_id", "area_m2", "area_kind", "registered_area_m2", "measured_area_m2", "footprint_m2", "floor_area_m2",
        "far_floor_area_m2", "building_density_ratio", "floor_area_ratio", "fixed_asset_investment_wan_cny",
        "investment_intensity_wan_cny_per_ha", "investment_intensity_wan_cny_per_mu",
    ]  # fmt: skip
    contract = [
        "area_m2", "parcels_count", "industrial_land_m2", "density_denominator", "footprint_m2", "floor_area_m2",
        "industrial_footprint_m2", "industrial_far_floor_area_m2", "building_density_ratio", "floor_area_ratio",
        "gross_building_density_ratio", "investment_intensity_wan_cny_per_ha", "investment_coverage_ratio",
        "idle_area_m2", "idle_ratio",
    ]  # fmt: skip
    assert [c for c in zones.frame.columns if c in contract] == contract


def test_the_legal_clock_is_taken_over_with_dates_and_money_as_people_write_them(make_study, make_parcels):
    idle = pd.DataFrame(
        {
            "late_days": [0, 4],
            "idle_class": ["not_idle", "A1"],
            "idle_since_date": pd.to_datetime([None, "2023-03-16"]),
            "idle_fee_fen": pd.array([None, 94_080_000], "Int64"),
        },
        index=["P1", "P2"],
    )
    conformity = pd.Series({"P1": "conforms", "P2": "partly"})
    table = make_parcels(make_study(), idle=idle, conformity=conformity).frame
    places = [
        list(table.columns).index(c) for c in ("idle_class", "idle_fee_wan_cny", "conformity", "late_days")
    ]
    assert places == sorted(places)
    assert table.loc["P2", ["idle_class", "idle_since_date", "idle_fee_wan_cny"]].tolist() == [
        "A1",
        "2023-03-16",
        94.08,
    ]
    assert pd.isna(table.loc["P1", "idle_since_date"])
    assert np.isnan(table.loc["P1", "idle_fee_wan_cny"])


def test_parcels(make_study, make_tables):
    table = make_tables(make_study())[0].frame
    assert table["zone_id"].tolist() == ["Z1", "Z1", "Z2", "Z2"]
    assert table["area_m2"].tolist() == [10_000, 15_000, 10_000, 5_000]
    assert table["footprint_m2"].tolist() == [5_000, 5_000, 2_500, 0]
    assert table["floor_area_m2"].tolist() == [5_000, 10_000, 7_500, 0]
    assert table["far_floor_area_m2"].tolist() == [10_000, 10_000, 7_500, 0]
    assert table["building_density_ratio"].tolist() == [0.5, 1 / 3, 0.25, 0]
    assert table["floor_area_ratio"].tolist() == [1, 2 / 3, 0.75, 0]
    np.testing.assert_array_equal(table["fixed_asset_investment_wan_cny"], [1000, 1500, np.nan, np.nan])
    np.testing.assert_array_equal(table["investment_intensity_wan_cny_per_ha"], [1000, 1000, np.nan, np.nan])


def test_zones_share_a_straddling_parcel_by_area(make_study, make_tables):
    table = make_tables(make_study())[1].frame
    assert table["area_m2"].tolist() == [20_000, 20_000]
    assert table["industrial_land_m2"].tolist() == [20_000, 10_000]
    assert table["density_denominator"].tolist() == ["industrial", "industrial"]
    assert table["footprint_m2"].tolist() == [10_000, 2_500]
    assert table["floor_area_m2"].tolist() == [15_000, 7_500]
    assert table["industrial_footprint_m2"].tolist() == [8_333.3333, 1_666.6667]
    assert table["gross_building_density_ratio"].tolist() == [0.5, 0.125]
    np.testing.assert_allclose(table["building_density_ratio"], [25 / 60, 1 / 6], rtol=1e-7)
    assert table["investment_intensity_wan_cny_per_ha"].tolist() == [1000, 1000]
    assert table["investment_coverage_ratio"].tolist() == [1, 0.5]
    assert table["investment_intensity_lower_wan_cny_per_ha"].tolist() == [1000, 500]


def test_without_use_codes_all_parcels_count_and_it_is_said(make_study, make_tables, squares):
    bare = {"P1": {"geometry": squares(0, 0, 100, 100)}, "P2": {"geometry": squares(100, 0, 200, 100)}}
    zones = make_tables(make_study(parcels=bare, ledger=[("a", "P1", 5000)]))[1]
    first = zones.frame.loc["Z1"]
    assert first["density_denominator"] == "parcels"
    assert np.isnan(first["industrial_land_m2"])
    assert (first["density_denominator_m2"], first["industrial_footprint_m2"]) == (20_000, 10_000)
    assert (first["building_density_ratio"], first["investment_coverage_ratio"]) == (0.5, 0.5)
    assert "DENSITY_ON_ALL_PARCELS" in set(zones.problems.frame("note")["code"])


def test_use_codes_without_industrial_land_have_no_industrial_figures(make_study, make_tables, squares):
    homes = {"P1": {"use_code": "0701", "geometry": squares(0, 0, 100, 100)}}
    zones = make_tables(make_study(parcels=homes, ledger=[("a", "P1", 5000)]))[1]
    first = zones.frame.loc["Z1"]
    figures = ["building_density_ratio", "floor_area_ratio", "investment_intensity_wan_cny_per_ha"]
    figures += ["industrial_footprint_m2", "industrial_far_floor_area_m2", "investment_coverage_ratio"]
    assert first[figures].isna().all()
    assert first["industrial_land_m2"] == 0
    assert first["gross_building_density_ratio"] == 0.5
    verdicts = _verdicts(zones)
    assert verdicts["Z1", "S004-DENS"] == verdicts["Z1", "S004-INV"] == "not_applicable"
    assert verdicts["Z2", "S004-DENS"] == "unknown"


def test_a_blank_use_code_makes_the_figures_incomplete(make_study, make_tables, squares):
    parcels = {
        "P1": {"use_code": "0601", "geometry": squares(0, 0, 100, 100)},
        "P2": {"use_code": None, "geometry": squares(100, 0, 200, 100)},
    }
    zones = make_tables(make_study(parcels=parcels))[1]
    measured = zones.measures.measures["building_density_ratio"]
    assert (measured.value["Z1"], measured.lower["Z1"], measured.coverage["Z1"]) == (0.5, 0.25, 0.5)
    assert _verdicts(zones)["Z1", "S004-DENS"] == "unknown"
    assert "USE_CODE_BLANK" in set(zones.problems.frame("note")["code"])


def test_no_building_layer_is_unknown_and_never_zero(make_study, make_tables):
    study = make_study(buildings={})
    parcels, zones = make_tables(study)
    columns = ["footprint_m2", "floor_area_m2", "building_density_ratio", "floor_area_ratio"]
    assert parcels.frame[columns].isna().all(axis=None)
    assert zones.frame[[*columns, "gross_building_density_ratio"]].isna().all(axis=None)
    assert set(_verdicts(zones)[:, "S004-DENS"]) == {"unknown"}


def test_a_building_that_does_not_stand_is_not_counted_and_is_noted(make_study, make_tables, squares):
    buildings = {
        "B1": {"floors": 1.0, "status": "现状", "geometry": squares(0, 0, 50, 50)},
        "B2": {"floors": 1.0, "status": "拆除", "geometry": squares(50, 50, 100, 100)},
    }
    parcels, zones = make_tables(make_study(buildings=buildings))
    assert parcels.frame.loc["P1", "footprint_m2"] == 2_500
    assert "BUILDINGS_NOT_STANDING" in set(zones.problems.frame("note")["code"])


@pytest.mark.parametrize(
    ("underground", "area", "told"),
    [(1.0, 5000.0, True), (0.0, 5000.0, False), (1.0, None, False), (None, 5000.0, False)],
)
def test_a_stated_floor_area_of_a_building_with_floors_under_ground_is_noted(
    make_study, make_tables, squares_rows, underground, area, told
):
    more = {"underground_floors": underground, "floor_area_m2": area}
    buildings = {"B1": {**squares_rows[2]["B1"], **more}}
    _, zones = make_tables(make_study(buildings=buildings))
    assert ("UNDERGROUND_IN_FLOOR_AREA" in set(zones.problems.frame("note")["code"])) is told


def test_unknown_storeys_leave_a_lower_bound(make_study, make_tables, squares):
    buildings = {"B1": {"floors": np.nan, "geometry": squares(0, 0, 50, 100)}}
    parcels, zones = make_tables(make_study(buildings=buildings))
    assert np.isnan(parcels.frame.loc["P1", "floor_area_ratio"])
    assert parcels.frame.loc["P1", "far_floor_area_lower_m2"] == 5_000
    measured = zones.measures.measures["floor_area_ratio"]
    assert np.isnan(measured.value["Z1"])
    assert (measured.lower["Z1"], measured.coverage["Z1"]) == (0.25, 0.5)
    assert measured.value["Z2"] == 0


def test_registered_area_takes_the_pieces_with_it(make_study, make_tables, squares):
    parcels = {
        "P1": {"use_code": "0601", "registered_area_m2": 10_060.0, "geometry": squares(0, 0, 100, 100)}
    }
    table, zones = make_tables(make_study(parcels=parcels, area=AreaSource.REGISTERED))
    first = table.frame.loc["P1"]
    assert (first["area_m2"], first["area_kind"], first["measured_area_m2"]) == (10_060, "registered", 10_000)
    assert (first["footprint_m2"], first["building_density_ratio"]) == (5_030, 0.5)
    assert zones.frame.loc["Z1", "industrial_land_m2"] == 10_060


def test_idle_land_by_area_share(make_study, make_tables):
    classes = pd.Series({"P1": "not_idle", "P2": "A1", "P3": "unknown", "P4": "A2"})
    table = make_tables(make_study(), idle_class=classes)[1].frame
    assert table["idle_area_m2"].tolist() == [10_000, 10_000]
    assert table["idle_ratio"].tolist() == [0.5, 1.0]
    assert table["idle_coverage_ratio"].tolist() == [1.0, 0.5]


def test_a_zone_states_what_no_layer_gives(make_study, make_tables, figure_table):
    given_figures = figure_table({"zone_id": ["Z1"], "platform_count": [2], "building_density_ratio": [0.9]})
    zones = make_tables(make_study(tables={"zone_figures": given_figures}))[1]
    assert zones.frame.loc["Z1", "platform_count"] == 2
    assert zones.frame.loc["Z1", "building_density_ratio"] == pytest.approx(25 / 60)
    notes = zones.problems.frame("note").set_index("code")["column"]
    assert notes["ZONE_FIGURE_GIVEN"] == "platform_count"
    assert notes["ZONE_FIGURE_UNUSED"] == "building_density_ratio"
    assert _verdicts(zones)["Z1", "S004-PLATFORM"] == "pass"
    assert _verdicts(zones)["Z2", "S004-PLATFORM"] == "unknown"


def test_enterprises_reach_their_nine_conditions(make_study, make_tables, enterprise_table, figure_table):
    wan = 1_000_000
    firms = {
        "zone_id": ["Z1"] * 22,
        "revenue_fen": [100_000 * wan, 70_000 * wan] + [1_500 * wan] * 20,
        "rd_spend_fen": [2_000 * wan] + [0] * 21,
        "is_leader": [True, True] + [False] * 20,
        "is_supplier": [False, False] + [True] * 20,
        "is_above_scale": [True] * 22,
        "clean_audit_done": [True] * 22,
        "main_industry": [True] * 20 + [False] * 2,
    }
    more = {"enterprises": enterprise_table(firms)}
    more["zone_figures"] = figure_table({"zone_id": ["Z1"], "platform_count": [1]})
    verdicts = _verdicts(make_tables(make_study(tables=more))[1])["Z1"]
    assert verdicts.to_dict() == {
        "S004-CLEAN": "pass", "S004-DENS": "fail", "S004-INV": "pass", "S004-LEADERS": "pass", "S004-LINKED": "pass",
        "S004-MAIN-SHARE": "pass", "S004-PLATFORM": "pass", "S004-RD": "pass", "S004-REVENUE": "pass",
    }  # fmt: skip


def test_another_currency_has_its_own_columns_and_no_limit_in_yuan(make_study, make_tables):
    parcels, zones = make_tables(make_study(money="usd"))
    assert parcels.frame.loc["P1", "fixed_asset_investment_usd"] == 1000 * 1_000_000 / 100
    assert "investment_intensity_usd_per_ha" in zones.frame
    assert not [c for c in zones.frame.columns if "cny" in c]
    assert _verdicts(zones)["Z1", "S004-INV"] == "not_applicable"


def test_money_in_yuan_is_still_judged_in_wan(make_study, make_tables):
    zones = make_tables(make_study(money="cny"))[1]
    assert zones.frame.loc["Z1", "investment_intensity_cny_per_ha"] == 10_000_000
    assert _verdicts(zones)["Z1", "S004-INV"] == "pass"


cuts = st.floats(1, 99, allow_nan=False).map(lambda x: round(x, 3))


@settings(
    derandomize=True,
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(cuts)
def test_splitting_a_parcel_keeps_the_figures_of_its_zone(make_study, make_tables, squares, cut):
    whole = {"P1": {"use_code": "0601", "geometry": squares(0, 0, 100, 100)}}
    halves = {
        "P1a": {"use_code": "0601", "geometry": squares(0, 0, cut, 100)},
        "P1b": {"use_code": "0601", "geometry": squares(cut, 0, 100, 100)},
    }
    before = make_tables(make_study(parcels=whole, ledger=[("a", "P1", 7)]))[1].frame
    after = make_tables(make_study(parcels=halves, ledger=[("a", "P1a", 7), ("a", "P1b", 7)]))[1].frame
    same = ["industrial_land_m2", "industrial_footprint_m2", "building_density_ratio", "floor_area_ratio"]
    same += ["investment_intensity_wan_cny_per_ha", "investment_coverage_ratio", "footprint_m2"]
    pd.testing.assert_frame_equal(before[same], after[same], rtol=1e-9)


@settings(
    derandomize=True,
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.sampled_from([None, 0.0, 400.0, 1000.0, 2500.0]), min_size=3, max_size=3), st.integers(0, 2)
)
def test_blanking_money_only_moves_towards_unknown(make_study, make_tables, amounts, place):
    ids = ["P1", "P2", "P4"]
    before = make_tables(
        make_study(ledger=[(f"j{i}", p, m) for i, (p, m) in enumerate(zip(ids, amounts, strict=True))])
    )
    amounts[place] = None
    after = make_tables(
        make_study(ledger=[(f"j{i}", p, m) for i, (p, m) in enumerate(zip(ids, amounts, strict=True))])
    )
    old, new = _verdicts(before[1])[:, "S004-INV"], _verdicts(after[1])[:, "S004-INV"]
    assert ((new == "unknown") | (new == old)).all()


@settings(
    derandomize=True,
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.randoms(use_true_random=False))
def test_shuffled_rows_give_the_same_bytes(make_study, make_tables, squares_rows, random):
    def mixed(rows):
        return dict(random.sample(list(rows.items()), len(rows)))

    plain = make_tables(make_study())
    zones, parcels, buildings, ledger = squares_rows
    study = make_study(mixed(zones), mixed(parcels), mixed(buildings), random.sample(ledger, len(ledger)))
    for left, right in zip(plain, make_tables(study), strict=True):
        assert left.frame.to_csv() == right.frame.to_csv()
        assert left.problems.frame("note").to_csv() == right.problems.frame("note").to_csv()
