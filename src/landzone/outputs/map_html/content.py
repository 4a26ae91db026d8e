"""What the page is told of each layer: columns, themes and positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landzone.catalog import load
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.map_html import codec
from landzone.outputs.map_html.lonlat import Degrees
from landzone.outputs.map_html.themes import Limit, Theme, by_code, by_name, by_number, styles

LAYERS = ("parcels", "patches", "use_conflicts", "buildings", "constraints", "zones")
"""In drawing order, the lowest first."""

SHOWN = frozenset({"parcels", "buildings", "constraints", "zones"})
ID_COLUMNS = {"zones": "zone_id", "parcels": "parcel_id", "buildings": "building_id", "patches": "patch_id"}
VERDICTS = ("fail", "unknown", "pass", "not_applicable")
"""The gravest first."""

_VOCABULARIES = ("idle_class", "conformity", "severity", "rule", "area_kind", "density_denominator", "type")
_KINDS = {"_m2": "m2", "_ratio": "ratio", "_m": "m", "_count": "count", "_years": "years"}
_PLAIN_RATIOS = ("floor_area_ratio",)
_NUMBERS = ("floors",)
_FROM_SOURCE = {
    "zones": ("name", "phase"),
    "parcels": ("name", "holder", "use_name", "use_code", "phase"),
    "buildings": ("kind", "floors", "height_m", "storey_height_m", "floor_area_m2", "status"),
}
"""Columns of the source that a card shows where the result does not repeat them."""

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
    return load.table("labels/map.toml")


def money_column(stem: str, money: str) -> str:
    """Return the column of a money figure: ``idle_fee`` → ``idle_fee_wan_cny``.

    >>> money_column("investment_intensity_per_ha", "wan_cny")
    'investment_intensity_wan_cny_per_ha'
    """
    per_ha = "_per_ha"
    if stem.endswith(per_ha):
        return f"{stem.removesuffix(per_ha)}_{money}{per_ha}"
    return f"{stem}_{money}"


def layers(study: Study, result: AuditResult, shift: str = "") -> dict[str, LayerContent]:
    """Return the layers of the map in drawing order; empty ones are left out, but for zones and parcels."""
    degrees = Degrees(study.crs, shift)
    found = {}
    for name in LAYERS:
        frame = _frame(name, study, result)
        if len(frame) or name in ("zones", "parcels"):
            found[name] = _layer(name, frame, study, result, degrees)
    return found


def _layer(
    name: str, frame: gpd.GeoDataFrame, study: Study, result: AuditResult, degrees: Degrees
) -> LayerContent:
    packed = codec.packed_polygons(degrees.shapes(frame.geometry.to_numpy()))
    fields = _fields(name, frame, study.settings.money)
    themes = _themes(name, frame, study, result)
    columns = {field.key: _values(frame[field.column], field.kind) for field in fields}
    columns |= {f"class:{theme.key}": theme.places for theme in themes}
    identity = ID_COLUMNS.get(name)
    if identity is not None and identity in frame:
        columns["id"] = _values(frame[identity], "id")
    payload = {
        "layer": name,
        "count": packed.count,
        "scale": packed.scale,
        "bounds": packed.bounds,
        "shapes": packed.text,
        "columns": codec.packed_columns(codec.without_repeats(columns)),
        "fields": [{"key": f.key, "kind": f.kind} for f in fields if f.kind != "hidden"],
        "themes": [theme.as_json() for theme in themes],
    }
    return LayerContent(name, packed, payload, name in SHOWN)


def _frame(name: str, study: Study, result: AuditResult) -> gpd.GeoDataFrame:
    frame: gpd.GeoDataFrame = getattr(result, name).reset_index(drop=True).copy()
    source = study.layers[name].frame if name in study.layers else pd.DataFrame()
    for column in _FROM_SOURCE.get(name, ()):
        if column not in frame and column in source:
            frame[column] = source[column].reindex(frame[ID_COLUMNS[name]]).to_numpy()
    if name != "parcels":
        return frame
    for column in ("project", "enterprise", "project_id"):
        frame[column] = _project_words(frame, result.projects, column)
    frame["verdict"] = frame["parcel_id"].map(worst_verdicts(result))
    return frame


def _project_words(parcels: pd.DataFrame, projects: pd.DataFrame, column: str) -> pd.Series:
    """Return one text column of the ledger by parcel; several projects are joined, the holder is not repeated."""
    missing = pd.Series(None, index=parcels.index, dtype="object")
    if column not in projects or "parcel_id" not in projects:
        return missing
    pairs = projects[["parcel_id", column]].dropna().drop_duplicates()
    if not len(pairs):
        return missing
    several = pairs["parcel_id"].duplicated(keep=False)
    alone = pairs[~several].set_index("parcel_id")[column]
    joined = pd.concat([alone, pairs[several].groupby("parcel_id", sort=True)[column].agg(" · ".join)])
    words = parcels["parcel_id"].map(joined).astype("object")
    return words.where(words != parcels["holder"], None) if "holder" in parcels else words


def worst_verdicts(result: AuditResult) -> dict[str, str]:
    """Return the gravest verdict of every parcel that was tested, by its own rules or those of its projects."""
    rows = findings_by_parcel(result).reset_index(drop=True)  # a project on two parcels is two rows
    rank = {verdict: i for i, verdict in enumerate(VERDICTS)}
    ranks = rows["verdict"].astype("object").map(rank).dropna().astype(int)
    worst = ranks.groupby(rows.loc[ranks.index, "parcel_id"]).min()
    return {str(parcel): VERDICTS[place] for parcel, place in worst.items()}


def findings_by_parcel(result: AuditResult) -> pd.DataFrame:
    """Return findings on parcels and projects with the ``parcel_id`` they belong to, one row a pair."""
    findings = result.findings
    own = findings[findings["subject_kind"] == "parcel"].assign(parcel_id=lambda f: f["subject_id"])
    of_projects = findings[findings["subject_kind"] == "project"]
    if len(of_projects) and {"project_id", "parcel_id"} <= set(result.projects.columns):
        pairs = result.projects[["project_id", "parcel_id"]].dropna().drop_duplicates()
        joined = of_projects.reset_index().merge(pairs, left_on="subject_id", right_on="project_id")
        joined = joined.set_index("index").drop(columns="project_id")
        return pd.concat([own, joined]) if len(joined) else own
    return own


def _fields(name: str, frame: pd.DataFrame, money: str) -> list[Field]:
    fields = []
    for key in words()["fields"][name]:
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
    if key in _VOCABULARIES:
        return f"word:{key}"
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


def _themes(name: str, frame: pd.DataFrame, study: Study, result: AuditResult) -> list[Theme]:
    if name == "parcels":
        return _parcel_themes(frame, study, result)
    if name == "patches":
        own = [by_code(key, frame[key], key) for key in ("kind", "type") if key in frame]
        plans = [str(c).removesuffix("_common") for c in frame if str(c).endswith("_common")]
        return own + [by_code(f"plan:{plan}", frame[f"{plan}_common"], "common") for plan in plans]
    if name == "constraints":
        return [by_name("constraint", frame["constraint"])]
    return [Theme("plain", [{"name": name, **styles()["plain"][name]}], [0] * len(frame))]


def _parcel_themes(frame: pd.DataFrame, study: Study, result: AuditResult) -> list[Theme]:
    themes = [by_code("idle_class", frame["idle_class"], "idle_class")] if "idle_class" in frame else []
    for key in ("building_density_ratio", "floor_area_ratio", "investment_intensity_per_ha"):
        column = key if key in frame else money_column(key, study.settings.money)
        if column in frame:
            themes.append(by_number(key, frame[column], _limit(column, result.findings)))
    if "conformity" in frame:
        themes.append(by_code("conformity", frame["conformity"], "conformity"))
    themes.append(by_code("verdict", frame["verdict"], "verdict"))
    return themes


def _limit(measure: str, findings: pd.DataFrame) -> Limit | None:
    rows = findings[(findings["measure"] == measure) & findings["limit"].notna()]
    if not len(rows):
        return None
    ranked = rows.assign(own=(rows["subject_kind"] != "parcel").astype(int))
    first = ranked.sort_values(["own", "rule_id", "pack_id", "limit"], kind="stable").iloc[0]
    return Limit(float(first["limit"]), str(first["op"]), str(first["rule_id"]), str(first["subject_kind"]))
