"""The tables of the plan comparison for people: plan by plan, and class by class."""

from __future__ import annotations

import pandas as pd

from landzone.outputs.grid import Grid, Spec, grid
from landzone.outputs.result_grids import ResultGrids


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
