"""Layers from files: one function in, a `Raw` out, whatever the format.

A study reads through `landzone.io.reader`, which calls these functions in a process of its own.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np

from landzone.io.archive import unpack
from landzone.io.content import check_content
from landzone.io.database_url import is_database
from landzone.io.encoding import codec_of
from landzone.io.formats import format_of, limit
from landzone.io.layers import READERS, Found, read_shapefile, read_with_gdal
from landzone.io.origin import Origin
from landzone.io.postgis import read_postgis
from landzone.io.raw import Raw
from landzone.io.record_reader import give_up
from landzone.io.safety import locate, parts_of, private_folder, private_room, split_source, stage
from landzone.model.problems import Problems

_TABLES = ("xlsx", "xls", "dbf")
_ALWAYS_UTF8 = ("geopackage", "geodatabase", "geoparquet", "flatgeobuf")


def read_vector(
    source: str,
    folder: Path,
    *,
    role: str,
    problems: Problems,
    layer: str | None = None,
    encoding: str | None = None,
    work: Path,
) -> Raw:
    """Read one layer from a file, with nothing interpreted and nothing lost in silence.

    Parameters
    ----------
    source : str
        ``path[#layer]``, relative to ``folder``; a zip file may hold the data set. In a zip with several data
        sets the name after ``#`` is that of a file in it, with its own layer behind ``/`` (``a.zip#b.gpkg/c``).
        An address ``postgresql://…`` is a table of a database, see `read_postgis`.
    folder : Path
        Folder of the study.
    role : str
        Role in the study; stands in the column ``layer`` of the problems.
    problems : Problems
        Takes notes and the records that had to be given up.
    layer, encoding : str, optional
        Layer (in place of ``#layer``) and code page, where the study states them.
    work : Path
        Folder for private copies; nothing is written anywhere else.

    Returns
    -------
    Raw
        Records in the order of the file. ``rows_in`` counts the rejected ones too.

    Raises
    ------
    Refusal
        When the file cannot lead to a true audit; see ``catalog/messages/files.toml``.
    """
    if is_database(source):
        return read_postgis(source, role=role, problems=problems, layer=layer)
    file, inside = split_source(source, folder)
    path = locate(file, folder)
    with private_room(work) as room:
        origin = Origin(file, role, problems, room, layer or inside, encoding or "")
        found = _dataset(path, origin)
    rows = (
        found.rows if found.rows is not None else np.arange(1, len(found.bulk.geometry) + 1, dtype=np.int64)
    )
    if len(rows) == 0:
        raise origin.refuse("NO_ROWS")
    if found.bulk.curves:
        params = {"count": found.bulk.curves, "step": limit("arc_step_degrees")}
        origin.note("GEOM_CURVE_LINEARISED", params=params)
    keep = give_up(found.bulk.bad, found.bulk.geometry, rows, origin)
    return Raw(
        role=role,
        source=file,
        layer=found.layer,
        cells=found.bulk.cells[keep].reset_index(drop=True),
        rows=rows[keep],
        rows_in=len(rows),
        geometry=found.bulk.geometry[keep],
        crs=found.crs,
        encoding=found.encoding,
        encoding_guessed=found.guessed,
        sha256=found.sha256,
        crs_assumed=found.crs_assumed,
    )


def _dataset(path: Path, origin: Origin) -> Found:
    expected = format_of(path)
    if expected is None:
        raise origin.refuse("FORMAT_UNSUPPORTED", suffix=path.suffix.lower() or path.name)
    if expected.key in _TABLES:
        raise origin.refuse("LAYER_NO_GEOMETRY", layers=path.name)
    if origin.encoding and codec_of(origin.encoding) is None:
        raise origin.refuse("ENCODING_NAME", declared=origin.encoding)
    if origin.encoding and expected.key in _ALWAYS_UTF8 and codec_of(origin.encoding) != "utf-8":
        declared = origin.encoding
        raise origin.refuse("ENCODING_CONFLICT", declared=declared, found="UTF-8", where="encoding")
    if expected.content in ("shp", "zip", "text", "gdb", "tab"):
        check_content(path, expected, origin)
    parts = parts_of(path, origin)
    target = private_folder(origin.work)
    if expected.content == "zip":
        return _archive(path, target, origin)
    if expected.content == "shp":
        return read_shapefile(path, parts, target, origin)
    copies, hashes = stage(parts, target)
    found = READERS.get(expected.key, read_with_gdal)(
        copies[path.suffix.lower()], expected, path.stem, origin
    )
    return replace(found, sha256=hashes)


def _archive(path: Path, target: Path, origin: Origin) -> Found:
    copies, hashes = stage({path.suffix.lower(): path}, target)
    content = target / "content"
    members = unpack(copies[path.suffix.lower()], content, origin)
    sets = data_sets(members)
    wanted, _, inner = origin.layer.partition("/")
    if len(sets) > 1 and path.suffix.lower() == ".kmz":
        sets = {n: p for n, p in sets.items() if PurePosixPath(n).name.lower() == "doc.kml"} or sets
    if not sets:
        names = sorted(PurePosixPath(name).name for name in members)
        raise origin.refuse("ZIP_NO_LAYER", members="; ".join(names[:10]))
    by_name = {n: p for n, p in sets.items() if wanted.lower() in (n.lower(), PurePosixPath(n).stem.lower())}
    if len(sets) == 1:
        name, member = next(iter(sets.items()))
        inner = inner if wanted.lower() in (name.lower(), PurePosixPath(name).stem.lower()) else origin.layer
    elif len(by_name) == 1:
        name, member = next(iter(by_name.items()))
    else:
        code = "LAYER_MISSING" if wanted and not by_name else "LAYER_AMBIGUOUS"
        raise origin.refuse(code, wanted=wanted, layers="; ".join(sorted(sets)), choices=sorted(sets))
    found = _dataset(member, replace(origin, layer=inner))
    own = PurePosixPath(name).stem
    return replace(found, layer=own if found.layer == member.stem else found.layer, sha256=hashes)


def data_sets(members: dict[str, Path]) -> dict[str, Path]:
    """Return the vector data sets among unpacked files; a CSV counts only where there is nothing else."""
    found: dict[str, Path] = {}
    for name, path in members.items():
        inside = [p for p in PurePosixPath(name).parents if p.suffix.lower() == ".gdb"]
        if inside:
            found[inside[0].name] = path.parents[len(PurePosixPath(name).parts) - len(inside[0].parts) - 1]
            continue
        expected = format_of(PurePosixPath(name))
        if expected is not None and expected.content not in ("zip", "xlsx", "ole", "dbf"):
            found[PurePosixPath(name).name if _unique(name, members) else name] = path
    layers = {
        name: path for name, path in found.items() if path.suffix.lower() not in (".csv", ".txt", ".tsv")
    }
    return layers or found


def _unique(name: str, members: dict[str, Path]) -> bool:
    return sum(PurePosixPath(other).name == PurePosixPath(name).name for other in members) == 1
