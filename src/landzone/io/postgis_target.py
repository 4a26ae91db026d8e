"""Writes the tables of a finished audit into a schema of PostgreSQL with PostGIS: COPY, in one transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyogrio
import pyproj
import shapely

from landzone.catalog.messages import refusal
from landzone.io.audit_folder import STYLES, TABLES_FILE, read_run
from landzone.io.database_session import session
from landzone.io.database_url import DatabaseUrl, parse_database_url
from landzone.io.formats import limit, setting
from landzone.io.origin import Origin
from landzone.model.problems import Problems

GEOMETRY = "geom"
MARK = "landzone "
"""Beginning of the comment on a schema that was written here, and that alone may be replaced."""

_ROWS = 65_536
_NAME_BYTES = 63


@dataclass(frozen=True)
class Written:
    """What was written: rows by table, and columns whose names were too long, with the names they have now."""

    schema: str
    rows: Mapping[str, int]
    renamed: Mapping[str, str]


def write_postgis(
    folder: Path, address: str, *, replace: bool = False, told: Callable[[str, float], None] = lambda *_: None
) -> Written:
    """Copy the layers and tables of ``audit.gpkg`` into a new schema, all of them or none.

    Parameters
    ----------
    folder : Path
        What ``landzone audit`` has written.
    address : str
        ``postgresql://user@host:port/db?schema=name``. The password stands in the address, in ``PGPASSWORD`` or in
        ``~/.pgpass``; the role needs CREATE on the database.
    replace : bool
        Put the tables in the place of those of a schema that an earlier call wrote; readers see the old ones until all
        new ones are there. Any other schema is never touched.
    told : callable
        Told the table and the share that is done.

    Returns
    -------
    Written
        Rows counted in the database; they are those of the file, or nothing was written.

    Raises
    ------
    Refusal
        OUT_NOT_AN_AUDIT, DB_TARGET_ADDRESS, DB_SCHEMA_THERE, DB_TARGET_CRS, DB_NO_POSTGIS, DB_ROWS and those of
        ``database_session.session``.
    """
    run, path = read_run(folder), folder / TABLES_FILE
    url = parse_database_url(address)
    if not url.schema or url.table or url.geometry or url.key or url.schema.startswith("pg_"):
        raise refusal("DB_TARGET_ADDRESS", file=url.text)
    origin = Origin(url.text, "", Problems(), Path(), url.schema)
    names = sorted(str(name) for name, _ in pyogrio.list_layers(path) if name != STYLES)
    rows: dict[str, int] = {}
    renamed: dict[str, str] = {}
    with session(url, origin, limit("database_seconds")) as connection:
        srid = _srid(connection, pyproj.CRS.from_user_input(run["crs"]), origin)
        _schema(connection, url, run, replace=replace)
        for number, name in enumerate(names):
            told(name, number / len(names))
            table = _Table(connection, url.schema, name, path, srid)
            rows[name] = table.write()
            renamed |= table.renamed
            if rows[name] != table.expected:
                raise origin.refuse("DB_ROWS", table=name, found=rows[name], expected=table.expected)
    return Written(url.schema, rows, renamed)


def _srid(connection: Any, crs: pyproj.CRS, origin: Origin) -> int:
    """Return the number under which PostGIS knows a CRS."""
    if connection.execute("SELECT to_regclass('spatial_ref_sys')").fetchone()[0] is None:
        raise origin.refuse("DB_NO_POSTGIS")
    code = crs.to_epsg()
    known = connection.execute(
        "SELECT srid FROM spatial_ref_sys WHERE auth_name = 'EPSG' AND auth_srid = %s", (code,)
    ).fetchone()
    if code is None or known is None:
        raise origin.refuse("DB_TARGET_CRS", crs=crs.name)
    return int(known[0])


def _schema(connection: Any, url: DatabaseUrl, run: Mapping[str, Any], *, replace: bool) -> None:
    """Make the schema, and say in its comment of what audit it is."""
    from psycopg import sql

    name = sql.Identifier(url.schema)
    found = connection.execute(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s", (url.schema,)
    ).fetchone()
    if found is not None:
        if not (replace and (found[0] or "").startswith(MARK)):
            raise refusal("DB_SCHEMA_THERE", file=url.text, schema=url.schema)
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(name))
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
    said = {"study": run["settings"]["name"], "as_of": run["as_of"], "sha256": run["outputs"][TABLES_FILE]}
    text = MARK + run["versions"]["landzone"] + " " + json.dumps(said, ensure_ascii=False, sort_keys=True)
    connection.execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(name, sql.Literal(text)))


class _Table:
    """One table on its way from the file into the schema."""

    def __init__(self, connection: Any, schema: str, name: str, path: Path, srid: int) -> None:
        from psycopg import sql

        self.connection, self.path, self.name, self.srid = connection, path, name, srid
        self.place = sql.Identifier(schema, name)
        self.renamed: dict[str, str] = {}
        self.expected = int(pyogrio.read_info(path, layer=name, force_feature_count=True)["features"])

    def write(self) -> int:
        """Copy all rows, a batch at a time, and return how many the table then has."""
        from psycopg import sql

        with pyogrio.raw.open_arrow(self.path, layer=self.name, batch_size=_ROWS, use_pyarrow=True) as (
            meta,
            reader,
        ):
            geometry = meta["geometry_name"] if meta["geometry_type"] else ""
            self._create(reader.schema, geometry)
            query = sql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(self.place)
            with self.connection.cursor() as cursor, cursor.copy(query) as copy:
                for batch in reader:
                    copy.write(self._csv(batch, geometry))
        if geometry:
            index = sql.SQL("CREATE INDEX ON {} USING gist ({})").format(self.place, sql.Identifier(GEOMETRY))
            self.connection.execute(index)
        self.connection.execute(sql.SQL("ANALYZE {}").format(self.place))
        count = self.connection.execute(sql.SQL("SELECT count(*) FROM {}").format(self.place)).fetchone()
        return int(count[0])

    def _create(self, schema: pa.Schema, geometry: str) -> None:
        from psycopg import sql

        parts = []
        for column in schema:
            if geometry and column.name == (geometry or "wkb_geometry"):
                kind = sql.SQL("geometry(Geometry, {})").format(sql.Literal(self.srid))
                parts.append(sql.SQL("{} {}").format(sql.Identifier(GEOMETRY), kind))
                continue
            name = self._short(column.name)
            parts.append(sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(_kind(column.type))))
        self.connection.execute(sql.SQL("CREATE TABLE {} ({})").format(self.place, sql.SQL(", ").join(parts)))

    def _short(self, name: str) -> str:
        """Return a name that PostgreSQL keeps as it is: at most 63 bytes, told apart by a hash where it was cut."""
        if len(name.encode()) <= _NAME_BYTES:
            return name
        mark = "_" + hashlib.sha256(name.encode()).hexdigest()[:8]
        short = name.encode()[: _NAME_BYTES - len(mark)].decode(errors="ignore") + mark
        self.renamed[f"{self.name}.{name}"] = short
        return short

    def _csv(self, batch: pa.RecordBatch, geometry: str) -> memoryview:
        """Write rows as CSV: texts in quotation marks, a missing value as nothing at all."""
        columns = []
        for column, values in zip(batch.schema, batch.columns, strict=True):
            if geometry and column.name == geometry:
                shapes = shapely.set_srid(shapely.from_wkb(values.to_numpy(zero_copy_only=False)), self.srid)
                columns.append(pa.array(shapely.to_wkb(shapes, hex=True, include_srid=True), pa.string()))
            else:
                columns.append(values)
        sink = pa.BufferOutputStream()
        names = [str(number) for number in range(len(columns))]
        table = pa.table(columns, names=names)
        pa_csv.write_csv(table, sink, pa_csv.WriteOptions(include_header=False))
        return memoryview(sink.getvalue())


def _kind(kind: pa.DataType) -> str:
    """Return the type of PostgreSQL for one of Arrow."""
    kinds: Mapping[str, str] = setting("database")["target_types"]
    for name in ("boolean", "integer", "floating", "date", "timestamp"):
        if getattr(pa.types, f"is_{name}")(kind):
            return kinds[name]
    return kinds["text"]
