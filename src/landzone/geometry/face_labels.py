"""What every layer says of every face, from the edges of its polygons alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from landzone.geometry.arrangement import Arrangement
from landzone.geometry.clusters import connected
from landzone.units import IntArray

_UNSEEN = -2

Clashes = set[tuple[int, int]]


@dataclass(frozen=True)
class Claims:
    """Edges of one layer: on ``edge`` the winding of ``label`` is ``net`` (not 0) higher on the left."""

    edge: IntArray
    label: IntArray
    net: IntArray


def face_labels(
    graph: Arrangement, claims: Claims, asked: NDArray[np.bool_], seen: NDArray[np.bool_]
) -> IntArray:
    """Tell which label of one layer each face lies in, -1 outside; the lowest where labels overlap.

    Faces that no edge of the layer parts are one region, and any of its edges says what the region is. Where two edges
    of a region differ, their labels overlap: those are looked at in separate turns, until no two of one turn do.

    Parameters
    ----------
    graph : Arrangement
    claims : edges of the layer
    asked : faces in question; the answer for others may be wrong
    seen : vertices around which all of the layer is known; edges elsewhere are no evidence
    """
    names, code = np.unique(claims.label, return_inverse=True)
    coded = Claims(claims.edge, code.astype(np.int64), claims.net)
    turn = np.zeros(len(names), dtype=np.int64)
    clashes: Clashes = set()
    while True:
        found = np.full(graph.faces, len(names), dtype=np.int64)
        known = len(clashes)
        for number in range(int(turn.max(initial=0)) + 1):
            mine = turn[code] == number
            own = Claims(coded.edge[mine], coded.label[mine], coded.net[mine])
            state, pairs = _regions(graph, own, asked, seen)
            found = np.where(state >= 0, np.minimum(found, state), found)
            clashes |= pairs
        if len(clashes) == known:
            return np.append(names, -1)[found].astype(np.int64)
        turn = _turns(len(names), clashes)


def _regions(
    graph: Arrangement, claims: Claims, asked: NDArray[np.bool_], seen: NDArray[np.bool_]
) -> tuple[IntArray, Clashes]:
    """Return the code of each face, -1 where there is none, and the pairs of codes that overlap."""
    own = np.zeros(len(graph.tail), dtype=np.bool_)
    own[claims.edge] = True
    region = connected(graph.faces, graph.left[~own], graph.right[~own])
    says = np.full((2, len(graph.tail)), -1, dtype=np.int64)
    clashes: Clashes = set()
    for place, positive in enumerate((claims.net > 0, claims.net < 0)):
        edge, code = claims.edge[positive], claims.label[positive]
        says[place, edge] = code
        clashes |= _pairs(says[place, edge], code)
    used = np.flatnonzero(own & (seen[graph.tail] | seen[graph.head]))
    state = np.full(graph.faces, _UNSEEN, dtype=np.int64)
    sides = (region[graph.left[used]], region[graph.right[used]])
    for place in (0, 1):
        np.maximum.at(state, sides[place], says[place, used])
    for place in (0, 1):
        told, settled, beyond = says[place, used], state[sides[place]], says[1 - place, used]
        differ = told != settled
        clashes |= _pairs(np.where(told >= 0, told, beyond)[differ], settled[differ])
    state[0] = max(int(state[0]), -1)
    for number in np.unique(region[asked & (state[region] == _UNSEEN)]):
        state[number] = _enclosing(graph, claims, int(np.argmax(asked & (region == number))))
    return state[region], clashes


def _enclosing(graph: Arrangement, claims: Claims, face: int) -> int:
    """Return the lowest code around a face that no seen edge of the layer bounds, -1 for none: by a ray downwards."""
    bound = np.argmax((graph.left == face) | (graph.right == face))
    x, y = graph.points[graph.tail[bound]]
    tail, head = graph.points[graph.tail[claims.edge]], graph.points[graph.head[claims.edge]]
    forward = tail[:, 0] < head[:, 0]
    low, high = np.where(forward[:, None], tail, head), np.where(forward[:, None], head, tail)
    run, rise = (high - low).T
    below = (low[:, 0] < x) & (high[:, 0] >= x) & ((low[:, 1] - y) * run + rise * (x - low[:, 0]) < 0)
    higher = np.where(forward, claims.net, -claims.net)[below]
    winding = np.bincount(claims.label[below], weights=higher, minlength=1)
    return int(np.argmax(winding > 0)) if (winding > 0).any() else -1


def _pairs(one: IntArray, two: IntArray) -> Clashes:
    differ = (one != two) & (one >= 0) & (two >= 0)
    low, high = np.minimum(one, two)[differ], np.maximum(one, two)[differ]
    return set(zip(low.tolist(), high.tolist(), strict=True))


def _turns(count: int, clashes: Clashes) -> IntArray:
    """Part codes into as few turns as a greedy choice finds, no two that clash in one."""
    turn = np.zeros(count, dtype=np.int64)
    lower: dict[int, list[int]] = {}
    for low, high in clashes:
        lower.setdefault(high, []).append(low)
    for high in sorted(lower):
        taken = {int(turn[low]) for low in lower[high]}
        turn[high] = next(number for number in range(count) if number not in taken)
    return turn
