"""Turns the cells of a source into typed columns; every cell that cannot be read is listed, never guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.catalog import columns as known
from landzone.catalog.columns import ColumnSpec
from landzone.catalog.messages import refusal
from landzone.io.cells import MISSING, Cell, Reader, plain_value, reading, shown
from landzone.io.columns import Match
from landzone.io.dates import read_dates
from landzone.io.numbers import Unit, UnitMissing, read_area, read_length, read_money, read_number, read_ratio
from landzone.io.plain_columns import plain_column
from landzone.io.raw import Raw
from landzone.io.words import read_ids, read_texts, read_yesno
from landzone.model.problems import READ, Problems

BoolArray = NDArray[np.bool_]

_DTYPE = {
    "id": "str", "code": "str", "text": "str", "money": "Int64", "date": "datetime64[s]", "yesno": "boolean",
    "area": "float64", "length": "float64", "ratio": "float64", "number": "float64", "measure": "float64",
    "share": "float64",
}  # fmt: skip


@dataclass
class Typed:
    """The rows of a source with typed columns, before any row was dropped.

    ``dropped`` marks rows that were already rejected as a whole; ``subject`` is what a row is called in problems.
    """

    frame: pd.DataFrame
    subject: NDArray[np.object_]
    dropped: BoolArray
    faulty: dict[str, BoolArray] = field(default_factory=dict)

    def mark(self, canonical: str, rows: BoolArray) -> None:
        """Remember that a cell was rejected."""
        self.faulty[canonical] = self.faulty.get(canonical, np.zeros(len(self.frame), bool)) | rows


def rejected_cells(faulty: Mapping[str, BoolArray], length: int) -> pd.Series:
    """Return the canonical names of the rejected cells of each row, joined by ``|``."""
    text = np.full(length, "", dtype=object)
    for name in sorted(faulty):
        rows = faulty[name]
        text[rows] = [f"{t}|{name}" if t else name for t in text[rows]]
    return pd.Series(text, dtype="str")


def typed_reader(spec: ColumnSpec, unit: Unit | None, spreadsheet: bool) -> Reader:
    """Return the function that reads the cells of a kind of column."""
    readers: dict[str, Reader] = {
        "id": partial(read_ids, spreadsheet=spreadsheet),
        "code": partial(read_ids, spreadsheet=spreadsheet),
        "text": read_texts,
        "money": partial(read_money, unit=unit),
        "area": partial(read_area, unit=unit, positive=spec.positive),
        "length": partial(read_length, unit=unit, positive=spec.positive),
        "ratio": partial(read_ratio, unit=unit),
        "share": partial(read_ratio, unit=unit, of_whole=_is_part(spec)),
        "number": read_number,
        "measure": partial(read_number, unit=unit, signed=True),
        "date": read_dates,
        "yesno": read_yesno,
    }
    return readers[spec.kind]


def _is_part(spec: ColumnSpec) -> bool:
    """Tell whether a share is a part of its whole by the name of its column."""
    return any(word in plain_value(spec.name) for word in reading()["ratio"]["parts_of_a_whole"])


def read_table(
    raw: Raw, matches: Sequence[Match], subject_columns: Sequence[str], problems: Problems
) -> Typed:
    """Read all matched columns of a source; unmapped ones are kept as ``src_<name>``.

    Parameters
    ----------
    raw : Raw
        The source.
    matches : sequence of Match
        What was taken for what.
    subject_columns : sequence of str
        Canonical ids that name a row in problems, the first that is present wins.
    problems : Problems
        Takes rejected cells and readings.

    Raises
    ------
    Refusal
        UNIT_MISSING.
    """
    size = len(raw.cells)
    typed = Typed(pd.DataFrame(index=range(size)), np.full(size, "", dtype=object), np.zeros(size, bool))
    reader = _TableReader(raw, typed, problems)
    ids = {m.spec.name: reader.cells(m) for m in matches if m.spec.kind == "id"}
    for name in reversed([n for n in subject_columns if n in ids]):
        text = _column(ids[name], "str")
        typed.subject[text.notna()] = text[text.notna()]
    columns: dict[str, pd.Series] = {}
    for match in matches:
        found = ids[match.spec.name] if match.spec.name in ids else reader.cells(match)
        columns[match.spec.frame_name] = _column(found, _DTYPE[match.spec.kind])
        reader.report(match, found)
    used = {m.header for m in matches}
    extra = raw.cells[[c for c in raw.cells.columns if str(c) not in used]].reset_index(drop=True)
    typed.frame = pd.concat([pd.DataFrame(columns, index=range(size)), extra.add_prefix("src_")], axis=1)
    typed.frame["source_row"] = np.asarray(raw.rows, dtype="int64")
    return typed


@dataclass(frozen=True)
class _Found:
    """Distinct cells and the place of each row's cell among them (the last one is the missing cell)."""

    cells: list[Cell]
    raw: list[Any]
    codes: NDArray[np.intp]
    plain: pd.Series | None = None
    """The whole column, where no value needed a look."""

    def rows(self, trait: str, code: str) -> BoolArray:
        """Mark the rows whose cell has a code as its fault, reading or note."""
        return np.array([getattr(c, trait) == code for c in self.cells], dtype=bool)[self.codes]

    def chosen(self, trait: str, code: str) -> list[tuple[Any, Cell]]:
        """Return the distinct raw values with that code, and their cells."""
        return [(r, c) for r, c in zip(self.raw, self.cells, strict=True) if getattr(c, trait) == code]

    def codes_of(self, trait: str) -> list[str]:
        return sorted({getattr(c, trait) for c in self.cells} - {""})


