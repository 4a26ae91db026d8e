"""Parcels under five plans: shares of every class of every plan, and the difference patches. No peer does both.

python benchmarks/shares.py --size 100k
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import patches
from harness import Entry, arguments, compete


def _spatial(folder: Path) -> list:
    from landzone.model.layer import InputRecord, Layer, SpatialPlan

    plans = []
    for number in range(1, 6):
        name = f"plan_{number}"
        frame = gpd.read_parquet(folder / f"{name}.parquet", columns=["code", "geometry"])
        frame = frame.assign(common=frame["code"].map(patches.COMMON), sector="", class_name="")
        plans.append(SpatialPlan(name, Layer(f"plans.{name}", frame, InputRecord(f"plans.{name}", ""))))
    return plans


def landzone(folder: Path) -> pd.DataFrame:
    from landzone.alignment.pair_table import AlignmentTypes
    from landzone.alignment.patches import align_plans
    from landzone.alignment.shares import plan_shares
    from landzone.catalog import load
    from landzone.geometry.area import AreaMeasure
    from landzone.model.study import AlignmentSettings

    parcels = gpd.read_parquet(folder / "parcels.parquet", columns=["parcel_id", "geometry"])
    parcels = parcels.set_index("parcel_id").geometry
    zone = patches.zone(folder.name.split("-")[2])
    plans, measure = _spatial(folder), AreaMeasure(parcels.crs)
    shares = plan_shares(parcels, plans, measure, threads=2)
    types = AlignmentTypes.read(load.table("alignment_types.toml"))
    found = align_plans(zone, plans, measure, AlignmentSettings(), types, threads=2)
    print(f"{len(shares)} shares, {len(found.patches)} patches")
    return shares


ENTRIES = [
    Entry(
        "landzone", landzone, ("landzone.alignment.patches", "landzone.alignment.shares", "pyarrow.parquet")
    )
]


def main() -> None:
    options = arguments(__doc__, default="100k").parse_args()
    results = compete(ENTRIES, options)
    print(f"{len(pd.read_parquet(results['landzone']))} shares of parcels")


if __name__ == "__main__":
    main()
