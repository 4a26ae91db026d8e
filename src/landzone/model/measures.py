"""Tables of measures: values with their numerators, denominators, bounds and coverage."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Measured:
    """One measure over many subjects. All series share the index (text ids).

    Attributes
    ----------
    value : Series of float
        NaN means that it cannot be told; never that it is zero.
    numerator, denominator : Series of float or None
        The two sums behind a ratio, in ``numerator_unit`` and its own unit.
    lower : Series of float or None
        A bound that holds whatever the missing data are.
    coverage : Series of float or None
        Share of the denominator that carries data, 0…1.
    uncertainty : Series of float or None
        How far the value can move within the stated boundary precision (absolute).
    not_applicable : Series of bool or None
        Subjects to which the measure does not apply.
    unit : str
        Unit of the value (``ratio``, ``wan_cny_per_ha``, ``count``, ``years`` …).
    numerator_unit : str
        Unit of the numerator, in which a gap to pass is told (``m2``, ``wan_cny`` …).
    """

    name: str
    value: pd.Series
    unit: str
    numerator: pd.Series | None = None
    denominator: pd.Series | None = None
    lower: pd.Series | None = None
    coverage: pd.Series | None = None
    uncertainty: pd.Series | None = None
    not_applicable: pd.Series | None = None
    numerator_unit: str = ""


@dataclass(frozen=True)
class MeasureTable:
    """All measures of one kind of subject (``zone``, ``parcel``, ``project`` …), by name."""

    subject_kind: str
    measures: dict[str, Measured] = field(default_factory=dict)
