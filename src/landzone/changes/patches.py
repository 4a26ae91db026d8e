"""Which difference patches are new, solved, grown, shrunk; and what the other audit says of their ground."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from landzone.alignment.matching import same_patches
from landzone.changes.ground import noise_units
from landzone.changes.rows import Pairs
from landzone.geometry.area import AreaMeasure
from landzone.geometry.overlay import overlap_pairs
from landzone.units import IntArray, to_area_units, to_m2

KINDS = ("conflict", "precision", "uncovered", "agree")
"""Patches are matched within their kind: a conflict is the same conflict or none."""

OUTSIDE = "outside"
SIDES = ("old", "new")
_CARRIED = ("type", "severity", "area_m2", "disputing_plans")
_CLOSES = 1e-6
"""Areas of pieces may miss their whole by this share (contract)."""


class GroundLost(AssertionError):
    """Areas of a side do not add up: a bug, and no result is written."""


def patch_pairs(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> tuple[Pairs, list[str]]:
    """Pair the patches of two audits within their kind (``alignment.matching``); say how each was found."""
    places = {
        side: pd.Series(np.arange(len(frame)), index=frame["patch_id"].to_numpy())
        for side, frame in zip(SIDES, (old, new), strict=True)
    }
    found = [same_patches(*(_of_kind(frame, kind) for frame in (old, new))) for kind in KINDS]
    known = set(KINDS)
    for frame in (old, new):
        if not set(frame["kind"]) <= known:
            raise GroundLost(f"kinds of patches: {sorted(set(frame['kind']) - known)}")
    same = pd.concat(found, ignore_index=True)
    left = places["old"].loc[same["old_id"]].to_numpy(dtype=np.int64)
    right = places["new"].loc[same["new_id"]].to_numpy(dtype=np.int64)
    order = np.argsort(right, kind="stable")
    pairs = Pairs(
        left[order],
        right[order],
        np.setdiff1d(np.arange(len(old)), left),
        np.setdiff1d(np.arange(len(new)), right),
        len(old),
        len(new),
    )
    return pairs, same["how"].to_numpy()[order].tolist()


def _of_kind(frame: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    return frame[frame["kind"] == kind]


def patch_table(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, measure: AreaMeasure, precision_m: float
) -> gpd.GeoDataFrame:
    """Return every patch of both audits once, with what became of it.

    ``state`` of a pair: *kept* where its area moved by no more than its longer boundary × ``precision_m``, else
    *grown* or *shrunk*. A patch of the old audit alone is *solved* (conflicts) or *gone*; of the new one alone, *new*.
    ``ground_<kind>_m2`` and ``ground_outside_m2``: what the other audit says of the ground of a patch that stands on
    one side alone; they add up to it.

    Raises
    ------
    GroundLost
        Where the areas of a side do not add up to its patches.
    """
    pairs, how = patch_pairs(old, new)
    kinds = _kind_of_ground(old, new, measure)
    shapes = old.geometry.to_numpy()[pairs.old], new.geometry.to_numpy()[pairs.new]
    noise = noise_units(*shapes, measure, precision_m)
    areas = {side: to_area_units(frame["area_m2"].to_numpy(dtype=float)) for side, frame in _sides(old, new)}
    step = areas["new"][pairs.new] - areas["old"][pairs.old]
    state = np.where(np.abs(step) <= noise, "kept", np.where(step > 0, "grown", "shrunk"))
    both = _rows(old, new, pairs.old, pairs.new).assign(state=state, how=how)
    both["difference_m2"] = to_m2(step)
    gone = _rows(old, new, pairs.gone, None).assign(how="", difference_m2=-to_m2(areas["old"][pairs.gone]))
    gone["state"] = np.where(gone["kind"] == "conflict", "solved", "gone")
    fresh = _rows(old, new, None, pairs.appeared).assign(
        how="", difference_m2=to_m2(areas["new"][pairs.appeared])
    )
    fresh["state"] = "new"
    for own, side, places in ((gone, "old", pairs.gone), (fresh, "new", pairs.appeared)):
        for kind in (*KINDS, OUTSIDE):
            own[f"ground_{kind}_m2"] = to_m2(kinds[side][kind][places])
    whole = pd.concat([part for part in (both, gone, fresh) if len(part)] or [both])
    for kind in (*KINDS, OUTSIDE):
        whole[f"ground_{kind}_m2"] = whole.get(f"ground_{kind}_m2", pd.Series(np.nan, index=whole.index))
    _closed(whole, old, new)
    return _ordered(whole, new.crs)


def _sides(old: Any, new: Any) -> list[tuple[str, Any]]:
    return list(zip(SIDES, (old, new), strict=True))


def _rows(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, left: IntArray | None, right: IntArray | None
) -> pd.DataFrame:
    """Return one row a pair, or a patch of one side, with what both sides say."""
    main, places = (new, right) if right is not None else (old, left)
    table = pd.DataFrame(
        {
            "zone_id": main["zone_id"].to_numpy()[places],
            "kind": main["kind"].to_numpy()[places],
            "geometry": main.geometry.to_numpy()[places],
        }
    )
    for side, frame, own in (("old", old, left), ("new", new, right)):
        for name in ("patch_id", *_CARRIED):
            column = f"area_{side}_m2" if name == "area_m2" else f"{name}_{side}"
            table[column] = frame[name].to_numpy()[own] if own is not None else None
    return table


def _kind_of_ground(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, measure: AreaMeasure
) -> dict[str, dict[str, IntArray]]:
    """Return for every patch of each side how much of its ground the other side gives each kind, in 1e-4 m²."""
    first, second, units = overlap_pairs(old.geometry.to_numpy(), new.geometry.to_numpy(), measure)
    found: dict[str, dict[str, IntArray]] = {}
    for side, own, other, here, there in (
        ("old", old, new, first, second),
        ("new", new, old, second, first),
    ):
        kinds = other["kind"].to_numpy(dtype=str)[there]
        parts = {k: _sums(here[kinds == k], units[kinds == k], len(own)) for k in KINDS}
        rest = to_area_units(own["area_m2"].to_numpy(dtype=float)) - np.sum(list(parts.values()), axis=0)
        least = _CLOSES * own["area_m2"].to_numpy(dtype=float) * 1e4 + np.bincount(here, minlength=len(own))
        parts[OUTSIDE] = np.where(rest > least, rest, 0)
        found[side] = parts
    return found


def _sums(places: IntArray, units: IntArray, count: int) -> IntArray:
    total = np.zeros(count, dtype=np.int64)
    np.add.at(total, places, units)
    return total


def _closed(table: pd.DataFrame, old: pd.DataFrame, new: pd.DataFrame) -> None:
    for side, frame in _sides(old, new):
        listed = to_area_units(table[f"area_{side}_m2"].fillna(0.0).to_numpy(dtype=float)).sum()
        whole = to_area_units(frame["area_m2"].to_numpy(dtype=float)).sum()
        if listed != whole:
            raise GroundLost(f"patches of the {side} audit: {listed} of {whole} units are listed")


def _ordered(table: pd.DataFrame, crs: Any) -> gpd.GeoDataFrame:
    names = ["patch_id", "type", "severity", "disputing_plans"]
    sides = [f"{name}_{side}" for name in names for side in SIDES]
    areas = ["area_old_m2", "area_new_m2", "difference_m2"]
    ground = [f"ground_{kind}_m2" for kind in (*KINDS, OUTSIDE)]
    columns = ["state", "kind", "zone_id", *sides, *areas, "how", *ground]
    texts = {name: "str" for name in columns if name not in (*areas, *ground)}
    own = table[columns].astype(texts | dict.fromkeys((*areas, *ground), "float64"))
    size = own[["area_old_m2", "area_new_m2"]].max(axis=1)
    rank = {kind: place for place, kind in enumerate(KINDS)}
    order = pd.DataFrame(
        {
            "rank": own["kind"].map(rank).to_numpy(), "size": -size.to_numpy(),
            "new": own["patch_id_new"].fillna("").to_numpy(), "old": own["patch_id_old"].fillna("").to_numpy(),
        }
    ).sort_values(["rank", "size", "new", "old"], kind="stable").index  # fmt: skip
    shapes = gpd.GeoSeries(table["geometry"].to_numpy()[order], crs=crs)
    return gpd.GeoDataFrame(own.iloc[order].reset_index(drop=True), geometry=shapes, crs=crs)


def patch_changes(patches: pd.DataFrame) -> pd.DataFrame:
    """Count patches by kind and state, with their area on both sides: the columns add up to both audits."""
    table = patches.groupby(["kind", "state"], sort=True).agg(
        patches_count=("state", "size"), area_old_m2=("area_old_m2", _sum), area_new_m2=("area_new_m2", _sum)
    )
    table["difference_m2"] = (table["area_new_m2"] - table["area_old_m2"]).round(4)
    return table.reset_index()


def _sum(values: pd.Series) -> float:
    return float(to_area_units(values.fillna(0.0).to_numpy(dtype=float)).sum() / 10_000)


def ground_changes(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, measure: AreaMeasure) -> pd.DataFrame:
    """Return how much ground went from which kind to which: rows add up to the old audit, columns to the new one.

    ``outside`` is ground that the other audit does not cover with patches.

    Raises
    ------
    GroundLost
        Where they do not, to 1e-6.
    """
    first, second, units = overlap_pairs(old.geometry.to_numpy(), new.geometry.to_numpy(), measure)
    kinds = old["kind"].to_numpy(dtype=str)[first], new["kind"].to_numpy(dtype=str)[second]
    rest = _kind_of_ground(old, new, measure)
    rows = {(a, b): 0 for a in (*KINDS, OUTSIDE) for b in (*KINDS, OUTSIDE)}
    for a in KINDS:
        for b in KINDS:
            rows[a, b] = int(units[(kinds[0] == a) & (kinds[1] == b)].sum())
        rows[a, OUTSIDE] = int(rest["old"][OUTSIDE][(old["kind"] == a).to_numpy()].sum())
        rows[OUTSIDE, a] = int(rest["new"][OUTSIDE][(new["kind"] == a).to_numpy()].sum())
    for place, frame in enumerate((old, new)):
        for kind in KINDS:
            listed = sum(m2 for pair, m2 in rows.items() if pair[place] == kind)
            whole = int(to_area_units(frame["area_m2"].to_numpy(dtype=float)[frame["kind"] == kind]).sum())
            if abs(listed - whole) > _CLOSES * whole + len(units) + 1:
                raise GroundLost(f"ground of kind {kind}: {listed} of {whole} units are listed")
    table = [
        {"old_kind": a, "new_kind": b, "area_m2": float(to_m2(np.array([m2]))[0])}
        for (a, b), m2 in rows.items()
        if m2
    ]
    return pd.DataFrame(table, columns=["old_kind", "new_kind", "area_m2"]).astype(
        {"old_kind": "str", "new_kind": "str", "area_m2": "float64"}
    )
