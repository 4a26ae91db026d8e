"""Sentences of findings: numbers with their units, in Chinese and English."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from landzone.catalog import load
from landzone.catalog.measure_list import measure_spec
from landzone.catalog.messages import message
from landzone.model.coded import alike, told_by
from landzone.model.rules import Rule, RulePack
from landzone.units import M2_PER_HA

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
    return list(coded_messages(findings, packs, lang))


def coded_messages(findings: pd.DataFrame, packs: tuple[RulePack, ...], lang: str) -> Any:
    """Return the sentences of findings as an array; findings alike but for their subject share one sentence."""
    rules = {(pack.id, rule.id): rule for pack in packs for rule in pack.rules}
    own = findings.drop(columns=["subject_kind", "subject_id"], errors="ignore")
    place, first = alike(own)
    rows = own.iloc[first].astype(object).itertuples(index=False)
    said = [_sentence(row, rules.get((row.pack_id, row.rule_id)), lang) for row in rows]
    return told_by(said, place)


def _sentence(row: Any, rule: Rule | None, lang: str) -> str:
    spec = measure_spec(row.measure)
    title = (rule.title.get(lang) if rule else "") or (spec.title[lang] if spec else row.measure)
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
        op=_word(str(row.op), lang) if row.op else "",
        as_of=row.as_of,
        upper=quantity(row.upper, row.unit, lang, row.limit),
        reason=rule.reason.get(lang, "") if rule else "",
        keys=_keys(rule, lang),
    )
    text += _other_way(row, lang) + _lacking(row, lang)
    return f"{text}{_borderline(lang)}" if row.borderline else text


def arithmetic(row: Any, lang: str) -> str:
    """Write what a finding divides by what; the value alone where it has no denominator."""
    value = quantity(row.observed, row.unit, lang, row.limit)
    below = row.denominator_unit or (row.gap_unit if row.unit == "ratio" else "")
    if not math.isfinite(row.denominator) or not below:
        return value
    whole = not row.coverage_ratio < 1
    name = "arithmetic" if whole else "arithmetic_part" if math.isfinite(row.observed) else "arithmetic_least"
    return _word(name, lang).format(
        numerator=quantity(row.numerator, row.gap_unit, lang),
        denominator=quantity(row.denominator, below, lang),
        value=value,
        lower=quantity(row.lower, row.unit, lang, row.limit),
    )


def required(row: Any, lang: str) -> str:
    """Write the comparison and the limit; that there is none where the document names none."""
    if not row.op or not math.isfinite(row.limit):
        return _word("not_judged", lang) if not row.op else _word(str(row.op), lang)
    limit = quantity(row.limit, row.unit, lang)
    return _word("required", lang).format(op=_word(str(row.op), lang), limit=limit)


def to_pass(row: Any, lang: str) -> str:
    """Say what a failed finding lacks, or what the missing data of another one could bring; empty for a plain pass."""
    code, rows = str(row.message_code), _rows(row, lang)
    if row.verdict == "fail":
        lead = "gap_over" if row.op in ("<=", "<") else "gap_fail"
        text = _word(lead, lang).format(gap=ways_to_pass(row, lang)) if math.isfinite(row.gap) else ""
        if code in ("FINDING_FAIL_BY_BOUND", "FINDING_FAIL_BY_UPPER"):
            text += _word("aside", lang).format(_word("range_fail", lang).format(rows=rows))
        return text
    if code == "FINDING_PASS_BY_BOUND":
        return _word("range_pass", lang).format(rows=rows)
    if row.verdict != "unknown":
        return ""
    sums = {
        name: quantity(getattr(row, name), row.unit, lang, row.limit) for name in ("lower", "upper", "needed")
    }
    known = {name: math.isfinite(getattr(row, name)) for name in sums}
    if known["needed"]:
        key = "range_needed"
    elif known["lower"] and known["upper"]:
        key = "range_between"
    else:
        key = "range_least" if known["lower"] else "range_open"
    return _word(key, lang).format(rows=rows, **sums)


def ways_to_pass(row: Any, lang: str) -> str:
    """Say how much of the numerator a failed finding lacks, or the other way, of the denominator.

    >>> from types import SimpleNamespace
    >>> row = SimpleNamespace(gap=5.0, gap_unit="m2", gap_denominator=10.0, denominator_unit="m2", op=">=")
    >>> ways_to_pass(row, "en")
    '5 m², or a denominator smaller by 10 m²'
    """
    gap = _with_hectares(float(row.gap), row.gap_unit, lang)
    if not row.gap_denominator > 0 or not row.denominator_unit:
        return gap
    name = "gap_less" if row.op in (">=", ">") else "gap_more"
    other = _with_hectares(float(row.gap_denominator), row.denominator_unit, lang)
    return _word(name, lang).format(gap=gap, other=other)


def _with_hectares(value: float, unit: str, lang: str) -> str:
    """Write a number with its unit, a large area in hectares, too."""
    text = quantity(value, unit, lang)
    if unit != "m2" or value < M2_PER_HA:
        return text
    return text + _word("aside", lang).format(quantity(value / M2_PER_HA, "ha", lang))


def _rows(row: Any, lang: str) -> str:
    """Say how many rows lack data, and how much of the denominator they are; empty where it is not counted."""
    if not row.missing_count > 0:
        return ""
    count = quantity(row.missing_count, "count", lang)
    size = row.denominator * (1 - row.coverage_ratio)
    if size > 0 and row.denominator_unit:
        return _word("rows_size", lang).format(count=count, size=quantity(size, row.denominator_unit, lang))
    return _word("rows_count", lang).format(count=count)


def _keys(rule: Rule | None, lang: str) -> str:
    """Name what a rule asks of a subject."""
    if rule is None:
        return ""
    known = load.table("rule_keys.toml")
    by = rule.limits_by.keys if rule.limits_by is not None else ()
    joiner = "、" if lang == "zh" else ", "
    return joiner.join(known[key][lang] for key in dict.fromkeys([*by, *rule.when, *rule.unless]))


def _other_way(row: Any, lang: str) -> str:
    """Tell the other way to pass: less of the denominator (more, for an upper limit)."""
    if row.verdict != "fail" or not row.gap_denominator > 0 or not row.denominator_unit:
        return ""
    name = "other_way_less" if row.op in (">=", ">") else "other_way_more"
    return _word(name, lang).format(quantity(row.gap_denominator, row.denominator_unit, lang))


def _lacking(row: Any, lang: str) -> str:
    """Tell how many rows lack data, and how much of the denominator they are."""
    if row.verdict != "unknown" or not row.missing_count > 0:
        return ""
    count = quantity(row.missing_count, "count", lang)
    size = row.denominator * (1 - row.coverage_ratio)
    if size > 0 and row.denominator_unit:
        return _word("lacking_size", lang).format(count, quantity(size, row.denominator_unit, lang))
    return _word("lacking", lang).format(count)


def _word(name: str, lang: str) -> str:
    word: str = load.table("labels/measures.toml")[name][lang]
    return word


def _borderline(lang: str) -> str:
    return _word("aside", lang).format(_word("borderline", lang))