class _TableReader:
    """Reads the columns of one source and lists what could not be read."""

    def __init__(self, raw: Raw, typed: Typed, problems: Problems) -> None:
        self.raw = raw
        self.typed = typed
        self.problems = problems

    def cells(self, match: Match) -> _Found:
        column = self.raw.cells[match.header].reset_index(drop=True)
        spreadsheet = column.dtype == object
        if match.unit_column:
            column = _with_units(column, self.raw.cells[match.unit_column].reset_index(drop=True))
        plain = plain_column(column, match.spec, match.unit)
        if plain is not None:
            return _Found([MISSING], [""], np.zeros(len(column), dtype=np.intp), plain)
        codes, uniques = pd.factorize(column, use_na_sentinel=True)
        values = list(uniques)
        codes = np.where(codes < 0, len(values), codes)
        try:
            cells = typed_reader(match.spec, match.unit, spreadsheet)(values)
        except UnitMissing as error:
            keep = reading()["kept"]["ids"]
            raise refusal(
                "UNIT_MISSING",
                file=self.raw.source,
                layer=self.raw.layer,
                column=match.header,
                canonical=match.spec.name,
                sample=", ".join(sorted({shown(v) for v in values})[:keep]),
                ids=", ".join(sorted({str(s) for s in self.typed.subject if s})[:keep]),
            ) from error
        return _Found([*cells, MISSING], [*values, ""], codes)

    def report(self, match: Match, found: _Found) -> None:
        """List the cells that were rejected or are spelled differently from how they were read."""
        for code in found.codes_of("fault"):
            self._reject(match, found, code)
        for code in found.codes_of("reading"):
            changes = {shown(raw): _text(match.spec, c.value) for raw, c in found.chosen("reading", code)}
            fields = self._summary(match, found.rows("reading", code), changes)
            self.problems.repair(code, action=READ, **fields)
        for code in found.codes_of("note"):
            fields = self._summary(match, found.rows("note", code), {})
            words = {c.detail.get("word", "") for _, c in found.chosen("note", code)}
            fields["params"]["word"] = ", ".join(sorted(words))
            self.problems.note(code, **fields)
        self._note_match(match)

    def _reject(self, match: Match, found: _Found, code: str) -> None:
        whole = match.spec.kind == "id"
        rows = found.rows("fault", code)
        values = np.array([shown(v) for v in found.raw], dtype=object)[found.codes][rows]
        details = np.array([c.detail for c in found.cells], dtype=object)[found.codes][rows]
        subject = self.typed.subject[rows]
        common = {"header": match.header, "canonical": match.spec.name}
        self.problems.reject(
            code,
            source=self.raw.source,
            layer=self.raw.role,
            rows=self.raw.rows[rows],
            ids=np.where(subject == "", values, subject) if whole else subject,
            column="" if whole else match.spec.name,
            raw_value=values,
            params=[
                {**common, "digits": str(sum(c.isdigit() for c in value)), **detail}
                for value, detail in zip(values, details, strict=True)
            ],
        )
        if whole:
            self.typed.dropped |= rows
        else:
            self.typed.mark(match.spec.name, rows)

    def _summary(self, match: Match, rows: BoolArray, changes: Mapping[str, str]) -> dict[str, Any]:
        keep = reading()["kept"]
        ids = sorted({str(s) for s in self.typed.subject[rows] if s})
        values = dict(sorted(changes.items())[: keep["values"]])
        first = next(iter(values.items()), ("", ""))
        return {
            "source": self.raw.source,
            "layer": self.raw.role,
            "column": match.spec.name,
            "raw_value": "; ".join(values),
            "before": first[0],
            "after": first[1],
            "params": {
                "header": match.header,
                "count": int(rows.sum()),
                "ids": ", ".join(ids[: keep["ids"]]) + (" …" if len(ids) > keep["ids"] else ""),
                "values": "; ".join(f"{before} → {after or '∅'}" for before, after in values.items()),
            },
        }

    def _note_match(self, match: Match) -> None:
        def note(code: str, **params: str) -> None:
            params = {"header": match.header, "zh": match.spec.zh, **params}
            name = match.spec.name
            self.problems.note(code, source=self.raw.source, layer=self.raw.role, column=name, params=params)

        if match.how == "prefix":
            note("COLUMN_BY_PREFIX")
        if match.how == "content":
            note("COLUMN_BY_CONTENT")
        if match.spec.kind == "length" and match.unit is None:
            note("LENGTH_UNIT_ASSUMED")
        if match.unit and match.header_unit and match.unit.times != match.header_unit.times:
            note("UNIT_HEADER_DIFFERS", stated=match.unit.name, found=match.header_unit.name)


def _with_units(numbers: pd.Series, units: pd.Series) -> pd.Series:
    """Write the unit of a second column behind each number."""
    words = known.by_content()["unit_columns"]["words"]
    unit = units.map(lambda u: words.get(shown(u).strip(), shown(u).strip()), na_action="ignore").fillna("")
    text = numbers.map(shown, na_action="ignore").fillna("")
    return text.where(text == "", text + unit)


def _column(found: _Found, dtype: Any) -> pd.Series:
    if found.plain is not None:
        return found.plain.astype(dtype)
    values = [cell.value for cell in found.cells]
    if dtype == "float64":
        unique = pd.Series([np.nan if v is None else v for v in values], dtype="float64")
    elif dtype == "datetime64[s]":
        days = [np.datetime64("NaT") if v is None else np.datetime64(v) for v in values]
        unique = pd.Series(np.array(days, dtype="M8[s]"))
    else:
        unique = pd.Series(values, dtype=dtype)
    return unique.take(found.codes).reset_index(drop=True)


def _text(spec: ColumnSpec, value: Any) -> str:
    if value is None:
        return ""
    if spec.kind == "money":
        return f"{Decimal(value).scaleb(-2):f}"
    return shown(value)
