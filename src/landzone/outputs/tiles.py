"""Vector tiles of the layers for a web server, written by GDAL; what they cannot show is listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio

from landzone.catalog import load
from landzone.catalog.messages import refusal
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.map_html.content import field_columns, themed_layers
from landzone.outputs.map_html.lonlat import Degrees
from landzone.outputs.map_html.themed import ID_COLUMNS

FOLDER = "tiles"
LIST_FILE = "tiles.json"
_NUMBER = "row"
_WORLD = "EPSG:4326"


def forms() -> list[str]:
    """Return the forms of tiles of the catalogue."""
    return list(load.table("tiles.toml")["forms"])


def works(form: str) -> bool:
    """Tell whether GDAL as it is installed writes a form of tiles."""
    driver = load.table("tiles.toml")["forms"][form]["driver"]
    return "w" in pyogrio.list_drivers().get(driver, "")


def write(study: Study, result: AuditResult, folder: Path, form: str) -> list[Path]:
    """Write the layers of a result as tiles into ``tiles`` in a folder, and return the paths.

    One file (``pmtiles``) or one tree of ``z/x/y.pbf`` (``mvt``) for each layer that is not empty, with the columns of
    the map under their names in ``audit.gpkg``. ``tiles.json`` says for each layer how many features it has, how many
    a tile of the deepest zoom shows, and the ids of the others: they are narrower than a step of a tile.

    Parameters
    ----------
    form : {"pmtiles", "mvt"}

    Raises
    ------
    Refusal
        ``TILES_NO_DRIVER`` where GDAL has no such driver; ``TILES_OFF_WORLD`` where positions cannot be brought to
        WGS 84, so that they would lie off on any web map.
    """
    own = load.table("tiles.toml")
    kind = own["forms"][form]
    if not works(form):
        version = ".".join(map(str, pyogrio.__gdal_version__))
        raise refusal("TILES_NO_DRIVER", driver=kind["driver"], version=version)
    degrees = Degrees(study.crs)
    if not degrees.position.world:
        raise refusal("TILES_OFF_WORLD", datum=degrees.position.datum)
    target = folder / FOLDER
    target.mkdir()
    told = {}
    for name, layer in themed_layers(study, result).items():
        if not len(layer.frame):
            continue
        columns = field_columns(name, layer.frame, study.settings.money)
        frame = layer.frame[columns].assign(**{_NUMBER: np.arange(len(layer.frame))})
        shapes = gpd.GeoDataFrame(frame, geometry=degrees.shapes(layer.frame.geometry.to_numpy()), crs=_WORLD)
        path = target / f"{name}{kind['suffix']}"
        _write(shapes, path, name, kind["driver"])
        told[name] = {"path": path.name, **_shown(path, layer.frame, ID_COLUMNS.get(name, columns[0]))}
    said = {"form": form, "min_zoom": own["min_zoom"], "max_zoom": own["max_zoom"], "layers": told}
    listed = target / LIST_FILE
    listed.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return sorted(path for path in target.rglob("*") if path.is_file())


def missing(folder: Path) -> int:
    """Return how many features no tile of a folder shows."""
    told = json.loads((folder / FOLDER / LIST_FILE).read_text("utf-8"))
    return sum(one["features"] - one["shown"] for one in told["layers"].values())


def _write(shapes: gpd.GeoDataFrame, path: Path, name: str, driver: str) -> None:
    own = load.table("tiles.toml")
    options = {
        "MINZOOM": str(own["min_zoom"]), "MAXZOOM": str(own["max_zoom"]), "NAME": name, "DESCRIPTION": "landzone",
        "MAX_SIZE": str(own["most_bytes"]), "MAX_FEATURES": str(own["most_features"]),
    }  # fmt: skip
    if driver == "MVT":
        options["COMPRESS"] = (
            "NO"  # a plain web server sends files as they are, without saying that they are packed
        )
    pyogrio.write_dataframe(shapes, path, layer=name, driver=driver, dataset_options=options)


def _shown(path: Path, frame: gpd.GeoDataFrame, identity: str) -> dict[str, Any]:
    """Return how many features the deepest zoom shows, and which it does not."""
    own = load.table("tiles.toml")
    deepest = path / str(own["max_zoom"]) if path.is_dir() else path
    found = np.array([], dtype=np.int64)
    if deepest.exists():
        rows = pyogrio.read_dataframe(deepest, columns=[_NUMBER], read_geometry=False)
        found = rows[_NUMBER].to_numpy(dtype=np.int64) if _NUMBER in rows else found
    lost = np.setdiff1d(np.arange(len(frame)), found)
    ids = frame[identity].astype("object").iloc[lost[: own["most_listed"]]]
    return {
        "features": len(frame),
        "shown": len(frame) - len(lost),
        "not_shown": ["" if blank else str(one) for one, blank in zip(ids, ids.isna(), strict=True)],
    }
