"""The whole way of judging drawn boundaries: in through the same door, against a study or a store, out as reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import numpy as np
import shapely

from landzone import run_record, shaping
from landzone.alignment.boundary import OUTSIDE, UNDER
from landzone.alignment.boundary_tables import BoundaryTables
from landzone.alignment.constraints import INSIDE
from landzone.alignment.pair_table import AlignmentTypes
from landzone.alignment.verdicts import LINE_ROLE, Judge
from landzone.catalog import load
from landzone.catalog.messages import refusal
from landzone.catalog.patch_texts import class_names
from landzone.geometry.area import AreaMeasure
from landzone.geometry.crs import datum_of
from landzone.io.boundaries import ROLE, Boundaries, read_boundaries
from landzone.io.coordinates import crs_label
from landzone.io.occupied import can_be_written, write_occupied
from landzone.io.relations import meets
from landzone.io.store import StoreReader, study_window
from landzone.io.store_head import is_store
from landzone.io.study import open_study
from landzone.io.topology import refuse_over_limit
from landzone.model.conform import ConformResult
from landzone.model.problems import Problems
from landzone.model.study import Study
from landzone.shaping_conform import frames

Progress = Callable[..., None]


def _silent(stage: str, share: float, name: str = "") -> None:
    """Take no notice of progress."""


@dataclass(frozen=True)
class Conform:
    """Judged boundaries; ``study`` is what of the study meets them."""

    study: Study
    result: ConformResult
    started_at: datetime

    @property
    def has_losses(self) -> bool:
        """Rows were rejected or repaired, of the study or of the boundary file (exit code 4)."""
        return bool(self.result.run["losses"])

    def save(self, out: str | Path, progress: Progress = _silent) -> Path:
        """Write every output and publish the folder by one rename; return the folder."""
        from landzone.outputs import conform_gpkg, conform_report
        from landzone.outputs.publish import check_target, publish, work_folder

        target = Path(out)
        check_target(target)
        with work_folder(target) as work:
            fresh = work / "new"
            fresh.mkdir()
            progress("write", 0.7, "conform.gpkg")
            conform_gpkg.write(self.study, self.result, fresh)
            self._write_txt(fresh / "occupied.txt")
            progress("write", 0.8, "conform.html")
            conform_report.write(self.study, self.result, fresh)
            run_record.write_record(self.result.run, fresh, self.started_at)
            publish(fresh, target)
        progress("publish", 1.0)
        return target

    def _write_txt(self, path: Path) -> None:
        """Write the occupied parts; a CRS that the format does not know was noted."""
        if not can_be_written(self.study.crs):
            return
        rows = self.result.occupied
        inside = [name for name, line in self.study.constraints.items() if line.rule == INSIDE]
        outer = (rows["theme_kind"] == LINE_ROLE) & rows["theme"].isin(inside)
        rows = rows[rows["part"] == np.where(outer, OUTSIDE, UNDER)]
        titles = {plan.name: plan.title for plan in self.study.plans.values()}
        titles |= {line.name: line.title for line in self.study.constraints.values()}
        write_occupied(rows, titles, path, self.result.as_of)


def conform(
    boundary: str | Path,
    study: str | Path,
    *,
    lang: str = "zh",
    as_of: date | None = None,
    crs: str | None = None,
    progress: Progress = _silent,
) -> Conform:
    """Judge drawn boundaries against the plans and lines of control of a study.

    Parameters
    ----------
    boundary : str or Path
        ``path[#layer]``: TXT (勘测定界), DXF, Shapefile, KML, GeoJSON, GeoPackage, as any other layer.
    study : str or Path
        A ``study.toml``, a folder, or a store that ``landzone prepare`` made. Of a store only the row groups are
        read that meet the boundaries.
    lang : str
        Language of messages and reports, ``zh`` or ``en``.
    as_of : date, optional
        Plans that are not in force on this day are listed and not judged by. Without it all are judged by.
    crs : str, optional
        CRS of the boundary file where it has none (DXF).

    Raises
    ------
    Refusal
        What the readers refuse; TOPOLOGY_LIMIT where a layer counts more ground twice than the study allows, as an
        audit refuses it; BOUNDARY_ELSEWHERE where no boundary meets the ground of the study.
    """
    started_at = datetime.now(UTC)
    progress("read", 0.0)
    reader = StoreReader(Path(study)) if is_store(Path(study)) else None
    opened = open_study(study) if reader is None else None
    topology = opened.topology if opened else reader.topology()  # type: ignore[union-attr]
    settings, plane = (reader.head.settings, reader.crs) if reader else (opened.settings, opened.crs)  # type: ignore[union-attr]
    refuse_over_limit(topology, settings.topology.overlap_limit_ratio)
    measure = AreaMeasure(plane, settings.area_kind)
    drawn = read_boundaries(str(boundary), measure, crs=crs, money=settings.money)
    boxes = shapely.bounds(drawn.frame.geometry.to_numpy()).reshape(-1, 4)
    window = reader.window(boxes) if reader else study_window(opened, boxes)  # type: ignore[arg-type]
    drawn = _on_the_ground(drawn, window, boundary)
    progress("judge", 0.5)
    judge = _judge(window, as_of)
    tables = BoundaryTables(window, measure, judge, partial(class_names, lang=lang))
    for place, name in enumerate(drawn.frame.index):
        progress("judge", 0.5 + 0.2 * place / len(drawn.frame), str(name))
        tables.add(str(name), drawn.frame.iloc[place])
    return Conform(window, _result(window, drawn, tables, lang, as_of), started_at)


def _on_the_ground(drawn: Boundaries, window: Study, path: str | Path) -> Boundaries:
    """Set aside boundaries that do not meet the ground of the study; refuse where none does.

    Raises
    ------
    Refusal
        BOUNDARY_ELSEWHERE.
    """
    grounds = [
        np.asarray(window.layers[role].frame.geometry.to_numpy(), object) for role in ("zones", "parcels")
    ]
    grounds += [np.asarray(p.layer.frame.geometry.to_numpy(), object) for p in window.plans.values()]
    ground = np.concatenate(grounds)
    shapes = drawn.frame.geometry.to_numpy()
    there = np.array([bool(len(ground)) and meets(np.array([s], object), ground) for s in shapes])
    if there.all():
        return drawn
    away = drawn.frame[~there]
    if not there.any():
        ids = ", ".join(map(str, away.index[:10]))
        raise refusal(
            "BOUNDARY_ELSEWHERE", file=str(path), ids=ids, crs=drawn.source.crs or crs_label(window.crs)
        )
    rows = {"rows": away["source_row"].to_numpy(), "ids": away.index.to_numpy()}
    drawn.problems.reject("BOUNDARY_NOT_JUDGED", source=drawn.source.source, layer=ROLE, **rows)
    used = replace(
        drawn.source,
        rows_used=drawn.source.rows_used - len(away),
        rows_rejected=drawn.source.rows_rejected + len(away),
    )
    return replace(drawn, frame=drawn.frame[there], source=used)


def _judge(window: Study, as_of: date | None) -> Judge:
    known = load.table("conform.toml")["lines"]
    chinese = str(datum_of(window.crs)) in known["datums"]
    day = as_of.isoformat() if as_of else ""
    late = {
        plan.name
        for plan in window.plans.values()
        if day and ((plan.valid_from and plan.valid_from > day) or (plan.valid_to and plan.valid_to < day))
    }
    return Judge(
        AlignmentTypes.read(load.table("alignment_types.toml")),
        window.settings.alignment,
        window.settings.boundary_precision_m,
        tuple(known["required"]) if chinese else (),
        tuple(load.table("conform.toml")["land_use"]["classes"]),
        frozenset(late),
    )


def _result(
    window: Study, drawn: Boundaries, tables: BoundaryTables, lang: str, as_of: date | None
) -> ConformResult:
    problems = Problems()
    problems.extend(window.problems)
    problems.extend(drawn.problems)
    if not can_be_written(window.crs):
        problems.note("CONFORM_NO_TXT", layer=ROLE, params={"crs": crs_label(window.crs)})
    listed = shaping.problem_tables(problems, lang)
    counts = {name: len(frame) for name, frame in listed.items()}
    operations = [*window.crs_operations, *([drawn.operation] if drawn.operation else [])]
    run = {
        "command": "conform",
        "as_of": as_of.isoformat() if as_of else None,
        "lang": lang,
        "study": window.settings.name,
        "crs": window.crs.to_string(),
        "crs_name": window.crs.name,
        "settings": asdict(window.settings),
        "study_file": window.raw_settings,
        "inputs": [asdict(one) for one in sorted([*window.inputs, drawn.source], key=lambda one: one.role)],
        "crs_operations": [asdict(one) for one in operations],
        "versions": run_record.versions(),
        "counts": {"boundaries": len(drawn.frame), **counts},
        "losses": problems.has_losses(),
        "with_txt": can_be_written(window.crs),
    }
    return ConformResult(
        lang=lang,
        as_of=as_of.isoformat() if as_of else "",
        rejects=listed["rejects"],
        repairs=listed["repairs"],
        notes=listed["notes"],
        run=run,
        **frames(tables.rows, window.crs),
    )
