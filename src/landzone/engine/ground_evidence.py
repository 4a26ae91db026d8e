"""Measures what stands on the ground of a study: footprints on the core of parcels, rasters, the offset of a layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from landzone.catalog import load
from landzone.engine.direct import area_measure
from landzone.geometry.offset import systematic_offset
from landzone.geometry.overlay import overlap_pairs
from landzone.measures.ground_evidence import EvidenceTerms, footprint_says, raster_says
from landzone.model.layer import Raster
from landzone.model.ledger import BuildingPieces, Ledger
from landzone.model.problems import Problems
from landzone.model.study import Study
from landzone.units import to_m2

COLUMNS = [
    "parcel_id", "evidence", "says", "built_ratio", "open_ratio", "changed_ratio", "mean_value", "covered_ratio",
    "pixels_count", "evidence_date", "resolution_m",
]  # fmt: skip


@dataclass(frozen=True)
class Ground:
    """What stands on each parcel (index ``parcel_id``), by every source, and the table ``evidence``."""

    frame: pd.DataFrame
    says: dict[str, pd.Series]
    evidence: pd.DataFrame


def evidence_terms() -> EvidenceTerms:
    """Return the shares from which something stands (``[evidence]`` of ``catalog/parameters.toml``)."""
    own = load.table("parameters.toml")["evidence"]
    return EvidenceTerms(**{name: own[name] for name in EvidenceTerms.__dataclass_fields__})


def measure_ground(study: Study, ledger: Ledger, problems: Problems, workers: int = 1) -> Ground:
    """Measure the evidence on the ground; nothing of it decides a class."""
    parcels = study.layers["parcels"].frame
    terms = evidence_terms()
    area = ledger.parcel_area.reindex(parcels.index)
    cover = ledger.parcel_cover
    frame = pd.DataFrame(
        {
            "area_m2": to_m2(area.to_numpy()),
            "footprint_m2": np.nan if cover is None else to_m2(cover.reindex(parcels.index).to_numpy()),
            "core_ratio": np.nan,
            "works": _works(study, workers),
        },
        index=parcels.index,
    )
    says: dict[str, pd.Series] = {}
    parts = []
    if cover is not None:
        core, own = _cores(study, ledger)
        frame["core_ratio"] = core
        says["footprints"] = footprint_says(core.fillna(0.0), own, core.notna(), terms)
        parts.append(
            pd.DataFrame({"evidence": "footprints", "says": says["footprints"], "built_ratio": core})
        )
        _note_offset(study, ledger, problems)
    for name, raster in sorted(study.rasters.items()):
        shares = _shares(study, raster)
        says[name] = raster_says(shares, terms)
        parts.append(_raster_part(name, raster, shares, says[name]))
    table = pd.concat(parts) if parts else pd.DataFrame(index=parcels.index[:0])
    table = table.assign(parcel_id=table.index.astype("str")).reindex(columns=COLUMNS).reset_index(drop=True)
    kinds = {name: "float64" for name in COLUMNS if name.endswith(("_ratio", "_value", "_count", "_m"))}
    kinds |= dict.fromkeys(("parcel_id", "evidence", "says", "evidence_date"), "str")
    table = table.astype(kinds).sort_values(["parcel_id", "evidence"], ignore_index=True)
    return Ground(frame, says, table)


def _shares(study: Study, raster: Raster) -> pd.DataFrame:
    from landzone.io.rasters import raster_shares  # few studies have rasters

    return raster_shares(study.layers["parcels"].frame.geometry, raster)


def _raster_part(name: str, raster: Raster, shares: pd.DataFrame, says: pd.Series) -> pd.DataFrame:
    own = shares[["mean_value", "covered_ratio", "pixels_count", "resolution_m"]]
    return own.assign(
        evidence=name,
        says=says,
        built_ratio=shares.get("built", shares.get("lit")),
        open_ratio=shares.reindex(columns=["bare", "green"]).sum(axis=1, min_count=1),
        changed_ratio=shares.get("changed"),
        evidence_date=raster.date or None,
    )


def _cores(study: Study, ledger: Ledger) -> tuple[pd.Series, pd.Series]:
    """Return the share of the interior core under footprints (NaN: no core), and that of the own buildings."""
    parcels, core = study.layers["parcels"].frame, ledger.parcel_core
    assert core is not None
    share = (core["cover"] / core["area"].clip(lower=1)).where(core["area"] > 0)
    pieces = _main_pieces(ledger)
    own = pieces.sums(pieces.area, len(parcels)).astype(np.float64)
    whole = ledger.parcel_area.to_numpy(dtype=np.float64)
    built = np.divide(own, whole, out=np.zeros(len(own)), where=whole > 0)
    return share.rename(None), pd.Series(built, index=parcels.index)


def _main_pieces(ledger: Ledger) -> BuildingPieces:
    """Return for each building the piece in the parcel that holds half of it or more."""
    pieces = ledger.parcel_building
    if pieces is None or ledger.building_area is None:
        none = np.zeros(0, dtype=np.int64)
        return BuildingPieces(none, none, none)
    whole = ledger.building_area.to_numpy(dtype=np.int64)[pieces.building]
    main = pieces.chosen(np.flatnonzero(pieces.area * 2 >= whole))
    main = main.chosen(np.lexsort([main.ground, main.building]))
    return main.chosen(np.unique(main.building, return_index=True)[1])


def _works(study: Study, workers: int) -> pd.Series:
    """Tell on which parcels a building under construction lies."""
    parcels = study.layers["parcels"].frame
    found = pd.Series(False, index=parcels.index)
    layer = study.layers.get("buildings")
    if layer is None or "status" not in layer.frame:
        return found
    words = load.table("parameters.toml")["evidence"]["works_status"]
    rows = layer.frame[layer.frame["status"].astype("str").str.strip().str.lower().isin(words)]
    if rows.empty:
        return found
    shapes = rows.geometry.to_numpy()
    measure = area_measure(study)
    left, right, area = overlap_pairs(parcels.geometry.to_numpy(), shapes, measure, threads=workers)
    most = area * 2 >= measure.units(shapes)[right]
    found.iloc[np.unique(left[most])] = True
    return found


def _note_offset(study: Study, ledger: Ledger, problems: Problems) -> None:
    main, buildings = _main_pieces(ledger), ledger.building_area
    if buildings is None or not len(main.building):
        return
    layer = study.layers["buildings"]
    parcels = study.layers["parcels"].frame.geometry
    found = systematic_offset(
        layer.frame.geometry.loc[buildings.index[main.building]].to_numpy(),
        parcels.to_numpy()[main.ground],
    )
    if not found.found:
        return
    params = {
        "east": f"{found.east_m:+.1f}", "north": f"{found.north_m:+.1f}", "count": found.count,
        "before": f"{found.spill_before:.1%}", "after": f"{found.spill_after:.1%}",
        "shift": f"{study.settings.idle.footprint_shift_m:g}",
    }  # fmt: skip
    problems.note("FOOTPRINTS_OFFSET", source=layer.source.source, layer="buildings", params=params)
