"""Every hand-made answer of ``data/example_zone`` is met, in every CRS and for any row order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import landzone as lz

Audited = Callable[..., lz.Audit]
ALL_CRS = pytest.mark.parametrize("epsg", [4490, 4526, 4547])
PREFIX = "411799001001"


def _close(name: str, value: float, expected: float) -> bool:
    """Compare areas to a square decimetre and the rest of ratios to the sixth digit."""
    return bool(value == pytest.approx(expected, rel=3e-6, abs=0.01 if name.endswith("_m2") else 1e-9))


def _short(frame: pd.DataFrame, column: str = "parcel_id") -> pd.DataFrame:
    return frame.set_index(frame[column].str.removeprefix(PREFIX))


@ALL_CRS
@pytest.mark.parametrize("zone", ["JQ01", "JQ02"])
def test_zone_figures(audited: Audited, answers: dict[str, Any], epsg: int, zone: str) -> None:
    row = audited(epsg).zones.set_index("zone_id").loc[zone]
    wrong = {
        name: (row[name], want)
        for name, want in answers["zones"][zone].items()
        if not _close(name, row[name], want)
    }
    assert wrong == {}
    assert row["density_denominator"] == "industrial"


@ALL_CRS
def test_the_floor_area_ratio_of_a_zone_with_an_unknown_building_cannot_be_told(
    audited: Audited, epsg: int
) -> None:
    assert np.isnan(audited(epsg).zones.set_index("zone_id").loc["JQ01", "floor_area_ratio"])


@ALL_CRS
def test_parcel_figures(audited: Audited, answers: dict[str, Any], epsg: int) -> None:
    parcels = _short(audited(epsg).parcels)
    wrong = {
        (parcel, name): (parcels.loc[parcel, name], want)
        for parcel, figures in answers["parcels"].items()
        for name, want in figures.items()
        if not _close(name, parcels.loc[parcel, name], want)
    }
    assert wrong == {}
    assert np.isnan(parcels.loc["GB00027", "floor_area_ratio"])


@ALL_CRS
@pytest.mark.parametrize("reading", ["civil", "calendar"])
def test_idle_classes(audited: Audited, answers: dict[str, Any], epsg: int, reading: str) -> None:
    settings = "" if reading == "civil" else '\n[idle]\nanniversary = "calendar"\n'
    parcels = _short(audited(epsg, settings=settings).parcels)
    place = 0 if reading == "civil" else 1
    expected = {parcel: row[place] for parcel, row in answers["idle"].items()}
    assert parcels.loc[list(expected), "idle_class"].to_dict() == expected
    if reading == "civil":
        dates = {parcel: row[2] for parcel, row in answers["idle"].items()}
        assert parcels.loc[list(dates), "next_threshold_date"].fillna("").to_dict() == dates


def test_fees_are_exact_and_null_where_none_is_due(audited: Audited, answers: dict[str, Any]) -> None:
    fees = _short(audited().parcels)["idle_fee_wan_cny"].dropna()
    assert fees.to_dict() == answers["fees"]


@ALL_CRS
def test_verdicts_on_the_nine_conditions(audited: Audited, answers: dict[str, Any], epsg: int) -> None:
    findings = audited(epsg).findings
    zone = findings[findings["pack_id"] == "seed-004-cluster-2014"]
    got = zone.pivot(index="rule_id", columns="subject_id", values="verdict")
    assert {rule: got.loc[rule, ["JQ01", "JQ02"]].tolist() for rule in answers["findings"]} == answers[
        "findings"
    ]
    assert len(got) == 9


def test_the_gap_to_pass_is_told_in_its_own_unit(audited: Audited) -> None:
    findings = audited().findings.set_index(["subject_id", "rule_id"])
    density = findings.loc[("JQ01", "S004-DENS")]
    assert density["gap"] == pytest.approx(384_000 - 261_400, rel=1e-5)
    assert density["gap_unit"] == "m2"


@ALL_CRS
def test_difference_patches(audited: Audited, answers: dict[str, Any], epsg: int) -> None:
    patches = audited(epsg).patches
    rest = patches[patches["kind"] != "agree"].sort_values(["zone_id", "kind", "type", "area_m2"])
    expected = sorted(answers["patches"]["list"])
    assert [list(row) for row in rest[["zone_id", "kind", "type"]].to_numpy()] == [
        row[:3] for row in expected
    ]
    for got, row in zip(rest["area_m2"], expected, strict=True):
        assert got == pytest.approx(row[3], rel=1e-4, abs=0.15 if epsg == 4490 else 0.01)


@ALL_CRS
def test_patches_close_to_the_zone(audited: Audited, epsg: int) -> None:
    audit = audited(epsg)
    sums = audit.patches.groupby("zone_id")["area_m2"].sum()
    assert np.allclose(sums, audit.zones.set_index("zone_id")["area_m2"], rtol=1e-6, atol=0)


@ALL_CRS
def test_conformity_of_parcels(audited: Audited, answers: dict[str, Any], epsg: int) -> None:
    parcels = _short(audited(epsg).parcels)
    expected = {f"GB{n:05d}": "conforms" for n in range(1, 202)}
    for state, numbers in answers["conformity"].items():
        expected |= {f"GB{n:05d}": state for n in numbers}
    assert parcels["conformity"].to_dict() == expected


def _pieces(frame: pd.DataFrame, columns: list[str]) -> list[list[Any]]:
    numbers = frame["parcel_id"].str.removeprefix(PREFIX + "GB").fillna("0").astype(int)
    rows = frame.assign(parcel_id=numbers)[[*columns, "area_m2"]].to_numpy().tolist()
    return sorted(rows, key=str)


@ALL_CRS
def test_lines_of_control(audited: Audited, answers: dict[str, Any], epsg: int) -> None:
    got = _pieces(audited(epsg).constraints, ["constraint", "zone_id", "parcel_id", "construction_plans"])
    want = sorted(
        ([c, z, p, plans, area] for c, z, p, area, plans in answers["constraints"]["list"]), key=str
    )
    assert [row[:4] for row in got] == [row[:4] for row in want]
    assert [row[4] for row in got] == pytest.approx([row[4] for row in want], rel=2e-5, abs=0.01)


@ALL_CRS
def test_use_against_plan(audited: Audited, answers: dict[str, Any], epsg: int) -> None:
    got = _pieces(audited(epsg).use_conflicts, ["plan", "parcel_id"])
    want = sorted(answers["use_conflicts"]["list"], key=str)
    assert [row[:2] for row in got] == [row[:2] for row in want]
    assert [row[2] for row in got] == pytest.approx([row[2] for row in want], rel=2e-5, abs=0.15)


@ALL_CRS
def test_rows_in_are_rows_used_and_rows_rejected(
    audited: Audited, answers: dict[str, Any], epsg: int
) -> None:
    inputs = {record["role"]: record for record in audited(epsg).result.run["inputs"]}
    got = {
        role: [inputs[role]["rows_in"], inputs[role]["rows_used"], inputs[role]["rows_rejected"]]
        for role in answers["rows"]
    }
    assert got == answers["rows"]
    assert all(r["rows_in"] == r["rows_used"] + r["rows_rejected"] for r in inputs.values())


def test_what_was_rejected_is_listed_with_its_reason(audited: Audited) -> None:
    rejects = audited().rejects
    whole = rejects[rejects["column"] == ""]
    assert sorted(whole["code"]) == sorted(
        [
            "GEOM_SELF_INTERSECTION",
            "ID_DUPLICATE",
            "ID_DUPLICATE",
            "ROW_DUPLICATE",
            "ROW_DUPLICATE",
            "JOIN_NO_PARCEL",
        ]
    )
    cells = rejects[rejects["column"] != ""]
    assert set(zip(cells["code"], cells["column"], strict=True)) == {
        ("AREA_MISMATCH", "registered_area"),
        ("DATE_AMBIGUOUS", "agreed_start"),
    }
    assert (rejects["message"].str.len() > 0).all()


TABLES = [
    "zones", "parcels", "buildings", "patches", "constraints", "use_conflicts", "findings", "plan_shares", "projects",
    "rejects", "repairs", "notes", "alignment",
]  # fmt: skip


@pytest.mark.parametrize("seed", [1, 7])
def test_shuffled_rows_give_the_same_tables_byte_for_byte(audited: Audited, seed: int) -> None:
    plain, shuffled = audited(), audited(seed=seed)
    for name in TABLES:
        left, right = getattr(plain.result, name), getattr(shuffled.result, name)
        columns = [c for c in left.columns if c not in ("row", "geometry", "source_row")]
        assert left[columns].to_csv() == right[columns].to_csv(), name
        if "geometry" in left.columns:
            assert left.geometry.to_wkb().tolist() == right.geometry.to_wkb().tolist(), name
