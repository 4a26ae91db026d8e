"""A folder without a study file: names say what files are, and in doubt nothing is taken."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from landzone.errors import Refusal
from landzone.io.discover import discover, explore
from landzone.io.file_roles import meanings


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("parcels.geojson", ["layers.parcels"]),
        ("宗地.shp", ["layers.parcels"]),
        ("XX产业集聚区_地块2024.gpkg", ["layers.parcels"]),
        ("集聚区现状建筑.shp", ["layers.buildings"]),
        ("基本农田范围.shp", ["constraints.permanent_farmland"]),
        ("土地利用现状.gpkg", ["plans.present_use"]),
        ("宗地项目台账.csv", ["tables.projects"]),
        ("产业集聚区范围.shp", ["layers.zones"]),
        ("zones.gpkg", ["layers.zones"]),
        ("zoning.gpkg", ["plans.city_plan"]),
        ("buildings_2023.shp", ["layers.buildings"]),
        ("项目台账.xlsx", ["tables.projects"]),
        ("projects.csv", ["tables.projects"]),
        ("宗地指标.csv", ["tables.zone_figures"]),
        ("产业集聚区规划.gpkg", ["plans.industry_plan"]),
        ("土地利用总体规划.shp", ["plans.land_use_plan"]),
        ("城市总体规划2030.shp", ["plans.city_plan"]),
        ("三调DLTB.gpkg", ["plans.present_use"]),
        ("永久基本农田.shp", ["constraints.permanent_farmland"]),
        ("czkfbj.shp", ["constraints.urban_boundary"]),
        ("data.gpkg", []),
        ("parcelsx.gpkg", []),
        ("ASSESSING_ParcelsFY2014.topojson", ["layers.parcels"]),
        ("parcels.xlsx", []),
    ],
)
def test_a_name_says_what_a_file_is(name: str, roles: list[str]) -> None:
    assert [word.role for word in meanings(Path(name))] == roles


def square(path: Path, **properties: str) -> None:
    ring = [[527000, 3958000], [527100, 3958000], [527100, 3958100], [527000, 3958100], [527000, 3958000]]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    feature = {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    data = {"type": "FeatureCollection", "crs": crs, "features": [feature]}
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def test_a_folder_becomes_a_study(tmp_path: Path) -> None:
    square(tmp_path / "宗地.geojson", 宗地代码="P1")
    square(tmp_path / "土规.geojson", GZQLXDM="010")
    (tmp_path / "projects.csv").write_text("parcel_id\nP1\n", encoding="utf-8")
    (tmp_path / "README.md").write_text("about", encoding="utf-8")
    square(tmp_path / "其它.geojson")
    file = discover(tmp_path)
    assert file.spec.layers.parcels.source == "宗地.geojson"
    assert file.spec.plans["land_use_plan"].source == "土规.geojson"
    assert file.spec.tables.given().keys() == {"projects"}
    told = {r.file: (r.role, r.word) for r in file.reasons}
    assert told == {
        "projects.csv": ("tables.projects", "projects"),
        "其它.geojson": ("", ""),
        "土规.geojson": ("plans.land_use_plan", "土规"),
        "宗地.geojson": ("layers.parcels", "宗地"),
    }


def test_doubt_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="STUDY_FOLDER_EMPTY"):
        discover(tmp_path)
    square(tmp_path / "data.geojson")
    with pytest.raises(Refusal, match=r"STUDY_NO_PARCELS.*data\.geojson"):
        discover(tmp_path)
    square(tmp_path / "parcels.geojson")
    square(tmp_path / "parcels_old.geojson")
    with pytest.raises(Refusal, match=r"FILE_ROLE_AMBIGUOUS.*parcels\.geojson, parcels_old\.geojson"):
        discover(tmp_path)


def test_junk_is_no_data_and_is_named(tmp_path: Path) -> None:
    square(tmp_path / "宗地.geojson", 宗地代码="P1")
    for name in ("Thumbs.db", "~$台账.xlsx", "宗地.lock", "readme.txt", "现场.jpg", "说明.txt"):
        (tmp_path / name).write_bytes(b"junk")
    (tmp_path / "备份").mkdir()
    found = explore(tmp_path)
    assert [one.look.source for one in found.taken] == ["宗地.geojson"]
    assert found.left == {}
    assert set(found.ignored) == {
        "Thumbs.db", "~$台账.xlsx", "宗地.lock", "readme.txt", "现场.jpg", "说明.txt", "备份/",
    }  # fmt: skip


def test_columns_speak_where_a_name_does_not(tmp_path: Path) -> None:
    square(tmp_path / "a.geojson", ZDDM="P1", DLBM="0601")
    square(tmp_path / "b.geojson", ZRZH="1", ZDDM="P1")
    square(tmp_path / "c.geojson", GZQLXDM="010")
    square(tmp_path / "d.geojson", YDDM="M1")
    (tmp_path / "e.csv").write_text("电子监管号,宗地代码,成交价格(万元\nX1,P1,3\n", encoding="utf-8")
    found = explore(tmp_path)
    assert {one.look.source: (one.role, one.how, one.word) for one in found.taken} == {
        "a.geojson": ("layers.parcels", "columns", "ZDDM"),
        "b.geojson": ("layers.buildings", "columns", "ZRZH"),
        "c.geojson": ("plans.land_use_plan", "columns", "GZQLXDM"),
        "e.csv": ("tables.projects", "columns", "电子监管号"),
    }
    assert found.left["d.geojson"].word == "left_plan"
    assert discover(tmp_path).reasons[0].code == "FILE_TAKEN_BY_COLUMNS"


def test_a_name_goes_before_columns_and_the_other_file_is_named(tmp_path: Path) -> None:
    square(tmp_path / "宗地.geojson", ZDDM="P1")
    square(tmp_path / "旧数据.geojson", ZDDM="P1")
    found = explore(tmp_path)
    assert [one.look.source for one in found.taken] == ["宗地.geojson"]
    assert found.left["旧数据.geojson"].word == "left_twin"


def test_of_two_files_of_one_name_the_one_without_shapes_is_no_layer(tmp_path: Path) -> None:
    square(tmp_path / "parcels.geojson", parcel_id="P1")
    (tmp_path / "parcels_list.csv").write_text("parcel_id,x\nP1,1\n", encoding="utf-8")
    found = explore(tmp_path)
    assert [one.look.source for one in found.taken] == ["parcels.geojson"]
    assert found.left["parcels_list.csv"].word == "left_shapes"


def test_the_parts_of_a_shapefile_are_no_files_of_their_own(tmp_path: Path) -> None:
    for suffix in (".shp", ".shx", ".dbf", ".prj"):
        (tmp_path / f"parcels{suffix}").write_bytes(b"x")
    assert [r.file for r in discover(tmp_path).reasons] == ["parcels.shp"]


def test_the_layers_of_a_geopackage_speak_where_its_name_does_not(tmp_path: Path) -> None:
    box = gpd.GeoDataFrame({"parcel_id": ["P1"]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:4547")
    for name in ("宗地", "buildings", "notes"):
        box.to_file(tmp_path / "data.gpkg", layer=name)
    file = discover(tmp_path)
    assert file.spec.layers.parcels.source == "data.gpkg#宗地"
    assert file.spec.layers.given()["buildings"].source == "data.gpkg#buildings"
    assert [p.name for p in tmp_path.iterdir()] == ["data.gpkg"]
