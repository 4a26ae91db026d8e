"""What flips within the uncertainty of a measure, what a verdict stands on, and when nothing is known."""

import numpy as np
import pandas as pd

from landzone.model.measures import Measured
from landzone.model.rules import Op
from landzone.rules.verdicts import Numbers, Scope, flips, gaps, verdicts


def numbers(value, numerator, denominator, uncertainty):
    def one(number):
        return pd.Series([number], index=["Z"])

    return Numbers.of(
        Measured("x", one(value), "ratio", one(numerator), one(denominator), uncertainty=one(uncertainty))
    )


def test_without_uncertainty_nothing_flips_even_where_floats_miss_the_limit_by_a_rounding():
    exactly = numbers(0.1 + 0.2, 0.3, 1.0, 0.0)  # 0.3 as a fraction, 0.30000000000000004 as a float
    assert flips(exactly, Op.LE, np.array([0.3])).tolist() == [False]


def test_a_value_at_its_limit_flips_within_any_uncertainty_and_one_far_off_does_not():
    assert flips(numbers(0.5, 5.0, 10.0, 0.01), Op.GE, np.array([0.5])).tolist() == [True]
    assert flips(numbers(0.52, 5.2, 10.0, 0.01), Op.GE, np.array([0.5])).tolist() == [False]
    assert flips(numbers(0.49, 4.9, 10.0, 0.02), Op.GE, np.array([0.5])).tolist() == [True]


def test_a_subject_without_uncertainty_takes_it_from_no_other():
    def column(*values):
        return pd.Series(values, index=["Y", "Z"])

    two = Numbers.of(
        Measured("x", column(0.5, 0.5), "ratio", column(5.0, 5.0), column(10.0, 10.0),
                 uncertainty=column(0.01, np.nan))
    )  # fmt: skip
    assert flips(two, Op.GE, np.array([0.5, 0.5])).tolist() == [True, False]


def one(value, **more):
    series = {name: pd.Series([number], index=["Z"], dtype="float64") for name, number in more.items()}
    return Numbers.of(Measured("x", pd.Series([value], index=["Z"], dtype="float64"), "ratio", **series))


def told(found, op, limit):
    nobody = np.array([False])
    verdict, code = verdicts(found, op, np.array([limit]), Scope(nobody, nobody, nobody, nobody))
    return verdict[0], code[0]


def test_a_figure_that_covers_everything_stands_on_its_value_not_on_its_bound():
    assert told(one(0.6, coverage=1.0, lower=0.4), Op.GE, 0.5) == ("pass", "FINDING_PASS")
    assert told(one(0.6, coverage=0.99, lower=0.4), Op.GE, 0.5) == ("unknown", "FINDING_INCOMPLETE")


def test_nothing_is_known_where_no_land_has_data_and_the_bound_is_zero():
    assert told(one(np.nan, coverage=0.0, lower=0.0), Op.GE, 0.5) == ("unknown", "FINDING_NO_DATA")
    assert told(one(np.nan, coverage=0.0, lower=0.1), Op.GE, 0.5) == ("unknown", "FINDING_INCOMPLETE")
    assert told(one(np.nan, coverage=0.1, lower=0.0), Op.GE, 0.5) == ("unknown", "FINDING_INCOMPLETE")


def test_where_no_data_are_missing_none_have_to_reach_an_average():
    unknown = np.array(["unknown"], dtype=object)  # such as an exemption that cannot be ruled out
    whole = one(0.4, numerator=4.0, denominator=10.0, coverage=1.0)
    assert np.isnan(gaps(whole, Op.GE, np.array([0.5]), unknown).needed[0])
    half = one(0.4, numerator=2.0, denominator=10.0, coverage=0.5)  # 0.5 * 10 - 2 = 3 on 5 that are missing
    assert gaps(half, Op.GE, np.array([0.5]), unknown).needed[0] == 0.6
