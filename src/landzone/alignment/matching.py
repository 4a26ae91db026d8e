"""Which patches of two audits are the same ones."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

LEAST_COMMON = 0.5
"""Patches are the same by their ground where they share at least this much of the ground of both together."""

_DIGITS = 9
"""Shares are rounded before they are judged: the same patches match whichever audit is called the old one."""

HOW = ("patch_id", "match_key", "ground")


def same_patches(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> pd.DataFrame:
    """Match the patches of two audits, each at most once: by id, by the second key, then by common ground.

    By ground: same zone, and |common| ÷ |both together| ≥ 0.5; the greatest share first, ties by id. So a patch whose
    code changed, or whose border moved by metres, is still found.

    Parameters
    ----------
    old, new : GeoDataFrame
        Patches with ``patch_id, match_key, zone_id`` in one CRS; those that matter (all, or the conflicts).

    Returns
    -------
    DataFrame
        ``old_id, new_id, how`` (``patch_id``, ``match_key`` or ``ground``), sorted by ``old_id``; what stands on
        neither side was settled or is new.

    Examples
    --------
    >>> def patches(ids, *boxes):
    ...     frame = {"patch_id": [f"P{i}" for i in ids], "match_key": [f"K{i}" for i in ids], "zone_id": "Z"}
    ...     return gpd.GeoDataFrame(frame, geometry=[shapely.box(*box) for box in boxes], crs=4547)
    >>> before = patches("ab", (0, 0, 10, 10), (50, 0, 60, 10))
    >>> after = patches("ac", (0, 0, 10, 10), (52, 0, 60, 10))
    >>> same_patches(before, after).to_numpy().tolist()
    [['Pa', 'Pa', 'patch_id'], ['Pb', 'Pc', 'ground']]
    """
    left, right = old.reset_index(drop=True), new.reset_index(drop=True)
    parts = []
    for how in HOW:
        pairs = _by_ground(left, right) if how == "ground" else _by_key(left, right, how)
        ids = {
            "old_id": left["patch_id"].to_numpy()[pairs[0]],
            "new_id": right["patch_id"].to_numpy()[pairs[1]],
        }
        parts.append(pd.DataFrame({**ids, "how": how}))
        left = left.drop(index=pairs[0]).reset_index(drop=True)
        right = right.drop(index=pairs[1]).reset_index(drop=True)
    found = pd.concat(parts).astype("str")
    return found.sort_values(["old_id", "new_id"], kind="stable", ignore_index=True)


def _by_key(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame, key: str) -> tuple[np.ndarray, np.ndarray]:
    place = pd.Index(right[key]).get_indexer(pd.Index(left[key]))
    found = np.flatnonzero(place >= 0)
    return found, place[found]


def _by_ground(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    own, other = left.geometry.to_numpy(), right.geometry.to_numpy()
    first, second = shapely.STRtree(other).query(own, predicate="intersects")
    zones = left["zone_id"].to_numpy()[first] == right["zone_id"].to_numpy()[second]
    first, second = first[zones], second[zones]
    common = shapely.area(shapely.intersection(own[first], other[second]))
    share = common / (shapely.area(own[first]) + shapely.area(other[second]) - common)
    share = np.round(share, _DIGITS)
    names = (right["patch_id"].to_numpy(dtype=str)[second], left["patch_id"].to_numpy(dtype=str)[first])
    taken_left, taken_right = np.zeros(len(own), dtype=bool), np.zeros(len(other), dtype=bool)
    pairs = []
    for row in np.lexsort((*names, -share)):
        a, b = first[row], second[row]
        if share[row] >= LEAST_COMMON and not taken_left[a] and not taken_right[b]:
            taken_left[a] = taken_right[b] = True
            pairs.append((a, b))
    return tuple(np.array(pairs, dtype=np.int64).reshape(-1, 2).T)  # type: ignore[return-value]
