"""Snap rounding against its definition, worked out in fractions edge by edge and pixel by pixel."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, pairwise
from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzone.geometry.snap_rounding import LONGEST, STEPS, pixel, snap_round

Point = tuple[int, int]
Edge = tuple[Point, Point]


def cross(o: Point, a: Point, b: Point) -> int:
    return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])


def pixel_of(x: Fraction, y: Fraction) -> Point:
    return floor((x + STEPS // 2) / STEPS), floor((y + STEPS // 2) / STEPS)


def meeting(one: Edge, two: Edge) -> Point | None:
    (a, b), (c, d) = one, two
    if cross(a, b, c) * cross(a, b, d) >= 0 or cross(c, d, a) * cross(c, d, b) >= 0:
        return None
    bottom = (b[0] - a[0]) * (d[1] - c[1]) - (b[1] - a[1]) * (d[0] - c[0])
    share = Fraction((c[0] - a[0]) * (d[1] - c[1]) - (c[1] - a[1]) * (d[0] - c[0]), bottom)
    return pixel_of(a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))


def passes(edge: Edge, centre: Point) -> bool:
    """Clip the edge to the half-open pixel; every bound is (share of the edge, whether it is left out)."""
    low, high = (Fraction(0), False), (Fraction(1), False)
    for axis in (0, 1):
        start, reach = edge[0][axis], edge[1][axis] - edge[0][axis]
        near = centre[axis] * STEPS - STEPS // 2
        if reach == 0:
            if not near <= start < near + STEPS:
                return False
            continue
        enters, leaves = (Fraction(near - start, reach), False), (Fraction(near + STEPS - start, reach), True)
        if reach < 0:
            enters, leaves = leaves, enters
        low = max(low, enters)
        high = min(high, leaves, key=lambda bound: (bound[0], not bound[1]))
    return low[0] < high[0] or (low[0] == high[0] and not low[1] and not high[1])


def by_definition(edges: list[Edge]) -> set[tuple[int, Point, Point]]:
    hot = {pixel_of(Fraction(x), Fraction(y)) for edge in edges for x, y in edge}
    hot |= {place for one, two in combinations(edges, 2) if (place := meeting(one, two))}
    found = set()
    for number, edge in enumerate(edges):
        sign = [int(np.sign(edge[1][axis] - edge[0][axis])) for axis in (0, 1)]
        chain = sorted(
            (place for place in hot if passes(edge, place)), key=lambda p: (sign[0] * p[0], sign[1] * p[1])
        )
        found |= {(number, *pair) for pair in pairwise(chain)}
    return found


def computed(edges: list[Edge], most: int = 12) -> set[tuple[int, Point, Point]]:
    ends = np.array(edges, dtype=np.int64)
    found = snap_round(ends[:, 0], ends[:, 1], most=most)
    rows = np.column_stack([found.edge, found.tail, found.head]).tolist()
    return {(edge, (a, b), (c, d)) for edge, a, b, c, d in rows}


def edges_of(step: int, reach: int) -> st.SearchStrategy[list[Edge]]:
    point = st.tuples(st.integers(0, reach), st.integers(0, reach)).map(lambda p: (p[0] * step, p[1] * step))
    edge = st.tuples(point, point).filter(lambda e: e[0] < e[1])
    return st.lists(edge, min_size=1, max_size=12, unique=True)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(
    st.sampled_from([(1, 4 * STEPS), (STEPS // 4, 40), (STEPS // 2, 20), (STEPS, 12)]).flatmap(
        lambda kind: edges_of(*kind)
    ),
    st.sampled_from([2, 12]),
)
def test_the_graph_is_the_one_of_the_definition(edges: list[Edge], most: int) -> None:
    assert computed(edges, most) == by_definition(edges)


def test_edges_of_a_hundred_kilometres_are_exact_too() -> None:
    """1e8 cells of 1,024 steps: products past 64 bits."""
    rng = np.random.default_rng(4)
    ends = rng.integers(0, 10**8 * STEPS, (40, 2, 2))
    steep = np.stack([ends[:, 0], ends[:, 0] + rng.integers(-2000, 2000, (40, 2))], axis=1)
    long = [(tuple(a), tuple(b)) for a, b in ends.tolist()]
    near = [((0, k), (10**8 * STEPS, 7 * STEPS - 5 * k)) for k in range(6)]
    edges = [*long, *near, *((tuple(a), tuple(b)) for a, b in steep.tolist())]
    assert computed(edges) == by_definition(edges)


def test_no_order_of_edges_matters() -> None:
    rng = np.random.default_rng(2)
    start, stop = rng.integers(0, 3000 * STEPS, (2, 200, 2))
    shift = np.array([7_000 * STEPS, -(10**9) * STEPS])

    def chains(order: np.ndarray, most: int, moved: np.ndarray) -> list[list[int]]:
        found = snap_round(start[order] + moved, stop[order] + moved, most=most)
        rows = np.column_stack([order[found.edge], found.tail - moved // STEPS, found.head - moved // STEPS])
        return rows[np.lexsort(rows.T)].tolist()

    plain = chains(np.arange(200), 12, np.zeros(2, np.int64))
    assert len(plain) > 3_000
    for most in (1, 7, 64, 10**9):
        assert chains(rng.permutation(200), most, shift) == plain


def test_nothing_crosses_afterwards() -> None:
    rng = np.random.default_rng(3)
    start, stop = rng.integers(0, 60 * STEPS, (2, 40, 2))
    found = snap_round(start, stop)
    chain = {
        ((int(a[0]), int(a[1])), (int(b[0]), int(b[1]))) for a, b in zip(found.tail, found.head, strict=True)
    }
    for (a, b), (c, d) in combinations(chain, 2):
        assert not (cross(a, b, c) * cross(a, b, d) < 0 and cross(c, d, a) * cross(c, d, b) < 0)
        for p in (c, d):
            inside = min(a, b) < p < max(a, b)
            assert not (cross(a, b, p) == 0 and inside)


def test_points_belong_to_the_pixel_to_their_right_and_above() -> None:
    half = STEPS // 2
    assert pixel(np.array([-half - 1, -half, half - 1, half])).tolist() == [-1, 0, 0, 1]


def test_nothing_to_round_and_edges_past_all_measure() -> None:
    none = np.zeros((0, 2), dtype=np.int64)
    assert len(snap_round(none, none).edge) == 0
    with pytest.raises(ValueError, match="too long"):
        snap_round(np.array([[0, 0]]), np.array([[LONGEST + 1, 0]]))
