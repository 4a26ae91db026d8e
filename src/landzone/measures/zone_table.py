"""The table of zones and the notes that belong to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from landzone.measures import investment
from landzone.measures.bounded import only_where
from landzone.measures.parameters import Parameters
from landzone.measures.parcel_table import ParcelFacts, Tables, m2, with_source
from landzone.measures.site_tables import REGION, Site, region_table, zone_measures
from landzone.measures.table_notes import note_facts
from landzone.measures.zone_figures import (
    ZoneSums,
    density_measures,
    enterprise_measures,
    idle_measure,
    investment_measures,
    zone_floor_area,
)
from landzone.model.ledger import Ledger
from landzone.model.measures import Measured, MeasureTable
from landzone.model.problems import Problems
from landzone.model.study import Study

_PER_MU = ("development_investment", "output", "tax", "revenue")


def zone_table(
    study: Study,
    ledger: Ledger,
    facts: ParcelFacts,
    parameters: Parameters,
    *,
    idle_class: pd.Series | None = None,
    alignment: pd.DataFrame | None = None,
    site: Site | None = None,
) -> Tables:
    """Assemble the table of zones.

    Industrial figures (building density, floor area ratio, investment intensity) stand on the industrial land of
    the zone; where the parcels have no use codes on all parcels, which is noted; where there is no industrial
    land they are NaN. Parcels across a boundary count by area share.

    Parameters
    ----------
    study, ledger, facts, parameters
        Of the same study.
    idle_class : Series of str, optional
        Class of the legal clock, index ``parcel_id``.
    alignment : DataFrame, optional
        Columns of the plan comparison to be taken over, index ``zone_id``.
    site : Site, optional
        What the further measures and those of the region stand on; without it there are none.
    """
    source = study.layers["zones"].frame
    zones = source.index
    problems = Problems()
    precision = study.settings.boundary_precision_m
    sums = ZoneSums.of(facts, zones)
    found = density_measures(sums, ledger, facts, precision)
    found += investment_measures(sums, ledger, facts, parameters, precision)
    found.append(idle_measure(sums, facts, idle_class, parameters))
    rows = study.tables["enterprises"].frame if "enterprises" in study.tables else None
    found += enterprise_measures(rows, zones, parameters)
    found.append(Measured("platform_count", pd.Series(np.nan, index=zones), "count", numerator_unit="count"))
    if site is not None:
        found += zone_measures(site, sums, zones)
    if alignment is not None and "alignment_ratio" in alignment:
        found.append(_alignment(alignment, zones))
    found += (
        []
        if parameters.is_yuan
        else [_in_yuan(measured) for measured in found if _is_money(measured, parameters)]
    )
    measures = with_given({measured.name: measured for measured in found}, study, problems, region=False)
    region = None
    if site is not None:
        whole = region_table(site, sums, idle_class)
        region = replace(whole, measures=with_given(dict(whole.measures), study, problems, region=True))
    note_facts(study, ledger, facts, parameters, problems)
    table = _columns(sums, ledger, facts, parameters, measures)
    table.insert(1, "parcels_count", _parcel_count(facts, zones))
    idle = measures["idle_ratio"]
    table["idle_area_m2"] = idle.numerator if idle.numerator is not None else np.nan
    table["idle_ratio"] = idle.value
    for name in alignment.columns if alignment is not None else []:
        table[name] = alignment[name].reindex(zones)  # type: ignore[index]
    table["idle_coverage_ratio"] = idle.coverage if idle.coverage is not None else np.nan
    if facts.supplied is not None:
        table["supplied_land_m2"] = m2(sums.total(sums.land, sums.flags(facts.supplied)))
    for measured in measures.values():
        column = _in_study_money(measured, parameters)
        if column not in table and (parameters.is_yuan or "wan_cny" not in column):
            table[column] = _study_value(measured, parameters)
    for name in _PER_MU if parameters.is_yuan and site is not None else ():
        column = f"{name}_{parameters.money}_per"
        table[f"{column}_mu"] = investment.per_mu(table[f"{column}_ha"])
    own = with_source(dict(table.items()), source, parameters)
    return Tables(own, MeasureTable("zone", measures, index=zones), problems, region)


def _alignment(alignment: pd.DataFrame, zones: pd.Index) -> Measured:
    """三规合一 …: the share of the ground under all plans on which they agree."""
    own = alignment.reindex(zones)
    sums = {n: own[n].astype("float64") for n in ("agree_m2", "precision_m2", "conflict_m2")}
    agreed = sums["agree_m2"] + sums["precision_m2"]
    covered = agreed + sums["conflict_m2"]
    return Measured(
        "alignment_ratio",
        own["alignment_ratio"].astype("float64"),
        "ratio",
        numerator=agreed,
        denominator=only_where(covered, covered > 0),
        numerator_unit="m2",
        denominator_unit="m2",
    )


def _parcel_count(facts: ParcelFacts, zones: pd.Index) -> pd.Series:
    main, names = facts.pieces.main, facts.pieces.zones
    counts = pd.Series(np.bincount(main[main >= 0], minlength=len(names)), index=names)
    return counts.reindex(zones, fill_value=0).astype("int64")


def _is_money(measured: Measured, parameters: Parameters) -> bool:
    return measured.unit.startswith(parameters.rule_money)


def _in_yuan(measured: Measured) -> Measured:
    """Stand in for a measure in 万元 where the study counts in another currency: such limits do not apply."""
    unit = measured.unit.partition("_per_")[2]
    money = measured.unit.partition("_per_")[0]
    return Measured(
        measured.name.replace(money, "wan_cny"),
        pd.Series(np.nan, index=measured.value.index),
        f"wan_cny_per_{unit}" if unit else "wan_cny",
        not_applicable=pd.Series(True, index=measured.value.index),
        numerator_unit="wan_cny",
    )


def _in_study_money(measured: Measured, parameters: Parameters) -> str:
    return measured.name.replace(parameters.rule_money, parameters.money)


def _study_value(measured: Measured, parameters: Parameters) -> pd.Series:
    """Return the value in the money of the study."""
    if measured.unit.startswith(parameters.rule_money) and parameters.money != parameters.rule_money:
        return measured.value * parameters.fen_per_rule_unit / parameters.fen_per_unit
    return measured.value


def _columns(
    sums: ZoneSums,
    ledger: Ledger,
    facts: ParcelFacts,
    parameters: Parameters,
    measures: dict[str, Measured],
) -> pd.DataFrame:
    zones, money = sums.zones, parameters.money
    density, far = measures["building_density_ratio"], measures["floor_area_ratio"]
    intensity = measures[f"investment_intensity_{parameters.rule_money}_per_ha"]
    table = pd.DataFrame(index=zones)
    table["area_m2"] = m2(ledger.zone_area.reindex(zones))
    table["industrial_land_m2"] = m2(sums.industrial_land) if sums.by_use else np.nan
    table["density_denominator"] = pd.Series("industrial" if sums.by_use else "parcels", zones, dtype="str")
    table["footprint_m2"] = m2(ledger.zone_cover.reindex(zones)) if ledger.zone_cover is not None else np.nan
    table["floor_area_m2"] = zone_floor_area(facts, zones)
    some = sums.industrial_land > 0
    known = far.value.notna()
    table["industrial_footprint_m2"] = only_where(_sum_of(density, zones), some)
    table["industrial_far_floor_area_m2"] = only_where(_sum_of(far, zones), some & known)
    table["building_density_ratio"] = density.value
    table["floor_area_ratio"] = far.value
    table["gross_building_density_ratio"] = measures["gross_building_density_ratio"].value
    per_ha = _study_value(intensity, parameters)
    table[f"investment_intensity_{money}_per_ha"] = per_ha
    table["investment_coverage_ratio"] = intensity.coverage if intensity.coverage is not None else np.nan
    if parameters.is_yuan:
        table[f"investment_intensity_{money}_per_mu"] = investment.per_mu(per_ha)
    table[f"investment_intensity_lower_{money}_per_ha"] = _study_value(
        replace(intensity, value=intensity.value if intensity.lower is None else intensity.lower), parameters
    )
    table["density_denominator_m2"] = m2(sums.industrial_land)
    return table


def _sum_of(measured: Measured, zones: pd.Index) -> pd.Series:
    return measured.numerator if measured.numerator is not None else pd.Series(np.nan, index=zones)


def with_given(
    measures: dict[str, Measured], study: Study, problems: Problems, *, region: bool
) -> dict[str, Measured]:
    """Take figures that a zone (or the region, in a row with the id ``all``) states where the layers give none."""
    table = study.tables.get("zone_figures")
    if table is None or table.key != "zone_id":
        return measures
    own = table.frame if table.frame.index.name == "zone_id" else table.frame.set_index("zone_id")
    zones = study.layers["zones"].frame.index
    own = own[own.index == REGION] if region else own[own.index.isin(zones)]
    result = {}
    for name, measured in measures.items():
        column = next((c for c in (name, f"src_{name}") if c in own), None)
        result[name] = measured
        if column is None:
            continue
        given = pd.to_numeric(own[column], errors="coerce").astype("float64").reindex(measured.value.index)
        exempt = measured.not_applicable if measured.not_applicable is not None else given.isna() & False
        take = given.notna() & measured.value.isna() & ~exempt
        result[name] = _given(measured, given, take)
        unused = own[column].notna() & ~take.reindex(own.index, fill_value=False)
        for code, where in (("ZONE_FIGURE_GIVEN", take), ("ZONE_FIGURE_UNUSED", unused)):
            ids = sorted(where.index[where.fillna(False).to_numpy(dtype=bool)])
            fields = {"source": table.source.source, "layer": table.role, "params": {"measure": name}}
            problems.note(code, ids=ids, column=name, **fields)
    return result


def _given(measured: Measured, given: pd.Series, take: pd.Series) -> Measured:
    def patched(series: pd.Series | None, value: pd.Series | float) -> pd.Series | None:
        return series if series is None else series.astype("float64").mask(take, value)

    return replace(
        measured,
        value=measured.value.astype("float64").mask(take, given),
        numerator=patched(measured.numerator, np.nan),
        denominator=patched(measured.denominator, np.nan),
        lower=patched(measured.lower, given),
        upper=patched(measured.upper, given),
        coverage=patched(measured.coverage, np.nan),
        uncertainty=patched(measured.uncertainty, np.nan),
        missing_count=patched(measured.missing_count, 0.0),
    )
