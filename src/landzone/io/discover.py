"""Takes each file of a folder for what its name, columns and shapes say it is; in doubt nothing is taken."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from landzone.catalog.messages import refusal
from landzone.errors import Refusal
from landzone.io.evidence import own_crosswalk
from landzone.io.file_roles import about_parcels, data_files, left_out, roles_by_columns
from landzone.io.findings import investigate
from landzone.io.reader import Reader
from landzone.io.study_file import FolderNote, Reason, StudyFile, parse
from landzone.io.survey import Look, survey
from landzone.io.taken import Ground, Remark, Taken

PARCELS = "layers.parcels"
_NOTES = {
    "unit_by_shapes": "UNIT_BY_SHAPES",
    "unit_by_floors": "UNIT_BY_FLOORS",
    "key_by_values": "KEY_BY_VALUES",
    "classes_beside": "CLASSES_BESIDE",
    "classes_fit": "CLASSES_FIT",
    "not_an_id": "ID_COLUMN_REPEATS",
}
"""Notes of an audit of a folder, by what was found out about a file."""


@dataclass(frozen=True)
class Doubt:
    """Sources of which several could be one thing, or one could be several things."""

    sources: tuple[str, ...]
    roles: tuple[str, ...]

    def refusal(self) -> Refusal:
        """Return the refusal for a folder that is to be used as it is."""
        files = {source.partition("#")[0] for source in self.sources}
        if len(files) == 1 and len(self.sources) > 1:
            layers = "; ".join(source.partition("#")[2] for source in self.sources)
            return refusal("LAYER_AMBIGUOUS", file=files.pop(), layers=layers)
        return refusal("FILE_ROLE_AMBIGUOUS", files=", ".join(self.sources), roles=", ".join(self.roles))


@dataclass(frozen=True)
class Discovery:
    """What a folder holds.

    Attributes
    ----------
    taken : tuple of Taken
        One a role, with what was found out about it.
    doubts : tuple of Doubt
        What the user has to decide.
    left : dict of source to remark
        Data that is not used, and why.
    ignored : tuple of str
        Files and folders that are no data by their name.
    """

    folder: Path
    taken: tuple[Taken, ...]
    doubts: tuple[Doubt, ...]
    left: Mapping[str, Remark]
    ignored: tuple[str, ...]

    @property
    def by_role(self) -> dict[str, Taken]:
        """What was taken, by section of the study file."""
        return {one.role: one for one in self.taken}

    def open_points(self) -> int:
        """Return how many things the user has to state before the study can be opened."""
        missing = PARCELS not in self.by_role and not any(PARCELS in doubt.roles for doubt in self.doubts)
        return len(self.doubts) + missing + sum(r.open for one in self.taken for r in one.remarks)

    def study_file(self) -> StudyFile:
        """Return the study as a study file would have it.

        Raises
        ------
        Refusal
            FILE_ROLE_AMBIGUOUS, STUDY_NO_PARCELS.
        """
        if self.doubts:
            raise self.doubts[0].refusal()
        if PARCELS not in self.by_role:
            names = [one.look.source for one in self.taken] + list(self.left)
            raise refusal("STUDY_NO_PARCELS", file=self.folder.name, found=", ".join(sorted(names)))
        raw = as_table(self.taken)
        reasons = [Reason(one.look.source, one.role, one.word, one.how) for one in self.taken]
        reasons += [Reason(source) for source in self.left]
        reasons.sort(key=lambda reason: reason.file)
        notes = [
            FolderNote(
                one.look.source,
                _NOTES[remark.word],
                {**remark.params, "share": f"{remark.params['share']:.0%}"},
            )
            for one in self.taken
            for remark in one.remarks
            if remark.word in _NOTES
        ]
        spec = parse(raw)
        return StudyFile(spec, self.folder, raw=raw, reasons=tuple(reasons), concluded=tuple(notes))


def discover(folder: Path, reader: Reader | None = None) -> StudyFile:
    """Return the study that a folder holds, with a reason for each file.

    Raises
    ------
    Refusal
        STUDY_FOLDER_EMPTY, STUDY_NO_PARCELS, FILE_ROLE_AMBIGUOUS.
    """
    return explore(folder, reader).study_file()


def explore(folder: Path, reader: Reader | None = None) -> Discovery:
    """Look into every file of a folder and decide what it is.

    ``reader`` is one that runs already; without it one is started and ended.

    Raises
    ------
    Refusal
        STUDY_FOLDER_EMPTY.
    """
    files = data_files(folder)
    ignored = left_out(folder)
    if not files:
        raise refusal("STUDY_FOLDER_EMPTY", file=folder.name, found=", ".join(ignored[:20]) or "–")
    with contextlib.ExitStack() as stack:
        if reader is None:
            work = stack.enter_context(tempfile.TemporaryDirectory(prefix="landzone-"))
            reader = stack.enter_context(Reader(Path(work)))
        looks = survey(files, folder, reader)
    choice = _Choice()
    choice.by_name([look for look in looks if look.said])
    choice.by_columns([look for look in looks if not look.said])
    lists = [own_crosswalk(look.raw, folder / look.source) for look in looks if look.raw is not None]
    classes = [found for found in lists if found is not None]
    ground = Ground.of(choice.taken.get(PARCELS), looks, classes, folder)
    for one in choice.taken.values():
        investigate(one, ground)
    for found in classes:
        choice.left[found.id] = Remark("left_crosswalk", {"file": found.id})
    left = {source: choice.left[source] for source in sorted(choice.left)}
    return Discovery(folder, tuple(choice.taken.values()), tuple(choice.doubts), left, tuple(ignored))


@dataclass
class _Choice:
    """The decision for each source, in the order of the evidence: names first, columns for the rest."""

    taken: dict[str, Taken] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    left: dict[str, Remark] = field(default_factory=dict)

    def by_name(self, looks: Iterable[Look]) -> None:
        claims: dict[str, list[Look]] = {}
        for look in looks:
            roles = sorted({word.role for word in look.said})
            if len(roles) > 1:
                self.doubts.append(Doubt((look.source,), tuple(roles)))
            else:
                claims.setdefault(roles[0], []).append(look)
        for role, several in claims.items():
            self._settle(role, several, {look.source: (look.said[0].text, "name") for look in several})

    def by_columns(self, looks: Iterable[Look]) -> None:
        claims: dict[str, list[tuple[Look, str]]] = {}
        for look in looks:
            if look.raw is None:
                self._leave(look, "left_unreadable", error=look.error)
                continue
            fits = look.shapes in ("", "polygon")
            roles = roles_by_columns(look.headers, shapes=bool(look.shapes)) if fits else []
            if len(roles) == 1:
                claims.setdefault(roles[0][0], []).append((look, roles[0][1]))
            elif roles:
                names = ", ".join(role for role, _ in roles)
                self._leave(look, "left_plan", header=roles[0][1], roles=names)
            else:
                self._leave(look, "left_unknown")
        decided = set(self.taken) | {role for doubt in self.doubts for role in doubt.roles}
        for role, several in claims.items():
            if role in decided:
                for look, header in several:
                    self._leave(look, "left_twin", role=role, header=header)
            else:
                said = {look.source: (header, "columns") for look, header in several}
                self._settle(role, [look for look, _ in several], said)

    def _settle(self, role: str, several: Sequence[Look], said: Mapping[str, tuple[str, str]]) -> None:
        """Take the only source of a role; of several those that cannot be it are left out first."""
        fit = [look for look in several if _can_be(role, look)] if len(several) > 1 else list(several)
        fit = _speaking(role, fit) if len({look.source.partition("#")[0] for look in fit}) == 1 else fit
        if len(fit) != 1:
            self.doubts.append(Doubt(tuple(sorted(look.source for look in several)), (role,)))
            return
        for look in several:
            if look is not fit[0]:
                self._leave(look, "left_shapes" if not _can_be(role, look) else "left_part", role=role)
        word, how = said[fit[0].source]
        self.taken[role] = Taken(fit[0], role, word, how, entry(role, fit[0].source))

    def _leave(self, look: Look, word: str, **params: Any) -> None:
        params |= {"file": look.source, "rows": len(look.raw.cells) if look.raw else 0}
        params |= {"shapes": look.shapes or "table", "columns": ", ".join(look.headers[:12])}
        self.left[look.source] = Remark(word, params)


def _speaking(role: str, parts: list[Look]) -> list[Look]:
    """Of the sheets or layers of one file return the one whose columns fit the role, all where none or several do."""
    hits = [look for look in parts if role in dict(roles_by_columns(look.headers, shapes=bool(look.shapes)))]
    return hits if len(hits) == 1 else parts


def _can_be(role: str, look: Look) -> bool:
    if look.raw is None:
        return True
    return look.raw.geometry is None if role.startswith("tables.") else look.shapes == "polygon"


def entry(role: str, source: str) -> dict[str, Any]:
    """Return the keys of a section that its role and source imply."""
    made: dict[str, Any] = {"source": source}
    if role == "tables.zone_figures" and about_parcels(Path(source.partition("#")[2] or source)):
        made["key"] = "parcel_id"
    if role == "plans.present_use":
        made["role"] = "present"
    return made


def as_table(taken: Iterable[Taken]) -> dict[str, Any]:
    """Return the table of a study file."""
    raw: dict[str, Any] = {}
    for one in taken:
        group, _, name = one.role.partition(".")
        raw.setdefault(group, {})[name] = one.entry
    return raw
