"""勘测定界 TXT, the text format of boundary surveys: headers, then each parcel with its boundary points.

A point line is ``number,ring,X,Y`` with X to the north and Y to the east. Which rings are holes is decided by where
they lie, not by their numbers. What the file declares (area, number of points) is compared with its coordinates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from landzone.catalog import load
from landzone.geometry.area import plane_area_of
from landzone.geometry.gauss_kruger import ZONES, gk_epsg, zone_of_easting
from landzone.io.cad_rings import Point, Ring, shape_of, split_rings
from landzone.io.encoding import CodePage
from landzone.io.origin import Origin

_FULL_WIDTH = str.maketrans("，：＝＠［］", ",:=@[]")
_LINE_END = re.compile(r"\r\n|\n|\r")
_SECTION = re.compile(r"^\[(.+)\]$")


def words() -> dict[str, Any]:
    """Return the words of the format."""
    return load.table("cad_txt.toml")


@dataclass
class CadParcel:
    """One parcel as it stands in the file: its line, the fields before ``@``, its points, and why it is unreadable."""

    line: int
    fields: list[str]
    points: list[Point] = field(default_factory=list)
    fault: str = ""

    def cell(self, place: int) -> str:
        """Return a field, empty where the line is shorter."""
        return self.fields[place] if place < len(self.fields) else ""


@dataclass
class CadFile:
    """Headers and parcels of a file."""

    headers: dict[str, str]
    parcels: list[CadParcel]


@dataclass
class CadLayer:
    """What the reader hands on; ``bad`` holds the reason for each parcel that has no readable shape."""

    cells: pd.DataFrame
    geometry: NDArray[np.object_]
    bad: dict[int, str]
    rows: NDArray[np.int64]
    crs: pyproj.CRS | None
    page: CodePage


def is_cad_txt(text: str) -> bool:
    """Tell whether a text is of this format: it has the section of the parcels, or a parcel line before points.

    >>> is_cad_txt("[地块坐标]\\n4,1.0,1,甲,面,,,,@\\n"), is_cad_txt("id,wkt\\n1,POINT (1 2)\\n")
    (True, False)
    """
    plain = text.translate(_FULL_WIDTH)
    if re.search(rf"^\s*\[{words()['parcels']}\]\s*$", plain, re.M):
        return True
    return re.search(r"^[^\n]*,@[ \t]*\r?\n[ \t]*\w+,\d+,[\d.]+,[\d.]+[ \t]*\r?$", plain, re.M) is not None


def parse_cad_txt(text: str, origin: Origin) -> CadFile:
    """Take a file apart, line by line.

    Raises
    ------
    Refusal
        FILE_CORRUPT naming the line that belongs to no parcel, NO_ROWS.
    """
    headers: dict[str, str] = {}
    parcels: list[CadParcel] = []
    for number, raw in enumerate(_LINE_END.split(text.removeprefix("\ufeff")), 1):
        line = raw.translate(_FULL_WIDTH).strip().strip("\0")
        if not line or _SECTION.match(line):
            continue
        if line.endswith("@"):
            cells = [cell.strip() for cell in line[:-1].split(",")]
            parcels.append(CadParcel(number, cells[:-1] if cells[-1] == "" else cells))
        elif not parcels and ("=" in line or ":" in line):
            key, _, value = line.partition("=" if "=" in line else ":")
            headers[key.strip()] = value.strip()
        elif not parcels:
            raise origin.refuse("FILE_CORRUPT", detail=f"{line[:40]} ({number})", row=number)
        else:
            _add_point(parcels[-1], line, number)
    if not parcels:
        raise origin.refuse("NO_ROWS")
    return CadFile(headers, parcels)


def _add_point(parcel: CadParcel, line: str, number: int) -> None:
    cells = [cell.strip() for cell in line.split(",")]
    try:
        name, ring, northing, easting = cells[:4]
        place = (float(easting), float(northing))
    except ValueError:
        parcel.fault = parcel.fault or f"{line[:40]}"
        return
    if not np.isfinite(place).all():
        parcel.fault = parcel.fault or f"{line[:40]}"
        return
    parcel.points.append(Point(name, ring, *place))


def cad_layer(text: str, page: CodePage, origin: Origin) -> CadLayer:
    """Read a file: attributes as texts, shapes with x to the east, and the CRS its headers and eastings tell.

    Parcels without a readable ring are in ``bad``. Declared areas and numbers of points that do not fit are noted.

    Raises
    ------
    Refusal
        CAD_AXES where the easting stands first, and those of `parse_cad_txt`.
    """
    file = parse_cad_txt(text, origin)
    _refuse_swapped(file, origin)
    shapes = np.full(len(file.parcels), None, dtype=object)
    bad: dict[int, str] = {}
    rings = [split_rings(parcel.points) for parcel in file.parcels]
    for place, parcel in enumerate(file.parcels):
        shape, reason = shape_of(rings[place], _kind(parcel))
        if parcel.fault or reason:
            bad[place] = parcel.fault or reason
        else:
            shapes[place] = shape
    _check(file, rings, shapes, origin)
    names = list(words()["fields"])
    width = max(len(parcel.fields) for parcel in file.parcels)
    names += [words()["further"].format(number=n) for n in range(len(names) + 1, width + 1)]
    cells = pd.DataFrame(
        {n: pd.Series([p.cell(i) or None for p in file.parcels], dtype="str") for i, n in enumerate(names)}
    )
    rows = np.array([parcel.line for parcel in file.parcels], np.int64)
    return CadLayer(cells, shapes, bad, rows, cad_crs(file, origin), page)


def _kind(parcel: CadParcel) -> str:
    said = parcel.cell(4)
    return next((kind for kind in ("line", "point") if said == words()[kind]), "polygon")


def _refuse_swapped(file: CadFile, origin: Origin) -> None:
    """Refuse a file most of whose first coordinates can only be eastings."""
    places = np.array([(p.x, p.y) for parcel in file.parcels for p in parcel.points]).reshape(-1, 2)
    low, high = words()["checks"]["northing_m"]
    inside = (places >= low) & (places <= high)
    swapped = inside[:, 0] & ~inside[:, 1]
    if len(places) and swapped.mean() > 0.5:
        x, y = places[np.flatnonzero(swapped)[0]]
        raise origin.refuse("CAD_AXES", x=f"{y:.3f}", y=f"{x:.3f}")


def cad_crs(file: CadFile, origin: Origin) -> pyproj.CRS | None:
    """Return the CRS that headers and eastings tell together, None where they leave it open.

    The datum stands in 坐标系, the zone in 带号 or before the eastings. A zone number in the headers that
    contradicts the eastings stays: the check of coordinates refuses it.
    """
    keys, known = words()["keys"], words()["datums"]
    said = {name: file.headers.get(key, "") for name, key in keys.items()}
    datum = next((d["datum"] for d in known if d["word"] in said["crs"]), "")
    eastings = np.array([p.x for parcel in file.parcels for p in parcel.points])
    prefix = zone_of_easting(float(np.median(eastings))) if len(eastings) else None
    numbers = [_whole(said["width"]), _whole(said["zone"])]
    width, zone = numbers[0] or 0, numbers[1] or 0
    if prefix is not None and not zone:
        width, zone = prefix
    width = width or next((w for w, zones in ZONES.items() if zone in zones), 0)
    metric = words()["projection"] in (said["projection"] or words()["projection"])
    metric = metric and (said["unit"] or words()["unit"]) == words()["unit"]
    if not datum or not zone:
        return None
    try:
        if metric and None not in numbers and width in ZONES:
            return pyproj.CRS.from_epsg(gk_epsg(datum, width, zone, prefix is not None))
    except ValueError:
        pass
    declared = ", ".join(f"{keys[n]}={said[n]}" for n in ("crs", "width", "projection", "unit", "zone"))
    origin.note("CRS_UNREADABLE", params={"declared": declared})
    return None


def _whole(text: str) -> int | None:
    """Return a number of the headers, 0 where it is blank, None where it is no number."""
    if not text:
        return 0
    digits = re.fullmatch(r"(\d+)(度带?|带)?", text)
    return int(digits.group(1)) if digits else None


def _check(file: CadFile, rings: list[list[Ring]], shapes: NDArray[np.object_], origin: Origin) -> None:
    """Note declared areas and numbers of points that the coordinates contradict, and numbers used twice."""
    limits = words()["checks"]
    area = plane_area_of(shapes)
    found: dict[str, list[tuple[CadParcel, dict[str, str]]]] = {}
    for place, parcel in enumerate(file.parcels):
        declared = _number(parcel.cell(1))
        if declared is not None and np.isfinite(area[place]) and _kind(parcel) == "polygon":
            off = abs(declared * 1e4 - area[place])
            if off > max(limits["area_m2"], limits["area_ratio"] * area[place]):
                said = {"declared": parcel.cell(1), "measured": f"{area[place] / 1e4:.4f}"}
                found.setdefault("CAD_AREA", []).append((parcel, said))
        corners = sum(len(ring.corners) for ring in rings[place])
        if _number(parcel.cell(0)) not in (corners, corners + len(rings[place])):
            said = {"declared": parcel.cell(0), "found": str(corners)}
            found.setdefault("CAD_POINT_COUNT", []).append((parcel, said))
        twice = sorted({name for ring in rings[place] for name in _moved(ring)})
        if twice:
            found.setdefault("CAD_POINT_TWICE", []).append((parcel, {"points": ", ".join(twice[:10])}))
    for code, cases in found.items():
        rows, ids = [p.line for p, _ in cases], [p.cell(2) for p, _ in cases]
        origin.note(code, rows=rows, ids=ids, params=[said for _, said in cases])


def _moved(ring: Ring) -> list[str]:
    """Return the numbers that stand in a ring for more than one place."""
    places: dict[str, set[tuple[float, float]]] = {}
    for point in ring.corners:
        places.setdefault(point.name, set()).add((point.x, point.y))
    return [name for name, several in places.items() if len(several) > 1]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
