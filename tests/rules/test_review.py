"""The review of clusters and the what-ifs, on hand-made findings."""

import numpy as np
import pandas as pd

from landzone.rules.review import REVIEW_COLUMNS, review, what_if


def _findings(*verdicts, subject="Z"):
    return pd.DataFrame(
        {
            "subject_kind": "zone", "subject_id": subject, "pack_id": "p",
            "rule_id": [f"R{n}" for n in range(len(verdicts))], "verdict": verdicts,
            "gap": [3.5 if v == "fail" else np.nan for v in verdicts], "gap_unit": "m2",
        }
    )  # fmt: skip


def _decision(*verdicts):
    return review(_findings(*verdicts), 0.5).iloc[0]


def test_keep_correct_remove_or_cannot_judge():
    assert _decision("pass", "pass", "not_applicable")["decision"] == "keep"
    assert _decision("pass", "unknown")["decision"] == "cannot_judge"
    assert _decision("pass", "fail")["decision"] == "correct"
    assert _decision("pass", "fail", "fail")["decision"] == "remove"
    assert _decision("fail", "unknown", "unknown")["decision"] == "remove"


def test_the_evidence_stands_beside_the_decision():
    row = _decision("pass", "fail", "unknown")
    assert row[["failed_rules", "to_correct", "unknown_rules"]].tolist() == ["R1", "R1 3.5 m2", "R2"]
    assert row[["pass_count", "fail_count", "unknown_count"]].tolist() == [1, 1, 1]


def test_without_zones_there_is_an_empty_list():
    assert list(review(_findings("pass").assign(subject_kind="parcel"), 0.5).columns) == REVIEW_COLUMNS


def _measures(name, above, below, coverage=1.0):
    return {"subject_kind": "zone", "subject_id": "Z", "measure": name, "numerator": above, "denominator": below,
            "coverage_ratio": coverage}  # fmt: skip


def test_land_that_would_be_released():
    measures = pd.DataFrame(
        [
            _measures("building_density_ratio", 6000.0, 10000.0),
            _measures("investment_intensity_wan_cny_per_ha", 1500.0, 2.0),
            _measures("idle_ratio", 700.0, 10000.0),
        ]
    )
    findings = pd.DataFrame(
        {"subject_kind": "zone", "subject_id": "Z", "rule_id": ["D", "I"], "op": ">=", "limit": [0.5, 1000.0],
         "measure": ["building_density_ratio", "investment_intensity_wan_cny_per_ha"]}
    )  # fmt: skip
    found = what_if(measures, findings).set_index("what_if")["value"].to_dict()
    assert found == {
        "idle_land_reused_m2": 700.0,
        "land_released_at_density_limit_m2": 0.0,  # it is denser than the limit asks
        "land_released_at_investment_limit_m2": 5000.0,  # 1,500 万元 would need 1.5 ha of 2
    }
    part = pd.DataFrame([_measures("building_density_ratio", 1.0, 10.0, 0.9)])
    assert what_if(part, findings).empty
