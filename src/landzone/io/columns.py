"""Finds the canonical columns of a role in a source: as stated, by a known name, or by a name that was cut."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from landzone.catalog import columns as known
from landzone.catalog.columns import Alias, ColumnSpec
from landzone.catalog.messages import refusal
from landzone.io.cells import plain_value
from landzone.io.dates import read_dates
from landzone.io.numbers import Unit, UnitUnknown, find_unit, stated_unit
from landzone.io.raw import Raw
from landzone.io.words import read_yesno
from landzone.model.layer import ColumnUse

_BRACKET = re.compile(r"(.*)[(\[{【〔]\s*(?:单位\s*[::]?\s*)?([^()\[\]{}【】〔〕]*?)\s*([)\]}】〕])?")
_NOISE = re.compile(r"[\s_\-./:()\[\]{}【】〔〕'\"“”]+")
_CUT_BYTES = 10
"""A shapefile cuts names to 10 bytes."""


@dataclass(frozen=True)
class Match:
    """A column of the source and what it was taken for.

    ``how`` is ``stated`` (by the study), ``name`` (a known name), ``prefix`` (a known name that was cut) or
    ``content`` (a yes/no column that holds dates). ``unit`` is what study or header say; ``unit_column`` a second
    column that gives the unit row by row.
    """

    spec: ColumnSpec
    header: str
    how: str
    unit: Unit | None = None
    unit_column: str = ""
    header_unit: Unit | None = None

    def report(self) -> str:
        """Return one line on the match, as ``init`` prints it."""
        unit = f" [{self.unit.name}]" if self.unit and self.unit.name else ""
        return f"{self.spec.name} = {self.header}{unit} ({self.how})"


def column_uses(matches: Sequence[Match], frame: pd.DataFrame) -> tuple[ColumnUse, ...]:
    """Return what ``run.json`` and the check page tell of the columns of an input.

    Parameters
    ----------
    matches : sequence of Match
    frame : DataFrame
        The rows in use; a column that names its rows is their index.
    """
    uses = []
    for match in matches:
        name = match.spec.frame_name
        filled = int(frame[name].notna().sum()) if name in frame.columns else len(frame)
        header = f"{match.header} + {match.unit_column}" if match.unit_column else match.header
        unit = match.unit.name if match.unit else ""
        uses.append(ColumnUse(match.spec.name, header, match.how, unit, filled))
    return tuple(uses)


@dataclass(frozen=True)
class _Header:
    text: str
    keys: tuple[tuple[str, str], ...]
    """Readings of the header as (name, unit word): as a whole, and with a unit split off."""
    cut: bool


def _key(text: str) -> str:
    return _NOISE.sub("", plain_value(text))


def _header(text: str) -> _Header:
    plain = plain_value(text)
    readings = [(_key(text), "")]
    bracket = _BRACKET.fullmatch(plain)
    if bracket and bracket[1]:
        readings.insert(0, (_key(bracket[1]), bracket[2]))
    tokens = re.split(r"[_\s/]+", plain)
    readings += [
        (_key("_".join(tokens[:-n])), "_".join(tokens[-n:])) for n in (1, 2) if len(tokens) > n and tokens[0]
    ]
    longest = max(len(text.encode("gbk", errors="replace")), len(text.encode("utf-8")))
    at_limit = any(
        _CUT_BYTES - 2 <= len(text.encode(code, errors="replace")) <= _CUT_BYTES for code in ("gbk", "utf-8")
    ) and (longest >= _CUT_BYTES - 1)
    return _Header(text, tuple(readings), at_limit or bool(bracket and not bracket[3]))


def _fits(header: _Header, alias: Alias, kind: str) -> tuple[bool, str]:
    """Tell whether a header is a known name, and the unit word it carries."""
    wanted = _key(alias.header)
    for name, unit in header.keys:
        if name == wanted and (not unit or _unit_of(kind, unit, header.cut)):
            return True, unit
    whole = _key(header.text)
    rest = whole.removeprefix(wanted)
    glued = bool(rest) and whole != rest and not rest.isascii() and find_unit(kind, rest) is not None
    return glued, rest if glued else ""


def _unit_of(kind: str, word: str, cut: bool) -> Unit | None:
    """Return the unit of a header word; in a header that was cut the word may be cut, too."""
    unit = find_unit(kind, word)
    if unit is None and cut and word:
        full = {"area": ["公顷", "平方米"], "money": ["万元", "亿元"]}.get(kind, [])
        ends = [w for w in full if w.startswith(word)]
        unit = find_unit(kind, ends[0]) if len(ends) == 1 else None
    return unit


def header_unit(header: str, names: Iterable[str], kind: str) -> tuple[bool, Unit | None]:
    """Tell whether a header is one of some names, with or without a unit, and return the unit.

    >>> fits, unit = header_unit("面积(公顷", ["面积"], "area")
    >>> fits, unit.name, header_unit("建筑面积", ["面积"], "area")
    (True, 'ha', (False, None))
    """
    head = _header(header)
    for name in names:
        fits, word = _fits(head, Alias("", name, 0), kind)
        if fits:
            return True, _unit_of(kind, word, head.cut) if word else None
    return False, None


def nearest(wanted: str, names: Iterable[object], count: int = 3) -> list[str]:
    """Return the names most like a wanted one, the best first.

    >>> nearest("ZDDN", ["ZDDM", "BSM", "ZDMJ"], 2)
    ['ZDDM', 'ZDMJ']
    """
    by_key = {_key(str(name)): str(name) for name in names}
    found = difflib.get_close_matches(_key(wanted), list(by_key), n=count, cutoff=0.3)
    return [by_key[key] for key in found]


def match_columns(raw: Raw, stated: Mapping[str, str], units: Mapping[str, str]) -> list[Match]:
    """Match the columns of a source to the canonical columns of its role.

    Parameters
    ----------
    raw : Raw
        The source; only its headers are used, and the cells of yes/no columns.
    stated : mapping of canonical name to header
        From the study. An empty header means: this column is not in this source.
    units : mapping of canonical name to unit
        From the study; goes before the unit of the header.

    Returns
    -------
    list of Match
        In the order of the catalogue.

    Raises
    ------
    Refusal
        COLUMN_UNKNOWN, COLUMN_MISSING, COLUMN_AMBIGUOUS, UNIT_UNKNOWN.
    """
    specs = known.specs(raw.role)
    open_ended = known.family(raw.role) == "zone_figures"
    for canonical in [*stated, *([] if open_ended else units)]:
        if canonical not in specs and not open_ended:
            near = ", ".join(nearest(canonical, specs)) or ", ".join(specs)
            raise refusal(
                "COLUMN_UNKNOWN", file=raw.source, layer=raw.layer, column=canonical, role=raw.role, near=near
            )
    headers = [str(c) for c in raw.cells.columns]
    taken = {c: _stated(raw, specs[c], text, headers) for c, text in stated.items() if text and c in specs}
    closed = set(taken) | {c for c, text in stated.items() if not text}
    found = _by_name(raw, specs, closed, [h for h in headers if h not in taken.values()])
    matches = [
        Match(spec, taken[name], "stated") if name in taken else found[name]
        for name, spec in specs.items()
        if name in taken or name in found
    ]
    return _by_content(raw, [_with_unit(raw, match, units, headers) for match in matches], specs)


def stated_match(raw: Raw, spec: ColumnSpec, header: str, units: Mapping[str, str]) -> Match:
    """Return the match of one column that is named outright, with its unit."""
    headers = [str(c) for c in raw.cells.columns]
    return _with_unit(raw, Match(spec, _stated(raw, spec, header, headers), "stated"), units, headers)


def _stated(raw: Raw, spec: ColumnSpec, text: str, headers: Sequence[str]) -> str:
    if text in headers:
        return text
    same = [h for h in headers if _key(h) == _key(text)]
    if len(same) == 1:
        return same[0]
    near = ", ".join(nearest(text, headers)) or ", ".join(headers)
    raise refusal(
        "COLUMN_MISSING",
        file=raw.source,
        layer=raw.layer,
        column=text,
        canonical=spec.name,
        zh=spec.zh,
        near=near,
    )


def _by_name(
    raw: Raw, specs: Mapping[str, ColumnSpec], closed: set[str], free: Sequence[str]
) -> dict[str, Match]:
    heads = [_header(text) for text in free]
    own = known.own_specs(raw.role)
    order = [*own, *(name for name in specs if name not in own)]
    aliases = known.aliases(raw.role)
    found: dict[str, Match] = {}
    used: set[str] = set()
    for rank in sorted({a.rank for a in aliases}):
        for canonical in order:
            if canonical in closed or canonical in found:
                continue
            mine = [a for a in aliases if a.rank == rank and a.canonical == canonical]
            hits = _hits(heads, used, mine, specs[canonical].kind)
            if len(hits) > 1:
                raise _ambiguous(raw, specs[canonical], sorted(hits))
            for text, unit in hits.items():
                found[canonical] = Match(specs[canonical], text, "name", unit)
                used.add(text)
    rest = [h for h in heads if h.cut and h.text not in used]
    by_prefix: dict[str, list[str]] = {}
    for head in rest:
        names = {a.canonical for a in aliases if _is_prefix(head, a)} - closed - set(found)
        if len(names) == 1:
            by_prefix.setdefault(names.pop(), []).append(head.text)
    for canonical, texts in by_prefix.items():
        if len(texts) > 1:
            raise _ambiguous(raw, specs[canonical], sorted(texts))
        found[canonical] = Match(specs[canonical], texts[0], "prefix")
    return found


def _hits(
    heads: Sequence[_Header], used: set[str], mine: Sequence[Alias], kind: str
) -> dict[str, Unit | None]:
    hits: dict[str, Unit | None] = {}
    for head in heads:
        for alias in mine:
            fits, word = _fits(head, alias, kind) if head.text not in used else (False, "")
            if fits:
                unit = _unit_of(kind, word, head.cut) if word else None
                hits[head.text] = unit or (find_unit(kind, alias.unit) if alias.unit else None)
                break
    return hits


def _is_prefix(head: _Header, alias: Alias) -> bool:
    name, wanted = _key(head.text), _key(alias.header)
    long_enough = len(name) >= (5 if name.isascii() else 3)
    return long_enough and wanted != name and wanted.startswith(name)


def _ambiguous(raw: Raw, spec: ColumnSpec, texts: Sequence[str]) -> Exception:
    return refusal(
        "COLUMN_AMBIGUOUS",
        file=raw.source,
        layer=raw.layer,
        column=", ".join(texts),
        canonical=spec.name,
        zh=spec.zh,
        first=texts[0],
    )


def _with_unit(raw: Raw, match: Match, units: Mapping[str, str], headers: Sequence[str]) -> Match:
    spec, unit = match.spec, match.unit
    kind = "ratio" if spec.kind == "share" else spec.kind
    if unit is None:
        head = _header(match.header)
        words = [word for _, word in head.keys if word]
        unit = next((u for w in words if (u := _unit_of(kind, w, head.cut))), None)
    if kind == "ratio" and unit is not None and unit.name == "ratio":
        unit = None  # the end of a name such as rd_ratio says nothing on per cent
    header_unit, second = unit, ""
    if spec.name in units and kind == "measure":
        unit = find_unit(kind, units[spec.name]) or unit  # the name of a measure tells its other units
    elif spec.name in units:
        try:
            unit = stated_unit(kind, units[spec.name])
        except UnitUnknown as error:
            raise refusal(
                "UNIT_UNKNOWN",
                file=raw.source,
                layer=raw.layer,
                column=match.header,
                unit=error.unit,
                known=", ".join(error.known),
            ) from error
    elif unit is None and spec.kind == "area" and spec.name == "registered_area":
        names = {_key(n) for n in known.by_content()["unit_columns"]["names"]}
        second = next((h for h in headers if _key(h) in names), "")
    return Match(spec, match.header, match.how, unit, second, header_unit)


def _by_content(raw: Raw, matches: list[Match], specs: Mapping[str, ColumnSpec]) -> list[Match]:
    """Take a yes/no column whose cells are dates for the date it means."""
    pairs = known.by_content()["dates_mean"]
    present = {m.spec.name for m in matches}
    result = []
    for match in matches:
        meant = pairs.get(match.spec.name)
        if meant in specs and meant not in present:
            values = list(raw.cells[match.header].dropna().unique())
            words = [c for c in read_yesno(values) if c.value is not None]
            days = [c for c in read_dates(values) if c.value is not None or c.fault.startswith("DATE_A")]
            if days and not words:
                result.append(Match(specs[meant], match.header, "content"))
                continue
        result.append(match)
    return result
