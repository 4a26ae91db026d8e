"""To whom a rule applies, and which limit holds for whom: conditions and limits by key."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from landzone.model.measures import MeasureTable
from landzone.model.rules import Conditions, Rule
from landzone.rules.verdicts import Flags, Scope
from landzone.units import FloatArray


def limits_of(
    rule: Rule, table: MeasureTable, index: pd.Index, factor: float | None
) -> tuple[FloatArray, Flags]:
    """Return the limit of every subject, and who is not in the table of limits at all.

    A limit by key is ``factor * table[keys]``; NaN where a key is missing or no limit is in force.

    Returns
    -------
    (array of float, array of bool)
    """
    nobody = np.zeros(len(index), dtype=bool)
    if factor is None:
        return np.full(len(index), np.nan), nobody
    if rule.limits_by is None:
        return np.full(len(index), factor), nobody
    by = rule.limits_by
    texts = [key_texts(table, name, index) for name in by.keys]
    if by.digits:
        texts[0] = texts[0].str.slice(0, by.digits)
    missing = np.logical_or.reduce([text.isna().to_numpy(dtype=bool) for text in texts])
    found = [
        by.limits.get(key, np.nan) for key in zip(*(text.fillna("").tolist() for text in texts), strict=True)
    ]
    limits = np.array(found, dtype=np.float64)
    # 0.7 · 96 is 67.2 as written, not 67.19999999999999 as floats have it
    scaled = np.array([float(f"{value * factor:.12g}") for value in limits], dtype=np.float64)
    return scaled, ~missing & ~np.isfinite(limits)


def key_texts(table: MeasureTable, name: str, index: pd.Index) -> pd.Series:
    """Return a key as text, whole numbers without a decimal point; missing where it is not known.

    >>> grades = MeasureTable("parcel", keys={"land_grade": pd.Series([4.0, np.nan], index=["P1", "P2"])})
    >>> key_texts(grades, "land_grade", pd.Index(["P1", "P2"])).tolist()
    ['4', nan]
    """
    key = table.keys.get(name)
    if key is None:
        return pd.Series(np.nan, index=index, dtype="str")
    own = key.reindex(index)
    if pd.api.types.is_numeric_dtype(own):
        whole = own.astype("Float64").astype("float64")
        text = whole.map(lambda value: f"{value:.12g}", na_action="ignore")
        return pd.Series(text, index=index).astype("str").where(whole.notna())
    return own.astype("str").str.strip().replace("", np.nan)


def scope_of(rule: Rule, table: MeasureTable, index: pd.Index, unlisted: Flags) -> Scope:
    """Tell to whom a rule applies: ``when`` has to hold, ``unless`` must not."""
    nobody = np.zeros(len(index), dtype=bool)
    exempt, open_ones, shaky = nobody.copy(), nobody.copy(), nobody.copy()
    for yes, no in _answers(rule.when, table, index):
        exempt |= no
        open_ones |= ~yes & ~no
    for name, value in rule.unless.items():
        [(since, before)] = _answers({name: value}, table, index)
        out, stays = (before, since) if isinstance(value, date) else (since, before)
        exempt |= out
        shaky |= ~out & ~stays
    return Scope(exempt=exempt, open=open_ones & ~exempt, shaky=shaky & ~exempt, unlisted=unlisted)


def _answers(conditions: Conditions, table: MeasureTable, index: pd.Index) -> list[tuple[Flags, Flags]]:
    """Return for each condition where it is known to hold, and where it is known not to."""
    found = []
    for name, value in conditions.items():
        key = table.keys.get(name)
        if key is None:
            nobody = np.zeros(len(index), dtype=bool)
            found.append((nobody, nobody))
            continue
        own = key.reindex(index)
        known = own.notna().to_numpy(dtype=bool)
        if isinstance(value, date):
            holds = (own >= pd.Timestamp(value)).fillna(False).to_numpy(dtype=bool)
        else:
            holds = (own.astype("boolean") == value).fillna(False).to_numpy(dtype=bool)
        found.append((known & holds, known & ~holds))
    return found
