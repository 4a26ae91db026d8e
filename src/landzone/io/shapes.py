"""Shapes at the gate: broken ones are set aside with their reason, harmless faults mended and listed, all brought
into the working CRS in two dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from landzone.geometry.area import AreaMeasure
from landzone.geometry.transform import Transformation
from landzone.geometry.validity import REPAIRABLE, Fault, examine
from landzone.io.agreement import area_text
from landzone.io.cells import reading
from landzone.io.raw import Raw
from landzone.io.rows import Shapes
from landzone.io.typed import BoolArray, Typed
from landzone.model.problems import Problems
from landzone.model.study import AreaKind
from landzone.units import FloatArray


def admit_shapes(
    raw: Raw,
    typed: Typed,
    transformation: Transformation | None,
    measure: AreaMeasure,
    problems: Problems,
) -> Shapes:
    """Return the shapes of a source in the working CRS, valid and two-dimensional.

    Rows whose shape cannot be used are rejected (codes ``GEOM_…``, with the place of the fault) and marked in
    ``typed.dropped``; their shape is None. Repairs that leave the area without doubt are listed with the area before
    and after. The examination runs in the CRS of the source, so that a place is found there again, and once more on
    shapes that reprojection made invalid.

    Parameters
    ----------
    raw : Raw
        With ``geometry``.
    typed : Typed
        The rows; those already dropped are not examined.
    transformation : Transformation or None
        Into the working CRS.
    measure : AreaMeasure
        Of the working CRS.
    """
    shapes = np.full(len(raw.rows), None, dtype=object) if raw.geometry is None else raw.geometry.copy()
    gate = _ShapeGate(raw, typed, problems)
    here = measure if transformation is None else AreaMeasure(transformation.source, AreaKind.ELLIPSOIDAL)
    shapes = gate.examine(shapes, ~typed.dropped, here)
    gate.drop_heights(shapes)
    deep = shapely.has_z(shapes) | shapely.has_m(shapes)
    shapes[deep] = shapely.force_2d(shapes[deep])
    if transformation is None:
        return shapes
    moved = np.asarray(transformation.apply(shapes), dtype=object)
    there = ~shapely.is_missing(moved)
    broken = there & ~_finite(moved)
    gate.reject("GEOM_NOT_FINITE", broken, np.full(len(moved), "", dtype=object))
    moved[broken] = None
    return gate.examine(moved, there & ~broken & ~shapely.is_valid(moved), measure)


def _finite(shapes: Shapes) -> BoolArray:
    bounds = shapely.bounds(shapes)
    return np.asarray(np.isfinite(bounds).all(axis=1), dtype=bool)


class _ShapeGate:
    """Examines the shapes of one source and lists what is wrong with them."""

    def __init__(self, raw: Raw, typed: Typed, problems: Problems) -> None:
        self.raw = raw
        self.typed = typed
        self.problems = problems

    def _fields(self, rows: BoolArray) -> dict[str, Any]:
        return {
            "source": self.raw.source,
            "layer": self.raw.role,
            "rows": self.raw.rows[rows],
            "ids": self.typed.subject[rows],
        }

    def reject(self, code: str, rows: BoolArray, where: Shapes, area: FloatArray | None = None) -> None:
        """Reject whole rows, with the place or type that tells why, and their area by the formula if they have one."""
        if rows.any():
            before: Any = "" if area is None else [area_text(v) if v > 0 else "" for v in area]
            self.problems.reject(code, **self._fields(rows), raw_value=where[rows], before=before)
            self.typed.dropped |= rows

    def examine(self, shapes: Shapes, wanted: BoolArray, measure: AreaMeasure) -> Shapes:
        """Return the shapes with the wanted ones examined: mended where there is no doubt, None where rejected."""
        result = shapes.copy()
        result[self.typed.dropped] = None
        places = np.flatnonzero(wanted)
        if not len(places):
            return result
        found = examine(shapes[places])
        codes = reading()["faults"]
        for fault in sorted({str(f) for f in found.fault} - {str(Fault.OK)}):
            rows = np.zeros(len(shapes), dtype=bool)
            rows[places[found.fault == fault]] = True
            if Fault(fault) in REPAIRABLE:
                self._repaired(fault, rows, shapes, found.mended[found.fault == fault], measure)
                result[rows] = found.mended[found.fault == fault]
            else:
                where = np.full(len(shapes), "", dtype=object)
                where[places] = found.where
                self.reject(codes[fault]["code"], rows, where, self._formula(fault, shapes[rows], measure))
                result[rows] = None
        return result

    def _formula(self, fault: str, shapes: Shapes, measure: AreaMeasure) -> FloatArray | None:
        """Return areas by the formula, shells less holes as they are; None where a shape is no polygon."""
        areal = np.isin(shapely.get_type_id(shapes), (3, 6)).all()
        finite = Fault(fault) not in (Fault.NULL, Fault.EMPTY, Fault.NOT_FINITE)
        return np.abs(measure.m2(shapely.force_2d(shapes))) if areal and finite else None

    def _repaired(
        self, fault: str, rows: BoolArray, shapes: Shapes, mended: Shapes, measure: AreaMeasure
    ) -> None:
        words = reading()["faults"][fault]
        before, after = measure.m2(shapely.force_2d(shapes[rows])), measure.m2(shapely.force_2d(mended))
        self.problems.repair(
            words["code"],
            **self._fields(rows),
            before=[area_text(abs(v)) for v in before],
            after=[area_text(v) for v in after],
            params={"reason_zh": words["zh"], "reason_en": words["en"]},
        )

    def drop_heights(self, shapes: Shapes) -> None:
        """Note once that heights and measures of shapes are not used."""
        rows = np.asarray(shapely.has_z(shapes) | shapely.has_m(shapes), dtype=bool)
        if rows.any():
            keep = reading()["kept"]["ids"]
            ids = sorted({str(s) for s in self.typed.subject[rows] if s})
            names = ", ".join(ids[:keep]) + (" …" if len(ids) > keep else "")
            place = {"source": self.raw.source, "layer": self.raw.role}
            params = {"count": int(rows.sum()), "ids": names}
            self.problems.note("GEOM_Z_DROPPED", **place, params=params)
