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
    numerator_unit, denominator_unit : str
        Units in which a gap to pass is told: so much more of the numerator, or so much less of the denominator
        (``m2``, ``ha``, ``wan_cny`` …).
    upper : Series of float or None
        A bound from above that holds whatever the missing data are; NaN or None: there is none.
    missing_count : Series of float or None
        How many rows (parcels, buildings, enterprises …) lack the data.
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
    denominator_unit: str = ""
    upper: pd.Series | None = None
    missing_count: pd.Series | None = None

    def bare(self) -> Measured:
        """Return the value alone, without what only a rule needs."""
        return Measured(self.name, self.value, self.unit, numerator_unit=self.numerator_unit)


@dataclass(frozen=True)
class MeasureTable:
    """All measures of one kind of subject (``zone``, ``parcel``, ``project`` …), by name.

    ``keys`` are what rules may ask of a subject beside its measures: ``is_industrial``, ``industry_code``,
    ``land_grade``, ``is_priority``, ``contract_date`` … ; ``index`` are all subjects, also of a table without
    measures.
    """

    subject_kind: str
    measures: dict[str, Measured] = field(default_factory=dict)
    keys: dict[str, pd.Series] = field(default_factory=dict)
    index: pd.Index | None = None

    @property
    def subjects(self) -> pd.Index:
        """All subjects of the table."""
        if self.index is not None:
            return self.index
        return next((one.value.index for one in self.measures.values()), pd.Index([], dtype="str"))
