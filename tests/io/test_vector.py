import json
import math
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from landzone.errors import Refusal
from landzone.model.problems import ProblemKind


def refuse(desk, source: str, **options) -> Refusal:
    with pytest.raises(Refusal) as refused:
        desk.layer(source, **options)
    return refused.value


def geopackage(path: Path, layers: dict[str, int]) -> None:
    for name, count in layers.items():
        frame = gpd.GeoDataFrame(
            {"parcel_id": [f"P{n}" for n in range(count)]},
            geometry=[shapely.box(n, 0, n + 1, 1) for n in range(count)],
            crs=4547,
        )
        frame.to_file(path, layer=name)


def test_a_sound_layer_is_read_in_silence(desk, feature) -> None:
    desk.geojson(
        "p.geojson", [feature(0, parcel_id="0012", name="地块"), feature(100, parcel_id="NA", name=None)]
    )
    reading = desk.layer("p.geojson")
    assert reading.raw.cells["parcel_id"].tolist() == ["0012", "NA"]
    assert reading.raw.cells["name"].isna().tolist() == [False, True]
    assert reading.raw.crs.to_epsg() == 4547
    assert reading.raw.crs_assumed is False
    assert all(reading.codes(kind) == [] for kind in ProblemKind)


def test_types_of_json_cells(desk, feature) -> None:
    many = {"long": 410601001001000001, "real": 1.5, "yes": True, "day": "2012/06/01", "list": [1, 2]}
    desk.geojson("p.geojson", [feature(0, **many), feature(100, long=None, real=None, yes=None, day=None)])
    cells = desk.layer("p.geojson").raw.cells
    assert cells.dtypes.astype(str).to_dict() == {
        "long": "Int64", "real": "float64", "yes": "boolean", "day": "str", "list": "str",
    }  # fmt: skip
    assert cells["long"][0] == 410601001001000001
    assert cells["day"][0] == "2012/06/01"
    assert json.loads(cells["list"][0]) == [1, 2]
    assert cells.iloc[1].isna().all()


@pytest.mark.parametrize(
    ("crs", "epsg", "assumed", "notes"),
    [
        ("EPSG:4547", 4547, False, []),
        ("urn:ogc:def:crs:EPSG::4490", 4490, False, []),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326, False, []),
        (None, 4326, True, []),
        ("null", None, False, []),
        ("urn:ogc:def:crs:EPSG::999999", None, False, ["CRS_UNREADABLE"]),
    ],
)
def test_what_geojson_says_about_its_coordinates(desk, feature, crs, epsg, assumed, notes) -> None:
    desk.geojson("p.geojson", [feature(0, parcel_id="P1", crs="a property of that name")], crs=crs)
    reading = desk.layer("p.geojson")
    assert (reading.raw.crs.to_epsg() if reading.raw.crs else None) == epsg
    assert reading.raw.crs_assumed is assumed
    assert reading.codes() == notes


def test_topojson_has_no_coordinate_system(desk) -> None:
    ring = [[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]
    lots = {"type": "GeometryCollection", "geometries": [
        {"type": "Polygon", "arcs": [[0]], "properties": {"ML": "1-2"}}]}  # fmt: skip
    desk.write("p.topojson", json.dumps({"type": "Topology", "objects": {"lots": lots}, "arcs": [ring]}))
    raw = desk.layer("p.topojson").raw
    assert raw.crs is None
    assert raw.cells["ML"].tolist() == ["1-2"]
    assert raw.geometry[0].area == 1.0


def test_a_nan_coordinate_survives_as_one_bad_shape(desk, feature) -> None:
    path = desk.geojson("p.geojson", [feature(0, parcel_id="BAD1"), feature(777, parcel_id="P1")])
    path.write_text(path.read_text().replace("[100.0, 100.0]", "[NaN, 100.0]"))
    raw = desk.layer("p.geojson").raw
    assert raw.cells["parcel_id"].tolist() == ["BAD1", "P1"]
    assert np.isnan(shapely.get_coordinates(raw.geometry[0])).any()
    assert raw.geometry[1].area == 10000.0


def test_null_and_empty_shapes_and_z_are_left_to_the_gate(desk, feature) -> None:
    null = feature(0, parcel_id="A") | {"geometry": None}
    empty = feature(0, parcel_id="B") | {"geometry": {"type": "Polygon", "coordinates": []}}
    point = feature(0, parcel_id="C") | {"geometry": {"type": "Point", "coordinates": [1, 2, 3]}}
    desk.geojson("p.geojson", [null, empty, point])
    raw = desk.layer("p.geojson").raw
    assert raw.geometry[0] is None
    assert raw.geometry[1].is_empty
    assert raw.geometry[2].has_z


def test_an_open_ring_is_rejected_alone(desk, feature) -> None:
    bad = feature(0, parcel_id="BAD1")
    bad["geometry"]["coordinates"][0].pop()
    desk.geojson("p.geojson", [feature(0, parcel_id="P1"), bad, feature(100, parcel_id="P2")])
    reading = desk.layer("p.geojson")
    assert reading.raw.cells["parcel_id"].tolist() == ["P1", "P2"]
    assert reading.raw.rows.tolist() == [1, 3]
    assert reading.raw.rows_in == 3
    rejects = reading.problems.frame(ProblemKind.REJECT)
    assert rejects["row"].tolist() == [2]
    assert "closed" in reading.messages()


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_cut_geojson_is_corrupt(desk, feature, share: float) -> None:
    path = desk.geojson("p.geojson", [feature(n * 100, parcel_id=f"P{n}") for n in range(9)])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    error = refuse(desk, "p.geojson")
    assert error.code == "FILE_CORRUPT"
    assert "p.geojson" in error.text("zh")
    assert str(desk.work) not in error.text("en")


def test_no_features_are_no_result(desk) -> None:
    desk.geojson("p.geojson", [])
    error = refuse(desk, "p.geojson")
    assert error.code == "NO_ROWS"
    assert "p.geojson" in error.text("zh")


def test_two_layers_need_a_name(desk) -> None:
    geopackage(desk.folder / "p.gpkg", {"old_2019": 1, "parcels_2024": 3})
    error = refuse(desk, "p.gpkg")
    assert error.code == "LAYER_AMBIGUOUS"
    assert "old_2019; parcels_2024" in error.text("zh")
    assert desk.layer("p.gpkg#parcels_2024").raw.rows_in == 3
    assert desk.layer("p.gpkg", layer="OLD_2019").raw.layer == "old_2019"
    error = refuse(desk, "p.gpkg#zones")
    assert error.code == "LAYER_MISSING"
    assert "old_2019; parcels_2024" in error.text("en")


def test_a_table_beside_the_only_layer_is_no_ambiguity(desk) -> None:
    path = desk.folder / "p.gpkg"
    geopackage(path, {"parcels": 2})
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE styles (id INTEGER PRIMARY KEY, qml TEXT)")
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('styles', 'attributes', 'styles')"
        )
        database.commit()
    assert desk.layer("p.gpkg").raw.layer == "parcels"
    assert refuse(desk, "p.gpkg#styles").code == "LAYER_NO_GEOMETRY"


