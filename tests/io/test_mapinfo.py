"""MapInfo files that were cut: refused, never read as shorter ones."""

from __future__ import annotations

import warnings

import geopandas as gpd
import pytest
import shapely

from landzone.errors import Refusal


@pytest.fixture(params=["tab", "mif"])
def suffix(request, desk) -> str:
    shapes = [shapely.box(n, 0, n + 0.5, 1) for n in range(9)]
    frame = gpd.GeoDataFrame({"parcel_id": [f"P{n}" for n in range(9)]}, geometry=shapes, crs=4326)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_file(desk.folder / f"p.{request.param}", driver="MapInfo File")
    return request.param


def test_a_sound_one_is_read(desk, suffix: str) -> None:
    reading = desk.layer(f"p.{suffix}")
    assert reading.raw.cells["parcel_id"].tolist() == [f"P{n}" for n in range(9)]


@pytest.mark.parametrize("share", [0.6, 0.9])
def test_parts_that_were_cut_are_told(desk, suffix: str, share: float) -> None:
    for part in {"tab": ("dat", "id"), "mif": ("mif", "mid")}[suffix]:
        path = desk.folder / f"p.{part}"
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(Refusal) as error:
            desk.layer(f"p.{suffix}")
        assert error.value.code == "FILE_CORRUPT"
        path.write_bytes(whole)
