"""The full overlay of flat layers: every place with the label of each layer it lies in.

All linework is made one graph by snap rounding on a grid of 1 mm (``snap_rounding``), whole edges at once and exactly,
so that the result depends on the layers alone: not on tiles, chunks, workers or the order of rows. What lies where
follows from the edges: on either side of each is known which polygon was there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from landzone.geometry.arrangement import Arrangement, arrange
from landzone.geometry.edge_cells import MOST_EDGES
from landzone.geometry.face_labels import Claims, face_labels
from landzone.geometry.grid_cut import Shapes, as_shapes
from landzone.geometry.linework import (
    Linework,
    Sides,
    cut_sides,
    inside_window,
    joined,
    linework,
    sides_of,
    window_around,
)
from landzone.geometry.snap_rounding import STEPS, snap_round
from landzone.units import IntArray

SNAP_M = 0.001
"""Vertices move by at most half the diagonal of a grid cell of this side: 0.7 mm."""


@dataclass(frozen=True)
class Borders:
    """A graph and what lies on either side of its edges.

    Attributes
    ----------
    points : int64, shape (vertices, 2), in cells of the grid
    tail, head : vertices of each edge
    left, right : number of the place on either side of each edge, -1 outside
    grid : side of the snap grid, m
    """

    points: IntArray
    tail: IntArray
    head: IntArray
    left: IntArray
    right: IntArray
    grid: float

    def grouped(self, group: IntArray) -> Borders:
        """Put other numbers in the place of those on both sides (-1: outside); edges inside a group go."""
        number = np.append(group, -1)
        left, right = number[self.left], number[self.right]
        used = left != right
        return Borders(self.points, self.tail[used], self.head[used], left[used], right[used], self.grid)


def stacked(parts: Sequence[Borders]) -> Borders:
    """Put graphs that have nothing in common beside one another; numbers of places stay."""
    shift = np.cumsum([0, *(len(part.points) for part in parts)])
    return Borders(
        np.concatenate([part.points for part in parts]),
        np.concatenate([part.tail + start for part, start in zip(parts, shift, strict=False)]),
        np.concatenate([part.head + start for part, start in zip(parts, shift, strict=False)]),
        np.concatenate([part.left for part in parts]),
        np.concatenate([part.right for part in parts]),
        parts[0].grid,
    )


@dataclass(frozen=True)
class Faces:
    """Places of an overlay, none overlapping another, as the graph of their borders.

    Attributes
    ----------
    borders : Borders, by the position of each face
    within : position of the polygon of ``within`` each face lies in
    labels : shape (faces, layers); label in each layer, -1 where the layer is absent
    """

    borders: Borders
    within: IntArray
    labels: IntArray

    def only(self, kept: NDArray[np.bool_]) -> Faces:
        """Return the chosen faces."""
        number = np.where(kept, np.cumsum(kept) - 1, -1)
        return Faces(self.borders.grouped(number), self.within[kept], self.labels[kept])


def faces(
    layers: Sequence[tuple[Shapes, IntArray]],
    within: Shapes,
    grid: float = SNAP_M,
    *,
    most_edges: int = MOST_EDGES,
) -> Faces:
    """Overlay layers inside ``within``. Pure; the result does not depend on the order of polygons.

    Parameters
    ----------
    layers : sequence of (polygons, integer label of each polygon)
        Flat layers (see ``flatten``); labels are not negative. Neighbours under one label count as one polygon.
        Where labels of a layer overlap, the lowest counts.
    within : array of polygons
        The ground that is asked about, for instance zones; where they overlap, the first counts.
    grid : float
        Side of the grid, m, on which all vertices and crossings end.
    most_edges : int
        Size of the cells of the index; the result does not depend on it.

    Returns
    -------
    Faces
        Together they are the ground of ``within``, to the snap grid. Slivers are kept.
    """
    ground = as_shapes(within)
    return _overlay(_lines(layers, grid), ground, np.arange(len(ground)), grid, most_edges)


def faces_of_each(
    layers: Sequence[tuple[Shapes, IntArray]], within: Shapes, grid: float = SNAP_M
) -> Iterator[Faces]:
    """Overlay layers inside each polygon of ``within`` alone, so that the places of one depend on no other.

    Parameters as in ``faces``; ``Faces.within`` is the position in ``within``.
    """
    lines, ground = _lines(layers, grid), as_shapes(within)
    for place in range(len(ground)):
        yield _overlay(lines, ground[place : place + 1], np.array([place]), grid, MOST_EDGES)


@dataclass(frozen=True)
class _Lines:
    """Rings of layers; ``claim`` of a ring is label × ``sets`` + place of the layer, the ground being the first."""

    rings: Linework
    sets: int


def _lines(layers: Sequence[tuple[Shapes, IntArray]], grid: float) -> _Lines:
    count = len(layers) + 1
    claimed = [
        (as_shapes(shapes), np.asarray(label, dtype=np.int64) * count + place + 1)
        for place, (shapes, label) in enumerate(layers)
    ]
    return _Lines(linework(claimed, grid), count)


def _overlay(lines: _Lines, ground: Shapes, number: IntArray, grid: float, most_edges: int) -> Faces:
    own = linework([(ground, number * lines.sets)], grid)
    if not len(own.claim):
        none = np.zeros(0, dtype=np.int64)
        labels = np.zeros((0, lines.sets - 1), dtype=np.int64)
        return Faces(Borders(np.zeros((0, 2), np.int64), none, none, none, none, grid), none, labels)
    window = window_around(own)
    sides = sides_of(joined(own, inside_window(lines.rings, window)))
    corner = window[:2] // STEPS * STEPS
    pieces = snap_round(sides.start - corner, sides.stop - corner, most=most_edges)
    points, tail, head, claims = cut_sides(sides, pieces)
    graph = arrange(points, tail, head)
    seen = np.all((points * STEPS >= 0) & (points * STEPS <= window[2:] - corner), axis=1)
    return _inside(graph, claims, seen, lines.sets, corner // STEPS, grid)


def _inside(
    graph: Arrangement, claims: Sides, seen: NDArray[np.bool_], count: int, corner: IntArray, grid: float
) -> Faces:
    """Label the faces inside the ground that is asked about, and leave the others out."""
    layer = claims.claim % count
    own = [
        Claims(claims.edge[layer == one], claims.claim[layer == one] // count, claims.net[layer == one])
        for one in range(count)
    ]
    every = np.ones(graph.faces, dtype=np.bool_)
    every[0] = False
    place = face_labels(graph, own[0], every, np.ones(len(graph.points), dtype=np.bool_))
    asked = place >= 0
    labels = np.full((graph.faces, count - 1), -1, dtype=np.int64)
    for number, one in enumerate(own[1:]):
        labels[:, number] = face_labels(graph, one, asked, seen)
    borders = Borders(graph.points + corner, graph.tail, graph.head, graph.left, graph.right, grid)
    return Faces(borders, place, labels).only(asked)
