"""The layers of a study on their way in: read, located, brought into one CRS, let through the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pyproj

from landzone.catalog.messages import refusal
from landzone.geometry.area import AreaMeasure
from landzone.geometry.crs import Transformation
from landzone.io.columns import match_columns
from landzone.io.coordinates import Located, locate
from landzone.io.database_url import masked
from landzone.io.gate import gate_layer
from landzone.io.plans import class_header
from landzone.io.reader import Reader
from landzone.io.reprojection import choose_working_crs, note_not_area_true, way_into
from landzone.io.study_file import StudyFile
from landzone.io.study_spec import LayerSpec, PlanSpec
from landzone.model.layer import Layer
from landzone.model.problems import ProblemKind, Problems
from landzone.model.study import CrsOperation

Progress = Callable[[str, float, str], None]


@dataclass(frozen=True)
class Source:
    """One layer that was read and located."""

    role: str
    section: str
    spec: LayerSpec
    located: Located

    @property
    def columns(self) -> dict[str, str]:
        """Return the columns of the study, the class column of a plan included."""
        columns = dict(self.spec.columns)
        if isinstance(self.spec, PlanSpec):
            header = class_header(self.located.raw, self.spec, self.role.partition(".")[2])
            if header:
                columns["code"] = header
        return columns

    def header(self, canonical: str) -> str:
        """Return the field a canonical column was read from, empty where there is none."""
        matches = match_columns(self.located.raw, self.columns, self.spec.units)
        return next((m.header for m in matches if m.spec.name == canonical), "")


def read_sources(
    file: StudyFile, reader: Reader, problems: Problems, progress: Progress
) -> dict[str, Source]:
    """Read every layer of a study and settle its CRS, the parcels first."""
    spec = file.spec
    named: list[tuple[str, str, LayerSpec]] = [
        (name, f"layers.{name}", layer) for name, layer in spec.layers.given().items()
    ]
    named += [(f"plans.{name}", f"plans.{name}", plan) for name, plan in sorted(spec.plans.items())]
    named += [(f"constraints.{n}", f"constraints.{n}", c) for n, c in sorted(spec.constraints.items())]
    sources = {}
    for number, (role, section, layer) in enumerate(named):
        progress("read", 0.5 * number / len(named), masked(layer.source))
        raw = reader.vector(layer.source, file.folder, role=role, problems=problems, encoding=layer.encoding)
        located = locate(raw, stated=layer.crs, section=section, problems=problems)
        sources[role] = Source(role, section, layer, located)
    return sources


def ways_in(
    sources: Mapping[str, Source], stated: str | None, problems: Problems
) -> tuple[pyproj.CRS, dict[str, Transformation | None], tuple[CrsOperation, ...]]:
    """Choose the working CRS and find the way of each layer into it."""
    crs = choose_working_crs(stated, [source.located for source in sources.values()])
    changes: dict[str, Transformation | None] = {}
    operations = []
    for role, source in sources.items():
        changes[role], operation = way_into(
            source.located, crs, source.spec.transformation, problems, source.spec.rotation
        )
        if operation is not None:
            operations.append(operation)
    return crs, changes, tuple(operations)


def admit(
    source: Source, change: Transformation | None, measure: AreaMeasure, money: str, problems: Problems
) -> Layer:
    """Let one layer through the gate.

    Raises
    ------
    Refusal
        LAYER_UNUSABLE when no feature is left, and what the gate refuses.
    """
    raw = replace(source.located.raw, crs=source.located.crs)
    layer = gate_layer(
        raw,
        columns=source.columns,
        units=source.spec.units,
        same_id=source.spec.same_id,
        crs=measure.crs,
        transformation=change,
        measure=measure,
        problems=problems,
        money=money,
    )
    if not len(layer.frame):
        rejects = problems.frame(ProblemKind.REJECT)
        codes = rejects.loc[rejects["layer"] == source.role, "code"].value_counts().sort_index()
        reasons = ", ".join(f"{code} {count}" for code, count in codes.items())
        raise refusal("LAYER_UNUSABLE", file=raw.source, layer=raw.layer, role=source.role, reasons=reasons)
    note_not_area_true(layer, source.located, problems)
    return layer
