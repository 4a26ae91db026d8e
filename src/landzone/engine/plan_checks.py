"""What plans and lines of control say of parcels and of the boundaries of zones, as tables of an audit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from landzone.alignment.constraints import line_overlaps
from landzone.alignment.ground import PlanGround
from landzone.alignment.themes import parcel_themes
from landzone.alignment.zone_checks import zone_checks
from landzone.catalog import load
from landzone.engine.direct import area_measure
from landzone.geometry.grid_cut import Shapes
from landzone.model.ledger import Ledger
from landzone.model.problems import Problems
from landzone.model.study import Study

DIVISIONS = {"township": ("villages", "township_code"), "phase": ("phases", "phase")}
"""Other divisions of the ground that a zone is held against: layer and column."""


def plan_checks(
    study: Study, ledger: Ledger, plans: Sequence[PlanGround], problems: Problems, workers: int
) -> dict[str, pd.DataFrame]:
    """Return the tables ``parcel_themes``, ``zone_checks`` and ``line_overlaps`` (with geometry).

    Lines that overlap each other are noted as well: the three lines must not (三条控制线不得交叉重叠).
    """
    zones, parcels = study.layers["zones"].frame.geometry, study.layers["parcels"].frame.geometry
    lines, measure, settings = list(study.constraints.values()), area_measure(study), study.settings.alignment
    overlaps = line_overlaps(lines, measure, settings)
    pairs = overlaps.drop(columns="geometry").groupby(["constraint_a", "constraint_b"], sort=True)
    for (first, second), own in pairs:
        area = int(own["area"].sum()) / 10_000
        params = {"first": first, "second": second, "area_m2": f"{area:.2f}", "count": len(own)}
        problems.note("CONTROL_LINES_OVERLAP", layer=f"constraints.{first}", params=params)
    return {
        "parcel_themes": parcel_themes(
            parcels,
            ledger.plan_shares,
            plans,
            lines,
            _missing(study),
            measure,
            covered=ledger.parcel_line_cover,
        ),
        "zone_checks": zone_checks(
            zones, plans, lines, _divisions(study), measure, settings, threads=workers
        ),
        "line_overlaps": overlaps,
    }


def _missing(study: Study) -> list[str]:
    """Return the lines of control that every study of this kind should have and this one has not."""
    known = load.table("constraints.toml")
    return [name for name, entry in known.items() if entry["type"] and name not in study.constraints]


def _divisions(study: Study) -> dict[str, tuple[Shapes, list[str]]]:
    found = {}
    for check, (layer, column) in DIVISIONS.items():
        frame = study.layers[layer].frame if layer in study.layers else None
        if frame is not None and column in frame:
            kept = frame[frame[column].notna()]
            shapes = np.asarray(kept.geometry.to_numpy(), dtype=object)
            found[check] = (shapes, kept[column].astype("str").tolist())
    return found
