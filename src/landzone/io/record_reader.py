"""The second reader: record by record, for what the bulk reader could not make out.

GDAL gives a damaged record of a Shapefile or GeoPackage without its shape and without a word. Such a record is
tried once more through fiona, which brings a GDAL build of its own; only if that fails too is it given up, alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from landzone.io.formats import limit
from landzone.io.origin import Origin

_RANDOM_ACCESS = {".shp": "ESRI Shapefile", ".gpkg": "GPKG"}


def second_look(path: Path, layer: str | None, fids: Mapping[int, int]) -> dict[int, object]:
    """Return the shapes that fiona can read, by place; records it cannot read are left out.

    Parameters
    ----------
    path : Path
        Private copy of a format with random access; others give nothing.
    layer : str or None
        Layer, None for the only one.
    fids : mapping of place to feature number
        0-based place of each record and the number under which GDAL knows it.
    """
    driver = _RANDOM_ACCESS.get(path.suffix)
    if driver is None or not fids:
        return {}
    import fiona
    from fiona.errors import FionaError

    found: dict[int, object] = {}
    try:
        with fiona.open(path, layer=layer, enabled_drivers=[driver]) as collection:
            for place, fid in fids.items():
                try:
                    feature = collection.get(fid)
                except (FionaError, KeyError, IndexError, ValueError):
                    continue
                if feature is not None and feature.geometry is not None:
                    found[place] = shapely.geometry.shape(feature.geometry)
    except (FionaError, OSError, ValueError):
        return found
    return found


def give_up(
    bad: Mapping[int, str], geometry: NDArray[np.object_], rows: NDArray[np.int64], origin: Origin
) -> NDArray[np.bool_]:
    """Reject the records whose shape nobody could read, and return which records stay.

    Raises
    ------
    Refusal
        ``FILE_CORRUPT`` where that is more than a few records.
    """
    keep = np.ones(len(geometry), bool)
    if not bad:
        return keep
    places = np.array(sorted(bad))
    if len(places) > max(limit("lost_records"), len(geometry) // 100) or len(places) == len(geometry):
        detail = f"{len(places)} / {len(geometry)}: {bad[int(places[0])]}"
        raise origin.refuse("FILE_CORRUPT", detail=detail, row=int(rows[places[0]]))
    for reason in sorted(set(bad.values())):
        of_reason = np.array([p for p in places if bad[int(p)] == reason])
        origin.reject("RECORD_UNREADABLE", rows=rows[of_reason], params={"reason": reason})
    keep[places] = False
    return keep
