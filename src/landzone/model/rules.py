"""Law as dated data: rule packs, rules, limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
class KeyedLimits:
    """Limits that depend on what a subject is: its land grade, its industry, or both.

    Attributes
    ----------
    keys : tuple of str
        Names of the keys, in the order in which they stand in ``limits``.
    limits : mapping of tuple of str to float
        The limit for each combination of keys, in the unit of the measure.
    digits : int
        How many leading characters of the first key are looked up; 0: all of them.
    scheme : str
        Edition of the classification that the first key is read in; empty: none.
    file, sha256, text : str
        The table they come from, the hash of its bytes, and its text.
    """

    keys: tuple[str, ...]
    limits: Mapping[tuple[str, ...], float]
    digits: int = 0
    scheme: str = ""
    file: str = ""
    sha256: str = ""
    text: str = ""


Conditions = Mapping[str, bool | date]
"""Keys of a subject and what they have to be: yes, no, or a day on or after a date."""


@dataclass(frozen=True)
class Rule:
    """One line of a pack: what is measured, against which limit, by which clause.

    Three kinds: a rule that is *judged* has a measure, a comparison and limits; one that is *reported* has a
    measure and no limit, because the document names none; one that is *listed* has no measure, but a reason why
    landzone does not judge it.

    Attributes
    ----------
    applies_to : str
        Kind of subject: ``zone parcel project enterprise building region``.
    when : mapping
        Conditions under which the rule applies: it does not where one is known not to hold, and cannot be told
        where one is unknown.
    unless : mapping
        Conditions that exempt: where one is unknown, a breach cannot be told. A date reads "before that day".
    limits_by : KeyedLimits, optional
        Limits by key, in place of ``limits``; ``limits`` then hold the factor and the time in which it holds.
    reason : mapping
        Why a rule is listed only, by language.
    """

    id: str
    title: dict[str, str]
    applies_to: str
    measure: str
    op: Op | None
    limits: tuple[DatedLimit, ...]
    unit: str
    clause: str
    quote: str
    unverified: bool = False
    when: Conditions = field(default_factory=dict)
    unless: Conditions = field(default_factory=dict)
    limits_by: KeyedLimits | None = None
    reason: Mapping[str, str] = field(default_factory=dict)

    def limit_at(self, day: date) -> float | None:
        """Return the limit (with ``limits_by``: the factor) in force on a day, None where none is."""
        for dated in self.limits:
            after = dated.valid_from is None or dated.valid_from <= day
            before = dated.valid_until is None or day <= dated.valid_until
            if after and before:
                return dated.limit
        return None


@dataclass(frozen=True)
class Indicator:
    """A figure that a pack brings along: given by the zone, or computed by a formula over declared columns.

    Attributes
    ----------
    subjects : tuple of str
        Kinds of subject: ``zone region parcel project``.
    formula : str
        Expression over column names; empty: the figure is given in ``[tables.zone_figures]``.
    columns : mapping of str to str
        Units of the columns that the formula uses beyond those of landzone.
    """

    name: str
    title: dict[str, str]
    subjects: tuple[str, ...]
    unit: str
    formula: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


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
    indicators: tuple[Indicator, ...] = ()
