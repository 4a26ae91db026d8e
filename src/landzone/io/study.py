"""Opens a study: the one place where files become layers, tables and plans in one working CRS."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from landzone import memory
from landzone.catalog.crosswalks import is_bundled
from landzone.catalog.messages import refusal
from landzone.catalog.packs import load_packs
from landzone.geometry.area import AreaMeasure
from landzone.geometry.transform import Transformation
from landzone.io import relations
from landzone.io.database_url import masked
from landzone.io.discover import discover
from landzone.io.holidays import read_holidays
from landzone.io.plans import read_plan
from landzone.io.raster_record import record_raster
from landzone.io.reader import Reader
from landzone.io.rejected_shapes import rejected_shapes
from landzone.io.relations import Member
from landzone.io.store import open_store
from landzone.io.store_head import is_store
from landzone.io.study_evaluation import check_evaluation
from landzone.io.study_file import FILE_NAME, FolderNote, Reason, StudyFile, read_study_file
from landzone.io.study_sources import Progress, Source, admit, read_sources, ways_in
from landzone.io.study_spec import constraint_defaults
from landzone.io.study_tables import open_tables
from landzone.io.topology import topology_report
from landzone.io.use_scheme import add_use_classes
from landzone.model.layer import Constraint, InputRecord, Layer, SpatialPlan
from landzone.model.problems import ProblemKind, Problems
from landzone.model.study import Settings, Study
from landzone.model.topology import Topology


def open_study(path: str | Path, *, progress: Progress | None = None) -> Study:
    """Read everything a study names, check it at the door, and bring it into one working CRS.

    Parameters
    ----------
    path : str or Path
        A ``study.toml``, a folder (with a ``study.toml``, or taken by the names of its files), or a store that
        ``landzone prepare`` made.
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
    if is_store(Path(path)):
        return open_store(Path(path))
    with tempfile.TemporaryDirectory(prefix="landzone-") as work, Reader(Path(work)) as reader:
        reader.start()
        return _Opening(study_at(Path(path), reader), reader, progress or _silent).study()


def check(path: str | Path) -> Study:
    """Run the input gate alone: the same as `open_study`, by the name of the command that does so."""
    return open_study(path)


def study_at(path: Path, reader: Reader | None = None) -> StudyFile:
    """Return the specification at a path: of a study file, or of a folder by the names of its files."""
    if path.is_dir():
        inside = path / FILE_NAME
        return read_study_file(inside) if inside.is_file() else discover(path, reader)
    if path.exists() and path.suffix.lower() != ".toml":
        raise refusal("STUDY_NOT_TOML", file=path.name)
    return read_study_file(path)


def _silent(_stage: str, _share: float, _name: str) -> None:
    return


