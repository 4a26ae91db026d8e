"""The tables of a store of any size: districts carried out as tasks, copied one after another, sums checked."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from landzone import run_record, shaping
from landzone.alignment.editions import plans_on
from landzone.alignment.ground import PLAN_ROLE
from landzone.alignment.summary import KINDS, with_ratio
from landzone.catalog import load
from landzone.catalog.messages import refusal
from landzone.districts import run_district
from landzone.engine.direct import area_measure
from landzone.engine.district_tasks import REST, ZONES, Caps, District, Plot, districts, open_run, plot_of
from landzone.engine.runner import Runner, Sizes, Status, carry_out
from landzone.engine.ways import Wish, runner_for
from landzone.io.store import StoreReader
from landzone.io.store_head import MANIFEST, is_store
from landzone.io.topology import refuse_over_limit
from landzone.model.study import Study
from landzone.outputs.publish import check_target, drop_tasks, publish, tasks_path, work_folder
from landzone.outputs.table_parts import TableParts
from landzone.pipeline import day_of
from landzone.units import to_m2

FOLDER = "tables"
NEWEST = "newest"
BYTES_OF_PARCEL = 2_500
"""About what the finished parts and the tables of a parcel of 12 corners under three plans take on disk."""

Progress = Callable[..., None]


@dataclass(frozen=True)
class Tabulated:
    """What an audit of tables alone found; ``counts`` are rows by table."""

    folder: Path
    counts: dict[str, int]
    losses: bool
    problems: dict[str, int]


def _silent(stage: str, share: float, name: str = "", **facts: object) -> None:
    """Take no notice of progress."""


def tabulate(
    store: str | Path,
    out: str | Path,
    as_of: str | date,
    lang: str = "zh",
    progress: Progress = _silent,
    *,
    workers: int | None = None,
    resume: bool = False,
    memory: int | None = None,
    scheduler: str | None = None,
    insecure: bool = False,
    caps: Caps | None = None,
) -> Tabulated:
    """Audit a store district by district, write the tables, and publish them by one rename.

    Parameters
    ----------
    store : path
        As ``landzone prepare`` writes it.
    out : path
        Folder of the result: ``tables/<table>/part-….parquet`` and ``run.json``.
    as_of : str or date
        Decides which plans are compared.
    lang : str
        Language of texts in the tables, ``zh`` or ``en``.
    progress : callable
        Told ``(stage, share, name)`` as the work goes on.
    workers : int, optional
        Processes of this machine; as many as cores and free memory allow where absent. A script that calls this needs
        ``if __name__ == "__main__":``, as always where processes are started.
    resume : bool
        Use districts that an earlier run with the same data, settings and versions has finished.
    memory : int, optional
        Most bytes of this process and its workers together.
    scheduler : str, optional
        Address of a Dask scheduler whose workers take the place of the processes. ``store`` and ``out`` have to lie
        where all of them find them under the same path.
    insecure : bool
        Speak to a scheduler on another host without TLS.
    caps : Caps, optional
        Size of districts; no byte of the tables depends on it, nor on who measures them.

    Returns
    -------
    Tabulated
        Rows by table, and whether rows, cells or geometries of the study were lost or mended.

    Raises
    ------
    Refusal
        TABLES_NO_STORE, TABLES_EDITIONS; TASK_SUMS where rows or ground of the store are not those of the tables;
        see ``Cluster`` for those of a scheduler.
    LimitError
        Where memory, disk or the cluster ran out; finished districts stay for ``resume``.

    Examples
    --------
    >>> import landzone as lz
    >>> from landzone.io.bundled import example_study
    >>> from landzone.pipeline import prepare
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     store = prepare(lz.open_study(example_study()), Path(folder) / "store")
    ...     found = lz.tabulate(store, Path(folder) / "out", "2026-06-30", workers=1)
    >>> found.counts["parcels"], found.counts["zones"]
    (201, 2)
    """
    started, day = datetime.now(UTC), day_of(as_of)
    store, out = Path(store).absolute(), Path(out)
    wish = Wish(tasks_path(out.absolute()), workers, resume, memory, scheduler, insecure)
    check_target(out)
    if not is_store(store):
        raise refusal("TABLES_NO_STORE", file=str(store))
    progress("read", 0.0)
    reader = StoreReader(store)
    outline = reader.outline()
    refuse_over_limit(outline.topology, outline.settings.topology.overlap_limit_ratio)
    names = plans_held(outline, day)
    outline = replace(outline, plans={name: outline.plans[name] for name in names})
    plot = plot_of(reader)
    if not resume:
        shutil.rmtree(wish.folder, ignore_errors=True)
    wish.folder.mkdir(parents=True, exist_ok=True)
    _require_disk(wish.folder, reader)
    folder = open_run(wish.folder, store, plot, {"lang": lang, "plans": names})
    tasks = districts(folder, store, plot, caps or Caps())
    done = _carried_out(tasks, plot, wish, [store / MANIFEST], progress)
    sums = _summed(done, reader)
    with work_folder(out) as work:
        fresh = work / "new"
        fresh.mkdir()
        parts = _written(done, sums, outline, fresh / FOLDER, lang, progress)
        own = _record(outline, parts, sums.whole, day, lang)
        own["study_path"] = run_record.path_from(out, str(store))
        progress("publish", 0.99)
        run_record.write_record(own, fresh, started)
        publish(fresh, out)
    drop_tasks(out)
    progress("publish", 1.0)
    return Tabulated(out, own["tables"]["rows"], own["losses"], own["counts"])


def plans_held(outline: Study, day: date) -> list[str]:
    """Return the names of the plans that are compared on a day.

    Raises
    ------
    Refusal
        TABLES_EDITIONS where the newest of several editions is to hold: that needs each of them whole.
    """
    editions, plans = outline.settings.alignment.editions, list(outline.plans.values())
    kinds = [(plan.role, plan.kind) for plan in plans if plan.kind]
    if editions == NEWEST and len(set(kinds)) < len(kinds):
        raise refusal("TABLES_EDITIONS")
    held, _ = plans_on(plans, day, editions, area_measure(outline))
    return [plan.name for plan in held]


def _require_disk(folder: Path, reader: StoreReader) -> None:
    need = BYTES_OF_PARCEL * sum(part.rows for part in reader.parts("parcels"))
    free, mb = shutil.disk_usage(folder).free, 1_000_000
    if need > free:
        raise refusal("DISK_TOO_SMALL", file=str(folder), need=need // mb, free=free // mb)


def _carried_out(
    tasks: Sequence[District], plot: Plot, wish: Wish, sources: Sequence[Path], progress: Progress
) -> list[District]:
    """Carry out the tasks; return them in the order of their places."""

    def told(status: Status) -> None:
        facts = {key: value for key, value in vars(status).items() if key != "share"}
        progress("tasks", 0.05 + 0.85 * status.share, f"{status.done}/{status.total}", **facts)

    def named(task: District) -> list[str]:
        if task.kind == ZONES:
            return list(plot.zones["zone_id"].iloc[task.start : task.stop])
        return [f"{task.start}…{task.stop}"]

    def amount(column: str, task: District) -> float:
        frame = plot.zones if task.kind == ZONES else plot.groups
        share = 1.0 if task.kind == ZONES else REST_SHARE
        column = "rows" if column == "parcels" and task.kind == REST else column
        return share * float(frame[column].iloc[task.start : task.stop].sum())

    sizes = Sizes[District](
        lambda task: amount("vertices", task),
        lambda task: 0 if task.kind == REST else round(amount("parcels", task)),
        named,
    )
    runner: Runner[District] = runner_for(wish, run_district, sources)
    try:
        done = carry_out(tasks, sizes, runner, told)
    finally:
        runner.close()
    return sorted(done, key=lambda task: (task.kind != ZONES, task.start))


REST_SHARE = 0.08
"""What looking through parcels costs beside measuring them, for the estimate of the time left."""


@dataclass(frozen=True)
class _Sums:
    """What all districts add up to: whole numbers by name, and rows of names with whole numbers behind them."""

    whole: dict[str, int]
    rows: dict[str, list[list[Any]]]


def _summed(done: Sequence[District], reader: StoreReader) -> _Sums:
    """Add the districts up and refuse them where they do not hold the store, each row once.

    Raises
    ------
    Refusal
        TASK_MISSING, TASK_SUMS
    """
    whole: dict[str, int] = defaultdict(int)
    rows: dict[str, list[list[Any]]] = defaultdict(list)
    for task in done:
        for name, value in task.kept()["sums"].items():
            if isinstance(value, int):
                whole[name] += value
            else:
                rows[name] = _added(rows[name], value)
    stored = {role: sum(part.rows for part in reader.parts(role)) for role in ("parcels", "zones")}
    for what, found, expected in (
        ("zones", whole["zones"], stored["zones"]),
        ("parcels looked at", whole["looked_at"], stored["parcels"]),
        ("parcels", whole["parcels"], stored["parcels"]),
        ("area", whole["parcel_area"], whole["area_looked_at"]),
    ):
        if found != expected:
            raise refusal("TASK_SUMS", what=what, found=found, expected=expected)
    return _Sums(dict(whole), dict(rows))


def _written(
    done: Sequence[District], sums: _Sums, outline: Study, folder: Path, lang: str, progress: Progress
) -> dict[str, TableParts]:
    """Copy the tables of all districts one after another, beside those that are sums.

    Raises
    ------
    Refusal
        TASK_SUMS where the files do not hold the rows that the districts have counted.
    """
    parts: dict[str, TableParts] = {}

    def part(name: str) -> TableParts:
        return parts.setdefault(name, TableParts(folder / name))

    ahead = {**shaping.problem_tables(outline.problems, lang), **_sum_tables(sums.rows, outline)}
    for name, frame in ahead.items():
        part(name).add_frame(frame)
    for number, task in enumerate(done):
        progress("write", 0.9 + 0.08 * number / len(done), FOLDER)
        for name in task.kept()["sha256"]:
            part(name).add(task.table(name))
    for one in parts.values():
        one.close()
    for name in (ZONES, "parcels"):
        found = parts[name].rows if name in parts else 0
        if found != sums.whole[name]:
            raise refusal("TASK_SUMS", what=name, found=found, expected=sums.whole[name])
    return parts


def _sum_tables(rows: dict[str, list[list[Any]]], outline: Study) -> dict[str, pd.DataFrame]:
    """Return the tables that are sums over all districts."""
    pairs = _of_kinds(rows.get("plan_pairs", []), ["plan_a", "plan_b"])
    totals = _of_kinds(rows.get("plan_alignment", []), ["plan"])
    totals.insert(1, "zone_id", pd.Series(np.nan, index=totals.index, dtype="str"))
    compared = sorted(plan.name for plan in outline.plans.values() if plan.role == PLAN_ROLE)
    keys = [f"{plan}_{part}" for plan in compared for part in ("code", "common")] + [
        "kind",
        "type",
        "severity",
    ]
    classes = pd.DataFrame(rows.get("class_combinations", []), columns=[*keys, "patches_count", "area"])
    classes = classes.astype(dict.fromkeys(keys, "str") | {"patches_count": "int64", "area": "int64"})
    classes = classes.sort_values(keys, ignore_index=True)
    classes = classes.assign(area_m2=to_m2(classes["area"].to_numpy())).drop(columns="area")
    return {"plan_pairs": pairs, "plan_alignment": totals, "class_combinations": classes}


def _of_kinds(rows: Sequence[list[Any]], names: list[str]) -> pd.DataFrame:
    """Return areas by kind of patch, and the share that agrees, from rows of names and whole units."""
    table = pd.DataFrame([row[: len(names)] for row in rows], columns=names).astype(
        dict.fromkeys(names, "str")
    )
    units = np.array([row[len(names) :] for row in rows], dtype=np.int64).reshape(-1, len(KINDS))
    return with_ratio(table, units.T)


def _added(one: list[list[Any]], two: list[list[Any]]) -> list[list[Any]]:
    """Add rows of whole numbers behind the texts that tell them apart."""
    whole: dict[tuple[Any, ...], list[int]] = {}
    for row in (*one, *two):
        texts = tuple(value for value in row if not isinstance(value, int))
        numbers = [value for value in row if isinstance(value, int)]
        whole[texts] = [a + b for a, b in zip(whole.get(texts, [0] * len(numbers)), numbers, strict=True)]
    return [[*texts, *numbers] for texts, numbers in whole.items()]


def _record(
    outline: Study, parts: Mapping[str, TableParts], sums: dict[str, int], day: date, lang: str
) -> dict[str, Any]:
    """Return what ``run.json`` says: inputs, rows and sums of the tables, and what was not made, by name."""
    own = run_record.record(outline, outline.problems, day, lang)
    own["counts"] |= {"notes": parts["notes"].rows}
    made = {name: one.columns for name, one in parts.items()}
    known: dict[str, list[str]] = load.table("output_columns.toml")["tables"]
    left = load.table("district_tables.toml")["not_made"]
    absent = {
        name: [c for c in columns if c not in made[name]] for name, columns in known.items() if name in made
    }
    ground = {name: sums[name] for name in ("parcel_area", "zone_area", "patch_area")}
    own["tables"] = {
        "rows": {name: one.rows for name, one in sorted(parts.items())},
        "units_of_0.0001_m2": ground,
        "not_made": {"tables": sorted(set(known) - set(made)), **left},
        "columns_absent": {name: columns for name, columns in sorted(absent.items()) if columns},
    }
    return own
