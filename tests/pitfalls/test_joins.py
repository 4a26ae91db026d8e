"""Money and land that the usual joins count twice, or give to the wrong parcel."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
import shapely

HEAD = ["project_id", "parcel_id", "固定资产投资(万元)"]


def test_6_a_blank_key_joins_nothing(scene: Any, hectare: Any) -> None:
    """pandas joins NaN to NaN: the parcel without a number gets the money of the project without one."""
    scene.layer("parcels.gpkg", [hectare(0), hectare(1)], parcel_id=["P1", None])
    scene.ledger(HEAD, ["J1", None, 900], ["J2", "P1", 100])
    audit = scene.audit()
    assert audit.result.projects["project_id"].tolist() == ["J2"]
    lost = audit.rejects[audit.rejects["code"] == "ID_MISSING"]
    assert set(lost["layer"]) == {"projects", "parcels"}
    assert "900" in " ".join(lost["message"])


def test_7_two_projects_add_up_and_the_land_counts_once(scene: Any) -> None:
    scene.layer("parcels.gpkg")
    scene.ledger(HEAD, ["J1", "P1", 900], ["J2", "P1", 600])
    audit = scene.audit()
    assert audit.parcels.set_index("parcel_id").loc["P1", "fixed_asset_investment_wan_cny"] == 1500
    assert audit.parcels["area_m2"].sum() == pytest.approx(40_000, rel=1e-4)
    assert "JOIN_ONE_TO_MANY" in set(audit.notes["code"])


def test_7_a_parcel_that_touches_a_zone_is_not_in_it(scene: Any, hectare: Any) -> None:
    scene.layer("parcels.gpkg", [hectare(0), hectare(1)])
    scene.layer("zones.gpkg", [hectare(0), hectare(1)], zone_id=["Z1", "Z2"])
    audit = scene.audit()
    assert audit.parcels["zone_id"].tolist() == ["Z1", "Z2"]
    assert audit.zones["parcels_count"].tolist() == [1, 1]


def test_8_zones_that_overlap_are_refused(scene: Any) -> None:
    """The usual overlay gives 12,000 m² of parcels out of 10,000 m²."""
    scene.layer("parcels.gpkg")
    overlapping = [
        shapely.box(527000, 3958000, 527250, 3958100),
        shapely.box(527200, 3958000, 527400, 3958100),
    ]
    scene.layer("zones.gpkg", overlapping, zone_id=["ZA", "ZB"])
    scene.refused("ZONES_OVERLAP", "ZA", "ZB", "5000 m²")


def test_17_a_boundary_digitised_5_mm_off_is_no_conflict(scene: Any) -> None:
    scene.layer("parcels.gpkg")
    line, shifted = 527200.0, 527200.005
    for name, at in (("city_plan", line), ("zone_plan", shifted)):
        halves = [shapely.box(527000, 3958000, at, 3958100), shapely.box(at, 3958000, 527400, 3958100)]
        scene.layer(f"{name}.gpkg", halves, YDDM=["M1", "R2"])
    audit = scene.audit()
    kinds = audit.patches.groupby("kind")["area_m2"].sum().to_dict()
    assert "conflict" not in kinds
    assert kinds["precision"] == pytest.approx(0.5, abs=1e-3)
    zone = audit.zones.iloc[0]
    assert zone["conflict_m2"] == 0
    assert zone["alignment_ratio"] == pytest.approx(1.0)
    assert not pd.isna(zone["precision_m2"])
