"""Brings the tables of an audit into the columns of the contract: names with units, texts for dates, messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from landzone import run_record
from landzone.alignment.shares import reconcile_shares
from landzone.catalog.finding_texts import coded_messages
from landzone.catalog.messages import problem_messages
from landzone.catalog.patch_texts import with_words
from landzone.measures.parcel_table import ParcelFacts, m2
from landzone.measures.words import day_texts
from landzone.model.coded import as_texts, one_word
from landzone.model.ids import places
from landzone.model.layer import SpatialPlan
from landzone.model.ledger import Ledger
from landzone.model.problems import ProblemKind, Problems
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.units import fen_per_unit, to_m2

PROBLEM_COLUMNS = [
    "source", "layer", "row", "subject_id", "code", "column", "raw_value", "before", "after", "action", "message",
    "params",
]  # fmt: skip
NOTE_COLUMNS = ["source", "layer", "row", "subject_id", "code", "message", "params"]
INTERNAL = ["source_row", "area"]
"""Columns that stay inside: source rows stand in the tables of problems alone, whole units become m²."""
WRITTEN_ONLY = ("parcel_themes", "source_rows")
"""Tables of many rows that are only written; their texts stay codes of few words, as those of findings and shares."""


@dataclass(frozen=True)
class Tables:
    """What the rooms of the house deliver, before it gets its final shape."""

    zones: gpd.GeoDataFrame
    parcels: gpd.GeoDataFrame
    patches: gpd.GeoDataFrame
    constraints: gpd.GeoDataFrame
    use_conflicts: gpd.GeoDataFrame
    findings: pd.DataFrame
    plan_shares: pd.DataFrame
    projects: pd.DataFrame
    pairs: pd.DataFrame
    more: dict[str, pd.DataFrame]
    plans: Mapping[str, SpatialPlan]
    problems: Problems
    parcel_facts: ParcelFacts


def result(study: Study, ledger: Ledger, tables: Tables, day: date, lang: str) -> AuditResult:
    """Return the result in its final columns."""
    money = study.settings.money
    findings = tables.findings.assign(
        message=coded_messages(tables.findings, study.rule_packs, lang),
        as_of=one_word(day.isoformat(), len(tables.findings)),
    )
    problems = problem_tables(tables.problems, lang)
    return AuditResult(
        as_of=day,
        lang=lang,
        zones=presentable(tables.zones, money, "zone_id"),
        parcels=presentable(tables.parcels, money, "parcel_id"),
        buildings=_buildings(study, ledger, tables.parcel_facts, money),
        patches=presentable(with_words(tables.patches, tables.plans, lang), money),
        constraints=presentable(tables.constraints, money),
        use_conflicts=presentable(tables.use_conflicts, money),
        findings=findings,
        plan_shares=share_table(tables.plan_shares, ledger, tables.parcel_facts.land),
        projects=presentable(tables.projects, money),
        rejects=problems["rejects"],
        repairs=problems["repairs"],
        notes=problems["notes"],
        alignment=tables.pairs,
        tables={
            name: presentable(table, money, texts=name not in WRITTEN_ONLY)
            for name, table in tables.more.items()
        },
        run=run_record.record(study, tables.problems, day, lang),
        topology=study.topology.frame,
    )


def problem_tables(problems: Problems, lang: str) -> dict[str, pd.DataFrame]:
    """Return rejects, repairs and notes with their messages in one language."""
    found = {}
    for name, kind in (
        ("rejects", ProblemKind.REJECT),
        ("repairs", ProblemKind.REPAIR),
        ("notes", ProblemKind.NOTE),
    ):
        frame = problems.frame(kind)
        frame["message"] = pd.Series(problem_messages(frame, lang), index=frame.index, dtype="str")
        found[name] = frame[NOTE_COLUMNS if kind is ProblemKind.NOTE else PROBLEM_COLUMNS]
    return found


def in_language(study: Study, result: AuditResult, lang: str) -> AuditResult:
    """Return a result with its sentences in another language; no figure and no row changes."""
    told = {}
    for name in ("rejects", "repairs", "notes"):
        frame: pd.DataFrame = getattr(result, name)
        whole = frame.reindex(columns=PROBLEM_COLUMNS, fill_value="")
        told[name] = frame.assign(
            message=pd.Series(problem_messages(whole, lang), index=frame.index, dtype="str")
        )
    said = coded_messages(result.findings, study.rule_packs, lang)
    return replace(result, lang=lang, findings=result.findings.assign(message=said), **told)


def presentable(frame: Any, money: str, index: str = "", *, texts: bool = True) -> Any:
    """Return a frame for people: money in the unit of the study, dates as text, the id as its first column.

    Texts by codes of few words become plain texts, or stay as they are where ``texts`` is false.

    >>> frame = pd.DataFrame({"land_price_fen": pd.array([470_400_000], "Int64")}, index=pd.Index(["P"]))
    >>> presentable(frame, "wan_cny", "parcel_id").to_dict("list")
    {'parcel_id': ['P'], 'land_price_wan_cny': [470.4]}
    """
    kept = [name for name in frame.columns if name not in INTERNAL]
    shown = frame[kept] if len(kept) < len(frame.columns) else frame
    shown = shown.reset_index(drop=True)
    names = {}
    for name, kind in zip(shown.columns, shown.dtypes, strict=True):
        if str(name).endswith("_fen"):
            shown[name] = shown[name].astype("Float64").astype("float64") / fen_per_unit(money)
            names[name] = f"{str(name).removesuffix('_fen')}_{money}"
        elif kind.kind == "M":
            shown[name] = day_texts(shown[name])
        elif texts and isinstance(kind, pd.CategoricalDtype):
            shown[name] = as_texts(shown[name])
    shown = shown.rename(columns=names) if names else shown
    if index:
        shown.insert(0, index, pd.array(frame.index, dtype="str"))
    return shown


def share_table(shares: pd.DataFrame, ledger: Ledger, land: pd.Series) -> pd.DataFrame:
    """Return the shares of parcels in the area that the audit uses of each of them."""
    area = reconcile_shares(shares, ledger.parcel_area, land)
    whole = land.reindex(shares["parcel_id"]).to_numpy(dtype=np.float64)
    table = shares.drop(columns=[c for c in ("area", "area_m2", "share_ratio") if c in shares])
    return table.assign(area_m2=to_m2(area), share_ratio=area / whole)


def _buildings(study: Study, ledger: Ledger, facts: ParcelFacts, money: str) -> gpd.GeoDataFrame:
    """Return the buildings with what each counts for; a building that does not stand has ``counted`` false."""
    if "buildings" not in study.layers or ledger.building_area is None or facts.building_floor is None:
        columns = {
            "building_id": "str",
            "footprint_m2": "float64",
            "floor_area_m2": "float64",
            "counted": "bool",
        }
        bare = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
        return gpd.GeoDataFrame(bare, geometry=gpd.GeoSeries([], crs=study.crs))
    source = study.layers["buildings"].frame
    floor = facts.building_floor.reindex(source.index)
    own = {
        "footprint_m2": m2(ledger.building_area).reindex(source.index),
        "floor_area_m2": floor["floor_area"].astype("Float64").astype("float64") / 10_000,
        "far_floor_area_m2": floor["far_floor_area"].astype("Float64").astype("float64") / 10_000,
        "counted": places(source.index, ledger.building_area.index) >= 0,
    }
    given = source.rename(columns={"floor_area_m2": "given_floor_area_m2"})
    whole = gpd.GeoDataFrame(given.assign(**own), geometry=source.geometry.name, crs=source.crs)
    order = [*own, *(c for c in given.columns if c not in own)]
    return presentable(whole[order], money, "building_id")
