"""Tables as data: the workbook writes their values, the reports write the same values as text."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from landzone.catalog import load
from landzone.outputs.wording import Wording, clean
from landzone.units import M2_PER_HA, MU_PER_HA, FloatArray, IntArray

DASH = "—"
DECIMALS = {
    "m2": 2,
    "ha": 4,
    "mu": 2,
    "ratio": 2,
    "far": 3,
    "money": 2,
    "rate": 2,
    "number": 2,
    "count": 0,
    "width": 3,
    "place": 3,
}
"""Kinds of numbers and the decimals shown. A ratio is shown in per cent."""

_FACTOR = {"ha": 1 / M2_PER_HA, "mu": MU_PER_HA / M2_PER_HA}
Translate = Callable[[Any], str]


@dataclass(frozen=True)
class Spec:
    """One column wanted from a frame.

    ``kind`` is ``text id word date flag amount`` or a kind of number; ``total`` asks for a sum, ``translate``
    turns a code into words, ``tones`` colours by the code, ``unit`` names the column with the unit of an
    ``amount``.
    """

    column: str
    kind: str = "text"
    total: bool = False
    translate: Translate | None = None
    tones: bool = False
    unit: str = ""
    title: str = ""
    width: int = 0


@dataclass(frozen=True)
class Coded:
    """Values of which many are alike: the place of each in ``kinds``, -1 where it is missing."""

    codes: IntArray
    kinds: tuple[Any, ...]

    @classmethod
    def of(cls, values: Sequence[Any]) -> Coded:
        """Return values as codes; None and "" are missing."""
        places: dict[Any, int] = {}
        codes = [places.setdefault(v, len(places)) if v is not None and v != "" else -1 for v in values]
        return cls(np.array(codes, dtype=np.int64), tuple(places))

    def __getitem__(self, rows: slice) -> Coded:
        return replace(self, codes=self.codes[rows])

    def told(self, missing: Any) -> list[Any]:
        """Return the values one by one."""
        kinds = [*self.kinds, missing]
        return [kinds[code] for code in self.codes.tolist()]


@dataclass(frozen=True)
class Column:
    """A column that is ready to be written: numbers with NaN where they are missing, all else as ``Coded``.

    ``tones`` and ``units`` are kept for each cell where the column has them; ``cleaned`` counts the texts that
    held something which cannot be printed.
    """

    key: str
    title: str
    kind: str
    data: FloatArray | Coded
    tones: Coded | None = None
    units: Coded | None = None
    total: bool = False
    width: int = 0
    cleaned: int = 0

    @classmethod
    def of(cls, key: str, title: str, kind: str, values: Sequence[Any], width: int = 0) -> Column:
        """Return a column of a few values; None is missing."""
        if kind in DECIMALS:
            numbers = np.array([math.nan if v is None else v for v in values], dtype=np.float64)
            return cls(key, title, kind, numbers, width=width)
        return cls(key, title, kind, Coded.of(values), width=width)

    @property
    def numeric(self) -> bool:
        """Numbers stand right."""
        return self.kind in DECIMALS or self.kind == "amount"

    @property
    def lacks(self) -> bool:
        """Some cell is missing."""
        if isinstance(self.data, Coded):
            return bool((self.data.codes < 0).any())
        return bool(np.isnan(self.data).any())

    def __len__(self) -> int:
        return len(self.data.codes if isinstance(self.data, Coded) else self.data)

    @property
    def values(self) -> list[Any]:
        """The values one by one, None where missing; for what people read a page of."""
        if isinstance(self.data, Coded):
            return self.data.told(None)
        return [value if math.isfinite(value) else None for value in self.data.tolist()]


@dataclass(frozen=True)
class Grid:
    """A table for people. ``rows_all`` counts its rows before a long list was cut, ``sheet`` has all of them."""

    title: str
    columns: tuple[Column, ...]
    note: str = ""
    rows_all: int = 0
    sheet: str = ""

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def only(self, *keys: str) -> Grid:
        """Return the grid with some of its columns, in the order asked for; absent ones are left out."""
        own = {column.key: column for column in self.columns}
        return replace(self, columns=tuple(own[key] for key in keys if key in own))

    def head(self, rows: int) -> Grid:
        """Return the first rows."""
        return replace(self, columns=tuple(_cut(column, rows) for column in self.columns))


def _cut(column: Column, rows: int) -> Column:
    first = slice(rows)
    return replace(
        column,
        data=column.data[first],
        tones=column.tones[first] if column.tones else None,
        units=column.units[first] if column.units else None,
    )


def grid(frame: pd.DataFrame, specs: Sequence[Spec], words: Wording, title: str, note: str = "") -> Grid:
    """Return the wanted columns of a frame, in words and rounded to what the frame holds; absent ones are left out."""
    columns = tuple(_column(frame, spec, words) for spec in specs if spec.column in frame)
    return Grid(title, columns, note, len(frame))


def facts(title: str, pairs: Sequence[tuple[str, str]], words: Wording) -> Grid:
    """Return names and values as a table of two columns."""
    names = [clean(name) for name, _ in pairs]
    values = [clean(value) for _, value in pairs]
    return Grid(
        title,
        (
            Column.of("item", words.title("item"), "text", names, width=24),
            Column.of("value", words.title("value"), "text", values, width=60),
        ),
        rows_all=len(names),
    )


def _column(frame: pd.DataFrame, spec: Spec, words: Wording) -> Column:
    series = frame[spec.column]
    suffix = spec.kind if spec.kind in _FACTOR else ""
    key = f"{spec.column}:{suffix}" if suffix else spec.column
    numeric = spec.kind in DECIMALS or spec.kind == "amount"
    own = None if numeric else _coded(series)
    return Column(
        key=key,
        title=_title(spec, words),
        kind=spec.kind,
        data=_numbers(series, spec) if own is None else _said(own, spec, words),
        tones=_tones(own or _coded(series)) if spec.tones else None,
        units=_as_text(_coded(frame[spec.unit])) if spec.unit in frame else None,
        total=spec.total,
        width=spec.width,
        cleaned=_cleaned(own) if own is not None and spec.kind in ("text", "id") else 0,
    )


def _coded(series: pd.Series) -> Coded:
    """Return the values of a series as codes, in the order in which they come first."""
    codes, kinds = pd.factorize(series)
    return Coded(codes.astype(np.int64), tuple(pd.Index(kinds).astype(object)))


def _recoded(coded: Coded, values: Sequence[Any]) -> Coded:
    """Return other values in the place of the kinds; None and "" are missing."""
    told = Coded.of(values)
    return Coded(np.append(told.codes, -1)[coded.codes], told.kinds)


def _as_text(coded: Coded) -> Coded:
    return _recoded(coded, [str(value) for value in coded.kinds])


def _cleaned(coded: Coded) -> int:
    """Count the texts that held something which cannot be printed."""
    many = np.bincount(coded.codes[coded.codes >= 0], minlength=len(coded.kinds))
    return sum(
        int(count)
        for text, count in zip(coded.kinds, many, strict=True)
        if clean(str(text)) != str(text).replace("\r\n", "\n").replace("\r", "\n")
    )


def _title(spec: Spec, words: Wording) -> str:
    name = spec.title or words.title(spec.column)
    unit = {
        "m2": words.unit("m2"),
        "ha": words.unit("ha"),
        "mu": words.unit("mu"),
        "money": words.money,
        "rate": words.money_per_ha,
        "ratio": "",
    }.get(spec.kind, words.unit("m") if spec.kind == "number" and spec.column.endswith("_m") else "")
    return words.beside(name, unit) if unit else name


def _numbers(series: pd.Series, spec: Spec) -> FloatArray:
    numbers = pd.to_numeric(series, errors="coerce").astype("Float64").to_numpy("float64", na_value=math.nan)
    factor = _FACTOR.get(spec.kind)
    own = numbers if factor is None else np.round(numbers * factor, 10)
    finite: FloatArray = np.where(np.isfinite(own), own, math.nan)
    return finite


def _said(coded: Coded, spec: Spec, words: Wording) -> Coded:
    if spec.kind == "date":
        return _recoded(coded, [_date(str(value)) for value in coded.kinds])
    if spec.kind == "flag":
        yes, no = words.say("yes"), words.say("no")
        return _recoded(coded, [yes if value else no for value in coded.kinds])
    return _recoded(coded, [_text(value, spec.translate) for value in coded.kinds])


def _text(value: Any, translate: Translate | None) -> str:
    return clean(translate(value) if translate else str(value))


def _date(text: str) -> Any:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return clean(text) or None


def _tones(coded: Coded) -> Coded:
    own: dict[str, str] = load.table("labels/tones.toml")["of"]
    return _recoded(coded, [own.get(str(value), "") for value in coded.kinds])


def shown(column: Column, words: Wording) -> list[str]:
    """Return the cells of a column as people read them; an em dash where one is missing.

    A number that rounding would show as nil keeps more decimals.
    """
    if column.kind == "amount" and column.units is not None:
        pairs = zip(column.values, column.units.told(""), strict=True)
        return [DASH if value is None else words.amount(value, unit) for value, unit in pairs]
    return [DASH if value is None else written(value, column.kind) for value in column.values]


def written(value: Any, kind: str) -> str:
    """Return a value of a kind as text.

    >>> written(0.3456, "ratio"), written(1234.5, "m2"), written(0.00001, "ha")
    ('34.56%', '1,234.50', '0.00001')
    """
    if kind not in DECIMALS:
        return value.isoformat() if isinstance(value, date) else str(value)
    decimals = DECIMALS[kind]
    number = value * 100 if kind == "ratio" else value
    while number and decimals and decimals < 9 and round(number, decimals) == 0:
        decimals += 1
    return f"{number:,.{decimals}f}" + ("%" if kind == "ratio" else "")


def total(column: Column) -> float | None:
    """Return the sum of a column's known values, None where nothing is known."""
    if isinstance(column.data, Coded):
        return None
    known = column.data[np.isfinite(column.data)]
    return math.fsum(known) if len(known) else None
