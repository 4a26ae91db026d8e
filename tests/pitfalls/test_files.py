"""Files that lose a parcel, a name or a column without a word."""

from __future__ import annotations

import sqlite3
import struct
import zipfile
from contextlib import closing
from typing import Any

import pyogrio
import pytest

from landzone.model.problems import ProblemKind


def cut(path: Any, size: int) -> None:
    path.write_bytes(path.read_bytes()[:-size])


def test_11_a_shapefile_cut_short_is_refused(scene: Any) -> None:
    """GDAL gives the last parcel a geometry of None."""
    scene.layer("parcels.shp")
    cut(scene.folder / "parcels.shp", 60)
    scene.refused("FILE_CORRUPT", "parcels.shp")


def test_12_a_table_with_fewer_rows_is_refused_and_a_short_index_is_made_again(scene: Any) -> None:
    """GDAL drops the extra parcel."""
    scene.layer("parcels.shp")
    index = scene.folder / "parcels.shx"
    whole = index.read_bytes()
    short = whole[:24] + struct.pack(">i", (len(whole) - 8) // 2) + whole[28:-8]
    index.write_bytes(short)
    study = scene.study()
    assert len(study.layers["parcels"].frame) == 4
    index.write_bytes(whole)
    table = scene.folder / "parcels.dbf"
    data = bytearray(table.read_bytes())
    rows, head, width = struct.unpack("<IHH", data[4:12])
    data[4:8] = struct.pack("<I", rows - 1)
    table.write_bytes(bytes(data[: head + (rows - 1) * width]) + b"\x1a")
    scene.refused("FILE_INCONSISTENT", "3", "4")


@pytest.mark.parametrize("language", [0x00, 0x57, 0x4D])
def test_18_chinese_is_chinese_without_a_cpg(scene: Any, language: int) -> None:
    """Latin letters in names and columns, without a word."""
    frame = scene.layer("p0.gpkg").assign(
        宗地代码=["甲1", "甲2", "甲3", "甲4"], 使用权人=["鹤壁市甲公司"] * 4
    )
    frame.to_file(scene.folder / "parcels.shp", encoding="GBK")
    (scene.folder / "p0.gpkg").unlink()
    (scene.folder / "parcels.cpg").unlink()
    table = scene.folder / "parcels.dbf"
    data = bytearray(table.read_bytes())
    data[29] = language
    table.write_bytes(bytes(data))
    study = scene.study()
    assert study.layers["parcels"].frame.index.tolist() == ["甲1", "甲2", "甲3", "甲4"]
    assert study.layers["parcels"].frame["holder"].tolist() == ["鹤壁市甲公司"] * 4
    (record,) = study.inputs
    assert record.encoding == "GBK"


def test_19_several_layers_or_equal_column_names_are_refused_with_the_list(scene: Any) -> None:
    frame = scene.layer("x.gpkg")
    (scene.folder / "x.gpkg").unlink()
    for year in ("parcels_2019", "parcels_2024"):
        frame.to_file(scene.folder / "parcels.gpkg", layer=year)
    scene.refused("LAYER_AMBIGUOUS", "parcels_2019", "parcels_2024")
    (scene.folder / "parcels.gpkg").unlink()
    scene.layer("parcels.gpkg")
    scene.text("projects.csv", "project_id,parcel_id,amount,amount\nJ1,P1,1,2\n")
    scene.refused("COLUMN_DUPLICATE", "amount")


def test_19_a_zip_of_two_layers_is_refused_with_the_list(scene: Any) -> None:
    scene.layer("parcels_2019.gpkg")
    scene.layer("parcels_2024.gpkg")
    with zipfile.ZipFile(scene.folder / "parcels.zip", "w") as archive:
        for name in ("parcels_2019.gpkg", "parcels_2024.gpkg"):
            archive.write(scene.folder / name, name)
            (scene.folder / name).unlink()
    scene.refused("LAYER_AMBIGUOUS", "parcels_2019", "parcels_2024")


def test_22_whole_numbers_with_gaps_stay_whole_on_both_sides(scene: Any, tmp_path: Any) -> None:
    """An integer column with NULL becomes float64: 410601001001100001 becomes 4.106e17."""
    path = scene.folder / "parcels.gpkg"
    scene.layer("parcels.gpkg", DLBM=["0601"] * 4, DLMC=["工业用地"] * 4)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("ALTER TABLE parcels ADD COLUMN big INTEGER")
        for trigger in [
            r[0] for r in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ]:
            database.execute(f'DROP TRIGGER "{trigger}"')
        database.execute("UPDATE parcels SET big = 410601001001100000 + fid WHERE fid < 4")
    audit = scene.audit('[layers.parcels]\nsource = "parcels.gpkg"\ncolumns = { parcel_id = "big" }\n')
    ids = ["410601001001100001", "410601001001100002", "410601001001100003"]
    assert audit.parcels["parcel_id"].tolist() == ids
    assert audit.rejects["code"].tolist() == ["ID_MISSING"]
    audit.save(tmp_path / "out")
    types = pyogrio.read_info(tmp_path / "out" / "audit.gpkg", layer="parcels")
    kinds = dict(zip(types["fields"], types["dtypes"], strict=True))
    assert kinds["parcel_id"] == "object"
    assert kinds["projects_count"].startswith("int")
    assert kinds["is_industrial"] == "bool"


def test_23_names_cut_at_ten_bytes_are_told_apart_and_found(scene: Any, hectare: Any) -> None:
    """GBK keeps five characters of a field name: 证载面积 fits, 固定资产投资 becomes 固定资产投."""
    frame = scene.layer("parcels.gpkg")
    (scene.folder / "parcels.gpkg").unlink()
    frame = frame.assign(固定资产投=["1200万元"] * 4, 建筑基底面=[1.0] * 4, 建筑基底_1=[2.0] * 4)
    frame.to_file(scene.folder / "parcels.shp", encoding="GBK")
    study = scene.study()
    columns = set(study.layers["parcels"].frame.columns)
    assert {"src_建筑基底面", "src_建筑基底_1"} <= columns
    assert study.tables["projects"].frame["fixed_asset_investment_fen"].tolist() == [1_200_000_000] * 4


def test_23_a_name_cut_in_the_middle_of_a_character_survives(scene: Any) -> None:
    """Ten bytes of UTF-8 are three characters and a third; GeoPandas cannot read such a file of its own."""
    frame = scene.layer("parcels.gpkg").rename(columns={"parcel_id": "identifier"})
    (scene.folder / "parcels.gpkg").unlink()
    frame.to_file(scene.folder / "parcels.shp")
    table = scene.folder / "parcels.dbf"
    table.write_bytes(table.read_bytes().replace(b"identifier", "宗地代码".encode()[:10]))
    study = scene.study()
    assert study.layers["parcels"].frame.index.tolist() == ["P1", "P2", "P3", "P4"]
    notes = listed(study)
    assert notes["COLUMN_BY_PREFIX"] == "parcel_id"
    assert "FIELD_NAME_CUT" in notes


def listed(study: Any) -> dict[str, str]:
    frame = study.problems.frame(ProblemKind.NOTE)
    return dict(zip(frame["code"], frame["column"], strict=True))
