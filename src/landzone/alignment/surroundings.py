"""What a conflict has beside it and under it: other patches and parcels."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from landzone.geometry.clusters import groups
from landzone.geometry.grid_cut import Shapes
from landzone.geometry.overlay import Dissolved, overlap_pairs
from landzone.geometry.pairs import Measure
from landzone.units import IntArray, to_m2

MOST_NAMED = 5
"""A cell names so many neighbours or parcels, the rest is counted."""


def neighbours(ground: Dissolved, ids: list[str], chosen: IntArray, kept: np.ndarray) -> pd.DataFrame:
    """Name the patches that share a border with the chosen ones, longest border first.

    Returns
    -------
    DataFrame, one row a patch
        ``neighbours`` (ids joined by ``|``, at most five; missing where nothing was asked), ``neighbours_count``.
    """
    own = np.zeros(len(ids), dtype=np.bool_)
    own[chosen] = True
    first = np.concatenate([ground.first, ground.second])
    second = np.concatenate([ground.second, ground.first])
    border = np.concatenate([ground.border_m, ground.border_m])
    asked = own[first] & kept[second]
    first, second, border = first[asked], second[asked], border[asked]
    order = np.lexsort((second, -border, first))
    return _listed("neighbours", first[order], np.array(ids, dtype=object)[second[order]], chosen, len(ids))


def parcels_under(
    shapes: Shapes,
    ids: list[str],
    chosen: IntArray,
    parcels: gpd.GeoSeries,
    measure: Measure,
    threads: int = 1,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Find the parcels that the chosen patches touch.

    Returns
    -------
    DataFrame, one row a patch
        ``parcels`` (ids joined by ``|``, largest piece first, at most five), ``parcels_count``.
    DataFrame
        ``patch_id, parcel_id, area`` (1e-4 m²), ``area_m2``: every piece, sorted by both ids.
    """
    plot, place, units = overlap_pairs(parcels.to_numpy(), shapes[chosen], measure, threads=threads)
    patch = chosen[place]
    order = np.lexsort((plot, -units, patch))
    names = parcels.index.to_numpy(dtype=object)
    table = pd.DataFrame(
        {
            "patch_id": np.array(ids, dtype=object)[patch],
            "parcel_id": names[plot],
            "area": units,
            "area_m2": to_m2(units),
        }
    )
    table = table.astype({"patch_id": "str", "parcel_id": "str", "area": "int64"})
    pieces = table.sort_values(["patch_id", "parcel_id"], kind="stable", ignore_index=True)
    return _listed("parcels", patch[order], names[plot[order]], chosen, len(ids)), pieces


def _listed(name: str, patch: IntArray, texts: np.ndarray, chosen: IntArray, count: int) -> pd.DataFrame:
    listed = np.full(count, None, dtype=object)
    listed[chosen] = ""
    number = np.bincount(patch, minlength=count)
    for place, rows in groups(patch):
        listed[place] = "|".join(map(str, texts[rows[:MOST_NAMED]]))
    counts = pd.Series(number, dtype="Int64")
    counts[np.setdiff1d(np.arange(count), chosen)] = pd.NA
    return pd.DataFrame({name: pd.Series(listed, dtype="str"), f"{name}_count": counts})
