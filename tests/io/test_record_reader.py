"""One damaged record costs one record; damage that hides records costs the file. Never fewer records in silence."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from landzone.errors import Refusal
from landzone.model.problems import ProblemKind

RING = struct.pack("<8d", 0, 0, 1, 0, 1, 1, 0, 1)
TRIANGLE = struct.pack("<BIII", 1, 17, 1, 4) + struct.pack("<8d", 0, 0, 1, 0, 0, 1, 0, 0)


def geopackage(path: Path, count: int = 6, corners: int = 4) -> None:
    shapes = [shapely.Point(n * 10, 0).buffer(4, quad_segs=corners // 4) for n in range(count)]
    frame = gpd.GeoDataFrame({"parcel_id": [f"P{n + 1}" for n in range(count)]}, geometry=shapes, crs=4547)
    frame.to_file(path, layer="parcels")


def change(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute(statement, values)
        database.commit()


def rejected(reading) -> list[int]:
    rejects = reading.problems.frame(ProblemKind.REJECT)
    assert set(rejects["code"]) <= {"RECORD_UNREADABLE"}
    return sorted(rejects["row"].tolist())


@pytest.mark.parametrize(
    "wkb",
    [
        struct.pack("<BIII", 1, 3, 1, 4) + RING,
        struct.pack("<BIII", 1, 3, 1, 2) + RING[:32],
        struct.pack("<BII", 1, 99, 1),
        struct.pack("<BIII", 1, 3, 1, 0x7FFFFFFF) + bytes(32),
        struct.pack("<BII", 1, 3, 0x7FFFFFFF) + bytes(32),
        struct.pack("<BIII", 1, 3, 1, 4) + bytes(16),
        b"",
        b"hello",
    ],
    ids=["open ring", "two points", "unknown type", "points", "rings", "cut", "empty", "text"],
)
def test_a_geopackage_blob_that_is_no_shape(desk, wkb: bytes) -> None:
    geopackage(desk.folder / "p.gpkg")
    blob = b"GP\0\1" + struct.pack("<i", 4547) + wkb
    change(desk.folder / "p.gpkg", "UPDATE parcels SET geom = ? WHERE fid = 3", blob)
    reading = desk.layer("p.gpkg")
    assert rejected(reading) == [3]
    assert reading.raw.cells["parcel_id"].tolist() == ["P1", "P2", "P4", "P5", "P6"]
    assert reading.raw.rows.tolist() == [1, 2, 4, 5, 6]
    assert reading.raw.rows_in == 6


@pytest.mark.parametrize(
    "wkb",
    [struct.pack("<BII", 1, 16, 1) + TRIANGLE, TRIANGLE,
     struct.pack("<BII", 1, 15, 1) + struct.pack("<BIII", 1, 3, 1, 4) + TRIANGLE[13:]],
    ids=["TIN", "triangle", "polyhedral surface"],
)  # fmt: skip
def test_triangles_are_read_as_polygons(desk, wkb: bytes) -> None:
    geopackage(desk.folder / "p.gpkg")
    change(
        desk.folder / "p.gpkg",
        "UPDATE parcels SET geom = ? WHERE fid = 3",
        b"GP\0\1" + struct.pack("<i", 4547) + wkb,
    )
    reading = desk.layer("p.gpkg")
    assert reading.raw.geometry[2].area == 0.5
    assert reading.codes() == []


def _page_of(data: bytes, needle: bytes) -> int:
    size = int.from_bytes(data[16:18], "big")
    return data.index(needle) // size * size


def test_records_whose_pages_are_broken_stand_alone(desk) -> None:
    path = desk.folder / "p.gpkg"
    geopackage(path, count=60, corners=1600)  # 25 kB a shape: most of it lies on pages of its own
    with closing(sqlite3.connect(path)) as database:
        blobs = dict(database.execute("SELECT fid, geom FROM parcels WHERE fid IN (7, 41)"))
    data = bytearray(path.read_bytes())
    for blob in blobs.values():
        page = _page_of(data, blob[9000:9040])
        data[page : page + 4] = b"\xff\xff\xff\xf0"  # where the next page of the shape is said to be
    path.write_bytes(data)
    reading = desk.layer("p.gpkg")
    assert rejected(reading) == [7, 41]
    assert reading.raw.rows_in == 60
    assert reading.raw.rows.tolist() == [n for n in range(1, 61) if n not in (7, 41)]
    assert reading.raw.cells["parcel_id"].tolist() == [f"P{n}" for n in reading.raw.rows]
    centres = shapely.get_coordinates(shapely.centroid(reading.raw.geometry))[:, 0]
    assert np.allclose(centres, (reading.raw.rows - 1) * 10, atol=1e-6)


def test_a_broken_page_of_records_is_a_corrupt_file_and_not_a_shorter_one(desk) -> None:
    path = desk.folder / "p.gpkg"
    geopackage(path, count=3000)
    data = bytearray(path.read_bytes())
    page = _page_of(data, b"P1500")
    data[page : page + 8] = b"\xff" * 8
    path.write_bytes(data)
    with pytest.raises(Refusal) as error:
        desk.layer("p.gpkg")
    assert error.value.code == "FILE_CORRUPT"


def test_bytes_that_are_no_text_are_shown_and_noted(desk) -> None:
    geopackage(desk.folder / "p.gpkg")
    change(desk.folder / "p.gpkg", "UPDATE parcels SET parcel_id = CAST(x'ff41fe' AS TEXT) WHERE fid = 5")
    reading = desk.layer("p.gpkg")
    assert reading.raw.cells["parcel_id"].tolist() == ["P1", "P2", "P3", "P4", "\ufffdA\ufffd", "P6"]
    assert reading.codes() == ["TEXT_NOT_UNICODE"]


def _record(
    points: list[tuple[float, float]],
    *,
    kind: int = 5,
    count: int | None = None,
    parts: tuple[int, ...] = (0,),
    announced_parts: int | None = None,
) -> bytes:
    head = struct.pack("<i4d", kind, 527000, 3958000, 527010, 3958010)
    numbers = [
        len(parts) if announced_parts is None else announced_parts,
        len(points) if count is None else count,
    ]
    body = struct.pack(f"<{len(parts)}i", *parts) + b"".join(struct.pack("<2d", *p) for p in points)
    return head + struct.pack("<2i", *numbers) + body


def _square() -> list[tuple[float, float]]:
    x, y = 527000.0, 3958000.0
    return [(x, y), (x, y + 10), (x + 10, y + 10), (x + 10, y), (x, y)]


def _with_second(parts: dict[str, bytes], record: bytes) -> dict[str, bytes]:
    """Put a record of our own in the place of the second."""
    shp = parts["shp"]
    length = int.from_bytes(shp[104:108], "big") * 2 + 8
    first, third = shp[100 : 100 + length], shp[100 + 2 * length :]
    records = [first, struct.pack(">2i", 2, len(record) // 2) + record, third]
    offsets = np.cumsum([100, *map(len, records)]) // 2
    index = b"".join(struct.pack(">2i", o, len(r) // 2 - 4) for o, r in zip(offsets, records, strict=False))
    head = shp[:24] + struct.pack(">i", int(offsets[-1])) + shp[28:100]
    return parts | {"shp": head + b"".join(records), "shx": parts["shx"][:100] + index}


@pytest.mark.parametrize(
    "record",
    [
        _record(_square()[:-1]),
        _record(_square()[:2]),
        _record(_square(), count=10**9),
        _record(_square(), count=-5),
        _record(_square(), announced_parts=10**8),
        _record(_square(), parts=(0, 99)),
        _record(_square(), kind=99),
        struct.pack("<i", 5) + bytes(4),
    ],
    ids=["open ring", "two points", "points", "negative", "parts", "start of a part", "type", "short"],
)
def test_a_shapefile_record_that_is_no_shape(desk, three, record: bytes) -> None:
    for suffix, content in _with_second(three, record).items():
        desk.write(f"p.{suffix}", content)
    reading = desk.layer("p.shp")
    assert rejected(reading) == [2]
    assert reading.raw.cells["parcel_id"].tolist() == ["P001", "P003"]
    assert shapely.area(reading.raw.geometry).tolist() == [10_000.0, 10_000.0]
    assert reading.raw.rows_in == 3


def test_a_null_shape_of_a_shapefile_is_left_to_the_gate(desk, three) -> None:
    for suffix, content in _with_second(three, struct.pack("<i", 0)).items():
        desk.write(f"p.{suffix}", content)
    reading = desk.layer("p.shp")
    assert rejected(reading) == []
    assert reading.raw.geometry[1] is None


def test_a_damaged_shape_in_json_costs_its_record_or_is_left_to_the_gate(desk, feature) -> None:
    def bad(geometry: object) -> dict:
        return feature(50, parcel_id="BAD") | {"geometry": geometry}

    ring = [[0, 0], [0, 1], [1, 1], [0, 0]]
    for geometry in (
        {"type": "Polygon", "coordinates": [[["a", "b"], *ring]]},
        {"type": "Polygon", "coordinates": "none"},
        {"type": "Polygon"},
        {"type": "TIN", "coordinates": [ring]},
        {"type": 5, "coordinates": [ring]},
        "POLYGON EMPTY",
    ):
        desk.geojson("p.geojson", [feature(0, parcel_id="A"), bad(geometry), feature(100, parcel_id="B")])
        reading = desk.layer("p.geojson")
        assert reading.raw.rows_in == 3
        kept = dict(zip(reading.raw.cells["parcel_id"], reading.raw.geometry, strict=True))
        assert {"A", "B"} <= set(kept)
        assert kept.get("BAD") is None or kept["BAD"].is_empty
        assert len(rejected(reading)) == 3 - len(kept)


def test_a_view_is_a_layer_too(desk) -> None:
    path = desk.folder / "p.gpkg"
    geopackage(path)
    change(path, "CREATE VIEW some AS SELECT fid AS OGC_FID, parcel_id, geom FROM parcels WHERE fid > 2")
    change(
        path,
        """INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)
        SELECT 'some', data_type, 'some', srs_id FROM gpkg_contents""",
    )
    change(
        path,
        """INSERT INTO gpkg_geometry_columns SELECT 'some', column_name, geometry_type_name, srs_id, z, m
        FROM gpkg_geometry_columns""",
    )
    assert desk.layer("p.gpkg#some").raw.rows_in == 4
