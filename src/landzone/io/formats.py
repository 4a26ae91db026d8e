"""The table of readable formats, as the catalogue has it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import PurePath
from typing import Any

from landzone.catalog import load

_FILE = "formats.toml"


@dataclass(frozen=True)
class Format:
    """One readable format: its name, suffixes, the GDAL drivers that may open it and its content check."""

    key: str
    title: str
    suffixes: tuple[str, ...]
    drivers: tuple[str, ...]
    content: str


@cache
def formats() -> tuple[Format, ...]:
    """Return every readable format in the order of the catalogue."""
    return tuple(
        Format(key, row["title"], tuple(row["suffixes"]), tuple(row["drivers"]), row["content"])
        for key, row in load.table(_FILE)["formats"].items()
    )


def format_of(path: PurePath) -> Format | None:
    """Return the format that the suffix of a path promises, None where it is not readable."""
    suffix = path.suffix.lower()
    return next((f for f in formats() if suffix in f.suffixes), None)


def limit(name: str) -> float:
    """Return a limit of the file readers."""
    value: float = load.table(_FILE)["limits"][name]
    return value


def setting(name: str) -> dict[str, Any]:
    """Return a table of the format catalogue: ``gdal``, ``parts``, ``code_pages`` …"""
    value: dict[str, Any] = load.table(_FILE)[name]
    return value
