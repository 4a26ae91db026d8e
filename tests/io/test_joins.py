"""Ledgers against the map."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
import pytest
import shapely

from landzone.catalog.messages import problem_messages
from landzone.errors import Refusal
from landzone.geometry.area import AreaMeasure
from landzone.io.joins import join_projects, join_zones
from landzone.model.layer import InputRecord, Layer, Table
from landzone.model.problems import ProblemKind, Problems
from landzone.model.study import AreaKind


def layer(ids: list[str], name: str = "parcel_id") -> Layer:
    shapes = [shapely.box(i, 0, i + 1, 1) for i in range(len(ids))]
    frame = gpd.GeoDataFrame(geometry=shapes, index=pd.Index(ids, dtype="str", name=name), crs=4547)
    return Layer("parcels", frame, InputRecord("parcels", "parcels.shp"))


def ledger(rows: list[dict[str, Any]]) -> Table:
    frame = pd.DataFrame(rows).assign(source_row=range(2, 2 + len(rows)))
    if "rejected_cells" not in frame:
        frame["rejected_cells"] = ""
    for column in frame.columns:
        if column.endswith("_date"):
            frame[column] = pd.to_datetime(frame[column]).astype("datetime64[s]")
        elif column.endswith("_fen"):
            frame[column] = frame[column].astype("Int64")
        elif column != "source_row":
            frame[column] = frame[column].astype("str")
    record = InputRecord("projects", "projects.csv", rows_in=len(rows), rows_used=len(rows))
    return Table("projects", frame, record)


def row(
    project: str, parcel: str, wan: int | None = 1, start: str | None = "2012-06-01", **more: Any
) -> dict[str, Any]:
    fen = None if wan is None else wan * 1_000_000
    return {
        "project_id": project,
        "parcel_id": parcel,
        "fixed_asset_investment_fen": fen,
        "agreed_start_date": start,
        **more,
    }


def joined(parcels: list[str], *rows: dict[str, Any]) -> tuple[Table, Problems]:
    problems = Problems()
    measure = AreaMeasure(pyproj.CRS.from_epsg(4547), AreaKind.PLANAR)
    return join_projects(layer(parcels), ledger(list(rows)), problems, measure=measure), problems


def found(problems: Problems, kind: ProblemKind, code: str) -> pd.DataFrame:
    frame = problems.frame(kind)
    frame = frame.assign(message=problem_messages(frame, "zh"), english=problem_messages(frame, "en"))
    return frame[frame["code"] == code].reset_index(drop=True)


def test_a_project_without_parcel_is_rejected_with_its_money() -> None:
    table, problems = joined(["P001"], row("J1", "P001", 1200), row("J2", "P099", 900))
    assert table.frame["project_id"].tolist() == ["J1"]
    assert (table.source.rows_in, table.source.rows_used, table.source.rows_rejected) == (2, 1, 1)
    reject = found(problems, ProblemKind.REJECT, "JOIN_NO_PARCEL").iloc[0]
    assert (reject["subject_id"], reject["row"], reject["column"]) == ("J2", 3, "")
    assert "P099" in reject["message"]
    assert "900 万元" in reject["message"]


def test_lost_zeros_are_suggested_never_added() -> None:
    table, problems = joined(["0012", "0013"], row("12-1", "12", 1200), row("0013-1", "0013", 1200))
    assert table.frame["parcel_id"].tolist() == ["0013"]
    reject = found(problems, ProblemKind.REJECT, "ID_TYPE_LOST").iloc[0]
    assert reject["subject_id"] == "12"
    assert "0012" in reject["message"]
    assert "0012" in reject["english"]


def test_two_ids_that_padding_would_fit_suggest_nothing() -> None:
    _, problems = joined(["012", "0012"], row("J1", "12"))
    assert len(found(problems, ProblemKind.REJECT, "JOIN_NO_PARCEL")) == 1


def test_several_projects_on_a_parcel_are_noted() -> None:
    table, problems = joined(["P001"], row("J1", "P001", 1200), row("J2", "P001", 300))
    assert table.frame["fixed_asset_investment_fen"].sum() == 1_500_000_000
    note = found(problems, ProblemKind.NOTE, "JOIN_ONE_TO_MANY").iloc[0]
    assert note["subject_id"] == "P001"
    assert "2" in note["message"]


def test_one_project_on_two_parcels_is_not_several() -> None:
    _, problems = joined(["P001", "P002"], row("J1", "P001"), row("J1", "P002"))
    assert problems.frame(ProblemKind.NOTE).empty


def test_missing_evidence_is_noted_for_each_parcel() -> None:
    rows = [
        row("J1", "P001", None),
        row("J2", "P002", 1, None),
        row("J3", "P003", 0),
        row("J4", "P004", None, None),
    ]
    _, problems = joined(["P001", "P002", "P003", "P004"], *rows)
    notes = found(problems, ProblemKind.NOTE, "EVIDENCE_MISSING")
    assert notes["subject_id"].tolist() == ["P001", "P002", "P004"]
    assert ["投资额" in m for m in notes["message"]] == [True, False, True]
    assert ["约定开工时间" in m for m in notes["message"]] == [False, True, True]


def test_a_rejected_cell_is_not_told_twice() -> None:
    _, problems = joined(["P001"], row("J1", "P001", 1, None, rejected_cells="agreed_start"))
    assert found(problems, ProblemKind.NOTE, "EVIDENCE_MISSING").empty


def test_a_delivery_date_is_a_start_to_count_from() -> None:
    _, problems = joined(["P001"], row("J1", "P001", 1, None, delivery_date="2012-01-01"))
    assert found(problems, ProblemKind.NOTE, "EVIDENCE_MISSING").empty


def test_parcels_without_a_row_are_one_note() -> None:
    _, problems = joined(["P001", "P002", "P003"], row("J1", "P001"))
    note = found(problems, ProblemKind.NOTE, "PARCELS_WITHOUT_PROJECT")
    assert len(note) == 1
    assert "P002, P003" in note["message"][0]


def test_parcels_without_a_row_are_told_with_their_area() -> None:
    _, problems = joined(["P001", "P002", "P003"], row("J1", "P001"))
    whole = layer(["P002", "P003"]).frame.area.sum()
    assert (
        f"{whole / 10_000:.4f} 公顷"
        in found(problems, ProblemKind.NOTE, "PARCELS_WITHOUT_PROJECT")["message"][0]
    )


def test_money_in_is_money_counted_and_money_not_counted() -> None:
    _, problems = joined(["P001"], row("J1", "P001", 300), row("J2", "P009", 25), row("J3", "P008", 5))
    (message,) = found(problems, ProblemKind.NOTE, "JOIN_MONEY")["message"]
    assert "330 万元 = 计入 300 万元 + 未计入 30 万元" in message


def test_nothing_is_said_of_money_where_every_row_counts() -> None:
    _, problems = joined(["P001"], row("J1", "P001", 300), row("J2", "P001", 25))
    assert found(problems, ProblemKind.NOTE, "JOIN_MONEY").empty


def test_completion_before_start_costs_both_dates() -> None:
    dates = {"actual_start_date": "2013-01-01", "actual_finish_date": "2012-12-01"}
    table, problems = joined(["P001"], row("J1", "P001", **dates))
    rejects = found(problems, ProblemKind.REJECT, "DATE_ORDER")
    assert rejects["column"].tolist() == ["actual_finish", "actual_start"]
    assert rejects["subject_id"].tolist() == ["J1", "J1"]
    assert table.frame[["actual_start_date", "actual_finish_date"]].isna().all(axis=None)
    assert table.frame["rejected_cells"].tolist() == ["actual_finish|actual_start"]
    assert table.source.rows_used == 1


def zone_table(rows: list[dict[str, Any]]) -> Table:
    frame = pd.DataFrame(rows).astype("str").assign(source_row=range(2, 2 + len(rows)))
    return Table(
        "enterprises",
        frame,
        InputRecord("enterprises", "e.csv", rows_in=len(rows), rows_used=len(rows)),
        "zone_id",
    )


def test_rows_of_unknown_zones_are_rejected() -> None:
    problems = Problems()
    table = zone_table([{"enterprise": "甲", "zone_id": "Z1"}, {"enterprise": "乙", "zone_id": "Z9"}])
    kept = join_zones(layer(["Z1", "Z2"], "zone_id"), table, problems)
    assert kept.frame["enterprise"].tolist() == ["甲"]
    reject = found(problems, ProblemKind.REJECT, "JOIN_NO_ZONE").iloc[0]
    assert (reject["subject_id"], reject["raw_value"]) == ("乙", "Z9")


def test_figures_indexed_by_zone_are_matched_by_index() -> None:
    problems = Problems()
    table = zone_table([{"zone_id": "Z1"}, {"zone_id": "Z9"}])
    table = Table("zone_figures", table.frame.set_index("zone_id"), table.source, "zone_id")
    assert join_zones(layer(["Z1"], "zone_id"), table, problems).frame.index.tolist() == ["Z1"]


def test_without_zone_ids_the_only_zone_takes_all_and_several_refuse() -> None:
    problems = Problems()
    table = zone_table([{"enterprise": "甲"}])
    assert join_zones(layer(["all"], "zone_id"), table, problems).frame["zone_id"].tolist() == ["all"]
    assert len(found(problems, ProblemKind.NOTE, "ZONE_ASSUMED")) == 1
    with pytest.raises(Refusal):
        join_zones(layer(["Z1", "Z2"], "zone_id"), table, problems)


def test_an_amount_shared_with_a_parcel_that_is_not_on_the_map_cannot_be_split() -> None:
    """J1 stands with 12 on P1 and on P9; P9 is not on the map, so P1 gets neither 12 nor any share of it."""
    table, problems = joined(["P1"], row("J1", "P1", 12), row("J1", "P9", 12))
    assert table.frame["fixed_asset_investment_fen"].isna().tolist() == [True]
    assert table.frame["rejected_cells"].tolist() == ["fixed_asset_investment"]
    cells = found(problems, ProblemKind.REJECT, "PROJECT_PARTLY_ON_MAP")
    assert cells[["subject_id", "column", "raw_value"]].to_numpy().tolist() == [
        ["J1", "fixed_asset_investment", "120000.00"]
    ]


def test_amounts_of_single_parcels_stay_when_another_parcel_is_not_on_the_map() -> None:
    table, problems = joined(["P1"], row("J1", "P1", 12), row("J1", "P9", 7))
    assert table.frame["fixed_asset_investment_fen"].tolist() == [12_000_000]
    assert "PROJECT_PARTLY_ON_MAP" not in set(problems.frame(ProblemKind.REJECT)["code"])
