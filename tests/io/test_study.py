"""Opening a study: everything in one CRS, every row accounted for, the files untouched."""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from landzone.errors import Refusal
from landzone.io.study import check_counts, open_study
from landzone.model.problems import ProblemKind
from landzone.model.study import Study

Box = tuple[float, float, float, float]


def layer(
    path: Path,
    rows: list[tuple[Box, dict[str, Any]]],
    epsg: int | None = 4547,
    origin: tuple[float, float] = (527000.0, 3958000.0),
) -> None:
    """Write rectangles (x, y, width, height from an origin) as GeoJSON."""
    features = []
    for (x, y, w, h), properties in rows:
        x0, y0 = origin[0] + x, origin[1] + y
        ring = [[x0, y0], [x0 + w, y0], [x0 + w, y0 + h], [x0, y0 + h], [x0, y0]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": properties, "geometry": shape})
    data: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if epsg is not None:
        data["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def squares(count: int, **more: list[Any]) -> list[tuple[Box, dict[str, Any]]]:
    """Hectares in a row, P1, P2, …"""
    rows: list[tuple[Box, dict[str, Any]]] = []
    for i in range(count):
        properties = {"parcel_id": f"P{i + 1}", **{k: v[i] for k, v in more.items()}}
        rows.append(((100.0 * i, 0.0, 100.0, 100.0), properties))
    return rows


def study_file(folder: Path, text: str) -> Path:
    path = folder / "study.toml"
    path.write_text('[layers.parcels]\nsource = "p.geojson"\n' + text, encoding="utf-8")
    return path


def codes(study: Study, kind: ProblemKind = ProblemKind.NOTE) -> list[str]:
    return sorted(set(study.problems.frame(kind)["code"]) - {"FILE_TAKEN"})


def test_parcels_alone_are_one_zone(tmp_path: Path) -> None:
    layer(tmp_path / "p.geojson", squares(3))
    study = open_study(study_file(tmp_path, ""))
    assert study.crs.to_epsg() == 4547
    assert study.layers["parcels"].frame.index.tolist() == ["P1", "P2", "P3"]
    zones = study.layers["zones"].frame
    assert zones.index.tolist() == ["all"]
    assert zones.geometry.iloc[0].area == 30000.0
    assert codes(study) == ["ZONE_ALL"]
    assert [r.role for r in study.inputs] == ["parcels"]
    assert (study.inputs[0].rows_in, study.inputs[0].rows_used) == (3, 3)
    assert study.settings.name == tmp_path.name
    assert [pack.id for pack in study.rule_packs] == ["seed-004-cluster-2014", "idle-land-2012"]


def test_nothing_is_touched_and_nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, scratch = tmp_path / "study", tmp_path / "tmp"
    folder.mkdir()
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    layer(folder / "p.geojson", squares(2))
    study_file(folder, "")
    before = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}
    study = open_study(folder)
    after = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}
    assert before == after
    assert list(scratch.iterdir()) == []
    assert list(study.inputs[0].sha256.values()) == [before["p.geojson"]]


def test_degrees_come_into_the_zone_of_their_longitude(tmp_path: Path) -> None:
    layer(tmp_path / "p.geojson", [((0, 0, 0.001, 0.001), {"parcel_id": "P1"})], 4490, (114.3, 35.75))
    study = open_study(study_file(tmp_path, ""))
    assert study.crs.to_epsg() == 4547
    assert codes(study) == ["CRS_REPROJECTED", "ZONE_ALL"]
    (operation,) = study.crs_operations
    assert (operation.role, operation.source_crs, operation.target_crs) == (
        "parcels",
        "EPSG:4490",
        "EPSG:4547",
    )
    assert operation.accuracy_m == 0.0
    assert operation.densified
    assert study.inputs[0].crs == "EPSG:4490"


def test_zones_that_overlap_are_refused(tmp_path: Path) -> None:
    layer(tmp_path / "p.geojson", squares(4))
    wide = [
        ((-50.0, -50.0, 200.0, 300.0), {"zone_id": "ZA"}),
        ((50.0, -50.0, 500.0, 300.0), {"zone_id": "ZB"}),
    ]
    layer(tmp_path / "z.geojson", wide)
    path = study_file(tmp_path, '[layers.zones]\nsource = "z.geojson"\n')
    with pytest.raises(Refusal, match=r"ZONES_OVERLAP.*ZA – ZB 30000 m²"):
        open_study(path)


def test_a_sliver_between_zones_is_noted(tmp_path: Path) -> None:
    """5 mm by 300 m = 1.5 m², width 0.005 m."""
    layer(tmp_path / "p.geojson", squares(4))
    near = [
        ((-50.0, -50.0, 150.005, 300.0), {"zone_id": "ZA"}),
        ((100.0, -50.0, 400.0, 300.0), {"zone_id": "ZB"}),
    ]
    layer(tmp_path / "z.geojson", near)
    study = open_study(study_file(tmp_path, '[layers.zones]\nsource = "z.geojson"\n'))
    note, counted = (
        study.problems.frame(ProblemKind.NOTE).sort_values("code", ascending=False).to_dict("records")
    )
    assert (note["code"], counted["code"]) == ("ZONES_OVERLAP_SLIVER", "LAYER_TOPOLOGY")
    assert json.loads(note["params"])["area_m2"] == "1.5"


