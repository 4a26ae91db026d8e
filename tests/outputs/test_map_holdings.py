"""A map of more than a page can hold draws what tells something, and says what it leaves out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landzone.catalog import load
from landzone.outputs.map_html import build, holdings


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Limits of the map that a test may lower."""
    own = dict(load.table("map.toml"))
    plain = load.table
    monkeypatch.setattr(load, "table", lambda name: own if name == "map.toml" else plain(name))
    return own


def made(made_up: Any, classes: list[str], conformity: list[str], areas: list[float]) -> Any:
    """Return a made-up audit of six parcels with these answers and no finding on parcels."""
    audit = made_up.make(3, 2)
    parcels = audit.result.parcels.assign(idle_class=classes, conformity=conformity, area_m2=areas)
    findings = audit.result.findings
    findings = findings[findings["subject_kind"] == "zone"].reset_index(drop=True)
    return replace(audit.result, parcels=parcels, findings=findings)


def test_parcels_that_tell_nothing_go_when_there_are_too_many(made_up: Any, limits: dict[str, Any]) -> None:
    limits["most_parcels"] = 5
    classes = ["A1", "none", "none", "overdue", "none", "none"]
    result = made(
        made_up, classes, ["conforms", "conflicts", "partly", "conforms", "conforms", "no_plan"], [1.0] * 6
    )
    shown, out = holdings.held(result)
    ids = result.parcels["parcel_id"].tolist()
    assert shown.parcels["parcel_id"].tolist() == [ids[0], ids[1], ids[3]]
    assert out == {"parcels": 3}


def test_of_too_many_that_tell_something_the_gravest_and_largest_stay(
    made_up: Any, limits: dict[str, Any]
) -> None:
    limits["most_parcels"] = 3
    classes = ["none", "A1", "none", "A1", "none", "none"]
    result = made(made_up, classes, ["conflicts"] * 6, [9.0, 1.0, 8.0, 2.0, 7.0, 6.0])
    shown, out = holdings.held(result)
    ids = result.parcels["parcel_id"].tolist()
    assert shown.parcels["parcel_id"].tolist() == [ids[0], ids[1], ids[3]]
    assert out == {"parcels": 3}


def test_patches_in_agreement_go_first(made_up: Any, limits: dict[str, Any]) -> None:
    result = made_up.make().result
    count = int((result.patches["kind"] != "agree").sum())
    assert 0 < count < len(result.patches)
    limits["most_patches"] = count
    shown, out = holdings.held(result)
    assert "agree" not in set(shown.patches["kind"])
    assert out == {"patches": len(result.patches) - count}


def test_a_page_that_holds_all_leaves_the_result_as_it_is(made_up: Any) -> None:
    result = made_up.make().result
    shown, out = holdings.held(result)
    assert shown is result
    assert out == {}


def test_the_page_says_what_is_left_out(made_up: Any, limits: dict[str, Any]) -> None:
    limits["most_parcels"] = 1
    audit = made_up.make()
    page = build(audit.study, audit.result).page()
    assert '"parcels_left_out"' in page
