"""Figures that a table states: an impossible one is reported and never averaged; limits of single parcels."""

from pathlib import Path

import pandas as pd
import pytest

import landzone as lz
from landzone.errors import Refusal

from .conftest import write_study

CELLS = "parcel_id,building_density\nP1,0.4\nP2,1.485\nP3,1.0\n"
BY_PARCEL = """
key = "parcel_id"
columns = { building_density_ratio = "building_density" }
units = { building_density_ratio = "ratio" }
"""
LIMITS = """id = "plan-limits"
title = { zh = "规划条件", en = "planning conditions" }
source = "控制性详细规划"
issued = 2026-01-01
binding = "law"

[[rules]]
id = "COVER"
title = { zh = "建筑密度上限", en = "Building density, at most" }
applies_to = "parcel"
measure = "building_density_ratio"
op = "<="
unit = "percent"
clause = "图则"
quote = "建筑密度不超过图则所列"
limits_by = { key = "parcel_id", table = "limits.csv", column = "建蔽率" }
values = [{ limit = 1 }]

[[rules]]
id = "FAR"
title = { zh = "容积率上限", en = "Floor area ratio, at most" }
applies_to = "parcel"
measure = "floor_area_ratio"
op = "<="
unit = "percent"
clause = "图则"
quote = "容积率不超过图则所列"
limits_by = { key = "parcel_id", table = "limits.csv", column = "容積率" }
values = [{ limit = 1 }]
"""
TABLE = """parcel_id,建蔽率,容積率
P1,50,100
P2,40,124
P3,60,
P4,,180
"""


def cells(folder: Path) -> Path:
    """Write a study whose cells state their density, as a grid of a city does; it has no footprints."""
    path = write_study(folder, packs=["seed-004-cluster-2014"], ledger=None)
    (folder / "cells.csv").write_text(CELLS, "utf-8")
    text = path.read_text("utf-8").replace('"figures.csv"\n', f'"cells.csv"{BY_PARCEL}')
    begin, end = text.index("[layers.buildings]"), text.index("[layers.structures]")
    path.write_text(text[:begin] + text[end:], "utf-8")
    return path


def test_a_density_over_one_is_reported_with_its_cell_and_its_row_stays(tmp_path: Path) -> None:
    audit = lz.audit(lz.open_study(cells(tmp_path)), as_of="2026-06-30")
    told = audit.rejects[audit.rejects["layer"] == "zone_figures"]
    assert told[["subject_id", "code", "column", "raw_value"]].to_numpy().tolist() == [
        ["P2", "SHARE_OVER_WHOLE", "building_density_ratio", "1.485"]
    ]
    figures = audit.study.tables["zone_figures"].frame["building_density_ratio"]
    assert figures.drop("P2").to_dict() == {"P1": 0.4, "P3": 1.0}
    assert pd.isna(figures["P2"])


def test_a_density_over_one_enters_no_figure_of_a_zone(tmp_path: Path) -> None:
    audit = lz.audit(lz.open_study(cells(tmp_path)), as_of="2026-06-30")
    assert audit.zones[["building_density_ratio", "gross_building_density_ratio"]].isna().all(axis=None)
    assert audit.parcels["building_density_ratio"].isna().all()
    density = audit.findings.set_index("rule_id").loc["S004-DENS"]
    assert (density["verdict"], pd.isna(density["observed"])) == ("unknown", True)


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("limits")
    path = write_study(folder, packs=["limits.toml"])
    (folder / "limits.toml").write_text(LIMITS, "utf-8")
    (folder / "limits.csv").write_text(TABLE, "utf-8")
    found = lz.audit(lz.open_study(path), as_of="2026-06-30").findings
    return found.set_index(["rule_id", "subject_id"])


@pytest.mark.parametrize(
    ("rule", "parcel", "observed", "limit", "verdict", "gap"),
    [
        ("COVER", "P1", 0.5, 0.5, "pass", 0),  # 5,000 of 10,000 m²: 不超过 includes the number
        ("COVER", "P2", 0.42, 0.4, "fail", 200),  # 4,000 + 200 m²
        ("COVER", "P3", 0, 0.6, "pass", 0),
        ("COVER", "P4", 0.09, None, "not_applicable", None),  # no limit in the table
        ("COVER", "P5", 0, None, "not_applicable", None),  # no line in the table
        ("FAR", "P1", 1, 1, "pass", 0),  # one storey of 12 m counts twice
        ("FAR", "P2", 1.24, 1.24, "pass", 0),  # 3 * 4,000 + 2 * 200 m²
        ("FAR", "P3", 0, None, "not_applicable", None),
        ("FAR", "P4", 0.09, 1.8, "pass", 0),
    ],
)
def test_limits_of_a_plan_are_upper_limits_parcel_by_parcel(
    limited: pd.DataFrame, rule: str, parcel: str, observed: float, limit: float, verdict: str, gap: float
) -> None:
    row = limited.loc[(rule, parcel)]
    assert row["observed"] == pytest.approx(observed)
    assert row["verdict"] == verdict
    assert pd.isna(row["limit"]) if limit is None else row["limit"] == limit
    assert pd.isna(row["gap"]) if gap is None else row["gap"] == pytest.approx(gap)


def test_an_upper_limit_that_is_broken_is_also_met_on_more_land(limited: pd.DataFrame) -> None:
    row = limited.loc[("COVER", "P2")]
    assert row["gap_denominator"] == pytest.approx(500)  # 4,200 m² are 40 % of 10,500 m²
    assert "或分母增加 500 平方米" in row["message"]


def test_a_limit_of_a_parcel_cannot_be_a_limit_of_a_zone(tmp_path: Path) -> None:
    path = write_study(tmp_path, packs=["limits.toml"])
    (tmp_path / "limits.toml").write_text(LIMITS.replace('"parcel"', '"zone"', 1), "utf-8")
    (tmp_path / "limits.csv").write_text(TABLE, "utf-8")
    with pytest.raises(Refusal, match=r"limits\.toml.*COVER"):
        lz.open_study(path)
