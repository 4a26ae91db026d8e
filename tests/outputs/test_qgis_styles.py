"""Styles that QGIS finds in the GeoPackage."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any
from xml.etree import ElementTree as ET

import pyogrio
import pytest

from landzone.outputs import geopackage, qgis_styles


@pytest.fixture
def base(made_up: Any, tmp_path: Any) -> Any:
    made = made_up.make(4, 3)
    path = geopackage.write(made.study, made.result, tmp_path)
    with closing(sqlite3.connect(path)) as base:
        yield base


def test_one_default_style_a_layer(base: Any) -> None:
    rows = base.execute("SELECT f_table_name, f_geometry_column, useAsDefault FROM layer_styles").fetchall()
    names = {name for name, _, _ in rows}
    assert names == {"zones", "parcels", "buildings", "patches", "constraints", "use_conflicts", "topology"}
    assert {default for _, _, default in rows} == {1}
    columns = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall())
    assert all(columns[name] == column for name, column, _ in rows)


def test_gdal_lists_the_table(made_up: Any, tmp_path: Any) -> None:
    made = made_up.make()
    path = geopackage.write(made.study, made.result, tmp_path)
    assert "layer_styles" in {name for name, _ in pyogrio.list_layers(path)}
    assert len(pyogrio.read_dataframe(path, layer="layer_styles", read_geometry=False)) == 7


@pytest.mark.parametrize(
    ("layer", "attr"), [("parcels", "idle_class"), ("patches", "kind"), ("constraints", "constraint")]
)
def test_categories_cover_the_values(base: Any, layer: str, attr: str) -> None:
    text = base.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = ?", (layer,)).fetchone()[0]
    root = ET.fromstring(text.split("\n", 1)[1])
    render = root.find("renderer-v2")
    assert render is not None
    assert render.get("attr") == attr
    known = {entry.get("value") for entry in render.iter("category")}
    present = {value for (value,) in base.execute(f'SELECT DISTINCT "{attr}" FROM {layer}')}
    assert present <= known
    symbols = {symbol.get("name") for symbol in render.iter("symbol")}
    assert {entry.get("symbol") for entry in render.iter("category")} == symbols


def test_labels_follow_the_language(made_up: Any) -> None:
    assert "疑似满一年未动工" in qgis_styles.qml("parcels", made_up.make().result)
    assert '"Suspected: One year without start"' in qgis_styles.qml("parcels", made_up.make(lang="en").result)


def test_a_hostile_constraint_is_well_formed(made_up: Any) -> None:
    made = made_up.make()
    lines = made.result.constraints.assign(constraint='<a href="x">&\'')
    root = ET.fromstring(qgis_styles.qml("constraints", made_result(made, lines)).split("\n", 1)[1])
    assert [entry.get("value") for entry in root.iter("category")] == ['<a href="x">&\'']


def made_result(made: Any, lines: Any) -> Any:
    from dataclasses import replace

    return replace(made.result, constraints=lines)
