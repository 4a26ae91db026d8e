"""The way of idle land through an audit: the clock over projects, brought to parcels, with its deadlines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from landzone.catalog import load
from landzone.catalog.columns import specs
from landzone.catalog.idle_law import (
    idle_terms,
    operating_words,
    ownership_words,
    procedure_terms,
    warning_days,
)
from landzone.engine.ground_evidence import measure_ground
from landzone.measures.contradictions import contradictions
from landzone.measures.deadlines import deadlines
from landzone.measures.facts import facts_at
from landzone.measures.idle import classify
from landzone.measures.idle_measures import idle_measures
from landzone.measures.idle_notes import idle_notes
from landzone.measures.idle_parcels import parcel_idle
from landzone.measures.idle_price import own_prices
from landzone.measures.ownership import ownership_kind
from landzone.measures.parcel_table import ParcelFacts
from landzone.model.ledger import Ledger
from landzone.model.measures import MeasureTable
from landzone.model.problems import Problems
from landzone.model.study import Study

IDLE_NAMES = {
    name: f"idle_{name}" for name in ("conclusion", "missing", "warnings", "project_id", "decision_row")
}
"""What the columns of the clock are called where they stand beside other columns of a parcel."""


@dataclass(frozen=True)
class Clock:
    """The clock of a study on a day.

    Attributes
    ----------
    projects : DataFrame
        Ledger rows with the columns of the clock.
    parcels : DataFrame
        The class of each parcel, index ``parcel_id``.
    measures : MeasureTable
        What rules on projects compare.
    tables : mapping of str to DataFrame
        ``deadlines``, as ``landzone.measures.deadlines.deadlines`` returns them.
    """

    projects: pd.DataFrame
    parcels: pd.DataFrame
    measures: MeasureTable
    tables: dict[str, pd.DataFrame]


def add_ground(
    clock: Clock, study: Study, ledger: Ledger, day: date, problems: Problems, workers: int = 1
) -> None:
    """Hold the ledger against the ground: the tables ``evidence`` and ``contradictions`` join those of the clock."""
    ground = measure_ground(study, ledger, problems, workers)
    found = contradictions(clock.projects, ground.frame, ground.says, day)
    if len(found):
        strong = int((found["strength"] == "strong").sum())
        problems.note("LEDGER_AND_GROUND", layer="projects", params={"count": len(found), "strong": strong})
    clock.tables.update(evidence=ground.evidence, contradictions=found)


def run_clock(study: Study, facts: ParcelFacts, day: date, problems: Problems) -> Clock:
    """Run the legal clock over projects, bring it to the parcels, and list what is due."""
    parcels, settings = study.layers["parcels"].frame, study.settings.idle
    owner = ownership_kind(parcels, ownership_words())
    table = study.tables.get("projects")
    if table is None:
        rows = pd.DataFrame({"project_id": pd.Series(dtype="str"), "parcel_id": pd.Series(dtype="str")})
    else:
        names = tuple(name for name, spec in specs("projects").items() if spec.fact)
        rows, found = facts_at(table.frame, day, names, source=table.source.source)
        problems.extend(found)
    places = facts.rows
    own = pd.Series(owner.array.take(places.parcel, allow_fill=True), index=rows.index, dtype="str")
    priced, unsplit = own_prices(rows, facts.land, places, source=table.source.source if table else "")
    problems.extend(unsplit)
    idle = classify(priced, day, settings, idle_terms(), own)
    if table is not None:
        problems.extend(idle_notes(idle, rows, settings, source=table.source.source))
    by_parcel = parcel_idle(idle, rows, parcels.index, owner, places)
    measures = MeasureTable("project", idle_measures(idle, rows, day, *operating_words(), places))
    if "land_price_fen" in priced:
        rows = rows.assign(own_land_price_fen=priced["land_price_fen"])
    projects = pd.concat([rows, idle], axis=1)
    classes = load.table("parameters.toml")["idle"]["idle_classes"]
    due = deadlines(projects, day, settings, procedure_terms(), warning_days(), classes)
    if len(due) and not settings.holidays and (due["event_date"].notna() & (due["state"] == "open")).any():
        problems.note("HOLIDAYS_NOT_GIVEN", layer="projects")
    return Clock(projects, by_parcel.rename(columns=IDLE_NAMES), measures, {"deadlines": due})
