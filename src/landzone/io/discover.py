"""Takes each file of a folder for what its name says, and writes that down as a commented study file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from landzone.catalog.labels import labels
from landzone.catalog.messages import refusal
from landzone.errors import Refusal
from landzone.io.columns import match_columns
from landzone.io.coordinates import crs_label
from landzone.io.file_roles import about_parcels, data_files, layer_names, meanings
from landzone.io.plans import class_header
from landzone.io.raw import Raw
from landzone.io.study_file import FILE_NAME, Reason, StudyFile, parse
from landzone.io.study_spec import PlanSpec, SourceSpec
from landzone.io.tables import read_table
from landzone.io.vector import read_vector
from landzone.model.problems import Problems
from landzone.model.study import AlignmentSettings, Settings

_LATER = ("rules", "area", "area_kind", "boundary_precision_m", "money")


def discover(folder: Path) -> StudyFile:
    """Take each file of a folder for what its name says.

    Returns
    -------
    StudyFile
        As a study file would have it, with a reason for each file.

    Raises
    ------
    Refusal
        STUDY_FOLDER_EMPTY, STUDY_NO_PARCELS, FILE_ROLE_AMBIGUOUS.
    """
    files = data_files(folder)
    if not files:
        raise refusal("STUDY_FOLDER_EMPTY", file=folder.name)
    taken: dict[str, str] = {}
    reasons = []
    for source, name in _sources(files):
        said = meanings(name)
        if len(said) > 1:
            raise _ambiguous([source], [w.role for w in said])
        if not said:
            reasons.append(Reason(source))
            continue
        role = said[0].role
        if role in taken:
            raise _ambiguous([taken[role], source], [role])
        taken[role] = source
        reasons.append(Reason(source, role, said[0].text))
    if "layers.parcels" not in taken:
        found = ", ".join(p.name for p in files)
        raise refusal("STUDY_NO_PARCELS", file=folder.name, found=found)
    raw = as_table(taken)
    return StudyFile(spec=parse(raw), folder=folder, raw=raw, reasons=tuple(reasons))


def _sources(files: Sequence[Path]) -> list[tuple[str, Path]]:
    """Return every source with the name that tells its role: the file, or a layer where the file tells nothing."""
    found = []
    for path in files:
        layers = [] if meanings(path) else [(n, Path(n + path.suffix)) for n in layer_names(path)]
        spoken = [(f"{path.name}#{name}", named) for name, named in layers if meanings(named)]
        found += spoken or [(path.name, path)]
    return found


def _ambiguous(sources: Sequence[str], roles: Sequence[str]) -> Refusal:
    return refusal("FILE_ROLE_AMBIGUOUS", files=", ".join(sources), roles=", ".join(roles))


def as_table(taken: Mapping[str, str]) -> dict[str, Any]:
    """Return the table of a study file for sources by role."""
    raw: dict[str, Any] = {}
    for role, source in taken.items():
        group, _, name = role.partition(".")
        entry = {"source": source}
        if role == "tables.zone_figures" and about_parcels(Path(source)):
            entry["key"] = "parcel_id"
        if role == "plans.present_use":
            entry["role"] = "present"
        raw.setdefault(group, {})[name] = entry
    return raw


def write_study_file(folder: str | Path, lang: str = "zh") -> Path:
    """Write ``study.toml`` into a folder.

    Parameters
    ----------
    folder : str or Path
        Folder with data; nothing else in it is changed.
    lang : str
        Language of the comments.

    Returns
    -------
    Path
        The new file.

    Raises
    ------
    Refusal
        STUDY_NOT_FOUND, STUDY_FILE_EXISTS, and what `discover` refuses.
    """
    root = Path(folder)
    if not root.is_dir():
        raise refusal("STUDY_NOT_FOUND", file=root.name)
    target = root / FILE_NAME
    if target.exists():
        raise refusal("STUDY_FILE_EXISTS", file=target.name)
    text = study_text(discover(root), lang)
    with target.open("x", encoding="utf-8", newline="\n") as handle:
        handle.write(text)
    return target


def study_text(file: StudyFile, lang: str) -> str:
    """Return the commented study file for what was found in a folder.

    It says the same as the folder without it: an audit of one gives the numbers of the other.
    """
    words = labels("study_file", lang)
    lines = [f"# {words['head']}", "", "[study]", f"name = {_quoted(file.folder.resolve().name)}"]
    lines += [f"# {words['defaults']}", *_defaults(), ""]
    with tempfile.TemporaryDirectory(prefix="landzone-") as work:
        for reason in sorted(file.reasons, key=_order):
            if reason.role:
                lines += [*_section(file, reason, words, Path(work), lang), ""]
    lines += [f"# {words['not_taken'].format(file=r.file)}" for r in file.reasons if not r.role]
    return "\n".join(lines).rstrip() + "\n"


def _order(reason: Reason) -> tuple[int, bool, str]:
    group = reason.role.partition(".")[0]
    groups = ("layers", "tables", "plans", "constraints", "")
    return groups.index(group), reason.role != "layers.parcels", reason.role


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _defaults() -> list[str]:
    settings = Settings(name="")
    lines = [f"# {key} = {json.dumps(getattr(settings, key))}" for key in _LATER]
    alignment = AlignmentSettings()
    sizes = f"sliver_width_m = {alignment.sliver_width_m}, small_area_m2 = {alignment.small_area_m2}"
    return [*lines, f"# alignment: {sizes}"]


def _section(file: StudyFile, reason: Reason, words: dict[str, str], work: Path, lang: str) -> list[str]:
    group, _, name = reason.role.partition(".")
    entry = file.raw[group][name]
    spec: SourceSpec = _spec(file, group, name)
    told = words["taken"].format(file=reason.file, word=reason.word, role=reason.role)
    lines = [f"# {told}", f"[{reason.role}]", *(f"{key} = {_quoted(text)}" for key, text in entry.items())]
    try:
        raw = _read(file.folder, group, name, spec, work)
        return lines + _columns(raw, spec, name, words)
    except Refusal as error:
        return [*lines, f"# {error.text(lang)}"]


def _spec(file: StudyFile, group: str, name: str) -> SourceSpec:
    section = getattr(file.spec, group)
    spec: SourceSpec = section[name] if isinstance(section, dict) else getattr(section, name)
    return spec


def _read(folder: Path, group: str, name: str, spec: SourceSpec, work: Path) -> Raw:
    if group == "tables":
        return read_table(spec.source, folder, role=name, problems=Problems(), work=work)
    role = name if group == "layers" else f"{group}.{name}"
    return read_vector(spec.source, folder, role=role, problems=Problems(), work=work)


def _columns(raw: Raw, spec: SourceSpec, name: str, words: dict[str, str]) -> list[str]:
    stated = {}
    if isinstance(spec, PlanSpec) and (header := class_header(raw, spec, name)):
        stated = {"code": header}
    crs = crs_label(raw.crs) if raw.crs is not None else words["none"]
    lines = []
    if raw.geometry is not None:
        lines.append(words["found"].format(rows=raw.rows_in, crs=crs, encoding=raw.encoding or words["none"]))
    matches = match_columns(raw, stated, {})
    lines += [words["column"].format(match=match.report()) for match in matches]
    taken = {match.header for match in matches}
    rest = [str(c) for c in raw.cells.columns if str(c) not in taken]
    if rest and raw.role != "zone_figures":
        lines.append(words["unmatched"].format(columns=", ".join(rest)))
    return [f"# {''.join(c for c in ' '.join(line.split()) if c.isprintable())}" for line in lines]
