"""Opens a study: the one place where files become layers, tables and plans in one working CRS."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from landzone.catalog.messages import refusal
from landzone.catalog.packs import load_packs
from landzone.geometry.area import AreaMeasure
from landzone.geometry.crs import Transformation
from landzone.io import relations
from landzone.io.columns import match_columns
from landzone.io.coordinates import Located, locate
from landzone.io.discover import discover
from landzone.io.gate import gate_layer
from landzone.io.plans import class_header, read_plan
from landzone.io.rasters import record_raster
from landzone.io.raw import Raw
from landzone.io.relations import Member
from landzone.io.reprojection import choose_working_crs, note_not_area_true, way_into
from landzone.io.study_file import FILE_NAME, StudyFile, read_study_file
from landzone.io.study_spec import LayerSpec, PlanSpec, constraint_defaults
from landzone.io.study_tables import open_tables
from landzone.io.use_scheme import add_use_classes
from landzone.io.vector import read_vector
from landzone.model.layer import Constraint, InputRecord, Layer, Raster, SpatialPlan, Table
from landzone.model.problems import ProblemKind, Problems
from landzone.model.study import CrsOperation, Settings, Study

Progress = Callable[[str, float, str], None]
_PASSWORD = re.compile(r"(://[^:/@\s]+):[^@\s]*@")


def open_study(path: str | Path, *, progress: Progress | None = None) -> Study:
    """Read everything a study names, check it at the door, and bring it into one working CRS.

    Parameters
    ----------
    path : str or Path
        A ``study.toml``, or a folder (with a ``study.toml``, or taken by the names of its files).
    progress : callable (stage, share, name), optional
        Told what is being read and how much of the whole is done (0…1).

    Returns
    -------
    Study
        Layers and tables with everything that was rejected, repaired or noted. The files are never touched.

    Raises
    ------
    Refusal
        When the study cannot lead to a true audit.
    """
    file = study_at(Path(path))
    with tempfile.TemporaryDirectory(prefix="landzone-") as work:
        return _Opening(file, Path(work), progress or _silent).study()


def check(path: str | Path) -> Study:
    """Run the input gate alone: the same as `open_study`, by the name of the command that does so."""
    return open_study(path)


def study_at(path: Path) -> StudyFile:
    """Return the specification at a path: of a study file, or of a folder by the names of its files."""
    if path.is_dir():
        inside = path / FILE_NAME
        return read_study_file(inside) if inside.is_file() else discover(path)
    if path.exists() and path.suffix.lower() != ".toml":
        raise refusal("STUDY_NOT_TOML", file=path.name)
    return read_study_file(path)


def _silent(_stage: str, _share: float, _name: str) -> None:
    return


@dataclass
class _Source:
    """One layer of the study on its way in."""

    role: str
    section: str
    spec: LayerSpec
    raw: Raw | None = None
    located: Located | None = None
    change: Transformation | None = None
    layer: Layer | None = None


@dataclass
class _Opening:
    file: StudyFile
    work: Path
    progress: Progress
    problems: Problems = field(default_factory=Problems)
    operations: list[CrsOperation] = field(default_factory=list)

    def study(self) -> Study:
        spec = self.file.spec
        settings = spec.settings(self.file.folder.resolve().name)
        packs = load_packs(settings.rules, self.file.folder)
        for reason in self.file.reasons:
            self.problems.note(reason.code, source=reason.file, params=reason.params())
        sources = self._sources()
        crs = self._locate(sources)
        measure = AreaMeasure(crs, settings.area_kind)
        for number, source in enumerate(sources.values()):
            self.progress("gate", 0.5 + 0.3 * number / len(sources), source.spec.source)
            self._admit(source, crs, measure, settings.money)
        layers = {s.role: s.layer for s in sources.values() if s.layer and "." not in s.role}
        layers["parcels"] = self._with_uses(sources["parcels"])
        if "zones" not in layers:
            layers["zones"] = self._whole(layers["parcels"])
        plans = self._plans(sources, crs)
        constraints = self._constraints(sources)
        self.progress("relations", 0.85, "")
        self._relate(sources, layers, settings)
        self.progress("tables", 0.95, "")
        tables = open_tables(self.file, layers, settings.money, self.work, self.problems)
        rasters = {
            name: record_raster(name, raster, self.file.folder) for name, raster in spec.rasters.items()
        }
        study = Study(
            settings=settings,
            crs=crs,
            layers=layers,
            tables=tables,
            plans=plans,
            constraints=constraints,
            rasters=rasters,
            rule_packs=packs,
            problems=self.problems,
            crs_operations=tuple(self.operations),
            raw_settings=_without_passwords(spec.model_dump(mode="json", exclude_none=True)),
            path=self.file.path or str(self.file.folder),
        )
        check_counts(study)
        self.progress("opened", 1.0, "")
        return study

    def _sources(self) -> dict[str, _Source]:
        spec = self.file.spec
        named: list[tuple[str, str, LayerSpec]] = [
            (name, f"layers.{name}", layer) for name, layer in spec.layers.given().items()
        ]
        named += [(f"plans.{name}", f"plans.{name}", plan) for name, plan in sorted(spec.plans.items())]
        named += [(f"constraints.{n}", f"constraints.{n}", c) for n, c in sorted(spec.constraints.items())]
        sources = {}
        for number, (role, section, layer) in enumerate(named):
            self.progress("read", 0.5 * number / len(named), layer.source)
            raw = read_vector(
                layer.source,
                self.file.folder,
                role=role,
                problems=self.problems,
                encoding=layer.encoding,
                work=self.work,
            )
            sources[role] = _Source(role, section, layer, raw)
        return sources

    def _locate(self, sources: Mapping[str, _Source]) -> pyproj.CRS:
        """Settle every CRS, choose the working one and find the way of each layer into it."""
        located = []
        for source in sources.values():
            assert source.raw is not None
            source.located = locate(
                source.raw, stated=source.spec.crs, section=source.section, problems=self.problems
            )
            located.append(source.located)
        crs = choose_working_crs(self.file.spec.study.crs, located)
        for source in sources.values():
            assert source.located is not None
            source.change, operation = way_into(
                source.located, crs, source.spec.transformation, self.problems
            )
            if operation is not None:
                self.operations.append(operation)
        return crs

    def _admit(self, source: _Source, crs: pyproj.CRS, measure: AreaMeasure, money: str) -> None:
        assert source.raw is not None
        assert source.located is not None
        raw = replace(source.raw, crs=source.located.crs)
        layer = gate_layer(
            raw,
            columns=self._columns(source),
            units=source.spec.units,
            same_id=source.spec.same_id,
            crs=crs,
            transformation=source.change,
            measure=measure,
            problems=self.problems,
            money=money,
        )
        if not len(layer.frame):
            rejects = self.problems.frame(ProblemKind.REJECT)
            codes = rejects.loc[rejects["layer"] == source.role, "code"].value_counts().sort_index()
            reasons = ", ".join(f"{code} {count}" for code, count in codes.items())
            raise refusal(
                "LAYER_UNUSABLE", file=raw.source, layer=raw.layer, role=source.role, reasons=reasons
            )
        note_not_area_true(layer, source.located, self.problems)
        source.layer = layer

    def _columns(self, source: _Source) -> dict[str, str]:
        columns = dict(source.spec.columns)
        if isinstance(source.spec, PlanSpec) and source.raw is not None:
            header = class_header(source.raw, source.spec, source.role.partition(".")[2])
            if header:
                columns["code"] = header
        return columns

    def _with_uses(self, source: _Source) -> Layer:
        assert source.layer is not None
        assert source.raw is not None
        frame, _ = add_use_classes(
            source.layer.frame,
            source=source.layer.source.source,
            header=self._header(source, "use_code"),
            stated=self.file.spec.layers.parcels.use_scheme,
            problems=self.problems,
        )
        return replace(source.layer, frame=frame)

    def _header(self, source: _Source, canonical: str) -> str:
        assert source.raw is not None
        matches = match_columns(source.raw, self._columns(source), source.spec.units)
        return next((m.header for m in matches if m.spec.name == canonical), "")

    def _whole(self, parcels: Layer) -> Layer:
        """Return one zone of all parcels."""
        self.problems.note("ZONE_ALL", layer="zones", ids="all")
        whole = shapely.union_all(parcels.frame.geometry.to_numpy())
        frame = gpd.GeoDataFrame(
            {"source_row": [0], "rejected_cells": pd.Series([""], dtype="str", index=["all"])},
            index=pd.Index(["all"], dtype="str", name="zone_id"),
            geometry=[whole],
            crs=parcels.frame.crs,
        )
        return Layer("zones", frame, InputRecord(role="zones", source=""))

    def _plans(self, sources: Mapping[str, _Source], crs: pyproj.CRS) -> dict[str, SpatialPlan]:
        plans = {}
        for name, spec in sorted(self.file.spec.plans.items()):
            source = sources[f"plans.{name}"]
            assert source.layer is not None
            plans[name] = read_plan(
                name,
                source.layer,
                spec,
                header=self._header(source, "code"),
                folder=self.file.folder,
                crs=crs,
                problems=self.problems,
            )
        if sum(plan.role == "plan" for plan in plans.values()) == 1:
            self.problems.note("PLANS_ONE", layer="plans")
        return plans

    def _constraints(self, sources: Mapping[str, _Source]) -> dict[str, Constraint]:
        constraints = {}
        for name, spec in sorted(self.file.spec.constraints.items()):
            layer = sources[f"constraints.{name}"].layer
            assert layer is not None
            known = constraint_defaults(name)
            given = spec.model_dump(include={"rule", "type", "severity", "clause"}, exclude_none=True)
            title = known["title"]["zh"] if known["words"] else name
            constraints[name] = Constraint(
                name=name,
                layer=layer,
                **{k: given.get(k, known[k]) for k in ("rule", "type", "severity", "clause")},
                title=spec.title or title,
            )
        return constraints

    def _relate(
        self,
        sources: Mapping[str, _Source],
        layers: Mapping[str, Layer],
        settings: Settings,
    ) -> None:
        width = settings.alignment.sliver_width_m
        located = {role: source.located for role, source in sources.items()}
        parcels = Member(layers["parcels"], located["parcels"])
        zones = Member(layers["zones"], located.get("zones"))
        if zones.located is not None:
            relations.refuse_overlapping_zones(zones.layer, width, self.problems)
            relations.require_overlap(parcels, zones)
        for role, source in sources.items():
            assert source.layer is not None
            member = Member(source.layer, source.located)
            if role.startswith("plans."):
                relations.require_overlap(member, zones if zones.located is not None else parcels)
            elif role.startswith("constraints.") and not relations.meets(member.shapes, zones.shapes):
                place = {"source": source.layer.source.source, "layer": role}
                self.problems.note("CONSTRAINT_ELSEWHERE", **place, params={"name": role.partition(".")[2]})
            elif role == "buildings" and not relations.meets(member.shapes, zones.shapes):
                relations.require_overlap(member, parcels)


def _without_passwords(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_passwords(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_passwords(v) for v in value]
    return _PASSWORD.sub(r"\1:***@", value) if isinstance(value, str) else value


def check_counts(study: Study) -> None:
    """Make sure that every row of every input is either used or listed as rejected.

    Raises
    ------
    RuntimeError
        Rows in and out differ: a mistake of landzone, never of the data.
    """
    rejects = study.problems.frame(ProblemKind.REJECT)
    whole = rejects[rejects["column"] == ""].drop_duplicates(["layer", "source", "row"])
    listed = whole.groupby("layer").size()
    for record in study.inputs:
        if record.rows_in != record.rows_used + record.rows_rejected:
            raise RuntimeError(f"{record.role}: {record.rows_in} rows in, {record.rows_used} used")
        if record.rows_rejected != int(listed.get(record.role, 0)):
            raise RuntimeError(
                f"{record.role}: {record.rows_rejected} rows rejected, {listed.get(record.role, 0)} listed"
            )


__all__ = ["Raster", "Table", "check", "check_counts", "open_study", "study_at"]
