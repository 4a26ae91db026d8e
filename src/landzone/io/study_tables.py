"""Opens the tables of a study and joins them to the parcels and zones they speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from landzone.geometry.area import AreaMeasure
from landzone.io.gate import gate_table, projects_from_parcels
from landzone.io.joins import join_projects, join_zones
from landzone.io.ledger_area import note_ledger_areas
from landzone.io.reader import Reader
from landzone.io.study_file import StudyFile
from landzone.model.layer import Layer, Table
from landzone.model.problems import Problems


def open_tables(
    file: StudyFile,
    layers: Mapping[str, Layer],
    money: str,
    reader: Reader,
    problems: Problems,
    measure: AreaMeasure,
) -> dict[str, Table]:
    """Read, gate and join every table of a study; project columns on the parcels make a ledger, too."""
    tables = {}
    for name, spec in file.spec.tables.given().items():
        raw = reader.table(spec.source, file.folder, role=name, problems=problems, encoding=spec.encoding)
        table = gate_table(
            raw,
            columns=spec.columns,
            units=spec.units,
            key=file.spec.tables.key_of(name),
            problems=problems,
            money=money,
        )
        tables[name] = _joined(table, layers, money, problems, measure)
    own = projects_from_parcels(layers["parcels"])
    if own is not None and "projects" in tables:
        names = [
            c
            for c in own.frame.columns
            if c not in ("project_id", "parcel_id", "source_row", "rejected_cells")
        ]
        place = {"source": layers["parcels"].source.source, "layer": "parcels"}
        problems.note("PROJECT_COLUMNS_TWICE", **place, params={"columns": ", ".join(names)})
    elif own is not None:
        tables["projects"] = _on_parcels(own, layers["parcels"], money, problems, measure)
    return tables


def _joined(
    table: Table, layers: Mapping[str, Layer], money: str, problems: Problems, measure: AreaMeasure
) -> Table:
    if table.role == "projects":
        joined = join_projects(layers["parcels"], table, problems, measure=measure, money=money)
        note_ledger_areas(joined, layers["parcels"], problems)
        return joined
    if table.key == "parcel_id":
        return _join_parcels(table, layers["parcels"], problems)
    return join_zones(layers["zones"], table, problems)


def _on_parcels(own: Table, parcels: Layer, money: str, problems: Problems, measure: AreaMeasure) -> Table:
    """Check a ledger that stands on the parcels layer; its rows are counted with that layer alone."""
    named = replace(own, source=replace(own.source, source=parcels.source.source))
    return replace(join_projects(parcels, named, problems, measure=measure, money=money), source=own.source)


def _join_parcels(table: Table, parcels: Layer, problems: Problems) -> Table:
    """Keep figures whose parcel is on the map."""
    keys = table.frame.index.to_series()
    matched = parcels.frame.index.get_indexer(keys) >= 0
    lost = table.frame[~matched]
    if len(lost):
        problems.reject(
            "JOIN_NO_PARCEL",
            source=table.source.source,
            layer=table.role,
            rows=lost["source_row"].to_numpy(),
            ids=lost.index,
            raw_value=lost.index,
            params={"money": ""},
        )
    source = replace(
        table.source,
        rows_used=table.source.rows_used - len(lost),
        rows_rejected=table.source.rows_rejected + len(lost),
    )
    return replace(table, frame=table.frame[matched], source=source)
