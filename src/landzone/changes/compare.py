"""All tables of a comparison from the tables of two audits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from landzone.catalog import load
from landzone.changes.cells import differences, moved, shared_columns
from landzone.changes.circumstances import moved_packs, plan_changes, setting_changes
from landzone.changes.features import feature_table, piece_table
from landzone.changes.ground import lineage
from landzone.changes.judged import class_changes, finding_changes, verdict_changes, worst_change
from landzone.changes.patches import ground_changes, patch_changes, patch_pairs, patch_table
from landzone.changes.rows import Pairs, keys, pair_rows
from landzone.changes.totals import zone_totals
from landzone.geometry.area import AreaMeasure
from landzone.model.result import AuditResult

FEATURES = {"zones": "zone_id", "parcels": "parcel_id", "buildings": "building_id"}
PIECES = ("constraints", "use_conflicts")
_ROW_COLUMNS = [
    "table", "old_count", "new_count", "kept_count", "changed_count", "gone_count", "appeared_count",
]  # fmt: skip
_MAIN = (
    "zones", "parcels", "buildings", "patches", "constraints", "use_conflicts", "topology", "findings", "plan_shares",
    "projects", "rejects", "repairs", "notes",
)  # fmt: skip


@dataclass(frozen=True)
class Audits:
    """The tables of two audits in one working CRS, and how their areas are taken."""

    old: AuditResult
    new: AuditResult
    measure: AreaMeasure
    precision_m: float
    money: str

    def tables(self, name: str) -> tuple[Any, Any]:
        """Return a table of both audits."""
        return self._table(self.old, name), self._table(self.new, name)

    @staticmethod
    def _table(result: AuditResult, name: str) -> pd.DataFrame:
        own = getattr(result, name) if name in _MAIN else result.tables[name]
        return own.reset_index(drop=True)

    @property
    def names(self) -> list[str]:
        """Tables that both audits have, the main ones first."""
        more = sorted(set(self.old.tables) & set(self.new.tables))
        return [*_MAIN, *more]


def tables(audits: Audits) -> dict[str, Any]:
    """Return every table of ``model.comparison.Comparison`` but its notes.

    Raises
    ------
    RowsLost, GroundLost
        Where rows or ground of a side are on no list: a bug, and no result is written.
    """
    known = load.table("compare.toml")
    ignored: list[str] = known["ignored"]
    pairs = {name: _pairs(name, *audits.tables(name), known["tables"], ignored) for name in audits.names}
    cells = [_cells(audits, name, pairs[name], known["tables"][name]["key"], ignored)
             for name in audits.names if known["tables"].get(name, {}).get("cells")]  # fmt: skip
    moved_cells = pd.concat(cells, ignore_index=True)
    findings = finding_changes(
        audits.old.findings,
        audits.new.findings,
        pairs["findings"],
        moved_packs(audits.old.run, audits.new.run),
    )
    found: dict[str, Any] = {
        name: _features(audits, name, pairs[name], moved_cells, known["carried"][name]) for name in FEATURES
    }
    found["parcels"] = _with_verdicts(found["parcels"], findings, audits)
    for name in PIECES:
        key, carried = known["tables"][name]["key"], known["carried"][name]
        found[name] = piece_table(
            *audits.tables(name), pairs[name], key, carried, audits.measure, audits.precision_m
        )
    patches = audits.tables("patches")
    found["patches"] = patch_table(*patches, audits.measure, audits.precision_m)
    return {
        **found,
        "rows": _rows(audits, pairs, ignored),
        "differences": moved_cells,
        "findings": findings,
        "verdict_changes": verdict_changes(audits.old.findings, audits.new.findings, pairs["findings"]),
        "class_changes": class_changes(*audits.tables("parcels"), pairs["parcels"], known["classes"]),
        "patch_changes": patch_changes(found["patches"]),
        "ground_changes": ground_changes(*patches, audits.measure),
        "zone_totals": zone_totals(*audits.tables("zones"), audits.money),
        "lineage": lineage(
            *audits.tables("parcels"), pairs["parcels"], "parcel_id", audits.measure, audits.precision_m
        ),
        "plans": plan_changes(audits.old.run, audits.new.run),
        "settings": setting_changes(audits.old.run, audits.new.run),
    }


def _pairs(
    name: str, old: pd.DataFrame, new: pd.DataFrame, known: Mapping[str, Any], ignored: Sequence[str]
) -> Pairs:
    if name == "patches":
        return patch_pairs(old, new)[0]
    key = known[name]["key"] if name in known else shared_columns(old, new, ignored)
    key = [column for column in key if column in old and column in new]
    return pair_rows(
        old.drop(columns=list(ignored), errors="ignore"),
        new.drop(columns=list(ignored), errors="ignore"),
        key,
    )


def _cells(
    audits: Audits, name: str, pairs: Pairs, key: Sequence[str], ignored: Sequence[str]
) -> pd.DataFrame:
    old, new = audits.tables(name)
    subjects = (
        keys(new.drop(columns=list(ignored), errors="ignore"), key)
        .str.replace("\x1f", " | ")
        .str.replace("\x00", "")
    )
    return differences(name, old, new, pairs, subjects, ignored)


def _features(
    audits: Audits, name: str, pairs: Pairs, cells: pd.DataFrame, carried: Sequence[str]
) -> gpd.GeoDataFrame:
    old, new = audits.tables(name)
    key = FEATURES[name]
    return feature_table(
        old,
        new,
        pairs,
        key,
        cells[cells["table"] == name],
        {"old": _rejected(audits.old, name), "new": _rejected(audits.new, name)},
        carried,
        audits.measure,
        audits.precision_m,
    )


def _rejected(result: AuditResult, layer: str) -> dict[str, str]:
    """Return the ids of whole rows that were rejected, with the code."""
    rows = result.rejects
    whole = rows[(rows["layer"] == layer) & (rows["column"] == "")].sort_values(["subject_id", "code"])
    first = whole.drop_duplicates("subject_id")
    return dict(zip(first["subject_id"], first["code"], strict=True))


def _with_verdicts(parcels: gpd.GeoDataFrame, findings: pd.DataFrame, audits: Audits) -> gpd.GeoDataFrame:
    names = ["project_id", "parcel_id"]
    owners = [frame[names] for frame in audits.tables("projects") if set(names) <= set(frame.columns)]
    parcel_of = pd.concat(owners) if owners else pd.DataFrame(columns=names)
    worst = worst_change(findings, parcel_of.astype("str"))
    own = parcels["parcel_id"]
    count = own.map(worst["count"]).astype("float64").fillna(0).astype("int64")
    change = own.map(worst["worst"]).astype("str")
    return parcels.assign(verdict_changes_count=count, verdict_change=change)


def _rows(audits: Audits, pairs: Mapping[str, Pairs], ignored: Sequence[str]) -> pd.DataFrame:
    rows = []
    for name, own in pairs.items():
        old, new = audits.tables(name)
        changed = _changed(old.iloc[own.old], new.iloc[own.new], ignored)
        kept = len(own.old)
        rows.append((name, len(old), len(new), kept, changed, len(own.gone), len(own.appeared)))
    return pd.DataFrame(rows, columns=_ROW_COLUMNS).astype({"table": "str"})


def _changed(old: pd.DataFrame, new: pd.DataFrame, ignored: Sequence[str]) -> int:
    """Count paired rows in which anything but an ignored column moved."""
    any_moved = pd.Series(False, index=range(len(new)))
    for column in shared_columns(old, new, ignored):
        any_moved |= moved(old[column], new[column])
    if "geometry" in old and "geometry" in new and len(new):
        shapes = [gpd.GeoSeries(frame["geometry"]).normalize().to_wkb().to_numpy() for frame in (old, new)]
        any_moved |= shapes[0] != shapes[1]
    return int(any_moved.sum())
