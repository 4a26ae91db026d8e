"""Pages made again from a result, and the version for the public."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import fields, replace
from pathlib import Path

import pandas as pd
import pytest
import shapely

from landzone import rendering
from landzone.cli import run
from landzone.errors import Refusal
from landzone.io.audit_folder import open_audit
from landzone.outputs.public import publishable

PAGES = ["audit.xlsx", "map.html", "report.docx", "report.html"]
HOLDER = "示例企业"


@pytest.fixture
def out(example_folder: Path, tmp_path: Path) -> Path:
    shutil.copytree(example_folder, tmp_path / "out")
    return tmp_path / "out"


def pages(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in PAGES}


def test_pages_made_again_are_the_same_bytes(out: Path) -> None:
    before = pages(out)
    for name in PAGES:
        (out / name).unlink()
    assert run(["render", str(out)]) == 0
    assert pages(out) == before


def test_another_language_and_back_again(out: Path) -> None:
    before, tables = pages(out), (out / "audit.gpkg").read_bytes()
    assert run(["render", str(out), "--lang", "en"]) == 0
    assert "Land audit report" in (out / "report.html").read_text("utf-8")
    assert (out / "audit.gpkg").read_bytes() == tables
    assert run(["render", str(out)]) == 0
    assert pages(out) == before


def test_the_run_record_holds_the_hashes_of_the_new_pages(out: Path) -> None:
    before = json.loads((out / "run.json").read_text("utf-8"))
    rendering.render(out, "en")
    after = json.loads((out / "run.json").read_text("utf-8"))
    assert after["started_at"] == before["started_at"]
    assert after["inputs"] == before["inputs"]
    assert after["outputs"]["audit.gpkg"] == before["outputs"]["audit.gpkg"]
    assert after["outputs"]["map.html"] != before["outputs"]["map.html"]


def test_a_folder_without_an_audit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert run(["render", str(tmp_path)]) == 3
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_a_result_that_lacks_a_table_is_refused(out: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(out / "audit.gpkg")) as base, base:
        base.execute("DELETE FROM gpkg_contents WHERE table_name = 'findings'")
    with pytest.raises(Refusal, match="OUT_OF_ANOTHER_VERSION"):
        rendering.render(out)


def test_the_public_version_names_no_holder_no_contract_and_no_price(out: Path) -> None:
    _, result = open_audit(out)
    assert result.parcels["holder"].str.contains(HOLDER).any()
    private = set(result.projects["project_id"].dropna()) | set(result.projects["enterprise"].dropna())
    assert run(["render", str(out), "--public"]) == 0
    text = (out / "report.html").read_text("utf-8") + (out / "map.html").read_text("utf-8")
    assert not [word for word in private if word in text]
    assert HOLDER not in text
    assert "本图未经地图审核，不得向社会公开" in text
    assert "内部资料" not in re.sub(
        r"<script.*?</script>", "", (out / "report.html").read_text("utf-8"), flags=re.S
    )


def test_an_approval_number_is_printed_as_it_was_given_and_never_invented(out: Path) -> None:
    assert run(["render", str(out), "--public", "--approval", "豫S(2026年)001号"]) == 0
    text = (out / "report.html").read_text("utf-8")
    assert "审图号：豫S(2026年)001号" in text
    assert run(["render", str(out), "--public"]) == 0
    assert "审图号" not in (out / "report.html").read_text("utf-8")


def test_what_was_left_out_is_listed(out: Path, tmp_path: Path) -> None:
    study, result = open_audit(out)
    (tmp_path / "list").mkdir()
    _, public = publishable(study, result, tmp_path / "list")
    lines = (tmp_path / "list" / "removed.txt").read_text("utf-8").splitlines()
    assert "parcels: holder" in lines
    assert "parcels: idle_fee_wan_cny" in lines
    assert f"projects: {len(result.projects)}" in lines
    assert public.parcels["area_m2"].tolist() == result.parcels["area_m2"].tolist()
    assert public.parcels["holder"].isna().all()
    assert len(public.projects) == 0


def test_no_table_of_the_public_version_names_a_firm_or_a_contract(out: Path, tmp_path: Path) -> None:
    study, result = open_audit(out)
    ledger = result.projects
    private = set(ledger["project_id"].dropna()) | set(ledger["enterprise"].dropna())
    firm = sorted(ledger["enterprise"].dropna())[0]
    measures = result.tables["measures"]
    own = measures.iloc[[0]].assign(subject_kind="enterprise", subject_id=firm)
    named = {**result.tables, "measures": pd.concat([measures, own], ignore_index=True)}
    _, public = publishable(study, replace(result, tables=named), tmp_path)
    frames = {f.name: getattr(public, f.name) for f in fields(public)} | public.tables
    told = {
        (name, column)
        for name, frame in frames.items()
        if isinstance(frame, pd.DataFrame)
        for column in frame.columns
        if column != "geometry" and frame[column].isin(private).any()
    }
    assert told == set()
    assert len(public.tables["measures"]) == len(measures)


def test_public_corners_lie_on_the_grid_and_no_parcel_vanishes(out: Path, tmp_path: Path) -> None:
    study, result = open_audit(out)
    _, public = publishable(study, result, tmp_path)
    degrees = public.parcels.to_crs(4490).geometry.to_numpy()
    steps = shapely.get_coordinates(degrees) / 0.0005
    assert abs(steps - steps.round()).max() < 1e-4
    assert not public.parcels.geometry.is_empty.any()
    assert not public.buildings.geometry.is_empty.any()


def test_maps_are_written_as_files_when_asked_for_and_go_when_not(out: Path) -> None:
    assert run(["render", str(out), "--maps"]) == 0
    record = json.loads((out / "run.json").read_text("utf-8"))
    written = sorted(name for name in record["outputs"] if name.startswith("maps/"))
    keys = ("conflicts", "constraints", "density", "idle", "intensity", "status")
    assert written == [f"maps/{key}.{form}" for key in keys for form in ("pdf", "png")]
    assert record["rendered"]["maps"] is True
    assert run(["render", str(out)]) == 0
    assert not (out / "maps").exists()
    assert not [n for n in json.loads((out / "run.json").read_text("utf-8"))["outputs"] if "/" in n]


def test_an_atlas_is_written_when_asked_for_and_a_public_one_names_no_holder(out: Path) -> None:
    assert run(["render", str(out), "--atlas"]) == 0
    own = [n for n in json.loads((out / "run.json").read_text("utf-8"))["outputs"] if n.startswith("atlas/")]
    assert own == ["atlas/index.html", "atlas/outside.html", "atlas/zone-JQ01.html", "atlas/zone-JQ02.html"]
    assert run(["render", str(out), "--atlas", "--public"]) == 0
    for name in own:
        text = (out / name).read_text("utf-8")
        assert "本图未经地图审核，不得向社会公开" in text
        assert HOLDER not in text
    assert run(["render", str(out), "--public"]) == 0
    assert not (out / "atlas").exists()


def test_tiles_are_written_when_asked_for_and_public_ones_name_no_holder(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import pyogrio

    assert run(["render", str(out), "--tiles", "pmtiles", "--public", "--lang", "en"]) == 0
    assert "0 features are too narrow for tiles" in capsys.readouterr().err
    rows = pyogrio.read_dataframe(out / "tiles" / "parcels.pmtiles", read_geometry=False)
    assert rows["parcel_id"].nunique() == 201
    assert "holder" not in rows or rows["holder"].isna().all()
    assert "idle_fee_wan_cny" not in rows or rows["idle_fee_wan_cny"].isna().all()
    assert HOLDER.encode() not in b"".join(p.read_bytes() for p in sorted((out / "tiles").iterdir()))
