"""Basemaps: services that a person chose, and local tiles or pictures that are put into the page itself."""

from __future__ import annotations

import base64
import io
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from landzone.catalog import load
from landzone.catalog.messages import refusal

Bounds = tuple[float, float, float, float]
_CATALOGUE = "basemaps.toml"
_WORLD_M = 20037508.342789244
_MIME = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}


@dataclass(frozen=True)
class Basemap:
    """What lies under the layers: addresses of a service, or tiles and a picture inside the page."""

    name: str
    tiles: tuple[str, ...] = ()
    servers: str = ""
    hosts: tuple[str, ...] = ()
    attribution: str = ""
    most_zoom: int = 18
    shift: str = ""
    holds_key: bool = False
    embedded: dict[str, str] = field(default_factory=dict)
    picture: str = ""
    bounds: Bounds | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what the page has to know."""
        return {
            "tiles": self.tiles, "servers": self.servers, "attribution": self.attribution, "shift": self.shift,
            "most_zoom": self.most_zoom, "embedded": self.embedded, "picture": self.picture, "bounds": self.bounds,
        }  # fmt: skip


def service_names() -> list[str]:
    """Return the names of the services of the catalogue."""
    return [name for name, entry in load.table(_CATALOGUE).items() if "tiles" in entry]


def chosen(name: str, around: Bounds) -> Basemap:
    """Return a basemap by the name of its service or the path of local tiles or a GeoTIFF.

    Parameters
    ----------
    name : str
        A service of ``catalog/basemaps.toml``, a folder of tiles ``z/x/y.png``, a ``.mbtiles`` file or a ``.tif``.
    around : tuple
        West, south, east, north in degrees: local tiles and pictures are taken inside it alone.

    Raises
    ------
    Refusal
        ``BASEMAP_UNKNOWN``, ``BASEMAP_KEY_MISSING``, ``BASEMAP_EMPTY``, ``BASEMAP_TOO_LARGE``.
    """
    entry = load.table(_CATALOGUE).get(name, {})
    if "tiles" in entry:
        return _service(name, entry)
    path = Path(name)
    if path.is_dir():
        return _embedded(name, _folder_tiles(path), around)
    if path.is_file() and path.suffix.lower() == ".mbtiles":
        return _embedded(name, _package_tiles(path), around)
    if path.is_file() and path.suffix.lower() in (".tif", ".tiff"):
        return _picture(path, around)
    raise refusal("BASEMAP_UNKNOWN", file=name, known=", ".join(service_names()))


def _service(name: str, entry: dict[str, Any]) -> Basemap:
    key = ""
    if "key" in entry:
        key = os.environ.get(entry["key"], "")
        if not key.isalnum():
            raise refusal("BASEMAP_KEY_MISSING", file=name, variable=entry["key"])
    return Basemap(
        name,
        tiles=tuple(address.replace("{key}", key) for address in entry["tiles"]),
        servers=entry["servers"],
        hosts=tuple(entry["hosts"]),
        attribution=entry["attribution"],
        most_zoom=entry["most_zoom"],
        shift=entry.get("shift", ""),
        holds_key=bool(key),
    )


def _folder_tiles(folder: Path) -> Iterator[tuple[int, int, int, bytes]]:
    for path in sorted(folder.glob("*/*/*")):
        numbers = [path.parent.parent.name, path.parent.name, path.stem]
        if path.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp") and all(n.isdigit() for n in numbers):
            z, x, y = map(int, numbers)
            yield z, x, y, path.read_bytes()


def _package_tiles(path: Path) -> Iterator[tuple[int, int, int, bytes]]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as base:
        try:
            rows = base.execute(
                "SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles ORDER BY 1, 2, 3"
            ).fetchall()
        except sqlite3.Error:
            return
    for z, x, row, data in rows:
        yield z, x, 2**z - 1 - row, data


def _embedded(name: str, tiles: Iterator[tuple[int, int, int, bytes]], around: Bounds) -> Basemap:
    most = load.table(_CATALOGUE)["embedded"]["most_bytes"]
    found: dict[str, str] = {}
    size, deepest = 0, 0
    for z, x, y, data in tiles:
        mime = next((mime for mark, mime in _MIME.items() if data.startswith(mark)), "")
        if not mime or not _touches(z, x, y, around):
            continue
        size, deepest = size + len(data), max(deepest, z)
        if size > most:
            raise refusal("BASEMAP_TOO_LARGE", file=name, most=f"{most / 1e6:g}")
        found[f"{z}/{x}/{y}"] = _data(mime, data)
    if not found:
        raise refusal("BASEMAP_EMPTY", file=name)
    return Basemap(name, embedded=found, most_zoom=deepest)


def _touches(z: int, x: int, y: int, around: Bounds) -> bool:
    west, north = _degrees(x, y, z)
    east, south = _degrees(x + 1, y + 1, z)
    return west <= around[2] and east >= around[0] and south <= around[3] and north >= around[1]


def _degrees(x: int, y: int, z: int) -> tuple[float, float]:
    n = 2.0**z
    return x / n * 360 - 180, float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y / n)))))


def _mercator(lon: float, lat: float) -> tuple[float, float]:
    radius = _WORLD_M / np.pi
    return float(np.radians(lon) * radius), float(np.arcsinh(np.tan(np.radians(lat))) * radius)


def _picture(path: Path, around: Bounds) -> Basemap:
    """Return the part of a GeoTIFF under the study as a PNG in the plane of the map, coarse enough for the page."""
    import rasterio  # few maps have a picture below
    from rasterio.enums import Resampling
    from rasterio.vrt import WarpedVRT
    from rasterio.windows import from_bounds

    most = load.table(_CATALOGUE)["embedded"]["most_pixels"]
    with rasterio.open(path) as source:
        if source.crs is None:
            raise refusal("BASEMAP_WITHOUT_CRS", file=path.name)
        with WarpedVRT(
            source, crs="EPSG:3857", resampling=Resampling.bilinear, add_alpha=source.count in (1, 3)
        ) as view:
            left, bottom = _mercator(around[0], around[1])
            right, top = _mercator(around[2], around[3])
            box = (
                max(left, view.bounds.left), max(bottom, view.bounds.bottom),
                min(right, view.bounds.right), min(top, view.bounds.top),
            )  # fmt: skip
            if box[0] >= box[2] or box[1] >= box[3]:
                raise refusal("BASEMAP_EMPTY", file=path.name)
            window = from_bounds(*box, transform=view.transform)
            shrink = max(1.0, window.width / most, window.height / most)
            shape = (max(1, round(window.height / shrink)), max(1, round(window.width / shrink)))
            bands = view.read(window=window, out_shape=(view.count, *shape))
    degrees = [_lonlat(box[0], box[1]), _lonlat(box[2], box[3])]
    bounds = (degrees[0][0], degrees[0][1], degrees[1][0], degrees[1][1])
    return Basemap(path.name, picture=_data("image/png", _png(_bytes(bands))), bounds=bounds)


def _lonlat(x: float, y: float) -> tuple[float, float]:
    radius = _WORLD_M / np.pi
    return float(np.degrees(x / radius)), float(np.degrees(np.arctan(np.sinh(y / radius))))


def _bytes(bands: Any) -> Any:
    """Return bands of 8 bits; deeper colours are stretched between their 2nd and 98th percentile."""
    if bands.dtype == np.uint8:
        return bands
    seen = bands[-1] > 0
    colours = bands[:-1].astype(np.float64)
    low, high = np.percentile(colours[:, seen], (2, 98)) if seen.any() else (0.0, 1.0)
    stretched = np.clip((colours - low) / max(high - low, 1e-9) * 255, 0, 255).astype(np.uint8)
    return np.concatenate([stretched, np.where(seen, 255, 0)[None].astype(np.uint8)])


def _png(bands: Any) -> bytes:
    from matplotlib.image import imsave

    colours = bands if bands.shape[0] >= 3 else np.concatenate([np.repeat(bands[:1], 3, axis=0), bands[1:]])
    stream = io.BytesIO()
    imsave(stream, np.moveaxis(colours[:4], 0, -1), format="png")
    return stream.getvalue()


def _data(mime: str, data: bytes) -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"
