"""The Gauss-Krüger zones of China: CGCS2000, Xi'an 1980 and Beijing 1954, by EPSG code.

A 3-degree zone n has the central meridian 3n, a 6-degree zone n the meridian 6n - 3; scale 1, false easting
500 km, and where the zone number is written before the easting n million metres more. Zones 13-23 are 6
degrees wide and 25-45 3 degrees wide, so the prefix tells the width.

Source: EPSG registry, checked code by code in the tests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import pyproj

from landzone.geometry.projection import horizontal, transverse_mercator


class Datum(StrEnum):
    """Datums that are told apart by name; all others are left to the EPSG registry."""

    CGCS2000 = "CGCS2000"
    XIAN80 = "Xian 1980"
    BEIJING54 = "Beijing 1954"
    WGS84 = "WGS 84"


_NAMES: tuple[tuple[str, Datum], ...] = (
    (r"china20+0|cgcs2000|china(geodeticcoordinatesystem)?2000", Datum.CGCS2000),
    (r"^(d)?xian(19)?80", Datum.XIAN80),
    (r"^(d)?beijing(19)?54", Datum.BEIJING54),
    (r"^(d)?(wgs(19)?84|worldgeodeticsystem1984)", Datum.WGS84),
)

GEOGRAPHIC_EPSG: dict[Datum, int] = {
    Datum.CGCS2000: 4490,
    Datum.XIAN80: 4610,
    Datum.BEIJING54: 4214,
    Datum.WGS84: 4326,
}

ZONES: dict[int, range] = {3: range(25, 46), 6: range(13, 24)}
"""Zone numbers in use in China, by width in degrees."""

_FIRST_CODE: dict[tuple[Datum, int, bool], int] = {
    (Datum.CGCS2000, 3, True): 4513,
    (Datum.CGCS2000, 3, False): 4534,
    (Datum.CGCS2000, 6, True): 4491,
    (Datum.CGCS2000, 6, False): 4502,
    (Datum.XIAN80, 3, True): 2349,
    (Datum.XIAN80, 3, False): 2370,
    (Datum.XIAN80, 6, True): 2327,
    (Datum.XIAN80, 6, False): 2338,
    (Datum.BEIJING54, 3, True): 2401,
    (Datum.BEIJING54, 3, False): 2422,
    (Datum.BEIJING54, 6, True): 21413,
    (Datum.BEIJING54, 6, False): 21453,
}
"""EPSG code of the first zone (datum, width, prefixed); the codes of the others follow without a gap."""


@dataclass(frozen=True)
class GaussKruger:
    """What a Chinese Gauss-Krüger CRS is: ``prefixed`` if its eastings begin with the zone number."""

    datum: Datum
    width: int
    zone: int
    central_meridian: float
    prefixed: bool

    @property
    def epsg(self) -> int:
        """EPSG code."""
        return gk_epsg(self.datum, self.width, self.zone, self.prefixed)


def gk_epsg(datum: Datum | str, width: int, zone: int, prefixed: bool) -> int:
    """Return the EPSG code of a zone.

    Raises
    ------
    ValueError
        For a zone outside China or a datum without such codes.

    >>> gk_epsg("CGCS2000", 3, 38, True), gk_epsg("CGCS2000", 3, 38, False)
    (4526, 4547)
    """
    key = (Datum(datum), width, prefixed)
    if key not in _FIRST_CODE or zone not in ZONES[width]:
        raise ValueError(f"no Gauss-Krüger zone {zone} of {width} degrees for {datum} in the EPSG registry")
    return _FIRST_CODE[key] + zone - ZONES[width].start


def zone_of_longitude(longitude: float, width: int = 3) -> int:
    """Return the number of the 3- or 6-degree zone a longitude (degrees) lies in.

    >>> zone_of_longitude(114.3), zone_of_longitude(114.3, 6)
    (38, 20)
    """
    return int((longitude + 1.5) // 3) if width == 3 else int(longitude // 6) + 1


def zone_of_easting(easting: float) -> tuple[int, int] | None:
    """Return (width, zone) of an easting that begins with a zone number, None where it does not.

    >>> zone_of_easting(38527000.0), zone_of_easting(20500000.0), zone_of_easting(527000.0)
    ((3, 38), (6, 20), None)
    """
    zone = int(easting // 1_000_000)
    for width, zones in ZONES.items():
        if zone in zones:
            return width, zone
    return None


@lru_cache(maxsize=256)
def datum_of(crs: pyproj.CRS) -> Datum | None:
    """Return the datum of a CRS if it is one of ``Datum``, whatever way its name is spelt."""
    geodetic = horizontal(crs).geodetic_crs
    if geodetic is None:
        return None
    code = geodetic.to_epsg()
    for datum, epsg in GEOGRAPHIC_EPSG.items():
        if code == epsg:
            return datum
    names = [geodetic.datum.name if geodetic.datum else "", geodetic.name.removeprefix("GCS_")]
    for name in names:
        plain = re.sub(r"[^a-z0-9]", "", name.lower())
        for pattern, datum in _NAMES:
            if re.search(pattern, plain):
                return datum
    return None


@lru_cache(maxsize=256)
def gk_info(crs: pyproj.CRS) -> GaussKruger | None:
    """Return what zone of which datum a CRS is, None for anything but a Chinese Gauss-Krüger zone.

    Without an EPSG code the width of a zone without prefix is taken from its name, else as 3 degrees.

    >>> gk_info(pyproj.CRS("EPSG:4526")).central_meridian
    114.0
    """
    flat = horizontal(crs)
    datum, tm = datum_of(flat), transverse_mercator(flat)
    if datum is None or datum is Datum.WGS84 or tm is None:
        return None
    if (tm.k0, tm.lat0, tm.false_northing_m, tm.metres_per_unit) != (1.0, 0.0, 0.0, 1.0):
        return None
    meridian = round(tm.lon0 * 180.0 / 3.141592653589793, 9)
    prefix, rest = divmod(tm.false_easting_m, 1_000_000.0)
    if rest != 500_000.0:
        return None
    prefixed = prefix > 0
    for width in (3, 6) if not _six_degrees(flat) else (6, 3):
        zone = int(meridian // 3) if width == 3 else int((meridian + 3) // 6)
        exact = meridian == (3 * zone if width == 3 else 6 * zone - 3)
        if exact and zone in ZONES[width] and (not prefixed or zone == prefix):
            return GaussKruger(datum, width, zone, meridian, prefixed)
    return None


def _six_degrees(crs: pyproj.CRS) -> bool:
    code = crs.to_epsg()
    for (_, width, _), first in _FIRST_CODE.items():
        if code is not None and first <= code < first + len(ZONES[width]):
            return width == 6
    return not re.search(r"3[ _-]*deg", crs.name.lower()) and bool(
        re.search(r"6[ _-]*deg|gk|kr[uü]", crs.name.lower())
    )
