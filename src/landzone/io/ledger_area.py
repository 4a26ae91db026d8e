"""Areas in a ledger of projects against the parcels on the map: a wrong unit or a wrong parcel shows here first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from landzone.geometry.area import AreaMeasure
from landzone.io.agreement import area_text, mistake_hint
from landzone.io.cells import reading, shown
from landzone.io.columns import header_unit
from landzone.io.numbers import Unit, UnitMissing, read_area, stated_unit
from landzone.model.layer import Layer, Table
from landzone.model.problems import Problems
from landzone.units import FloatArray

_PREFIX = "src_"


def note_ledger_areas(table: Table, parcels: Layer, problems: Problems) -> None:
    """Note every project whose area in the ledger is not that of its parcel.

    Compared are projects that stand on one parcel alone, which has no other project; the limit is that of the
    catalogue. The column is one of the land-area names of the catalogue; where neither header nor cells give its unit,
    the one under which most rows agree is taken. Nothing is changed: the audit measures land on the map.

    Parameters
    ----------
    table : Table
        Joined projects, with ``src_…`` columns as found.
    parcels : Layer
        In the working CRS.
    problems : Problems
        Takes the notes LEDGER_AREA_DIFFERS.
    """
    column, unit = _column(table.frame)
    alone = _alone(table.frame)
    if not column or not alone.any():
        return
    rows = table.frame[alone]
    shapes = parcels.frame.geometry.loc[rows["parcel_id"]].to_numpy()
    measured = AreaMeasure(parcels.frame.crs).m2(shapes)
    stated = _areas(rows[column], unit, measured)
    if stated is None:
        return
    with np.errstate(invalid="ignore"):
        ratio = stated / measured
        far = np.abs(ratio - 1) > reading()["area_difference"]["ledger"]
    if not far.any():
        return
    header = column.removeprefix(_PREFIX)
    problems.note(
        "LEDGER_AREA_DIFFERS",
        source=table.source.source,
        layer=table.role,
        rows=rows["source_row"].to_numpy()[far],
        ids=rows["project_id"][far],
        column=header,
        raw_value=[shown(v) for v in rows[column][far]],
        before=[area_text(v) for v in stated[far]],
        after=[area_text(v) for v in measured[far]],
        params=[
            {"parcel": parcel, "ratio": f"{value:.4g}", **mistake_hint(value)}
            for parcel, value in zip(rows["parcel_id"][far], ratio[far], strict=True)
        ],
    )


def _column(frame: pd.DataFrame) -> tuple[str, Unit | None]:
    """Return the one column of land areas and the unit of its header, an empty name where there is none or several."""
    names = reading()["area_difference"]["ledger_names"]
    found = {}
    for column in map(str, frame.columns):
        fits, unit = header_unit(column.removeprefix(_PREFIX), names, "area")
        if column.startswith(_PREFIX) and fits:
            found[column] = unit
    return next(iter(found.items())) if len(found) == 1 else ("", None)


def _alone(frame: pd.DataFrame) -> Any:
    twice = frame.duplicated("parcel_id", keep=False) | frame.duplicated("project_id", keep=False)
    return ~twice.to_numpy(dtype=bool)


def _areas(column: pd.Series, unit: Unit | None, measured: FloatArray) -> FloatArray | None:
    """Return areas in m², NaN where a cell cannot be read; None where no unit is given and none can be found."""
    codes, uniques = pd.factorize(column, use_na_sentinel=True)

    def read(chosen: Unit | None) -> FloatArray:
        values = [cell.value for cell in read_area(list(uniques), chosen)] + [None]
        found = np.array([np.nan if v is None else v for v in values], dtype=float)
        whole: FloatArray = found[np.where(codes < 0, len(uniques), codes)]
        return whole

    try:
        return read(unit)
    except UnitMissing:
        limit = reading()["area_difference"]["ledger"]
        tried = {name: read(stated_unit("area", name)) for name in ("m2", "mu", "ha")}
        with np.errstate(invalid="ignore"):
            agree = {name: float((np.abs(v / measured - 1) <= limit).mean()) for name, v in tried.items()}
        best = max(agree, key=lambda name: agree[name])
        return tried[best] if agree[best] >= 0.5 else None
