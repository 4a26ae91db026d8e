"""Connections to PostgreSQL: one transaction, and every failure as a refusal that never repeats a password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from landzone.catalog.messages import out_of_limit
from landzone.io.database_url import DatabaseUrl
from landzone.io.formats import limit
from landzone.io.origin import Origin


@contextmanager
def session(url: DatabaseUrl, origin: Origin, seconds: float, options: str = "") -> Iterator[Any]:
    """Open a connection in one REPEATABLE READ transaction; committed at the end, undone where anything goes wrong.

    Parameters
    ----------
    seconds : float
        Most time of one statement.
    options : str
        Further settings of the session.

    Raises
    ------
    Refusal
        DB_DRIVER_MISSING, DB_UNREACHABLE, DB_FAILED, ENCODING_UNKNOWN.
    LimitError
        DATABASE_TIME
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
    try:
        with connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            yield connection
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
