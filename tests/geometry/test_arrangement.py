"""Faces of drawn graphs, and cycles of permutations."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from landzone.geometry.arrangement import Arrangement, arrange, rotation
from landzone.geometry.cycles import cycles


def drawn(*rings: list[tuple[int, int]]) -> Arrangement:
    """Arrange closed rings that share no edges."""
    edges = [(a, b) for ring in rings for a, b in zip(ring, ring[1:] + ring[:1], strict=True)]
    points = np.array(sorted({p for edge in edges for p in edge}), dtype=np.int64)
    number = {tuple(p): place for place, p in enumerate(points.tolist())}
    tail, head = (np.array([number[edge[end]] for edge in edges]) for end in (0, 1))
    return arrange(points, tail, head)


def square(x: int, y: int, side: int) -> list[tuple[int, int]]:
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]


def test_a_ring_parts_inside_from_outside() -> None:
    found = drawn(square(0, 0, 10))
    assert found.faces == 2
    assert set(found.right.tolist()) == {0}
    assert set(found.left.tolist()) == {1}


def test_rings_in_rings_and_beside_rings() -> None:
    """A square with two squares in it, one of which holds a third, and a square of the same height beside all."""
    found = drawn(
        square(0, 0, 100), square(10, 10, 20), square(50, 10, 40), square(60, 20, 10), square(200, 10, 5)
    )
    left, right = found.left.reshape(5, 4), found.right.reshape(5, 4)
    assert (left == left[:, :1]).all()
    assert (right == right[:, :1]).all()
    outer, small, large, inner, beside = left[:, 0]
    assert right[:, 0].tolist() == [0, outer, outer, large, 0]
    assert len({0, outer, small, large, inner, beside}) == found.faces == 6


def test_rings_that_meet_in_points() -> None:
    """Two squares that touch at a corner, and a diamond that touches a square from inside."""
    first = [*square(0, 0, 10), (0, 5)]
    found = drawn(first, square(10, 10, 10), [(0, 5), (3, 2), (6, 5), (3, 8)])
    assert found.faces == 4
    assert found.right.tolist() == [0] * 9 + [int(found.left[0])] * 4
    assert [len(set(found.left[part].tolist())) for part in (slice(0, 5), slice(5, 9), slice(9, 13))] == [
        1
    ] * 3


def test_a_thousand_islands() -> None:
    at = np.arange(1000)
    found = drawn(square(-5, -5, 400), *(square(3 + 12 * int(k % 32), 3 + 12 * int(k // 32), 7) for k in at))
    assert found.faces == 1002
    assert set(found.right[4:].tolist()) == {int(found.left[0])}


def test_a_ray_between_edges_closer_than_floating_point_tells() -> None:
    """Two edges from one vertex, one cell apart after ten kilometres; an island stands over both near the vertex."""
    wedge = [(0, 0), (10_000_000, 3), (10_000_000, 4)]
    island = square(1, 1, 2)
    below = [(0, 0), (20, -5_000_000), (10_000_000, 3)]
    edges = [*zip(wedge, wedge[1:] + wedge[:1], strict=True), *pairwise(below)]
    edges += list(zip(island, island[1:] + island[:1], strict=True))
    points = np.array(sorted({p for edge in edges for p in edge}))
    number = {tuple(p): place for place, p in enumerate(points.tolist())}
    found = arrange(points, *(np.array([number[edge[end]] for edge in edges]) for end in (0, 1)))
    assert set(found.right[-4:].tolist()) == {0}
    assert found.faces == 4


def test_directions_are_sorted_exactly() -> None:
    """Directions that agree to sixteen digits: (n, n - 1) and (n + 1, n) differ by a cross product of 1."""
    n = 500_000_000
    ways = [(n, n - 1), (n + 1, n), (-n, 1 - n), (-n - 1, -n), (1, 0), (-1, 0), (0, 1), (0, -1)]
    points = np.array([(0, 0), *ways])
    tail, head = np.zeros(8, dtype=np.int64), np.arange(1, 9)
    origin = np.concatenate([tail, head[::-1]])
    order = rotation(points, origin, np.arange(8))
    assert order.tolist() == [2, 3, 7, 4, 0, 1, 6, 5] or order.tolist() == [3, 2, 7, 4, 0, 1, 6, 5]
    a, b = (ways[place] for place in order[:2])
    assert a[0] * b[1] - a[1] * b[0] > 0


def test_an_empty_graph_has_one_face() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert arrange(np.zeros((0, 2), np.int64), none, none).faces == 1


@pytest.mark.parametrize("count", [1, 2, 9, 500])
def test_cycles_of_permutations_one_step_at_a_time(count: int) -> None:
    following = np.random.default_rng(count).permutation(count)
    leader, place = cycles(following)
    for start in range(count):
        walked, here = [start], int(following[start])
        while here != start:
            walked.append(here)
            here = int(following[here])
        assert leader[start] == min(walked)
        assert walked[-int(place[start]) % len(walked)] == min(walked)
