"""Tasks on a Dask cluster: small specs go out, summaries come back, the numbers go through a folder all can reach."""

from __future__ import annotations

import ipaddress
import logging
import queue
import socket
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Generic
from urllib.parse import urlsplit

from landzone.catalog.messages import out_of_limit, refusal
from landzone.engine.land_files import kernel_versions
from landzone.engine.pool import Job
from landzone.engine.runner import End, Outcome, T
from landzone.engine.tasks import require_versions, run_task
from landzone.io.store_parts import digest

WINDOW = 4
"""Tasks under way for each worker: enough to keep it busy, few enough to stop at once."""

RETRIES = 2
CONNECT_S = 30
FIRST_WORKER_S = 120


def check_address(address: str, insecure: bool = False) -> None:
    """Refuse an address over which anybody could run code: a scheduler does whatever it is asked by whoever reaches it.

    >>> check_address("tcp://127.0.0.1:8786"), check_address("tls://10.0.0.7:8786")
    (None, None)

    Raises
    ------
    Refusal
        SCHEDULER_ADDRESS where it is none, SCHEDULER_OPEN where another host is spoken to without TLS.
    """
    parts = urlsplit(address)
    try:
        known = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port
    except ValueError:
        known = None
    if not known:
        raise refusal("SCHEDULER_ADDRESS", value=address)
    if parts.scheme == "tcp" and not insecure and not _is_loopback(str(parts.hostname)):
        raise refusal("SCHEDULER_OPEN", value=address)


def _require_certificates(address: str, security: Any) -> None:
    """Refuse TLS where Dask's configuration names no certificates.

    Raises
    ------
    Refusal
        CLUSTER_CERTIFICATES
    """
    if security.get_connection_args("client").get("ssl_context") is None:
        raise refusal("CLUSTER_CERTIFICATES", value=address)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Cluster(Generic[T]):
    """Workers of a Dask scheduler.

    Parameters
    ----------
    address : str
        ``tls://HOST:PORT`` (certificates as in Dask's own configuration), or ``tcp://`` on this host.
    folder : Path
        Folder of the run, which every worker has to reach.
    insecure : bool
        Speak to another host without TLS.
    job : callable
        What a worker does with a task.
    sources : sequence of Path
        Files outside ``folder`` that tasks read, which every worker has to find under the same path.

    Raises
    ------
    Refusal
        CLUSTER_PACKAGE, CLUSTER_CERTIFICATES, CLUSTER_UNREACHABLE, CLUSTER_FOLDER, CLUSTER_SOURCE; TASK_VERSIONS where
        any worker differs from this process.
    """

    def __init__(
        self,
        address: str,
        folder: Path,
        *,
        insecure: bool = False,
        job: Job = run_task,
        sources: Sequence[Path] = (),
    ) -> None:
        check_address(address, insecure)
        try:
            import distributed.scheduler
        except ImportError:
            raise refusal("CLUSTER_PACKAGE") from None
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        self.address, self.job = address, job
        self._run = uuid.uuid4().hex[:8]
        self._flying: dict[Any, T] = {}
        self._ready: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._killed: type[Exception] = distributed.scheduler.KilledWorker
        try:
            if urlsplit(address).scheme == "tls":
                _require_certificates(address, distributed.Security())
            self._client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
            self._client.wait_for_workers(1, timeout=FIRST_WORKER_S)
        except (OSError, TimeoutError) as error:
            raise refusal(
                "CLUSTER_UNREACHABLE", value=address, why=str(error) or type(error).__name__
            ) from None
        self._fence(folder, sources)

    def _fence(self, folder: Path, sources: Sequence[Path]) -> None:
        """Make sure that all workers are of the versions of this process and see its files."""
        for worker, found in sorted(self._client.run(kernel_versions).items()):
            require_versions(kernel_versions(), found, worker)
        probe = folder / f"probe-{self._run}"
        probe.write_text(self._run)
        try:
            for worker, said in sorted(self._client.run(_read, str(probe)).items()):
                if said != self._run:
                    raise refusal("CLUSTER_FOLDER", file=str(folder), worker=worker)
        finally:
            probe.unlink()
        for path in sources:
            own = _digest(str(path))
            for worker, other in sorted(self._client.run(_digest, str(path)).items()):
                if other != own:
                    raise refusal("CLUSTER_SOURCE", file=str(path), worker=worker)

    @property
    def width(self) -> int:
        """Return how many tasks may be under way."""
        return WINDOW * max(len(self._client.scheduler_info(n_workers=-1)["workers"]), 1)

    def submit(self, task: T) -> None:
        """Send a task out."""
        key = f"landzone-{task.name}-{self._run}-{uuid.uuid4().hex[:6]}"
        what = (_marked, self.job, task.spec(), str(_mark(task)))
        future = self._client.submit(*what, key=key, pure=False, retries=RETRIES)
        self._flying[future] = task
        future.add_done_callback(self._ready.put)

    def wait(self, seconds: float) -> list[Outcome[T]]:
        """Return what has ended."""
        ended = []
        with suppress(queue.Empty):
            ended.append(self._ready.get(timeout=seconds))
            while True:
                ended.append(self._ready.get_nowait())
        if self._client.status not in ("running", "connecting") or any(one.cancelled() for one in ended):
            raise out_of_limit("CLUSTER_LOST", file="", value=self.address)
        return [self._ended(one) for one in ended]

    def _ended(self, future: Any) -> Outcome[T]:
        task = self._flying.pop(future)
        error = future.exception() if future.status == "error" else None
        if isinstance(error, self._killed):
            at_work = _mark(task).exists()
            _mark(task).unlink(missing_ok=True)
            return Outcome(task, End.LOST, {"exit": str(error).partition("\n")[0]}, error, spent=at_work)
        if isinstance(error, MemoryError):
            return Outcome(task, End.MEMORY, {"gib": ""}, error)
        return Outcome(task, End.FAILED if error else End.DONE, {} if error else future.result(), error)

    def close(self) -> None:
        """Take back what is under way and leave; workers finish what they have begun."""
        if self._client.status == "running":
            self._client.cancel(list(self._flying))
        with suppress(RuntimeError, OSError):  # of a scheduler that is gone; what ended the run is to be told
            self._client.close(timeout=2)


def _mark(task: T) -> Path:
    """Return the file that is there while a task is at work: it tells which task of a dead worker was at fault."""
    return task.path.with_suffix(".begun")


def _marked(job: Job, spec: dict[str, Any], mark: str) -> dict[str, Any]:
    """Carry out a task in a worker.

    Raises
    ------
    Refusal
        CLUSTER_FOLDER where a worker that joined later does not see the folder of the run.
    """
    try:
        Path(mark).touch()
    except OSError:
        raise refusal("CLUSTER_FOLDER", file=str(Path(mark).parent), worker=socket.gethostname()) from None
    try:
        return job(spec)
    finally:
        Path(mark).unlink(missing_ok=True)


def _read(path: str) -> str:
    """Return what a file says; empty where it is not there."""
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def _digest(path: str) -> str:
    """Return the SHA-256 of a file; empty where it is not there."""
    try:
        return digest(Path(path))
    except OSError:
        return ""
