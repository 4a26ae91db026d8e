"""What each part of the report says, in which order."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from landzone.catalog.labels import labels
from landzone.model.coded import alike
from landzone.outputs import report_summary, run_grids
from landzone.outputs.alignment_grids import plan_alignment
from landzone.outputs.grid import Grid, Spec, grid
from landzone.outputs.result_grids import WATCHED, ResultGrids, idle_classes, unknown_classes


@dataclass(frozen=True)
class Said:
    """A sentence (``body``, ``note``, ``heading``) or the key of a ``map``."""

    text: str
    kind: str = "body"


Part = Said | Grid


def parts(grids: ResultGrids) -> dict[str, list[Part]]:
    """Return the parts of the report by the key of their heading."""
    return {
        "overview": _overview(grids),
        "summary": _summary(grids),
        "basis": _basis(grids),
        "data": _data(grids),
        "density": _density(grids),
        "investment": _investment(grids),
        "idle": _idle(grids),
        "alignment": _alignment(grids),
        "unknown": _unknown(grids),
        "problems": _problems(grids),
        "annex": _annex(grids),
    }


def _overview(grids: ResultGrids) -> list[Part]:
    words, study, result = grids.words, grids.study, grids.result
    text = words.say(
        "overview",
        name=study.settings.name,
        as_of=result.as_of.isoformat(),
        zones=len(result.zones),
        parcels=f"{len(result.parcels):,}",
        buildings=f"{len(result.buildings):,}",
        plans=sum(plan.role == "plan" for plan in study.plans.values()),
        lines=len(study.constraints),
    )
    return [
        Said(text),
        report_summary.study_facts(grids),
        Said(words.say("suspected"), "note"),
        Said("status", "map"),
    ]


def _summary(grids: ResultGrids) -> list[Part]:
    words = grids.words
    said: list[Part] = [Said(text) for text in report_summary.sentences(grids)]
    score, case = scorecard(grids), replace(grids.what_if(), sheet="scorecard")
    own = grids.evaluation()
    said += [replace(one, sheet="scorecard") for one in (score, own) if len(one)]
    return [*said, case, Said(words.say("what_if_note"), "note")] if len(case) else said


def scorecard(grids: ResultGrids) -> Grid:
    """Return one table of what was judged or reported of the zones and the region."""
    words, findings = grids.words, grids.result.findings
    rows = findings[findings["subject_kind"].isin(["zone", "region"])]
    codes = rows["message_code"] if "message_code" in rows else pd.Series("", rows.index)
    aside = codes.isin(["FINDING_LISTED", "FINDING_NOT_IN_FORCE"])
    note = (
        words.say("score_note", count=int(aside.sum()), sheet=words.say("sheet_scorecard"))
        if aside.any()
        else ""
    )
    return replace(grids.scorecard(rows[~aside], words.say("score_title")), sheet="scorecard", note=note)


def _scored(grids: ResultGrids, rows: Grid) -> Grid:
    keys = (
        "subject_id",
        "zone_name",
        "rule_title",
        "verdict",
        "observed",
        "op",
        "limit",
        "gap",
        "borderline",
        "clause",
    )
    return replace(rows.only(*keys), sheet="scorecard")


def _basis(grids: ResultGrids) -> list[Part]:
    words, lang = grids.words, grids.words.lang
    force = labels("measures", lang)
    said: list[Part] = [Said(words.say("basis_intro"))]
    for pack in grids.study.rule_packs:
        dates = words.say("basis_dates", date=pack.valid_from.isoformat()) if pack.valid_from else ""
        if not dates and pack.issued:
            dates = words.say("basis_issued", date=pack.issued.isoformat())
        title = pack.title[lang]
        line = words.say(
            "basis_line", title=title, source=pack.source, force=force[pack.binding.value], dates=dates
        )
        rules = pd.DataFrame(
            [
                {
                    "rule_id": rule.id,
                    "rule_title": rule.title[lang],
                    "clause": rule.clause,
                    "quote": rule.quote + (words.say("unverified") if rule.unverified else ""),
                }
                for rule in pack.rules
            ],
            columns=["rule_id", "rule_title", "clause", "quote"],
        )
        specs = [Spec("rule_id", "id"), Spec("rule_title"), Spec("clause"), Spec("quote", width=60)]
        said += [Said(line), replace(grid(rules, specs, words, title), sheet="scorecard")]
    return said


def _data(grids: ResultGrids) -> list[Part]:
    words, study = grids.words, grids.study
    method = Said(words.say(f"area_method_{study.settings.area_kind.value}"))
    inputs = replace(run_grids.inputs(study, words), sheet="inputs")
    if not study.crs_operations:
        return [inputs, Said(words.say("operations_none")), method]
    done = run_grids.operations(study, words).only(
        "role", "source_crs", "target_crs", "operation", "accuracy"
    )
    return [inputs, replace(done, sheet="inputs"), method]


def _density(grids: ResultGrids) -> list[Part]:
    words = grids.words
    kinds = sorted(set(grids.result.zones["density_denominator"].dropna().astype(str)))
    key = f"denominator_{kinds[0]}" if len(kinds) == 1 else "denominator_mixed"
    known = key in labels("report", words.lang)
    intro = Said(words.say("density_intro", denominator=words.say(key if known else "denominator_mixed")))
    zones = grids.zones().only(
        "zone_id", "zone_name", "area_m2:ha", "industrial_land_m2:ha", "footprint_m2", "building_density_ratio",
        "gross_building_density_ratio", "floor_area_ratio",
    )  # fmt: skip
    table = replace(zones, title=words.say("zone_density_title"), sheet="zones")
    return [
        intro,
        table,
        Said("density", "map"),
        *_about(grids, ("building_density_ratio", "floor_area_ratio")),
    ]


def _investment(grids: ResultGrids) -> list[Part]:
    words, money = grids.words, grids.study.settings.money
    name = f"investment_intensity_{money}_per_ha"
    zones = grids.zones().only(
        "zone_id", "zone_name", "industrial_land_m2:ha", name, f"investment_intensity_lower_{money}_per_ha",
        "investment_coverage_ratio",
    )  # fmt: skip
    table = replace(zones, title=words.say("zone_investment_title"), sheet="zones")
    return [Said(words.say("investment_intro")), table, Said("intensity", "map"), *_about(grids, (name,))]


def _about(grids: ResultGrids, measures: tuple[str, ...]) -> list[Part]:
    """Repeat what was found of some measures for zones, as sentences."""
    rows = grids.result.findings
    rows = rows[(rows["subject_kind"] == "zone") & rows["measure"].isin(measures)]
    said: list[Part] = []
    for row in rows.sort_values(["subject_id", "rule_id"], kind="stable").itertuples(index=False):
        if row.message:
            zone = grids.words.zone(row.subject_id, grids.zone_names)
            said.append(Said(zone + grids.words.say("colon") + row.message))
    return said


def _idle(grids: ResultGrids) -> list[Part]:
    words = grids.words
    fee = f"idle_fee_{grids.study.settings.money}"
    keys = (
        "parcel_id", "holder", "area_m2:ha", "area_m2:mu", "idle_class", "start_basis", "effective_start_date",
        "idle_since_date", fee, "next_threshold_date",
    )  # fmt: skip
    suspected = grids.idle(idle_classes(), words.say("idle_list_title")).only(*keys)
    overdue = grids.idle(WATCHED, words.say("overdue_title"))
    later = (
        "parcel_id",
        "holder",
        "area_m2:ha",
        "area_m2:mu",
        "start_basis",
        "effective_start_date",
        "next_threshold_date",
    )
    classes = grids.idle_by_class().only(
        "idle_class", "code", "parcels_count", "area_m2:ha", "area_m2:mu", fee
    )
    found: list[Part] = [
        Said(words.say("idle_intro")),
        replace(classes, sheet="idle"),
        Said("idle", "map"),
        replace(suspected, sheet="idle"),
        Said(words.say("idle_fee_note"), "note"),
    ]
    if len(overdue):
        found.append(replace(overdue.only(*later), sheet="idle"))
    due = grids.deadlines().only("due_date", "kind", "parcel_id", "project_id", "days_left_count", "state")
    if len(due):
        found.append(replace(due, sheet="idle"))
    against = grids.contradictions().only(
        "parcel_id", "project_id", "kind", "strength", "idle_class", "core_ratio", "area_m2:ha"
    )
    if len(against):
        found += [replace(against, sheet="idle"), Said(words.say("contradictions_note"), "note")]
    return [*found, *_stock(grids)]


def _stock(grids: ResultGrids) -> list[Part]:
    """Vacant and low-use land beyond the law: the stock, and the blocks that parcels beside each other make."""
    stock = grids.stock()
    found: list[Part] = [replace(stock, sheet="idle")] if len(stock) else []
    blocks = grids.blocks().only(
        "rank_count", "block_id", "parcels_count", "zone_id", "area_m2:ha", "area_m2:mu", "width_m", "fits_ha"
    )
    return [*found, replace(blocks, sheet="idle")] if len(blocks) else found


def _alignment(grids: ResultGrids) -> list[Part]:
    words = grids.words
    zones = grids.zones().only(
        "zone_id", "zone_name", "alignment_ratio", "agree_m2:ha", "conflict_m2:ha", "conflict_m2:mu", "precision_m2",
        "uncovered_m2", "conflict_count",
    )  # fmt: skip
    found: list[Part] = [replace(zones, title=words.say("zone_alignment_title"), sheet="zones")]
    if len(grids.result.alignment):
        pairs = grids.pairs().only(
            "plan_a",
            "plan_b",
            "agree_m2:ha",
            "conflict_m2:ha",
            "precision_m2",
            "uncovered_m2",
            "alignment_ratio",
        )
        found.append(replace(pairs, sheet="alignment"))
        own = plan_alignment(grids).only(
            "plan", "zone_id", "agree_m2:ha", "conflict_m2:ha", "uncovered_m2", "alignment_ratio"
        )
        found.append(replace(own, sheet="alignment"))
    found.append(Said("conflicts", "map"))
    conflicts = grids.patches(("conflict",), words.say("patches_title"))
    own = conflicts.only(
        "patch_id", "zone_id", "type", "severity", "area_m2", "area_m2:mu", "parcels_text", "next_step"
    )
    found.append(replace(own, sheet="alignment"))
    if len(conflicts):
        told = conflicts.only("patch_id", "plans_text", "offices")
        found.append(replace(told, title=words.say("patches_plans_title"), sheet="alignment"))
    found.append(
        Said(words.say("self_note", width=f"{grids.study.settings.alignment.sliver_width_m:g}"), "note")
    )
    lines = grids.constraints().only(
        "constraint",
        "type",
        "severity",
        "zone_id",
        "parcel_id",
        "construction_plans",
        "area_m2",
        "area_m2:mu",
    )
    built = grids.use_conflicts().only(
        "zone_id", "parcel_id", "plan", "present_code", "plan_code", "area_m2", "area_m2:mu"
    )
    if not grids.study.constraints and not len(lines):
        found.append(Said(words.say("s_no_lines")))
    else:
        found += [Said("constraints", "map"), replace(lines, sheet="alignment")]
    return [*found, replace(built, sheet="alignment")] if len(built) else found


def _unknown(grids: ResultGrids) -> list[Part]:
    words, findings = grids.words, grids.result.findings
    missing = findings[findings["verdict"] == "unknown"]
    zones = grids.findings(missing[missing["subject_kind"] == "zone"], words.say("unknown_zone_title"))
    found: list[Part] = [Said(words.say("unknown_intro"))]
    if len(zones):
        found.append(
            replace(zones.only("subject_id", "zone_name", "rule_title", "message"), sheet="scorecard")
        )
    others = missing[missing["subject_kind"] != "zone"]
    if len(others):
        keys = ["subject_kind", "pack_id", "rule_id", "measure"]
        place, first = alike(others[keys])
        kinds = others.iloc[first]
        said = grids.finding_words(kinds)
        told = {name: said[name] for name in ("pack_title", "rule_title")}
        subject = [words.word("subject", code) for code in kinds["subject_kind"]]
        frame = (
            kinds[["rule_id"]].astype("str").assign(subject_kind=subject, **told, count=np.bincount(place))
        )
        names = ["subject_kind", "pack_title", "rule_id", "rule_title"]
        frame = frame.astype(dict.fromkeys(names, "str"))
        counted = frame.groupby(names, sort=True)["count"].sum().reset_index()
        specs = [
            Spec("pack_title"),
            Spec("rule_id", "id"),
            Spec("rule_title"),
            Spec("subject_kind"),
            Spec("count", "count"),
        ]
        found.append(
            replace(grid(counted, specs, words, words.say("unknown_rules_title")), sheet="scorecard")
        )
    idle = grids.idle(unknown_classes(), words.say("unknown_idle_title"))
    if len(idle):
        own = idle.only("parcel_id", "holder", "area_m2:ha", "idle_class", "idle_conclusion", "idle_missing")
        found.append(replace(own, sheet="idle"))
    borderline = grids.findings(findings[findings["borderline"].astype(bool)], words.say("borderline_title"))
    return [*found, _scored(grids, borderline)] if len(borderline) else found


def _problems(grids: ResultGrids) -> list[Part]:
    words, result = grids.words, grids.result
    frames = {words.say(f"{name}_title"): getattr(result, name) for name in ("rejects", "repairs", "notes")}
    counted = run_grids.by_code(frames, words, words.say("by_code_title"))
    listed = run_grids.problems(result.rejects, words, words.say("rejects_title"))
    own = listed.only("source", "layer", "row", "subject_id", "column", "message")
    intro = Said(words.say("problems_intro", sheet=words.say("sheet_problems")))
    return [intro, replace(counted, sheet="problems"), replace(own, sheet="problems")]


def _annex(grids: ResultGrids) -> list[Part]:
    words, study = grids.words, grids.study
    return [
        Said(words.say("annex_note")),
        replace(run_grids.packs(study, words).only("code", "source_document", "sha256"), sheet="inputs"),
        replace(run_grids.hashes(study, words), sheet="inputs"),
        replace(run_grids.versions(grids.result.run.get("versions", {}), words), sheet="inputs"),
    ]
