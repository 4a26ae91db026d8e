"""study.toml: the defaults of the contract, and a refusal that names the key for everything else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from landzone.errors import Refusal
from landzone.io.study_file import parse, read_study_file
from landzone.io.study_spec import constraint_defaults
from landzone.model.study import AreaKind, AreaSource, BlankStart

PARCELS = {"layers": {"parcels": {"source": "parcels.shp"}}}


def test_everything_but_the_parcels_has_a_default() -> None:
    settings = parse(PARCELS).settings("folder")
    assert settings.name == "folder"
    assert settings.area is AreaSource.MEASURED
    assert settings.area_kind is AreaKind.ELLIPSOIDAL
    assert settings.boundary_precision_m == 0.1
    assert settings.money == "wan_cny"
    assert settings.rules == ("seed-004-cluster-2014", "idle-land-2012")
    assert settings.idle.blank_actual_start is BlankStart.UNKNOWN
    assert settings.idle.ownership_if_absent == "state"
    assert (settings.alignment.sliver_width_m, settings.alignment.small_area_m2) == (1.0, 200.0)


def test_the_example_of_the_contract_is_read(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(
        """
[study]
name = "示例"
crs = "EPSG:4547"
area = "registered"
area_kind = "planar"
money = "USD"
rules = ["seed-004-cluster-2014"]
[layers.zones]
source = "zones.gpkg#zones"
columns = { zone_id = "JQDM" }
[layers.parcels]
source = "parcels.shp"
encoding = "GBK"
crs = "EPSG:4526"
use_scheme = "third-survey"
same_id = "merge_parts"
units = { registered_area = "m2" }
[tables.projects]
source = "ledger.xlsx#Sheet1"
key = "parcel_id"
[plans.land_use_plan]
source = "tg.gpkg"
class_column = "GZQLXDM"
crosswalk = "land-use-plan-control-zones"
valid_from = 2010-01-01
[plans."现状"]
source = "dltb.shp"
role = "present"
[constraints.permanent_farmland]
source = "yjjbnt.shp"
[idle]
anniversary = "calendar"
[rasters.built_up]
source = "landcover.tif"
classes = { built = [50], bare = [60, 70] }
[alignment]
sliver_width_m = 2
""",
        encoding="utf-8",
    )
    spec = read_study_file(path).spec
    assert spec.study.money == "usd"
    assert spec.layers.parcels.same_id == "merge_parts"
    assert spec.layers.given().keys() == {"parcels", "zones"}
    assert spec.plans["land_use_plan"].valid_from == date(2010, 1, 1)
    assert spec.plans["现状"].role == "present"
    assert spec.rasters["built_up"].classes == {"built": (50,), "bare": (60, 70)}
    assert spec.alignment.sliver_width_m == 2.0
    assert spec.tables.given().keys() == {"projects"}


@pytest.mark.parametrize(
    ("raw", "code", "key", "word"),
    [
        ({**PARCELS, "plan": {}}, "STUDY_UNKNOWN_KEY", "plan", "plans"),
        ({"layers": {"parcels": {"colums": {}}}}, "STUDY_UNKNOWN_KEY", "layers.parcels.colums", "columns"),
        ({"layers": {"parcel": {"source": "a"}}}, "STUDY_UNKNOWN_KEY", "layers.parcel", "parcels"),
        ({**PARCELS, "plans": {"x": {"clas_column": "c"}}}, "STUDY_UNKNOWN_KEY", "plans.x.clas_column", "class_column"),
        ({**PARCELS, "idle": {"aniversary": "civil"}}, "STUDY_UNKNOWN_KEY", "idle.aniversary", "anniversary"),
        ({}, "STUDY_KEY_MISSING", "layers", "layers"),
        ({"layers": {"parcels": {}}}, "STUDY_KEY_MISSING", "layers.parcels.source", "source"),
        ({"layers": {"parcels": {"source": 3}}}, "STUDY_VALUE", "layers.parcels.source", "3"),
        ({**PARCELS, "study": {"area": "declared"}}, "STUDY_VALUE", "study.area", "'measured' or 'registered'"),
        ({**PARCELS, "study": {"boundary_precision_m": "0.1"}}, "STUDY_VALUE", "study.boundary_precision_m", "number"),
        ({**PARCELS, "study": {"boundary_precision_m": -1}}, "STUDY_VALUE", "study.boundary_precision_m", "-1"),
        ({**PARCELS, "study": {"crs": "EPSG:1"}}, "STUDY_VALUE", "study.crs", "EPSG:4547"),
        ({**PARCELS, "study": {"money": "yuan"}}, "STUDY_VALUE", "study.money", "wan_cny"),
        ({**PARCELS, "plans": {"a|b": {"source": "b"}}}, "STUDY_VALUE", "plans", "a|b"),
        ({**PARCELS, "plans": {"A": {"source": "b"}, "a": {"source": "b"}}}, "STUDY_VALUE", "plans", "case"),
    ],
)  # fmt: skip
def test_a_wrong_key_or_value_is_refused_by_name(
    raw: dict[str, object], code: str, key: str, word: str
) -> None:
    with pytest.raises(Refusal) as caught:
        parse(raw)
    assert caught.value.code == code
    assert caught.value.place.column == key
    assert word in caught.value.text("en")
    assert caught.value.exit_code == 3


def test_a_file_that_is_no_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text("[study]\nname = \n", encoding="utf-8")
    with pytest.raises(Refusal, match=r"STUDY_SYNTAX.*line 2"):
        read_study_file(path)
    path.write_bytes("[study]\nname = '鹤壁'".encode("gbk"))
    with pytest.raises(Refusal, match="STUDY_ENCODING"):
        read_study_file(path)
    with pytest.raises(Refusal, match="STUDY_NOT_FOUND"):
        read_study_file(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("name", "rule", "kind", "severity"),
    [
        ("permanent_farmland", "presence", "D9", "severe"),
        ("ecological_red_line", "presence", "D10", "severe"),
        ("urban_boundary", "inside", "D11", "high"),
        ("flood_plain", "presence", "", "info"),
        ("other", "presence", "", "info"),
    ],
)
def test_lines_of_control_follow_from_their_names(name: str, rule: str, kind: str, severity: str) -> None:
    known = constraint_defaults(name)
    assert (known["rule"], known["type"], known["severity"]) == (rule, kind, severity)
