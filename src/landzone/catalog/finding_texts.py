"""Sentences of findings: numbers with their units, in Chinese and English."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from landzone.catalog import load
from landzone.catalog.measure_list import measure_spec
from landzone.catalog.messages import message
from landzone.model.rules import RulePack

_MOST_DECIMALS = 9


def quantity(value: float, unit: str, lang: str, beside: float = math.nan) -> str:
    """Write a number with its unit; an em dash where it is missing.

    Where rounding would make it look equal to the number ``beside`` it (a limit) although it is not, more
    decimals are shown.

    >>> quantity(0.375, "ratio", "zh"), quantity(999.99999, "wan_cny_per_ha", "zh", beside=1000)
    ('37.5 %', '999.99999 万元/公顷')
    """
    if not math.isfinite(value):
        return "—"
    entry = load.table("units.toml").get(unit, {})
    times = entry.get("shown_times", 1)
    decimals = entry.get("decimals", 2)
    if math.isfinite(beside):
        while (
            value != beside and decimals < _MOST_DECIMALS and round((value - beside) * times, decimals) == 0
        ):
            decimals += 1
    number = f"{value * times:,.{decimals}f}"
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return f"{number} {entry.get(lang, unit)}".strip()


def finding_messages(findings: pd.DataFrame, packs: tuple[RulePack, ...], lang: str) -> list[str]:
    """Return one sentence a finding, from its code and numbers.

    Parameters
    ----------
    findings : DataFrame
        As ``rules.evaluate`` returns it, with its detail columns.
    packs : tuple of RulePack
        The packs it was made with.
    lang : ``"zh"`` or ``"en"``
    """
    titles = {(pack.id, rule.id): rule.title[lang] for pack in packs for rule in pack.rules}
    return [_sentence(row, titles, lang) for row in findings.itertuples(index=False)]


def _sentence(row: Any, titles: dict[tuple[str, str], str], lang: str) -> str:
    spec = measure_spec(row.measure)
    title = titles.get((row.pack_id, row.rule_id)) or (spec.title[lang] if spec else row.measure)
    text = message(
        row.message_code,
        lang,
        title=title,
        observed=quantity(row.observed, row.unit, lang, row.limit),
        limit=quantity(row.limit, row.unit, lang),
        lower=quantity(row.lower, row.unit, lang, row.limit),
        needed=quantity(row.needed, row.unit, lang),
        gap=quantity(row.gap, row.gap_unit, lang),
        coverage=quantity(row.coverage_ratio, "ratio", lang, 1.0),
        op=_word(str(row.op), lang),
        as_of=row.as_of,
    )
    return f"{text}{_borderline(lang)}" if row.borderline else text


def _word(name: str, lang: str) -> str:
    word: str = load.table("labels/measures.toml")[name][lang]
    return word


def _borderline(lang: str) -> str:
    return _word("aside", lang).format(_word("borderline", lang))
