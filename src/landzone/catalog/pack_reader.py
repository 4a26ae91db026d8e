"""Reads the text of one rule pack and refuses what is not exactly right, with file, line and rule."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from fractions import Fraction
from itertools import pairwise
from typing import Any

from landzone.catalog import load
from landzone.catalog.indicators import IndicatorError, read_indicator
from landzone.catalog.limit_tables import Lookup, TableError, TableSource, read_limits
from landzone.catalog.measure_list import MeasureSpec, measure_spec, measures, unit_factor, unit_names
from landzone.catalog.messages import refusal
from landzone.errors import Refusal
from landzone.model.rules import Binding, DatedLimit, Indicator, KeyedLimits, Op, Rule, RulePack

_PACK_KEYS = {
    "id": True, "title": True, "source": True, "url": False, "issued": True, "valid_from": False,
    "valid_to": False, "binding": True, "rules": True, "indicators": False,
}  # fmt: skip
_COMMON = {"id": True, "title": True, "applies_to": True, "clause": True, "quote": True, "unverified": False}
_LISTED_KEYS = {**_COMMON, "reason": True}
_REPORTED_KEYS = {**_COMMON, "measure": True, "unit": False}
_JUDGED_KEYS = {
    **_COMMON, "measure": True, "op": True, "unit": True, "values": True, "when": False, "unless": False,
    "limits_by": False,
}  # fmt: skip
_VALUE_KEYS = {"from": False, "until": False, "limit": True}
_TITLE_KEYS = {"zh": True, "en": True}
_LOOKUP_KEYS = {
    "key": True, "table": True, "column": False, "digits": False, "scheme": False, "column_key": False,
    "columns": False,
}  # fmt: skip
_INDICATOR_KEYS = {
    "name": True, "title": True, "subjects": True, "unit": True, "formula": False, "columns": False,
}  # fmt: skip
_SUBJECTS = ("zone", "parcel", "project", "enterprise", "building", "region")
Place = tuple[str, int] | None
"""Which ``[[rules]]`` or ``[[indicators]]`` a key stands in, counted from 0; None: the head of the pack."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def nearest(name: str, known: Sequence[str]) -> str:
    """Return the known name that is nearest, or all of them."""
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return close[0] if close else ", ".join(known)


