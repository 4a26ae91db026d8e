"""Tasks: whatever the parts, the whole comes out; what does not belong to the run is never used."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from landzone.engine import land_files, tasks
from landzone.engine.kernel import Land, Partial, Terms, measure_parcels
from landzone.engine.land_files import LandHead, read_head, write_land
from landzone.engine.reduce import reduce_parts
from landzone.engine.tasks import Task, partition, run_task
from landzone.errors import Refusal
from landzone.io import checkpoint


def same(one: Partial, two: Partial) -> None:
    assert sorted(one) == sorted(two)
    for name, values in one.items():
        assert values.dtype == two[name].dtype, name
        assert np.array_equal(values, two[name]), name


@pytest.fixture(scope="module")
def whole(land: Land, terms: Terms) -> Partial:
    return measure_parcels(land, terms)


@pytest.fixture
def written(land: Land, terms: Terms, tmp_path: Path) -> Path:
    return write_land(land, terms, tmp_path)


def in_parts(folder: Path, many: int) -> tuple[list[Task], LandHead]:
    head = read_head(folder)
    own = Task(str(folder), 0, 0, head.count)
    edges = np.linspace(0, head.count, many + 1).astype(int).tolist()
    return [replace(own, start=a, stop=b) for a, b in itertools.pairwise(edges)], head


def done(folder: Path, many: int) -> tuple[list[Task], LandHead]:
    chosen, head = in_parts(folder, many)
    for task in chosen:
        run_task(task.spec())
    return chosen, head


@pytest.mark.parametrize("many", [1, 7, 64])
def test_the_parts_make_the_whole_whatever_their_number(written: Path, whole: Partial, many: int) -> None:
    chosen, head = done(written, many)
    same(reduce_parts(chosen[::-1], head), whole)


def test_threads_leave_no_trace(land: Land, terms: Terms, whole: Partial) -> None:
    same(measure_parcels(land, terms, threads=3), whole)


def test_the_land_has_the_hard_cases(whole: Partial) -> None:
    """Pieces of one footprint on several parcels, overlaps counted once, parcels over borders of plans and zones."""
    assert len(np.unique(whole["pair:buildings:right"])) < len(whole["pair:buildings:right"])
    pieces = np.zeros(256, np.int64)
    np.add.at(pieces, whole["pair:buildings:left"], whole["pair:buildings:units"])
    assert (whole["cover:buildings"] < pieces).sum() > 20
    for name in ("pair:zones", "share:a", "share:b"):
        assert len(whole[f"{name}:left"]) > len(np.unique(whole[f"{name}:left"]))
    assert 0 < (whole["cover:line:farmland"] > 0).sum() < 256
    assert len(np.unique(whole["conformity"])) > 2


def test_partitions_hold_every_row_once_and_keep_to_the_cap(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "MOST_ROWS", 30)
    own = partition(written, read_head(written))
    assert [task.start for task in own[1:]] == [task.stop for task in own[:-1]]
    assert (own[0].start, own[-1].stop, max(task.rows for task in own)) == (0, 256, 29)


def test_a_task_is_a_few_words_of_json(written: Path) -> None:
    task = Task(str(written), 0, 16, 32)
    assert Task(**json.loads(json.dumps(task.spec()))) == task
    assert [(part.start, part.stop) for part in task.quartered()] == [(16, 20), (20, 24), (24, 28), (28, 32)]
    assert len(replace(task, stop=18).quartered()) == 2


def test_a_part_that_is_there_is_not_measured_again(written: Path) -> None:
    chosen, _ = done(written, 2)
    before = [task.path.stat().st_mtime_ns for task in chosen]
    assert [run_task(task.spec())["kept"] for task in chosen] == [True, True]
    assert [task.path.stat().st_mtime_ns for task in chosen] == before


def test_the_same_land_has_the_same_key_and_finds_its_parts_again(
    land: Land, terms: Terms, written: Path
) -> None:
    chosen, _ = done(written, 2)
    assert write_land(land, terms, written.parent) == written
    assert all(task.is_done() for task in chosen)
    assert [path.name for path in written.parent.iterdir()] == [written.name]


@pytest.mark.parametrize("what", ["core", "sliver", "shape", "order", "version", "plan"])
def test_parts_of_other_parameters_data_or_versions_are_never_used(
    what: str, land: Land, terms: Terms, written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen, _ = done(written, 2)
    copy = tmp_path / "copy.npz"
    copy.write_bytes(chosen[0].path.read_bytes())
    moved = land.parcels.shapes.copy()
    moved[[0, 1]] = moved[[1, 0]]
    if what == "core":
        terms = replace(terms, core_m=5.0)
    elif what == "sliver":
        terms = replace(terms, alignment=replace(terms.alignment, sliver_width_m=2.0))
    elif what == "version":
        found = {**land_files.kernel_versions(), "GEOS": "3.0.0"}
        monkeypatch.setattr(land_files, "kernel_versions", lambda: found)
    elif what == "plan":
        land = replace(land, plans=[land.plans[0], replace(land.plans[1], name="c")])
    elif what == "order":
        land = replace(land, parcels=replace(land.parcels, shapes=moved))
    else:
        moved[0] = moved[0].buffer(0.001)
        land = replace(land, parcels=replace(land.parcels, shapes=moved))
    other = tmp_path / "other"
    other.mkdir()
    folder = write_land(land, terms, other)
    assert folder.name != written.name
    own, head = in_parts(folder, 2)
    assert not any(task.is_done() for task in own)
    own[0].path.write_bytes(copy.read_bytes())
    assert not own[0].is_done()
    with pytest.raises(Refusal, match="TASK_MISSING"):
        reduce_parts(own, head)


def test_a_process_of_other_versions_is_refused(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {**land_files.kernel_versions(), "shapely": "1.0"}
    monkeypatch.setattr(tasks, "kernel_versions", lambda: found)
    chosen, _ = in_parts(written, 1)
    with pytest.raises(Refusal, match=r"TASK_VERSIONS.*shapely 1\.0 ≠"):
        run_task(chosen[0].spec())
    assert not chosen[0].path.exists()


def test_a_changed_file_of_the_land_is_refused(written: Path) -> None:
    path = next((written / "data").glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    chosen, _ = in_parts(written, 1)
    with pytest.raises(Refusal, match="STORE_PART"):
        run_task(chosen[0].spec())


def test_a_missing_part_is_refused(written: Path) -> None:
    chosen, head = done(written, 3)
    chosen[1].path.unlink()
    with pytest.raises(Refusal, match="TASK_MISSING"):
        reduce_parts(chosen, head)


def test_half_a_part_counts_as_none(written: Path) -> None:
    chosen, head = done(written, 3)
    content = chosen[1].path.read_bytes()
    chosen[1].path.write_bytes(content[: len(content) // 2])
    assert not chosen[1].is_done()
    assert run_task(chosen[1].spec())["kept"] is False
    reduce_parts(chosen, head)


@pytest.mark.parametrize(
    "what", ["a parcel less", "a parcel twice", "an area", "a share", "a part less", "a part twice"]
)
def test_parts_that_do_not_add_up_are_refused(what: str, written: Path) -> None:
    chosen, head = done(written, 3)
    found = chosen[1].kept()
    dense = [name for name in found if not name.startswith(("pair:", "share:"))]
    if what == "a parcel less":
        found |= {name: found[name][1:] for name in dense}
    elif what == "a parcel twice":
        found |= {name: np.r_[found[name][:1], found[name][:-1]] for name in dense}
    elif what == "an area":
        found["area"] = found["area"] + np.eye(1, len(found["area"]), 3, dtype=np.int64)[0]
    elif what == "a share":
        found["share:a:units"] = found["share:a:units"] + 100_000
    chosen[1].keep(found)
    chosen = {"a part less": chosen[:2], "a part twice": [*chosen, chosen[0]]}.get(what, chosen)
    with pytest.raises(Refusal, match="TASK_SUMS"):
        reduce_parts(chosen, head)


def test_no_half_file_is_ever_seen_and_none_stays(tmp_path: Path) -> None:
    path = tmp_path / "part.npz"
    with pytest.raises(TypeError):
        checkpoint.write_arrays(path, {"a": np.arange(3)}, {"head": object()})
    with pytest.raises(ValueError, match="allow_pickle"):
        checkpoint.write_arrays(path, {"a": np.array([object()])}, {})
    assert list(tmp_path.iterdir()) == []
    assert checkpoint.read_head(path) is None
