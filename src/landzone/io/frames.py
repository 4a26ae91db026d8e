"""Columns as a reader hands them over: whole numbers stay whole, text stays text, dates only where they are dates."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landzone.io.origin import Origin

_TEXTS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)


def refuse_duplicates(names: Sequence[str], origin: Origin) -> None:
    """Refuse columns that have the same name; blank names are told apart elsewhere."""
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise origin.refuse("COLUMN_DUPLICATE", names="; ".join(twice), column=twice[0])


def pandas_frame(table: pa.Table, origin: Origin, *, datetimes: Sequence[str] = ()) -> pd.DataFrame:
    """Return the columns of an Arrow table in the types that `Raw` promises.

    Parameters
    ----------
    table : pyarrow.Table
        Without geometry.
    datetimes : sequence of str
        Columns that hold date-times as ISO text (GDAL turns a time zone into UTC otherwise, which moves days).

    Returns
    -------
    DataFrame
        Integers ``Int64`` with nulls kept, 64-bit integers exact, reals ``float64``, truth values ``boolean``,
        text ``str``, dates ``datetime64[s]``; lists and structures as JSON text; decimals as exact text.
    """
    refuse_duplicates(table.schema.names, origin)
    columns: dict[str, pd.Series] = {}
    for name, column in zip(table.schema.names, table.columns, strict=True):
        series = _series(_valid(column, name, origin))
        if series is None:
            origin.note("COLUMN_NOT_READ", column=name, params={"type": str(column.type)})
            continue
        columns[name] = naive_dates(series) if name in datetimes else series
    return pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))


def _series(column: pa.ChunkedArray) -> pd.Series | None:
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        column = column.cast(kind.storage_type)
        kind = kind.storage_type
    if pa.types.is_dictionary(kind):
        return _series(column.cast(kind.value_type))
    if pa.types.is_uint64(kind) or pa.types.is_decimal(kind) or pa.types.is_time(kind):
        return _text(column.cast(pa.string()))
    if pa.types.is_integer(kind):
        return pd.Series(column.to_pandas(types_mapper={kind: pd.Int64Dtype()}.get), dtype="Int64")
    if pa.types.is_boolean(kind):
        return pd.Series(column.to_pandas(types_mapper={kind: pd.BooleanDtype()}.get), dtype="boolean")
    if pa.types.is_floating(kind):
        return pd.Series(column.cast(pa.float64()).to_pandas(), dtype="float64")
    if pa.types.is_date(kind) or (pa.types.is_timestamp(kind) and kind.tz is None):
        return pd.Series(column.cast(pa.timestamp("us")).to_pandas()).astype("datetime64[s]")
    if pa.types.is_timestamp(kind):
        return _text(pc.strftime(column, "%Y-%m-%dT%H:%M:%S%z"))
    if pa.types.is_null(kind):
        return pd.Series([None] * len(column), dtype="str")
    if any(test(kind) for test in _TEXTS):
        return _text(column)
    if pa.types.is_nested(kind):
        texts = [
            None if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in column.to_pylist()
        ]
        return pd.Series(texts, dtype="str")
    return None


def _valid(column: pa.ChunkedArray, name: str, origin: Origin) -> pa.ChunkedArray:
    """Return a column all of whose texts are Unicode; bytes that are none become U+FFFD, and that is noted."""
    if not any(test(column.type) for test in _TEXTS):
        return column
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        plain = pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary()
        cells = column.cast(plain).to_pylist()
        texts = [None if cell is None else cell.decode("utf-8", "replace") for cell in cells]
        count = sum(t is not None and t.encode() != c for t, c in zip(texts, cells, strict=True))
        origin.note("TEXT_NOT_UNICODE", column=name, params={"count": count})
        return pa.chunked_array([pa.array(texts, pa.large_string())])
    return column


def _text(column: Any) -> pd.Series:
    values: pd.Series = column.to_pandas().astype("str")
    return values


def naive_dates(texts: pd.Series) -> pd.Series:
    """Return ISO date-times without a time zone as dates; with one anywhere they stay text."""
    if texts.dropna().str.contains(r"(?:Z|[+-]\d\d:?\d\d)$", regex=True).any():
        return texts
    try:
        return pd.to_datetime(texts, format="ISO8601").astype("datetime64[s]")
    except ValueError:
        return texts
