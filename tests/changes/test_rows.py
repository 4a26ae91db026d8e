"""Which rows are the same, which cells moved, where ground went: by hand on a few rows."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from landzone.changes.cells import differences, moved
from landzone.changes.circumstances import plan_changes
from landzone.changes.ground import lineage, moves
from landzone.changes.rows import Pairs, RowsLost, pair_rows
from landzone.changes.totals import zone_totals
from landzone.geometry.area import AreaMeasure
from landzone.model.study import AreaKind

PLANE = AreaMeasure(pyproj.CRS(4547), AreaKind.PLANAR)
IDS = st.lists(st.sampled_from(["a", "b", "c", "d", None]), max_size=8)


def ids(*names: str) -> pd.DataFrame:
    return pd.DataFrame({"parcel_id": pd.Series(names, dtype="str")})


def plots(**boxes: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    shapes = [shapely.box(*box) for box in boxes.values()]
    return gpd.GeoDataFrame({"parcel_id": list(boxes)}, geometry=shapes, crs=4547)


def test_a_missing_key_is_not_an_empty_one() -> None:
    old, new = pd.DataFrame({"k": ["", None]}), pd.DataFrame({"k": [None, "x"]})
    found = pair_rows(old, new, ["k"])
    assert [found.old.tolist(), found.new.tolist()] == [[1], [0]]
    assert [found.gone.tolist(), found.appeared.tolist()] == [[0], [1]]


def test_rows_of_one_key_are_paired_by_their_content_whatever_their_order() -> None:
    old = pd.DataFrame({"k": ["a", "a"], "v": ["1", "2"]})
    found = pair_rows(old, old.iloc[::-1].reset_index(drop=True), ["k"])
    assert dict(zip(found.old.tolist(), found.new.tolist(), strict=True)) == {0: 1, 1: 0}


def test_two_columns_are_one_key_and_their_texts_do_not_run_together() -> None:
    old = pd.DataFrame({"a": ["x", "xy"], "b": ["yz", "z"]})
    new = pd.DataFrame({"a": ["xy"], "b": ["z"]})
    found = pair_rows(old, new, ["a", "b"])
    assert [found.old.tolist(), found.gone.tolist()] == [[1], [0]]


@settings(deadline=None, max_examples=60)
@given(IDS, IDS)
def test_no_row_is_lost_and_the_other_way_round_is_the_mirror(old: list[str], new: list[str]) -> None:
    tables = [pd.DataFrame({"k": pd.Series(side, dtype="object")}) for side in (old, new)]
    one, two = pair_rows(*tables, ["k"]), pair_rows(*tables[::-1], ["k"])
    assert sorted([*one.old, *one.gone]) == list(range(len(old)))
    assert sorted([*one.new, *one.appeared]) == list(range(len(new)))
    assert len(one.old) == len(two.old)
    assert [len(one.gone), len(one.appeared)] == [len(two.appeared), len(two.gone)]


def test_lists_that_lose_a_row_are_refused() -> None:
    none = np.zeros(0, dtype=np.int64)
    with pytest.raises(RowsLost):
        Pairs(np.array([0]), np.array([0]), none, none, 2, 1)
    with pytest.raises(RowsLost):
        Pairs(np.array([0, 0]), np.array([0, 1]), none, none, 2, 2)


def test_what_counts_as_moved() -> None:
    old = pd.Series([1.0, 1.0, np.nan, np.nan, 0.1 + 0.2])
    new = pd.Series([1.0, 2.0, 3.0, np.nan, 0.3])
    assert moved(old, new).tolist() == [False, True, True, False, False]
    words = pd.Series(["a", "a", None, None], dtype="str"), pd.Series(["a", "b", "c", None], dtype="str")
    assert moved(*words).tolist() == [False, True, True, False]
    flags = pd.Series([True, None], dtype="boolean"), pd.Series([False, None], dtype="boolean")
    assert moved(*flags).tolist() == [True, False]


def test_a_column_that_is_wholly_missing_on_one_side_is_still_compared() -> None:
    old = pd.DataFrame({"parcel_id": ["p"], "fee": pd.Series([None], dtype="object")})
    new = pd.DataFrame({"parcel_id": ["p"], "fee": [94.08]})
    found = differences("parcels", old, new, pair_rows(old, new, ["parcel_id"]), new["parcel_id"])
    assert found[["column", "new_value"]].to_numpy().tolist() == [["fee", 94.08]]
    assert found["old_value"].isna().all()


def test_a_compact_bite_is_no_redrawing_however_long_the_boundary() -> None:
    """10 m² off a parcel of 400 m boundary lie within 400 × 0.1 m² and are a change all the same."""
    whole = shapely.box(0, 0, 100, 100)
    found = moves(np.array([whole]), np.array([whole.difference(shapely.box(0, 0, 2, 5))]), PLANE, 0.1)
    assert found.shape.tolist() == ["changed"]
    assert found.only_old.tolist() == [100_000]


@pytest.mark.parametrize(("shift", "shape"), [(0.03, "redrawn"), (0.1, "redrawn"), (0.11, "changed")])
def test_a_shift_is_judged_by_the_precision_of_the_boundary(shift: float, shape: str) -> None:
    old, new = shapely.box(0, 0, 80, 100), shapely.box(shift, 0, 80 + shift, 100)
    assert moves(np.array([old]), np.array([new]), PLANE, 0.1).shape.tolist() == [shape]


def test_a_split_a_merger_and_a_new_number_are_followed() -> None:
    old = plots(A=(0, 0, 100, 100), B=(200, 0, 300, 100), C=(300, 0, 400, 100), D=(500, 0, 600, 100))
    new = plots(
        A1=(0, 0, 40, 100), A2=(40, 0, 100, 100), BC=(200, 0, 400, 100), E=(500, 0, 600, 100),
        F=(600, 0, 700, 100),
    )  # fmt: skip
    pairs = pair_rows(old, new, ["parcel_id"])
    found = lineage(old, new, pairs, "parcel_id", PLANE, 0.1)
    assert found[["old_id", "new_id", "relation", "common_m2"]].to_numpy().tolist() == [
        ["A", "A1", "split", 4000.0],
        ["A", "A2", "split", 6000.0],
        ["B", "BC", "merged", 10000.0],
        ["C", "BC", "merged", 10000.0],
        ["D", "E", "renumbered", 10000.0],
    ]
    assert found["old_share_ratio"].tolist() == [0.4, 0.6, 1.0, 1.0, 1.0]
    assert found["new_share_ratio"].tolist() == [1.0, 1.0, 0.5, 0.5, 1.0]


def test_a_parcel_carved_out_of_one_that_keeps_its_id_is_a_split() -> None:
    old, new = plots(A=(0, 0, 100, 100)), plots(A=(0, 0, 60, 100), B=(60, 0, 100, 100))
    found = lineage(old, new, pair_rows(old, new, ["parcel_id"]), "parcel_id", PLANE, 0.1)
    assert found[["old_id", "new_id", "relation"]].to_numpy().tolist() == [
        ["A", "A", "split"],
        ["A", "B", "split"],
    ]


def test_neighbours_that_overlap_by_the_drawing_are_slivers() -> None:
    old, new = plots(A=(0, 0, 100, 100)), plots(A=(0, 0, 100, 100), B=(99.95, 0, 200, 100))
    found = lineage(old, new, pair_rows(old, new, ["parcel_id"]), "parcel_id", PLANE, 0.1)
    sliver = found[found["new_id"] == "B"]
    assert sliver[["relation", "is_sliver"]].to_numpy().tolist() == [["", True]]


def test_a_total_with_an_unknown_part_is_unknown() -> None:
    old = pd.DataFrame({"zone_id": ["A", "B"], "idle_area_m2": [1.0, 2.0]})
    new = pd.DataFrame({"zone_id": ["A", "C"], "idle_area_m2": [1.0, np.nan]})
    found = zone_totals(old, new, "wan_cny").set_index("zone_id")
    assert found.loc["", "old_value"] == 3.0
    assert np.isnan(found.loc["", "new_value"])
    assert np.isnan(found.loc["B", "new_value"])


def test_a_plan_that_came_and_one_that_is_called_something_else() -> None:
    city = {"name": "city", "role": "plan", "title": "城市总体规划", "valid_from": ""}
    eco = {"name": "eco", "role": "plan", "title": "生态", "valid_from": ""}
    old = {
        "plans": [city],
        "constraints": [],
        "inputs": [{"role": "plans.city", "rows_used": 7, "sha256": {"a": "1"}}],
    }
    new = {**old, "plans": [{**city, "valid_from": "2021-01-01"}, eco]}
    found = plan_changes(old, new)
    assert found[["name", "state", "changed"]].to_numpy().tolist() == [
        ["city", "changed", "valid_from"],
        ["eco", "appeared", ""],
    ]
