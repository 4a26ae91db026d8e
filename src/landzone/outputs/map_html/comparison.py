"""``compare_map.html``: what changed between two audits, and both side by side under a line that can be moved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from landzone.catalog.measure_list import measure_spec
from landzone.errors import OutputError
from landzone.model.comparison import Comparison
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.map_html import codec, compose, content, findings
from landzone.outputs.map_html.page import OfflineMap
from landzone.outputs.map_html.themed import ThemedLayer, retheme, themed
from landzone.outputs.map_html.themes import Theme, by_code, styles
from landzone.outputs.result_grids import idle_classes

FILE_NAME = "compare_map.html"
CHANGES = ("verdict_changes", "idle_changes", "conflict_changes")
_BOTH = ("parcels", "patches")
_SEVERITY = {"severe": 5, "high": 4, "medium": 3, "low": 2}
_WEIGHTS = {
    "became_fail": 5, "became_unknown": 3, "other": 2, "became_pass": 1,
    "into": 5, "within": 4, "out": 1, "appeared": 2, "gone": 2,
    "grown": 3, "shrunk": 1, "solved": 1,
}  # fmt: skip


def write(
    study: Study, before: Study, old: AuditResult, new: AuditResult, result: Comparison, folder: Path
) -> Path:
    """Write ``compare_map.html`` into a folder and return its path.

    Raises
    ------
    OutputError
        When the file cannot be written, or when the page would need a network.
    """
    path = folder / FILE_NAME
    page = build(study, before, old, new, result).page()
    try:
        path.write_bytes(page.encode("utf-8"))
    except OSError as error:
        raise OutputError(f"{path.name} could not be written: {error.strerror}") from error
    return path


def build(study: Study, before: Study, old: AuditResult, new: AuditResult, result: Comparison) -> OfflineMap:
    """Return the map of a comparison as a ``folium.Map``.

    Layers: what changed (verdicts, idle classes, conflicts), zones, parcels, patches and the other layers of the new
    audit; parcels and patches of the old one for the side-by-side view, in the classes of both together.

    Parameters
    ----------
    study : Study
        That of the new audit, with the plans and lines of both.
    before : Study
        That of the old audit.
    """
    shown = replace(new, lang=result.lang)
    layers = content.themed_layers(study, shown)
    for name in _BOTH:
        layers[name + content.EARLIER], layers[name] = _sides(name, (before, old), (study, shown))
    changes = {
        "verdict_changes": _verdicts(result),
        "idle_changes": _idle(result),
        "conflict_changes": _conflicts(result),
    }
    places = [new.zones["zone_id"], changes["verdict_changes"].frame["parcel_id"]]
    moves, titles = _moves(study, result, places, _owners(old, new))
    more = {
        "audits": {"old": old.as_of.isoformat(), "new": new.as_of.isoformat()},
        "moves": codec.packed_columns(moves),
        "titles": titles,
        "findings": findings.payload(study, shown) | _entries(changes, moves),
    }
    return compose(study, shown, {**layers, **changes}, more=more, hidden=("buildings",))


def _sides(
    name: str, old: tuple[Study, AuditResult], new: tuple[Study, AuditResult]
) -> tuple[ThemedLayer, ThemedLayer]:
    """Return a layer of both audits in one set of classes, so that one colour means one thing on both sides."""
    parts = [themed(name, *side).frame for side in (old, new)]
    whole = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=parts[1].crs)
    both = retheme(name, whole, *new)
    if name == "parcels":
        plain = Theme("plain", [{"name": name, **styles()["plain"][name]}], [0] * len(whole))
        both = replace(both, themes=(plain, *both.themes))
    first = np.arange(len(whole)) < len(parts[0])
    before, after = both.where(first), both.where(~first)
    return replace(before, name=name + content.EARLIER), after


def _verdicts(result: Comparison) -> ThemedLayer:
    own = result.parcels[result.parcels["verdict_change"].notna()].reset_index(drop=True)
    own = own.assign(zone_id=_latest(own, "zone_id"))
    return _layer("verdict_changes", own, by_code("verdict_change", own["verdict_change"], "verdict_change"))


def _idle(result: Comparison) -> ThemedLayer:
    own = result.parcels
    classes = [own[f"idle_class_{side}"].astype("object").fillna("") for side in ("old", "new")]
    own = own[classes[0] != classes[1]].reset_index(drop=True)
    known = idle_classes()
    was, is_now = own["idle_class_old"].isin(known), own["idle_class_new"].isin(known)
    move = np.select(
        [own["state"] == "appeared", own["state"] == "gone", is_now & ~was, was & ~is_now, was & is_now],
        ["appeared", "gone", "into", "out", "within"],
        "other",
    )
    own = own.assign(idle_move=move, zone_id=_latest(own, "zone_id"))
    return _layer("idle_changes", own, by_code("idle_move", own["idle_move"], "idle_move"))


def _conflicts(result: Comparison) -> ThemedLayer:
    own = result.patches
    own = own[(own["kind"] == "conflict") & (own["state"] != "kept")].reset_index(drop=True)
    own = own.rename(columns={"state": "conflict_state"}).assign(patch_id=_latest(own, "patch_id"))
    return _layer("conflict_changes", own, by_code("conflict_state", own["conflict_state"], "conflict_state"))


def _layer(name: str, frame: gpd.GeoDataFrame, theme: Theme) -> ThemedLayer:
    return ThemedLayer(name, frame, (theme,))


def _latest(frame: pd.DataFrame, name: str) -> pd.Series:
    new = frame[f"{name}_new"]
    return new.where(new.notna(), frame[f"{name}_old"])


def _owners(old: AuditResult, new: AuditResult) -> dict[str, list[str]]:
    """Return the parcels of every project of both audits."""
    names = ["project_id", "parcel_id"]
    parts = [audit.projects[names] for audit in (old, new) if set(names) <= set(audit.projects.columns)]
    pairs = pd.concat(parts).dropna().drop_duplicates() if parts else pd.DataFrame(columns=names)
    return {str(key): sorted(own) for key, own in pairs.groupby("project_id")["parcel_id"]}


def _moves(
    study: Study, result: Comparison, ids: list[pd.Series], owners: dict[str, list[str]]
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return every changed verdict of a drawn zone or parcel, as columns, and the titles of their rules."""
    own = result.findings[result.findings["change"] != ""]
    places = [{str(one): place for place, one in enumerate(own)} for own in ids]
    rows = []
    for row in own.itertuples(index=False):
        layer = 0 if row.subject_kind == "zone" else 1
        subjects = (
            [row.subject_id] if row.subject_kind in ("zone", "parcel") else owners.get(row.subject_id, [])
        )
        rows += [(layer, places[layer][s], row) for s in subjects if s in places[layer]]
    keys = sorted({(row.pack_id, row.rule_id, str(row.measure)) for _, _, row in rows})
    place = {key: number for number, key in enumerate(keys)}
    columns = {
        "layer": [layer for layer, _, _ in rows],
        "feature": [feature for _, feature, _ in rows],
        "title": [place[(row.pack_id, row.rule_id, str(row.measure))] for _, _, row in rows],
        "old": codec.dictionary([_code(row.verdict_old) for _, _, row in rows]),
        "new": codec.dictionary([_code(row.verdict_new) for _, _, row in rows]),
        "weight": [_WEIGHTS[row.change] for _, _, row in rows],
    }
    return columns, [_title(study, *key) for key in keys]


