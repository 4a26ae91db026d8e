"""Every class code of a plan by one crosswalk; codes and names must fit it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
import pytest
import shapely

from landzone.catalog.crosswalks import bundled, crosswalk
from landzone.errors import Refusal
from landzone.io.plans import read_plan
from landzone.io.study_spec import PlanSpec
from landzone.model.layer import InputRecord, Layer, SpatialPlan
from landzone.model.problems import ProblemKind, Problems

CRS = pyproj.CRS.from_epsg(4547)


def plan(
    codes: list[str | None],
    names: list[str | None] | None = None,
    *,
    name: str = "land_use_plan",
    header: str = "",
    folder: Path = Path(),
    problems: Problems | None = None,
    **spec: Any,
) -> SpatialPlan:
    """A plan of one-hectare squares in a row."""
    boxes = [shapely.box(500000 + 100 * i, 3958000, 500100 + 100 * i, 3958100) for i in range(len(codes))]
    frame = gpd.GeoDataFrame({"code": pd.Series(codes, dtype="str")}, geometry=boxes, crs=CRS)
    if names is not None:
        frame["class_name"] = pd.Series(names, dtype="str")
    layer = Layer(f"plans.{name}", frame, InputRecord(role=f"plans.{name}", source="tg.gpkg"))
    given = PlanSpec(source="tg.gpkg", **spec)
    return read_plan(
        name, layer, given, header=header, folder=folder, crs=CRS, problems=problems or Problems()
    )


@pytest.mark.parametrize(
    ("scheme", "code", "common", "sector"),
    [
        ("land-use-plan-control-zones", "010", "C", "-"),
        ("land-use-plan-control-zones", "012", "C", "-"),
        ("land-use-plan-control-zones", "020", "K", "-"),
        ("land-use-plan-control-zones", "030", "R", "-"),
        ("land-use-plan-control-zones", "040", "P", "-"),
        ("land-use-plan-control-zones", "禁止建设区", "P", "-"),
        ("land-use-plan-use-zones", "010", "P", "农业"),
        ("land-use-plan-use-zones", "030", "C", "-"),
        ("gb50137-2011", "M1", "C", "工业"),
        ("gb50137-2011", "R21", "C", "居住"),
        ("gb50137-2011", "m2", "C", "工业"),
        ("gb50137-2011", "E1", "W", "-"),
        ("land-sea-2023", "0701/09", "C", "居住"),
        ("land-sea-2023", "120802/1401", "C", "交通"),
        ("land-sea-2023", "1207v", "C", "交通"),
        ("land-sea-2023", "100101", "C", "工业"),
        ("land-sea-2023", "2301", "C", "-"),
        ("land-sea-2023", "2302", "N", "-"),
        ("land-sea-2020", "2302", "N", "农业"),
        ("land-sea-2023", "1704", "W", "-"),
        ("third-survey-2019", "0201K", "N", "农业"),
        ("third-survey-2019", "1104A", "W", "农业"),
        ("third-survey", "05H1", "C", "商业"),
        ("present-use", "1202", "N", "农业"),
        ("three-lines-one-list", "优先保护单元", "R", "生态"),
    ],
)
def test_a_code_has_its_class(scheme: str, code: str, common: str, sector: str) -> None:
    frame = plan([code], crosswalk=scheme).layer.frame
    assert frame["common"].tolist() == [common]
    assert frame["sector"].tolist() == [sector]


def test_the_principal_code_is_kept_and_said() -> None:
    problems = Problems()
    result = plan(["0701/09", "0701", None], crosswalk="land-sea-2023", problems=problems)
    assert result.layer.frame["code"].tolist() == ["0701", "0701", ""]
    assert result.layer.frame["common"].tolist() == ["C", "C", "?"]
    assert result.layer.frame["class_name"].tolist() == ["城镇住宅用地", "城镇住宅用地", ""]
    assert problems.frame(ProblemKind.NOTE)["code"].tolist() == ["PLAN_CLASS_BLANK", "PLAN_CODE_MIXED"]


def test_a_code_with_a_slash_that_the_scheme_lists_is_no_mixed_use(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("code,common,sector\nCampus / Square,C,\n", "utf-8")
    problems = Problems()
    read = plan(["Campus / Square"], crosswalk="own.csv", folder=tmp_path, problems=problems)
    assert read.layer.frame["code"].tolist() == ["Campus / Square"]
    assert problems.frame(ProblemKind.NOTE).empty


def test_codes_without_a_class_are_refused_with_their_area() -> None:
    with pytest.raises(
        Refusal, match=r"PLAN_CODE_UNMAPPED.*077 \(2\.0000 ha\), 099 \(1\.0000 ha\)"
    ) as caught:
        plan(["010", "077", "099", "077"], crosswalk="land-use-plan-control-zones")
    assert "plans.land_use_plan" in caught.value.text("zh")


def test_no_code_is_shortened_where_the_scheme_does_not_say_so(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("code,common,sector\nIL,C,工业\n", encoding="utf-8")
    assert plan(["IL"], crosswalk="own.csv", folder=tmp_path).layer.frame["common"].tolist() == ["C"]
    with pytest.raises(Refusal, match=r"PLAN_CODE_UNMAPPED.*IL-2"):
        plan(["IL-2"], crosswalk="own.csv", folder=tmp_path)


def test_a_crosswalk_of_ones_own_is_checked(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("code,common,sector\nIL,X,工业\n", encoding="utf-8")
    with pytest.raises(Refusal, match=r"CROSSWALK_INVALID.*'X'"):
        plan(["IL"], crosswalk="bad.csv", folder=tmp_path)
    (tmp_path / "twice.csv").write_text("code,common\nIL,C\nIL,N\n", encoding="utf-8")
    with pytest.raises(Refusal, match=r"CROSSWALK_INVALID.*twice"):
        plan(["IL"], crosswalk="twice.csv", folder=tmp_path)
    with pytest.raises(Refusal, match=r"CROSSWALK_UNKNOWN.*gb50137-2011"):
        plan(["IL"], crosswalk="none.csv", folder=tmp_path)


def test_names_must_fit_the_scheme() -> None:
    """010 is 允许建设区 among control zones and 基本农田保护区 among use zones."""
    with pytest.raises(Refusal, match=r"PLAN_SCHEME_CONFLICT.*010 基本农田保护区.*land-use-plan-use-zones"):
        plan(["010"], ["基本农田保护区"], crosswalk="land-use-plan-control-zones")
    with pytest.raises(Refusal, match=r"PLAN_SCHEME_CONFLICT.*010 允许建设区"):
        plan(["010"], ["允许建设区"], crosswalk="land-use-plan-use-zones")
    assert plan(["010"], ["允许建设区"], crosswalk="land-use-plan-control-zones").crosswalk


def test_the_scheme_is_found_by_field_name_or_names() -> None:
    assert plan(["010"], header="GZQLXDM").crosswalk == "land-use-plan-control-zones"
    assert plan(["010"], header="TDYTQLXDM").crosswalk == "land-use-plan-use-zones"
    assert plan(["010"], ["基本农田保护区"]).crosswalk == "land-use-plan-use-zones"
    with pytest.raises(Refusal, match="PLAN_SCHEME_AMBIGUOUS"):
        plan(["010", "030"], header="code")


def test_a_city_plan_is_read_by_its_letters() -> None:
    problems = Problems()
    result = plan(["M1", "R2"], name="city_plan", header="YDDM", problems=problems)
    assert (result.crosswalk, result.title, result.role) == ("gb50137-2011", "城市总体规划", "plan")
    assert problems.frame(ProblemKind.NOTE)["code"].tolist() == ["PLAN_SCHEME"]


def test_present_use_is_no_plan() -> None:
    assert plan(["0601"], name="present_use", header="DLBM").role == "present"
    assert plan(["0601"], name="现状", header="DLBM", role="present").crosswalk == "third-survey-2019"


def test_every_bundled_class_fits_its_own_name() -> None:
    for name in bundled():
        scheme = crosswalk(name)
        assert [c.code for c in scheme.classes.values() if not scheme.agrees(c.code, c.name)] == []
        assert {c.common for c in scheme.classes.values()} <= set("CKRPNW?")


def test_only_industrial_land_is_industrial() -> None:
    industrial = {
        name: sorted(c.code for c in crosswalk(name).classes.values() if c.industrial)
        for name in ("third-survey-2019", "gbt21010-2017", "gb50137-2011", "land-sea-2023", "land-sea-2020")
    }
    four = ["1001", "100101", "100102", "100103"]
    assert industrial == {
        "third-survey-2019": ["0601"],
        "gbt21010-2017": ["0601"],
        "gb50137-2011": ["M", "M1", "M2", "M3"],
        "land-sea-2023": four,
        "land-sea-2020": four,
    }


def test_the_three_classes_of_the_land_law() -> None:
    """Counts of the split given in the third survey: 23 farm, 22 construction, 11 unused."""
    classes = crosswalk("third-survey").classes.values()
    fine = [c for c in classes if (len(c.code) == 4 and c.code[2:] != "") or c.code == "09"]
    counts = pd.Series([c.class3 for c in fine]).value_counts().to_dict()
    assert counts == {"农用地": 23, "建设用地": 22, "未利用地": 11}


def test_a_plan_coded_by_the_edition_of_2020_is_compared_in_the_numbers_of_2023() -> None:
    problems = Problems()
    codes = ["2302", "2303", "060102", "0701/09", None]
    read = plan(codes, crosswalk="land-sea-2020", convert_to="land-sea-2023", problems=problems)
    frame = read.layer.frame
    assert frame["code"].tolist() == ["2303", "060102", "1207", "0701", ""]
    assert frame["class_name"].tolist() == ["田坎", "田间道", "城镇村道路用地", "城镇住宅用地", ""]
    assert frame["class_name_en"].tolist()[:2] == ["Field ridge", "Field track"]
    assert frame["common"].tolist() == ["N", "N", "C", "C", "?"]
    assert read.crosswalk == "land-sea-2023"
    note = problems.frame(ProblemKind.NOTE).set_index("code").loc["PLAN_CODES_CONVERTED"]
    assert "060102→1207" in str(note["params"])
    assert "2302→2303" in str(note["params"])


def test_codes_that_the_other_scheme_divides_stop_the_run_with_their_area() -> None:
    with pytest.raises(Refusal, match=r"PLAN_CODE_NOT_CONVERTED.*08H1 \(2\.0000 ha\)"):
        plan(["0601", "08H1", "08H1"], crosswalk="third-survey", convert_to="land-sea-2023")
    with pytest.raises(Refusal, match="PLAN_NO_CONVERSION"):
        plan(["M1"], crosswalk="gb50137", convert_to="land-sea-2023")
    with pytest.raises(Refusal, match="PLAN_NO_CONVERSION"):
        plan(["M1"], crosswalk="gb50137", convert_to="no-scheme")


def test_a_precedence_names_codes_that_occur() -> None:
    read = plan(["010", "040"], crosswalk="land-use-plan-control-zones", precedence=("040", "010"))
    assert read.precedence == ("040", "010")
    with pytest.raises(Refusal, match=r"PLAN_PRECEDENCE_UNKNOWN.*041"):
        plan(["010", "040"], crosswalk="land-use-plan-control-zones", precedence=("041", "010"))


def test_kind_and_office_are_the_catalogues_or_the_studys_own() -> None:
    read = plan(["010"], crosswalk="land-use-plan-control-zones")
    assert (read.kind, read.office["en"]) == (
        "land_use_plan",
        "natural resources authority (land-use planning)",
    )
    own = plan(["M1"], name="draft 2026", kind="city_plan", office="规划处", crosswalk="gb50137")
    assert (own.kind, own.title, own.office["zh"]) == ("city_plan", "城市总体规划", "规划处")


def test_a_term_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="valid_to"):
        plan(["010"], valid_from=date(2020, 1, 1), valid_to=date(2019, 12, 31))
