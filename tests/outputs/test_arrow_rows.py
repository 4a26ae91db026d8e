"""GeoPackages are written in steps that depend on the rows alone."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pyproj
import shapely

from landzone.model.coded import as_coded
from landzone.outputs.arrow_rows import ROWS_AT_ONCE, rows
from landzone.outputs.geopackage import write_layer

CRS = pyproj.CRS("EPSG:4547")
STUDY = SimpleNamespace(crs=CRS)


def in_pieces(texts: list[str | None], sizes: list[int]) -> pd.Series:
    """Return texts that lie in memory in pieces of some sizes."""
    cuts = np.cumsum([0, *sizes])
    assert cuts[-1] == len(texts)
    pieces = [pa.array(texts[a:b], pa.large_string()) for a, b in pairwise(cuts)]
    return pd.Series(pd.array(pa.chunked_array(pieces), dtype="str"))


def test_how_texts_lie_in_memory_changes_no_byte_of_the_file(tmp_path: Path) -> None:
    count = ROWS_AT_ONCE + 10
    texts = [None if n % 7 == 0 else f"地块 {n}" for n in range(count)]
    files = []
    for name, sizes in (("one", [count]), ("many", [3, 0, ROWS_AT_ONCE - 1, 8])):
        table = pd.DataFrame({"parcel_id": in_pieces(texts, sizes), "area_m2": np.arange(count) / 8})
        path = tmp_path / f"{name}.gpkg"
        write_layer(table, "parcels", path, STUDY)
        files.append(path.read_bytes())
    assert files[0] == files[1]
    back = pyogrio.read_dataframe(tmp_path / "many.gpkg")
    assert back["parcel_id"].isna().sum() == -(-count // 7)
    assert back["parcel_id"].iloc[[1, -1]].tolist() == ["地块 1", f"地块 {count - 1}"]
    assert back["area_m2"].tolist() == [n / 8 for n in range(count)]


def test_texts_by_codes_are_written_as_the_texts(tmp_path: Path) -> None:
    texts = pd.Series([["pass", "fail", None][n % 3] for n in range(100)], dtype="str")
    files = []
    for name, own in (("texts", texts), ("codes", as_coded(texts))):
        path = tmp_path / f"{name}.gpkg"
        write_layer(pd.DataFrame({"verdict": own}), "findings", path, STUDY)
        files.append(path.read_bytes())
    assert files[0] == files[1]
    assert pyogrio.read_dataframe(path)["verdict"].tolist()[:2] == ["pass", "fail"]


def test_what_is_not_known_is_null_and_shapes_are_multipolygons(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {
            "zone_id": pd.Series(["Z1", "Z2"], dtype="str"),
            "share_ratio": [0.25, np.nan],
            "count": pd.array([3, None], dtype="Int64"),
            "counted": [True, False],
        },
        geometry=[shapely.box(0, 0, 10, 10), shapely.MultiPolygon([shapely.box(20, 0, 30, 10)])],
        crs=CRS,
    )
    path = tmp_path / "zones.gpkg"
    write_layer(frame, "zones", path, STUDY)
    back = pyogrio.read_dataframe(path)
    assert back.crs.to_epsg() == 4547
    assert back.geom_type.tolist() == ["MultiPolygon", "MultiPolygon"]
    assert back["counted"].tolist() == [True, False]
    assert back["share_ratio"].isna().tolist() == [False, True]
    assert (back["count"].iloc[0], back["count"].isna().tolist()) == (3, [False, True])


def test_an_empty_table_keeps_its_columns(tmp_path: Path) -> None:
    empty = pd.DataFrame({"rule_id": pd.Series(dtype="str"), "limit": pd.Series(dtype="float64"), "raw": []})
    empty["raw"] = empty["raw"].astype(object)
    path = tmp_path / "empty.gpkg"
    write_layer(empty, "findings", path, STUDY)
    assert pyogrio.read_info(path, layer="findings")["fields"].tolist() == ["rule_id", "limit", "raw"]
    assert rows(empty).schema.field("raw").type == pa.string()
