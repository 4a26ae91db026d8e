"""Codes of one class scheme in the numbers of another: 用地用海 2020 in those of 2023, 三调 in those of 用地用海."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from landzone.catalog import load
from landzone.catalog.crosswalks import Crosswalk, crosswalk, plain_name

FOLDER = "conversions"
MANUAL = "manual"


@dataclass(frozen=True)
class Conversion:
    """A conversion between two schemes: ``codes`` by the old code, empty where nothing but the map can tell."""

    id: str
    source: Crosswalk
    target: Crosswalk
    codes: Mapping[str, str]
    same: bool

    def code(self, old: str) -> str | None:
        """Return the code in the target scheme; None where the class is divided there, or has no number there.

        Every code is looked up once in the old numbers, so that no result is converted again.

        >>> renumbered = conversion("land-sea-2020", "land-sea-2023")
        >>> [renumbered.code(one) for one in ("2302", "2303", "060102", "0101", "0601")]
        ['2303', '060102', '1207', '0101', None]
        """
        entry = self.source.find(old)
        if entry is None:
            return None
        if entry.code in self.codes:
            return self.codes[entry.code] or None
        found = self.target.classes.get(entry.code)
        if not self.same or found is None or plain_name(found.name) != plain_name(entry.name):
            return None
        return entry.code


@cache
def conversion(source: str, target: str) -> Conversion | None:
    """Return the conversion between two bundled schemes, None where there is none."""
    one, two = crosswalk(source), crosswalk(target)
    for name, entry in load.table(f"{FOLDER}/index.toml").items():
        if (entry["from"], entry["to"]) == (one.id, two.id):
            rows = csv.DictReader(io.StringIO(load.text(f"{FOLDER}/{name}.csv")))
            return Conversion(
                name, one, two, {row["code"]: row["to"] for row in rows}, entry["unlisted"] == "same"
            )
    return None


def targets(source: str) -> list[str]:
    """Return the schemes into which a scheme can be converted.

    >>> targets("third-survey")
    ['land-sea-2023']
    """
    own = crosswalk(source).id
    return sorted(e["to"] for e in load.table(f"{FOLDER}/index.toml").values() if e["from"] == own)
