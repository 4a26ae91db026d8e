"""Whether a layer agrees with itself: registered against measured areas, shapes drawn twice, overlaps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from landzone.catalog import load
from landzone.geometry.topology import Overlaps
from landzone.io.cells import reading, shown
from landzone.model.problems import Problems
from landzone.units import FloatArray, IntArray, to_m2


def compare_areas(
    frame: pd.DataFrame,
    measured_m2: FloatArray,
    original: Mapping[int, Any],
    place: Mapping[str, str],
    problems: Problems,
) -> pd.DataFrame:
    """Compare registered with measured areas; where they are too far apart the registered one is not used.

    ``difference = |registered / measured - 1|``. Above the note limit of the catalogue AREA_DIFFERENCE, above
    the reject limit (and the least difference in m²) AREA_MISMATCH with the ratio and the likely mistake.

    Parameters
    ----------
    frame : DataFrame
        Index id, with ``registered_area_m2``, ``source_row`` and ``rejected_cells``.
    measured_m2 : float array
        Area of each row's shape.
    original : mapping of source row to raw cell
        What stood in the source, for the message.

    Returns
    -------
    DataFrame
        ``registered_area_m2`` is NaN and named in ``rejected_cells`` where it was rejected.
    """
    limits = reading()["area_difference"]
    registered = frame["registered_area_m2"].to_numpy(dtype=float)
    ratio = registered / measured_m2
    difference = np.abs(ratio - 1)
    far = (difference > limits["reject"]) & (np.abs(registered - measured_m2) > limits["reject_over_m2"])
    near = (difference > limits["note"]) & ~far

    def fields(rows: Any) -> dict[str, Any]:
        return {
            **place,
            "rows": frame["source_row"].to_numpy()[rows],
            "ids": frame.index[rows],
            "raw_value": [shown(original[r]) for r in frame["source_row"][rows]],
            "before": [area_text(v) for v in registered[rows]],
            "after": [area_text(v) for v in measured_m2[rows]],
            "params": [
                {"ratio": f"{r:.4g}", "percent": f"{abs(r - 1) * 100:.2f}", **mistake_hint(r)}
                for r in ratio[rows]
            ],
        }

    if near.any():
        problems.note("AREA_DIFFERENCE", column="registered_area", **fields(near))
    if not far.any():
        return frame
    problems.reject("AREA_MISMATCH", column="registered_area", **fields(far))
    frame = frame.copy()
    frame.loc[far, "registered_area_m2"] = np.nan
    frame.loc[far, "rejected_cells"] = [
        "|".join(sorted({*filter(None, text.split("|")), "registered_area"}))
        for text in frame.loc[far, "rejected_cells"]
    ]
    return frame


def mistake_hint(ratio: float) -> dict[str, str]:
    """Return the likely mistake behind a ratio of two areas, in every language; empty where none is known."""
    limits = reading()["area_difference"]
    for hint in limits["hints"]:
        if abs(ratio / hint["ratio"] - 1) <= limits["hint_tolerance"]:
            return {"hint_zh": f",{hint['zh']}", "hint_en": f"; it {hint['en']}"}
    return {"hint_zh": "", "hint_en": ""}


def area_text(value: float) -> str:
    """Write an area for a message.

    >>> area_text(9999.8231), area_text(0.01234), area_text(15.0)
    ('9999.82', '0.0123', '15')
    """
    text = f"{value:.2f}" if abs(value) >= 1 else f"{value:.4f}"
    return text.rstrip("0").rstrip(".")


def note_duplicates(ids: pd.Index, same: IntArray, place: Mapping[str, str], problems: Problems) -> None:
    """Note ids that have one shape.

    Parameters
    ----------
    ids : Index
    same : int array
        For each shape the position of the first one equal to it.
    place : mapping
        Source and layer.
    problems : Problems
        Takes GEOM_DUPLICATE, one a group.
    """
    twice = pd.Series(same).duplicated(keep=False).to_numpy(dtype=bool)
    groups = sorted(pd.Series(ids[twice]).groupby(same[twice]).agg(list))
    if groups:
        params = [{"ids": ", ".join(group)} for group in groups]
        problems.note("GEOM_DUPLICATE", **place, ids=[group[0] for group in groups], params=params)


def note_overlaps(
    ids: pd.Index, same: IntArray, found: Overlaps, place: Mapping[str, str], problems: Problems
) -> None:
    """Note every pair of units that share ground, with the area (LAYER_OVERLAP); copies are not told again."""
    m2 = to_m2(found.units)
    told = (same[found.left] != same[found.right]) & (m2 >= load.table("topology.toml")["least_m2"])
    params = [
        {"first": ids[i], "second": ids[j], "area_m2": f"{a:.1f}" if a >= 1 else f"{a:.4f}"}
        for i, j, a in zip(found.left[told], found.right[told], m2[told], strict=True)
    ]
    if params:
        problems.note("LAYER_OVERLAP", **place, ids=ids[found.left[told]], params=params)
