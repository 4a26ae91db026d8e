"""The faces of a graph drawn in the plane: which lies left and which right of every edge.

A half-edge is an edge in one of its directions: ``h < edges`` runs from tail to head, ``2 · edges - 1 - h`` the other
way. Walking along half-edges with one face always to the left gives the closed walks of that face; a face with holes
has several, which a ray from the leftmost vertex of every separate part of the graph brings together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cmp_to_key, partial

import numpy as np

from landzone.geometry.clusters import connected
from landzone.geometry.cycles import cycles
from landzone.geometry.edge_cells import uniform_cells
from landzone.geometry.edge_index import ranges
from landzone.units import FloatArray, IntArray


@dataclass(frozen=True)
class Arrangement:
    """A graph whose edges meet in its vertices alone, and its faces.

    Attributes
    ----------
    points : int64, shape (vertices, 2), sorted by x, then y
    tail, head : vertices of each edge
    left, right : face on either side of each edge; face 0 is the unbounded one
    faces : how many there are
    """

    points: IntArray
    tail: IntArray
    head: IntArray
    left: IntArray
    right: IntArray
    faces: int


def arrange(points: IntArray, tail: IntArray, head: IntArray) -> Arrangement:
    """Find the faces of a graph; every edge once, no edge of no length."""
    origin = np.concatenate([tail, head[::-1]])
    walk, _ = cycles(_following(points, origin))
    leaders, walk = np.unique(walk, return_inverse=True)
    count = len(leaders)
    part = connected(count, walk[: len(tail)], walk[::-1][: len(tail)])
    outer, lowest = _outer_walks(points, origin, walk, part)
    above = _above_below(points, tail, head, lowest)
    around = np.where(above >= 0, walk[above] + 1, 0) if len(tail) else above
    face = connected(count + 1, outer + 1, around)
    number = np.unique(face, return_inverse=True)[1].astype(np.int64)
    sides = number[walk + 1]
    return Arrangement(
        points, tail, head, sides[: len(tail)], sides[::-1][: len(tail)], int(number.max(initial=0)) + 1
    )


def _following(points: IntArray, origin: IntArray) -> IntArray:
    """Return for each half-edge the one after it with the same face to its left: the next clockwise from its twin."""
    count = len(origin)
    order = np.argsort(origin, kind="stable")
    first = np.flatnonzero(np.r_[True, origin[order][1:] != origin[order][:-1]]) if count else order
    many = np.diff(np.r_[first, count])
    crowded = np.repeat(many > 2, many)
    order[crowded] = rotation(points, origin, order[crowded])
    before = np.arange(count) - 1
    before[first] = first + many - 1
    following = np.empty(count, dtype=np.int64)
    following[count - 1 - order] = order[before]
    return following


def rotation(points: IntArray, origin: IntArray, chosen: IntArray) -> IntArray:
    """Sort half-edges by their vertex, then counterclockwise from the direction of -x; exact."""
    way = points[origin[len(origin) - 1 - chosen]] - points[origin[chosen]]
    angle = np.arctan2(way[:, 1].astype(np.float64), way[:, 0].astype(np.float64))
    order = np.lexsort((angle, origin[chosen]))
    ranked, way, angle = chosen[order], way[order], angle[order]
    close = np.flatnonzero((origin[ranked][1:] == origin[ranked][:-1]) & (np.diff(angle) < 1e-9))
    wrong = way[close, 0] * way[close + 1, 1] - way[close, 1] * way[close + 1, 0] <= 0
    for vertex in np.unique(origin[ranked[close[wrong]]]):
        own = np.flatnonzero(origin[ranked] == vertex)
        ranked[own] = ranked[own[_exactly(way[own])]]
    return ranked


def _exactly(way: IntArray) -> IntArray:
    """Sort directions counterclockwise from -x (left out) to -x (taken in)."""
    ways = [tuple(map(int, one)) for one in way]

    def sector(one: tuple[int, ...]) -> int:
        return (0 if one[1] < 0 else 2) if one[1] else (1 if one[0] > 0 else 3)

    def compare(a: int, b: int) -> int:
        p, q = ways[a], ways[b]
        if sector(p) != sector(q):
            return sector(p) - sector(q)
        turn = p[0] * q[1] - p[1] * q[0]
        return -1 if turn > 0 else int(turn < 0)

    return np.array(sorted(range(len(ways)), key=cmp_to_key(compare)), dtype=np.int64)


def _outer_walks(
    points: IntArray, origin: IntArray, walk: IntArray, part: IntArray
) -> tuple[IntArray, IntArray]:
    """Return for each separate part of the graph its outer walk and its leftmost vertex (the lower of two)."""
    own = part[walk]
    leftmost = np.full(len(part), len(points), dtype=np.int64)
    np.minimum.at(leftmost, own, origin)
    there = np.flatnonzero(leftmost[own] == origin)
    ranked = rotation(points, origin, there)
    last = np.flatnonzero(np.r_[origin[ranked][1:] != origin[ranked][:-1], True]) if len(ranked) else ranked
    return walk[ranked[last]], origin[ranked[last]]


def _above_below(points: IntArray, tail: IntArray, head: IntArray, asked: IntArray) -> IntArray:
    """Return for each vertex the half-edge below it that has the place just left of the vertex to its left, else -1.

    Vertices are the leftmost ones of their parts, so no edge of their own part lies there.
    """
    found = np.full(len(asked), -1, dtype=np.int64)
    if len(asked) < 2:
        return found
    forward = points[tail, 0] < points[head, 0]
    steep = points[tail, 0] == points[head, 0]
    half = np.where(forward, np.arange(len(tail)), 2 * len(tail) - 1 - np.arange(len(tail)))[~steep]
    low = points[np.where(forward, tail, head)][~steep]
    high = points[np.where(forward, head, tail)][~steep]
    base = points.min(axis=0)
    ends = np.stack([*(low - base).T, *(high - base).T]).astype(np.float64)
    size = 1 << int(np.ceil(np.log2(max(float(np.sqrt(np.prod(np.ptp(points, axis=0) + 1.0) / len(half))),
                                        float(np.abs(ends[2] - ends[0]).mean()), 4.0))))  # fmt: skip
    edge, column, row = uniform_cells(ends, size, 1.0)
    key = (column << 31) + row + 1
    order = np.argsort(key, kind="stable")
    edge, key = edge[order], key[order]
    cells, first = np.unique(key, return_index=True)
    stops = np.r_[first[1:], len(key)]
    at = points[asked]
    place = (at - base) // size
    bottom = place[:, 0] << 31
    goal = bottom + place[:, 1] + 1
    waiting = np.arange(len(asked))
    while len(waiting):
        cell = np.searchsorted(cells, goal[waiting], side="right") - 1
        there = (cell >= 0) & (cells[np.maximum(cell, 0)] >= bottom[waiting])
        waiting, cell = waiting[there], cell[there]
        owner, entry = ranges(first[cell], stops[cell])
        best, height = _highest_below(at[waiting], low, high, owner, edge[entry])
        floor = ((cells[cell] - bottom[waiting] - 1) * size + base[1]).astype(np.float64)
        done = (best >= 0) & (height >= floor - at[waiting, 1])
        found[waiting[done]] = half[best[done]]
        goal[waiting] = cells[cell] - 1
        waiting = waiting[~done]
    return found


def _highest_below(
    at: IntArray, low: IntArray, high: IntArray, owner: IntArray, edge: IntArray
) -> tuple[IntArray, FloatArray]:
    """Return for each place the highest edge strictly below it (-1: none) and its height over the place."""
    x, y = at[owner].T
    across = (low[edge, 0] < x) & (high[edge, 0] >= x)
    owner, edge, x, y = owner[across], edge[across], x[across], y[across]
    run, rise = (high[edge] - low[edge]).T
    over = (low[edge, 1] - y) * run + rise * (x - low[edge, 0])
    below = over < 0
    owner, edge, run, over, rise = owner[below], edge[below], run[below], over[below], rise[below]
    height = over / run
    best = np.full(len(at), -1, dtype=np.int64)
    top = np.full(len(at), -np.inf)
    np.maximum.at(top, owner, height)
    near = np.flatnonzero(height >= top[owner] - 1e-6 - 1e-12 * np.abs(top[owner]))
    best[owner[near]] = near
    tied = np.flatnonzero(np.bincount(owner[near], minlength=len(at)) > 1)
    for place in tied:
        rows = near[owner[near] == place]
        best[place] = max(rows, key=cmp_to_key(partial(_higher, over, run, rise)))
    best[best >= 0] = edge[best[best >= 0]]
    return best, top


def _higher(over: IntArray, run: IntArray, rise: IntArray, a: int, b: int) -> int:
    """Compare two edges just left of a place: by height, then the one that falls more towards the place is higher."""
    gap = int(over[a]) * int(run[b]) - int(over[b]) * int(run[a])
    return gap or int(rise[b]) * int(run[a]) - int(rise[a]) * int(run[b])
