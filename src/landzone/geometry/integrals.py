"""Closed integrals over the edges of rings: the mathematics under ``landzone.geometry.area``."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.polynomial import chebyshev

from landzone.geometry.projection import TransverseMercator
from landzone.geometry.rings import Rings
from landzone.units import FloatArray, IntArray

TM_EDGE_M = 50_000.0
PLANE_EDGE_M = 500.0
_DEGREE_EDGE = 0.01  # radians
"""Longest edges that one set of nodes is exact for; longer ones are split evenly."""

_MOST_PIECES = 4_096

_GAUSS = 0.5 / np.sqrt(3.0)

EdgeIntegral = Callable[[FloatArray, FloatArray, FloatArray, FloatArray], FloatArray]


def plane_area(xy: FloatArray, starts: IntArray) -> FloatArray:
    """Signed shoelace area of each ring, counter-clockwise positive, about the ring's own lower left corner."""
    lengths = np.diff(starts)
    x, y = np.array(xy.T, order="C")
    x -= np.repeat(np.minimum.reduceat(x, starts[:-1]), lengths)
    y -= np.repeat(np.minimum.reduceat(y, starts[:-1]), lengths)
    cross = np.empty(len(x))
    cross[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    cross[starts[1:] - 1] = 0.0
    area: FloatArray = 0.5 * np.add.reduceat(cross, starts[:-1])
    return area


def closed(xy: FloatArray, starts: IntArray, longest: float, integral: EdgeIntegral) -> FloatArray:
    """Sum an edge integral over the edges of each ring, edges longer than ``longest`` in even pieces."""
    x, y = np.ascontiguousarray(xy.T)
    x0, y0, dx, dy = x[:-1], y[:-1], np.diff(x), np.diff(y)
    join = starts[1:-1] - 1  # from the last vertex of a ring to the first of the next: no edge
    dx[join] = 0.0
    dy[join] = 0.0
    long = np.maximum(np.abs(dx), np.abs(dy)) > longest
    value = np.empty(len(xy))
    value[-1] = 0.0
    value[:-1] = integral(x0, y0, dx, dy)
    value[join] = 0.0
    for edge in np.flatnonzero(long & np.isfinite(dx) & np.isfinite(dy)):
        pieces = int(np.ceil(min(max(abs(dx[edge]), abs(dy[edge])) / longest, _MOST_PIECES)))
        t = np.arange(pieces) / pieces
        step_x, step_y = np.full(pieces, dx[edge] / pieces), np.full(pieces, dy[edge] / pieces)
        value[edge] = integral(x0[edge] + t * dx[edge], y0[edge] + t * dy[edge], step_x, step_y).sum()
    total: FloatArray = np.add.reduceat(value, starts[:-1])
    return total


@lru_cache(maxsize=64)
def scale_series(tm: TransverseMercator) -> EdgeIntegral:
    """Return the integral of G dy over edges (two Gauss nodes) for one projection."""
    phi = np.linspace(0.0, np.pi / 2, 65)
    ep2 = tm.es / (1.0 - tm.es)
    w = 1.0 - tm.es * np.sin(phi) ** 2
    gauss = tm.a**2 * (1.0 - tm.es) / w**2  # rho * nu
    psi = w / (1.0 - tm.es)
    q = 4.0 * psi - 3.0 - 24.0 * ep2**2 * np.sin(phi) ** 2 * np.cos(phi) ** 2 / psi
    arc, length = _meridian(tm.a, tm.es)
    rate = np.pi / 2 / length  # rectifying latitude per metre
    turn = np.cos(2.0 * rate * arc(phi))
    c1 = _polynomial(turn, 1.0 / (3.0 * gauss), 4)
    c2 = _polynomial(turn, (0.75 - q / 12.0) / (5.0 * gauss**2), 2)
    c3 = _polynomial(turn, (1.0 / 360.0 - q / 8.0 + 0.5) / (7.0 * gauss**3), 1)
    c4 = float(np.mean(62.0 / 315.0 / (9.0 * gauss**4)))
    origin = 2.0 * rate * float(arc(np.array([tm.lat0]))[0])

    def inner(x: FloatArray, y: FloatArray) -> FloatArray:
        c = np.cos(2.0 * rate * y + origin)
        x2 = x * x
        first = (((c1[4] * c + c1[3]) * c + c1[2]) * c + c1[1]) * c + c1[0]
        second = (c2[2] * c + c2[1]) * c + c2[0]
        third = c3[1] * c + c3[0]
        value: FloatArray = x * x2 * (first - x2 * (second - x2 * (third - x2 * c4)))
        return value

    def over_edge(x0: FloatArray, y0: FloatArray, dx: FloatArray, dy: FloatArray) -> FloatArray:
        xm, ym = x0 + 0.5 * dx, y0 + 0.5 * dy
        total = inner(xm - _GAUSS * dx, ym - _GAUSS * dy)
        total += inner(xm + _GAUSS * dx, ym + _GAUSS * dy)
        total *= 0.5 * dy
        return total

    return over_edge


def _meridian(a: float, es: float) -> tuple[Callable[[FloatArray], FloatArray], float]:
    """Return the meridian arc from the equator as a function of latitude, and the quarter meridian (m)."""
    nodes, weights = np.polynomial.legendre.leggauss(24)

    def arc(phi: FloatArray) -> FloatArray:
        t = 0.5 * phi[:, None] * (nodes + 1.0)
        total: FloatArray = a * (1.0 - es) * 0.5 * phi * ((1.0 - es * np.sin(t) ** 2) ** -1.5 @ weights)
        return total

    return arc, float(arc(np.array([np.pi / 2]))[0])


def _polynomial(x: FloatArray, y: FloatArray, degree: int) -> tuple[float, ...]:
    """Fit a polynomial on [-1, 1] and return its coefficients from the lowest power up."""
    return tuple(float(c) for c in chebyshev.cheb2poly(chebyshev.chebfit(x, y, degree)))


def geographic_area(lonlat: FloatArray, starts: IntArray, a: float, es: float) -> FloatArray:
    """Signed area of rings whose edges are straight in longitude and latitude (radians)."""
    local = lonlat[:, 0] - np.repeat(np.minimum.reduceat(lonlat[:, 0], starts[:-1]), np.diff(starts))
    area = closed(np.column_stack([local, lonlat[:, 1]]), starts, _DEGREE_EDGE, _strip(a, es))
    return area


@lru_cache(maxsize=64)
def _strip(a: float, es: float) -> EdgeIntegral:
    """Return the integral of lambda dS over edges straight in longitude and latitude (two Gauss nodes)."""

    def density(phi: FloatArray) -> FloatArray:
        w = 1.0 - es * np.sin(phi) ** 2
        value: FloatArray = np.cos(phi) / (w * w)
        return value

    def over_edge(x0: FloatArray, y0: FloatArray, dx: FloatArray, dy: FloatArray) -> FloatArray:
        xm, ym = x0 + 0.5 * dx, y0 + 0.5 * dy
        low, high = density(ym - _GAUSS * dy), density(ym + _GAUSS * dy)
        total: FloatArray = (xm - _GAUSS * dx) * low + (xm + _GAUSS * dx) * high
        total *= 0.5 * a * a * (1.0 - es) * dy
        return total

    return over_edge


def projected_area(
    rings: Rings,
    lonlat: Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]],
    longest: float,
    a: float,
    es: float,
) -> FloatArray:
    """Signed area of rings whose edges are straight in a plane, through points of the inverse projection.

    Each edge is split into even pieces no longer than ``longest``; a piece becomes the curve through its two
    ends and its middle (quadratic in longitude and latitude).
    """
    xy, pieces = rings.xy, np.ones(len(rings.xy), dtype=np.int64)
    reach = np.maximum(np.abs(np.diff(xy[:, 0])), np.abs(np.diff(xy[:, 1]))) / longest
    reach[~np.isfinite(reach)] = 1.0
    pieces[:-1] = np.clip(np.ceil(reach), 1, _MOST_PIECES).astype(np.int64)
    pieces[rings.starts[1:] - 1] = 1
    ends = np.zeros(len(xy) + 1, dtype=np.int64)
    np.cumsum(pieces, out=ends[1:])
    edge = np.repeat(np.arange(len(xy)), pieces)
    follower = np.minimum(edge + 1, len(xy) - 1)
    t = ((np.arange(len(edge)) - ends[edge]) / pieces[edge])[:, None]
    step = (xy[follower] - xy[edge]) / pieces[edge][:, None]
    points = xy[edge] + t * (xy[follower] - xy[edge])
    middles = points + 0.5 * step
    starts = ends[rings.starts]
    last = starts[1:] - 1
    middles[last] = points[last]
    corners, centres = lonlat(points[:, 0], points[:, 1]), lonlat(middles[:, 0], middles[:, 1])
    return _curved(corners, centres, starts, a, es)


