"""What a study may say of its plans: editions, precedence, conversion, office; and what it must not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

import landzone as lz
from landzone.errors import Refusal

X, Y = 500_000.0, 3_600_000.0
Rows = list[tuple[str, tuple[float, float, float, float]]]
HEAD = """
[study]
name = "plans"
area_kind = "planar"
rules = []
[layers.parcels]
source = "parcels.gpkg"
columns = {{ parcel_id = "ZDDM" }}
{rest}
"""


@pytest.fixture(name="write")
def _write(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes layers of boxes and a study of one parcel of 100 x 100 m over them."""

    def write(rest: str, **layers: Rows) -> Path:
        for name, rows in {"parcels": [("P1", (0.0, 0.0, 100.0, 100.0))], **layers}.items():
            shapes = [shapely.box(x0 + X, y0 + Y, x1 + X, y1 + Y) for _, (x0, y0, x1, y1) in rows]
            column = "ZDDM" if name == "parcels" else "code"
            frame = gpd.GeoDataFrame({column: [code for code, _ in rows]}, geometry=shapes, crs=4547)
            frame.to_file(tmp_path / f"{name}.gpkg", layer=name)
        (tmp_path / "study.toml").write_text(HEAD.format(rest=rest), "utf-8")
        return tmp_path / "study.toml"

    return write


def plan(name: str, crosswalk: str, *more: str) -> str:
    lines = [
        f"[plans.{name}]",
        f'source = "{name}.gpkg"',
        'class_column = "code"',
        f'crosswalk = "{crosswalk}"',
        *more,
    ]
    return "\n".join(lines) + "\n"


WEST, EAST, ALL = (0.0, 0.0, 60.0, 100.0), (40.0, 0.0, 100.0, 100.0), (0.0, 0.0, 100.0, 100.0)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_newest_edition_and_a_precedence_are_said_with_their_area(
    write, tmp_path: Path, lang: str
) -> None:
    study = write(
        plan("old", "gb50137", 'kind = "city_plan"', "valid_from = 2005-01-01")
        + plan("new", "gb50137", 'kind = "city_plan"', "valid_from = 2015-01-01", 'precedence = ["M1", "E2"]')
        + plan("draft", "gb50137", 'kind = "city_plan"', "valid_from = 2030-01-01")
        + plan("land", "land-use-plan-control-zones", 'office = "县国土局"')
        + '[alignment]\neditions = "newest"\n',
        old=[("R2", ALL)],
        new=[("M1", (0.0, 0.0, 60.0, 80.0)), ("E2", (40.0, 0.0, 100.0, 80.0))],
        draft=[("R2", ALL)],
        land=[("010", ALL)],
    )
    audit = lz.audit(lz.open_study(study), as_of="2026-06-30", lang=lang)
    messages = audit.notes.set_index("code")["message"]
    assert "2000.00" in messages["PLAN_SUPERSEDED"]
    assert "1600.00" in messages["PLAN_PRECEDENCE_USED"]
    assert "draft" in messages["PLAN_LEFT_OUT"]
    rows = audit.patches[["kind", "new_code", "land_code", "area_m2"]].to_numpy().tolist()
    assert sorted(rows) == [
        ["agree", "M1", "010", 4800.0],
        ["agree", "R2", "010", 2000.0],
        ["conflict", "E2", "010", 3200.0],
    ]
    conflict = audit.patches[audit.patches["kind"] == "conflict"].iloc[0]
    assert "县国土局" in conflict["offices"]
    assert conflict["new_name"] == {"zh": "农林用地", "en": "Agriculture and forestry"}[lang]
    assert "old_code" not in audit.patches
    assert conflict["next_step"]
    audit.save(tmp_path / "out")


def test_by_default_every_plan_is_compared_and_its_dates_are_said(write) -> None:
    study = write(
        plan("old", "gb50137", 'kind = "city_plan"', "valid_to = 2020-12-31")
        + plan("new", "gb50137", 'kind = "city_plan"'),
        old=[("R2", ALL)],
        new=[("M1", ALL)],
    )
    audit = lz.audit(lz.open_study(study), as_of="2026-06-30")
    assert audit.patches[["type", "new_code", "old_code"]].to_numpy().tolist() == [["D7", "M1", "R2"]]
    assert audit.notes["code"].value_counts().reindex(
        ["PLAN_NOT_IN_FORCE", "PLANS_OF_ONE_KIND"]
    ).tolist() == [1, 2]


def test_editions_without_dates_are_refused(write) -> None:
    study = write(
        plan("old", "gb50137", 'kind = "city_plan"')
        + plan("new", "gb50137", 'kind = "city_plan"')
        + '[alignment]\neditions = "newest"\n',
        old=[("R2", ALL)],
        new=[("M1", ALL)],
    )
    with pytest.raises(Refusal, match="PLAN_EDITIONS_AMBIGUOUS"):
        lz.audit(lz.open_study(study), as_of="2026-06-30")


