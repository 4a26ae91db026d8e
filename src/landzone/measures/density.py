"""Building density and floor area ratio: footprints and floor areas over land.

Sums are whole units of 1e-4 m² (``landzone.units``); a ratio is taken once, at the end.
"""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd

from landzone.geometry.area import AreaMeasure
from landzone.geometry.coverage import covered_units
from landzone.geometry.overlay import overlap_pairs
from landzone.measures.bounded import only_where
from landzone.model.ledger import BuildingPieces
from landzone.model.study import AreaKind
from landzone.units import to_area_units

TALL_STOREY_M = 8.0
"""建筑物层高超过8米的,该层建筑面积加倍计算 (工业项目建设用地控制指标): strictly more than 8 m."""


def ratio(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    """Divide two sums with one index.

    ``ratio = numerator / denominator``

    Returns
    -------
    Series of float
        NaN where either is missing or the denominator is zero.

    Examples
    --------
    >>> ratio(pd.Series([1500000, 1]), pd.Series([4000000, 0])).tolist()
    [0.375, nan]
    """
    below = denominator.astype("Float64").astype("float64")
    above = numerator.astype("Float64").astype("float64").reindex(below.index)
    return above / below.where(below > 0)


def counted_buildings(status: pd.Series, absent: Collection[str]) -> pd.Series:
    """Tell which buildings stand: those whose status is not one of the words for planned, unfinished or gone.

    Parameters
    ----------
    status : Series of str
        Status as the layer says it; missing means that it stands.
    absent : collection of str
        Words for buildings that do not count (拟建, 在建, 已拆除 …), compared without case and outer spaces.

    Returns
    -------
    Series of bool, same index.

    Examples
    --------
    >>> counted_buildings(pd.Series(["现状", None, "拆除"]), ["拆除", "规划"]).tolist()
    [True, True, False]
    """
    words = {word.strip().casefold() for word in absent}
    known = status.fillna("").astype("str").str.strip().str.casefold()
    return ~known.isin(words)


def _numbers(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        return pd.Series(np.nan, index=frame.index, dtype="float64")
    values = frame[name].astype("Float64").astype("float64")
    return only_where(values, values > 0)


def storey_heights(buildings: pd.DataFrame) -> pd.Series:
    """Return the height of the storeys of a building in metres, NaN where it is not known.

    The stated storey height; for a building of one storey without it, the height of the building.
    """
    stated = _numbers(buildings, "storey_height_m")
    single = _numbers(buildings, "height_m").where(_numbers(buildings, "floors") == 1)
    return stated.fillna(single)


def building_floor_area(
    buildings: pd.DataFrame, footprint: pd.Series, tall_storey_m: float = TALL_STOREY_M
) -> pd.DataFrame:
    """Floor area of each building, true and as counted for the floor area ratio.

    ``floor_area = stated floor area, else footprint * floors, else unknown (at least one floor)``;
    ``far_floor_area = floor_area * (2 if storey height > 8 m else 1)``. Only storeys above ground count:
    ``floors`` are storeys above ground and a stated floor area is taken as above ground.

    Parameters
    ----------
    buildings : DataFrame
        Any of ``floor_area_m2 floors storey_height_m height_m``, index ``building_id``.
    footprint : Series of int
        Footprint in 1e-4 m², same index.
    tall_storey_m : float
        Storeys strictly higher than this count twice.

    Returns
    -------
    DataFrame
        ``floors_per_footprint`` (floor area ÷ footprint; NaN: unknown), ``factor`` (1 or 2), ``floor_area``
        and ``far_floor_area`` (float, 1e-4 m²; NaN: unknown), ``height_unknown`` (storey height not known,
        so the factor is 1; always reported).

    Source
    ------
    工业项目建设用地控制指标 (国土资发〔2008〕24号; 自然资发〔2023〕72号), 容积率.

    Examples
    --------
    >>> hall = pd.DataFrame({"floors": [1.0, 1.0, None], "storey_height_m": [8.0, 8.01, 6.0]})
    >>> areas = building_floor_area(hall, pd.Series([10_000_000] * 3))
    >>> (areas["far_floor_area"] / 10_000).tolist()
    [1000.0, 2000.0, nan]
    """
    ground = footprint.reindex(buildings.index).astype("float64")
    stated = _numbers(buildings, "floor_area_m2") * 10_000
    floors = (stated / ground.where(ground > 0)).fillna(_numbers(buildings, "floors"))
    heights = storey_heights(buildings)
    factor = pd.Series(np.where(heights.to_numpy() > tall_storey_m, 2, 1), index=buildings.index)
    floor_area = stated.fillna(ground * floors).round()
    return pd.DataFrame(
        {
            "floors_per_footprint": floors,
            "factor": factor,
            "floor_area": floor_area,
            "far_floor_area": floor_area * factor,
            "height_unknown": heights.isna(),
        }
    )


def floor_area_on(pieces: BuildingPieces, floor_areas: pd.DataFrame, index: pd.Index) -> pd.DataFrame:
    """Floor area on each piece of ground: buildings contribute by the share of their footprint on it.

    ``sum(floor area * piece of footprint / footprint)``, summed over buildings, not united.

    Parameters
    ----------
    pieces : BuildingPieces
        Of the ground ``index`` and of the buildings ``floor_areas``.
    floor_areas : DataFrame
        As ``building_floor_area`` returns it.
    index : Index
        All ids of the ground; ground without a building has a floor area of zero.

    Returns
    -------
    DataFrame of int64 and bool, in 1e-4 m²
        ``floor_area_lower``, ``far_floor_area_lower`` (unknown buildings count one floor) and ``known``
        (False where a building on it has neither floor area nor storeys: the lower bounds are all that is known).
    """
    floors = floor_areas["floors_per_footprint"].to_numpy(dtype=np.float64)[pieces.building]
    unknown = np.isnan(floors)
    true_area = np.rint(pieces.area.astype(np.float64) * np.where(unknown, 1.0, floors)).astype(np.int64)
    far_area = true_area * floor_areas["factor"].to_numpy(dtype=np.int64)[pieces.building]
    return pd.DataFrame(
        {
            "floor_area_lower": pieces.sums(true_area, len(index)),
            "far_floor_area_lower": pieces.sums(far_area, len(index)),
            "known": np.bincount(pieces.ground[unknown], minlength=len(index)) == 0,
        },
        index=index,
    )


def _same_crs(parcels: gpd.GeoDataFrame | gpd.GeoSeries, buildings: gpd.GeoDataFrame | gpd.GeoSeries) -> None:
    if parcels.crs is None or buildings.crs is None:
        raise ValueError("parcels and buildings need a coordinate reference system: set_crs(...)")
    if parcels.crs != buildings.crs:
        raise ValueError(
            f"two reference systems: {parcels.crs.name} and {buildings.crs.name}; use to_crs(...)"
        )


def building_density_ratio(
    parcels: gpd.GeoDataFrame | gpd.GeoSeries,
    buildings: gpd.GeoDataFrame | gpd.GeoSeries,
    area_kind: AreaKind | str = AreaKind.ELLIPSOIDAL,
) -> pd.Series:
    """建筑密度: share of each parcel under building footprints.

    ``area(union of footprints on the parcel) / area(parcel)``; overlapping footprints count once, a building
    across a boundary counts with its part on each side.

    Parameters
    ----------
    parcels, buildings : GeoDataFrame or GeoSeries
        Valid polygons in one coordinate reference system.
    area_kind : ``"ellipsoidal"`` or ``"planar"``
        The same for numerator and denominator.

    Returns
    -------
    Series of float, index of ``parcels``, 0…1
        0 where no building stands; NaN where the parcel has no area.

    Raises
    ------
    ValueError
        If a reference system is missing or the two differ.

    Source
    ------
    GB/T 50280-98: 一定地块内所有建筑物的基底总面积占用地面积的比例.

    Examples
    --------
    >>> from shapely import box
    >>> parcel = gpd.GeoSeries([box(500000, 3600000, 500020, 3600020)], index=["P1"], crs=4547)
    >>> low, high = box(500000, 3600000, 500010, 3600010), box(500005, 3600000, 500015, 3600010)
    >>> building_density_ratio(parcel, gpd.GeoSeries([low, high], crs=4547), area_kind="planar")
    P1    0.375
    Name: building_density_ratio, dtype: float64
    """
    _same_crs(parcels, buildings)
    measure = AreaMeasure(parcels.crs, AreaKind(area_kind))
    shapes = parcels.geometry.to_numpy()
    cover = covered_units(shapes, buildings.geometry.to_numpy(), measure)
    area = to_area_units(np.nan_to_num(measure.m2(shapes)))
    whole = ratio(pd.Series(cover, parcels.index), pd.Series(area, parcels.index))
    return whole.rename("building_density_ratio")


def floor_area_ratio(
    parcels: gpd.GeoDataFrame | gpd.GeoSeries,
    buildings: gpd.GeoDataFrame,
    area_kind: AreaKind | str = AreaKind.ELLIPSOIDAL,
) -> pd.Series:
    """容积率: floor area over land, storeys over 8 m counted twice.

    ``sum(far floor area of a building * share of its footprint on the parcel) / area(parcel)``

    Parameters
    ----------
    parcels : GeoDataFrame or GeoSeries
    buildings : GeoDataFrame
        With any of ``floor_area_m2 floors storey_height_m height_m``.
    area_kind : ``"ellipsoidal"`` or ``"planar"``

    Returns
    -------
    Series of float, index of ``parcels``
        0 where no building stands; NaN where a building on it has neither floor area nor storeys.

    Raises
    ------
    ValueError
        If a reference system is missing or the two differ.

    Examples
    --------
    >>> from shapely import box
    >>> parcel = gpd.GeoSeries([box(500000, 3600000, 500020, 3600020)], index=["P1"], crs=4547)
    >>> hall = {"floors": [3.0], "storey_height_m": [4.0]}
    >>> shape = [box(500000, 3600000, 500010, 3600010)]
    >>> halls = gpd.GeoDataFrame(hall, geometry=shape, crs=4547)
    >>> floor_area_ratio(parcel, halls, area_kind="planar")
    P1    0.75
    Name: floor_area_ratio, dtype: float64
    """
    _same_crs(parcels, buildings)
    measure = AreaMeasure(parcels.crs, AreaKind(area_kind))
    numbered = buildings.reset_index(drop=True)
    shapes = parcels.geometry.to_numpy()
    areas = building_floor_area(numbered, pd.Series(measure.units(numbered.geometry.to_numpy())))
    left, right, area = overlap_pairs(shapes, numbered.geometry.to_numpy(), measure)
    on = floor_area_on(BuildingPieces(left, right, area), areas, pd.RangeIndex(len(shapes)))
    land = pd.Series(to_area_units(np.nan_to_num(measure.m2(shapes))))
    values = ratio(on["far_floor_area_lower"], land).where(on["known"])
    return pd.Series(values.to_numpy(), index=parcels.index, name="floor_area_ratio")
