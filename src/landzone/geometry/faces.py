"""The full overlay of flat layers: every place with the polygon of each layer it lies in.

All linework is noded together by snap rounding on a grid of 1 mm, tile by tile on a grid of the CRS so that
memory stays bounded; tile lines are part of the result's ``seams`` until ``dissolve_connected`` removes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.geometry.grid_cut import Shapes, as_shapes, cell_range, clip, spread
from landzone.units import FloatArray, IntArray

SNAP_M = 0.001
"""Vertices move by at most half the diagonal of a grid cell of this side: 0.7 mm."""

TILE_M = 16_384.0
"""Side of the largest tile; a power of two, corners at whole multiples of it."""

TILE_VERTICES = 20_000
"""A tile with more vertices is quartered."""

SMALLEST_TILE_M = 16.0


@dataclass(frozen=True)
class Faces:
    """Places of an overlay, none overlapping another.

    Attributes
    ----------
    shapes : polygons with coordinates on the snap grid
    within : position of the polygon of ``within`` each lies in
    labels : shape (faces, layers); label in each layer, -1 where the layer is absent
    seams_x, seams_y : tile lines that cut faces
    grid : side of the snap grid, m
    """

    shapes: Shapes
    within: IntArray
    labels: IntArray
    seams_x: FloatArray
    seams_y: FloatArray
    grid: float

    def only(self, kept: NDArray[np.bool_]) -> Faces:
        """Return the chosen faces."""
        return replace(self, shapes=self.shapes[kept], within=self.within[kept], labels=self.labels[kept])


@dataclass(frozen=True)
class _Tile:
    x: int
    y: int
    size: float
    sets: tuple[Shapes, ...]
    owners: tuple[IntArray, ...]


def faces(
    layers: Sequence[tuple[Shapes, IntArray]],
    within: Shapes,
    grid: float = SNAP_M,
    *,
    tile_m: float = TILE_M,
    tile_vertices: int = TILE_VERTICES,
    threads: int = 1,
) -> Faces:
    """Overlay flat layers inside ``within``.

    Parameters
    ----------
    layers : sequence of (polygons, integer label of each polygon)
        Flat layers (see ``flatten``); labels are not negative.
    within : array of polygons
        The ground that is asked about, for instance zones; they do not overlap.
    grid : float
        Side of the grid, m, on which all vertices and crossings end.
    tile_m, tile_vertices, threads
        How the work is cut up; whatever is chosen, the same places with the same labels come out.

    Returns
    -------
    Faces
        Together they are the ground of ``within``, to the snap grid. Slivers are kept.
    """
    sets = [as_shapes(within), *[as_shapes(shapes) for shapes, _ in layers]]
    tiles = _tiles(sets, tile_m, tile_vertices)
    if threads > 1:
        with ThreadPoolExecutor(threads) as pool:
            done = list(pool.map(lambda tile: _overlay(tile, grid), tiles))
    else:
        done = [_overlay(tile, grid) for tile in tiles]
    if not done:
        empty = np.zeros((0, len(layers)), dtype=np.int64)
        return Faces(
            np.zeros(0, dtype=object), empty[:, :0].sum(axis=1), empty, np.zeros(0), np.zeros(0), grid
        )
    place = np.concatenate([owners for _, owners, _ in done])
    labels = np.full((len(place), len(layers)), -1, dtype=np.int64)
    for column, (_, label) in enumerate(layers):
        here = place[:, column + 1] >= 0
        labels[here, column] = np.asarray(label, dtype=np.int64)[place[here, column + 1]]
    edges = np.concatenate([box for _, _, box in done])
    return Faces(
        np.concatenate([cells for cells, _, _ in done]),
        place[:, 0],
        labels,
        np.unique(edges[:, [0, 2]]),
        np.unique(edges[:, [1, 3]]),
        grid,
    )


def _tiles(sets: Sequence[Shapes], size: float, most: int) -> Iterator[_Tile]:
    """Walk over the tiles that hold some of the first set, quartered where they are full."""
    if not len(sets[0]):
        return
    ranges = cell_range(shapely.bounds(sets[0]), size)
    _, xs, ys = spread(*ranges)
    trees = [shapely.STRtree(shapes) for shapes in sets]
    for x, y in np.unique(np.stack([xs, ys], axis=1), axis=0):
        box = shapely.box(x * size, y * size, (x + 1) * size, (y + 1) * size)
        owners = [np.sort(tree.query(box)).astype(np.int64) for tree in trees]
        root = _Tile(
            int(x), int(y), size, tuple(s[o] for s, o in zip(sets, owners, strict=True)), tuple(owners)
        )
        yield from _quartered(root, most)


def _quartered(tile: _Tile, most: int) -> Iterator[_Tile]:
    parts, owners = [], []
    for shapes, owner in zip(tile.sets, tile.owners, strict=True):
        cells = np.full(len(shapes), tile.x), np.full(len(shapes), tile.y)
        inside = clip(shapes, *cells, tile.size)
        kept = shapely.area(inside) > 0
        parts.append(inside[kept])
        owners.append(owner[kept])
    if not len(parts[0]):
        return
    for place in range(1, len(parts)):
        near = np.unique(shapely.STRtree(parts[place]).query(parts[0], predicate="intersects")[1])
        parts[place], owners[place] = parts[place][near], owners[place][near]
    own = _Tile(tile.x, tile.y, tile.size, tuple(parts), tuple(owners))
    vertices = sum(int(shapely.get_num_coordinates(shapes).sum()) for shapes in parts)
    if vertices <= most or tile.size <= SMALLEST_TILE_M:
        yield own
        return
    for x in (2 * tile.x, 2 * tile.x + 1):
        for y in (2 * tile.y, 2 * tile.y + 1):
            yield from _quartered(_Tile(x, y, tile.size / 2, own.sets, own.owners), most)


def _edges(shapes: Shapes, grid: float) -> Shapes:
    """Return every edge on the snap grid once, sorted, so that no order of rows can matter."""
    scale = round(1 / grid)
    points, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(shapes)), return_index=True)
    steps = np.rint(points * scale).astype(np.int64)
    inner = ring[1:] == ring[:-1]
    start, stop = steps[:-1][inner], steps[1:][inner]
    swap = (start[:, 0] > stop[:, 0]) | ((start[:, 0] == stop[:, 0]) & (start[:, 1] > stop[:, 1]))
    ends = np.where(swap[:, None], np.hstack([stop, start]), np.hstack([start, stop]))
    ends = ends[np.any(ends[:, :2] != ends[:, 2:], axis=1)]
    ends = ends[np.lexsort(ends.T[::-1])]
    first = np.ones(len(ends), dtype=np.bool_)
    first[1:] = np.any(ends[1:] != ends[:-1], axis=1)
    return np.asarray(shapely.linestrings((ends[first] / scale).reshape(-1, 2, 2)), dtype=object)


def _overlay(tile: _Tile, grid: float) -> tuple[Shapes, IntArray, FloatArray]:
    """Node and polygonize one tile; return its faces, the polygon of each set they lie in, and its corners."""
    noded = shapely.union_all(_edges(np.concatenate(tile.sets), grid), grid_size=grid)
    cells = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    points = shapely.point_on_surface(cells)
    tree = shapely.STRtree(points)
    places = np.full((len(cells), len(tile.sets)), -1, dtype=np.int64)
    for column, (shapes, owners) in enumerate(zip(tile.sets, tile.owners, strict=True)):
        shape, point = tree.query(shapes, predicate="intersects")
        lowest = np.full(len(cells), np.iinfo(np.int64).max)
        np.minimum.at(lowest, point, owners[shape])
        found = lowest < np.iinfo(np.int64).max
        places[found, column] = lowest[found]
    kept = places[:, 0] >= 0
    corner = np.array([[tile.x, tile.y, tile.x + 1, tile.y + 1]], dtype=np.float64) * tile.size
    return cells[kept], places[kept], corner
