"""The store of ``landzone prepare``: what is in it, and what of it is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely

import landzone as lz
from landzone import pipeline
from landzone.cli import run
from landzone.errors import Refusal
from landzone.io import store as stores
from landzone.io import store_parts
from landzone.io.bundled import example_study
from landzone.model.layer import Table
from landzone.model.problems import ProblemKind
from landzone.model.study import Study

STAMP = datetime(2024, 2, 29, 1, 2, 3)  # noqa: DTZ001 - a cell of a spreadsheet has no zone


@pytest.fixture(scope="module")
def study() -> Study:
    return lz.open_study(example_study())


@pytest.fixture(scope="module")
def made(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pipeline.prepare(study, tmp_path_factory.mktemp("stores") / "store")


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "store"))


def same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(pd.DataFrame(left), pd.DataFrame(right), check_exact=True)


def assert_same_study(one: Study, two: Study) -> None:
    for family in ("layers", "tables"):
        own, other = getattr(one, family), getattr(two, family)
        assert list(own) == list(other)
        for role in own:
            same(own[role].frame, other[role].frame)
            assert replace(own[role], frame=None) == replace(other[role], frame=None)
    for family in ("plans", "constraints"):
        own, other = getattr(one, family), getattr(two, family)
        assert list(own) == list(other)
        for name in own:
            same(own[name].layer.frame, other[name].layer.frame)
            assert own[name].layer.frame.crs == other[name].layer.frame.crs
            assert own[name].layer.source == other[name].layer.source
            assert {k: v for k, v in vars(own[name]).items() if k != "layer"} == {
                k: v for k, v in vars(other[name]).items() if k != "layer"
            }
    for kind in ProblemKind:
        same(one.problems.frame(kind), two.problems.frame(kind))
    for name in ("settings", "crs", "rasters", "rule_packs", "crs_operations", "raw_settings", "path"):
        assert getattr(one, name) == getattr(two, name), name


def test_a_store_gives_back_the_study_with_types_order_problems_and_settings(
    study: Study, made: Path
) -> None:
    assert_same_study(study, lz.open_study(made))


def test_leaves_over_the_cap_are_split_and_rows_come_back_in_their_order(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "MOST_ROWS", 3)
    made = pipeline.prepare(study, tmp_path / "store")
    parts = [p for p in stores.StoreReader(made).manifest.parts if p.role == "parcels"]
    assert len(parts) > 3
    assert max(part.rows for part in parts) <= 3
    assert sum(part.rows for part in parts) == len(study.layers["parcels"].frame)
    assert_same_study(study, lz.open_study(made))


def test_layers_are_geoparquet_1_1_with_a_bbox_covering_and_sorted_by_cell(made: Path) -> None:
    path = next(made.glob("*-parcels.*.parquet"))
    geo = json.loads(pq.read_metadata(path).metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert sorted(geo["columns"]["geometry"]["covering"]["bbox"]) == ["xmax", "xmin", "ymax", "ymin"]
    assert geo["columns"]["geometry"]["crs"]["id"] == {"authority": "EPSG", "code": 4526}
    frame = gpd.read_parquet(path)
    assert frame["cell"].is_monotonic_increasing
    assert sorted(frame["fid"]) == list(range(len(frame)))


def test_a_giant_is_kept_whole_and_cut_once_under_its_own_row(study: Study, tmp_path: Path) -> None:
    line = study.constraints["permanent_farmland"]
    frame = line.layer.frame.copy()
    x, y = frame.geometry.iloc[0].centroid.coords[0]
    frame.geometry = [shapely.Point(x, y).buffer(400, quad_segs=1000), *frame.geometry.iloc[1:]]
    grown = replace(line, layer=replace(line.layer, frame=frame))
    changed = replace(study, constraints={**study.constraints, "permanent_farmland": grown})
    made = pipeline.prepare(changed, tmp_path / "store")
    assert_same_study(changed, lz.open_study(made))
    pieces = gpd.read_parquet(next(made.glob("*.pieces.parquet")))
    assert len(pieces) > 3
    assert set(pieces["id"]) == {frame.index[0]}
    assert set(pieces["fid"]) == {0}
    assert shapely.get_num_coordinates(pieces.geometry.to_numpy()).max() <= 1024
    assert pieces.geometry.area.sum() == pytest.approx(frame.geometry.iloc[0].area, rel=1e-12)


def test_a_window_reads_only_the_row_groups_it_meets(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_parts, "ROW_GROUP", 2)
    made = pipeline.prepare(study, tmp_path / "store")
    asked: list[tuple[int, int]] = []
    plain = pq.ParquetFile.read_row_groups

    def spied(self: pq.ParquetFile, groups: list[int], *rest: object) -> object:
        asked.append((len(groups), self.num_row_groups))
        return plain(self, groups, *rest)

    monkeypatch.setattr(pq.ParquetFile, "read_row_groups", spied)
    shape = study.layers["parcels"].frame.geometry.iloc[0]
    box = np.array([shape.centroid.buffer(1).bounds])
    window = stores.StoreReader(made).window(box)
    assert window.layers["parcels"].frame.index.tolist() == [study.layers["parcels"].frame.index[0]]
    assert sum(read for read, _ in asked) < sum(every for _, every in asked) / 2


def test_cells_without_one_type_are_kept(study: Study, tmp_path: Path) -> None:
    cells = ["text", 1, 1.5, True, None, STAMP, date(2024, 2, 29), ["a", 1]]
    frame = pd.DataFrame(
        {
            "parcel_id": pd.Series([f"P{n}" for n in range(len(cells))], dtype="str"),
            "src_mixed": pd.Series(cells, dtype="object"),
            "money_fen": pd.array([1, None, 2**62, *[0] * 5], "Int64"),
            "day_date": pd.Series(["2024-01-01", None, *["1969-12-31"] * 6]).astype("datetime64[s]"),
        }
    )
    table = Table("projects", frame, study.tables["projects"].source)
    changed = replace(study, tables={"projects": table})
    again = lz.open_study(pipeline.prepare(changed, tmp_path / "store")).tables["projects"].frame
    assert again["src_mixed"].tolist() == cells
    assert [type(v) for v in again["src_mixed"]] == [type(v) for v in cells]
    same(again.drop(columns="src_mixed"), frame.drop(columns="src_mixed"))


def edited(store: Path, change: Callable[[dict[str, object]], None]) -> None:
    manifest = json.loads((store / "store.json").read_text("utf-8"))
    change(manifest)
    (store / "store.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize("name", ["landzone", "code", "GEOS", "PROJ", "numpy"])
def test_a_store_of_another_version_is_refused_and_the_version_named(copied: Path, name: str) -> None:
    edited(copied, lambda manifest: manifest["versions"].update({name: "0.0.0"}))  # type: ignore[attr-defined]
    with pytest.raises(Refusal, match=f"STORE_VERSION.*{name} 0.0.0"):
        lz.open_study(copied)


def test_a_store_of_another_form_is_refused(copied: Path) -> None:
    edited(copied, lambda manifest: manifest.update(landzone_store=99))
    with pytest.raises(Refusal, match=r"STORE_VERSION.*store 99"):
        lz.open_study(copied)


def test_a_part_with_a_changed_byte_is_refused(copied: Path) -> None:
    path = next(copied.glob("*-plans-city_plan.*.parquet"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(Refusal, match=r"STORE_PART.*plans-city_plan.*SHA-256"):
        lz.open_study(copied)


def test_a_missing_part_is_refused(copied: Path) -> None:
    next(copied.glob("*-tables-projects.parquet")).unlink()
    with pytest.raises(Refusal, match=r"STORE_PART.*tables-projects.*missing"):
        lz.open_study(copied)


def test_a_wrong_count_is_refused(copied: Path) -> None:
    def more(manifest: dict[str, object]) -> None:
        part = next(p for p in manifest["parts"] if p["role"] == "parcels")  # type: ignore[attr-defined, union-attr]
        part["rows"] += 1

    edited(copied, more)
    with pytest.raises(Refusal, match=r"STORE_PART.*rows"):
        lz.open_study(copied)


def test_a_manifest_that_was_cut_short_is_refused(copied: Path) -> None:
    text = (copied / "store.json").read_text("utf-8")
    (copied / "store.json").write_text(text[: len(text) // 2], encoding="utf-8")
    with pytest.raises(Refusal, match="STORE_MANIFEST"):
        lz.open_study(copied)


def test_features_outside_the_grid_are_refused_and_nothing_is_written(study: Study, tmp_path: Path) -> None:
    layer = study.layers["buildings"]
    frame = layer.frame.copy()
    frame.geometry = [shapely.box(6.8e7, 0, 6.8e7 + 1, 1), *frame.geometry.iloc[1:]]
    changed = replace(study, layers={**study.layers, "buildings": replace(layer, frame=frame)})
    with pytest.raises(Refusal, match=f"STORE_OUTSIDE_GRID.*{frame.index[0]}"):
        pipeline.prepare(changed, tmp_path / "store")
    assert list(tmp_path.iterdir()) == []


def test_prepare_leaves_with_4_where_rows_were_rejected_and_a_store_is_replaced_only_by_a_store(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "again"
    assert run(["prepare", str(example_study()), "-o", str(out)]) == 4
    assert run(["prepare", str(made), "-o", str(out)]) == 4
    assert run(["check", str(made), "-o", str(out)]) == 3
    assert "OUT_IS_OTHER" in capsys.readouterr().err
    assert sorted(p.name for p in out.iterdir()) == sorted(p.name for p in made.iterdir())
