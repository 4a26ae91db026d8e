"""Scale bar and north arrow of a map sheet, true to the ground and not to the grid of the plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
from matplotlib.patches import Polygon, Rectangle

from landzone.outputs.map_html.lonlat import Degrees

_INK = "#222222"


@dataclass(frozen=True)
class Ground:
    """``metres``: of ground in one unit of the plane, west to east. ``north``: degrees from up, clockwise."""

    metres: float
    north: float


def ground_of(crs: pyproj.CRS, bounds: tuple[float, float, float, float]) -> Ground:
    """Return how the plane of a CRS lies on the ground in the middle of some bounds.

    Measured on the ellipsoid along a quarter of the width: a plane is stretched (0.9996 on the central meridian of
    UTM), and its grid is turned from true north away from that meridian.

    >>> place = ground_of(pyproj.CRS.from_epsg(3857), (0.0, 8399737.0, 1000.0, 8400737.0))  # 60° north
    >>> round(place.metres, 2), round(abs(place.north), 2)
    (0.5, 0.0)
    """
    left, bottom, right, top = bounds
    x, y, reach = (left + right) / 2, (bottom + top) / 2, max((right - left) / 8, 1.0)
    ends = np.array([[x - reach, y], [x + reach, y], [x, y - reach], [x, y + reach]])
    (west, w), (east, e), (south, s), (north, n) = Degrees(crs).places(ends).tolist()
    geod = crs.get_geod()
    if geod is None:
        return Ground(1.0, 0.0)
    _, _, across = geod.inv(west, w, east, e)
    upwards, _, _ = geod.inv(south, s, north, n)
    return Ground(across / (2 * reach), -upwards)


def round_length(metres: float) -> float:
    """Return the largest of 1, 2, 5 × 10ⁿ that is not longer.

    >>> round_length(260)
    200.0
    """
    step = 10.0 ** np.floor(np.log10(metres))
    return float(max(k * step for k in (1, 2, 5) if k * step <= metres))


def scale_bar(axes: Any, metres: float) -> None:
    """Draw a bar of a round number of metres of ground in the lower left corner.

    Parameters
    ----------
    axes : matplotlib Axes
        With its extent set.
    metres : float
        Of ground in one unit of the plane.
    """
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    shown = round_length((right - left) / 5 * metres)
    length, height = shown / metres, (top - bottom) * 0.008
    at, y = left + (right - left) * 0.03, bottom + (top - bottom) * 0.035
    for part in range(4):
        ink = _INK if part % 2 == 0 else "white"
        corner = (at + length / 4 * part, y)
        own: dict[str, Any] = {"facecolor": ink, "edgecolor": _INK, "linewidth": 0.5, "zorder": 9}
        axes.add_patch(Rectangle(corner, length / 4, height, **own))
    text = f"{shown / 1000:g} km" if shown >= 1000 else f"{shown:g} m"
    for x, said in ((at, "0"), (at + length, text)):
        axes.text(x, y + height * 1.6, said, fontsize=7, ha="center", va="bottom", zorder=9)


def north_arrow(figure: Any, place: tuple[float, float], word: str, turn: float) -> None:
    """Draw an arrow towards true north.

    Parameters
    ----------
    figure : matplotlib Figure
    place : x, y of its middle in inches from the lower left corner
    word : str
        What is written beside it.
    turn : float
        Degrees from up, clockwise.
    """
    angle = np.radians(turn)
    right, up = np.array([np.cos(angle), -np.sin(angle)]), np.array([np.sin(angle), np.cos(angle)])
    middle, size = np.array(place), np.array(figure.get_size_inches())
    corners = [middle + a * right + b * up for a, b in ((0, 0.21), (0.1, -0.2), (0, -0.13), (-0.1, -0.2))]
    shape = Polygon(np.array(corners) / size, facecolor=_INK, edgecolor=_INK, linewidth=0.5)
    shape.set_transform(figure.transFigure)
    figure.add_artist(shape)
    x, y = (middle + np.array([0.24, 0.0])) / size
    figure.text(x, y, word, fontsize=9, va="center", parse_math=False)
