"""Finds out what the study file has to say about a source: columns, units, the CRS, ids, classes."""

from __future__ import annotations

from typing import Any

from landzone.catalog import columns as known
from landzone.errors import Refusal
from landzone.io import evidence
from landzone.io.class_findings import find_plan_scheme, find_use_scheme
from landzone.io.columns import match_columns
from landzone.io.coordinates import crs_label, locate
from landzone.io.raw import Raw
from landzone.io.survey import boxes
from landzone.io.taken import Ground, Taken
from landzone.model.problems import Problems

_FEW = 0.5
"""A column of which less than this share is different names no single buildings."""


def investigate(one: Taken, ground: Ground) -> None:
    """Find out what there is to say about a source, and add it to it."""
    if one.look.raw is None:
        one.say("refused", error=one.look.error, open=True)
        return
    raw = one.look.read_as(one.name)
    if raw.geometry is None:
        word = "found_text" if raw.encoding else "found_table"
        one.say(word, rows=raw.rows_in, encoding=raw.encoding, guessed=raw.encoding_guessed)
        if not one.role.startswith("tables."):
            one.say("no_shapes", open=True)
    else:
        _position(one, raw, ground)
    if one.role.startswith("plans."):
        find_plan_scheme(one, raw, ground)
    _columns(one, raw)
    if one.role == "tables.projects":
        _key(one, raw, ground)
    _required(one, raw)
    _ids(one, raw)
    _units(one, raw)
    if one.name == "parcels":
        find_use_scheme(one, raw)


def _position(one: Taken, raw: Raw, ground: Ground) -> None:
    shapes: dict[str, Any] = {"rows": raw.rows_in, "shapes": one.look.shapes, "encoding": raw.encoding}
    one.say("found", **shapes, guessed=raw.encoding_guessed, crs=crs_label(raw.crs) if raw.crs else "")
    if raw.crs is None:
        _without_crs(one, raw, ground)
        return
    try:
        locate(raw, stated=None, section=one.role, problems=Problems())
    except Refusal as error:
        one.say("refused", error=error, line='crs = "EPSG:…"', open=True)
        return
    share = evidence.share_on_ground(raw, raw.crs, ground.bounds)
    if share is not None and one.look.source != ground.parcels:
        one.say("on_ground", share=share, parcels=ground.parcels)


def _without_crs(one: Taken, raw: Raw, ground: Ground) -> None:
    """Say which CRS the numbers fit: that of a neighbour in whose range they lie, else what their size tells."""
    mine = boxes(raw)
    near = []
    for other in ground.located:
        theirs = boxes(other.raw) if other.raw is not None and other.raw.geometry is not None else mine[:0]
        if len(mine) and len(theirs):
            low, high = theirs[:, :2].min(axis=0), theirs[:, 2:].max(axis=0)
            middle = (mine[:, :2] + mine[:, 2:]) / 2
            if ((middle >= low) & (middle <= high)).all(axis=1).mean() >= 0.5:
                near.append(other)
    labels = {
        crs_label(other.raw.crs) for other in near if other.raw is not None and other.raw.crs is not None
    }
    if len(labels) == 1:
        label = labels.pop()
        one.say("crs_of_neighbour", file=near[0].source, crs=label, line=f'crs = "{label}"', open=True)
        return
    try:
        locate(raw, stated=None, section=one.role, problems=Problems())
    except Refusal as error:
        one.say("refused", error=error, line='crs = "EPSG:…"', open=True)


def _stated(one: Taken) -> dict[str, str]:
    columns: dict[str, str] = dict(one.entry.get("columns", {}))
    header = one.entry.get("class_column") or one.shown.get("class_column")
    return {**columns, "code": header} if header else columns


def _columns(one: Taken, raw: Raw) -> None:
    try:
        one.matches = match_columns(raw, _stated(one), one.entry.get("units", {}))
    except Refusal as error:
        one.say("refused", error=error, open=True)


def _has(one: Taken, canonical: str) -> bool:
    return any(match.spec.name == canonical for match in one.matches)


def _required(one: Taken, raw: Raw) -> None:
    if any(remark.open and remark.word == "refused" for remark in one.remarks):
        return
    for spec in known.own_specs(raw.role).values():
        if spec.required and not _has(one, spec.name):
            line = f'columns.{spec.name} = "…"'
            single = evidence.unique_columns(raw) if spec.kind == "id" else []
            fields: dict[str, Any] = {
                "column": spec.name,
                "zh": spec.zh,
                "columns": evidence.some_columns(raw),
            }
            if single:
                line = f'columns.{spec.name} = "{single[0]}"' if len(single) == 1 else line
                one.say("no_id", **fields, unique=", ".join(single[:10]), line=line, open=True)
            else:
                one.say("no_column", **fields, line=line, open=True)


def _ids(one: Taken, raw: Raw) -> None:
    """Look at ids that repeat: of parcels that is said, a column of buildings that mostly repeats is no id at all."""
    name = known.id_column(raw.role)
    header = next((m.header for m in one.matches if m.spec.name == name), "")
    if not header or raw.geometry is None:
        return
    share = evidence.distinct_share(raw, header)
    spec = known.own_specs(raw.role)[name]
    if not spec.required and share < _FEW:
        one.entry.setdefault("columns", {})[name] = ""
        one.say("not_an_id", header=header, column=name, share=share)
        _columns(one, raw)
    elif share < 1:
        one.say("ids_repeat", header=header, share=1 - share, line='same_id = "merge_parts"')


def _key(one: Taken, raw: Raw, ground: Ground) -> None:
    """Find the column of a ledger that holds the ids of the parcels, where no header says so."""
    if _has(one, "parcel_id") or not ground.ids:
        return
    found = evidence.key_column(raw, ground.ids)
    if found is None:
        one.say(
            "no_key",
            parcels=ground.parcels,
            columns=evidence.some_columns(raw),
            line='columns.parcel_id = "…"',
            open=True,
        )
        return
    header, share = found
    one.entry.setdefault("columns", {})["parcel_id"] = header
    one.say("key_by_values", header=header, share=share, parcels=ground.parcels)
    _columns(one, raw)


def _units(one: Taken, raw: Raw) -> None:
    others = {match.spec.name: match for match in one.matches}
    for match in one.matches:
        name = match.spec.name
        if match.spec.kind not in ("money", "area"):
            continue
        found = evidence.area_unit(raw, match, others, raw.crs)
        if not evidence.needs_unit(raw, match):
            if found and match.unit and found.unit != match.unit.name:
                one.say(
                    "unit_differs",
                    header=match.header,
                    unit=match.unit.name,
                    other=found.unit,
                    share=found.share,
                )
            continue
        if found is not None:
            one.entry.setdefault("units", {})[name] = found.unit
            word = "unit_by_floors" if name == "floor_area" else "unit_by_shapes"
            one.say(
                word, header=match.header, column=name, unit=found.unit, share=found.share, rows=found.rows
            )
        else:
            first = "wan_cny" if match.spec.kind == "money" else "m2"
            values = ", ".join(str(v) for v in list(raw.cells[match.header].dropna().unique())[:3])
            word = "no_unit_money" if match.spec.kind == "money" else "no_unit_area"
            line = f'units.{name} = "{first}"'
            one.say(word, header=match.header, column=name, values=values, line=line, open=True)
