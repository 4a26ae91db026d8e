"""One damaged record costs one record, whatever the format; the others keep their row numbers."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from landzone.errors import Refusal
from landzone.io.record_files import buffers_of, count_features, lines_of, members_of
from landzone.model.problems import ProblemKind

COUNT = 7


@pytest.fixture
def frame() -> gpd.GeoDataFrame:
    shapes = [shapely.box(527000 + 20 * n, 3958000, 527010 + 20 * n, 3958010) for n in range(COUNT)]
    return gpd.GeoDataFrame({"parcel_id": [f"P{n}" for n in range(COUNT)]}, geometry=shapes, crs=4547)


def assert_all_but_the_fourth(reading, code: str = "RECORD_UNREADABLE") -> None:
    assert reading.raw.rows_in == COUNT
    assert reading.raw.rows.tolist() == [1, 2, 3, 5, 6, 7]
    assert reading.raw.cells["parcel_id"].tolist() == ["P0", "P1", "P2", "P4", "P5", "P6"]
    assert [shapely.area(g) for g in reading.raw.geometry] == [100.0] * 6
    rejects = reading.problems.frame(ProblemKind.REJECT)
    assert rejects[["row", "code"]].to_numpy().tolist() == [[4, code]]


@pytest.mark.parametrize("index", ["YES", "NO"])
def test_a_damaged_feature_of_flatgeobuf_is_set_apart(desk, frame, index: str) -> None:
    path = desk.folder / "p.fgb"
    frame.to_file(path, driver="FlatGeobuf", SPATIAL_INDEX=index)
    order = gpd.read_file(path)["parcel_id"].tolist()
    data = bytearray(path.read_bytes())
    place = data.index(order[3].encode())
    data[place - 8 : place - 4] = b"\xff\xff\xff\x7f"  # the length of its only text
    path.write_bytes(data)
    reading = desk.layer("p.fgb")
    assert reading.raw.rows.tolist() == [1, 2, 3, 5, 6, 7]
    assert reading.raw.cells["parcel_id"].tolist() == [name for n, name in enumerate(order) if n != 3]
    assert [shapely.area(g) for g in reading.raw.geometry] == [100.0] * 6
    assert reading.problems.frame(ProblemKind.REJECT)["row"].tolist() == [4]


@pytest.mark.parametrize("index", ["YES", "NO"])
def test_flatgeobuf_is_cut_into_the_features_it_announces(desk, frame, index: str) -> None:
    path = desk.folder / "p.fgb"
    frame.to_file(path, driver="FlatGeobuf", SPATIAL_INDEX=index)
    records = buffers_of(path)
    assert len(records.records) == COUNT
    records.write(desk.folder / "q.fgb", [2, 5])
    assert sorted(gpd.read_file(desk.folder / "q.fgb")["parcel_id"]) == sorted(
        [gpd.read_file(path)["parcel_id"][n] for n in (2, 5)]
    )


def gml(frame: gpd.GeoDataFrame, path: Path, ring: str) -> None:
    """Write GML in which the ring of the fourth parcel is something else."""
    frame.to_file(path, driver="GML")
    text = path.read_text("utf-8")
    fourth = list(re.finditer(r"<gml:posList>(.*?)</gml:posList>", text))[3]
    path.write_text(text[: fourth.start()] + ring + text[fourth.end() :], "utf-8")


@pytest.mark.parametrize(
    "ring",
    [
        "<gml:posList>a b c</gml:posList>",
        "<gml:posList>3958000 527060 3958000 527070 3958010</gml:posList>",
        "",
        "<gml:posList>3958000 527060 3958000 527070 3958010 527070</gml:posList>",
    ],
    ids=["words", "odd", "none", "open"],
)
def test_a_damaged_member_of_gml_does_not_take_the_later_ones_along(desk, frame, ring: str) -> None:
    """GDAL gives three members of seven and no word."""
    gml(frame, desk.folder / "p.gml", ring)
    assert_all_but_the_fourth(desk.layer("p.gml"))


def test_members_of_gml_are_counted_by_layer(desk) -> None:
    one = '<a:lot xmlns:a="u"><x/></a:lot>'
    text = f'<r xmlns:g="http://www.opengis.net/gml"><g:member>{one}</g:member><g:member><b/></g:member>'
    path = desk.write("p.gml", f"{text}<g:featureMembers>{one}{one}</g:featureMembers></r>")
    assert [len(members_of(path, name).records) for name in ("lot", "b", "none")] == [3, 1, 0]


def sequence(frame: gpd.GeoDataFrame) -> list[str]:
    return [json.dumps(f) for f in json.loads(frame.to_json())["features"]]


@pytest.mark.parametrize("damage", ["{", "no json at all", '{"hello": 1}'])
@pytest.mark.parametrize("mark", ["", "\x1e"])
def test_a_damaged_line_of_geojson_text_is_listed(desk, frame, damage: str, mark: str) -> None:
    """GDAL leaves it out without a word."""
    lines = sequence(frame)
    lines[3] = damage
    desk.write("p.geojsonl", "".join(f"{mark}{line}\n" for line in lines))
    assert_all_but_the_fourth(desk.layer("p.geojsonl"))


def test_lines_that_begin_with_their_shape_are_all_read(desk) -> None:
    ring = [[114.0, 33.0], [114.001, 33.0], [114.001, 33.001], [114.0, 33.0]]
    lines = [
        {
            "geometry": {"coordinates": [ring], "type": "Polygon"},
            "properties": {"parcel_id": name},
            "type": "Feature",
        }
        for name in ("P1", "P2", "P3")
    ]
    (desk.folder / "p.geojsonl").write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    reading = desk.layer("p.geojsonl")
    assert reading.raw.rows_in == 3
    assert reading.raw.cells["parcel_id"].tolist() == ["P1", "P2", "P3"]


def test_records_of_a_text_sequence_may_have_several_lines(desk) -> None:
    path = desk.write("p.seq", '\x1e{"a":\n1}\n\x1e{"b": 2}\n')
    assert list(lines_of(path).records) == [b'{"a": 1}', b'{"b": 2}']


@pytest.mark.parametrize("thing", [{"hello": 1}, "text", None, 7])
def test_what_is_no_feature_in_a_collection_is_listed(desk, frame, thing: object) -> None:
    whole = json.loads(frame.to_json())
    whole["features"][3] = thing
    whole["crs"] = {"type": "name", "properties": {"name": "EPSG:4547"}}
    desk.write("p.geojson", json.dumps(whole))
    reading = desk.layer("p.geojson")
    assert_all_but_the_fourth(reading)
    assert reading.raw.crs.to_epsg() == 4547


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "TIN", "coordinates": []},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": [[["a", "b"], [1, 1], [1, 0], ["a", "b"]]]},
        {"type": "Polygon", "coordinates": [[[0], [1, 1], [1, 0], [0]]]},
    ],
)
def test_a_shape_that_json_cannot_make_is_no_shape(desk, frame, geometry: dict[str, object]) -> None:
    whole = json.loads(frame.to_json())
    whole["features"][3]["geometry"] = geometry
    desk.write("p.geojson", json.dumps(whole))
    raw = desk.layer("p.geojson").raw
    assert (raw.rows_in, [n for n, shape in enumerate(raw.geometry) if shape is None]) == (COUNT, [3])


def test_features_of_a_large_file_are_counted_by_what_they_say(desk, frame, monkeypatch) -> None:
    path = desk.write("p.geojson", frame.to_json())
    monkeypatch.setattr("landzone.io.record_files.limit", lambda name: 0.0)
    assert count_features(path) == COUNT


def test_too_many_damaged_records_are_a_damaged_file(desk, frame) -> None:
    lines = ["{"] * 6 + sequence(frame)[:1]
    desk.write("p.geojsonl", "\n".join(lines))
    reading = desk.layer("p.geojsonl")
    assert (reading.raw.rows_in, reading.raw.rows.tolist()) == (7, [7])
    desk.write("q.geojsonl", "\n".join(["{"] * 7))
    with pytest.raises(Refusal) as refused:
        desk.layer("q.geojsonl")
    assert refused.value.code == "FILE_CORRUPT"


def test_a_flatgeobuf_whose_sizes_are_damaged_is_refused(desk, frame) -> None:
    path = desk.folder / "p.fgb"
    frame.to_file(path, driver="FlatGeobuf", SPATIAL_INDEX="NO")
    data = bytearray(path.read_bytes())
    third = buffers_of(path).records[2]
    place = data.index(bytes(third))
    data[place : place + 4] = struct.pack("<I", 5)
    path.write_bytes(data)
    with pytest.raises(Refusal) as refused:
        desk.layer("p.fgb")
    assert refused.value.code == "FILE_CORRUPT"
