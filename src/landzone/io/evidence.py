"""What the values of a source say about it: units by the area of shapes, keys by the ids of parcels, class codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from landzone.catalog.crosswalks import Crosswalk, bundled, classes_of, crosswalk
from landzone.geometry.area import AreaMeasure
from landzone.geometry.projection import horizontal
from landzone.io.cells import reading
from landzone.io.columns import Match
from landzone.io.formats import setting
from landzone.io.numbers import UnitMissing, read_area, read_number, stated_unit
from landzone.io.raw import Raw
from landzone.io.typed import typed_reader
from landzone.io.words import read_ids
from landzone.units import FloatArray

_SAMPLE = 5_000
"""Rows that are measured; spread over the whole source."""
_MOST = 0.75
"""Share of the rows that have to agree before a unit or a key is believed."""


@dataclass(frozen=True)
class UnitFound:
    """A unit that the shapes confirm: its name, the share of rows that agree, and how many could be compared."""

    unit: str
    share: float
    rows: int


def sample(raw: Raw) -> np.ndarray:
    """Return places of rows to be looked at, evenly spread."""
    return np.unique(np.linspace(0, max(len(raw.cells) - 1, 0), min(len(raw.cells), _SAMPLE)).astype(int))


def measured_m2(raw: Raw, crs: pyproj.CRS, rows: np.ndarray) -> FloatArray:
    """Return the ellipsoidal area of some shapes, NaN where there is none."""
    shapes = np.asarray(raw.geometry, dtype=object)[rows]
    with np.errstate(invalid="ignore"):
        area = AreaMeasure(horizontal(crs)).m2(shapely.force_2d(shapes))
    return np.where(area > 0, area, np.nan)


def needs_unit(raw: Raw, match: Match) -> bool:
    """Tell whether a column of money or area names its unit nowhere: not in the header, not in a cell."""
    if match.spec.kind not in ("money", "area") or match.unit is not None or match.unit_column:
        return False
    column = raw.cells[match.header]
    try:
        typed_reader(match.spec, None, column.dtype == object)(list(column.dropna().unique()))
    except UnitMissing:
        return True
    return False


def area_unit(
    raw: Raw, match: Match, others: Mapping[str, Match], crs: pyproj.CRS | None
) -> UnitFound | None:
    """Compare a column of areas with the shapes and return the unit under which they agree.

    A registered area is held against the shape; a floor area against footprint × floors, of which half or the double
    is taken, too. None where it cannot be compared or no unit makes three quarters of the rows agree.
    """
    if crs is None or raw.geometry is None or not len(raw.cells):
        return None
    rows = sample(raw)
    whole = measured_m2(raw, crs, rows)
    if match.spec.name == "registered_area":
        units, low, high = _units_of_land(), 0.95, 1.05
    elif match.spec.name == "floor_area":
        units, low, high = ("m2", "sqft"), 0.5, 2.0
        if "floors" in others:
            whole = whole * _numbers(raw.cells[others["floors"].header].iloc[rows])
        else:
            units, high = ("m2",), 5.0  # a tower in m² and a shed in square feet look alike above
    else:
        return None
    return _agreeing(_areas(raw.cells[match.header].iloc[rows]), whole, units, low, high)


def _units_of_land() -> tuple[str, ...]:
    return tuple(dict.fromkeys(unit for unit, _ in reading()["units"]["area"].values()))


def _agreeing(
    values: FloatArray, whole: FloatArray, units: Sequence[str], low: float, high: float
) -> UnitFound | None:
    usable = (values > 0) & (whole > 0)
    if not usable.any():
        return None
    ratio = values[usable] / whole[usable]
    shares = {}
    for unit in units:
        times = float(stated_unit("area", unit).times)
        shares[unit] = float(((ratio * times >= low) & (ratio * times <= high)).mean())
    best = max(shares, key=lambda unit: shares[unit])
    return UnitFound(best, shares[best], int(usable.sum())) if shares[best] >= _MOST else None


def _areas(column: pd.Series) -> FloatArray:
    """Return bare numbers as they stand, NaN where there is none or where a cell names a unit of its own."""
    square = stated_unit("area", "m2")
    return _mapped(column, lambda values: read_area(values, square))


def _numbers(column: pd.Series) -> FloatArray:
    return _mapped(column, read_number)


def _mapped(column: pd.Series, read: Any) -> FloatArray:
    codes, uniques = pd.factorize(column, use_na_sentinel=True)
    values = [cell.value for cell in read(list(uniques))] + [None]
    found = np.array([np.nan if v is None else v for v in values], dtype=float)
    return found[np.where(codes < 0, len(uniques), codes)]


def key_column(table: Raw, ids: frozenset[str]) -> tuple[str, float] | None:
    """Return the one column of a table most of whose values are ids of the map, and the share of them.

    None where no column or more than one is such.
    """
    shares = {}
    for header in map(str, table.cells.columns):
        cells = read_ids(
            list(table.cells[header].dropna().unique()), spreadsheet=table.cells[header].dtype == object
        )
        texts = {cell.value for cell in cells if cell.value}
        if texts:
            shares[header] = len(texts & ids) / len(texts)
    good = [header for header, share in shares.items() if share >= _MOST]
    return (good[0], shares[good[0]]) if len(good) == 1 else None


def ids_of(raw: Raw, header: str) -> frozenset[str]:
    """Return the ids in a column."""
    column = raw.cells[header]
    cells = read_ids(list(column.dropna().unique()), spreadsheet=column.dtype == object)
    return frozenset(cell.value for cell in cells if cell.value)


def own_crosswalk(raw: Raw, path: Path) -> Crosswalk | None:
    """Return the class list that a table is (code, common, sector), None for any other table."""
    if not {"code", "common"} <= {str(c).strip().casefold() for c in raw.cells.columns}:
        return None
    try:
        return Crosswalk(id=path.name, classes=classes_of(path.read_bytes().decode("utf-8-sig")))
    except ValueError:
        return None


@dataclass(frozen=True)
class ClassColumn:
    """A column all of whose values are classes of a scheme."""

    header: str
    scheme: str


def class_columns(
    raw: Raw, own: Sequence[Crosswalk], schemes: Sequence[str], headers: Sequence[str] = ()
) -> list[ClassColumn]:
    """Return the columns whose values are all classes of one scheme: of a list beside the data, else a bundled one.

    A column of codes goes before one of names. ``headers`` limits the columns that are tried.
    """
    for group in (own, [crosswalk(name) for name in schemes or bundled()]):
        found = []
        for header in headers or map(str, raw.cells.columns):
            texts = {str(v).strip() for v in raw.cells[header].dropna().unique()} - {""}
            found += [
                ClassColumn(header, s.id) for s in group if texts and all(_is_class(s, t) for t in texts)
            ]
        codes = [f for f in found if all(str(v).isascii() for v in raw.cells[f.header].dropna().unique())]
        if found:
            return codes or found
    return []


def _is_class(scheme: Crosswalk, text: str) -> bool:
    """Tell whether a value is exactly a code or a name of a scheme; codes are not cut here, as a year would fit."""
    code = scheme.principal(text)
    return code in scheme.classes or (not code.isascii() and scheme.find(code) is not None)


def some_columns(raw: Raw) -> str:
    """Return the names of the first columns as one text."""
    return ", ".join(str(c) for c in list(raw.cells.columns)[:20])


def distinct_share(raw: Raw, header: str) -> float:
    """Return how many of the filled cells of a column are different from each other, as a share."""
    column = raw.cells[header].dropna()
    return column.nunique() / len(column) if len(column) else 1.0


def unique_columns(raw: Raw) -> list[str]:
    """Return the columns that are filled in every row and never repeat; a running number of the file is none."""
    running = {str(name) for name in setting("gdal")["row_number_columns"]}
    names = [str(c) for c in raw.cells.columns if str(c).casefold() not in running]
    kinds = {n: raw.cells[n].dtype.kind for n in names}
    return [n for n in names if kinds[n] != "f" and raw.cells[n].notna().all() and raw.cells[n].is_unique]


def share_on_ground(raw: Raw, crs: pyproj.CRS, ground: tuple[float, float, float, float]) -> float | None:
    """Return the share of shapes whose box meets bounds in degrees; None where there is nothing to compare."""
    bounds = shapely.bounds(np.asarray(raw.geometry, dtype=object)).reshape(-1, 4)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds) or not np.isfinite(ground).all():
        return None
    flat = horizontal(crs)
    change = pyproj.Transformer.from_crs(flat, flat.geodetic_crs, always_xy=True)
    x0, y0 = change.transform(bounds[:, 0], bounds[:, 1])
    x1, y1 = change.transform(bounds[:, 2], bounds[:, 3])
    west, south, east, north = ground
    return float(((x1 >= west) & (x0 <= east) & (y1 >= south) & (y0 <= north)).mean())
