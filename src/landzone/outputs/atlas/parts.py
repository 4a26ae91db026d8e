"""A result cut into its zones: every feature and every finding on the page of its zone, none left out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.map_html.content import themed_layers
from landzone.outputs.map_html.themed import ThemedLayer, findings_by_parcel
from landzone.outputs.result_grids import zone_names

OUTSIDE = ""
"""The part of what lies in no zone."""

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_BY_ZONE = ("parcels", "patches", "use_conflicts", "constraints", "contradictions", "zones")
_DIGEST = 12


@dataclass(frozen=True)
class Part:
    """One page of the atlas: a zone, or what lies outside of all of them (``zone_id`` empty)."""

    zone_id: str
    name: str
    file: str
    result: AuditResult
    layers: dict[str, ThemedLayer]


def file_names(zone_ids: list[str]) -> dict[str, str]:
    """Return the page of every zone: its id where that can be a file on any system, else a digest of it.

    A link to a page stays right when zones come and go; ids that differ in case only have digests.

    >>> file_names(["Z1", "地块{#1号"])
    {'Z1': 'zone-Z1.html', '地块{#1号': 'zone.2b42108b4077.html'}
    """
    folded = pd.Series([zone_id.casefold() for zone_id in zone_ids], dtype="object")
    twice = folded.duplicated(keep=False).tolist()
    return {
        zone_id: f"zone-{zone_id}.html"
        if _PLAIN_ID.fullmatch(zone_id) and not again
        else f"zone.{hashlib.sha256(zone_id.encode('utf-8', 'surrogatepass')).hexdigest()[:_DIGEST]}.html"
        for zone_id, again in zip(zone_ids, twice, strict=True)
    }


def parts(study: Study, result: AuditResult) -> Iterator[Part]:
    """Give the parts of a result, zones in the order of their table, then what lies outside.

    Classes and breaks are those of the whole, so that pages can be compared. A parcel is on the page of the zone with
    the largest share of it; a building on that of every zone it lies in.
    """
    layers = themed_layers(study, result)
    ids = result.zones["zone_id"].astype(str).tolist()
    rows: dict[str, dict[str, Any]] = {name: _by_zone(layers[name].frame, ids) for name in _BY_ZONE}
    rows["buildings"] = _by_ground(layers["buildings"].frame, result)
    findings = _findings(result, rows["parcels"])
    files = file_names(ids)
    names = zone_names(study, result)
    for zone_id in [*ids, OUTSIDE]:
        own = {name: layer.where(_mask(layer, rows[name], zone_id)) for name, layer in layers.items()}
        if zone_id == OUTSIDE and not sum(len(layer.frame) for layer in own.values()):
            continue
        part = _restricted(result, rows, findings, zone_id)
        yield Part(zone_id, names.get(zone_id, ""), files.get(zone_id, "outside.html"), part, own)


def _by_zone(frame: pd.DataFrame, ids: list[str]) -> dict[str, Any]:
    """Return the places of rows by zone; those of none, or of one that is not in the table, lie outside."""
    zone = frame["zone_id"].astype("object")
    zone = zone.where(zone.notna() & zone.isin(ids), OUTSIDE)
    return {str(key): places for key, places in zone.groupby(zone, sort=False).indices.items()}


def _by_ground(buildings: pd.DataFrame, result: AuditResult) -> dict[str, Any]:
    shapes = buildings.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    zone, building = tree.query(result.zones.geometry.to_numpy(), predicate="intersects")
    ids = result.zones["zone_id"].astype(str).to_numpy()
    found = {str(ids[place]): np.sort(building[zone == place]) for place in np.unique(zone)}
    return {**found, OUTSIDE: np.setdiff1d(np.arange(len(shapes)), building)}


def _mask(layer: ThemedLayer, rows: dict[str, Any], zone_id: str) -> Any:
    mask = np.zeros(len(layer.frame), dtype=bool)
    mask[rows.get(zone_id, [])] = True
    return mask


def _findings(result: AuditResult, parcels: dict[str, Any]) -> dict[str, pd.Index]:
    """Return the labels of findings by zone: those on the zone, its parcels and the projects on them."""
    zone_of = {}
    ids = result.parcels["parcel_id"].to_numpy()
    for zone_id, places in parcels.items():
        zone_of.update(dict.fromkeys(ids[places].tolist(), zone_id))
    on_parcels = findings_by_parcel(result)
    by_parcel = on_parcels["parcel_id"].map(zone_of)
    zones = result.findings[result.findings["subject_kind"] == "zone"]["subject_id"]
    whole = pd.concat([by_parcel, zones]).dropna().astype(str)
    return {str(zone_id): own.index.unique().sort_values() for zone_id, own in whole.groupby(whole)}


def _restricted(
    result: AuditResult, rows: dict[str, dict[str, Any]], findings: dict[str, pd.Index], zone_id: str
) -> AuditResult:
    frames = {
        name: getattr(result, name).iloc[np.sort(places.get(zone_id, []))].reset_index(drop=True)
        for name, places in rows.items()
        if name != "contradictions"
    }
    projects = result.projects
    if "parcel_id" in projects:
        projects = projects[projects["parcel_id"].isin(frames["parcels"]["parcel_id"])]
    own = result.findings.loc[findings.get(zone_id, result.findings.index[:0])].reset_index(drop=True)
    tables = dict(result.tables)
    if "contradictions" in tables:
        found = tables["contradictions"]
        tables["contradictions"] = found[found["parcel_id"].isin(frames["parcels"]["parcel_id"])]
    return replace(result, **frames, findings=own, projects=projects, tables=tables)
