import struct

import pytest

from landzone.errors import Refusal
from landzone.model.problems import ProblemKind


def refuse(desk, source: str = "parcels.shp") -> Refusal:
    with pytest.raises(Refusal) as refused:
        desk.layer(source)
    return refused.value


def test_a_sound_shapefile_is_read_whole(desk, three) -> None:
    desk.shapefile("parcels", three)
    reading = desk.layer("parcels.shp")
    assert reading.raw.cells["parcel_id"].tolist() == ["P001", "P002", "P003"]
    assert [g.area for g in reading.raw.geometry] == [10000.0, 10000.0, 10000.0]
    assert reading.raw.rows.tolist() == [1, 2, 3]
    assert reading.raw.rows_in == 3
    assert reading.raw.crs.to_epsg() == 4547
    assert reading.codes() == []


@pytest.mark.parametrize("suffix", ["shx", "dbf"])
def test_a_missing_part_is_named(desk, three, suffix: str) -> None:
    desk.shapefile("parcels", three, without=suffix)
    error = refuse(desk)
    assert error.code == "FILE_INCOMPLETE"
    assert f".{suffix}" in error.text("zh")


def test_without_prj_there_is_no_coordinate_system(desk, three) -> None:
    desk.shapefile("parcels", three, without="prj")
    assert desk.layer("parcels.shp").raw.crs is None


def test_a_prj_that_is_not_understood_is_said(desk, three) -> None:
    desk.shapefile("parcels", three | {"prj": b"local grid of the county"})
    reading = desk.layer("parcels.shp")
    assert reading.raw.crs is None
    assert reading.codes() == ["CRS_UNREADABLE"]


def test_names_and_suffixes_in_any_case_are_one_data_set(desk, three) -> None:
    for suffix, data in three.items():
        desk.write(("PARCELS." if suffix == "dbf" else "Parcels.") + suffix.upper(), data)
    assert desk.layer("Parcels.SHP").raw.rows_in == 3


def test_a_cut_shp_names_the_record(desk, three) -> None:
    desk.shapefile("parcels", three | {"shp": three["shp"][:-60]})
    error = refuse(desk)
    assert error.code == "FILE_CORRUPT"
    assert "record 3" in error.text("zh")
    assert "record 3" in error.text("en")
    assert error.place.row == "3"


def test_a_short_dbf_gives_both_counts(desk, three, dbf) -> None:
    desk.shapefile("parcels", three | {"dbf": dbf([("parcel_id", "C", 20)], [[b"P001"], [b"P002"]])})
    error = refuse(desk)
    assert error.code == "FILE_INCONSISTENT"
    assert ".shp 3" in error.text("zh")
    assert ".dbf 2" in error.text("zh")


def test_a_dbf_cut_in_its_last_record_names_it(desk, three) -> None:
    desk.shapefile("parcels", three | {"dbf": three["dbf"][:-9]})
    error = refuse(desk)
    assert error.code == "FILE_CORRUPT"
    assert "record 3" in error.text("en")


