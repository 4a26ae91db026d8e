"""Codes of a plan brought to the numbers of another class scheme, where the study asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from landzone.catalog.conversions import conversion, targets
from landzone.catalog.crosswalks import Crosswalk, bundled, crosswalk, is_bundled
from landzone.units import M2_PER_HA

Refuse = Callable[..., Exception]


def converted(
    frame: Any, scheme: Crosswalk, target: str, areas: Any, refuse: Refuse, note: Callable[..., None]
) -> tuple[Any, Crosswalk]:
    """Return a frame with its codes in the numbers of another scheme, and that scheme.

    All codes are looked up at once, so that 2302 → 2303 and 2303 → 060102 do not run into each other. Names given
    with the old codes are left out: they belong to them.

    Raises
    ------
    Refusal
        PLAN_NO_CONVERSION where no conversion leads to that scheme, PLAN_CODE_NOT_CONVERTED with codes and their area
        where a class is divided in the other scheme, so that only the map can tell.
    """
    if not is_bundled(target):
        raise refuse("PLAN_NO_CONVERSION", scheme=scheme.id, target=target, known=", ".join(bundled()))
    if crosswalk(target).id == scheme.id:
        return frame, scheme
    way = conversion(scheme.id, target) if is_bundled(scheme.id) else None
    if way is None:
        known = targets(scheme.id) if is_bundled(scheme.id) else []
        raise refuse("PLAN_NO_CONVERSION", scheme=scheme.id, target=target, known=", ".join(known) or "–")
    texts = [str(text) for text in frame["code"].dropna().unique()]
    old = {text: scheme.principal(text) for text in texts}
    new = {text: way.code(code) if code else "" for text, code in old.items()}
    unclear = sorted({old[text] for text in texts if new[text] is None})
    if unclear:
        ground = pd.Series(areas).groupby(frame["code"].map(old).to_numpy()).sum()
        listed = [f"{code} ({ground[code] / M2_PER_HA:.4f} ha)" for code in unclear]
        raise refuse(
            "PLAN_CODE_NOT_CONVERTED", scheme=scheme.id, target=way.target.id, codes=", ".join(listed)
        )
    moved = sorted({(old[text], str(new[text])) for text in texts if old[text] != new[text]})
    if moved:
        pairs = ", ".join(f"{before}→{after}" for before, after in moved)
        note("PLAN_CODES_CONVERTED", scheme=scheme.id, target=way.target.id, pairs=pairs)
    out = frame.drop(columns="class_name", errors="ignore")
    return out.assign(code=frame["code"].map(new)), way.target
