"""``run.json``: what went in, how it was done, what came out."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from landzone.model.layer import Constraint, SpatialPlan
from landzone.model.problems import ProblemKind, Problems
from landzone.model.result import AuditResult
from landzone.model.rules import RulePack
from landzone.model.study import Study
from landzone.outputs.publish import RUN_FILE, sha256

PACKAGES = (
    "landzone", "geopandas", "shapely", "pyogrio", "fiona", "rasterio", "pyproj", "folium", "pandas", "numpy",
    "pyarrow", "exactextract", "xlsxwriter", "openpyxl", "python-docx", "matplotlib",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Return the versions of Python, of the packages and of the libraries inside them."""
    return dict(_versions())


@cache
def _versions() -> Mapping[str, str]:
    """Look the versions up once a process."""
    import pyogrio
    import pyproj
    import shapely

    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    found["GEOS"] = shapely.geos_version_string
    found["PROJ"] = pyproj.proj_version_str
    found["GDAL"] = ".".join(map(str, pyogrio.__gdal_version__))
    return found


def record(study: Study, problems: Problems, day: date, lang: str) -> dict[str, Any]:
    """Return the record of a run, but for its time stamp and the hashes of its outputs."""
    counts = {f"{kind.value}s": problems.count(kind) for kind in ProblemKind}
    return {
        "as_of": day.isoformat(),
        "lang": lang,
        "study": study.settings.name,
        "crs": study.crs.to_string(),
        "crs_name": study.crs.name,
        "settings": asdict(study.settings),
        "study_file": study.raw_settings,
        "inputs": [asdict(one) for one in study.inputs],
        "crs_operations": [asdict(one) for one in study.crs_operations],
        "rule_packs": [_pack(pack) for pack in study.rule_packs],
        "plans": [_named(plan) for plan in study.plans.values()],
        "constraints": [_named(line) for line in study.constraints.values()],
        "versions": versions(),
        "counts": counts,
        "losses": problems.has_losses(),
    }


def _pack(pack: RulePack) -> dict[str, Any]:
    """Return what is said of a rule pack; one that does not ship comes with its text and its tables of limits."""
    by = [rule.limits_by for rule in pack.rules if rule.limits_by is not None]
    said: dict[str, Any] = {"id": pack.id, "title": pack.title, "source": pack.source, "sha256": pack.sha256}
    said["table_sha256"] = {one.file: one.sha256 for one in by}
    return {**said, "text": pack.text, "tables": {o.file: o.text for o in by}} if pack.text else said


def _named(one: SpatialPlan | Constraint) -> dict[str, Any]:
    """Return what is stated of a plan or a line of control, without its ground."""
    return {field.name: getattr(one, field.name) for field in fields(one) if field.name != "layer"}


def path_from(folder: Path, study: str) -> str:
    """Return where a study lies as seen from the folder of its results, so that both can be moved together."""
    if not study:
        return ""
    try:
        return Path(os.path.relpath(Path(study).resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return Path(study).resolve().as_posix()


def write(result: AuditResult, folder: Path, started_at: datetime, study_path: str = "") -> Path:
    """Write ``run.json`` with the hash of every output in the folder and the way to the study."""
    return write_record({**result.run, "study_path": study_path}, folder, started_at)


def write_check(study: Study, folder: Path, started_at: datetime) -> Path:
    """Write ``run.json`` of a check: inputs and problems, no audit."""
    counts = {f"{kind.value}s": study.problems.count(kind) for kind in ProblemKind}
    inputs = [asdict(one) for one in study.inputs]
    own = {"study": study.settings.name, "crs": study.crs.to_string(), "inputs": inputs, "counts": counts}
    return write_record({**own, "versions": versions()}, folder, started_at)


def write_record(own: dict[str, Any], folder: Path, started_at: datetime) -> Path:
    """Write ``run.json`` of what a run says of itself, with the hash of every file in the folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    hashes = {path.relative_to(folder).as_posix(): sha256(path) for path in files}
    stamp = started_at.isoformat(timespec="seconds")
    text = json.dumps(
        {**own, "outputs": hashes, "started_at": stamp},
        ensure_ascii=False,
        indent=1,
        sort_keys=True,
        default=str,
    )
    path = folder / RUN_FILE
    path.write_text(text + "\n", encoding="utf-8")
    return path
