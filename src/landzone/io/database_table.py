"""Which table of a database is meant, what its columns are, and the one query that reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from landzone.io.database_url import DatabaseUrl
from landzone.io.formats import setting
from landzone.io.origin import Origin

_POSTGIS = """
    SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis'"""
_SPATIAL = """
    SELECT f_table_schema::text, f_table_name::text, f_geometry_column::text, srid FROM geometry_columns
    UNION ALL
    SELECT f_table_schema::text, f_table_name::text, f_geography_column::text, srid FROM geography_columns
    ORDER BY 1, 2, 3"""
_TABLES = """
    SELECT n.nspname::text, c.relname::text, '', 0 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      AND has_table_privilege(c.oid, 'SELECT')
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1, 2"""
_ABOUT = """
    SELECT c.oid, has_table_privilege(c.oid, 'INSERT') OR has_table_privilege(c.oid, 'UPDATE')
               OR has_table_privilege(c.oid, 'DELETE') OR has_table_privilege(c.oid, 'TRUNCATE')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s"""
_COLUMNS = """
    SELECT a.attname::text, coalesce(b.typname, t.typname)::text
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype
    WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""
_KEY = """
    SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = %s AND i.indisprimary ORDER BY array_position(i.indkey::int2[], a.attnum)"""
_CURVED = "'CIRCULARSTRING', 'COMPOUNDCURVE', 'CURVEPOLYGON', 'MULTICURVE', 'MULTISURFACE'"


@dataclass(frozen=True)
class DatabaseColumn:
    """One attribute column: name, type in the database, and how it is read (see ``[database]`` in formats.toml)."""

    name: str
    type: str
    kind: str


@dataclass
class DatabaseTable:
    """A table that was found in the catalogue of the database; ``geometry`` is empty where shapes are not read."""

    schema: str
    name: str
    geometry: str
    srid: int
    can_write: bool
    columns: list[DatabaseColumn]
    key: list[str]
    authority: str = ""
    wkt: str = ""
    hidden: set[str] = field(default_factory=set)

    @property
    def title(self) -> str:
        """Name as people write it."""
        return f"{self.schema}.{self.name}"

    @property
    def numbered(self) -> bool:
        """Whether a single whole-number primary key tells the rows apart."""
        kinds = {c.name: c.kind for c in self.columns}
        return len(self.key) == 1 and kinds[self.key[0]] == "int"

    def look_up_crs(self, connection: Any) -> None:
        """Find out what the SRID stands for in this database."""
        query = "SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = %s"
        row = connection.execute(query, [self.srid]).fetchone()
        if row:
            self.authority = f"{row[0]}:{row[1]}" if row[0] and row[1] else ""
            self.wkt = row[2] or ""


def choose_table(connection: Any, url: DatabaseUrl, origin: Origin, *, spatial: bool) -> DatabaseTable:
    """Find the table that is meant among those the role may read.

    Raises
    ------
    Refusal
        LAYER_MISSING and LAYER_AMBIGUOUS with the list, LAYER_NO_GEOMETRY, DB_GEOMETRY, DB_NO_POSTGIS.
    """
    postgis = connection.execute(_POSTGIS).fetchone()
    if spatial and postgis is None:
        raise origin.refuse("DB_NO_POSTGIS")
    path = postgis[0] if postgis else "pg_catalog"
    connection.execute("SELECT set_config('search_path', quote_ident(%s), true)", [path])
    found = connection.execute(_SPATIAL if spatial else _TABLES).fetchall()
    schema, name = _named(found, connection, origin, spatial=spatial)
    geometry = {column: srid for s, t, column, srid in found if spatial and (s, t) == (schema, name)}
    chosen = url.geometry or next(iter(geometry), "")
    if spatial and (chosen not in geometry or (len(geometry) > 1 and not url.geometry)):
        names = "; ".join(sorted(geometry))
        raise origin.refuse("DB_GEOMETRY", layer=f"{schema}.{name}", wanted=url.geometry, columns=names)
    return _described(
        connection, (schema, name), (chosen if spatial else "", geometry.get(chosen, 0)), url, origin
    )


def _named(found: list[Any], connection: Any, origin: Origin, *, spatial: bool) -> tuple[str, str]:
    tables = list(dict.fromkeys((row[0], row[1]) for row in found))
    listed = "; ".join(f"{s}.{t}" for s, t in tables)
    fits = _fitting(tables, origin.layer) if origin.layer else tables
    if len(fits) == 1:
        return fits[0]
    if not fits and spatial and _fitting([(r[0], r[1]) for r in connection.execute(_TABLES)], origin.layer):
        raise origin.refuse("LAYER_NO_GEOMETRY", layers=origin.layer)
    code = "LAYER_AMBIGUOUS" if fits else "LAYER_MISSING"
    raise origin.refuse(code, wanted=origin.layer, layers=listed)


def _fitting(tables: list[tuple[str, str]], wanted: str) -> list[tuple[str, str]]:
    whole = [(s, t) for s, t in tables if wanted in (f"{s}.{t}", f"{_quoted(s)}.{_quoted(t)}")]
    return whole or [(s, t) for s, t in tables if wanted in (t, _quoted(t))]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _described(
    connection: Any, table: tuple[str, str], geometry: tuple[str, int], url: DatabaseUrl, origin: Origin
) -> DatabaseTable:
    oid, can_write = connection.execute(_ABOUT, table).fetchone()
    kinds: dict[str, str] = setting("database")["kinds"]
    columns = [
        DatabaseColumn(n, t, kinds.get(t, "text")) for n, t in connection.execute(_COLUMNS, [oid]).fetchall()
    ]
    key = [row[0] for row in connection.execute(_KEY, [oid]).fetchall()]
    if url.key:
        if url.key not in {c.name for c in columns}:
            names = "; ".join(c.name for c in columns)
            raise origin.refuse("DB_KEY", layer=".".join(table), wanted=url.key, columns=names)
        key = key if key == [url.key] else []
    rest = [c for c in columns if c.name != geometry[0]]
    described = DatabaseTable(*table, *geometry, can_write, rest, key)
    if described.numbered and key[0].lower() in setting("gdal")["row_number_columns"]:
        described.hidden = {key[0]}
    return described


def reading_query(table: DatabaseTable, arc_step_degrees: float, order: str = "") -> Any:
    """Return the query that reads a table: row number, WKB, SRID, has arcs, and the columns that can be read.

    Rows come in the order of the primary key, else of ``order`` and of their content.
    """
    from psycopg import sql

    def named(name: str) -> Any:
        return sql.SQL("t.{}").format(sql.Identifier(name))

    number = sql.SQL("{}::int8").format(named(table.key[0])) if table.numbered else sql.SQL("NULL::int8")
    items = [number, *_shape(named(table.geometry) if table.geometry else None, arc_step_degrees)]
    casts = setting("database")["casts"]
    items += [sql.SQL(casts[c.kind]).format(named(c.name)) for c in table.columns if c.kind != "none"]
    if table.numbered:
        ordered = [named(table.key[0])]
    elif table.key:
        ordered = [sql.SQL('{}::text COLLATE "C"').format(named(name)) for name in table.key]
    else:
        names = [c.name for c in table.columns] + ([table.geometry] if table.geometry else [])
        whole = sql.SQL(", ").join(map(named, names))
        ordered = [named(order)] if order else []
        ordered.append(sql.SQL('md5(ROW({})::text) COLLATE "C"').format(whole))
    return sql.SQL("SELECT {} FROM {} AS t ORDER BY {}").format(
        sql.SQL(", ").join(items), sql.Identifier(table.schema, table.name), sql.SQL(", ").join(ordered)
    )


def _shape(column: Any, arc_step_degrees: float) -> list[Any]:
    from psycopg import sql

    if column is None:
        return [sql.SQL("NULL::bytea"), sql.SQL("NULL::int4"), sql.SQL("NULL::bool")]
    shape = sql.SQL("{}::geometry").format(column)
    curved = sql.SQL(f"(GeometryType({{0}}) IN ({_CURVED}) OR ST_HasArc({{0}}))").format(shape)
    chords = sql.SQL("ST_CurveToLine({}, radians({}), 2, 0)").format(shape, sql.Literal(arc_step_degrees))
    wkb = sql.SQL("ST_AsBinary(CASE WHEN {} THEN {} ELSE {} END, 'NDR')").format(curved, chords, shape)
    return [wkb, sql.SQL("ST_SRID({})").format(shape), curved]
