"""The list that a review of clusters asks for: keep, correct by so much, or remove; and what a change would bring."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landzone.model.rules import Verdict
from landzone.rules.evaluate import qualification

REVIEW_COLUMNS = [
    "subject_id", "pack_id", "decision", "pass_count", "fail_count", "unknown_count", "failed_rules", "to_correct",
    "unknown_rules",
]  # fmt: skip
PRICE, REGION, CNY_PER_WAN = "land_price_cny_per_m2", "all", 10_000
WHAT_IF_COLUMNS = ["subject_id", "what_if", "value", "unit", "basis"]


def review(findings: pd.DataFrame, remove_over: float) -> pd.DataFrame:
    """每两年复核: propose for every zone and pack what the evidence says; a person decides.

    - ``keep``: no condition fails and none is unknown;
    - ``cannot_judge``: none fails, some are unknown;
    - ``remove``: more than ``remove_over`` of the conditions that could be judged fail;
    - ``correct``: fewer fail; ``to_correct`` says by how much.

    Parameters
    ----------
    findings : DataFrame
        As ``evaluate`` returns it.
    remove_over : float
        Share of failed conditions, a reading of landzone: the document says only that a cluster that does not meet the
        conditions loses its plate.

    Source
    ------
    豫工信企业〔2014〕196号 五(六).

    Examples
    --------
    >>> rows = pd.DataFrame({"subject_kind": "zone", "subject_id": "Z", "pack_id": "p", "rule_id": ["A", "B", "C"],
    ...     "verdict": ["pass", "fail", "pass"], "gap": [0, 5.0, 0], "gap_unit": "m2"})
    >>> review(rows, 0.5)[["decision", "to_correct"]].values.tolist()
    [['correct', 'B 5 m2']]
    """
    zones = findings[findings["subject_kind"] == "zone"]
    if zones.empty:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in REVIEW_COLUMNS})
    sums = qualification(zones)
    sums = sums[sums["verdict"] != Verdict.NOT_APPLICABLE.value].reset_index(drop=True)
    failed, unknown = sums["fail_count"], sums["unknown_count"]
    judged = failed + sums["pass_count"]
    cases = [
        (failed / judged.where(judged > 0) > remove_over, "remove"),
        (failed > 0, "correct"),
        (unknown > 0, "cannot_judge"),
    ]
    sums["decision"] = np.select([where for where, _ in cases], [name for _, name in cases], "keep")
    keys = list(zip(sums["subject_id"], sums["pack_id"], strict=True))
    told: dict[str, list[str]] = {"failed_rules": [], "to_correct": [], "unknown_rules": []}
    for subject, pack in keys:
        own = zones[(zones["subject_id"] == subject) & (zones["pack_id"] == pack)].sort_values("rule_id")
        fails = own[own["verdict"] == Verdict.FAIL.value]
        told["failed_rules"].append("|".join(fails["rule_id"]))
        gaps = zip(fails["rule_id"], fails["gap"], fails["gap_unit"], strict=True)
        told["to_correct"].append("|".join(f"{rule} {gap:.12g} {unit}" for rule, gap, unit in gaps))
        told["unknown_rules"].append("|".join(own.loc[own["verdict"] == Verdict.UNKNOWN.value, "rule_id"]))
    return sums.assign(**told)[REVIEW_COLUMNS].astype({"decision": "str"})


def what_if(measures: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """潜力测算: what land would be released; never part of the findings, and every row says that it is a what-if.

    - ``land_released_at_density_limit_m2``: industrial land less the land that the footprint would need at the limit
      of the density rule: ``max(0, land - footprint / limit)``;
    - ``land_released_at_investment_limit_m2``: the same of investment, where every parcel has an amount;
    - ``idle_land_reused_m2``: land suspected idle;
    - ``price_raised_to_floor``: what the projects of the region whose price is below a floor would pay more at it, in
      万元; projects of which price or floor is not known are left out.

    Parameters
    ----------
    measures : DataFrame
        The table ``measures`` of an audit.
    findings : DataFrame
        Their limits are those of the rules of the study.

    Examples
    --------
    >>> measures = pd.DataFrame({"subject_kind": ["zone"], "subject_id": ["Z"], "measure": ["building_density_ratio"],
    ...     "numerator": [4000.0], "denominator": [10000.0], "coverage_ratio": [1.0]})
    >>> findings = pd.DataFrame({"subject_kind": ["zone"], "subject_id": ["Z"], "rule_id": ["D"], "op": [">="],
    ...     "measure": ["building_density_ratio"], "limit": [0.5]})
    >>> what_if(measures, findings)[["what_if", "value"]].values.tolist()
    [['land_released_at_density_limit_m2', 2000.0]]
    """
    zones = measures[measures["subject_kind"] == "zone"]
    limits = findings[
        (findings["subject_kind"] == "zone") & (findings["op"] == ">=") & findings["limit"].notna()
    ]
    rows: list[dict[str, object]] = []
    for name, what, per in (
        ("building_density_ratio", "land_released_at_density_limit_m2", 1),
        ("investment_intensity_wan_cny_per_ha", "land_released_at_investment_limit_m2", 10_000),
    ):
        own = zones[(zones["measure"] == name) & ~(zones["coverage_ratio"] < 1)].set_index("subject_id")
        asked = limits[limits["measure"] == name].set_index("subject_id")
        for subject, rule, limit in zip(asked.index, asked["rule_id"], asked["limit"], strict=True):
            if subject in own.index:
                land = own.at[subject, "denominator"] - own.at[subject, "numerator"] / limit
                value = max(0.0, land * per)
                rows.append(
                    {"subject_id": subject, "what_if": what, "value": value, "unit": "m2", "basis": rule}
                )
    idle = zones[zones["measure"] == "idle_ratio"]
    rows += [
        {"subject_id": s, "what_if": "idle_land_reused_m2", "value": v, "unit": "m2", "basis": "idle_ratio"}
        for s, v in zip(idle["subject_id"], idle["numerator"], strict=True)
    ]
    rows += _raised_prices(findings)
    kinds = {"subject_id": "str", "what_if": "str", "value": "float64", "unit": "str", "basis": "str"}
    table = pd.DataFrame(rows, columns=WHAT_IF_COLUMNS).astype(kinds)
    table = table[table["value"].notna()]
    return table.sort_values(["subject_id", "what_if", "basis"], kind="stable", ignore_index=True)


def _raised_prices(findings: pd.DataFrame) -> list[dict[str, object]]:
    """Sum what prices lack to their floor, rule by rule; nothing where no price could be judged."""
    if "verdict" not in findings:
        return []
    prices = findings[(findings["measure"] == PRICE) & (findings["op"] == ">=")]
    judged = prices[prices["verdict"].isin([Verdict.PASS.value, Verdict.FAIL.value])]
    return [
        {
            "subject_id": REGION,
            "what_if": "price_raised_to_floor",
            "value": float(own["gap"].sum()) / CNY_PER_WAN,
            "unit": "wan_cny",
            "basis": rule,
        }
        for rule, own in judged.groupby("rule_id")
    ]
