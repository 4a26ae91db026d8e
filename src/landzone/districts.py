"""The audit of a store district by district: tables only, in memory that does not grow with the study.

What a zone or a parcel is needs nothing but what lies on it and beside it, so a district is measured by the same
functions as a whole study, each row once: zones and their patches in the district of the zone, a parcel in that of
its zone, and one outside all zones with the row group that holds it. Sums over the study are sums of integers.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psutil
import shapely

from landzone import memory, shaping
from landzone.alignment.conformity import with_hits
from landzone.alignment.constraints import constraint_pieces, hit_parcels
from landzone.alignment.ground import PLAN_ROLE, PRESENT_ROLE, plan_grounds
from landzone.alignment.pair_table import AlignmentTypes
from landzone.alignment.patches import Alignment, align_plans
from landzone.alignment.use_conflicts import use_conflicts
from landzone.catalog import load
from landzone.catalog.measure_list import measure_parameters
from landzone.catalog.messages import refusal
from landzone.catalog.patch_texts import with_words
from landzone.engine.direct import area_measure, build_ledger
from landzone.engine.district_study import Around, around_parcels, around_zones
from landzone.engine.district_tasks import ZONES, District, Plot, read_run
from landzone.engine.ground_notes import ground_notes
from landzone.engine.land_files import kernel_versions
from landzone.engine.tasks import require_versions
from landzone.geometry.overlay import overlap_pairs
from landzone.io.store import StoreReader
from landzone.io.store_head import MANIFEST
from landzone.io.store_parts import digest
from landzone.measures.apportion import main_zone
from landzone.measures.parcel_table import ParcelFacts, parcel_facts, parcel_table, standing_buildings
from landzone.measures.zone_table import zone_table
from landzone.model.coded import in_texts
from landzone.model.ledger import Ledger
from landzone.model.study import Study
from landzone.units import AREA_UNITS_PER_M2

KIND_COLUMNS = ("agree_m2", "conflict_m2", "precision_m2", "uncovered_m2")
Row = dict[str, Any]


@lru_cache(maxsize=1)
def _opened(store: str, key: str) -> tuple[StoreReader, Study]:
    """Open the store of a run; ``key``: SHA-256 of its manifest when the run began."""
    if digest(Path(store) / MANIFEST) != key:
        raise refusal("STORE_PART", file=Path(store).name, part=MANIFEST, why="SHA-256")
    reader = StoreReader(Path(store))
    return reader, reader.outline()


def run_district(spec: dict[str, Any]) -> dict[str, Any]:
    """Carry out a task: a pure function of the store. The tables go to files, a summary comes back.

    Raises
    ------
    Refusal
        TASK_VERSIONS where this process is not what the run was begun with.
    """
    begun = time.perf_counter()
    task = District(**spec)
    kept = task.is_done()
    if not kept:
        about, plot = read_run(Path(task.folder))
        require_versions(about["versions"], kernel_versions())
        reader, outline = _opened(task.store, about["store"])
        outline = replace(outline, plans={name: outline.plans[name] for name in about["plans"]})
        made = zone_district if task.kind == ZONES else rest_district
        tables, sums = made(reader, outline, plot, task, about["lang"])
        task.keep({name: _plain(frame, about["plans"]) for name, frame in tables.items()}, sums)
        memory.release()
    used = psutil.Process().memory_info().rss
    return {"name": task.name, "kept": kept, "seconds": time.perf_counter() - begun, "rss": used}


def zone_district(
    reader: StoreReader, outline: Study, plot: Plot, task: District, lang: str
) -> tuple[dict[str, pd.DataFrame], Row]:
    """Return the rows of some zones, of their patches and of the parcels whose zone they are."""
    ids = pd.Index(plot.zones["zone_id"].iloc[task.start : task.stop])
    around = around_zones(reader, outline, ids, plot.boxes(ZONES, task.start, task.stop))
    found = _Measured.of(around, lang)
    alignment = found.align()
    owner = main_zone(found.facts.pieces, found.parcels.index)
    own = owner[owner.isin(ids).to_numpy()]
    zone_place = pd.Series(range(len(ids)), ids)
    at = _Places(zone_place, own.map(zone_place))
    tables = found.parcel_tables(at)
    zones = zone_table(around.study, found.ledger, found.facts, found.parameters, alignment=alignment.zones)
    frame = zones.frame[zones.frame.index.isin(ids)].astype(dict(alignment.zones.dtypes))
    tables["zones"] = at.sorted(shaping.presentable(frame, found.money, "zone_id"), "zone_id")
    words = with_words(alignment.patches, around.study.plans, lang)
    tables["patches"] = at.sorted(shaping.presentable(words, found.money), "zone_id")
    zone_of = alignment.patches.drop_duplicates("patch_id").set_index("patch_id")["zone_id"]
    pieces = shaping.presentable(alignment.parcels, found.money)
    pieces = at.sorted(pieces.assign(zone_id=pieces["patch_id"].map(zone_of)), "zone_id")
    tables["patch_parcels"] = pieces.drop(columns="zone_id")
    by_zone = alignment.plans[alignment.plans["zone_id"].notna()]
    tables["plan_alignment"] = at.sorted(by_zone, "zone_id")
    sums = {
        "parcels": len(own),
        "parcel_area": int(found.ledger.parcel_area.loc[own.index].sum()),
        "zones": len(ids),
        "zone_area": int(found.ledger.zone_area.loc[ids].sum()),
        "patch_area": int(alignment.patches["area"].sum()),
        "plan_pairs": _units(alignment.pairs),
        "plan_alignment": _units(alignment.plans[alignment.plans["zone_id"].isna()]),
        "class_combinations": _classes(alignment.classes),
    }
    return tables, sums


def rest_district(
    reader: StoreReader, outline: Study, plot: Plot, task: District, lang: str
) -> tuple[dict[str, pd.DataFrame], Row]:
    """Count and measure the parcels of some row groups, and return the rows of those that lie in no zone."""
    rows = plot.groups.iloc[task.start : task.stop]
    part = reader.parts("parcels")[int(rows["part"].iloc[0])]
    frame = reader.rows("parcels", part, rows["group"].tolist())
    measure = area_measure(outline)
    whole = int(measure.units(frame.geometry.to_numpy()).sum())
    outside = frame[_outside(reader, outline, frame)]
    sums: Row = {"looked_at": len(frame), "area_looked_at": whole, "parcels": len(outside), "parcel_area": 0}
    if not len(outside):
        return {}, sums
    found = _Measured.of(around_parcels(reader, outline, outside), lang)
    sums["parcel_area"] = int(found.ledger.parcel_area.loc[outside.index].sum())
    at = _Places(pd.Series(dtype="int64"), pd.Series(range(len(outside)), outside.index))
    return found.parcel_tables(at), sums


def _outside(reader: StoreReader, outline: Study, parcels: gpd.GeoDataFrame) -> np.ndarray:
    """Tell which parcels share no ground with any zone."""
    shapes = parcels.geometry.to_numpy()
    zones = reader.layer("zones", shapely.total_bounds(shapes)).frame.geometry.to_numpy()
    outside = np.ones(len(shapes), dtype=np.bool_)
    if not len(zones):
        return outside
    outside[shapely.STRtree(shapes).query(zones, predicate="covers")[1]] = False
    doubtful = np.flatnonzero(outside)
    if len(doubtful):
        outside[doubtful[overlap_pairs(shapes[doubtful], zones, area_measure(outline))[0]]] = False
    return outside


@dataclass(frozen=True)
class _Measured:
    """A district with all that was measured in it."""

    around: Around
    ledger: Ledger
    facts: ParcelFacts
    parameters: Any
    grounds: list[Any]
    lang: str

    @classmethod
    def of(cls, around: Around, lang: str) -> _Measured:
        study = around.study
        parameters = measure_parameters(study.settings.money)
        grounds = plan_grounds(list(study.plans.values()), PLAN_ROLE, PRESENT_ROLE)
        ledger = build_ledger(study, standing_buildings(study, parameters), plans=grounds)
        return cls(around, ledger, parcel_facts(study, ledger, parameters), parameters, grounds, lang)

    @property
    def parcels(self) -> gpd.GeoDataFrame:
        return self.around.study.layers["parcels"].frame

    @property
    def money(self) -> str:
        return self.around.study.settings.money

    def align(self) -> Alignment:
        """Compare the plans in the zones of the district."""
        study = self.around.study
        zones = study.layers["zones"].frame.geometry.loc[self.around.zones]
        return align_plans(
            zones, self.grounds, area_measure(study), study.settings.alignment, _types(),
            parcels=self.parcels.geometry.loc[self.around.parcels],
        )  # fmt: skip

    def parcel_tables(self, at: _Places) -> dict[str, pd.DataFrame]:
        """Return the tables of parcels that are the district's own, and the ground of its zones and parcels."""
        study, own = self.around.study, at.parcels.index
        measure, settings = area_measure(study), study.settings.alignment
        zones, parcels = study.layers["zones"].frame.geometry, self.parcels.geometry
        lines = list(study.constraints.values())
        pieces = constraint_pieces(lines, zones, parcels, self.grounds, measure, settings)
        built = use_conflicts(zones, parcels, self.grounds, measure, settings, _types())
        state = with_hits(
            self.ledger.parcel_conformity, hit_parcels(pieces), parcels, self.grounds, measure, settings,
            self.ledger.plan_shares,
        )  # fmt: skip
        table = parcel_table(study, self.ledger, self.facts, self.parameters, conformity=state).frame
        table = shaping.presentable(table[table.index.isin(own)], self.money, "parcel_id")
        shares = self.ledger.plan_shares[self.ledger.plan_shares["parcel_id"].isin(own)]
        shares = in_texts(shaping.share_table(shares, self.ledger, self.facts.land))
        return {
            "parcels": at.sorted(table, parcel="parcel_id"),
            "plan_shares": at.sorted(shares, parcel="parcel_id"),
            "constraints": at.sorted(shaping.presentable(at.own(pieces), self.money), "zone_id", "parcel_id"),
            "use_conflicts": at.sorted(
                shaping.presentable(at.own(built), self.money), "zone_id", "parcel_id"
            ),
            "notes": self._notes(at),
        }

    def _notes(self, at: _Places) -> pd.DataFrame:
        """Return the notes on parcels of the district, and on buildings whose largest piece lies on one of them."""
        notes = shaping.problem_tables(ground_notes(self.around.study, self.ledger), self.lang)["notes"]
        main = self._main_parcels()
        of_building = (notes["layer"] == "buildings").to_numpy()
        parcel = notes["subject_id"].mask(of_building, notes["subject_id"].map(main))
        kept = parcel.isin(at.parcels.index).to_numpy()
        return at.sorted(notes.assign(parcel_id=parcel)[kept], parcel="parcel_id").drop(columns="parcel_id")

    def _main_parcels(self) -> pd.Series:
        """Return the parcel with the largest piece of each building, ties to the lowest id."""
        pieces, buildings = self.ledger.parcel_building, self.ledger.building_area
        if pieces is None or buildings is None:
            return pd.Series(dtype="str")
        order = np.lexsort((pieces.ground, -pieces.area, pieces.building))
        own, first = np.unique(pieces.building[order], return_index=True)
        return pd.Series(self.ledger.parcel_area.index[pieces.ground[order][first]], buildings.index[own])


