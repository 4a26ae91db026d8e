"""What is known of parcels and projects beyond land, cover and investment; gathered once, used by all tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from landzone.measures import floor_use, investment
from landzone.measures.parameters import SiteParameters
from landzone.measures.parcel_table import ParcelFacts
from landzone.model.ledger import Ledger, SiteLedger
from landzone.model.study import Study

AMOUNTS = ("invested_ex_land_fen", "output_fen", "tax_fen")


@dataclass(frozen=True)
class SiteFacts:
    """Facts by parcel (index ``parcel_id``) unless said otherwise; None where the study has no such data.

    Attributes
    ----------
    amounts : mapping of str to DataFrame or None
        ``fen`` (missing: unknown) and ``lower_fen`` by money column of the ledger of projects.
    buildings : DataFrame or None
        ``floors_per_footprint use floors standard``, index ``building_id``.
    floors : DataFrame or None
        As ``floor_use.floor_sums`` returns it, by parcel.
    site_cover : Series of int or None
        Ground under buildings, structures and yards, reconciled to the area the audit uses.
    green : Series of int or None
    built : Series of boolean or None
        A building stands on it, or a project on it is completed; missing: not known.
    supplied_year : Series of float
        Year of supply; NaN where not known.
    phases : DataFrame or None
        ``parcel_id phase area`` in whole units of the measured area.
    keys : mapping of str to Series
        What rules ask of a parcel, as in ``catalog/rule_keys.toml``.
    project_keys : mapping of str to Series
        The same of projects, index ``project_id``.
    projects : DataFrame
        The ledger of projects, empty without one.
    """

    amounts: Mapping[str, pd.DataFrame | None]
    buildings: pd.DataFrame | None
    floors: pd.DataFrame | None
    site_cover: pd.Series | None
    green: pd.Series | None
    built: pd.Series | None
    supplied_year: pd.Series
    phases: pd.DataFrame | None
    keys: Mapping[str, pd.Series]
    project_keys: Mapping[str, pd.Series]
    projects: pd.DataFrame


def site_facts(
    study: Study, ledger: Ledger, site: SiteLedger, facts: ParcelFacts, parameters: SiteParameters
) -> SiteFacts:
    """Gather what the layers and ledgers of a study say of its parcels and projects."""
    frame = study.layers["parcels"].frame
    index = facts.land.index
    projects = study.tables["projects"].frame if "projects" in study.tables else _no_projects()
    buildings = _buildings(study, ledger, facts, parameters)
    floors = None
    if buildings is not None and ledger.parcel_building is not None:
        floors = floor_use.floor_sums(
            ledger.parcel_building, buildings, "parcel_id", index, parameters.multi_storey_from
        )
    parcel_keys, project_keys = _keys(frame, projects, facts, parameters)
    return SiteFacts(
        amounts={name: _amount(projects, name, facts.land) for name in AMOUNTS},
        buildings=buildings,
        floors=floors,
        site_cover=reconciled(site.parcel_site_cover, ledger.parcel_area, facts.land),
        green=reconciled(site.parcel_green, ledger.parcel_area, facts.land),
        built=_built(projects, ledger, index),
        supplied_year=_years(projects, index),
        phases=site.parcel_phase if site.parcel_phase is not None else _phases(study, ledger, index),
        keys=parcel_keys,
        project_keys=project_keys,
        projects=projects,
    )


def _no_projects() -> pd.DataFrame:
    return pd.DataFrame({"project_id": pd.Series(dtype="str"), "parcel_id": pd.Series(dtype="str")})


def reconciled(cover: pd.Series | None, measured: pd.Series, land: pd.Series) -> pd.Series | None:
    """Scale ground of a parcel from its measured area to the area the audit uses, half up."""
    if cover is None:
        return None
    own = cover.reindex(land.index).astype("int64")
    area = measured.reindex(land.index).astype("int64")
    moved = ((area != land) & (area > 0)).to_numpy(dtype=bool)
    if moved.any():
        part, whole, total = (s.to_numpy(dtype=np.int64)[moved].astype(object) for s in (own, area, land))
        own = own.copy()
        own[moved] = ((2 * part * total + whole) // (2 * whole)).astype("int64")
    return own


def _amount(projects: pd.DataFrame, name: str, land: pd.Series) -> pd.DataFrame | None:
    if name not in projects:
        return None
    return investment.parcel_amounts(investment.project_amounts(projects, name, land), land.index)


def _buildings(
    study: Study, ledger: Ledger, facts: ParcelFacts, parameters: SiteParameters
) -> pd.DataFrame | None:
    if facts.building_floor is None or ledger.building_area is None:
        return None
    frame = study.layers["buildings"].frame.loc[ledger.building_area.index]
    nothing = pd.Series(np.nan, index=frame.index, dtype="str")
    use = floor_use.building_use(frame.get("kind", nothing), parameters.uses)
    unknown = pd.Series(pd.NA, index=frame.index, dtype="boolean")
    standard = frame["standard_factory"].astype("boolean") if "standard_factory" in frame else unknown
    use = use.mask(use.isna() & standard.fillna(False).astype(bool), floor_use.FACTORY)
    storeys = frame["floors"].astype("Float64").astype("float64") if "floors" in frame else np.nan
    return pd.DataFrame(
        {
            "floors_per_footprint": facts.building_floor["floors_per_footprint"],
            "use": use,
            "floors": storeys,
            "standard": standard,
        },
        index=frame.index,
    )


def _built(projects: pd.DataFrame, ledger: Ledger, index: pd.Index) -> pd.Series | None:
    covered = ledger.parcel_cover.reindex(index) > 0 if ledger.parcel_cover is not None else None
    if "completed" not in projects:
        return covered.astype("boolean") if covered is not None else None
    done = projects["completed"].astype("boolean").groupby(projects["parcel_id"]).max().reindex(index)
    if covered is None:
        return done
    return (done.fillna(False) | covered).astype("boolean")


def _years(projects: pd.DataFrame, index: pd.Index) -> pd.Series:
    year = pd.Series(np.nan, index=projects.index)
    if "supplied_year" in projects:
        year = projects["supplied_year"].astype("Float64").astype("float64")
    if "contract_date" in projects:
        year = year.fillna(projects["contract_date"].dt.year.astype("float64"))
    first = year.groupby(projects["parcel_id"]).min()
    return first.reindex(index)


def _phases(study: Study, ledger: Ledger, index: pd.Index) -> pd.DataFrame | None:
    frame, zones = study.layers["parcels"].frame, study.layers["zones"].frame
    if "phase" in frame:
        words, area = frame["phase"], ledger.parcel_area.reindex(index)
        return pd.DataFrame({"parcel_id": index, "phase": words.to_numpy(), "area": area.to_numpy()})
    if "phase" not in zones:
        return None
    pieces = ledger.parcel_zone
    words = zones["phase"].reindex(pieces["zone_id"])
    return pd.DataFrame({"parcel_id": pieces["parcel_id"], "phase": words.to_numpy(), "area": pieces["area"]})


def _keys(
    parcels: pd.DataFrame, projects: pd.DataFrame, facts: ParcelFacts, parameters: SiteParameters
) -> tuple[dict[str, pd.Series], dict[str, pd.Series]]:
    """Return the keys of parcels and of projects; a parcel whose projects differ has none, and so the other way."""
    by_parcel: dict[str, pd.Series] = {}
    by_project: dict[str, pd.Series] = {}
    columns = {
        name: projects[name]
        for name in ("is_new_industry", "is_priority", "contract_date")
        if name in projects
    }
    if "industry_code" in projects:
        code = projects["industry_code"].astype("str").str.strip().str.extract(r"^[A-Za-z]?(\d{2,4})$")[0]
        division = pd.to_numeric(code.str.slice(0, 2)).astype("Float64")
        first, last = parameters.manufacturing
        columns["is_manufacturing"] = ((division >= first) & (division <= last)).astype("boolean")
        if parameters.industry_scheme:
            columns["industry_code"] = code.astype("str")
    for name, column in columns.items():
        by_parcel[name] = one_each(projects["parcel_id"], column).reindex(facts.land.index)
        by_project[name] = one_each(projects["project_id"], column)
    grade = parcels.get("land_grade")
    if facts.industrial is not None:
        by_parcel["is_industrial"] = facts.industrial
    if grade is not None:
        by_parcel["land_grade"] = grade
    for name in ("is_industrial", "land_grade"):
        if name in by_parcel and len(projects):
            own = by_parcel[name].reindex(projects["parcel_id"]).set_axis(projects.index)
            by_project[name] = one_each(projects["project_id"], own)
    return by_parcel, by_project


def one_each(owner: pd.Series, values: pd.Series) -> pd.Series:
    """Return the value of each owner where all its rows agree; missing where they differ or one is blank.

    >>> one_each(pd.Series(["a", "a", "b", "b"]), pd.Series([4, 4, 5, 6])).tolist()
    [4.0, nan]
    """
    rows = pd.DataFrame({"owner": owner.to_numpy(), "value": values.to_numpy()}).set_axis(range(len(owner)))
    rows["value"] = values.reset_index(drop=True)
    distinct = rows.drop_duplicates()
    several = distinct["owner"].duplicated(keep=False)
    single = distinct.drop_duplicates("owner").set_index("owner")["value"].sort_index()
    return single.where(~single.index.isin(set(distinct.loc[several, "owner"]))).rename(None)
