"""勘测定界 TXT: the example with its worked-out areas, every habit of such files, and the way back."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from landzone.errors import Refusal
from landzone.geometry.area import area_m2
from landzone.io.cad_writer import write_cad_txt
from landzone.model.problems import ProblemKind

HEAD = """[属性描述]
格式版本号=1.01
数据产生单位=示例市自然资源局
数据产生日期=2024-05-06
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=38
精度=0.001
转换参数=,,,,,,
"""
BODY = """[地块坐标]
10,2.8000,1,示例地块一,面,,工业用地,,@
J1,1,3700200.000,38512000.000
J2,1,3700200.000,38512200.000
J3,1,3700050.000,38512200.000
J4,1,3700050.000,38512000.000
J1,1,3700200.000,38512000.000
J5,2,3700150.000,38512050.000
J6,2,3700110.000,38512050.000
J7,2,3700110.000,38512100.000
J8,2,3700150.000,38512100.000
J5,2,3700150.000,38512050.000
"""
EXAMPLE = HEAD + BODY


def square(east: float, north: float, side: float = 100.0, ring: int = 1, first: int = 1) -> str:
    corners = [(north + side, east), (north + side, east + side), (north, east + side), (north, east)]
    return "".join(f"J{first + i},{ring},{y},{x}\n" for i, (y, x) in enumerate(corners))


def parcel(points: str, line: str = "4,1.0000,1,甲,面,,,,@") -> str:
    return HEAD + "[地块坐标]\n" + line + "\n" + points


def refuse(desk, name: str) -> Refusal:
    with pytest.raises(Refusal) as error:
        desk.layer(name)
    return error.value


def test_the_example(desk) -> None:
    desk.write("p.txt", EXAMPLE.encode("gbk"))
    reading = desk.layer("p.txt")
    raw = reading.raw
    shapes = gpd.GeoSeries(raw.geometry, crs=raw.crs)
    assert raw.crs.to_epsg() == 4526
    assert round(shapes.area[0], 2) == 28_000.00
    assert round(area_m2(shapes)[0], 2) == 27_999.90
    assert shapes[0].exterior.coords[0] == (38512000.0, 3700200.0)
    assert len(shapes[0].interiors) == 1
    assert raw.cells.iloc[0].dropna().to_dict() == {
        "界址点数": "10", "地块面积(公顷)": "2.8000", "地块编号": "1", "地块名称": "示例地块一", "图形属性": "面",
        "地块用途": "工业用地",
    }  # fmt: skip
    assert raw.rows.tolist() == [13]
    assert reading.codes() == ["ENCODING_GUESSED"]


def test_the_example_comes_back_as_it_was(desk, tmp_path: Path) -> None:
    desk.write("p.txt", EXAMPLE.encode("gbk"))
    raw = desk.layer("p.txt").raw
    frame = gpd.GeoDataFrame(raw.cells, geometry=raw.geometry, crs=raw.crs)
    columns = {"id": "地块编号", "name": "地块名称", "use_name": "地块用途"}
    written = write_cad_txt(
        frame, tmp_path / "q.txt", columns=columns, producer="示例市自然资源局", date="2024-05-06"
    )
    assert written.read_bytes() == EXAMPLE.replace("\n", "\r\n").encode("gbk")
    turned = frame.set_geometry(shapely.reverse(frame.geometry))
    write_cad_txt(turned, written, columns=columns, producer="示例市自然资源局", date="2024-05-06")
    assert written.read_bytes() == EXAMPLE.replace("\n", "\r\n").encode("gbk")


@pytest.mark.parametrize(
    ("change", "encoding"),
    [
        (lambda t: t, "utf-8"),
        (lambda t: t, "utf-8-sig"),
        (lambda t: t, "utf-16"),
        (lambda t: t.replace("\n", "\r\n"), "gb18030"),
        (lambda t: t.replace(",", "，").replace("=", "：").replace("[", "［"), "gbk"),
        (lambda t: "".join("  " + line for line in t.splitlines(keepends=True)), "utf-8"),
        (lambda t: "[项目信息]\n项目名称=甲\n" + t, "utf-8"),
        (lambda t: t.replace("J", ""), "utf-8"),
        (lambda t: t.replace("带号=38", "带号="), "utf-8"),
        (lambda t: t.replace("几度分带=3", "几度分带="), "utf-8"),
        (lambda t: t.replace("2000国家大地坐标系", "CGCS2000"), "utf-8"),
        (lambda t: t.replace(",,@", ",@"), "utf-8"),
        (lambda t: re.sub(r"^(J[5-8]),2", r"\1,1", t, flags=re.M), "utf-8"),
        (lambda t: re.sub(r"^(J1|J5)(,.*\n)((?:J.*\n)+?)\1,.*\n", r"\1\2\3", t, flags=re.M), "utf-8"),
    ],
)  # fmt: skip
def test_habits_of_such_files_lead_to_the_same_shape(desk, change, encoding: str) -> None:
    desk.write("p.txt", change(EXAMPLE).encode(encoding))
    reading = desk.layer("p.txt")
    assert reading.raw.crs.to_epsg() == 4526
    assert reading.raw.geometry[0].area == 28_000.0
    assert set(reading.codes()) <= {"ENCODING_GUESSED"}


@pytest.mark.parametrize(
    ("header", "east", "epsg"),
    [
        ("坐标系=2000国家大地坐标系\n几度分带=3\n带号=38\n", 38512000, 4526),
        ("坐标系=2000国家大地坐标系\n几度分带=3\n带号=38\n", 512000, 4547),
        ("坐标系=80国家大地坐标系\n几度分带=3\n带号=38\n", 38512000, 2362),
        ("坐标系=1980西安坐标系\n几度分带=6\n带号=20\n", 20512000, 2334),
        ("坐标系=1954北京坐标系\n带号=\n", 20512000, 21420),
        ("坐标系=2000国家大地坐标系\n几度分带=3度带\n带号=38带\n", 512000, 4547),
    ],
)
def test_headers_and_eastings_tell_the_crs(desk, header: str, east: float, epsg: int) -> None:
    desk.write("p.txt", f"[属性描述]\n{header}[地块坐标]\n4,1.0,1,甲,面,@\n{square(east, 3700000)}")
    reading = desk.layer("p.txt")
    assert reading.raw.crs.to_epsg() == epsg
    assert reading.codes() == []


@pytest.mark.parametrize(
    ("header", "east", "notes"),
    [
        ("", 38512000, []),
        ("坐标系=2000国家大地坐标系\n", 512000, []),
        ("几度分带=3\n带号=38\n", 512000, []),
        ("坐标系=2000国家大地坐标系\n带号=114\n", 512000, ["CRS_UNREADABLE"]),
        ("坐标系=2000国家大地坐标系\n带号=38\n计量单位=英尺\n", 512000, ["CRS_UNREADABLE"]),
        ("坐标系=2000国家大地坐标系\n带号=38\n几度分带=1.5\n", 512000, ["CRS_UNREADABLE"]),
    ],
)
def test_headers_that_leave_the_crs_open(desk, header: str, east: float, notes: list[str]) -> None:
    desk.write("p.txt", f"{header}[地块坐标]\n4,1.0,1,甲,面,@\n{square(east, 3700000)}")
    reading = desk.layer("p.txt")
    assert reading.raw.crs is None
    assert reading.codes() == notes


def test_a_file_without_any_section_is_known_by_its_lines(desk) -> None:
    desk.write("p.txt", "4,1.0,1,甲,面,@\n" + square(512000, 3700000))
    assert desk.layer("p.txt").raw.geometry[0].area == 10_000.0
    desk.write("q.txt", 'id,wkt\n1,"POLYGON((0 0,1 0,1 1,0 0))"\n')
    assert desk.layer("q.txt").raw.geometry[0].area == 0.5


def test_rings_are_sorted_out_by_where_they_lie(desk) -> None:
    apart = square(38512300, 3700000, ring=2, first=5)
    inside = square(38512010, 3700010, 20, ring=3, first=9)
    island = square(38512015, 3700015, 5, ring=4, first=13)
    desk.write("p.txt", parcel(island + inside + square(38512000, 3700000) + apart, "16,1.9625,1,甲,面,,,,@"))
    reading = desk.layer("p.txt")
    shape = reading.raw.geometry[0]
    assert shape.geom_type == "MultiPolygon"
    assert shape.is_valid
    assert shape.area == 10_000 - 400 + 25 + 10_000
    assert reading.codes() == []


def test_what_is_declared_is_compared(desk) -> None:
    line = "4,1.0002,7,甲,面,,,,@"
    desk.write("p.txt", parcel(square(38512000, 3700000), line))
    reading = desk.layer("p.txt")
    assert reading.codes() == []  # 2 m² are within 0.1 % of 10,000 m²
    desk.write("p.txt", parcel(square(38512000, 3700000), "7,1.0011,7,甲,面,,,,@"))
    reading = desk.layer("p.txt")
    assert reading.codes() == ["CAD_AREA", "CAD_POINT_COUNT"]
    notes = reading.problems.frame(ProblemKind.NOTE)
    assert notes["subject_id"].tolist() == ["7", "7"]
    assert "1.0011" in reading.messages("zh")
    assert "1.0000" in reading.messages("en")
    points = square(38512000, 3700000).replace("J3", "J2")
    desk.write("p.txt", parcel(points))
    assert desk.layer("p.txt").codes() == ["CAD_POINT_TWICE"]


def test_a_closing_point_with_the_northing_twice_costs_its_parcel_alone(desk) -> None:
    broken = square(38512000, 3700000) + "J1,1,3700100.0,3700100.0\n"
    sound = "4,1.0,2,乙,面,@\n" + square(38512300, 3700000)
    desk.write("p.txt", parcel(broken) + sound)
    reading = desk.layer("p.txt")
    assert reading.raw.cells["地块编号"].tolist() == ["2"]
    assert (reading.raw.rows_in, reading.raw.rows.tolist()) == (2, [19])
    assert reading.codes(ProblemKind.REJECT) == ["RECORD_UNREADABLE"]
    assert "J1" in reading.messages()


@pytest.mark.parametrize("points", ["", "J1,1,3700000,38512000\n", "J1,1,3700000\n", "J1,1,x,38512000\n", "hello\n",
                                    square(38512000, 3700000) + "J9,1,nan,1\n"])  # fmt: skip
def test_a_parcel_that_cannot_be_read_costs_itself_alone(desk, points: str) -> None:
    desk.write("p.txt", parcel(points) + "4,1.0,2,乙,面,@\n" + square(38512300, 3700000))
    reading = desk.layer("p.txt")
    assert reading.raw.cells["地块编号"].tolist() == ["2"]
    assert reading.problems.frame(ProblemKind.REJECT)["row"].tolist() == [13]


def test_swapped_axes_are_refused(desk) -> None:
    for east in (38512000, 512000):
        swapped = "".join(
            f"{a},{r},{y},{x}\n" for a, r, x, y in (p.split(",") for p in square(east, 3700000).split())
        )
        desk.write("p.txt", parcel(swapped))
        error = refuse(desk, "p.txt")
        assert error.code == "CAD_AXES"
        assert "3700100" in error.text("zh")


def test_lines_and_points_are_left_to_the_gate(desk) -> None:
    points = square(38512000, 3700000)
    desk.write("p.txt", parcel(points, "4,0,1,甲,线,@") + "4,0,2,乙,点,@\n" + points)
    assert [g.geom_type for g in desk.layer("p.txt").raw.geometry] == ["MultiLineString", "MultiPoint"]


def test_files_that_are_none(desk) -> None:
    desk.write("p.txt", HEAD + "[地块坐标]\n")
    assert refuse(desk, "p.txt").code == "NO_ROWS"
    desk.write("p.txt", "[地块坐标]\nJ1,1,2,3\n")
    error = refuse(desk, "p.txt")
    assert (error.code, error.place.row) == ("FILE_CORRUPT", "2")


def test_the_twelve_attributes_of_land_consolidation(desk) -> None:
    line = "4,1.0,1,甲,面,,耕地,0101,图斑,旱地,9,8,备注,@"
    desk.write("p.txt", parcel(square(38512000, 3700000), line))
    cells = desk.layer("p.txt").raw.cells
    assert cells["地类编码"][0] == "0101"
    assert cells["属性13"][0] == "备注"


@pytest.mark.parametrize("epsg", [4526, 4547, 2362, 2383, 4509])
@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_written_parcels_come_back(desk, epsg: int, encoding: str) -> None:
    east = {4526: 38512000, 2362: 38512000}.get(epsg, 512000)
    multi = shapely.MultiPolygon([
        shapely.box(east, 3700000, east + 50, 3700050).difference(shapely.box(east + 5, 3700005, east + 9, 3700009)),
        shapely.box(east + 60.1234, 3700000, east + 90, 3700050),
    ])  # fmt: skip
    frame = gpd.GeoDataFrame(
        {"parcel_id": ["0012", "B"], "name": ["甲,乙", None]},
        geometry=[multi, shapely.box(east + 200, 3700000, east + 210, 3700010)],
        crs=epsg,
    )
    write_cad_txt(frame.set_index("parcel_id"), desk.folder / "p.txt", encoding=encoding)
    reading = desk.layer("p.txt")
    assert reading.raw.crs.to_epsg() == epsg
    assert reading.raw.cells["地块编号"].tolist() == ["0012", "B"]
    assert reading.raw.cells["地块名称"][0] == "甲、乙"
    assert shapely.hausdorff_distance(
        reading.raw.geometry, frame.geometry.to_numpy()
    ).max() <= 5e-4 * np.sqrt(2)
    assert shapely.get_num_geometries(reading.raw.geometry).tolist() == [2, 1]
    assert set(reading.codes()) <= {"ENCODING_GUESSED"}


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    def code(frame: gpd.GeoDataFrame, **options: str) -> str:
        with pytest.raises(Refusal) as error:
            write_cad_txt(frame, tmp_path / "p.txt", **options)
        assert not (tmp_path / "p.txt").exists()
        return error.value.code

    shape = shapely.box(512000, 3700000, 512010, 3700010)
    good = gpd.GeoDataFrame({"parcel_id": ["1"], "name": ["𠮷"]}, geometry=[shape], crs=4547)
    assert code(good) == "CAD_ENCODING"
    assert code(good.to_crs(4490), encoding="utf-8") == "CAD_CRS"
    assert code(good.set_geometry([shape.centroid], crs=4547), encoding="utf-8") == "CAD_SHAPE"
    assert code(good.assign(parcel_id="a,b"), encoding="utf-8") == "CAD_TEXT"
