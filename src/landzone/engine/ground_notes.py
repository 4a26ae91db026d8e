"""Notes that the geometry itself gives rise to: parcels over two zones, buildings over two parcels, slivers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landzone.catalog import load
from landzone.geometry.width import mean_width_m
from landzone.model.ledger import Ledger
from landzone.model.problems import Problems
from landzone.model.study import Study
from landzone.units import AREA_UNITS_PER_M2, to_m2


def ground_notes(study: Study, ledger: Ledger) -> Problems:
    """List straddling parcels and buildings, and slivers of parcels in a neighbouring zone.

    A piece of a parcel narrower than the sliver width of the study is told apart from a real straddle; it is
    counted where it lies, so that the areas still close.
    """
    problems = Problems()
    _parcels(study, ledger, problems)
    _buildings(study, ledger, problems)
    return problems


def _parcels(study: Study, ledger: Ledger, problems: Problems) -> None:
    pieces = ledger.parcel_zone
    several = pieces["parcel_id"].duplicated(keep=False)
    if not several.any():
        return
    layer = study.layers["parcels"]
    zones = study.layers["zones"].frame.geometry
    rows = pieces[several]
    shapes = shapely.intersection(
        layer.frame.geometry.loc[rows["parcel_id"]].to_numpy(), zones.loc[rows["zone_id"]].to_numpy()
    )
    narrow = mean_width_m(shapes) < study.settings.alignment.sliver_width_m
    told = {"source": layer.source.source, "layer": "parcels"}
    beside = _neighbours(layer.frame, rows[narrow]["parcel_id"].to_numpy(), shapes[narrow])
    slivers = rows[narrow]
    params = [
        {"zone_id": zone, "area": f"{area / AREA_UNITS_PER_M2:.2f}", "beside": others or "–"}
        for zone, area, others in zip(slivers["zone_id"], slivers["area"], beside, strict=True)
    ]
    problems.note("SLIVER_BELOW_TOLERANCE", ids=slivers["parcel_id"].to_numpy(), params=params, **told)
    wide = rows[~narrow]
    wide = wide[wide["parcel_id"].duplicated(keep=False)]
    ids, texts = _lists(wide, "parcel_id", "zone_id")
    problems.note("PARCEL_SPLIT", ids=ids, params=[{"parts": text} for text in texts], **told)


def _neighbours(parcels: pd.DataFrame, own: NDArray[np.object_], slivers: NDArray[np.object_]) -> list[str]:
    """Return for each sliver of a parcel the other parcels that it touches, in words."""
    place, found = shapely.STRtree(parcels.geometry.to_numpy()).query(slivers, predicate="intersects")
    names: list[list[str]] = [[] for _ in slivers]
    for number, parcel in sorted(zip(place.tolist(), parcels.index[found], strict=True)):
        if parcel != own[number]:
            names[number].append(str(parcel))
    return [", ".join(some) for some in names]


def _buildings(study: Study, ledger: Ledger, problems: Problems) -> None:
    pieces, buildings = ledger.parcel_building, ledger.building_area
    if pieces is None or buildings is None:
        return
    layer = study.layers["buildings"]
    least = load.table("parameters.toml")["notes"]["least_m2"] * AREA_UNITS_PER_M2
    large = pieces.chosen(np.flatnonzero(pieces.area >= least))
    split = large.chosen(np.flatnonzero(np.bincount(large.building)[large.building] > 1))
    several = pd.DataFrame(
        {
            "building_id": buildings.index[split.building],
            "parcel_id": ledger.parcel_area.index[split.ground],
            "area": split.area,
        }
    )
    ids, texts = _lists(several, "building_id", "parcel_id")
    told = {"source": layer.source.source, "layer": "buildings"}
    problems.note("BUILDING_SPLIT", ids=ids, params=[{"parts": text} for text in texts], **told)


def _lists(pieces: pd.DataFrame, subject: str, part: str) -> tuple[list[str], list[str]]:
    """Return each subject with its parts in words: ``P001 2000.00 m², P002 …``."""
    if pieces.empty:
        return [], []
    ordered = pieces.sort_values([subject, part])
    words = ordered[part].astype("str") + np.array(
        [f" {a:.2f} m²" for a in to_m2(ordered["area"].to_numpy())], object
    )
    joined = words.groupby(ordered[subject]).agg(", ".join)
    return joined.index.astype("str").tolist(), joined.tolist()
