"""All measures of a study against its rule packs: the tables of measures, the user's own indicators, the findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from landzone.catalog import load
from landzone.catalog.indicators import TABLE_OF, column_unit
from landzone.catalog.measure_list import site_parameters
from landzone.catalog.messages import refusal
from landzone.catalog.pack_reader import nearest
from landzone.engine.site_layers import site_ledger
from landzone.measures.evaluation_table import evaluation_table
from landzone.measures.parameters import Parameters
from landzone.measures.parcel_table import ParcelFacts, Tables, joined
from landzone.measures.site_facts import site_facts
from landzone.measures.site_tables import (
    REGION,
    Site,
    building_table,
    group_table,
    parcel_measures,
    project_measures,
)
from landzone.model.ledger import Ledger
from landzone.model.measures import Measured, MeasureTable
from landzone.model.problems import Problems
from landzone.model.rules import Indicator, RulePack
from landzone.model.study import EvaluationSettings, Study
from landzone.rules.formula import names, parse
from landzone.rules.indicators import Rows, indicator_measure
from landzone.rules.review import review, what_if

MEASURE_COLUMNS = [
    "subject_kind", "subject_id", "measure", "value", "unit", "numerator", "numerator_unit", "denominator",
    "denominator_unit", "lower", "upper", "coverage_ratio", "missing_count", "uncertainty", "not_applicable",
]  # fmt: skip


def gather(
    study: Study,
    ledger: Ledger,
    facts: ParcelFacts,
    parameters: Parameters,
    day: date,
    workers: int,
    problems: Problems,
) -> Site:
    """Gather what the further measures stand on.

    Raises
    ------
    Refusal
        ``INDUSTRY_SCHEME_OTHER``: a pack has limits by industry in another edition of the codes than the ledger.
    """
    words = site_parameters(_scheme(study))
    _check_schemes(study, words.industry_scheme, problems)
    beside = site_ledger(study, workers)
    found = site_facts(study, ledger, beside, facts, words)
    site = Site(study, ledger, beside, facts, found, parameters, words, day)
    _note_uses(site, problems)
    return site


def _scheme(study: Study) -> str:
    tables = study.raw_settings.get("tables", {})
    return str((tables.get("projects") or {}).get("industry_scheme") or "")


def _check_schemes(study: Study, stated: str, problems: Problems) -> None:
    table = study.tables.get("projects")
    if table is None or "industry_code" not in table.frame:
        return
    for pack in study.rule_packs:
        for rule in pack.rules:
            wanted = rule.limits_by.scheme if rule.limits_by is not None else ""
            if not wanted:
                continue
            place = {"file": table.source.source, "column": "industry_code"}
            if stated and stated != wanted:
                raise refusal("INDUSTRY_SCHEME_OTHER", **place, stated=stated, wanted=wanted, rule=rule.id)
            if not stated:
                params = {"wanted": wanted, "rule": rule.id}
                problems.note(
                    "INDUSTRY_SCHEME_UNSTATED", source=table.source.source, layer=table.role, params=params
                )
                return


def _note_uses(site: Site, problems: Problems) -> None:
    """Name the words of buildings that stand in no list."""
    if site.site.buildings is None or "kind" not in site.study.layers["buildings"].frame:
        return
    layer = site.study.layers["buildings"]
    words = layer.frame["kind"].reindex(site.site.buildings.index)
    open_ones = site.site.buildings["use"].isna().to_numpy() & words.notna().to_numpy()
    unread = words.array[open_ones]
    for word, count in sorted(Counter(str(text).strip() for text in unread).items()):
        if not word:
            continue
        params = {"word": word, "count": count}
        problems.note("BUILDING_USE_UNREAD", source=layer.source.source, layer=layer.role, params=params)


@dataclass(frozen=True)
class Frames:
    """The frames that formulas speak of, in the columns of the contract; projects are written when one asks."""

    zones: gpd.GeoDataFrame
    parcels: gpd.GeoDataFrame
    projects: Callable[[], pd.DataFrame]


def measure_tables(
    site: Site,
    zones: Tables,
    parcels: Tables,
    further: Sequence[Measured],
    clock: MeasureTable,
    frames: Frames,
) -> list[MeasureTable]:
    """Return the tables of measures of every kind of subject, the indicators of the packs among them."""
    packs = site.study.rule_packs
    wanted: dict[str, set[str]] = {}
    for pack in packs:
        for rule in pack.rules:
            wanted.setdefault(rule.applies_to, set()).add(rule.measure)
    evaluated = site.study.settings.evaluation
    if evaluated.enterprises is not None:
        wanted.setdefault("enterprise", set()).update(evaluated.measures("enterprise"))
    projects = {**project_measures(site), **clock.measures}
    if wanted.get("project", set()) - set(projects):
        rows = site.site.projects
        land = group_table(site, "project", rows["project_id"], wanted["project"]).measures
        projects |= {name: measured for name, measured in land.items() if name not in projects}
    asked = wanted.get("project", set())
    projects = {name: measured for name, measured in projects.items() if name in asked}
    own_parcels = {**{one.name: one for one in further}, **parcels.measures.measures}
    asked = wanted.get("parcel", set())
    own_parcels = {name: measured for name, measured in own_parcels.items() if name in asked}
    tables = [
        zones.measures,
        *([zones.region] if zones.region is not None else []),
        MeasureTable("parcel", own_parcels, dict(site.site.keys), parcels.measures.subjects),
        MeasureTable("project", projects, dict(site.site.project_keys), clock.subjects),
    ]
    if "enterprise" in wanted and "enterprise" in site.site.projects:
        owner = site.site.projects["enterprise"]
        tables.append(group_table(site, "enterprise", owner, wanted["enterprise"]))
    if "building" in wanted:
        tables.append(building_table(site))
    return [_with_indicators(table, packs, site, frames) for table in tables]


def _with_indicators(
    table: MeasureTable, packs: Sequence[RulePack], site: Site, frames: Frames
) -> MeasureTable:
    kind = table.subject_kind
    own = [one for pack in packs for one in pack.indicators if kind in one.subjects]
    if not own:
        return table
    frame = _own_frame(kind, site, frames).reindex(table.subjects)
    rows = _rows(kind, site, frames, table.subjects)
    computed = {one.name: _indicator(one, kind, table.subjects, frame, rows) for one in own}
    return replace(table, measures={**table.measures, **computed})


def _indicator(
    one: Indicator, kind: str, index: pd.Index, frame: pd.DataFrame, rows: Mapping[str, Rows]
) -> Measured:
    units = {}
    if one.formula:
        for name in names(parse(one.formula)):
            table = name.table or TABLE_OF[kind]
            units[(name.table, name.column)] = column_unit(table, name.column, dict(one.columns))
    return indicator_measure(one, index, frame, rows, units)


def _own_frame(kind: str, site: Site, frames: Frames) -> pd.DataFrame:
    """Return the columns a formula may use for a kind of subject; figures that zones state are among them."""
    if kind == "parcel":
        return pd.DataFrame(frames.parcels.drop(columns="geometry"))
    if kind == "project":
        return frames.projects().drop_duplicates("project_id").set_index("project_id")
    given = site.figures if site.figures is not None else pd.DataFrame(index=pd.Index([], dtype="str"))
    if kind == "region":
        return given[given.index == REGION]
    zones = pd.DataFrame(frames.zones.drop(columns="geometry"))
    more = given.reindex(zones.index)
    return pd.concat([zones, more[[name for name in more if name not in zones]]], axis=1)


def _rows(kind: str, site: Site, frames: Frames, subjects: pd.Index) -> dict[str, Rows]:
    """Return the rows of other tables that belong to zones and to the region."""
    if kind not in ("zone", "region"):
        return {}
    pieces = site.ledger.parcel_zone
    whole = site.ledger.parcel_area.reindex(pieces["parcel_id"]).to_numpy(dtype=np.float64)
    share = np.minimum(pieces["area"].to_numpy(dtype=np.float64) / np.maximum(whole, 1), 1)
    parcels = pd.DataFrame(frames.parcels.drop(columns="geometry"))
    firms = site.firms
    found = {
        "parcels": Rows(
            parcels.reindex(pieces["parcel_id"]), _place(kind, pieces["zone_id"], subjects), share
        )
    }
    if firms is not None:
        money = {
            n: n.removesuffix("_fen") + f"_{site.parameters.money}" for n in firms if str(n).endswith("_fen")
        }
        amounts = {
            new: firms[old].astype("Float64").astype("float64") / site.parameters.fen_per_unit
            for old, new in money.items()
        }
        told = firms["zone_id"].notna().to_numpy(dtype=bool)
        frame = firms.assign(**amounts)[told]
        found["enterprises"] = Rows(frame, _place(kind, frame["zone_id"], subjects), np.ones(len(frame)))
    else:
        found["enterprises"] = Rows(pd.DataFrame(), np.zeros(0, dtype=np.int64), np.zeros(0))
    if kind == "region":
        zones = pd.DataFrame(frames.zones.drop(columns="geometry"))
        found["zones"] = Rows(zones, np.zeros(len(zones), dtype=np.int64), np.ones(len(zones)))
    return found


def _place(kind: str, zone: pd.Series, subjects: pd.Index) -> np.ndarray:
    if kind == "region":
        return np.zeros(len(zone), dtype=np.int64)
    return np.asarray(subjects.get_indexer(pd.Index(zone)), dtype=np.int64)


def further_tables(
    tables: Sequence[MeasureTable], findings: pd.DataFrame, evaluation: EvaluationSettings
) -> dict[str, pd.DataFrame]:
    """Return the tables ``measures``, ``review``, ``what_if`` and ``evaluation``; only the first is judged.

    Raises
    ------
    Refusal
        ``EVALUATION_MEASURE``: an evaluation names a measure that there is not; ``EVALUATION_ZONE``: a zone.
    """
    measures = measures_frame(tables)
    _check_zones(measures, evaluation)
    over = float(load.table("parameters.toml")["review"]["remove_over_ratio"])
    for kind in ("zone", "enterprise"):
        known = sorted(set(measures.loc[measures["subject_kind"] == kind, "measure"]))
        for name in evaluation.measures(kind):
            if name not in known and (known or kind == "zone"):
                raise refusal(
                    "EVALUATION_MEASURE", column=f"evaluation.{kind}s", name=name, near=nearest(name, known)
                )
    return {
        "measures": measures,
        "review": review(findings, over),
        "what_if": what_if(measures, findings),
        "evaluation": evaluation_table(measures, evaluation),
    }


def _check_zones(measures: pd.DataFrame, evaluation: EvaluationSettings) -> None:
    if evaluation.land is None:
        return
    known = sorted(set(measures.loc[measures["subject_kind"] == "zone", "subject_id"]))
    for name in sorted(set(evaluation.land.areas) - set(known)):
        place = {"file": "study.toml", "column": "evaluation.land.areas_ha"}
        raise refusal("EVALUATION_ZONE", **place, name=name, near=nearest(name, known))


def measures_frame(tables: Sequence[MeasureTable]) -> pd.DataFrame:
    """Return the measures of zones and the region in long form, with the sums behind them, for ``audit.gpkg``."""
    parts = [
        _long(table.subject_kind, measured)
        for table in tables
        if table.subject_kind in ("zone", "region", "enterprise")
        for measured in table.measures.values()
    ]
    whole = pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in MEASURE_COLUMNS})
    texts = [name for name in MEASURE_COLUMNS if whole[name].dtype == object]
    whole = whole.astype(dict.fromkeys(texts, "str"))
    return whole.sort_values(["subject_kind", "subject_id", "measure"], kind="stable", ignore_index=True)


def _long(kind: str, measured: Measured) -> dict[str, np.ndarray]:
    """Return the columns of one measure, a value for each subject."""
    index = measured.value.index

    def numbers(series: pd.Series | None) -> np.ndarray:
        if series is None:
            return np.full(len(index), np.nan)
        own = series if series.index is index else series.reindex(index)
        return np.asarray(own.to_numpy(dtype="float64", na_value=np.nan))

    def text(word: str) -> np.ndarray:
        return np.full(len(index), word, dtype=object)

    exempt = measured.not_applicable
    return {
        "subject_kind": text(kind),
        "subject_id": np.asarray(index.astype("str"), dtype=object),
        "measure": text(measured.name),
        "value": numbers(measured.value),
        "unit": text(measured.unit),
        "numerator": numbers(measured.numerator),
        "numerator_unit": text(measured.numerator_unit),
        "denominator": numbers(measured.denominator),
        "denominator_unit": text(measured.denominator_unit),
        "lower": numbers(measured.lower),
        "upper": numbers(measured.upper),
        "coverage_ratio": numbers(measured.coverage),
        "missing_count": numbers(measured.missing_count),
        "uncertainty": numbers(measured.uncertainty),
        "not_applicable": numbers(exempt) == 1,
    }


def with_parcel_columns(
    frame: gpd.GeoDataFrame, found: Sequence[Measured], parameters: Parameters
) -> gpd.GeoDataFrame:
    """Put the further measures of parcels that people look for beside the others, per hectare and per 亩."""
    unit = parameters.rule_money
    by_name = {measured.name: measured for measured in found}
    plain = ("building_coefficient_ratio", "green_ratio", "ancillary_land_ratio", "inside_zone_ratio")
    columns = {name: by_name[name].value for name in plain}
    for name in ("output", "tax"):
        times = parameters.fen_per_rule_unit / parameters.fen_per_unit
        value = by_name[f"{name}_{unit}_per_ha"].value * times
        columns[f"{name}_{parameters.money}_per_ha"] = value
        if parameters.is_yuan:
            columns[f"{name}_{parameters.money}_per_mu"] = value / 15
    before = {name: frame[name] for name in frame if name != "geometry" and name not in columns}
    return joined({**before, **columns}, frame)


__all__ = [
    "Frames", "further_tables", "gather", "measure_tables", "measures_frame", "parcel_measures", "with_parcel_columns",
]  # fmt: skip
