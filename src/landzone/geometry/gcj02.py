"""Positions as Chinese web maps show them (GCJ-02). For display only; no data are ever written in them."""

from __future__ import annotations

import numpy as np

from landzone.units import FloatArray

_AXIS = 6378245.0
_ECCENTRICITY = 0.00669342162296594323
_CHINA = (72.004, 0.8293, 137.8347, 55.8271)
_ROUNDS = 10


def to_gcj02(places: FloatArray) -> FloatArray:
    """Shift places as a GCJ-02 basemap (Amap, Tencent) is shifted; outside China nothing moves.

    Parameters
    ----------
    places : array, shape (n, 2)
        Longitude and latitude in degrees on WGS 84 or CGCS2000.

    Returns
    -------
    array, shape (n, 2)
        Degrees of the same ground on GCJ-02; 460 to 550 m away in Henan and Shaanxi. NaN stays NaN.

    Source
    ------
    The formulas in circulation; they are not official.

    Examples
    --------
    >>> to_gcj02(np.array([[114.022, 32.98], [2.35, 48.85]])).round(8).tolist()
    [[114.02788013, 32.97816541], [2.35, 48.85]]
    """
    lon, lat = places[:, 0], places[:, 1]
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    waves = (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * root + waves
    north += (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
    north += (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * root + waves
    east += (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
    east += (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    phi = np.radians(lat)
    magic = 1 - _ECCENTRICITY * np.sin(phi) ** 2
    step_north = north / (_AXIS * (1 - _ECCENTRICITY) / (magic * np.sqrt(magic)) * np.pi) * 180
    step_east = east / (_AXIS / np.sqrt(magic) * np.cos(phi) * np.pi) * 180
    west, south, e, n = _CHINA
    outside = (lon < west) | (lon > e) | (lat < south) | (lat > n)
    step = np.stack([step_east, step_north], axis=1)
    return places + np.where(outside[:, None], 0.0, step)


def from_gcj02(places: FloatArray) -> FloatArray:
    """Undo ``to_gcj02`` by ten fixed-point rounds, to better than 1e-9 degree.

    >>> from_gcj02(to_gcj02(np.array([[109.0293, 32.6903]]))).round(9).tolist()
    [[109.0293, 32.6903]]
    """
    found = places
    for _ in range(_ROUNDS):
        found = found + (places - to_gcj02(found))
    return found
