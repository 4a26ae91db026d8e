"""Problems are collected in bulk and told in an order that does not depend on the order of rows."""

from __future__ import annotations

import pytest

from landzone.model.problems import READ, ProblemKind, Problems


def test_one_call_lists_many_rows() -> None:
    problems = Problems()
    problems.reject("GEOM_NULL", source="a.shp", layer="parcels", rows=[3, 1], ids=["P3", "P1"])
    frame = problems.frame(ProblemKind.REJECT)
    assert frame["subject_id"].tolist() == ["P1", "P3"]
    assert frame["row"].tolist() == [1, 3]
    assert frame["action"].tolist() == ["rejected", "rejected"]


def test_an_empty_call_lists_nothing() -> None:
    problems = Problems()
    problems.reject("GEOM_NULL", source="a.shp", layer="parcels", rows=[], ids=[])
    assert problems.frame(ProblemKind.REJECT).empty
    assert not problems.has_losses()


def test_lossless_readings_do_not_count_as_losses() -> None:
    problems = Problems()
    problems.repair("DATE_NORMALISED", source="a.csv", layer="projects", column="agreed_start", action=READ)
    assert not problems.has_losses()
    problems.repair("GEOM_SPIKE", source="a.shp", layer="parcels", subject_id="P1")
    assert problems.has_losses()


def test_shuffled_rows_change_the_row_column_alone() -> None:
    one, two = Problems(), Problems()
    one.reject("X", source="s", layer="parcels", rows=[1, 2], ids=["A", "B"], raw_value=["p", "q"])
    two.reject("X", source="s", layer="parcels", rows=[1, 2], ids=["B", "A"], raw_value=["q", "p"])
    left, right = one.frame(ProblemKind.REJECT), two.frame(ProblemKind.REJECT)
    assert left.drop(columns="row").equals(right.drop(columns="row"))


def test_a_misspelt_field_is_an_error() -> None:
    with pytest.raises(TypeError, match="colunm"):
        Problems().note("X", colunm="a")
