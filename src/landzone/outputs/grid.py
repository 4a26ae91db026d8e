"""Tables as data: the workbook writes their values, the reports write the same values as text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from landzone.catalog import load
from landzone.outputs.wording import Wording, clean
from landzone.units import M2_PER_HA, MU_PER_HA

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
class Column:
    """A column that is ready to be written: ``None`` is missing."""

    key: str
    title: str
    kind: str
    values: tuple[Any, ...]
    tones: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    total: bool = False
    width: int = 0
    cleaned: int = 0

    @property
    def numeric(self) -> bool:
        """Numbers stand right."""
        return self.kind in DECIMALS or self.kind == "amount"


@dataclass(frozen=True)
class Grid:
    """A table for people. ``rows_all`` counts its rows before a long list was cut, ``sheet`` has all of them."""

    title: str
    columns: tuple[Column, ...]
    note: str = ""
    rows_all: int = 0
    sheet: str = ""

    def __len__(self) -> int:
        return len(self.columns[0].values) if self.columns else 0

    def only(self, *keys: str) -> Grid:
        """Return the grid with some of its columns, in the order asked for; absent ones are left out."""
        own = {column.key: column for column in self.columns}
        return replace(self, columns=tuple(own[key] for key in keys if key in own))

    def head(self, rows: int) -> Grid:
        """Return the first rows."""
        return replace(self, columns=tuple(_cut(column, rows) for column in self.columns))


def _cut(column: Column, rows: int) -> Column:
    return replace(column, values=column.values[:rows], tones=column.tones[:rows], units=column.units[:rows])


def grid(frame: pd.DataFrame, specs: Sequence[Spec], words: Wording, title: str, note: str = "") -> Grid:
    """Return the wanted columns of a frame, in words and rounded to what the frame holds; absent ones are left out."""
    columns = tuple(_column(frame, spec, words) for spec in specs if spec.column in frame)
    return Grid(title, columns, note, len(frame))


def facts(title: str, pairs: Sequence[tuple[str, str]], words: Wording) -> Grid:
    """Return names and values as a table of two columns."""
    names = tuple(clean(name) for name, _ in pairs)
    values = tuple(clean(value) or None for _, value in pairs)
    return Grid(
        title,
        (
            Column("item", words.title("item"), "text", names, width=24),
            Column("value", words.title("value"), "text", values, width=60),
        ),
        rows_all=len(names),
    )


def _column(frame: pd.DataFrame, spec: Spec, words: Wording) -> Column:
    series = frame[spec.column]
    suffix = spec.kind if spec.kind in _FACTOR else ""
    key = f"{spec.column}:{suffix}" if suffix else spec.column
    return Column(
        key=key,
        title=_title(spec, words),
        kind=spec.kind,
        values=_values(series, spec, words),
        tones=_tones(series) if spec.tones else (),
        units=tuple(str(unit) for unit in frame[spec.unit]) if spec.unit in frame else (),
        total=spec.total,
        width=spec.width,
        cleaned=_cleaned(series) if spec.kind in ("text", "id") else 0,
    )


def _cleaned(series: pd.Series) -> int:
    """Count the texts that held something which cannot be printed."""
    texts = Counter(series.dropna().astype(object).tolist())
    return sum(
        many
        for text, many in texts.items()
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
    }.get(spec.kind, "")
    return words.beside(name, unit) if unit else name


def _values(series: pd.Series, spec: Spec, words: Wording) -> tuple[Any, ...]:
    if spec.kind in DECIMALS or spec.kind == "amount":
        numbers = pd.to_numeric(series, errors="coerce").astype("Float64").astype("float64")
        factor = _FACTOR.get(spec.kind)
        return tuple(
            None if not math.isfinite(v) else v if factor is None else round(v * factor, 10)
            for v in numbers.tolist()
        )
    raw = [
        None if missing else value
        for value, missing in zip(series.astype(object).tolist(), series.isna().tolist(), strict=True)
    ]
    if spec.kind == "date":
        return tuple(None if value is None else _date(str(value)) for value in raw)
    if spec.kind == "flag":
        yes, no = words.say("yes"), words.say("no")
        return tuple(None if value is None else yes if value else no for value in raw)
    known = {value: _text(value, spec.translate) for value in set(raw) if value is not None}
    return tuple(None if value is None else known[value] or None for value in raw)


def _text(value: Any, translate: Translate | None) -> str:
    return clean(translate(value) if translate else str(value))


def _date(text: str) -> Any:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return clean(text) or None


def _tones(series: pd.Series) -> tuple[str, ...]:
    own: dict[str, str] = load.table("labels/tones.toml")["of"]
    return tuple(
        "" if missing else own.get(str(v), "")
        for v, missing in zip(series.astype(object).tolist(), series.isna().tolist(), strict=True)
    )


def shown(column: Column, place: int, words: Wording) -> str:
    """Return one cell as people read it; an em dash where it is missing.

    A number that rounding would show as nil keeps more decimals.
    """
    value = column.values[place]
    if value is None:
        return DASH
    if column.kind == "amount":
        return words.amount(value, column.units[place])
    return written(value, column.kind)


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
    known = [value for value in column.values if value is not None]
    return math.fsum(known) if known else None
