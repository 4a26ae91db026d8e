"""The gravest project decides for its parcel; fees of its class add up."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from landzone.measures.idle_parcels import GRAVEST_FIRST, idle_area_units, parcel_idle


def rows(*classes: tuple[str, str, str, int | None, str | None]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write rows as (parcel, project, class, fee in fen, idle since)."""
    idle = pd.DataFrame(
        {
            "idle_class": pd.Series([c[2] for c in classes], dtype="str"),
            "decision_row": [0] * len(classes),
            "conclusion": pd.Series([c[2] for c in classes], dtype="str"),
            "idle_years_count": pd.array([None] * len(classes), dtype="Int64"),
            "idle_since_date": pd.Series(np.array([c[4] for c in classes], "datetime64[s]")),
            "idle_fee_fen": pd.array([c[3] for c in classes], dtype="Int64"),
            "missing": pd.Series([""] * len(classes), dtype="str"),
        }
    )
    keys = pd.DataFrame(
        {"parcel_id": [c[0] for c in classes], "project_id": [c[1] for c in classes]}, dtype="str"
    )
    return idle, keys


@pytest.mark.parametrize(("first", "second"), list(itertools.pairwise(GRAVEST_FIRST)))
def test_the_graver_class_wins_in_any_order(first: str, second: str) -> None:
    for pair in ((first, second), (second, first)):
        idle, keys = rows(("P", "J1", pair[0], None, None), ("P", "J2", pair[1], None, None))
        found = parcel_idle(idle, keys, pd.Index(["P"]))
        assert found["idle_class"].tolist() == [first]
        assert found["projects_count"].tolist() == [2]


def test_the_order_is_the_settled_one() -> None:
    settled = (
        "A2",
        "A1",
        "A_pending",
        "A_gov",
        "B",
        "data_error",
        "unknown",
        "overdue",
        "not_due",
        "not_idle",
    )
    assert GRAVEST_FIRST[:10] == settled


def test_fees_of_the_decisive_class_add_up_to_the_fen() -> None:
    idle, keys = rows(
        ("P", "J1", "A1", 7, "2023-03-16"),
        ("P", "J2", "A1", 9_007_199_254_740_993, "2022-01-01"),
        ("P", "J3", "overdue", None, None),
        ("Q", "J4", "A1", 5, "2023-03-16"),
    )
    found = parcel_idle(idle, keys, pd.Index(["P", "Q"]))
    assert found["idle_fee_fen"].tolist() == [9_007_199_254_741_000, 5]
    assert found["idle_fee_fen"].dtype == "Int64"


def test_one_missing_fee_leaves_the_sum_open() -> None:
    idle, keys = rows(("P", "J1", "A1", 7, "2023-03-16"), ("P", "J2", "A1", None, "2023-03-16"))
    assert parcel_idle(idle, keys, pd.Index(["P"]))["idle_fee_fen"].isna().all()


def test_a_fee_beside_a_graver_class_is_not_the_fee_of_the_parcel() -> None:
    idle, keys = rows(("P", "J1", "A1", 7, "2023-03-16"), ("P", "J2", "A2", None, "2022-03-16"))
    found = parcel_idle(idle, keys, pd.Index(["P"])).iloc[0]
    assert found["idle_class"] == "A2"
    assert pd.isna(found["idle_fee_fen"])


def test_the_longest_idle_project_tells_the_dates() -> None:
    idle, keys = rows(("P", "J1", "A1", 7, "2023-03-16"), ("P", "J2", "A1", 8, "2022-12-01"))
    found = parcel_idle(idle, keys, pd.Index(["P"])).iloc[0]
    assert found["idle_since_date"] == pd.Timestamp("2022-12-01")
    assert found["project_id"] == "J2"


def test_row_order_does_not_matter() -> None:
    whole = [
        ("P", "J2", "A1", 1, "2023-03-16"), ("P", "J1", "A1", 2, "2023-03-16"), ("Q", "J3", "unknown", None, None),
        ("Q", "J0", "unknown", None, None), ("P", "J9", "B", None, "2020-01-01"),
    ]  # fmt: skip
    expected = parcel_idle(*rows(*whole), pd.Index(["P", "Q"]))
    assert expected["project_id"].tolist() == ["J1", "J0"]
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(whole))
        pd.testing.assert_frame_equal(
            parcel_idle(*rows(*[whole[i] for i in order]), pd.Index(["P", "Q"])), expected
        )


def test_a_parcel_without_project_is_unknown_unless_it_is_collective() -> None:
    idle, keys = rows(("P", "J1", "not_idle", None, None))
    owners = pd.Series({"P": "state", "Q": None, "R": "collective"}, dtype="str")
    found = parcel_idle(idle, keys, pd.Index(["P", "Q", "R"], name="parcel_id"), owners)
    assert found["idle_class"].tolist() == ["not_idle", "unknown", "not_applicable"]
    assert found["conclusion"].tolist() == ["not_idle", "no_project", "collective"]
    assert found["missing"].tolist() == ["", "project_id", ""]
    assert found["projects_count"].tolist() == [1, 0, 0]
    assert found.index.name == "parcel_id"


def test_no_projects_at_all() -> None:
    idle, keys = rows()
    found = parcel_idle(idle, keys, pd.Index(["P", "Q"]))
    assert found["idle_class"].tolist() == ["unknown", "unknown"]
    assert found["idle_fee_fen"].isna().all()
    assert found["idle_since_date"].isna().all()


def test_a_project_of_a_parcel_that_is_not_there_changes_nothing() -> None:
    idle, keys = rows(("P", "J1", "not_due", None, None), ("Z", "J2", "A2", None, "2020-01-01"))
    assert parcel_idle(idle, keys, pd.Index(["P"]))["idle_class"].tolist() == ["not_due"]


def test_idle_area_is_the_parcel_nothing_or_open() -> None:
    ids = ["a", "b", "c", "d", "e", "f"]
    classes = pd.Series(["A1", "B", "overdue", "not_applicable", "unknown", "data_error"], index=ids)
    area = pd.Series([1, 2, 3, 4, 5, 6], index=ids)
    found = idle_area_units(classes, area, ["A1", "A2", "A_gov", "A_pending", "B"])
    assert found.tolist() == [1, 2, 0, 0, pd.NA, pd.NA]
    assert found.dtype == "Int64"
