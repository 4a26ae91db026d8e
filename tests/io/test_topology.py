"""The topology report of a study: five defects give five rows, nothing else; the limit; areas that add up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import landzone as lz
from landzone.catalog.messages import problem_messages
from landzone.errors import Refusal
from landzone.geometry import validity
from landzone.geometry.validity import examine, repair
from landzone.io.study import open_study
from landzone.model.problems import ProblemKind
from landzone.model.study import Study

X, Y = 527000.0, 3958000.0
PLANAR = '[study]\ncrs = "EPSG:4547"\narea_kind = "planar"\n'


def ring(*points: tuple[float, float]) -> list[list[float]]:
    return [[X + x, Y + y] for x, y in (*points, points[0])]


def box(x0: float, y0: float, x1: float, y1: float) -> list[list[list[float]]]:
    return [ring((x0, y0), (x1, y0), (x1, y1), (x0, y1))]


def write(path: Path, shapes: dict[str, Any], name: str = "parcel_id") -> None:
    features = [
        {
            "type": "Feature",
            "properties": {name: key},
            "geometry": {"type": "MultiPolygon" if key.startswith("M") else "Polygon", "coordinates": rings},
        }
        for key, rings in shapes.items()
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))


def study(folder: Path, parcels: dict[str, Any], more: str = "", **layers: dict[str, Any]) -> Study:
    write(folder / "p.geojson", parcels)
    for name, shapes in layers.items():
        write(folder / f"{name}.geojson", shapes, f"{name.removesuffix('s')}_id")
        more += f'[layers.{name}]\nsource = "{name}.geojson"\n'
    text = PLANAR + '[layers.parcels]\nsource = "p.geojson"\n' + more
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return open_study(folder / "study.toml")


def rows(found: Study) -> list[tuple[Any, ...]]:
    frame = found.topology.frame
    area = [None if pd.isna(v) else round(v, 4) for v in frame["area_m2"]]
    return list(zip(frame["kind"], frame["first_id"], frame["second_id"], area, strict=True))


FIVE = {
    "P1": box(0, 0, 100, 100),
    "P2": box(100.003, 0, 200, 100),
    "P3": box(198, 0, 300, 100),
    "P4": box(300, 0, 400, 100),
    "P5": box(300, 0, 400, 100),
    "P6": [ring((500, 0), (600, 100), (600, 0), (500, 100))],
    "P7": [*box(700, 0, 800, 100), *box(850, 0, 860, 10)],
}


def test_five_defects_are_five_rows_and_nothing_else(tmp_path: Path) -> None:
    """3 mm between P1 and P2, 2 m of P2 over P3, P4 again as P5, a bow-tie, a hole outside its shell."""
    found = study(tmp_path, FIVE)
    assert rows(found) == [
        ("duplicate", "P4", "P5", 10_000.0),
        ("overlap", "P2", "P3", 200.0),
        ("gap", "P1", "P2", 0.3),
        ("self_intersection", "P6", "", None),
        ("hole_outside", "P7", "", None),
    ]
    frame = found.topology.frame
    assert frame["width_m"].round(4).tolist()[1:3] == [1.9608, 0.003]
    assert frame["is_sliver"].tolist() == [False, False, True, False, False]
    inside = shapely.points(frame["x"], frame["y"])
    assert shapely.dwithin(frame.geometry.to_numpy(), inside, 1e-3).all()
    assert (frame["x"] - X).between([300, 198, 100, 500, 700], [400, 200, 100.003, 600, 800]).all()


def test_area_after_is_area_before_and_the_listed_differences(tmp_path: Path) -> None:
    """10,000 + 9,999.7 + 10,200 + 2 × 10,000 + 0 (bow-tie) + 9,900; the last two are rejected with these areas."""
    found = study(tmp_path, FIVE)
    rejects = found.problems.frame(ProblemKind.REJECT)
    assert rejects[["subject_id", "code", "before"]].to_numpy().tolist() == [
        ["P6", "GEOM_SELF_INTERSECTION", ""],
        ["P7", "GEOM_HOLE_OUTSIDE", "9900"],
    ]
    after = shapely.area(found.layers["parcels"].frame.geometry).sum()
    assert after + 0 + 9_900 == pytest.approx(60_099.7, abs=1e-6)


def test_one_note_a_layer_says_how_many_and_how_much(tmp_path: Path) -> None:
    notes = study(tmp_path, FIVE).problems.frame(ProblemKind.NOTE)
    own = notes[notes["code"] == "LAYER_TOPOLOGY"]
    assert own["layer"].tolist() == ["parcels"]
    text = "same shape under two ids: 1, 10,000.00 m²; overlap: 1, 200.00 m²; gap: 1, 0.30 m²"
    assert text in problem_messages(own, "en")[0]
    assert (
        "图形相同 1 处 10,000.00 m²；重叠 1 处 200.00 m²；缝隙 1 处 0.30 m²" in problem_messages(own, "zh")[0]
    )
    pairs = problem_messages(notes[notes["code"] == "LAYER_OVERLAP"], "en")
    assert pairs[0].startswith("P2 and P3 overlap by 200.0 m2.")
    assert [
        m.split(" have")[0] for m in problem_messages(notes[notes["code"] == "GEOM_DUPLICATE"], "en")
    ] == ["P4, P5"]


def test_a_clean_layer_has_an_empty_report_and_no_note(tmp_path: Path) -> None:
    found = study(tmp_path, {"P1": box(0, 0, 100, 100), "P2": box(100, 0, 200, 100)})
    assert rows(found) == []
    assert "LAYER_TOPOLOGY" not in set(found.problems.frame(ProblemKind.NOTE)["code"])
    ground = {g.role: (g.shapes_count, g.ground_m2, g.counted_twice_m2) for g in found.topology.grounds}
    assert ground == {"parcels": (2, 20_000.0, 0.0)}


def test_enclosed_ground_is_a_gap_when_narrow_and_a_void_when_wide(tmp_path: Path) -> None:
    """A courtyard of 10 × 10 m, and a closed slit of 0.5 × 10 m between P4 and P5;
    P1 and P2 touch its corners."""
    found = study(
        tmp_path,
        {
            "P1": box(0, 0, 30, 10), "P2": box(0, 20, 30, 30), "P3": box(0, 10, 10, 20), "P4": box(20, 10, 30, 20),
            "P5": box(30.5, 10, 40, 20), "P6": box(30, 0, 40, 10), "P7": box(30, 20, 40, 30),
        },
    )  # fmt: skip
    assert rows(found) == [("gap", "P4", "P5", 5.0), ("void", "P1", "P2", 100.0)]
    assert found.topology.frame["neighbours_count"].tolist() == [6, 4]


def test_a_narrow_parcel_is_a_sliver_whatever_its_area(tmp_path: Path) -> None:
    found = study(tmp_path, {"P1": box(0, 0, 3000, 0.5), "P2": box(0, 10, 1.5, 12.5)})
    assert rows(found) == [("sliver", "P1", "", 1500.0), ("sliver", "P2", "", 3.75)]
    wide = study(tmp_path, {"P1": box(0, 0, 3000, 1.5), "P2": box(0, 10, 3, 13)})
    assert rows(wide) == []


def test_parts_of_one_parcel_that_overlap_are_rejected_with_the_area_counted_twice(tmp_path: Path) -> None:
    found = study(tmp_path, {"P1": box(0, 0, 9, 9), "M1": [box(100, 0, 200, 100), box(150, 0, 250, 100)]})
    assert rows(found) == [("self_overlap", "M1", "", 5000.0)]
    reject = found.problems.frame(ProblemKind.REJECT).iloc[0]
    assert (reject["code"], reject["before"]) == ("GEOM_SELF_OVERLAP", "20000")


def test_between_buildings_nothing_is_missing(tmp_path: Path) -> None:
    houses = {"B1": box(0, 0, 10, 10), "B2": box(10.2, 0, 20, 10), "B3": box(19, 0, 30, 10)}
    found = study(tmp_path, {"P1": box(0, 0, 100, 100)}, buildings=houses)
    assert rows(found) == [("overlap", "B2", "B3", 10.0)]
    assert found.topology.frame["layer"].tolist() == ["buildings"]


def test_rounding_of_coordinates_is_counted_and_not_listed(tmp_path: Path) -> None:
    """0.5 mm over 10 m: 0.005 m², less than 0.01."""
    found = study(tmp_path, {"P1": box(0, 0, 10, 10), "P2": box(9.9995, 0, 20, 10)})
    assert rows(found) == []
    note = found.problems.frame(ProblemKind.NOTE)
    text = problem_messages(note[note["code"] == "LAYER_TOPOLOGY"], "en")[0]
    assert "1 of less than 0.01 m² each (0.0050 m² in all)" in text


def test_rows_in_another_order_give_the_same_report(tmp_path: Path) -> None:
    straight = study(tmp_path, FIVE)
    turned = study(tmp_path, dict(reversed(FIVE.items())))
    assert straight.topology.frame.to_json() == turned.topology.frame.to_json()
    assert straight.topology.grounds == turned.topology.grounds


DOUBLE = {"P1": box(0, 0, 100, 100), "P2": box(50, 0, 150, 100)}
"""5,000 m² of 15,000 m² count twice: a third."""


def test_a_stated_limit_stops_the_audit_and_not_the_check(tmp_path: Path) -> None:
    found = study(tmp_path, DOUBLE, "[topology.overlap_limit_ratio]\nparcels = 0.33\n")
    assert [g.ratio for g in found.topology.grounds] == [pytest.approx(1 / 3)]
    with pytest.raises(Refusal) as refused:
        lz.audit(found, as_of="2020-01-01")
    text = str(refused.value)
    assert refused.value.code == "TOPOLOGY_LIMIT"
    assert "5,000 m²" in text
    assert "15,000 m²" in text
    assert "P1 – P2 5,000 m²" in text
    assert "parcels = 0.34" in text
    beyond = study(tmp_path, DOUBLE, "[topology.overlap_limit_ratio]\nparcels = 0.34\n")
    assert len(lz.audit(beyond, as_of="2020-01-01").parcels) == 2


def test_without_a_stated_limit_three_states_of_the_land_pass_and_four_do_not(tmp_path: Path) -> None:
    copies = {f"P{n}": box(0, 0, 100, 100) for n in range(1, 4)}
    assert len(lz.audit(study(tmp_path, copies), as_of="2020-01-01").parcels) == 3
    with pytest.raises(Refusal) as refused:
        lz.audit(study(tmp_path, {**copies, "P4": box(0, 0, 100, 100)}), as_of="2020-01-01")
    assert "300.0 %" in str(refused.value)
    assert "several states" in str(refused.value)


def test_an_unknown_layer_in_the_limits_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        study(tmp_path, DOUBLE, "[topology.overlap_limit_ratio]\nparcel = 0.1\n")
    assert "parcels" in str(refused.value)
    with pytest.raises(Refusal) as refused:
        study(tmp_path, DOUBLE, "[topologie]\n")
    assert "topology" in str(refused.value)


def test_a_shape_that_cannot_be_worked_out_costs_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = shapely.make_valid

    def fails(shape: Any, **options: Any) -> Any:
        if options and (shapely.get_coordinates(shape) == [X + 500, Y]).all(axis=1).any():
            raise shapely.errors.GEOSException("TopologyException: unable to assign free hole to a shell")
        return true(shape, **options)

    monkeypatch.setattr(validity.shapely, "make_valid", fails)
    found = study(tmp_path, FIVE)
    rejects = found.problems.frame(ProblemKind.REJECT)
    assert rejects["code"].tolist() == ["GEOM_UNDECIDED", "GEOM_HOLE_OUTSIDE"]
    assert [row[0] for row in rows(found)][-2:] == ["hole_outside", "undecided"]
    assert found.layers["parcels"].frame.index.tolist() == ["P1", "P2", "P3", "P4", "P5"]


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=4, max_size=9))
def test_repair_is_idempotent_and_touches_only_what_it_lists(corners: list[tuple[int, int]]) -> None:
    shape = shapely.Polygon(corners)
    shapes = [shape, shapely.box(0, 0, 1, 1), None]
    once = repair(shapes)
    again = repair(once.shapes)
    assert not again.changed.any()
    assert [a is b for a, b in zip(once.shapes, again.shapes, strict=True)] == [True] * 3
    assert [a is b for a, b in zip(shapes, once.shapes, strict=True)] == (~once.changed).tolist()
    if shapely.is_valid(shape):
        assert not once.changed[0]
    if once.changed[0]:
        assert shapely.is_valid(once.shapes[0])
        assert once.area_after[0] == pytest.approx(once.area_before[0], rel=1e-4)
        assert str(examine(once.shapes).fault[0]) == "ok"
