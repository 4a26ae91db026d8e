import zipfile

import pytest

from landzone.errors import Refusal


def refuse(desk, source: str) -> Refusal:
    with pytest.raises(Refusal) as refused:
        desk.layer(source)
    return refused.value


@pytest.mark.parametrize(
    "member", ["../../evil/parcels.shp", "/etc/x.shp", "C:/x.shp", "a\\b.shp", "x/../../y.shp"]
)
def test_a_member_that_leaves_the_archive_is_refused(desk, member: str) -> None:
    desk.zip("parcels.zip", {member: b"x"})
    error = refuse(desk, "parcels.zip")
    assert error.code == "ZIP_UNSAFE_PATH"
    assert "../" in error.text("zh")
    assert list(desk.folder.iterdir()) == [desk.folder / "parcels.zip"]


def test_a_link_in_an_archive_is_refused(desk) -> None:
    info = zipfile.ZipInfo("a.geojson")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(desk.folder / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert refuse(desk, "a.zip").code == "ZIP_UNSAFE_PATH"


def test_a_zip_bomb_is_refused_from_its_directory(desk) -> None:
    desk.zip("parcels.zip", {"parcels.geojson": b"0" * (60 << 20)})
    error = refuse(desk, "parcels.zip")
    assert error.code == "ZIP_RATIO"
    assert "ratio" in error.text("zh")
    assert "ratio" in error.text("en")
    assert sum(p.stat().st_size for p in desk.work.rglob("*") if p.is_file()) < 1 << 20


def test_a_damaged_archive_is_corrupt(desk, three) -> None:
    path = desk.zip("a.zip", {f"a.{s}": data for s, data in three.items()})
    path.write_bytes(path.read_bytes()[:-30])
    assert refuse(desk, "a.zip").code == "FILE_CORRUPT"


def test_one_shapefile_in_an_archive_is_read(desk, three) -> None:
    desk.zip("a.zip", {f"sub/地块.{s.upper()}": data for s, data in three.items()} | {"readme.pdf": b"x"})
    raw = desk.layer("a.zip").raw
    assert raw.layer == "地块"
    assert raw.cells["parcel_id"].tolist() == ["P001", "P002", "P003"]
    assert set(raw.sha256) == {"a.zip"}


def test_two_shapefiles_need_a_name(desk, three) -> None:
    desk.zip("a.zip", {f"{stem}.{s}": data for stem in "ab" for s, data in three.items()})
    error = refuse(desk, "a.zip")
    assert error.code == "LAYER_AMBIGUOUS"
    assert "a.shp" in error.text("zh")
    assert "b.shp" in error.text("zh")
    assert desk.layer("a.zip#b").raw.layer == "b"
    assert desk.layer("a.zip#B.shp").raw.layer == "b"
    assert refuse(desk, "a.zip#c").code == "LAYER_MISSING"


def test_an_archive_of_other_things_holds_no_layer(desk) -> None:
    desk.zip("a.zip", {"inner.zip": b"PK", "letter.docx": b"x"})
    error = refuse(desk, "a.zip")
    assert error.code == "ZIP_NO_LAYER"
    assert "inner.zip" in error.text("en")


def test_names_packed_by_windows_in_gbk_are_readable(desk, three) -> None:
    path = desk.folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for suffix, data in three.items():
            archive.writestr(f"XXXX.{suffix}", data)
    path.write_bytes(path.read_bytes().replace(b"XXXX", "地块".encode("gbk")))
    assert desk.layer("a.zip").raw.layer == "地块"


def test_a_kmz_is_its_doc_kml(desk) -> None:
    ring = "114,35 114.001,35 114.001,35.001 114,35"
    kml = (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark>'
        "<name>红线</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>"
    )
    desk.zip("line.kmz", {"doc.kml": kml.encode(), "files/x.png": b"x"})
    raw = desk.layer("line.kmz").raw
    assert raw.cells["Name"].tolist() == ["红线"]
    assert raw.crs.to_epsg() == 4326
