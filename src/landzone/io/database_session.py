"""Connections to PostgreSQL: one transaction each, and every failure as a refusal that never repeats a password.

What a study reads of one database is of one moment: all its tables are read in one REPEATABLE READ, READ ONLY
transaction. Another role of the same database has a connection of its own that takes over the snapshot of the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from typing import Any

from landzone.catalog.messages import out_of_limit
from landzone.io.database_url import DatabaseUrl
from landzone.io.formats import limit
from landzone.io.origin import Origin

_READ_ONLY = "-c default_transaction_read_only=on -c idle_in_transaction_session_timeout=0"
"""The transaction of a study waits while what was read of it is checked."""

_Place = tuple[object, ...]


class Databases:
    """The databases that a study reads, each in one transaction from its first table to `close`."""

    def __init__(self) -> None:
        self._open: dict[_Place, dict[_Place, Any]] = {}

    @contextmanager
    def reading(self, url: DatabaseUrl, origin: Origin) -> Iterator[Any]:
        """Give the connection on which a table is read.

        Raises
        ------
        Refusal
            DB_DRIVER_MISSING, DB_UNREACHABLE, DB_FAILED, ENCODING_UNKNOWN.
        LimitError
            DATABASE_TIME
        """
        about = url.connection()
        roles = self._open.setdefault((url.host, url.port, url.database), {})
        own = tuple(about.values())
        seconds = limit("database_seconds")
        with _told(url, origin, seconds):
            if own not in roles:
                if not roles and len(self._open) > 1:
                    origin.note("DB_MOMENTS", params={"count": len(self._open)})
                roles[own] = self._begin(url, origin, seconds, next(iter(roles.values()), None))
            yield roles[own]

    def _begin(self, url: DatabaseUrl, origin: Origin, seconds: float, first: Any) -> Any:
        """Begin a transaction that can only read, and sees the moment that ``first`` sees."""
        snapshot = first.execute("SELECT pg_export_snapshot()").fetchone()[0] if first else None
        connection = connect(url, origin, seconds, _READ_ONLY)
        try:
            connection.read_only = True
            if snapshot:
                from psycopg import sql

                connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(snapshot))
            # a policy that hides rows is an error, not a filter
            connection.execute("SET LOCAL row_security = off")
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """End all transactions; nothing was written in any of them."""
        opened, self._open = self._open, {}
        for roles in opened.values():
            for connection in roles.values():
                connection.close()


@contextmanager
def databases(given: Databases | None) -> Iterator[Databases]:
    """Give the databases of a study, or some for one table alone."""
    with nullcontext(given) if given is not None else closing(Databases()) as own:
        yield own


@contextmanager
def session(url: DatabaseUrl, origin: Origin, seconds: float) -> Iterator[Any]:
    """Open a connection in one REPEATABLE READ transaction; committed at the end, undone where anything goes wrong.

    Parameters
    ----------
    seconds : float
        Most time of one statement.

    Raises
    ------
    Refusal
        DB_DRIVER_MISSING, DB_UNREACHABLE, DB_FAILED, ENCODING_UNKNOWN.
    LimitError
        DATABASE_TIME
    """
    connection = connect(url, origin, seconds)
    with _told(url, origin, seconds), connection:
        yield connection


def connect(url: DatabaseUrl, origin: Origin, seconds: float, options: str = "") -> Any:
    """Open a connection whose transactions are REPEATABLE READ; ``options`` are further settings of it.

    Raises
    ------
    Refusal
        DB_DRIVER_MISSING, DB_UNREACHABLE.
    """
    try:
        import psycopg
    except ImportError:
        raise origin.refuse("DB_DRIVER_MISSING") from None
    try:
        connection = psycopg.connect(
            **url.connection(),
            connect_timeout=int(limit("database_connect_seconds")),
            options=f"-c statement_timeout={int(seconds * 1000)} -c DateStyle=ISO {options}".strip(),
            client_encoding="utf-8",
            application_name="landzone",
        )
    except (psycopg.Error, OSError, UnicodeError) as error:
        raise origin.refuse("DB_UNREACHABLE", detail=_said(error, url)) from None
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    return connection


@contextmanager
def _told(url: DatabaseUrl, origin: Origin, seconds: float) -> Iterator[None]:
    """Turn what goes wrong with an open connection into a refusal."""
    try:
        import psycopg
    except ImportError:
        raise origin.refuse("DB_DRIVER_MISSING") from None
    try:
        yield
    except psycopg.errors.QueryCanceled:
        raise out_of_limit("DATABASE_TIME", file=url.text, seconds=seconds) from None
    except UnicodeDecodeError:
        raise origin.refuse("ENCODING_UNKNOWN") from None
    except psycopg.Error as error:
        raise origin.refuse("DB_FAILED", detail=_said(error, url)) from None


def _said(error: Exception, url: DatabaseUrl) -> str:
    """Return what the server said, in one line and never with the password."""
    text = " ".join(str(error).split())[:300]
    return text.replace(url.password, "***") if url.password else text
