"""Basemaps: none by itself, services by choice and key, local tiles and pictures inside the page."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_bounds

from landzone.errors import Refusal
from landzone.outputs import map_html
from landzone.outputs.map_html.basemap import chosen
from landzone.outputs.map_html.codec import unpacked_polygons
from landzone.outputs.map_html.content import layers

AROUND = (113.99, 32.98, 114.02, 33.0)
KEY = "LANDZONE_TIANDITU_KEY"
TILE_14 = (13380, 6600)
"""Column and row of the tile of level 14 that holds 114.0 E, 32.99 N: x = 294/360 · 2^14 = 13380.3."""


def png(colour: tuple[int, int, int]) -> bytes:
    import io

    from matplotlib.image import imsave

    stream = io.BytesIO()
    imsave(stream, np.broadcast_to(np.array(colour, dtype=np.uint8), (256, 256, 3)), format="png")
    return stream.getvalue()


def policy(page: str) -> str:
    found = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert found
    return found[1]


def test_a_map_has_no_basemap_unless_asked(made_up: ModuleType) -> None:
    made = made_up.make()
    page = map_html.build(made.study, made.result).page()
    assert "img-src data: blob:;" in policy(page)
    assert '"basemap"' not in page


def test_a_service_may_send_pictures_and_nothing_else(
    made_up: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, "0123abcd")
    made = made_up.make()
    page = map_html.build(made.study, made.result, "tianditu-vector").page()
    assert "img-src data: blob: https://*.tianditu.gov.cn;" in policy(page)
    assert "default-src 'none'" in policy(page)
    assert "tk=0123abcd" in page
    assert page.count("tianditu.gov.cn/cva_w") == 1, "names of places come along"


@pytest.mark.parametrize("key", [None, "", "a&b", "{{ 7*7 }}"])
def test_a_service_without_its_key_is_refused(monkeypatch: pytest.MonkeyPatch, key: str | None) -> None:
    monkeypatch.delenv(KEY, raising=False)
    if key is not None:
        monkeypatch.setenv(KEY, key)
    with pytest.raises(Refusal, match="BASEMAP_KEY_MISSING"):
        chosen("tianditu-imagery", AROUND)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Refusal, match="tianditu-vector"):
        chosen("google", AROUND)


def test_shapes_move_with_a_shifted_basemap_and_figures_do_not(made_up: ModuleType) -> None:
    made = made_up.make()
    plain = unpacked_polygons(layers(made.study, made.result)["parcels"].packed)[0][0]
    moved = unpacked_polygons(
        layers(made.study, made.result, chosen("amap", AROUND).shift)["parcels"].packed
    )[0][0]
    step = moved - plain
    assert (step[:, 0] > 0.0055).all(), "some 550 m to the east"
    assert (step[:, 0] < 0.0062).all()
    page = map_html.build(made.study, made.result, "amap").page()
    assert "img-src data: blob: https://*.is.autonavi.com;" in policy(page)
    assert '"shift":"gcj02"' in page


def test_tiles_of_a_folder_go_into_the_page_where_they_touch_the_study(tmp_path: Path) -> None:
    x, y = TILE_14
    for column in (x, x + 40):
        place = tmp_path / "14" / str(column)
        place.mkdir(parents=True)
        (place / f"{y}.png").write_bytes(png((10, 200, 10)))
    (tmp_path / "14" / str(x) / "9.txt").write_text("no tile")
    assert list(chosen(str(tmp_path), AROUND).embedded) == [f"14/{x}/{y}"]


def test_rows_of_mbtiles_count_from_the_south(tmp_path: Path) -> None:
    x, y = TILE_14
    with closing(sqlite3.connect(tmp_path / "base.mbtiles")) as base, base:
        base.execute("CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)")
        base.execute("INSERT INTO tiles VALUES (14, ?, ?, ?)", (x, 2**14 - 1 - y, png((10, 10, 200))))
    found = chosen(str(tmp_path / "base.mbtiles"), AROUND)
    assert list(found.embedded) == [f"14/{x}/{y}"]
    assert found.most_zoom == 14


def test_a_basemap_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "14" / "1").mkdir(parents=True)
    (tmp_path / "14" / "1" / "1.png").write_bytes(png((1, 1, 1)))
    with pytest.raises(Refusal, match="BASEMAP_EMPTY"):
        chosen(str(tmp_path), AROUND)


def test_a_geotiff_becomes_a_picture_inside_its_own_and_the_studys_box(tmp_path: Path) -> None:
    path = tmp_path / "ortho.tif"
    options = {
        "driver": "GTiff",
        "width": 60,
        "height": 40,
        "count": 3,
        "dtype": "uint16",
        "crs": "EPSG:4326",
    }
    with rasterio.open(
        path, "w", transform=from_bounds(113.99, 32.97, 114.01, 33.01, 60, 40), **options
    ) as target:
        target.write(np.arange(3 * 40 * 60, dtype=np.uint16).reshape(3, 40, 60))
    found = chosen(str(path), AROUND)
    assert found.picture.startswith("data:image/png;base64,")
    assert found.bounds is not None
    assert np.allclose(found.bounds, (113.99, 32.98, 114.01, 33.0), atol=1e-6)


def test_a_geotiff_without_crs_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.tif"
    with (
        pytest.warns(rasterio.errors.NotGeoreferencedWarning),
        rasterio.open(path, "w", driver="GTiff", width=2, height=2, count=1, dtype="uint8") as target,
    ):
        target.write(np.ones((1, 2, 2), dtype=np.uint8))
    with (
        pytest.warns(rasterio.errors.NotGeoreferencedWarning),
        pytest.raises(Refusal, match="BASEMAP_WITHOUT_CRS"),
    ):
        chosen(str(path), AROUND)
