"""``audit --tables``: a store audited district by district has the rows of the audit of the whole study."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

import landzone as lz
from district_land import DAY, contents, tables, write_store
from landzone import pipeline, tabulating
from landzone.cli import run
from landzone.districts import run_district
from landzone.engine.district_tasks import Caps, District, districts, plot_of
from landzone.engine.runner import End, Outcome
from landzone.errors import Refusal
from landzone.io.store import StoreReader
from landzone.model.coded import in_texts
from landzone.outputs import table_parts

LEFT_OUT = {"patches": {"rank", "land_use_plan_name", "city_plan_name"}}
MADE = {
    "zones": {
        "zone_id", "area_m2", "parcels_count", "industrial_land_m2", "density_denominator", "footprint_m2",
        "floor_area_m2", "industrial_footprint_m2", "industrial_far_floor_area_m2", "building_density_ratio",
        "floor_area_ratio", "gross_building_density_ratio", "density_denominator_m2", "agree_m2", "conflict_m2",
        "precision_m2", "uncovered_m2", "alignment_ratio", "conflict_count", "precision_count", "rejected_cells",
        "geometry",
    },
    "parcels": {
        "parcel_id", "zone_id", "area_m2", "area_kind", "registered_area_m2", "measured_area_m2", "footprint_m2",
        "floor_area_m2", "far_floor_area_m2", "building_density_ratio", "floor_area_ratio", "conformity",
        "far_floor_area_lower_m2", "rejected_cells", "geometry",
    },
}  # fmt: skip
"""Columns left out (they need the ledgers, or all of the study), and of long tables those made."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_store(tmp_path_factory.mktemp("land"))


@pytest.fixture(scope="module")
def whole(store: Path) -> pipeline.Audit:
    return pipeline.audit(lz.open_study(store), DAY)


class Here:
    """Carries out districts in this process, one at a time."""

    width = 1

    def __init__(self) -> None:
        self.ended: list[Outcome[District]] = []

    def submit(self, task: District) -> None:
        self.ended.append(Outcome(task, End.DONE, run_district(task.spec())))

    def wait(self, seconds: float) -> list[Outcome[District]]:
        del seconds
        return [self.ended.pop()]

    def close(self) -> None:
        self.ended.clear()


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabulating, "runner_for", lambda *_: Here())


def read(out: Path, name: str) -> pd.DataFrame:
    """Return a table as Parquet holds it, its shapes as text."""
    return plain(pa.concat_tables(map(pq.read_table, sorted((out / "tables" / name).glob("*.parquet")))))


def plain(table: pa.Table) -> pd.DataFrame:
    frame = table.replace_schema_metadata(None).to_pandas()
    if "geometry" in frame:
        frame["geometry"] = shapely.to_wkt(shapely.from_wkb(frame["geometry"]), rounding_precision=-1)
    return frame.drop(columns="bbox", errors="ignore")


def of_audit(whole: pipeline.Audit, name: str) -> pd.DataFrame:
    """Return a table of the audit in memory in the same form."""
    result = whole.result
    found = {"plan_pairs": result.alignment, **result.tables}
    frame = found[name] if name in found else getattr(result, name)
    shown = in_texts(pd.DataFrame(frame))
    if "geometry" in frame:
        shown["geometry"] = shapely.to_wkb(frame["geometry"].to_numpy())
    return plain(pa.Table.from_pandas(shown, preserve_index=False))