@dataclass
class _Opening:
    """One study being opened: what was read so far, and the problems found on the way."""

    file: StudyFile
    reader: Reader
    progress: Progress
    problems: Problems = field(default_factory=Problems)

    def study(self) -> Study:
        spec = self.file.spec
        settings = self._with_holidays(spec.settings(self.file.folder.resolve().name))
        packs = load_packs(settings.rules, self.file.folder)
        check_evaluation(self.file, settings, packs)
        said: tuple[Reason | FolderNote, ...] = (*self.file.reasons, *self.file.concluded)
        for reason in said:
            self.problems.note(reason.code, source=reason.file, params=reason.params())
        sources = read_sources(self.file, self.reader, self.problems, self.progress)
        crs, changes, operations = ways_in(sources, spec.study.crs, self.problems)
        measure = AreaMeasure(crs, settings.area_kind)
        admitted = {}
        for number, (role, source) in enumerate(sources.items()):
            self.progress("gate", 0.5 + 0.3 * number / len(sources), source.located.raw.source)
            admitted[role] = admit(source, changes[role], measure, settings.money, self.problems)
        layers = {role: layer for role, layer in admitted.items() if "." not in role}
        layers["parcels"] = self._with_uses(layers["parcels"], sources["parcels"])
        if "zones" not in layers:
            layers["zones"] = self._whole(layers["parcels"])
        plans = self._plans(sources, admitted, crs)
        self.progress("relations", 0.85, "")
        self._relate(sources, {**admitted, **layers}, settings)
        memory.release()
        self.progress("topology", 0.9, "")
        topology = self._topology(sources, changes, {**admitted, **layers}, measure, settings)
        memory.release()
        self.progress("tables", 0.95, "")
        rasters = {n: record_raster(n, raster, self.file.folder) for n, raster in spec.rasters.items()}
        study = Study(
            settings=settings,
            crs=crs,
            layers=layers,
            tables=open_tables(self.file, layers, settings.money, self.reader, self.problems, measure),
            plans=plans,
            constraints={
                n: self._constraint(n, admitted[f"constraints.{n}"]) for n in sorted(spec.constraints)
            },
            rasters=rasters,
            rule_packs=packs,
            problems=self.problems,
            crs_operations=operations,
            raw_settings=self._settings_as_given(),
            path=self.file.path or str(self.file.folder),
            topology=topology,
        )
        check_counts(study)
        self.progress("opened", 1.0, "")
        return study

    def _settings_as_given(self) -> dict[str, Any]:
        """Return the study file with its defaults filled in, and the hash of every crosswalk that is a file."""
        given: dict[str, Any] = _without_passwords(self.file.spec.model_dump(mode="json", exclude_none=True))
        own = {p.crosswalk for p in self.file.spec.plans.values() if p.crosswalk}
        files = sorted(name for name in own if not is_bundled(name))
        hashes = {n: hashlib.sha256((self.file.folder / n).read_bytes()).hexdigest() for n in files}
        return {**given, "crosswalk_sha256": hashes} if hashes else given

    def _with_holidays(self, settings: Settings) -> Settings:
        name = self.file.spec.idle.holidays
        if name is None:
            return settings
        holidays, workdays = read_holidays(self.file.folder / name, name)
        return replace(settings, idle=replace(settings.idle, holidays=holidays, workdays=workdays))

    def _with_uses(self, parcels: Layer, source: Source) -> Layer:
        frame, _ = add_use_classes(
            parcels.frame,
            source=parcels.source.source,
            header=source.header("use_code"),
            stated=self.file.spec.layers.parcels.use_scheme,
            problems=self.problems,
        )
        return replace(parcels, frame=frame)

    def _whole(self, parcels: Layer) -> Layer:
        """Return one zone of all parcels."""
        self.problems.note("ZONE_ALL", layer="zones", ids="all")
        whole = shapely.union_all(parcels.frame.geometry.to_numpy())
        frame = gpd.GeoDataFrame(
            {"source_row": [0], "rejected_cells": [""]},
            index=pd.Index(["all"], dtype="str", name="zone_id"),
            geometry=[whole],
            crs=parcels.frame.crs,
        )
        frame["rejected_cells"] = frame["rejected_cells"].astype("str")
        return Layer("zones", frame, InputRecord(role="zones", source=""))

    def _plans(
        self, sources: Mapping[str, Source], admitted: Mapping[str, Layer], crs: pyproj.CRS
    ) -> dict[str, SpatialPlan]:
        plans = {
            name: read_plan(
                name,
                admitted[f"plans.{name}"],
                spec,
                header=sources[f"plans.{name}"].header("code"),
                folder=self.file.folder,
                crs=crs,
                problems=self.problems,
            )
            for name, spec in sorted(self.file.spec.plans.items())
        }
        if sum(plan.role == "plan" for plan in plans.values()) == 1:
            self.problems.note("PLANS_ONE", layer="plans")
        return plans

    def _constraint(self, name: str, layer: Layer) -> Constraint:
        spec, known = self.file.spec.constraints[name], constraint_defaults(name)
        given = spec.model_dump(include={"rule", "type", "severity", "clause"}, exclude_none=True)
        return Constraint(
            name=name,
            layer=layer,
            **{key: given.get(key, known[key]) for key in ("rule", "type", "severity", "clause")},
            title=spec.title or (known["title"]["zh"] if known["words"] else name),
        )

    def _topology(
        self,
        sources: Mapping[str, Source],
        changes: Mapping[str, Transformation | None],
        layers: Mapping[str, Layer],
        measure: AreaMeasure,
        settings: Settings,
    ) -> Topology:
        """Hold every layer that was read against itself."""
        raws = {role: (source.located.raw, changes[role]) for role, source in sources.items()}
        rejected = rejected_shapes(raws, self.problems, measure)
        own = {role: layers[role] for role in sources}
        return topology_report(own, rejected, measure, settings.alignment.sliver_width_m, self.problems)

    def _relate(self, sources: Mapping[str, Source], layers: Mapping[str, Layer], settings: Settings) -> None:
        """Refuse zones that overlap and layers that never meet; note lines of control that are elsewhere."""
        members = {role: Member(layer, None) for role, layer in layers.items()}
        members |= {role: Member(layers[role], source.located) for role, source in sources.items()}
        parcels, zones = members["parcels"], members["zones"]
        if "zones" in sources:
            width = settings.alignment.sliver_width_m
            relations.refuse_overlapping_zones(zones.layer, width, self.problems)
            relations.require_overlap(parcels, zones)
        ground = zones if "zones" in sources else parcels
        for role, member in members.items():
            if role.startswith("plans."):
                relations.require_overlap(member, ground)
            elif role.startswith("constraints.") and not relations.meets(member.shapes, zones.shapes):
                place = {"source": member.layer.source.source, "layer": role}
                self.problems.note("CONSTRAINT_ELSEWHERE", **place, params={"name": role.partition(".")[2]})
            elif role == "buildings" and not relations.meets(member.shapes, zones.shapes):
                relations.require_overlap(member, parcels)


def _without_passwords(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_passwords(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_passwords(v) for v in value]
    return masked(value) if isinstance(value, str) else value


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
