"""Land on which tasks are tried: parcels in a lattice, footprints that overlap, plans, a line of control."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely

from landzone.alignment.ground import PlanGround
from landzone.alignment.pair_table import PlaceClass
from landzone.engine.kernel import Land, Terms
from landzone.geometry.area import AreaMeasure
from landzone.geometry.overlay import OverlapReport
from landzone.io.shape_parts import Placed, placed

sys.path.insert(0, str(Path(__file__).parent))  # processes of a pool find ``engine_jobs`` by it

X, Y = 38_500_000.0, 3_650_000.0
CLASSES = (PlaceClass("010", "C", "M", (("C", "M"),)), PlaceClass("030", "N", "", (("N", ""),)))


def turned(shapes: np.ndarray, degrees: float) -> np.ndarray:
    """Turn shapes, so that no edge is straight along an axis."""
    turn = np.deg2rad(degrees)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return shapely.transform(shapes, lambda xy: xy @ matrix + (X, Y))


def cells(count: int, side: float, degrees: float) -> np.ndarray:
    i, j = (part.ravel() for part in np.meshgrid(np.arange(count), np.arange(count), indexing="ij"))
    return turned(shapely.box(i * side, j * side, (i + 1) * side, (j + 1) * side), degrees)


def plan(name: str, shapes: np.ndarray) -> PlanGround:
    none, nothing = np.zeros(0, np.int64), np.zeros(0, dtype=object)
    report = OverlapReport(none, none, np.zeros(0), nothing, nothing)
    return PlanGround(name, shapes, np.arange(len(shapes)) % 2, CLASSES, report, none, none)


@pytest.fixture(scope="session")
def land() -> Land:
    """256 parcels of 20 × 20 m; of four neighbouring footprints two overlap, across a border of parcels."""
    rng = np.random.default_rng(4)
    corner = rng.uniform(0, 300, (300, 2))
    size = rng.uniform(4, 15, (300, 2))
    sheds = turned(shapely.box(*corner.T, *(corner + size).T), 3)
    order = rng.permutation(256)
    sets = {
        "zones": placed(cells(2, 150, 3)),
        "buildings": Placed(sheds, np.arange(0, 600, 2), np.zeros(300, np.int64)),
        "line:farmland": placed(np.array([shapely.Point(X + 100, Y + 120).buffer(90)])),
    }
    plans = [plan("a", cells(9, 37, 3)), plan("b", cells(6, 55, 3.01))]
    return Land(placed(cells(16, 20, 3)[order]), sets, plans, [f"P{n:03d}" for n in range(256)])


@pytest.fixture(scope="session")
def terms() -> Terms:
    return Terms(AreaMeasure(pyproj.CRS(4526)), 6.0)
