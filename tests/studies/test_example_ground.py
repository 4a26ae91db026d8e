"""Vacancy in the example zone does not move with footprints that lie off; its contradictions are those planted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

import landzone as lz
from landzone.engine.direct import build_ledger
from landzone.engine.ground_evidence import measure_ground
from landzone.errors import Refusal
from landzone.io.bundled import example_study
from landzone.io.rasters import raster_shares
from landzone.model.layer import InputRecord, Raster
from landzone.model.problems import Problems
from landzone.model.study import Study

SHIFTS = [(6 * np.cos(turn), 6 * np.sin(turn)) for turn in np.linspace(0, 2 * np.pi, 16, endpoint=False)]


@pytest.fixture(scope="module")
def study() -> Study:
    return lz.open_study(example_study())


def says(study: Study, shift: tuple[float, float]) -> tuple[pd.Series, list[str]]:
    from dataclasses import replace

    layer = study.layers["buildings"]
    moved = layer.frame.set_geometry(layer.frame.geometry.translate(*shift))
    moved_study = replace(study, layers={**study.layers, "buildings": replace(layer, frame=moved)}, plans={})
    problems = Problems()
    ground = measure_ground(moved_study, build_ledger(moved_study), problems)
    return ground.says["footprints"], problems.frame("note")["code"].tolist()


def test_footprints_that_lie_off_by_six_metres_change_no_verdict_on_vacancy(study: Study) -> None:
    """1 to 18 and 201 are bare; the strip of B0021 that lies in 22 stands for a building there."""
    still, notes = says(study, (0.0, 0.0))
    assert notes == []
    vacant = {int(name[-3:]) for name in still.index[still == "vacant"]}
    assert vacant == {*range(1, 19), 201}
    assert (still == "unclear").sum() == 0
    for shift in [*SHIFTS, (3.0, 0.0), (0.0, -2.0)]:
        pd.testing.assert_series_equal(says(study, shift)[0], still)


def test_the_contradictions_of_the_example_zone(study: Study) -> None:
    """Nothing stands on 1 to 18: 2 is completed; 8, 9, 10 have developed areas; 4, 6, 7 started years ago."""
    audit = lz.audit(study, as_of=date(2026, 6, 30))
    table = audit.result.tables["contradictions"]
    found = {(int(p[-3:]), kind) for p, kind in zip(table["parcel_id"], table["kind"], strict=True)}
    assert found == {
        (2, "built_but_vacant"), (8, "developed_but_vacant"), (9, "developed_but_vacant"), (10, "developed_but_vacant"),
        (4, "started_but_vacant"), (6, "started_but_vacant"), (7, "started_but_vacant"),
    }  # fmt: skip
    assert "LEDGER_AND_GROUND" in audit.notes["code"].tolist()


def grid(path: Path, values: np.ndarray, crs: int = 4526) -> None:
    height, width = values.shape
    transform = rasterio.transform.from_origin(500_000, 3_650_000, 10, 10)
    with rasterio.open(
        path, "w", driver="GTiff", height=height, width=width, count=1, dtype="float32", crs=crs,
        transform=transform, nodata=-9999,
    ) as file:  # fmt: skip
        file.write(values.astype("float32"), 1)


def test_pixels_count_by_the_share_that_is_covered(tmp_path: Path) -> None:
    surface, ground = np.array([[5.0, 5.0], [1.0, -9999.0]]), np.array([[1.0, 4.0], [0.0, 0.0]])
    grid(tmp_path / "dsm.tif", surface)
    grid(tmp_path / "dtm.tif", ground)
    raster = Raster(
        "heights", str(tmp_path / "dsm.tif"), {}, InputRecord("rasters.heights", "dsm.tif"), above={"built": 2.5},
        minus=str(tmp_path / "dtm.tif"),
    )  # fmt: skip
    plots = gpd.GeoSeries(
        [
            shapely.box(500_000, 3_649_990, 500_015, 3_650_000),
            shapely.box(500_010, 3_649_980, 500_020, 3_649_990),
        ],
        index=["A", "B"],
        crs=4526,
    )
    found = raster_shares(plots, raster)
    assert found.loc["A", "built"] == pytest.approx(2 / 3)  # 100 m² of 4 m, 50 m² of 1 m
    assert found.loc["A", "pixels_count"] == pytest.approx(1.5)
    assert found.loc["A", "mean_value"] == pytest.approx(3.0)
    assert found.loc["A", "resolution_m"] == 10.0
    assert found.loc["B", "covered_ratio"] == 0.0
    assert np.isnan(found.loc["B", "built"])


def test_two_rasters_on_different_grids_are_refused(tmp_path: Path) -> None:
    grid(tmp_path / "a.tif", np.ones((2, 2)))
    grid(tmp_path / "b.tif", np.ones((3, 2)))
    raster = Raster(
        "x", str(tmp_path / "a.tif"), {}, InputRecord("rasters.x", "a.tif"), minus=str(tmp_path / "b.tif")
    )
    plots = gpd.GeoSeries([shapely.box(500_000, 3_649_990, 500_010, 3_650_000)], crs=4526)
    with pytest.raises(Refusal, match="RASTER_GRIDS_DIFFER"):
        raster_shares(plots, raster)


PLANTED = {
    60: "built_but_works",
    61: "unstarted_but_built",
    62: "unstarted_but_works",
    63: "short_but_built",
    64: "sources_disagree",
}


def planted(study: Study, folder: Path) -> Study:
    """Give five parcels of the example zone a ledger row, a building or a picture that contradicts the rest."""
    from dataclasses import replace

    name = "411799001001GB{:05d}".format
    ledger, buildings = study.tables["projects"], study.layers["buildings"]
    rows, houses = ledger.frame.copy(), buildings.frame.copy()
    blank = ["started", "completed", "actual_start_date", "suspended_since_date"]
    day = np.datetime64
    facts = {
        60: {"completed": True},
        61: {"started": False, "agreed_start_date": day("2025-03-15")},
        62: {"started": False, "agreed_start_date": day("2025-03-15")},
        63: {
            "actual_start_date": day("2023-03-01"), "suspended_since_date": day("2025-01-01"),
            "developed_area_m2": 2000.0, "required_area_m2": 8000.0,
        },
    }  # fmt: skip
    for number, own in facts.items():
        here = rows["parcel_id"] == name(number)
        assert here.sum() == 1
        for column in blank:
            rows.loc[here, column] = None
        for column, value in own.items():
            rows.loc[here, column] = value
    houses.loc[["B0060", "B0062"], "status"] = "在建"
    west, south, east, north = study.layers["parcels"].frame.geometry[name(64)].bounds
    size = (int((north - south) / 5), int((east - west) / 5))
    with rasterio.open(
        folder / "cover.tif", "w", driver="GTiff", height=size[0], width=size[1], count=1, dtype="uint8",
        crs=study.crs.to_wkt(), transform=rasterio.transform.from_origin(west, north, 5, 5),
    ) as file:  # fmt: skip
        file.write(np.full(size, 60, dtype="uint8"), 1)
    picture = Raster(
        "land_cover",
        str(folder / "cover.tif"),
        {"bare": (60,)},
        InputRecord("rasters.land_cover", "cover.tif"),
    )
    return replace(
        study,
        tables={**study.tables, "projects": replace(ledger, frame=rows)},
        layers={**study.layers, "buildings": replace(buildings, frame=houses)},
        rasters={"land_cover": picture},
    )


def test_a_planted_contradiction_of_each_kind_is_found_by_an_audit_and_no_other(
    study: Study, tmp_path: Path
) -> None:
    """Beside those of the example zone itself, which are of the kinds built, developed and started but vacant."""
    table = lz.audit(planted(study, tmp_path), as_of=date(2026, 6, 30)).result.tables["contradictions"]
    found = {(int(p[-3:]), kind) for p, kind in zip(table["parcel_id"], table["kind"], strict=True)}
    assert {(number, kind) for number, kind in found if number > 18} == set(PLANTED.items())
    assert {kind for number, kind in found if number <= 18} == {
        "built_but_vacant", "developed_but_vacant", "started_but_vacant",
    }  # fmt: skip
