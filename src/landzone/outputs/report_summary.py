"""The sentences with the figures: what an audit found, in the fewest words."""

from __future__ import annotations

import math

from landzone.catalog.labels import labels
from landzone.outputs.grid import Column, Grid, facts, written
from landzone.outputs.result_grids import (
    WATCHED,
    ResultGrids,
    idle_classes,
    percent,
    score_counts,
    unknown_classes,
)
from landzone.outputs.wording import clean
from landzone.units import M2_PER_HA, MU_PER_HA


def hectares(m2: float) -> str:
    """Write an area in ha; a dash where it is missing."""
    return written(m2 / M2_PER_HA, "ha") if math.isfinite(m2) else "—"


def study_facts(grids: ResultGrids) -> Grid:
    """Return study, date, CRS and settings."""
    words, settings = grids.words, grids.study.settings
    crs = grids.study.crs
    pairs = [
        (words.say("f_name"), settings.name),
        (words.say("f_as_of"), grids.result.as_of.isoformat()),
        (words.say("f_crs"), words.beside(crs.name, crs.to_string() if len(crs.to_string()) < 40 else "")),
        (words.say("f_area_kind"), words.say(settings.area_kind.value)),
        (words.say("f_area_source"), words.say(settings.area.value)),
        (words.say("f_money"), words.money),
        (words.say("f_anniversary"), words.say(settings.idle.anniversary.value)),
        (words.say("f_precision"), f"{settings.boundary_precision_m:g}"),
        (
            words.say("f_version"),
            f"landzone {grids.result.run.get('versions', {}).get('landzone', '')}".strip(),
        ),
    ]
    return facts(words.say("facts_title"), pairs, words)


def conclusions(grids: ResultGrids) -> Grid:
    """Return the sentences of the summary as a table of one column."""
    texts = [clean(text) for text in sentences(grids)]
    column = Column.of("message", grids.words.title("message"), "text", texts, width=110)
    return Grid(grids.words.say("conclusions_title"), (column,), rows_all=len(texts))


def sentences(grids: ResultGrids) -> list[str]:
    """Return one sentence a matter: rules of zones, idle land, plans, lines of control, data."""
    return [
        *zone_sentences(grids),
        *idle_sentences(grids),
        *alignment_sentences(grids),
        *line_sentences(grids),
        _problems(grids),
    ]


def zone_sentences(grids: ResultGrids) -> list[str]:
    """Say for every zone and pack how many conditions are met."""
    words = grids.words
    force = labels("measures", words.lang)
    packs = {pack.id: pack for pack in grids.study.rule_packs}
    counts = score_counts(grids.result.findings[grids.result.findings["subject_kind"] == "zone"])
    texts = []
    for row in counts.itertuples(index=False):
        pack = packs.get(row.pack_id)
        other = words.say("s_zone_other", count=row.not_applicable) if row.not_applicable else ""
        texts.append(
            words.say(
                "s_zone",
                zone=words.zone(row.subject_id, grids.zone_names),
                pack=pack.title[words.lang] if pack else row.pack_id,
                force=force[pack.binding.value] if pack else "",
                count=row.passed + row.failed + row.unknown + row.not_applicable,
                passed=row.passed,
                failed=row.failed,
                unknown=row.unknown,
                other=other,
            )
        )
    return texts


def idle_sentences(grids: ResultGrids) -> list[str]:
    """Say how much land is suspected idle and which fee would be due."""
    words, parcels = grids.words, grids.result.parcels
    classes = parcels["idle_class"]
    idle = parcels[classes.isin(idle_classes())]
    unknown = int(classes.isin(unknown_classes()).sum())
    if not len(idle):
        return [words.say("s_idle_none", unknown=unknown)]
    m2 = math.fsum(idle["area_m2"].dropna())
    column = f"idle_fee_{grids.study.settings.money}"
    fees = idle[column].dropna() if column in idle else idle["area_m2"].iloc[:0]
    figures = {
        "count": len(idle),
        "ha": hectares(m2),
        "mu": written(m2 / M2_PER_HA * MU_PER_HA, "mu"),
    }
    if len(fees):
        unpriced = words.say("s_unpriced", count=len(idle) - len(fees)) if len(fees) < len(idle) else ""
        fee = f"{written(math.fsum(fees), 'money')} {words.money}"
        first = words.say("s_idle", **figures, fee=fee, unpriced=unpriced)
    else:
        first = words.say("s_idle_no_fee", **figures)
    return [first, words.say("s_watch", overdue=int(classes.isin(WATCHED).sum()), unknown=unknown)]


def alignment_sentences(grids: ResultGrids) -> list[str]:
    """Say how far the plans agree in each zone."""
    words = grids.words
    if sum(plan.role == "plan" for plan in grids.study.plans.values()) < 2:
        return [words.say("s_no_plans")]
    wanted = ("conflict_m2", "precision_m2", "uncovered_m2")
    if not {"alignment_ratio", *wanted} <= set(grids.result.zones.columns):
        return []
    return [
        words.say(
            "s_alignment",
            zone=words.zone(row.zone_id, grids.zone_names),
            ratio=percent(row.alignment_ratio),
            conflict=hectares(row.conflict_m2),
            precision=hectares(row.precision_m2),
            uncovered=hectares(row.uncovered_m2),
        )
        for row in grids.result.zones.itertuples(index=False)
    ]


def line_sentences(grids: ResultGrids) -> list[str]:
    """Say how much ground that plans open to construction lies under lines of control."""
    words, pieces = grids.words, grids.result.constraints
    if not grids.study.constraints and not len(pieces):
        return [words.say("s_no_lines")]
    built = pieces["construction_plans"].astype("object")
    hit = pieces[built.notna() & (built != "")]
    if not len(hit):
        return [words.say("s_lines_none")]
    names = []
    for name, own in hit.groupby("constraint", sort=True):
        names.append(f"{words.line(str(name))} {written(math.fsum(own['area_m2']), 'm2')} {words.unit('m2')}")
    m2 = written(math.fsum(hit["area_m2"]), "m2")
    return [words.say("s_lines", count=len(hit), m2=m2, names=words.join(names))]


def _problems(grids: ResultGrids) -> str:
    result = grids.result
    return grids.words.say(
        "s_problems", rejects=len(result.rejects), repairs=len(result.repairs), notes=len(result.notes)
    )
