"""dBase tables, read column by column with numpy: code page, cut names and deleted records under our own eyes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from landzone.io.detection import Sample, decode
from landzone.io.encoding import CodePage, settle
from landzone.io.formats import setting
from landzone.io.frames import refuse_duplicates
from landzone.io.origin import Origin

_DELETED = b"*"
_NAME_BYTES = 10
_EXACT = 2.0**53
_BINARY = {"I": "<i4", "O": "<f8", "B": "<f8"}


@dataclass(frozen=True)
class _Field:
    name: bytes
    kind: str
    offset: int
    width: int
    decimals: int


@dataclass(frozen=True)
class DbfTable:
    """Cells of a dBase table, the 0-based places of its records that are not deleted, and its code page."""

    cells: pd.DataFrame
    places: NDArray[np.int64]
    records: int
    page: CodePage


def record_count(path: Path) -> int:
    """Return the number of records that the header announces."""
    with path.open("rb") as handle:
        return int.from_bytes(handle.read(8)[4:8], "little")


def read_dbf(path: Path, origin: Origin, *, cpg: Path | None = None) -> DbfTable:
    """Read a dBase table.

    Parameters
    ----------
    path : Path
        The ``.dbf`` file.
    origin : Origin
        Where notes go; ``origin.encoding`` forces the code page.
    cpg : Path, optional
        File that names the code page.

    Returns
    -------
    DbfTable
        Character fields are ``str`` without their padding (blank is missing), numbers without decimals
        ``Int64``, others ``float64``, dates ``datetime64[s]``, logical fields ``boolean``. A column with a
        value that does not fit its type stays text, so that the value can be shown.

    Raises
    ------
    Refusal
        ``FILE_CORRUPT``, ``COLUMN_DUPLICATE`` and those of `encoding.settle`.
    """
    data = path.read_bytes()
    count, header, width = (
        int.from_bytes(data[4:8], "little"),
        int.from_bytes(data[8:10], "little"),
        int.from_bytes(data[10:12], "little"),
    )
    fields = list(_fields(data, header))
    if not fields or header > len(data) or width < 1 + sum(f.width for f in fields):
        raise origin.refuse("FILE_CORRUPT", detail=f"{path.suffix}: header")
    if header + count * width > len(data):
        record = (len(data) - header) // width + 1
        detail = f".dbf: record {record} / {count}"
        raise origin.refuse("FILE_CORRUPT", detail=detail, row=record)
    body = np.frombuffer(data, dtype=f"S{width}", count=count, offset=header) if count else np.empty(0, "S1")
    block = body.view("u1").reshape(count, -1) if count else np.empty((0, width), "u1")
    alive = block[:, 0] != ord(_DELETED) if count else np.empty(0, bool)
    places = np.flatnonzero(alive).astype(np.int64)
    raw = {n: _bytes(block, field)[places] for n, field in enumerate(fields)}
    texts = {n: _Texts.of(raw[n]) for n, f in enumerate(fields) if f.kind == "C"}
    stated = cpg.read_text("latin-1").strip().strip("\0") if cpg else ""
    hint = setting("dbf_language_bytes").get(str(data[29]), "")
    page = settle(_samples(fields, texts), origin, stated=stated, hint=hint)
    if page.guessed:
        origin.note("ENCODING_GUESSED", params={"encoding": page.title})
    if len(places) < count:
        origin.note("RECORDS_DELETED", params={"count": count - len(places)})
    names = _names(fields, page, origin)
    columns: dict[str, pd.Series] = {}
    for n, field in enumerate(fields):
        if n not in texts and field.kind in "NF":
            raw[n] = _without_stars(raw[n], names[n], origin)
        column = texts[n].column(page, field, names[n], origin) if n in texts else _typed(raw[n], field)
        if column is None:
            origin.note("COLUMN_NOT_READ", column=names[n], params={"type": f"dBase {field.kind}"})
        else:
            columns[names[n]] = column
    return DbfTable(pd.DataFrame(columns, index=range(len(places))), places, count, page)


def _fields(data: bytes, header: int) -> Iterator[_Field]:
    offset = 1
    for start in range(32, min(header, len(data)) - 31, 32):
        entry = data[start : start + 32]
        if entry[:1] == b"\r":
            return
        name = entry[:11].split(b"\0")[0]
        kind = chr(entry[11])
        width = entry[16] + (entry[17] << 8 if kind == "C" else 0)
        if kind != "0":
            yield _Field(name, kind, offset, width, 0 if kind == "C" else entry[17])
        offset += width


def _bytes(block: NDArray[np.uint8], field: _Field) -> NDArray[np.bytes_]:
    part = np.ascontiguousarray(block[:, field.offset : field.offset + field.width])
    return part.view(f"S{field.width}").ravel() if field.width else np.zeros(len(block), "S1")


def _samples(fields: list[_Field], texts: dict[int, _Texts]) -> Iterator[Sample]:
    for field in fields:
        yield Sample(field.name, len(field.name) >= _NAME_BYTES)
    for n, column in texts.items():
        for value in column.values:
            if not value.isascii():
                yield Sample(value, len(value) >= fields[n].width)


def _names(fields: list[_Field], page: CodePage, origin: Origin) -> list[str]:
    names = []
    for field in fields:
        name, cut = decode(field.name, page.codec, len(field.name) >= _NAME_BYTES)
        name = name.strip()
        if cut:
            origin.note("FIELD_NAME_CUT", column=name)
        names.append(name)
    refuse_duplicates(names, origin)
    return names


@dataclass(frozen=True)
class _Texts:
    """One character column: its different values once, and where each record finds its own."""

    codes: NDArray[np.int64]
    values: list[bytes]

    @classmethod
    def of(cls, column: NDArray[np.bytes_]) -> _Texts:
        codes, values = pd.factorize(column.astype(object))
        return cls(codes, [v.rstrip(b" \0") for v in values])

    def column(self, page: CodePage, field: _Field, name: str, origin: Origin) -> pd.Series:
        decoded = [decode(v, page.codec, len(v) >= field.width) for v in self.values]
        cut = np.array([was_cut for _, was_cut in decoded], bool)
        if cut.any():
            origin.note("TEXT_CUT", column=name, params={"count": int(cut[self.codes].sum())})
        lookup = np.array([text or None for text, _ in decoded], object)
        return pd.Series(lookup[self.codes] if len(lookup) else [], dtype="str")


def _typed(column: NDArray[np.bytes_], field: _Field) -> pd.Series | None:
    """Return a column of numbers, dates or truth values; as text where a value does not fit; None if unreadable."""
    if field.kind in _BINARY and field.width == np.dtype(_BINARY[field.kind]).itemsize:
        values = np.frombuffer(column.tobytes(), _BINARY[field.kind])
        return pd.Series(values).astype("Int64" if field.kind == "I" else "float64")
    if field.kind not in "NFDL":
        return None
    texts = np.strings.strip(np.char.decode(column, "latin-1"), " \0\t")
    found = pd.Series(texts.astype(object)).where(texts != "", None).astype("str")
    if field.kind == "L":
        truth = {**dict.fromkeys("TtYy", True), **dict.fromkeys("FfNn", False), "?": None}
        fits = bool((found.isna() | found.isin(truth)).all())
        return found.map(truth).astype("boolean") if fits else found
    if field.kind == "D":
        found = found.where(found != "00000000")
        try:
            return pd.to_datetime(found, format="%Y%m%d").astype("datetime64[s]")
        except ValueError:
            return found
    return _numbers(found, whole=field.decimals == 0)


def _without_stars(column: NDArray[np.bytes_], name: str, origin: Origin) -> NDArray[np.bytes_]:
    """Blank out numbers that are all stars: so shapelib and GDAL write a missing one, and dBase one too long."""
    stars = (column != b"") & (np.strings.strip(column, b"*") == b"")
    if not stars.any():
        return column
    origin.note("DBF_STARS", column=name, params={"count": int(stars.sum())})
    return np.where(stars, b"", column)


def _numbers(found: pd.Series, *, whole: bool) -> pd.Series:
    # pandas would pass through float64 and change ids of more than 15 digits
    texts = pa.array(found.astype(object).where(found.notna(), None), pa.string())
    if whole:
        try:
            mapper = {pa.int64(): pd.Int64Dtype()}
            return pd.Series(texts.cast(pa.int64()).to_pandas(types_mapper=mapper.get), dtype="Int64")
        except pa.ArrowInvalid:
            pass
    try:
        numbers = texts.cast(pa.float64())
    except pa.ArrowInvalid:
        return found
    if whole and pc.any(pc.greater(pc.abs(numbers), _EXACT)).as_py():
        return found
    return pd.Series(numbers.to_pandas(), dtype="float64")