def test_a_plan_of_2020_meets_one_of_2023_in_its_numbers(write) -> None:
    """2303 is 田间道 in 2020 and 田坎 in 2023; 2302 was 田坎."""
    study = write(
        plan("first", "land-sea-2020", 'convert_to = "land-sea-2023"') + plan("second", "land-sea-2023"),
        first=[("2302", (0.0, 0.0, 50.0, 100.0)), ("2303", (50.0, 0.0, 100.0, 100.0))],
        second=[("2303", (0.0, 0.0, 50.0, 100.0)), ("060102", (50.0, 0.0, 100.0, 100.0))],
    )
    audit = lz.audit(lz.open_study(study), as_of="2026-06-30", lang="en")
    rows = audit.patches[["kind", "first_code", "second_code", "first_name", "area_m2"]].to_numpy().tolist()
    assert sorted(rows) == [
        ["agree", "060102", "060102", "Field track", 5000.0],
        ["agree", "2303", "2303", "Field ridge", 5000.0],
    ]
    assert "2302→2303" in audit.notes.set_index("code")["message"]["PLAN_CODES_CONVERTED"]


def test_a_plan_elsewhere_is_refused_and_one_on_half_the_ground_leaves_the_rest_uncovered(write) -> None:
    far = write(
        plan("a", "gb50137") + plan("b", "gb50137"), a=[("M1", ALL)], b=[("M1", (5000.0, 0.0, 5100.0, 100.0))]
    )
    with pytest.raises(Refusal, match="NO_OVERLAP"):
        lz.open_study(far)
    half = write(
        plan("a", "gb50137") + plan("b", "gb50137"), a=[("M1", ALL)], b=[("M1", (0.0, 0.0, 50.0, 100.0))]
    )
    audit = lz.audit(lz.open_study(half), as_of="2026-06-30")
    zone = audit.zones.iloc[0]
    assert (zone["agree_m2"], zone["uncovered_m2"], zone["alignment_ratio"]) == (5000.0, 5000.0, 1.0)
    assert audit.parcels["conformity"].tolist() == ["partly"]
    checks = audit.result.tables["zone_checks"].set_index(["name", "part"])["share_ratio"]
    assert checks.to_dict() == {("a", "C"): 1.0, ("b", "C"): 0.5, ("b", "uncovered"): 0.5}


def test_lines_that_overlap_are_noted_with_their_pieces(write, tmp_path: Path) -> None:
    study = write(
        plan("a", "gb50137")
        + '[constraints.permanent_farmland]\nsource = "farm.gpkg"\n'
        + '[constraints.urban_boundary]\nsource = "urban.gpkg"\n',
        a=[("M1", ALL)],
        farm=[("f", WEST)],
        urban=[("u", EAST)],
    )
    audit = lz.audit(lz.open_study(study), as_of="2026-06-30", lang="en")
    assert "2000.00 m² in 1 places" in audit.notes.set_index("code")["message"]["CONTROL_LINES_OVERLAP"]
    pieces = audit.result.tables["line_overlaps"]
    assert pieces[["constraint_a", "constraint_b", "area_m2"]].to_numpy().tolist() == [
        ["permanent_farmland", "urban_boundary", 2000.0]
    ]
    assert audit.constraints.groupby("constraint")["area_m2"].sum().to_dict() == {
        "permanent_farmland": 6000.0,
        "urban_boundary": 4000.0,
    }
    assert audit.constraints["clause"].str.contains("条例").all()
    assert audit.constraints["type"].tolist() == ["D9", "D11"]
    audit.save(tmp_path / "out")
    written = gpd.read_file(tmp_path / "out" / "audit.gpkg", layer="line_overlaps")
    assert written.geometry.area.tolist() == pytest.approx([2000.0])


def test_shares_of_a_parcel_sum_to_its_registered_area(tmp_path: Path) -> None:
    """10,000 m² measured, 9,950 m² on the certificate: the two halves of the plan get 5,970 and 3,980 m²."""
    shape = shapely.box(X, Y, X + 100, Y + 100)
    parcels = gpd.GeoDataFrame({"ZDDM": ["P1"], "ZDMJ": [9950.0]}, geometry=[shape], crs=4547)
    parcels.to_file(tmp_path / "parcels.gpkg", layer="parcels")
    halves = [shapely.box(X, Y, X + 60, Y + 100), shapely.box(X + 60, Y, X + 100, Y + 100)]
    city = gpd.GeoDataFrame({"code": ["M1", "E2"]}, geometry=halves, crs=4547)
    city.to_file(tmp_path / "city.gpkg", layer="city")
    text = HEAD.format(rest='units = { registered_area = "m2" }\n' + plan("city", "gb50137"))
    (tmp_path / "study.toml").write_text(
        text.replace("rules = []", 'area = "registered"\nrules = []'), "utf-8"
    )
    audit = lz.audit(lz.open_study(tmp_path / "study.toml"), as_of="2026-06-30")
    assert audit.parcels[["area_m2", "area_kind"]].to_numpy().tolist() == [[9950.0, "registered"]]
    shares = audit.result.plan_shares[["code", "area_m2", "share_ratio"]].to_numpy().tolist()
    assert shares == [["E2", 3980.0, 0.4], ["M1", 5970.0, 0.6]]
