"""What the numbers of a layer say about its CRS."""

from __future__ import annotations

from dataclasses import replace

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


def geocentric(lon: float, lat: float, a: float, f: float) -> np.ndarray:
    """Return X, Y, Z of a point at height zero, by the textbook formula."""
    lon, lat, e2 = np.radians(lon), np.radians(lat), f * (2 - f)
    n = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
    return np.array(
        [n * np.cos(lat) * np.cos(lon), n * np.cos(lat) * np.sin(lon), n * (1 - e2) * np.sin(lat)]
    )


def geographic(xyz: np.ndarray, a: float, f: float) -> tuple[float, float]:
    """Return longitude and latitude in degrees, by iteration."""
    x, y, z = xyz
    e2, p = f * (2 - f), np.hypot(x, y)
    lat = np.arctan2(z, p * (1 - e2))
    for _ in range(20):
        n = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
        lat = np.arctan2(z + e2 * n * np.sin(lat), p)
    return float(np.degrees(np.arctan2(y, x))), float(np.degrees(lat))


SEVEN = (-12.5, 96.25, 41.0, 1.25, -2.5, 3.75, -4.5)


@pytest.mark.parametrize(("rotation", "sense"), [("position_vector", 1.0), ("coordinate_frame", -1.0)])
def test_seven_parameters_agree_with_a_computation_by_hand(rotation: str, sense: float) -> None:
    """X2 = T + (1 + m) R X1 with R = I + [r] for position vectors and I - [r] for coordinate frames."""
    first = geocentric(114.3, 35.75, 6378140.0, 1 / 298.257)
    rx, ry, rz = sense * np.radians(np.array(SEVEN[3:6]) / 3600)
    turn = np.array([[1.0, -rz, ry], [rz, 1.0, -rx], [-ry, rx, 1.0]])
    second = np.array(SEVEN[:3]) + (1 + SEVEN[6] * 1e-6) * turn @ first
    expected = geographic(second, 6378137.0, 1 / 298.257222101)
    pipeline = helmert(pyproj.CRS("EPSG:4610"), pyproj.CRS("EPSG:4490"), SEVEN, rotation)
    found = pyproj.Transformer.from_pipeline(pipeline).transform(114.3, 35.75)
    assert found == pytest.approx(expected, abs=1e-9)


def test_angles_without_their_sense_are_refused_and_shifts_alone_need_none() -> None:
    located = locate(raw(METRES, 2383), stated=None, section="layers.parcels", problems=Problems())
    target = pyproj.CRS.from_epsg(4547)
    with pytest.raises(
        Refusal, match=r"CRS_ROTATION.*rotation = \"position_vector\" or \"coordinate_frame\""
    ):
        way_into(located, target, SEVEN, Problems())
    assert way_into(located, target, (1.0, 2.0, 3.0), Problems())[0] is not None
    assert way_into(located, target, (1.0, 2.0, 3.0, 0.0, 0.0, 0.0, 1.5), Problems())[0] is not None
    change, operation = way_into(located, target, SEVEN, Problems(), "coordinate_frame")
    assert change is not None
    assert operation is not None
    assert "+convention=coordinate_frame" in operation.pipeline
    assert operation.accuracy_m == -1


def of_bands(*boxes: tuple[float, float, float, float], epsg: int = 4526) -> Raw:
    shapes = np.array([shapely.box(*box) for box in boxes], dtype=object)
    cells = pd.DataFrame({"parcel_id": [f"P{n}" for n in range(len(boxes))]})
    whole = raw(BAND, epsg)
    return replace(whole, geometry=shapes, cells=cells, rows=np.arange(1, len(boxes) + 1), rows_in=len(boxes))


def in_both_bands(lon: float, lat: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return a point with the coordinates of band 38 and those of band 39."""
    return tuple(
        pyproj.Transformer.from_crs(4490, epsg, always_xy=True).transform(lon, lat) for epsg in (4526, 4527)
    )  # type: ignore[return-value]


def test_parts_of_one_layer_with_the_number_of_the_next_band_are_joined_by_their_own_band() -> None:
    """115.5 E is the seam of bands 38 and 39."""
    (x38, y38), _ = in_both_bands(115.498, 35.75)
    (east38, north38), (east39, north39) = in_both_bands(115.502, 35.75)
    problems = Problems()
    source = of_bands((x38, y38, x38 + 100, y38 + 100), (east39, north39, east39 + 100, north39 + 100))
    located = locate(source, stated=None, section="layers.parcels", problems=problems)
    notes = problems.frame(ProblemKind.NOTE)
    assert notes["code"].tolist() == ["CRS_BANDS_JOINED"]
    ring = located.raw.geometry[1].exterior.coords
    nearest = min(np.hypot(x - east38, y - north38) for x, y in ring)
    assert nearest == pytest.approx(0.0, abs=1e-6)
    assert located.raw.geometry[0].equals(source.geometry[0])


@pytest.mark.parametrize(
    "second",
    [
        (39527000.0, 3958000.0, 39527100.0, 3958100.0),  # three degrees away: a slip of the pen, not a seam
        (40527000.0, 3958000.0, 40527100.0, 3958100.0),  # not the next band
        (20527000.0, 3958000.0, 20527100.0, 3958100.0),  # of another width
        (38527000.0, 3958000.0, 39527100.0, 3958100.0),  # one shape in two bands
    ],
)
def test_other_band_numbers_are_refused_with_both_named(second: tuple[float, float, float, float]) -> None:
    with pytest.raises(Refusal, match="CRS_BAND_OTHER") as refused:
        locate(of_bands(BAND, second), stated=None, section="layers.parcels", problems=Problems())
    assert "band 38" in refused.value.text("en")
    assert refused.value.text("en").count(str(int(second[2] // 1_000_000))) >= 1


def test_a_pipeline_that_is_none_is_refused() -> None:
    located = locate(raw(METRES, 2383), stated=None, section="layers.parcels", problems=Problems())
    with pytest.raises(Refusal, match="CRS_PIPELINE_INVALID"):
        way_into(located, pyproj.CRS.from_epsg(4547), "+proj=nonsense", Problems())
