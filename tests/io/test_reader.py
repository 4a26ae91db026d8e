"""The reading process: gives what reading here gives, can be stopped, may die, and is started again."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import psutil
import pytest
import shapely

from landzone.cli import run
from landzone.errors import LimitError, Refusal
from landzone.io import reader as reading
from landzone.io import reading_process
from landzone.io import study as opening
from landzone.io.bundled import example_study
from landzone.io.reader import Reader
from landzone.io.tables import read_table
from landzone.io.vector import read_vector
from landzone.model.problems import ProblemKind, Problems

DAY = pd.Timestamp("2012-06-01").to_pydatetime()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """One process for the tests that leave it as it is."""
    with Reader(tmp_path_factory.mktemp("work"), warnings="error") as reader:
        yield reader


def same(left: object, right: object) -> None:
    """Compare two readings to the last bit, types included."""
    for name in ("role", "source", "layer", "rows_in", "encoding", "encoding_guessed", "sha256", "crs"):
        assert getattr(left, name) == getattr(right, name), name
    pd.testing.assert_frame_equal(left.cells, right.cells)
    assert left.cells.columns.dtype == right.cells.columns.dtype
    assert left.rows.dtype == right.rows.dtype
    assert left.rows.tolist() == right.rows.tolist()
    assert left.crs_assumed == right.crs_assumed
    if right.geometry is None:
        assert left.geometry is None
    else:
        assert left.geometry.dtype == object
        assert shapely.to_wkb(left.geometry).tolist() == shapely.to_wkb(right.geometry).tolist()


def layer_of_every_type(path: Path) -> None:
    shapes = [
        shapely.Polygon([(0, 0, 5), (0, 1, 5), (1, 1, 5), (0, 0, 5)]),
        None,
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)]),
        shapely.Point(np.nan, 1.0),
    ]
    frame = gpd.GeoDataFrame(
        {
            "宗地代码": pd.Series(["0012", None, "NA", ""], dtype="str"),
            "n": pd.array([2**62 + 1, None, 3, -4], dtype="Int64"),
            "x": [0.1, np.nan, 1e300, -0.0],
            "yes": pd.array([True, None, False, True], dtype="boolean"),
            "day": pd.to_datetime(["2012-06-01", None, "1970-01-01", "2026-06-30"]),
        },
        geometry=shapes,
        crs=4547,
    )
    frame.to_parquet(path)


def test_a_layer_comes_over_to_the_last_bit(shared: Reader, tmp_path: Path) -> None:
    layer_of_every_type(tmp_path / "p.parquet")
    here, there = Problems(), Problems()
    ours = shared.vector("p.parquet", tmp_path, role="parcels", problems=there)
    theirs = read_vector("p.parquet", tmp_path, role="parcels", problems=here, work=tmp_path / "w")
    same(ours, theirs)
    assert [str(dtype) for dtype in ours.cells.dtypes] == [
        "str",
        "Int64",
        "float64",
        "boolean",
        "datetime64[s]",
    ]
    for kind in ProblemKind:
        pd.testing.assert_frame_equal(there.frame(kind), here.frame(kind))


def test_a_column_in_many_pieces_comes_over(shared: Reader, tmp_path: Path) -> None:
    count = 70_000  # more than one batch of the handover and of GDAL
    ids = pd.Series([f"P{n:06d}" for n in range(count)], dtype="str")
    frame = gpd.GeoDataFrame({"ZDDM": ids}, geometry=shapely.points(np.arange(count), 1.0), crs=4547)
    frame.to_file(tmp_path / "p.gpkg", layer="p")
    raw = shared.vector("p.gpkg", tmp_path, role="parcels", problems=Problems())
    assert raw.cells["ZDDM"].tolist() == ids.tolist()
    assert shapely.get_x(raw.geometry).tolist() == list(range(count))


def test_the_cells_of_a_workbook_keep_their_types(shared: Reader, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["宗地", "数", "日", "时", "长", "是"])
    sheet.append(["0012", 4106010010011, DAY, time(8, 30), timedelta(hours=30), True])
    sheet.append(["NA", 0.1, None, None, None, False])
    book.save(tmp_path / "t.xlsx")
    ours = shared.table("t.xlsx", tmp_path, role="projects", problems=Problems())
    same(ours, read_table("t.xlsx", tmp_path, role="projects", problems=Problems(), work=tmp_path / "w"))
    assert ours.cells.iloc[0].tolist() == [
        "0012", 4106010010011, DAY, time(8, 30), timedelta(hours=30), True,
    ]  # fmt: skip


def test_problems_and_refusals_come_over(shared: Reader, desk, feature) -> None:
    desk.geojson("p.geojson", [feature(0, parcel_id="P1")], crs="EPSG:0")
    problems = Problems()
    shared.vector("p.geojson", desk.folder, role="parcels", problems=problems)
    assert problems.frame(ProblemKind.NOTE)["code"].tolist() == ["CRS_UNREADABLE"]
    with pytest.raises(Refusal) as refused:
        shared.vector("q.geojson", desk.folder, role="parcels", problems=Problems())
    assert (refused.value.code, refused.value.place.file, refused.value.exit_code) == (
        "FILE_MISSING",
        "q.geojson",
        3,
    )
    assert "没有" in refused.value.text("zh") or "找不到" in refused.value.text("zh")


def test_one_process_reads_file_after_file(shared: Reader, desk, feature) -> None:
    pids = set()
    for number in range(3):
        desk.geojson(f"p{number}.geojson", [feature(0, parcel_id="P1")])
        shared.vector(f"p{number}.geojson", desk.folder, role="parcels", problems=Problems())
        pids.add(shared.pid)
    assert len(pids) == 1
    assert list(shared.work.iterdir()) == []


def pid_after_reading(desk, **how: object) -> int:
    with Reader(desk.work, **how) as reader:
        reader.vector("p.geojson", desk.folder, role="parcels", problems=Problems())
        return reader.pid


def test_a_process_waits_for_the_next_study(desk, feature) -> None:
    desk.geojson("p.geojson", [feature(0, parcel_id="P1")])
    first = pid_after_reading(desk)
    assert psutil.pid_exists(first)
    assert pid_after_reading(desk) == first


def test_a_process_that_waits_is_not_taken_where_its_libraries_would_do_otherwise(
    desk, feature, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.geojson("p.geojson", [feature(0, parcel_id="P1")])
    first = pid_after_reading(desk)
    monkeypatch.setenv("OGR_GEOMETRY_ACCEPT_UNCLOSED_RING", "NO")
    second = pid_after_reading(desk)
    assert second != first
    assert not psutil.pid_exists(first)
    assert pid_after_reading(desk, warnings="error") != second


def test_a_process_that_died_while_it_waited_is_replaced(desk, feature) -> None:
    desk.geojson("p.geojson", [feature(0, parcel_id="P1")])
    first = psutil.Process(pid_after_reading(desk))
    first.kill()
    psutil.wait_procs([first], timeout=10)
    assert pid_after_reading(desk) != first.pid


def test_a_process_with_much_memory_ends_with_its_study(
    desk, feature, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.geojson("p.geojson", [feature(0, parcel_id="P1")])
    monkeypatch.setattr(reading, "limit", lambda name: 1.0 if name == "child_wait_bytes" else 2.0**40)
    assert not psutil.pid_exists(pid_after_reading(desk))


@pytest.fixture
def own(desk, feature) -> Iterator[Reader]:
    """A process of one test, which has read one file."""
    desk.geojson("p.geojson", [feature(0, parcel_id="P1")])
    with Reader(desk.work) as reader:
        reader.vector("p.geojson", desk.folder, role="parcels", problems=Problems())
        yield reader


def read(reader: Reader, desk) -> list[str]:
    raw = reader.vector("p.geojson", desk.folder, role="parcels", problems=Problems())
    return raw.cells["parcel_id"].tolist()


def test_a_process_that_died_costs_one_file_and_no_more(own: Reader, desk) -> None:
    psutil.Process(own.pid).kill()
    with pytest.raises(Refusal) as refused:
        read(own, desk)
    assert (refused.value.code, refused.value.place.file) == ("READER_STOPPED", "p.geojson")
    assert read(own, desk) == ["P1"]


def test_a_file_that_takes_too_long_is_given_up(own: Reader, desk) -> None:
    own.seconds = 0.3
    stuck = psutil.Process(own.pid)
    stuck.suspend()
    with pytest.raises(LimitError) as hit:
        read(own, desk)
    assert (hit.value.code, hit.value.place.file, hit.value.exit_code) == ("READER_TIME", "p.geojson", 6)
    assert "0.3 秒" in hit.value.text("zh")
    assert not stuck.is_running()
    own.seconds = 60.0
    assert read(own, desk) == ["P1"]


def test_a_file_that_takes_too_much_memory_is_given_up(own: Reader, desk) -> None:
    own.memory_bytes = 1.0
    with pytest.raises(LimitError) as hit:
        read(own, desk)
    assert (hit.value.code, hit.value.exit_code) == ("READER_MEMORY", 6)
    own.memory_bytes = 2.0**33
    assert read(own, desk) == ["P1"]


def test_a_process_that_holds_much_memory_is_replaced(
    own: Reader, desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = own.pid
    monkeypatch.setattr(reading, "limit", lambda name: 1.0 if name == "child_keep_bytes" else 60.0)
    assert read(own, desk) == ["P1"]
    assert not psutil.pid_exists(before)
    assert read(own, desk) == ["P1"]


def test_the_process_ends_when_nobody_is_left_to_ask(own: Reader) -> None:
    process = own._process
    assert process is not None
    assert process.popen.stdin is not None
    process.popen.stdin.close()
    assert process.popen.wait(30) == 0


def test_a_bug_of_ours_keeps_its_traceback(own: Reader, desk) -> None:
    with pytest.raises(RuntimeError, match="AttributeError"):
        own._read("vector", desk.folder, {"source": "p.geojson", "role": 1, "layer": 7}, Problems())


def test_what_a_library_prints_does_not_spoil_the_answer(
    desk, feature, monkeypatch: pytest.MonkeyPatch
) -> None:
    loud = "import os; os.write(2, b'on stderr'); "
    late = (
        "import landzone.io.reader_process as r; s = r._answer; "
        "r._answer = lambda o: (os.write(1, b'on stdout'), s(o))[1]; r.main()"
    )
    late = reading_process._START.replace("main()", late, 1)
    monkeypatch.setattr(reading_process, "_START", loud + late)
    desk.geojson("p.geojson", [feature(0, parcel_id="P1")])
    with Reader(desk.work) as reader:
        assert read(reader, desk) == ["P1"]
        assert reader._process is not None
        assert reader._process.printed() == "on stderron stdout"


@pytest.mark.parametrize(
    ("executable", "reason"),
    [("/opt/qgis/bin/qgis", "qgis"), (None, "?"), ("/nowhere/python3", "No such file or directory")],
)
def test_without_a_second_interpreter_files_are_read_here_and_that_is_said(
    desk, feature, monkeypatch: pytest.MonkeyPatch, executable: str | None, reason: str
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    desk.geojson("p.geojson", [feature(0, parcel_id="P1")])
    problems = Problems()
    with Reader(desk.work) as reader:
        raw = reader.vector("p.geojson", desk.folder, role="parcels", problems=problems)
    assert raw.cells["parcel_id"].tolist() == ["P1"]
    note = problems.frame(ProblemKind.NOTE).iloc[0]
    assert (note["code"], reason in note["params"]) == ("READER_NOT_APART", True)


def test_a_process_that_cannot_load_its_libraries_is_not_tried_again(
    desk, feature, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_process, "_START", "raise SystemExit('no landzone here')")
    desk.geojson("p.geojson", [feature(0, parcel_id="P1")])
    problems = Problems()
    with Reader(desk.work) as reader:
        for _ in range(2):
            raw = reader.vector("p.geojson", desk.folder, role="parcels", problems=problems)
            assert raw.cells["parcel_id"].tolist() == ["P1"]
    assert problems.frame(ProblemKind.NOTE)["params"].str.contains("no landzone here").tolist() == [
        True,
        True,
    ]


def test_a_script_without_a_main_guard_opens_a_study_once(tmp_path: Path) -> None:
    script = tmp_path / "look.py"
    script.write_text(
        textwrap.dedent(f"""
        print("top level")
        import landzone as lz
        study = lz.open_study({str(example_study())!r})
        from landzone.model.problems import ProblemKind
        codes = set(study.problems.frame(ProblemKind.NOTE)["code"])
        print(len(study.layers["parcels"].frame), "READER_NOT_APART" in codes)
        """)
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[0] == "top level"
    assert done.stdout.count("top level") == 1
    assert done.stdout.splitlines()[1].split() == ["201", "False"]


def test_the_command_line_leaves_with_6_and_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(opening, "Reader", lambda work: Reader(work, memory_bytes=1.0))
    out = tmp_path / "out"
    assert run(["audit", str(example_study()), "--as-of", "2026-06-30", "-o", str(out), "--lang", "en"]) == 6
    said = capsys.readouterr().err
    assert said.splitlines()[-1].startswith("READER_MEMORY  ")
    assert "parcels" in said
    assert not out.exists()


def test_a_study_is_opened_with_its_files_read_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a file was read in the main process")

    monkeypatch.setattr(reading, "read_vector", never)
    monkeypatch.setattr(reading, "read_table", never)
    assert len(opening.open_study(example_study()).layers["parcels"].frame) == 201
