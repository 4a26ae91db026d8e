"""One drawn boundary against plans, lines of control, parcels and zones: what lies under it, to the last unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landzone.alignment.constraints import INSIDE
from landzone.alignment.ground import PlanGround, plan_ground
from landzone.alignment.pair_table import UNKNOWN
from landzone.alignment.shares import ground_shares
from landzone.geometry.coverage import covered_units
from landzone.geometry.grid_cut import Shapes, polygonal
from landzone.geometry.overlay import flatten
from landzone.geometry.pairs import Measure, shared_ground
from landzone.model.layer import Constraint, SpatialPlan
from landzone.units import IntArray

MERGE_GRID_M = 1e-4
"""Pieces of one class are united on this grid: their seams close, no vertex moves by more than half of it."""

UNDER, OUTSIDE, NO_DATA = "under", "outside", "no_data"
Names = Callable[[SpatialPlan], Mapping[str, str]]
"""What the codes of a plan are called in the language of the run."""


@dataclass(frozen=True)
class Drawn:
    """A boundary with what of the study may meet it."""

    boundary_id: str
    shape: Any
    plans: Sequence[SpatialPlan]
    constraints: Sequence[Constraint]
    parcels: gpd.GeoSeries
    zones: gpd.GeoSeries
    measure: Measure

    @property
    def alone(self) -> Shapes:
        """The boundary as an array of one shape."""
        return np.array([self.shape], dtype=object)

    @property
    def units(self) -> int:
        """Area in whole units of 1e-4 m²."""
        return int(self.measure.units(self.alone)[0])


def plan_pieces(drawn: Drawn, plan: SpatialPlan, names: Names) -> pd.DataFrame:
    """Ground of a boundary under each class of a plan, and what is left without data.

    Areas are those of ``ground_shares``: they never sum past the boundary, and the row ``no_data`` holds what is
    left, so that the rows sum to the boundary exactly. Ground that the plan claims twice stands once, under the
    codes joined by ``|``.

    Returns
    -------
    DataFrame
        ``code, class_name, common, class3, part`` (under, no_data), ``area`` (1e-4 m²), ``geometry``; sorted by code.
    """
    ground = plan_ground(plan)
    own = gpd.GeoSeries([drawn.shape], index=pd.Index([drawn.boundary_id], dtype="str"))
    shares = ground_shares(own, [ground], drawn.measure)
    shapes = _class_shapes(drawn, ground)
    texts = {"class_name": names(plan), "class3": _texts(plan, "class3")}
    rows = []
    for row in shares.itertuples(index=False):
        said = {name: said_of(str(row.code), known) for name, known in texts.items()}
        shape = shapes.get((str(row.code), str(row.common)), shapely.MultiPolygon())
        rows.append(
            {
                "code": row.code,
                **said,
                "common": row.common,
                "part": UNDER,
                "area": row.area,
                "geometry": shape,
            }
        )
    rest = drawn.units - sum(int(row["area"]) for row in rows)
    if rest:
        blank = dict.fromkeys(("code", "class_name", "common", "class3"), "")
        left = _left(drawn.shape, list(shapes.values()))
        rows.append({**blank, "part": NO_DATA, "area": rest, "geometry": left})
    columns = ["code", "class_name", "common", "class3", "part", "area", "geometry"]
    return pd.DataFrame(rows, columns=columns)


def _class_shapes(drawn: Drawn, ground: PlanGround) -> dict[tuple[str, str], Any]:
    shared = shared_ground(drawn.alone, ground.shapes, drawn.measure, pieces=True)
    assert shared.shapes is not None
    place = ground.label[shared.right]
    found: dict[tuple[str, str], list[Any]] = {}
    for label in np.unique(place):
        one = ground.classes[label]
        found.setdefault((one.code, one.common), []).extend(shared.shapes[place == label])
    return {key: united(np.array(pieces, dtype=object)) for key, pieces in found.items()}


def united(pieces: Shapes) -> Any:
    """Return pieces as one multipolygon without seams."""
    whole = shapely.union_all(pieces, grid_size=MERGE_GRID_M) if len(pieces) else shapely.Polygon()
    return _multi(polygonal(np.array([whole], dtype=object))[0])


def _multi(shape: Any) -> Any:
    parts = shapely.get_parts(shapely.normalize(shape))
    return shapely.multipolygons(parts[shapely.area(parts) > 0])


def _left(shape: Any, taken: Sequence[Any]) -> Any:
    rest = shapely.difference(shape, shapely.union_all(np.array(taken, dtype=object)), grid_size=MERGE_GRID_M)
    return _multi(polygonal(np.array([rest], dtype=object))[0])


def _texts(plan: SpatialPlan, column: str) -> dict[str, str]:
    """Return what a plan calls each of its codes: the first text in the order of the layer."""
    frame = plan.layer.frame
    if column not in frame:
        return {}
    known = frame[["code", column]].dropna()
    known = known[known[column] != ""].drop_duplicates("code")
    return dict(zip(known["code"].astype(str), known[column].astype(str), strict=True))


def said_of(code: str, known: Mapping[str, str]) -> str:
    """Return what codes joined by ``|`` are called, joined the same way; unknown ones are left out."""
    return "|".join(dict.fromkeys(known[part] for part in code.split("|") if part in known))


def line_pieces(drawn: Drawn, line: Constraint) -> pd.DataFrame:
    """Ground of a boundary under a line of control, and the rest of it; the two sum to the boundary exactly.

    Returns
    -------
    DataFrame
        ``part`` (under, outside), ``area`` (1e-4 m²), ``geometry``; only parts with an area.
    """
    shapes = np.asarray(line.layer.frame.geometry.to_numpy(), dtype=object)
    flat, _, _ = flatten(shapes, [""] * len(shapes))
    under = int(covered_units(drawn.alone, flat, drawn.measure)[0])
    shared = shared_ground(drawn.alone, flat, drawn.measure, pieces=True)
    assert shared.shapes is not None
    covered = united(shared.shapes)
    rows = [
        {"part": UNDER, "area": under, "geometry": covered},
        {"part": OUTSIDE, "area": drawn.units - under, "geometry": _left(drawn.shape, [covered])},
    ]
    return pd.DataFrame([row for row in rows if row["area"]], columns=["part", "area", "geometry"])


def concerned_part(line: Constraint) -> str:
    """Return which part of a boundary a line is against: what lies under it, or what lies outside of it."""
    return OUTSIDE if line.rule == INSIDE else UNDER


def touched(drawn: Drawn, others: gpd.GeoSeries) -> pd.DataFrame:
    """Ground of a boundary on each of some parcels or zones.

    Returns
    -------
    DataFrame
        ``id, area`` (1e-4 m²), ``whole`` (area of the parcel or zone), ``geometry``; sorted by id.
    """
    shapes = np.asarray(others.to_numpy(), dtype=object)
    shared = shared_ground(drawn.alone, shapes, drawn.measure, pieces=True)
    assert shared.shapes is not None
    whole = drawn.measure.units(shapes[shared.right]) if len(shared.right) else np.zeros(0, np.int64)
    table = pd.DataFrame(
        {
            "id": others.index.to_numpy()[shared.right],
            "area": np.minimum(shared.units(), whole),
            "whole": whole,
            "geometry": shared.shapes,
        }
    )
    return table[table["area"] > 0].sort_values("id", kind="stable", ignore_index=True)


def outside_of(drawn: Drawn, grounds: Sequence[Shapes]) -> tuple[int, Any]:
    """Return the area (1e-4 m²) and shape of what of a boundary lies on none of some layers of ground."""
    near = [shapes[shapely.intersects(shapes, drawn.shape)] for shapes in grounds if len(shapes)]
    rest = _left(drawn.shape, [united(np.concatenate(near))] if near else [])
    return int(drawn.measure.units(np.array([rest], dtype=object))[0]), rest


def says_nothing(common: pd.Series) -> Any:
    """Tell which rows carry no class: ground without data, or a class of which nothing is known."""
    return common.isin(["", UNKNOWN]).to_numpy()


def whole_units(area: pd.Series) -> IntArray:
    """Return a column of areas as whole units."""
    return np.asarray(area.to_numpy(), dtype=np.int64)
