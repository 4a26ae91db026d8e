"""The numbers and words of the law on idle land, as the measures take them."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from landzone.catalog import load
from landzone.measures.deadlines import Term
from landzone.measures.idle_evidence import IdleTerms
from landzone.measures.ownership import OwnershipWords

_CLAUSE = re.compile("第([一二三四五六七八九十]+)([条款项])")
_DIGITS = "零一二三四五六七八九"


def idle_terms() -> IdleTerms:
    """Return the years, shares and codes of 国土资源部令第53号.

    >>> idle_terms().fee_share, idle_terms().area_share
    (Fraction(1, 5), Fraction(1, 3))
    """
    law = load.table("idle_law.toml")

    def number(name: str) -> Fraction:
        return Fraction(law["terms"][name]["value"])

    return IdleTerms(
        idle_years=int(number("idle_years")),
        recovery_years=int(number("recovery_years")),
        delivery_years=int(number("delivery_years")),
        area_share=number("area_share"),
        investment_share=number("investment_share"),
        fee_share=number("fee_share"),
        cause_codes=tuple(law["causes"]),
        extension_years=int(number("extension_years")),
        temporary_use_years=int(number("temporary_use_years")),
        disposal_ways={
            word.lower(): way for way, entry in law["ways"].items() for word in (way, *entry["words"])
        },
    )


def procedure_terms() -> tuple[Term, ...]:
    """Return the steps of the procedure with their days.

    >>> [(term.kind, term.days, term.working) for term in procedure_terms()]
    [('investigation', 30, False), ('reply', 30, False), ('hearing', 5, True), ('payment', 30, False)]
    """
    return tuple(
        Term(kind, entry["event"], entry["days"], entry.get("working", False), entry.get("done_by", ""))
        for kind, entry in load.table("idle_law.toml")["procedure"].items()
    )


def warning_days() -> tuple[int, ...]:
    """Return how many days ahead a deadline is warned of."""
    return tuple(load.table("idle_law.toml")["warnings"]["days"])


def ownership_words() -> OwnershipWords:
    """Return how sources write who owns the ground.

    >>> ownership_words().kind("集体土地所有权")
    'collective'
    """
    words: dict[str, Any] = load.table("idle_law.toml")["ownership"]
    return OwnershipWords(
        state=frozenset(words["state"]),
        collective=frozenset(words["collective"]),
        state_prefixes=tuple(words["state_prefixes"]),
        collective_marks=tuple(words["collective_marks"]),
    )


def operating_words() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words for production that stands still, and for production that runs."""
    words: dict[str, Any] = load.table("idle_law.toml")["operating_status"]
    return tuple(words["stopped"]), tuple(words["running"])


def clause_words(clause: str, lang: str) -> str:
    """Return a clause as the language writes it; what is not of the form 第…条第…款第…项 stays as it is.

    >>> clause_words("第十四条第一项", "en"), clause_words("第二条第一款、第二款", "en"), clause_words("第三十条", "zh")
    ('art. 14, item 1', 'art. 2, para. 1, para. 2', '第三十条')
    """
    if lang == "zh":
        return clause
    words = load.table("idle_law.toml")["clause_words"]
    parts = [f"{words[unit]} {_whole(number)}" for number, unit in _CLAUSE.findall(clause)]
    return ", ".join(parts) if not _CLAUSE.sub("", clause).strip("、") else clause


def _whole(number: str) -> int:
    """Return a number under a hundred that is written in Chinese."""
    tens, ten, ones = number.rpartition("十")
    return (10 * (_DIGITS.index(tens) if tens else 1) if ten else 0) + (_DIGITS.index(ones) if ones else 0)
