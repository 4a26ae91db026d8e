"""Bulk reading of layers through GDAL and Arrow: WKB to shapes in one go, the odd record set aside."""

from __future__ import annotations

import re
import sqlite3
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from landzone.io.formats import setting
from landzone.io.frames import pandas_frame
from landzone.io.origin import Origin
from landzone.io.safety import gdal

_CURVES = np.arange(8, 15)


@dataclass
class Bulk:
    """What the bulk reader got: cells, shapes, and the records whose shape it could not read, with the reason."""

    cells: pd.DataFrame
    geometry: NDArray[np.object_]
    crs: str | None = None
    bad: dict[int, str] = field(default_factory=dict)
    curves: int = 0
    fids: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))


class Unreadable(Exception):
    """GDAL stopped; the text is its own."""


@contextmanager
def listening(origin: Origin | None = None) -> Iterator[None]:
    """Turn what GDAL says into notes (numbers blotted out) and its errors into `Unreadable`."""
    module = gdal()
    failures = (
        module.errors.DataSourceError,
        module.errors.DataLayerError,
        RuntimeError,
        OSError,
        pa.ArrowException,
        UnboundLocalError,  # what pyogrio stumbles over where GDAL cannot write down a coordinate system
    )
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            yield
        except failures as error:
            raise Unreadable(_neutral(str(error))) from None
    quiet = setting("gdal")["quiet_warnings"]
    said = {re.sub(r"\d+", "#", _neutral(str(w.message))) for w in heard}
    if origin is not None:
        for text in sorted(t for t in said if not any(q in t for q in quiet)):
            origin.note("READER_WARNING", params={"detail": text})


def _neutral(text: str) -> str:
    """Take the private folder out of a message of GDAL."""
    text = text.partition("; It might help")[0]
    return re.sub(r"\S*[\\/]data\b", "data", text).strip().rstrip(".")[:300]


def layers(path: Path) -> dict[str, str | None]:
    """Return the layers of a data set and their geometry type, None for a plain table."""
    try:
        with listening():
            found = gdal().list_layers(path)
    except UnicodeDecodeError as error:
        raise Unreadable(str(error)) from None
    return {str(name): kind for name, kind in found}


def driver_of(path: Path, layer: str | None) -> tuple[str, int]:
    """Return the driver that GDAL chose and the number of records it announces, -1 where it does not know."""
    with listening():
        # any single-byte code page will do: field names are not looked at here
        info = gdal().read_info(path, layer=layer, encoding="ISO-8859-1")
    return str(info["driver"]), int(info["features"])


def read_bulk(
    path: Path, layer: str | None, origin: Origin, *, options: Mapping[str, Any] | None = None
) -> Bulk:
    """Read one layer.

    Parameters
    ----------
    path : Path
        Private copy.
    layer : str or None
        None takes the only layer.
    options : dict
        Open options of the driver; ``where`` for a part of the layer.

    Returns
    -------
    Bulk
        ``geometry`` is None where null and for the records in ``bad``.

    Raises
    ------
    Unreadable
        Where GDAL stops.
    UnicodeDecodeError
        Where texts are in a code page that the file does not name.
    """
    with listening(origin):
        meta, table = gdal().read_arrow(
            path, layer=layer, datetime_as_string=True, return_fids=True, **(options or {})
        )
    name = meta["geometry_name"] or "wkb_geometry"
    if name not in table.column_names:
        raise origin.refuse("LAYER_NO_GEOMETRY", layers=layer or "")
    fid = meta["fid_column"] or "OGC_FID"
    fids = table.column(fid).to_numpy() if fid in table.column_names else np.arange(table.num_rows)
    real = meta["fid_column"] and fid.lower() not in setting("gdal")["row_number_columns"]
    drop = [name] if real or fid not in table.column_names else [name, fid]
    wkb = table.column(name)
    if not pa.types.is_binary(wkb.type) and not pa.types.is_large_binary(wkb.type):
        raise Unreadable(f"{name}: {wkb.type}")
    stamps = [c for c, t in zip(meta["fields"], meta["ogr_types"], strict=True) if t == "OFTDateTime"]
    bulk = _shapes(wkb, lambda: _linear(path, layer, options))
    bulk.cells = pandas_frame(table.drop_columns(drop), origin, datetimes=stamps)
    bulk.crs, bulk.fids = meta["crs"], fids
    if path.suffix == ".gpkg":
        for place in _damaged(path, layer, meta, fids, wkb):
            bulk.bad.setdefault(place, "GeoPackage geometry blob")
    return bulk


