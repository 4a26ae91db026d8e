"""Drawn boundaries against a study whose answers were worked out by hand (see ``conform_study``)."""

from __future__ import annotations

import importlib.util
import json
import sys
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

import landzone as lz
from landzone import docs, pipeline
from landzone.cli import run
from landzone.conform import Conform, conform
from landzone.errors import Refusal
from landzone.io.vector import read_vector
from landzone.model.problems import Problems


def _made() -> ModuleType:
    name = "landzone_conform_study"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("conform_study.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


made = _made()
EXAMPLE = ({"地块名称": "甲"}, (0, 50, 200, 200))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.write_study(tmp_path_factory.mktemp("conform") / "study")


@pytest.fixture(scope="module")
def judged(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Conform:
    path = made.features(tmp_path_factory.mktemp("boundary") / "site.geojson", [EXAMPLE])
    return conform(path, study)


def boundary(tmp_path: Path, *rows: Any) -> Path:
    return made.features(tmp_path / "site.geojson", list(rows))


def themes(found: Conform) -> dict[str, Any]:
    return {row["theme"]: row for row in found.result.themes.to_dict("records")}


def test_the_boundary_has_its_area_and_the_conclusion_of_a_parcel(judged: Conform) -> None:
    row = judged.result.boundaries.iloc[0]
    assert (row["boundary_id"], row["area_m2"], row["planar_m2"]) == ("甲", 30_000.0, 30_000.0)
    assert (row["conformity"], row["conclusion"], bool(row["borderline"])) == ("partly", "partly", False)
    assert (row["zone_m2"], row["outside_study_m2"], row["parcels_count"]) == (15_000.0, 0.0, 2)
    assert row["missing"] == "land_use_plan"


def test_ground_under_each_class_of_each_plan(judged: Conform) -> None:
    rows = judged.result.occupied
    plans = rows[rows["theme_kind"] != "line"][["theme", "code", "common", "part", "area_m2"]]
    assert plans.fillna("").to_numpy().tolist() == [
        ["city_plan", "M1", "C", "under", 30_000.0],
        ["land_use_plan", "010", "C", "under", 18_000.0],
        ["land_use_plan", "020", "K", "under", 3_000.0],
        ["land_use_plan", "030", "R", "under", 6_000.0],
        ["land_use_plan", "", "", "no_data", 3_000.0],
        ["present_use", "0101", "N", "under", 12_000.0],
        ["present_use", "0601", "C", "under", 12_000.0],
        ["present_use", "1206", "N", "under", 6_000.0],
    ]


def test_ground_under_and_outside_each_line(judged: Conform) -> None:
    rows = judged.result.occupied
    lines = rows[rows["theme_kind"] == "line"][["theme", "part", "area_m2"]]
    assert lines.to_numpy().tolist() == [
        ["ecological_red_line", "outside", 30_000.0],
        ["permanent_farmland", "under", 1.0],
        ["permanent_farmland", "outside", 29_999.0],
        ["urban_boundary", "under", 22_500.0],
        ["urban_boundary", "outside", 7_500.0],
    ]


def test_every_theme_has_a_state_and_an_answer(judged: Conform) -> None:
    rows = judged.result.themes[["theme", "state", "verdict", "reason", "contrary_m2", "missing_m2"]]
    assert rows.fillna("").to_numpy().tolist() == [
        ["permanent_farmland", "concerned", "conflicts", "", 1.0, 0.0],
        ["ecological_red_line", "not_concerned", "conforms", "", 0.0, 0.0],
        ["urban_boundary", "concerned", "conflicts", "", 7_500.0, 0.0],
        ["city_plan", "concerned", "conforms", "", 0.0, 0.0],
        ["land_use_plan", "concerned", "partly", "uncovered", 9_000.0, 3_000.0],
        ["present_use", "concerned", "", "", 0.0, 0.0],
    ]


def test_conflicts_stand_gravest_first_with_their_parcels(judged: Conform) -> None:
    rows = judged.result.conflicts[["conflict_id", "theme", "code", "type", "severity", "area_m2", "parcels"]]
    assert rows.fillna("").to_numpy().tolist() == [
        ["1-001", "permanent_farmland", "", "D9", "severe", 1.0, "P1"],
        ["1-002", "urban_boundary", "", "D11", "high", 7_500.0, "P2"],
        ["1-003", "land_use_plan", "030", "D4", "high", 6_000.0, "P2"],
        ["1-004", "land_use_plan", "020", "D3", "medium", 3_000.0, "P2"],
    ]


def test_one_square_metre_of_farmland_is_listed_as_a_likely_boundary_error(judged: Conform) -> None:
    row = judged.result.conflicts.iloc[0]
    assert bool(row["is_sliver"])
    assert bool(row["borderline"])  # 1 m² ≤ 20.2 m × 0.1 m
    assert row["width_m"] == pytest.approx(2 * 1 / 20.2, rel=1e-6)
    farmland = themes(judged)["permanent_farmland"]
    assert farmland["is_sliver"]
    assert farmland["borderline"]
    assert not themes(judged)["urban_boundary"]["borderline"]


def test_present_land_use_in_three_classes(judged: Conform) -> None:
    rows = judged.result.land_use[["class3", "area_m2", "share_ratio"]].to_numpy().tolist()
    assert rows == [["农用地", 12_000.0, 0.4], ["建设用地", 12_000.0, 0.4], ["未利用地", 6_000.0, 0.2]]


def test_parcels_and_zones_that_are_touched(judged: Conform) -> None:
    parcels = judged.result.parcels[["parcel_id", "area_m2", "share_ratio", "boundary_share_ratio"]]
    assert parcels.to_numpy().tolist() == [["P1", 7_500.0, 1.0, 0.25], ["P2", 2_500.0, 0.25, 2_500 / 30_000]]
    zones = judged.result.zones[["zone_id", "area_m2"]].fillna("")
    assert zones.to_numpy().tolist() == [["Z1", 15_000.0], ["", 15_000.0]]


def test_survey_txt_with_a_hole(study: Path, tmp_path: Path) -> None:
    path = tmp_path / "site.txt"
    path.write_bytes(made.TXT_WITH_HOLE.replace("\n", "\r\n").encode("gbk"))
    flat = conform(path, study).result
    assert flat.boundaries[["boundary_id", "name", "area_m2"]].to_numpy().tolist() == [
        ["示例地块一", "示例地块一", 28_000.0]
    ]
    settings = study.parent / "round.toml"
    settings.write_text(study.read_text("utf-8").replace("planar", "ellipsoidal"), encoding="utf-8")
    round_ = conform(path, settings).result.boundaries.iloc[0]
    assert (round(round_["area_m2"], 2), round_["planar_m2"]) == (27_999.90, 28_000.0)


def test_dxf_with_a_closed_line_inside_another(study: Path, tmp_path: Path) -> None:
    outer = [(0, 50), (200, 50), (200, 200), (0, 200)]
    hole = [(50, 110), (100, 110), (100, 150), (50, 150)]
    path = made.dxf(tmp_path / "site.dxf", [outer, hole])
    with pytest.raises(Refusal, match=r"BOUNDARY_CRS .*--crs EPSG:4526"):
        conform(path, study)
    found = conform(path, study, crs="EPSG:4526", lang="en").result
    assert found.boundaries[["boundary_id", "area_m2"]].to_numpy().tolist() == [["REDLINE", 28_000.0]]
    assert "2 closed lines" in " ".join(found.notes["message"])
    record = next(one for one in found.run["inputs"] if one["role"] == "boundaries")
    assert (record["rows_in"], record["rows_used"], record["rows_rejected"]) == (1, 1, 0)


@pytest.mark.parametrize(
    ("suffix", "driver"), [(".shp", "ESRI Shapefile"), (".kml", "KML"), (".gpkg", "GPKG")]
)
def test_other_formats_say_the_same(study: Path, tmp_path: Path, suffix: str, driver: str) -> None:
    frame = gpd.GeoDataFrame({"Name": ["甲"]}, geometry=[made.box(0, 50, 200, 200)], crs=4526)
    frame = frame.to_crs(4326) if driver == "KML" else frame
    path = tmp_path / f"site{suffix}"
    pyogrio.write_dataframe(frame, path, driver=driver)
    row = conform(path, study).result.boundaries.iloc[0]
    assert row["boundary_id"] == "甲"
    assert row["area_m2"] == pytest.approx(30_000, abs=0.01)


def test_several_boundaries_are_judged_each_alone(judged: Conform, study: Path, tmp_path: Path) -> None:
    more = [({"地块名称": "乙"}, (0, 50, 100, 200)), ({"地块名称": "丙"}, (-40, 210, -20, 230))]
    found = conform(boundary(tmp_path, EXAMPLE, *more), study, lang="en").result
    rows = found.boundaries.set_index("boundary_id")
    assert rows["area_m2"].to_dict() == {"甲": 30_000.0, "乙": 15_000.0, "丙": 400.0}
    assert rows["conclusion"].to_dict() == {"甲": "partly", "乙": "partly", "丙": "conforms"}
    assert bool(rows.loc["乙", "borderline"])  # the square metre of farmland is all that it fails by
    own = found.occupied[found.occupied["boundary_id"] == "甲"].drop(
        columns=["boundary_id", "class_name", "geometry"]
    )
    alone = judged.result.occupied.drop(columns=["boundary_id", "class_name", "geometry"])
    pd.testing.assert_frame_equal(pd.DataFrame(own).reset_index(drop=True), pd.DataFrame(alone))
    assert "share 15000.00 m²" in " ".join(found.notes["message"])


def test_ground_without_a_plan_is_no_data_and_never_conforms(study: Path, tmp_path: Path) -> None:
    """x 350…450: half of it lies outside every plan and the study; nothing is known that would contradict."""
    changed = made.write_study(
        tmp_path / "study",
        urban_boundary=[({"id": "1"}, (-500, -500, 500, 500))],
        land_use_plan=[({"GZQLXDM": "010"}, made.WIDE)],
    )
    found = conform(boundary(tmp_path, ({}, (350, 0, 450, 100))), changed)
    row = found.result.boundaries.iloc[0]
    assert (row["boundary_id"], row["conformity"], row["conclusion"]) == ("1", "partly", "unknown")
    assert row["outside_study_m2"] == 5_000.0
    said = themes(found)
    assert (said["city_plan"]["verdict"], said["city_plan"]["missing_m2"]) == ("unknown", 5_000.0)
    assert (said["permanent_farmland"]["state"], said["permanent_farmland"]["verdict"]) == (
        "no_data",
        "unknown",
    )


def test_a_boundary_outside_all_plans_is_no_plan(tmp_path: Path) -> None:
    apart = [({"YDDM": "M1"}, (-100, -100, -50, -50))]
    other = [({"GZQLXDM": "010"}, (-100, -100, -50, -50))]
    zones = [({"zone_id": "Z1"}, (-100, -100, 400, 400))]
    parts: dict[str, Any] = {"city_plan": apart, "land_use_plan": other, "zones": zones}
    study = made.write_study(tmp_path / "study", ("permanent_farmland",), **parts)
    row = conform(boundary(tmp_path, ({}, (300, 300, 390, 390))), study).result.boundaries.iloc[0]
    assert (row["conformity"], row["conclusion"]) == ("no_plan", "conflicts")  # outside the urban boundary
    row = conform(boundary(tmp_path, ({}, (0, 300, 90, 390))), study).result.boundaries.iloc[0]
    assert (row["conformity"], row["conclusion"]) == ("no_plan", "unknown")


def test_a_line_that_was_not_given_is_no_data(tmp_path: Path) -> None:
    study = made.write_study(tmp_path / "study", ("ecological_red_line",))
    found = conform(boundary(tmp_path, ({}, (-40, 210, -20, 230))), study)
    red = themes(found)["ecological_red_line"]
    assert (red["state"], red["verdict"], red["reason"]) == ("no_data", "unknown", "not_given")
    assert found.result.boundaries["conformity"].tolist() == ["conforms"]
    assert found.result.boundaries["conclusion"].tolist() == ["unknown"]


def test_a_plan_that_is_not_in_force_is_measured_and_not_judged_by(study: Path, tmp_path: Path) -> None:
    path = boundary(tmp_path, ({}, (125, 210, 145, 230)))
    assert conform(path, study, as_of=date(2020, 6, 1)).result.boundaries["conclusion"].tolist() == [
        "conflicts"
    ]
    late = conform(path, study, as_of=date(2026, 6, 30))
    plan = themes(late)["land_use_plan"]
    assert (plan["verdict"], plan["reason"], plan["concerned_m2"]) == ("unknown", "not_in_force", 400.0)
    assert late.result.boundaries["conclusion"].tolist() == ["unknown"]
    assert "land_use_plan" not in set(late.result.conflicts["theme"])


def test_boundaries_elsewhere_are_refused_or_set_aside(study: Path, tmp_path: Path) -> None:
    away = ({"地块名称": "远"}, (5000, 5000, 5100, 5100))
    with pytest.raises(Refusal, match=r"BOUNDARY_ELSEWHERE.*远"):
        conform(boundary(tmp_path, away), study)
    found = conform(boundary(tmp_path, EXAMPLE, away), study)
    assert found.result.boundaries["boundary_id"].tolist() == ["甲"]
    assert found.result.rejects[["code", "subject_id"]].to_numpy().tolist() == [["BOUNDARY_NOT_JUDGED", "远"]]
    record = next(one for one in found.result.run["inputs"] if one["role"] == "boundaries")
    assert (record["rows_in"], record["rows_used"], record["rows_rejected"]) == (2, 1, 1)
    assert found.has_losses


def test_a_boundary_of_another_datum_is_refused_with_what_to_do(study: Path, tmp_path: Path) -> None:
    path = tmp_path / "site.txt"
    path.write_text(made.TXT_WITH_HOLE.replace("2000国家大地坐标系", "1980西安坐标系"), encoding="utf-8")
    with pytest.raises(Refusal, match=r"BOUNDARY_DATUM .*EPSG:2362 .*EPSG:4526"):
        conform(path, study)


def test_a_gap_of_a_millimetre_between_plan_polygons_is_no_missing_data(study: Path, tmp_path: Path) -> None:
    halves = [({"YDDM": "M1"}, (-100, -100, 10, 400)), ({"YDDM": "M1"}, (10.001, -100, 400, 400))]
    changed = made.write_study(
        tmp_path / "study", ("permanent_farmland", "urban_boundary", "ecological_red_line"), city_plan=halves
    )
    row = themes(conform(boundary(tmp_path, ({}, (0, 50, 100, 150))), changed))["city_plan"]
    assert (row["verdict"], row["reason"], row["missing_m2"]) == (
        "conforms",
        "",
        pytest.approx(0.1, abs=1e-3),
    )


def test_names_that_are_not_their_own_give_way_to_numbers(study: Path, tmp_path: Path) -> None:
    rows = [({"名称": "厂", "编号": n}, (x, 50, x + 10, 60)) for n, x in (("A1", 0), ("A2", 20), ("", 40))]
    found = conform(boundary(tmp_path, *rows), study).result.boundaries
    assert sorted(found["boundary_id"]) == ["1", "A1", "A2"]


def test_plans_that_disagree_inside_the_boundary_are_listed(judged: Conform, tmp_path: Path) -> None:
    """land_use_plan against M1 everywhere: 010 agrees, 030 on 40 m and 020 on 20 m of 150 m conflict.

    C against R is D4, C against K is D3; the boundary on its own ground conflicts on 9,000 m².
    """
    rows = judged.result.disagreements
    said = rows[["boundary_id", "kind", "type", "plan_a", "code_a", "plan_b", "code_b", "area_m2"]].to_dict(
        "records"
    )
    own = {
        "boundary_id": "甲",
        "kind": "conflict",
        "plan_a": "city_plan",
        "code_a": "M1",
        "plan_b": "land_use_plan",
    }
    assert said == [
        {**own, "type": "D4", "code_b": "030", "area_m2": 6000.0},
        {**own, "type": "D3", "code_b": "020", "area_m2": 3000.0},
    ]
    assert rows["class_a"].notna().all()
    assert judged.result.boundaries["disagreement_m2"].tolist() == [9000.0]
    page = (judged.save(tmp_path / "out") / "conform.html").read_text("utf-8")
    assert "规划之间的差异图斑" in page


def test_a_plan_that_is_not_judged_by_disagrees_with_nothing(study: Path, tmp_path: Path) -> None:
    late = conform(boundary(tmp_path, EXAMPLE), study, as_of=date(2026, 6, 30)).result
    assert late.disagreements.empty
    assert late.boundaries["disagreement_m2"].tolist() == [0.0]


def test_parcels_that_count_more_ground_twice_than_allowed_are_refused_as_in_an_audit(tmp_path: Path) -> None:
    rows = [({"parcel_id": "P1"}, (0, 50, 50, 200)), ({"parcel_id": "P2"}, (25, 50, 75, 200))]
    path = made.write_study(tmp_path / "study", parcels=rows)
    path.write_text(path.read_text("utf-8") + "[topology.overlap_limit_ratio]\nparcels = 0.1\n", "utf-8")
    site = boundary(tmp_path, EXAMPLE)
    for source in (path, pipeline.prepare(lz.open_study(path), tmp_path / "store")):
        with pytest.raises(Refusal, match="TOPOLOGY_LIMIT"):
            conform(site, source)


def test_outputs_are_written_once_and_the_txt_is_read_again(judged: Conform, tmp_path: Path) -> None:
    out = judged.save(tmp_path / "out")
    names = ["conform.docx", "conform.gpkg", "conform.html", "occupied.txt", "run.json"]
    assert sorted(path.name for path in out.iterdir()) == names
    record = json.loads((out / "run.json").read_text("utf-8"))
    assert sorted(record["outputs"]) == names[:-1]
    layers = dict(pyogrio.list_layers(out / "conform.gpkg"))
    shown = ["boundaries", "occupied", "conflicts", "disagreements", "parcels"]
    assert [n for n, kind in layers.items() if kind] == shown
    assert {n for n, kind in layers.items() if not kind} == {
        "themes", "land_use", "zones", "rejects", "repairs", "notes", "layer_styles"
    }  # fmt: skip
    styles = pyogrio.read_dataframe(out / "conform.gpkg", layer="layer_styles")
    assert styles["f_table_name"].tolist() == shown
    assert styles["styleQML"].str.contains("renderer-v2").all()
    assert "部分符合" in styles["styleQML"][0]
    known = docs.conform_columns()
    for table in known:
        assert list(pyogrio.read_info(out / "conform.gpkg", layer=table)["fields"]) == list(known[table]), (
            table
        )
    raw = read_vector("occupied.txt", out, role="parcels", problems=Problems(), work=tmp_path)
    assert raw.encoding == "GBK"
    assert raw.crs is not None
    assert raw.crs.to_epsg() == 4526
    rows = judged.result.occupied
    against = (rows["theme"] == "urban_boundary") == (rows["part"] == "outside")
    wanted = rows[against & (rows["part"] != "no_data")]
    assert shapely.area(raw.geometry).round(4).tolist() == wanted["area_m2"].tolist()
    assert raw.cells["地块名称"].tolist()[:2] == ["甲 城市总体规划", "甲 土地利用总体规划"]


def test_the_report_has_the_sections_of_a_review_and_says_what_is_preliminary(
    judged: Conform, tmp_path: Path
) -> None:
    page = (judged.save(tmp_path / "out") / "conform.html").read_text("utf-8")
    heads = [
        "项目概况",
        "审查依据",
        "数据来源与坐标系",
        "审查方法",
        "审查结果",
        "冲突图斑清单",
        "结论与建议",
        "附图附表",
    ]
    places = [page.index(f"、{head}</h2>") for head in heads]
    assert places == sorted(places)
    for text in (
        "初步审查意见", "永久基本农田：占用 1.00 平方米（0.0001 公顷、",
        "城镇开发边界：位于界线以外 7,500.00 平方米（0.7500 公顷、11.25 亩），不符合",
        "生态保护红线：未占用，符合。", "不符合（临界，在边界精度以内，须核实界线）",
        "疑似边界误差", "甲：初步结论为部分符合。", "基本农田保护条例 第十五条",
        "审查单位（盖章）：", "建设用地 12,000.00 平方米（1.2000 公顷、18.00 亩）",
    ):  # fmt: skip
        assert text in page, text


def test_the_english_report_has_no_place_unfilled(study: Path, tmp_path: Path) -> None:
    found = conform(boundary(tmp_path, EXAMPLE), study, lang="en", as_of=date(2020, 6, 1))
    page = (found.save(tmp_path / "out") / "conform.html").read_text("utf-8")
    assert "preliminary conclusion: conforms partly" in page
    assert "{" not in page.partition("</style>")[2]


def test_exit_codes_and_languages(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = str(boundary(tmp_path, EXAMPLE))
    out = str(tmp_path / "out")
    assert run(["conform", site, str(study), "-o", out, "--lang", "en"]) == 0
    assert "甲: preliminary conclusion: conforms partly" in capsys.readouterr().err
    assert run(["conform", site, str(study), "-o", out, "--as-of", "2026-6-1"]) == 2
    assert run(["conform", site, str(study), "-o", out, "--crs", "EPSG:none"]) == 3
    assert run(["conform", str(tmp_path / "absent.shp"), str(study), "-o", out]) == 3
    assert "Traceback" not in capsys.readouterr().err


def test_a_store_gives_the_same_bytes(study: Path, tmp_path: Path) -> None:
    store = pipeline.prepare(lz.open_study(study), tmp_path / "store")
    site = boundary(tmp_path, EXAMPLE)
    found = {}
    for name, source in (("study", study), ("made", store)):
        out = conform(site, source).save(tmp_path / name)
        files: dict[str, Any] = {path.name: path.read_bytes() for path in sorted(out.iterdir())}
        files["run.json"] = {k: v for k, v in json.loads(files["run.json"]).items() if k != "started_at"}
        found[name] = files
    assert found["made"] == found["study"]
