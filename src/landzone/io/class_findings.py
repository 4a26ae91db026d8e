"""Finds the class scheme of a plan and of the land uses of parcels, and the column that holds the classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from landzone.errors import Refusal
from landzone.io import evidence
from landzone.io.columns import Match, match_columns
from landzone.io.plans import class_header, plan_kind, recognise
from landzone.io.raw import Raw
from landzone.io.study_spec import PlanSpec
from landzone.io.taken import Ground, Taken
from landzone.io.use_scheme import add_use_classes
from landzone.io.words import read_ids
from landzone.model.problems import Problems


def _texts(raw: Raw, header: str) -> pd.Series:
    codes, uniques = pd.factorize(raw.cells[header], use_na_sentinel=True)
    texts = [cell.value for cell in read_ids(list(uniques))]
    return pd.Series(
        np.array([*texts, None], dtype=object)[np.where(codes < 0, len(texts), codes)], dtype="str"
    )


def find_use_scheme(one: Taken, raw: Raw) -> None:
    """Find the scheme in which the land uses of parcels are coded."""
    headers = {match.spec.name: match.header for match in one.matches}
    if "use_code" not in headers:
        return
    frame = pd.DataFrame({n: _texts(raw, headers[n]) for n in ("use_code", "use_name") if n in headers})
    try:
        _, scheme = add_use_classes(
            frame, source=raw.source, header=headers["use_code"], stated=None, problems=Problems()
        )
    except Refusal as error:
        one.say("refused", error=error, line='use_scheme = "third-survey"', open=True)
        return
    if scheme:
        one.shown["use_scheme"] = scheme


def find_plan_scheme(one: Taken, raw: Raw, ground: Ground) -> None:
    """Find the column with the classes and the scheme they are of."""
    name = one.role.partition(".")[2]
    spec = PlanSpec(source=one.look.source, role=one.entry.get("role", "plan"))
    kind = plan_kind(name, spec.role)
    header = class_header(raw, spec, name)
    if not header:
        found = next((m.header for m in _quiet(raw) if m.spec.name == "code"), "")
        header = found or _by_classes(one, raw, ground, kind.crosswalks)
        if not header:
            return
    if "class_column" not in one.entry:
        one.shown["class_column"] = header
    if "crosswalk" in one.entry:
        return
    named = next((m.header for m in _quiet(raw) if m.spec.name == "class_name"), "")
    try:
        scheme = recognise(
            name, raw, spec, header=header, codes=_texts(raw, header), names=_texts(raw, named) if named else None,
            folder=ground.folder,
        )  # fmt: skip
    except Refusal as error:
        own = evidence.class_columns(raw, ground.classes, (), (header,)) if ground.classes else []
        if len(own) == 1 and own[0].scheme in {c.id for c in ground.classes}:
            one.entry["crosswalk"] = own[0].scheme
            one.say("classes_beside", header=header, file=own[0].scheme, share=1.0)
        else:
            one.say("refused", error=error, line='crosswalk = "….csv"', open=True)
        return
    one.shown["crosswalk"] = scheme.id


def _quiet(raw: Raw) -> list[Match]:
    try:
        return match_columns(raw, {}, {})
    except Refusal:
        return []


def _by_classes(one: Taken, raw: Raw, ground: Ground, schemes: Sequence[str]) -> str:
    """Take the one column whose values are all classes of a scheme."""
    found = evidence.class_columns(raw, ground.classes, schemes)
    if len(found) != 1:
        options = "; ".join(f"{f.header} – {f.scheme}" for f in found)
        one.say(
            "no_class",
            columns=evidence.some_columns(raw),
            options=options,
            line='class_column = "…"',
            open=True,
        )
        return ""
    one.entry["class_column"] = found[0].header
    if found[0].scheme in {c.id for c in ground.classes}:
        one.entry["crosswalk"] = found[0].scheme
        one.say("classes_beside", header=found[0].header, file=found[0].scheme, share=1.0)
    else:
        one.say("classes_fit", header=found[0].header, scheme=found[0].scheme, share=1.0)
    return found[0].header
