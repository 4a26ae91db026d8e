"""Decides in which CRS a layer really is, before anything is measured; refuses what its numbers contradict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyproj
import shapely

from landzone.catalog.messages import LANGUAGES, message, refusal
from landzone.geometry.crs import lonlat_bounds
from landzone.geometry.gauss_kruger import ZONES, GaussKruger, gk_epsg, gk_info
from landzone.geometry.plausible import CrsDoubt, DoubtKind, doubt_crs, guess_crs, zones_of
from landzone.geometry.projection import horizontal, transverse_mercator
from landzone.geometry.transform import transformation
from landzone.io.raw import Raw
from landzone.model.problems import Problems

_FAR_LONGITUDE, _FAR_LATITUDE = 25.0, 15.0
"""Degrees outside its area of use at which a CRS cannot be meant; nearer than that the place is only noted."""
_SEAM_METRES = 50_000.0
"""Features of a neighbouring band that lie further off than this are no continuation of the layer."""


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


def locate(
    raw: Raw, *, stated: str | None, section: str, problems: Problems, missing: str = "CRS_MISSING"
) -> Located:
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
    missing : str
        Code of the refusal where there is no CRS.

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
        raise refusal(missing, file=raw.source, layer=raw.layer, section=section, **_hint(raw.geometry))
    else:
        crs = raw.crs
    located = Located(raw, crs, section)
    try:
        horizontal(crs)
    except ValueError:
        raise _refuse(located, "CRS_LOCAL") from None
    doubt = doubt_crs(raw.geometry, crs)
    if doubt is not None and doubt.kind is DoubtKind.BAND_PREFIX:
        located = _joined(located, doubt, problems)
        doubt = doubt_crs(located.raw.geometry, crs)
    if doubt is not None:
        _judge(located, doubt, problems)
    return located


def _joined(located: Located, doubt: CrsDoubt, problems: Problems) -> Located:
    """Bring features that carry the number of a neighbouring band into the CRS of the layer.

    Only where the others carry that of the CRS, each feature lies in one band, and the bands have one width.

    Raises
    ------
    Refusal
        CRS_BAND_PREFIX, CRS_BAND_OTHER, CRS_BAND_ABSENT.
    """
    shapes = np.asarray(located.raw.geometry, dtype=object)
    own = gk_info(located.crs)
    bands = zones_of(shapes[doubt.rows])
    if own is None or not own.prefixed or doubt.share >= 1 or not _neighbours(own, bands):
        raise _band(located, doubt)
    moved = shapes.copy()
    for zone in np.unique(bands):
        rows = doubt.rows[bands == zone]
        crs = pyproj.CRS.from_epsg(gk_epsg(own.datum, own.width, int(zone), True))
        moved[rows] = transformation(crs, located.crs).apply(shapes[rows])
    rest = np.delete(moved, doubt.rows)
    if _gap(moved[doubt.rows], rest[~shapely.is_missing(rest)]) > _SEAM_METRES:
        raise _band(located, doubt)
    params = {"count": len(bands), "bands": ", ".join(map(str, np.unique(bands))), "zone": own.zone}
    problems.note(
        "CRS_BANDS_JOINED",
        source=located.raw.source,
        layer=located.raw.role,
        params={**params, "crs": located.label},
    )
    return replace(located, raw=replace(located.raw, geometry=moved))


def _gap(left: Any, right: Any) -> float:
    """Return how far two sets of shapes lie apart, box from box."""
    boxes = [shapely.box(*shapely.total_bounds(part)) for part in (left, right)]
    return float(shapely.distance(*boxes))


def _neighbours(own: GaussKruger, bands: Any) -> bool:
    return bool(len(bands)) and all(abs(int(b) - own.zone) == 1 and int(b) in ZONES[own.width] for b in bands)


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
