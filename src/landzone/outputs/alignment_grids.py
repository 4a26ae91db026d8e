"""The tables of the plan comparison for people: plan by plan, and class by class."""

from __future__ import annotations

import pandas as pd

from landzone.outputs.grid import Grid, Spec, grid
from landzone.outputs.result_grids import ResultGrids, area


def plan_alignment(grids: ResultGrids) -> Grid:
    """How far each plan agrees with all others, in all zones and in each."""
    words = grids.words
    frame = grids.result.tables.get("plan_alignment", pd.DataFrame({"plan": []}))
    if "zone_id" in frame:
        frame = frame.assign(zone_id=frame["zone_id"].fillna(words.say("all_zones")))
    specs = [
        Spec("plan", "word", translate=words.plan, width=22), Spec("zone_id", "id"), Spec("agree_m2", "m2"),
        Spec("agree_m2", "ha"), Spec("conflict_m2", "m2"), Spec("conflict_m2", "ha"), Spec("conflict_m2", "mu"),
        Spec("precision_m2", "m2"), Spec("uncovered_m2", "m2"), Spec("alignment_ratio", "ratio"),
    ]  # fmt: skip
    return grid(frame, specs, words, words.say("plan_alignment_title"))


def class_combinations(grids: ResultGrids) -> Grid:
    """Every combination of classes that occurs, with its ground."""
    words = grids.words
    frame = grids.result.tables.get("class_combinations", pd.DataFrame({"kind": []}))
    plans = [str(name).removesuffix("_code") for name in frame.columns if str(name).endswith("_code")]
    specs = [Spec(f"{plan}_code", "id", title=words.plan(plan), width=18) for plan in plans]
    specs += [
        Spec("kind", "word", translate=lambda c: words.word("kind", c), tones=True),
        Spec("type", "word", translate=lambda c: words.word("type", c), width=20),
        Spec("severity", "word", translate=lambda c: words.word("severity", c), tones=True),
        Spec("patches_count", "count", total=True),
        *[Spec("area_m2", kind, total=True) for kind in ("m2", "ha", "mu")],
    ]  # fmt: skip
    return grid(frame, specs, words, words.say("class_combinations_title"))


def zone_checks(grids: ResultGrids) -> Grid:
    """The boundary of each zone against plans, lines of control, townships and phases."""
    words = grids.words
    frame = grids.result.tables.get("zone_checks", pd.DataFrame({"zone_id": []}))
    if "name" in frame:
        titled = {"plan": words.plan, "line": words.line}
        known = {"plan": "common", "line": "line_part"}
        rows = list(zip(frame["check"], frame["name"], frame["part"], strict=True))
        frame = frame.assign(
            against=[titled[check](name) if check in titled else name for check, name, _ in rows],
            part_text=[
                words.word("kind", part)
                if part == "uncovered"
                else words.word(known.get(check, "line_part"), part)
                for check, _, part in rows
            ],
        )
    specs = [
        Spec("zone_id", "id"), Spec("check", "word", translate=lambda c: words.word("zone_check", c)),
        Spec("against", width=30), Spec("part_text", width=16), *area(total=False), Spec("share_ratio", "ratio"),
        Spec("width_m", "number"), Spec("is_sliver", "flag"),
    ]  # fmt: skip
    return grid(frame, specs, words, words.say("zone_checks_title"))


def line_overlaps(grids: ResultGrids) -> Grid:
    """Ground under two control lines that must not overlap."""
    words = grids.words
    found = grids.result.tables.get("line_overlaps", pd.DataFrame({"constraint_a": []}))
    frame = pd.DataFrame(found.drop(columns="geometry", errors="ignore"))
    specs = [
        Spec("constraint_a", "word", translate=words.line, width=18),
        Spec("constraint_b", "word", translate=words.line, width=18), *area(), Spec("width_m", "number"),
        Spec("is_sliver", "flag"),
    ]  # fmt: skip
    return grid(frame, specs, words, words.say("line_overlaps_title"))
