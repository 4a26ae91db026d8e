"""One reader for each kind of layer file; each is given a private copy and returns what it found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from landzone.io import csv_table, gdal_reader, geojson, shapefile
from landzone.io.cad_txt import cad_layer, is_cad_txt
from landzone.io.content import check_content
from landzone.io.dbf import read_dbf
from landzone.io.detection import Sample
from landzone.io.encoding import CodePage, read_text, settle
from landzone.io.formats import Format, limit
from landzone.io.gdal_reader import Bulk, Unreadable
from landzone.io.geoparquet import read_geoparquet
from landzone.io.mapinfo import records_in_mif, records_in_tab
from landzone.io.origin import Origin
from landzone.io.record_files import Records, buffers_of, count_features, features_of, lines_of, members_of
from landzone.io.record_reader import read_all, read_parts, second_look
from landzone.io.safety import stage
from landzone.model.problems import Problems

T = TypeVar("T")


@dataclass
class Found:
    """One layer before its unreadable records are taken out; ``rows`` is None where they simply count up."""

    bulk: Bulk
    layer: str
    crs: pyproj.CRS | None = None
    crs_assumed: bool = False
    encoding: str = "UTF-8"
    guessed: bool = False
    rows: NDArray[np.int64] | None = None
    sha256: dict[str, str] = field(default_factory=dict)


def choose(layers: Sequence[str], origin: Origin) -> str:
    """Return the layer that is meant: the one named, or the only one.

    Raises
    ------
    Refusal
        ``LAYER_MISSING`` or ``LAYER_AMBIGUOUS``, both with the list.
    """
    if origin.layer:
        exact = [name for name in layers if name == origin.layer]
        loose = [name for name in layers if name.lower() == origin.layer.lower()]
        if not exact and len(loose) != 1:
            raise origin.refuse("LAYER_MISSING", wanted=origin.layer, layers="; ".join(layers))
        return (exact or loose)[0]
    if len(layers) != 1:
        raise origin.refuse("LAYER_AMBIGUOUS", layers="; ".join(layers), choices=layers)
    return layers[0]


def _only_layer(names: Sequence[str], stem: str, origin: Origin) -> str:
    """Check ``#layer`` of a format with one layer, whose name is that of the file."""
    if origin.layer and origin.layer.lower() not in {stem.lower(), *(n.lower() for n in names)}:
        raise origin.refuse("LAYER_MISSING", wanted=origin.layer, layers=stem)
    return stem


def read_shapefile(path: Path, parts: dict[str, Path], target: Path, origin: Origin) -> Found:
    """Read a Shapefile: shapes through GDAL, without its table; attributes with our own reader."""
    shapes = {s: p for s, p in parts.items() if s in (".shp", ".shx", ".prj")}
    (target / "table").mkdir()
    copies, hashes = stage(shapes, target)
    tables, more = stage({s: p for s, p in parts.items() if s not in shapes}, target / "table")
    _only_layer([path.name], path.stem, origin)
    index = shapefile.check_parts({**copies, **tables}, origin)
    table = read_dbf(tables[".dbf"], origin, cpg=tables.get(".cpg"))
    if table.records == 0:
        raise origin.refuse("NO_ROWS")
    bulk = _guarded(lambda: gdal_reader.read_bulk(copies[".shp"], None, origin), origin)
    empty = np.flatnonzero(shapely.is_missing(bulk.geometry))
    lost = shapefile.lost_shapes(copies[".shp"], index, np.setdiff1d(empty, list(bulk.bad)))
    bad = {**bulk.bad, **lost}
    again = bad if len(bad) <= limit("lost_records") else {}
    for place, shape in second_look(copies[".shp"], None, {p: p for p in again}).items():
        bulk.geometry[place] = shape
        del bad[place]
    kept = {int(place): n for n, place in enumerate(table.places)}
    bulk.bad = {kept[p]: reason for p, reason in bad.items() if p in kept}
    bulk.geometry = bulk.geometry[table.places]
    bulk.cells = table.cells
    crs = pyproj.CRS.from_user_input(bulk.crs) if bulk.crs else None
    if crs is None and ".prj" in copies:
        declared = copies[".prj"].read_text("latin-1").strip()[:80]
        origin.note("CRS_UNREADABLE", params={"declared": declared})
    return Found(
        bulk,
        path.stem,
        crs,
        False,
        table.page.title,
        table.page.guessed,
        table.places + 1,
        {**hashes, **more},
    )


