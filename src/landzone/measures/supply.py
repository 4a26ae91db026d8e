"""Land supplied, built and idle; new industry outside zones; land supplied in a year; villages and townships."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landzone.measures.apportion import ZonePieces
from landzone.measures.bounded import only_where, quotient
from landzone.measures.parcel_table import ParcelFacts, m2
from landzone.measures.site_facts import SiteFacts
from landzone.measures.zone_figures import ZoneSums
from landzone.model.measures import Measured
from landzone.units import IntArray

M2 = ("m2", "m2")


def supply_measures(
    sums: ZoneSums, facts: ParcelFacts, site: SiteFacts, zone_area: pd.Series
) -> list[Measured]:
    """Take what is supplied of a zone and what is built of that.

    - ``supplied_land_ratio``: supplied land ÷ zone area;
    - ``built_land_ratio`` (土地建成率): supplied land with a standing building or a completed project ÷ supplied land;
    - ``unbuilt_land_m2``: the supplied land that is not built;
    - ``industrial_land_ratio``: industrial land ÷ land of all parcels.

    Source
    ------
    驻马店市政协 教科文卫体委员会 二·二; 开发区土地集约利用评价规程 (TD/T 1029).
    """
    empty = pd.Series(np.nan, index=sums.zones)
    found = []
    land = built = empty
    missing: pd.Series | None = None
    if facts.supplied is not None:
        supplied = sums.flags(facts.supplied)
        land = m2(sums.total(sums.land, supplied))
        if site.built is not None:
            yes, told = sums.flags(site.built), sums.flags(site.built.notna())
            built = only_where(m2(sums.total(sums.land, supplied & yes)), sums.count(supplied & ~told) == 0)
            missing = sums.count(supplied & ~told).astype("float64")
    share = quotient("built_land_ratio", "ratio", built, land, M2)
    unbuilt = land - built
    found += [
        quotient("supplied_land_ratio", "ratio", land, m2(zone_area), M2),
        Measured(**{**share.__dict__, "missing_count": missing}),
        Measured(
            "unbuilt_land_m2", unbuilt, "m2", numerator=unbuilt, numerator_unit="m2", missing_count=missing
        ),
    ]
    industrial = m2(sums.industrial_land) if sums.by_use else empty
    whole = m2(sums.total(sums.land))
    some = only_where(whole, whole > 0)
    known = m2(sums.total(sums.land, ~sums.open_use))
    found.append(
        Measured(
            "industrial_land_ratio",
            industrial / only_where(known, known > 0),
            "ratio",
            numerator=industrial,
            denominator=some,
            lower=industrial / some,
            upper=(industrial + whole - known) / some,
            coverage=known / some,
            numerator_unit="m2",
            denominator_unit="m2",
            missing_count=sums.count(sums.open_use).astype("float64"),
        )
    )
    return found


def supplied_in_year(sums: ZoneSums, facts: ParcelFacts, site: SiteFacts, year: int) -> Measured:
    """全年发展用地: land supplied in the year of the audit; at least that of which the year is known.

    ``sum(land of parcels whose year of supply, else year of contract, is the year)``

    Source
    ------
    鹤壁市产业集聚区建设工程2010年工作方案 附件 五(2).
    """
    own = sums.flags(site.supplied_year == year)
    nothing = np.zeros(len(own), dtype=bool)
    supplied = sums.flags(facts.supplied) if facts.supplied is not None else nothing
    blank = supplied & ~sums.flags(site.supplied_year.notna())
    land = m2(sums.total(sums.land, own))
    said = sums.count(supplied) > 0
    covered, whole = sums.count(supplied & ~blank), sums.count(supplied)
    return Measured(
        "land_supplied_in_year_m2",
        only_where(land, said & (covered == whole)),
        "m2",
        numerator=only_where(land, said),
        lower=only_where(land, said),
        coverage=only_where(covered / only_where(whole, whole > 0), said),
        numerator_unit="m2",
        missing_count=sums.count(blank).astype("float64"),
    )


def inside_zones(pieces: ZonePieces, parcel_area: pd.Series) -> Measured:
    """新建工业项目原则上在集中区布局: share of a parcel that lies in a zone.

    ``area in zones / area``; what is left within the rounding of the ledger is inside.

    Source
    ------
    安康市行动计划 三(十七).

    Examples
    --------
    >>> from landzone.measures.apportion import zone_pieces
    >>> land, own = pd.Series({"P": 40, "Q": 10}), {"parcel_id": ["P"], "zone_id": ["Z"], "area": [30]}
    >>> inside_zones(zone_pieces(pd.DataFrame(own), land), land).value.tolist()
    [0.75, 0.0]
    """
    index = parcel_area.index
    codes = pieces.at(index)
    inside: IntArray = np.zeros(len(index), dtype=np.int64)
    np.add.at(inside, codes, pieces.area)
    count = np.bincount(codes, minlength=len(index))
    whole = parcel_area.to_numpy(dtype=np.int64)
    inside = np.where((count > 0) & (whole - inside <= count + 1), whole, inside)
    return quotient(
        "inside_zone_ratio", "ratio", m2(pd.Series(inside, index)), m2(parcel_area.astype("int64")), M2
    )


def townships(village_zone: pd.DataFrame | None, zones: pd.Index) -> Measured:
    """规划范围内的村庄归一个乡镇管理: townships that the villages of a zone belong to.

    The number of distinct township codes; with blank codes at least that many.

    Source
    ------
    驻马店市政协 社会与法制委员会 一.

    Examples
    --------
    >>> villages = pd.DataFrame({"zone_id": ["Z"] * 3, "village_id": ["a", "b", "c"], "township_code": ["1", "2", "2"]})
    >>> townships(villages, pd.Index(["Z", "Y"])).value.tolist()
    [2.0, nan]
    """
    empty = pd.Series(np.nan, index=zones)
    if village_zone is None:
        return Measured("townships_count", empty, "count", numerator_unit="count")
    by_zone = village_zone.groupby("zone_id")["township_code"]
    distinct, given, rows = (
        figure.reindex(zones) for figure in (by_zone.nunique(), by_zone.count(), by_zone.size())
    )
    return Measured(
        "townships_count",
        distinct.where(given == rows),
        "count",
        numerator=distinct,
        lower=distinct.where(given > 0),
        coverage=given / rows,
        numerator_unit="count",
        missing_count=rows - given,
    )


def villages(village_zone: pd.DataFrame | None, zones: pd.Index) -> Measured:
    """区内村庄: villages that share ground with a zone; NaN without a layer of villages.

    Source
    ------
    鹤壁市产业集聚区建设工程2010年工作方案 附件 二(3).

    Examples
    --------
    >>> villages(pd.DataFrame({"zone_id": ["Z", "Z"], "village_id": ["a", "b"]}), pd.Index(["Z", "Y"])).value.tolist()
    [2.0, 0.0]
    """
    count = pd.Series(np.nan, index=zones)
    if village_zone is not None:
        count = (
            village_zone.groupby("zone_id")["village_id"]
            .nunique()
            .reindex(zones, fill_value=0)
            .astype("float64")
        )
    return Measured("villages_count", count, "count", numerator=count, numerator_unit="count")
