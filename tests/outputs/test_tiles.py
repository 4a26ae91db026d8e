"""Vector tiles: every feature in them or listed, the words of the audit, and a refusal where GDAL cannot."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely

from landzone.errors import Refusal
from landzone.outputs import tiles


def test_tiles_in_one_file_hold_every_parcel_with_its_figures(made_up: Any, tmp_path: Path) -> None:
    made = made_up.make(5, 4)
    paths = tiles.write(made.study, made.result, tmp_path, "pmtiles")
    assert [path.name for path in paths] == [
        "buildings.pmtiles", "constraints.pmtiles", "parcels.pmtiles", "patches.pmtiles", "tiles.json",
        "use_conflicts.pmtiles", "zones.pmtiles",
    ]  # fmt: skip
    read = pyogrio.read_dataframe(tmp_path / "tiles" / "parcels.pmtiles", read_geometry=False)
    own = made.result.parcels.set_index("parcel_id")
    found = read.drop_duplicates("parcel_id").set_index("parcel_id")
    assert sorted(found.index) == sorted(own.index)
    for column in ("area_m2", "building_density_ratio", "idle_class", "conformity"):
        left, right = found[column].reindex(own.index), own[column]
        assert left.isna().tolist() == right.isna().tolist(), column
        assert left.dropna().tolist() == pytest.approx(right.dropna().tolist()), column
    west, south, _, _ = pyogrio.read_bounds(tmp_path / "tiles" / "zones.pmtiles")[1].min(axis=1)
    assert (west, south) > (1.26e7, 3.8e6), "in the plane of web maps"


def test_what_is_narrower_than_a_step_of_a_tile_is_listed(made_up: Any, tmp_path: Path) -> None:
    made = made_up.make(3, 2)
    x, y = made_up.EAST + 3.0, made_up.NORTH + 3.0
    thin = made.result.patches.iloc[[0]].assign(patch_id="THIN")
    thin = thin.set_geometry([shapely.box(x, y, x + 0.004, y + 0.004)])
    result = replace(made.result, patches=pd.concat([made.result.patches, thin], ignore_index=True))
    tiles.write(made.study, result, tmp_path, "pmtiles")
    told = json.loads((tmp_path / "tiles" / "tiles.json").read_text("utf-8"))["layers"]
    assert told["patches"]["features"] == 5
    assert told["patches"]["shown"] == 4
    assert told["patches"]["not_shown"] == ["THIN"]
    assert told["parcels"] == {"path": "parcels.pmtiles", "features": 6, "shown": 6, "not_shown": []}
    assert tiles.missing(tmp_path) == 1


def test_a_tree_of_tiles_for_any_web_server(made_up: Any, tmp_path: Path) -> None:
    made = made_up.make(3, 2)
    paths = tiles.write(made.study, made.result, tmp_path, "mvt")
    names = [path.relative_to(tmp_path / "tiles").as_posix() for path in paths]
    assert "parcels/metadata.json" in names
    assert [n for n in names if n.startswith("parcels/16/") and n.endswith(".pbf")]
    assert not (tmp_path / "tiles" / "parcels" / "17").exists()
    rows = pyogrio.read_dataframe(
        tmp_path / "tiles" / "parcels" / "16", columns=["parcel_id"], read_geometry=False
    )
    assert sorted(set(rows["parcel_id"])) == sorted(made.result.parcels["parcel_id"])
    assert tiles.missing(tmp_path) == 0


@pytest.mark.parametrize("form", ["pmtiles", "mvt"])
def test_equal_results_are_equal_tiles(made_up: Any, tmp_path: Path, form: str) -> None:
    made = made_up.make(3, 2)
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        paths = tiles.write(made.study, made.result, tmp_path / name, form)
        found.append({p.relative_to(tmp_path / name).as_posix(): p.read_bytes() for p in paths})
    assert found[0] == found[1]


def test_a_missing_driver_is_said(made_up: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = made_up.make(3, 2)
    monkeypatch.setattr(tiles.pyogrio, "list_drivers", lambda: {"MVT": "r"})
    assert not tiles.works("pmtiles")
    assert not tiles.works("mvt")
    with pytest.raises(Refusal, match="TILES_NO_DRIVER"):
        tiles.write(made.study, made.result, tmp_path, "mvt")
    assert not (tmp_path / "tiles").exists()


def test_a_datum_that_cannot_be_brought_to_the_world_is_refused(made_up: Any, tmp_path: Path) -> None:
    made = made_up.make(3, 2)
    xian = replace(made.study, crs=pyproj.CRS.from_epsg(2379))
    with pytest.raises(Refusal, match="TILES_OFF_WORLD"):
        tiles.write(xian, made.result, tmp_path, "pmtiles")
