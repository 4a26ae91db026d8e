"""Districts: whole zones that lie beside one another, and what of the parcels lies outside all zones, as tasks.

Nothing here holds a parcel: of zones their ids and boxes are known, of parcels the boxes and sizes of row groups.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from landzone.catalog.messages import refusal
from landzone.engine.land_files import kernel_versions
from landzone.geometry.quadtree import cell_codes
from landzone.io.store import StoreReader
from landzone.io.store_head import MANIFEST
from landzone.io.store_parts import check_part, digest, group_boxes
from landzone.units import FloatArray

ZONES, REST = "zones", "rest"
"""Kinds of tasks: some zones with their parcels, or what of some row groups of parcels lies in no zone."""

HEAD, ZONE_LIST, GROUP_LIST, PARTS = "run.json", "zones.parquet", "groups.parquet", "parts"
BOX = ["west", "south", "east", "north"]


@dataclass(frozen=True)
class Caps:
    """Most zones, parcels and vertices of parcels of a district (a district has at least one zone).

    ``groups``: row groups of parcels that are looked through together for those outside all zones.
    No figure depends on them.
    """

    zones: int = 1 << 30
    parcels: int = 40_000
    vertices: int = 2_000_000
    groups: int = 10


@dataclass(frozen=True)
class District:
    """A task: places ``start`` to ``stop`` in the list of zones or of row groups, of a store."""

    folder: str
    store: str
    kind: str
    start: int
    stop: int

    @property
    def name(self) -> str:
        """Return the name of the partition and of its folder."""
        return f"{self.kind}-{self.start:08d}-{self.stop:08d}"

    @property
    def rows(self) -> int:
        """Return the number of zones or row groups."""
        return self.stop - self.start

    @property
    def path(self) -> Path:
        """Return where the finished part lies."""
        return Path(self.folder) / PARTS / self.name

    def spec(self) -> dict[str, Any]:
        """Return the task in values of JSON."""
        return asdict(self)

    def quartered(self) -> list[District]:
        """Return the task in up to four."""
        edges = np.unique(np.linspace(self.start, self.stop, min(4, self.rows) + 1).astype(int)).tolist()
        return [District(self.folder, self.store, self.kind, a, b) for a, b in itertools.pairwise(edges)]

    def _head(self) -> dict[str, Any]:
        return {"key": Path(self.folder).name, "kind": self.kind, "start": self.start, "stop": self.stop}

    def said(self) -> dict[str, Any] | None:
        """Return what the finished part says of itself; None where there is none, or one changed or of another run."""
        try:
            found: dict[str, Any] = json.loads((self.path / HEAD).read_bytes())
            if found.get("task") != self._head():
                return None
            same = all(digest(self.table(name)) == sha for name, sha in found["sha256"].items())
        except (OSError, ValueError):
            return None
        return found if same else None

    def is_done(self) -> bool:
        """Tell whether the finished part is there, whole, of this run and of these zones."""
        return self.said() is not None

    def keep(self, tables: Mapping[str, Any], sums: Mapping[str, Any]) -> None:
        """Write the finished part under a name of its own and rename it, so that nobody ever sees half of it.

        Two workers may be at work on one task, where a cluster took one of them for lost: the first part stays.
        """
        fresh = self.path.with_name(f"{self.name}.{uuid.uuid4().hex}.part")
        fresh.mkdir(parents=True)
        try:
            hashes = {name: _written(frame, fresh / f"{name}.parquet") for name, frame in tables.items()}
            head = {"task": self._head(), "sums": sums, "sha256": hashes}
            (fresh / HEAD).write_text(json.dumps(head, sort_keys=True), "utf-8")
            if not self.is_done():
                shutil.rmtree(self.path, ignore_errors=True)
                fresh.rename(self.path)
        except OSError:
            if not self.is_done():
                raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def kept(self) -> dict[str, Any]:
        """Return what the finished part says of itself.

        Raises
        ------
        Refusal
            TASK_MISSING where there is none, one of another run, or one that was changed.
        """
        said = self.said()
        if said is None:
            raise refusal("TASK_MISSING", file=self.name)
        return said

    def table(self, name: str) -> Path:
        """Return the file of one table."""
        return self.path / f"{name}.parquet"


def _written(frame: Any, path: Path) -> str:
    """Write a table and return the SHA-256 of its file."""
    if "geometry" in frame:
        frame.to_parquet(path, index=False, schema_version="1.1.0", write_covering_bbox=True)
    else:
        frame.to_parquet(path, index=False)
    return digest(path)


@dataclass(frozen=True)
class Plot:
    """Where the work lies: zones in the order of their cells, then ids; row groups of parcels as they are stored."""

    zones: pd.DataFrame
    groups: pd.DataFrame

    def boxes(self, kind: str, start: int, stop: int) -> FloatArray:
        """Return the boxes of some zones or row groups."""
        frame = self.zones if kind == ZONES else self.groups
        boxes: FloatArray = frame[BOX].iloc[start:stop].to_numpy(dtype=np.float64)
        return boxes


def plot_of(reader: StoreReader) -> Plot:
    """Read of a store what districts are made from, file after file."""
    tables = [_zones_of(reader, number) for number in range(len(reader.parts(ZONES)))]
    zones = pd.concat(tables) if tables else _zone_frame(pd.Index([], dtype="str"), np.zeros((0, 4)))
    zones = zones.sort_values(["cell", "zone_id"], kind="stable", ignore_index=True)
    rows = []
    for number, part in enumerate(reader.parts("parcels")):
        check_part(reader.folder, part)
        mean = part.vertices / max(part.rows, 1)
        for group, (count, box) in enumerate(group_boxes(reader.folder, part)):
            rows.append((number, group, count, count * mean, *box))
    groups = pd.DataFrame(rows, columns=["part", "group", "rows", "vertices", *BOX])
    about = [_within(groups, box) for box in zones[BOX].to_numpy(dtype=np.float64)]
    counts = np.array(about, dtype=np.float64).reshape(-1, 2)
    return Plot(zones.assign(parcels=counts[:, 0], vertices=counts[:, 1]), groups)


def _zones_of(reader: StoreReader, number: int) -> pd.DataFrame:
    part = reader.parts(ZONES)[number]
    frame = reader.rows(ZONES, part, range(len(group_boxes(reader.folder, part))))
    return _zone_frame(frame.index, shapely.bounds(frame.geometry.to_numpy()).reshape(-1, 4))


def _zone_frame(ids: pd.Index, bounds: FloatArray) -> pd.DataFrame:
    columns = dict(zip(BOX, bounds.T, strict=True))
    return pd.DataFrame({"zone_id": ids.astype("str"), "cell": cell_codes(bounds), **columns})


def _within(groups: pd.DataFrame, box: FloatArray) -> tuple[float, float]:
    """Return about how many parcels, and vertices of parcels, a box holds: row groups by the share of their boxes."""
    own = groups[BOX].to_numpy(dtype=np.float64).reshape(-1, 4)
    low, high = np.maximum(own[:, :2], box[:2]), np.minimum(own[:, 2:], box[2:])
    size = np.maximum((own[:, 2:] - own[:, :2]).prod(axis=1), 1e-9)
    share = np.clip(high - low, 0, None).prod(axis=1) / size
    return float(groups["rows"] @ share), float(groups["vertices"] @ share)


def districts(folder: Path, store: Path, plot: Plot, caps: Caps) -> list[District]:
    """Cut the zones into districts and the row groups into ranges, in the order of their places."""
    found = [District(str(folder), str(store), ZONES, a, b) for a, b in _cuts(plot.zones, caps)]
    part = plot.groups["part"].to_numpy()
    edges = np.flatnonzero(np.r_[True, part[1:] != part[:-1]]).tolist() if len(part) else []
    for first, last in itertools.pairwise([*edges, len(part)]):
        starts = [*range(first, last, caps.groups), last]
        found += [District(str(folder), str(store), REST, a, b) for a, b in itertools.pairwise(starts)]
    return found


def _cuts(zones: pd.DataFrame, caps: Caps) -> list[tuple[int, int]]:
    cuts, start, parcels, vertices = [], 0, 0.0, 0.0
    for place, (more, weight) in enumerate(zip(zones["parcels"], zones["vertices"], strict=True)):
        full = (
            parcels + more > caps.parcels or vertices + weight > caps.vertices or place - start >= caps.zones
        )
        if place > start and full:
            cuts.append((start, place))
            start, parcels, vertices = place, 0.0, 0.0
        parcels, vertices = parcels + more, vertices + weight
    return [*cuts, (start, len(zones))] if len(zones) else []


def open_run(folder: Path, store: Path, plot: Plot, terms: Mapping[str, Any]) -> Path:
    """Make the folder of a run below ``folder``, named by all that its figures depend on; finished parts stay."""
    about = {"store": digest(store / MANIFEST), "versions": kernel_versions(), **terms}
    said = json.dumps(about, sort_keys=True).encode()
    own = folder / hashlib.sha256(said).hexdigest()[:32]
    (own / PARTS).mkdir(parents=True, exist_ok=True)
    for other in folder.iterdir():
        if other != own:
            shutil.rmtree(other, ignore_errors=True)
    plot.zones.to_parquet(own / ZONE_LIST, index=False)
    plot.groups.to_parquet(own / GROUP_LIST, index=False)
    (own / HEAD).write_bytes(said)
    return own


@lru_cache(maxsize=2)
def read_run(folder: Path) -> tuple[dict[str, Any], Plot]:
    """Return what the folder of a run says.

    Raises
    ------
    Refusal
        TASK_FILES where the name of the folder is not the key of what its head says.
    """
    said = (folder / HEAD).read_bytes()
    key = hashlib.sha256(said).hexdigest()[:32]
    if key != folder.name:
        raise refusal("TASK_FILES", file=str(folder), key=key)
    plot = Plot(pd.read_parquet(folder / ZONE_LIST), pd.read_parquet(folder / GROUP_LIST))
    return json.loads(said), plot
