"""The gate: what passes it is typed, valid, measured in one CRS and named by unique text ids.

Every row of a source either becomes part of the layer or stands in ``rejects`` with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from landzone.catalog import columns as known
from landzone.catalog.messages import refusal
from landzone.geometry.area import AreaMeasure
from landzone.geometry.transform import Transformation
from landzone.io.agreement import compare_areas
from landzone.io.cells import reading
from landzone.io.columns import Match, column_uses, match_columns, nearest
from landzone.io.ledger import gate_table, projects_from_parcels
from landzone.io.parts import merge_parts
from landzone.io.raw import Raw
from landzone.io.rows import (
    Shapes,
    content_order,
    drop_copies,
    drop_missing,
    settle_doubles,
    standin_ids,
)
from landzone.io.shapes import admit_shapes
from landzone.io.typed import Typed, read_table, rejected_cells
from landzone.model.layer import InputRecord, Layer
from landzone.model.problems import Problems

__all__ = ["gate_layer", "gate_table", "projects_from_parcels"]

MERGE_PARTS = "merge_parts"


def gate_layer(
    raw: Raw,
    *,
    columns: Mapping[str, str],
    units: Mapping[str, str],
    same_id: str,
    crs: pyproj.CRS,
    transformation: Transformation | None,
    measure: AreaMeasure,
    problems: Problems,
    money: str = "wan_cny",
) -> Layer:
    """Let a map layer in.

    Parameters
    ----------
    raw : Raw
        The source as read; its role decides which columns it may have and whether rows need an id.
    columns, units : mapping
        What the study states about headers and units; an empty header leaves a column out.
    same_id : str
        ``reject``: rows that share an id are not used. ``merge_parts``: they are parts of one unit.
    crs : pyproj.CRS
        Working CRS.
    transformation : Transformation or None
        From the CRS of the source to the working CRS; None where they are the same.
    measure : AreaMeasure
        How areas are measured in the working CRS.
    problems : Problems
        Takes rejects, repairs and notes.
    money : str
        Unit in which amounts are named in messages.

    Returns
    -------
    Layer
        Sorted by id. Plans, constraints and phases have no ids: they are sorted by content and numbered.

    Raises
    ------
    Refusal
        COLUMN_MISSING, COLUMN_AMBIGUOUS, COLUMN_UNKNOWN, UNIT_MISSING, UNIT_UNKNOWN.
    """
    matches = match_columns(raw, columns, units)
    unit_id = known.id_column(raw.role)
    _require_ids(raw, matches)
    headers = {m.spec.name: m.header for m in matches}
    raw = drop_copies(raw, headers.get(unit_id, ""), problems)
    typed = read_table(raw, matches, [unit_id, "parcel_id", "project_id"], problems)
    for spec in (m.spec for m in matches if m.spec.required):
        drop_missing(raw, typed, spec, problems, money)
    shapes = admit_shapes(raw, typed, transformation, measure, problems)
    if same_id == MERGE_PARTS:
        _drop_incomplete(raw, typed, unit_id, problems)
    frame = typed.frame.assign(rejected_cells=rejected_cells(typed.faulty, len(typed.frame)))
    keep = ~typed.dropped
    place = {"source": raw.source, "layer": raw.role}
    frame, shapes, used = _with_ids(
        frame[keep].reset_index(drop=True),
        shapes[keep],
        unit_id,
        merge=same_id == MERGE_PARTS,
        place=place,
        problems=problems,
    )
    if "registered_area_m2" in frame:
        original = dict(zip(raw.rows.tolist(), raw.cells[headers["registered_area"]], strict=True))
        frame = compare_areas(frame, measure.m2(shapes), original, place, problems)
    layer = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index, crs=crs), crs=crs)
    record = InputRecord(
        role=raw.role,
        source=raw.source,
        layer=raw.layer,
        rows_in=raw.rows_in,
        rows_used=used,
        rows_rejected=raw.rows_in - used,
        crs=_crs_text(raw.crs),
        encoding=raw.encoding,
        sha256=raw.sha256,
        columns=column_uses(matches, layer),
    )
    return Layer(role=raw.role, frame=layer, source=record)


def _require_ids(raw: Raw, matches: list[Match]) -> None:
    found = {m.spec.name for m in matches}
    for spec in known.own_specs(raw.role).values():
        if spec.required and spec.name not in found:
            names = [str(c) for c in raw.cells.columns]
            near = ", ".join(nearest(spec.name, names) or nearest(spec.zh, names)) or ", ".join(names)
            place = {"file": raw.source, "layer": raw.layer, "column": spec.name}
            raise refusal("COLUMN_MISSING", **place, canonical=spec.name, zh=spec.zh, near=near)


def _crs_text(crs: pyproj.CRS | None) -> str:
    if crs is None:
        return ""
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(crs.name)


def _drop_incomplete(raw: Raw, typed: Typed, unit_id: str, problems: Problems) -> None:
    """Reject the other parts of a unit of which a part was rejected: a unit is never used in part."""
    if unit_id not in typed.frame:
        return
    ids = typed.frame[unit_id]
    rows = (ids.isin(ids[typed.dropped].dropna()) & ~typed.dropped).to_numpy(dtype=bool)
    problems.reject("PARTS_INCOMPLETE", source=raw.source, layer=raw.role, rows=raw.rows[rows], ids=ids[rows])
    typed.dropped |= rows


def _with_ids(
    frame: pd.DataFrame,
    shapes: Shapes,
    unit_id: str,
    *,
    merge: bool,
    place: Mapping[str, str],
    problems: Problems,
) -> tuple[pd.DataFrame, Shapes, int]:
    """Return the rows under unique, sorted text ids, their shapes, and how many source rows they stand for."""
    if not unit_id:
        first = [c for c in known.own_specs(place["layer"]) if c in frame]
        order = content_order(frame, first, shapes)
        width = max(4, len(str(len(frame))))
        index = pd.Index([f"{n:0{width}d}" for n in range(1, len(frame) + 1)], dtype="str", name="feature_id")
        return frame.iloc[order].set_index(index), shapes[order], len(frame)
    frame = _with_standins(frame, shapes, unit_id, place, problems)
    used = len(frame)
    if merge:
        frame, shapes = merge_parts(frame, shapes, unit_id, place, problems)
    else:
        kept = settle_doubles(frame, shapes, unit_id, place, problems)
        frame, shapes = frame[kept].reset_index(drop=True), shapes[kept]
        used = len(frame)
    order = np.asarray(frame[unit_id].argsort(kind="stable"), dtype=np.intp)
    return frame.iloc[order].set_index(unit_id), shapes[order], used


def _with_standins(
    frame: pd.DataFrame, shapes: Shapes, unit_id: str, place: Mapping[str, str], problems: Problems
) -> pd.DataFrame:
    """Number the rows without id in order of content."""
    if unit_id not in frame:
        frame = frame.assign(**{unit_id: pd.Series(np.nan, index=frame.index, dtype="str")})
    blank = frame[unit_id].isna().to_numpy(dtype=bool)
    if not blank.any():
        return frame
    order = content_order(frame[blank], [], shapes[blank])
    ids = standin_ids(place["layer"], len(order))
    frame = frame.copy()
    frame.loc[np.flatnonzero(blank)[order], unit_id] = ids
    keep = reading()["kept"]["ids"]
    names = ", ".join(ids[:keep]) + (" …" if len(ids) > keep else "")
    problems.note("ID_STANDIN", **place, params={"count": len(ids), "ids": names})
    return frame
