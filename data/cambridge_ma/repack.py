"""Repacks the city's published files into this folder: fewer columns, eight decimals, nothing else changed.

Left out on purpose: street addresses and book pages of the assessment table, editor names of the layers.
The parcels stay byte for byte as published (TopoJSON without a coordinate system).

Usage: python repack.py FOLDER_WITH_THE_PUBLISHED_FILES
"""

from __future__ import annotations

import csv
import json
import shutil
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LAYERS = {
    "CDD_ZoningDistricts": ["ZCODE", "ZONE_TYPE"],
    "CDD_ZoningOverlayDistricts": ["Name", "Type", "Article", "OVERLAP"],
    "FEMA_FloodPlains100Year": ["fld_ar_id", "fld_zone"],
    "FEMA_FloodPlains500Year": ["fld_ar_id", "fld_zone"],
    "FEMA_FloodPlainParcels100Year": ["ML", "LOC_ID"],
    "HISTORICAL_HistoricDistricts": ["NAME"],
    "HISTORICAL_NhoodConservationDist": ["NAME"],
    "BOUNDARY_CDDNeighborhoods": ["N_HOOD", "NAME"],
}
TAX = [
    "Record", "ML", "UseCode", "UseDescription", "LandArea", "TotalAppraisedLandValue", "TotalAppraisedImprovements",
    "GrossArea", "AYBYrBuilt", "BldgStories",
]  # fmt: skip


def rounded(value: Any) -> Any:
    """Round every number of a coordinate list to eight decimals, about a millimetre."""
    return [rounded(v) for v in value] if isinstance(value, list) else round(value, 8)


def repack_layer(source: Path, target: Path, columns: list[str]) -> None:
    """Write one GeoJSON layer with the columns named and coordinates of eight decimals."""
    collection = json.loads(source.read_text("utf-8"))
    for feature in collection["features"]:
        feature["properties"] = {name: feature["properties"].get(name) for name in columns}
        if feature["geometry"]:
            feature["geometry"]["coordinates"] = rounded(feature["geometry"]["coordinates"])
    target.write_text(json.dumps(collection, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


def repack_tax(source: Path, target: Path) -> None:
    """Write the assessment table without addresses; cells are copied as they are.

    Units of one building differ by their address alone, so each row gets ``Record``, its number in the published
    table; rows that are the same there in every cell keep one number, so that a repeated row stays a repeated row.
    """
    numbers: dict[tuple[str, ...], int] = {}
    with (
        source.open(encoding="utf-8-sig", newline="") as lines,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(TAX)
        for number, row in enumerate(csv.DictReader(lines), start=1):
            row["Record"] = str(numbers.setdefault(tuple(row.values()), number))
            writer.writerow([row[name] for name in TAX])


def main(folder: Path) -> None:
    """Repack everything."""
    for name, columns in LAYERS.items():
        repack_layer(folder / f"{name}.geojson", HERE / f"{name}.geojson", columns)
    repack_tax(folder / "TaxFY14.csv", HERE / "TaxFY14.csv")
    for name in ("ASSESSING_ParcelsFY2014.topojson", "State_Use_Codes.csv", "LICENSE.md"):
        shutil.copyfile(folder / name, HERE / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
