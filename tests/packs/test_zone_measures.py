"""Measures of the zone on the grid against answers worked out by hand."""

import numpy as np
import pytest

ZONE = {
    # footprint on industrial land: 5,000 + 4,000 + 200 + 900 of 40,000
    "building_density_ratio": (10_100 / 40_000, 10_100, 40_000),
    # floor for the ratio: 5,000 twice, 12,000, 400, 900
    "floor_area_ratio": (23_300 / 40_000, 23_300, 40_000),
    # the yard adds 30 x 100 less the 10 x 100 under the hall
    "building_coefficient_ratio": (12_100 / 40_000, 12_100, 40_000),
    "green_ratio": (2_000 / 40_000, 2_000, 40_000),
    "zone_green_ratio": (2_000 / 80_000, 2_000, 80_000),
    # offices on P2: 400 of 12,400 m2 of floor, of 10,000 m2 of land
    "ancillary_land_ratio": (322.5806 / 40_000, 322.5806, 40_000),
    "ancillary_footprint_ratio": (200 / 40_000, 200, 40_000),
    "ancillary_floor_ratio": (400 / 18_300, 400, 18_300),
    "service_floor_ratio": (400 / 18_300, 400, 18_300),
    "multi_storey_factory_ratio": (12_000 / 17_900, 12_000, 17_900),
    "standard_factory_floor_m2": (12_000, 12_000, None),
    "building_density_built_ratio": (10_100 / 30_000, 10_100, 30_000),
    "building_density_supplied_ratio": (9_200 / 20_000, 9_200, 20_000),
    "supplied_land_ratio": (20_000 / 80_000, 20_000, 80_000),
    "built_land_ratio": (1, 20_000, 20_000),
    "unbuilt_land_m2": (0, 0, None),
    "industrial_land_ratio": (0.5, 40_000, 80_000),
    "land_supplied_in_year_m2": (10_000, 10_000, None),
    "townships_count": (2, 2, None),
    "villages_count": (2, 2, None),
    "enterprises_count": (2, 2, None),
    "start_phase_built_ratio": (0.5, 20_000, 40_000),
    "control_phase_built_ratio": (0.25, 10_000, 40_000),
    "built_ahead_m2": (10_000, 10_000, None),
    "built_ahead_ratio": (1 / 3, 10_000, 30_000),
    "built_up_growth_ratio": (0.15, None, None),
    # amounts of P1 and P2 alone: over their 2 ha; the two parcels without a project count as 0 in the sums
    "investment_intensity_wan_cny_per_ha": (1_000, 2_000, 4),
    "investment_intensity_supplied_industrial_wan_cny_per_ha": (1_000, 2_000, 2),
    "investment_intensity_supplied_wan_cny_per_ha": (1_000, 2_000, 2),
    "tax_wan_cny_per_ha": (75, 150, 4),
    "output_wan_cny_per_ha": (2_000, 2_000, 4),
    "development_investment_wan_cny_per_ha": (500, 500, 4),
    "revenue_wan_cny_per_ha": (500, 2_000, 4),
}


@pytest.mark.parametrize("name", ZONE)
def test_a_measure_of_the_zone_and_the_sums_behind_it(measured, name):
    row, (value, numerator, denominator) = measured.loc[("Z1", name)], ZONE[name]
    assert row["value"] == pytest.approx(value, rel=1e-6)
    for column, want in (("numerator", numerator), ("denominator", denominator)):
        assert row[column] == pytest.approx(np.nan if want is None else want, rel=1e-6, nan_ok=True)


@pytest.mark.parametrize(
    ("name", "coverage", "missing", "lower"),
    [
        ("investment_intensity_wan_cny_per_ha", 0.5, 2, 500),
        ("output_wan_cny_per_ha", 0.25, 3, 500),
        ("investment_intensity_supplied_wan_cny_per_ha", 1, 0, 1000),
        ("investment_intensity_zone_wan_cny_per_ha", 0.25, 6, 250),
    ],
)
def test_missing_amounts_leave_a_lower_bound_and_are_counted(measured, name, coverage, missing, lower):
    row = measured.loc[("Z1", name)]
    assert (row["coverage_ratio"], row["missing_count"], row["lower"]) == (coverage, missing, lower)


def test_the_region_sums_its_zones(measured):
    whole, zone = measured.loc["all"], measured.loc["Z1"]
    for name in set(whole.index) & set(zone.index) - {"platform_count"}:
        columns = ["value", "numerator", "denominator"]
        assert whole.loc[name, columns].tolist() == pytest.approx(
            zone.loc[name, columns].tolist(), nan_ok=True
        ), name


def test_parcels_have_their_own(grid_audit):
    parcels = grid_audit.parcels.set_index("parcel_id")
    assert parcels.loc["P1", "building_coefficient_ratio"] == pytest.approx(0.7)
    assert parcels.loc["P3", "green_ratio"] == pytest.approx(0.2)
    assert parcels.loc["P2", "ancillary_land_ratio"] == pytest.approx(0.03225806)
    assert parcels.loc["P1", ["output_wan_cny_per_ha", "tax_wan_cny_per_ha"]].tolist() == [2000, 100]
    assert parcels.loc["P1", "tax_wan_cny_per_mu"] == pytest.approx(100 / 15)
    assert parcels.loc[["P1", "P9"], "inside_zone_ratio"].tolist() == [1, 0]
