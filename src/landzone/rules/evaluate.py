"""Measures against rule packs on a day: one finding a subject and rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
import pandas as pd

from landzone.model.measures import Measured, MeasureTable
from landzone.model.result import FINDING_COLUMNS
from landzone.model.rules import Rule, RulePack, Verdict
from landzone.rules.scope import limits_of, scope_of
from landzone.rules.verdicts import Numbers, flips, gaps, verdicts

DETAIL_COLUMNS = [
    "message_code", "lower", "needed", "numerator", "denominator", "upper", "denominator_unit", "gap_denominator",
    "missing_count",
]  # fmt: skip
"""Columns beyond the contract's: why this verdict, the bounds that hold whatever is missing, the average that the
missing data would have to add, the sums behind the value, the other way to pass, and how many rows lack data."""

_TEXTS = ("message_code", "denominator_unit")


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
        subject, subject, pack and rule.
    """
    by_kind = {table.subject_kind: table for table in tables}
    parts = [
        _judge(by_kind[rule.applies_to], pack, rule, as_of)
        for pack in packs
        for rule in pack.rules
        if rule.applies_to in by_kind
    ]
    parts = [part for part in parts if len(part)]
    if not parts:
        return _empty()
    keys = ["subject_kind", "subject_id", "pack_id", "rule_id"]
    whole = pd.concat(parts, ignore_index=True)
    parts.clear()
    ranks = [pd.factorize(whole[key], sort=True)[0] for key in reversed(keys)]
    return whole.take(np.lexsort(ranks)).reset_index(drop=True)


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


def _judge(table: MeasureTable, pack: RulePack, rule: Rule, as_of: date) -> pd.DataFrame:
    measured = _measured(table, rule)
    index = measured.value.index
    numbers = Numbers.of(measured)
    factor = rule.limit_at(as_of) if in_force(pack, as_of) else None
    limit, unlisted = limits_of(rule, table, index, factor)
    untold = np.full(len(index), np.nan)
    own = {"gap": untold, "gap_denominator": untold, "needed": untold}
    borderline = np.zeros(len(index), dtype=bool)
    verdict = np.full(len(index), Verdict.NOT_APPLICABLE.value, dtype=object)
    if rule.op is None or factor is None:
        reported = "FINDING_REPORTED" if rule.measure else "FINDING_LISTED"
        idle = "FINDING_NOT_IN_FORCE" if rule.op is not None else reported
        code = np.full(len(index), idle, dtype=object)
    else:
        verdict, code = verdicts(numbers, rule.op, limit, scope_of(rule, table, index, unlisted))
        missing = gaps(numbers, rule.op, limit, verdict)
        own = {"gap": missing.gap, "gap_denominator": missing.gap_denominator, "needed": missing.needed}
        code[(code == "FINDING_INCOMPLETE") & ~np.isfinite(missing.needed)] = "FINDING_INCOMPLETE_OPEN"
        borderline = np.isin(verdict, [Verdict.PASS, Verdict.FAIL]) & flips(numbers, rule.op, limit)
    found = pd.DataFrame(
        {
            "subject_kind": table.subject_kind,
            "subject_id": index.astype("str"),
            "pack_id": pack.id,
            "rule_id": rule.id,
            "measure": rule.measure,
            "observed": numbers.value,
            "limit": limit,
            "op": rule.op.value if rule.op is not None else "",
            "unit": rule.unit,
            "verdict": verdict.astype("str"),
            "borderline": borderline,
            "gap": own["gap"],
            "gap_unit": measured.numerator_unit or rule.unit,
            "coverage_ratio": numbers.coverage,
            "clause": rule.clause,
            "source": pack.source,
            "as_of": as_of.isoformat(),
            "message": "",
            "message_code": code,
            "lower": numbers.lower,
            "needed": own["needed"],
            "numerator": numbers.numerator,
            "denominator": numbers.denominator,
            "upper": numbers.upper,
            "denominator_unit": measured.denominator_unit,
            "gap_denominator": own["gap_denominator"],
            "missing_count": numbers.missing_count,
        }
    )
    return found[FINDING_COLUMNS + DETAIL_COLUMNS]


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
