"""Layers with the ways in which they are coloured: decided once, for the page, the sheets and the atlas alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from landzone.model.ids import within
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.map_html.themes import Limit, Theme, by_code, by_name, by_number, styles

ID_COLUMNS = {
    "zones": "zone_id", "parcels": "parcel_id", "buildings": "building_id", "patches": "patch_id",
    "verdict_changes": "parcel_id", "idle_changes": "parcel_id", "conflict_changes": "patch_id",
}  # fmt: skip
VERDICTS = ("fail", "unknown", "pass", "not_applicable")
"""The gravest first."""

_FROM_SOURCE = {
    "zones": ("name", "phase"),
    "parcels": ("name", "holder", "use_name", "use_code", "phase"),
    "buildings": ("kind", "floors", "height_m", "storey_height_m", "floor_area_m2", "status"),
}
"""Columns of the source that a card shows where the result does not repeat them."""


@dataclass(frozen=True)
class ThemedLayer:
    """One layer: its features, and the ways in which they are coloured."""

    name: str
    frame: gpd.GeoDataFrame
    themes: tuple[Theme, ...]

    def theme(self, key: str) -> Theme | None:
        """Return a theme by its key, None where the layer has none."""
        return next((theme for theme in self.themes if theme.key == key), None)

    def where(self, chosen: Any) -> ThemedLayer:
        """Return the layer with some of its features; classes and their limits stay those of the whole."""
        places = np.flatnonzero(np.asarray(chosen, dtype=bool))
        themes = tuple(
            replace(theme, places=[theme.places[place] for place in places]) for theme in self.themes
        )
        return replace(self, frame=self.frame.iloc[places].reset_index(drop=True), themes=themes)


def themed(name: str, study: Study, result: AuditResult) -> ThemedLayer:
    """Return a layer of a result with its themes.

    Parameters
    ----------
    name : str
        One of ``content.LAYERS``.
    """
    return retheme(name, _frame(name, study, result), study, result)


def retheme(name: str, frame: gpd.GeoDataFrame, study: Study, result: AuditResult) -> ThemedLayer:
    """Return features of a layer, of one result or several together, with its themes; limits are of ``result``."""
    return ThemedLayer(name, frame, tuple(_themes(name, frame, study, result)))


def money_column(stem: str, money: str) -> str:
    """Return the column of a money figure: ``idle_fee`` → ``idle_fee_wan_cny``.

    >>> money_column("investment_intensity_per_ha", "wan_cny")
    'investment_intensity_wan_cny_per_ha'
    """
    per_ha = "_per_ha"
    if stem.endswith(per_ha):
        return f"{stem.removesuffix(per_ha)}_{money}{per_ha}"
    return f"{stem}_{money}"


def contradictions(result: AuditResult) -> gpd.GeoDataFrame:
    """Return what ledger and ground contradict each other in, on the shapes of the parcels, the most solid first."""
    parcels = result.parcels.set_index("parcel_id")
    rows = result.tables.get("contradictions")
    if rows is None or not len(rows):
        rows = pd.DataFrame(columns=["parcel_id", "kind", "strength", "area_m2"])
    own = (
        rows[parcels.index.get_indexer(rows["parcel_id"]) >= 0]
        .reset_index(drop=True)
        .rename(columns={"kind": "contradiction"})
    )
    own["zone_id"] = parcels["zone_id"].reindex(own["parcel_id"]).to_numpy()
    shapes = parcels.geometry.reindex(own["parcel_id"]).to_numpy()
    return gpd.GeoDataFrame(own, geometry=shapes, crs=result.parcels.crs)


def _frame(name: str, study: Study, result: AuditResult) -> gpd.GeoDataFrame:
    if name == "contradictions":
        return contradictions(result)
    frame: gpd.GeoDataFrame = getattr(result, name).reset_index(drop=True)
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
    rows = findings_by_parcel(result, ["verdict"], among=result.parcels["parcel_id"])
    rows = rows.reset_index(drop=True)  # a project on two parcels is two rows
    rank = {verdict: i for i, verdict in enumerate(VERDICTS)}
    ranks = rows["verdict"].astype("object").map(rank).dropna().astype(int)
    worst = ranks.groupby(rows.loc[ranks.index, "parcel_id"]).min()
    return {str(parcel): VERDICTS[place] for parcel, place in worst.items()}


def findings_by_parcel(
    result: AuditResult, columns: Sequence[str] = (), *, among: pd.Series | None = None
) -> pd.DataFrame:
    """Return findings on parcels and projects with the ``parcel_id`` they belong to, one row a pair.

    Parameters
    ----------
    columns : sequence of str
        What is wanted of them besides their subject; everything where it is empty.
    among : Series of str, optional
        Ids of the parcels that are asked for; all of them where it is absent.
    """
    findings = result.findings
    if columns:
        findings = findings[list(dict.fromkeys(["subject_kind", "subject_id", *columns]))]
    own = findings[findings["subject_kind"] == "parcel"].assign(parcel_id=lambda f: f["subject_id"])
    own = own if among is None else own[within(own["parcel_id"], among)]
    of_projects = findings[findings["subject_kind"] == "project"]
    if len(of_projects) and {"project_id", "parcel_id"} <= set(result.projects.columns):
        pairs = result.projects[["project_id", "parcel_id"]].dropna().drop_duplicates()
        if among is not None:
            pairs = pairs[within(pairs["parcel_id"], among)]
            of_projects = of_projects[within(of_projects["subject_id"], pairs["project_id"])]
        joined = of_projects.reset_index().merge(pairs, left_on="subject_id", right_on="project_id")
        joined = joined.set_index("index").drop(columns="project_id")
        return pd.concat([own, joined]) if len(joined) else own
    return own


def _themes(name: str, frame: pd.DataFrame, study: Study, result: AuditResult) -> list[Theme]:
    if name == "parcels":
        return _parcel_themes(frame, study, result)
    if name == "patches":
        own = [by_code(key, frame[key], key) for key in ("kind", "severity", "type") if key in frame]
        plans = [str(c).removesuffix("_common") for c in frame if str(c).endswith("_common")]
        return own + [by_code(f"plan:{plan}", frame[f"{plan}_common"], "common") for plan in plans]
    if name == "contradictions":
        return [by_code(key, frame[key], key) for key in ("contradiction", "strength")]
    if name == "constraints":
        return [by_name("constraint", frame["constraint"])]
    return [Theme("plain", [{"name": name, **styles()["plain"][name]}], [0] * len(frame))]


def _parcel_themes(frame: pd.DataFrame, study: Study, result: AuditResult) -> list[Theme]:
    themes = [by_code("idle_class", frame["idle_class"], "idle_class")] if "idle_class" in frame else []
    if "land_stock" in frame:
        themes.append(by_code("land_stock", frame["land_stock"], "land_stock"))
    for key in ("building_density_ratio", "floor_area_ratio", "investment_intensity_per_ha"):
        column = key if key in frame else money_column(key, study.settings.money)
        if column in frame:
            themes.append(by_number(key, frame[column], limit_of(column, result.findings)))
    if "conformity" in frame:
        themes.append(by_code("conformity", frame["conformity"], "conformity"))
    themes.append(by_code("verdict", frame["verdict"], "verdict"))
    return themes


def limit_of(measure: str, findings: pd.DataFrame, kind: str = "parcel") -> Limit | None:
    """Return the limit of a rule on a measure, that on a kind of subject first; None where no rule has one."""
    rows = findings[(findings["measure"] == measure) & findings["limit"].notna()]
    if not len(rows):
        return None
    ranked = rows.assign(own=(rows["subject_kind"] != kind).astype(int))
    first = ranked.sort_values(["own", "rule_id", "pack_id", "limit"], kind="stable").iloc[0]
    return Limit(float(first["limit"]), str(first["op"]), str(first["rule_id"]), str(first["subject_kind"]))