@dataclass(frozen=True)
class PackReader:
    """Reads one pack; knows its lines, so that a refusal can name them."""

    file: str
    lines: list[str]
    tables: TableSource

    def _line(self, key: str, place: Place) -> int:
        """Return the line of a key of the pack, or of an entry, else of where that begins."""
        heads = [n for n, text in enumerate(self.lines, 1) if re.match(r"\s*\[\[", text)]
        first, last = 1, (heads[0] - 1 if heads else len(self.lines))
        if place is not None:
            own = [n for n in heads if re.match(rf"\s*\[\[\s*{place[0]}\s*\]\]", self.lines[n - 1])]
            if place[1] < len(own):
                first = own[place[1]]
                last = next((n - 1 for n in heads if n > first), len(self.lines))
        pattern = re.compile(rf"\s*([\"']?)({re.escape(key)})\1\s*[=.]|.*[\{{,\s]{re.escape(key)}\s*=")
        for number in range(first, last + 1):
            if key and pattern.match(self.lines[number - 1]):
                return number
        return first

    def _refuse(self, code: str, key: str, rule: Place, rule_id: str = "", **params: Any) -> Refusal:
        line = self._line(key, rule)
        place = f"{line} [{rule_id}]" if rule_id else str(line)
        return refusal(
            code, file=self.file, row=place, column=key, key=key, rule_id=rule_id, line=line, **params
        )

    def _check_keys(self, table: Any, keys: dict[str, bool], within: str, rule: Place, rule_id: str) -> None:
        if not isinstance(table, dict):
            raise self._refuse("RULE_PACK_VALUE", within, rule, rule_id, value=table, wanted="{ … }")
        for key in table:
            if key not in keys:
                near = nearest(key, list(keys))
                raise self._refuse("RULE_PACK_KEY", key, rule, rule_id, near=near)
        for key, required in keys.items():
            if required and key not in table:
                raise self._refuse("RULE_PACK_MISSING", key, rule, rule_id)

    def _text(self, table: dict[str, Any], key: str, rule: Place, rule_id: str, default: str = "") -> str:
        value = table.get(key, default)
        if not isinstance(value, str):
            raise self._refuse("RULE_PACK_VALUE", key, rule, rule_id, value=value, wanted='"…"')
        if key in table and not value.strip() and key != "url":
            raise self._refuse("RULE_PACK_MISSING", key, rule, rule_id)
        return value

    def _choice(self, table: dict[str, Any], key: str, known: list[str], rule: Place, rule_id: str) -> str:
        value = self._text(table, key, rule, rule_id)
        if value not in known:
            raise self._refuse("RULE_PACK_VALUE", key, rule, rule_id, value=value, wanted=" ".join(known))
        return value

    def _day(self, table: dict[str, Any], key: str, rule: Place, rule_id: str) -> date | None:
        value = table.get(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        raise self._refuse("RULE_PACK_VALUE", key, rule, rule_id, value=value, wanted="2014-03-22")

    def _title(self, table: dict[str, Any], rule: Place, rule_id: str) -> dict[str, str]:
        self._check_keys(table["title"], _TITLE_KEYS, "title", rule, rule_id)
        return {lang: self._text(table["title"], lang, rule, rule_id) for lang in _TITLE_KEYS}

    def _identity(self, table: dict[str, Any], rule: Place) -> str:
        name = self._text(table, "id", rule, "")
        if not _ID.fullmatch(name):
            raise self._refuse("RULE_PACK_VALUE", "id", rule, name, value=name, wanted="A-Z a-z 0-9 . _ -")
        return name

    def pack(self, table: dict[str, Any], expected_id: str, sha256: str) -> RulePack:
        """Read a pack from its parsed TOML; ``expected_id`` is the id it has to have, if any."""
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
        indicators = self._indicators(table.get("indicators", []))
        rules: list[Rule] = []
        for number, entry in enumerate(entries):
            rule = self._rule(entry, ("rules", number), indicators)
            if any(rule.id == other.id for other in rules):
                raise self._refuse(
                    "RULE_PACK_TWICE", "id", ("rules", number), rule.id, name=rule.id, other=self.file
                )
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
            indicators=tuple(indicators.values()),
        )

    def _rule(self, entry: Any, number: Place, own: dict[str, Indicator]) -> Rule:
        name = entry.get("id", "") if isinstance(entry, dict) and isinstance(entry.get("id"), str) else ""
        listed = isinstance(entry, dict) and "reason" in entry
        bare = isinstance(entry, dict) and not {"op", "values"} & set(entry) and "measure" in entry
        keys = (
            _LISTED_KEYS if listed else _REPORTED_KEYS if bare and "limits_by" not in entry else _JUDGED_KEYS
        )
        self._check_keys(entry, keys, "rules", number, name)
        name = self._identity(entry, number)
        unverified = entry.get("unverified", False)
        if not isinstance(unverified, bool):
            raise self._refuse(
                "RULE_PACK_VALUE", "unverified", number, name, value=unverified, wanted="true false"
            )
        told: dict[str, Any] = {
            "id": name,
            "title": self._title(entry, number, name),
            "clause": self._text(entry, "clause", number, name),
            "quote": self._text(entry, "quote", number, name),
            "unverified": unverified,
        }
        if listed:
            self._check_keys(entry["reason"], _TITLE_KEYS, "reason", number, name)
            reason = {lang: self._text(entry["reason"], lang, number, name) for lang in _TITLE_KEYS}
            subject = self._choice(entry, "applies_to", list(_SUBJECTS), number, name)
            return Rule(**told, applies_to=subject, measure="", op=None, limits=(), unit="", reason=reason)
        spec, factor = self._measure(entry, number, name, own)
        subject = self._choice(entry, "applies_to", list(spec.subjects), number, name)
        measured: dict[str, Any] = {**told, "applies_to": subject, "measure": spec.name, "unit": spec.unit}
        if keys is _REPORTED_KEYS:
            return Rule(**measured, op=None, limits=())
        by = self._limits_by(entry, factor, subject, number, name)
        return Rule(
            **measured,
            op=Op(self._choice(entry, "op", [op.value for op in Op], number, name)),
            limits=self._limits(entry["values"], factor if by is None else Fraction(1), number, name),
            when=self._conditions(entry, "when", subject, number, name),
            unless=self._conditions(entry, "unless", subject, number, name),
            limits_by=by,
        )

    def _measure(
        self, entry: dict[str, Any], number: Place, name: str, own: dict[str, Indicator]
    ) -> tuple[MeasureSpec, Fraction]:
        measure = self._text(entry, "measure", number, name)
        spec = _own_spec(own[measure]) if measure in own else measure_spec(measure)
        if spec is None:
            near = nearest(measure, [*own, *measures()])
            raise self._refuse("RULE_PACK_MEASURE", "measure", number, name, measure=measure, near=near)
        unit = self._text(entry, "unit", number, name) if "unit" in entry else spec.unit
        factor = unit_factor(unit, spec.unit)
        if factor is None:
            wanted = " ".join(unit_names(spec.unit))
            raise self._refuse(
                "RULE_PACK_UNIT", "unit", number, name, measure=measure, unit=unit, wanted=wanted
            )
        return spec, factor

    def _conditions(
        self, entry: dict[str, Any], within: str, subject: str, rule: Place, rule_id: str
    ) -> dict[str, bool | date]:
        known = load.table("rule_keys.toml")
        fitting = {
            k: False for k, spec in known.items() if subject in spec["subjects"] and spec["kind"] != "code"
        }
        given = entry.get(within, {})
        self._check_keys(given, fitting, within, rule, rule_id)
        for key, value in given.items():
            wants_day = known[key]["kind"] == "date"
            fits = isinstance(value, date) if wants_day else isinstance(value, bool)
            if not fits or isinstance(value, datetime):
                wanted = "2014-03-22" if wants_day else "true false"
                raise self._refuse("RULE_PACK_VALUE", key, rule, rule_id, value=value, wanted=wanted)
        return dict(given)

    def _limits_by(
        self, entry: dict[str, Any], factor: Fraction, subject: str, rule: Place, rule_id: str
    ) -> KeyedLimits | None:
        if "limits_by" not in entry:
            return None
        by = entry["limits_by"]
        self._check_keys(by, _LOOKUP_KEYS, "limits_by", rule, rule_id)
        codes = [
            key
            for key, spec in load.table("rule_keys.toml").items()
            if spec["kind"] == "code" and subject in spec["subjects"]
        ]
        keys = [self._choice(by, "key", codes, rule, rule_id)]
        columns: dict[str, tuple[str, ...]]
        if "column_key" in by:
            keys.append(self._choice(by, "column_key", codes, rule, rule_id))
            groups = by.get("columns")
            if not isinstance(groups, dict) or not all(isinstance(g, list) and g for g in groups.values()):
                raise self._refuse(
                    "RULE_PACK_VALUE", "columns", rule, rule_id, value=groups, wanted="{ c1 = [1, 2] }"
                )
            columns = {name: tuple(str(value) for value in group) for name, group in groups.items()}
        else:
            columns = {self._text(by, "column", rule, rule_id): ()}
        digits = by.get("digits", 0)
        if isinstance(digits, bool) or not isinstance(digits, int) or digits < 0:
            raise self._refuse("RULE_PACK_VALUE", "digits", rule, rule_id, value=digits, wanted="2")
        scheme = self._text(by, "scheme", rule, rule_id) if "scheme" in by else ""
        if keys[0] == "industry_code" and not scheme:
            raise self._refuse("RULE_PACK_MISSING", "scheme", rule, rule_id)
        table = self._text(by, "table", rule, rule_id)
        try:
            return read_limits(self.tables, table, Lookup(tuple(keys), columns, digits, scheme), factor)
        except TableError as error:
            raise self._refuse(
                "RULE_PACK_TABLE", "table", rule, rule_id, table=table, detail=str(error)
            ) from error

    def _indicators(self, entries: Any) -> dict[str, Indicator]:
        if not isinstance(entries, list):
            raise self._refuse("RULE_PACK_VALUE", "indicators", None, value=entries, wanted="[[indicators]]")
        found: dict[str, Indicator] = {}
        for number, entry in enumerate(entries):
            place = ("indicators", number)
            self._check_keys(entry, _INDICATOR_KEYS, "indicators", place, "")
            name = self._text(entry, "name", place, "")
            if name in found or measure_spec(name) is not None:
                raise self._refuse("RULE_PACK_TWICE", "name", place, name, name=name, other=self.file)
            try:
                found[name] = read_indicator(entry, self._title(entry, place, name))
            except IndicatorError as error:
                raise self._refuse(error.code, error.key, place, name, **error.params) from error
        return found

    def _limits(self, values: Any, factor: Fraction, rule: Place, rule_id: str) -> tuple[DatedLimit, ...]:
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


def _own_spec(indicator: Indicator) -> MeasureSpec:
    return MeasureSpec(
        name=indicator.name,
        subjects=indicator.subjects,
        unit=indicator.unit,
        numerator_unit=indicator.unit,
        title=indicator.title,
        formula={"zh": indicator.formula, "en": indicator.formula},
        source="",
    )
