"""Reads rule packs, bundled or by path, and refuses what is not exactly right."""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from landzone.catalog import load
from landzone.catalog.measure_list import measure_spec, measures, unit_factor, unit_names
from landzone.catalog.messages import refusal
from landzone.errors import Refusal
from landzone.model.rules import Binding, DatedLimit, Op, Rule, RulePack

_PACK_KEYS = {
    "id": True, "title": True, "source": True, "url": False, "issued": True, "valid_from": False,
    "valid_to": False, "binding": True, "rules": True,
}  # fmt: skip
_RULE_KEYS = {
    "id": True, "title": True, "applies_to": True, "measure": True, "op": True, "unit": True, "clause": True,
    "quote": True, "unverified": False, "values": True,
}  # fmt: skip
_VALUE_KEYS = {"from": False, "until": False, "limit": True}
_TITLE_KEYS = {"zh": True, "en": True}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def bundled_packs() -> list[str]:
    """Return the ids of the rule packs that ship with landzone."""
    return load.names("rule_packs", ".toml")


def load_pack(reference: str, folder: Path | None = None) -> RulePack:
    """Read one rule pack.

    Parameters
    ----------
    reference : str
        Id of a bundled pack, or path of a TOML file (ends in ``.toml``), relative to ``folder``.
    folder : Path, optional
        Folder of the study.

    Raises
    ------
    Refusal
        ``RULE_PACK_…`` with file, line and rule id: nothing of a pack is ever skipped or guessed.

    Examples
    --------
    >>> pack = load_pack("seed-004-cluster-2014")
    >>> [rule.limits[0].limit for rule in pack.rules if rule.id in ("S004-DENS", "S004-INV", "S004-REVENUE")]
    [0.5, 1000.0, 200000.0]
    """
    if not reference.endswith(".toml"):
        if reference not in bundled_packs():
            near = _nearest(reference, bundled_packs())
            raise refusal("RULE_PACK_NOT_FOUND", file=reference, near=near)
        return read_pack(
            load.text(f"rule_packs/{reference}.toml"), f"{reference}.toml", expected_id=reference
        )
    path = (folder or Path()) / reference
    if not path.is_file():
        raise refusal("RULE_PACK_NOT_FOUND", file=reference, near=_nearest(reference, bundled_packs()))
    raw = path.read_bytes()
    try:
        content = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refusal("RULE_PACK_SYNTAX", file=reference, detail=str(error)) from error
    pack = read_pack(content, reference, sha256=hashlib.sha256(raw).hexdigest())
    return replace(pack, text=content)


def load_packs(references: Sequence[str], folder: Path | None = None) -> tuple[RulePack, ...]:
    """Read several packs; a pack or a rule id may occur only once among them."""
    packs: list[RulePack] = []
    seen: dict[str, str] = {}
    for reference in references:
        pack = load_pack(reference, folder)
        for name in (pack.id, *(rule.id for rule in pack.rules)):
            if name in seen:
                raise refusal("RULE_PACK_TWICE", file=reference, name=name, other=seen[name])
        seen |= dict.fromkeys((pack.id, *(rule.id for rule in pack.rules)), reference)
        packs.append(pack)
    return tuple(packs)


def list_rules() -> tuple[RulePack, ...]:
    """Return every bundled rule pack with its rules."""
    return tuple(load_pack(name) for name in bundled_packs())


def read_pack(content: str, file: str, expected_id: str = "", sha256: str = "") -> RulePack:
    """Read the text of a pack; ``file`` is what messages call it, ``sha256`` the hash of its bytes."""
    sha256 = sha256 or hashlib.sha256(content.encode("utf-8")).hexdigest()
    content = content.replace("\r\n", "\n")
    try:
        table = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise refusal("RULE_PACK_SYNTAX", file=file, detail=str(error)) from error
    return _Reader(file, content.split("\n")).pack(table, expected_id, sha256)


def _nearest(name: str, known: Sequence[str]) -> str:
    """Return the known name that is nearest, or all of them."""
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return close[0] if close else ", ".join(known)