def test_a_cut_geopackage_is_corrupt(desk) -> None:
    path = desk.folder / "p.gpkg"
    geopackage(path, {"parcels": 500})
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.6) // 512 * 512])
    error = refuse(desk, "p.gpkg")
    assert error.code == "FILE_CORRUPT"
    assert "p.gpkg" in error.text("zh")


def test_two_damaged_blobs_cost_two_records(desk) -> None:
    path = desk.folder / "p.gpkg"
    geopackage(path, {"parcels": 50})
    with closing(sqlite3.connect(path)) as database:
        names = [r[0] for r in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in names:
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE parcels SET geom = x'47500001C31100000103' WHERE fid = 7")
        database.execute("UPDATE parcels SET geom = x'0011223344' WHERE fid = 9")
        database.execute("UPDATE parcels SET geom = NULL WHERE fid = 11")
        database.commit()
    reading = desk.layer("p.gpkg")
    assert reading.problems.frame(ProblemKind.REJECT)["row"].sort_values().tolist() == [7, 9]
    assert set(reading.codes(ProblemKind.REJECT)) == {"RECORD_UNREADABLE"}
    assert reading.raw.rows_in == 50
    assert len(reading.raw.cells) == 48
    assert reading.raw.geometry[reading.raw.rows == 11][0] is None


def test_integers_with_nulls_and_time_zones_stay_as_found(desk) -> None:
    frame = gpd.GeoDataFrame(
        {
            "n": pd.array([410601001001000001, None], dtype="Int64"),
            "local": pd.to_datetime(["2012-06-01T00:00:00", "2012-06-02T00:00:00"]),
            "zoned": pd.to_datetime(["2012-06-01T00:00:00+08:00", "2012-06-02T00:00:00+08:00"]),
        },
        geometry=[shapely.box(0, 0, 1, 1)] * 2,
        crs=4547,
    )
    frame.to_file(desk.folder / "p.gpkg")
    cells = desk.layer("p.gpkg").raw.cells
    assert cells["n"].dtype == "Int64"
    assert cells["n"][0] == 410601001001000001
    assert cells["n"].isna()[1]
    assert cells["local"].dtype == "datetime64[s]"
    assert cells["zoned"][0].startswith("2012-06-01T00:00:00")


@pytest.mark.parametrize(
    ("suffix", "driver"), [("fgb", "FlatGeobuf"), ("gml", "GML"), ("gdb", "OpenFileGDB")]
)
def test_formats_that_gdal_reads(desk, suffix: str, driver: str) -> None:
    frame = gpd.GeoDataFrame({"名称": ["甲", "乙"]}, geometry=[shapely.box(0, 0, 1, 1)] * 2, crs=4547)
    frame.to_file(desk.folder / f"p.{suffix}", driver=driver, layer="p")
    raw = desk.layer(f"p.{suffix}").raw
    assert raw.cells["名称"].tolist() == ["甲", "乙"]
    assert raw.crs.to_epsg() == 4547
    assert shapely.area(raw.geometry).tolist() == [1.0, 1.0]


def test_a_geodatabase_in_a_zip(desk) -> None:
    frame = gpd.GeoDataFrame({"a": ["x"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4547)
    folder = desk.folder / "p.gdb"
    frame.to_file(folder, driver="OpenFileGDB", layer="parcels")
    desk.zip("p.gdb.zip", {f"x/p.gdb/{p.name}": p.read_bytes() for p in folder.iterdir()})
    assert desk.layer("p.gdb.zip").raw.layer == "parcels"
    assert desk.layer("p.gdb.zip#parcels").raw.layer == "parcels"
    assert desk.layer("p.gdb").raw.layer == "parcels"


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
@pytest.mark.filterwarnings("ignore:The 'geoarrow'")
def test_geoparquet(desk, encoding: str) -> None:
    frame = gpd.GeoDataFrame(
        {"n": pd.array([2**60, None], dtype="Int64")}, geometry=[shapely.box(0, 0, 1, 1), None], crs=4547
    )
    frame.to_parquet(desk.folder / "p.parquet", geometry_encoding=encoding)
    raw = desk.layer("p.parquet").raw
    assert raw.cells["n"].dtype == "Int64"
    assert raw.cells["n"][0] == 2**60
    assert raw.crs.to_epsg() == 4547
    assert raw.geometry[0].area == 1.0
    assert raw.geometry[1] is None


def test_a_dxf_outline_in_a_chinese_layer(desk) -> None:
    body = "".join(f"10\n{x}\n20\n{y}\n" for x, y in [(0, 0), (1, 0), (1, 1), (0, 1)])
    text = (
        "0\nSECTION\n2\nHEADER\n9\n$ACADVER\n1\nAC1015\n9\n$DWGCODEPAGE\n3\nANSI_936\n0\nENDSEC\n"
        f"0\nSECTION\n2\nENTITIES\n0\nLWPOLYLINE\n8\n红线\n90\n4\n70\n1\n{body}0\nENDSEC\n0\nEOF\n"
    )
    desk.write("line.dxf", text.encode("gbk"))
    raw = desk.layer("line.dxf").raw
    assert raw.cells["Layer"].tolist() == ["红线"]
    assert raw.geometry[0].is_closed
    assert raw.crs is None


def test_arcs_become_chords_aloud(desk) -> None:
    path = desk.folder / "p.gpkg"
    geopackage(path, {"parcels": 1})
    points = [(0.0, 0.0), (2.0, 0.0), (0.0, 0.0)]  # start, opposite point, start: a full circle of radius 1
    arc = struct.pack("<BII", 1, 8, 3) + b"".join(struct.pack("<2d", *p) for p in points)
    blob = b"GP\0\x01" + struct.pack("<i", 4547) + struct.pack("<BII", 1, 10, 1) + arc
    with closing(sqlite3.connect(path)) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE parcels SET geom = ?", [blob])
        database.commit()
    reading = desk.layer("p.gpkg")
    assert reading.codes() == ["GEOM_CURVE_LINEARISED"]
    assert reading.raw.geometry[0].area == pytest.approx(math.pi, rel=2e-5)
    assert reading.raw.geometry[0].area < math.pi


def test_a_csv_layer_is_one_with_wkt(desk) -> None:
    text = 'id,shape\n0012,"SRID=4547;POLYGON((0 0,1 0,1 1,0 0))"\n2,"POLYGON((0 0,1 0,1 1,0 1))"\n3,\n'
    desk.write("p.csv", text)
    reading = desk.layer("p.csv")
    assert reading.raw.cells["id"].tolist() == ["0012", "3"]
    assert reading.raw.crs.to_epsg() == 4547
    assert reading.raw.rows.tolist() == [2, 4]
    assert reading.problems.frame(ProblemKind.REJECT)["row"].tolist() == [3]
    desk.write("t.csv", "id,x\n1,2\n")
    assert refuse(desk, "t.csv").code == "LAYER_NO_GEOMETRY"


def test_a_code_page_cannot_be_forced_on_a_format_that_has_its_own(desk) -> None:
    geopackage(desk.folder / "p.gpkg", {"parcels": 1})
    assert refuse(desk, "p.gpkg", encoding="GBK").code == "ENCODING_CONFLICT"


@pytest.mark.parametrize(
    "text", ["x' OR '1'='1", '"; DROP TABLE parcels;--', "<script>", "{{ 7*7 }}", "=1+1"]
)
def test_texts_are_data(desk, feature, text: str) -> None:
    desk.geojson("p.geojson", [feature(0, parcel_id=text)])
    assert desk.layer("p.geojson").raw.cells["parcel_id"].tolist() == [text]


def test_a_layer_without_one_readable_shape_is_corrupt(desk, feature) -> None:
    bad = feature(0, parcel_id="BAD1")
    bad["geometry"]["coordinates"][0].pop()
    desk.geojson("p.geojson", [bad])
    assert refuse(desk, "p.geojson").code == "FILE_CORRUPT"
