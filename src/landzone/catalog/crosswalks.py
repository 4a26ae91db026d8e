"""Class schemes: what a code of a plan or a land use means for construction."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from landzone.catalog import load

COMMON = frozenset("CKRPNW?")
_FOLDER = "crosswalks"
_BRACKETS = re.compile(r"[\((\[【〔{].*?[\))\]】〕}]")
_NOISE = re.compile(r"[\s·,、。.;:\-_/()]+")
_ENDINGS = ("设施用地", "用地", "用海", "水面", "地区", "地")


@dataclass(frozen=True)
class LandClass:
    """One class: ``common`` is C K R P N W or ?, ``industrial`` None where the class does not tell.

    ``mark`` says how far code and name are sure: ``found`` in published copies, ``derived`` from a class that
    was found, ``recalled``, or ``ours``.
    """

    code: str
    name: str
    common: str
    sector: str = ""
    industrial: bool | None = None
    class3: str = ""
    name_en: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Crosswalk:
    """A class scheme. ``strip`` are suffixes a code may carry, ``cut`` lengths an unlisted code may be cut to."""

    id: str
    classes: Mapping[str, LandClass]
    title: Mapping[str, str] = field(default_factory=dict)
    strip: tuple[str, ...] = ()
    cut: tuple[int, ...] = ()
    fields: tuple[str, ...] = ()
    scheme: str = ""
    status: str = ""
    source: str = ""

    def find(self, code: str) -> LandClass | None:
        """Return the class of a code: exact, without its suffix, cut where the scheme allows, or by name.

        >>> third = crosswalk("third-survey")
        >>> third.find("0201K").name, third.find("工业用地").code, third.find("ZZ")
        ('果园', '0601', None)
        """
        for key in (code, code.upper()):
            if key in self.classes:
                return self.classes[key]
        bare = code
        for suffix in self.strip:
            bare = bare.removesuffix(suffix)
        if bare in self.classes:
            return self.classes[bare]
        for length in self.cut:
            if len(bare) > length and bare[:length].upper() in self.classes:
                return self.classes[bare[:length].upper()]
        return self._by_name(code)

    def principal(self, text: str) -> str:
        """Return the code of a cell: the whole text where the scheme lists it as it is, else its principal part.

        >>> Crosswalk("own", classes_of("code,common,sector\\nA / B,C,\\n")).principal("A / B")
        'A / B'
        """
        whole = text.strip()
        return whole if whole in self.classes else principal_code(text)

    def _by_name(self, text: str) -> LandClass | None:
        if text.isascii():
            return None
        wanted = plain_name(text)
        hits = [entry for entry in self.classes.values() if plain_name(entry.name) == wanted]
        return hits[0] if hits and len({(h.common, h.sector) for h in hits}) == 1 else None

    def agrees(self, code: str, name: str) -> bool:
        """Tell whether a name is one for this code, for the class above it or for one below it.

        >>> zones = crosswalk("land-use-plan-control-zones")
        >>> zones.agrees("010", "允许建设区"), zones.agrees("010", "基本农田保护区")
        (True, False)
        """
        entry = self.find(code)
        if entry is None:
            return False
        own = entry.code
        kin = [c for k, c in self.classes.items() if k.startswith(own) or own.startswith(k)]
        wanted = plain_name(name)
        return any(_alike(wanted, plain_name(c.name)) for c in kin)

    def names(self) -> set[str]:
        """Return all class names in their plain form."""
        return {plain_name(entry.name) for entry in self.classes.values()}


def plain_name(text: str) -> str:
    """Return a class name without brackets, blanks and the endings that differ between editions.

    >>> plain_name("工业用地(M)"), plain_name("工业")
    ('工业', '工业')
    """
    plain = _NOISE.sub("", _BRACKETS.sub("", unicodedata.normalize("NFKC", text)))
    for ending in _ENDINGS:
        if plain.endswith(ending) and len(plain) > len(ending) + 1:
            return plain.removesuffix(ending)
    return plain


def _alike(left: str, right: str) -> bool:
    return bool(left) and bool(right) and (left in right or right in left)


def principal_code(text: str) -> str:
    """Return the principal code of a cell: the first of several, without brackets and the village mark v.

    >>> principal_code("0701/09"), principal_code(" Ｒ2(B1) "), principal_code("1207v")
    ('0701', 'R2', '1207')
    """
    plain = _BRACKETS.sub("", unicodedata.normalize("NFKC", text)).strip()
    first = re.split(r"[/、|+;]", plain)[0].strip()
    return re.sub(r"(?<=\d)v$", "", first)


def bundled() -> list[str]:
    """Return the ids of all bundled crosswalks in the order of the index."""
    return list(load.table(f"{_FOLDER}/index.toml"))


def is_bundled(name: str) -> bool:
    """Tell whether a name or one of its aliases is a bundled crosswalk."""
    return _resolve(name) is not None


def _resolve(name: str) -> str | None:
    index = load.table(f"{_FOLDER}/index.toml")
    return next((key for key, e in index.items() if name == key or name in e.get("aliases", [])), None)


@cache
def crosswalk(name: str) -> Crosswalk:
    """Return a bundled crosswalk by its id or an alias.

    Raises
    ------
    KeyError
        There is none of this name.
    """
    key = _resolve(name)
    if key is None:
        raise KeyError(name)
    entry = load.table(f"{_FOLDER}/index.toml")[key]
    return Crosswalk(
        id=key,
        classes=classes_of(load.text(f"{_FOLDER}/{key}.csv")),
        title=entry["title"],
        strip=tuple(entry["strip"]),
        cut=tuple(entry["cut"]),
        fields=tuple(entry["fields"]),
        scheme=entry.get("scheme", ""),
        status=entry["status"],
        source=entry["source"],
    )


def use_schemes() -> list[Crosswalk]:
    """Return the schemes in which the use of a parcel may be coded, in the order of preference."""
    order = ["third-survey", "gbt21010-2017", "land-sea-2023", "land-sea-2020", "gb50137"]
    return [crosswalk(name) for name in order]


def known_names() -> set[str]:
    """Return the plain names of all classes of all bundled crosswalks."""
    return set().union(*(crosswalk(name).names() for name in bundled()))


def classes_of(text: str) -> dict[str, LandClass]:
    """Read the classes of a crosswalk from the text of its CSV.

    Raises
    ------
    ValueError
        A column is missing, a code stands twice, or ``common`` is none of C K R P N W ?.

    Examples
    --------
    >>> classes_of("code,common,sector\\nIL,C,工业\\n")["IL"].common
    'C'
    """
    reader = csv.DictReader(io.StringIO(text))
    columns = [c.strip() for c in reader.fieldnames or []]
    reader.fieldnames = columns
    missing = [c for c in ("code", "common") if c not in columns]
    if missing:
        raise ValueError(f"no column {', '.join(missing)}")
    return _classes(reader)


def _classes(rows: Iterable[Mapping[str, str | None]]) -> dict[str, LandClass]:
    truth = {"true": True, "false": False, "": None}
    classes: dict[str, LandClass] = {}
    for row in rows:
        cells = {k: (v or "").strip() for k, v in row.items() if k and isinstance(v, str | None)}
        code, common = cells["code"], cells["common"]
        if not code and not common:
            continue
        if code in classes:
            raise ValueError(f"code {code} stands twice")
        if common not in COMMON:
            raise ValueError(f"common {common!r} of code {code}")
        industrial = cells.get("industrial", "").lower()
        if industrial not in truth:
            raise ValueError(f"industrial {industrial!r} of code {code}")
        classes[code] = LandClass(
            code, cells.get("name", ""), common, cells.get("sector", ""), truth[industrial],
            cells.get("class3", ""), cells.get("name_en", ""), cells.get("mark", ""),
        )  # fmt: skip
    if not classes:
        raise ValueError("no rows")
    return classes
