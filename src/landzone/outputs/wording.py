"""Words of the outputs in one language: titles of columns, codes, plans, units."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from landzone.catalog import load
from landzone.catalog.finding_texts import quantity
from landzone.catalog.idle_law import clause_words
from landzone.catalog.labels import labels, titles
from landzone.catalog.measure_list import measure_spec
from landzone.model.study import Study

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What neither XML nor a page can hold."""

_UNITS = ("_m2", "_ratio", "_date", "_count", "_years", "_m")


def clean(text: str) -> str:
    r"""Return a text without control characters; line ends become ``\n``.

    >>> clean("a\x07b\r\nc")
    'ab\nc'
    """
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


@dataclass(frozen=True)
class Wording:
    """Everything that is said in one language; ``study`` gives the names of its plans and lines."""

    study: Study
    lang: str

    def say(self, key: str, **params: Any) -> str:
        """Return a sentence of ``labels/report.toml`` with its places filled."""
        return labels("report", self.lang)[key].format(**params)

    @property
    def banner(self) -> str:
        """How widely the pages may be shown."""
        return self.study.notice.get(self.lang) or self.say("banner")

    def join(self, words: list[str]) -> str:
        """Join words as the language does."""
        return self.say("joiner").join(words)

    def beside(self, text: str, inside: str) -> str:
        """Return a text with another in brackets; the text alone where both are the same or one is empty."""
        if not inside or inside == text:
            return text
        return self.say("bracket", text=text, inside=inside) if text else inside

    def word(self, vocabulary: str, code: Any) -> str:
        """Return what a code of ``labels/map.toml`` means; an unknown code stands for itself."""
        if _absent(code):
            return ""
        entry = load.table("labels/map.toml").get(vocabulary, {}).get(str(code))
        return str(entry[self.lang]) if entry else str(code)

    def title(self, name: str) -> str:
        """Return the title of a column without its unit."""
        found = self._known(name)
        money = self.study.settings.money
        if found is None and f"_{money}" in name:
            found = self._known(name.replace(f"_{money}", ""))
        if found is None:
            found = next((self._known(name.removesuffix(end)) for end in _UNITS if name.endswith(end)), None)
        if found is None:
            found = next((self._known(name + end) for end in _UNITS if self._known(name + end)), None)
        if found is None:
            spec = measure_spec(name)
            found = spec.title[self.lang] if spec else name.removeprefix("src_")
        return found[:1].upper() + found[1:]

    def _known(self, name: str) -> str | None:
        entry = load.table("labels/map.toml")["column"].get(name)
        entry = entry or load.table("labels/table_columns.toml").get(name)
        return str(entry[self.lang]) if entry else None

    def unit(self, unit: str) -> str:
        """Return what people read for a unit of ``catalog/units.toml``; a currency stands for itself."""
        own = load.table("labels/map.toml")["unit"].get(unit)
        entry = load.table("units.toml").get(unit)
        if entry:
            return str(entry[self.lang])
        return str(own[self.lang]) if own else unit.upper()

    @property
    def money(self) -> str:
        """Unit of money of the study."""
        return self.unit(self.study.settings.money)

    @property
    def money_per_ha(self) -> str:
        """Unit of intensity."""
        return f"{self.money}/{self.unit('ha')}"

    def plan(self, name: str) -> str:
        """Return what people call a plan: its own title, or that of its kind in the language of the output."""
        plan = self.study.plans.get(name)
        return titles("plan_types/plans.toml", name, plan.title if plan else "")[self.lang]

    def line(self, name: str) -> str:
        """Return what people call a line of control."""
        line = self.study.constraints.get(name)
        return titles("constraints.toml", name, line.title if line else "")[self.lang]

    def plans(self, names: Any) -> str:
        """Return the titles of plans that are joined by ``|``."""
        return (
            "" if _absent(names) else self.join([self.plan(name) for name in str(names).split("|") if name])
        )

    def zone(self, zone_id: Any, names: dict[str, str]) -> str:
        """Return a zone by name and id."""
        return self.beside(names.get(str(zone_id), ""), str(zone_id))

    def evidence(self, names: Any) -> str:
        """Return the titles of columns that are joined by ``|``."""
        return (
            "" if _absent(names) else self.join([self.title(name) for name in str(names).split("|") if name])
        )

    def idle(self, code: Any) -> str:
        """Return a conclusion or a basis of the legal clock in words."""
        return "" if _absent(code) else labels("idle", self.lang).get(str(code), str(code))

    def deadline(self, kind: Any) -> str:
        """Return a deadline in words; a term that was not held against the official text says so."""
        law = load.table("idle_law.toml")
        entry = law["thresholds"].get(kind) or law["procedure"].get(kind)
        if not entry:
            return str(kind)
        clause = clause_words(entry.get("clause", ""), self.lang)
        if not clause:
            return str(entry[self.lang])
        mark = self.say("unverified") if entry.get("unverified") else ""
        return self.beside(str(entry[self.lang]), clause + mark)

    def role(self, role: str) -> str:
        """Return a role of an input: ``plans.city_plan`` → 规划:城市总体规划."""
        family, _, name = role.partition(".")
        head = self._known(family) or family
        if not name:
            return head
        own = self.plan(name) if family == "plans" else self.line(name) if family == "constraints" else name
        return head + self.say("colon") + own

    def amount(self, value: float, unit: str) -> str:
        """Write a number with its unit; an em dash where it is missing, more decimals where it would look like nil."""
        return quantity(value, unit, self.lang, 0.0)

    def quoted(self, text: str) -> str:
        """Put the wording of a clause into quotation marks."""
        return f"“{text}”" if text else ""


def _absent(value: Any) -> bool:
    return (
        value is None or (isinstance(value, float) and math.isnan(value)) or str(value) in ("", "<NA>", "nan")
    )
