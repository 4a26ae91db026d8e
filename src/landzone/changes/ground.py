"""How the ground of features moved: same, redrawn within the precision of boundaries, changed, elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landzone.changes.rows import Pairs
from landzone.geometry.area import AreaMeasure
from landzone.geometry.grid_cut import Shapes
from landzone.geometry.overlay import overlap_pairs
from landzone.geometry.projection import unit_factor
from landzone.units import IntArray, to_m2

SAME, REDRAWN, CHANGED, ELSEWHERE = "same", "redrawn", "changed", "elsewhere"
_ROUNDING = 1e-6
LINEAGE = ["old_id", "new_id", "relation", "common_m2", "old_share_ratio", "new_share_ratio", "is_sliver"]


@dataclass(frozen=True)
class Moves:
    """What the shapes of paired features did; areas in 1e-4 m², nil where the shape is the same."""

    shape: NDArray[np.object_]
    common: IntArray
    only_old: IntArray
    only_new: IntArray


def moves(old: Shapes, new: Shapes, measure: AreaMeasure, precision_m: float) -> Moves:
    """Tell what the ground of paired shapes did.

    *same*: the same corners. *redrawn*: no place of either shape is further than ``precision_m`` from the other.
    *elsewhere*: no ground in common, the id stands for other ground. Else *changed*.

    Parameters
    ----------
    old, new : arrays of polygons, pair by pair
    measure : area method of the study
    precision_m : float
        How exactly a boundary is known.

    Examples
    --------
    >>> import pyproj
    >>> from landzone.model.study import AreaKind
    >>> plane = AreaMeasure(pyproj.CRS(4547), AreaKind.PLANAR)
    >>> before = np.array([shapely.box(0, 0, 10, 10)] * 4)
    >>> after = [shapely.box(0, 0, 10, 10), shapely.box(0, 0, 10.05, 10), shapely.box(0, 0, 10, 12)]
    >>> found = moves(before, np.array([*after, shapely.box(50, 0, 60, 10)]), plane, 0.1)
    >>> found.shape.tolist(), found.only_new.tolist()
    (['same', 'redrawn', 'changed', 'elsewhere'], [0, 5000, 200000, 1000000])
    """
    shape = np.full(len(old), SAME, dtype=object)
    common, only_old, only_new = (np.zeros(len(old), dtype=np.int64) for _ in range(3))
    equal = shapely.equals_exact(shapely.normalize(old), shapely.normalize(new), 0.0)
    rows = np.flatnonzero(~equal)
    if not len(rows):
        return Moves(shape, common, only_old, only_new)
    a, b = old[rows], new[rows]
    shared = measure.units(shapely.intersection(a, b))
    common[rows] = shared
    only_old[rows] = np.maximum(measure.units(a) - shared, 0)
    only_new[rows] = np.maximum(measure.units(b) - shared, 0)
    reach = precision_m / unit_factor(measure.crs)
    near = _within(a, b, reach) & _within(b, a, reach)
    shape[rows] = np.where(near, REDRAWN, np.where(shared > 0, CHANGED, ELSEWHERE))
    return Moves(shape, common, only_old, only_new)


def _within(shapes: Shapes, others: Shapes, distance: float) -> NDArray[np.bool_]:
    wide = shapely.buffer(others, distance + _ROUNDING)
    return np.asarray(shapely.is_empty(shapely.difference(shapes, wide)), dtype=bool)


def noise_units(old: Shapes, new: Shapes, measure: AreaMeasure, precision_m: float) -> IntArray:
    """Return how far two areas may lie apart by the drawing alone: the longer boundary × its precision, 1e-4 m²."""
    longer = np.maximum(measure.perimeter_m(old), measure.perimeter_m(new))
    return np.asarray(np.floor(longer * precision_m * 1e4), dtype=np.int64)


def lineage(
    old: pd.DataFrame, new: pd.DataFrame, pairs: Pairs, key: str, measure: AreaMeasure, precision_m: float
) -> pd.DataFrame:
    """Tell where the ground of features that are gone lies now, and where that of new ones came from.

    ``relation`` looks at pairs that are no slivers: one to one *renumbered*, one to several *split*, several to one
    *merged*, else *rearranged*. A sliver is common ground of at most the shorter boundary × precision.

    Returns
    -------
    DataFrame
        ``old_id, new_id, relation, common_m2, old_share_ratio, new_share_ratio, is_sliver``, sorted by ids.
    """
    left, right = old.geometry.to_numpy(), new.geometry.to_numpy()
    found = _shared(left, right, pairs, measure)
    if not len(found):
        empty = {"old_id": "str", "new_id": "str", "relation": "str", "is_sliver": "bool"}
        return pd.DataFrame({c: pd.Series(dtype=empty.get(c, "float64")) for c in LINEAGE})
    a, b = found["old"].to_numpy(), found["new"].to_numpy()
    shorter = np.minimum(measure.perimeter_m(left[a]), measure.perimeter_m(right[b]))
    sliver = found["units"].to_numpy() <= shorter * precision_m * 1e4
    table = pd.DataFrame(
        {
            "old_id": old[key].to_numpy(dtype=str)[a],
            "new_id": new[key].to_numpy(dtype=str)[b],
            "common_m2": to_m2(found["units"].to_numpy()),
            "old_share_ratio": found["units"].to_numpy() / measure.units(left[a]),
            "new_share_ratio": found["units"].to_numpy() / measure.units(right[b]),
            "is_sliver": sliver,
        }
    )
    table["relation"] = _relations(table)
    return table[LINEAGE].sort_values(["old_id", "new_id"], kind="stable", ignore_index=True)


def _shared(left: Shapes, right: Shapes, pairs: Pairs, measure: AreaMeasure) -> pd.DataFrame:
    """Return ground shared with features that stand on one side alone, and what is left of their partners."""
    parts = []
    if len(pairs.gone):
        first, second, units = overlap_pairs(left[pairs.gone], right, measure)
        parts.append(pd.DataFrame({"old": pairs.gone[first], "new": second, "units": units}))
    if len(pairs.appeared):
        first, second, units = overlap_pairs(right[pairs.appeared], left, measure)
        parts.append(pd.DataFrame({"old": second, "new": pairs.appeared[first], "units": units}))
    if not parts:
        return pd.DataFrame()
    found = pd.concat(parts, ignore_index=True).drop_duplicates(["old", "new"])
    touched = np.flatnonzero(np.isin(pairs.old, found["old"]) | np.isin(pairs.new, found["new"]))
    if len(touched):
        a, b = pairs.old[touched], pairs.new[touched]
        units = measure.units(shapely.intersection(left[a], right[b]))
        own = pd.DataFrame({"old": a, "new": b, "units": units})
        found = pd.concat([found, own[own["units"] > 0]], ignore_index=True)
    return found.astype("int64")


def _relations(table: pd.DataFrame) -> list[str]:
    own = table[~table["is_sliver"]]
    into, out_of = own.groupby("old_id")["new_id"].nunique(), own.groupby("new_id")["old_id"].nunique()
    words = []
    for old, new, sliver in table[["old_id", "new_id", "is_sliver"]].itertuples(index=False):
        many, few = into.get(old, 0) > 1, out_of.get(new, 0) > 1
        kind = "rearranged" if many and few else "split" if many else "merged" if few else "renumbered"
        words.append("" if sliver else kind)
    return words
