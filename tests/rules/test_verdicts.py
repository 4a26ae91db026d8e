"""What flips within the uncertainty of a measure."""

import numpy as np
import pandas as pd

from landzone.model.measures import Measured
from landzone.model.rules import Op
from landzone.rules.verdicts import Numbers, flips


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