def _json(copy: Path, expected: Format, stem: str, origin: Origin) -> Found:
    title, guessed = geojson.to_utf8(copy, origin)
    check_content(copy, expected, origin)
    head = geojson.json_head(copy, origin)
    layer = None
    if head.topology or origin.layer.lower() not in ("", stem.lower()):
        names = list(_guarded(lambda: gdal_reader.layers(copy), origin))
        if head.topology and (len(names) > 1 or origin.layer):
            layer = choose(names, origin)
        else:
            _only_layer(names, stem, origin)
    options = {} if head.topology else {"DATE_AS_STRING": "YES"}
    bulk = _guarded(lambda: _features(copy, layer, expected, options, head.topology, origin), origin)
    crs, assumed = geojson.json_crs(head, bulk.crs, origin)
    return Found(bulk, layer or stem, crs, assumed, title, guessed)


def _features(
    copy: Path, layer: str | None, expected: Format, options: dict[str, str], topology: bool, origin: Origin
) -> Bulk:
    """Read the features of a JSON file, the damaged ones set apart."""

    def read(path: Path, heard: Origin) -> Bulk:
        return gdal_reader.read_bulk(path, layer, heard, options=options)

    sequence = expected.content == "jsonseq"
    lines = lines_of(copy) if sequence else None
    if lines and lines.records:
        lines.write(copy, range(len(lines.records)))
    count = -1 if topology else len(lines.records) if lines else count_features(copy)
    heard = replace(origin, problems=Problems())
    try:
        bulk = read(copy, heard)
    except Unreadable:
        if count < 2:
            raise
        bulk = None
    if bulk is not None and len(bulk.geometry) >= count:
        origin.problems.extend(heard.problems)
        return bulk
    if lines is None and copy.stat().st_size > limit("json_parsed_bytes"):
        raise Unreadable(f"{0 if bulk is None else len(bulk.geometry)} / {count}")
    return read_parts(lines or features_of(copy), read, copy, origin)


def _parquet(copy: Path, expected: Format, stem: str, origin: Origin) -> Found:
    check_content(copy, expected, origin)
    bulk, crs = read_geoparquet(copy, origin)
    return Found(bulk, _only_layer([], stem, origin), crs)


def _csv(copy: Path, expected: Format, stem: str, origin: Origin) -> Found:
    check_content(copy, expected, origin)
    if copy.suffix == ".txt":
        text, page = read_text(copy.read_bytes(), origin)
        if is_cad_txt(text):
            return _cad_txt(text, page, stem, origin)
    table = csv_table.read_csv(copy, origin)
    cells, shapes, bad, epsg = csv_table.shapes(table.cells, origin)
    crs = pyproj.CRS.from_epsg(epsg) if epsg else None
    bulk = Bulk(cells, shapes, bad=bad)
    layer = _only_layer([], stem, origin)
    return Found(bulk, layer, crs, False, table.page.title, table.page.guessed, table.rows)


def _cad_txt(text: str, page: CodePage, stem: str, origin: Origin) -> Found:
    if page.guessed:
        origin.note("ENCODING_GUESSED", params={"encoding": page.title})
    layer = cad_layer(text, page, origin)
    bulk = Bulk(layer.cells, layer.geometry, bad=layer.bad)
    return Found(bulk, _only_layer([], stem, origin), layer.crs, False, page.title, page.guessed, layer.rows)


