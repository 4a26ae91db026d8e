"""Measures against rule packs on a day: one finding a subject and rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.model.measures import Measured, MeasureTable
from landzone.model.result import FINDING_COLUMNS
from landzone.model.rules import Op, Rule, RulePack, Verdict
from landzone.rules.exact import holds, signs
from landzone.units import FloatArray

DETAIL_COLUMNS = ["message_code", "lower", "needed", "numerator", "denominator"]
"""Columns beyond the contract's: why this verdict, the bound that holds whatever is missing, the average that
the missing data would have to add, and the sums behind the value."""

_LOWER_LIMITS = (Op.GE, Op.GT)
_UPPER_LIMITS = (Op.LE, Op.LT)


@dataclass(frozen=True)
class _Numbers:
    """The arrays of one measure, NaN where it does not give them."""

    value: FloatArray
    numerator: FloatArray
    denominator: FloatArray
    lower: FloatArray
    coverage: FloatArray
    uncertainty: FloatArray
    not_applicable: NDArray[np.bool_]

    @classmethod
    def of(cls, measured: Measured) -> _Numbers:
        index = measured.value.index

        def array(series: pd.Series | None) -> FloatArray:
            if series is None:
                return np.full(len(index), np.nan)
            return np.asarray(series.reindex(index).astype("Float64").astype("float64"), dtype=np.float64)

        exempt = np.zeros(len(index), dtype=bool)
        if measured.not_applicable is not None:
            exempt = measured.not_applicable.reindex(index).fillna(False).to_numpy(dtype=bool)
        return cls(
            value=array(measured.value),
            numerator=array(measured.numerator),
            denominator=array(measured.denominator),
            lower=array(measured.lower),
            coverage=array(measured.coverage),
            uncertainty=array(measured.uncertainty),
            not_applicable=exempt,
        )

    @property
    def complete(self) -> NDArray[np.bool_]:
        """The value is known and stands on all of the denominator."""
        return np.isfinite(self.value) & ~(self.coverage < 1)


def evaluate(tables: Iterable[MeasureTable], packs: Sequence[RulePack], as_of: date) -> pd.DataFrame:
    """Judge every subject by every rule of the packs that speaks of its kind.

    - A complete value passes or fails, compared as exact fractions without tolerance.
    - Incomplete data: a lower limit (``>=``, ``>``) passes if the lower bound passes, an upper limit fails if
      the lower bound already breaks it; everything else is ``unknown``, never ``pass``, never ``fail``.
    - ``not_applicable``: the rule or its pack is not in force on the day, or the measure says that it does not
      apply to the subject.
    - ``gap`` is what is missing to pass, in the unit of the numerator; 0 for a pass, NaN if it cannot be told.
    - ``borderline``: the verdict would flip within the uncertainty of the measure.

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
    return pd.concat(parts, ignore_index=True).sort_values(keys, kind="stable", ignore_index=True)


def _empty() -> pd.DataFrame:
    numbers = {"observed", "limit", "gap", "coverage_ratio", *DETAIL_COLUMNS[1:]}
    kinds = {name: "float64" if name in numbers else "str" for name in FINDING_COLUMNS + DETAIL_COLUMNS}
    kinds["borderline"] = "bool"
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


def in_force(pack: RulePack, day: date) -> bool:
    """Tell whether a pack is valid on a day (both ends included; None: open)."""
    begun = pack.valid_from is None or pack.valid_from <= day
    return begun and (pack.valid_to is None or day <= pack.valid_to)


def _judge(table: MeasureTable, pack: RulePack, rule: Rule, as_of: date) -> pd.DataFrame:
    measured = table.measures.get(rule.measure)
    if measured is None:
        index = next((m.value.index for m in table.measures.values()), pd.Index([], dtype="str"))
        measured = Measured(rule.measure, pd.Series(np.nan, index=index), rule.unit)
    if measured.unit != rule.unit:
        raise ValueError(f"{rule.id}: limit in {rule.unit}, measure {rule.measure} in {measured.unit}")
    numbers = _Numbers.of(measured)
    limit = rule.limit_at(as_of) if in_force(pack, as_of) else None
    verdict, code = _verdicts(numbers, rule.op, limit)
    gap, needed = _gaps(numbers, rule.op, limit, verdict)
    code[(code == "FINDING_INCOMPLETE") & ~np.isfinite(needed)] = "FINDING_INCOMPLETE_OPEN"
    decided = np.isin(verdict, [Verdict.PASS, Verdict.FAIL])
    return pd.DataFrame(
        {
            "subject_kind": table.subject_kind,
            "subject_id": measured.value.index.astype("str"),
            "pack_id": pack.id,
            "rule_id": rule.id,
            "measure": rule.measure,
            "observed": numbers.value,
            "limit": np.nan if limit is None else limit,
            "op": rule.op.value,
            "unit": rule.unit,
            "verdict": verdict.astype("str"),
            "borderline": decided & _flips(numbers, rule.op, limit),
            "gap": gap,
            "gap_unit": measured.numerator_unit or rule.unit,
            "coverage_ratio": numbers.coverage,
            "clause": rule.clause,
            "source": pack.source,
            "as_of": as_of.isoformat(),
            "message": "",
            "message_code": code,
            "lower": numbers.lower,
            "needed": needed,
            "numerator": numbers.numerator,
            "denominator": numbers.denominator,
        }
    )


