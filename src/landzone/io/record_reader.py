"""The second reader: record by record, for what the bulk reader could not make out.

GDAL gives a damaged record of a Shapefile or GeoPackage without its shape and without a word. Such a record is
tried once more through fiona, which brings a GDAL build of its own; only if that fails too is it given up, alone.

GeoPackage, GeoJSON, GeoJSON text sequences, GML and FlatGeobuf are read in parts where the whole cannot be read or
comes back shorter than it is. The others cost the file: MapInfo and a File Geodatabase hold their records in several
files by offsets, so behind a damaged one nobody can tell where the next begins; Parquet has checks by page, not by
record; a DXF has no records at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from landzone.io.formats import limit
from landzone.io.gdal_reader import Bulk, Unreadable, read_bulk, records_in, within
from landzone.io.origin import Origin
from landzone.io.record_files import Records
from landzone.model.problems import Problems

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
                if feature is not None and feature.geometry is not None and _closed(feature.geometry):
                    found[place] = shapely.geometry.shape(feature.geometry)
    except (FionaError, OSError, ValueError):
        return found
    return found


def _closed(geometry: Any) -> bool:
    """Tell whether every ring ends where it begins; shapely would close it without a word."""
    parts = {"Polygon": [geometry.coordinates], "MultiPolygon": geometry.coordinates}.get(geometry.type, [])
    return all(len(ring) > 3 and ring[0] == ring[-1] for part in parts for ring in part)


def read_all(path: Path, layer: str, announced: int, origin: Origin) -> Bulk:
    """Read a layer whole, or piece by piece where GDAL does not get to its end.

    GDAL ends a damaged GeoPackage early and without an error. What it returns is therefore compared with the number
    of records in the table; a part that cannot be read is halved until the damaged records stand alone.

    Parameters
    ----------
    path : Path
        Private copy.
    layer : str
        Layer in it.
    announced : int
        Number of records that the file announces, -1 where it does not.

    Raises
    ------
    Unreadable
        Where the pieces cannot be read either.
    """
    package = path.suffix == ".gpkg"
    numbers = records_in(path, layer) if package else np.empty(0, np.int64)
    count = len(numbers) if package else announced
    try:
        bulk = read_bulk(path, layer, origin)
    except Unreadable:
        if not len(numbers):
            raise
        return _in_pieces(path, layer, numbers, origin)
    if len(bulk.geometry) >= count:
        return bulk
    if not len(numbers):
        raise Unreadable(f"{len(bulk.geometry)} / {count}")
    return _in_pieces(path, layer, numbers, origin)


def _in_pieces(path: Path, layer: str, numbers: NDArray[np.int64], origin: Origin) -> Bulk:
    pieces: dict[int, Bulk] = {}
    lost: dict[int, str] = {}
    waiting = [(0, len(numbers))]
    tries = 0
    while waiting:
        start, stop = waiting.pop()
        tries += 1
        heard = Problems()
        options = within(path, layer, numbers[start], numbers[stop - 1])
        bulk, reason = None, "GeoPackage record"
        try:
            bulk = read_bulk(path, layer, replace(origin, problems=heard), options=options)
        except Unreadable as error:
            reason = str(error)
        if bulk is not None and len(bulk.geometry) == stop - start:
            pieces[start] = bulk
            origin.problems.extend(heard)
        elif tries > limit("piecewise_reads"):
            raise Unreadable(f"{reason} ({start + 1})")
        elif stop - start == 1:
            lost[start] = reason
        else:
            middle = (start + stop) // 2
            waiting += [(middle, stop), (start, middle)]
    if not pieces:
        raise Unreadable(f"{len(lost)} / {len(numbers)}")
    return _joined(pieces, lost, len(numbers))


def read_parts(records: Records, read: Callable[[Path, Origin], Bulk], copy: Path, origin: Origin) -> Bulk:
    """Read a file without its damaged records, which keep their place without cells and without a shape.

    Parameters
    ----------
    records : Records
        The file, cut up.
    read : callable
        Reads a file of the same format.
    copy : Path
        The private copy; parts are written beside it.

    Raises
    ------
    Unreadable
        Where too many parts cannot be read, or what is left of the file.
    """
    count = len(records.records)
    quiet = replace(origin, problems=Problems())
    lost: dict[int, str] = {}
    waiting = [(0, count)]
    tries = 0

    def part(places: Sequence[int], heard: Origin) -> Bulk:
        target = copy.with_name("parts") / copy.name
        target.parent.mkdir(exist_ok=True)
        for other in target.parent.iterdir():
            other.unlink()
        records.write(target, places)
        return read(target, heard)

    while waiting:
        start, stop = waiting.pop()
        tries += 1
        if tries > limit("piecewise_reads"):
            raise Unreadable(f"record {start + 1}")
        reason = "GDAL: -"
        try:
            if len(part(range(start, stop), quiet).geometry) == stop - start:
                continue
        except Unreadable as error:
            reason = str(error)
        if stop - start == 1:
            lost[start] = reason
        else:
            middle = (start + stop) // 2
            waiting += [(middle, stop), (start, middle)]
    kept = np.array([place for place in range(count) if place not in lost], dtype=np.int64)
    if not len(kept):
        raise Unreadable(f"{count} / {count}")
    bulk = part([int(place) for place in kept], origin)
    if len(bulk.geometry) != len(kept):
        raise Unreadable(f"{len(bulk.geometry)} / {len(kept)}")
    return _spread(bulk, kept, lost, count)


def _spread(bulk: Bulk, kept: NDArray[np.int64], lost: Mapping[int, str], count: int) -> Bulk:
    """Put records at their places in the whole file."""
    whole = Bulk(
        bulk.cells.set_index(kept).reindex(range(count)), np.full(count, None, dtype=object), bulk.crs
    )
    whole.geometry[kept] = bulk.geometry
    whole.bad = {**lost, **{int(kept[place]): reason for place, reason in bulk.bad.items()}}
    whole.curves = bulk.curves
    return whole


def _joined(pieces: Mapping[int, Bulk], lost: Mapping[int, str], count: int) -> Bulk:
    """Put pieces together; a lost record keeps its place, without cells and without a shape."""
    first = pieces[min(pieces)]
    whole = Bulk(pd.DataFrame(), np.full(count, None, dtype=object), first.crs, dict(lost))
    whole.fids = np.full(count, -1, dtype=np.int64)
    frames = []
    for start, piece in pieces.items():
        places = np.arange(start, start + len(piece.geometry))
        whole.geometry[places], whole.fids[places] = piece.geometry, piece.fids
        whole.bad |= {start + place: reason for place, reason in piece.bad.items()}
        whole.curves += piece.curves
        frames.append(piece.cells.set_index(pd.RangeIndex(start, start + len(places))))
    whole.cells = pd.concat(frames).reindex(range(count))
    return whole


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
