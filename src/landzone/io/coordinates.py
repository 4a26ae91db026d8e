"""Decides in which CRS a layer really is, before anything is measured; refuses what its numbers contradict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely

from landzone.catalog.messages import LANGUAGES, message, refusal
from landzone.geometry.crs import lonlat_bounds
from landzone.geometry.plausible import CrsDoubt, DoubtKind, doubt_crs, guess_crs
from landzone.geometry.projection import horizontal, transverse_mercator
from landzone.io.raw import Raw
from landzone.model.problems import Problems

_FAR_LONGITUDE, _FAR_LATITUDE = 25.0, 15.0
"""Degrees outside its area of use at which a CRS cannot be meant; nearer than that the place is only noted."""


@dataclass(frozen=True)
class Located:
    """A source whose CRS is settled."""

    raw: Raw
    crs: pyproj.CRS
    section: str

    @property
    def label(self) -> str:
        """EPSG code, or the name where there is none."""
        return crs_label(self.crs)


def crs_label(crs: pyproj.CRS) -> str:
    """Return what people call a CRS.

    >>> crs_label(pyproj.CRS("EPSG:4547"))
    'EPSG:4547'
    """
    code = crs.to_epsg()
    return f"EPSG:{code}" if code is not None else crs.name


def locate(raw: Raw, *, stated: str | None, section: str, problems: Problems) -> Located:
    """Settle the CRS of a source and check its coordinates against it.

    Parameters
    ----------
    raw : Raw
        As read, with the CRS the file declares.
    stated : str or None
        CRS of the study for this source; goes before that of the file.
    section : str
        Section of the study file, for the remedy.
    problems : Problems
        Takes notes.

    Raises
    ------
    Refusal
        CRS_MISSING, CRS_LOCAL, CRS_IMPLAUSIBLE, CRS_AXIS_ORDER, CRS_BAND_PREFIX, CRS_BAND_OTHER, CRS_BAND_ABSENT.
    """
    if stated is not None:
        crs = pyproj.CRS.from_user_input(stated)
        if raw.crs is not None and not raw.crs_assumed and not raw.crs.equals(crs, ignore_axis_order=True):
            params = {"found": crs_label(raw.crs), "crs": crs_label(crs)}
            problems.note("CRS_STATED", source=raw.source, layer=raw.role, params=params)
    elif raw.crs is None:
        raise refusal("CRS_MISSING", file=raw.source, layer=raw.layer, section=section, **_hint(raw.geometry))
    else:
        crs = raw.crs
    located = Located(raw, crs, section)
    try:
        horizontal(crs)
    except ValueError:
        raise _refuse(located, "CRS_LOCAL") from None
    doubt = doubt_crs(raw.geometry, crs)
    if doubt is not None:
        _judge(located, doubt, problems)
    return located


def plain_number(value: float) -> str:
    """Return a coordinate without useless digits.

    >>> plain_number(527000.0), plain_number(35.75)
    ('527000', '35.75')
    """
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _texts(code: str, name: str = "hint", **params: object) -> dict[str, str]:
    return {f"{name}_{lang}": message(code, lang, **params) for lang in LANGUAGES}


def _hint(geometry: Any) -> dict[str, str]:
    """Return what the numbers themselves let one suppose, in every language."""
    guess = guess_crs(geometry)
    if guess.swapped:
        return {}
    if guess.zone_unknown:
        return _texts("CRS_HINT_METRES")
    if guess.zone:
        return _texts("CRS_HINT_BAND", band=guess.zone, codes=", ".join(guess.candidates))
    if guess.candidates:
        boxes = shapely.bounds(np.asarray(geometry, dtype=object)).reshape(-1, 4)
        boxes = boxes[np.isfinite(boxes).all(axis=1)]
        edges = [*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)]
        numbers = [plain_number(round(float(edges[i]), 3)) for i in (0, 2, 1, 3)]
        names = dict(zip(("west", "east", "south", "north"), numbers, strict=True))
        return _texts("CRS_HINT_LONLAT", codes=", ".join(guess.candidates), **names)
    return {}


def _refuse(located: Located, code: str, **params: Any) -> Exception:
    raw = located.raw
    place = {"file": raw.source, "layer": raw.layer, "section": located.section}
    return refusal(code, **place, crs=located.label, **params)


def _judge(located: Located, doubt: CrsDoubt, problems: Problems) -> None:
    """Refuse where most coordinates cannot be meant; note what can be used all the same."""
    if doubt.kind is DoubtKind.BAND_PREFIX:
        raise _band(located, doubt)
    if doubt.share <= 0.5:
        _note(located, doubt, "CRS_ROWS_ELSEWHERE", problems)
    elif doubt.kind is DoubtKind.AXIS_ORDER:
        x, y = plain_number(doubt.x), plain_number(doubt.y)
        raise _refuse(located, "CRS_AXIS_ORDER", x=x, y=y)
    elif doubt.kind is DoubtKind.FAR_FROM_MERIDIAN:
        _note(located, doubt, "CRS_FAR_FROM_MERIDIAN", problems)
    elif doubt.kind is DoubtKind.OUTSIDE_AREA and _within_reach(located, doubt):
        _note(located, doubt, "CRS_OUTSIDE_AREA", problems)
    else:
        assumed = _texts("CRS_ASSUMED", "assumed") if located.raw.crs_assumed else {}
        hint = _hint(located.raw.geometry)
        raise _refuse(located, "CRS_IMPLAUSIBLE", value=plain_number(doubt.x), **assumed, **hint)


def _band(located: Located, doubt: CrsDoubt) -> Exception:
    """Say which zone numbers the eastings carry, and which one the CRS has."""
    params = {
        "x": plain_number(doubt.x),
        "candidates": ", ".join(doubt.candidates),
        "zone": doubt.expected_zone,
    }
    if not doubt.zones:
        return _refuse(located, "CRS_BAND_ABSENT", **params)
    bands = ", ".join(map(str, doubt.zones))
    projection = transverse_mercator(located.crs)
    prefixed = projection is not None and projection.false_easting_m >= 1_000_000
    if prefixed:
        return _refuse(located, "CRS_BAND_OTHER", bands=bands, **params)
    own = doubt.expected_zone if doubt.expected_zone and doubt.zones != (doubt.expected_zone,) else 0
    texts = _texts("CRS_BAND_OWN", "own", zone=own) if own else {}
    return _refuse(located, "CRS_BAND_PREFIX", bands=bands, **params, **texts)


def _within_reach(located: Located, doubt: CrsDoubt) -> bool:
    longitude, latitude = _place(located, doubt)
    use = located.crs.area_of_use
    if use is None or use.west >= use.east:
        return bool(np.isfinite([longitude, latitude]).all())
    east_west = max(use.west - longitude, longitude - use.east)
    north_south = max(use.south - latitude, latitude - use.north)
    return bool(east_west <= _FAR_LONGITUDE and north_south <= _FAR_LATITUDE)


def _place(located: Located, doubt: CrsDoubt) -> tuple[float, float]:
    longitude, latitude = lonlat_bounds(np.array([doubt.x, doubt.y] * 2), located.crs)[:2]
    return longitude, latitude


def _note(located: Located, doubt: CrsDoubt, code: str, problems: Problems) -> None:
    longitude, latitude = _place(located, doubt)
    params = {
        "crs": located.label,
        "count": len(doubt.rows),
        "x": plain_number(doubt.x),
        "y": plain_number(doubt.y),
        "longitude": f"{longitude:.2f}",
        "latitude": f"{latitude:.2f}",
        "candidates": ", ".join(doubt.candidates),
    }
    problems.note(code, source=located.raw.source, layer=located.raw.role, params=params)
