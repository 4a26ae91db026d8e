"""From the numbers of a measure to verdicts, gaps and borderline cases; arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.model.measures import Measured
from landzone.model.rules import Op, Verdict
from landzone.rules.exact import holds, signs
from landzone.units import FloatArray

LOWER_LIMITS = (Op.GE, Op.GT)
UPPER_LIMITS = (Op.LE, Op.LT)
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Numbers:
    """The arrays of one measure, NaN where it does not give them."""

    value: FloatArray
    numerator: FloatArray
    denominator: FloatArray
    lower: FloatArray
    upper: FloatArray
    coverage: FloatArray
    uncertainty: FloatArray
    missing_count: FloatArray
    not_applicable: Flags

    @classmethod
    def of(cls, measured: Measured) -> Numbers:
        """Take the series of a measure as arrays in the order of its index."""
        index = measured.value.index

        def array(series: pd.Series | None) -> FloatArray:
            if series is None:
                return np.full(len(index), np.nan)
            own = series if series.index.equals(index) else series.reindex(index)
            return np.asarray(own.to_numpy(dtype=np.float64, na_value=np.nan))

        exempt = np.zeros(len(index), dtype=bool)
        if measured.not_applicable is not None:
            exempt = measured.not_applicable.reindex(index).fillna(False).to_numpy(dtype=bool)
        names = [
            "value", "numerator", "denominator", "lower", "upper", "coverage", "uncertainty", "missing_count",
        ]  # fmt: skip
        return cls(**{name: array(getattr(measured, name)) for name in names}, not_applicable=exempt)

    @property
    def complete(self) -> Flags:
        """The value is known and stands on all of the denominator."""
        return np.isfinite(self.value) & ~(self.coverage < 1)

    @property
    def basis(self) -> FloatArray:
        """What a verdict may stand on: the value where complete, else the lower bound."""
        return np.where(self.complete, self.value, self.lower)

    def basis_signs(self, limit: FloatArray) -> FloatArray:
        """Compare the basis with the limits, exactly where it is close."""
        return signs(self.basis, limit, self.numerator, self.denominator)


@dataclass(frozen=True)
class Scope:
    """To whom a rule applies: ``exempt`` and ``open`` are known; ``shaky``: an exemption cannot be ruled out."""

    exempt: Flags
    open: Flags
    shaky: Flags
    unlisted: Flags


def verdicts(numbers: Numbers, op: Op, limit: FloatArray, scope: Scope) -> tuple[NDArray[np.object_], ...]:
    """Return the verdict and the code of its sentence for every subject.

    The first that holds: the measure or the rule does not apply; whether it applies, or which limit, cannot be
    told; a complete value passes or fails; a bound decides whatever is missing; nothing is known; else unknown.
    """
    sign = numbers.basis_signs(limit)
    holding, told, complete = holds(sign, op), np.isfinite(sign), numbers.complete
    from_above = signs(numbers.upper, limit)
    below = np.isfinite(from_above) & holds(from_above, op)
    above = np.isfinite(from_above) & ~holds(from_above, op)
    by_lower = ~complete & told
    sure_pass = (by_lower & holding & (op in LOWER_LIMITS)) | (~complete & below & (op in UPPER_LIMITS))
    sure_fail = by_lower & ~holding & (op in UPPER_LIMITS)
    sure_fail |= by_lower & (sign > 0) & (op is Op.EQ)
    beyond = ~complete & above & (op in LOWER_LIMITS)
    nothing = ~(numbers.coverage > 0) & ~np.isfinite(numbers.value) & ~(numbers.lower > 0)
    breach = (complete & ~holding) | sure_fail | beyond
    cases = [
        (numbers.not_applicable, Verdict.NOT_APPLICABLE, "FINDING_NOT_APPLICABLE"),
        (scope.exempt, Verdict.NOT_APPLICABLE, "FINDING_EXEMPT"),
        (scope.unlisted, Verdict.NOT_APPLICABLE, "FINDING_KEY_UNLISTED"),
        (scope.open | ~np.isfinite(limit), Verdict.UNKNOWN, "FINDING_KEY_MISSING"),
        (scope.shaky & breach, Verdict.UNKNOWN, "FINDING_EXEMPTION_OPEN"),
        (complete & holding, Verdict.PASS, "FINDING_PASS"),
        (complete & ~holding, Verdict.FAIL, "FINDING_FAIL"),
        (sure_pass, Verdict.PASS, "FINDING_PASS_BY_BOUND"),
        (sure_fail, Verdict.FAIL, "FINDING_FAIL_BY_BOUND"),
        (beyond, Verdict.FAIL, "FINDING_FAIL_BY_UPPER"),
        (nothing, Verdict.UNKNOWN, "FINDING_NO_DATA"),
    ]
    where = [case[0] for case in cases]
    place = np.select(where, list(range(len(cases))), len(cases))
    verdict = np.array([*(case[1].value for case in cases), Verdict.UNKNOWN.value], dtype=object)
    code = np.array([*(case[2] for case in cases), "FINDING_INCOMPLETE"], dtype=object)
    return verdict[place], code[place]


def flips(numbers: Numbers, op: Op, limit: FloatArray) -> Flags:
    """Tell where the comparison changes within the uncertainty."""
    unsure = numbers.uncertainty > 0
    if not unsure.any():
        return np.zeros(len(numbers.value), dtype=bool)
    basis = numbers.basis
    here = holds(numbers.basis_signs(limit), op)
    below = holds(np.sign(basis - numbers.uncertainty - limit), op)
    above = holds(np.sign(basis + numbers.uncertainty - limit), op)
    turned: Flags = unsure & np.isfinite(basis) & ((below != here) | (above != here))
    return turned


@dataclass(frozen=True)
class Gaps:
    """What is missing to pass.

    Attributes
    ----------
    gap : array
        More of the numerator (upper limits: less of it); 0 for a pass, NaN if it cannot be told.
    gap_denominator : array
        Less of the denominator (upper limits: more of it); NaN where the measure has none.
    needed : array
        What the denominator without data would have to reach on average.
    """

    gap: FloatArray
    gap_denominator: FloatArray
    needed: FloatArray


def gaps(numbers: Numbers, op: Op, limit: FloatArray, verdict: NDArray[np.object_]) -> Gaps:
    """Return what is missing to pass, both ways, and the average that the missing data would need."""
    numerator, denominator = numbers.numerator, numbers.denominator
    ratio = np.isfinite(numerator) & np.isfinite(denominator)
    short = np.where(ratio, limit * denominator - numerator, limit - numbers.basis)
    land = denominator - numerator / np.where(limit > 0, limit, np.nan)
    if op in UPPER_LIMITS:
        short, land = -short, -land
    elif op is Op.EQ:
        short, land = np.abs(short), np.full(len(short), np.nan)
    fail, passed = verdict == Verdict.FAIL.value, verdict == Verdict.PASS.value

    def told(values: FloatArray) -> FloatArray:
        return np.where(passed, 0.0, np.where(fail, np.maximum(values, 0.0), np.nan))

    missing = denominator * (1 - numbers.coverage)
    open_ones = (verdict == Verdict.UNKNOWN.value) & ratio & (missing > 0) & (op in LOWER_LIMITS)
    needed = np.where(open_ones, short / np.where(missing > 0, missing, 1.0), np.nan)
    return Gaps(told(short), np.where(ratio, told(land), np.nan), needed)