def _code(verdict: Any) -> str:
    return verdict if isinstance(verdict, str) else "none"


def _title(study: Study, pack_id: str, rule_id: str, measure: str) -> dict[str, str]:
    for pack in study.rule_packs:
        for rule in pack.rules:
            if (pack.id, rule.id) == (pack_id, rule_id):
                return {lang: f"{rule_id} {text}" for lang, text in rule.title.items()}
    spec = measure_spec(measure)
    return {lang: f"{rule_id} {spec.title[lang] if spec else measure}" for lang in ("zh", "en")}


def _entries(changes: dict[str, ThemedLayer], moves: dict[str, Any]) -> dict[str, Any]:
    """Return the list of changes, gravest first, and their number: verdicts of zones and parcels, idle classes,
    conflicts.
    """
    rows: list[tuple[int, str, int, int]] = [
        (weight, "verdict_change" if layer else "verdict_change_zone", feature, place)
        for place, (layer, feature, weight) in enumerate(
            zip(moves["layer"], moves["feature"], moves["weight"], strict=True)
        )
    ]
    idle = changes["idle_changes"].frame
    rows += [(_WEIGHTS[move], "idle_change", place, -1) for place, move in enumerate(idle["idle_move"])]
    own = changes["conflict_changes"].frame
    for place, (state, severity) in enumerate(zip(own["conflict_state"], own["severity_new"], strict=True)):
        weight = _SEVERITY.get(str(severity), 2) if state == "new" else _WEIGHTS[state]
        rows.append((weight, "conflict_change", place, -1))
    rows.sort(key=lambda row: (-row[0], row[1], row[2], row[3]))
    columns = {
        "group": [group for _, group, _, _ in rows],
        "feature": [feature for _, _, feature, _ in rows],
        "rule": [rule for _, _, _, rule in rows],
        "weight": [weight for weight, _, _, _ in rows],
    }
    return {"count": len(rows), "list": codec.packed_columns(columns)}
