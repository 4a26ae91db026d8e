"""Boundaries to be judged: drawn in any format, let in through the same door as every layer."""

from __future__ import annotations

import tempfile
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from landzone.catalog import load
from landzone.catalog.messages import refusal
from landzone.errors import Refusal
from landzone.geometry.area import AreaMeasure
from landzone.geometry.coverage import overlapping_pairs
from landzone.geometry.transform import Transformation
from landzone.io.cad_rings import nested
from landzone.io.coordinates import Located, crs_label, locate
from landzone.io.database_url import is_database
from landzone.io.raw import Raw
from landzone.io.reprojection import way_into
from landzone.io.rows import Shapes
from landzone.io.study_sources import Source, admit
from landzone.io.study_spec import LayerSpec
from landzone.io.vector import read_vector
from landzone.model.layer import InputRecord
from landzone.model.problems import Problems
from landzone.model.study import CrsOperation
from landzone.units import to_m2

ROLE = "boundaries"


@dataclass(frozen=True)
class Boundaries:
    """Boundaries in the working CRS: index ``boundary_id``, with ``name`` (missing where there is none)."""

    frame: gpd.GeoDataFrame
    source: InputRecord
    operation: CrsOperation | None
    problems: Problems


def read_boundaries(
    path: str, measure: AreaMeasure, *, crs: str | None = None, money: str = "wan_cny"
) -> Boundaries:
    """Read the boundaries of a file.

    A closed line (DXF, KML) is taken for the polygon inside it, a closed line inside another for a hole in it; both
    are noted. Rows need no id: the name does where it is the only one of its kind, else the number of the file, else
    the ordinal in order of content.

    Parameters
    ----------
    path : str
        ``path[#layer]``, or an address of a database.
    measure : AreaMeasure
        Of the study; its CRS is the working CRS.
    crs : str, optional
        CRS of the file, where it has none (DXF) or a wrong one.

    Raises
    ------
    Refusal
        What the readers refuse, BOUNDARY_CRS where no CRS is found or stated, BOUNDARY_DATUM
        where no way leads from its datum to that of the study, LAYER_UNUSABLE where no row is left.
    """
    problems = Problems()
    folder, source = _split(path)
    with tempfile.TemporaryDirectory(prefix="landzone-") as work:
        raw = read_vector(source, folder, role=ROLE, problems=problems, work=Path(work))
    located = locate(
        _closed(raw, problems),
        stated=_stated(crs),
        section="--crs",
        problems=problems,
        missing="BOUNDARY_CRS",
    )
    change, operation = _way(located, measure.crs, problems)
    columns = {name: _header(raw, name) for name in ("name", "number")}
    spec = LayerSpec(source=source, columns=columns)
    layer = admit(Source(ROLE, "--crs", spec, located), change, measure, money, problems)
    frame = layer.frame.set_axis(_ids(layer.frame), axis=0)
    _note_overlaps(frame, measure, layer.source, problems)
    return Boundaries(frame, layer.source, operation, problems)


def _way(
    located: Located, target: pyproj.CRS, problems: Problems
) -> tuple[Transformation | None, CrsOperation | None]:
    """Return the way into the working CRS; where there is none, the boundary has to be brought there first."""
    try:
        return way_into(located, target, None, problems)
    except Refusal as error:
        if error.code != "CRS_DATUM_NO_TRANSFORM":
            raise
        crs = {"crs": located.label, "target": crs_label(target)}
        raise refusal("BOUNDARY_DATUM", file=located.raw.source, **crs) from None


def _split(path: str) -> tuple[Path, str]:
    if is_database(path):
        return Path(), path
    file, mark, inside = (path, "", "") if Path(path).exists() else path.partition("#")
    return Path(file).parent, Path(file).name + mark + inside


def _stated(crs: str | None) -> str | None:
    if crs is None:
        return None
    try:
        pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        raise refusal("BOUNDARY_CRS_OPTION", value=crs) from None
    return crs


