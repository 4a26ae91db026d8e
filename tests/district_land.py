"""Land on which districts are tried, and its tables.

The land (metres from the corner of ``conform_study``): zones Z1 … Z4 are squares of 100 m side by side from x 0, Z5 is
a square at x 1000, Z6 one at x 5000 with nothing on it. Parcels, with their ground in each zone:

A  10…60 × 10…60       Z1 2500                    C  190…210 × 50…100    Z2 500, Z3 500: a tie, to Z2
B  80…130 × 0…50       Z1 1000, Z2 1500: Z2       D  250…350 × -50…50    Z3 2500, Z4 2500, none 5000: Z3
G  59…75 × 10…60       Z1 800, 50 of it A's too   E  500…550 × 0…50      none
H  1010…1050 × 10…50   Z5 1600                    F  -60…0 × 0…50        touches Z1, shares nothing: none
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely

import landzone as lz
from conform_study import box, write_study
from landzone import pipeline, tabulating
from landzone.engine.district_tasks import Caps

DAY = date(2014, 6, 30)
SQUARES = {"Z1": (0, 0, 100, 100), "Z2": (100, 0, 200, 100), "Z3": (200, 0, 300, 100), "Z4": (300, 0, 400, 100),
           "Z5": (1000, 0, 1100, 100), "Z6": (5000, 0, 5100, 100)}  # fmt: skip
PARCELS = {"A": (10, 10, 60, 60), "B": (80, 0, 130, 50), "C": (190, 50, 210, 100), "D": (250, -50, 350, 50),
           "E": (500, 0, 550, 50), "F": (-60, 0, 0, 50), "G": (59, 10, 75, 60), "H": (1010, 10, 1050, 50)}  # fmt: skip
BUILDINGS = {"K1": (20, 20, 40, 40), "K2": (95, 10, 105, 20), "K3": (50, 50, 70, 58), "K4": (510, 10, 530, 30),
             "K5": (295, 20, 305, 40)}  # fmt: skip
MORE = """
[layers.buildings]
source = "buildings.geojson"
[topology.overlap_limit_ratio]
parcels = 0.5
"""


def ragged(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    """Return a box with 600 teeth along its upper side: a giant, which a store keeps in pieces as well."""
    x = np.linspace(x1, x0, 1201)
    y = y1 + np.where(np.arange(1201) % 2, 0.3, 0.0)
    ring = np.array([(x0, y0), (x1, y0), *zip(x, y, strict=True)])
    return shapely.transform(
        shapely.Polygon(ring), lambda xy: xy + shapely.get_coordinates(box(0, 0, 1, 1))[3]
    )


def write_store(folder: Path) -> Path:
    """Write the study and the store of it below a folder; return the store."""
    path = write_study(
        folder / "study",
        zones=[({"zone_id": name}, at) for name, at in SQUARES.items()],
        parcels=[({"parcel_id": name}, at) for name, at in PARCELS.items()],
        buildings=[({"building_id": name, "floors": 2}, at) for name, at in BUILDINGS.items()],
        land_use_plan=[
            ({"GZQLXDM": "010"}, ragged(-100, -100, 150, 55)),
            ({"GZQLXDM": "030"}, (140, -100, 320, 400)),
            ({"GZQLXDM": "020"}, (320, -100, 1200, 60)),
        ],
        city_plan=[({"YDDM": "M1"}, (-100, -100, 2000, 80)), ({"YDDM": "R2"}, (-100, 80, 2000, 400))],
        present_use=[({"DLBM": "0601"}, (50, 0, 260, 30)), ({"DLBM": "0101"}, (260, 0, 1100, 90))],
        permanent_farmland=[({"id": "1"}, (90, 20, 110, 30)), ({"id": "2"}, (240, -20, 560, 5))],
        urban_boundary=[({"id": "1"}, (-100, -100, 295, 400))],
    )
    path.write_text(path.read_text("utf-8") + MORE, "utf-8")
    return pipeline.prepare(lz.open_study(path), folder / "store")


def tables(store: Path, out: Path, caps: Caps | None = None, workers: int = 1, **way: Any) -> Path:
    """Write the tables of the store; return the folder of the result."""
    return tabulating.tabulate(store, out, DAY, workers=workers, caps=caps, **way).folder


def contents(out: Path) -> dict[str, bytes]:
    """Return the bytes of all tables by name."""
    return {
        p.relative_to(out).as_posix(): p.read_bytes() for p in sorted((out / "tables").rglob("*.parquet"))
    }
