"""What is known of parcels and projects beyond land, cover and investment; gathered once, used by all tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from landzone.measures import floor_use
from landzone.measures.ledger_amounts import LedgerRows, no_projects, project_amounts
from landzone.measures.parameters import SiteParameters
from landzone.measures.parcel_table import ParcelFacts, rows_of
from landzone.model.ledger import Ledger, SiteLedger
from landzone.model.study import Study
from landzone.units import IntArray

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
    projects = study.tables["projects"].frame if "projects" in study.tables else no_projects()
    buildings = _buildings(study, ledger, facts, parameters)
    floors = None
    if buildings is not None and facts.parcel_building is not None:
        floors = floor_use.floor_sums(facts.parcel_building, buildings, index, parameters.multi_storey_from)
    parcel_keys, project_keys = _keys(frame, projects, facts, parameters)
    return SiteFacts(
        amounts={name: _amount(projects, name, facts) for name in AMOUNTS},
        buildings=buildings,
        floors=floors,
        site_cover=reconciled(ledger.parcel_site_cover, ledger.parcel_area, facts.land),
        green=reconciled(ledger.parcel_green, ledger.parcel_area, facts.land),
        built=built_parcels(projects, ledger.parcel_cover, facts.rows),
        supplied_year=_years(projects, facts.rows),
        phases=ledger.parcel_phase if ledger.parcel_phase is not None else _phases(study, ledger, index),
        keys=parcel_keys,
        project_keys=project_keys,
        projects=projects,
    )


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


def _amount(projects: pd.DataFrame, name: str, facts: ParcelFacts) -> pd.DataFrame | None:
    if name not in projects:
        return None
    return project_amounts(projects, name, facts.land, facts.rows).by_parcel()


def _buildings(
    study: Study, ledger: Ledger, facts: ParcelFacts, parameters: SiteParameters
) -> pd.DataFrame | None:
    if facts.building_floor is None or ledger.building_area is None:
        return None
    frame = rows_of(study.layers["buildings"].frame, ledger.building_area.index)
    nothing = pd.Series(np.nan, index=frame.index, dtype="str")
    use = floor_use.building_use(frame.get("kind", nothing), parameters.uses)
    unknown = pd.Series(pd.NA, index=frame.index, dtype="boolean")
    standard = frame["standard_factory"].astype("boolean") if "standard_factory" in frame else unknown
    by_standard = use.isna().to_numpy() & standard.to_numpy(dtype=bool, na_value=False)
    if by_standard.any():
        use = pd.Series(use.array.copy(), index=use.index, dtype="str")
        use.array[by_standard] = floor_use.FACTORY
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


def built_parcels(projects: pd.DataFrame, cover: pd.Series | None, rows: LedgerRows) -> pd.Series | None:
    """A building stands on the parcel, or a project on it is completed; missing where neither can be told."""
    index = rows.parcels
    covered = cover.reindex(index) > 0 if cover is not None else None
    if "completed" not in projects:
        return covered.astype("boolean") if covered is not None else None
    answer = projects["completed"].astype("boolean").iloc[rows.used]
    yes, told = (
        np.bincount(rows.parcel[rows.used], weights=flags, minlength=len(index)) > 0
        for flags in (answer.fillna(False).to_numpy(dtype=bool), answer.notna().to_numpy(dtype=bool))
    )
    if covered is None:
        return pd.Series(pd.arrays.BooleanArray(yes, ~told), index=index)
    return (covered | yes).astype("boolean")


def _years(projects: pd.DataFrame, rows: LedgerRows) -> pd.Series:
    year = pd.Series(np.nan, index=projects.index)
    if "supplied_year" in projects:
        year = projects["supplied_year"].astype("Float64").astype("float64")
    if "contract_date" in projects:
        year = year.fillna(projects["contract_date"].dt.year.astype("float64"))
    first = np.full(len(rows.parcels), np.nan)
    np.fmin.at(first, rows.parcel[rows.used], year.to_numpy(dtype=np.float64)[rows.used])
    return pd.Series(first, index=rows.parcels)


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
    rows = facts.rows
    by_parcel: dict[str, pd.Series] = {"parcel_id": pd.Series(rows.parcels, index=rows.parcels)}
    by_project: dict[str, pd.Series] = {}
    for name, column in _row_keys(projects, parameters).items():
        by_parcel[name] = one_each(rows.parcel, rows.parcels, column)
        by_project[name] = one_each(rows.project, rows.projects, column)
    if facts.industrial is not None:
        by_parcel["is_industrial"] = facts.industrial
    if "land_grade" in parcels:
        by_parcel["land_grade"] = parcels["land_grade"]
    for name in ("is_industrial", "land_grade"):
        if name in by_parcel and len(projects):
            own = by_parcel[name].reindex(rows.parcels).array.take(rows.parcel, allow_fill=True)
            by_project[name] = one_each(rows.project, rows.projects, pd.Series(own))
    return by_parcel, by_project


def _row_keys(projects: pd.DataFrame, parameters: SiteParameters) -> dict[str, pd.Series]:
    """Return what rules ask of a row of the ledger."""
    names = ("is_new_industry", "is_priority", "contract_date")
    columns = {name: projects[name] for name in names if name in projects}
    if "industry_code" in projects:
        places, written = pd.factorize(projects["industry_code"].astype("str"))
        words = pd.Series(written, dtype="str").str.strip().str.extract(r"^[A-Za-z]?(\d{2,4})$")[0]
        code = pd.Series(words.array.take(places, allow_fill=True), index=projects.index)
        division = pd.to_numeric(words.str.slice(0, 2)).astype("Float64").array.take(places, allow_fill=True)
        first, last = parameters.manufacturing
        made = (division >= first) & (division <= last)
        columns["is_manufacturing"] = pd.Series(made, index=projects.index).astype("boolean")
        if parameters.industry_scheme:
            columns["industry_code"] = code.astype("str")
    return columns


def one_each(place: IntArray, owners: pd.Index, values: pd.Series) -> pd.Series:
    """Return the value of each owner where all its rows agree; missing where they differ or one is blank.

    Parameters
    ----------
    place : int array, one entry a row
        Place of the owner in ``owners``; -1: no owner.
    owners : Index
    values : Series, one entry a row

    Examples
    --------
    >>> one_each(np.array([0, 0, 1, 1]), pd.Index(["a", "b"]), pd.Series([4, 4, 5, 6])).tolist()
    [4.0, nan]
    """
    own = np.flatnonzero(place >= 0)
    kinds, _ = pd.factorize(values)
    first = np.full(len(owners), -1, dtype=np.int64)
    first[place[own[::-1]]] = own[::-1]
    differs = (kinds[own] != kinds[first[place[own]]]) | (kinds[own] < 0)
    alike = np.bincount(place[own], weights=differs, minlength=len(owners)) == 0
    return pd.Series(values.array.take(np.where(alike, first, -1), allow_fill=True), index=owners)
