"""The store of ``landzone prepare``: a study that was read, checked and indexed once.

Layers lie as GeoParquet 1.1 in leaves of a quadtree of the CRS (``geometry.quadtree``), sorted by cell, so that a
window reads only the row groups it meets and a task of a cluster reads whole leaves. Plans and lines of control
keep their giants (more vertices than a leaf of the kernel) twice: whole, and cut once on the fixed grid.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from landzone.catalog.messages import refusal
from landzone.geometry.boxes import box_meets
from landzone.geometry.grid_cut import LEAF_VERTICES, cut_on_grid
from landzone.geometry.quadtree import DEPTH, LOW_M, SIDE_M, cell_codes, leaves, outside_grid
from landzone.io.store_head import (
    FORMAT,
    HEAD,
    MANIFEST,
    MANIFESTS,
    FrameHead,
    LayerHead,
    Manifest,
    StudyHead,
    read_manifest,
    versions,
)
from landzone.io.store_parts import (
    PLACE,
    Part,
    check_part,
    digest,
    ids_of,
    layer_frame,
    part_meets,
    read_part,
    typed,
    write_features,
    write_table,
)
from landzone.model.layer import Constraint, Layer, SpatialPlan, Table
from landzone.model.problems import ProblemKind, Problems
from landzone.model.study import Study
from landzone.model.topology import Topology
from landzone.units import FloatArray

MOST_ROWS, MOST_VERTICES = 100_000, 4_000_000
"""A leaf with more features or vertices is split."""

_HEAD_FILE = "study.json"
_SAFE = re.compile(r"[^A-Za-z0-9_-]+")
_SHOWN = 10


def write_store(study: Study, folder: Path) -> Manifest:
    """Write a study into an empty folder.

    Two passes over each layer: the cells of its features first, then leaf after leaf. No rows are sorted but their
    codes; what the gate holds in memory is not copied but for the leaf that is being written.

    Raises
    ------
    Refusal
        STORE_OUTSIDE_GRID naming the features that lie outside the grid.
    """
    writer = _Writer(folder)
    layers = [writer.layer(role, layer) for role, layer in study.layers.items()]
    plans = [writer.layer(f"plans.{n}", p.layer, _about(p), cut=True) for n, p in study.plans.items()]
    lines = [
        writer.layer(f"constraints.{n}", c.layer, _about(c), cut=True) for n, c in study.constraints.items()
    ]
    tables = [writer.table(role, table) for role, table in study.tables.items()]
    head = StudyHead(
        settings=study.settings,
        crs=study.crs.srs,
        layers=layers,
        tables=tables,
        plans=plans,
        constraints=lines,
        problems=[writer.problems(study.problems, kind) for kind in ProblemKind],
        rasters=list(study.rasters.values()),
        rule_packs=study.rule_packs,
        crs_operations=study.crs_operations,
        raw_settings=dict(study.raw_settings),
        path=study.path,
        topology=writer.topology(study.topology),
        grounds=study.topology.grounds,
    )
    (folder / _HEAD_FILE).write_bytes(HEAD.dump_json(head, indent=1))
    writer.parts.append(Part("study", "head", _HEAD_FILE, 1, digest(folder / _HEAD_FILE)))
    grid = {"west": LOW_M, "south": LOW_M, "side": SIDE_M, "depth": float(DEPTH)}
    manifest = Manifest(FORMAT, study.settings.name, versions(), grid, study.inputs, writer.parts)
    (folder / MANIFEST).write_bytes(MANIFESTS.dump_json(manifest, indent=1) + b"\n")
    return manifest


def _about(one: SpatialPlan | Constraint) -> dict[str, Any]:
    return {key: value for key, value in vars(one).items() if key != "layer"}


def _fields(about: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in about.items()}


def _frame_head(frame: pd.DataFrame) -> FrameHead:
    kinds = {str(name): str(kind) for name, kind in frame.dtypes.items()}
    name = None if frame.index.name is None else str(frame.index.name)
    return FrameHead(kinds, name, str(frame.index.dtype), len(frame))


class _Writer:
    """Writes parts and keeps the list of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parts: list[Part] = []
        self.names: dict[str, str] = {}

    def _stem(self, role: str) -> str:
        """Return the beginning of the file names of a role: a number, and what of it any file system takes."""
        plain = _SAFE.sub("", role.replace(".", "-")).strip("-")
        return self.names.setdefault(role, f"{len(self.names) + 1:02d}-{plain}")

    def layer(
        self, role: str, layer: Layer, about: Mapping[str, Any] | None = None, *, cut: bool = False
    ) -> LayerHead:
        """Write the leaves of a layer, and the pieces of its giants where they are wanted."""
        frame = layer.frame
        shapes = frame.geometry.to_numpy()
        bounds = shapely.bounds(shapes).reshape(-1, 4)
        away = outside_grid(bounds)
        if len(away):
            ids = ", ".join(map(str, frame.index[away[:_SHOWN]]))
            raise refusal(
                "STORE_OUTSIDE_GRID", file=layer.source.source, layer=role, count=len(away), ids=ids
            )
        codes, vertices = cell_codes(bounds), shapely.get_num_coordinates(shapes).astype(np.int64)
        giant = (vertices > LEAF_VERTICES) & cut
        for kind, rows in (("features", np.flatnonzero(~giant)), ("giants", np.flatnonzero(giant))):
            self._leaves(frame, role, kind, rows, codes, vertices)
        if giant.any():
            self._pieces(frame[giant], role, np.flatnonzero(giant))
        return LayerHead(role, layer.source, _frame_head(frame), dict(about or {}))

    def _leaves(
        self, frame: gpd.GeoDataFrame, role: str, kind: str, rows: Any, codes: Any, weights: Any
    ) -> None:
        for leaf in leaves(codes[rows], weights[rows], MOST_ROWS, MOST_VERTICES):
            own = rows[leaf.rows]
            name = f"{self._stem(role)}.{kind}.{leaf.name}.parquet"
            part = write_features(frame.iloc[own], own, codes[own], self.folder, (role, kind, name))
            self.parts.append(part)

    def _pieces(self, giants: gpd.GeoDataFrame, role: str, places: Any) -> None:
        cut = cut_giants(giants)
        source = giants.index.get_indexer(cut.index)
        codes = cell_codes(shapely.bounds(cut.geometry.to_numpy()))
        order = np.argsort(codes, kind="stable")
        name = f"{self._stem(role)}.pieces.parquet"
        own = cut.iloc[order].assign(piece=order.astype(np.int64))
        part = write_features(own, places[source[order]], codes[order], self.folder, (role, "pieces", name))
        self.parts.append(part)

    def table(self, role: str, table: Table) -> LayerHead:
        """Write a table."""
        name = f"{self._stem('tables.' + role)}.parquet"
        self.parts.append(write_table(table.frame, self.folder, (role, "table", name)))
        return LayerHead(role, table.source, _frame_head(table.frame), {"key": table.key})

    def topology(self, topology: Topology) -> FrameHead:
        """Write the topology report, its ground as WKB."""
        frame = pd.DataFrame(topology.frame.drop(columns="geometry"))
        frame = frame.assign(ground=pd.Series(topology.frame.geometry.to_wkb(hex=True), dtype="str"))
        self.parts.append(write_table(frame, self.folder, ("topology", "topology", "topology.parquet")))
        return _frame_head(frame)

    def problems(self, problems: Problems, kind: ProblemKind) -> FrameHead:
        """Write one kind of problems."""
        frame = problems.frame(kind)
        self.parts.append(
            write_table(frame, self.folder, (kind.value, "problems", f"problems-{kind.value}.parquet"))
        )
        return _frame_head(frame)


