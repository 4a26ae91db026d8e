"""What the numbers of a layer say about its CRS."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from landzone.errors import Refusal
from landzone.io.coordinates import locate
from landzone.io.raw import Raw
from landzone.io.reprojection import choose_working_crs, helmert, way_into
from landzone.model.problems import ProblemKind, Problems


def raw(
    box: tuple[float, float, float, float], epsg: int | None, assumed: bool = False, file: str = "p.shp"
) -> Raw:
    return Raw(
        role="parcels",
        source=file,
        layer="p",
        cells=pd.DataFrame({"parcel_id": ["P1"]}),
        rows=np.array([1]),
        rows_in=1,
        geometry=np.array([shapely.box(*box)], dtype=object),
        crs=pyproj.CRS.from_epsg(epsg) if epsg else None,
        crs_assumed=assumed,
    )


def place(source: Raw, stated: str | None = None, problems: Problems | None = None) -> object:
    return locate(source, stated=stated, section="layers.parcels", problems=problems or Problems())


METRES = (527000.0, 3958000.0, 527100.0, 3958100.0)
BAND = (38527000.0, 3958000.0, 38527100.0, 3958100.0)
DEGREES = (114.3, 35.75, 114.301, 35.751)


@pytest.mark.parametrize(
    ("box", "epsg", "code", "words"),
    [
        (METRES, None, "CRS_MISSING", [".prj", "how to state the CRS", "central meridian"]),
        (BAND, None, "CRS_MISSING", ["38", "EPSG:4526"]),
        (DEGREES, None, "CRS_MISSING", ["EPSG:4326", "114.3"]),
        (METRES, 4326, "CRS_IMPLAUSIBLE", ["527000", "EPSG:4326"]),
        (METRES, 4490, "CRS_IMPLAUSIBLE", ["527000", "EPSG:4490", "central meridian"]),
        (DEGREES, 4547, "CRS_IMPLAUSIBLE", ["114.3", "EPSG:4547"]),
        ((35.75, 114.3, 35.751, 114.301), 4490, "CRS_AXIS_ORDER", ["35.75", "114.3"]),
        ((35.75, 114.3, 35.751, 114.301), 4326, "CRS_AXIS_ORDER", ["35.75", "114.3"]),
        ((3958000.0, 527000.0, 3958100.0, 527100.0), 4547, "CRS_AXIS_ORDER", ["3958000", "527000"]),
        ((3958000.0, 38527000.0, 3958100.0, 38527100.0), 4526, "CRS_AXIS_ORDER", ["38527000"]),
        (BAND, 4547, "CRS_BAND_PREFIX", ["38", "4526", "4547"]),
        (BAND, 4548, "CRS_BAND_PREFIX", ["38", "4526", "band 39"]),
        (BAND, 4527, "CRS_BAND_OTHER", ["38", "39", "4526"]),
        (METRES, 4526, "CRS_BAND_ABSENT", ["527000", "4547", "38"]),
        ((12723000.0, 4265000.0, 12723100.0, 4265100.0), 4547, "CRS_IMPLAUSIBLE", ["12723000"]),
    ],
)  # fmt: skip
def test_numbers_that_contradict_the_crs_are_refused(
    box: tuple[float, float, float, float], epsg: int | None, code: str, words: list[str]
) -> None:
    with pytest.raises(Refusal) as caught:
        place(raw(box, epsg))
    assert caught.value.code == code
    assert caught.value.place.file == "p.shp"
    for word in words:
        assert word in caught.value.text("en")


@pytest.mark.parametrize(
    ("box", "epsg"),
    [(METRES, 4547), (BAND, 4526), (DEGREES, 4490), (DEGREES, 4326), ((-71.1, 42.3, -71.0, 42.4), 4326),
     ((12723000.0, 4265000.0, 12723100.0, 4265100.0), 3857), ((20500000.0, 3958000.0, 20500100.0, 3958100.0), 4498),
     ((11251000.0, 3700000.0, 11251100.0, 3700100.0), 2284)],
)  # fmt: skip
def test_numbers_that_fit_are_taken_without_a_word(box: tuple[float, float, float, float], epsg: int) -> None:
    problems = Problems()
    place(raw(box, epsg), problems=problems)
    assert problems.frame(ProblemKind.NOTE).empty


def test_the_study_goes_before_the_file_and_says_so() -> None:
    problems = Problems()
    located = locate(raw(BAND, 4547), stated="EPSG:4526", section="layers.parcels", problems=problems)
    assert located.label == "EPSG:4526"
    assert problems.frame(ProblemKind.NOTE)["code"].tolist() == ["CRS_STATED"]
    problems = Problems()
    locate(raw(METRES, 4326, assumed=True), stated="EPSG:4547", section="layers.parcels", problems=problems)
    assert problems.frame(ProblemKind.NOTE).empty


def test_data_far_from_the_meridian_are_noted() -> None:
    problems = Problems()
    place(raw((800000.0, 3958000.0, 800100.0, 3958100.0), 4547), problems=problems)
    assert problems.frame(ProblemKind.NOTE)["code"].tolist() == ["CRS_FAR_FROM_MERIDIAN"]


def test_a_local_system_without_a_tie_is_refused() -> None:
    local = pyproj.CRS.from_wkt('LOCAL_CS["Site grid",UNIT["metre",1],AXIS["X",EAST],AXIS["Y",NORTH]]')
    with pytest.raises(Refusal, match="CRS_LOCAL"):
        place(raw((0, 0, 100, 100), None), stated=local.to_wkt())


@pytest.mark.parametrize(
    ("box", "epsg", "stated", "expected"),
    [(METRES, 4547, None, 4547), (BAND, 4526, None, 4526), (DEGREES, 4490, None, 4547), (DEGREES, 4326, None, 4547),
     (METRES, 4547, "EPSG:4526", 4526)],
)  # fmt: skip
def test_the_working_crs_is_that_of_the_parcels_or_their_zone(
    box: tuple[float, float, float, float], epsg: int, stated: str | None, expected: int
) -> None:
    located = locate(raw(box, epsg), stated=None, section="layers.parcels", problems=Problems())
    assert choose_working_crs(stated, [located]).to_epsg() == expected


@pytest.mark.parametrize("stated", ["EPSG:4490", "EPSG:3857"])
def test_a_working_crs_must_be_metric_and_true_to_area(stated: str) -> None:
    located = locate(raw(DEGREES, 4490), stated=None, section="layers.parcels", problems=Problems())
    with pytest.raises(Refusal, match="CRS_WORKING_UNFIT"):
        choose_working_crs(stated, [located])


def test_another_datum_needs_parameters() -> None:
    located = locate(raw(METRES, 2383), stated=None, section="layers.parcels", problems=Problems())
    target = pyproj.CRS.from_epsg(4547)
    with pytest.raises(Refusal) as caught:
        way_into(located, target, None, Problems())
    assert caught.value.code == "CRS_DATUM_NO_TRANSFORM"
    for word in ("Xian 1980", "CGCS2000", "parameters", "layers.parcels"):
        assert word in caught.value.text("en")
    change, operation = way_into(located, target, (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), Problems())
    assert change is not None
    assert operation is not None
    assert operation.accuracy_m == -1.0


def test_seven_parameters_move_points_as_the_formula_says() -> None:
    """A shift of 100 m along Z moves a point at latitude 36 by 100 cos 36 = 80.9 m to the north.

    Grid north is 0.176 degrees off there (27 km east of the meridian), so 0.25 m of it go west.
    """
    source = target = pyproj.CRS.from_epsg(4547)
    pipeline = helmert(source, target, (0.0, 0.0, 100.0))
    x, y = pyproj.Transformer.from_pipeline(pipeline).transform(527000.0, 3986000.0)
    assert x == pytest.approx(526999.75, abs=0.01)
    assert y - 3986000.0 == pytest.approx(80.9, abs=0.1)


def test_a_pipeline_that_is_none_is_refused() -> None:
    located = locate(raw(METRES, 2383), stated=None, section="layers.parcels", problems=Problems())
    with pytest.raises(Refusal, match="CRS_PIPELINE_INVALID"):
        way_into(located, pyproj.CRS.from_epsg(4547), "+proj=nonsense", Problems())
