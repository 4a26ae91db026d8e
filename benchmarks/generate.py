"""Generated land: parcels, buildings and plans of a stated size and seed, written as GeoParquet.

Parcels
    ``lattice``: a jittered lattice, 12 vertices each, neighbours share their edges bit for bit.
    ``split``: rectangles split again and again, turned by 7 degrees; neighbours meet in T-junctions, one in fifty is
    drawn 5 cm too small (gaps) and one in fifty 5 cm too large (overlaps).
Buildings
    One a parcel; one in ten is moved onto the building of its neighbour.
Plans
    Coverages with fractal borders in six classes, one multipolygon a class. ``plan_1`` … ``plan_5`` are drawn from one
    another: 70 % of the edges are the same line with up to 0.4 m of noise, the others are drawn anew. ``classes`` is
    one plan with more vertices, for areas by class. Plans reach past the parcels on every side; from ``plan_2`` on
    three cells in a hundred are left open.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

CRS = pyproj.CRS(4547)
ORIGIN = np.array([480_000.0, 3_650_000.0])
PARCEL_M = (60.0, 40.0)
CELL_M = 440.0
MARGIN_M = 130.0
NOISE_M = 0.4
SHARED = 0.7
CODES = ("010", "020", "021", "030", "040", "050")
WEIGHTS = (0.42, 0.18, 0.14, 0.12, 0.08, 0.06)
SIZES = {"1k": 1_000, "10k": 10_000, "100k": 100_000, "1m": 1_000_000, "10m": 10_000_000}
SEGMENTS = {
    "classes": {"1k": 256, "10k": 512, "100k": 128, "1m": 32},
    "plans": {"1k": 64, "10k": 128, "100k": 32, "1m": 16},
}

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]


def extent(count: int) -> tuple[int, float, float]:
    """Return the parcels along one side and the width and height of the ground they fill."""
    side = round(np.sqrt(count))
    return side, side * PARCEL_M[0], side * PARCEL_M[1]


def lattice(count: int, seed: int = 1) -> Shapes:
    """Return parcels of 12 corners in a jittered lattice."""
    side, _, _ = extent(count)
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(side + 1) * PARCEL_M[0], np.arange(side + 1) * PARCEL_M[1], indexing="ij")
    corner = np.stack([x + rng.uniform(-8, 8, x.shape), y + rng.uniform(-6, 6, y.shape)], axis=-1)
    across = rng.uniform(-3, 3, (side, side + 1, 2, 2))
    along = rng.uniform(-3, 3, (side + 1, side, 2, 2))
    i, j = (part.ravel() for part in np.meshgrid(np.arange(side), np.arange(side), indexing="ij"))

    def flat(i: NDArray[np.int64], j: NDArray[np.int64], step: int) -> Floats:
        a, b = corner[i, j], corner[i + 1, j]
        return np.asarray(a + (b - a) * (step + 1) / 3 + across[i, j, step])

    def tall(i: NDArray[np.int64], j: NDArray[np.int64], step: int) -> Floats:
        a, b = corner[i, j], corner[i, j + 1]
        return np.asarray(a + (b - a) * (step + 1) / 3 + along[i, j, step])

    ring = [
        corner[i, j], flat(i, j, 0), flat(i, j, 1), corner[i + 1, j], tall(i + 1, j, 0), tall(i + 1, j, 1),
        corner[i + 1, j + 1], flat(i, j + 1, 1), flat(i, j + 1, 0), corner[i, j + 1], tall(i, j, 1), tall(i, j, 0),
        corner[i, j],
    ]  # fmt: skip
    return np.asarray(shapely.polygons(np.round(np.stack(ring, axis=1) + ORIGIN, 3)), dtype=object)


def split(count: int, seed: int = 1) -> Shapes:
    """Return about ``count`` parcels from rectangles split again and again."""
    _, wide, high = extent(count)
    rng = np.random.default_rng(seed)
    boxes = np.array([[0.0, 0.0, wide, high]])
    while len(boxes) < count:
        across = (boxes[:, 2] - boxes[:, 0]) > (boxes[:, 3] - boxes[:, 1])
        share = rng.uniform(0.35, 0.65, len(boxes))
        low, up = boxes.copy(), boxes.copy()
        for axis, rows in ((0, across), (1, ~across)):
            cut = boxes[rows, axis] + share[rows] * (boxes[rows, axis + 2] - boxes[rows, axis])
            low[rows, axis + 2] = up[rows, axis] = cut
        boxes = np.concatenate([low, up])
    drawn = rng.uniform(size=len(boxes))
    grow = np.where(drawn < 0.02, -0.05, np.where(drawn > 0.98, 0.05, 0.0))[:, None]
    boxes = boxes + grow * np.array([-1.0, -1.0, 1.0, 1.0])
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3, 0, 1]].reshape(-1, 5, 2)
    turn = np.deg2rad(7.0)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    middle = np.array([wide, high]) / 2
    return np.asarray(shapely.polygons((corners - middle) @ matrix + middle + ORIGIN), dtype=object)


def buildings(parcels: Shapes, seed: int = 2) -> Shapes:
    """Return one turned rectangle a parcel; one in ten lies on the building of the next parcel."""
    rng = np.random.default_rng(seed)
    count = len(parcels)
    centre = shapely.get_coordinates(shapely.centroid(parcels))
    moved = rng.uniform(size=count) < 0.1
    target = np.minimum(np.arange(count) + 1, count - 1)
    centre = np.where(moved[:, None], centre[target] + rng.uniform(-6, 6, (count, 2)), centre)
    half = rng.uniform([6.0, 4.0], [20.0, 12.0], (count, 2))
    angle = rng.uniform(-0.3, 0.3, count)
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]], dtype=np.float64)
    local = signs[None] * half[:, None]
    turned = np.stack(
        [
            local[..., 0] * np.cos(angle)[:, None] - local[..., 1] * np.sin(angle)[:, None],
            local[..., 0] * np.sin(angle)[:, None] + local[..., 1] * np.cos(angle)[:, None],
        ],
        axis=-1,
    )
    return np.asarray(shapely.polygons(np.round(turned + centre[:, None], 3)), dtype=object)


def _fractal(rng: np.random.Generator, edges: int, segments: int) -> Floats:
    """Return offsets of fractal lines (midpoint displacement), as shares of the chord, 0 at both ends."""
    offset = np.zeros((edges, 2))
    spread = 0.16
    while offset.shape[1] <= segments:
        finer = np.zeros((edges, 2 * offset.shape[1] - 1))
        finer[:, ::2] = offset
        finer[:, 1::2] = (offset[:, 1:] + offset[:, :-1]) / 2 + rng.uniform(
            -spread, spread, (edges, offset.shape[1] - 1)
        )
        offset, spread = finer, spread / 2
    t = np.linspace(0, 1, segments + 1)
    reach = 0.45 * np.minimum(t, 1 - t)
    return np.clip(offset, -reach, reach)


def plan_cells(count: int, segments: int, number: int, seed: int = 3) -> Shapes:
    """Return the cells of a plan: a coverage with fractal borders, drawn from the lines that all plans share."""
    _, wide, high = extent(count)
    nx, ny = (max(2, round((side + 2 * MARGIN_M) / CELL_M)) for side in (wide, high))
    common, own = np.random.default_rng(seed), np.random.default_rng([seed, number])
    x, y = np.meshgrid(
        np.linspace(-MARGIN_M, wide + MARGIN_M, nx + 1), np.linspace(-MARGIN_M, high + MARGIN_M, ny + 1),
        indexing="ij",
    )  # fmt: skip
    node = np.stack([x, y], axis=-1)
    node[1:-1, 1:-1] += common.uniform(-0.08, 0.08, (nx - 1, ny - 1, 2)) * CELL_M
    t = np.linspace(0, 1, segments + 1)[:, None]

    def lines(a: Floats, b: Floats, outer: NDArray[np.bool_]) -> Floats:
        shape = a.shape[:-1]
        edges = int(np.prod(shape))
        base, fresh = _fractal(common, edges, segments), _fractal(own, edges, segments)
        shared = own.uniform(size=edges) < SHARED
        offset = np.where(shared[:, None], base, fresh).reshape(*shape, segments + 1, 1)
        chord = (b - a)[..., None, :]
        normal = np.stack([-chord[..., 1], chord[..., 0]], axis=-1)
        noise = (
            own.uniform(-NOISE_M, NOISE_M, (*shape, segments + 1, 2))
            / np.sqrt(2)
            * np.minimum(1, 8 * t * (1 - t))
        )
        line = a[..., None, :] + chord * t + normal * offset + (noise if number > 1 else 0.0)
        straight = a[..., None, :] + chord * t
        return np.where(outer[..., None, None], straight, line)

    rows, columns = np.arange(ny + 1), np.arange(nx + 1)
    flat = lines(node[:-1], node[1:], np.broadcast_to((rows == 0) | (rows == ny), (nx, ny + 1)))
    tall = lines(
        node[:, :-1], node[:, 1:], np.broadcast_to(((columns == 0) | (columns == nx))[:, None], (nx + 1, ny))
    )
    ring = np.concatenate(
        [flat[:, :-1, :-1], tall[1:, :, :-1], flat[:, 1:, :0:-1], tall[:-1, :, ::-1]], axis=2
    )
    ring = np.round(ring.reshape(nx * ny, -1, 2) + ORIGIN, 3)
    return np.asarray(shapely.polygons(ring), dtype=object)


def plan(count: int, segments: int, number: int, seed: int = 3) -> gpd.GeoDataFrame:
    """Return a plan with one multipolygon a class."""
    cells = plan_cells(count, segments, number, seed)
    common, own = np.random.default_rng([seed, 99]), np.random.default_rng([seed, 100 + number])
    code = common.choice(len(CODES), len(cells), p=WEIGHTS)
    again = own.uniform(size=len(cells)) < 0.15
    code = np.where(again & (number > 1), own.choice(len(CODES), len(cells), p=WEIGHTS), code)
    open_cell = (own.uniform(size=len(cells)) < 0.03) & (number > 1)
    shapes = [shapely.coverage_union_all(cells[(code == k) & ~open_cell]) for k in range(len(CODES))]
    frame = gpd.GeoDataFrame({"code": list(CODES)}, geometry=shapes, crs=CRS)
    return frame[~frame.geometry.is_empty].reset_index(drop=True)


@cache
def folder_for(size: str, seed: int, root: Path) -> Path:
    """Return the folder with the generated files of a size, written at the first call."""
    folder = root / f"landzone-bench-{size}-{seed}"
    done = folder / "made.json"
    if done.exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    count = SIZES[size]
    vertices = {}

    def write(name: str, frame: gpd.GeoDataFrame) -> None:
        frame.to_parquet(folder / f"{name}.parquet", write_covering_bbox=True, compression="zstd")
        vertices[name] = (len(frame), int(shapely.get_num_coordinates(frame.geometry.to_numpy()).sum()))

    for name, shapes in (("parcels", lattice(count, seed)), ("split", split(count, seed))):
        ids = np.char.mod("4117990010%09d", np.arange(len(shapes)))
        write(name, gpd.GeoDataFrame({"parcel_id": ids}, geometry=shapes, crs=CRS))
        if name == "parcels":
            built = buildings(shapes, seed + 1)
            ids = np.char.mod("B%09d", np.arange(len(built)))
            write("buildings", gpd.GeoDataFrame({"building_id": ids}, geometry=built, crs=CRS))
    write("classes", plan(count, SEGMENTS["classes"][size], 1, seed + 2))
    for number in range(1, 6):
        write(f"plan_{number}", plan(count, SEGMENTS["plans"][size], number, seed + 2))
    done.write_text(json.dumps(vertices))
    return folder
