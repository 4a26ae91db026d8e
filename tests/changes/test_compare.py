"""What changed between two audits of the example zone: every answer worked out by hand in changed_zone.py."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest

import landzone as lz
from landzone import docs
from landzone.cli import run
from landzone.comparing import Compared
from landzone.errors import Refusal
from landzone.model.comparison import LAYERS, TABLES

FILES = ["compare.gpkg", "compare.html", "compare.xlsx", "compare_map.html"]


def parcel(n: int) -> str:
    return f"411799001001GB{n:05d}"


def about(value: float) -> Any:
    """Areas of the grid, measured on the ellipsoid."""
    return pytest.approx(value, rel=1e-6)


def row(table: pd.DataFrame, /, **wanted: Any) -> Any:
    for name, value in wanted.items():
        table = table[table[name] == value]
    assert len(table) == 1, table
    return table.iloc[0]


def test_every_row_of_both_sides_is_accounted_for(compared: Compared) -> None:
    rows = compared.result.rows
    assert (rows["old_count"] == rows["kept_count"] + rows["gone_count"]).all()
    assert (rows["new_count"] == rows["kept_count"] + rows["appeared_count"]).all()
    counts = rows.set_index("table")
    assert counts.loc["parcels"].tolist() == [201, 202, 200, 5, 1, 2]
    assert counts.loc["projects"].tolist() == [177, 177, 177, 2, 0, 0]
    assert counts.loc["buildings"].tolist() == [184, 184, 184, 1, 0, 0]
    assert counts.loc["zones"].tolist() == [2, 2, 2, 2, 0, 0]
    stored = {name for name, _ in pyogrio.list_layers(compared.folders[0] / "audit.gpkg")}
    assert set(counts.index) == stored - {"layer_styles"}, "no table of an audit is left out"


def test_parcels_that_appeared_went_or_changed(compared: Compared) -> None:
    parcels = compared.result.parcels.set_index("parcel_id")
    moved = parcels[parcels["state"] != "unchanged"]
    assert moved["state"].to_dict() == {
        parcel(17): "changed",
        parcel(28): "changed",  # the city plan no longer forbids: partly -> conforms
        parcel(33): "changed",
        parcel(35): "changed",
        parcel(120): "changed",
        parcel(201): "gone",
        parcel(202): "appeared",
        parcel(204): "appeared",
    }
    assert parcels.loc[parcel(202), "rejected_code"] == "GEOM_SELF_INTERSECTION"
    assert pd.isna(parcels.loc[parcel(201), "rejected_code"])
    assert parcels.loc[parcel(28), ["conformity_old", "conformity_new"]].tolist() == ["partly", "conforms"]


def test_a_boundary_moved_by_three_centimetres_is_drawn_anew_and_told_by_area(compared: Compared) -> None:
    own = compared.result.parcels.set_index("parcel_id").loc[parcel(120)]
    assert own["shape"] == "redrawn"
    assert own["only_old_m2"] == 0
    assert own["only_new_m2"] == pytest.approx(2.4, abs=1e-3)
    assert own["common_m2"] == about(11_200)
    assert own["difference_m2"] == pytest.approx(2.4, abs=1e-3)


def test_figures_are_told_with_old_new_and_difference(compared: Compared) -> None:
    cells = compared.result.differences
    density = row(cells, table="parcels", subject_id=parcel(33), column="building_density_ratio")
    assert [density["old_value"], density["new_value"]] == [about(0.5), about(0.6)]
    assert density["difference_value"] == about(0.1)
    money = row(cells, table="parcels", subject_id=parcel(35), column="investment_intensity_wan_cny_per_ha")
    assert [money["old_value"], money["new_value"]] == [about(750), about(1125)]
    fee = row(cells, table="parcels", subject_id=parcel(17), column="idle_fee_wan_cny")
    assert fee["old_value"] == 94.08
    assert np.isnan(fee["new_value"])
    assert np.isnan(fee["difference_value"])
    since = row(cells, table="parcels", subject_id=parcel(17), column="idle_since_date")
    assert [since["old_text"], since["new_text"]] == ["2026-03-16", "2025-03-16"]
    ledger = row(cells, table="projects", column="fixed_asset_investment_wan_cny")
    assert ledger["subject_id"] == f"4117992021B00035 | {parcel(35)}"
    assert [ledger["old_value"], ledger["new_value"], ledger["difference_value"]] == [600, 900, 300]


def test_totals_of_zones_old_and_new(compared: Compared) -> None:
    totals = compared.result.zone_totals

    def figure(zone: str, measure: str) -> list[float]:
        return row(totals, zone_id=zone, measure=measure)[["old_value", "new_value"]].tolist()

    assert figure("JQ01", "industrial_footprint_m2") == [about(261_400), about(262_200)]
    assert figure("JQ01", "building_density_ratio") == [about(261_400 / 768_000), about(262_200 / 768_000)]
    intensity = figure("JQ01", "investment_intensity_wan_cny_per_ha")
    assert intensity == [about(750), about((78 * 600 + 300) / 62.4)]
    assert figure("JQ01", "conflict_m2") == [about(9_600), about(8_400)]
    assert figure("JQ02", "conflict_m2") == [about(21_000), about(21_500)]
    assert figure("", "conflict_m2") == [about(30_600), about(29_900)]
    assert figure("", "idle_area_m2") == [about(40_000), about(40_000)]
    assert "building_density_ratio" not in totals[totals["zone_id"] == ""]["measure"].tolist()


def test_verdicts_that_changed_with_what_moved_them(compared: Compared) -> None:
    findings = compared.result.findings
    moved = findings[findings["change"] != ""]
    assert moved[["subject_id", "rule_id", "verdict_old", "verdict_new", "change"]].to_numpy().tolist() == [
        ["4117992021B00017", "IDLE-14-2", "pass", "fail", "became_fail"],
        ["4117992021B00017", "S002-IDLE24", "pass", "fail", "became_fail"],
    ]
    assert moved["because"].tolist() == ["observed", "observed"]
    assert moved["observed_old"].tolist() == [1, 1]
    assert moved["observed_new"].tolist() == [2, 2]
    density = row(findings, rule_id="S004-DENS", subject_id="JQ01")
    assert density["state"] == "value"
    assert density["gap_old"] - density["gap_new"] == pytest.approx(800, abs=1e-3)
    own = compared.result.parcels.set_index("parcel_id").loc[parcel(17)]
    assert [own["verdict_changes_count"], own["verdict_change"]] == [2, "became_fail"]
    counted = compared.result.verdict_changes
    assert counted["findings_count"].sum() == 1171
    step = row(counted, rule_id="S002-IDLE24", old_verdict="pass", new_verdict="fail")
    assert step["findings_count"] == 1


def test_idle_classes_from_and_to_add_up_to_both_sides(compared: Compared) -> None:
    table = compared.result.class_changes
    own = table[table["attribute"] == "idle_class"]
    off = own[own["old_class"] != own["new_class"]]
    assert off[["old_class", "new_class", "parcels_count"]].to_numpy().tolist() == [
        ["A1", "A2", 1],
        ["none", "unknown", 2],
        ["unknown", "none", 1],
    ]
    assert row(off, old_class="A1")[["area_old_m2", "area_new_m2"]].tolist() == [about(8_000), about(8_000)]
    for side, audit in (("old", compared.old), ("new", compared.new)):
        sums = own[own[f"{side}_class"] != "none"].groupby(f"{side}_class")[f"area_{side}_m2"].sum()
        whole = audit.parcels.groupby("idle_class")["area_m2"].sum()
        assert sums.round(4).to_dict() == whole.round(4).to_dict()


def test_patches_are_kept_grown_shrunk_new_or_solved_and_close_to_both_totals(compared: Compared) -> None:
    patches = compared.result.patches
    conflicts = patches[patches["kind"] == "conflict"]
    assert conflicts["state"].value_counts().to_dict() == {"kept": 5, "shrunk": 1, "new": 1, "solved": 1}
    shrunk = row(conflicts, state="shrunk")
    assert shrunk[["area_old_m2", "area_new_m2", "difference_m2"]].tolist() == [
        about(10_000), about(8_000), about(-2_000),
    ]  # fmt: skip
    assert [shrunk["type_old"], shrunk["type_new"]] == ["D7", "D7"]
    solved = row(conflicts, state="solved")
    assert [solved["type_old"], solved["zone_id"]] == ["D6", "JQ01"]
    assert solved["area_old_m2"] == about(1_200)
    assert solved["ground_agree_m2"] == about(1_200)
    new = row(conflicts, state="new")
    assert [new["type_new"], new["zone_id"], new["area_new_m2"]] == ["D7", "JQ02", about(2_500)]
    assert new["ground_agree_m2"] == about(2_500)
    for side, audit in (("old", compared.old), ("new", compared.new)):
        assert sorted(patches[f"patch_id_{side}"].dropna()) == sorted(audit.patches["patch_id"])
        assert round(patches[f"area_{side}_m2"].sum(), 4) == round(audit.patches["area_m2"].sum(), 4)


def test_ground_from_kind_to_kind(compared: Compared) -> None:
    ground = compared.result.ground_changes.set_index(["old_kind", "new_kind"])["area_m2"]
    assert ground[("conflict", "agree")] == about(1_200 + 2_000)
    assert ground[("agree", "conflict")] == about(2_500)
    assert ground[("conflict", "conflict")] == about(30_600 - 3_200)
    assert ground[("uncovered", "uncovered")] == about(8_997 + 5_000)
    assert ground.sum() == about(1_800_000)


def test_use_contrary_to_a_plan_that_is_gone(compared: Compared) -> None:
    gone = row(compared.result.use_conflicts, state="gone")
    assert [gone["plan"], gone["parcel_id"], gone["area_old_m2"]] == ["city_plan", parcel(28), about(1_200)]
    assert compared.result.constraints["state"].tolist() == ["kept"] * 4


def test_what_differs_besides_the_results_is_said(compared: Compared) -> None:
    notes = compared.result.notes.set_index("code")["message"]
    assert sorted(notes.index) == ["COMPARE_INPUTS", "COMPARE_REJECTED"]
    assert "parcels" in notes["COMPARE_INPUTS"]
    assert parcel(202) in notes["COMPARE_REJECTED"]
    assert set(compared.result.settings["topic"]) == {"input"}


def test_a_result_compared_with_itself_has_no_change(audits: Path, tmp_path: Path) -> None:
    same = lz.compare(audits / "new", audits / "new")
    rows = same.result.rows
    assert rows[["changed_count", "gone_count", "appeared_count"]].to_numpy().sum() == 0
    assert (rows["old_count"] == rows["new_count"]).all()
    for name in ("differences", "findings", "lineage", "settings", "notes"):
        assert len(getattr(same.result, name)) == 0, name
    assert not same.result.zone_totals["moved"].any()
    assert set(same.result.patches["state"]) == {"kept"}
    page = (same.save(tmp_path / "out") / "compare.html").read_text("utf-8")
    assert "两次审查的结果没有任何变化。" in page
    assert "两次审查的基准日、规则、设置、软件版本和数据文件相同。" in page


def test_the_other_way_round_is_the_mirror(compared: Compared, mirrored: Compared) -> None:
    a, b = compared.result, mirrored.result
    swap = {
        "gone": "appeared",
        "appeared": "gone",
        "grown": "shrunk",
        "shrunk": "grown",
        "new": "solved",
        "solved": "new",
    }
    assert b.parcels["state"].tolist() == [swap.get(s, s) for s in a.parcels["state"]]
    assert b.parcels["only_old_m2"].tolist() == pytest.approx(a.parcels["only_new_m2"].tolist(), nan_ok=True)
    assert b.zone_totals["difference_value"].tolist() == pytest.approx(
        (-a.zone_totals["difference_value"]).tolist(), nan_ok=True
    )
    cells = [t.differences.sort_values(["table", "subject_id", "column"]) for t in (a, b)]
    assert cells[0]["old_value"].tolist() == pytest.approx(cells[1]["new_value"].tolist(), nan_ok=True)
    assert cells[0]["new_text"].tolist() == pytest.approx(cells[1]["old_text"].tolist(), nan_ok=True)
    conflicts = [t.patches[t.patches["kind"] == "conflict"] for t in (a, b)]
    states = [t.groupby("state")["difference_m2"].sum().round(4).to_dict() for t in conflicts]
    assert states[1] == {swap.get(s, s): -m2 for s, m2 in states[0].items()}
    pairs = [t.ground_changes for t in (a, b)]
    there = dict(
        zip(zip(pairs[0]["old_kind"], pairs[0]["new_kind"], strict=True), pairs[0]["area_m2"], strict=True)
    )
    back = dict(
        zip(zip(pairs[1]["new_kind"], pairs[1]["old_kind"], strict=True), pairs[1]["area_m2"], strict=True)
    )
    assert back == there
    flipped = b.class_changes.rename(columns={"old_class": "new_class", "new_class": "old_class"})
    keys = ["attribute", "old_class", "new_class"]
    assert (
        flipped.sort_values(keys)["parcels_count"].tolist()
        == a.class_changes.sort_values(keys)["parcels_count"].tolist()
    )


def test_what_is_written_holds_every_table_and_column(compared: Compared, tmp_path: Path) -> None:
    out = compared.save(tmp_path / "out")
    assert [name for name in FILES if not (out / name).is_file()] == []
    record = json.loads((out / "run.json").read_text("utf-8"))
    assert record["command"] == "compare"
    assert sorted(record["outputs"]) == sorted(p.name for p in out.iterdir() if p.name != "run.json")
    assert record["old"]["sha256"]["audit.gpkg"] == compared.old.run["outputs"]["audit.gpkg"]
    assert record["new"]["as_of"] == "2026-06-30"
    known = docs.compare_columns()
    layers = {name for name, _ in pyogrio.list_layers(out / "compare.gpkg")}
    assert layers == {*LAYERS, *TABLES} == set(known)
    for name in layers:
        assert list(pyogrio.read_info(out / "compare.gpkg", layer=name)["fields"]) == list(known[name]), name
    book = openpyxl.load_workbook(out / "compare.xlsx")
    assert book.sheetnames == [
        "Summary", "Zones", "Verdicts", "Classes", "Patches", "Lines and use", "Parcels", "Cells", "Settings",
    ]  # fmt: skip


def test_the_report_says_what_changed_in_both_languages(
    compared: Compared, audits: Path, tmp_path: Path
) -> None:
    page = (compared.save(tmp_path / "en") / "compare.html").read_text("utf-8")
    assert "Parcels: 201 before, 202 now; 195 unchanged, 5 changed, 2 appeared, 1 gone." in page
    assert (
        "1 new (2,500.00 m²), 1 solved (1,200.00 m²), 0 grown (0.00 m²), 1 shrunk (2,000.00 m²), 5 kept"
        in page
    )
    assert "<script" not in page
    assert '<a href="compare_map.html">' in page
    chinese = lz.compare(audits / "old", audits / "new").save(tmp_path / "zh")
    page = (chinese / "compare.html").read_text("utf-8")
    assert "宗地：旧 201 宗，新 202 宗；未变 195，变化 5，新增 2，消失 1。" in page
    assert "检查结论：变为不达标 2 项，变为达标 0 项，变为证据不足 0 项，其他 0 项。" in page


def test_the_same_bytes_for_shuffled_rows_and_another_hash_seed(
    audits: Path, compared: Compared, tmp_path: Path
) -> None:
    module = sys.modules["landzone_changed_zone"]
    study = module.write_study(tmp_path / "study", changed=True, seed=7)
    lz.audit(lz.open_study(study), as_of=module.AS_OF).save(tmp_path / "shuffled")
    same = compared.save(tmp_path / "one")
    code = (
        "import sys, landzone as lz\n"
        f"lz.compare({str(audits / 'old')!r}, sys.argv[1], lang='en').save(sys.argv[2])"
    )
    env = {"PYTHONHASHSEED": "4711", "PATH": "/usr/bin:/bin"}
    subprocess.run(
        [sys.executable, "-c", code, str(audits / "new"), str(tmp_path / "two")], check=True, env=env
    )
    lz.compare(audits / "old", tmp_path / "shuffled", lang="en").save(tmp_path / "three")
    for name in FILES:
        assert (tmp_path / "two" / name).read_bytes() == (same / name).read_bytes(), name
    first, second = (
        pyogrio.read_dataframe(tmp_path / n / "compare.gpkg", layer="differences") for n in ("one", "three")
    )
    pd.testing.assert_frame_equal(first, second)


@pytest.fixture
def pair(audits: Path, tmp_path: Path) -> Path:
    for name in ("old", "new"):
        shutil.copytree(audits / name, tmp_path / name)
    return tmp_path


def edit(folder: Path, **changes: Any) -> None:
    record = json.loads((folder / "run.json").read_text("utf-8"))
    (folder / "run.json").write_text(json.dumps({**record, **changes}), encoding="utf-8")


def test_a_result_changed_after_it_was_written_is_refused(pair: Path) -> None:
    with closing(sqlite3.connect(pair / "new" / "audit.gpkg")) as base, base:
        base.execute("UPDATE findings SET verdict = 'pass'")
    with pytest.raises(Refusal, match="OUT_CHANGED"):
        lz.compare(pair / "old", pair / "new")
    assert run(["compare", str(pair / "old"), str(pair / "new"), "-o", str(pair / "out")]) == 3
    assert not (pair / "out").exists()


def test_another_crs_is_refused_by_name(pair: Path) -> None:
    edit(pair / "new", crs="EPSG:4547")
    with pytest.raises(Refusal, match=r"COMPARE_CRS.*EPSG:4526.*EPSG:4547"):
        lz.compare(pair / "old", pair / "new")


def test_a_folder_that_is_no_audit_and_the_audits_themselves_as_target_are_refused(pair: Path) -> None:
    old, new = str(pair / "old"), str(pair / "new")
    assert run(["compare", old, str(pair / "none"), "-o", str(pair / "out")]) == 3
    assert run(["compare", old, new, "-o", new]) == 3
    assert (pair / "new" / "audit.gpkg").is_file()
    (pair / "mine").mkdir()
    (pair / "mine" / "notes.txt").write_text("mine")
    assert run(["compare", old, new, "-o", str(pair / "mine")]) == 3
    assert [p.name for p in (pair / "mine").iterdir()] == ["notes.txt"]


def test_settings_and_dates_that_differ_are_said_and_still_compared(pair: Path) -> None:
    record = json.loads((pair / "new" / "run.json").read_text("utf-8"))
    settings = {**record["settings"], "boundary_precision_m": 0.5, "name": "另一名称"}
    packs = [{**record["rule_packs"][0], "sha256": "0" * 64}, *record["rule_packs"][1:]]
    versions = {**record["versions"], "landzone": "9.9"}
    edit(pair / "new", settings=settings, rule_packs=packs, as_of="2026-06-29", versions=versions)
    found = lz.compare(pair / "old", pair / "new", lang="en").result.notes.set_index("code")["message"]
    assert "2026-06-30 → 2026-06-29" in found["COMPARE_AS_OF"]
    assert "COMPARE_BACKWARDS" in found.index
    assert "另一名称" in found["COMPARE_STUDY_NAME"]
    assert "seed-004-cluster-2014" in found["COMPARE_RULES"]
    assert "boundary_precision_m differs: 0.1 → 0.5" in found["COMPARE_SETTING"]
    assert "landzone 0.1.0 → 9.9" in found["COMPARE_VERSIONS"]


def test_the_command_ends_with_nil_and_replaces_an_earlier_comparison(
    pair: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compare", str(pair / "old"), str(pair / "new"), "-o", str(pair / "out"), "--lang", "en"]
    assert run(words) == 0
    said = capsys.readouterr().err
    assert "parcels: 200 kept (5 of them changed), 2 appeared, 1 gone" in said
    before = {name: (pair / "out" / name).read_bytes() for name in FILES}
    assert run(words) == 0
    assert {name: (pair / "out" / name).read_bytes() for name in FILES} == before
    assert not (pair / "out.work").exists()