def _basis_signs(numbers: _Numbers, limit: float) -> FloatArray:
    """Compare what a verdict may stand on: the value where complete, else the lower bound."""
    basis = np.where(numbers.complete, numbers.value, numbers.lower)
    return signs(basis, limit, numbers.numerator, numbers.denominator)


def _verdicts(
    numbers: _Numbers, op: Op, limit: float | None
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    count = len(numbers.value)
    if limit is None:
        return (
            np.full(count, Verdict.NOT_APPLICABLE.value, dtype=object),
            np.full(count, "FINDING_NOT_IN_FORCE", dtype=object),
        )
    sign = _basis_signs(numbers, limit)
    holding = holds(sign, op)
    told = np.isfinite(sign)
    complete = numbers.complete
    sure_pass = ~complete & told & holding & (op in _LOWER_LIMITS)
    sure_fail = ~complete & told & ~holding & (op in _UPPER_LIMITS)
    nothing = ~(numbers.coverage > 0) & ~np.isfinite(numbers.value) & ~(numbers.lower > 0)
    cases = [
        (numbers.not_applicable, Verdict.NOT_APPLICABLE, "FINDING_NOT_APPLICABLE"),
        (complete & holding, Verdict.PASS, "FINDING_PASS"),
        (complete & ~holding, Verdict.FAIL, "FINDING_FAIL"),
        (sure_pass, Verdict.PASS, "FINDING_PASS_BY_BOUND"),
        (sure_fail, Verdict.FAIL, "FINDING_FAIL_BY_BOUND"),
        (nothing, Verdict.UNKNOWN, "FINDING_NO_DATA"),
    ]
    where = [case[0] for case in cases]
    verdict = np.select(where, [case[1].value for case in cases], Verdict.UNKNOWN.value).astype(object)
    code = np.select(where, [case[2] for case in cases], "FINDING_INCOMPLETE").astype(object)
    return verdict, code


def _flips(numbers: _Numbers, op: Op, limit: float | None) -> NDArray[np.bool_]:
    """Tell where the comparison changes within the uncertainty."""
    unsure = numbers.uncertainty > 0
    if limit is None or not unsure.any():
        return np.zeros(len(numbers.value), dtype=bool)
    basis = np.where(numbers.complete, numbers.value, numbers.lower)
    here = holds(_basis_signs(numbers, limit), op)
    below = holds(np.sign(basis - numbers.uncertainty - limit), op)
    above = holds(np.sign(basis + numbers.uncertainty - limit), op)
    flips: NDArray[np.bool_] = unsure & np.isfinite(basis) & ((below != here) | (above != here))
    return flips


def _gaps(
    numbers: _Numbers, op: Op, limit: float | None, verdict: NDArray[np.object_]
) -> tuple[FloatArray, FloatArray]:
    """Return what is missing to pass, and what the land or firms without data would have to add on average."""
    empty = np.full(len(numbers.value), np.nan)
    if limit is None:
        return empty, empty
    basis = np.where(numbers.complete, numbers.value, numbers.lower)
    ratio = np.isfinite(numbers.numerator) & np.isfinite(numbers.denominator)
    short = np.where(ratio, limit * numbers.denominator - numbers.numerator, limit - basis)
    if op in _UPPER_LIMITS:
        short = -short
    elif op is Op.EQ:
        short = np.abs(short)
    gap = np.where(verdict == Verdict.FAIL.value, np.maximum(short, 0.0), np.nan)
    gap = np.where(verdict == Verdict.PASS.value, 0.0, gap)
    missing = numbers.denominator * (1 - numbers.coverage)
    open_ones = (verdict == Verdict.UNKNOWN.value) & ratio & (missing > 0) & (op in _LOWER_LIMITS)
    needed = np.where(open_ones, short / np.where(missing > 0, missing, 1.0), np.nan)
    return gap, needed


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
