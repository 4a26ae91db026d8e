"""What a reader has to know of the figures: assumptions, gaps and ways of counting."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from landzone.measures.density import counted_buildings
from landzone.measures.parameters import Parameters
from landzone.measures.parcel_table import ParcelFacts
from landzone.model.layer import Layer, Table
from landzone.model.ledger import Ledger
from landzone.model.problems import Problems
from landzone.model.study import Study
from landzone.units import AREA_UNITS_PER_M2

_FIRST = 10


def note_facts(
    study: Study, ledger: Ledger, facts: ParcelFacts, parameters: Parameters, problems: Problems
) -> None:
    """List the notes on parcels, buildings, projects and enterprises."""
    _parcels(study, facts, problems)
    if facts.building_floor is not None:
        _buildings(study, ledger, facts.building_floor, parameters, problems)
    if "projects" in study.tables:
        _projects(study.tables["projects"], facts, problems)
    firms = study.tables.get("enterprises")
    if firms is not None and "clean_audit_required" not in firms.frame and "clean_audit_done" in firms.frame:
        problems.note("CLEAN_AUDIT_ALL_REQUIRED", source=firms.source.source, layer=firms.role)


def _several(
    problems: Problems, code: str, ids: Iterable[str], part: Layer | Table, **params: object
) -> None:
    known = pd.Index(ids, dtype="str").unique()
    if len(known):
        first = known if known.is_monotonic_increasing else known.sort_values()
        words = {"count": len(known), "ids": ", ".join(first[:_FIRST]), **params}
        problems.note(code, source=part.source.source, layer=part.role, params=words)


def _parcels(study: Study, facts: ParcelFacts, problems: Problems) -> None:
    parcels = study.layers["parcels"]
    if facts.industrial is None:
        problems.note("DENSITY_ON_ALL_PARCELS", source=parcels.source.source, layer=parcels.role)
    else:
        _several(
            problems, "USE_CODE_BLANK", facts.industrial.index[facts.industrial.isna().to_numpy()], parcels
        )


def _buildings(
    study: Study, ledger: Ledger, floor: pd.DataFrame, parameters: Parameters, problems: Problems
) -> None:
    layer = study.layers["buildings"]
    _several(problems, "STOREY_HEIGHT_UNKNOWN", floor.index[floor["height_unknown"].to_numpy()], layer)
    _several(problems, "FLOORS_UNKNOWN", floor.index[floor["floor_area"].isna().to_numpy()], layer)
    frame = layer.frame
    if "status" in frame:
        gone = frame[~counted_buildings(frame["status"], parameters.absent_status)]
        words = ", ".join(sorted(gone["status"].dropna().astype("str").unique()))
        _several(problems, "BUILDINGS_NOT_STANDING", gone.index, layer, words=words)
    if "underground_floors" in frame and "floor_area_m2" in frame:
        both = (frame["underground_floors"] > 0) & frame["floor_area_m2"].notna()
        _several(problems, "UNDERGROUND_IN_FLOOR_AREA", frame.index[both.fillna(False)], layer)
    if ledger.parcel_building is not None and ledger.parcel_cover is not None:
        union = int(ledger.parcel_cover.sum())
        excess = int(ledger.parcel_building.area.sum()) - union
        if union and excess / union > parameters.overlap_noted_over:
            params = {"area": round(excess / AREA_UNITS_PER_M2, 2), "percent": round(100 * excess / union, 2)}
            problems.note("BUILDINGS_OVERLAP", source=layer.source.source, layer=layer.role, params=params)


def _projects(table: Table, facts: ParcelFacts, problems: Problems) -> None:
    name = "fixed_asset_investment_fen"
    if name not in table.frame:
        return
    told, projects = facts.rows.of_projects(table.frame[name]), facts.rows.projects
    part = (told["given"] > 0) & (told["given"] < told["rows"])
    one = (told["given"] > 0) & (told["least"] == told["most"])
    same = one & ~part & (told["parcels"] > 1)
    differ = (told["given"] > 0) & ~one & (told["parcels"] > 1)
    _several(problems, "INVESTMENT_PARTLY_BLANK", projects[part.to_numpy()], table)
    _several(problems, "INVESTMENT_SPLIT", projects[same.to_numpy()], table)
    _several(problems, "INVESTMENT_PER_ROW", projects[differ.to_numpy()], table)
