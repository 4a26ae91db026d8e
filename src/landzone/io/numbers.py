"""Numbers with their units: exact money in fen, areas in m², lengths in m, shares as 0…1, plain numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from landzone.io.cells import MISSING, Cell, is_missing_word, placeholder, plain_value, reading, shown
from landzone.units import (
    FEN_PER_MONEY_UNIT,
    M2_PER_UNIT,
    METRES_PER_UNIT,
    AreaUnit,
    LengthUnit,
    fen_per_unit,
    round_half_up,
)

_NUMBER = re.compile(
    r"([+-]?)\s*((?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)?(?:\.\d*)?)(e[+-]?\d{1,3})?\s*(.*)", re.DOTALL
)
_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?\D{0,12}")
_MAX_FEN = 2**63 - 1


class UnitMissing(ValueError):
    """A column of money or area in which neither study, header nor any cell names a unit."""


class UnitUnknown(ValueError):
    """A unit that does not exist for the kind of the column; ``known`` lists those that do."""

    def __init__(self, unit: str, known: Sequence[str]) -> None:
        super().__init__(unit)
        self.unit = unit
        self.known = list(known)


@dataclass(frozen=True)
class Unit:
    """A unit with its currency (money only) and how many of the base unit it holds."""

    name: str
    times: Fraction
    currency: str = ""


@dataclass(frozen=True)
class _Parsed:
    number: Fraction
    unit: Unit | None
    word: str
    plain: bool


@cache
def _words(kind: str) -> Mapping[str, Unit]:
    return {
        plain_value(word): _unit(kind, unit, Fraction(times))
        for word, (unit, times) in reading()["units"][kind].items()
    }


def _unit(kind: str, name: str, times: Fraction = Fraction(1)) -> Unit:
    name = name.lower()
    if kind == "area" and name in {u.value for u in AreaUnit}:
        return Unit(name, M2_PER_UNIT[AreaUnit(name)] * times)
    if kind == "length" and name in {u.value for u in LengthUnit}:
        return Unit(name, METRES_PER_UNIT[LengthUnit(name)] * times)
    if kind == "ratio" and name in {"ratio", "percent"}:
        return Unit(name, times / (100 if name == "percent" else 1))
    if kind in {"number", "measure"} and not name:
        return Unit("", times)
    if kind == "money" and (name in FEN_PER_MONEY_UNIT or name in reading()["currencies"]["codes"]):
        return Unit(name, fen_per_unit(name) * times, "cny" if name in FEN_PER_MONEY_UNIT else name)
    raise UnitUnknown(name, units_of(kind))


def units_of(kind: str) -> list[str]:
    """Return the units a column of this kind may be given in."""
    if kind == "area":
        return [u.value for u in AreaUnit]
    if kind == "length":
        return [u.value for u in LengthUnit]
    if kind in {"ratio", "measure"}:
        return ["ratio", "percent"]
    if kind == "number":
        return []
    return [*FEN_PER_MONEY_UNIT, *(c for c in reading()["currencies"]["codes"] if c != "cny")]


def find_unit(kind: str, word: str) -> Unit | None:
    """Return the unit that a word of a header, a cell or the study file means, or None.

    >>> find_unit("money", "万元").name, find_unit("area", "平方公顷").name, find_unit("area", "万元")
    ('wan_cny', 'ha', None)
    """
    if kind not in reading()["units"]:
        return None
    text = plain_value(word)
    if text in _words(kind):
        return _words(kind)[text]
    try:
        return _unit(kind, text) if text else None
    except UnitUnknown:
        return None


def stated_unit(kind: str, name: str) -> Unit:
    """Return the unit that the study states, or raise UnitUnknown."""
    return find_unit(kind, name) or _unit(kind, name)


def _parse(value: Any, kind: str, signs: Sequence[str]) -> _Parsed | Cell:
    """Split a cell into number and unit word, or say why it is none."""
    if isinstance(value, bool):
        return Cell(fault="VALUE_UNREADABLE")
    if isinstance(value, int | np.integer):
        return _Parsed(Fraction(int(value)), None, "", True)
    if isinstance(value, float | np.floating):
        if not math.isfinite(value):
            return MISSING if math.isnan(value) else Cell(fault="VALUE_UNREADABLE")
        return _Parsed(Fraction(repr(float(value))), None, "", True)
    if isinstance(value, Decimal):
        return _Parsed(Fraction(value), None, "", True)
    original = str(value)
    text = plain_value(original)
    if not text:
        return MISSING
    if is_missing_word(text, value=True):
        return placeholder(value)
    sign_of_currency = text[0] in signs
    match = _NUMBER.fullmatch(text[1:].strip() if sign_of_currency else text)
    if not match or not any(c.isdigit() for c in match[2]):
        return Cell(fault="VALUE_UNREADABLE")
    word = match[4].strip()
    unit = find_unit(kind, word) if word else None
    if word and unit is None:
        return Cell(fault="VALUE_UNREADABLE")
    number = Fraction(Decimal(match[1] + match[2].replace(",", "").replace(" ", "") + (match[3] or "")))
    plain = bool(_PLAIN.fullmatch(original)) and not sign_of_currency and original.casefold() == text
    return _Parsed(number, unit, word, plain)


def read_money(values: Sequence[Any], unit: Unit | None) -> list[Cell]:
    """Read distinct cells as money in whole fen.

    ``fen = number × fen per unit``, exact; what is finer than a fen is rounded half up and said.
    The unit of a cell goes before ``unit`` (study or header); zero needs no unit.

    Raises
    ------
    UnitMissing
        When cells that need a unit have none and no other cell names one.

    Examples
    --------
    >>> [c.value for c in read_money(["1,200万元", "0.12亿元", "12000000元"], None)]
    [1200000000, 1200000000, 1200000000]
    """
    signs = reading()["currencies"]["signs"]
    own = [sign for sign, codes in signs.items() if unit and unit.name in codes]
    cells = _quantities(values, "money", unit, own)
    currencies = sorted({c.value[1].currency for c in cells if c.value and c.value[1]})
    currency = unit.currency if unit else "/".join(currencies)
    return [_fen(cell, currency) for cell in cells]


def _fen(cell: Cell, currency: str) -> Cell:
    if cell.value is None:
        return cell
    exact, unit = cell.value
    if unit is not None and currency and unit.currency != currency:
        return Cell(fault="UNIT_AMBIGUOUS", detail={"readings": f"{currency}, {unit.currency}"})
    if exact < 0:
        return Cell(fault="VALUE_RANGE")
    fen = int(round_half_up(exact, 0))
    if fen > _MAX_FEN:
        return Cell(fault="VALUE_RANGE")
    code = cell.reading or ("MONEY_ROUNDED" if fen != exact else "")
    return Cell(value=fen, reading=code, detail=cell.detail)


def read_area(values: Sequence[Any], unit: Unit | None, *, positive: bool = False) -> list[Cell]:
    """Read distinct cells as areas in m² (float, rounded once); negative ones are VALUE_RANGE.

    ``positive``: zero is no value either. Raises UnitMissing like ``read_money``.

    >>> [c.value for c in read_area(["15亩", "1公顷", "1平方公顷", "10000平方米"], None)]
    [10000.0, 10000.0, 10000.0, 10000.0]
    """
    return [_ranged(cell, positive) for cell in _quantities(values, "area", unit)]


def read_length(values: Sequence[Any], unit: Unit | None, *, positive: bool = False) -> list[Cell]:
    """Read distinct cells as lengths in metres; without any unit they are metres."""
    return [_ranged(cell, positive) for cell in _quantities(values, "length", unit or _unit("length", "m"))]


def read_number(values: Sequence[Any], unit: Unit | None = None, *, signed: bool = False) -> list[Cell]:
    """Read distinct cells as plain numbers (``6``, ``6层``); ``signed``: as measures, of which some are negative.

    A measure may be given in per cent: 容积率 ``250%`` is 2.5. Any other word after a number makes it unreadable.

    >>> [c.value if c.value is not None else c.fault for c in read_number(["2.5", "250%", "180~200"], signed=True)]
    [2.5, 2.5, 'VALUE_UNREADABLE']
    """
    cells = _quantities(values, "measure" if signed else "number", unit or Unit("", Fraction(1)))
    return [
        Cell(value=float(c.value[0]), reading=c.reading, detail=c.detail)
        if signed and c.value is not None
        else _ranged(c, False)
        for c in cells
    ]


def _ranged(cell: Cell, positive: bool) -> Cell:
    if cell.value is None:
        return cell
    exact, _ = cell.value
    if exact < 0 or (positive and exact == 0):
        return Cell(fault="VALUE_RANGE")
    return Cell(value=float(exact), reading=cell.reading, note=cell.note, detail=cell.detail)


def _quantities(values: Sequence[Any], kind: str, unit: Unit | None, signs: Sequence[str] = ()) -> list[Cell]:
    """Return cells whose value is (exact number in the base unit, unit of the cell)."""
    parsed = [_parse(value, kind, signs) for value in values]
    found = [p for p in parsed if isinstance(p, _Parsed)]
    in_cells = {p.unit.times for p in found if p.unit}
    bare = any(p.unit is None and p.number for p in found)
    if bare and unit is None and not in_cells:
        raise UnitMissing
    several = len(in_cells | ({unit.times} if unit and bare else set())) > 1
    cells = []
    for item, raw in zip(parsed, values, strict=True):
        if isinstance(item, Cell):
            cells.append(item)
            continue
        used = item.unit or unit
        if used is None and item.number:
            cells.append(Cell(fault="UNIT_AMBIGUOUS", detail={"readings": ", ".join(_names(found))}))
            continue
        base = item.number * used.times if used else item.number
        differs = item.unit is not None and (several if unit is None else item.unit.times != unit.times)
        misnamed = item.word if item.word in reading()["misnamed"] else ""
        code = "UNIT_NORMALISED" if differs or misnamed or not item.plain else ""
        note = "UNIT_MISNAMED" if misnamed else ""
        detail = {"raw": shown(raw)} | ({"word": misnamed} if misnamed else {})
        cells.append(Cell(value=(base, item.unit), reading=code, note=note, detail=detail))
    return cells


def _names(found: Sequence[_Parsed]) -> list[str]:
    return sorted({p.unit.name for p in found if p.unit})


def read_ratio(values: Sequence[Any], unit: Unit | None, *, of_whole: bool = False) -> list[Cell]:
    """Read distinct cells as shares 0…1, deciding once for the column whether bare numbers are per cent.

    ``of_whole``: a part of its whole (建筑密度), of which more than 1 is SHARE_OVER_WHOLE.

    A stated unit or a % sign decides. Without either: all bare numbers up to 1 are fractions; all of 1 and above
    are per cent. Where a column holds both, a number below 1 is read the way that lies near the sure values, and 1
    itself (1 % or 100 %) is UNIT_AMBIGUOUS.

    >>> [c.value if c.value is not None else c.fault for c in read_ratio(["0.5", "50", "50%", "1"], None)]
    [0.5, 0.5, 0.5, 'UNIT_AMBIGUOUS']
    """
    parsed = [_parse(value, "ratio", ()) for value in values]
    found = [p for p in parsed if isinstance(p, _Parsed)]
    bare = [p.number for p in found if p.unit is None and p.number]
    sure = sorted([p.number * p.unit.times for p in found if p.unit] + [n / 100 for n in bare if n > 1])
    below, above = any(0 < n < 1 for n in bare), any(n > 1 for n in bare)
    cells = []
    for item, raw in zip(parsed, values, strict=True):
        if isinstance(item, Cell):
            cells.append(item)
            continue
        if item.unit or unit:
            times = (item.unit or unit).times  # type: ignore[union-attr]
            code = "" if item.plain and not (item.unit and bare and not unit) else "UNIT_NORMALISED"
        else:
            times, code = _ratio_times(item.number, below, above, sure)
        if not times:
            cells.append(Cell(fault="UNIT_AMBIGUOUS", detail={"readings": f"{shown(raw)} %, {shown(raw)}"}))
        elif item.number < 0:
            cells.append(Cell(fault="VALUE_RANGE"))
        elif of_whole and item.number * times > 1:
            cells.append(Cell(fault="SHARE_OVER_WHOLE"))
        else:
            cells.append(Cell(value=float(item.number * times), reading=code, detail={"raw": shown(raw)}))
    return cells


def _ratio_times(
    number: Fraction, below: bool, above: bool, sure: Sequence[Fraction]
) -> tuple[Fraction | None, str]:
    """Return by how much a bare share is multiplied (None: it cannot be told) and the code of the reading."""
    per_cent, fraction = Fraction(1, 100), Fraction(1)
    if number <= 0:
        return fraction, ""
    if number > 1:
        return per_cent, "UNIT_NORMALISED"
    if not sure:
        return (fraction, "") if below else (None, "")
    if number == 1:
        return (per_cent, "UNIT_NORMALISED") if above and not below else (None, "")
    middle = sure[len(sure) // 2]
    factor = reading()["ratio"]["mixed_factor"]
    near = [t for t in (fraction, per_cent) if middle / factor <= number * t <= middle * factor]
    return (near[0], "UNIT_NORMALISED") if len(near) == 1 else (None, "")
