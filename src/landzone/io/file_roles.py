"""What the name of a file says it is, and which files of a folder are data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from landzone.catalog import load
from landzone.io.formats import format_of

_FILE = "file_roles.toml"
_TABLE_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".dbf"})
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
    """Return a name in parts: ``ParcelsFY2014`` is parcels, fy, 2014."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", unicodedata.normalize("NFKC", name))
    return re.sub(r"[\s\-.()\[\]_]+", "_", apart.casefold()).strip("_")


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
        part |= suffix in (".csv", ".dbf", ".xlsx", ".xls") and path.stem.casefold() in maps
        noise = any(_says(_plain(path.stem), w) for w in ignored["words"])
        if is_data and not part and not noise and suffix not in ignored["suffixes"]:
            found.append(path)
    return found


def about_parcels(path: Path) -> bool:
    """Tell whether a table of figures is about parcels, by the words of its name."""
    plain = _plain(path.stem)
    return not any(_says(plain, w) for w in load.table(_FILE)["zone_words"])


def left_out(folder: Path) -> list[str]:
    """Return what lies in a folder and is no data by its name: lock files, pictures, texts, folders."""
    taken = {p.name for p in data_files(folder)}
    names = [p for p in sorted(folder.iterdir()) if p.name not in taken and not _is_part(p, folder)]
    return [p.name + ("/" if p.is_dir() else "") for p in names]


def _is_part(path: Path, folder: Path) -> bool:
    """Tell whether a file is a part of a data set that is named by another file."""
    suffixes = load.table(_FILE)["part_suffixes"]
    main = [folder / (path.name.split(".")[0] + s) for s in (".shp", ".tab", ".mif", ".dbf", ".csv", ".tif")]
    return "." + path.name.partition(".")[2].lower() in suffixes and any(m.exists() for m in main)


@cache
def _signatures() -> dict[str, list[frozenset[str]]]:
    table = load.table(_FILE)["columns"]
    return {role: [frozenset(map(_plain_header, names)) for names in sets] for role, sets in table.items()}


def _plain_header(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s_\-.:/]+|\(.*", "", plain)


def roles_by_columns(headers: Sequence[str], *, shapes: bool) -> list[tuple[str, str]]:
    """Return what headers say a source is: the role and the header that says so, none where they say nothing.

    >>> roles_by_columns(["FID", "ZRZH", "ZDDM"], shapes=True), roles_by_columns(["电子监管号"], shapes=False)
    ([('layers.buildings', 'ZRZH')], [('tables.projects', '电子监管号')])
    >>> roles_by_columns(["GZQLXDM"], shapes=True)
    [('plans.land_use_plan', 'GZQLXDM')]
    """
    known = {_plain_header(h): h for h in headers}
    for role, sets in _signatures().items():
        if role.startswith("layers.") is shapes:
            hit = next((names for names in sets if names <= set(known)), None)
            if hit is not None:
                return [(role, ", ".join(sorted(known[n] for n in hit)))]
    if not shapes:
        return []
    plans = load.merged("plan_types")
    found = [
        (f"plans.{name}", known[_plain_header(column)])
        for name, kind in plans.items()
        for column in kind["class_columns"]
        if _plain_header(column) in known
    ]
    return [*{role: (role, header) for role, header in reversed(found)}.values()][::-1]
