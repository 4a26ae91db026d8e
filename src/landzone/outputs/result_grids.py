"""The tables of a result for people: which columns, in which order, in which words."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from landzone.catalog import load
from landzone.catalog.finding_texts import arithmetic, required, to_pass
from landzone.catalog.labels import labels
from landzone.catalog.measure_list import measure_spec
from landzone.measures.contradictions import COLUMNS as CONTRADICTION_COLUMNS
from landzone.measures.deadlines import COLUMNS as DEADLINE_COLUMNS
from landzone.measures.evaluation_table import COLUMNS as EVALUATION_COLUMNS
from landzone.model.coded import alike, told_by
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.grid import Grid, Spec, grid, written
from landzone.outputs.wording import Wording
from landzone.rules.evaluate import DETAIL_COLUMNS
from landzone.units import IntArray

VERDICTS = ("fail", "unknown", "pass", "not_applicable")
SEVERITIES = ("severe", "high", "medium", "low", "info", "none")
SUBJECTS = ("zone", "region", "enterprise", "parcel", "project")
WATCHED = ("overdue",)
"""Classes that are not idle yet but will be."""


def idle_classes() -> tuple[str, ...]:
    """Classes that count as suspected idle, gravest first."""
    own = load.table("parameters.toml")["idle"]["idle_classes"]
    return tuple(code for code in load.table("labels/map_styles.toml")["idle_class"] if code in own)


def unknown_classes() -> tuple[str, ...]:
    """Classes of parcels that cannot be told."""
    return tuple(load.table("parameters.toml")["idle"]["unknown_classes"])


def area(column: str = "area_m2", *, total: bool = True) -> list[Spec]:
    """Return an area in m², ha and mu side by side."""
    return [Spec(column, kind, total=total) for kind in ("m2", "ha", "mu")]


class ResultGrids:
    """Builds the tables of one result; nothing is computed but sums and other units."""

    def __init__(self, study: Study, result: AuditResult, most: int | None = None) -> None:
        """``most``: rows of long lists that are built at all; all of them where it is absent."""
        self.study, self.result, self.most = study, result, most
        self.words = Wording(study, result.lang)
        self.zone_names = zone_names(study, result)

    def _zone(self, zone_id: Any) -> str:
        return self.words.zone(zone_id, self.zone_names)

    def _title(self, key: str) -> str:
        return self.words.say(key)

    def zones(self) -> Grid:
        """Zones with all their figures."""
        words, money = self.words, self.study.settings.money
        frame = self.result.zones.assign(
            zone_name=[self.zone_names.get(z, "") for z in self.result.zones["zone_id"]]
        )
        specs = [
            Spec("zone_id", "id"), Spec("zone_name", width=22), Spec("phase"), *area(),
            Spec("parcels_count", "count", total=True), *area("industrial_land_m2"),
            Spec("density_denominator", "word", translate=lambda c: words.word("density_denominator", c)),
            Spec("density_denominator_m2", "m2"), Spec("footprint_m2", "m2", total=True),
            Spec("floor_area_m2", "m2", total=True), Spec("industrial_footprint_m2", "m2", total=True),
            Spec("industrial_far_floor_area_m2", "m2", total=True), Spec("building_density_ratio", "ratio"),
            Spec("gross_building_density_ratio", "ratio"), Spec("floor_area_ratio", "far"),
            Spec(f"investment_intensity_{money}_per_ha", "rate"),
            Spec(f"investment_intensity_lower_{money}_per_ha", "rate"), Spec("investment_coverage_ratio", "ratio"),
            *area("supplied_land_m2"), *area("idle_area_m2"), Spec("idle_ratio", "ratio"),
            Spec("idle_coverage_ratio", "ratio"), Spec("alignment_ratio", "ratio"), *area("agree_m2"),
            *area("conflict_m2"), Spec("precision_m2", "m2", total=True), Spec("uncovered_m2", "m2", total=True),
            Spec("conflict_count", "count", total=True), Spec("precision_count", "count", total=True),
            Spec("leaders_count", "count"), Spec("linked_firms_count", "count"),
            Spec(f"revenue_{money}", "money", total=True), Spec("main_industry_revenue_ratio", "ratio"),
            Spec("rd_spend_ratio", "ratio"), Spec("clean_audit_ratio", "ratio"), Spec("platform_count", "count"),
        ]  # fmt: skip
        return grid(frame, specs, words, self._title("t_zones"))

    def parcels(self) -> Grid:
        """Parcels with areas, density, money, idle class and conformity."""
        words, money = self.words, self.study.settings.money
        specs = [
            Spec("parcel_id", "id", width=24), *self._who(), Spec("zone_id", "id"), Spec("phase"),
            Spec("use_code", "id"), Spec("use_name"), Spec("ownership"), *area(),
            Spec("area_kind", "word", translate=lambda c: words.word("area_kind", c)),
            Spec("registered_area_m2", "m2", total=True), Spec("measured_area_m2", "m2", total=True),
            Spec("footprint_m2", "m2", total=True), Spec("floor_area_m2", "m2", total=True),
            Spec("far_floor_area_m2", "m2", total=True), Spec("building_density_ratio", "ratio"),
            Spec("floor_area_ratio", "far"), Spec(f"fixed_asset_investment_{money}", "money", total=True),
            Spec(f"investment_intensity_{money}_per_ha", "rate"), self._idle_class(),
            Spec("idle_since_date", "date"), Spec("next_threshold_date", "date"),
            Spec(f"idle_fee_{money}", "money", total=True), self._conformity(),
            *[Spec(str(c)) for c in self.result.parcels.columns if str(c).startswith("src_")],
        ]  # fmt: skip
        return self._long(self.result.parcels, None, specs, self._title("t_parcels"))

    def _long(self, frame: pd.DataFrame, order: IntArray | None, specs: list[Spec], title: str) -> Grid:
        """Return the rows of a long list in an order of places; what is neither shown nor counted is not copied."""
        count = len(frame) if order is None else len(order)
        own = list(dict.fromkeys(name for s in specs for name in (s.column, s.unit) if name in frame))
        part = slice(self.most) if order is None else order[: self.most]
        rows = pd.DataFrame({name: frame[name].array[part] for name in own}, copy=False)
        return replace(grid(rows, specs, self.words, title), rows_all=count)

    def _who(self) -> list[Spec]:
        return [Spec(name, width=22) for name in ("name", "holder", "project", "enterprise")]

    def _idle_class(self) -> Spec:
        return Spec("idle_class", "word", translate=lambda c: idle_word(c, self.words), tones=True, width=20)

    def _conformity(self) -> Spec:
        return Spec("conformity", "word", translate=lambda c: self.words.word("conformity", c), tones=True)

    def idle(self, classes: tuple[str, ...], title: str) -> Grid:
        """Parcels of some idle classes, gravest and largest first."""
        words, money = self.words, self.study.settings.money
        parcels = self.result.parcels.reset_index(drop=True)
        rank = {code: place for place, code in enumerate(classes)}
        keys = parcels.loc[parcels["idle_class"].isin(classes), ["idle_class", "area_m2", "parcel_id"]]
        keys = keys.assign(rank=keys["idle_class"].map(rank).astype("int64"), largest=-keys["area_m2"])
        order = keys.sort_values(["rank", "largest", "parcel_id"], kind="stable").index.to_numpy()
        specs = [
            Spec("parcel_id", "id", width=24), Spec("holder", width=22), self._idle_class(),
            Spec("idle_conclusion", "word", translate=words.idle, width=52), Spec("zone_id", "id"), *area(),
            *[spec for spec in self._who() if spec.column != "holder"],
            Spec("start_basis", "word", translate=words.idle), Spec("effective_start_date", "date"),
            Spec("idle_since_date", "date"), Spec("idle_years_count", "count"), Spec("next_threshold_date", "date"),
            Spec(f"idle_fee_{money}", "money", total=True), Spec("fee_due_since_date", "date"),
            Spec("idle_missing", "word", translate=words.evidence, width=30),
            Spec("idle_project_id", "id", width=22), Spec("projects_count", "count"),
        ]  # fmt: skip
        return self._long(parcels, order, specs, title)

    def deadlines(self) -> Grid:
        """What is due, by date; what was done and what passed stay on the list."""
        words = self.words
        specs = [
            Spec("due_date", "date"), Spec("parcel_id", "id", width=24),
            Spec("kind", "word", translate=words.deadline, title=words.title("deadline"), width=40),
            Spec("project_id", "id", width=22), Spec("days_left_count", "count"),
            Spec("warning_days_count", "count"),
            Spec("state", "word", translate=lambda c: labels("deadlines", words.lang).get(str(c), str(c))),
            Spec("event_date", "date"), Spec("counted_date", "date"), Spec("is_moved", "flag"),
            Spec("is_assumed", "flag"),
        ]  # fmt: skip
        frame = self.result.tables.get("deadlines", pd.DataFrame(columns=DEADLINE_COLUMNS))
        return grid(frame, specs, words, self._title("deadlines_title"))

    def contradictions(self) -> Grid:
        """Ledger against ground, the most solid first."""
        words = self.words

        def told(code: Any) -> str:
            return "" if pd.isna(code) else labels("evidence", words.lang).get(str(code), str(code))

        def sources(names: Any) -> str:
            return (
                "" if pd.isna(names) else words.join([told(name) for name in str(names).split("|") if name])
            )

        specs = [
            Spec("parcel_id", "id", width=24), Spec("project_id", "id", width=22),
            Spec("kind", "word", translate=told, title=words.title("contradiction"), width=36),
            Spec("strength", "word", translate=told), self._idle_class(),
            Spec("sources", "word", translate=sources, width=18),
            Spec("sources_against", "word", translate=sources, width=18),
            Spec("footprint_ratio", "ratio"), Spec("core_ratio", "ratio"), *area(),
            Spec(f"money_{self.study.settings.money}", "money"),
        ]  # fmt: skip
        bare = pd.DataFrame(
            columns=[name.replace("_fen", f"_{self.study.settings.money}") for name in CONTRADICTION_COLUMNS]
        )
        return grid(
            self.result.tables.get("contradictions", bare), specs, words, self._title("contradictions_title")
        )

    def stock(self) -> Grid:
        """The stock of land: total, and distribution over zones; classes that nothing is in are left out."""
        words, table = (
            self.words,
            self.result.tables.get("land_stock", pd.DataFrame(columns=["parcels_count"])),
        )
        rows = table[(table["parcels_count"].fillna(1) > 0) & (table.get("area_m2", 0) > 0)]
        where = {"all": words.say("scope_all"), "outside": words.say("scope_outside")}
        if len(rows):
            pairs = zip(rows["scope"], rows["zone_id"], strict=True)
            rows = rows.assign(place=[where.get(scope) or self._zone(zone) for scope, zone in pairs])
        specs = [
            Spec("place", title=words.title("scope"), width=24),
            Spec("stock_class", "word", translate=lambda c: words.word("land_stock", c), width=22),
            Spec("parcels_count", "count"), *area(total=False),
            Spec("share_ratio", "ratio", title=words.title("share")),
        ]  # fmt: skip
        return grid(rows, specs, words, self._title("stock_title"), words.say("stock_note"))

    def low_use(self) -> Grid:
        """Vacant and low-use parcels, one row a kind."""
        words = self.words
        specs = [
            Spec("kind", "word", translate=lambda c: words.word("land_stock", c), title=words.title("land_stock"),
                 width=22),
            Spec("parcel_id", "id", width=24), Spec("also_listed", width=22), Spec("zone_id", "id"),
            *area(total=False), Spec("rule_id", "id", width=16),
            Spec("observed", "number"), Spec("limit", "number"), Spec("factory_floor_m2", "m2"),
            Spec("factory_floor_open_m2", "m2"),
        ]  # fmt: skip
        frame = self.result.tables.get("low_use", pd.DataFrame(columns=["parcel_id", "kind"]))
        frame = frame.assign(also_listed=_other_kinds(frame, words))
        return grid(frame, specs, words, self._title("low_use_title"), words.say("low_use_note"))

    def blocks(self) -> Grid:
        """Blocks of vacant land, the largest first."""
        words = self.words
        specs = [
            Spec("rank_count", "count"), Spec("block_id", "id", width=24), Spec("parcels_count", "count"),
            Spec("zone_id", "id"), *area(), Spec("width_m", "number"), Spec("compactness_ratio", "far"),
            Spec("fits_ha", "number", title=words.title("fits")),
            Spec("parcels", "word", translate=lambda ids: words.join(str(ids).split("|")), width=40),
        ]  # fmt: skip
        tolerance = load.table("parameters.toml")["stock"]["tolerance_m"]
        frame = self.result.tables.get("idle_blocks", pd.DataFrame(columns=["block_id"]))
        return grid(frame, specs, words, words.say("blocks_title", tolerance=f"{tolerance:g}"))

    def idle_by_class(self) -> Grid:
        """How many parcels and how much land each class has, with the code by which the data know it."""
        parcels, fee = self.result.parcels, f"idle_fee_{self.study.settings.money}"
        rows = []
        for code in load.table("labels/map_styles.toml")["idle_class"]:
            own = parcels[parcels["idle_class"] == code]
            if len(own):
                fees = own[fee].dropna() if fee in own else pd.Series(dtype="float64")
                rows.append(
                    {
                        "idle_class": code,
                        "code": code,
                        "parcels_count": len(own),
                        "area_m2": math.fsum(own["area_m2"].dropna()),
                        fee: math.fsum(fees) if len(fees) else math.nan,
                    }
                )
        frame = pd.DataFrame(rows, columns=["idle_class", "code", "parcels_count", "area_m2", fee])
        specs = [
            self._idle_class(),
            Spec("code", "id"),
            Spec("parcels_count", "count", total=True),
            *area(),
            Spec(fee, "money", total=True),
        ]
        return grid(frame, specs, self.words, self._title("idle_classes_title"))

    def patches(self, kinds: tuple[str, ...], title: str) -> Grid:
        """Difference patches, gravest and largest first."""
        words = self.words
        order = self._patch_order(kinds)
        rows = pd.DataFrame(self.result.patches.drop(columns="geometry")).iloc[order[: self.most]]
        told = [name for name in ("parcels", "neighbours") if name in rows]
        lists = {f"{name}_text": _some(rows, name, words) for name in told}
        rows = rows.assign(plans_text=_plans_text(rows, words), **lists)
        specs = [
            Spec("rank", "count"), Spec("patch_id", "id", width=20), Spec("zone_id", "id"),
            Spec("kind", "word", translate=lambda c: words.word("kind", c), tones=True),
            Spec("type", "word", translate=lambda c: words.word("type", c), width=20), self._severity(), *area(),
            Spec("width_m", "number"), Spec("widest_m", "number"), Spec("is_small", "flag"),
            Spec("plans_text", width=60), Spec("plan_a", "word", translate=words.plan, width=22),
            Spec("plan_b", "word", translate=words.plan, width=22), Spec("joined_m2", "m2"),
            Spec("conflict_id", "id", width=20), Spec("parcels_text", width=40), Spec("neighbours_text", width=40),
            Spec("offices", width=40), Spec("next_step", width=60),
        ]  # fmt: skip
        return replace(grid(rows, specs, words, title), rows_all=len(order))

    def _patch_order(self, kinds: tuple[str, ...]) -> IntArray:
        """Return the places of the patches of some kinds, in the order of the kinds, the gravest and largest first."""
        keys = pd.DataFrame(self.result.patches[["kind", "severity", "area_m2", "patch_id"]])
        keys = keys.reset_index(drop=True)
        keys = keys[keys["kind"].isin(kinds)]
        rank = {code: place for place, code in enumerate(SEVERITIES)}
        place = {code: spot for spot, code in enumerate(kinds)}
        keys = keys.assign(
            by_kind=keys["kind"].map(place).astype("int64"),
            by_rank=keys["severity"].map(rank).fillna(len(rank)).astype("int64"),
            largest=-keys["area_m2"],
        )
        order = keys.sort_values(["by_kind", "by_rank", "largest", "patch_id"], kind="stable")
        return np.asarray(order.index.to_numpy(), dtype=np.int64)

    def _severity(self) -> Spec:
        return Spec("severity", "word", translate=lambda c: self.words.word("severity", c), tones=True)

    def pairs(self) -> Grid:
        """Every plan against every other."""
        plan = self.words.plan
        specs = [
            Spec("plan_a", "word", translate=plan, width=22), Spec("plan_b", "word", translate=plan, width=22),
            Spec("agree_m2", "m2"), Spec("agree_m2", "ha"), Spec("conflict_m2", "m2"), Spec("conflict_m2", "ha"),
            Spec("conflict_m2", "mu"), Spec("precision_m2", "m2"), Spec("uncovered_m2", "m2"),
            Spec("alignment_ratio", "ratio"),
        ]  # fmt: skip
        return grid(self.result.alignment, specs, self.words, self._title("matrix_title"))

    def constraints(self) -> Grid:
        """Ground under lines of control."""
        words = self.words
        specs = [
            Spec("constraint", "word", translate=words.line, width=18),
            Spec("rule", "word", translate=lambda c: words.word("rule", c)),
            Spec("type", "word", translate=lambda c: words.word("type", c), width=20), self._severity(),
            Spec("zone_id", "id"), Spec("parcel_id", "id", width=24),
            Spec("construction_plans", "word", translate=words.plans, width=36), *area(), Spec("width_m", "number"),
            Spec("is_sliver", "flag"), Spec("clause", width=50),
        ]  # fmt: skip
        frame = pd.DataFrame(self.result.constraints.drop(columns="geometry"))
        return grid(frame, specs, words, self._title("constraints_title"))

    def use_conflicts(self) -> Grid:
        """Ground whose present use is contrary to a plan."""
        words = self.words
        specs = [
            Spec("zone_id", "id"), Spec("parcel_id", "id", width=24),
            Spec("plan", "word", translate=words.plan, width=22), Spec("present_code", "id"),
            Spec("plan_code", "id"), Spec("type", "word", translate=lambda c: words.word("type", c), width=20),
            self._severity(), *area(), Spec("width_m", "number"), Spec("is_sliver", "flag"),
        ]  # fmt: skip
        frame = pd.DataFrame(self.result.use_conflicts.drop(columns="geometry"))
        return grid(frame, specs, words, self._title("use_conflicts_title"))

    def findings(self, rows: pd.DataFrame, title: str) -> Grid:
        """Findings with their arithmetic, zones first, gravest first."""
        words = self.words
        frame = _ranked(rows, self.most)
        frame = frame.assign(**self.finding_words(frame))
        specs = [
            Spec("subject_kind", "word", translate=lambda c: words.word("subject", c)),
            Spec("subject_id", "id", width=24), Spec("zone_name", width=20), Spec("pack_title", width=24),
            Spec("binding", "word"), Spec("rule_id", "id", width=16), Spec("rule_title", width=24),
            Spec("verdict", "word", translate=lambda c: words.word("verdict", c), tones=True),
            Spec("observed", "amount", unit="unit"),
            Spec("op", "word", translate=lambda c: labels("measures", words.lang).get(str(c), str(c))),
            Spec("limit", "amount", unit="unit"), Spec("unit", "word", translate=words.unit),
            Spec("gap", "amount", unit="gap_unit"), Spec("gap_unit", "word", translate=words.unit),
            Spec("gap_denominator", "amount", unit="denominator_unit"),
            Spec("denominator_unit", "word", translate=words.unit), Spec("missing_count", "count"),
            Spec("numerator", "number"), Spec("denominator", "number"), Spec("lower", "amount", unit="unit"),
            Spec("needed", "amount", unit="unit"), Spec("coverage_ratio", "ratio", title=words.title("coverage")),
            Spec("borderline", "flag"), Spec("clause", width=18),
            Spec("source", title=words.title("source_document"), width=24), Spec("message", width=60),
        ]  # fmt: skip
        return replace(grid(frame, specs, words, title), rows_all=len(rows))

    def scorecard(self, rows: pd.DataFrame, title: str) -> Grid:
        """One table of findings to be signed: clause, arithmetic, limit, verdict, what is missing."""
        words, lang = self.words, self.words.lang
        ranked = _detailed(_ranked(rows))
        told = list(ranked.astype(object).itertuples(index=False))
        frame = ranked.assign(
            **self.finding_words(ranked),
            zone_text=[words.zone(one, self.zone_names) for one in ranked["subject_id"]],
            clause_text=[f"{row.source} {row.clause}" for row in told],
            arithmetic=[arithmetic(row, lang) for row in told],
            required=[required(row, lang) for row in told],
            to_pass=[to_pass(row, lang) for row in told],
        )
        frame["zone_text"] = frame["zone_text"].mask(
            frame["subject_kind"] == "region", words.word("subject", "region")
        )
        specs = [
            Spec("zone_text", width=20), Spec("rule_title", width=24), Spec("clause_text", width=30),
            Spec("arithmetic", width=44), Spec("required", width=20),
            Spec("verdict", "word", translate=lambda c: words.word("verdict", c), tones=True),
            Spec("to_pass", width=44), Spec("borderline", "flag"),
        ]  # fmt: skip
        return grid(frame, specs, words, title)

    def what_if(self) -> Grid:
        """What is worked out for the case that a limit were kept; no finding."""
        words, table = self.words, self.result.tables.get("what_if")
        frame = (
            table
            if table is not None
            else pd.DataFrame(columns=["subject_id", "what_if", "value", "unit", "basis"])
        )
        areas = frame["value"].where(frame["unit"] == "m2")
        frame = frame.assign(
            zone_text=[words.zone(one, self.zone_names) for one in frame["subject_id"]],
            area_m2=areas,
            money=frame["value"].where(frame["unit"] != "m2"),
        )
        frame["zone_text"] = frame["zone_text"].mask(
            frame["subject_id"] == "all", words.word("subject", "region")
        )
        specs = [
            Spec("zone_text", width=20), Spec("what_if", "word", translate=self._case, width=44), *area(total=False),
            Spec("money", "amount", unit="unit", title=words.title("amount")), Spec("basis", "id", width=16),
        ]  # fmt: skip
        return grid(frame, specs, words, self._title("what_if_title"))

    def evaluation(self) -> Grid:
        """Scores, ranks, classes and stars by the weights of the study, indicator by indicator."""
        words, table = self.words, self.result.tables.get("evaluation")
        frame = table if table is not None else pd.DataFrame(columns=EVALUATION_COLUMNS)
        told = labels("what_if", words.lang)

        def item(code: Any) -> str:
            spec = measure_spec(str(code))
            head, found, name = str(code).partition("potential_intensity_")
            of = measure_spec(name) if found and not head else None
            if of is not None:
                return f"{told['item_potential_intensity']} {of.title[words.lang]}"
            return (
                spec.title[words.lang] if spec else told.get(f"item_{code}", told.get(str(code), str(code)))
            )

        names = [
            words.zone(one, self.zone_names) if kind == "zone" else str(one)
            for kind, one in zip(frame["subject_kind"], frame["subject_id"], strict=True)
        ]
        specs = [
            Spec("system", "word", translate=lambda c: told.get(f"system_{c}", str(c)), width=16),
            Spec("subject_text", width=24), Spec("item", "word", translate=item, width=26),
            Spec("value", "amount", unit="unit"), Spec("unit", "word", translate=words.unit),
            Spec("reference", "amount", unit="unit"), Spec("weight", "number"), Spec("normalised_ratio", "ratio"),
            Spec("score", "number"), Spec("rank_count", "count"),
            Spec("class", "word", translate=lambda c: told.get(f"class_{c}", "" if pd.isna(c) else str(c))),
            Spec("group", "word", translate=lambda c: told.get(f"group_{c}", "")),
        ]  # fmt: skip
        return grid(frame.assign(subject_text=names), specs, words, self._title("evaluation_title"))

    def _case(self, code: Any) -> str:
        return labels("what_if", self.words.lang).get(str(code), str(code))

    def review(self) -> Grid:
        """The list of the review every two years: a proposal, decided by people."""
        words, table = self.words, self.result.tables.get("review")
        names = [
            "subject_id",
            "pack_id",
            "decision",
            "pass_count",
            "fail_count",
            "unknown_count",
            "to_correct",
        ]
        frame = table if table is not None else pd.DataFrame(columns=names)
        packs = {pack.id: pack.title[words.lang] for pack in self.study.rule_packs}
        frame = frame.assign(
            zone_text=[words.zone(one, self.zone_names) for one in frame["subject_id"]],
            pack_title=[packs.get(one, one) for one in frame["pack_id"]],
        )
        specs = [
            Spec("zone_text", width=20), Spec("pack_title", width=26),
            Spec("decision", "word", translate=lambda c: labels("what_if", words.lang).get(str(c), str(c))),
            Spec("pass_count", "count"), Spec("fail_count", "count"), Spec("unknown_count", "count"),
            Spec("to_correct", width=50),
        ]  # fmt: skip
        return grid(frame, specs, words, self._title("review_title"))

    def finding_words(self, rows: pd.DataFrame) -> dict[str, Any]:
        """Return the titles of rules and packs, how binding these are, and the names of zones, row by row."""
        packs = {pack.id: pack for pack in self.study.rule_packs}
        rules = {(pack.id, rule.id): rule for pack in packs.values() for rule in pack.rules}
        lang = self.words.lang
        force = labels("measures", lang)

        def titled(pack: str, rule: str, measure: str) -> str:
            known = rules.get((pack, rule))
            spec = measure_spec(measure)
            return known.title[lang] if known else spec.title[lang] if spec else measure

        place, first = alike(rows[["pack_id", "rule_id", "measure"]])
        keys = rows[["pack_id", "rule_id", "measure"]].iloc[first].astype(object)
        known = [(packs.get(one), one) for one in keys["pack_id"]]
        zone = (rows["subject_kind"] == "zone").to_numpy(dtype=bool)
        names = np.full(len(rows), "", dtype=object)
        names[zone] = [self.zone_names.get(one, "") for one in rows["subject_id"].array[zone]]
        return {
            "rule_title": told_by([titled(*key) for key in keys.itertuples(index=False)], place),
            "pack_title": told_by([pack.title[lang] if pack else str(one) for pack, one in known], place),
            "binding": told_by([force[pack.binding.value] if pack else "" for pack, _ in known], place),
            "zone_name": names,
        }

    def zone_scores(self) -> Grid:
        """For every zone and pack: how many conditions are met, not met, cannot be told."""
        own = self.result.findings[self.result.findings["subject_kind"] == "zone"]
        frame = score_counts(own)
        packs = {pack.id: pack.title[self.words.lang] for pack in self.study.rule_packs}
        frame = frame.assign(
            zone_name=[self.zone_names.get(z, "") for z in frame["subject_id"]],
            pack_title=[packs.get(p, p) for p in frame["pack_id"]],
        )
        specs = [
            Spec("subject_id", "id"), Spec("zone_name", width=22), Spec("pack_title", width=26),
            *[Spec(name, "count", total=True) for name in ("passed", "failed", "unknown", "not_applicable")],
        ]  # fmt: skip
        return grid(frame, specs, self.words, self._title("zone_score_title"))


def _other_kinds(low_use: pd.DataFrame, words: Wording) -> pd.Series:
    """Return under what else the parcel of each row stands in the table, in words; missing where under nothing."""
    told = pd.Series(pd.NA, low_use.index, dtype="object")
    again = low_use[low_use["parcel_id"].duplicated(keep=False)]
    kinds = again.groupby("parcel_id", sort=False)["kind"].unique().to_dict()
    told[again.index] = [
        words.join([words.word("land_stock", one) for one in kinds[parcel] if one != kind]) or pd.NA
        for parcel, kind in zip(again["parcel_id"], again["kind"], strict=True)
    ]
    return told


def score_counts(findings: pd.DataFrame) -> pd.DataFrame:
    """Count verdicts by subject and pack."""
    names = {"pass": "passed", "fail": "failed", "unknown": "unknown", "not_applicable": "not_applicable"}
    columns = ["subject_id", "pack_id", *names.values()]
    rows = []
    for (subject, pack), own in findings.groupby(["subject_id", "pack_id"], sort=True):
        counted = {name: int((own["verdict"] == code).sum()) for code, name in names.items()}
        rows.append({"subject_id": str(subject), "pack_id": str(pack), **counted})
    return pd.DataFrame(rows, columns=columns)


def zone_names(study: Study, result: AuditResult) -> dict[str, str]:
    """Return the names of zones by id, from the result or the layer."""
    frame = result.zones if "name" in result.zones else study.layers["zones"].frame
    if "name" not in frame:
        return {}
    ids = frame.get("zone_id", frame.index)
    return {str(i): str(name) for i, name in zip(ids, frame["name"], strict=True) if isinstance(name, str)}


def idle_word(code: Any, words: Wording) -> str:
    """Return an idle class in words; what counts as idle is always said to be suspected."""
    lead = words.say("suspected_lead") if code in idle_classes() else ""
    return lead + words.word("idle_class", code)


def _ranked(rows: pd.DataFrame, most: int | None = None) -> pd.DataFrame:
    """Return findings by kind of subject, the gravest first; no more than so many."""
    subject = {code: place for place, code in enumerate(SUBJECTS)}
    verdict = {code: place for place, code in enumerate(VERDICTS)}
    names = ["pack_id", "rule_id", "subject_id"]
    keys = rows[["subject_kind", "verdict", *names]].reset_index(drop=True)
    keys = keys.assign(
        by_subject=keys["subject_kind"].astype("str").map(subject).fillna(len(subject)).astype("int64"),
        by_verdict=keys["verdict"].astype("str").map(verdict).fillna(len(verdict)).astype("int64"),
    )
    order = keys.sort_values(["by_subject", "by_verdict", *names], kind="stable").index.to_numpy()
    return rows.iloc[order[:most]]


def _detailed(rows: pd.DataFrame) -> pd.DataFrame:
    """Return findings with all columns that their sentences stand on; what was not kept is missing."""
    whole = rows.reindex(columns=list(dict.fromkeys([*rows.columns, *DETAIL_COLUMNS])))
    names = ("message_code", "denominator_unit", "op", "gap_unit")
    texts = {name: whole[name].astype("object").where(whole[name].notna(), "") for name in names}
    return whole.assign(**texts)


def _some(rows: pd.DataFrame, name: str, words: Wording) -> list[str]:
    """Write a list of ids; where only the first are named, say how many there are."""
    texts = []
    for ids, count in zip(rows[name].fillna(""), rows[f"{name}_count"].fillna(0), strict=True):
        named = [one for one in str(ids).split("|") if one]
        text = words.join(named)
        texts.append(text if len(named) >= count else words.say("and_more", text=text, count=int(count)))
    return texts


def _plans_text(rows: pd.DataFrame, words: Wording) -> list[str]:
    """Say what the plans make of each patch: plans of one class side by side, with their codes and what these mean."""
    plans = [name for name in words.study.plans if f"{name}_code" in rows]
    parts = {
        name: rows.reindex(columns=[f"{name}_{part}" for part in ("code", "common", "name")])
        for name in plans
    }
    codes = {
        name: own.astype("object").fillna("").to_numpy(dtype=object).tolist() for name, own in parts.items()
    }
    known: dict[tuple[Any, ...], str] = {}
    texts = []
    for place in range(len(rows)):
        key = tuple(tuple(map(str, codes[name][place])) for name in plans)
        if key not in known:
            known[key] = _classes(dict(zip(plans, key, strict=True)), words)
        texts.append(known[key])
    return texts


def _classes(codes: dict[str, tuple[str, ...]], words: Wording) -> str:
    groups: dict[str, list[str]] = {}
    for name, (code, common, meaning) in codes.items():
        absent = code in ("nan", "None", "<NA>", "")
        head = words.word("kind", "uncovered") if absent else words.word("common", common)
        groups.setdefault(head, []).append(
            words.plan(name) if absent else f"{words.plan(name)} {words.beside(code, meaning)}"
        )
    return words.say("semicolon").join(
        head + words.say("colon") + words.join(names) for head, names in sorted(groups.items())
    )


def percent(value: float) -> str:
    """Write a ratio in per cent; a dash where it is missing."""
    return written(value, "ratio") if math.isfinite(value) else "—"
