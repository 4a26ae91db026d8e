"""What people read about a difference patch: its classes in words, the offices concerned, what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from landzone.catalog import load
from landzone.model.layer import SpatialPlan

PRECISION = "precision"
JOINER = {"zh": "、", "en": ", "}
BETWEEN = {"zh": "；", "en": "; "}


def class_names(plan: SpatialPlan, lang: str) -> dict[str, str]:
    """Return what the codes of a plan are called; the name of the file stands in where there is no English one."""
    frame = plan.layer.frame
    names: dict[str, str] = {}
    for column in ("class_name",) if lang == "zh" else ("class_name", f"class_name_{lang}"):
        if column in frame:
            own = frame.loc[frame[column].fillna("") != "", ["code", column]]
            names |= own.drop_duplicates("code").set_index("code")[column].to_dict()
    return names


def office(plan: SpatialPlan, lang: str) -> str:
    """Return who answers for a plan, empty where neither the study nor the catalogue says so."""
    return plan.office.get(lang, "")


def next_step(kind: str, type_id: str, lang: str) -> str:
    """Return what is suggested for a patch by its kind and type; nothing where plans agree.

    >>> next_step("conflict", "D4", "en")
    'Hold the supply of land; move the site or amend the plan by the legal way.'
    """
    table = load.table("alignment_types.toml")
    if kind == PRECISION:
        return str(table["kinds"][PRECISION][f"next_{lang}"])
    entry = table["types"].get(type_id)
    return str(entry[f"next_{lang}"]) if entry and kind != "agree" else ""


def with_words(patches: Any, plans: Mapping[str, SpatialPlan], lang: str) -> Any:
    """Return patches with ``<plan>_name`` beside each code, and ``offices`` and ``next_step``."""
    said = {}
    compared = [plan for name, plan in plans.items() if f"{name}_code" in patches]
    for plan in compared:
        names = class_names(plan, lang)
        said[f"{plan.name}_name"] = _named(patches[f"{plan.name}_code"], names, lang)
    who = {plan.name: office(plan, lang) for plan in compared}
    offices = {text: _offices(text, who, lang) for text in patches["disputing_plans"].dropna().unique()}
    pairs = list(zip(patches["kind"], patches["type"], strict=True))
    steps = {pair: next_step(*pair, lang) for pair in set(pairs)}
    columns = {
        "offices": patches["disputing_plans"].map(offices).astype("str"),
        "next_step": pd.Series([steps[pair] for pair in pairs], index=patches.index, dtype="str"),
    }
    return patches.assign(**columns, **said)


def _named(codes: pd.Series, names: Mapping[str, str], lang: str) -> pd.Series:
    known = {
        code: JOINER[lang].join(names.get(part, part) for part in str(code).split("|"))
        for code in codes.dropna().unique()
    }
    return codes.map(known).astype("str")


def _offices(plans: str, who: Mapping[str, str], lang: str) -> str:
    found = [who[name] for name in plans.split("|") if who.get(name)]
    return BETWEEN[lang].join(dict.fromkeys(found))
