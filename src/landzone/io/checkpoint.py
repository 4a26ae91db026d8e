"""Finished parts of a run on disk: one file of arrays each, whole or not there."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_HEAD = "head"


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]], head: Mapping[str, Any]) -> None:
    """Write arrays under a temporary name and rename the file, so that nobody ever sees half of it."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.part")
    said = np.frombuffer(json.dumps(dict(head), sort_keys=True).encode(), dtype=np.uint8)
    try:
        with fresh.open("wb") as stream:
            np.savez_compressed(stream, allow_pickle=False, **{_HEAD: said}, **arrays)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def read_head(path: Path) -> dict[str, Any] | None:
    """Return the head of a file of arrays; None where there is no such file or it is damaged."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            found: dict[str, Any] = json.loads(file[_HEAD].tobytes())
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error):
        return None
    return found


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file."""
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files if name != _HEAD}