@dataclass(frozen=True)
class _Reader:
    """Reads one pack; knows its lines, so that a refusal can name them."""

    file: str
    lines: list[str]

    def _line(self, key: str, rule: int | None) -> int:
        """Return the line of a key of the pack (rule None) or of its nth rule, else of where that begins."""
        heads = [n for n, text in enumerate(self.lines, 1) if re.match(r"\s*\[\[\s*rules\s*\]\]", text)]
        first, last = 1, (heads[0] - 1 if heads else len(self.lines))
        if rule is not None and rule < len(heads):
            first = heads[rule]
            last = heads[rule + 1] - 1 if rule + 1 < len(heads) else len(self.lines)
        pattern = re.compile(rf"\s*([\"']?)({re.escape(key)})\1\s*[=.]|.*[\{{,\s]{re.escape(key)}\s*=")
        for number in range(first, last + 1):
            if key and pattern.match(self.lines[number - 1]):
                return number
        return first

    def _refuse(self, code: str, key: str, rule: int | None, rule_id: str = "", **params: Any) -> Refusal:
        line = self._line(key, rule)
        place = f"{line} [{rule_id}]" if rule_id else str(line)
        return refusal(
            code, file=self.file, row=place, column=key, key=key, rule_id=rule_id, line=line, **params
        )

    def _check_keys(
        self, table: Any, keys: dict[str, bool], within: str, rule: int | None, rule_id: str
    ) -> None:
        if not isinstance(table, dict):
            raise self._refuse("RULE_PACK_VALUE", within, rule, rule_id, value=table, wanted="{ … }")
        for key in table:
            if key not in keys:
                near = _nearest(key, list(keys))
                raise self._refuse("RULE_PACK_KEY", key, rule, rule_id, near=near)
        for key, required in keys.items():
            if required and key not in table:
                raise self._refuse("RULE_PACK_MISSING", key, rule, rule_id)

    def _text(
        self, table: dict[str, Any], key: str, rule: int | None, rule_id: str, default: str = ""
    ) -> str:
        value = table.get(key, default)
        if not isinstance(value, str):
            raise self._refuse("RULE_PACK_VALUE", key, rule, rule_id, value=value, wanted='"…"')
        if key in table and not value.strip() and key != "url":
            raise self._refuse("RULE_PACK_MISSING", key, rule, rule_id)
        return value

    def _choice(
        self, table: dict[str, Any], key: str, known: list[str], rule: int | None, rule_id: str
    ) -> str:
        value = self._text(table, key, rule, rule_id)
        if value not in known:
            raise self._refuse("RULE_PACK_VALUE", key, rule, rule_id, value=value, wanted=" ".join(known))
        return value

    def _day(self, table: dict[str, Any], key: str, rule: int | None, rule_id: str) -> date | None:
        value = table.get(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        raise self._refuse("RULE_PACK_VALUE", key, rule, rule_id, value=value, wanted="2014-03-22")

    def _title(self, table: dict[str, Any], rule: int | None, rule_id: str) -> dict[str, str]:
        self._check_keys(table["title"], _TITLE_KEYS, "title", rule, rule_id)
        return {lang: self._text(table["title"], lang, rule, rule_id) for lang in _TITLE_KEYS}

    def _identity(self, table: dict[str, Any], rule: int | None) -> str:
        name = self._text(table, "id", rule, "")
        if not _ID.fullmatch(name):
            raise self._refuse("RULE_PACK_VALUE", "id", rule, name, value=name, wanted="A-Z a-z 0-9 . _ -")
        return name

    def pack(self, table: dict[str, Any], expected_id: str, sha256: str) -> RulePack:
        self._check_keys(table, _PACK_KEYS, "", None, "")
        name = self._identity(table, None)
        if expected_id and name != expected_id:
            raise self._refuse("RULE_PACK_VALUE", "id", None, value=name, wanted=expected_id)
        begin, end = self._day(table, "valid_from", None, ""), self._day(table, "valid_to", None, "")
        if begin and end and end < begin:
            raise self._refuse("RULE_PACK_DATES", "valid_to", None, first=begin, second=end)
        entries = table["rules"]
        if not isinstance(entries, list) or not entries:
            raise self._refuse("RULE_PACK_MISSING", "rules", None)
        rules: list[Rule] = []
        for number, entry in enumerate(entries):
            rule = self._rule(entry, number)
            if any(rule.id == other.id for other in rules):
                raise self._refuse("RULE_PACK_TWICE", "id", number, rule.id, name=rule.id, other=self.file)
            rules.append(rule)
        return RulePack(
            id=name,
            title=self._title(table, None, ""),
            source=self._text(table, "source", None, ""),
            issued=self._day(table, "issued", None, ""),
            valid_from=begin,
            valid_to=end,
            binding=Binding(self._choice(table, "binding", [b.value for b in Binding], None, "")),
            rules=tuple(rules),
            url=self._text(table, "url", None, ""),
            sha256=sha256,
        )

    def _rule(self, entry: Any, number: int) -> Rule:
        name = entry.get("id", "") if isinstance(entry, dict) and isinstance(entry.get("id"), str) else ""
        self._check_keys(entry, _RULE_KEYS, "rules", number, name)
        name = self._identity(entry, number)
        unverified = entry.get("unverified", False)
        if not isinstance(unverified, bool):
            raise self._refuse(
                "RULE_PACK_VALUE", "unverified", number, name, value=unverified, wanted="true false"
            )
        measure = self._text(entry, "measure", number, name)
        spec = measure_spec(measure)
        if spec is None:
            near = _nearest(measure, list(measures()))
            raise self._refuse("RULE_PACK_MEASURE", "measure", number, name, measure=measure, near=near)
        subject = self._choice(entry, "applies_to", list(spec.subjects), number, name)
        unit = self._text(entry, "unit", number, name)
        factor = unit_factor(unit, spec.unit)
        if factor is None:
            wanted = " ".join(unit_names(spec.unit))
            raise self._refuse(
                "RULE_PACK_UNIT", "unit", number, name, measure=measure, unit=unit, wanted=wanted
            )
        return Rule(
            id=name,
            title=self._title(entry, number, name),
            applies_to=subject,
            measure=measure,
            op=Op(self._choice(entry, "op", [op.value for op in Op], number, name)),
            limits=self._limits(entry["values"], factor, number, name),
            unit=spec.unit,
            clause=self._text(entry, "clause", number, name),
            quote=self._text(entry, "quote", number, name),
            unverified=unverified,
        )

    def _limits(self, values: Any, factor: Fraction, rule: int, rule_id: str) -> tuple[DatedLimit, ...]:
        if not isinstance(values, list) or not values:
            raise self._refuse("RULE_PACK_MISSING", "values", rule, rule_id)
        limits = []
        for value in values:
            self._check_keys(value, _VALUE_KEYS, "values", rule, rule_id)
            limit = value["limit"]
            if isinstance(limit, bool) or not isinstance(limit, (int, float)) or not math.isfinite(limit):
                raise self._refuse("RULE_PACK_VALUE", "limit", rule, rule_id, value=limit, wanted="0.5")
            begin, end = self._day(value, "from", rule, rule_id), self._day(value, "until", rule, rule_id)
            limits.append(DatedLimit(float(Fraction(repr(limit)) * factor), begin, end))
        order = sorted(limits, key=lambda dated: dated.valid_from or date.min)
        for dated in order:
            if dated.valid_from and dated.valid_until and dated.valid_until < dated.valid_from:
                place = {"first": dated.valid_from, "second": dated.valid_until}
                raise self._refuse("RULE_PACK_DATES", "until", rule, rule_id, **place)
        for earlier, later in pairwise(order):
            end = earlier.valid_until or date.max
            if end >= (later.valid_from or date.min):
                begin = later.valid_from or date.min
                raise self._refuse("RULE_PACK_DATES", "values", rule, rule_id, first=end, second=begin)
        return tuple(order)
