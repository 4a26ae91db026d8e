"""What has to hold before a ratio means anything: parts and wholes, agreement with GEOS, the same bytes."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from generate import CRS, folder_for

from landzone.geometry.area import AreaMeasure
from landzone.geometry.dissolve import dissolve_connected
from landzone.geometry.faces import faces
from landzone.geometry.pairs import Overlaps, shared_ground
from landzone.model.study import AreaKind

CHUNKS = (1, 7, 64)
WORKERS = (1, 2)


def same_areas(results: dict[str, Path], keys: Sequence[str], own: str = "landzone") -> str:
    """Compare the tables of all contenders with landzone's: rows, and the largest difference in square metres."""
    if own not in results:
        return ""
    ours = pd.read_parquet(results[own]).set_index(list(keys))["m2"]
    lines = []
    for name, path in results.items():
        if name == own:
            continue
        theirs = pd.read_parquet(path).set_index(list(keys))["m2"]
        both = pd.concat([ours, theirs], axis=1, keys=["ours", "theirs"]).fillna(0.0)
        most = float((both["ours"] - both["theirs"]).abs().max())
        lines.append(
            f"{name}: {len(theirs)} rows (landzone {len(ours)}), largest difference {most:.1e} m², "
            f"in all {theirs.sum() - ours.sum():+.1e} m² of {ours.sum():.6e}"
        )
    return "\n".join(lines)


def overlay(options: argparse.Namespace, name: str) -> str:
    """Hold the kernel against parts and wholes, GEOS pair by pair, chunks and workers; local origin, no rounding."""
    folder = folder_for(options.size, options.seed, options.folder)
    parcels = _local(gpd.read_parquet(folder / f"{name}.parquet"))
    classes = _local(gpd.read_parquet(folder / "classes.parquet"))
    measure = AreaMeasure(CRS, AreaKind.PLANAR)
    found = shared_ground(parcels, classes, measure)
    whole = measure.m2(parcels)
    lines = [
        _closes(parcels, classes, found, whole, measure),
        _against_geos(parcels, classes, found, whole),
    ]
    prints = {
        (chunks, workers): _print(parcels, classes, measure, chunks, workers)
        for chunks in CHUNKS
        for workers in WORKERS
    }
    same = "the same bytes" if len(set(prints.values())) == 1 else "DIFFERENT BYTES"
    lines.append(f"{same} for {CHUNKS} chunks and {WORKERS} workers: {next(iter(prints.values()))[:16]}")
    return "\n".join(lines)


def _closes(
    parcels: np.ndarray, classes: np.ndarray, found: Overlaps, whole: np.ndarray, measure: AreaMeasure
) -> str:
    """Hold the parts against the whole; pairs of less than half a unit (5e-5 m²) are no overlap, so they are added."""
    parts = np.bincount(found.left, weights=found.m2, minlength=len(parcels))
    open_ = np.flatnonzero(np.abs(parts - whole) > 1e-12 * whole)
    left, right = shapely.STRtree(classes).query(parcels[open_])
    known = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    new = np.array(
        [(p, c) not in known for p, c in zip(open_[left].tolist(), right.tolist(), strict=True)], bool
    )
    small = (
        measure.m2(shapely.intersection(parcels[open_[left[new]]], classes[right[new]]))
        if new.any()
        else whole[:0]
    )
    parts += np.bincount(open_[left[new]], weights=small, minlength=len(parcels))
    gap = np.abs(parts - whole) / whole
    most = small.max() if len(small) else 0.0
    return (
        f"parts minus whole, relative to the parcel: {gap.max():.1e} (bar 1e-9), with the pieces of less than half a "
        f"unit that are left out: {int((small > 0).sum())}, {most:.1e} m² at most"
    )


def _local(frame: gpd.GeoDataFrame) -> np.ndarray:
    shapes = frame.geometry.to_numpy()
    return np.asarray(
        shapely.transform(shapes, lambda xy: xy - np.array([480_000.0, 3_650_000.0])), dtype=object
    )


def _against_geos(parcels: np.ndarray, classes: np.ndarray, found: Overlaps, whole: np.ndarray) -> str:
    """Intersect up to 2,000 pairs whole by whole, without tiles and without a test before."""
    chosen = np.random.default_rng(0).permutation(len(found.left))[:2_000]
    partly = np.flatnonzero(found.m2 < whole[found.left] * (1 - 1e-12))
    chosen = np.unique(np.concatenate([chosen, np.random.default_rng(1).permutation(partly)[:2_000]]))
    left, right = found.left[chosen], found.right[chosen]
    cut = shapely.intersection(parcels[left], classes[right])
    theirs = AreaMeasure(CRS, AreaKind.PLANAR).m2(cut)
    off = np.abs(theirs - found.m2[chosen])
    large = theirs > 1.0
    return (
        f"difference to GEOS over {len(chosen)} pairs: {(off / whole[left]).max():.1e} of the parcel, "
        f"{(off[large] / theirs[large]).max():.1e} of the pair where it has more than 1 m² (bar 1e-9)"
    )


def _print(parcels: np.ndarray, classes: np.ndarray, measure: AreaMeasure, chunks: int, workers: int) -> str:
    digest = hashlib.sha256()
    columns: list[tuple[np.ndarray, ...]] = []
    for rows in np.array_split(np.arange(len(parcels)), chunks):
        found = shared_ground(parcels[rows], classes, measure, threads=workers)
        columns.append((found.left + rows[0], found.right, found.units(), found.m2))
    for parts in zip(*columns, strict=True):
        digest.update(np.concatenate(parts).tobytes())
    return digest.hexdigest()


def patches(plans: dict[str, gpd.GeoDataFrame], zone: gpd.GeoSeries) -> str:
    """Overlay the plans with other cells and other orders of rows and plans: the same connected places, to the byte."""
    layers = [(frame.geometry.to_numpy(), np.arange(len(frame))) for frame in plans.values()]
    prints, ground = set(), None
    for most_edges, seed in ((12, None), (4, 1), (48, 2)):
        rng = np.random.default_rng(seed)
        order = np.arange(len(layers)) if seed is None else rng.permutation(len(layers))
        rows = [np.arange(len(label)) if seed is None else rng.permutation(len(label)) for _, label in layers]
        given = [(layers[place][0][rows[place]], layers[place][1][rows[place]]) for place in order]
        cut = faces(given, zone.to_numpy(), most_edges=most_edges)
        ground = dissolve_connected(cut, np.column_stack([cut.within, cut.labels[:, np.argsort(order)]]))
        found = b"".join(shapely.to_wkb(ground.shapes)) + ground.labels.tobytes() + ground.border_m.tobytes()
        prints.add(hashlib.sha256(found).hexdigest())
    area = float(shapely.area(ground.shapes).sum()) / float(zone.area.sum()) - 1
    same = "the same bytes" if len(prints) == 1 else "DIFFERENT BYTES"
    return (
        f"{same} for cells of 4, 12 and 48 edges and three orders of rows and plans ({len(ground.shapes)} places); "
        f"places minus zone {area:+.1e} relative"
    )
