"""Which plans of a study hold on a day, and which edition of a plan holds where there are several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import geopandas as gpd
import pandas as pd
import shapely

from landzone.geometry.clusters import groups
from landzone.geometry.grid_cut import Shapes, polygonal
from landzone.geometry.pairs import Measure
from landzone.model.layer import SpatialPlan
from landzone.units import to_m2

ALL = "all"
NEWEST = "newest"


class EditionsAmbiguous(ValueError):
    """Several editions of one kind are in force, and their dates do not tell which is the newest."""

    def __init__(self, kind: str, names: Sequence[str]) -> None:
        super().__init__(f"{kind}: {', '.join(names)}")
        self.kind, self.names = kind, tuple(names)


@dataclass(frozen=True)
class EditionNote:
    """What was found: ``what`` is ``not_in_force``, ``left_out``, ``one_kind`` or ``superseded``."""

    what: str
    plan: str
    kind: str = ""
    by: str = ""
    area_m2: float = 0.0


def in_force(plan: SpatialPlan, day: date) -> bool:
    """Tell whether a plan holds on a day; a date that is not stated sets no bound, both days belong to the term.

    >>> from landzone.model.layer import InputRecord, Layer
    >>> empty = Layer("plans.p", gpd.GeoDataFrame(), InputRecord("plans.p", ""))
    >>> plan = SpatialPlan("p", empty, valid_from="2010-01-01", valid_to="2020-12-31")
    >>> [in_force(plan, date.fromisoformat(day)) for day in ("2009-12-31", "2010-01-01", "2020-12-31", "2021-01-01")]
    [False, True, True, False]
    """
    begun = not plan.valid_from or date.fromisoformat(plan.valid_from) <= day
    return begun and not (plan.valid_to and date.fromisoformat(plan.valid_to) < day)


def plans_on(
    plans: Sequence[SpatialPlan], day: date, editions: str, measure: Measure
) -> tuple[list[SpatialPlan], list[EditionNote]]:
    """Return the plans to compare on a day.

    ``all``: every plan of the study; one that is not in force, and several of one kind, are noted. A draft and a plan
    that has run out are often what people want to compare, so nothing is left out unasked.

    ``newest``: plans that are not in force are left out. Of several plans of one kind (and role) the one with the
    latest ``valid_from`` holds wherever it has a shape, the next one where it has none, and so on. They become one
    plan under the name of the newest.

    Raises
    ------
    EditionsAmbiguous
        With ``newest``, where a ``valid_from`` is missing or two are equal.
    """
    ordered = sorted(plans, key=lambda plan: plan.name)
    outside = [plan for plan in ordered if not in_force(plan, day)]
    what = "left_out" if editions == NEWEST else "not_in_force"
    notes = [EditionNote(what, plan.name) for plan in outside]
    kept = [plan for plan in ordered if editions != NEWEST or plan not in outside]
    kinds: dict[tuple[str, str], list[SpatialPlan]] = {}
    for plan in kept:
        kinds.setdefault((plan.role, plan.kind or f"\x00{plan.name}"), []).append(plan)
    result = []
    for (_, kind), several in kinds.items():
        if len(several) > 1 and editions == NEWEST:
            merged, told = _newest_first(several, kind, measure)
            result.append(merged)
            notes += told
            continue
        result += several
        notes += [EditionNote("one_kind", plan.name, kind) for plan in several if len(several) > 1]
    return sorted(result, key=lambda plan: plan.name), notes


def _newest_first(
    editions: Sequence[SpatialPlan], kind: str, measure: Measure
) -> tuple[SpatialPlan, list[EditionNote]]:
    dates = [plan.valid_from for plan in editions]
    if not all(dates) or len(set(dates)) < len(dates):
        raise EditionsAmbiguous(kind, [plan.name for plan in editions])
    newest, *older = sorted(editions, key=lambda plan: plan.valid_from, reverse=True)
    frames, notes = [newest.layer.frame], []
    for plan in older:
        taken = pd.concat([frame.geometry for frame in frames]).to_numpy()
        rest = _outside(plan.layer.frame.geometry.to_numpy(), taken)
        left = shapely.area(rest) > 0
        frames.append(
            plan.layer.frame[left].set_geometry(
                gpd.GeoSeries(rest[left], crs=newest.layer.frame.crs).to_numpy()
            )
        )
        area = float(to_m2(measure.units(rest[left])).sum()) if left.any() else 0.0
        notes.append(EditionNote("superseded", plan.name, kind, newest.name, area))
    frame = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=newest.layer.frame.crs)
    return replace(newest, layer=replace(newest.layer, frame=frame)), notes


def _outside(shapes: Shapes, taken: Shapes) -> Shapes:
    """Return what of the shapes lies outside others."""
    rest = shapes.copy()
    place, near = shapely.STRtree(taken).query(shapes, predicate="intersects")
    for row, rows in groups(place):
        rest[row] = shapely.difference(shapes[row], shapely.union_all(taken[near[rows]]))
    return polygonal(rest)
