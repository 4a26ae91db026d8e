"""A folder without a study file: names say what files are, and in doubt nothing is taken."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from landzone.errors import Refusal
from landzone.io.discover import discover, write_study_file
from landzone.io.file_roles import meanings
from landzone.io.study_file import read_study_file


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


def test_init_writes_what_was_taken_for_what(tmp_path: Path) -> None:
    square(tmp_path / "宗地.geojson", 宗地代码="P1", 备注="x")
    square(tmp_path / "土规.geojson", GZQLXDM="010")
    path = write_study_file(tmp_path)
    text = path.read_text(encoding="utf-8")
    assert "# 宗地.geojson：按文件名中的“宗地”作为 layers.parcels。" in text
    assert "# 列 parcel_id = 宗地代码 (name)" in text
    assert "# 未识别的列：备注" in text
    assert "EPSG:4547" in text
    spec, found = read_study_file(path).spec, discover(tmp_path).spec
    assert (spec.layers, spec.plans, spec.settings("x").rules) == (
        found.layers,
        found.plans,
        found.study.rules,
    )
    with pytest.raises(Refusal, match="STUDY_FILE_EXISTS"):
        write_study_file(tmp_path)


def test_init_says_in_words_what_it_could_not_read(tmp_path: Path) -> None:
    (tmp_path / "parcels.geojson").write_text("<html>", encoding="utf-8")
    assert "# FORMAT_MISMATCH" in write_study_file(tmp_path, "en").read_text(encoding="utf-8")
