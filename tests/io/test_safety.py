import json
import os
from pathlib import Path

import pytest

from landzone.errors import Refusal
from landzone.io.safety import gdal, private_room, split_source


def test_a_source_is_a_path_and_perhaps_a_layer(tmp_path: Path) -> None:
    assert split_source("zones.gpkg#zones", tmp_path) == ("zones.gpkg", "zones")
    assert split_source("zones.gpkg", tmp_path) == ("zones.gpkg", "")
    (tmp_path / "lot#7.csv").touch()
    assert split_source("lot#7.csv", tmp_path) == ("lot#7.csv", "")
    assert split_source("lot#7.csv#x", tmp_path) == ("lot#7.csv", "x")


@pytest.mark.parametrize(
    "address",
    [
        "/vsicurl/http://127.0.0.1:9/x.shp", "/vsizip/x.zip", "http://host/x.geojson", "WFS:http://host", "PG:dbname=x",
        "s3://bucket/x.gpkg", "//server/x.gpkg", "<OGRVRTDataSource/>", "",
    ],
)  # fmt: skip
def test_an_address_is_no_path(desk, address: str) -> None:
    with pytest.raises(Refusal) as refused:
        desk.layer(address)
    assert refused.value.code == "FILE_UNSAFE_PATH"


def test_a_missing_file_is_named_with_what_lies_beside_it(desk, three) -> None:
    desk.shapefile("parcels", three)
    with pytest.raises(Refusal) as refused:
        desk.layer("parcels.gpkg")
    assert refused.value.code == "FILE_MISSING"
    assert "parcels.shp" in refused.value.text("en")


def test_an_empty_file_is_refused(desk) -> None:
    desk.write("parcels.geojson", b"")
    with pytest.raises(Refusal) as refused:
        desk.layer("parcels.geojson")
    assert refused.value.code == "FILE_EMPTY"
    assert "parcels.geojson" in refused.value.text("zh")


def test_links_are_not_followed_neither_files_nor_folders(desk, feature, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.geojson").write_text("{}")
    (desk.folder / "b.geojson").symlink_to(outside / "a.geojson")
    (desk.folder / "sub").symlink_to(outside)
    for source in ("b.geojson", "sub/a.geojson"):
        with pytest.raises(Refusal) as refused:
            desk.layer(source)
        assert refused.value.code == "FILE_LINK"


def test_a_pipe_is_no_file(desk) -> None:
    os.mkfifo(desk.folder / "a.geojson")
    with pytest.raises(Refusal) as refused:
        desk.layer("a.geojson")
    assert refused.value.code == "FILE_LINK"


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.geojson", b"<!DOCTYPE html><html><body>x</body></html>", "HTML"),
        ("a.shp", b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", "VRT"),
        ("a.geojson", b'{"type":"FeatureCollection","x":"<OGRVRTDataSource>"}', "VRT"),
        ("a.geojson", b'{"rows": 3}', "JSON"),
        ("a.gpkg", b"PK\x03\x04....", "zip"),
        ("a.dxf", b"AC1015...........", "DWG"),
        ("a.kml", b'<?xml version="1.0"?><OGRVRTDataSource/>', "VRT"),
        ("a.gml", b'<?xml version="1.0"?><kml/>', "kml"),
        ("a.tab", b"!table\n!version 300\nDefinition Table\n  Type LINKED\n", "text"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "password"),
    ],
)
def test_content_has_to_be_what_the_suffix_says(desk, name: str, content: bytes, found: str) -> None:
    desk.write(name, content)
    with pytest.raises(Refusal) as refused:
        desk.layer(name)
    assert refused.value.code == "FORMAT_MISMATCH"
    assert found in refused.value.text("en")
    assert name in refused.value.text("zh")


@pytest.mark.parametrize("name", ["a.dwg", "a.vct", "a.mdb", "a.vrt", "noname"])
def test_what_is_not_read_is_refused_with_a_way_out(desk, name: str) -> None:
    desk.write(name, b"AC1015")
    with pytest.raises(Refusal) as refused:
        desk.layer(name)
    assert refused.value.code == "FORMAT_UNSUPPORTED"
    assert "DXF" in refused.value.text("zh")


@pytest.mark.parametrize("name", ["a.xls", "a.xlsx", "a.dbf"])
def test_a_table_is_no_map_layer(desk, name: str) -> None:
    desk.write(name, b"AC1015")
    with pytest.raises(Refusal) as refused:
        desk.layer(name)
    assert refused.value.code == "LAYER_NO_GEOMETRY"


def test_xml_with_a_doctype_is_not_parsed(desk) -> None:
    secret = desk.write("secret.txt", b"secret")
    xml = f'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    desk.write("a.kml", xml + '<kml xmlns="http://www.opengis.net/kml/2.2"><name>&e;</name></kml>')
    with pytest.raises(Refusal) as refused:
        desk.layer("a.kml")
    assert refused.value.code == "XML_DTD"
    assert "DOCTYPE" in refused.value.text("zh")
    assert "DOCTYPE" in refused.value.text("en")


def test_xml_that_ends_early_is_corrupt(desk) -> None:
    desk.write("a.gml", b'<?xml version="1.0"?><f xmlns:gml="http://www.opengis.net/gml"><gml:featureMember>')
    with pytest.raises(Refusal) as refused:
        desk.layer("a.gml")
    assert refused.value.code == "FILE_CORRUPT"


def test_a_coordinate_system_behind_a_link_is_not_fetched(desk) -> None:
    crs = {"type": "link", "properties": {"href": "http://127.0.0.1:9/x"}}
    desk.write("a.geojson", json.dumps({"type": "FeatureCollection", "crs": crs, "features": []}))
    with pytest.raises(Refusal) as refused:
        desk.layer("a.geojson")
    assert refused.value.code == "CRS_LINKED"


def test_inputs_are_left_alone_and_hashed(desk, three) -> None:
    desk.shapefile("parcels", three)
    before = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in desk.folder.iterdir()}
    raw = desk.layer("parcels.shp").raw
    assert {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in desk.folder.iterdir()} == before
    assert set(raw.sha256) == {"parcels.shp", "parcels.shx", "parcels.dbf", "parcels.prj", "parcels.cpg"}
    assert all(len(value) == 64 for value in raw.sha256.values())


def test_a_name_that_gdal_takes_for_an_archive_is_harmless(desk, feature) -> None:
    desk.geojson("!test.geojson", [feature(0, parcel_id="P1")])
    assert desk.layer("!test.geojson").raw.layer == "!test"


def test_a_work_folder_with_an_exclamation_mark_is_left_for_the_system_one(tmp_path: Path) -> None:
    with private_room(tmp_path / "out!put") as room:
        assert "!" not in str(room)
    assert not room.exists()


def test_copies_are_gone_after_reading_and_after_a_refusal(desk, three) -> None:
    desk.shapefile("parcels", three)
    desk.layer("parcels.shp")
    desk.shapefile("bad", three | {"shp": three["shp"][:-60]})
    with pytest.raises(Refusal):
        desk.layer("bad.shp")
    assert list(desk.work.iterdir()) == []


def test_drivers_that_follow_references_are_gone() -> None:
    drivers = gdal().list_drivers()
    assert "GPKG" in drivers
    assert gdal().get_gdal_config_option("PROJ_NETWORK") is False
