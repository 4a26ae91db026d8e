"""Publishes a finished result by one rename; until then the old result stays as it was."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from landzone.catalog.messages import refusal
from landzone.errors import OutputError

RUN_FILE = "run.json"
STORE_FILE = "store.json"
TASKS = "tasks"


def check_target(out: Path, *, store: bool = False) -> None:
    """Refuse a target that is somebody's folder: results replace only results, a store only a store."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise refusal("OUT_NOT_A_FOLDER", file=str(out))
    if out.is_dir() and any(out.iterdir()) and not (out / RUN_FILE).is_file():
        raise refusal("OUT_NOT_EMPTY", file=str(out))
    if (out / RUN_FILE).is_file() and (out / STORE_FILE).is_file() is not store:
        raise refusal("OUT_IS_OTHER", file=str(out))


def work_path(out: Path) -> Path:
    """Return the one work folder beside ``out``."""
    return out.with_name(out.name + ".work")


def tasks_path(out: Path) -> Path:
    """Return where the finished parts of a run lie; they stay when the run does not come to its end."""
    return work_path(out) / TASKS


@contextmanager
def work_folder(out: Path) -> Iterator[Path]:
    """Give the work folder beside ``out`` (``OUT.work``); it goes at the end, but for finished parts of a run."""
    work = work_path(out)
    try:
        _clear(work)
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{work}: {error.strerror}") from error
    try:
        yield work
    finally:
        with suppress(OSError):
            _clear(work)


def drop_tasks(out: Path) -> None:
    """Remove the finished parts of a run that has come to its end."""
    shutil.rmtree(tasks_path(out), ignore_errors=True)
    with suppress(OSError):
        work_path(out).rmdir()


def _clear(work: Path) -> None:
    """Remove all but finished parts, and the folder itself where there are none."""
    if not work.exists():
        return
    for path in work.iterdir():
        if path.is_dir() and not path.is_symlink():
            if path.name != TASKS:
                shutil.rmtree(path)
        else:
            path.unlink()
    if not any(work.iterdir()):
        work.rmdir()


def publish(fresh: Path, out: Path) -> None:
    """Put a finished folder in the place of the old result; files that are not ours are carried over."""
    try:
        if out.is_dir():
            _carry_over(out, fresh)
        for path in sorted(fresh.rglob("*")):
            if path.is_file():
                _sync(path)
        _sync(fresh)
        if out.is_dir():
            old = fresh.with_name("old")
            out.rename(old)
            try:
                fresh.rename(out)
            except OSError:
                old.rename(out)
                raise
        else:
            fresh.rename(out)
        _sync(out.parent)
    except OSError as error:
        raise OutputError(f"{out}: {error.strerror}") from error


def _carry_over(old: Path, fresh: Path) -> None:
    ours = (
        {RUN_FILE, *json.loads((old / RUN_FILE).read_text("utf-8")).get("outputs", {})}
        if any(old.iterdir())
        else set()
    )
    of_ours = {Path(name).parts[0] for name in ours}
    for path in sorted(old.iterdir()):
        if path.is_dir() and not path.is_symlink() and path.name in of_ours:
            _carry_files(path, old, fresh, ours)
        elif path.name in ours or (fresh / path.name).exists():
            continue
        elif path.is_dir():
            shutil.copytree(path, fresh / path.name, symlinks=True)
        else:
            shutil.copy2(path, fresh / path.name, follow_symlinks=False)


def _carry_files(folder: Path, old: Path, fresh: Path, ours: set[str]) -> None:
    """Carry over what somebody put into a folder of ours; what we wrote there before goes."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(old)
        if path.is_dir() and not path.is_symlink():
            continue
        if name.as_posix() in ours or (fresh / name).exists():
            continue
        (fresh / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, fresh / name, follow_symlinks=False)


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal text."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
