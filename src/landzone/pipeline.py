"""The whole way of an audit, and the only place that knows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from landzone import judging, memory, run_record, shaping
from landzone.alignment.conformity import with_hits
from landzone.alignment.constraints import constraint_pieces, hit_parcels
from landzone.alignment.editions import EditionsAmbiguous, plans_on
from landzone.alignment.ground import PLAN_ROLE, PRESENT_ROLE, PlanGround, plan_grounds
from landzone.alignment.pair_table import AlignmentTypes
from landzone.alignment.patches import Alignment, align_plans
from landzone.alignment.use_conflicts import use_conflicts
from landzone.catalog import load
from landzone.catalog.measure_list import measure_parameters
from landzone.catalog.messages import refusal
from landzone.engine.beside import Beside
from landzone.engine.direct import area_measure, build_ledger
from landzone.engine.ground_notes import ground_notes
from landzone.engine.idle_audit import Clock, add_ground, run_clock
from landzone.engine.land_stock import take_stock
from landzone.engine.plan_checks import plan_checks
from landzone.engine.runner import Status
from landzone.engine.source_rows import source_rows
from landzone.engine.ways import Wish, in_tasks
from landzone.errors import UsageError
from landzone.geometry.threads import threads_of_machine
from landzone.io.study import open_study
from landzone.io.topology import refuse_over_limit
from landzone.measures.parameters import Parameters
from landzone.measures.parcel_table import ParcelFacts, Tables, parcel_facts, parcel_table, standing_buildings
from landzone.measures.zone_table import zone_table
from landzone.model.coded import in_texts
from landzone.model.ids import without_lookups
from landzone.model.layer import SpatialPlan
from landzone.model.ledger import Ledger
from landzone.model.problems import Problems
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.rules.evaluate import evaluate

if TYPE_CHECKING:
    import folium

Progress = Callable[..., None]

EDITION_NOTES = {
    "not_in_force": "PLAN_NOT_IN_FORCE",
    "left_out": "PLAN_LEFT_OUT",
    "one_kind": "PLANS_OF_ONE_KIND",
    "superseded": "PLAN_SUPERSEDED",
}


def _silent(stage: str, share: float, name: str = "", **facts: object) -> None:
    """Take no notice of progress."""


@dataclass(frozen=True)
class Audit:
    """A finished audit; its tables are those of the contract."""

    study: Study
    result: AuditResult
    started_at: datetime

    @property
    def zones(self) -> gpd.GeoDataFrame:
        """Zones with their figures."""
        return self.result.zones

    @property
    def parcels(self) -> gpd.GeoDataFrame:
        """Parcels with their figures, idle class and conformity."""
        return self.result.parcels

    @property
    def patches(self) -> gpd.GeoDataFrame:
        """Difference patches of the plans."""
        return self.result.patches

    @property
    def constraints(self) -> gpd.GeoDataFrame:
        """Ground under lines of control."""
        return self.result.constraints

    @property
    def use_conflicts(self) -> gpd.GeoDataFrame:
        """Ground built on against a plan."""
        return self.result.use_conflicts

    @property
    def findings(self) -> pd.DataFrame:
        """Verdicts, one row a subject and rule."""
        return in_texts(self.result.findings)

    @property
    def rejects(self) -> pd.DataFrame:
        """Rows and cells that were not used."""
        return self.result.rejects

    @property
    def repairs(self) -> pd.DataFrame:
        """Values that were read or mended by a stated rule."""
        return self.result.repairs

    @property
    def notes(self) -> pd.DataFrame:
        """What a reader has to know."""
        return self.result.notes

    @property
    def has_losses(self) -> bool:
        """Rows or cells were rejected, or geometries repaired (exit code 4)."""
        return bool(self.result.run["losses"])

    def map(self, basemap: str = "") -> folium.Map:
        """Return the map; layers can be added to it as to any ``folium.Map``.

        ``basemap``: a service of ``catalog/basemaps.toml`` (``tianditu-vector``, ``osm`` …), a folder of tiles, an
        MBTiles file or a GeoTIFF; none where it is empty.
        """
        from landzone.outputs import map_html

        return map_html.build(self.study, self.result, basemap)

    def save(self, out: str | Path, progress: Progress = _silent, memory_bytes: int | None = None) -> Path:
        """Write every output and publish the folder by one rename; return the folder.

        ``memory_bytes``: what all processes of the run may take; tables are written by this one where two do not fit.
        """
        from landzone.outputs import write_all
        from landzone.outputs.publish import check_target, drop_tasks, publish, work_folder

        target = Path(out)
        check_target(target)
        with work_folder(target) as work:
            fresh = work / "new"
            fresh.mkdir()
            memory.release()
            write_all(
                self.study,
                self.result,
                fresh,
                lambda name, share: progress("write", 0.6 + 0.38 * share, name),
                memory_bytes,
            )
            path = run_record.path_from(target, self.study.path)
            run_record.write(self.result, fresh, started_at=self.started_at, study_path=path)
            progress("publish", 0.99)
            publish(fresh, target)
        drop_tasks(target)
        progress("publish", 1.0)
        return target

    def _repr_html_(self) -> str:
        """Show the zones when a notebook shows the audit."""
        return str(self.zones.drop(columns="geometry").to_html())


def open_with_progress(path: str | Path, progress: Progress = _silent) -> Study:
    """Open a study and tell how far this has come."""

    def reading(stage: str, share: float, name: str) -> None:
        progress("read", 0.25 * share, name or stage)

    return open_study(path, progress=reading)


def audit(
    study: Study,
    as_of: str | date,
    lang: str = "zh",
    progress: Progress = _silent,
    workers: int | None = None,
    wish: Wish | None = None,
) -> Audit:
    """Audit a study as of a date.

    Parameters
    ----------
    study : Study
        As ``open_study`` returns it.
    as_of : str or date
        The day that decides about dates; nothing ever reads today's date.
    lang : str
        Language of messages, ``zh`` or ``en``.
    progress : callable
        Told ``(stage, share, name)`` as the work goes on.
    workers : int, optional
        How many workers measure at once; those of the machine where not given. No result depends on it.
    wish : Wish, optional
        Where and how the parcels of a large study may be measured as tasks; in memory where absent.

    Examples
    --------
    >>> import landzone as lz
    >>> from landzone.io.bundled import example_study
    >>> found = lz.audit(lz.open_study(example_study()), as_of="2026-06-30")
    >>> found.zones["building_density_ratio"].round(4).tolist()
    [0.3404, 0.55]
    """
    day, started_at = day_of(as_of), datetime.now(UTC)
    refuse_over_limit(study.topology, study.settings.topology.overlap_limit_ratio)
    problems = study.problems.copy()
    parameters = measure_parameters(study.settings.money)
    _let_go(study)
    progress("measure", 0.25)
    workers = workers or threads_of_machine()
    holding = _holding(study, day, problems)
    plans = plan_grounds(holding, PLAN_ROLE, PRESENT_ROLE)

    def told(status: Status) -> None:
        facts = {key: value for key, value in vars(status).items() if key != "share"}
        progress("tasks", 0.25 + 0.15 * status.share, f"{status.done}/{status.total}", **facts)

    standing = standing_buildings(study, parameters)
    measured = partial(build_ledger, study, standing, workers, plans=plans, wish=wish)
    compared = partial(_patches, study, plans, workers)
    if in_tasks(len(study.layers["parcels"].frame), area_measure(study), wish):
        with Beside(lambda tell: measured(told=tell), told) as tasks:
            alignment = compared()
            ledger = tasks.answer()
    else:
        ledger, alignment = measured(), None
    problems.extend(ground_notes(study, ledger))
    facts = parcel_facts(study, ledger, parameters)
    clock = run_clock(study, facts, day, problems)
    add_ground(clock, study, ledger, day, problems, workers)
    memory.release()
    progress("align", 0.4)
    alignment = alignment or compared()
    ground = _align(study, ledger, plans, alignment, problems, workers)
    memory.release()
    progress("judge", 0.55)
    parcels = parcel_table(
        study, ledger, facts, parameters, idle=clock.parcels, conformity=ground["conformity"]
    )
    zones, parcels, judged = _judge(
        study, ledger, facts, clock, alignment, parcels, parameters, day, workers, problems
    )
    tables = shaping.Tables(
        zones=zones, parcels=parcels, patches=alignment.patches, constraints=ground["constraints"],
        use_conflicts=ground["use_conflicts"], findings=judged.pop("findings"), plan_shares=ledger.plan_shares,
        projects=clock.projects, pairs=alignment.pairs,
        more={**_plan_tables(alignment), **ground["tables"], **judged, "source_rows": source_rows(study)},
        plans={plan.name: plan for plan in holding},
        problems=problems, parcel_facts=facts,
    )  # fmt: skip
    _let_go(study)
    return Audit(study, shaping.result(study, ledger, tables, day, lang), started_at)


def _let_go(study: Study) -> None:
    """Give back memory that nobody needs, what the layers keep for look-ups among it."""
    for layer in study.layers.values():
        layer.frame.index = without_lookups(layer.frame.index)
    memory.release()


def _judge(
    study: Study, ledger: Ledger, facts: ParcelFacts, clock: Clock, alignment: Alignment, parcels: Tables,
    parameters: Parameters, day: date, workers: int, problems: Problems,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, dict[str, pd.DataFrame]]:  # fmt: skip
    """Hold all measures against the rule packs; return zones, parcels and the tables that come of it.

    What only the judging needs, the measures of every parcel first, is let go at its end.
    """
    site = judging.gather(study, ledger, facts, parameters, day, workers, problems)
    site = replace(site, patches=alignment.patches)
    zones = zone_table(
        study, ledger, facts, parameters, idle_class=clock.parcels["idle_class"], alignment=alignment.zones,
        site=site,
    )  # fmt: skip
    problems.extend(parcels.problems)
    problems.extend(zones.problems)
    further = judging.parcel_measures(site)
    frame = judging.with_parcel_columns(parcels.frame, further, parameters)
    frames = judging.Frames(zones.frame, frame, lambda: shaping.presentable(clock.projects, parameters.money))
    measures = judging.measure_tables(site, zones, parcels, further, clock.measures, frames)
    findings = evaluate(measures, study.rule_packs, day)
    stock = take_stock(site, frame, findings)
    more = judging.further_tables(measures, findings, study.settings.evaluation)
    more = {"findings": findings, **more, **clock.tables, **stock.tables}
    return zones.frame, frame.assign(**stock.columns), more


def _holding(study: Study, day: date, problems: Problems) -> list[SpatialPlan]:
    """Return the plans that are compared on the day, and note what the dates of the others say."""
    editions = study.settings.alignment.editions
    try:
        plans, found = plans_on(list(study.plans.values()), day, editions, area_measure(study))
    except EditionsAmbiguous as error:
        raise refusal("PLAN_EDITIONS_AMBIGUOUS", kind=error.kind, plans=", ".join(error.names)) from None
    for note in found:
        params = {"plan": note.plan, "kind": note.kind, "by": note.by, "day": day.isoformat()}
        params |= {"area_m2": f"{note.area_m2:.2f}"}
        source = study.plans[note.plan].layer.source.source
        problems.note(EDITION_NOTES[note.what], source=source, layer=f"plans.{note.plan}", params=params)
    return plans


def _patches(study: Study, plans: Sequence[PlanGround], workers: int) -> Alignment:
    """Compare plans."""
    zones, parcels = (study.layers[role].frame.geometry for role in ("zones", "parcels"))
    types = AlignmentTypes.read(load.table("alignment_types.toml"))
    measure, settings = area_measure(study), study.settings.alignment
    return align_plans(zones, plans, measure, settings, types, parcels=parcels, threads=workers)


def _align(
    study: Study,
    ledger: Ledger,
    plans: Sequence[PlanGround],
    alignment: Alignment,
    problems: Problems,
    workers: int,
) -> dict[str, Any]:
    """Hold parcels and present use against the plans, note what those say twice, and list what lies under lines."""
    zones = study.layers["zones"].frame.geometry
    parcels = study.layers["parcels"].frame.geometry
    lines = list(study.constraints.values())
    measure, settings = area_measure(study), study.settings.alignment
    types = AlignmentTypes.read(load.table("alignment_types.toml"))
    pieces = constraint_pieces(lines, zones, parcels, plans, measure, settings)
    told = alignment.self_overlaps["area_m2"] >= load.table("parameters.toml")["notes"]["least_m2"]
    for row in alignment.self_overlaps[told].itertuples(index=False):
        code = "PLAN_CONTRADICTS_ITSELF" if row.contradicts else "PLAN_OVERLAPS_ITSELF"
        code = "PLAN_PRECEDENCE_USED" if row.holds else code
        params = {"plan": row.plan, "codes": row.code, "common": row.common, "holds": row.holds}
        params |= {"area_m2": f"{row.area_m2:.2f}"}
        source = study.plans[str(row.plan)].layer.source.source
        problems.note(code, source=source, layer=f"plans.{row.plan}", params=params)
    checks = plan_checks(study, ledger, plans, problems, workers)
    state = with_hits(
        ledger.parcel_conformity, hit_parcels(pieces), parcels, plans, measure, settings, ledger.plan_shares
    )
    built = use_conflicts(zones, parcels, plans, measure, settings, types)
    return {"constraints": pieces, "use_conflicts": built, "conformity": state, "tables": checks}


def _plan_tables(alignment: Alignment) -> dict[str, pd.DataFrame]:
    return {
        "plan_pairs": alignment.pairs,
        "plan_alignment": alignment.plans,
        "class_combinations": alignment.classes,
        "patch_parcels": alignment.parcels,
    }


def day_of(as_of: str | date) -> date:
    """Return the day of an audit.

    Raises
    ------
    UsageError
        Where it is none.
    """
    if isinstance(as_of, date):
        return as_of
    try:
        return date.fromisoformat(as_of)
    except ValueError:
        raise UsageError(f"as_of: {as_of!r} is not a date of the form YYYY-MM-DD") from None


def check(study: Study, out: Path, lang: str) -> Path:
    """Write what the gate found: tables of problems and inputs, as a page and a workbook."""
    from landzone.outputs import check_page
    from landzone.outputs.publish import check_target, publish, work_folder

    check_target(out)
    with work_folder(out) as work:
        fresh = work / "new"
        fresh.mkdir()
        problems = shaping.problem_tables(study.problems, lang)
        check_page.write(study, problems, fresh, lang)
        run_record.write_check(study, fresh, started_at=datetime.now(UTC))
        publish(fresh, out)
    return out


def prepare(study: Study, out: Path) -> Path:
    """Write a store that ``audit`` and ``conform`` take in place of the study, and publish it by one rename."""
    from landzone.io.store import write_store
    from landzone.outputs.publish import check_target, publish, work_folder

    check_target(out, store=True)
    with work_folder(out) as work:
        fresh = work / "new"
        fresh.mkdir()
        write_store(study, fresh)
        run_record.write_check(study, fresh, started_at=datetime.now(UTC))
        publish(fresh, out)
    return out