@pytest.fixture(scope="module")
def out(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables with two workers, one zone a district."""
    return tables(store, tmp_path_factory.mktemp("one") / "out", Caps(zones=1), workers=2)


def test_each_parcel_stands_once_under_the_zone_with_most_of_it(out: Path) -> None:
    parcels = read(out, "parcels").set_index("parcel_id")
    owner = {"A": "Z1", "B": "Z2", "C": "Z2", "D": "Z3", "E": None, "F": None, "G": "Z1", "H": "Z5"}
    found = parcels["zone_id"].sort_index()
    assert {name: None if pd.isna(zone) else zone for name, zone in found.items()} == owner
    assert parcels["area_m2"].sort_index().tolist() == [2500, 2500, 1000, 10000, 2500, 3000, 800, 1600]
    assert parcels["footprint_m2"].sort_index().tolist() == [480, 100, 0, 200, 400, 0, 88, 0]


def test_zones_have_their_whole_ground(out: Path) -> None:
    """K2 stands half in Z1: 400 + 50 + 160; K5 half in Z3 and half in Z4."""
    zones = read(out, "zones").set_index("zone_id").sort_index()
    assert zones["area_m2"].tolist() == [10000] * 6
    assert zones["parcels_count"].tolist() == [2, 2, 1, 0, 1, 0]
    assert zones["footprint_m2"].tolist() == [610, 50, 100, 100, 0, 0]
    kinds = zones[["agree_m2", "conflict_m2", "precision_m2", "uncovered_m2"]].sum(axis=1)
    assert kinds.tolist() == [10000] * 6


@pytest.mark.parametrize(
    "name",
    ["zones", "parcels", "patches", "constraints", "use_conflicts", "plan_shares", "plan_pairs", "plan_alignment",
     "class_combinations", "patch_parcels", "rejects", "repairs"],
)  # fmt: skip
def test_the_rows_are_those_of_the_whole_audit(name: str, out: Path, whole: pipeline.Audit) -> None:
    own, other = read(out, name), of_audit(whole, name)
    assert set(own) <= set(other)
    assert set(other) - set(own) == LEFT_OUT.get(name, set(other) - MADE.get(name, set(other)))
    own, other = (t[list(own)].sort_values(list(own), ignore_index=True) for t in (own, other))
    assert len(own) or name in ("rejects", "repairs")
    pd.testing.assert_frame_equal(own, other, check_exact=True)


def test_notes_on_parcels_and_buildings_are_those_of_the_whole_audit(
    out: Path, whole: pipeline.Audit
) -> None:
    own, other = read(out, "notes"), whole.notes
    codes = ["PARCEL_SPLIT", "BUILDING_SPLIT", "SLIVER_BELOW_TOLERANCE"]
    own, other = (t[t["code"].isin(codes)].sort_values(["code", "subject_id"]) for t in (own, other))
    assert own["subject_id"].tolist() == ["K3", "B", "C", "D"]
    pd.testing.assert_frame_equal(own.reset_index(drop=True), other[own.columns].reset_index(drop=True))


@pytest.mark.usefixtures("here")
def test_no_byte_depends_on_the_size_of_districts(store: Path, out: Path, tmp_path: Path) -> None:
    """Three zones a district here, one in ``out``, all in one by the command line below."""
    assert contents(tables(store, tmp_path / "out", Caps(zones=3))) == contents(out)


@pytest.mark.usefixtures("here")
def test_rows_are_cut_into_files_by_their_number_alone(
    store: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_parts, "GROUP_ROWS", 2)
    monkeypatch.setattr(table_parts, "FILE_ROWS", 4)
    small = tables(store, tmp_path / "small", Caps(zones=2))
    assert [len(gpd.read_parquet(p)) for p in sorted((small / "tables/parcels").iterdir())] == [4, 4]
    for name in ("parcels", "patches", "plan_shares"):
        pd.testing.assert_frame_equal(read(small, name), read(out, name))


def test_the_record_says_what_was_counted_and_what_was_not_made(out: Path) -> None:
    record = json.loads((out / "run.json").read_text("utf-8"))
    assert record["tables"]["rows"]["parcels"] == 8
    assert record["tables"]["units_of_0.0001_m2"] == {
        "parcel_area": 239_000_000, "zone_area": 600_000_000, "patch_area": 600_000_000,
    }  # fmt: skip
    assert "findings" in record["tables"]["not_made"]["tables"]
    assert record["tables"]["columns_absent"]["patches"] == ["rank"]
    assert "tables/zones/part-00000.parquet" in record["outputs"]


@pytest.mark.usefixtures("here")
def test_a_parcel_that_is_lost_is_told(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = District.kept

    def less(task: District) -> dict:
        said = kept(task)
        if task.kind == "zones":
            said["sums"]["parcels"] -= 1
        return said

    monkeypatch.setattr(District, "kept", less)
    with pytest.raises(Refusal, match="TASK_SUMS") as told:
        tables(store, tmp_path / "out")
    assert "7 for 8" in told.value.text("en")
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("here")
def test_finished_districts_are_used_again_unless_they_were_changed(
    store: Path, out: Path, tmp_path: Path
) -> None:
    """The zones alone are done; then one of their files is not what was written."""
    folder = tmp_path / "out.work" / "tasks"
    again: list[set[Path]] = []

    def silent(stage: str, *_: object, done: int = 0, **__: object) -> None:
        if stage == "tasks" and done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tables(store, tmp_path / "out", Caps(zones=1), progress=silent)
    kept = sorted(folder.glob("*/parts/*/run.json"))
    assert len(kept) >= 3
    with kept[1].with_name("zones.parquet").open("ab") as stream:
        stream.write(b"x")
    times = {path: path.stat().st_mtime_ns for path in kept}

    def watch(*_: object, **__: object) -> None:
        again.append({path for path in kept if path.exists() and path.stat().st_mtime_ns != times[path]})

    tables(store, tmp_path / "out", Caps(zones=1), progress=watch, resume=True)
    assert max(again, key=len) == {kept[1]}
    assert contents(tmp_path / "out") == contents(out)


def test_the_command_line_writes_the_tables_and_says_what_it_counted(
    store: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "audit",
        str(store),
        "--as-of",
        "2014-06-30",
        "-o",
        str(tmp_path / "out"),
        "--tables",
        "--workers",
        "1",
    ]
    assert run(words) == 0
    assert "宗地 8 行，区域 6 行" in capsys.readouterr().err
    assert contents(tmp_path / "out") == contents(out)
    assert not (tmp_path / "out.work").exists()


def test_a_verdict_is_not_asked_of_tables(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["audit", str(store), "--as-of", "2014-06-30", "-o", str(tmp_path / "out"), "--tables"]
    assert run([*words, "--fail-on", "fail"]) == 2
    assert "TABLES_ALONE" in capsys.readouterr().err


def test_a_study_that_was_not_prepared_is_refused(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = store.parent / "study" / "study.toml"
    assert run(["audit", str(study), "--as-of", "2014-06-30", "-o", str(tmp_path / "out"), "--tables"]) == 3
    assert "TABLES_NO_STORE" in capsys.readouterr().err


def test_several_editions_of_which_the_newest_holds_are_refused(store: Path) -> None:
    outline = StoreReader(store).outline()
    kinds = {name: replace(plan, kind="land_use", role="plan") for name, plan in outline.plans.items()}
    alignment = replace(outline.settings.alignment, editions="newest")
    two = replace(outline, plans=kinds, settings=replace(outline.settings, alignment=alignment))
    with pytest.raises(Refusal, match="TABLES_EDITIONS"):
        tabulating.plans_held(two, DAY)


def test_districts_are_contiguous_and_keep_to_their_caps(store: Path, tmp_path: Path) -> None:
    plot = plot_of(StoreReader(store))
    found = districts(tmp_path, store, plot, Caps(zones=4))
    assert [(one.kind, one.start, one.stop) for one in found] == [
        ("zones", 0, 4), ("zones", 4, 6), ("rest", 0, 1)
    ]  # fmt: skip
    assert [(one.start, one.stop) for one in found[0].quartered()] == [(0, 1), (1, 2), (2, 3), (3, 4)]
    one = districts(tmp_path, store, plot, Caps(parcels=0))
    assert [task.rows for task in one if task.kind == "zones"] == [1] * 6