def test_an_index_that_is_too_short_is_written_anew_so_that_no_parcel_is_dropped(desk, three) -> None:
    shx = three["shx"][:24] + struct.pack(">i", (100 + 16) // 2) + three["shx"][28:116]
    desk.shapefile("parcels", three | {"shx": shx})
    reading = desk.layer("parcels.shp")
    assert reading.raw.rows_in == 3
    assert reading.codes() == ["SHX_REBUILT"]
    assert (desk.folder / "parcels.shx").read_bytes() == shx


def test_an_index_that_points_beside_the_records_is_written_anew(desk, three) -> None:
    pairs = list(struct.unpack(">6i", three["shx"][100:]))
    pairs[2] -= 8
    desk.shapefile("parcels", three | {"shx": three["shx"][:100] + struct.pack(">6i", *pairs)})
    reading = desk.layer("parcels.shp")
    assert [g.bounds[0] for g in reading.raw.geometry] == [527000.0, 527100.0, 527200.0]
    assert reading.codes() == ["SHX_REBUILT"]


def test_one_corrupt_shape_is_rejected_alone_with_its_record_number(desk, three) -> None:
    data = bytearray(three["shp"])
    second = 100 + (len(three["shp"]) - 100) // 3
    data[second + 8 + 40 : second + 8 + 44] = struct.pack("<i", 1000)  # number of points
    desk.shapefile("parcels", three | {"shp": bytes(data)})
    reading = desk.layer("parcels.shp")
    assert reading.raw.cells["parcel_id"].tolist() == ["P001", "P003"]
    assert reading.raw.rows.tolist() == [1, 3]
    assert reading.raw.rows_in == 3
    rejects = reading.problems.frame(ProblemKind.REJECT)
    assert rejects[["code", "row", "layer", "source"]].values.tolist() == [
        ["RECORD_UNREADABLE", 2, "parcels", "parcels.shp"]
    ]


def test_a_null_shape_is_no_damage(desk, three) -> None:
    data = bytearray(three["shp"])
    second = 100 + (len(three["shp"]) - 100) // 3
    data[second + 8 : second + 12] = struct.pack("<i", 0)
    desk.shapefile("parcels", three | {"shp": bytes(data)})
    reading = desk.layer("parcels.shp")
    assert reading.raw.rows_in == len(reading.raw.cells) == 3
    assert reading.raw.geometry[1] is None


def test_records_marked_as_deleted_take_their_shape_along(desk, shapefile_parts) -> None:
    desk.shapefile(
        "parcels", shapefile_parts([("parcel_id", "C", 9)], [[b"P1"], [b"*deleted", b"P2"], [b"P3"]])
    )
    reading = desk.layer("parcels.shp")
    assert reading.raw.cells["parcel_id"].tolist() == ["P1", "P3"]
    assert [g.bounds[0] for g in reading.raw.geometry] == [527000.0, 527200.0]
    assert reading.raw.rows.tolist() == [1, 3]
    assert reading.codes() == ["RECORDS_DELETED"]


def test_no_records_are_no_result(desk, shapefile_parts) -> None:
    desk.shapefile("parcels", shapefile_parts([("parcel_id", "C", 9)], []))
    assert refuse(desk).code == "NO_ROWS"


def test_a_layer_name_that_is_not_the_file_is_refused(desk, three) -> None:
    desk.shapefile("parcels", three)
    assert desk.layer("parcels.shp#parcels").raw.layer == "parcels"
    assert refuse(desk, "parcels.shp#zones").code == "LAYER_MISSING"


def test_types_of_the_table(desk, dbf) -> None:
    fields = [
        ("id", "N", 18, 0), ("area", "N", 19, 2), ("day", "D", 8), ("yes", "L", 1), ("name", "C", 10),
        ("full", "N", 4, 0), ("memo", "M", 10), ("long", "N", 20, 0),
    ]  # fmt: skip
    rows = [
        [
            b"410601001001000001",
            b"1200.50",
            b"20120601",
            b"T",
            b" NA ",
            b"****",
            b"1",
            b"12345678901234567890",
        ],
        [b"", b"", b"", b"?", b"", b"12", b"", b""],
    ]
    desk.write("t.dbf", dbf(fields, rows))
    reading = desk.table("t.dbf")
    cells = reading.raw.cells
    assert cells.dtypes.astype(str).to_dict() == {
        "id": "Int64", "area": "float64", "day": "datetime64[s]", "yes": "boolean", "name": "str",
        "full": "Int64", "long": "str",
    }  # fmt: skip
    assert cells["id"][0] == 410601001001000001
    assert cells["name"][0] == " NA"
    assert cells["full"].isna().tolist() == [True, False]
    assert cells["long"][0] == "12345678901234567890"
    assert cells.iloc[1][["id", "area", "day", "yes", "name", "long"]].isna().all()
    assert sorted(reading.codes()) == ["COLUMN_NOT_READ", "DBF_STARS"]


def test_an_impossible_date_keeps_the_column_as_text(desk, dbf) -> None:
    desk.write("t.dbf", dbf([("day", "D", 8)], [[b"20120631"], [b"20120601"]]))
    assert desk.table("t.dbf").raw.cells["day"].tolist() == ["20120631", "20120601"]


def test_numbers_of_stars_are_missing_and_said(desk, dbf) -> None:
    rows = [[b"A", b"**********", b"***"], [b"B", b"12.5", b"7"], [b"**", b"", b"*1"]]
    desk.write("t.dbf", dbf([("id", "C", 4), ("area", "N", 10, 2), ("n", "C", 3)], rows))
    reading = desk.table("t.dbf")
    assert reading.raw.cells["area"].isna().tolist() == [True, False, True]
    assert reading.raw.cells["area"][1] == 12.5
    assert reading.raw.cells["id"].tolist() == ["A", "B", "**"]
    assert reading.raw.cells["n"].tolist() == ["***", "7", "*1"]
    assert reading.codes() == ["DBF_STARS"]
    assert "1 numbers of area" in reading.messages()
