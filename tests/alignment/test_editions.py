"""Plans in force on a day, and the newest of several editions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import shapely

from landzone.alignment.editions import EditionsAmbiguous, plans_on
from landzone.alignment.patches import align_plans

DAY = date(2020, 1, 1)


@pytest.fixture(name="editions")
def _editions(sq, plan):
    """Three editions of one plan: 2000 on everything, 2010 on the west, 2018 on the south-west."""
    made = {
        "e2000": plan("e2000", [("N", sq(0, 0, 100, 100))]),
        "e2010": plan("e2010", [("R", sq(0, 0, 50, 100))]),
        "e2018": plan("e2018", [("M1", sq(0, 0, 50, 30)), ("M1", sq(20, 0, 50, 30))]),
    }
    return [replace(one, kind="city_plan", valid_from=f"{name[1:]}-01-01") for name, one in made.items()]


def ground(plan) -> dict[str, float]:
    frame = plan.layer.frame
    return {
        code: shapely.union_all(own.to_numpy()).area for code, own in frame.geometry.groupby(frame["code"])
    }


def test_every_plan_is_compared_unless_the_study_says_otherwise(editions, plan, sq, plane) -> None:
    run_out = replace(plan("old", [("M1", sq(0, 0, 1, 1))]), valid_to="2019-12-31")
    found, notes = plans_on([*editions, run_out], DAY, "all", plane)
    assert [one.name for one in found] == ["e2000", "e2010", "e2018", "old"]
    assert [(note.what, note.plan) for note in notes] == [
        ("not_in_force", "old"),
        ("one_kind", "e2000"),
        ("one_kind", "e2010"),
        ("one_kind", "e2018"),
    ]


def test_the_newest_edition_holds_where_it_says_something(editions, plane, plan, sq) -> None:
    other = plan("land", [("P", sq(0, 0, 100, 100))])
    found, notes = plans_on([other, *editions], DAY, "newest", plane)
    assert [one.name for one in found] == ["e2018", "land"]
    assert ground(found[0]) == {"M1": 1500.0, "R": 3500.0, "N": 5000.0}
    assert [(n.what, n.plan, n.by, n.area_m2) for n in notes] == [
        ("superseded", "e2010", "e2018", 3500.0),
        ("superseded", "e2000", "e2018", 5000.0),
    ]


def test_an_edition_that_is_not_in_force_does_not_hold(editions, plane) -> None:
    found, notes = plans_on(editions, date(2017, 12, 31), "newest", plane)
    assert [one.name for one in found] == ["e2010"]
    assert ground(found[0]) == {"R": 5000.0, "N": 5000.0}
    assert [(n.what, n.plan) for n in notes] == [("left_out", "e2018"), ("superseded", "e2000")]


@pytest.mark.parametrize("dates", [("", "2010-01-01"), ("2010-01-01", "2010-01-01")])
def test_editions_without_an_order_are_refused(editions, plane, dates: tuple[str, str]) -> None:
    pair = [replace(one, valid_from=day) for one, day in zip(editions[:2], dates, strict=True)]
    with pytest.raises(EditionsAmbiguous, match="city_plan: e2000, e2010"):
        plans_on(pair, DAY, "newest", plane)


def test_the_order_of_the_plans_does_not_matter(editions, plane) -> None:
    one, two = (plans_on(order, DAY, "newest", plane)[0][0] for order in (editions, editions[::-1]))
    assert one.layer.frame.equals(two.layer.frame)


def test_a_stated_precedence_settles_what_a_plan_claims_twice(sq, plan, layer, plane, norms, types) -> None:
    pieces = [("M1", sq(0, 0, 20, 10)), ("P", sq(10, 0, 40, 10)), ("K", sq(30, 0, 50, 10))]
    one = replace(plan("one", pieces), precedence=("P", "M1"))
    found = align_plans(layer(Z=sq(0, 0, 50, 10)), [one], plane, norms, types)
    rows = found.patches[["kind", "one_code", "area_m2"]].to_numpy().tolist()
    assert sorted(rows) == [
        ["agree", "K", 100.0],
        ["agree", "K|P", 100.0],
        ["agree", "M1", 100.0],
        ["agree", "P", 200.0],
    ]
    overlaps = found.self_overlaps[["code", "contradicts", "holds", "area_m2"]].to_numpy().tolist()
    assert overlaps == [["K|P", False, "", 100.0], ["M1|P", False, "P", 100.0]]
