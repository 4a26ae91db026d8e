"""The command line: exit codes, languages, what stays untouched. Commands run in process unless a signal is meant."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from landzone import listing, pipeline
from landzone.cli import run
from landzone.io.bundled import example_study
from landzone.outputs import geopackage

COMMANDS = [
    "demo",
    "init",
    "check",
    "audit",
    "conform",
    "compare",
    "prepare",
    "list",
    "doctor",
    "render",
    "export",
    "cases",
    "verify",
]
AS_OF = ["--as-of", "2026-06-30"]
FILES = ["audit.gpkg", "audit.xlsx", "deadlines.ics", "map.html", "report.docx", "report.html", "run.json"]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished demo."""
    out = tmp_path_factory.mktemp("cli") / "demo"
    assert run(["demo", "-o", str(out)]) == 0
    return out


@pytest.fixture
def earlier(saved: Path, tmp_path: Path) -> Iterator[Path]:
    """An earlier result in a folder of its own."""
    out = tmp_path / "out"
    shutil.copytree(saved, out)
    return out


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A study of one layer in which every row can be used."""
    folder = tmp_path / "sound"
    folder.mkdir()
    square = [[114.0, 33.0], [114.001, 33.0], [114.001, 33.001], [114.0, 33.001], [114.0, 33.0]]
    feature = {"type": "Feature", "properties": {"parcel_id": "P1"}}
    feature["geometry"] = {"type": "Polygon", "coordinates": [square]}
    (folder / "parcels.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert f"Example: landzone {command}" in capsys.readouterr().out


def test_help_names_every_command_and_imports_little() -> None:
    code = (
        "import sys, time; t = time.perf_counter(); from landzone.cli import run; code = run(['--help']);"
        "print('seconds', round(time.perf_counter() - t, 2));"
        "heavy = {'geopandas', 'pandas', 'folium', 'rasterio', 'matplotlib'} & set(sys.modules);"
        "print('heavy', sorted(heavy)); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    print(done.stdout)
    assert "heavy []" in done.stdout
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout


def test_demo_writes_every_output_and_no_work_folder_stays(saved: Path) -> None:
    assert sorted(path.name for path in saved.iterdir()) == FILES
    assert [path.name for path in saved.parent.iterdir()] == ["demo"]


def test_init_says_what_was_taken_and_never_overwrites(
    sound: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (sound / "holiday.geojson").write_bytes((sound / "parcels.geojson").read_bytes())
    assert run(["init", str(sound), "--lang", "en"]) == 0
    said = capsys.readouterr().err
    assert "parcels.geojson → layers.parcels" in said
    assert "holiday.geojson is not used" in said
    assert 'source = "parcels.geojson"' in (sound / "study.toml").read_text("utf-8")
    before = (sound / "study.toml").read_bytes()
    assert run(["init", str(sound)]) == 3
    assert capsys.readouterr().err.startswith("STUDY_FILE_EXISTS")
    assert (sound / "study.toml").read_bytes() == before


def test_the_five_minute_walk_needs_no_editing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "my_zone"
    folder.mkdir()
    example = Path(__file__).parents[1] / "data" / "example_zone"
    for path in [*example.glob("parcels.*"), example / "zones.gpkg", example / "buildings.gpkg"]:
        shutil.copy(path, folder)
    assert run(["init", str(folder), "--lang", "en"]) == 0
    assert "nothing to fill in" in capsys.readouterr().err
    assert run(["check", str(folder), "-o", str(tmp_path / "checked")]) == 4
    assert run(["audit", str(folder), *AS_OF, "-o", str(tmp_path / "out")]) == 4
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [f for f in FILES if f != "deadlines.ics"]
    assert 'units.registered_area = "m2"' in (folder / "study.toml").read_text("utf-8")


def test_an_empty_folder_is_refused_in_one_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = tmp_path / "empty", tmp_path / "out"
    folder.mkdir()
    for command in (["init"], ["check", "-o", str(out)], ["audit", *AS_OF, "-o", str(out)]):
        assert run([command[0], str(folder), *command[1:]]) == 3
        told = capsys.readouterr().err
        assert told.startswith("STUDY_FOLDER_EMPTY  empty")
        assert len(told.splitlines()) < 24
        assert "宗地" in told
    assert not out.exists()
    assert list(folder.iterdir()) == []


def test_check_lists_problems_and_leaves_with_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(example_study()), "-o", str(tmp_path / "checked"), "--lang", "en"]) == 4
    names = sorted(path.name for path in (tmp_path / "checked").iterdir())
    assert names == ["check.gpkg", "check.html", "check.xlsx", "run.json"]
    assert "8 rows or cells rejected, 2 repaired" in capsys.readouterr().err


def test_a_folder_in_which_every_row_is_used_leaves_with_0(sound: Path, tmp_path: Path) -> None:
    assert run(["check", str(sound), "-o", str(tmp_path / "checked")]) == 0
    assert run(["audit", str(sound), *AS_OF, "-o", str(tmp_path / "out")]) == 0


def test_an_audit_with_rejected_rows_leaves_with_4_and_replaces_the_earlier_result(earlier: Path) -> None:
    (earlier / "my_notes.txt").write_text("mine")
    assert run(["audit", str(example_study()), *AS_OF, "-o", str(earlier), "--lang", "en"]) == 4
    assert json.loads((earlier / "run.json").read_text("utf-8"))["lang"] == "en"
    assert (earlier / "my_notes.txt").read_text() == "mine"


def test_a_rule_that_fails_changes_the_exit_code_only_where_this_is_asked(tmp_path: Path) -> None:
    arguments = ["audit", str(example_study()), *AS_OF, "-o", str(tmp_path / "out"), "--fail-on", "fail"]
    assert run(arguments) == 10
    assert (tmp_path / "out" / "run.json").is_file()


@pytest.mark.parametrize("what", ["measures", "rules", "plans", "outputs", "columns", "formats"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_list_prints_rows(what: str, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", what, "--lang", lang]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 4
    assert all("\t" in line for line in lines)


def test_doctor_tells_versions_and_formats(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--lang", "en"]) == 0
    said = capsys.readouterr().out
    for word in ("python\t", "GDAL\t", "PROJ\t", "Shapefile\tworks", "CJK font\t"):
        assert word in said


def test_doctor_names_the_package_that_a_format_waits_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(listing, "find_spec", lambda name: None)
    assert run(["doctor", "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "pip install xlrd brings it" in said
    assert "PostGIS\tnot installed; pip install landzone[postgis] brings it" in said
    assert "Shapefile\tworks" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["audit", "s.toml", "-o", "o"],
        ["audit", "s.toml", *AS_OF],
        ["audit", "s.toml", *AS_OF, "-o", "o", "--fail-on", "pass"],
        ["list", "secrets"],
        ["demo", "--lang", "de"],
        ["nothing"],
        ["demo", "--nothing"],
    ],
)
def test_a_wrong_call_leaves_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    said = capsys.readouterr().err
    assert "Error: " in said
    assert "Traceback" not in said


@pytest.mark.parametrize("day", ["2026-13-01", "20260630", "2026-06-31", "today", "2026-6-30", ""])
def test_a_date_that_is_none_leaves_with_2_and_writes_nothing(
    day: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", str(example_study()), "--as-of", day, "-o", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.startswith(f"AS_OF_INVALID  基准日期 {day} 不是")
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_speaks_chinese_and_on_request_english(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["audit", str(tmp_path / "nowhere"), *AS_OF, "-o", str(tmp_path / "out")]
    assert run(arguments) == 3
    chinese = capsys.readouterr()
    assert chinese.err.startswith("STUDY_NOT_FOUND  nowhere: ")
    assert not chinese.err.isascii()
    assert chinese.out == ""
    for extra in (["--lang", "en"], ["--lang=en"]):
        assert run([*arguments, *extra]) == 3
        english = capsys.readouterr().err
        assert english.startswith("STUDY_NOT_FOUND  nowhere: there is no such study")
        assert "Traceback" not in english
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["demo", "check", "audit"])
def test_a_folder_of_somebody_is_refused_and_untouched(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.docx").write_bytes(b"years of work")
    own = {"demo": [], "check": [str(example_study())], "audit": [str(example_study()), *AS_OF]}[command]
    assert run([command, *own, "-o", str(tmp_path)]) == 3
    assert capsys.readouterr().err.startswith("OUT_NOT_EMPTY")
    assert contents(tmp_path) == {"thesis.docx": b"years of work"}


def test_a_log_for_machines_is_json_in_every_line(
    sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", str(sound), *AS_OF, "-o", str(tmp_path / "out"), "--log-json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    shares = [event["share"] for event in events if event["event"] == "progress"]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert [event["event"] for event in events if event["event"] != "progress"] == [
        "done", "map_at", "report_at", "workbook_at", "counts",
    ]  # fmt: skip


@pytest.mark.parametrize("where", ["reading", "writing"])
def test_ctrl_c_leaves_with_130_and_the_earlier_result(
    where: str, earlier: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    if where == "reading":
        monkeypatch.setattr(pipeline, "open_study", interrupt)
    else:
        monkeypatch.setattr(geopackage, "write", interrupt)
    before = contents(earlier)
    assert run(["audit", str(example_study()), *AS_OF, "-o", str(earlier)]) == 130
    assert "已中断" in capsys.readouterr().err
    assert contents(earlier) == before
    assert [path.name for path in earlier.parent.iterdir()] == ["out"]


def test_results_that_cannot_be_written_leave_with_5(
    sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    assert run(["check", str(sound), "-o", str(tmp_path / "file" / "out"), "--lang", "en"]) == 5
    assert "could not be written" in capsys.readouterr().err


def test_memory_that_runs_out_leaves_with_6(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pipeline, "open_study", full)
    assert run(["audit", "s", *AS_OF, "-o", str(tmp_path / "out"), "--lang", "en"]) == 6
    assert "out of memory" in capsys.readouterr().err


def test_sigterm_leaves_with_143_and_the_earlier_result(earlier: Path) -> None:
    before = contents(earlier)
    arguments = ["audit", str(example_study()), *AS_OF, "-o", str(earlier), "--log-json"]
    running = subprocess.Popen(
        [sys.executable, "-m", "landzone", *arguments], stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    for line in running.stderr:
        if '"measure"' in line:
            break
    running.send_signal(signal.SIGTERM)
    said = running.stderr.read()
    running.stderr.close()
    assert running.wait(timeout=60) == 143
    assert "Traceback" not in said
    assert "已中断" in said
    assert contents(earlier) == before
    assert [path.name for path in earlier.parent.iterdir()] == ["out"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_an_interruption_that_a_library_swallows_still_stops_the_work(
    number: int, code: int, earlier: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Raised inside a finalizer it can go nowhere: Python would report it and go on to publish."""

    class Dropped:
        def __del__(self) -> None:
            signal.raise_signal(number)

    opened = pipeline.open_study

    def opening(*words: Any, **named: Any) -> Any:
        dropped = Dropped()
        del dropped
        return opened(*words, **named)

    monkeypatch.setattr(pipeline, "open_study", opening)
    before = contents(earlier)
    assert run(["audit", str(example_study()), *AS_OF, "-o", str(earlier)]) == code
    assert capsys.readouterr().err == "已中断，旧结果未动。\n"
    assert contents(earlier) == before
    assert [path.name for path in earlier.parent.iterdir()] == ["out"]


def test_the_handlers_of_signals_are_put_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    run(["list", "outputs"])
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before
