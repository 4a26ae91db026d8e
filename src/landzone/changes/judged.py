"""Verdicts and classes that moved: which, by how much, and what moved them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.changes.cells import moved
from landzone.changes.features import sided
from landzone.changes.rows import Pairs
from landzone.units import to_area_units

NONE = "none"
"""Stands in from–to tables for what is not on a side."""

BECAME = {"fail": "became_fail", "pass": "became_pass", "unknown": "became_unknown"}
WORST = ("became_fail", "became_unknown", "became_pass", "other")
_KEY = ["subject_kind", "subject_id", "pack_id", "rule_id"]
_BOTH = ["verdict", "observed", "limit", "op", "gap", "coverage_ratio", "borderline"]
_CAUSES = {"observed": "observed", "limit": "limit", "op": "limit", "coverage_ratio": "evidence"}


def finding_changes(
    old: pd.DataFrame, new: pd.DataFrame, pairs: Pairs, packs_moved: frozenset[str]
) -> pd.DataFrame:
    """Return the findings that moved, or that stand on one side alone.

    Parameters
    ----------
    old, new : DataFrame
        Findings of both audits.
    pairs : Pairs
        By subject, pack and rule.
    packs_moved : frozenset of str
        Packs whose text differs between the audits.

    Returns
    -------
    DataFrame
        Key, ``measure, unit, gap_unit, clause``; ``state`` (verdict: the verdict moved; value: only figures; gone;
        appeared), ``change`` (became_fail became_pass became_unknown other; empty where the verdict stayed), each of
        ``verdict observed limit op gap coverage_ratio borderline`` of both sides, ``observed_difference``, and
        ``because``: what moved it (observed limit evidence rule date), joined by ``|``.
    """
    first, second = old.iloc[pairs.old], new.iloc[pairs.new]
    flags = {name: moved(first[name], second[name]) for name in _BOTH}
    because = _because(flags, second["pack_id"].isin(packs_moved).to_numpy())
    any_moved = np.any(list(flags.values()), axis=0)
    both = _named(second, first, second)
    both["state"] = np.where(flags["verdict"], "verdict", "value")
    both["because"] = because
    gone, fresh = old.iloc[pairs.gone], new.iloc[pairs.appeared]
    parts = [
        both[any_moved],
        _named(gone, gone, None).assign(state="gone", because=""),
        _named(fresh, None, fresh).assign(state="appeared", because=""),
    ]
    whole = pd.concat([part for part in parts if len(part)] or [parts[0]], ignore_index=True)
    whole["change"] = _changes(whole)
    whole["observed_difference"] = whole["observed_new"] - whole["observed_old"]
    sides = [sided(name, side) for name in _BOTH for side in ("old", "new")]
    columns = [
        *_KEY,
        "measure",
        "state",
        "change",
        *sides,
        "observed_difference",
        "unit",
        "gap_unit",
        "clause",
        "because",
    ]
    return whole[columns].sort_values(_KEY, kind="stable", ignore_index=True)


def _named(main: pd.DataFrame, old: pd.DataFrame | None, new: pd.DataFrame | None) -> pd.DataFrame:
    own = main[[*_KEY, "measure", "unit", "gap_unit", "clause"]].astype("str").reset_index(drop=True)
    for name in _BOTH:
        kind = "str" if name in ("verdict", "op") else "boolean" if name == "borderline" else "float64"
        for side, frame in (("old", old), ("new", new)):
            values = [None] * len(own) if frame is None else frame[name].tolist()
            own[sided(name, side)] = pd.Series(values, dtype="object").astype(kind)
    return own


def _because(flags: dict[str, NDArray[np.bool_]], rule: NDArray[np.bool_]) -> list[str]:
    causes: dict[str, NDArray[np.bool_]] = {}
    for name, cause in _CAUSES.items():
        causes[cause] = causes.get(cause, np.zeros(len(rule), dtype=bool)) | flags[name]
    causes["rule"] = rule
    names = list(causes)
    return [
        "|".join(n for n, yes in zip(names, row, strict=True) if yes)
        for row in zip(*causes.values(), strict=True)
    ]


def _changes(table: pd.DataFrame) -> list[str]:
    return [
        "" if before == after else BECAME.get(after, "other")
        for before, after in zip(
            table["verdict_old"].fillna(NONE).tolist(),
            table["verdict_new"].fillna(NONE).tolist(),
            strict=True,
        )
    ]


def verdict_changes(old: pd.DataFrame, new: pd.DataFrame, pairs: Pairs) -> pd.DataFrame:
    """Count findings by rule from verdict to verdict; rows add up to the old findings, columns to the new ones."""
    parts = [
        _step(new.iloc[pairs.new], old["verdict"].iloc[pairs.old], new["verdict"].iloc[pairs.new]),
        _step(old.iloc[pairs.gone], old["verdict"].iloc[pairs.gone], None),
        _step(new.iloc[pairs.appeared], None, new["verdict"].iloc[pairs.appeared]),
    ]
    whole = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    keys = ["subject_kind", "pack_id", "rule_id", "old_verdict", "new_verdict"]
    return whole.groupby(keys, sort=True).size().rename("findings_count").reset_index()


def _step(main: pd.DataFrame, old: pd.Series | None, new: pd.Series | None) -> pd.DataFrame:
    own = main[["subject_kind", "pack_id", "rule_id"]].astype("str").reset_index(drop=True)
    for name, values in (("old_verdict", old), ("new_verdict", new)):
        own[name] = NONE if values is None else values.fillna(NONE).to_numpy()
    return own.astype("str")


def class_changes(old: pd.DataFrame, new: pd.DataFrame, pairs: Pairs, columns: Sequence[str]) -> pd.DataFrame:
    """Count parcels from class to class with their area on both sides; ``none`` stands for a side without them.

    Returns
    -------
    DataFrame
        ``attribute`` (the column), ``old_class, new_class, parcels_count, area_old_m2, area_new_m2``. For each
        attribute the rows of one old class add up to its parcels in the old audit, those of a new class to the new.
    """
    parts = []
    for column in columns:
        classes = [frame[column].fillna("missing").to_numpy(dtype=str) for frame in (old, new)]
        areas = [to_area_units(np.nan_to_num(frame["area_m2"].to_numpy(dtype=float))) for frame in (old, new)]
        lone = np.zeros(len(pairs.gone), dtype=np.int64), np.zeros(len(pairs.appeared), dtype=np.int64)
        table = pd.DataFrame(
            {
                "attribute": column,
                "old_class": [*classes[0][pairs.old], *classes[0][pairs.gone], *[NONE] * len(pairs.appeared)],
                "new_class": [*classes[1][pairs.new], *[NONE] * len(pairs.gone), *classes[1][pairs.appeared]],
                "old_units": np.concatenate([areas[0][pairs.old], areas[0][pairs.gone], lone[1]]),
                "new_units": np.concatenate([areas[1][pairs.new], lone[0], areas[1][pairs.appeared]]),
            }
        )
        grouped = table.groupby(["attribute", "old_class", "new_class"], sort=True)
        found = grouped.agg(
            parcels_count=("old_units", "size"),
            area_old_m2=("old_units", "sum"),
            area_new_m2=("new_units", "sum"),
        )
        parts.append(found.reset_index())
    whole = pd.concat(parts, ignore_index=True)
    whole["area_old_m2"], whole["area_new_m2"] = whole["area_old_m2"] / 10_000, whole["area_new_m2"] / 10_000
    return whole.astype({"attribute": "str", "old_class": "str", "new_class": "str"})


def worst_change(findings: pd.DataFrame, parcel_of: pd.DataFrame) -> pd.DataFrame:
    """Return for every parcel how many verdicts on it and its projects moved, and the gravest of these moves.

    Parameters
    ----------
    findings : DataFrame
        As ``finding_changes`` returns them.
    parcel_of : DataFrame
        ``project_id, parcel_id`` of both audits.
    """
    own = findings[findings["change"] != ""]
    parcels = own[own["subject_kind"] == "parcel"].assign(parcel_id=lambda f: f["subject_id"])
    projects = own[own["subject_kind"] == "project"].merge(
        parcel_of.dropna().drop_duplicates(), left_on="subject_id", right_on="project_id"
    )
    whole = pd.concat([part for part in (parcels, projects) if len(part)] or [parcels])
    rank = whole["change"].map({word: place for place, word in enumerate(WORST)}).astype("int64")
    grouped = rank.groupby(whole["parcel_id"].astype("str"))
    table = pd.DataFrame({"count": grouped.size(), "worst": grouped.min()})
    return table.assign(worst=[WORST[place] for place in table["worst"]])
