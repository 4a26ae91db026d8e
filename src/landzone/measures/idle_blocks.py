"""Blocks of vacant land: parcels that share borders, joined, with what they could take."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from landzone.geometry.clusters import connected, float_sums, whole_sums
from landzone.geometry.touching import SharedEdges
from landzone.units import AREA_UNITS_PER_M2, M2_PER_HA, FloatArray, IntArray

COLUMNS = [
    "block_id", "rank_count", "parcels_count", "parcels", "zone_id", "area_m2", "perimeter_m", "compactness_ratio",
    "width_m", "fits_ha",
]  # fmt: skip
_TEXTS = ("block_id", "parcels", "zone_id")
_COUNTS = dict.fromkeys(("rank_count", "parcels_count"), "int64")


def vacant_blocks(
    ids: Sequence[str],
    zones: pd.Series,
    units: IntArray,
    perimeter_m: FloatArray,
    edges: SharedEdges,
    sizes_ha: Sequence[float],
) -> tuple[pd.DataFrame, pd.Series]:
    """Join vacant parcels that share border, largest block first.

    With A the land of the parcels and P their perimeters less twice the border they share:

    - ``compactness_ratio = 4 π A ÷ P²`` (1: a circle, 0.785: a square);
    - ``width_m = 2 A ÷ P``: mean width;
    - ``fits_ha``: the largest of the sizes that the block has the land for.

    Parameters
    ----------
    ids : sequence of str, sorted
        Vacant parcels.
    zones : Series of str, index ``parcel_id``
    units : int64 array
        Land of each, 1e-4 m².
    perimeter_m : float64 array
    edges : SharedEdges
        Positions in ``ids``.
    sizes_ha : sequence of float
        Sizes of projects.

    Returns
    -------
    DataFrame ``COLUMNS``, Series
        The blocks (``block_id`` is the lowest id of a parcel of it; ids joined by ``|``), and the block of each parcel.

    Examples
    --------
    >>> edges = SharedEdges(np.array([0]), np.array([1]), np.array([100.0]))
    >>> blocks, own = vacant_blocks(["A", "B", "C"], pd.Series("Z", ["A", "B", "C"]), np.full(3, 100_000_000),
    ...                             np.full(3, 400.0), edges, [1, 2, 5])
    >>> blocks[["block_id", "parcels", "area_m2", "perimeter_m", "fits_ha"]].values.tolist()
    [['A', 'A|B', 20000.0, 600.0, 2.0], ['C', 'C', 10000.0, 400.0, 1.0]]
    """
    count = len(ids)
    if not count:
        kinds = {name: "str" if name in _TEXTS else "float64" for name in COLUMNS} | _COUNTS
        return pd.DataFrame(columns=COLUMNS).astype(kinds), pd.Series(dtype="str")
    head = connected(count, edges.left, edges.right)
    heads, group = np.unique(head, return_inverse=True)
    area = whole_sums(units, group, len(heads))
    border = float_sums(perimeter_m, group, len(heads))
    border = border - 2 * float_sums(edges.length_m, group[edges.left], len(heads))
    names = np.asarray(ids, dtype=object)
    members = pd.Series(names).groupby(group).agg("|".join)
    where = zones.reindex(ids).fillna("").astype("str")
    places = where.groupby(group).agg(lambda own: "|".join(sorted(set(own) - {""})))
    m2 = area / AREA_UNITS_PER_M2
    sizes = np.sort(np.asarray(sizes_ha, dtype=np.float64))
    fit = np.searchsorted(sizes, m2 / M2_PER_HA, side="right")
    blocks = pd.DataFrame(
        {
            "block_id": names[heads],
            "rank_count": 0,
            "parcels_count": np.bincount(group, minlength=len(heads)),
            "parcels": members.to_numpy(),
            "zone_id": places.to_numpy(),
            "area_m2": m2,
            "perimeter_m": border,
            "compactness_ratio": np.where(border > 0, 4 * np.pi * m2 / np.maximum(border, 1e-9) ** 2, np.nan),
            "width_m": np.where(border > 0, 2 * m2 / np.maximum(border, 1e-9), np.nan),
            "fits_ha": np.where(fit > 0, sizes[np.maximum(fit - 1, 0)], np.nan) if len(sizes) else np.nan,
        }
    ).astype(dict.fromkeys(_TEXTS, "str"))
    blocks = blocks.assign(largest=-area).sort_values(["largest", "block_id"], ignore_index=True)
    blocks["rank_count"] = np.arange(1, len(blocks) + 1)
    return blocks[COLUMNS], pd.Series(names[head], index=list(ids), dtype="str")
