"""Findings on parcels and their projects, of all parcels or of some."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from landzone.outputs.map_html.themed import findings_by_parcel


def test_of_some_parcels_come_the_rows_that_all_parcels_have_of_them(made_up: Any) -> None:
    made = made_up.make(3, 2)
    ids = made.result.parcels["parcel_id"].tolist()
    findings = pd.DataFrame(
        {
            "subject_kind": ["parcel", "parcel", "project", "project", "zone"],
            "subject_id": [ids[0], ids[1], "E1", "E2", "Z"],
            "verdict": ["fail", "pass", "fail", "pass", "pass"],
        }
    ).astype("str")
    projects = pd.DataFrame({"project_id": ["E1", "E1", "E2"], "parcel_id": [ids[0], ids[2], ids[1]]})
    result = replace(made.result, findings=findings, projects=projects.astype("str"))
    whole = findings_by_parcel(result, ["verdict"])
    assert whole["parcel_id"].tolist() == [ids[0], ids[1], ids[0], ids[2], ids[1]]
    some = pd.Series([ids[0], ids[2]], dtype="str")
    found = findings_by_parcel(result, ["verdict"], among=some)
    assert found["parcel_id"].tolist() == [ids[0], ids[0], ids[2]]
    assert found["verdict"].tolist() == ["fail", "fail", "fail"]
    pd.testing.assert_frame_equal(found, whole[whole["parcel_id"].isin(some)])
