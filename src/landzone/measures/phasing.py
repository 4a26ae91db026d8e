"""Phases of a zone (起步区, 发展区, 控制区): how far each is built, and what is built ahead of its time."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from landzone.measures.ledger_columns import Mask
from landzone.model.measures import Measured
from landzone.units import AREA_UNITS_PER_M2, FloatArray, IntArray

PHASES = ("start", "development", "control")


def phase_of(words: pd.Series, known: Mapping[str, Collection[str]]) -> pd.Series:
    """Read the words for a phase; missing where they are none.

    >>> phase_of(pd.Series(["起步区", "控制区 ", "?"]), {"start": ["起步区"], "control": ["控制区"]}).tolist()
    ['start', 'control', nan]
    """
    table = {word.strip().casefold(): phase for phase, own in known.items() for word in own}
    return words.astype("str").str.strip().str.casefold().map(table).astype("str")


def phase_measures(land: pd.DataFrame, zones: pd.Index, earlier_built_from: float) -> list[Measured]:
    """Take the built share of each phase, and the land built ahead of its time.

    ``<phase>_phase_built_ratio = built land of the phase / land of the phase``;
    ``built_ahead_m2``: built land of a phase while an earlier phase that exists is built to less than
    ``earlier_built_from``; ``built_ahead_ratio``: that over all built land of the phases.

    Parameters
    ----------
    land : DataFrame ``zone_id phase area built``
        Land of parcels by zone and phase (1e-4 m²) and whether it is built (boolean, missing: not known).
    zones : Index
    earlier_built_from : float

    Returns
    -------
    list of Measured
        NaN where a zone has no such phase, or where it is not known what is built.

    Source
    ------
    鹤壁市产业集聚区建设工程2010年工作方案 附件 三(1): 按照起步区、发展区和控制区建设时序. The text names no number.

    Examples
    --------
    >>> land = pd.DataFrame({"zone_id": ["Z"] * 3, "phase": ["start", "start", "control"], "area": [50, 50, 50],
    ...                      "built": pd.array([True, False, True], "boolean")})
    >>> {m.name: float(m.value.iloc[0]) for m in phase_measures(land, pd.Index(["Z"]), 0.8)}["built_ahead_ratio"]
    0.5
    """
    zone = zones.get_indexer(land["zone_id"])
    phase = pd.Index(PHASES).get_indexer(land["phase"])
    area = land["area"].to_numpy(dtype=np.int64)
    there = (zone >= 0) & (phase >= 0)

    def summed(where: Mask) -> IntArray:
        sums = np.zeros((len(zones), len(PHASES)), dtype=np.int64)
        own = there & where
        np.add.at(sums, (zone[own], phase[own]), area[own])
        return sums

    told = land["built"].notna().to_numpy(dtype=bool)
    yes = land["built"].astype("boolean").to_numpy(dtype=bool, na_value=False)
    whole, built, known = summed(np.ones_like(told)), summed(yes), summed(told)
    found = [
        _phase(name, zones, built[:, n], known[:, n], whole[:, n].astype(np.float64))
        for n, name in enumerate(PHASES)
    ]
    short = np.nan_to_num(built / _some(whole.astype(np.float64)), nan=1.0) < earlier_built_from
    late = np.column_stack([np.zeros(len(zones), dtype=bool), short[:, 0], short[:, 0] | short[:, 1]])
    ahead = np.where(late, built, 0).sum(axis=1) / AREA_UNITS_PER_M2
    all_built = built.sum(axis=1) / AREA_UNITS_PER_M2
    complete = (known.sum(axis=1) == whole.sum(axis=1)) & (whole.sum(axis=1) > 0)
    base = np.where(complete, _some(all_built), np.nan)
    ahead = np.where(complete, ahead, np.nan)
    ratio = np.where(complete, np.where(all_built > 0, ahead / base, 0.0), np.nan)
    early = pd.Series(ahead, index=zones)
    return [
        *found,
        Measured("built_ahead_m2", early, "m2", numerator=early, numerator_unit="m2"),
        Measured(
            "built_ahead_ratio",
            pd.Series(ratio, index=zones),
            "ratio",
            numerator=early,
            denominator=pd.Series(base, index=zones),
            numerator_unit="m2",
            denominator_unit="m2",
        ),
    ]


def _some(values: FloatArray) -> FloatArray:
    """Return what is more than nothing, NaN elsewhere."""
    return np.where(values > 0, values, np.nan)


def _phase(name: str, zones: pd.Index, built: IntArray, known: IntArray, whole: FloatArray) -> Measured:
    base, land = _some(whole) / AREA_UNITS_PER_M2, _some(whole)
    above = np.where(whole > 0, built / AREA_UNITS_PER_M2, np.nan)

    def series(values: FloatArray) -> pd.Series:
        return pd.Series(values, index=zones)

    return Measured(
        f"{name}_phase_built_ratio",
        series(built / _some(known.astype(np.float64))),
        "ratio",
        numerator=series(above),
        denominator=series(base),
        lower=series(above / base),
        upper=series((built + whole - known) / land),
        coverage=series(known / land),
        numerator_unit="m2",
        denominator_unit="m2",
    )
