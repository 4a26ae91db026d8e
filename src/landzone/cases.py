"""Writes the case files of a finished audit and brings the register of cases up to date; nothing is measured anew."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from landzone import shaping
from landzone.catalog.labels import labels
from landzone.io.audit_folder import open_audit
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs import case_files, case_register
from landzone.outputs.result_grids import idle_classes, idle_word
from landzone.outputs.wording import Wording
from landzone.units import M2_PER_HA, MU_PER_HA

REGISTER = "register.xlsx"
MANY = 24
"""Cases from which on processes are worth their start."""
Progress = Callable[[str, float, str], None]


@dataclass(frozen=True)
class Cases:
    """What was written: the folder, the register, how many cases, files of a person that were kept, and checks."""

    folder: Path
    register: Path
    count: int
    kept: tuple[str, ...]
    checks: case_register.Checks


def write_cases(
    out: Path,
    lang: str | None = None,
    *,
    parcels: Sequence[str] = (),
    pictures: Path | None = None,
    register: Path | None = None,
    workers: int = 1,
    progress: Progress = lambda stage, share, name: None,
) -> Cases:
    """Write case files into ``OUT/cases`` and the register beside them.

    Parameters
    ----------
    out : Path
        What ``landzone audit`` has written.
    lang : {"zh", "en"}, optional
        That of the audit where it is not given.
    parcels : sequence of str
        Parcels whose files are wanted; every suspected one where empty. The register always has every suspected case.
    pictures : Path, optional
        Folder of pictures; ``OUT/cases/pictures`` where not given.
    register : Path, optional
        A register that lies elsewhere, brought up to date in its place; ``OUT/cases/register.xlsx`` where not given.
    workers : int
        Processes that make the files where there are many; the files do not depend on it.

    Raises
    ------
    Refusal
        ``OUT_NOT_AN_AUDIT``, ``CASE_UNKNOWN``, ``REGISTER_UNREADABLE``, ``REGISTER_WITHOUT_IDS``.
    """
    study, result = _opened(out, lang)
    folder = out / case_files.FOLDER
    book = register or folder / REGISTER
    suspected = case_files.suspected_parcels(result)
    case_register.check(book)
    chosen = list(dict.fromkeys(parcels)) or suspected
    case_files.require_known(result, chosen, folder)
    shown = "" if pictures else f"{case_files.FOLDER}/{case_files.PICTURES}"
    wanted = (chosen, pictures or folder / case_files.PICTURES, shown)
    if workers > 1 and len(chosen) >= MANY:
        made = _made_apart(out, lang, wanted, workers)
    else:
        maker = case_files.CaseMaker(study, result, *wanted)
        made = ((one, maker.files(one)) for one in chosen)
    written = case_files.write(
        made, folder, chosen, lambda name, share: progress("cases", share * 0.95, name)
    )
    names = case_files.folder_names(suspected)
    words = Wording(study, result.lang)
    rows = register_rows(study, result, names, words)
    checks = case_register.update(
        book, rows, result.as_of.isoformat(), result.lang, words.money, written.kept
    )
    progress("cases", 1.0, "")
    return Cases(folder, book, len(written.folders), tuple(written.kept), checks)


def _opened(out: Path, lang: str | None) -> tuple[Study, AuditResult]:
    study, result = open_audit(out)
    if lang is not None and lang != result.lang:
        result = shaping.in_language(study, result, lang)
    return study, result


_MAKER: list[case_files.CaseMaker] = []
"""In a process that makes case files: what makes them."""


def _made_apart(
    out: Path, lang: str | None, wanted: tuple[list[str], Path, str], workers: int
) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Yield the files of all cases in their order, made in processes that each open the result."""
    start = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, start, initializer=_begin, initargs=(out, lang, wanted)) as pool:
        yield from zip(wanted[0], pool.map(_files, wanted[0], chunksize=4), strict=True)


def _begin(out: Path, lang: str | None, wanted: tuple[list[str], Path, str]) -> None:
    study, result = _opened(out, lang)
    _MAKER.append(case_files.CaseMaker(study, result, *wanted))


def _files(parcel_id: str) -> dict[str, bytes]:
    return _MAKER[0].files(parcel_id)


def register_rows(
    study: Study, result: AuditResult, names: dict[str, str], words: Wording
) -> list[dict[str, Any]]:
    """Return the rows of the register: every project of a suspected class, parcels gravest and largest first."""
    parcels = pd.DataFrame(result.parcels.drop(columns="geometry"))
    parcels = parcels[parcels["parcel_id"].isin(list(names))].set_index("parcel_id", drop=False)
    projects = result.projects[
        result.projects["parcel_id"].isin(list(names)) & result.projects["idle_class"].isin(idle_classes())
    ]
    due, against = _next_deadline(result), _contradictions(result, words)
    fee = f"idle_fee_{study.settings.money}"
    rows = []
    for parcel_id, own in projects.groupby("parcel_id", sort=False):
        parcel = parcels.loc[str(parcel_id)]
        for project in own.drop_duplicates("project_id").to_dict("records"):
            area = float(parcel["area_m2"])
            rows.append(
                {
                    "parcel_id": str(parcel_id), "project_id": str(project["project_id"]),
                    "holder": _given(parcel.get("holder")) or _given(project.get("enterprise")),
                    "zone_id": _given(parcel.get("zone_id")), "area_m2": round(area, 2),
                    "area_mu": round(area * MU_PER_HA / M2_PER_HA, 2),
                    "idle_class": idle_word(project["idle_class"], words), "code": project["idle_class"],
                    "conclusion": words.idle(project["conclusion"]),
                    "idle_since_date": _given(project["idle_since_date"]),
                    "idle_fee": None if pd.isna(project.get(fee)) else float(project[fee]),
                    "next_threshold_date": _given(project["next_threshold_date"]),
                    "due": due.get((str(parcel_id), str(project["project_id"])), ""),
                    "contradictions": against.get(str(parcel_id), ""),
                    "file": f"{names[str(parcel_id)]}/{case_files.PAGE}",
                }
            )  # fmt: skip
    place = {name: number for number, name in enumerate(names)}
    return sorted(rows, key=lambda row: (place[row["parcel_id"]], row["project_id"]))


def _next_deadline(result: AuditResult) -> dict[tuple[str, str], str]:
    """Return the earliest open deadline of each case."""
    rows = result.tables["deadlines"]
    rows = rows[rows["state"] == "open"].sort_values("due_date", kind="stable")
    first = rows.drop_duplicates(["parcel_id", "project_id"])
    keys = zip(first["parcel_id"].astype(str), first["project_id"].astype(str), strict=True)
    return dict(zip(keys, first["due_date"].astype(str), strict=True))


def _contradictions(result: AuditResult, words: Wording) -> dict[str, str]:
    told = labels("evidence", words.lang)
    found: dict[str, list[str]] = {}
    for row in result.tables["contradictions"].to_dict("records"):
        text = words.beside(told.get(row["kind"], row["kind"]), told.get(row["strength"], row["strength"]))
        found.setdefault(str(row["parcel_id"]), []).append(text)
    return {name: words.say("semicolon").join(texts) for name, texts in found.items()}


def _given(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)
