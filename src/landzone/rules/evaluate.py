"""Measures against rule packs on a day: one finding a subject and rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.model.coded import coded, joined, one_word
from landzone.model.measures import Measured, MeasureTable
from landzone.model.result import FINDING_COLUMNS
from landzone.model.rules import Rule, RulePack, Verdict
from landzone.rules.scope import limits_of, scope_of
from landzone.rules.verdicts import Gaps, Numbers, flips, gaps, verdicts

DETAIL_COLUMNS = [
    "message_code", "lower", "needed", "numerator", "denominator", "upper", "denominator_unit", "gap_denominator",
    "missing_count",
]  # fmt: skip
"""Columns beyond the contract's: why this verdict, the bounds that hold whatever is missing, the average that the
missing data would have to add, the sums behind the value, the other way to pass, and how many rows lack data."""

_TEXTS = ("message_code", "denominator_unit")
SORTED_BY = ("subject_kind", "subject_id", "pack_id", "rule_id")
Columns = dict[str, Any]
"""Arrays by the name of their column."""


def evaluate(tables: Iterable[MeasureTable], packs: Sequence[RulePack], as_of: date) -> pd.DataFrame:
    """Judge every subject by every rule of the packs that speaks of its kind.

    - A complete value passes or fails, compared as exact fractions without tolerance.
    - Incomplete data: a lower limit (``>=``, ``>``) passes if the lower bound passes, an upper limit fails if
      the lower bound already breaks it; everything else is ``unknown``, never ``pass``, never ``fail``.
    - ``not_applicable``: the rule or its pack is not in force on the day, or the measure says that it does not
      apply to the subject.
    - ``gap`` is what is missing to pass, in the unit of the numerator, ``gap_denominator`` the other way to pass,
      less of the denominator; 0 for a pass, NaN if it cannot be told.
    - ``borderline``: the verdict would flip within the uncertainty of the measure.
    - A rule without a limit is reported, one without a measure listed with its reason: both ``not_applicable``.

    Parameters
    ----------
    tables : iterable of MeasureTable
        At most one for each kind of subject.
    packs : sequence of RulePack
    as_of : date
        The day on which rules have to be in force.

    Returns
    -------
    DataFrame
        ``FINDING_COLUMNS`` of ``model.result`` (``message`` empty) and ``DETAIL_COLUMNS``, sorted by kind of
        subject, subject, pack and rule. Texts but for ``subject_id`` are categories (``model.coded``).
    """
    by_kind = {table.subject_kind: table for table in tables}
    parts = [
        _judge(by_kind[rule.applies_to], pack, rule, as_of)
        for pack in packs
        for rule in pack.rules
        if rule.applies_to in by_kind
    ]
    parts = [part for part in parts if len(part["subject_id"])]
    return _sorted(parts) if parts else _empty()


def _sorted(parts: list[Columns]) -> pd.DataFrame:
    """Put the findings of all rules together, column by column, and sort them; the parts are emptied on the way."""
    keys = {name: _joined([part[name] for part in parts]) for name in SORTED_BY}
    ranks = [
        own.codes if isinstance(own, pd.Categorical) else pd.factorize(own, sort=True)[0]
        for own in keys.values()
    ]
    order = np.lexsort(ranks[::-1])
    columns = {
        name: _joined([part.pop(name) for part in parts]).take(order)
        for name in FINDING_COLUMNS + DETAIL_COLUMNS
    }
    return pd.DataFrame(columns, copy=False)


def _joined(pieces: list[Any]) -> Any:
    """Return the pieces of a column as one; words of texts by codes are those of all pieces."""
    if isinstance(pieces[0], pd.Categorical):
        return joined(pieces)
    if isinstance(pieces[0], np.ndarray):
        return np.concatenate(pieces)
    return pd.concat([pd.Series(piece) for piece in pieces], ignore_index=True).array


def _empty() -> pd.DataFrame:
    numbers = {"observed", "limit", "gap", "coverage_ratio", *DETAIL_COLUMNS} - set(_TEXTS)
    kinds = {name: "float64" if name in numbers else "str" for name in FINDING_COLUMNS + DETAIL_COLUMNS}
    kinds["borderline"] = "bool"
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


def in_force(pack: RulePack, day: date) -> bool:
    """Tell whether a pack is valid on a day (both ends included; None: open)."""
    begun = pack.valid_from is None or pack.valid_from <= day
    return begun and (pack.valid_to is None or day <= pack.valid_to)


def _measured(table: MeasureTable, rule: Rule) -> Measured:
    found = table.measures.get(rule.measure)
    if found is None:
        return Measured(rule.measure, pd.Series(np.nan, index=table.subjects), rule.unit)
    if found.unit != rule.unit:
        raise ValueError(f"{rule.id}: limit in {rule.unit}, measure {rule.measure} in {found.unit}")
    return found


def _judge(table: MeasureTable, pack: RulePack, rule: Rule, as_of: date) -> Columns:
    measured = _measured(table, rule)
    index = measured.value.index
    count = len(index)
    numbers = Numbers.of(measured)
    factor = rule.limit_at(as_of) if in_force(pack, as_of) else None
    limit, unlisted = limits_of(rule, table, index, factor)
    untold = np.full(count, np.nan)
    missing = Gaps(untold, untold, untold)
    borderline = np.zeros(count, dtype=bool)
    if rule.op is None or factor is None:
        reported = "FINDING_REPORTED" if rule.measure else "FINDING_LISTED"
        verdict = one_word(Verdict.NOT_APPLICABLE.value, count)
        code = one_word("FINDING_NOT_IN_FORCE" if rule.op is not None else reported, count)
    else:
        told, why = verdicts(numbers, rule.op, limit, scope_of(rule, table, index, unlisted))
        missing = gaps(numbers, rule.op, limit, told)
        why[(why == "FINDING_INCOMPLETE") & ~np.isfinite(missing.needed)] = "FINDING_INCOMPLETE_OPEN"
        borderline = np.isin(told, [Verdict.PASS, Verdict.FAIL]) & flips(numbers, rule.op, limit)
        verdict, code = _by_word(told), _by_word(why)
    words = {
        "subject_kind": table.subject_kind,
        "pack_id": pack.id,
        "rule_id": rule.id,
        "measure": rule.measure,
        "op": rule.op.value if rule.op is not None else "",
        "unit": rule.unit,
        "gap_unit": measured.numerator_unit or rule.unit,
        "clause": rule.clause,
        "source": pack.source,
        "as_of": as_of.isoformat(),
        "message": "",
        "denominator_unit": measured.denominator_unit,
    }
    return {
        **{name: one_word(word, count) for name, word in words.items()},
        "subject_id": index.astype("str").array,
        "observed": numbers.value,
        "limit": limit,
        "verdict": verdict,
        "borderline": borderline,
        "gap": missing.gap,
        "coverage_ratio": numbers.coverage,
        "message_code": code,
        "lower": numbers.lower,
        "needed": missing.needed,
        "numerator": numbers.numerator,
        "denominator": numbers.denominator,
        "upper": numbers.upper,
        "gap_denominator": missing.gap_denominator,
        "missing_count": numbers.missing_count,
    }


def _by_word(texts: NDArray[np.object_]) -> pd.Categorical:
    codes, words = pd.factorize(texts)
    return coded(words, codes)


def qualification(findings: pd.DataFrame) -> pd.DataFrame:
    """Sum up the findings of each subject and pack: the overall answer of a qualification.

    ``fail`` if a rule fails; else ``unknown`` if one is unknown; else ``pass`` if one passes; else
    ``not_applicable``.

    Returns
    -------
    DataFrame ``subject_kind subject_id pack_id verdict pass_count fail_count unknown_count
    not_applicable_count``
    """
    keys = ["subject_kind", "subject_id", "pack_id"]
    counts = pd.DataFrame({v.value: (findings["verdict"] == v.value).astype("int64") for v in Verdict})
    sums = pd.concat([findings[keys], counts], axis=1).groupby(keys, as_index=False).sum()
    order = [Verdict.FAIL.value, Verdict.UNKNOWN.value, Verdict.PASS.value]
    verdict = np.select([sums[name] > 0 for name in order], order, Verdict.NOT_APPLICABLE.value)
    sums.insert(3, "verdict", pd.Series(verdict, dtype="str"))
    return sums.rename(columns={v.value: f"{v.value}_count" for v in Verdict})
