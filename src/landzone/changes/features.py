"""Zones, parcels, buildings and pieces by id: unchanged, changed, appeared or gone, and what moved in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from landzone.changes.ground import SAME, moves, noise_units
from landzone.changes.rows import Pairs
from landzone.geometry.area import AreaMeasure
from landzone.units import to_area_units, to_m2

SIDES = ("old", "new")
_UNITS = ("_m2", "_ratio", "_date", "_count")


def sided(name: str, side: str) -> str:
    """Return the name of a column of one side; its unit stays at the end.

    >>> sided("idle_area_m2", "old"), sided("idle_class", "new")
    ('idle_area_old_m2', 'idle_class_new')
    """
    unit = next((unit for unit in _UNITS if name.endswith(unit)), "")
    return f"{name.removesuffix(unit)}_{side}{unit}"


def feature_table(
    old: gpd.GeoDataFrame,
    new: gpd.GeoDataFrame,
    pairs: Pairs,
    key: str,
    cells: pd.DataFrame,
    rejected: Mapping[str, Mapping[str, str]],
    carried: Sequence[str],
    measure: AreaMeasure,
    precision_m: float,
) -> gpd.GeoDataFrame:
    """Return every feature of both sides once, sorted by id.

    Parameters
    ----------
    old, new : GeoDataFrame
    pairs : Pairs
        By ``key``.
    key : str
        Column of the id.
    cells : DataFrame
        Cells of this table that moved (``cells.differences``).
    rejected : mapping
        For each side the ids whose rows were rejected there, with the code: a feature is missing there for that reason.
    carried : sequence of str
        Columns shown with both values.

    Returns
    -------
    GeoDataFrame
        ``<key>, state, rejected_code, shape, area_old_m2, area_new_m2, difference_m2, common_m2, only_old_m2,
        only_new_m2, <carried>_old, <carried>_new, changed_columns``.
    """
    shapes = old.geometry.to_numpy()[pairs.old], new.geometry.to_numpy()[pairs.new]
    moved = moves(*shapes, measure, precision_m)
    by_id = cells.groupby("subject_id", sort=False)["column"].agg("|".join)
    both = _sided(old, new, pairs.old, pairs.new, key, carried)
    both["shape"] = moved.shape
    both["changed_columns"] = both[key].map(by_id).astype("object").fillna("")
    still = (both["changed_columns"] == "") & (both["shape"] == SAME)
    both["state"] = np.where(still, "unchanged", "changed")
    for name, units in (("common", moved.common), ("only_old", moved.only_old), ("only_new", moved.only_new)):
        both[f"{name}_m2"] = np.where(moved.shape == SAME, np.nan, to_m2(units))
    gone = _sided(old, new, pairs.gone, None, key, carried).assign(state="gone")
    gone["rejected_code"] = gone[key].map(dict(rejected["new"]))
    fresh = _sided(old, new, None, pairs.appeared, key, carried).assign(state="appeared")
    fresh["rejected_code"] = fresh[key].map(dict(rejected["old"]))
    whole = pd.concat([part for part in (both, gone, fresh) if len(part)] or [both], ignore_index=True)
    return _typed(whole, key, carried, new.crs)


def _sided(
    old: gpd.GeoDataFrame,
    new: gpd.GeoDataFrame,
    left: np.ndarray | None,
    right: np.ndarray | None,
    key: str,
    carried: Sequence[str],
) -> pd.DataFrame:
    main, places = (new, right) if right is not None else (old, left)
    table = pd.DataFrame({key: main[key].to_numpy()[places], "geometry": main.geometry.to_numpy()[places]})
    for side, frame, own in (("old", old, left), ("new", new, right)):
        area = frame[_area_column(frame)]
        table[f"area_{side}_m2"] = area.to_numpy(dtype=float)[own] if own is not None else np.nan
        for name in carried:
            there = own is not None and name in frame
            table[sided(name, side)] = frame[name].astype("object").to_numpy()[own] if there else None
    return table


def _area_column(frame: pd.DataFrame) -> str:
    return "area_m2" if "area_m2" in frame else "footprint_m2"


def _typed(table: pd.DataFrame, key: str, carried: Sequence[str], crs: object) -> gpd.GeoDataFrame:
    sides = [sided(name, side) for name in carried for side in SIDES]
    areas = ["area_old_m2", "area_new_m2", "difference_m2", "common_m2", "only_old_m2", "only_new_m2"]
    columns = [key, "state", "rejected_code", "shape", *areas, *sides, "changed_columns"]
    table["difference_m2"] = (table["area_new_m2"] - table["area_old_m2"]).round(4)
    own = table.reindex(columns=columns)
    own = own.astype({name: "float64" if name.endswith(("_m2", "_ratio")) else "str" for name in columns})
    order = own[key].sort_values(kind="stable").index
    shapes = gpd.GeoSeries(table["geometry"].to_numpy()[order], crs=crs)
    return gpd.GeoDataFrame(own.loc[order].reset_index(drop=True), geometry=shapes, crs=crs)


def piece_table(
    old: gpd.GeoDataFrame,
    new: gpd.GeoDataFrame,
    pairs: Pairs,
    key: Sequence[str],
    carried: Sequence[str],
    measure: AreaMeasure,
    precision_m: float,
) -> gpd.GeoDataFrame:
    """Return every piece of both sides once: by what it says, with its area on both sides.

    ``state``: *kept* where the area moved by no more than the longer boundary × ``precision_m``, *grown*, *shrunk*,
    *appeared*, *gone*.
    """
    areas = {
        s: to_area_units(f["area_m2"].to_numpy(dtype=float)) for s, f in zip(SIDES, (old, new), strict=True)
    }
    shapes = old.geometry.to_numpy()[pairs.old], new.geometry.to_numpy()[pairs.new]
    noise = noise_units(*shapes, measure, precision_m)
    step = areas["new"][pairs.new] - areas["old"][pairs.old]
    state = np.where(np.abs(step) <= noise, "kept", np.where(step > 0, "grown", "shrunk"))
    parts = [_pieces(new, pairs.new, key, carried).assign(
        state=state, area_old_m2=to_m2(areas["old"][pairs.old]), area_new_m2=to_m2(areas["new"][pairs.new])
    )]  # fmt: skip
    parts.append(
        _pieces(old, pairs.gone, key, carried).assign(
            state="gone", area_old_m2=to_m2(areas["old"][pairs.gone])
        )
    )
    fresh = _pieces(new, pairs.appeared, key, carried)
    parts.append(fresh.assign(state="appeared", area_new_m2=to_m2(areas["new"][pairs.appeared])))
    whole = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    columns = ["state", *key, *carried, "area_old_m2", "area_new_m2"]
    own = whole.reindex(columns=columns).astype(
        {c: "float64" if c.endswith("_m2") else "str" for c in columns}
    )
    own["difference_m2"] = (own["area_new_m2"].fillna(0.0) - own["area_old_m2"].fillna(0.0)).round(4)
    order = own.sort_values([*key, "state", "area_new_m2", "area_old_m2"], kind="stable").index
    shapes = gpd.GeoSeries(whole["geometry"].to_numpy()[order], crs=new.crs)
    return gpd.GeoDataFrame(own.loc[order].reset_index(drop=True), geometry=shapes, crs=new.crs)


def _pieces(
    frame: gpd.GeoDataFrame, places: np.ndarray, key: Sequence[str], carried: Sequence[str]
) -> pd.DataFrame:
    own = pd.DataFrame({name: frame[name].astype("object").to_numpy()[places] for name in (*key, *carried)})
    return own.assign(geometry=frame.geometry.to_numpy()[places])
