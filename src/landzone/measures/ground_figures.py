"""Measures of any subject that stands on parcels: a zone, the region, a project, an enterprise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landzone.measures import floor_use
from landzone.measures.bounded import only_where, quotient
from landzone.measures.parameters import Parameters
from landzone.measures.parcel_table import ParcelFacts, m2
from landzone.measures.site_facts import SiteFacts
from landzone.measures.zone_figures import ZoneSums, money_over_land
from landzone.model.measures import Measured


def ground_figures(
    sums: ZoneSums, facts: ParcelFacts, site: SiteFacts, parameters: Parameters
) -> Iterator[Measured]:
    """Yield 建筑系数, 绿地率, the land of offices, and money over land, each a sum over a sum.

    - ``building_coefficient_ratio``: ground under buildings, structures and yards ÷ land;
    - ``green_ratio``: green areas ÷ land;
    - ``ancillary_land_ratio``: land apportioned to offices and living quarters ÷ land;
    - ``ancillary_footprint_ratio``: footprints of offices and living quarters ÷ land;
    - ``development_investment_…_per_ha`` (land price and taxes excluded), ``output_…_per_ha``, ``tax_…_per_ha``.
    """
    unit = parameters.rule_money
    yield _cover("building_coefficient_ratio", sums, site.site_cover, facts.cover)
    yield _cover("green_ratio", sums, site.green)
    yield from _offices(sums, facts, site)
    for name, column in (
        ("development_investment", "invested_ex_land_fen"),
        ("output", "output_fen"),
        ("tax", "tax_fen"),
    ):
        money = site.amounts[column]
        own = money if money is not None else no_money(facts.land.index)
        yield money_over_land(f"{name}_{unit}_per_ha", sums, own, parameters)


def no_money(index: pd.Index) -> pd.DataFrame:
    """Return amounts that are all unknown."""
    unknown = pd.Series(pd.NA, index=index, dtype="Int64")
    return pd.DataFrame({"fen": unknown, "lower_fen": pd.Series(0, index=index, dtype="int64")})


def _cover(name: str, sums: ZoneSums, cover: pd.Series | None, least: pd.Series | None = None) -> Measured:
    """Share of the land under something; ``least`` bounds it from below where the layer is missing."""
    land = sums.whole_land
    whole = m2(only_where(land, land > 0))
    common = {
        "denominator": whole,
        "not_applicable": sums.without_industry,
        "numerator_unit": "m2",
        "denominator_unit": "m2",
    }
    if cover is None:
        lower = m2(sums.of_parcels(least, sums.base)) if least is not None else None
        return Measured(
            name,
            pd.Series(np.nan, index=sums.zones),
            "ratio",
            numerator=lower,
            lower=lower / whole if lower is not None else None,
            coverage=pd.Series(0.0, index=sums.zones),
            **common,
        )
    base = sums.industrial_land
    covered = m2(sums.of_parcels(cover, sums.base))
    return Measured(
        name,
        covered / m2(only_where(base, base > 0)),
        "ratio",
        numerator=covered,
        lower=covered / whole,
        coverage=m2(base) / whole,
        missing_count=sums.count(sums.open_use).astype("float64"),
        **common,
    )


def _offices(sums: ZoneSums, facts: ParcelFacts, site: SiteFacts) -> Iterator[Measured]:
    names = ("ancillary_land_ratio", "ancillary_footprint_ratio")
    if site.floors is None:
        empty = pd.Series(np.nan, index=sums.zones)
        yield from (
            Measured(name, empty, "ratio", numerator_unit="m2", denominator_unit="m2") for name in names
        )
        return
    land = floor_use.apportioned_land(site.floors, facts.land)
    told = site.floors["use_open"] == 0
    parts = (land["land"], land["known"]), (site.floors["office_ground"], told)
    yield from (_known_share(name, sums, *part) for name, part in zip(names, parts, strict=True))


def _known_share(name: str, sums: ZoneSums, part: pd.Series, known: pd.Series) -> Measured:
    """Share of the land, over the parcels of which it is known; the others may have none or be all of it."""
    land = sums.whole_land
    whole = m2(only_where(land, land > 0))
    here = sums.base & sums.flags(known)
    covered = sums.total(sums.land, here)
    above = m2(sums.of_parcels(part, here))
    return Measured(
        name,
        above / m2(only_where(covered, covered > 0)),
        "ratio",
        numerator=above,
        denominator=whole,
        lower=above / whole,
        upper=(above + m2(land - covered)) / whole,
        coverage=m2(covered) / whole,
        not_applicable=sums.without_industry,
        numerator_unit="m2",
        denominator_unit="m2",
        missing_count=sums.count((sums.base & ~here) | sums.open_use).astype("float64"),
    )


def other_denominators(
    sums: ZoneSums, facts: ParcelFacts, site: SiteFacts, zone_area: pd.Series, parameters: Parameters
) -> list[Measured]:
    """Density and investment intensity on other land than the industrial land, side by side.

    Supplied land and built land (``building_density_supplied_ratio``, ``building_density_built_ratio``), supplied
    industrial land, supplied land and the whole zone (``investment_intensity_…_per_ha``). Unknown where it is not
    said what is supplied or built.
    """
    unit = parameters.rule_money
    nothing = np.zeros(len(sums.land), dtype=bool)
    found = []
    for word, flags in (("supplied", facts.supplied), ("built", site.built)):
        base = sums.flags(flags) if flags is not None else nothing
        land = sums.total(sums.land, base)
        cover = facts.cover if facts.cover is not None and flags is not None else None
        above = m2(sums.of_parcels(cover, base)) if cover is not None else pd.Series(np.nan, index=sums.zones)
        found.append(quotient(f"building_density_{word}_ratio", "ratio", above, m2(land), ("m2", "m2")))
    supplied = sums.flags(facts.supplied) if facts.supplied is not None else nothing
    for word, base in (("supplied_industrial", sums.base & supplied), ("supplied", supplied)):
        name = f"investment_intensity_{word}_{unit}_per_ha"
        found.append(money_over_land(name, sums, facts.money, parameters, base=base, open_use=nothing))
    found.append(_on_zone(sums, facts, zone_area, parameters))
    return found


def _on_zone(sums: ZoneSums, facts: ParcelFacts, zone_area: pd.Series, parameters: Parameters) -> Measured:
    """Investment of all parcels over the area of the zone; known where every parcel has an amount."""
    unit = parameters.rule_money
    everything = np.ones(len(sums.land), dtype=bool)
    own = money_over_land("x", sums, facts.money, parameters, base=everything, open_use=~everything)
    hectares = only_where(m2(zone_area) / 10_000, zone_area > 0)
    lower = (own.numerator if own.numerator is not None else own.value) / hectares
    complete = own.coverage == 1 if own.coverage is not None else own.value.notna()
    return Measured(
        f"investment_intensity_zone_{unit}_per_ha",
        only_where(lower, complete),
        f"{unit}_per_ha",
        numerator=own.numerator,
        denominator=hectares,
        lower=lower,
        coverage=own.coverage,
        numerator_unit=unit,
        denominator_unit="ha",
        missing_count=own.missing_count,
    )
