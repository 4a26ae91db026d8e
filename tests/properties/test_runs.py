"""The command line on drawn studies: same bytes from run to run, exit codes that agree with what was written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pyogrio
import pytest

Written = Callable[..., Path]
OUTPUTS = {"audit.gpkg", "audit.xlsx", "map.html", "report.html", "report.docx", "run.json"}


def landzone(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of landzone in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "landzone", *map(str, words)],
        env=os.environ | {"PYTHONIOENCODING": "utf-8"} | environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def audit(
    study: Path, out: Path, as_of: str = "2026-06-30", workers: int = 1, **environment: str
) -> subprocess.CompletedProcess[str]:
    return landzone("audit", study, "--as-of", as_of, "-o", out, "--workers", workers, **environment)


def clean(scenes: ModuleType, seed: int) -> Any:
    """Draw a scene and take out all that would be rejected."""
    scene = scenes.draw(seed)
    parcels = [row | {"证载面积": ""} for row in scene.parcels]
    ids = {row["宗地代码"] for row in parcels}
    ledger = [
        row | {"固定资产投资": "300", "约定开工时间": "2024-05-06", "中止开发时间": "", "实际开工时间": ""}
        for row in {row["电子监管号"]: row for row in scene.ledger}.values()
        if row["宗地代码"] in ids
    ]
    buildings = list({row["building_id"]: row for row in scene.buildings}.values())
    return replace(scene, parcels=parcels, ledger=ledger, buildings=buildings)


def test_two_processes_write_the_same_bytes(scenes: ModuleType, written: Written, tmp_path: Path) -> None:
    """Seeds of hashes, time zone, locale, workers and place of the results differ; only the time stamp may."""
    study = written(scenes.draw(3))
    one, two = tmp_path / "one", tmp_path / "two"
    first = audit(study, one, PYTHONHASHSEED="1", TZ="Asia/Shanghai", LC_ALL="C.UTF-8", LANG="zh_CN.UTF-8")
    second = audit(study, two, workers=3, PYTHONHASHSEED="4242", TZ="America/St_Johns", LC_ALL="C", LANG="C")
    assert (first.returncode, second.returncode) == (4, 4), first.stderr + second.stderr
    names = [sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()) for out in (one, two)]
    assert names[0] == names[1]
    assert set(names[0]) >= OUTPUTS
    for name in set(names[0]) - {"run.json"}:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name
    records = [json.loads((out / "run.json").read_text("utf-8")) for out in (one, two)]
    assert records[0].pop("started_at")
    assert records[1].pop("started_at")
    assert records[0] == records[1]


def test_order_of_the_input_leaves_the_findings_written(
    scenes: ModuleType, written: Written, tmp_path: Path
) -> None:
    scene = scenes.draw(5)
    plain, mixed = tmp_path / "plain", tmp_path / "mixed"
    audit(written(scene), plain)
    audit(written(scene, shuffle=9, columns_shuffled=True, sections=9), mixed)
    layers = [name for name, _ in pyogrio.list_layers(plain / "audit.gpkg") if name != "layer_styles"]
    for layer in layers:
        pair = [
            pd.DataFrame(pyogrio.read_dataframe(out / "audit.gpkg", layer=layer)) for out in (plain, mixed)
        ]
        texts = [frame.drop(columns="row", errors="ignore").to_csv(index=False) for frame in pair]
        assert texts[0] == texts[1], layer


@pytest.mark.parametrize("seed", [1, 7])
def test_zero_where_every_row_is_used(
    scenes: ModuleType, written: Written, tmp_path: Path, seed: int
) -> None:
    out = tmp_path / "out"
    done = audit(written(clean(scenes, seed)), out)
    assert done.returncode == 0, done.stderr
    assert len(pyogrio.read_dataframe(out / "audit.gpkg", layer="rejects")) == 0
    record = json.loads((out / "run.json").read_text("utf-8"))
    assert all(one["rows_rejected"] == 0 and one["rows_in"] == one["rows_used"] for one in record["inputs"])
    assert {path.name for path in out.iterdir()} >= OUTPUTS
    assert "Traceback" not in done.stderr


def test_four_where_rows_were_rejected(scenes: ModuleType, written: Written, tmp_path: Path) -> None:
    scene = clean(scenes, 1)
    more = replace(scene, ledger=[*scene.ledger, scene.ledger[0] | {"电子监管号": "X", "宗地代码": "G999"}])
    out = tmp_path / "out"
    done = audit(written(more), out)
    assert done.returncode == 4, done.stderr
    rejects = pyogrio.read_dataframe(out / "audit.gpkg", layer="rejects")
    assert rejects["code"].tolist() == ["JOIN_NO_PARCEL"]
    record = json.loads((out / "run.json").read_text("utf-8"))
    assert sum(one["rows_rejected"] for one in record["inputs"]) == 1


def test_three_and_no_folder_where_the_input_is_refused(
    scenes: ModuleType, written: Written, tmp_path: Path
) -> None:
    scene = clean(scenes, 1)
    twice = [scene.zones[0], {"zone_id": "Z9", "geometry": scene.zones[0]["geometry"].buffer(-20)}]
    out = tmp_path / "out"
    done = audit(written(replace(scene, zones=twice)), out)
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words", [["--as-of", "2026-13-01"], ["--as-of", "today"], [], ["--as-of", "2026-06-30", "--lang", "de"]]
)
def test_two_where_the_call_is_wrong(
    scenes: ModuleType, written: Written, tmp_path: Path, words: list[str]
) -> None:
    done = landzone("audit", written(scenes.draw(1)), *words, "-o", tmp_path / "out")
    assert done.returncode == 2, done.stderr
    assert list(tmp_path.iterdir()) == []
