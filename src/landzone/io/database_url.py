"""Addresses of database tables: taken apart, and written down without their password."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from landzone.catalog.messages import refusal

_SCHEME = re.compile(r"^postgres(ql)?://", re.I)
_SECRET = re.compile(r"(://[^:/@\s]*):.*@", re.S)
_SECRET_KEY = re.compile(r"([?&]\s*\w*(password|passwd|pwd)\w*\s*=).*", re.I | re.S)
_KEYS = ("table", "geom", "id", "sslmode", "schema")


def is_database(source: str) -> bool:
    """Tell whether a source is a table of a database.

    >>> is_database("postgresql://gis@localhost/land?table=public.parcels"), is_database("parcels.shp")
    (True, False)
    """
    return _SCHEME.match(source) is not None


def masked(source: str) -> str:
    """Return a source as it may be written down: the password of an address is left out.

    Everything between the first colon and the last ``@`` goes, and everything behind ``password=``, because a
    password may hold any character.

    >>> masked("postgresql://gis:p@ss#w/rd@localhost/land?table=parcels")
    'postgresql://gis:***@localhost/land?table=parcels'
    >>> masked("postgresql://gis@localhost/land?table=parcels&password=p&q")
    'postgresql://gis@localhost/land?table=parcels&password=***'
    >>> masked("a.zip#b.gpkg")
    'a.zip#b.gpkg'
    """
    return _SECRET_KEY.sub(r"\1***", _SECRET.sub(r"\1:***@", source))


@dataclass(frozen=True)
class DatabaseUrl:
    """What an address says: where the server is, who asks, and which table is meant.

    ``text`` is the address without its password. ``table`` is ``schema.table`` or a bare name, ``geometry`` and
    ``key`` are columns; all three may be empty. ``schema`` is where a result is to be written.
    """

    text: str
    host: str
    port: int
    user: str
    password: str
    database: str
    table: str
    geometry: str
    key: str
    sslmode: str
    schema: str = ""

    def connection(self) -> dict[str, object]:
        """Return the arguments of a connection; what the address leaves out is left to libpq (PGPASSWORD, pgpass)."""
        known = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "dbname": self.database,
            "sslmode": self.sslmode,
        }
        return {name: value for name, value in known.items() if value}


def parse_database_url(source: str) -> DatabaseUrl:
    """Take an address apart: ``postgresql://user@host:port/db?table=schema.table[&geom=…][&id=…]``.

    The table may also stand behind ``#``. Names with special characters are percent-encoded.

    Raises
    ------
    Refusal
        ``DB_ADDRESS`` where it is none, or says more than is understood.

    >>> url = parse_database_url("postgresql://gis@localhost:5433/land?table=cadastre.parcels&geom=shape")
    >>> url.host, url.port, url.table, url.geometry
    ('localhost', 5433, 'cadastre.parcels', 'shape')
    """
    text = masked(source)
    try:
        parts = urlsplit(source)
        port = parts.port or 0
        query = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise refusal("DB_ADDRESS", file=text) from None
    if set(query) - set(_KEYS) or any(len(values) != 1 for values in query.values()):
        raise refusal("DB_ADDRESS", file=text)
    named = {key: query.get(key, [""])[0] for key in _KEYS}
    table, behind = named["table"], unquote(parts.fragment)
    if not parts.path.strip("/") or (table and behind and table != behind):
        raise refusal("DB_ADDRESS", file=text)
    return DatabaseUrl(
        text=text,
        host=unquote(parts.hostname or ""),
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=unquote(parts.path.strip("/")),
        table=table or behind,
        geometry=named["geom"],
        key=named["id"],
        sslmode=named["sslmode"],
        schema=named["schema"],
    )
