"""Evaluation of intensive use: identities, scores with the user's weights, classes, potential."""

import numpy as np
import pandas as pd
import pytest

from landzone.measures import evaluation as ev

LEDGER = pd.DataFrame(
    {"A31": [3.0, 3.0], "A32": [2.0, 2.0], "A3": [5.0, 5.5], "A": [60.0] * 2, "B": [30.0] * 2, "C": [10.0] * 2,
     "total": [100.0, 100.0]},
    index=["Z1", "Z2"],
)  # fmt: skip


def test_a_breach_of_an_identity_is_named_with_its_zone_and_difference():
    assert ev.ledger_breaches(LEDGER) == [("Z2", "A3 = A31 + A32", 0.5)]


def test_ratios_of_a_ledger_with_gaps_are_unknown():
    ratios = ev.land_ratios(pd.DataFrame({"A": [80.0], "D": [0.0], "A2": [20.0]}))
    assert ratios["industrial"].tolist() == [0.25]
    assert ratios[["supply", "built", "idle", "developed"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("industry", "living", "kind"),
    [(30.01, 24.99, "industrial"), (30.0, 24.99, "other"), (30.0, 25.0, "mixed"), (30.01, 25.0, "other"),
     (np.nan, 25, "unknown")],
)  # fmt: skip
def test_the_type_of_a_zone_at_its_limits(industry, living, kind):
    assert ev.zone_type(pd.DataFrame({"A": [100.0], "A2": [industry], "A1": [living]})).tolist() == [kind]


def test_weights_have_to_sum_to_one_and_fit():
    parts = pd.DataFrame({"a": [0.5], "b": [1.0]})
    assert ev.score(parts, {"a": 0.4, "b": 0.6}).tolist() == [80.0]
    for weights in ({"a": 0.4, "b": 0.6 + 2e-9}, {"a": 0.4, "c": 0.6}, {"a": -0.5, "b": 1.5}):
        with pytest.raises(ValueError, match="weights"):
            ev.score(parts, weights)
    with pytest.raises(ValueError, match="ideal"):
        ev.normalised(parts, {"a": 1.0})


def test_a_missing_indicator_leaves_no_score_unless_it_is_left_out():
    parts = pd.DataFrame({"a": [np.nan], "b": [0.8]})
    assert ev.score(parts, {"a": 0.5, "b": 0.5}).isna().all()
    assert ev.score(parts, {"a": 0.5, "b": 0.5}, renormalise=True).tolist() == [80.0]
    three = pd.DataFrame({"a": [np.nan, np.nan], "b": [0.8, np.nan], "c": [0.4, np.nan]})
    weights = {
        "a": 0.5,
        "b": 0.25,
        "c": 0.25,
    }  # (0.25 * 0.8 + 0.25 * 0.4) / 0.5; without any indicator no score
    assert ev.score(three, weights, renormalise=True).fillna(-1).tolist() == [60.0, -1.0]


def test_classes_do_not_depend_on_the_order_of_rows():
    scores = pd.Series([10.0, 9, 9, 8, 7, 6, 5, 4, 3, np.nan], index=list("abcdefghij"))
    found = ev.classes(scores, [0.2, 0.6, 0.9, 1.0], list("ABCD"))
    assert "".join(found.fillna("-")) == "AAABBBCCC-"
    again = ev.classes(scores[::-1], [0.2, 0.6, 0.9, 1.0], list("ABCD")).reindex(scores.index)
    pd.testing.assert_series_equal(found, again)
    with pytest.raises(ValueError, match="ascending"):
        ev.classes(scores, [0.6, 0.2, 1.0], list("ABC"))


def test_without_supply_the_years_are_undefined():
    areas = pd.DataFrame({"A": [100.0], "E": [30.0], "D22": [0.0], "G_recoverable": [1.0]}, index=["Z"])
    ratios = pd.DataFrame({"industrial": [0.7]}, index=["Z"])
    found = ev.potential(areas, ratios, {"industrial": 0.6}, pd.Series({"Z": 0.0}))
    assert found.loc["Z", ["expansion", "structure", "management"]].tolist() == [30, 0, 1]
    assert np.isnan(found.loc["Z", "years"])
