"""What the page is told of each layer: columns, themes and positions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.catalog import load
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.map_html import codec
from landzone.outputs.map_html.lonlat import Degrees
from landzone.outputs.map_html.themed import ID_COLUMNS, ThemedLayer, money_column, themed
from landzone.outputs.map_html.themes import known

LAYERS = ("parcels", "patches", "use_conflicts", "buildings", "contradictions", "constraints", "zones")
"""In drawing order, the lowest first."""

EARLIER = "_old"
"""Ends the name of a layer of an earlier audit; the page draws it like the layer of today."""

SHOWN = frozenset(
    {"verdict_changes", "idle_changes", "conflict_changes", "parcels", "buildings", "constraints", "zones"}
)
_VOCABULARIES = (
    "idle_class",
    "land_stock",
    "conformity",
    "severity",
    "rule",
    "area_kind",
    "density_denominator",
    "type",
    "conflict_state",
    "contradiction",
    "strength",
)
_KINDS = {"_m2": "m2", "_ratio": "ratio", "_m": "m", "_count": "count", "_years": "years"}
_PLAIN_RATIOS = ("floor_area_ratio",)
_NUMBERS = ("floors",)
_FLAGS = ("is_small", "is_sliver")
_WHOLE_BELOW = 2**53


@dataclass(frozen=True)
class Field:
    """A column as the page shows it: ``column`` of the frame, ``key`` of its label, ``kind`` of its values."""

    column: str
    key: str
    kind: str


@dataclass(frozen=True)
class LayerContent:
    """One layer: its shapes and what is said of them."""

    name: str
    packed: codec.Packed
    payload: dict[str, Any]
    shown: bool


def words() -> dict[str, Any]:
    """Return the labels of the map in both languages."""
    evidence = load.table("labels/evidence.toml")
    return {
        **load.table("labels/map.toml"),
        **dict.fromkeys(("contradiction", "strength", "evidence"), evidence),
    }


def layers(study: Study, result: AuditResult, shift: str = "") -> dict[str, LayerContent]:
    """Return the layers of the map in drawing order; empty ones are left out, but for zones and parcels."""
    return encoded(study, themed_layers(study, result), shift)


def themed_layers(study: Study, result: AuditResult) -> dict[str, ThemedLayer]:
    """Return every layer of a result with its themes, in drawing order."""
    return {name: themed(name, study, result) for name in LAYERS}


def left_out(drawn: Mapping[str, ThemedLayer]) -> int:
    """Return how many buildings are not on the map because there are too many; 0 where all are."""
    count = len(drawn["buildings"].frame) if "buildings" in drawn else 0
    return count if count > load.table("map.toml")["most_buildings"] else 0


def encoded(study: Study, drawn: Mapping[str, ThemedLayer], shift: str = "") -> dict[str, LayerContent]:
    """Return layers as the page takes them.

    Empty ones are left out, but for zones and parcels; so are buildings past ``most_buildings`` of
    ``catalog/map.toml``, and the page says it.
    """
    degrees = Degrees(study.crs, shift)
    absent = {name for name in drawn if not len(drawn[name].frame)} - {"zones", "parcels"}
    absent |= {"buildings"} if left_out(drawn) else set()
    return {
        name: _layer(layer, study.settings.money, degrees)
        for name, layer in drawn.items()
        if name not in absent
    }


def _layer(layer: ThemedLayer, money: str, degrees: Degrees) -> LayerContent:
    name, frame = layer.name, layer.frame
    packed = codec.packed_polygons(degrees.shapes(frame.geometry.to_numpy()))
    fields = _fields(name, frame, money)
    kind = name.removesuffix(EARLIER)
    payload = {
        "layer": kind,
        "count": packed.count,
        "scale": packed.scale,
        "bounds": packed.bounds,
        "shapes": packed.text,
        "columns": codec.packed_columns(_columns(layer, fields, ID_COLUMNS.get(kind))),
        "fields": [{"key": f.key, "kind": f.kind} for f in fields if f.kind != "hidden"],
        "themes": [theme.as_json() for theme in layer.themes],
        "first": next((place for place, theme in enumerate(layer.themes) if known(theme)), 0),
    }
    return LayerContent(name, packed, payload, name in SHOWN)


def _columns(layer: ThemedLayer, fields: list[Field], identity: str | None) -> Iterator[tuple[str, Any]]:
    """Give the columns of a layer one by one under their keys."""
    for field in fields:
        yield field.key, _values(layer.frame[field.column], field.kind)
    for theme in layer.themes:
        yield f"class:{theme.key}", theme.places
    if identity is not None and identity in layer.frame:
        yield "id", _values(layer.frame[identity], "id")


def field_columns(name: str, frame: pd.DataFrame, money: str) -> list[str]:
    """Return the columns of a layer that a card shows, its id first, under their names in the frame."""
    identity = [
        column for column in (ID_COLUMNS.get(name), "verdict") if column is not None and column in frame
    ]
    return list(dict.fromkeys([*identity[:1], *(f.column for f in _fields(name, frame, money)), *identity]))


def _fields(name: str, frame: pd.DataFrame, money: str) -> list[Field]:
    fields = []
    for key in words()["fields"].get(name, ()):
        for column, kind in ((key, _kind(key)), (money_column(key, money), _money_kind(key, money))):
            if column in frame:
                fields.append(Field(column, key, kind))
                break
    if name == "patches":
        fields += _plan_fields(frame)
    return fields


def _plan_fields(frame: pd.DataFrame) -> list[Field]:
    plans = [str(c).removesuffix("_common") for c in frame if str(c).endswith("_common")]
    return [
        field
        for plan in plans
        for field in (
            Field(f"{plan}_code", f"plan:{plan}", "plan"),
            Field(f"{plan}_common", f"common:{plan}", "hidden"),
        )
        if field.column in frame
    ]


def _kind(key: str) -> str:
    if key in _PLAIN_RATIOS:
        return "plain"
    if key in _NUMBERS:
        return "number"
    if key in _FLAGS:
        return "flag"
    stem = key.removesuffix("_old").removesuffix("_new")
    if stem in _VOCABULARIES:
        return f"word:{stem}"
    return next((kind for suffix, kind in _KINDS.items() if key.endswith(suffix)), "text")


def _money_kind(key: str, money: str) -> str:
    return f"{'rate' if key.endswith('_per_ha') else 'money'}:{money}"


def _values(column: pd.Series, kind: str) -> Any:
    if kind == "id":
        return column.astype("str").tolist()
    if kind == "flag":
        return [None if pd.isna(v) else int(bool(v)) for v in column.tolist()]
    if kind in ("text", "plan", "hidden") or kind.startswith("word:"):
        texts = column.astype("object").where(column.notna(), None).tolist()
        return codec.dictionary([None if v is None else str(v) for v in texts])
    return _numbers(pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan))


def _numbers(values: NDArray[np.float64]) -> list[float | int | None]:
    """Return numbers as JSON has them: whole ones without a point, None where there is none."""
    known = np.isfinite(values)
    whole = known & (values == np.rint(values)) & (np.abs(values) < _WHOLE_BELOW)
    shown = values.astype("object")
    shown[~known] = None
    shown[whole] = values[whole].astype(np.int64).astype("object")
    return list(shown)
