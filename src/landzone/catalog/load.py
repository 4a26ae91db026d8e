"""Reads the files of the catalogue."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

_ROOT = files("landzone.catalog")


def names(folder: str, suffix: str) -> list[str]:
    """Return the file names of a catalogue folder, sorted, without the suffix."""
    return sorted(
        entry.name.removesuffix(suffix) for entry in (_ROOT / folder).iterdir() if entry.name.endswith(suffix)
    )


def text(path: str) -> str:
    """Return the text of a catalogue file."""
    return (_ROOT / path).read_text(encoding="utf-8")


@cache
def table(path: str) -> dict[str, Any]:
    """Return a TOML file of the catalogue (treat as read-only)."""
    return tomllib.loads(text(path))


@cache
def merged(folder: str) -> dict[str, Any]:
    """Return all TOML files of a folder as one table; a key that occurs twice is an error."""
    whole: dict[str, Any] = {}
    for name in names(folder, ".toml"):
        for key, value in table(f"{folder}/{name}.toml").items():
            if key in whole:
                raise ValueError(f"{folder}/{name}.toml: {key} is defined twice")
            whole[key] = value
    return whole
