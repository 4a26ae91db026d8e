"""Ground under a set of polygons that may overlap each other, every square metre once."""

from __future__ import annotations

import numpy as np
import shapely

from landzone.geometry.clusters import connected, float_sums
from landzone.geometry.grid_cut import Shapes
from landzone.geometry.pairs import Measure, Overlaps, shared_ground
from landzone.units import FloatArray, IntArray, to_area_units


def overlapping_pairs(shapes: Shapes) -> tuple[IntArray, IntArray]:
    """Return the pairs (i < j) of polygons of one set whose interiors meet; a shared edge is no overlap."""
    found = shapely.STRtree(shapes).query(shapes)
    first, second = found[:, found[0] < found[1]]
    if len(first):
        meets = shapely.relate_pattern(shapes[first], shapes[second], "T********")
        first, second = first[meets], second[meets]
    order = np.lexsort((second, first))
    return first[order].astype(np.int64), second[order].astype(np.int64)


def covered_units(left: Shapes, right: Shapes, measure: Measure, *, threads: int = 1) -> IntArray:
    """Ground of each left polygon under the union of the right ones, overlaps counted once.

    covered = area(left ∩ ∪ right). Each footprint is clipped to the polygon first; only footprints that overlap
    one another there are united, so that the answer for a polygon depends on nothing outside it.

    Parameters
    ----------
    left, right : arrays of polygons in one plane
        For instance parcels and footprints.
    measure : area method of the study

    Returns
    -------
    int64 array, shape (len(left),)
        Whole units of 1e-4 m², never more than the left polygon itself; 0 where nothing lies on it.

    Examples
    --------
    The same 80 × 80 m footprint twice in a parcel of 100 × 100 m covers 64 %, not 128 %:

    >>> import pyproj
    >>> from landzone.geometry.area import AreaMeasure
    >>> plane = AreaMeasure(pyproj.CRS(4547), "planar")
    >>> parcel = np.array([shapely.box(0, 0, 100, 100)])
    >>> shed = shapely.box(10, 10, 90, 90)
    >>> covered_units(parcel, np.array([shed, shed]), plane).tolist()
    [64000000]
    """
    first, second = overlapping_pairs(right)
    shared = shared_ground(left, right, measure, threads=threads)
    m2 = shared.m2
    if len(first):
        m2 = _united(left, right, shared, _pairs_within(shared, first, second), measure)
    units = to_area_units(float_sums(m2, shared.left, len(left)))
    touched = np.flatnonzero(units > 0)
    units[touched] = np.minimum(units[touched], measure.units(left[touched]))
    return units


def _united(
    left: Shapes, right: Shapes, shared: Overlaps, pairs: tuple[IntArray, IntArray], measure: Measure
) -> FloatArray:
    """Return the area of each piece, but of each group of overlapping pieces as one, at its first member.

    ``pairs``: rows of ``shared`` that lie on one left polygon and overlap there. Only these are cut out as shapes.
    """
    m2 = shared.m2.copy()
    members = np.unique(np.concatenate(pairs))
    if not len(members):
        return m2
    group = connected(len(shared.left), *pairs)[members]
    some, here = np.unique(shared.left[members], return_inverse=True)
    others, there = np.unique(shared.right[members], return_inverse=True)
    cut = shared_ground(left[some], right[others], measure, pieces=True)
    assert cut.shapes is not None
    key, wanted = cut.left * len(others) + cut.right, here * len(others) + there
    place = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
    cut_out = key[place] == wanted if len(key) else np.zeros(len(wanted), dtype=np.bool_)
    members, group, place = members[cut_out], group[cut_out], place[cut_out]
    m2[members] = 0.0
    if len(members):
        order = np.argsort(group, kind="stable")
        heads, owner = np.unique(group[order], return_inverse=True)
        pieces = shapely.geometrycollections(cut.shapes[place[order]], indices=owner)
        first = np.searchsorted(owner, np.arange(len(heads)))
        m2[members[order][first]] = measure.m2(shapely.union_all(pieces[:, None], axis=1))
    return m2


def _pairs_within(shared: Overlaps, first: IntArray, second: IntArray) -> tuple[IntArray, IntArray]:
    """Return the rows of pieces that lie on one left polygon and whose right polygons overlap."""
    size = int(shared.right.max()) + 1 if len(shared.right) else 1
    by_right = np.argsort(shared.right, kind="stable")
    sorted_right = shared.right[by_right]
    start = np.searchsorted(sorted_right, first)
    many = np.searchsorted(sorted_right, first, side="right") - start
    pair = np.repeat(np.arange(len(first)), many)
    place = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many) + np.repeat(start, many)
    rows = by_right[place]
    key = shared.left * size + shared.right
    wanted = shared.left[rows] * size + second[pair]
    there = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
    hit = (key[there] == wanted) & (second[pair] < size) if len(key) else np.zeros(0, dtype=bool)
    return rows[hit].astype(np.int64), there[hit].astype(np.int64)
