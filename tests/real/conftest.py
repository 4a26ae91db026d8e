"""Real data that may not be shipped: folders from the environment, by default those beside the repository."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BESIDE = Path(__file__).parents[3] / "shared"
DATA = Path(os.environ.get("LANDZONE_REAL_DATA", BESIDE / "data"))
BAD_INPUT = Path(os.environ.get("LANDZONE_BADINPUT", BESIDE / "badinput"))


def pytest_sessionstart() -> None:
    """Stop before anything is collected if the data are not there: these tests are never passed by."""
    for folder, variable in ((DATA, "LANDZONE_REAL_DATA"), (BAD_INPUT, "LANDZONE_BADINPUT")):
        if not folder.is_dir():
            raise pytest.UsageError(f"{folder} is not there: set {variable} to the folder of the real data")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for ``case`` on every row of the manifest of bad inputs."""
    if "case" in metafunc.fixturenames:
        with (BAD_INPUT / "manifest.csv").open(encoding="utf-8-sig", newline="") as lines:
            cases = list(csv.DictReader(lines))
        metafunc.parametrize("case", cases, ids=[row["case_id"] for row in cases])


@pytest.fixture(scope="session")
def data() -> Path:
    """Return the folder of the real data."""
    return DATA


@pytest.fixture(scope="session")
def bad_inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the bad inputs and return their folder."""
    folder: Path = tmp_path_factory.mktemp("bad")
    subprocess.run([sys.executable, str(BAD_INPUT / "gen_badinput.py"), str(folder)], check=True)
    return folder


@pytest.fixture(scope="session")
def study_of(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a function that copies a study file beside its crosswalks, with the data folder written in."""

    def copy(name: str) -> Path:
        folder: Path = tmp_path_factory.mktemp(name)
        for path in sorted((Path(__file__).parent / name).iterdir()):
            if path.suffix in {".toml", ".csv"}:
                text = path.read_text("utf-8").replace("{data}", (DATA / name).resolve().as_posix())
                (folder / path.name).write_text(text, "utf-8")
        return folder / "study.toml"

    return copy