def test_a_wrong_meridian_is_named(tmp_path: Path) -> None:
    layer(tmp_path / "p.geojson", squares(2), 4546)
    layer(tmp_path / "z.geojson", [((-50.0, -50.0, 500.0, 300.0), {"zone_id": "Z"})], 4547)
    with pytest.raises(Refusal) as caught:
        open_study(study_file(tmp_path, '[layers.zones]\nsource = "z.geojson"\n'))
    text = caught.value.text("en")
    assert caught.value.code == "NO_OVERLAP"
    assert "EPSG:4546" in text
    assert "They meet if p.geojson is read as EPSG:4547" in text


def test_layers_that_never_meet_are_refused(tmp_path: Path) -> None:
    layer(tmp_path / "p.geojson", squares(1))
    layer(tmp_path / "t.geojson", [((100.0, 0.0, 50.0, 50.0), {"GZQLXDM": "010", "building_id": "B"})])
    for section in ("plans.land_use_plan", "layers.buildings"):
        with pytest.raises(Refusal, match=r"NO_OVERLAP.*t\.geojson.*p\.geojson"):
            open_study(study_file(tmp_path, f'[{section}]\nsource = "t.geojson"\n'))


def test_another_datum_is_refused_unless_parameters_are_given(tmp_path: Path) -> None:
    layer(tmp_path / "p.geojson", squares(2), 4547)
    layer(tmp_path / "z.geojson", [((-50.0, -50.0, 500.0, 300.0), {"zone_id": "Z"})], 2383)
    zones = '[layers.zones]\nsource = "z.geojson"\n'
    with pytest.raises(Refusal, match=r"CRS_DATUM_NO_TRANSFORM.*Xian 1980.*CGCS2000"):
        open_study(study_file(tmp_path, zones))
    study = open_study(study_file(tmp_path, zones + "transformation = [0, 0, 0, 0, 0, 0, 0]\n"))
    (operation,) = study.crs_operations
    assert (operation.role, operation.name, operation.accuracy_m) == ("zones", "given by the user", -1.0)
    assert "+proj=helmert" in operation.pipeline


def test_plans_and_lines_of_control_get_their_meaning(tmp_path: Path) -> None:
    layer(tmp_path / "p.geojson", squares(2))
    layer(
        tmp_path / "t.geojson",
        [((0, 0, 100, 100), {"GZQLXDM": "010"}), ((100, 0, 100, 100), {"GZQLXDM": "040"})],
    )
    layer(tmp_path / "d.geojson", [((0, 0, 200, 100), {"DLBM": "0601", "DLMC": "工业用地"})])
    layer(tmp_path / "f.geojson", [((0, 0, 10, 10), {"name": "x"})])
    layer(tmp_path / "e.geojson", [((0, 5000, 10, 10), {"name": "x"})])
    text = """
[plans.land_use_plan]
source = "t.geojson"
valid_from = 2010-01-01
[plans.present_use]
source = "d.geojson"
role = "present"
[constraints.permanent_farmland]
source = "f.geojson"
[constraints.ecological_red_line]
source = "e.geojson"
severity = "high"
[constraints.flood]
source = "f.geojson"
rule = "inside"
"""
    study = open_study(study_file(tmp_path, text))
    plan = study.plans["land_use_plan"]
    assert plan.layer.frame["common"].tolist() == ["C", "P"]
    assert (plan.crosswalk, plan.valid_from, plan.role) == (
        "land-use-plan-control-zones",
        "2010-01-01",
        "plan",
    )
    assert study.plans["present_use"].role == "present"
    told = {n: (c.rule, c.type, c.severity, c.title) for n, c in study.constraints.items()}
    assert told == {
        "ecological_red_line": ("presence", "D10", "high", "生态保护红线"),
        "flood": ("inside", "", "info", "flood"),
        "permanent_farmland": ("presence", "D9", "severe", "永久基本农田"),
    }
    assert codes(study) == ["CONSTRAINT_ELSEWHERE", "PLANS_ONE", "PLAN_SCHEME", "ZONE_ALL"]
    assert [r.role for r in study.inputs] == sorted(r.role for r in study.inputs)
    assert len(study.inputs) == 6


def test_a_crosswalk_file_leaves_its_hash(tmp_path: Path) -> None:
    layer(tmp_path / "p.geojson", squares(1))
    layer(tmp_path / "t.geojson", [((0, 0, 100, 100), {"zone": "IL"})])
    (tmp_path / "own.csv").write_bytes(b"code,common,sector\nIL,C,-\n")
    plan = '[plans.a]\nsource = "t.geojson"\nclass_column = "zone"\ncrosswalk = "own.csv"\n'
    study = open_study(study_file(tmp_path, plan))
    digest = hashlib.sha256(b"code,common,sector\nIL,C,-\n").hexdigest()
    assert study.raw_settings["crosswalk_sha256"] == {"own.csv": digest}
    assert study.plans["a"].layer.frame["common"].tolist() == ["C"]


