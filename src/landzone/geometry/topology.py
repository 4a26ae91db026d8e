"""What is wrong between the shapes of one layer: doubly covered ground, copies, gaps.

All tests work on neighbours found in a search tree, block by block; the layer is never united as a whole for them.
Positions refer to the input; with shapes sorted by id the answers do not depend on the order of any file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landzone.geometry.area import AreaMeasure
from landzone.geometry.rings import MULTIPOLYGON
from landzone.units import IntArray

_BLOCK = 20_000
_UNION_BLOCK = 4_096


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
    """

    left: IntArray
    right: IntArray
    units: IntArray
    pieces: NDArray[np.object_]


@dataclass(frozen=True)
class Gaps:
    """Uncovered ground inside or between the shapes of a layer.

    Attributes
    ----------
    pieces : object array
        The gaps, sorted by place.
    units : int array
        Their areas, whole units of 1e-4 m².
    """

    pieces: NDArray[np.object_]
    units: IntArray


def overlaps(shapes: Any, measure: AreaMeasure) -> Overlaps:
    """Find all pairs of shapes that cover common ground; touching is no overlap.

    Parameters
    ----------
    shapes : array of valid polygons
        Missing shapes overlap nothing.
    measure : AreaMeasure
        Of the CRS of the shapes.

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
    tree = shapely.STRtree(array)
    blocks: list[tuple[Any, Any, Any, Any]] = []
    for start in range(0, len(array), _BLOCK):
        left, right = tree.query(array[start : start + _BLOCK])
        left = left + start
        once = left < right
        left, right = left[once], right[once]
        inside = shapely.relate_pattern(array[left], array[right], "T********")
        left, right = left[inside], right[inside]
        pieces = _polygonal(shapely.intersection(array[left], array[right]))
        units = measure.units(pieces)
        some = units > 0
        blocks.append((left[some], right[some], units[some], pieces[some]))
    if not blocks:
        none = np.zeros(0, dtype=np.int64)
        return Overlaps(none, none, none, np.zeros(0, dtype=object))
    left, right, units, pieces = (np.concatenate(column) for column in zip(*blocks, strict=True))
    order = np.lexsort((right, left))
    return Overlaps(left[order], right[order], units[order], pieces[order])


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


def holes(shapes: Any, measure: AreaMeasure) -> Gaps:
    """Find the holes of a layer: ground covered by none of its shapes and closed in by them.

    Shapes are united in blocks of neighbours, then the outlines of the blocks; whether a hole is a mistake, a road or
    a lake is for its width to tell.
    """
    array = np.asarray(shapes, dtype=object)
    array = array[~shapely.is_missing(array) & ~shapely.is_empty(array)]
    if not len(array):
        return _gaps(array, measure)
    centre = shapely.centroid(array)
    array = array[np.lexsort((shapely.get_x(centre), np.floor(_band(shapely.get_y(centre), len(array)))))]
    blocks = [
        shapely.union_all(array[start : start + _UNION_BLOCK]) for start in range(0, len(array), _UNION_BLOCK)
    ]
    whole = shapely.get_parts(_polygonal(np.array([shapely.union_all(blocks)], dtype=object)))
    rings = shapely.get_rings(whole[shapely.get_num_interior_rings(whole) > 0], return_index=True)
    inner = np.zeros(len(rings[1]), dtype=bool)
    inner[1:] = rings[1][1:] == rings[1][:-1]
    return _gaps(shapely.polygons(rings[0][inner]), measure)


def narrow_gaps(shapes: Any, width: float, measure: AreaMeasure) -> Gaps:
    """Find gaps between neighbours that do not touch though they are no further apart than a width.

    Parameters
    ----------
    shapes : array of valid polygons
    width : float
        Greatest distance in units of the CRS; distances under a thousandth of it count as touching.
    measure : AreaMeasure

    Returns
    -------
    Gaps
        For each pair the ground between them (closing of the pair by half the width), without what a third shape
        covers.
    """
    array = np.asarray(shapes, dtype=object)
    tree = shapely.STRtree(array)
    found: list[Any] = []
    for start in range(0, len(array), _BLOCK):
        left, right = tree.query(array[start : start + _BLOCK], predicate="dwithin", distance=width)
        left = left + start
        once = left < right
        left, right = left[once], right[once]
        apart = shapely.distance(array[left], array[right]) > width / 1000.0
        found.extend(
            _between(array, tree, *pair, width) for pair in zip(left[apart], right[apart], strict=True)
        )
    pieces = _polygonal(np.array(found, dtype=object)) if found else np.zeros(0, dtype=object)
    parts = shapely.get_parts(pieces)
    return _gaps(parts[shapely.area(parts) > 0], measure)


def _between(array: Any, tree: Any, left: int, right: int, width: float) -> Any:
    """Return the ground between two shapes that lie within ``width`` of each other."""
    near = shapely.intersection(
        shapely.buffer(array[left], 1.5 * width, quad_segs=2),
        shapely.buffer(array[right], 1.5 * width, quad_segs=2),
    )
    pair = shapely.intersection(shapely.union(array[left], array[right]), shapely.buffer(near, 3.0 * width))
    grown = shapely.buffer(pair, 0.51 * width, join_style="mitre", cap_style="flat")
    closed = shapely.buffer(grown, -0.51 * width, join_style="mitre")
    gap = shapely.intersection(shapely.difference(closed, pair), near)
    others = np.setdiff1d(tree.query(gap, predicate="intersects"), [left, right])
    return shapely.difference(gap, shapely.union_all(array[others])) if len(others) else gap


def _band(y: Any, count: int) -> Any:
    """Number horizontal bands so that sorting by band and x keeps neighbours together."""
    low, high = float(np.min(y)), float(np.max(y))
    bands = max(1, int(np.sqrt(count / _UNION_BLOCK)))
    return (y - low) / max(high - low, 1e-300) * bands


def _polygonal(shapes: Any) -> Any:
    """Drop the points and lines of intersections."""
    kind = shapely.get_type_id(shapes)
    mixed = np.flatnonzero(kind == 7)
    for place in mixed:
        parts = shapely.get_parts(shapes[place])
        shapes[place] = shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])
    return shapes


def _gaps(pieces: Any, measure: AreaMeasure) -> Gaps:
    units = measure.units(pieces)
    pieces, units = pieces[units > 0], units[units > 0]
    boxes = shapely.bounds(pieces).reshape(-1, 4)
    order = np.lexsort((units, boxes[:, 1], boxes[:, 0]))
    return Gaps(pieces[order], units[order])
