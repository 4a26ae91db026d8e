"""Zone boundaries against plans, lines, townships and phases."""

from __future__ import annotations

import numpy as np
import pytest

from landzone.alignment.ground import plan_grounds
from landzone.alignment.zone_checks import zone_checks


def rows(found, check: str) -> list[list[object]]:
    own = found[found["check"] == check]
    return own[["zone_id", "name", "part", "area_m2", "share_ratio"]].to_numpy().tolist()


def test_the_share_of_each_zone_in_the_classes_of_each_plan(sq, plan, layer, plane, norms) -> None:
    zones = layer(Y=sq(0, 0, 100, 100), Z=sq(100, 0, 200, 100))
    land = plan("land", [("M1", sq(0, 0, 50, 100)), ("R2", sq(50, 0, 60, 100)), ("P", sq(60, 0, 90, 100))])
    found = zone_checks(zones, plan_grounds([land]), [], {}, plane, norms)
    assert rows(found, "plan") == [
        ["Y", "land", "C", 6000.0, 0.6],
        ["Y", "land", "P", 3000.0, 0.3],
        ["Y", "land", "uncovered", 1000.0, 0.1],
        ["Z", "land", "uncovered", 10_000.0, 1.0],
    ]


def test_the_same_boundary_in_another_document(sq, layer, line, plane, norms) -> None:
    """The other drawing leaves out 20 m in the east, is 40 cm off in the south and reaches 10 m beyond in the west."""
    zone = layer(Z=sq(0, 0, 100, 100))
    other = line("approved_boundary", sq(-10, 0.4, 80, 100), rule="inside")
    found = zone_checks(zone, [], [other], {}, plane, norms)
    assert rows(found, "line") == [
        ["Z", "approved_boundary", "beyond", 996.0, 0.0996],
        ["Z", "approved_boundary", "inside", 7968.0, 0.7968],
        ["Z", "approved_boundary", "outside", 2032.0, 0.2032],
    ]
    parts = found.set_index("part")
    assert parts["width_m"]["beyond"] == pytest.approx(2 * 996 / (2 * 109.6))
    assert parts["is_sliver"].astype("object").fillna("-").to_dict() == {
        "beyond": False,
        "inside": "-",
        "outside": False,
    }


def test_a_boundary_drawn_twice_differs_by_a_sliver(sq, layer, line, plane, norms) -> None:
    found = zone_checks(
        layer(Z=sq(0, 0, 100, 100)), [], [line("b", sq(0, 0, 100, 99.6), rule="inside")], {}, plane, norms
    )
    assert found.loc[found["part"] == "outside", ["area_m2", "is_sliver"]].to_numpy().tolist() == [
        [40.0, True]
    ]
    assert "beyond" not in set(found["part"])


def test_a_zone_against_farmland_and_townships_and_phases(sq, layer, line, plane, norms) -> None:
    zone = layer(Z=sq(0, 0, 100, 100))
    farmland = line("permanent_farmland", sq(99, 99, 200, 200), type="D9")
    villages = (np.array([sq(0, 0, 40, 100), sq(40, 0, 60, 100), sq(60, 0, 90, 100)]), ["A", "B", "A"])
    phases = (np.array([sq(0, 0, 100, 30)]), ["起步区"])
    found = zone_checks(zone, [], [farmland], {"township": villages, "phase": phases}, plane, norms)
    assert rows(found, "line") == [
        ["Z", "permanent_farmland", "inside", 1.0, 0.0001],
        ["Z", "permanent_farmland", "outside", 9999.0, 0.9999],
    ]
    assert rows(found, "township") == [["Z", "A", "inside", 7000.0, 0.7], ["Z", "B", "inside", 2000.0, 0.2]]
    assert rows(found, "phase") == [["Z", "起步区", "inside", 3000.0, 0.3]]


def test_without_zones_and_against_nothing(sq, layer, plane, norms) -> None:
    assert len(zone_checks(layer().set_crs(4547), [], [], {}, plane, norms)) == 0
    assert len(zone_checks(layer(Z=sq(0, 0, 1, 1)), [], [], {}, plane, norms)) == 0
