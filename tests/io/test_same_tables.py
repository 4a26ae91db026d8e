"""The example zone in every format gives the same tables: what a source is kept in must not matter."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

import landzone as lz
from landzone.io.cad_writer import write_cad_txt

EXAMPLE = Path(__file__).parents[2] / "data" / "example_zone"
LAYERS = {
    "zones": ("zones.gpkg", "zones"),
    "buildings": ("buildings.gpkg", "buildings"),
    **{name: ("plans.gpkg", name) for name in
       ("zone_plan", "city_plan", "land_use_plan", "eco_plan", "facilities_plan", "present_use")},
    "yjjbnt": ("constraints.gpkg", "yjjbnt"),
    "sthx": ("constraints.gpkg", "sthx"),
}  # fmt: skip
Frames = dict[str, gpd.GeoDataFrame]


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_example_zone", EXAMPLE / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study as it is made: parcels as Shapefile, everything else as GeoPackage."""
    folder = tmp_path_factory.mktemp("example")
    _generator().make(folder)
    for name in ("study.toml", "eco.csv", "facilities.csv"):
        (folder / name).write_bytes((EXAMPLE / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def frames(example: Path) -> Frames:
    """All layers of the study."""
    found = {"parcels": gpd.read_file(example / "parcels.shp", encoding="GBK")}
    for name, (file, layer) in LAYERS.items():
        found[name] = gpd.read_file(example / file, layer=layer)
    return found


def study_in(folder: Path, example: Path, sources: dict[str, str], settings: str = "") -> Path:
    """Write the study file again with other sources, and copy what is no layer."""
    text = (EXAMPLE / "study.toml").read_text("utf-8")
    for name, source in sources.items():
        file, layer = ("parcels.shp", "") if name == "parcels" else LAYERS[name]
        old = f"{file}#{layer}" if layer else file
        assert f'source = "{old}"' in text
        text = text.replace(f'source = "{old}"', f"source = {json.dumps(source)}")
    for name in ("eco.csv", "facilities.csv", "ledger.xlsx"):
        (folder / name).write_bytes((example / name).read_bytes())
    (folder / "study.toml").write_text(text + settings, "utf-8")
    return folder / "study.toml"


def audited(study: Path) -> lz.Audit:
    return lz.audit(lz.open_study(study), as_of=date(2026, 6, 30))


@pytest.fixture(scope="module")
def expected(example: Path) -> lz.Audit:
    return audited(example / "study.toml")


def _write(driver: str, suffix: str, **options: Any) -> Callable[[Frames, Path], dict[str, str]]:
    def write(frames: Frames, folder: Path) -> dict[str, str]:
        for name, frame in frames.items():
            more = {"encoding": "GBK"} if suffix == "shp" else {"layer": name}
            pyogrio.write_dataframe(frame, folder / f"{name}.{suffix}", driver=driver, **more, **options)
        return {name: f"{name}.{suffix}" for name in frames}

    return write


def _parquet(frames: Frames, folder: Path) -> dict[str, str]:
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet")
    return {name: f"{name}.parquet" for name in frames}


FORMATS = {
    "Shapefile": (_write("ESRI Shapefile", "shp"), 1e-6),
    "GeoPackage": (_write("GPKG", "gpkg"), 1e-6),
    "File Geodatabase": (_write("OpenFileGDB", "gdb"), 0.01),
    "GeoParquet": (_parquet, 1e-6),
    "GeoJSON": (_write("GeoJSON", "geojson", COORDINATE_PRECISION=3, RFC7946="NO"), 1e-6),
    "FlatGeobuf": (_write("FlatGeobuf", "fgb"), 1e-6),
}


TABLES = (
    "zones", "parcels", "buildings", "patches", "constraints", "use_conflicts", "findings", "plan_shares", "projects",
)  # fmt: skip
ROW_NUMBERS = ["source_row", "decision_row", "idle_decision_row"]
FEATURES = frozenset({"geometry"})


def rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of an output table in an order that their texts and rounded figures give."""
    plain = pd.DataFrame(frame).drop(columns=[c for c in [*FEATURES, *ROW_NUMBERS] if c in frame])
    order = [
        plain[c].round(0) if pd.api.types.is_float_dtype(plain[c]) else plain[c].astype(str) for c in plain
    ]
    keys = pd.concat(order, axis=1)
    return plain.loc[keys.sort_values(list(keys.columns), kind="stable").index].reset_index(drop=True)


def assert_same(
    ours: lz.Audit, theirs: lz.Audit, tolerance_m2: float, skipped: frozenset[str] = frozenset()
) -> None:
    """Compare every output table; areas within a tolerance, ratios and money with what follows from it."""
    for name in [n for n in TABLES if n not in skipped]:
        a, b = rows(getattr(ours.result, name)), rows(getattr(theirs.result, name))
        assert set(b.columns) <= set(a.columns), name
        assert len(a) == len(b), name
        for column in b.columns:
            if not pd.api.types.is_float_dtype(b[column]):
                pd.testing.assert_series_equal(
                    a[column], b[column], check_dtype=False, obj=f"{name}.{column}"
                )
                continue
            area = column.endswith("_m2")
            # the smallest parcel has 3,200 m²: what an area is off by moves a ratio by less than this share
            close = (
                {"rtol": 0, "atol": tolerance_m2 * 1.001}
                if area
                else {"rtol": tolerance_m2 / 3200 + 1e-12, "atol": 1e-9 if tolerance_m2 < 1e-3 else 1e-3}
            )
            np.testing.assert_allclose(
                a[column].astype(float),
                b[column].astype(float),
                equal_nan=True,
                err_msg=f"{name}.{column}",
                **close,
            )


def losses(audit: lz.Audit) -> list[list[str]]:
    """Return what was rejected, by subject and reason."""
    return audit.rejects[["layer", "subject_id", "code", "column"]].to_numpy().tolist()


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_changes_nothing(
    name: str, frames: Frames, example: Path, expected: lz.Audit, tmp_path: Path
) -> None:
    write, tolerance = FORMATS[name]
    ours = audited(study_in(tmp_path, example, write(frames, tmp_path)))
    assert losses(ours) == losses(expected)
    assert_same(ours, expected, tolerance)


@pytest.mark.postgis
def test_a_database_changes_nothing(
    frames: Frames,
    example: Path,
    expected: lz.Audit,
    tmp_path: Path,
    server: Any,
    schema: str,
    fill_table: Any,
) -> None:
    sources = {}
    for name, frame in frames.items():
        fill_table(name, frame)
        sources[name] = server.url(f"{schema}.{name}")
    ours = audited(study_in(tmp_path, example, sources))
    assert losses(ours) == losses(expected)
    assert_same(ours, expected, 1e-6)


def test_boundary_surveys_change_nothing(frames: Frames, example: Path, tmp_path: Path) -> None:
    """A TXT holds id, use and area only; so does the GeoPackage that it is compared with."""
    for kind in ("txt", "gpkg"):
        (tmp_path / kind).mkdir()
    parcels = frames["parcels"]
    columns = {"id": "宗地代码", "use_name": "地类名称", "use_code": "地类编码"}
    write_cad_txt(parcels, tmp_path / "txt" / "parcels.txt", columns=columns)
    plain = parcels[[*columns.values(), "geometry"]].assign(
        **{"地块面积(公顷)": (parcels.area / 1e4).round(4)}
    )
    plain = plain.rename(columns={"地类名称": "地块用途"})
    pyogrio.write_dataframe(plain, tmp_path / "gpkg" / "parcels.gpkg", driver="GPKG")
    audits = []
    for kind in ("txt", "gpkg"):
        study = study_in(tmp_path / kind, example, {"parcels": f"parcels.{kind}"})
        text = study.read_text("utf-8").replace('units = { registered_area = "m2" }\n', "", 1)
        study.write_text(
            re.sub(
                r'source = "(zones|buildings|plans|constraints)\.gpkg', rf'source = "{example}/\1.gpkg', text
            )
        )
        audits.append(audited(study))
    assert losses(audits[0]) == losses(audits[1])
    assert len(audits[0].parcels) == 201
    assert_same(audits[0], audits[1], 0.01)


def test_rows_of_the_made_example_are_all_there(expected: lz.Audit) -> None:
    assert len(expected.parcels) == 201
    assert shapely.area(expected.parcels.geometry.to_numpy()).sum() == pytest.approx(
        201 * 8000 + 40 * 80 - 1600
    )
