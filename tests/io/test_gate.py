"""The gate for layers: one bad row costs itself, never the batch, and every row is accounted for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from landzone.catalog.messages import problem_messages
from landzone.errors import Refusal
from landzone.geometry.area import AreaMeasure
from landzone.geometry.crs import transformation
from landzone.io.gate import gate_layer, projects_from_parcels
from landzone.io.raw import Raw
from landzone.model.layer import Layer
from landzone.model.problems import ProblemKind, Problems
from landzone.model.study import AreaKind

GK114 = pyproj.CRS("EPSG:4547")
X, Y = 527000.0, 3958000.0


def polygon(*points: tuple[float, float], holes: list[list[tuple[float, float]]] | None = None) -> Any:
    def moved(ring: Any) -> list[tuple[float, float]]:
        return [(X + x, Y + y) for x, y in ring]

    return shapely.Polygon(moved(points), [moved(h) for h in holes or []])


def square(x: float = 0, y: float = 0, w: float = 100, h: float = 100) -> Any:
    return polygon((x, y), (x + w, y), (x + w, y + h), (x, y + h))


def source(shapes: list[Any], role: str = "parcels", crs: pyproj.CRS = GK114, **columns: list[Any]) -> Raw:
    cells = pd.DataFrame(columns)
    for name, values in columns.items():
        if not all(isinstance(v, int | float) for v in values):
            cells[name] = pd.Series(values, dtype="str")
    geometry = np.array(shapes, dtype=object)
    cells = cells.reindex(range(len(shapes)))
    return Raw(role, f"{role}.shp", "", cells, np.arange(1, len(shapes) + 1), len(shapes), geometry, crs)


def gate(raw: Raw, same_id: str = "reject", crs: pyproj.CRS = GK114, **stated: Any) -> tuple[Layer, Problems]:
    problems = Problems()
    layer = gate_layer(
        raw,
        columns=stated.get("columns", {}),
        units=stated.get("units", {}),
        same_id=same_id,
        crs=crs,
        transformation=None if raw.crs == crs else transformation(raw.crs, crs),
        measure=AreaMeasure(crs, AreaKind.PLANAR),
        problems=problems,
    )
    whole = (problems.frame(ProblemKind.REJECT)["column"] == "").sum()
    record = layer.source
    assert record.rows_in == record.rows_used + whole == record.rows_used + record.rows_rejected
    assert layer.frame.index.is_unique
    assert layer.frame.index.is_monotonic_increasing
    assert layer.frame.geometry.is_valid.all()
    return layer, problems


def listed(problems: Problems, kind: ProblemKind) -> list[tuple[str, str]]:
    frame = problems.frame(kind)
    return list(zip(frame["code"], frame["subject_id"], strict=True))


def test_a_clean_layer_passes_without_a_word() -> None:
    layer, problems = gate(source([square(100), square()], parcel_id=["P2", "P1"], area_m2=[10000, 10000.0]))
    assert layer.frame.index.tolist() == ["P1", "P2"]
    assert layer.frame.index.name == "parcel_id"
    assert layer.frame["registered_area_m2"].tolist() == [10000.0, 10000.0]
    assert [len(problems.frame(kind)) for kind in ProblemKind] == [0, 0, 0]


def not_finite() -> Any:
    with np.errstate(invalid="ignore"):
        return polygon((0, 200), (float("nan"), 200), (100, 300), (0, 300))


BAD = {
    "GEOM_SELF_INTERSECTION": polygon((0, 200), (100, 300), (100, 200), (0, 300)),
    "GEOM_HOLE_OUTSIDE": polygon(
        (0, 200), (100, 200), (100, 300), (0, 300), holes=[[(200, 200), (200, 250), (250, 250), (250, 200)]]
    ),
    "GEOM_ZERO_AREA": polygon((0, 200), (50, 250), (100, 300)),
    "GEOM_NOT_FINITE": not_finite(),
    "GEOM_NULL": None,
    "GEOM_EMPTY": shapely.Polygon(),
    "GEOM_TYPE": shapely.LineString([(X, Y + 200), (X + 100, Y + 300)]),
    "GEOM_SELF_OVERLAP": shapely.MultiPolygon([square(0, 200), square(50, 200)]),
}


@pytest.mark.parametrize("code", BAD)
def test_a_broken_shape_costs_its_row_alone(code: str) -> None:
    layer, problems = gate(source([BAD[code], square(), square(100)], parcel_id=["BAD1", "P001", "P002"]))
    assert layer.frame.index.tolist() == ["P001", "P002"]
    assert listed(problems, ProblemKind.REJECT) == [(code, "BAD1")]
    assert problems.frame(ProblemKind.REJECT)["row"].tolist() == [1]
    assert problem_messages(problems.frame(ProblemKind.REJECT), "en")[0].startswith("BAD1: ")


def test_the_crossing_point_and_the_type_are_told() -> None:
    for code, word in (("GEOM_SELF_INTERSECTION", "527050,3958250"), ("GEOM_TYPE", "LineString")):
        _, problems = gate(source([BAD[code]], parcel_id=["BAD1"]))
        assert word in problem_messages(problems.frame(ProblemKind.REJECT), "zh")[0]


def test_a_spike_is_cut_and_listed_with_areas() -> None:
    spiked = polygon((0, 200), (100, 200), (100, 300), (50, 300), (50, 900), (50, 300), (0, 300))
    layer, problems = gate(source([spiked], parcel_id=["BAD1"]))
    assert layer.frame.geometry.area.tolist() == [10000.0]
    assert layer.frame.total_bounds[3] == Y + 300
    repair = problems.frame(ProblemKind.REPAIR).iloc[0]
    assert (repair["code"], repair["before"], repair["after"]) == ("GEOM_SPIKE", "10000", "10000")
    assert problems.has_losses()


def test_a_ring_that_touches_itself_is_mended() -> None:
    eight = polygon((0, 0), (50, 50), (100, 0), (100, 100), (50, 50), (0, 100))
    layer, problems = gate(source([eight], parcel_id=["P1"]))
    assert layer.frame.geometry.area.tolist() == [5000.0]
    assert listed(problems, ProblemKind.REPAIR) == [("GEOM_REPAIRED", "P1")]


def test_heights_are_dropped_with_one_note() -> None:
    high = shapely.force_3d(np.array([square(), square(100)], dtype=object), 81.5)
    layer, problems = gate(source(list(high), parcel_id=["P1", "P2"]))
    assert not layer.frame.geometry.has_z.any()
    assert listed(problems, ProblemKind.NOTE) == [("GEOM_Z_DROPPED", "")]
    assert "P1, P2" in problem_messages(problems.frame(ProblemKind.NOTE), "zh")[0]


def test_identical_rows_count_once_and_doubled_ids_not_at_all() -> None:
    shapes = [square(), square(), square(100), square(200), square(300)]
    layer, problems = gate(source(shapes, parcel_id=["P1", "P1", "P2", "P2", "P3"]))
    assert layer.frame.index.tolist() == ["P1", "P3"]
    assert listed(problems, ProblemKind.REJECT) == [
        ("ROW_DUPLICATE", "P1"),
        ("ID_DUPLICATE", "P2"),
        ("ID_DUPLICATE", "P2"),
    ]
    assert "2 行" in problem_messages(problems.frame(ProblemKind.REJECT), "zh")[1]


def test_the_same_ring_from_another_corner_is_a_copy() -> None:
    turned = polygon((100, 0), (100, 100), (0, 100), (0, 0))
    layer, problems = gate(source([square(), turned], parcel_id=["P1", "P1"], OBJECTID=[1, 2]))
    assert layer.frame.index.tolist() == ["P1"]
    assert listed(problems, ProblemKind.REJECT) == [("ROW_DUPLICATE", "P1")]


def test_parts_are_merged_on_request() -> None:
    raw = source(
        [square(), square(100), square(300)],
        parcel_id=["P1", "P1", "P2"],
        holder=["甲", "甲", "乙"],
        name=["a", "b", "c"],
    )
    layer, problems = gate(raw, same_id="merge_parts")
    assert layer.frame.geometry.area.tolist() == [20000.0, 10000.0]
    assert layer.frame["holder"].tolist() == ["甲", "乙"]
    assert layer.frame["rejected_cells"].tolist() == ["name", ""]
    assert listed(problems, ProblemKind.REJECT) == [("PARTS_DISAGREE", "P1")]
    assert (layer.source.rows_in, layer.source.rows_used) == (3, 3)


def test_a_unit_is_never_used_in_part() -> None:
    layer, problems = gate(
        source([square(), None, square(300)], parcel_id=["P1", "P1", "P2"]), same_id="merge_parts"
    )
    assert layer.frame.index.tolist() == ["P2"]
    assert listed(problems, ProblemKind.REJECT) == [("GEOM_NULL", "P1"), ("PARTS_INCOMPLETE", "P1")]


def test_a_parcel_without_id_is_rejected_a_building_is_numbered() -> None:
    layer, problems = gate(source([square(), square(100)], parcel_id=["P1", ""]))
    assert listed(problems, ProblemKind.REJECT) == [("ID_MISSING", "")]
    layer, problems = gate(source([square(100), square()], role="buildings", floors=[3, 6]))
    assert layer.frame.index.tolist() == ["buildings-0001", "buildings-0002"]
    assert layer.frame["floors"].tolist() == [6.0, 3.0]
    assert listed(problems, ProblemKind.NOTE) == [("ID_STANDIN", "")]


def test_parcels_without_an_id_column_are_refused() -> None:
    with pytest.raises(Refusal) as caught:
        gate(source([square()], ZDDN=["P1"]))
    assert caught.value.code == "COLUMN_MISSING"
    assert "ZDDN" in str(caught.value)


def test_registered_areas_far_off_are_rejected_with_ratio_and_likely_mistake() -> None:
    shapes = [square(100 * i) for i in range(5)]
    raw = source(shapes, parcel_id=[f"P{i}" for i in range(5)], area_m2=[10000.0, 15, 1, 10400, 10070])
    layer, problems = gate(raw)
    assert layer.frame["registered_area_m2"].isna().tolist() == [False, True, True, True, False]
    assert layer.frame["rejected_cells"].tolist() == ["", *["registered_area"] * 3, ""]
    rejects = problems.frame(ProblemKind.REJECT)
    assert rejects["code"].unique().tolist() == ["AREA_MISMATCH"]
    texts = problem_messages(rejects, "zh")
    assert "亩" in texts[0]
    assert "公顷" in texts[1]
    assert "1.04 倍" in texts[2]
    assert listed(problems, ProblemKind.NOTE) == [("AREA_DIFFERENCE", "P4")]
    assert layer.source.rows_used == 5


def test_areas_with_their_units_in_the_cells() -> None:
    shapes = [square(100 * i) for i in range(4)]
    areas = ["15亩", "1公顷", "10000平方米", "1平方公顷"]
    layer, problems = gate(source(shapes, parcel_id=["P1", "P2", "P3", "P4"], area=areas))
    assert layer.frame["registered_area_m2"].tolist() == [10000.0] * 4
    assert [c for c, _ in listed(problems, ProblemKind.REPAIR)] == ["UNIT_NORMALISED"]
    note = problem_messages(problems.frame(ProblemKind.NOTE), "zh")[0]
    assert "平方公顷" in note
    assert "P4" in note
    assert not problems.has_losses()


def test_a_unit_column_beside_the_area() -> None:
    raw = source([square(), square(100)], ZDDM=["P1", "P2"], ZDMJ=[15.0, 1.0], MJDW=["2", "3"])
    assert gate(raw)[0].frame["registered_area_m2"].tolist() == [10000.0, 10000.0]


def test_a_negative_area_costs_the_cell() -> None:
    layer, problems = gate(source([square()], parcel_id=["P001"], area_m2=[-10000]))
    reject = problems.frame(ProblemKind.REJECT).iloc[0]
    assert (reject["code"], reject["column"], reject["raw_value"]) == (
        "VALUE_RANGE",
        "registered_area",
        "-10000",
    )
    assert layer.frame["rejected_cells"].tolist() == ["registered_area"]


def test_degrees_come_out_in_the_working_crs() -> None:
    corner = shapely.box(114.30, 35.75, 114.301, 35.751)
    layer, _ = gate(source([corner], crs=pyproj.CRS("EPSG:4490"), parcel_id=["P1"]))
    assert layer.frame.crs == GK114
    assert layer.frame.geometry.area.tolist() == pytest.approx([10035.8], abs=1.0)
    assert layer.source.crs == "EPSG:4490"


def test_plans_are_sorted_by_content_and_numbered() -> None:
    raw = source([square(100), square()], role="plans.city_plan", MLDM=["R2", "M1"], colour=["red", "blue"])
    layer, _ = gate(raw, columns={"code": "MLDM"})
    assert layer.frame["code"].tolist() == ["M1", "R2"]
    assert layer.frame.index.tolist() == ["0001", "0002"]
    assert layer.frame["src_colour"].tolist() == ["blue", "red"]


def test_project_columns_on_parcels_become_a_ledger() -> None:
    raw = source(
        [square(), square(100)], parcel_id=["P1", "P2"], investment=["1200万元", ""], agreed_start=["2012-06", ""],
    )  # fmt: skip
    layer, _ = gate(raw)
    table = projects_from_parcels(layer)
    assert table is not None
    assert table.frame["project_id"].tolist() == ["P1-1"]
    assert table.frame["rejected_cells"].tolist() == ["agreed_start"]
    assert projects_from_parcels(gate(source([square()], parcel_id=["P1"]))[0]) is None


def test_row_order_changes_nothing_but_row_numbers() -> None:
    shapes = [*BAD.values(), square(), square(), square(90), square(300), square(500), square(700)]
    ids = [*[f"B{i}" for i in range(len(BAD))], "P1", "P1", "P2", "", "P3", "P3"]
    areas = [float(1000 * i) for i in range(len(ids) - 2)] + [5.0, 6.0]
    areas[len(BAD) + 1] = areas[len(BAD)]
    one, first = gate(source(shapes, parcel_id=ids, area_m2=areas))
    two, second = gate(source(shapes[::-1], parcel_id=ids[::-1], area_m2=areas[::-1]))
    pd.testing.assert_frame_equal(one.frame.drop(columns="source_row"), two.frame.drop(columns="source_row"))
    for kind in ProblemKind:
        pd.testing.assert_frame_equal(
            first.frame(kind).drop(columns="row"), second.frame(kind).drop(columns="row")
        )


def test_nothing_left_is_an_empty_layer() -> None:
    layer, _ = gate(source([None, None], parcel_id=["P1", "P2"], area_m2=[1.0, 2.0]))
    assert len(layer.frame) == 0
    assert layer.source.rows_rejected == 2
