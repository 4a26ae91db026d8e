"""Proves a result: its files as they were written, its inputs as they were read, and the same audit run again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import shapely

from landzone import pipeline, rendering
from landzone.catalog.messages import refusal
from landzone.io.audit_folder import TABLES_FILE, read_run
from landzone.model.study import Study
from landzone.outputs.publish import sha256, work_folder

Progress = Callable[..., None]
_MOST_NAMED = 5


@dataclass(frozen=True)
class Moved:
    """One thing that is no longer as the run record says: ``word`` is its sentence in ``labels/cli.toml``."""

    word: str
    params: dict[str, str]


def verify(folder: Path, progress: Progress) -> list[Moved]:
    """Hash the files of a result, open its study, run the audit again and return what moved.

    Parameters
    ----------
    folder : Path
        What ``landzone audit`` has written.
    progress : callable
        Told ``(stage, share, name)``.

    Returns
    -------
    list of Moved
        Empty where everything is as it was. Named are files of the result that were changed or are missing, inputs
        whose hash or counts differ, versions that differ, and tables of ``audit.gpkg`` with the columns and the
        first ids in which the new run differs.

    Raises
    ------
    Refusal
        ``OUT_NOT_AN_AUDIT``; ``STUDY_NOT_FOUND`` where the study has gone; whatever the study itself is refused for.
    """
    run = read_run(folder)
    moved = _files(folder, run)
    place = (folder / run.get("study_path", "")).resolve()
    if not run.get("study_path") or not place.exists():
        raise refusal(
            "OUT_WITHOUT_STUDY", file=str(folder), study=str(place) if run.get("study_path") else "?"
        )
    study = pipeline.open_with_progress(place, progress)
    moved += _inputs(study, run)
    again = pipeline.audit(study, as_of=run["as_of"], lang=run["lang"], progress=progress)
    moved += _versions(run, again.result.run["versions"])
    with work_folder(folder.with_name(folder.name + ".verify")) as work:
        again.save(work / "again", progress=progress)
        if "rendered" in run:
            rendering.render(work / "again", **run["rendered"])
        fresh = read_run(work / "again")
        if fresh["outputs"][TABLES_FILE] != run["outputs"][TABLES_FILE]:
            moved += _tables(folder / TABLES_FILE, work / "again" / TABLES_FILE)
        moved += [
            Moved("moved_output", {"file": name})
            for name in sorted(set(fresh["outputs"]) & set(run["outputs"]))
            if fresh["outputs"][name] != run["outputs"][name]
        ]
    return moved


def _files(folder: Path, run: dict[str, Any]) -> list[Moved]:
    found = []
    for name, digest in sorted(run["outputs"].items()):
        path = folder / name
        if not path.is_file():
            found.append(Moved("moved_gone", {"file": name}))
        elif sha256(path) != digest:
            found.append(Moved("moved_file", {"file": name}))
    return found


def _inputs(study: Study, run: dict[str, Any]) -> list[Moved]:
    before = {one["role"]: one for one in run["inputs"]}
    now = {one.role: one for one in study.inputs}
    found = [Moved("moved_role", {"role": role}) for role in sorted(set(before) ^ set(now))]
    for role in sorted(set(before) & set(now)):
        old, new = before[role]["sha256"], now[role].sha256
        found += [
            Moved("moved_input", {"file": name, "role": role})
            for name in sorted(set(old) | set(new))
            if old.get(name) != new.get(name)
        ]
    return found


def _versions(run: dict[str, Any], now: dict[str, str]) -> list[Moved]:
    return [
        Moved(
            "moved_version", {"name": name, "before": run["versions"].get(name, ""), "now": now.get(name, "")}
        )
        for name in sorted(set(run["versions"]) | set(now))
        if run["versions"].get(name, "") != now.get(name, "")
    ]


def _tables(old: Path, new: Path) -> list[Moved]:
    names = sorted(
        {str(n) for n, _ in pyogrio.list_layers(old)} & {str(n) for n, _ in pyogrio.list_layers(new)}
    )
    found = []
    for name in names:
        first, second = pyogrio.read_dataframe(old, layer=name), pyogrio.read_dataframe(new, layer=name)
        if len(first) != len(second):
            params = {"table": name, "before": str(len(first)), "now": str(len(second))}
            found.append(Moved("moved_rows", params))
            continue
        found += _cells(name, first, second)
    return found


def _cells(name: str, first: pd.DataFrame, second: pd.DataFrame) -> list[Moved]:
    found = []
    for column in first.columns.union(second.columns, sort=False):
        if column not in first or column not in second:
            found.append(Moved("moved_column", {"table": name, "column": str(column)}))
            continue
        differs = _differs(first[column], second[column])
        if differs.any():
            ids = first.iloc[:, 0][differs].astype(str).head(_MOST_NAMED)
            params = {
                "table": name,
                "column": str(column),
                "count": str(int(differs.sum())),
                "ids": ", ".join(ids),
            }
            found.append(Moved("moved_cells", params))
    return found


def _differs(first: pd.Series, second: pd.Series) -> Any:
    if first.name == "geometry":
        return shapely.to_wkb(first.to_numpy()) != shapely.to_wkb(second.to_numpy())
    a, b = first.astype("object").to_numpy(), second.astype("object").to_numpy()
    blank = pd.isna(a) & pd.isna(b)
    return np.logical_not(blank) & np.asarray(a != b, dtype=bool)
