"""What is wrong between the shapes of one layer: doubly covered ground and copies.

All tests work on neighbours found in a search tree, block by block; the layer is never united as a whole for them.
Positions refer to the input; with shapes sorted by id the answers do not depend on the order of any file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landzone.geometry.area import AreaMeasure
from landzone.geometry.careful import carefully
from landzone.geometry.clusters import connected, groups
from landzone.geometry.rings import MULTIPOLYGON
from landzone.geometry.threads import each
from landzone.units import IntArray

_BLOCK = 20_000


@dataclass(frozen=True)
class Overlaps:
    """Pairs of shapes of one layer that cover common ground.

    Attributes
    ----------
    left, right : int array
        Positions, left < right, sorted.
    units : int array
        Common ground, whole units of 1e-4 m², > 0.
    pieces : object array
        The common ground as a shape.
    undecided : int array, shape (k, 2)
        Pairs that could not be worked out; they stand in no other attribute.
    """

    left: IntArray
    right: IntArray
    units: IntArray
    pieces: NDArray[np.object_]
    undecided: IntArray = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))


def overlaps(
    shapes: Any, measure: AreaMeasure, tree: shapely.STRtree | None = None, *, threads: int = 1
) -> Overlaps:
    """Find all pairs of shapes that cover common ground; touching is no overlap.

    Parameters
    ----------
    shapes : array of valid polygons
        Missing shapes overlap nothing.
    measure : AreaMeasure
        Of the CRS of the shapes.
    tree : STRtree, optional
        Of the same shapes, if there is one already.

    Examples
    --------
    >>> import pyproj
    >>> from landzone.model.study import AreaKind
    >>> plane = AreaMeasure(pyproj.CRS("EPSG:4547"), AreaKind.PLANAR)
    >>> found = overlaps([shapely.box(0, 0, 100, 100), shapely.box(90, 0, 190, 100)], plane)
    >>> found.left.tolist(), found.right.tolist(), found.units.tolist()
    ([0], [1], [10000000])
    """
    array = np.asarray(shapes, dtype=object)
    tree = shapely.STRtree(array) if tree is None else tree
    starts = range(0, len(array), _BLOCK)
    blocks = each(lambda start: _overlaps_of(array, tree, start, measure), starts, threads)
    if not blocks:
        none = np.zeros(0, dtype=np.int64)
        return Overlaps(none, none, none, np.zeros(0, dtype=object))
    left, right, units, pieces, undecided = (np.concatenate(column) for column in zip(*blocks, strict=True))
    order = np.lexsort((right, left))
    return Overlaps(left[order], right[order], units[order], pieces[order], undecided)


def _overlaps_of(
    array: Any, tree: shapely.STRtree, start: int, measure: AreaMeasure
) -> tuple[Any, Any, Any, Any, Any]:
    """Return left, right, units, pieces and undecided pairs of the shapes of one block with those after them."""
    left, right = tree.query(array[start : start + _BLOCK])
    left = left + start
    once = left < right
    left, right = left[once], right[once]
    inside, _ = carefully(
        lambda a, b: shapely.relate_pattern(a, b, "T********"), array[left], array[right], empty=True
    )
    left, right = left[inside], right[inside]
    shared, failed = carefully(shapely.intersection, array[left], array[right], empty=shapely.Polygon())
    pieces = _polygonal(shared)
    units = measure.units(pieces)
    some = units > 0
    undecided = np.stack([left[failed], right[failed]], axis=1).astype(np.int64)
    return left[some], right[some], units[some], pieces[some], undecided


def same_as(shapes: Any) -> IntArray:
    """Return for each shape the position of the first shape equal to it (its own where it is the first, -1 if missing).

    Equal means the same points: the start and the direction of rings, the order of parts and a wrapping of one
    polygon as multipolygon do not matter.

    >>> same_as([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6), shapely.box(0, 0, 1, 1, ccw=False)]).tolist()
    [0, 1, 0]
    """
    array = np.asarray(shapes, dtype=object)
    first = np.arange(len(array), dtype=np.int64)
    missing = shapely.is_missing(array)
    first[missing] = -1
    boxes = pd.DataFrame(shapely.bounds(array).reshape(-1, 4))
    candidates = np.flatnonzero(boxes.duplicated(keep=False).to_numpy() & ~missing)
    if not len(candidates):
        return first
    some = shapely.force_2d(array[candidates])
    single = (shapely.get_type_id(some) == MULTIPOLYGON) & (shapely.get_num_geometries(some) == 1)
    some[single] = shapely.get_geometry(some[single], 0)
    texts = pd.Series(shapely.to_wkb(shapely.normalize(some)))
    group = texts.groupby(texts).transform(lambda members: members.index[0])
    first[candidates] = candidates[group.to_numpy(dtype=np.int64)]
    return first


def counted_twice(shapes: Any, found: Overlaps, measure: AreaMeasure) -> int:
    """Return the ground that a layer counts more than once: sum of the areas - area of the ground covered.

    Only shapes that overlap are united, group by group; ground under three shapes counts twice here.

    Returns
    -------
    int
        Whole units of 1e-4 m².

    Examples
    --------
    >>> import pyproj
    >>> from landzone.model.study import AreaKind
    >>> plane = AreaMeasure(pyproj.CRS("EPSG:4547"), AreaKind.PLANAR)
    >>> thrice = np.array([shapely.box(0, 0, 10, 10)] * 3)
    >>> counted_twice(thrice, overlaps(thrice, plane), plane)
    2000000
    """
    if not len(found.left):
        return 0
    array = np.asarray(shapes, dtype=object)
    group = connected(len(array), found.left, found.right)
    pairs = group[found.left]
    alone = np.bincount(pairs, minlength=len(array))[pairs] == 1
    total = int(found.units[alone].sum())
    members = np.unique(np.concatenate([found.left[~alone], found.right[~alone]]))
    unions = [shapely.union_all(array[members[rows]]) for _, rows in groups(group[members])]
    if len(members):
        total += int(measure.units(array[members]).sum())
        total -= int(measure.units(np.array(unions, dtype=object)).sum())
    return total


def _polygonal(shapes: Any) -> Any:
    """Drop the points and lines of intersections."""
    kind = shapely.get_type_id(shapes)
    mixed = np.flatnonzero(kind == 7)
    for place in mixed:
        parts = shapely.get_parts(shapes[place])
        shapes[place] = shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])
    return shapes