def _header(raw: Raw, name: str) -> str:
    """Return the first field of the file that the catalogue knows for a name or number."""
    present = {unicodedata.normalize("NFKC", str(c)).strip().casefold(): str(c) for c in raw.cells.columns}
    known: list[str] = load.table("conform.toml")["boundary"][name]
    return next((present[word.casefold()] for word in known if word.casefold() in present), "")


def _closed(raw: Raw, problems: Problems) -> Raw:
    """Return the source with closed lines as polygons, those inside another one as its holes."""
    shapes = np.asarray(raw.geometry, dtype=object).copy()
    lines = np.flatnonzero([_is_ring(shape) for shape in shapes])
    if not len(lines):
        return raw
    for place in lines:
        parts = shapely.get_parts(shapely.force_2d(shapes[place]))
        shapes[place] = nested(np.array([shapely.Polygon(line.coords) for line in parts], dtype=object))
    outer, holes = _with_holes(shapes[lines])
    shapes[lines] = outer
    keep = np.ones(len(shapes), dtype=bool)
    keep[lines[holes]] = False
    told = {"source": raw.source, "layer": ROLE}
    problems.note("BOUNDARY_CLOSED_LINES", **told, params={"count": len(lines), "holes": len(holes)})
    return replace(
        raw,
        cells=raw.cells[keep].reset_index(drop=True),
        rows=raw.rows[keep],
        rows_in=raw.rows_in - len(holes),
        geometry=shapes[keep],
    )


def _is_ring(shape: shapely.Geometry | None) -> bool:
    if shape is None or shape.geom_type not in ("LineString", "LinearRing", "MultiLineString"):
        return False
    return all(part.is_closed and len(part.coords) >= 4 for part in shapely.get_parts(shape))


def _with_holes(polygons: Shapes) -> tuple[Shapes, np.ndarray]:
    """Return polygons with the ones inside them taken out, and the places of those that are holes."""
    valid = shapely.is_valid(polygons)
    inner, around = (
        shapely.STRtree(polygons).query(polygons, predicate="covered_by") if valid.all() else ([], [])
    )
    pairs = [(i, o) for i, o in zip(inner, around, strict=True) if polygons[i].area < polygons[o].area]
    depth = (
        np.bincount([i for i, _ in pairs], minlength=len(polygons)) if pairs else np.zeros(len(polygons), int)
    )
    holes = np.flatnonzero(depth % 2 == 1)
    result = polygons.copy()
    for place in np.flatnonzero(depth % 2 == 0):
        own = [i for i, o in pairs if o == place and depth[i] == depth[place] + 1]
        if own:
            result[place] = shapely.difference(polygons[place], shapely.union_all(polygons[own]))
    return result, holes


def _ids(frame: gpd.GeoDataFrame) -> pd.Index:
    """Return a text id for each boundary, in the order of the frame."""
    blank = pd.Series(np.nan, index=frame.index, dtype="str")
    names = [frame.get(c, blank) for c in ("name", "number")]
    texts = pd.Series([str(n) for n in range(1, len(frame) + 1)], index=frame.index, dtype="str")
    for own in reversed(names):
        texts = own.where(own.notna() & ~own.duplicated(keep=False), texts)
    again = texts.groupby(texts.to_numpy()).cumcount().to_numpy()
    unique = [t if not n else f"{t} ({n + 1})" for t, n in zip(texts, again, strict=True)]
    return pd.Index(unique, dtype="str", name="boundary_id")


def _note_overlaps(
    frame: gpd.GeoDataFrame, measure: AreaMeasure, source: InputRecord, problems: Problems
) -> None:
    """Note boundaries that share ground: each is judged alone, so that their sum counts it twice."""
    shapes = frame.geometry.to_numpy()
    first, second = overlapping_pairs(shapes)
    if not len(first):
        return
    units = measure.units(shapely.intersection(shapes[first], shapes[second]))
    for a, b, area in zip(first, second, units, strict=True):
        if area > 0:
            params = {"first": frame.index[a], "second": frame.index[b]}
            params["area_m2"] = f"{float(to_m2(np.array([area]))[0]):.2f}"
            problems.note(
                "BOUNDARY_OVERLAP", source=source.source, layer=ROLE, ids=str(frame.index[a]), params=params
            )
