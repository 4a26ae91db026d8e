"""Layers and tables from PostgreSQL with PostGIS, read only.

A table is read once, through a cursor on the server; all tables that a study has of one database are of one moment
(see `landzone.io.database_session`). Every name is quoted as an identifier after it was found in the catalogue of the
database. Nothing is ever written, and no password is repeated in any text.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj

from landzone.catalog.messages import refusal
from landzone.io.database_session import Databases, databases
from landzone.io.database_table import DatabaseTable, choose_table, reading_query
from landzone.io.database_url import parse_database_url
from landzone.io.formats import limit, setting
from landzone.io.frames import pandas_frame
from landzone.io.gdal_reader import shapes_of
from landzone.io.origin import Origin
from landzone.io.raw import Raw
from landzone.io.record_reader import give_up
from landzone.model.problems import Problems

_BLOCK = 10_000


@dataclass
class _Content:
    """Rows as they came: Arrow columns by name, WKB, row numbers, count of shapes with arcs, hash."""

    columns: dict[str, list[pa.Array]]
    wkb: list[bytes | None] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    srids: set[int] = field(default_factory=set)
    curves: int = 0
    digest: Any = field(default_factory=hashlib.sha256)


def read_postgis(
    source: str,
    *,
    role: str,
    problems: Problems,
    layer: str | None = None,
    spatial: bool = True,
    opened: Databases | None = None,
) -> Raw:
    """Read one table of a PostgreSQL database.

    Parameters
    ----------
    source : str
        ``postgresql://user@host:port/db?table=schema.table[&geom=column][&id=column]``. The password stands in the
        address, in ``PGPASSWORD`` or in ``~/.pgpass``.
    role : str
        Role in the study; stands in the column ``layer`` of the problems.
    problems : Problems
        Takes notes and the records that had to be given up.
    layer : str, optional
        Table, where the address names none.
    spatial : bool
        False reads a table without its shapes.
    opened : Databases, optional
        Those of the study, so that all its tables are of one moment; the table alone where absent.

    Returns
    -------
    Raw
        Rows in the order of the primary key, without one in the order of their content. ``rows`` are the values of
        a whole-number key, else they count up. The hash is over all rows in that order.

    Raises
    ------
    Refusal
        DB_ADDRESS, DB_DRIVER_MISSING, DB_UNREACHABLE, DB_SRID, DB_GEOMETRY, DB_NO_POSTGIS, DB_FAILED,
        LAYER_AMBIGUOUS, LAYER_MISSING, NO_ROWS.
    LimitError
        Where the database takes longer than the limit of ``catalog/formats.toml``.
    """
    url = parse_database_url(source)
    if url.schema:
        raise refusal("DB_ADDRESS", file=url.text)
    origin = Origin(url.text, role, problems, Path(), url.table or layer or "")
    with databases(opened) as own, own.reading(url, origin) as connection:
        table = choose_table(connection, url, origin, spatial=spatial)
        content = _read(connection, table, url.key, origin)
    if table.can_write:
        origin.note("DB_ROLE_CAN_WRITE", params={"user": url.user, "table": table.title})
    count = len(content.keys)
    if count == 0:
        raise origin.refuse("NO_ROWS")
    chunks = {name: pa.chunked_array(parts) for name, parts in content.columns.items()}
    stamps = [c.name for c in table.columns if c.kind == "stamp"]
    cells = (
        pandas_frame(pa.table(chunks), origin, datetimes=stamps)
        if chunks
        else pd.DataFrame(index=range(count))
    )
    rows = np.array(content.keys, np.int64)
    raw = Raw(
        role=role,
        source=url.text,
        layer=table.title,
        cells=cells,
        rows=rows,
        rows_in=count,
        encoding="UTF-8",
        sha256={table.title: content.digest.hexdigest()},
    )
    return _with_shapes(raw, content, _crs(table, origin), origin) if table.geometry else raw


def _with_shapes(raw: Raw, content: _Content, crs: pyproj.CRS | None, origin: Origin) -> Raw:
    if content.curves:
        params = {"count": content.curves, "step": limit("arc_step_degrees")}
        origin.note("GEOM_CURVE_LINEARISED", params=params)
    shapes, bad = shapes_of(np.array(content.wkb, dtype=object))
    keep = give_up(bad, shapes, raw.rows, origin)
    cells = raw.cells[keep].reset_index(drop=True)
    return replace(raw, cells=cells, rows=raw.rows[keep], geometry=shapes[keep], crs=crs)


def _read(connection: Any, table: DatabaseTable, order: str, origin: Origin) -> _Content:
    fields = [c for c in table.columns if c.kind != "none"]
    for column in table.columns:
        if column.kind == "none":
            origin.note("COLUMN_NOT_READ", column=column.name, params={"type": column.type})
    content = _Content({c.name: [] for c in fields if c.name not in table.hidden})
    content.digest.update(repr([(c.name, c.type) for c in table.columns]).encode())
    kinds = {c.name: setting("database")["arrow_types"][c.kind] for c in fields}
    with connection.cursor(name="landzone", binary=True) as cursor:
        cursor.execute(reading_query(table, limit("arc_step_degrees"), order))
        while rows := cursor.fetchmany(_BLOCK):
            for row in rows:
                content.digest.update(repr(row).encode("utf-8", "surrogatepass"))
            cells = list(zip(*rows, strict=True))
            start = len(content.keys) + 1
            content.keys += cells[0] if table.numbered else range(start, start + len(rows))
            if table.geometry:
                content.wkb += cells[1]
                content.srids |= {srid for srid in cells[2] if srid is not None}
                content.curves += sum(map(bool, cells[3]))
            for column, values in zip(fields, cells[4:], strict=True):
                if column.name in content.columns:
                    content.columns[column.name].append(pa.array(values, kinds[column.name]))
    if table.geometry and content.keys:
        _settle_srid(table, content, origin)
        content.digest.update(str(table.srid).encode())
        table.look_up_crs(connection)
    return content


def _settle_srid(table: DatabaseTable, content: _Content, origin: Origin) -> None:
    """Take the SRID of the column, or the one that all shapes of an unconstrained column have."""
    if table.srid == 0 and len(content.srids) == 1:
        table.srid = next(iter(content.srids))
    if table.srid == 0 or content.srids - {table.srid}:
        found = ", ".join(map(str, sorted(content.srids | ({0} if not table.srid else set()))))
        raise origin.refuse("DB_SRID", layer=table.title, column=table.geometry, found=found)


def _crs(table: DatabaseTable, origin: Origin) -> pyproj.CRS | None:
    for text in (table.authority, table.wkt):
        try:
            return pyproj.CRS.from_user_input(text) if text else None
        except pyproj.exceptions.CRSError:
            continue
    origin.note("CRS_UNREADABLE", params={"declared": table.authority or f"SRID {table.srid}"})
    return None
