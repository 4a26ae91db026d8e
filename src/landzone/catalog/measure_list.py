"""The measures that rules may speak of, their units, and the parameters that measures take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from types import MappingProxyType

from landzone.catalog import load
from landzone.measures.parameters import Parameters, SiteParameters
from landzone.units import FEN_PER_WAN, fen_per_unit

_YUAN = "wan_cny"


@dataclass(frozen=True)
class MeasureSpec:
    """What ``catalog/measures.toml`` says of one measure."""

    name: str
    subjects: tuple[str, ...]
    unit: str
    numerator_unit: str
    title: dict[str, str]
    formula: dict[str, str]
    source: str
    headline: bool = True


@cache
def measures(money: str = _YUAN) -> Mapping[str, MeasureSpec]:
    """Return every measure by name; for a currency other than the yuan under its ISO code.

    Parameters
    ----------
    money : str
        ``wan_cny``, or the ISO code in which a study counts money.

    Examples
    --------
    >>> measures()["building_density_ratio"].unit
    'ratio'
    >>> measures("usd")["investment_intensity_usd_per_ha"].unit
    'usd_per_ha'
    """
    found = {}
    for key, entry in load.table("measures.toml").items():
        name = key.replace(_YUAN, money)
        found[name] = MeasureSpec(
            name=name,
            subjects=tuple(entry["subjects"]),
            unit=entry["unit"].replace(_YUAN, money),
            numerator_unit=entry["numerator_unit"].replace(_YUAN, money),
            title={"zh": entry["zh"], "en": entry["en"]},
            formula={"zh": entry["formula_zh"], "en": entry["formula_en"]},
            source=entry["source"],
            headline=bool(entry.get("headline", True)),
        )
    return MappingProxyType(found)


@cache
def measure_spec(name: str) -> MeasureSpec | None:
    """Return a measure by its name in yuan or in any currency with an ISO code; None if there is none.

    >>> measure_spec("revenue_usd").unit
    'usd'
    """
    own = measures()
    if name in own:
        return own[name]
    for key in own:
        head, found, tail = key.partition(_YUAN)
        middle = name[len(head) : len(name) - len(tail)]
        fits = bool(found) and name.startswith(head) and name.endswith(tail)
        if fits and len(middle) == 3 and middle.isascii() and middle.isalpha() and middle.islower():
            return measures(middle)[name]
    return None


def unit_factor(unit: str, into: str) -> Fraction | None:
    """Return by what a number in one unit is multiplied to be in another, None if they do not fit.

    >>> unit_factor("万元/亩", "wan_cny_per_ha"), unit_factor("万元/平方公顷", "wan_cny_per_ha")
    (Fraction(15, 1), Fraction(1, 1))
    """
    if unit == into:
        return Fraction(1)
    accepts = load.table("units.toml").get(into, {}).get("accepts", {})
    return Fraction(accepts[unit]) if unit in accepts else None


def unit_names(into: str) -> list[str]:
    """Return the spellings in which a number of a unit may be given."""
    return [into, *load.table("units.toml").get(into, {}).get("accepts", {})]


def measure_parameters(money: str = _YUAN) -> Parameters:
    """Return the word lists and thresholds for a study.

    Parameters
    ----------
    money : str
        Unit of the money columns that are written.
    """
    table = load.table("parameters.toml")
    leader = int(Fraction(str(table["enterprises"]["leader_revenue_over_wan_cny"])) * FEN_PER_WAN)
    return Parameters(
        absent_status=tuple(table["buildings"]["absent_status"]),
        tall_storey_m=float(table["buildings"]["tall_storey_m"]),
        overlap_noted_over=float(table["buildings"]["overlap_noted_over"]),
        leader_revenue_over_fen=leader if money.endswith("cny") else None,
        idle_classes=tuple(table["idle"]["idle_classes"]),
        unknown_idle_classes=tuple(table["idle"]["unknown_classes"]),
        money=money,
        fen_per_unit=fen_per_unit(money),
    )


def site_parameters(industry_scheme: str = "") -> SiteParameters:
    """Return the word lists and thresholds of the further measures.

    Parameters
    ----------
    industry_scheme : str
        Edition of the industry codes, as the study states it under ``[tables.projects]``.
    """
    table = load.table("parameters.toml")
    uses, phases, industry = table["uses"], table["phases"], table["industry"]
    return SiteParameters(
        uses={use: tuple(uses[use]) for use in ("factory", "office_living", "production_service", "other")},
        phases={phase: tuple(phases[phase]) for phase in ("start", "development", "control")},
        multi_storey_from=int(uses["multi_storey_from"]),
        earlier_built_from=float(phases["earlier_built_from"]),
        manufacturing=(int(industry["manufacturing_first"]), int(industry["manufacturing_last"])),
        industry_scheme=industry_scheme,
    )
