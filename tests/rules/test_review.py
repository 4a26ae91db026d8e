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


def test_what_prices_lack_to_their_floor_is_summed_rule_by_rule_over_what_could_be_judged():
    findings = pd.DataFrame(
        [
            ("J1", "FLOOR", "land_price_cny_per_m2", ">=", "fail", 30_000.0),
            ("J2", "FLOOR", "land_price_cny_per_m2", ">=", "fail", 10_000.0),
            ("J3", "FLOOR", "land_price_cny_per_m2", ">=", "pass", 0.0),
            ("J4", "FLOOR", "land_price_cny_per_m2", ">=", "unknown", float("nan")),
            ("J5", "CEILING", "land_price_cny_per_m2", "<=", "fail", 70_000.0),
            ("J6", "COST", "land_price_to_cost_ratio", ">=", "fail", 90_000.0),
            ("J7", "OPEN", "land_price_cny_per_m2", ">=", "unknown", float("nan")),
        ],
        columns=["subject_id", "rule_id", "measure", "op", "verdict", "gap"],
    ).assign(subject_kind="project", limit=1.0)
    found = what_if(pd.DataFrame([_measures("idle_ratio", float("nan"), 1.0)]), findings)
    assert found.to_numpy().tolist() == [["all", "price_raised_to_floor", 4.0, "wan_cny", "FLOOR"]]
