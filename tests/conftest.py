"""What several groups of tests need: their order and workers, a PostgreSQL server of its own, loopback only."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import landzone as lz
from landzone.io.bundled import example_study

sys.path.append(str(Path(__file__).parent))
"""What is collected first finds the land that several files share (``conform_study``, ``district_land``)."""

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
ONE_WORKER = (
    [f"properties/test_{name}.py" for name in ("accounting", "conservation", "moving_and_cutting", "oracles",
                                               "verdicts", "writing")],
    ["changes/test_compare.py", "changes/test_rows.py"],
    ["engine/test_cluster.py", "engine/test_districts.py", "engine/test_resume.py"],
    ["postgis/test_postgis.py", "postgis/test_target.py", "io/test_same_tables.py"],
)  # fmt: skip
"""Files that share what costs time to make (drawn audits, a comparison, a cluster, a server)."""

LONGEST = ("properties", "studies", "browser", "changes", "engine", "io", "packs", "postgis")
"""Folders with tests that take long: they come first, so that no worker waits for another at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    place = {f"tests/{name}": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0].rpartition("/")[0], len(place)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give the tests of a file, and files of ``ONE_WORKER``, to one worker, so that what they share is made once.

    The marks ``xdist_group`` of pytest-xdist 3.8 do not work under pytest 9.2: they are written into ``_nodeid``, which
    nothing reads any more.
    """
    from xdist.scheduler import LoadScopeScheduling

    groups = {f"tests/{name}": names[0] for names in ONE_WORKER for name in names}

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return groups.get(path, path)

    return ByGroup(config, log)


@dataclass
class Server:
    """A running server: port, and the passwords of its owner and of a role that may only read."""

    port: int
    owner_password: str
    reader_password: str
    database: str = "postgres"

    def url(
        self, table: str = "", *, user: str = "reader", password: str | None = None, more: str = ""
    ) -> str:
        known = self.reader_password if user == "reader" else self.owner_password
        secret = known if password is None else password
        query = f"?table={table}{more}" if table else ""
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{self.database}{query}"

    def owner(self) -> Any:
        import psycopg

        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="owner",
            password=self.owner_password,
            dbname=self.database,
            autocommit=True,
        )


def _as_server_user() -> list[str]:
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(folder: Path, *command: str) -> None:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    log = folder / "command.log"
    with log.open("wb") as heard:  # a file, not a pipe: the server keeps what it inherits open
        done = subprocess.run(
            [*_as_server_user(), *command],
            cwd=folder,
            env=environment,
            stdout=heard,
            stderr=heard,
            check=False,
        )
    assert done.returncode == 0, log.read_text("utf-8", "replace")


@pytest.fixture(scope="session")
def example_audit() -> lz.Audit:
    """The audit of the example zone; it is only read."""
    return lz.audit(lz.open_study(example_study()), as_of="2026-06-30")


@pytest.fixture(scope="session")
def example_folder(example_audit: lz.Audit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that it writes; who changes it takes a copy."""
    return example_audit.save(tmp_path_factory.mktemp("example") / "out")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Start the server; without PostgreSQL and PostGIS the tests fail."""
    from psycopg import sql

    assert (PROGRAMS / "initdb").is_file(), "PostgreSQL 15 with PostGIS is needed: sh tests/system.sh"
    folder = Path(tempfile.mkdtemp(prefix="landzone-pg-"))
    running = Server(_free_port(), secrets.token_hex(8), secrets.token_hex(8))
    try:
        secret = folder / "owner"
        secret.write_text(running.owner_password)
        if os.geteuid() == 0:
            for path in (folder, secret):
                shutil.chown(path, "postgres", "postgres")
        data = str(folder / "data")
        _run(folder, str(PROGRAMS / "initdb"), "-D", data, "-U", "owner", "-A", "scram-sha-256",
             f"--pwfile={secret}", "-E", "UTF8", "--no-sync")  # fmt: skip
        options = f"-c listen_addresses=127.0.0.1 -p {running.port} -c unix_socket_directories={folder} -c fsync=off"
        _run(
            folder,
            str(PROGRAMS / "pg_ctl"),
            "-D",
            data,
            "-w",
            "-l",
            str(folder / "log"),
            "-o",
            options,
            "start",
        )
        try:
            with running.owner() as connection:
                connection.execute("CREATE EXTENSION postgis")
                connection.execute(
                    sql.SQL("CREATE ROLE reader LOGIN PASSWORD {}").format(
                        sql.Literal(running.reader_password)
                    )
                )
            yield running
        finally:
            _run(folder, str(PROGRAMS / "pg_ctl"), "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def schema(server: Server) -> Iterator[str]:
    """Give a schema of its own to each test, which the reader may read."""
    name = f"s{secrets.token_hex(4)}"
    with server.owner() as connection:
        connection.execute(f"CREATE SCHEMA {name}")
        connection.execute(f"GRANT USAGE ON SCHEMA {name} TO reader")
        connection.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {name} GRANT SELECT ON TABLES TO reader")
        yield name
        connection.execute(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture
def fill_table(server: Server, schema: str) -> Callable[..., None]:
    """Return a function that writes a frame into a new table of the schema."""

    def run(table: str, frame: gpd.GeoDataFrame, *, srid: int | None = None) -> None:
        fill(server, schema, table, frame, srid=srid)

    return run


def fill(
    server: Server, schema: str, table: str, frame: gpd.GeoDataFrame, *, srid: int | None = None
) -> None:
    """Write a frame into a new table with a whole-number key ``fid``."""
    from psycopg import sql

    types = {"O": "text", "i": "bigint", "f": "double precision", "b": "boolean", "M": "date"}
    columns = [c for c in frame.columns if c != "geometry"]
    code = frame.crs.to_epsg() if srid is None else srid
    names = [
        sql.SQL("{} {}").format(sql.Identifier(c), sql.SQL(types.get(frame[c].dtype.kind, "text")))
        for c in columns
    ]
    where = sql.Identifier(schema, table)
    with server.owner() as connection, connection.transaction():
        head = sql.SQL("fid bigserial PRIMARY KEY, geometry geometry(Geometry, {})").format(sql.Literal(code))
        connection.execute(sql.SQL("CREATE TABLE {} ({})").format(where, sql.SQL(", ").join([head, *names])))
        places = sql.SQL(", ").join([sql.SQL("ST_SetSRID(ST_GeomFromWKB(%s), {})").format(sql.Literal(code)),
                                     *[sql.Placeholder()] * len(columns)])  # fmt: skip
        into = sql.SQL(", ").join(map(sql.Identifier, ["geometry", *columns]))
        insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(where, into, places)
        rows = [
            [
                None if shape is None else shapely.to_wkb(shape),
                *(None if pd.isna(v) else getattr(v, "item", lambda v=v: v)() for v in cells),
            ]
            for shape, *cells in zip(frame.geometry, *(frame[c] for c in columns), strict=True)
        ]
        connection.cursor().executemany(insert, rows)
