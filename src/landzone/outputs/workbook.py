"""``audit.xlsx``: the registers (台账) of an audit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs import run_grids
from landzone.outputs.alignment_grids import class_combinations, line_overlaps, plan_alignment, zone_checks
from landzone.outputs.grid import Grid
from landzone.outputs.report_parts import scorecard
from landzone.outputs.report_summary import conclusions, study_facts
from landzone.outputs.result_grids import WATCHED, ResultGrids, idle_classes, unknown_classes
from landzone.outputs.spreadsheet import Sheet, write_book

PROBLEMS = ("rejects", "repairs", "notes")
KINDS = ("conflict", "precision", "uncovered")
"""Patches that a reader has to see; those in agreement stand in the GeoPackage."""


def write(study: Study, result: AuditResult, folder: Path) -> Path:
    """Write ``audit.xlsx`` into a folder and return its path."""
    grids = ResultGrids(study, result)
    words = grids.words
    units = words.say("units", money=words.money)
    tables: dict[str, Callable[[], tuple[Grid, ...]]] = {
        "summary": lambda: conclusions_grids(grids),
        "zones": lambda: (grids.zones(),),
        "parcels": lambda: (grids.parcels(),),
        "idle": lambda: (
            grids.idle_by_class(),
            grids.idle(idle_classes() + WATCHED + unknown_classes(), words.say("idle_sheet_title")),
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
