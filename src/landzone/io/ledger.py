"""The gate for tables: projects, enterprises and figures of zones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from landzone.catalog import columns as known
from landzone.catalog.columns import ColumnSpec
from landzone.catalog.messages import refusal
from landzone.io.cells import MISSING, plain_value, reading
from landzone.io.columns import Match, column_uses, match_columns, nearest, stated_match
from landzone.io.numbers import read_ratio
from landzone.io.raw import Raw
from landzone.io.rows import content_order, drop_copies, drop_missing, settle_doubles
from landzone.io.typed import Typed, read_table, rejected_cells
from landzone.model.layer import InputRecord, Layer, Table
from landzone.model.problems import Problems


def gate_table(
    raw: Raw,
    *,
    columns: Mapping[str, str],
    units: Mapping[str, str],
    key: str,
    problems: Problems,
    money: str = "wan_cny",
) -> Table:
    """Let a ledger in: typed columns, no copies, no row without its key; sorted by content.

    Parameters
    ----------
    raw : Raw
        Role ``projects``, ``enterprises`` or ``zone_figures``.
    columns, units : mapping
        What the study states about headers and units; an empty header leaves a column out.
    key : str
        Canonical id by which the table is joined (``parcel_id``, ``zone_id``).
    problems : Problems
        Takes rejects, repairs and notes.
    money : str
        Unit in which amounts are named in messages.

    Returns
    -------
    Table
        projects: RangeIndex, sorted by ``project_id`` and ``parcel_id``. enterprises: RangeIndex. zone_figures:
        index ``zone_id``, one float column a measure under its own name.

    Raises
    ------
    Refusal
        COLUMN_MISSING, COLUMN_AMBIGUOUS, COLUMN_UNKNOWN, UNIT_MISSING, UNIT_UNKNOWN.
    """
    matches = match_columns(raw, columns, units)
    if raw.role == "zone_figures":
        matches = _measures(raw, matches, columns, units, key)
    _require_key(raw, matches, key)
    subjects = ["project_id", key] if raw.role == "projects" else [key]
    headers = {m.spec.name: m.header for m in matches}
    named_by = next((headers[name] for name in subjects if name in headers), "")
    raw_rows = drop_copies(raw, named_by, problems)
    typed = read_table(raw_rows, matches, subjects, problems)
    spec = next((m.spec for m in matches if m.spec.name == key), None)
    if spec is not None:
        drop_missing(raw_rows, typed, spec, problems, money)
    frame = _finish(raw_rows, typed, key, problems)
    record = InputRecord(
        role=raw.role,
        source=raw.source,
        layer=raw.layer,
        rows_in=raw.rows_in,
        rows_used=len(frame),
        rows_rejected=raw.rows_in - len(frame),
        encoding=raw.encoding,
        sha256=raw.sha256,
        columns=column_uses(matches, frame),
    )
    return Table(role=raw.role, frame=frame, source=record, key=key)


def projects_from_parcels(layer: Layer) -> Table | None:
    """Return the project columns that stand on the parcels layer as a ledger, or None where there are none.

    Parcels on which all of these columns are blank (and none was rejected) have no project. The source of the
    table is empty, because its rows were counted with the layer.
    """
    own = set(known.own_specs("parcels"))
    specs = {s.frame_name: s.name for n, s in known.own_specs("projects").items() if n not in own}
    there = [c for c in layer.frame.columns if c in specs]
    if not there:
        return None
    frame = pd.DataFrame(layer.frame[[*there, "source_row", "rejected_cells"]])
    names = {specs[c] for c in there}
    frame["rejected_cells"] = pd.Series(
        ["|".join(c for c in text.split("|") if c in names) for text in frame["rejected_cells"]],
        index=frame.index,
        dtype="str",
    )
    told = frame[there].notna().any(axis=1) | (frame["rejected_cells"] != "")
    frame = frame[told].rename_axis("parcel_id").reset_index()
    record = InputRecord(role="projects", source="", rows_in=len(frame), rows_used=len(frame))
    return Table(role="projects", frame=_project_ids(frame), source=record, key="parcel_id")


def _require_key(raw: Raw, matches: Sequence[Match], key: str) -> None:
    if key not in {m.spec.name for m in matches} and raw.role != "enterprises":
        spec = known.specs(raw.role).get(key, ColumnSpec(key, "id"))
        headers = [str(c) for c in raw.cells.columns]
        near = ", ".join(nearest(key, headers)) or ", ".join(headers)
        place = {"file": raw.source, "layer": raw.layer, "column": key}
        raise refusal("COLUMN_MISSING", **place, canonical=key, zh=spec.zh, near=near)


def _finish(raw: Raw, typed: Typed, key: str, problems: Problems) -> pd.DataFrame:
    frame = typed.frame.assign(rejected_cells=rejected_cells(typed.faulty, len(typed.frame)))
    frame = frame[~typed.dropped].reset_index(drop=True)
    if raw.role == "projects":
        return _project_ids(frame)
    if raw.role == "zone_figures":
        shapes = np.full(len(frame), None, dtype=object)
        place = {"source": raw.source, "layer": raw.role}
        frame = frame[settle_doubles(frame, shapes, key, place, problems)]
        return frame.set_index(key).sort_index()
    first = [c for c in (key, "enterprise") if c in frame]
    return frame.iloc[content_order(frame, first)].reset_index(drop=True)


def _project_ids(frame: pd.DataFrame) -> pd.DataFrame:
    """Give a project without id the id of its parcel with an ordinal in order of content, and sort."""
    if "project_id" not in frame:
        frame = frame.assign(project_id=pd.Series(np.nan, index=frame.index, dtype="str"))
    frame = frame.iloc[content_order(frame, ["parcel_id", "project_id"])].reset_index(drop=True)
    blank = frame["project_id"].isna()
    ordinal = (frame[blank].groupby("parcel_id").cumcount() + 1).astype("str")
    frame.loc[blank, "project_id"] = frame.loc[blank, "parcel_id"] + "-" + ordinal
    frame = frame.iloc[content_order(frame, ["project_id", "parcel_id"])].reset_index(drop=True)
    return frame[["project_id", "parcel_id", *frame.columns.drop(["project_id", "parcel_id"])]]


def _measures(
    raw: Raw, matches: Sequence[Match], columns: Mapping[str, str], units: Mapping[str, str], key: str
) -> list[Match]:
    """Take every further column of a zone figure table for a measure under its own name."""
    found = [m for m in matches if m.spec.name in {key, "zone_id"}]
    if key not in {m.spec.name for m in found}:
        spec = ColumnSpec(key, "id")
        header = columns.get(key, key)
        if header in raw.cells.columns:
            found.append(Match(spec, header, "stated"))
    taken = {m.header for m in found}
    for canonical, header in columns.items():
        if header and canonical not in {m.spec.name for m in found}:
            found.append(stated_match(raw, ColumnSpec(canonical, "measure"), header, units))
            taken.add(found[-1].header)
    for header in (str(c) for c in raw.cells.columns):
        if header not in taken and header not in columns.values():
            match = stated_match(raw, ColumnSpec(header, "measure"), header, units)
            if _holds_numbers(raw, header):
                found.append(match)
    return [_as_share(raw, m, units) if m.spec.kind == "measure" else m for m in found]


def _holds_numbers(raw: Raw, header: str) -> bool:
    cells = read_ratio(list(raw.cells[header].dropna().unique()), None)
    return any(c.value is not None or c.fault in {"UNIT_AMBIGUOUS", "VALUE_RANGE"} for c in cells) or all(
        c == MISSING for c in cells
    )


def _as_share(raw: Raw, match: Match, units: Mapping[str, str]) -> Match:
    """Read a measure as a share where its name, its unit or a % sign says so."""
    rules = reading()["ratio"]
    name = plain_value(match.spec.name)
    if any(word in name for word in rules["not_shares"]):
        return match
    texts = raw.cells[match.header].dropna()
    per_cent = any(isinstance(t, str) and plain_value(t).endswith("%") for t in texts.unique())
    named = name.endswith(tuple(rules["suffixes"])) or any(word in name for word in rules["names"])
    if not (named or per_cent or units.get(match.spec.name) in {"ratio", "percent"}):
        return match
    return stated_match(raw, ColumnSpec(match.spec.name, "share"), match.header, units)
