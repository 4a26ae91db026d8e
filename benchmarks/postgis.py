"""A PostgreSQL server with PostGIS for one benchmark: loopback only, a folder of its own, stopped at the end."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import psutil

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
SETTINGS = " ".join(
    f"-c {one}"
    for one in ("shared_buffers=1GB", "work_mem=256MB", "fsync=off", "synchronous_commit=off", "jit=off")
)


def installed() -> bool:
    """Tell whether PostgreSQL 15 is there (Debian: postgresql-15-postgis-3)."""
    return (PROGRAMS / "initdb").is_file()


@contextmanager
def server() -> Iterator[Path]:
    """Start a server and set the environment that clients find it by; give its data folder."""
    folder, port = Path(tempfile.mkdtemp(prefix="landzone-pg-")), _free_port()
    password = secrets.token_hex(8)
    (folder / "owner").write_text(password)
    if os.geteuid() == 0:
        for path in (folder, folder / "owner"):
            shutil.chown(path, "postgres", "postgres")
    data = folder / "data"
    _run(folder, "initdb", "-D", str(data), "-U", "owner", "-A", "scram-sha-256", f"--pwfile={folder / 'owner'}",
         "-E", "UTF8", "--no-sync")  # fmt: skip
    options = f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories={folder} {SETTINGS}"
    _run(folder, "pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    os.environ.update(
        PGHOST="127.0.0.1", PGPORT=str(port), PGUSER="owner", PGPASSWORD=password, PGDATABASE="postgres"
    )
    try:
        with connect() as connection:
            connection.execute("CREATE EXTENSION postgis")
        yield data
    finally:
        _run(folder, "pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def connect() -> Any:
    """Return a connection to the server that the environment names."""
    import psycopg

    return psycopg.connect(autocommit=True)


def cpu_of(data: Path) -> float:
    """Return the CPU seconds that the server and all its processes have used so far."""
    postmaster = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
    total = 0.0
    for process in [postmaster, *postmaster.children(recursive=True)]:
        try:
            used = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += used.user + used.system
        if process is postmaster:
            total += used.children_user + used.children_system
    return total


def load(connection: Any, table: str, frame: gpd.GeoDataFrame, key: str) -> None:
    """Copy a frame into a new table ``key text, geom geometry`` with a GiST index."""
    connection.execute(f"DROP TABLE IF EXISTS {table}")
    connection.execute(f"CREATE UNLOGGED TABLE {table} ({key} text, geom geometry)")
    hexes = frame.geometry.to_wkb(hex=True)
    with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
        copy.write("".join(f"{one}\t{shape}\n" for one, shape in zip(frame[key], hexes, strict=True)))
    connection.execute(f"CREATE INDEX ON {table} USING gist (geom)")
    connection.execute(f"ANALYZE {table}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(folder: Path, program: str, *arguments: str) -> None:
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    log = folder / "command.log"
    with log.open("wb") as heard:
        done = subprocess.run([*user, str(PROGRAMS / program), *arguments], cwd=folder, env=environment,
                              stdout=heard, stderr=heard, check=False)  # fmt: skip
    if done.returncode:
        raise SystemExit(log.read_text("utf-8", "replace"))
