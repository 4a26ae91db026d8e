"""The area of land in a ledger is held against the map: rows in another unit, or on another parcel, are named."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from landzone.catalog.messages import problem_messages
from landzone.io.ledger_area import note_ledger_areas
from landzone.model.layer import InputRecord, Layer, Table
from landzone.model.problems import ProblemKind, Problems


def notes(header: str, areas: list[object], parcels: list[str] | None = None) -> list[str]:
    """Hold a ledger against hectares P0, P1 …; J0 stands on P0 and so on."""
    ids = [f"P{n}" for n in range(4)]
    boxes = [shapely.box(527000 + 100 * n, 3958000, 527100 + 100 * n, 3958100) for n in range(4)]
    frame = gpd.GeoDataFrame(
        index=pd.Index(ids, dtype="str", name="parcel_id"), geometry=boxes, crs="EPSG:4547"
    )
    ledger = pd.DataFrame(
        {
            "project_id": [f"J{n}" for n in range(len(areas))],
            "parcel_id": parcels or ids[: len(areas)],
            "source_row": np.arange(2, len(areas) + 2),
            f"src_{header}": pd.Series(areas, dtype=object),
        }
    )
    problems = Problems()
    table = Table("projects", ledger, InputRecord("projects", "ledger.xlsx"), "parcel_id")
    note_ledger_areas(table, Layer("parcels", frame, InputRecord("parcels", "p")), problems)
    return problem_messages(problems.frame(ProblemKind.NOTE), "zh")


def test_a_ledger_mixing_mu_and_hectares_is_named_row_by_row() -> None:
    said = notes("面积(公顷)", [1.0, 15.0, 1.0, 15.0])
    assert [text[:2] for text in said] == ["J1", "J3"]
    assert "15 倍，像是亩数当成了公顷" in said[0].replace(",", "，")


def test_hectares_in_a_column_of_mu_are_named() -> None:
    (said,) = notes("供地面积（亩）", [15.0, 15.0, 1.0])
    assert said.startswith("J2")
    assert "0.0667" in said or "0.06667" in said
    assert "公顷数当成了亩" in said


def test_without_a_unit_the_one_of_most_rows_is_taken() -> None:
    (said,) = notes("面积", [1.0, 1.0, 15.0, 1.0])
    assert said.startswith("J2")


@pytest.mark.parametrize("areas", [["1公顷", "15亩", "10000平方米"], [None, 1.0, 1.02], ["1.0", "—", "1"]])
def test_rows_that_agree_or_say_nothing_are_not_named(areas: list[object]) -> None:
    assert notes("面积(公顷)", areas) == []


def test_shared_parcels_and_other_areas_are_not_compared() -> None:
    assert notes("面积(公顷)", [0.4, 0.6], ["P0", "P0"]) == []
    assert notes("建筑面积(公顷)", [15.0, 15.0]) == []
    assert notes("面积", [7.0, 300.0]) == []