def _curved(
    ends: tuple[FloatArray, FloatArray],
    middles: tuple[FloatArray, FloatArray],
    starts: IntArray,
    a: float,
    es: float,
) -> FloatArray:
    """Closed integral of lambda dS over quadratic arcs, S by differences from the foot of each ring."""
    (lam, phi), (lam_mid, phi_mid) = ends, middles
    lengths = np.diff(starts)
    foot = np.repeat(np.minimum.reduceat(phi, starts[:-1]), lengths)
    west = np.repeat(np.minimum.reduceat(lam, starts[:-1]), lengths)
    l0, l1, l2 = lam - west, lam_mid - west, np.append(lam[1:] - west[:-1], 0.0)
    s0, s1 = _authalic_rise(foot, phi, a, es), _authalic_rise(foot, phi_mid, a, es)
    s2 = np.append(s0[1:], 0.0)
    # integral of the quadratic through l0 l1 l2 against the derivative of the one through s0 s1 s2
    value = l0 * (4.0 * s1 - 3.0 * s0 - s2) + 4.0 * l1 * (s2 - s0) + l2 * (s0 - 4.0 * s1 + 3.0 * s2)
    value[starts[1:] - 1] = 0.0
    total: FloatArray = np.add.reduceat(value, starts[:-1]) / 6.0
    return total


def _authalic_rise(foot: FloatArray, phi: FloatArray, a: float, es: float) -> FloatArray:
    """Return S(phi) - S(foot) without cancellation (the surveys' formula, its constants to full accuracy)."""
    half, middle = 0.5 * (phi - foot), 0.5 * (phi + foot)
    total = np.zeros_like(half)
    for order, weight in _harmonics(es):
        total += weight * np.sin(order * half) * np.cos(order * middle)
    scaled: FloatArray = 2.0 * a * a * (1.0 - es) * total
    return scaled


@lru_cache(maxsize=64)
def _harmonics(es: float) -> tuple[tuple[int, float], ...]:
    """Return (k, w) of S(phi) = a² (1 - e²) Σ w sin(k phi), from cos(phi) / (1 - e² sin²(phi))²."""
    phi = 2.0 * np.pi * np.arange(64) / 64
    density = np.cos(phi) / (1.0 - es * np.sin(phi) ** 2) ** 2
    return tuple((k, float(2.0 * np.mean(density * np.cos(k * phi)) / k)) for k in (1, 3, 5, 7, 9, 11))
