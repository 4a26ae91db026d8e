"""Cover and floor area ratios of Bubenec against the values that momepy's own tests state for the same file.

momepy divides a whole building by the cell of the same number. Here a piece of a building that lies in the cell next
door counts next door, up to 2 m² of it, so single cells differ by as much as 9e-4 and the mean by 3e-6. What must be
the same to the last digits is the geometric cover, taken with shapely in the published plane.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

import landzone as lz

FOLDER = Path(__file__).parents[2] / "data" / "bubenec"
FILE = FOLDER / "bubenec.gpkg"
AS_OF = "2026-06-30"


@pytest.fixture(scope="module")
def cells() -> gpd.GeoDataFrame:
    frame = pyogrio.read_dataframe(FILE, layer="tessellation")
    return frame.set_index(frame["uID"].astype("int64")).sort_index()


@pytest.fixture(scope="module")
def buildings() -> gpd.GeoDataFrame:
    frame = pyogrio.read_dataframe(FILE, layer="buildings")
    return frame.set_index(frame["uID"].astype("int64")).sort_index()


@pytest.fixture(scope="module")
def audit() -> lz.Audit:
    return lz.audit(lz.open_study(FOLDER / "study.toml"), as_of=AS_OF)


def by_number(audit: lz.Audit, column: str) -> pd.Series:
    parcels = audit.parcels
    return parcels.set_index(parcels["parcel_id"].astype("int64"))[column].sort_index()


def on_cells(cells: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, weight: pd.Series) -> pd.Series:
    """Weighted footprint in each cell over the cell, in the published plane."""
    own, other = cells.geometry.to_numpy(), buildings.geometry.to_numpy()
    cell, building = shapely.STRtree(other).query(own, predicate="intersects")
    area = shapely.area(shapely.intersection(own[cell], other[building])) * weight.to_numpy()[building]
    return pd.Series(np.bincount(cell, area, len(own)) / shapely.area(own), cells.index)


def test_cover_ratios_are_those_that_momepy_publishes(audit: lz.Audit) -> None:
    cover = by_number(audit, "building_density_ratio")
    assert cover.count() == 144
    assert cover.mean() == pytest.approx(0.3206556897709747, abs=1e-5)
    assert cover.max() == pytest.approx(0.8754071653707558, abs=2e-4)
    assert cover.min() == pytest.approx(0.029097983413141276, abs=1e-5)


def test_cover_ratios_are_the_footprint_that_lies_in_each_cell(
    audit: lz.Audit, cells: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame
) -> None:
    expected = on_cells(cells, buildings, pd.Series(1.0, buildings.index))
    cover = by_number(audit, "building_density_ratio")
    assert cover.index.equals(expected.index)
    assert np.allclose(cover, expected, rtol=1e-5, atol=1e-7)
    whole = buildings.area / cells.area
    assert whole.mean() == pytest.approx(0.3206556897709747, rel=1e-12)
    assert np.abs(cover - whole).max() < 1e-3
    assert audit.notes["code"].eq("BUILDING_SPLIT").sum() > 100


def test_floor_area_ratios_are_those_that_momepy_publishes(
    tmp_path: Path, cells: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame
) -> None:
    floors = pd.Series(np.linspace(10.0, 30.0, 144) // 3, buildings.index)
    pyogrio.write_dataframe(cells, tmp_path / "bubenec.gpkg", layer="tessellation")
    high = buildings.assign(storeys=floors)
    pyogrio.write_dataframe(high, tmp_path / "bubenec.gpkg", layer="buildings", append=True)
    text = (FOLDER / "study.toml").read_text("utf-8")
    text = text.replace('{ building_id = "uID" }', '{ building_id = "uID", floors = "storeys" }')
    (tmp_path / "study.toml").write_text(text, "utf-8")
    audit = lz.audit(lz.open_study(tmp_path / "study.toml"), as_of=AS_OF)
    ratio = by_number(audit, "floor_area_ratio")
    whole = buildings.area * floors / cells.area
    assert whole.mean() == pytest.approx(1.910949846262234, rel=1e-12)
    assert ratio.mean() == pytest.approx(1.910949846262234, rel=2e-4)
    assert ratio.max() == pytest.approx(7.003257322966046, rel=2e-4)
    assert ratio.min() == pytest.approx(0.26188185071827147, rel=1e-4)
    assert np.allclose(ratio, on_cells(cells, buildings, floors), rtol=1e-5)


def test_hectares_are_not_those_of_web_mercator(audit: lz.Audit, cells: gpd.GeoDataFrame) -> None:
    area = audit.parcels["area_m2"].sum()
    utm = cells.to_crs(32633)
    assert area == pytest.approx(150_374, abs=1)
    assert utm.area.sum() == pytest.approx(area, rel=1e-3)
    assert cells.area.sum() / area == pytest.approx(2.43, abs=0.005)
    assert "CRS_NOT_AREA_TRUE" in set(audit.notes["code"])
