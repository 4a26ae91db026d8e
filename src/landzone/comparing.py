"""The whole way of comparing two finished audits: open both, refuse what cannot be compared, list what moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import shapely

from landzone import run_record, shaping
from landzone.catalog.messages import LANGUAGES, refusal
from landzone.changes import compare as changes
from landzone.changes.circumstances import moved_packs
from landzone.engine.direct import area_measure
from landzone.io.audit_folder import RUN_FILE, TABLES_FILE, open_audit, read_run
from landzone.model.comparison import TABLES, Comparison
from landzone.model.problems import Problems
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.publish import sha256
from landzone.outputs.wording import Wording

Progress = Callable[..., None]
SIDES = ("old", "new")
_SAID_ALONE = {"name", "money", "rules"}
"""Settings that have a note of their own."""


def _silent(stage: str, share: float, name: str = "") -> None:
    """Take no notice of progress."""


@dataclass(frozen=True)
class Compared:
    """Two audits held against each other; ``study`` names plans and lines of both, ``before`` is that of the old."""

    study: Study
    before: Study
    old: AuditResult
    new: AuditResult
    result: Comparison
    started_at: datetime
    folders: tuple[Path, Path]

    def save(self, out: str | Path, progress: Progress = _silent) -> Path:
        """Write every output and publish the folder by one rename; return the folder."""
        from landzone.outputs import comparison
        from landzone.outputs.publish import publish, work_folder

        target = Path(out)
        check_comparison_target(target, *self.folders)
        with work_folder(target) as work:
            fresh = work / "new"
            fresh.mkdir()
            comparison.write(
                self.study, self.before, self.old, self.new, self.result, fresh,
                lambda name, share: progress("write", 0.5 + 0.45 * share, name),
            )  # fmt: skip
            paths = [run_record.path_from(target, str(folder)) for folder in self.folders]
            sides = {
                side: {**self.result.run[side], "path": path} for side, path in zip(SIDES, paths, strict=True)
            }
            run_record.write_record({**self.result.run, **sides}, fresh, self.started_at)
            publish(fresh, target)
        progress("publish", 1.0)
        return target


def check_comparison_target(out: Path, old: Path, new: Path) -> None:
    """Refuse a target that is somebody's folder, or one of the two audits.

    Raises
    ------
    Refusal
        ``COMPARE_TARGET``, and what ``check_target`` refuses.
    """
    from landzone.outputs.publish import check_target

    if out.resolve() in (old.resolve(), new.resolve()):
        raise refusal("COMPARE_TARGET", file=str(out))
    check_target(out)


def compare(old: str | Path, new: str | Path, *, lang: str = "zh", progress: Progress = _silent) -> Compared:
    """Tell what changed between two finished audits of one area; nothing is audited again.

    Parameters
    ----------
    old, new : str or Path
        Folders that ``landzone audit`` has written.
    lang : {"zh", "en"}
        Language of the outputs.
    progress : callable
        Told ``(stage, share, name)``.

    Returns
    -------
    Compared
        ``result`` holds the tables (``model.comparison.Comparison``), ``save`` writes them.

    Raises
    ------
    Refusal
        What ``io.audit_folder.open_audit`` refuses; ``OUT_CHANGED`` where ``audit.gpkg`` is not as it was written;
        ``COMPARE_CRS``, ``COMPARE_NOTHING_IN_COMMON``, ``COMPARE_ELSEWHERE``.
    """
    started_at = datetime.now(UTC)
    folders = Path(old), Path(new)
    progress("read", 0.0)
    opened = [_opened(folder) for folder in folders]
    (first, before), (second, after) = opened
    _refuse_strangers(before, after, first, second, folders)
    progress("compare", 0.2)
    study, result = held_against((first, before), (second, after), lang)
    said = {
        side: _said_of(folder, audit)
        for side, folder, audit in zip(SIDES, folders, (before, after), strict=True)
    }
    result = replace(result, run={**result.run, **said})
    return Compared(study, first, before, after, result, started_at, folders)


def held_against(
    old: tuple[Study, AuditResult], new: tuple[Study, AuditResult], lang: str
) -> tuple[Study, Comparison]:
    """Return the tables of a comparison, and the new study with the plans and lines of both."""
    (first, before), (second, after) = old, new
    audits = changes.Audits(
        before, after, area_measure(second), second.settings.boundary_precision_m, second.settings.money
    )
    tables = changes.tables(audits)
    study = replace(
        second,
        plans={**first.plans, **second.plans},
        constraints={**first.constraints, **second.constraints},
    )
    notes = _notes(first, second, study, before, after, tables)
    tables["notes"] = shaping.problem_tables(notes, lang)["notes"]
    run = {
        "command": "compare",
        "lang": lang,
        "crs": second.crs.to_string(),
        "boundary_precision_m": second.settings.boundary_precision_m,
        "counts": {name: len(tables[name]) for name in TABLES},
        "versions": run_record.versions(),
    }
    return study, Comparison(lang=lang, run=run, **tables)


def _opened(folder: Path) -> tuple[Study, AuditResult]:
    run = read_run(folder)
    path = folder / TABLES_FILE
    if path.is_file() and sha256(path) != run["outputs"][TABLES_FILE]:
        raise refusal("OUT_CHANGED", file=str(folder), changed=TABLES_FILE)
    return open_audit(folder)


def _said_of(folder: Path, result: AuditResult) -> dict[str, Any]:
    run = result.run
    hashes = {name: sha256(folder / name) for name in (TABLES_FILE, RUN_FILE)}
    return {
        "study": run["study"], "as_of": run["as_of"], "sha256": hashes, "inputs": run["inputs"],
        "rule_packs": [{"id": one["id"], "sha256": one["sha256"]} for one in run["rule_packs"]],
        "version": run["versions"].get("landzone", ""),
    }  # fmt: skip


def _refuse_strangers(
    old: AuditResult, new: AuditResult, first: Study, second: Study, folders: tuple[Path, Path]
) -> None:
    """Refuse two audits that say nothing of each other."""
    file = f"{folders[0]} {folders[1]}"
    if not first.crs.equals(second.crs, ignore_axis_order=True):
        raise refusal("COMPARE_CRS", file=file, old=first.crs.to_string(), new=second.crs.to_string())
    left, right = (frame.set_index("parcel_id").geometry for frame in (old.parcels, new.parcels))
    shared = left.index.intersection(right.index)
    if not len(shared):
        raise refusal(
            "COMPARE_NOTHING_IN_COMMON", file=file, old=first.settings.name, new=second.settings.name,
            old_count=len(left), new_count=len(right),
        )  # fmt: skip
    if not shapely.intersects(left.loc[shared].to_numpy(), right.loc[shared].to_numpy()).any():
        raise refusal("COMPARE_ELSEWHERE", file=file, count=len(shared))


def _notes(
    first: Study, second: Study, both: Study, old: AuditResult, new: AuditResult, tables: dict[str, Any]
) -> Problems:
    """Return what a reader has to know before he compares."""
    notes = Problems()
    settings = tables["settings"]
    if first.settings.name != second.settings.name:
        notes.note("COMPARE_STUDY_NAME", params={"old": first.settings.name, "new": second.settings.name})
    days = {"old": old.as_of.isoformat(), "new": new.as_of.isoformat()}
    if old.as_of != new.as_of:
        notes.note("COMPARE_AS_OF", params=days)
    if old.as_of > new.as_of:
        notes.note("COMPARE_BACKWARDS", params=days)
    packs = sorted(moved_packs(old.run, new.run))
    if packs:
        notes.note("COMPARE_RULES", params={"packs": ", ".join(packs)})
    if first.settings.money != second.settings.money:
        notes.note("COMPARE_MONEY", params={"old": first.settings.money, "new": second.settings.money})
    for row in settings[settings["topic"] == "setting"].itertuples(index=False):
        if row.name.partition(".")[0] not in _SAID_ALONE:
            notes.note("COMPARE_SETTING", params={"name": row.name, "old": row.old_text, "new": row.new_text})
    _note_inputs(notes, tables, old, new, both)
    _note_tables(notes, old, new)
    _note_features(notes, tables)
    return notes


def _note_inputs(
    notes: Problems, tables: dict[str, Any], old: AuditResult, new: AuditResult, study: Study
) -> None:
    wording = {lang: Wording(study, lang) for lang in LANGUAGES}
    settings, plans = tables["settings"], tables["plans"]
    versions = settings[settings["topic"] == "version"]
    if len(versions):
        moved = [
            f"{r.name} {r.old_text or '–'} → {r.new_text or '–'}" for r in versions.itertuples(index=False)
        ]
        notes.note("COMPARE_VERSIONS", params={"versions": ", ".join(moved)})
    hashes = [{one["role"]: one["sha256"] for one in result.run["inputs"]} for result in (old, new)]
    roles = sorted(role for role in {*hashes[0], *hashes[1]} if hashes[0].get(role) != hashes[1].get(role))
    if roles:
        said = {f"roles_{lang}": words.join(list(map(words.role, roles))) for lang, words in wording.items()}
        notes.note("COMPARE_INPUTS", params=said)
    sides = [
        {str(c).removesuffix("_code") for c in r.patches if str(c).endswith("_code")} for r in (old, new)
    ]
    if sides[0] != sides[1]:
        lone = [f"−{name}" for name in sorted(sides[0] - sides[1])]
        lone += [f"+{name}" for name in sorted(sides[1] - sides[0])]
        notes.note("COMPARE_PLANS", params={"plans": ", ".join(lone)})
    gone = plans[plans["state"].isin(["gone", "appeared"]) & (plans["kind"] == "line")]
    if len(gone):
        lone = [f"{'−' if r.state == 'gone' else '+'}{r.name}" for r in gone.itertuples(index=False)]
        notes.note("COMPARE_LINES", params={"lines": ", ".join(lone)})


def _note_tables(notes: Problems, old: AuditResult, new: AuditResult) -> None:
    lone = sorted(set(old.tables) ^ set(new.tables))
    if lone:
        notes.note("COMPARE_TABLES", params={"tables": ", ".join(lone)})
    for table in ("zones", "parcels", "buildings", "projects"):
        sides = [set(map(str, getattr(result, table).columns)) for result in (old, new)]
        alone = [", ".join(sorted(own - other)) or "–" for own, other in (sides, sides[::-1])]
        if sides[0] != sides[1]:
            params = {"table": table, "old_only": alone[0], "new_only": alone[1]}
            notes.note("COMPARE_COLUMNS", layer=table, params=params)


def _note_features(notes: Problems, tables: dict[str, Any]) -> None:
    zones, parcels = tables["zones"], tables["parcels"]
    before, after = zones["density_denominator_old"], zones["density_denominator_new"]
    other = zones[before.notna() & after.notna() & (before != after)]
    if len(other):
        params = [
            {"old": r.density_denominator_old, "new": r.density_denominator_new}
            for r in other.itertuples(index=False)
        ]
        notes.note("COMPARE_DENOMINATOR", layer="zones", ids=other["zone_id"].to_numpy(), params=params)
    away = parcels[parcels["shape"] == "elsewhere"]
    if len(away):
        notes.note("COMPARE_OTHER_GROUND", layer="parcels", ids=away["parcel_id"].to_numpy())
    lost = parcels[parcels["rejected_code"].notna()]
    if len(lost):
        params = [{"reject_code": code} for code in lost["rejected_code"]]
        notes.note("COMPARE_REJECTED", layer="parcels", ids=lost["parcel_id"].to_numpy(), params=params)


def count_of(result: Comparison, table: str) -> dict[str, int]:
    """Return how many rows of a table were kept, moved, came and went."""
    row: pd.Series = result.rows.set_index("table").loc[table]
    return {name: int(row[f"{name}_count"]) for name in ("kept", "changed", "gone", "appeared")}