def read_with_gdal(copy: Path, expected: Format, stem: str, origin: Origin) -> Found:
    """Read what GDAL reads in one go: GeoPackage, geodatabase, FlatGeobuf, KML, GML, MapInfo, DXF."""
    title, guessed = "UTF-8", False
    if expected.content in ("kml", "gml"):
        title, guessed = geojson.to_utf8(copy, origin)
    check_content(copy, expected, origin)
    if expected.content == "sqlite":
        _check_pages(copy, origin)
    kinds = _guarded(lambda: gdal_reader.layers(copy), origin)
    spatial = [name for name, kind in kinds.items() if kind is not None]
    if not kinds:
        raise origin.refuse("NO_ROWS")
    if not spatial or (origin.layer in kinds and kinds[origin.layer] is None):
        raise origin.refuse("LAYER_NO_GEOMETRY", layers="; ".join(kinds))
    alone = len(kinds) == 1 and spatial[0] in ("data", "entities")
    layer = spatial[0] if alone and _only_layer(list(kinds), stem, origin) else choose(spatial, origin)
    driver, announced = _guarded(lambda: gdal_reader.driver_of(copy, layer), origin)
    if driver not in expected.drivers:
        raise origin.refuse("FORMAT_MISMATCH", expected=expected.title, found=driver)
    counted = announced if driver in ("FlatGeobuf", "OpenFileGDB") else -1
    if expected.content in ("tab", "mif"):
        count = records_in_tab if expected.content == "tab" else records_in_mif
        counted = _guarded(lambda: count(copy), origin)
    cut: Callable[[], Records] | None = None
    if driver == "GML":
        members = members_of(copy, layer)
        counted, cut = len(members.records), lambda: members
    elif driver == "FlatGeobuf":
        cut = lambda: buffers_of(copy)  # noqa: E731
    try:
        bulk = _guarded(lambda: _whole_or_parts(copy, layer, counted, cut, origin), origin)
    except UnicodeDecodeError:
        bulk, title, guessed = _recoded(copy, layer, origin)
        if len(bulk.geometry) < counted:
            raise origin.refuse("FILE_CORRUPT", detail=f"{len(bulk.geometry)} / {counted}") from None
    for place, shape in second_look(copy, layer, {p: int(bulk.fids[p]) for p in _fresh(bulk)}).items():
        bulk.geometry[place] = shape
        del bulk.bad[place]
    crs = pyproj.CRS.from_user_input(bulk.crs) if bulk.crs else None
    return Found(bulk, stem if alone else layer, crs, False, title, guessed)


def _whole_or_parts(
    copy: Path, layer: str, counted: int, cut: Callable[[], Records] | None, origin: Origin
) -> Bulk:
    """Read a layer whole, or without its damaged records where the file can be cut into records."""
    heard = replace(origin, problems=Problems())
    try:
        bulk = read_all(copy, layer, counted, heard)
    except Unreadable:
        if cut is None:
            raise
    else:
        origin.problems.extend(heard.problems)
        return bulk
    records = cut()
    if len(records.records) < max(counted, 2):
        raise Unreadable(f"{len(records.records)} / {counted}")
    return read_parts(records, lambda path, said: gdal_reader.read_bulk(path, layer, said), copy, origin)


def _fresh(bulk: Bulk) -> list[int]:
    return sorted(bulk.bad) if len(bulk.fids) and len(bulk.bad) <= limit("lost_records") else []


def _recoded(copy: Path, layer: str, origin: Origin) -> tuple[Bulk, str, bool]:
    """Read a layer whose texts are in a code page that the file does not name (MapInfo charset Neutral)."""
    plain = _guarded(
        lambda: gdal_reader.read_recoded(copy, layer, "latin-1", replace(origin, problems=Problems())),
        origin,
    )
    texts = [str(name) for name in plain.cells.columns]
    for name in texts.copy():
        if plain.cells[name].dtype == "str":
            texts += [str(text) for text in plain.cells[name].dropna().unique()]
    page = settle([Sample(t.encode("latin-1", "replace")) for t in texts], origin)
    if page.guessed:
        origin.note("ENCODING_GUESSED", params={"encoding": page.title})
    bulk = _guarded(lambda: gdal_reader.read_recoded(copy, layer, page.codec, origin), origin)
    return bulk, page.title, page.guessed


def _check_pages(path: Path, origin: Origin) -> None:
    """Compare the size of an SQLite file with the number of pages in its header."""
    with path.open("rb") as handle:
        head = handle.read(100)
    size = int.from_bytes(head[16:18], "big")
    pages, actual = int.from_bytes(head[28:32], "big"), path.stat().st_size
    announced = pages * (65536 if size == 1 else size)
    wal = path.with_name(path.name + "-wal").exists()
    if head[24:28] == head[92:96] and actual < announced and not wal:
        raise origin.refuse("FILE_CORRUPT", detail=f"{actual} < {announced} byte")


def _guarded(read: Callable[[], T], origin: Origin) -> T:
    try:
        return read()
    except Unreadable as error:
        raise origin.refuse("FILE_CORRUPT", detail=str(error)) from None


READERS: dict[str, Callable[[Path, Format, str, Origin], Found]] = {
    "geojson": _json,
    "geojsonseq": _json,
    "geoparquet": _parquet,
    "csv": _csv,
}
"""Readers by format; every other format goes through `read_with_gdal`."""
