"""Tables of limits by key (land grade, industry): CSV files beside a pack, or among those that ship."""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from landzone.catalog import load
from landzone.model.rules import KeyedLimits

FOLDER = "limit_tables"


class TableError(ValueError):
    """A table of limits that cannot be used: what is wrong, and where in it."""


@dataclass(frozen=True)
class TableSource:
    """Where the tables of a pack are: in the folder of the user's pack, else in the catalogue.

    Attributes
    ----------
    folder : Path or None
        Folder of the pack; None for a bundled one.
    texts : mapping of str to str
        Tables whose text was kept in the record of a run.
    """

    folder: Path | None = None
    texts: Mapping[str, str] = field(default_factory=dict)

    def content(self, name: str) -> tuple[str, str]:
        """Return the text of a table and the hash of its bytes.

        Raises
        ------
        TableError
            There is no such file, or it is not UTF-8.
        """
        own = self.folder / name if self.folder is not None else None
        if self.texts.get(name):
            raw = self.texts[name].encode("utf-8")
        elif own is not None and own.is_file():
            raw = own.read_bytes()
        elif name in load.names(FOLDER, ""):
            raw = load.text(f"{FOLDER}/{name}").encode("utf-8")
        else:
            known = ", ".join(load.names(FOLDER, ".csv"))
            raise TableError(f"no such file; bundled: {known}")
        try:
            return raw.decode("utf-8-sig"), hashlib.sha256(raw).hexdigest()
        except UnicodeDecodeError as error:
            raise TableError(str(error)) from error


@dataclass(frozen=True)
class Lookup:
    """How a table is read.

    Attributes
    ----------
    keys : tuple of str
        Keys of a subject; the first stands in the first column of the table.
    columns : mapping of str to tuple of str
        Column of the limits, and for which values of the second key it holds (empty: there is no second key).
    digits, scheme
        As in ``KeyedLimits``.
    """

    keys: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    digits: int = 0
    scheme: str = ""


def read_limits(source: TableSource, name: str, how: Lookup, factor: Fraction) -> KeyedLimits:
    """Read a table of limits; every cell has to be a number, or empty where there is no limit.

    Raises
    ------
    TableError
        A column that is not there, a key twice, a cell that is no number.
    """
    text, sha256 = source.content(name)
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or len(rows) < 2:
        raise TableError("the table is empty")
    head = [cell.strip() for cell in rows[0]]
    limits: dict[tuple[str, ...], float] = {}
    for column, seconds in how.columns.items():
        if column not in head:
            raise TableError(f"line 1: no column {column} among {', '.join(head)}")
        place = head.index(column)
        for line, row in enumerate(rows[1:], 2):
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(head):
                raise TableError(f"line {line}: {len(row)} cells, the header has {len(head)}")
            if not row[place].strip():
                continue
            limit = _number(row[place].strip(), line, factor)
            first = row[0].strip()
            found: list[tuple[str, ...]] = [(first, second) for second in seconds] or [(first,)]
            for key in found:
                if key in limits:
                    raise TableError(f"line {line}: {' '.join(key)} occurs twice")
                limits[key] = limit
    return KeyedLimits(how.keys, limits, how.digits, how.scheme, name, sha256, text)


def _number(text: str, line: int, factor: Fraction) -> float:
    try:
        value = float(text)
        if not math.isfinite(value):
            raise ValueError(text)
        return float(Fraction(text) * factor)
    except (ValueError, ZeroDivisionError):
        raise TableError(f"line {line}: {text} is no number") from None
