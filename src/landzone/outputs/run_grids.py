"""Tables of what went in and what was wrong with it: inputs, coordinate operations, versions, problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from landzone.catalog import load
from landzone.catalog.labels import labels
from landzone.model.study import Study
from landzone.outputs.grid import Grid, Spec, grid
from landzone.outputs.wording import Wording


def inputs(study: Study, words: Wording) -> Grid:
    """Every input with its rows, CRS and encoding."""
    return record_inputs([vars(one) for one in study.inputs], words)


def record_inputs(records: Sequence[Mapping[str, Any]], words: Wording) -> Grid:
    """Return inputs as ``run.json`` lists them."""
    rows = [{**one, "file": one["source"]} for one in records]
    names = ["role", "file", "layer", "rows_in", "rows_used", "rows_rejected", "crs", "encoding"]
    counts = [Spec(name, "count", total=True) for name in ("rows_in", "rows_used", "rows_rejected")]
    specs = [
        Spec("role", "word", translate=words.role, width=26), Spec("file", width=24), Spec("layer", width=18),
        *counts, Spec("crs", width=14), Spec("encoding"),
    ]  # fmt: skip
    return grid(pd.DataFrame(rows, columns=names), specs, words, words.say("inputs_title"))


def hashes(study: Study, words: Wording) -> Grid:
    """Every file once, with its SHA-256."""
    known = {(name, digest) for one in study.inputs for name, digest in one.sha256.items()}
    frame = pd.DataFrame(sorted(known), columns=["file", "sha256"])
    specs = [Spec("file", width=24), Spec("sha256", "id", width=66)]
    return grid(frame, specs, words, words.say("hashes_title"))


def operations(study: Study, words: Wording) -> Grid:
    """Coordinate operations with their accuracy in metres."""
    return record_operations([vars(one) for one in study.crs_operations], words)


def record_operations(records: Sequence[Mapping[str, Any]], words: Wording) -> Grid:
    """Return coordinate operations as ``run.json`` lists them."""
    rows = [
        {**one, "operation": one["name"], "accuracy": _accuracy(one["accuracy_m"], words)} for one in records
    ]
    names = ["role", "source_crs", "target_crs", "operation", "accuracy", "pipeline"]
    specs = [
        Spec("role", "word", translate=words.role, width=26), Spec("source_crs", width=14),
        Spec("target_crs", width=14), Spec("operation", width=36), Spec("accuracy"), Spec("pipeline", width=60),
    ]  # fmt: skip
    return grid(pd.DataFrame(rows, columns=names), specs, words, words.say("operations_title"))


def _accuracy(metres: float, words: Wording) -> str:
    if metres < 0:
        return words.say("accuracy_unknown")
    return words.say("accuracy_exact") if metres == 0 else f"{metres:g}"


def packs(study: Study, words: Wording) -> Grid:
    """Rule packs with their force and SHA-256."""
    force = labels("measures", words.lang)
    rows = [
        {
            "code": pack.id,
            "pack_title": pack.title[words.lang],
            "source_document": pack.source,
            "binding": force[pack.binding.value],
            "sha256": pack.sha256,
        }
        for pack in study.rule_packs
    ]
    names = ["code", "pack_title", "source_document", "binding", "sha256"]
    specs = [
        Spec("code", "id", width=24), Spec("pack_title", width=26), Spec("source_document", width=24),
        Spec("binding"), Spec("sha256", "id", width=66),
    ]  # fmt: skip
    return grid(pd.DataFrame(rows, columns=names), specs, words, words.say("packs_title"))


def versions(found: Mapping[str, str], words: Wording) -> Grid:
    """Versions of the software."""
    frame = pd.DataFrame(sorted(found.items()), columns=["package", "version"])
    return grid(frame, [Spec("package", width=20), Spec("version", "id")], words, words.say("versions_title"))


def matched(study: Study, words: Wording) -> Grid:
    """Which column of which input was taken for what, how it was known, and in which unit it is."""
    rows = [
        {
            "role": one.role,
            "header": use.header,
            "measured_column": use.canonical,
            "canonical": use.canonical,
            "unit": words.unit(use.unit) if use.unit else "",
            "how": use.how,
            "count": use.filled,
        }
        for one in sorted(study.inputs, key=lambda one: one.role)
        for use in one.columns
    ]
    names = ["role", "header", "measured_column", "canonical", "unit", "how", "count"]
    specs = [
        Spec("role", "word", translate=words.role, width=20), Spec("header", "id", width=24),
        Spec("measured_column", "word", translate=words.title, width=26), Spec("canonical", "id", width=30),
        Spec("unit", title=words.say("header_unit")),
        Spec("how", "word", title=words.say("header_how"), translate=lambda how: words.say(f"header_{how}"), width=22),
        Spec("count", "count", title=words.say("filled_rows")),
    ]  # fmt: skip
    return grid(pd.DataFrame(rows, columns=names), specs, words, words.say("matched_title"))


def problems(frame: pd.DataFrame, words: Wording, title: str) -> Grid:
    """Rejects, repairs or notes, with file, row and message."""
    specs = [
        Spec("source", width=20), Spec("layer", "word", translate=words.role, width=18), Spec("row", "id"),
        Spec("subject_id", "id", width=24), Spec("code", "id", width=24), Spec("column", width=18),
        Spec("raw_value", "id", width=20), Spec("before", "id", width=16), Spec("after", "id", width=16),
        Spec("message", width=70),
    ]  # fmt: skip
    rows = frame.assign(row=[str(r) if r else None for r in frame["row"]]) if "row" in frame else frame
    return grid(rows, specs, words, title)


def topology(frame: pd.DataFrame, words: Wording) -> Grid:
    """Places where the shapes of a layer do not fit together, with ids, area, width and a point to go to."""
    kinds = load.table("topology.toml")["kinds"]
    specs = [
        Spec("layer", "word", translate=words.role, width=18),
        Spec("kind", "word", translate=lambda kind: str(kinds[kind][words.lang]), width=18),
        Spec("first_id", "id", width=24), Spec("second_id", "id", width=24), Spec("neighbours_count", "count"),
        Spec("area_m2", "m2"), Spec("width_m", "width"), Spec("is_sliver", "flag"), Spec("x", "place", width=14),
        Spec("y", "place", width=14),
    ]  # fmt: skip
    own = pd.DataFrame(frame.drop(columns="geometry"))
    own["neighbours_count"] = own["neighbours_count"].where(own["neighbours_count"] > 0)
    return grid(own, specs, words, words.say("topology_title"), words.say("topology_note"))


def grounds(study: Study, words: Wording) -> Grid:
    """How much ground each layer covers, and how much of it counts more than once."""
    limits = study.settings.topology.overlap_limit_ratio
    rows = [
        {
            "layer": one.role,
            "shapes_count": one.shapes_count,
            "ground_m2": one.ground_m2,
            "counted_twice_m2": one.counted_twice_m2,
            "twice_ratio": one.ratio,
            "limit_ratio": limits.get(one.role.partition(".")[0]),
        }
        for one in study.topology.grounds
    ]
    names = ["layer", "shapes_count", "ground_m2", "counted_twice_m2", "twice_ratio", "limit_ratio"]
    specs = [
        Spec("layer", "word", translate=words.role, width=18), Spec("shapes_count", "count"),
        Spec("ground_m2", "ha"), Spec("counted_twice_m2", "m2"), Spec("twice_ratio", "ratio"),
        Spec("limit_ratio", "ratio"),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=names)
    frame["limit_ratio"] = frame["limit_ratio"].astype("float64")
    return grid(frame, specs, words, words.say("grounds_title"), words.say("grounds_note"))


def by_code(frames: Mapping[str, pd.DataFrame], words: Wording, title: str) -> Grid:
    """Count problems by code, with the first message of each: what is wrong and what to do."""
    rows: list[dict[str, Any]] = []
    for kind, frame in frames.items():
        for code, own in frame.groupby("code", sort=True):
            example = own.sort_values(["subject_id", "message"], kind="stable")["message"].iloc[0]
            rows.append({"kind_word": kind, "code": str(code), "count": len(own), "example": str(example)})
    frame = pd.DataFrame(rows, columns=["kind_word", "code", "count", "example"])
    specs: Sequence[Spec] = [
        Spec("kind_word", title=words.title("kind")), Spec("code", "id", width=24), Spec("count", "count"),
        Spec("example", width=70),
    ]  # fmt: skip
    return grid(frame, specs, words, title)