@dataclass(frozen=True)
class _Places:
    """Places of the zones of a task (index ``zone_id``) and of its own parcels (index ``parcel_id``) in its tables."""

    zones: pd.Series
    parcels: pd.Series

    def own(self, pieces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the pieces in the zones, and those outside all zones on own parcels."""
        outside = pieces["zone_id"].isna() & pieces["parcel_id"].isin(self.parcels.index)
        return pieces[pieces["zone_id"].isin(self.zones.index) | outside]

    def sorted(self, frame: Any, zone: str = "", parcel: str = "") -> Any:
        """Sort rows by the place of their zone, those without a zone by that of their parcel."""
        place = pd.Series(np.nan, index=frame.index)
        if zone:
            place = frame[zone].map(self.zones).astype("float64")
        if parcel:
            place = place.fillna(frame[parcel].map(self.parcels).astype("float64"))
        return frame.iloc[np.argsort(place.to_numpy(), kind="stable")].reset_index(drop=True)


def _types() -> AlignmentTypes:
    return AlignmentTypes.read(load.table("alignment_types.toml"))


def _units(table: pd.DataFrame) -> list[list[Any]]:
    """Return the areas of a table of sums in whole units, behind the names they are told apart by."""
    names = [name for name in ("plan_a", "plan_b", "plan") if name in table]
    units = np.rint(table[list(KIND_COLUMNS)].to_numpy() * AREA_UNITS_PER_M2).astype(np.int64)
    return [[*a, *b] for a, b in zip(table[names].to_numpy().tolist(), units.tolist(), strict=True)]


def _classes(table: pd.DataFrame) -> list[list[Any]]:
    plain = table.drop(columns="area_m2").astype(object)
    return [
        [None if pd.isna(v) else v for v in row]
        for row in plain.where(table.notna(), None).to_numpy().tolist()
    ]


def _plain(frame: pd.DataFrame, plans: Sequence[str]) -> pd.DataFrame:
    """Leave out the columns that need more than a district, and give columns of mixed types one type."""
    known: Mapping[str, list[str]] = load.table("district_tables.toml")["columns"]
    named = {*known["names"], *(f"{plan}_name" for plan in plans)}
    gone = [n for n in frame.columns if n in named or str(n).startswith(tuple(known["begin"]))]
    frame = frame.drop(columns=gone)
    mixed = [n for n in frame.columns if frame[n].dtype == object and n != "geometry"]
    return frame.astype(dict.fromkeys(mixed, "str"))
