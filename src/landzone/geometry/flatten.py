"""Layers that overlap themselves made flat: every square metre once, under all the labels that claim it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.geometry.clusters import connected, groups
from landzone.geometry.coverage import overlapping_pairs
from landzone.geometry.grid_cut import Shapes, as_shapes, polygonal
from landzone.units import IntArray

LEAST_OVERLAP_M2 = 1e-4
"""One unit of the ledger: less than that is rounding noise, not overlap."""

JOINER = "|"


@dataclass(frozen=True)
class OverlapReport:
    """Where a layer overlaps itself.

    Attributes
    ----------
    first, second : positions of the polygons of each overlapping pair, first < second
    pair_m2 : ground each pair shares, in the plane
    shapes, labels : the doubly covered ground, each place once, and the joined labels it goes under
    """

    first: IntArray
    second: IntArray
    pair_m2: NDArray[np.float64]
    shapes: Shapes
    labels: NDArray[np.object_]

    @property
    def area_m2(self) -> float:
        """Return the doubly covered ground in the plane, each place once."""
        return float(shapely.area(self.shapes).sum())


def join_labels(labels: Sequence[str]) -> str:
    """Join the distinct parts of labels, sorted.

    >>> join_labels(["R2", "M1", "R2"])
    'M1|R2'
    """
    return JOINER.join(sorted({part for label in labels for part in str(label).split(JOINER)}))


def flatten(shapes: Shapes, labels: Sequence[str]) -> tuple[Shapes, NDArray[np.object_], OverlapReport]:
    """Make a layer flat: doubly covered ground becomes a polygon of its own under the sorted labels joined by ``|``.

    Only polygons that overlap another one are touched. Sharing less than 1e-4 m² is no overlap.

    Returns
    -------
    shapes, labels, report
        Polygons that do not overlap one another, their labels, and what overlapped.

    Examples
    --------
    >>> two = np.array([shapely.box(0, 0, 10, 10), shapely.box(5, 0, 15, 10)])
    >>> flat, names, report = flatten(two, ["R2", "M1"])
    >>> [(name, float(area)) for name, area in zip(names, shapely.area(flat))]
    [('R2', 50.0), ('M1', 50.0), ('M1|R2', 50.0)]
    >>> report.area_m2
    50.0
    """
    shapes = as_shapes(shapes)
    names = np.array([str(label) for label in labels], dtype=object)
    first, second = overlapping_pairs(shapes)
    shared = polygonal(shapely.intersection(shapes[first], shapes[second]))
    m2 = shapely.area(shared)
    kept = m2 >= LEAST_OVERLAP_M2
    first, second, shared, m2 = first[kept], second[kept], shared[kept], m2[kept]
    if not len(first):
        nothing = np.zeros(0, dtype=object)
        return shapes, names, OverlapReport(first, second, m2, nothing, nothing)
    double, double_names = _double_ground(shapes, names, first, second, shared)
    single = shapes.copy()
    touched = np.unique(np.concatenate([first, second]))
    owner = np.concatenate([first, second])
    both = np.concatenate([shared, shared])
    for place, rows in groups(owner):
        single[place] = shapely.difference(shapes[place], shapely.union_all(both[rows]))
    single[touched] = polygonal(single[touched])
    left = shapely.area(single) > 0
    left[np.setdiff1d(np.arange(len(shapes)), touched)] = True
    flat = np.concatenate([single[left], double])
    report = OverlapReport(first, second, m2, double, double_names)
    return flat, np.concatenate([names[left], double_names]), report


def _double_ground(
    shapes: Shapes, names: NDArray[np.object_], first: IntArray, second: IntArray, shared: Shapes
) -> tuple[Shapes, NDArray[np.object_]]:
    """Return the places covered twice or more, each once, with their labels."""
    a, b = overlapping_pairs(shared)
    group = connected(len(shared), a, b)
    ground: list[Shapes] = []
    labels: list[str] = []
    for _, members in groups(group):
        claims = np.unique(np.concatenate([first[members], second[members]]))
        if len(members) == 1:
            ground.append(shared[members])
            labels.append(join_labels(names[claims]))
            continue
        lines = shapely.get_parts(shapely.union_all(shapely.boundary(shared[members])))
        cells = shapely.get_parts(shapely.polygonize(lines))
        points = shapely.point_on_surface(cells)
        claimed = shapely.intersects(shapes[claims][:, None], points[None, :])
        inside = claimed.sum(axis=0) >= 2
        ground.append(cells[inside])
        labels += [join_labels(names[claims[claimed[:, place]]]) for place in np.flatnonzero(inside)]
    return np.concatenate(ground), np.array(labels, dtype=object)
