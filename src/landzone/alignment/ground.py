"""Plans made flat: every place once, under one class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from landzone.alignment.pair_table import UNKNOWN, AlignmentTypes, Kind, PlaceClass
from landzone.geometry.clusters import groups
from landzone.geometry.grid_cut import Shapes
from landzone.geometry.overlay import OverlapReport, flatten
from landzone.geometry.pairs import Measure
from landzone.model.layer import SpatialPlan
from landzone.units import IntArray, to_m2

PLAN_ROLE = "plan"
PRESENT_ROLE = "present"


@dataclass(frozen=True)
class PlanGround:
    """A flat plan: ``classes[label]`` is what the plan says on the polygon; classes are sorted by code.

    ``overlap_label`` is what it claims on the ground it covers more than once (``overlaps``), ``holding_label`` what
    holds there: the same, or the first by the precedence that the study states.
    """

    name: str
    shapes: Shapes
    label: IntArray
    classes: tuple[PlaceClass, ...]
    overlaps: OverlapReport
    overlap_label: IntArray
    holding_label: IntArray
    role: str = PLAN_ROLE

    def with_any(self, common: frozenset[str]) -> tuple[Shapes, IntArray]:
        """Return the polygons on which the plan claims one of the given common classes."""
        claims = [any(claim[0] in common for claim in place.members) for place in self.classes]
        kept = np.array(claims, dtype=np.bool_)[self.label]
        return self.shapes[kept], self.label[kept]


Plan = SpatialPlan | PlanGround
"""A plan as the door delivers it, or made flat already: all that compares plans takes either."""


def plan_ground(plan: Plan) -> PlanGround:
    """Make one plan flat (see ``geometry.overlay.flatten``) and number its classes by code; a flat one stays."""
    if isinstance(plan, PlanGround):
        return plan
    frame = plan.layer.frame
    columns = [_text(frame, "code"), _text(frame, "common"), _text(frame, "sector")]
    keys = pd.MultiIndex.from_arrays(columns, names=["code", "common", "sector"])
    number, unique = pd.factorize(keys, sort=True)
    shapes, names, report = flatten(frame.geometry.to_numpy(), [str(key) for key in number])
    claims = [(code, common or UNKNOWN, sector) for code, common, sector in unique]
    distinct = sorted(set(names) | set(report.labels))
    places = {name: _place([claims[int(part)] for part in name.split("|")]) for name in distinct}
    holds = {name: _first(name, places, claims, plan.precedence) for name in distinct}
    names = np.array([holds[name] for name in names], dtype=object)
    order = sorted(distinct, key=lambda name: (places[name].code, places[name].common, places[name].sector))
    rank = {name: place for place, name in enumerate(order)}
    return PlanGround(
        plan.name,
        shapes,
        _ranks(names, rank),
        tuple(places[name] for name in order),
        report,
        _ranks(report.labels, rank),
        _ranks(np.array([holds[name] for name in report.labels], dtype=object), rank),
        plan.role,
    )


def plan_grounds(plans: Sequence[Plan], *roles: str) -> list[PlanGround]:
    """Make the plans of some roles (``plan`` where none is named) flat, in the order of their names."""
    wanted = roles or (PLAN_ROLE,)
    chosen = sorted((plan for plan in plans if plan.role in wanted), key=lambda plan: plan.name)
    return [plan_ground(plan) for plan in chosen]


def self_overlaps(grounds: Sequence[PlanGround], measure: Measure, types: AlignmentTypes) -> pd.DataFrame:
    """Ground that a plan claims more than once, per plan and combination of codes.

    Returns
    -------
    DataFrame
        ``plan, code, common, contradicts`` (its own claims disagree by the pair table, so that the place is a
        conflict), ``holds`` (the code that holds there by the precedence of the study; empty: all of them), ``area``
        (1e-4 m²), ``area_m2``.
    """
    rows = []
    for ground in grounds:
        units = (
            measure.units(ground.overlaps.shapes) if len(ground.overlaps.shapes) else np.zeros(0, np.int64)
        )
        for label in np.unique(ground.overlap_label):
            place = ground.classes[label]
            area = int(units[ground.overlap_label == label].sum())
            holding = int(ground.holding_label[ground.overlap_label == label][0])
            settled = holding != label
            differ = not settled and types.combination([place])[0] is Kind.CONFLICT
            holds = ground.classes[holding].code if settled else ""
            rows.append((ground.name, place.code, place.common, differ, holds, area))
    kinds = {
        "plan": "str",
        "code": "str",
        "common": "str",
        "contradicts": "bool",
        "holds": "str",
        "area": "int64",
    }
    table = pd.DataFrame(rows, columns=list(kinds)).astype(kinds)
    table["area_m2"] = to_m2(table["area"].to_numpy())
    return table


def study_ground(zones: Shapes, parcels: Shapes) -> tuple[Shapes, IntArray]:
    """Return the zones and what of the parcels lies outside them, with the zone of each (-1: outside)."""
    covered = np.unique(shapely.STRtree(parcels).query(zones, predicate="covers")[1])
    outer = np.setdiff1d(np.arange(len(parcels)), covered)
    zone, parcel = shapely.STRtree(parcels[outer]).query(zones, predicate="intersects")
    rest = parcels[outer].copy()
    joined: dict[bytes, shapely.Geometry] = {}
    for place, rows in groups(parcel):
        met = np.sort(zone[rows])
        if met.tobytes() not in joined:
            joined[met.tobytes()] = shapely.union_all(zones[met])
        rest[place] = shapely.difference(rest[place], joined[met.tobytes()])
    rest = rest[shapely.area(rest) > 0]
    return np.concatenate([zones, rest]), np.r_[np.arange(len(zones)), np.full(len(rest), -1)].astype(
        np.int64
    )


def _first(
    name: str,
    places: Mapping[str, PlaceClass],
    claims: Sequence[tuple[str, str, str]],
    precedence: Sequence[str],
) -> str:
    """Return the claim that holds where several overlap: the first in the precedence, if it knows all of them."""
    codes = places[name].code.split("|")
    if len(codes) < 2 or not set(codes) <= set(precedence):
        return name
    first = min(codes, key=precedence.index)
    return next(part for part in name.split("|") if claims[int(part)][0] == first)


def _text(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame:
        return pd.Series("", index=frame.index, dtype="str")
    return frame[column].astype("str").fillna("")


def _ranks(names: np.ndarray, rank: dict[str, int]) -> IntArray:
    return np.array([rank[name] for name in names], dtype=np.int64)


def _place(claims: list[tuple[str, str, str]]) -> PlaceClass:
    joined = ["|".join(sorted({claim[part] for claim in claims if claim[part]})) for part in range(3)]
    members = tuple(sorted({(common, sector) for _, common, sector in claims}))
    return PlaceClass(joined[0], joined[1], joined[2], members)
