"""A Dask cluster by TLS, with certificates made here: it does the work, and nobody without a certificate is let in."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import dask
import distributed  # noqa: F401 - brings its part of Dask's configuration
import pytest

from landzone.engine import cluster, tasks
from landzone.engine.cluster import Cluster
from landzone.engine.kernel import Land, Terms, measure_parcels
from landzone.engine.ways import InTasks
from landzone.errors import Refusal

from .conftest import Dask
from .test_tasks import same

BEGIN, SETTING = "DASK_DISTRIBUTED__COMM__TLS__", "distributed.comm.tls."
NAMES = {
    "CA_FILE": "cert", "CLIENT__CERT": "cert", "CLIENT__KEY": "key", "SCHEDULER__CERT": "cert", "SCHEDULER__KEY": "key",
    "WORKER__CERT": "cert", "WORKER__KEY": "key",
}  # fmt: skip
OF_CLIENT = {"ca-file": "CA_FILE", "client.cert": "CLIENT__CERT", "client.key": "CLIENT__KEY"}


def certificate(folder: Path) -> dict[str, str]:
    """Make a certificate that signs itself, as docs/scale.md has it; return the environment that names it."""
    folder.mkdir()
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "3650",
        "-subj",
        "/CN=landzone",
    ]
    subprocess.run(
        [*command, "-keyout", "key.pem", "-out", "cert.pem"], cwd=folder, check=True, capture_output=True
    )
    return {f"{BEGIN}{name}": str(folder / f"{file}.pem") for name, file in NAMES.items()}


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return certificate(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def secret(ours: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """A scheduler and a worker that speak by TLS alone."""
    found = Dask(tmp_path_factory.mktemp("secret") / "one", 1, tls=ours)
    yield found
    found.stop()


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, str]], None]]:
    """Return a setter of the certificates of this process; Dask reads its environment but once."""
    monkeypatch.setattr(cluster, "CONNECT_S", 10)
    with ExitStack() as stack:
        yield lambda said: stack.enter_context(
            dask.config.set({SETTING + key: said[BEGIN + name] for key, name in OF_CLIENT.items()})
        )


def test_tasks_by_tls_have_the_numbers_of_the_memory(
    secret: Dask,
    ours: dict[str, str],
    hold: Callable[[dict[str, str]], None],
    land: Land,
    terms: Terms,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hold(ours)
    monkeypatch.setattr(tasks, "MOST_ROWS", 64)
    assert secret.address.startswith("tls://127.0.0.1:")
    way = InTasks(tmp_path, lambda: Cluster(secret.address, tmp_path))
    same(way.measure(land, terms, lambda _: None), measure_parcels(land, terms))
    assert len(list(tmp_path.glob("*/parts/*.npz"))) == 4


def test_a_certificate_of_somebody_else_is_not_let_in(
    secret: Dask, hold: Callable[[dict[str, str]], None], tmp_path: Path
) -> None:
    hold(certificate(tmp_path / "theirs"))
    with pytest.raises(Refusal, match=r"CLUSTER_UNREACHABLE.*certificate"):
        Cluster(secret.address, tmp_path)


def test_without_tls_nobody_is_let_in(secret: Dask, hold: Callable[..., None], tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="CLUSTER_UNREACHABLE"):
        Cluster(secret.address.replace("tls", "tcp"), tmp_path)


def test_where_no_certificate_is_named_the_way_to_name_one_is_told(secret: Dask, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="CLUSTER_CERTIFICATES") as told:
        Cluster(secret.address, tmp_path)
    assert "DASK_DISTRIBUTED__COMM__TLS__CA_FILE" in told.value.text("zh")
