"""What differs between two runs besides their results: date, rule packs, settings, plans, inputs, versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

SETTINGS_COLUMNS = ["topic", "name", "old_text", "new_text"]
PLAN_COLUMNS = ["kind", "name", "state", "changed", "old_rows_count", "new_rows_count", "file_changed"]
_TOPICS = {"settings": "setting", "versions": "version"}
_FOLDED = ("plans", "constraints")
_INPUT = ("source", "layer", "rows_in", "rows_used", "rows_rejected", "crs", "encoding")
_DETAILS = (
    "role",
    "kind",
    "title",
    "crosswalk",
    "valid_from",
    "valid_to",
    "precedence",
    "rule",
    "type",
    "severity",
    "clause",
)


def setting_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> pd.DataFrame:
    """Return what two run records say differently: topic, name, old, new; empty where one says nothing.

    >>> one = {"as_of": "2026-06-30", "settings": {"idle": {"anniversary": "civil"}}}
    >>> two = {"as_of": "2026-06-30", "settings": {"idle": {"anniversary": "calendar"}}}
    >>> setting_changes(one, two).to_numpy().tolist()
    [['setting', 'idle.anniversary', 'civil', 'calendar']]
    """
    first, second = dict(_said(old)), dict(_said(new))
    rows = [
        (*key, first.get(key, ""), second.get(key, ""))
        for key in sorted({*first, *second})
        if first.get(key, "") != second.get(key, "")
    ]
    return pd.DataFrame(rows, columns=SETTINGS_COLUMNS).astype("str")


def _said(run: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    for name in ("as_of", "study", "crs"):
        yield (name, ""), _text(run.get(name, ""))
    for part, topic in _TOPICS.items():
        for path, value in _flat(run.get(part, {})):
            if (topic, path) != ("setting", "name"):  # the study by its name, said once
                yield (topic, path), value
    for pack in run.get("rule_packs", []):
        yield ("rule_pack", pack["id"]), pack["sha256"][:12]
        for file, digest in sorted(pack.get("table_sha256", {}).items()):
            yield ("rule_pack", f"{pack['id']} {file}"), digest[:12]
    for kind in _FOLDED:
        for one in run.get(kind, []):
            for name in _DETAILS:
                if name in one:
                    yield (kind, f"{one['name']}.{name}"), _text(one[name])
    for one in run.get("inputs", []):
        for name in _INPUT:
            yield ("input", f"{one['role']}.{name}"), _text(one.get(name, ""))
        for file, digest in sorted(one.get("sha256", {}).items()):
            yield ("input", f"{one['role']}.sha256 {file}"), digest[:12]
    for one in run.get("crs_operations", []):
        yield ("crs_operation", one["role"]), f"{one['name']} ({one['accuracy_m']:g} m)"


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key in sorted(value):
            yield from _flat(value[key], f"{path}.{key}" if path else str(key))
    else:
        yield path, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {value[key]}" for key in sorted(value))
    return "" if value is None else str(value)


def plan_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> pd.DataFrame:
    """Return every plan and line of control of both audits: unchanged, changed, appeared or gone.

    ``changed`` names what is said differently, joined by ``|``; ``file_changed`` tells whether the bytes of its file
    differ (several plans may share one file).
    """
    rows = []
    for kind, role in (("plan", "plans"), ("line", "constraints")):
        first, second = ({one["name"]: one for one in run.get(role, [])} for run in (old, new))
        inputs = [{one["role"]: one for one in run.get("inputs", [])} for run in (old, new)]
        for name in sorted({*first, *second}):
            a, b = first.get(name), second.get(name)
            files = [own.get(f"{role}.{name}", {}) for own in inputs]
            moved = [n for n in _DETAILS if a and b and _text(a.get(n)) != _text(b.get(n))]
            bytes_moved = bool(a and b and files[0].get("sha256") != files[1].get("sha256"))
            rows_used = [own.get("rows_used") for own in files]
            differs = bool(moved) or rows_used[0] != rows_used[1]
            state = (
                "gone" if b is None else "appeared" if a is None else "changed" if differs else "unchanged"
            )
            rows.append((kind, name, state, "|".join(moved), *rows_used, bytes_moved))
    kinds = {"kind": "str", "name": "str", "state": "str", "changed": "str", "file_changed": "bool"}
    counts = {"old_rows_count": "Int64", "new_rows_count": "Int64"}
    return pd.DataFrame(rows, columns=PLAN_COLUMNS).astype(kinds | counts)


def moved_packs(old: Mapping[str, Any], new: Mapping[str, Any]) -> frozenset[str]:
    """Return the ids of rule packs whose text or tables differ, or that one audit alone used."""
    sides = [
        {
            pack["id"]: (pack["sha256"], sorted(pack.get("table_sha256", {}).items()))
            for pack in run["rule_packs"]
        }
        for run in (old, new)
    ]
    return frozenset(name for name in {*sides[0], *sides[1]} if sides[0].get(name) != sides[1].get(name))
