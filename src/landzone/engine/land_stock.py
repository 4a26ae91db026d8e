"""Takes stock of the land of a study: classes of parcels by zone, low-use land, blocks of vacant land."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from landzone.catalog import load
from landzone.catalog.idle_law import operating_words
from landzone.geometry.touching import shared_edges
from landzone.measures import land_stock
from landzone.measures.idle_blocks import vacant_blocks
from landzone.measures.parcel_table import m2
from landzone.measures.site_tables import Site
from landzone.measures.zone_figures import ZoneSums
from landzone.units import AREA_UNITS_PER_M2

LOW_USE_COLUMNS = [
    "parcel_id", "zone_id", "kind", "rule_id", "observed", "limit", "area_m2", "factory_floor_m2",
    "factory_floor_open_m2",
]  # fmt: skip


@dataclass(frozen=True)
class Stock:
    """Class and block of each parcel (index ``parcel_id``), and tables ``land_stock``, ``low_use``, ``idle_blocks``."""

    columns: pd.DataFrame
    tables: dict[str, pd.DataFrame]


def take_stock(site: Site, parcels: pd.DataFrame, findings: pd.DataFrame) -> Stock:
    """Take stock of the land.

    Parameters
    ----------
    site : Site
    parcels : DataFrame, index ``parcel_id``
        ``idle_class zone_id`` of the audit.
    findings : DataFrame
        Of the audit.
    """
    own = load.table("parameters.toml")["stock"]
    facts, index = site.facts, parcels.index
    below = _below(site, findings)
    kinds = land_stock.low_use_kinds(
        parcels["idle_class"], facts.supplied, site.site.built,
        land_stock.stopped_parcels(site.site.projects, index, operating_words()[0]),
        pd.Series(pd.Index(below["subject_id"].unique()).get_indexer(index) >= 0, index=index),
        land_stock.approved_parcels(site.study.layers["parcels"].frame.reindex(index), site.day),
        site.parameters.idle_classes,
    )  # fmt: skip
    classes = land_stock.stock_class(kinds)
    low = _low_use(site, parcels, kinds, below)
    blocks, block = _blocks(site, parcels, classes, own)
    columns = pd.DataFrame({"land_stock": classes, "idle_block_id": block.reindex(index)})
    return Stock(columns, {"land_stock": _distribution(site, classes), "low_use": low, "idle_blocks": blocks})


def _below(site: Site, findings: pd.DataFrame) -> pd.DataFrame:
    """Return by which least value each parcel is built too little, by rules and by its own conditions."""
    rules = land_stock.below_rules(findings)
    if site.facts.floor is None:
        return rules
    floor = site.facts.floor
    stated = land_stock.below_own_minimum(
        site.site.projects, floor["far_floor_area_lower"], floor["known"], site.facts.land
    )
    stated = stated.assign(subject_id=stated.index.astype("str"), rule_id="far_min")
    parts = [part for part in (rules, stated[rules.columns]) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else rules


def _low_use(site: Site, parcels: pd.DataFrame, kinds: pd.DataFrame, below: pd.DataFrame) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"parcel_id": kinds.index[kinds[kind]], "kind": kind})
        for kind in land_stock.LOW_USE
        if kind != "below_minimum"
    ]
    built = below[kinds.index[kinds["below_minimum"]].get_indexer(below["subject_id"]) >= 0]
    parts.append(built.rename(columns={"subject_id": "parcel_id"}).assign(kind="below_minimum"))
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    table = table.reindex(columns=LOW_USE_COLUMNS)
    ids = table["parcel_id"].astype("str")
    table["parcel_id"], table["zone_id"] = ids, parcels["zone_id"].reindex(ids).to_numpy()
    table["area_m2"] = m2(site.facts.land.reindex(ids)).to_numpy()
    floors = site.site.floors
    for name, column in (("factory_floor_m2", "factory_certain"), ("factory_floor_open_m2", "factory_open")):
        figure = m2(floors[column].reindex(ids)).to_numpy() if floors is not None else np.nan
        table[name] = np.where(table["kind"] == "stopped", figure, np.nan)
    texts = dict.fromkeys(("parcel_id", "zone_id", "kind", "rule_id"), "str")
    numbers = {name: "float64" for name in LOW_USE_COLUMNS if name not in texts}
    table = table.astype({**texts, **numbers})
    rank = table["kind"].map({kind: place for place, kind in enumerate(land_stock.LOW_USE)}).astype("int64")
    order = table.assign(rank=rank, largest=-table["area_m2"])
    order = order.sort_values(["rank", "largest", "parcel_id", "rule_id"], kind="stable", ignore_index=True)
    return order[LOW_USE_COLUMNS]


def _distribution(site: Site, classes: pd.Series) -> pd.DataFrame:
    """Return parcels and land of every class: of the whole study, of each zone, and outside zones."""
    zones = site.study.layers["zones"].frame.index
    sums = ZoneSums.of(site.facts, zones, by_use=False)
    land = site.facts.land
    rows: list[tuple[Any, ...]] = []
    whole = int(land.sum())
    outside_all = whole - int(sums.total(sums.land).sum())
    for kind in land_stock.CLASSES:
        here = sums.flags(classes == kind)
        area, count = sums.total(sums.land, here), sums.count(here)
        total = int(land[(classes == kind).to_numpy(dtype=bool)].sum())
        rows.append(("all", None, kind, int((classes == kind).sum()), total, whole))
        rows += [
            ("zone", str(zone), kind, int(count[zone]), int(area[zone]), int(own))
            for zone, own in sums.total(sums.land).items()
        ]
        if outside_all > 0:
            rows.append(("outside", None, kind, None, total - int(area.sum()), outside_all))
    table = pd.DataFrame(rows, columns=["scope", "zone_id", "stock_class", "parcels_count", "units", "whole"])
    units, of = table["units"].astype("float64"), table["whole"].astype("float64")
    table["area_m2"], table["share_ratio"] = units / AREA_UNITS_PER_M2, units / of.where(of > 0)
    rank = {"all": 0, "zone": 1, "outside": 2}
    order = {kind: place for place, kind in enumerate(land_stock.CLASSES)}
    table = table.assign(a=table["scope"].map(rank), b=table["stock_class"].map(order))
    table = table.sort_values(["a", "zone_id", "b"], kind="stable", ignore_index=True)
    kinds = {"scope": "str", "zone_id": "str", "stock_class": "str", "parcels_count": "Int64"}
    return table[["scope", "zone_id", "stock_class", "parcels_count", "area_m2", "share_ratio"]].astype(kinds)


def _blocks(
    site: Site, parcels: pd.DataFrame, classes: pd.Series, own: dict[str, Any]
) -> tuple[pd.DataFrame, pd.Series]:
    vacant = classes.isin(list(own["block_classes"]))
    ids = [str(one) for one in sorted(classes.index[vacant])]
    shapes = site.study.layers["parcels"].frame.geometry.reindex(ids).to_numpy()
    edges = shared_edges(shapes, own["tolerance_m"], own["least_edge_m"])
    units = site.facts.land.reindex(ids).to_numpy(dtype=np.int64)
    sizes = site.study.settings.idle.block_sizes_ha or tuple(own["sizes_ha"])
    return vacant_blocks(ids, parcels["zone_id"], units, shapely.length(shapes), edges, sizes)
