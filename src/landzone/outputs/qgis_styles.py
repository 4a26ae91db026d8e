"""Styles for QGIS inside ``audit.gpkg`` and ``conform.gpkg``: layers open in the colours of map and report."""

from __future__ import annotations

import sqlite3
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd

from landzone.catalog import load
from landzone.catalog.labels import labels
from landzone.model.conform import ConformResult
from landzone.model.result import AuditResult
from landzone.outputs.result_grids import idle_classes

_CATEGORIES = {"parcels": "idle_class", "patches": "kind"}
_BY_NAME = {"constraints": "constraint"}
_PLAIN = ("zones", "buildings", "use_conflicts", "topology")
_PATTERNS = {"hatch": "b_diagonal", "cross": "diagonal_x", "dots": "dense6", "lines": "ver"}
_EDGE = "#5f6b76"
_PATTERN_INK = "#8a9199"
_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)
"""


def write(base: sqlite3.Connection, result: AuditResult, date: str) -> None:
    """Create ``layer_styles`` as QGIS reads it, one default style a layer.

    Parameters
    ----------
    base : sqlite3.Connection
        An open GeoPackage; the caller commits.
    result : AuditResult
        Its ``lang`` is the language of the legend.
    date : str
        Time stamp written beside every style, the same in every run.
    """
    names = (*_CATEGORIES, *_BY_NAME, *_PLAIN)
    write_styles(base, {name: qml(name, result) for name in names}, date)


def write_styles(base: sqlite3.Connection, styles: dict[str, str], date: str) -> None:
    """Create ``layer_styles`` with the QML of some layers."""
    base.execute(_TABLE)
    base.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) "
        "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
        (date,),
    )
    geometry = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall())
    for name, style in styles.items():
        base.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
            "VALUES ('', '', ?, ?, ?, ?, '', 1, '', '', NULL, ?)",
            (name, geometry.get(name, "geom"), name, style, date),
        )


def qml(name: str, result: AuditResult) -> str:
    """Return the style of one layer as QML."""
    root = ET.Element("qgis", {"version": "3.22", "styleCategories": "Symbology"})
    if name in _CATEGORIES:
        _categories(root, _CATEGORIES[name], _codes(_CATEGORIES[name], result.lang))
    elif name in _BY_NAME:
        column = _BY_NAME[name]
        _categories(root, column, _names(getattr(result, name), column, result.lang))
    else:
        return plain(name)
    return _page(root)


def conform_styles(result: ConformResult) -> dict[str, str]:
    """Return the styles of ``conform.gpkg`` as QML: answers, classes open to construction, types, kinds."""
    styles, said = load.table("labels/map_styles.toml"), labels("conform", result.lang)
    answers = [(code, said[f"answer_{code}"], entry) for code, entry in styles["answer"].items()]
    found = {"boundaries": _classified("conclusion", answers)}
    for layer, column in (("occupied", "common"), ("conflicts", "type"), ("disagreements", "kind")):
        found[layer] = _classified(column, _codes(column, result.lang))
    return found | {"parcels": plain("touched_parcels")}


def _classified(column: str, classes: list[tuple[str, str, dict[str, Any]]]) -> str:
    root = ET.Element("qgis", {"version": "3.22", "styleCategories": "Symbology"})
    _categories(root, column, classes)
    return _page(root)


def plain(name: str) -> str:
    """Return the style of a layer that has one symbol."""
    root = ET.Element("qgis", {"version": "3.22", "styleCategories": "Symbology"})
    render = ET.SubElement(
        root, "renderer-v2", {"type": "singleSymbol", "symbollevels": "0", "enableorderby": "0"}
    )
    _symbol(ET.SubElement(render, "symbols"), "0", load.table("labels/map_styles.toml")["plain"][name])
    return _page(root)


def _page(root: ET.Element) -> str:
    text = ET.tostring(root, encoding="unicode")
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{text}"


def _codes(column: str, lang: str) -> list[tuple[str, str, dict[str, Any]]]:
    words = load.table("labels/map.toml")[column]
    lead = labels("report", lang)["suspected_lead"]
    found = []
    for code, entry in load.table("labels/map_styles.toml")[column].items():
        text = words[code][lang]
        if column == "idle_class" and code in idle_classes():
            text = lead + text
        found.append(("" if code in ("missing", "other") else code, text, entry))
    return found


def _names(frame: gpd.GeoDataFrame, column: str, lang: str) -> list[tuple[str, str, dict[str, Any]]]:
    wheel = load.table("labels/map_styles.toml")["wheel"]
    titles = load.table("constraints.toml")
    names = sorted(set(frame[column].dropna().astype(str)))
    return [
        (name, titles[name]["title"][lang] if name in titles else name, wheel[place % len(wheel)])
        for place, name in enumerate(names)
    ]


def _categories(root: ET.Element, column: str, classes: list[tuple[str, str, dict[str, Any]]]) -> None:
    render = ET.SubElement(
        root,
        "renderer-v2",
        {"type": "categorizedSymbol", "attr": column, "symbollevels": "0", "enableorderby": "0"},
    )
    listed = ET.SubElement(render, "categories")
    symbols = ET.SubElement(render, "symbols")
    for place, (code, label, entry) in enumerate(classes):
        own = {"value": code, "label": label, "symbol": str(place), "render": "true", "type": "string"}
        ET.SubElement(listed, "category", own)
        _symbol(symbols, str(place), entry)


def _symbol(symbols: ET.Element, name: str, entry: dict[str, Any]) -> None:
    own = {"type": "fill", "name": name, "alpha": "1", "clip_to_extent": "1", "force_rhr": "0"}
    symbol = ET.SubElement(symbols, "symbol", own)
    edge, width = entry.get("stroke", _EDGE), str(entry.get("width", 0.5) * 0.26)
    fill = entry.get("fill", "")
    pattern = entry.get("pattern", "")
    _layer(symbol, fill or "#ffffff", "solid" if fill else "no", edge, width)
    if pattern:
        _layer(symbol, entry.get("stroke", _PATTERN_INK), _PATTERNS[pattern], edge, width)


def _layer(symbol: ET.Element, colour: str, style: str, edge: str, width: str) -> None:
    layer = ET.SubElement(
        symbol, "layer", {"class": "SimpleFill", "enabled": "1", "locked": "0", "pass": "0"}
    )
    options = {
        "color": _rgba(colour), "style": style, "outline_color": _rgba(edge), "outline_style": "solid",
        "outline_width": width, "outline_width_unit": "MM", "joinstyle": "bevel", "offset": "0,0",
    }  # fmt: skip
    held = ET.SubElement(layer, "Option", {"type": "Map"})
    for key, value in options.items():
        ET.SubElement(held, "Option", {"name": key, "type": "QString", "value": value})
    for key, value in options.items():
        ET.SubElement(layer, "prop", {"k": key, "v": value})


def _rgba(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"{red},{green},{blue},255"
