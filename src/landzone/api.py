"""The public functions on plain GeoSeries and GeoDataFrames, without a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from landzone.alignment.pair_table import AlignmentTypes
from landzone.alignment.patches import difference_patches
from landzone.catalog import load
from landzone.geometry import validity
from landzone.geometry.area import AreaMeasure, area_m2
from landzone.geometry.overlay import CrsMismatch, covered_m2
from landzone.geometry.overlay import overlap_frame as overlap_m2
from landzone.model.layer import InputRecord, Layer, SpatialPlan
from landzone.model.study import AlignmentSettings, AreaKind

__all__ = ["align", "area_m2", "covered_m2", "overlap_m2", "repair", "zonal"]


def align(
    plans: Mapping[str, gpd.GeoDataFrame],
    within: gpd.GeoDataFrame | gpd.GeoSeries,
    *,
    area_kind: str = "ellipsoidal",
    sliver_width_m: float = 1.0,
    small_area_m2: float = 200.0,
) -> gpd.GeoDataFrame:
    """Compare plans on the same ground: difference patches that close to the zones.

    Parameters
    ----------
    plans : mapping of name to GeoDataFrame
        Two or more plans with ``code`` and ``common`` (C K R N W P ?), ``sector`` if known, in one projected CRS.
    within : GeoDataFrame or GeoSeries
        The zones, in the same CRS; their index gives ``zone_id``.
    area_kind : {"ellipsoidal", "planar"}
    sliver_width_m : float
        Disagreements narrower than this are differences of precision.
    small_area_m2 : float
        Conflicts smaller than this are marked ``is_small``.

    Returns
    -------
    GeoDataFrame
        Patches as in the layer ``patches`` of an audit.

    Raises
    ------
    CrsMismatch
        No CRS, a CRS in degrees, or plans and zones in different ones.

    Examples
    --------
    >>> import shapely
    >>> def plan(code, common, *boxes):
    ...     shapes = [shapely.box(*box) for box in boxes]
    ...     return gpd.GeoDataFrame({"code": code, "common": common}, geometry=shapes, crs=4547)
    >>> city = plan(["M1"], ["C"], (0, 0, 100, 100))
    >>> land = plan(["010", "040"], ["C", "P"], (0, 0, 60, 100), (60, 0, 100, 100))
    >>> zone = gpd.GeoSeries([shapely.box(0, 0, 100, 100)], index=["Z"], crs=4547)
    >>> patches = align({"city": city, "land": land}, zone, area_kind="planar")
    >>> patches[["kind", "type", "area_m2"]].sort_values("kind").to_numpy().tolist()
    [['agree', 'D1', 6000.0], ['conflict', 'D5', 4000.0]]
    """
    zones = within.geometry if isinstance(within, gpd.GeoDataFrame) else within
    if zones.crs is None or zones.crs.is_geographic:
        raise CrsMismatch("plans are compared in a plane: bring zones and plans to a projected CRS first")
    for name, frame in plans.items():
        if frame.crs is None or frame.crs != zones.crs:
            raise CrsMismatch(f"plan {name}: its CRS {frame.crs} is not that of the zones, {zones.crs}")
    measure = AreaMeasure(zones.crs, AreaKind(area_kind))
    named = gpd.GeoSeries(zones.to_numpy(), index=zones.index.astype("str"), crs=zones.crs)
    spatial = [_plan(name, frame) for name, frame in plans.items()]
    types = AlignmentTypes.read(load.table("alignment_types.toml"))
    return difference_patches(
        named, spatial, measure, AlignmentSettings(sliver_width_m, small_area_m2), types
    )


def _plan(name: str, frame: gpd.GeoDataFrame) -> SpatialPlan:
    own = frame.copy()
    for column in ("sector", "class_name"):
        if column not in own:
            own[column] = pd.Series("", index=own.index, dtype="str")
    order = pd.DataFrame({"code": own["code"].astype("str"), "wkb": own.geometry.to_wkb()}).sort_values(
        ["code", "wkb"]
    )
    own = own.loc[order.index].reset_index(drop=True)
    return SpatialPlan(name, Layer(f"plans.{name}", own, InputRecord(f"plans.{name}", "")))


def repair(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Mend the geometries that can be mended without doubt; nothing is lost, every change is listed.

    Returns
    -------
    (GeoDataFrame, DataFrame)
        The frame with the same rows and index, and one row for each geometry that was not valid: ``index, fault,
        where, area_before, area_after, action``; ``action`` is ``repaired``, or ``left`` where the area is ambiguous
        (a bow-tie) or there is no polygon: such a geometry is handed back as it was.

    Examples
    --------
    >>> import shapely
    >>> spike = shapely.Polygon([(0, 0), (10, 0), (10, 10), (5, 10), (5, 60), (5, 10), (0, 10)])
    >>> mended, repairs = repair(gpd.GeoDataFrame(geometry=[spike, shapely.box(0, 0, 1, 1)], crs=4547))
    >>> repairs[["fault", "area_before", "area_after", "action"]].to_numpy().tolist()
    [['spike', 100.0, 100.0, 'repaired']]
    """
    shapes = frame.geometry.to_numpy()
    found = validity.examine(shapes)
    mended = validity.repair(shapes, found)
    bad = np.array(found.fault != validity.Fault.OK, dtype=bool)
    repairs = pd.DataFrame(
        {
            "index": frame.index[bad],
            "fault": pd.Series([str(fault) for fault in found.fault[bad]], dtype="str").to_numpy(),
            "where": pd.Series(found.where[bad], dtype="str").to_numpy(),
            "area_before": mended.area_before[bad],
            "area_after": mended.area_after[bad],
            "action": np.where(mended.changed[bad], "repaired", "left"),
        }
    )
    return frame.set_geometry(gpd.GeoSeries(mended.shapes, index=frame.index, crs=frame.crs)), repairs


def zonal(
    zones: gpd.GeoDataFrame | gpd.GeoSeries,
    raster: str | Path,
    stats: Sequence[str] = ("mean", "sum", "count"),
) -> pd.DataFrame:
    """Statistics of a raster under each zone, every pixel weighted by its covered share.

    Parameters
    ----------
    zones : GeoDataFrame or GeoSeries
        Polygons with a CRS; they are brought to the CRS of the raster.
    raster : path
        A raster file; its first band is read.
    stats : sequence of str
        ``mean sum count min max median mode variety stdev variance …`` as exactextract names them.

    Returns
    -------
    DataFrame, index of the zones
        One column a statistic; NaN where nothing of the raster lies under a zone.
    """
    from landzone.io.rasters import raster_statistics

    series = zones.geometry if isinstance(zones, gpd.GeoDataFrame) else zones
    return raster_statistics(series, Path(raster), stats)