def cut_giants(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return polygons cut on the fixed grid where they have more vertices than a leaf of the kernel.

    Pieces keep the row of their polygon, under its id, in the order of rows; small polygons pass as they are.
    """
    shapes = frame.geometry.to_numpy()
    if not len(shapes) or shapely.get_num_coordinates(shapes).max() <= LEAF_VERTICES:
        return frame
    cut = cut_on_grid(shapes)
    rows = frame.iloc[cut.source]
    return rows.set_geometry(gpd.GeoSeries(cut.shapes, index=rows.index, crs=frame.crs))


def open_store(path: Path) -> Study:
    """Return the study of a store, whole, as ``open_study`` returned it when the store was made.

    Raises
    ------
    Refusal
        STORE_MANIFEST, STORE_VERSION, STORE_PART.
    """
    return StoreReader(path).study()


class StoreReader:
    """Reads a store, whole or in windows; each part is compared with the manifest before it is used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = read_manifest(folder)
        head = next((part for part in self.manifest.parts if part.kind == "head"), None)
        if head is None:
            raise refusal("STORE_MANIFEST", file=folder.name, reason=_HEAD_FILE)
        self.head = HEAD.validate_json(check_part(folder, head).read_bytes())
        self.crs = pyproj.CRS.from_user_input(self.head.crs)

    def study(self) -> Study:
        """Return the whole study."""
        return self._study(None)

    def window(self, boxes: FloatArray) -> Study:
        """Return the study with those features alone whose bounding boxes meet one of some boxes.

        Giants of plans and lines of control come in the pieces that meet them.
        """
        return self._study(np.asarray(boxes, dtype=np.float64).reshape(-1, 4))

    def outline(self) -> Study:
        """Return the study without a row of its layers and tables, with all that is said of them."""
        return self._study(np.zeros((0, 4)), tables=False)

    def layer(self, role: str, boxes: FloatArray) -> Layer:
        """Return those features of one layer whose bounding boxes meet one of some boxes, each of them whole.

        Roles are those of the manifest: ``parcels``, ``plans.NAME``, ``constraints.NAME`` …
        """
        head = self.head
        one = next(
            one for one in (*head.layers, *head.plans, *head.constraints) if one.role == role
        )  # fmt: skip
        return self._layer(one, np.asarray(boxes, dtype=np.float64).reshape(-1, 4), whole=True)

    def table(self, role: str) -> Table | None:
        """Return one table; None where the study has none of that role."""
        return next((self._table(one) for one in self.head.tables if one.role == role), None)

    def parts(self, role: str) -> list[Part]:
        """Return the files that hold the features of a layer, each of them once and whole."""
        return self._parts(role, ("features", "giants"))

    def rows(self, role: str, part: Part, groups: Sequence[int]) -> gpd.GeoDataFrame:
        """Return some row groups of one file of a layer."""
        one = next(one for one in self.head.layers if one.role == role)
        frame = read_part(self.folder, part, groups=groups)
        return layer_frame(frame, one.frame.dtypes, one.frame.index, self.crs)

    def _study(self, boxes: FloatArray | None, *, tables: bool = True) -> Study:
        head = self.head
        plans, lines = {}, {}
        for one in head.plans:
            plan = SpatialPlan(layer=self._layer(one, boxes), **_fields(one.about))
            plans[plan.name] = plan
        for one in head.constraints:
            line = Constraint(layer=self._layer(one, boxes), **_fields(one.about))
            lines[line.name] = line
        return Study(
            settings=head.settings,
            crs=self.crs,
            layers={one.role: self._layer(one, boxes) for one in head.layers},
            tables={one.role: self._table(one) for one in head.tables if tables},
            plans=plans,
            constraints=lines,
            rasters={raster.name: raster for raster in head.rasters},
            rule_packs=head.rule_packs,
            problems=self._problems(),
            crs_operations=head.crs_operations,
            raw_settings=head.raw_settings,
            path=head.path,
            topology=self.topology(),
        )

    def _parts(self, role: str, kinds: Iterable[str]) -> list[Part]:
        return [part for part in self.manifest.parts if part.role == role and part.kind in kinds]

    def _layer(self, one: LayerHead, boxes: FloatArray | None, *, whole: bool = False) -> Layer:
        kinds = ("features", "giants")
        if boxes is not None and not whole and self._parts(one.role, ("pieces",)):
            kinds = ("features", "pieces")
        parts = self._parts(one.role, kinds)
        if sum(part.rows for part in self.parts(one.role)) != one.frame.rows:
            raise refusal("STORE_PART", file=self.folder.name, part=one.role, why=f"{one.frame.rows} rows")
        wanted = parts if boxes is None else [part for part in parts if part_meets(part, boxes)]
        frames = [read_part(self.folder, part, boxes) for part in wanted]
        frame = _in_order(frames) if frames else None
        if frame is None:
            return Layer(one.role, _empty(one.frame, self.crs), one.source)
        layer = layer_frame(frame, one.frame.dtypes, one.frame.index, self.crs)
        if boxes is not None:
            layer = layer[box_meets(layer.geometry, boxes)]
        return Layer(one.role, layer, one.source)

    def _table(self, one: LayerHead) -> Table:
        part = next(iter(self._parts(one.role, ("table",))))
        return Table(one.role, self._plain(part, one.frame), one.source, one.about["key"])

    def _plain(self, part: Part, head: FrameHead) -> pd.DataFrame:
        frame = read_part(self.folder, part)
        if len(frame) != head.rows:
            raise refusal("STORE_PART", file=self.folder.name, part=part.file, why=f"{len(frame)} rows")
        own = typed(frame, head.dtypes)
        own.index = ids_of(frame, head.index).astype(head.index_dtype)
        return own

    def topology(self) -> Topology:
        """Return the topology report of all layers."""
        part = next(iter(self._parts("topology", ("topology",))))
        frame = self._plain(part, self.head.topology)
        ground = gpd.GeoSeries.from_wkb(frame["ground"].map(bytes.fromhex), crs=self.crs)
        return Topology(gpd.GeoDataFrame(frame.drop(columns="ground"), geometry=ground), self.head.grounds)

    def _problems(self) -> Problems:
        problems = Problems()
        for kind, head in zip(ProblemKind, self.head.problems, strict=True):
            part = next(iter(self._parts(kind.value, ("problems",))))
            problems.restore(kind, self._plain(part, head))
        return problems


def _in_order(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return rows in the order of the layer they were taken from, pieces of one feature in theirs."""
    whole = pd.concat(frames, ignore_index=True)
    keys = [PLACE, "piece"] if "piece" in whole else [PLACE]
    return whole.sort_values(keys, kind="stable", ignore_index=True)


def _empty(head: FrameHead, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    columns = {n: pd.Series(dtype="object" if k == "geometry" else k) for n, k in head.dtypes.items()}
    frame = pd.DataFrame(columns, index=pd.Index([], dtype=head.index_dtype, name=head.index))
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=crs)


def study_window(study: Study, boxes: FloatArray) -> Study:
    """Return of an opened study what ``StoreReader.window`` returns of its store."""

    def cut(layer: Layer, *, giants: bool) -> Layer:
        frame = layer.frame[box_meets(layer.frame.geometry, boxes)]
        if giants:
            frame = cut_giants(frame)
            frame = frame[box_meets(frame.geometry, boxes)]
        return replace(layer, frame=frame)

    return replace(
        study,
        layers={role: cut(layer, giants=False) for role, layer in study.layers.items()},
        plans={n: replace(p, layer=cut(p.layer, giants=True)) for n, p in study.plans.items()},
        constraints={n: replace(c, layer=cut(c.layer, giants=True)) for n, c in study.constraints.items()},
    )
