"""The zone family of China, code by code."""

from __future__ import annotations

import pyproj
import pytest

from landzone.geometry.crs import Datum, datum_of, gk_epsg, gk_info, zone_of_easting, zone_of_longitude

FAMILIES = [
    (Datum.CGCS2000, 3, True, range(4513, 4534)),
    (Datum.CGCS2000, 3, False, range(4534, 4555)),
    (Datum.CGCS2000, 6, True, range(4491, 4502)),
    (Datum.CGCS2000, 6, False, range(4502, 4513)),
    (Datum.XIAN80, 3, True, range(2349, 2370)),
    (Datum.XIAN80, 3, False, range(2370, 2391)),
    (Datum.XIAN80, 6, True, range(2327, 2338)),
    (Datum.XIAN80, 6, False, range(2338, 2349)),
    (Datum.BEIJING54, 3, True, range(2401, 2422)),
    (Datum.BEIJING54, 3, False, range(2422, 2443)),
    (Datum.BEIJING54, 6, True, range(21413, 21424)),
    (Datum.BEIJING54, 6, False, range(21453, 21464)),
]


@pytest.mark.parametrize(("datum", "width", "prefixed", "codes"), FAMILIES)
def test_every_code_means_what_the_registry_says(
    datum: Datum, width: int, prefixed: bool, codes: range
) -> None:
    zones = range(25, 46) if width == 3 else range(13, 24)
    assert [gk_epsg(datum, width, zone, prefixed) for zone in zones] == list(codes)
    for zone, code in zip(zones, codes, strict=True):
        crs = pyproj.CRS.from_epsg(code)
        meridian = 3 * zone if width == 3 else 6 * zone - 3
        values = {p.name: p.value for p in crs.coordinate_operation.params}
        assert values["Longitude of natural origin"] == meridian
        assert values["False easting"] == 500_000 + prefixed * zone * 1_000_000
        info = gk_info(crs)
        assert info is not None
        assert (info.datum, info.width, info.zone, info.central_meridian, info.prefixed, info.epsg) == (
            datum, width, zone, meridian, prefixed, code,
        )  # fmt: skip


@pytest.mark.parametrize("epsg", [4490, 4326, 3857, 32650, 2154, 2284])
def test_other_systems_are_no_zone(epsg: int) -> None:
    assert gk_info(pyproj.CRS.from_epsg(epsg)) is None


@pytest.mark.parametrize(
    ("prj", "epsg"),
    [
        (
            'PROJCS["CGCS2000_3_Degree_GK_CM_114E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",'
            'DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
            'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],'
            'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",114.0],PARAMETER["Scale_Factor",1.0],'
            'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]',
            4547,
        ),
        (
            'PROJCS["Xian_1980_GK_Zone_20",GEOGCS["GCS_Xian_1980",DATUM["D_Xian_1980",'
            'SPHEROID["Xian_1980",6378140.0,298.257]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
            'PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",20500000.0],PARAMETER["False_Northing",0.0],'
            'PARAMETER["Central_Meridian",117.0],PARAMETER["Scale_Factor",1.0],'
            'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]',
            2334,
        ),
        (
            'PROJCS["my zone",GEOGCS["some",DATUM["China_2000",SPHEROID["CGCS2000",6378137,298.257222101]],'
            'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
            'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",114],PARAMETER["scale_factor",1],'
            'PARAMETER["false_easting",38500000],PARAMETER["false_northing",0],UNIT["metre",1]]',
            4526,
        ),
    ],
)
def test_projection_files_of_other_programs(prj: str, epsg: int) -> None:
    info = gk_info(pyproj.CRS.from_wkt(prj))
    assert info is not None
    assert info.epsg == epsg


def test_zone_numbers() -> None:
    assert [zone_of_longitude(x) for x in (112.5, 114.0, 115.49, 115.5, 73.62, 134.77)] == [
        38, 38, 38, 39, 25, 45,
    ]  # fmt: skip
    assert [zone_of_longitude(x, 6) for x in (114.0, 119.99, 120.0)] == [20, 20, 21]
    assert zone_of_easting(38_527_000.0) == (3, 38)
    assert zone_of_easting(13_500_000.0) == (6, 13)
    assert [zone_of_easting(x) for x in (527_000.0, 24_500_000.0, 46_500_000.0, -1.0)] == [None] * 4


@pytest.mark.parametrize(("zone", "width"), [(24, 3), (46, 3), (38, 6), (12, 6)])
def test_zones_outside_china_have_no_code(zone: int, width: int) -> None:
    with pytest.raises(ValueError, match=str(zone)):
        gk_epsg("CGCS2000", width, zone, True)


def test_datums_by_name() -> None:
    names = {4490: "CGCS2000", 4480: "CGCS2000", 4610: "Xian 1980", 4214: "Beijing 1954", 3857: "WGS 84"}
    assert {code: str(datum_of(pyproj.CRS.from_epsg(code))) for code in names} == names
    assert datum_of(pyproj.CRS.from_epsg(4555)) is None  # New Beijing is another datum
    assert datum_of(pyproj.CRS.from_epsg(4269)) is None
