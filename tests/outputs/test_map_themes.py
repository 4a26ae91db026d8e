"""Classes are decided by the limit of a rule or by quantiles, and what is missing has a pattern."""

from __future__ import annotations

import hypothesis.extra.numpy as hnp
import mapclassify
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzone.outputs.map_html import themes
from landzone.outputs.map_html.themes import Limit, by_code, by_name, by_number, styles

DENSITY = pd.Series([0.2, 0.3, 0.4, 0.49, 0.5, 0.51, 0.7, 0.9, np.nan])


def limit(op: str) -> Limit:
    return Limit(0.5, op, "S004-DENS", "zone")


def test_a_value_at_a_lower_limit_meets_it() -> None:
    theme = by_number("building_density_ratio", DENSITY, limit(">="))
    edges = [c["from"] for c in theme.classes if "from" in c]
    at_limit = edges.index(0.5)
    assert [place >= at_limit for place in theme.places[:8]] == [False] * 4 + [True] * 4


@pytest.mark.parametrize(("op", "above"), [(">=", True), (">", False), ("<=", False), ("<", True)])
def test_a_value_equal_to_the_limit_lies_on_the_side_of_the_rule(op: str, above: bool) -> None:
    theme = by_number("building_density_ratio", DENSITY, limit(op))
    at_limit = next(i for i, c in enumerate(theme.classes) if c.get("from") == 0.5)
    assert (theme.places[4] >= at_limit) is above


def test_falling_short_and_meeting_have_different_hues() -> None:
    ramps = styles()["ramps"]
    theme = by_number("building_density_ratio", DENSITY, limit(">="))
    for place, value in zip(theme.places[:8], DENSITY[:8], strict=True):
        side = "short" if value < 0.5 else "beyond"
        assert theme.classes[place]["fill"] in ramps[side]
    upper = by_number("building_density_ratio", DENSITY, limit("<="))
    assert upper.classes[upper.places[7]]["fill"] in ramps["short"]
    assert upper.classes[upper.places[0]]["fill"] in ramps["beyond"]


def test_missing_values_are_hatched_and_never_a_step_of_a_scale() -> None:
    theme = by_number("floor_area_ratio", DENSITY)
    missing = theme.classes[theme.places[8]]
    assert missing["code"] == "missing"
    assert missing["pattern"] == "hatch"
    assert all("pattern" not in c for c in theme.classes[:-1])


def test_classes_cover_every_value_between_their_edges() -> None:
    values = pd.Series(np.linspace(1, 977, 300))
    theme = by_number("investment_intensity_per_ha", values)
    assert len(theme.classes) == 6
    for value, place in zip(values, theme.places, strict=True):
        low, high = theme.classes[place]["from"], theme.classes[place]["to"]
        assert low is None or value >= low
        assert high is None or value < high


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [3.0], [2.0, 2.0, 2.0], [0.0, 1.0]])
def test_few_values_make_few_classes(values: list[float]) -> None:
    theme = by_number("floor_area_ratio", pd.Series(values, dtype="float64"))
    assert len(theme.places) == len(values)
    assert all(0 <= place < len(theme.classes) for place in theme.places)
    by_number("floor_area_ratio", pd.Series(values, dtype="float64"), limit(">="))


def test_codes_keep_the_order_of_the_palette_and_missing_ones_are_hatched() -> None:
    theme = by_code("idle_class", pd.Series(["A2", "not_idle", None, "never heard of"]), "idle_class")
    codes = [theme.classes[place]["code"] for place in theme.places]
    assert codes[:3] == ["A2", "not_idle", "missing"]
    assert theme.classes[theme.places[2]]["pattern"] == "hatch"


def test_names_from_the_data_are_sorted_and_colours_start_again() -> None:
    names = [f"line {i:02d}" for i in range(20)]
    theme = by_name("constraint", pd.Series(names[::-1]))
    assert [c["name"] for c in theme.classes] == names
    assert theme.places == list(range(19, -1, -1))


@given(
    hnp.arrays(
        np.float64,
        st.integers(2, 60),
        elements=st.floats(0, 1e6, allow_nan=False).map(lambda v: round(v, 3)),
        unique=True,
    ),
    st.integers(2, 5),
)
def test_breaks_are_the_quantiles_of_mapclassify_to_three_digits(values: np.ndarray, steps: int) -> None:
    steps = min(steps, len(values))
    low, high = values.min(), values.max()
    wanted = {float(f"{v:.3g}") for v in mapclassify.Quantiles(values, k=steps).bins[:-1]}
    assert themes._breaks(values, steps) == pytest.approx(
        sorted(v for v in wanted if low < v <= high), rel=0.011
    )


def test_quantiles_of_nine_values_by_hand() -> None:
    assert themes._breaks(np.arange(1.0, 10.0), 4) == [3.0, 5.0, 7.0]
    assert themes._breaks(np.array([0.0, 1.0]), 5) == [0.5]
