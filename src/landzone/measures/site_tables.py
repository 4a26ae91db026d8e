"""Tables of measures by kind of subject: zones and the region, projects, enterprises, parcels, buildings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from landzone.measures import enterprises, floor_use, growth, phasing, plan_ground, price, supply
from landzone.measures.apportion import ZonePieces, zone_pieces
from landzone.measures.bounded import only_where, quotient
from landzone.measures.ground_figures import ground_figures, other_denominators
from landzone.measures.ledger_amounts import LedgerRows, project_amounts
from landzone.measures.parameters import Parameters, SiteParameters
from landzone.measures.parcel_table import UNITS_PER_HA, ParcelFacts, asked_for
from landzone.measures.site_facts import SiteFacts
from landzone.measures.zone_figures import (
    ZoneSums,
    density_measures,
    enterprise_measures,
    idle_measure,
    investment_measures,
)
from landzone.model.ledger import Ledger, SiteLedger
from landzone.model.measures import Measured, MeasureTable
from landzone.model.study import Study
from landzone.units import AREA_UNITS_PER_M2

REGION = "all"
"""Id of the region: all zones of a study together."""


@dataclass(frozen=True)
class Site:
    """Everything the tables stand on, gathered once."""

    study: Study
    ledger: Ledger
    site_ledger: SiteLedger
    facts: ParcelFacts
    site: SiteFacts
    parameters: Parameters
    words: SiteParameters
    day: date
    patches: pd.DataFrame | None = None

    @property
    def firms(self) -> pd.DataFrame | None:
        """The ledger of enterprises."""
        return self.study.tables["enterprises"].frame if "enterprises" in self.study.tables else None

    @property
    def figures(self) -> pd.DataFrame | None:
        """Figures that zones state, index ``zone_id``."""
        table = self.study.tables.get("zone_figures")
        if table is None or table.key != "zone_id":
            return None
        return table.frame if table.frame.index.name == "zone_id" else table.frame.set_index("zone_id")


def zone_measures(of: Site, sums: ZoneSums, zones: pd.Index) -> list[Measured]:
    """Return the further measures of zones."""
    return _area_measures(of, sums, of.ledger.zone_area.reindex(zones), zones, None)


def region_table(of: Site, zone_sums: ZoneSums, idle_class: pd.Series | None) -> MeasureTable:
    """Return the measures of the region: all zones together, sums over sums."""
    region = pd.Index([REGION], dtype="str")
    sums = ZoneSums.of(of.facts, region, zone_sums.pieces.in_one(REGION))
    zones = of.study.layers["zones"].frame.index
    whole = replace(
        of.ledger,
        zone_area=_one(of.ledger.zone_area, region),
        zone_perimeter_m=_one(of.ledger.zone_perimeter_m, region),
        zone_cover=None if of.ledger.zone_cover is None else _one(of.ledger.zone_cover, region),
        zone_cover_perimeter_m=None
        if of.ledger.zone_cover_perimeter_m is None
        else _one(of.ledger.zone_cover_perimeter_m, region),
    )
    precision = of.study.settings.boundary_precision_m
    found = density_measures(sums, whole, of.facts, precision)
    found += investment_measures(sums, whole, of.facts, of.parameters, precision)
    found.append(idle_measure(sums, of.facts, idle_class, of.parameters))
    firms = of.firms
    rows = firms[firms["zone_id"].notna()].assign(zone_id=REGION) if firms is not None else None
    found += enterprise_measures(rows, region, of.parameters)
    group = pd.Series(REGION, index=zones, dtype="str")
    found += _area_measures(of, sums, whole.zone_area, region, group)
    return MeasureTable("region", {measured.name: measured for measured in found}, index=region)


def _one(values: pd.Series, region: pd.Index) -> pd.Series:
    return pd.Series([values.sum()], index=region)


def _area_measures(
    of: Site, sums: ZoneSums, area: pd.Series, subjects: pd.Index, group: pd.Series | None
) -> list[Measured]:
    """Return what zones and the region share; ``group`` is the region of each zone."""
    found = list(ground_figures(sums, of.facts, of.site, of.parameters))
    found += other_denominators(sums, of.facts, of.site, area, of.parameters)
    found += supply.supply_measures(sums, of.facts, of.site, area)
    found.append(supply.supplied_in_year(sums, of.facts, of.site, of.day.year))
    found += _floors(of, subjects, group)
    found += _phases(of, sums, subjects)
    found += _firms(of, sums, subjects)
    figures = of.figures if of.figures is not None else pd.DataFrame(index=pd.Index([], dtype="str"))
    own = figures[figures.index != REGION] if group is not None else figures
    found.append(
        growth.growth_measure(own, subjects, None if group is None else pd.Series(REGION, own.index))
    )
    if group is None:
        found.append(supply.townships(of.site_ledger.village_zone, subjects))
        found.append(supply.villages(of.site_ledger.village_zone, subjects))
    found.append(plan_ground.construction_share(of.patches, area, group))
    green = of.site_ledger.zone_green
    if green is not None:
        ground = green if group is None else _one(green, subjects)
        share = quotient(
            "zone_green_ratio", "ratio", ground / AREA_UNITS_PER_M2, area / AREA_UNITS_PER_M2, ("m2", "m2")
        )
        found.append(share)
    return found


def _floors(of: Site, subjects: pd.Index, group: pd.Series | None) -> list[Measured]:
    if of.site.buildings is None or of.facts.zone_building is None:
        empty = pd.Series(0, index=subjects, dtype="int64")
        return list(floor_use.floor_shares(pd.DataFrame(dict.fromkeys(floor_use.COLUMNS, empty))))
    zones = of.study.layers["zones"].frame.index
    sums = floor_use.floor_sums(of.facts.zone_building, of.site.buildings, zones, of.words.multi_storey_from)
    return list(
        floor_use.floor_shares(sums if group is None else sums.groupby(group).sum().reindex(subjects))
    )


def _phases(of: Site, sums: ZoneSums, subjects: pd.Index) -> list[Measured]:
    columns = {"zone_id": "str", "phase": "str", "area": "int64", "built": "boolean"}
    land = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    phases, built = of.site.phases, of.site.built
    if phases is not None:
        pieces = sums.pieces
        by_parcel = pd.DataFrame(
            {
                "parcel_id": pieces.parcels.take(pieces.parcel),
                "zone_id": pieces.zones.take(pieces.zone),
                "piece": pieces.area,
            }
        )
        by_parcel["whole"] = by_parcel.groupby("parcel_id")["piece"].transform("sum")
        own = phases.assign(phase=phasing.phase_of(phases["phase"], of.words.phases)).dropna(subset=["phase"])
        rows = own.merge(by_parcel, on="parcel_id", validate="many_to_many")
        part = rows["area"].astype("float64") * rows["piece"] / rows["whole"].where(rows["whole"] > 0)
        told = built.reindex(rows["parcel_id"]).to_numpy() if built is not None else pd.NA
        land = pd.DataFrame(
            {"zone_id": rows["zone_id"], "phase": rows["phase"], "area": part.round().astype("int64")}
        )
        land["built"] = pd.array(told, dtype="boolean") if built is not None else pd.Series(pd.NA, land.index)
        land["built"] = land["built"].astype("boolean")
    return phasing.phase_measures(land, subjects, of.words.earlier_built_from)


def _firms(of: Site, sums: ZoneSums, subjects: pd.Index) -> list[Measured]:
    """Enterprises of a zone, and their revenue over the industrial land."""
    firms, unit = of.firms, of.parameters.rule_money
    rows = firms if firms is not None else pd.DataFrame({"zone_id": pd.Series(dtype="str")})
    if len(subjects) == 1 and subjects[0] == REGION and len(rows):
        rows = rows[rows["zone_id"].notna()].assign(zone_id=REGION)
    count = enterprises.enterprise_count(rows, subjects)
    revenue = enterprises.revenue(rows, subjects, of.parameters.fen_per_rule_unit)
    land = sums.industrial_land / UNITS_PER_HA
    hectares = only_where(land, land > 0)
    return [
        Measured("enterprises_count", count, "count", numerator=count, numerator_unit="count"),
        Measured(
            f"revenue_{unit}_per_ha",
            revenue["value"] / hectares,
            f"{unit}_per_ha",
            numerator=revenue["numerator"],
            denominator=hectares,
            lower=revenue["lower"] / hectares,
            coverage=revenue["coverage"],
            not_applicable=sums.without_industry,
            numerator_unit=unit,
            denominator_unit="ha",
        ),
    ]


def parcel_measures(of: Site) -> list[Measured]:
    """Return the further measures of parcels; what stands behind those that no rule asks for is not kept."""
    index = of.facts.land.index
    everywhere = np.arange(len(index))
    subjects = pd.RangeIndex(len(index))
    pieces = ZonePieces(
        parcels=index,
        zones=subjects,
        parcel=everywhere,
        zone=everywhere,
        area=of.facts.land.to_numpy(dtype=np.int64),
        outside=np.zeros(len(index), dtype=np.int64),
        whole=np.ones(len(index), dtype=bool),
    )
    sums = ZoneSums.of(of.facts, subjects, pieces, by_use=False)
    asked = asked_for(of.study.rule_packs, "parcel")

    def kept(one: Measured) -> Measured:
        return one if one.name in asked else one.bare()

    figures = ground_figures(sums, of.facts, of.site, of.parameters)
    found = [_named(kept(one), index) for one in figures]
    if of.site.floors is not None:
        found += [kept(one) for one in floor_use.floor_shares(of.site.floors)]
    found.append(kept(supply.inside_zones(of.facts.pieces, of.ledger.parcel_area.reindex(index))))
    return found


def _named(measured: Measured, index: pd.Index) -> Measured:
    """Give the subjects, so far by their place, their ids."""
    series = {name: s.set_axis(index) for name, s in measured.__dict__.items() if isinstance(s, pd.Series)}
    return replace(measured, **series)


def group_table(of: Site, kind: str, owner: pd.Series, wanted: Collection[str]) -> MeasureTable:
    """Return the measures of projects or enterprises: sums over the parcels that are theirs alone.

    A subject that shares a parcel with another has no land of its own there; what stands on its land is unknown.

    Parameters
    ----------
    of : Site
    kind : str
    owner : Series of str
        Project or enterprise of each row of the ledger, index as ``of.site.projects``.
    wanted : collection of str
        Names of the measures that rules ask for; nothing else is computed.
    """
    rows = pd.DataFrame({"parcel_id": of.site.projects["parcel_id"].to_numpy(), "zone_id": owner.to_numpy()})
    rows = rows.dropna().drop_duplicates()
    subjects = pd.Index(sorted(set(owner.dropna())), dtype="str")
    alone = rows[~rows["parcel_id"].duplicated(keep=False)]
    shared = set(rows.loc[rows["parcel_id"].duplicated(keep=False), "zone_id"])
    pieces = zone_pieces(
        alone.assign(area=of.ledger.parcel_area.reindex(alone["parcel_id"]).to_numpy(dtype=np.int64)),
        of.ledger.parcel_area,
    )
    sums = ZoneSums.of(of.facts, subjects, pieces, by_use=False)
    precision = of.study.settings.boundary_precision_m
    whole = replace(
        of.ledger, zone_area=pd.Series(0, index=subjects), zone_perimeter_m=pd.Series(0.0, index=subjects)
    )
    bare = replace(whole, zone_cover=pd.Series(0, index=subjects), zone_cover_perimeter_m=None)
    found = density_measures(sums, bare if whole.zone_cover is not None else whole, of.facts, precision)
    found += investment_measures(sums, of.ledger, of.facts, of.parameters, precision)
    found += ground_figures(sums, of.facts, of.site, of.parameters)
    if of.site.floors is not None:
        own = {name: sums.of_parcels(of.site.floors[name]) for name in floor_use.COLUMNS}
        found += floor_use.floor_shares(pd.DataFrame(own))
    known = {measured.name: measured for measured in found if measured.name in wanted}
    open_ones = pd.Series(subjects.isin(shared), index=subjects)
    measures = {name: _without(measured, open_ones) for name, measured in known.items()}
    return MeasureTable(kind, measures, index=subjects)


def _without(measured: Measured, where: pd.Series) -> Measured:
    """Leave out what is known of some subjects only in part."""
    names = ("value", "numerator", "denominator", "lower", "upper", "coverage", "uncertainty")
    blank = {
        name: getattr(measured, name).astype("float64").mask(where)
        for name in names
        if getattr(measured, name) is not None
    }
    return replace(measured, **blank)


def project_measures(of: Site) -> dict[str, Measured]:
    """Return what projects state themselves: land price, and floor area added for services.

    - ``land_price_cny_per_m2``, ``land_price_to_cost_ratio``: as ``price.price_measures``; the reserve price
      (``reserve_price``) where the ledger has it, else the price of the deal;
    - ``added_service_floor_ratio``: added service floor ÷ original floor (安康市行动计划 三(十七)).
    """
    rows, places = of.site.projects, of.facts.rows
    index = places.projects
    price_column = "reserve_price_fen" if "reserve_price_fen" in rows else "land_price_fen"
    own_land = np.zeros(len(index), dtype=np.int64)
    np.add.at(own_land, places.pair_project, of.facts.land.to_numpy(dtype=np.int64)[places.pair_parcel])
    prices = pd.DataFrame(
        {
            "price_fen": project_amounts(rows, price_column, of.facts.land, places).by_project(),
            "cost_fen": project_amounts(rows, "land_cost_fen", of.facts.land, places).by_project(),
            "land": own_land,
        },
        index=index,
    )
    found = price.price_measures(prices)
    if not of.parameters.is_yuan:
        found = [replace(one, not_applicable=pd.Series(True, index=index)) for one in found]
    added, original = (
        _stated(rows, name, places) for name in ("added_service_floor_area_m2", "original_floor_area_m2")
    )
    found.append(quotient("added_service_floor_ratio", "ratio", added, original, ("m2", "m2")))
    return {measured.name: measured for measured in found}


def _stated(rows: pd.DataFrame, column: str, places: LedgerRows) -> pd.Series:
    """Return a floor area of each project: the same on all of its rows counts once, else the sum of its rows."""
    if column not in rows:
        return pd.Series(np.nan, index=places.projects)
    by_project = rows[column].astype("Float64").astype("float64").groupby(places.project)
    one, blank = by_project.nunique() == 1, by_project.count() < by_project.size()
    stated = by_project.sum().where(~one, by_project.max()).mask(blank)
    return stated.reindex(range(len(places.projects))).set_axis(places.projects)


def building_table(of: Site) -> MeasureTable:
    """Return the storeys of every standard factory."""
    buildings = of.site.buildings
    if buildings is None:
        return MeasureTable("building", index=pd.Index([], dtype="str"))
    own = buildings[buildings["standard"].fillna(False).astype(bool)]
    storeys = own["floors"].astype("float64")
    measured = Measured("standard_factory_storeys_count", storeys, "count", numerator_unit="count")
    return MeasureTable("building", {measured.name: measured}, index=own.index)
