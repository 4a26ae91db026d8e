"""Sums over the rows of a table: a subject without a row has no figure, which is not the same as 0."""

import numpy as np
import pandas as pd

from landzone.model.rules import Indicator
from landzone.rules.indicators import Rows, indicator_measure


def test_a_subject_without_a_row_is_unknown_and_one_with_rows_sums_its_shares():
    zones = pd.Index(["X", "Y", "Z"])
    parcels = pd.DataFrame({"tax_wan_cny": [30.0, 10.0, 0.0]})
    rows = {"parcels": Rows(parcels, np.array([0, 0, 2]), np.array([1.0, 0.5, 1.0]))}
    total = Indicator("taxes", {}, ("zone",), "wan_cny", "sum(parcels.tax_wan_cny)")
    told = {("parcels", "tax_wan_cny"): "wan_cny"}
    found = indicator_measure(total, zones, pd.DataFrame(index=zones), rows, told).value
    np.testing.assert_array_equal(found, [35.0, np.nan, 0.0])


def test_a_row_of_no_subject_is_added_to_none():
    """A firm whose zone is not among the zones."""
    zones = pd.Index(["X", "Y"])
    firms = pd.DataFrame({"tax_wan_cny": [30.0, 10.0]})
    rows = {"enterprises": Rows(firms, np.array([-1, 0]), np.ones(2))}
    total = Indicator("taxes", {}, ("zone",), "wan_cny", "sum(enterprises.tax_wan_cny)")
    told = {("enterprises", "tax_wan_cny"): "wan_cny"}
    found = indicator_measure(total, zones, pd.DataFrame(index=zones), rows, told).value
    np.testing.assert_array_equal(found, [10.0, np.nan])
