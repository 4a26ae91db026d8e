"""What the name of a file says it is, and which files of a folder are data."""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from landzone.catalog import load
from landzone.io.formats import format_of

_FILE = "file_roles.toml"
_TABLE_SUFFIXES = frozenset({".xlsx", ".xlsm", ".dbf"})
_EITHER_SUFFIXES = frozenset({".csv", ".tsv"})


@dataclass(frozen=True)
class Word:
    """A word of a file name and what it stands for, such as ``plans.city_plan``."""

    text: str
    group: str
    name: str

    @property
    def role(self) -> str:
        """Section of the study file."""
        return f"{self.group}.{self.name}"


@cache
def words() -> tuple[Word, ...]:
    """Return every word of the catalogue, the longest first."""
    roles = load.table(_FILE)
    found = [Word(w, g, name) for g in ("layers", "tables") for name, ws in roles[g].items() for w in ws]
    for name, kind in load.merged("plan_types").items():
        found += [Word(w, "plans", name) for w in kind["words"]]
    for name, line in load.table("constraints.toml").items():
        found += [Word(w, "constraints", name) for w in line["words"]]
    return tuple(sorted(found, key=lambda w: (-len(w.text), w.text, w.role)))


def _plain(name: str) -> str:
    return re.sub(r"[\s\-.()\[\]_]+", "_", unicodedata.normalize("NFKC", name).casefold()).strip("_")


def _end(plain: str, word: str) -> int:
    """Return where a word last ends in a name, 0 where it is not in it; Latin letters count as whole parts only."""
    pattern = rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word.isascii() else re.escape(word)
    return max((found.end() for found in re.finditer(pattern, plain)), default=0)


def _says(plain: str, word: str) -> bool:
    return _end(plain, word) > 0


def meanings(path: Path) -> list[Word]:
    """Return what a file name says. The last word counts (产业集聚区宗地 are parcels), of several the longest.

    >>> [w.role for w in meanings(Path("XX县土地利用总体规划.shp"))]
    ['plans.land_use_plan']
    >>> [w.role for w in meanings(Path("parcels_2024.gpkg"))], meanings(Path("data.gpkg"))
    (['layers.parcels'], [])
    """
    suffix = path.suffix.lower()
    plain = _plain(path.stem)
    hits = {w: end for w in words() if (end := _end(plain, w.text))}
    tables = {w: end for w, end in hits.items() if w.group == "tables"}
    if suffix in _TABLE_SUFFIXES:
        hits = tables
    elif suffix in _EITHER_SUFFIXES:
        hits = tables or hits
    else:
        hits = {w: end for w, end in hits.items() if w.group != "tables"}
    weak = load.table(_FILE)["weak_words"]
    hits = {w: end for w, end in hits.items() if w.text not in weak} or hits
    if not hits:
        return []
    best = max((end, len(w.text)) for w, end in hits.items())
    by_role = {w.role: w for w, end in hits.items() if (end, len(w.text)) == best}
    return [by_role[role] for role in sorted(by_role)]


def data_files(folder: Path) -> list[Path]:
    """Return the data files of a folder, without the parts of others and without what is no data."""
    ignored = load.table(_FILE)["ignored"]
    entries = sorted(p for p in folder.iterdir() if not p.name.startswith((".", "~$")))
    shapes = {p.stem.casefold() for p in entries if p.suffix.lower() == ".shp"}
    maps = {p.stem.casefold() for p in entries if p.suffix.lower() in (".tab", ".mif")}
    found = []
    for path in entries:
        suffix = path.suffix.lower()
        is_data = format_of(path) is not None and (path.is_file() or suffix == ".gdb")
        part = suffix == ".dbf" and path.stem.casefold() in shapes
        part |= suffix in (".csv", ".dbf", ".xlsx") and path.stem.casefold() in maps
        noise = any(_says(_plain(path.stem), w) for w in ignored["words"])
        if is_data and not part and not noise and suffix not in ignored["suffixes"]:
            found.append(path)
    return found


def about_parcels(path: Path) -> bool:
    """Tell whether a table of figures is about parcels, by the words of its name."""
    plain = _plain(path.stem)
    return not any(_says(plain, w) for w in load.table(_FILE)["zone_words"])


def layer_names(path: Path) -> list[str]:
    """Return the map layers of a GeoPackage, sorted; nothing for any other file and for one that is broken.

    The file is opened as unchangeable, so that SQLite leaves no journal beside it.
    """
    if path.suffix.lower() != ".gpkg":
        return []
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            query = "SELECT table_name FROM gpkg_contents WHERE data_type = 'features' ORDER BY table_name"
            return [str(name) for (name,) in database.execute(query)]
    except sqlite3.Error:
        return []
