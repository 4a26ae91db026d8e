"""``audit.xlsx``: the registers (台账) of an audit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs import run_grids
from landzone.outputs.alignment_grids import class_combinations, line_overlaps, plan_alignment, zone_checks
from landzone.outputs.grid import Grid
from landzone.outputs.report_parts import scorecard
from landzone.outputs.report_summary import conclusions, study_facts
from landzone.outputs.result_grids import WATCHED, ResultGrids, idle_classes, unknown_classes
from landzone.outputs.spreadsheet import MOST_ROWS, Sheet, write_book

PROBLEMS = ("rejects", "repairs", "notes")
KINDS = ("conflict", "precision", "uncovered")
"""Patches that a reader has to see; those in agreement stand in the GeoPackage."""


_IDLE_BASIS = (
    "idle_project_id", "idle_missing", "name", "project", "enterprise", "area_m2", "start_basis",
    "effective_start_date", "fee_due_since_date", "projects_count",
)  # fmt: skip
"""Columns of idle parcels that stand in a table of their own: together they would be too small on paper."""


def write(study: Study, result: AuditResult, folder: Path) -> Path:
    """Write ``audit.xlsx`` into a folder and return its path."""
    grids = ResultGrids(study, result, MOST_ROWS)
    words = grids.words
    units = words.say("units", money=words.money)
    tables: dict[str, Callable[[], tuple[Grid, ...]]] = {
        "summary": lambda: conclusions_grids(grids),
        "zones": lambda: (grids.zones(),),
        "parcels": lambda: (grids.parcels(),),
        "idle": lambda: (
            grids.idle_by_class(),
            *idle_lists(grids),
            grids.deadlines(),
            grids.contradictions(),
            grids.stock(),
            grids.low_use(),
            grids.blocks(),
        ),
        "alignment": lambda: (
            grids.pairs(),
            plan_alignment(grids),
            class_combinations(grids),
            zone_checks(grids),
            grids.constraints(),
            line_overlaps(grids),
            grids.use_conflicts(),
            grids.patches(KINDS, words.say("patches_sheet_title")),
        ),
        "scorecard": lambda: (
            scorecard(grids),
            grids.review(),
            *evaluations(grids),
            grids.what_if(),
            grids.findings(result.findings, words.say("scorecard_title")),
        ),
        "problems": lambda: (
            *(run_grids.problems(getattr(result, n), words, words.say(f"{n}_title")) for n in PROBLEMS),
            run_grids.topology(result.topology, words),
        ),
        "inputs": lambda: (
            run_grids.packs(study, words),
            run_grids.hashes(study, words),
            run_grids.operations(study, words),
            run_grids.versions(result.run.get("versions", {}), words),
            run_grids.inputs(study, words),
        ),
    }
    sheets = (
        Sheet(words.say(f"sheet_{name}"), _title(grids, name), units, own()) for name, own in tables.items()
    )
    return write_book(folder / "audit.xlsx", sheets, words, words.banner)


def _title(grids: ResultGrids, name: str) -> str:
    words = grids.words
    place = words.say("subtitle", name=grids.study.settings.name, as_of=grids.result.as_of.isoformat())
    return f"{words.say(f't_{name}')}  {place}"


def idle_lists(grids: ResultGrids) -> tuple[Grid, Grid]:
    """Return the parcels that are idle, overdue or cannot be told: what is signed for, and what it rests on."""
    whole = grids.idle(idle_classes() + WATCHED + unknown_classes(), grids.words.say("idle_sheet_title"))
    found = whole.only(*[column.key for column in whole.columns if column.key not in _IDLE_BASIS])
    return found, replace(whole.only("parcel_id", *_IDLE_BASIS), title=grids.words.say("idle_basis_title"))


def evaluations(grids: ResultGrids) -> tuple[Grid, ...]:
    """Return the evaluations that the study asks for, none where it asks for none."""
    own = grids.evaluation()
    return (own,) if len(own) else ()


def conclusions_grids(grids: ResultGrids) -> tuple[Grid, ...]:
    """Return what the first sheet shows: facts, conclusions, scores of zones, idle classes."""
    return (
        study_facts(grids),
        conclusions(grids),
        grids.zone_scores(),
        grids.idle_by_class(),
    )
