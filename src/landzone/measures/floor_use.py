"""Floor area by what it is used for: factories, standard factories, offices and living, services."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np
import pandas as pd

from landzone.measures.bounded import Part, share, total
from landzone.measures.ledger_columns import Mask
from landzone.measures.words import by_word
from landzone.model.ledger import BuildingPieces
from landzone.model.measures import Measured
from landzone.units import AREA_UNITS_PER_M2, IntArray

FACTORY, OFFICE, SERVICE = "factory", "office_living", "production_service"
COLUMNS = [
    "whole", "buildings", "unmeasured", "use_open", "use_missing", "office", "service", "office_ground",
    "factory_certain", "factory_high", "factory_open", "factory_missing", "factory_unmeasured", "standard",
    "standard_missing",
]  # fmt: skip


def building_use(kind: pd.Series, words: Mapping[str, Collection[str]]) -> pd.Series:
    """Tell what a building is used for, by the word that its layer has for it.

    Parameters
    ----------
    kind : Series of str
    words : mapping
        Words of each use, compared without case and outer spaces.

    Returns
    -------
    Series of str, same index
        Missing where the word is missing or stands in no list.

    Examples
    --------
    >>> building_use(pd.Series([" 厂房", "宿舍", "塔"]), {"factory": ["厂房"], "office_living": ["宿舍"]}).tolist()
    ['factory', 'office_living', nan]
    """
    known = {word.strip().casefold(): use for use, own in words.items() for word in own}
    return by_word(kind, lambda word: known.get(word.strip().casefold()))


def floor_sums(
    pieces: BuildingPieces, buildings: pd.DataFrame, index: pd.Index, multi_storey_from: int
) -> pd.DataFrame:
    """Sum the floor area on each piece of ground by use, storeys and what is not known of them.

    Parameters
    ----------
    pieces : BuildingPieces
        Of the ground ``index`` and of ``buildings``.
    buildings : DataFrame
        ``floors_per_footprint`` (NaN: unknown), ``use`` (missing: unknown), ``floors`` (NaN: unknown) and
        ``standard`` (boolean, missing: unknown), index ``building_id``.
    index : Index
        All ids of the ground; ground without a building has zeros.
    multi_storey_from : int
        Storeys from which a factory has several (三层以上: 3).

    Returns
    -------
    DataFrame of int64, ``COLUMNS``; areas in 1e-4 m²
        A building without floor area counts one floor among what is open, and in ``unmeasured``.
    """
    at, codes, ground = pieces.building, pieces.ground, pieces.area
    per = buildings["floors_per_footprint"].to_numpy(dtype=np.float64)[at]
    measured = np.isfinite(per)
    floor = np.rint(ground * np.where(measured, per, 1.0)).astype(np.int64)
    factory, office, service = (
        (buildings["use"] == use).fillna(False).to_numpy(dtype=bool)[at] for use in (FACTORY, OFFICE, SERVICE)
    )
    untold = buildings["use"].isna().to_numpy(dtype=bool)[at]
    storeys = buildings["floors"].to_numpy(dtype=np.float64)[at]
    standard = buildings["standard"].astype("boolean")
    yes = standard.fillna(False).to_numpy(dtype=bool)[at]
    blank = standard.isna().to_numpy(dtype=bool)[at]
    certain = factory & measured & np.isfinite(storeys)
    maybe = (factory & ~certain) | untold
    everything = np.ones(len(codes), dtype=bool)
    size = len(index)

    def summed(numbers: IntArray, where: Mask) -> IntArray:
        sums = np.zeros(size, dtype=np.int64)
        np.add.at(sums, codes[where], numbers[where])
        return sums

    areas = {
        "whole": (floor, everything),
        "use_open": (floor, untold),
        "office": (floor, office),
        "service": (floor, service),
        "office_ground": (ground, office),
        "factory_certain": (floor, certain),
        "factory_high": (floor, certain & (storeys >= multi_storey_from)),
        "factory_open": (floor, maybe),
        "standard": (floor, yes & measured),
    }
    counts = {
        "buildings": everything,
        "unmeasured": ~measured,
        "use_missing": untold | ~measured,
        "factory_missing": maybe,
        "factory_unmeasured": maybe & ~measured,
        "standard_missing": blank | (yes & ~measured),
    }
    sums = {name: summed(numbers, where) for name, (numbers, where) in areas.items()}
    sums |= {name: np.bincount(codes[where], minlength=size) for name, where in counts.items()}
    return pd.DataFrame({name: sums[name] for name in COLUMNS}, index=index)


def floor_shares(sums: pd.DataFrame) -> Iterator[Measured]:
    """Yield the shares of floor area that rules speak of.

    - ``multi_storey_factory_ratio``: factory floor in buildings of three storeys and more ÷ factory floor;
    - ``ancillary_floor_ratio``: office and living floor ÷ all floor;
    - ``service_floor_ratio``: production service, office and living floor ÷ all floor (安康 三(十七));
    - ``standard_factory_floor_m2``: floor of standard factories.

    Source
    ------
    驻马店市政协 教科文卫体委员会 二·三; 安康市行动计划 二(五)、三(十七); 工业项目建设用地控制指标.

    Examples
    --------
    >>> halls = pd.DataFrame({"floors_per_footprint": [3.0, 1.0], "use": ["factory", "factory"],
    ...                       "floors": [3.0, 1.0], "standard": pd.array([True, False], "boolean")}, ["B1", "B2"])
    >>> ground = BuildingPieces(np.array([0, 0]), np.array([0, 1]), np.array([10_000_000, 10_000_000]))
    >>> found = floor_shares(floor_sums(ground, halls, pd.Index(["Z"]), 3))
    >>> {m.name: float(m.value.iloc[0]) for m in found if m.value.notna().all()}["multi_storey_factory_ratio"]
    0.75
    """
    known = sums["whole"] - sums["use_open"]
    high = Part(
        sums["factory_high"],
        sums["factory_certain"],
        sums["factory_open"],
        sums["factory_unmeasured"],
        sums["factory_missing"],
    )
    office = Part(sums["office"], known, sums["use_open"], sums["unmeasured"], sums["use_missing"])
    service = Part(
        sums["office"] + sums["service"], known, sums["use_open"], sums["unmeasured"], sums["use_missing"]
    )
    yield share("multi_storey_factory_ratio", high)
    yield share("ancillary_floor_ratio", office)
    yield share("service_floor_ratio", service)
    yield total(
        "standard_factory_floor_m2",
        sums["standard"],
        sums["standard_missing"],
        sums["buildings"],
        "m2",
        AREA_UNITS_PER_M2,
    )


def apportioned_land(sums: pd.DataFrame, land: pd.Series) -> pd.DataFrame:
    """行政办公及生活服务设施用地: land of a parcel that is apportioned to its offices and living quarters.

    ``land * office and living floor / all floor``, to 1e-4 m²; a parcel without a building has none.

    Returns
    -------
    DataFrame ``land`` (int64, 1e-4 m²), ``known`` (bool), index of ``land``
        Not known where a building has no floor area or its use is not told.

    Source
    ------
    工业项目建设用地控制指标: 无法单独计算时,以其建筑面积占总建筑面积的比重分摊.

    Examples
    --------
    >>> sums = pd.DataFrame({"office": [70], "whole": [1000], "use_open": [0], "unmeasured": [0]}, ["P1"])
    >>> apportioned_land(sums, pd.Series({"P1": 100_000_000}))["land"].tolist()
    [7000000]
    """
    own = sums.reindex(land.index)
    some = own["office"].to_numpy(dtype=np.int64) > 0
    office, whole = (own[name].to_numpy(dtype=np.int64)[some] for name in ("office", "whole"))
    ground = land.to_numpy(dtype=np.int64)[some]
    if 2.0 * ground.max(initial=0) * office.max(initial=0) + whole.max(initial=0) > np.iinfo(np.int64).max:
        office, whole, ground = (numbers.astype(object) for numbers in (office, whole, ground))
    parts = np.zeros(len(land), dtype=np.int64)
    parts[some] = (2 * ground * office + whole) // (2 * whole)
    known = (own["use_open"] == 0) & (own["unmeasured"] == 0)
    return pd.DataFrame({"land": parts, "known": known.to_numpy(dtype=bool)}, index=land.index)
