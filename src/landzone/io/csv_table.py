"""Delimited text: code page, delimiter and header found, line numbers as an editor shows them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landzone.io.encoding import CodePage, read_text
from landzone.io.frames import refuse_duplicates
from landzone.io.origin import Origin

_DELIMITERS = (",", ";", "\t", "|")
_LOOK_AHEAD = 50
_WKT = re.compile(
    r"\s*(SRID=(\d+);)?\s*(MULTI)?(POINT|LINESTRING|POLYGON|CURVE|SURFACE|GEOMETRYCOLLECTION|CURVEPOLYGON"
    r"|COMPOUNDCURVE|CIRCULARSTRING|TIN|POLYHEDRALSURFACE|TRIANGLE)\s*(Z|M|ZM)?\s*(\(|EMPTY)",
    re.I,
)


@dataclass(frozen=True)
class TextTable:
    """Cells as texts (blank is missing), the line of each row, the rows there were, and the code page."""

    cells: pd.DataFrame
    rows: NDArray[np.int64]
    rows_in: int
    page: CodePage


def read_csv(path: Path, origin: Origin) -> TextTable:
    """Read a delimited text file.

    All cells are texts as found, ``NA`` and ``0012`` among them; lines without any text are no rows.

    Raises
    ------
    Refusal
        ``FILE_CORRUPT`` with the line where a quote is never closed, ``NO_ROWS``, ``COLUMN_DUPLICATE`` and
        those of the code page.
    """
    text, page = read_text(path.read_bytes(), origin)
    if page.guessed:
        origin.note("ENCODING_GUESSED", params={"encoding": page.title})
    text = text.replace("\0", "")
    delimiter = sniff_delimiter(text)
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    lines: list[int] = []
    records: list[list[str]] = []
    for line, record in _records(text, delimiter, origin):
        if any(cell.strip() for cell in record):
            lines.append(line)
            records.append(record)
    if not records:
        raise origin.refuse("NO_ROWS")
    header = header_place(records)
    if header is None:
        raise origin.refuse("HEADER_MISSING")
    names = column_names(records[header], records[header + 1 :], origin)
    return _table(records[header + 1 :], lines[header + 1 :], names, page, origin)


def _records(text: str, delimiter: str, origin: Origin) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise origin.refuse("FILE_CORRUPT", detail=f"{error} ({line})", row=line) from None


def sniff_delimiter(text: str) -> str:
    """Return the delimiter that cuts the first lines into the most columns most evenly.

    >>> sniff_delimiter("a;b;c\\n1,5;2;3\\n")
    ';'
    """
    lines = [line for line in text[: 1 << 16].splitlines()[:_LOOK_AHEAD] if line.strip()]
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        common = max(set(widths), key=lambda w: (widths.count(w), w), default=1)
        score = widths.count(common) / max(len(widths), 1) * (common > 1) + common / 1e3
        if common > 1 and score > best_score:
            best, best_score = delimiter, score
    return best


def header_place(records: Sequence[Sequence[object]]) -> int | None:
    """Return the place of the header: the first row about as wide as the table whose cells are texts.

    Titles and units above it are short rows. A row of figures is no header.
    """
    ahead = records[:_LOOK_AHEAD]
    filled = [sum(_present(cell) for cell in record) for record in ahead]
    width = max(filled, default=0)
    for place, (record, count) in enumerate(zip(ahead, filled, strict=True)):
        texts = sum(_present(c) and isinstance(c, str) and not _figure(c) for c in record)
        if count >= max(1, 0.6 * width) and texts == count:
            return place
    return None


def _present(cell: object) -> bool:
    return cell is not None and str(cell).strip() != ""


def _figure(cell: str) -> bool:
    return re.fullmatch(r"\s*[+-]?[\d.,]+%?\s*", cell) is not None


def column_names(header: Sequence[object], body: Sequence[Sequence[object]], origin: Origin) -> list[str]:
    """Return the names of a header row; a column with cells but no name gets one."""
    names = ["" if name is None else str(name).replace("\ufeff", "").strip() for name in header]
    while (
        names
        and not names[-1]
        and not any(len(r) >= len(names) and _present(r[len(names) - 1]) for r in body)
    ):
        names.pop()
    names = [name or f"column_{place}" for place, name in enumerate(names, 1)]
    refuse_duplicates(names, origin)
    return names


def _table(
    records: list[list[str]], lines: list[int], names: list[str], page: CodePage, origin: Origin
) -> TextTable:
    width = len(names)
    rows = np.array(lines, np.int64)
    long = np.array([len(r) > width and any(c.strip() for c in r[width:]) for r in records], bool)
    for place in np.flatnonzero(long):
        params = {"found": len(records[place]), "expected": width}
        origin.reject(
            "ROW_FIELDS", rows=rows[[place]], raw_value="|".join(records[place])[:200], params=params
        )
    kept = [r[:width] + [""] * (width - len(r)) for r, bad in zip(records, long, strict=True) if not bad]
    columns = list(zip(*kept, strict=True)) if kept else [()] * width
    cells = pd.DataFrame(
        {
            n: pd.Series([v if v.strip() else None for v in column], dtype="str")
            for n, column in zip(names, columns, strict=True)
        }
    )
    return TextTable(cells, rows[~long], len(records), page)


def shapes(
    cells: pd.DataFrame, origin: Origin
) -> tuple[pd.DataFrame, NDArray[np.object_], dict[int, str], int | None]:
    """Take the WKT column out of a table.

    Returns
    -------
    cells : DataFrame
        Without that column.
    shapes : object array
        None where blank or unreadable.
    bad : dict
        Reason for each row whose text is no shape.
    epsg : int or None
        From ``SRID=4547;POLYGON …`` where every row agrees.
    """
    name = next((c for c in cells.columns if _is_wkt(cells[c])), None)
    if name is None:
        raise origin.refuse("LAYER_NO_GEOMETRY", layers="; ".join(map(str, cells.columns)))
    texts = cells[name].astype(object).where(cells[name].notna(), None)
    srid = texts.str.extract(r"^\s*SRID=(\d+);", expand=False).dropna().unique()
    plain = texts.str.replace(r"^\s*SRID=\d+;\s*", "", regex=True).to_numpy(dtype=object, copy=True)
    plain[pd.isna(plain)] = None
    try:
        with np.errstate(invalid="ignore", over="ignore"):  # a number that is none is the gate's affair
            found = np.asarray(shapely.from_wkt(plain, on_invalid="ignore"), dtype=object)
    except NotImplementedError:
        found = np.array([_one(t) for t in plain], dtype=object)
    lost = np.flatnonzero(shapely.is_missing(found) & ~pd.isna(plain))
    bad = {int(place): f"WKT {str(plain[place])[:40]}" for place in lost}
    return cells.drop(columns=name), found, bad, int(srid[0]) if len(srid) == 1 else None


def _one(text: str | None) -> object:
    try:
        with np.errstate(invalid="ignore", over="ignore"):
            return shapely.from_wkt(text, on_invalid="ignore")
    except NotImplementedError:
        return None


def _is_wkt(column: pd.Series) -> bool:
    present = column.dropna()
    return len(present) > 0 and _WKT.match(present.iloc[0]) is not None
