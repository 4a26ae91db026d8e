"""Phases of a zone (起步区, 发展区, 控制区): how far each is built, and what is built ahead of its time."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from landzone.model.measures import Measured
from landzone.units import AREA_UNITS_PER_M2

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
    rows = land[land["phase"].isin(PHASES)]
    keys = [rows["zone_id"], rows["phase"]]
    shape = pd.MultiIndex.from_product([zones, PHASES])

    def summed(where: pd.Series) -> pd.DataFrame:
        sums = rows["area"].where(where, 0).groupby(keys).sum().reindex(shape, fill_value=0)
        return sums.unstack().reindex(index=zones, columns=list(PHASES)).astype("int64")

    told = rows["built"].notna()
    built_rows = rows["built"].astype("boolean").fillna(False).astype(bool)
    whole, built, known = summed(told | True), summed(built_rows), summed(told)
    found = [_phase(name, built[name], known[name], whole[name]) for name in PHASES]
    share = (built / whole.where(whole > 0)).to_numpy(dtype=np.float64)
    short = np.nan_to_num(share, nan=1.0) < earlier_built_from
    late = np.column_stack([np.zeros(len(zones), dtype=bool), short[:, 0], short[:, 0] | short[:, 1]])
    ahead = pd.Series(np.where(late, built.to_numpy(), 0).sum(axis=1), index=zones) / AREA_UNITS_PER_M2
    all_built = built.sum(axis=1) / AREA_UNITS_PER_M2
    complete = (known.sum(axis=1) == whole.sum(axis=1)) & (whole.sum(axis=1) > 0)
    base = all_built.where(complete & (all_built > 0))
    return [
        *found,
        Measured(
            "built_ahead_m2",
            ahead.where(complete),
            "m2",
            numerator=ahead.where(complete),
            numerator_unit="m2",
        ),
        Measured(
            "built_ahead_ratio",
            (ahead / base).where(all_built > 0, 0.0).where(complete),
            "ratio",
            numerator=ahead.where(complete),
            denominator=base,
            numerator_unit="m2",
            denominator_unit="m2",
        ),
    ]


def _phase(name: str, built: pd.Series, known: pd.Series, whole: pd.Series) -> Measured:
    base = (whole / AREA_UNITS_PER_M2).where(whole > 0)
    above = (built / AREA_UNITS_PER_M2).where(whole > 0)
    return Measured(
        f"{name}_phase_built_ratio",
        built / known.where(known > 0),
        "ratio",
        numerator=above,
        denominator=base,
        lower=above / base,
        upper=(built + whole - known) / whole.where(whole > 0),
        coverage=known / whole.where(whole > 0),
        numerator_unit="m2",
        denominator_unit="m2",
    )
