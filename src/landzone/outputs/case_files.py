"""Case files of suspected idle parcels: a folder a parcel, with page, document and two drafts, beside the register.

A file that a person has changed since it was written is kept, and the new one lies beside it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from landzone.catalog import load
from landzone.catalog.messages import refusal
from landzone.errors import OutputError
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.case_content import CaseWriter
from landzone.outputs.case_drafts import DraftWriter
from landzone.outputs.case_pictures import picture_files, read_picture
from landzone.outputs.report_docx import document
from landzone.outputs.report_html import page
from landzone.outputs.result_grids import idle_classes

FOLDER, PICTURES, MANIFEST = "cases", "pictures", "cases.json"
PAGE, DOCUMENT = "case.html", "case.docx"
NOTICE, DETERMINATION = "draft_notice.docx", "draft_determination.docx"
_RESERVED = {"con", "prn", "aux", "nul", PICTURES, *(f"{p}{n}" for p in ("com", "lpt") for n in range(1, 10))}
_LONGEST = 60


@dataclass
class Written:
    """What was written: the folder of each case, and files of a person that were kept."""

    folders: dict[str, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)


def suspected_parcels(result: AuditResult) -> list[str]:
    """Return the parcels that are suspected idle, gravest and largest first."""
    parcels = pd.DataFrame(result.parcels[["parcel_id", "idle_class", "area_m2"]])
    rank = {code: place for place, code in enumerate(idle_classes())}
    own = parcels[parcels["idle_class"].isin(rank)]
    order = own.assign(rank=own["idle_class"].map(rank).astype("int64"), largest=-own["area_m2"])
    return [
        str(one) for one in order.sort_values(["rank", "largest", "parcel_id"], kind="stable")["parcel_id"]
    ]


def folder_names(parcel_ids: Sequence[str]) -> dict[str, str]:
    """Return a folder name for each id that every file system takes; what had to be changed carries a hash.

    >>> folder_names(["411799001001GB00017", "../etc", "con"])
    {'411799001001GB00017': '411799001001GB00017', '../etc': '___etc-f7f9121f', 'con': 'con-1143da2b'}
    """
    names: dict[str, str] = {}
    lower: dict[str, int] = {}
    for one in parcel_ids:
        lower[one.lower()] = lower.get(one.lower(), 0) + 1
    for one in parcel_ids:
        plain = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in one)[:_LONGEST]
        if not plain or plain != one or plain.lower() in _RESERVED or lower[one.lower()] > 1:
            plain = f"{plain}-{hashlib.sha256(one.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
        names[one] = plain
    return names


class CaseMaker:
    """Makes the files of one case after the other, in memory.

    Parameters
    ----------
    study, result : Study, AuditResult
        As opened from the folder of an audit.
    parcel_ids : sequence of str
        All that will be asked for.
    pictures : Path
        Folder of the pictures of a person; need not exist. ``shown_as`` is what the case files call it.
    """

    def __init__(
        self,
        study: Study,
        result: AuditResult,
        parcel_ids: Sequence[str],
        pictures: Path,
        shown_as: str = "",
    ) -> None:
        self.cases = CaseWriter(study, result, parcel_ids, shown_as or pictures.name)
        self.pictures = picture_files(pictures, list(parcel_ids))
        self.most = load.table("cases.toml")["pictures"]["most"]

    def files(self, parcel_id: str) -> dict[str, bytes]:
        """Return page, document and both drafts of a parcel by their file names."""
        found = self.pictures[parcel_id]
        shown = [read_picture(path) for path in found[: self.most]]
        report = self.cases.report(parcel_id, shown, found[self.most :])
        drafts = DraftWriter(self.cases, parcel_id)
        return {
            PAGE: page(report).encode("utf-8"),
            DOCUMENT: document(report),
            NOTICE: document(drafts.notice()),
            DETERMINATION: document(drafts.determination()),
        }


def require_known(result: AuditResult, parcel_ids: Sequence[str], folder: Path) -> None:
    """Refuse parcels that are not in a result.

    Raises
    ------
    Refusal
        ``CASE_UNKNOWN``.
    """
    known = set(result.parcels["parcel_id"].astype(str))
    for one in parcel_ids:
        if one not in known:
            raise refusal("CASE_UNKNOWN", file=str(folder), parcel=one)


def write(
    made: Iterable[tuple[str, dict[str, bytes]]],
    folder: Path,
    parcel_ids: Sequence[str],
    progress: Callable[[str, float], None] = lambda name, share: None,
) -> Written:
    """Write case files into a folder; files that a person has changed stay as they are.

    Parameters
    ----------
    made : iterable of (parcel id, files)
        As `CaseMaker` makes them.
    folder : Path
        Where the cases lie.
    parcel_ids : sequence of str
        Those that are made.
    """
    files = _Files(folder)
    names = folder_names(parcel_ids)
    written = Written()
    for place, (one, own) in enumerate(made):
        progress(one, place / max(len(parcel_ids), 1))
        for file, data in own.items():
            written.kept += files.put(f"{names[one]}/{file}", data)
        written.folders[one] = names[one]
    files.close()
    return written


class _Files:
    """Files of the folder with their hashes as written, so that a person's changes are seen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.hashes: dict[str, str] = json.loads((folder / MANIFEST).read_text("utf-8"))
        except (OSError, ValueError):
            self.hashes = {}

    def put(self, name: str, data: bytes) -> list[str]:
        """Write one file; where a person has changed it, write ``name`` with ``.new`` and return its name."""
        path = self.folder / name
        if path.exists() and path.read_bytes() != data and _sha(path.read_bytes()) != self.hashes.get(name):
            beside = path.with_name(f"{path.stem}.new{path.suffix}")
            replace(beside, data)
            return [name]
        replace(path, data)
        self.hashes[name] = _sha(data)
        return []

    def close(self) -> None:
        """Write the hashes."""
        text = json.dumps(self.hashes, ensure_ascii=False, indent=1, sort_keys=True)
        replace(self.folder / MANIFEST, (text + "\n").encode("utf-8"))


def replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        work = path.with_name(path.name + ".part")
        work.write_bytes(data)
        os.replace(work, path)  # noqa: PTH105 - replaces on every system
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}") from error


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
