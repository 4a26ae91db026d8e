"""landzone init on folders of other people: what is taken for what, what is left to the user, and no crash."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from landzone.errors import Refusal
from landzone.io.discover import explore
from landzone.io.study import open_study
from landzone.io.study_text import write_study_file

TAKEN = {
    "buena_vista_va": {"layers.parcels": "Parcel20211201.shp", "plans.city_plan": "Zoning20211201.shp"},
    "cambridge_ma": {
        "layers.structures": "BASEMAP_MiscStructures.geojson",
        "layers.zones": "ZoneListFromMunicode.csv",
    },
    "france_commune": {"plans.city_plan": "zoning.gpkg"},
    "taiwan_zoning": {},
    "wuxi_xinwu": {},
    "swellendam_za": {"layers.buildings": "training_data.gpkg#buildings"},
}
DOUBTS = {
    "cambridge_ma": {"layers.parcels", "plans.city_plan"},
    "france_commune": {"layers.parcels", "layers.buildings"},
}


@pytest.mark.parametrize("name", sorted(TAKEN))
def test_what_is_taken_for_what(data: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    shutil.copytree(data / name, folder)
    before = sorted(p.name for p in folder.iterdir())
    path, found = write_study_file(folder, "en")
    taken = {one.role: one.look.source for one in found.taken}
    assert TAKEN[name].items() <= taken.items()
    assert {r for role in found.doubts for r in role.roles} >= DOUBTS.get(name, set())
    assert found.open_points() == path.read_text(encoding="utf-8").count("# TO DO: ") > 0
    assert sorted(p.name for p in folder.iterdir()) == sorted([*before, "study.toml"])
    with pytest.raises(Refusal):
        open_study(folder)


def test_the_only_column_of_ids_is_named(data: Path) -> None:
    """AcctNum is unique and never null; MAPNUM repeats 363 times, OBJECTID only counts the records."""
    (parcels,) = [one for one in explore(data / "buena_vista_va").taken if one.role == "layers.parcels"]
    assert [remark.line for remark in parcels.remarks if remark.word == "no_id"] == [
        'columns.parcel_id = "AcctNum"'
    ]


def test_one_corrupt_record_costs_no_file(data: Path) -> None:
    """water.shp: shape 30 is corrupt; the layer is read and left, because nothing says what it is."""
    left = explore(data / "swellendam_za").left
    assert left["water.shp"].word == "left_unknown"
    assert left["rivers.shp"].params["shapes"] == "line"
