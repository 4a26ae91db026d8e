"""Figures of enterprises with blanks."""

import numpy as np
import pandas as pd
import pytest

from landzone.measures import enterprises

ZONES = pd.Index(["Z1", "Z2"])
WAN = 1_000_000


def _firms(**columns):
    count = len(next(iter(columns.values())))
    kinds = {"revenue_fen": "Int64", "rd_spend_fen": "Int64"}
    frame = pd.DataFrame({k: pd.array(v, dtype=kinds.get(k, "boolean")) for k, v in columns.items()})
    return frame.assign(zone_id=pd.Series(["Z1"] * count, dtype="str"))


def _first(figures):
    return figures.loc["Z1"].to_dict()


def test_a_leader_is_marked_and_has_more_than_5000_wan():
    firms = _firms(
        is_leader=[True, True, False, True], revenue_fen=[5001 * WAN, 5000 * WAN, 9999 * WAN, 6000 * WAN]
    )
    assert _first(enterprises.leaders(firms, ZONES, 5000 * WAN))["value"] == 2


def test_a_blank_that_could_make_a_leader_leaves_a_lower_bound():
    firms = _firms(is_leader=[True, None, True], revenue_fen=[5001 * WAN, 6000 * WAN, None])
    found = _first(enterprises.leaders(firms, ZONES, 5000 * WAN))
    assert np.isnan(found["value"])
    assert (found["lower"], found["coverage"]) == (1, pytest.approx(1 / 3))


def test_a_blank_that_cannot_matter_does_not():
    firms = _firms(is_leader=[False, None], revenue_fen=[None, 10 * WAN])
    assert _first(enterprises.leaders(firms, ZONES, 5000 * WAN))["value"] == 0


def test_a_zone_that_nobody_reports_on_has_no_figures():
    found = enterprises.linked_firms(_firms(is_supplier=[True, True]), ZONES)
    assert found.loc["Z1", "value"] == 2
    assert found.loc["Z2", ["value", "lower", "coverage"]].isna().all()


def test_revenue_with_a_blank_is_at_least_what_is_known():
    found = _first(enterprises.revenue(_firms(revenue_fen=[7 * WAN, None]), ZONES, WAN))
    assert np.isnan(found["value"])
    assert (found["lower"], found["coverage"]) == (7, 0.5)


def test_share_of_the_main_industry():
    firms = _firms(revenue_fen=[65 * WAN, 35 * WAN], main_industry=[True, False])
    found = _first(enterprises.main_industry_share(firms, ZONES, WAN))
    assert (found["value"], found["numerator"], found["denominator"], found["coverage"]) == (0.65, 65, 100, 1)


def test_a_firm_of_unknown_industry_is_missing_by_its_revenue():
    firms = _firms(revenue_fen=[60 * WAN, 20 * WAN, 20 * WAN], main_industry=[True, False, None])
    found = _first(enterprises.main_industry_share(firms, ZONES, WAN))
    assert (found["value"], found["lower"], found["coverage"], found["denominator"]) == (0.75, 0.6, 0.8, 100)


def test_without_all_revenues_there_is_no_bound_of_a_share():
    firms = _firms(revenue_fen=[60 * WAN, None], main_industry=[True, False])
    found = _first(enterprises.main_industry_share(firms, ZONES, WAN))
    assert (found["lower"], found["coverage"]) == (0, 0.5)
    assert np.isnan(found["denominator"])


def test_rd_share():
    firms = _firms(revenue_fen=[100 * WAN, 300 * WAN], rd_spend_fen=[1 * WAN, 3 * WAN])
    assert _first(enterprises.rd_share(firms, ZONES, WAN))["value"] == 0.01


def test_an_unknown_rd_of_a_firm_without_revenue_is_not_full_coverage():
    firms = _firms(revenue_fen=[100 * WAN, 0], rd_spend_fen=[0, None])
    assert _first(enterprises.rd_share(firms, ZONES, WAN))["coverage"] == 0.5


CLEAN = {
    "all done": ([True, True], [True, True], [True, True], 1.0, 1.0),
    "one of two done": ([True, True], [True, True], [True, False], 0.5, 1.0),
    "below scale does not count": ([True, False], [True, True], [True, False], 1.0, 1.0),
    "not obliged does not count": ([True, True], [True, False], [True, None], 1.0, 1.0),
    "blank done": ([True, True], [True, True], [True, None], 1.0, 0.5),
    "blank scale": ([True, None], [True, True], [True, False], 1.0, 0.5),
    "blank duty": ([True, True], [True, None], [True, False], 1.0, 0.5),
}


@pytest.mark.parametrize("name", CLEAN)
def test_clean_audits(name):
    above, required, done, value, coverage = CLEAN[name]
    firms = _firms(is_above_scale=above, clean_audit_required=required, clean_audit_done=done)
    found = _first(enterprises.clean_audits(firms, ZONES))
    assert (found["value"], found["coverage"], found["not_applicable"]) == (value, coverage, False)


def test_without_a_duty_column_all_above_scale_are_obliged():
    firms = _firms(is_above_scale=[True, True, False], clean_audit_done=[True, False, False])
    assert _first(enterprises.clean_audits(firms, ZONES))["value"] == 0.5


def test_where_nobody_is_obliged_the_share_does_not_apply():
    firms = _firms(is_above_scale=[False, False], clean_audit_done=[None, None])
    found = _first(enterprises.clean_audits(firms, ZONES))
    assert found["not_applicable"]
    assert np.isnan(found["value"])


def test_a_share_of_no_revenue_is_none_however_much_was_spent():
    found = _first(enterprises.rd_share(_firms(revenue_fen=[0], rd_spend_fen=[5 * WAN]), ZONES, WAN))
    assert (found["numerator"], found["coverage"]) == (5, 1)
    assert np.isnan([found["value"], found["denominator"], found["lower"]]).all()


def test_where_nobody_is_obliged_there_is_nothing_to_divide_by():
    found = _first(enterprises.clean_audits(_firms(is_above_scale=[False], clean_audit_done=[None]), ZONES))
    assert found["numerator"] == 0
    assert np.isnan([found["value"], found["denominator"], found["lower"]]).all()


def test_zones_looked_up_beforehand_give_the_same_and_none_where_nobody_reports():
    firms = _firms(is_leader=[True, False], revenue_fen=[5001 * WAN, 1 * WAN])
    known = firms.assign(zone_id=pd.Categorical(firms["zone_id"], categories=ZONES))
    for own in (firms, known):
        found = enterprises.leaders(own, ZONES, 5000 * WAN)
        assert found["value"].fillna(-1).tolist() == [1, -1]
        assert found["numerator"].fillna(-1).tolist() == [1, -1]
