"""landzone init: a commented study file that says where everything comes from and asks for what it cannot know."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely

import landzone as lz
from landzone.errors import Refusal
from landzone.io.discover import discover
from landzone.io.study_file import read_study_file
from landzone.io.study_text import missing_measures, write_study_file

EXAMPLE = Path(__file__).parents[2] / "data" / "example_zone"


E, N = 38520000, 3702000
IDS = [f"410799001001GB{n:05d}" for n in range(12)]
HEAD = ["行政区", "电子监管号", "宗地编号", "项目名称", "面积(公顷)", "土地用途", "供地方式", "成交价格(万元",
        "土地使用权人", "合同签定日期", "约定开工时间", "约定竣工时间", "实际开工时间",
        "固定资产投资\n(万元)"]  # fmt: skip


def bureau(folder: Path, *, key: str = "宗地编号", area_mu: float = 45.0) -> Path:
    """Write twelve parcels of 200 m × 150 m (45 mu) with one building of 60 m × 40 m and two floors each."""
    folder.mkdir()
    squares = [
        shapely.box(E + i % 4 * 220, N + i // 4 * 170, E + i % 4 * 220 + 200, N + i // 4 * 170 + 150)
        for i in range(12)
    ]
    lots = {
        "ZDDM": IDS,
        "ZDMJ": [area_mu] * 12,
        "DLBM": ["0601"] * 11 + ["1006"],
        "DLMC": ["工业用地"] * 11 + ["农村道路"],
    }
    shapefile(folder / "宗地.shp", lots, squares)
    shapefile(
        folder / "集聚区范围.shp", {"JQDM": ["Z1"], "JQMC": ["示例产业集聚区"]}, [around(-50, -50, 900, 560)]
    )
    houses = [shapely.box(s.bounds[0], s.bounds[1], s.bounds[0] + 60, s.bounds[1] + 40) for s in squares]
    built = {"幢号": [str(n) for n in range(12)], "层数": [2] * 12, "建筑面积": [4800.0] * 12}
    shapefile(folder / "建筑物.shp", built, houses)
    halves = [around(-100, -100, 500, 700), around(500, -100, 1000, 700)]
    layer({"GZQLXDM": ["010", "030"], "GZQLXMC": ["允许建设区", "限制建设区"]}, halves).to_file(
        folder / "土规.gpkg"
    )
    layer({"YDDM": ["M1", "G1"], "YDMC": ["一类工业用地", "公园绿地"]}, halves).to_file(folder / "城规.gpkg")
    shapefile(folder / "永久基本农田.shp", {"TBBH": ["1"]}, [around(800, 400, 1000, 700)])
    ledger(folder / "供地台账.xlsx", key)
    for name in ("Thumbs.db", "~$供地台账.xlsx", "宗地.lock", "宗地.sbn", "readme.txt", "现场照片.jpg"):
        (folder / name).write_bytes(b"junk")
    return folder


def around(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    return shapely.box(E + x0, N + y0, E + x1, N + y1)


def layer(columns: dict[str, list[object]], shapes: list[shapely.Polygon]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4526")


def shapefile(path: Path, columns: dict[str, list[object]], shapes: list[shapely.Polygon]) -> None:
    layer(columns, shapes).to_file(path, encoding="GBK")
    path.with_suffix(".cpg").unlink()


def ledger(path: Path, key: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "供地结果"
    sheet.append([key if name == "宗地编号" else name for name in HEAD])
    for n, parcel in enumerate(IDS):
        sheet.append([
            "示例县", f"4107992021B{n:05d}", parcel, f"项目{n}", 3.0, "工业用地", "挂牌出让", 470.4, "示例公司",
            dt.date(2021, 6, 1), "2022年3月15日", "2024.3.14", "2022/4/1", 1200 + n * 300,
        ])  # fmt: skip
    notes = book.create_sheet("填表说明")
    notes.append(["本表由各乡镇填报"])
    notes.append(["单位：万元"])
    book.save(path)


def lots(folder: Path, name: str = "宗地.gpkg", **columns: object) -> Path:
    """Write four hectares in a row."""
    folder.mkdir(exist_ok=True)
    boxes = [shapely.box(38520000 + 100 * i, 3702000, 38520100 + 100 * i, 3702100) for i in range(4)]
    frame = gpd.GeoDataFrame(
        {"宗地代码": ["P1", "P2", "P3", "P4"], **columns}, geometry=boxes, crs="EPSG:4526"
    )
    frame.to_file(folder / name)
    return folder


def written(folder: Path, lang: str = "zh") -> str:
    path, _ = write_study_file(folder, lang)
    return path.read_text(encoding="utf-8")


def test_a_bureau_folder_needs_no_editing(tmp_path: Path) -> None:
    text = written(bureau(tmp_path / "局里"))
    lines = text.splitlines()
    assert lines[1] == "# 没有待填项，可直接运行 landzone check。"
    for line in (
        "# 宗地.shp → 宗地 (layers.parcels)：文件名（或图层名）里有“宗地”。",
        "# 12 个面；坐标系 EPSG:4526；文字编码 GBK（按内容判定）。",
        'units.registered_area = "mu"',
        'use_scheme = "third-survey"',
        'units.floor_area = "m2"',
        'source = "供地台账.xlsx#供地结果"',
        '# columns.fixed_asset_investment = "固定资产投资\\n(万元)"   # 单位 wan_cny',
        '# columns.land_price = "成交价格(万元"   # 单位 wan_cny',
        'crosswalk = "land-use-plan-control-zones"',
        'crosswalk = "gb50137-2011"',
        "[constraints.permanent_farmland]",
        "# - 不是数据：Thumbs.db, readme.txt, ~$供地台账.xlsx, 宗地.lock, 现场照片.jpg",
    ):
        assert line in lines, line
    study = lz.open_study(tmp_path / "局里")
    assert study.layers["parcels"].frame["registered_area_m2"].tolist() == [30000.0] * 12
    assert len(study.tables["projects"].frame) == 12


def test_the_folder_alone_gives_the_numbers_of_the_written_file(tmp_path: Path) -> None:
    folder = bureau(tmp_path / "bureau")
    bare = lz.audit(lz.open_study(folder), as_of="2023-06-30")
    written(folder)
    stated = lz.audit(lz.open_study(folder), as_of="2023-06-30")
    assert bare.parcels.equals(stated.parcels)
    assert bare.zones.equals(stated.zones)
    assert bare.patches.equals(stated.patches)
    assert bare.findings.equals(stated.findings)
    codes = set(bare.notes["code"])
    assert {"FILE_TAKEN", "FILE_NOT_TAKEN", "UNIT_BY_SHAPES", "UNIT_BY_FLOORS"} <= codes


def test_the_file_says_what_the_folder_says(tmp_path: Path) -> None:
    folder = lots(tmp_path / "x", 备注=["a"] * 4)
    found = discover(folder).spec
    path, _ = write_study_file(folder)
    spec = read_study_file(path).spec
    assert (spec.layers, spec.plans, spec.settings("x").rules) == (
        found.layers,
        found.plans,
        found.study.rules,
    )
    assert "# 没有认出的列（原样保留在 audit.gpkg，名称加 src_）：备注" in path.read_text(encoding="utf-8")
    with pytest.raises(Refusal, match="STUDY_FILE_EXISTS"):
        write_study_file(folder)


def test_the_example_zone_is_taken_whole_with_its_own_class_lists(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "zone", ignore=shutil.ignore_patterns("study.toml"))
    path, found = write_study_file(tmp_path / "zone", "en")
    assert found.open_points() == 0
    spec = read_study_file(path).spec
    assert {name: plan.crosswalk for name, plan in spec.plans.items()} == {
        "city_plan": "gb50137-2011",
        "ecology_plan": "eco.csv",
        "industry_plan": "gb50137-2011",
        "land_use_plan": "land-use-plan-control-zones",
        "present_use": "third-survey-2019",
        "public_service_plan": "facilities.csv",
    }
    assert set(spec.tables.given()) == {"projects", "enterprises", "zone_figures"}
    assert set(spec.constraints) == {"ecological_red_line", "permanent_farmland"}
    assert missing_measures(found, "en") == []
    study = lz.open_study(path)
    assert study.plans["ecology_plan"].crosswalk == "eco.csv"


@pytest.mark.parametrize(
    ("areas", "unit"),
    [
        ([10000.0, 10001.0, 9990.0, 10000.0], "m2"),
        ([15.0, 15.01, 14.99, 15.0], "mu"),
        ([1.0, 1.0, 1.0, 1.0], "ha"),
        ([0.01, 0.01, 0.01, 0.01], "km2"),
        ([2.471, 2.471, 2.47, 2.471], "acre"),
        ([107639.0, 107639.0, 107640.0, 107639.0], "sqft"),
    ],
)
def test_the_shapes_name_the_unit_of_an_area(tmp_path: Path, areas: list[float], unit: str) -> None:
    text = written(lots(tmp_path / "x", 证载面积=areas))
    assert f'units.registered_area = "{unit}"' in text.splitlines()


def test_an_area_that_fits_no_unit_is_asked_for(tmp_path: Path) -> None:
    folder = lots(tmp_path / "x", 证载面积=[3.0, 7000.0, 22.0, 0.4])
    lines = written(folder).splitlines()
    assert '# units.registered_area = "m2"' in lines
    assert not any(line.startswith("units.") for line in lines)
    assert any(line.startswith("# 待填：列“证载面积”") for line in lines)
    with pytest.raises(Refusal, match="UNIT_MISSING"):
        lz.open_study(folder)


def test_money_without_a_unit_is_asked_for_and_filling_in_the_line_is_enough(tmp_path: Path) -> None:
    folder = lots(tmp_path / "x")
    (folder / "项目台账.csv").write_text("宗地代码,土地价款\nP1,470\nP2,12\n", encoding="utf-8")
    path, found = write_study_file(folder)
    assert found.open_points() == 1
    text = path.read_text(encoding="utf-8")
    with pytest.raises(Refusal, match="UNIT_MISSING"):
        lz.open_study(folder)
    path.write_text(
        text.replace('# units.land_price = "wan_cny"', 'units.land_price = "wan_cny"'), encoding="utf-8"
    )
    assert lz.open_study(folder).tables["projects"].frame["land_price_fen"].tolist() == [
        470_000_000,
        12_000_000,
    ]


def test_a_declared_unit_that_the_shapes_contradict_is_pointed_out(tmp_path: Path) -> None:
    text = written(lots(tmp_path / "x", **{"证载面积(公顷)": [15.0] * 4}), "en")
    assert 'Mind: "证载面积(公顷)" is said to be in ha, but 100 % of the rows fit the shapes as mu.' in text


def test_two_files_for_one_thing_are_both_written_down_and_none_is_in_force(tmp_path: Path) -> None:
    folder = lots(lots(tmp_path / "x"), "宗地_旧.gpkg")
    text = written(folder)
    lines = text.splitlines()
    assert '# source = "宗地.gpkg"' in lines
    assert '# source = "宗地_旧.gpkg"' in lines
    assert "[layers.parcels]" not in lines
    with pytest.raises(Refusal, match=r"STUDY_KEY_MISSING.*layers.*TO DO"):
        lz.open_study(folder)
    (folder / "study.toml").unlink()
    with pytest.raises(Refusal, match=r"FILE_ROLE_AMBIGUOUS.*宗地\.gpkg, 宗地_旧\.gpkg"):
        lz.open_study(folder)


def test_a_layer_without_a_crs_is_given_that_of_its_neighbour_as_a_question(tmp_path: Path) -> None:
    folder = lots(tmp_path / "x")
    shapefile(folder / "建筑.shp", {"CS": [2]}, [around(10, 10, 50, 50)])
    (folder / "建筑.prj").unlink()
    lines = written(folder).splitlines()
    assert '# crs = "EPSG:4526"' in lines
    assert any(
        line.startswith("# 待填：文件没有写坐标系；坐标数值与 宗地.gpkg（EPSG:4526）在同一范围")
        for line in lines
    )
    with pytest.raises(Refusal, match="CRS_MISSING"):
        lz.open_study(folder)


def test_a_ledger_is_joined_by_the_column_whose_values_are_parcel_ids(tmp_path: Path) -> None:
    folder = bureau(tmp_path / "x", key="编码")
    lines = written(folder).splitlines()
    assert 'columns.parcel_id = "编码"' in lines
    assert len(lz.open_study(folder).tables["projects"].frame) == 12


def test_a_ledger_without_any_parcel_id_is_asked_about(tmp_path: Path) -> None:
    folder = lots(tmp_path / "x")
    (folder / "项目台账.csv").write_text("项目名称,土地价款(万元)\n甲,470\n", encoding="utf-8")
    assert '# columns.parcel_id = "…"' in written(folder).splitlines()


def test_parcels_without_a_known_id_name_the_columns_that_never_repeat(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    lots(folder, "宗地.gpkg")
    gpd.read_file(folder / "宗地.gpkg").rename(columns={"宗地代码": "AcctNum"}).assign(k="a").to_file(
        folder / "宗地.gpkg"
    )
    text = written(folder, "en")
    assert "Columns that never repeat: AcctNum;" in text
    assert '# columns.parcel_id = "AcctNum"' in text.splitlines()


def test_a_column_that_mostly_repeats_is_no_building_id(tmp_path: Path) -> None:
    folder = lots(tmp_path / "x")
    lots(folder, "buildings.gpkg", building=["yes"] * 4)
    lines = written(folder, "en").splitlines()
    assert 'columns.building_id = ""' in lines
    assert len(lz.open_study(folder).layers["buildings"].frame) == 4


def test_a_plan_whose_codes_are_in_no_scheme_is_asked_about(tmp_path: Path) -> None:
    folder = lots(tmp_path / "x")
    lots(folder, "zoning.gpkg", YDDM=["A-1", "A-2", "ZZ9", "Q"])
    lines = written(folder, "en").splitlines()
    assert '# crosswalk = "….csv"' in lines
    assert any(line.startswith("# TO DO: PLAN_CODE_UNMAPPED") for line in lines)


def test_what_is_missing_is_said_with_what_stays_unknown(tmp_path: Path) -> None:
    lines = written(lots(tmp_path / "x")).splitlines()
    assert "# - 没有项目台账：投资强度、闲置土地为“证据不足”。" in lines
    assert "# - 没有建筑图层：建筑密度、容积率为“证据不足”。" in lines
    assert "# - 台账没有土地价款：闲置费算不出。" not in lines


def test_a_folder_without_parcels_offers_its_polygons(tmp_path: Path) -> None:
    folder = lots(tmp_path / "x", "a.gpkg")
    gpd.read_file(folder / "a.gpkg").drop(columns="宗地代码").to_file(folder / "a.gpkg")
    lines = written(folder).splitlines()
    assert "# [layers.parcels]" in lines
    assert '# source = "a.gpkg"' in lines


def test_a_file_that_cannot_be_read_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "parcels.geojson").write_text("<html>", encoding="utf-8")
    assert "# TO DO: FORMAT_MISMATCH" in written(tmp_path, "en")


def test_no_name_of_a_file_or_column_breaks_out_of_its_comment(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    lots(folder)
    ring = [[38520000, 3702000], [38520100, 3702000], [38520100, 3702100], [38520000, 3702000]]
    feature = {
        "type": "Feature",
        "properties": {"a\n[study]\nname = 1": "x"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4526"}}
    data = {"type": "FeatureCollection", "crs": crs, "features": [feature]}
    (folder / "建筑.geojson").write_text(json.dumps(data), encoding="utf-8")
    path, _ = write_study_file(folder)
    assert read_study_file(path).spec.study.name == "x"


def test_an_empty_folder_is_explained_in_one_screen(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("hello", encoding="utf-8")
    with pytest.raises(Refusal, match="STUDY_FOLDER_EMPTY") as refused:
        write_study_file(tmp_path)
    for lang in ("zh", "en"):
        assert len(refused.value.text(lang)) < 600
        assert "readme.txt" in refused.value.text(lang)