def test_use_codes_tell_industrial_land(tmp_path: Path) -> None:
    layer(tmp_path / "p.geojson", squares(3, DLBM=["0601", "0701", None]))
    frame = open_study(study_file(tmp_path, "")).layers["parcels"].frame
    assert frame["use_common"].tolist()[:2] == ["C", "C"]
    assert frame["use_is_industrial"].tolist() == [True, False, pd.NA]


def test_rows_in_are_rows_used_and_rejected(tmp_path: Path) -> None:
    rows = [*squares(3), ((500.0, 0.0, 100.0, 100.0), {"parcel_id": None}), squares(1)[0]]
    layer(tmp_path / "p.geojson", rows)
    (tmp_path / "l.csv").write_text(
        "project_id,parcel_id,fixed_asset_investment\nJ1,P1,1200万元\nJ2,P9,900万元\n", encoding="utf-8"
    )
    study = open_study(study_file(tmp_path, '[tables.projects]\nsource = "l.csv"\n'))
    counts = {r.role: (r.rows_in, r.rows_used, r.rows_rejected) for r in study.inputs}
    assert counts == {"parcels": (5, 3, 2), "projects": (2, 1, 1)}
    assert codes(study, ProblemKind.REJECT) == ["ID_MISSING", "JOIN_NO_PARCEL", "ROW_DUPLICATE"]
    assert study.tables["projects"].frame["fixed_asset_investment_fen"].tolist() == [1200 * 1_000_000]
    check_counts(study)


def test_project_columns_on_the_parcels_make_a_ledger(tmp_path: Path) -> None:
    layer(tmp_path / "p.geojson", squares(2, 固定资产投资=["800万元", "500万元"]))
    study = open_study(study_file(tmp_path, ""))
    frame = study.tables["projects"].frame
    assert frame["parcel_id"].tolist() == ["P1", "P2"]
    assert frame["fixed_asset_investment_fen"].tolist() == [800_000_000, 500_000_000]
    assert [r.role for r in study.inputs] == ["parcels"]


def test_figures_of_parcels_are_joined_on_parcels(tmp_path: Path) -> None:
    layer(tmp_path / "parcels.geojson", squares(2))
    (tmp_path / "indicators.csv").write_text("parcel_id,building_density\nP1,50%\nP9,20%\n", encoding="utf-8")
    study = open_study(tmp_path)
    table = study.tables["zone_figures"]
    assert (table.key, table.frame.index.tolist()) == ("parcel_id", ["P1"])
    assert codes(study, ProblemKind.REJECT) == ["JOIN_NO_PARCEL"]


def test_no_usable_parcel_is_a_refusal_with_the_reasons(tmp_path: Path) -> None:
    layer(tmp_path / "p.geojson", [((0, 0, 100, 0), {"parcel_id": "P1"})])
    with pytest.raises(Refusal, match=r"LAYER_UNUSABLE.*GEOM_ZERO_AREA 1"):
        open_study(study_file(tmp_path, ""))


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    rows = squares(6, DLBM=["0601", "0602", "0701", "1003", "1201", "0601"])
    frames = []
    for seed in (1, 2):
        random.Random(seed).shuffle(rows)
        layer(tmp_path / "p.geojson", rows)
        study = open_study(study_file(tmp_path, ""))
        notes = study.problems.frame(ProblemKind.NOTE).drop(columns="row")
        frames.append(
            (study.layers["parcels"].frame.drop(columns="source_row"), notes, study.layers["zones"])
        )
    assert frames[0][0].equals(frames[1][0])
    assert frames[0][1].equals(frames[1][1])


def test_a_path_that_is_no_study_is_refused(tmp_path: Path) -> None:
    layer(tmp_path / "p.geojson", squares(1))
    with pytest.raises(Refusal, match="STUDY_NOT_TOML"):
        open_study(tmp_path / "p.geojson")
    with pytest.raises(Refusal, match="STUDY_NOT_FOUND"):
        open_study(tmp_path / "nowhere")


def test_a_raster_is_recorded_and_not_read(tmp_path: Path) -> None:
    layer(tmp_path / "p.geojson", squares(1))
    (tmp_path / "cover.tif").write_bytes(b"II*\0")
    raster = '[rasters.built_up]\nsource = "cover.tif"\nclasses = { built = [50] }\n'
    study = open_study(study_file(tmp_path, raster))
    assert study.rasters["built_up"].classes == {"built": (50,)}
    assert study.inputs[-1].sha256 == {"cover.tif": hashlib.sha256(b"II*\0").hexdigest()}
    with pytest.raises(Refusal, match="RASTER_NOT_FOUND"):
        open_study(study_file(tmp_path, '[rasters.built_up]\nsource = "none.tif"\n'))