def read_recoded(path: Path, layer: str | None, encoding: str, origin: Origin) -> Bulk:
    """Read one layer in a Python codec, which pyogrio offers outside of Arrow only."""
    with listening(origin):
        meta, _, wkb, columns = gdal().raw.read(path, layer=layer, encoding=encoding, datetime_as_string=True)
    if wkb is None:
        raise origin.refuse("LAYER_NO_GEOMETRY", layers=layer or "")
    table = pa.table([pa.array(c, from_pandas=True) for c in columns], names=list(meta["fields"]))
    stamps = [c for c, t in zip(meta["fields"], meta["ogr_types"], strict=True) if t == "OFTDateTime"]
    bulk = _shapes(pa.chunked_array([pa.array(wkb, pa.binary())]), lambda: wkb)
    bulk.cells, bulk.crs = pandas_frame(table, origin, datetimes=stamps), meta["crs"]
    return bulk


def shapes_of(wkb: Any) -> tuple[NDArray[np.object_], dict[int, str]]:
    """Return the shapes of an array of WKB, and for those that are none the reason by place."""
    values = np.asarray(wkb, dtype=object)
    with np.errstate(invalid="ignore"):  # a NaN coordinate is the gate's affair
        shapes = np.asarray(shapely.from_wkb(values, on_invalid="ignore"), dtype=object)
    lost = np.flatnonzero(shapely.is_missing(shapes) & ~pd.isna(values))
    return shapes, {int(place): _reason(values[place]) for place in lost}


def _reason(wkb: bytes) -> str:
    try:
        with np.errstate(invalid="ignore"):
            shapely.from_wkb(wkb)
    except (shapely.GEOSException, NotImplementedError) as error:
        return str(error).removeprefix("ParseException: ").removeprefix("IllegalArgumentException: ").strip()
    return "WKB"


def _shapes(wkb: pa.ChunkedArray, linear: Any) -> Bulk:
    curved = _curved(wkb)
    values = wkb.to_numpy(zero_copy_only=False)
    if curved.any():
        straight = linear()
        values = np.where(curved, straight, values)
    shapes, bad = shapes_of(values)
    return Bulk(pd.DataFrame(), shapes, bad=bad, curves=int(curved.sum()))


def _curved(wkb: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Tell from the type code in bytes 2 to 5 (the fifth for big endian) which shapes hold arcs."""
    head = pc.fill_null(pc.binary_slice(wkb, 0, 5), b"\1\0\0\0\0")
    data = b"".join(
        pc.fill_null(pc.if_else(pc.equal(pc.binary_length(head), 5), head, b"\1\0\0\0\0"), b"").to_pylist()
    )
    block = np.frombuffer(data, "u1").reshape(-1, 5)
    little = np.ascontiguousarray(block[:, 1:]).view("<u4").ravel()
    big = np.ascontiguousarray(block[:, 1:]).view(">u4").ravel()
    code = np.where(block[:, 0] == 1, little, big) & 0x0FFFFFFF
    return np.isin(code % 1000, _CURVES)


def _linear(path: Path, layer: str | None, options: Mapping[str, Any] | None) -> NDArray[np.object_]:
    with listening():
        wkb: NDArray[np.object_] = gdal().raw.read(path, layer=layer, columns=[], **(options or {}))[2]
    return wkb


def _damaged(
    path: Path, layer: str | None, meta: dict[str, Any], fids: NDArray[np.int64], wkb: pa.ChunkedArray
) -> Iterator[int]:
    """Find records that GDAL gives without a shape although the table holds one."""
    null = np.flatnonzero(wkb.is_null().to_numpy())
    if not len(null) or not meta["fid_column"] or not meta["geometry_name"] or layer is None:
        return
    query = "SELECT {} FROM {} WHERE {} IS NULL".format(
        *map(_quoted, (meta["fid_column"], layer, meta["geometry_name"]))
    )
    with _database(path) as database:
        truly = {row[0] for row in database.execute(query)}
    for place in null:
        if int(fids[place]) not in truly:
            yield int(place)


def records_in(path: Path, layer: str) -> NDArray[np.int64]:
    """Return the row number of every record of a GeoPackage layer, from walking through its table; none for a view.

    Raises
    ------
    Unreadable
        Where a page of the table is damaged, so that nobody can tell how many records stood on it.
    """
    with _database(path) as database:
        known = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
        if not database.execute(known, [layer]).fetchone()[0]:
            return np.empty(0, np.int64)
        query = f"SELECT rowid FROM {_quoted(layer)} NOT INDEXED ORDER BY rowid"
        return np.fromiter((row[0] for row in database.execute(query)), dtype=np.int64)


def within(path: Path, layer: str, first: int, last: int) -> dict[str, str]:
    """Return the option that reads the records of a GeoPackage layer from one row number to another."""
    with listening():
        column = _quoted(gdal().read_info(path, layer=layer)["fid_column"])
    return {"where": f"{column} BETWEEN {first} AND {last}"}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _database(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a private copy of a GeoPackage beside GDAL."""
    try:
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA query_only = ON")
            yield database
    except sqlite3.Error as error:
        raise Unreadable(str(error)) from None
