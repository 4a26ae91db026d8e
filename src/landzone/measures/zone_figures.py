"""Sums of parcels over zones, and the measures that stand on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from landzone.measures import density, enterprises, land_use
from landzone.measures.apportion import ZonePieces
from landzone.measures.bounded import only_where
from landzone.measures.parameters import Parameters
from landzone.measures.parcel_table import UNITS_PER_HA, ParcelFacts, m2
from landzone.model.ledger import Ledger
from landzone.model.measures import Measured
from landzone.units import AREA_UNITS_PER_M2, IntArray


@dataclass(frozen=True)
class ZoneSums:
    """Pieces of parcels in zones, and which of them the industrial figures stand on.

    Attributes
    ----------
    zones : Index of zone ids, sorted
    pieces : ZonePieces
    land : int64 array, one entry a piece
        Land of the piece, 1e-4 m².
    base : bool array
        Industrial land; without use codes all land.
    open_use : bool array
        Land of which it is not known whether it is industrial.
    by_use : bool
        The parcels have use codes.
    """

    zones: pd.Index
    pieces: ZonePieces
    land: IntArray
    base: np.ndarray
    open_use: np.ndarray
    by_use: bool

    @classmethod
    def of(
        cls,
        facts: ParcelFacts,
        zones: pd.Index,
        pieces: ZonePieces | None = None,
        *,
        by_use: bool = True,
    ) -> ZoneSums:
        """Share the land of the parcels out over the zones.

        Other subjects that stand on parcels (projects, enterprises, the region) give their own ``pieces``; with
        ``by_use`` false all of their land counts, whatever its use.
        """
        if pieces is None:
            pieces = facts.pieces
        everything = np.ones(len(pieces.parcel), dtype=bool)
        base, open_use = everything, ~everything
        by_use = by_use and facts.industrial is not None
        if by_use and facts.industrial is not None:
            place = pieces.at(facts.industrial.index)
            base = facts.industrial.fillna(False).to_numpy(dtype=bool)[place]
            open_use = facts.industrial.isna().to_numpy(dtype=bool)[place]
        return cls(zones, pieces, pieces.allocate(facts.land), base, open_use, by_use)

    def total(self, parts: IntArray, where: np.ndarray | None = None) -> pd.Series:
        """Sum whole numbers of the pieces over each zone."""
        return pd.Series(self.sums(parts, where), index=self.zones)

    def sums(self, parts: IntArray, where: np.ndarray | None = None) -> IntArray:
        """Sum whole numbers of the pieces over each zone, in the order of the zones."""
        return self.pieces.sums(parts if where is None else np.where(where, parts, 0), self.zones)

    def of_parcels(self, values: pd.Series, where: np.ndarray | None = None) -> pd.Series:
        """Share a whole number of each parcel out by area, and sum it over each zone."""
        return self.total(self.pieces.allocate(values), where)

    def length(self, values: pd.Series, area: pd.Series, where: np.ndarray) -> pd.Series:
        """Sum lengths of the parcels over each zone, by area share."""
        pieces = self.pieces
        share = pieces.area / np.maximum(area.to_numpy(dtype=np.float64)[pieces.at(area.index)], 1)
        lengths = values.to_numpy(dtype=np.float64)[pieces.at(values.index)] * share
        sums = pd.Series(np.where(where, lengths, 0.0)).groupby(pieces.zone).sum()
        return sums.set_axis(pieces.zones[sums.index]).reindex(self.zones, fill_value=0.0)

    def flags(self, values: pd.Series) -> np.ndarray:
        """Return a yes or no of each parcel for each piece."""
        flags: np.ndarray = values.fillna(False).to_numpy(dtype=bool)[self.pieces.at(values.index)]
        return flags

    def count(self, where: np.ndarray) -> pd.Series:
        """Count the parcels of each zone for which something holds; one across a boundary counts in each."""
        return self.total(where.astype(np.int64))

    @cached_property
    def industrial_land(self) -> pd.Series:
        """Land that is known to be the base of the industrial figures."""
        return self.total(self.land, self.base)

    @cached_property
    def whole_land(self) -> pd.Series:
        """The base and the land that may belong to it."""
        return self.total(self.land, self.base | self.open_use)

    @cached_property
    def without_industry(self) -> pd.Series:
        """Zones with parcels none of which is or may be industrial land."""
        return pd.Series((self.whole_land.to_numpy() == 0) & (self.all_land > 0), index=self.zones)

    @cached_property
    def all_land(self) -> IntArray:
        """Land of all uses, in the order of the zones."""
        return self.sums(self.land)


def density_measures(
    sums: ZoneSums, ledger: Ledger, facts: ParcelFacts, precision_m: float
) -> list[Measured]:
    """Building density and floor area ratio of the industrial land, and gross building density of the zone."""
    zones = sums.zones
    empty = pd.Series(np.nan, index=zones)
    base, whole = sums.industrial_land, only_where(sums.whole_land, sums.whole_land > 0)
    use_known = base / whole
    ground = sums.base | sums.open_use
    edge = sums.length(ledger.parcel_perimeter_m, ledger.parcel_area, ground) * precision_m
    cover = far = far_land = far_missing = cover_edge = gross = gross_edge = empty
    far_known = pd.Series(False, index=zones)
    zone_area = m2(ledger.zone_area.reindex(zones))
    if facts.cover is not None and facts.floor is not None and ledger.zone_cover is not None:
        cover = m2(sums.of_parcels(facts.cover, sums.base))
        far = m2(sums.of_parcels(facts.floor["far_floor_area_lower"], sums.base))
        known = sums.flags(facts.floor["known"])
        far_land = sums.total(sums.land, sums.base & known)
        far_known = (far_land == base) & (base == whole)
        far_missing = sums.count((sums.base & ~known) | sums.open_use).astype("float64")
        if ledger.parcel_cover_perimeter_m is not None:
            outline = ledger.parcel_cover_perimeter_m
            cover_edge = sums.length(outline, ledger.parcel_area, ground) * precision_m
        gross = m2(ledger.zone_cover.reindex(zones))
        if ledger.zone_cover_perimeter_m is not None:
            gross_edge = ledger.zone_cover_perimeter_m.reindex(zones) * precision_m
    zone_edge = ledger.zone_perimeter_m.reindex(zones) * precision_m
    density_value, gross_value = (
        cover / only_where(m2(base), base > 0),
        gross / only_where(zone_area, zone_area > 0),
    )
    return [
        Measured(
            "building_density_ratio",
            density_value,
            "ratio",
            numerator=cover,
            denominator=m2(whole),
            lower=cover / m2(whole),
            coverage=only_where(use_known, cover.notna()),
            missing_count=sums.count(sums.open_use).astype("float64"),
            uncertainty=(cover_edge + density_value * edge) / m2(whole),
            not_applicable=sums.without_industry,
            numerator_unit="m2",
            denominator_unit="m2",
        ),
        Measured(
            "floor_area_ratio",
            only_where(far / only_where(m2(base), base > 0), far_known),
            "far",
            numerator=far,
            denominator=m2(whole),
            lower=far / m2(whole),
            coverage=far_land / whole,
            uncertainty=far / m2(whole) * edge / m2(whole),
            missing_count=far_missing,
            not_applicable=sums.without_industry,
            numerator_unit="m2",
            denominator_unit="m2",
        ),
        Measured(
            "gross_building_density_ratio",
            gross_value,
            "ratio",
            numerator=gross,
            denominator=zone_area,
            uncertainty=(gross_edge + gross_value * zone_edge) / zone_area,
            numerator_unit="m2",
            denominator_unit="m2",
        ),
    ]


def money_over_land(
    name: str,
    sums: ZoneSums,
    money: pd.DataFrame,
    parameters: Parameters,
    *,
    base: np.ndarray | None = None,
    open_use: np.ndarray | None = None,
    edge: pd.Series | None = None,
) -> Measured:
    """Money of the parcels over their land: value over land with data, lower bound over all of the land.

    Parameters
    ----------
    name : str
        Name of the measure; it ends in ``_per_ha``.
    sums : ZoneSums
    money : DataFrame
        ``fen`` (missing: unknown) and ``lower_fen``, index ``parcel_id``.
    base, open_use : bool arrays, one entry a piece
        Land that counts, and land that may count; the industrial land where not given.
    edge : Series of float, optional
        How far the land can move within the boundary precision, m².
    """
    unit, per = parameters.rule_money, parameters.fen_per_rule_unit
    base = sums.base if base is None else base
    open_use = sums.open_use if open_use is None else open_use
    fen = money["fen"]
    known = base & sums.flags(fen.notna())
    land, covered = sums.sums(sums.land, base | open_use), sums.sums(sums.land, known)
    whole = np.where(land > 0, land.astype(np.float64), np.nan)
    pieces = sums.pieces
    known_money = sums.sums(pieces.allocate(fen.fillna(0).astype("int64")), known) / per
    lower = sums.sums(pieces.allocate(money["lower_fen"]), base) / per
    value = known_money / np.where(covered > 0, covered / UNITS_PER_HA, np.nan)

    def series(values: np.ndarray) -> pd.Series:
        return pd.Series(values, index=sums.zones)

    return Measured(
        name,
        series(value),
        f"{unit}_per_ha",
        numerator=series(np.where(land > 0, lower, np.nan)),
        denominator=series(whole / UNITS_PER_HA),
        lower=series(lower / (whole / UNITS_PER_HA)),
        coverage=series(covered / whole),
        uncertainty=series(value * edge.to_numpy() / (whole / AREA_UNITS_PER_M2))
        if edge is not None
        else None,
        not_applicable=series((land == 0) & (sums.all_land > 0)),
        numerator_unit=unit,
        denominator_unit="ha",
        missing_count=series(sums.sums((base & ~known) | open_use).astype(np.float64)),
    )


def investment_measures(
    sums: ZoneSums, ledger: Ledger, facts: ParcelFacts, parameters: Parameters, precision_m: float
) -> list[Measured]:
    """Investment intensity of the industrial land: value over land with data, lower bound over all of it."""
    edge = sums.length(ledger.parcel_perimeter_m, ledger.parcel_area, sums.base | sums.open_use) * precision_m
    name = f"investment_intensity_{parameters.rule_money}_per_ha"
    return [money_over_land(name, sums, facts.money, parameters, edge=edge)]


def idle_measure(
    sums: ZoneSums, facts: ParcelFacts, idle_class: pd.Series | None, parameters: Parameters
) -> Measured:
    """Share of idle land in the supplied land of a zone; over the parcels of which it is known."""
    empty = pd.Series(np.nan, index=sums.zones)
    if idle_class is None:
        return Measured("idle_ratio", empty, "ratio", numerator_unit="m2")
    told = land_use.idle_land(idle_class, parameters.idle_classes, parameters.unknown_idle_classes)
    idle, known = sums.flags(told["idle"]), sums.flags(told["known"])
    ground = np.ones(len(idle), dtype=bool)
    if facts.supplied is not None:
        ground = sums.flags(facts.supplied) | idle
    whole = sums.total(sums.land, ground)
    covered = sums.total(sums.land, ground & known)
    some = only_where(m2(whole), whole > 0)
    area = only_where(m2(sums.total(sums.land, idle)), covered > 0)
    return Measured(
        "idle_ratio",
        area / only_where(m2(covered), covered > 0),
        "ratio",
        numerator=area,
        denominator=some,
        lower=area / some,
        upper=(area + m2(whole - covered)) / some,
        coverage=covered / only_where(whole, whole > 0),
        numerator_unit="m2",
        denominator_unit="m2",
        missing_count=sums.count(ground & ~known).astype("float64"),
    )


def enterprise_measures(
    frame: pd.DataFrame | None, zones: pd.Index, parameters: Parameters
) -> list[Measured]:
    """Measures of the enterprises of a zone; all unknown without a ledger of enterprises."""
    rows = frame if frame is not None else pd.DataFrame({"zone_id": pd.Series(dtype="str")})
    rows = rows.assign(zone_id=pd.Categorical(rows["zone_id"], categories=zones))  # looked up once
    per, unit = parameters.fen_per_rule_unit, parameters.rule_money
    over = parameters.leader_revenue_over_fen
    leaders = enterprises.leaders(rows, zones, over if over is not None else 0)
    if over is None:
        leaders = leaders.assign(value=np.nan, lower=np.nan, not_applicable=True)
    found = {
        "leaders_count": (leaders, "count", "count"),
        "linked_firms_count": (enterprises.linked_firms(rows, zones), "count", "count"),
        f"revenue_{unit}": (enterprises.revenue(rows, zones, per), unit, unit),
        "main_industry_revenue_ratio": (enterprises.main_industry_share(rows, zones, per), "ratio", unit),
        "rd_spend_ratio": (enterprises.rd_share(rows, zones, per), "ratio", unit),
        "clean_audit_ratio": (enterprises.clean_audits(rows, zones), "ratio", "count"),
    }
    return [
        Measured(name, **{c: figures[c] for c in enterprises.COLUMNS}, unit=own, numerator_unit=numerator)
        for name, (figures, own, numerator) in found.items()
    ]


def zone_floor_area(facts: ParcelFacts, zones: pd.Index) -> pd.Series:
    """True floor area on all ground of a zone, m²; NaN where a building has neither floor area nor storeys."""
    if facts.zone_building is None or facts.building_floor is None:
        return pd.Series(np.nan, index=zones)
    sums = density.floor_area_on(facts.zone_building, facts.building_floor, zones)
    return only_where(m2(sums["floor_area_lower"]), sums["known"])
