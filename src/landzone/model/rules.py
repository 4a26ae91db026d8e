"""Law as dated data: rule packs, rules, limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Verdict(StrEnum):
    """The four answers. Missing data is ``unknown``, never ``pass``, never ``fail``."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Op(StrEnum):
    """Comparison: 不低于/以上 ``>=``, 不超过/以下 ``<=``, 超过 ``>``, 不足/低于 ``<``, exactly ``==``."""

    GE = ">="
    LE = "<="
    GT = ">"
    LT = "<"
    EQ = "=="


class Binding(StrEnum):
    """Force of a document."""

    LAW = "law"
    GUIDANCE = "guidance"
    ADVICE = "advice"


@dataclass(frozen=True)
class DatedLimit:
    """A limit and the time in which it holds (both ends included; None: open)."""

    limit: float
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class Rule:
    """One line of a pack: what is measured, against which limit, by which clause.

    ``applies_to`` is the kind of subject: ``zone``, ``parcel``, ``project``, ``enterprise`` or ``region``.
    """

    id: str
    title: dict[str, str]
    applies_to: str
    measure: str
    op: Op
    limits: tuple[DatedLimit, ...]
    unit: str
    clause: str
    quote: str
    unverified: bool = False

    def limit_at(self, day: date) -> float | None:
        """Return the limit in force on a day, None where none is."""
        for dated in self.limits:
            after = dated.valid_from is None or dated.valid_from <= day
            before = dated.valid_until is None or day <= dated.valid_until
            if after and before:
                return dated.limit
        return None


@dataclass(frozen=True)
class RulePack:
    """The rules of one document; ``text`` is that of a pack which does not ship with landzone."""

    id: str
    title: dict[str, str]
    source: str
    issued: date | None
    valid_from: date | None
    valid_to: date | None
    binding: Binding
    rules: tuple[Rule, ...]
    url: str = ""
    sha256: str = ""
    text: str = ""
