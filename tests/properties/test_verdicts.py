"""Which way verdicts may move: stricter limits, wider tolerances, later days, less evidence."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from types import ModuleType
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import landzone as lz

Audited = Callable[..., lz.Audit]
SEEDS = st.integers(0, 11)
few = settings(derandomize=True, max_examples=4, deadline=None, phases=[Phase.generate])
IDLE = {"A1", "A2", "A_gov", "A_pending", "B"}
MEASURES = {
    "building_density_ratio": "percent",
    "floor_area_ratio": "far",
    "investment_intensity_wan_cny_per_ha": "万元/平方公顷",
}


def pack(limits: dict[str, float], op: str) -> str:
    """Return a rule pack with one rule for each measure, of zones and of parcels."""
    text = 'id = "limits"\ntitle = { zh = "限值", en = "Limits" }\nsource = "made up"\nissued = 2020-01-01\n'
    text += 'valid_from = 2020-01-01\nbinding = "guidance"\n'
    for kind in ("zone", "parcel"):
        for number, (measure, limit) in enumerate(limits.items()):
            text += f'[[rules]]\nid = "{kind}-{number}"\ntitle = {{ zh = "限", en = "Limit" }}\n'
            text += (
                f'applies_to = "{kind}"\nmeasure = "{measure}"\nop = "{op}"\nunit = "{MEASURES[measure]}"\n'
            )
            text += f'clause = "1"\nquote = "x"\nvalues = [{{ from = 2020-01-01, limit = {limit} }}]\n'
    return text


def by_verdict(audit: lz.Audit, verdict: str) -> set[tuple[str, str, str]]:
    found = audit.findings[audit.findings["verdict"] == verdict]
    return set(zip(found["subject_kind"], found["subject_id"], found["rule_id"], strict=True))


@pytest.mark.parametrize(("op", "stricter"), [(">=", 1.7), ("<=", 0.6)])
@few
@given(seed=SEEDS)
def test_a_stricter_limit_fails_all_that_failed_before(
    audited: Audited, scenes: ModuleType, op: str, stricter: float, seed: int
) -> None:
    mild = {"building_density_ratio": 15, "floor_area_ratio": 0.4, "investment_intensity_wan_cny_per_ha": 500}
    strict = {name: round(limit * stricter, 6) for name, limit in mild.items()}
    scene = scenes.draw(seed)
    one, two = (
        audited(replace(scene, rules=("limits.toml",), files={"limits.toml": pack(limits, op)}))
        for limits in (mild, strict)
    )
    assert by_verdict(one, "fail") <= by_verdict(two, "fail")
    assert by_verdict(two, "pass") <= by_verdict(one, "pass")
    assert by_verdict(one, "not_applicable") == by_verdict(two, "not_applicable")
    assert by_verdict(one, "fail") | by_verdict(two, "fail")


@few
@given(seed=SEEDS, width=st.sampled_from([2.0, 5.0, 20.0, 60.0]))
def test_a_wider_tolerance_moves_ground_from_conflict_to_precision(
    audited: Audited, scenes: ModuleType, seed: int, width: float
) -> None:
    base = audited(seed)
    wide = audited(replace(scenes.draw(seed), settings=f"[alignment]\nsliver_width_m = {width}\n"))
    one, two = (audit.zones.set_index("zone_id") for audit in (base, wide))
    assert (two["precision_m2"] >= one["precision_m2"]).all()
    assert (two["conflict_m2"] <= one["conflict_m2"]).all()
    for name in ("agree_m2", "uncovered_m2", "area_m2"):
        assert (one[name] == two[name]).all()
    kinds = [audit.patches.set_index("patch_id")["kind"] for audit in (base, wide)]
    assert set(kinds[0].index) == set(kinds[1].index)
    moved = kinds[0].ne(kinds[1].reindex(kinds[0].index))
    assert set(kinds[0][moved]) <= {"conflict"}
    assert (base.parcels["conformity"].eq("no_plan") == wide.parcels["conformity"].eq("no_plan")).all()


@few
@given(seed=SEEDS)
def test_a_later_day_only_adds_idle_land(audited: Audited, scenes: ModuleType, seed: int) -> None:
    """All facts of the ledger are dated before the first day."""
    scene = scenes.draw(seed)
    before: set[str] = set()
    area = None
    for day in ("2026-06-30", "2026-12-31", "2028-02-29"):
        audit = audited(scene, as_of=day)
        rows = audit.result.projects
        idle = set(rows["project_id"][rows["idle_class"].isin(IDLE)])
        assert before <= idle, day
        now = audit.zones["idle_area_m2"].fillna(0)
        assert area is None or (now >= area - 1e-9).all()
        before, area = idle, now


@few
@given(seed=SEEDS)
def test_next_threshold_is_the_first_day_of_another_class(
    audited: Audited, scenes: ModuleType, seed: int
) -> None:
    scene = scenes.draw(seed)
    base = audited(seed)
    days = sorted(base.result.projects["next_threshold_date"].dropna().unique())[:1]
    for day in days:
        rows = base.result.projects
        due = set(rows["project_id"][rows["next_threshold_date"] == day])
        was = rows.set_index("project_id")["idle_class"]
        eve = (date.fromisoformat(day) - timedelta(1)).isoformat()
        for when, changes in ((eve, False), (day, True)):
            now = audited(scene, as_of=when).result.projects.set_index("project_id")["idle_class"]
            for project in due:
                assert (now[project] != was[project]) == changes, (project, when)
            if not changes:
                assert now.equals(was)


EVIDENCE = {
    "money": ("ledger", ("固定资产投资",)),
    "start": ("ledger", ("约定开工时间",)),
    "floors": ("buildings", ("floors", "floor_area")),
    "share built": ("ledger", ("已动工面积", "应动工面积")),
}


@pytest.mark.parametrize("evidence", EVIDENCE)
@few
@given(seed=SEEDS, which=st.integers(0, 1000))
def test_less_evidence_only_leads_to_unknown(
    audited: Audited, scenes: ModuleType, evidence: str, seed: int, which: int
) -> None:
    scene = scenes.draw(seed)
    layer, columns = EVIDENCE[evidence]
    key = "building_id" if layer == "buildings" else "电子监管号"

    def blank(row: dict[str, Any]) -> bool:
        """Copies of a row stay copies."""
        return random.Random(f"{which} {row[key]}").random() < 0.5

    limits = {
        "building_density_ratio": 15,
        "floor_area_ratio": 0.4,
        "investment_intensity_wan_cny_per_ha": 500,
    }
    rules = ("limits.toml", "seed-004-cluster-2014", "idle-land-2012")
    scene = replace(scene, rules=rules, files={"limits.toml": pack(limits, ">=")})
    rows = [row | dict.fromkeys(columns, "") if blank(row) else row for row in getattr(scene, layer)]
    full, less = audited(scene), audited(replace(scene, **{layer: rows}))
    keys = ["subject_kind", "subject_id", "pack_id", "rule_id"]
    was, now = (audit.findings.set_index(keys)["verdict"] for audit in (full, less))
    both = was.index.intersection(now.index)
    moved = both[was[both].ne(now[both])]
    assert set(now[moved]) <= {"unknown"}, list(zip(moved, was[moved], now[moved], strict=True))[:3]
    subjects = set(was.index.difference(now.index).get_level_values("subject_kind"))
    assert subjects <= {"project"}
