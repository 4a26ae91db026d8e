"""Writes down what was found in a folder as a commented study file that a person can read, check and complete."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from landzone.catalog import load
from landzone.catalog.labels import labels
from landzone.catalog.messages import refusal
from landzone.errors import Refusal
from landzone.io.columns import Match
from landzone.io.discover import PARCELS, Discovery, Doubt, entry, explore
from landzone.io.study_file import FILE_NAME
from landzone.io.taken import Remark, Taken
from landzone.model.study import AlignmentSettings, IdleSettings, Settings

_LATER = ("rules", "area", "area_kind", "boundary_precision_m", "money")
_GROUPS = ("layers", "tables", "plans", "constraints")


def write_study_file(folder: str | Path, lang: str = "zh") -> tuple[Path, Discovery]:
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
    Discovery
        What was found in the folder.

    Raises
    ------
    Refusal
        STUDY_NOT_FOUND, STUDY_FILE_EXISTS, STUDY_FOLDER_EMPTY.
    """
    root = Path(folder)
    if not root.is_dir():
        raise refusal("STUDY_NOT_FOUND", file=root.name)
    target = root / FILE_NAME
    if target.exists():
        raise refusal("STUDY_FILE_EXISTS", file=target.name)
    found = explore(root)
    text = study_text(found, lang)
    with target.open("x", encoding="utf-8", newline="\n") as handle:
        handle.write(text)
    return target, found


def study_text(found: Discovery, lang: str) -> str:
    """Return the commented study file for what was found in a folder.

    It says the same as the folder without it: an audit of one gives the numbers of the other.
    """
    words = labels("study_file", lang)
    points = found.open_points()
    lines = [
        _comment(words["head"]),
        _comment(words["open_points"].format(count=points) if points else words["complete"]),
    ]
    lines += [
        "",
        "[study]",
        f"name = {_quoted(found.folder.resolve().name)}",
        _comment(words["defaults"]),
        *_defaults(),
    ]
    if PARCELS not in found.by_role and not any(PARCELS in doubt.roles for doubt in found.doubts):
        lines += ["", *_no_parcels(found, words)]
    for doubt in found.doubts:
        lines += ["", *_doubt(doubt, words)]
    for one in sorted(found.taken, key=_order):
        lines += ["", *_section(one, words, lang)]
    lines += _missing(found, words, lang)
    lines += _left(found, words, lang)
    return "\n".join(lines).rstrip() + "\n"


def _order(one: Taken) -> tuple[int, bool, str]:
    return _GROUPS.index(one.role.partition(".")[0]), one.role != PARCELS, one.role


def _quoted(text: Any) -> str:
    return json.dumps(text, ensure_ascii=False)


def _comment(text: str) -> str:
    """Return a text as one comment line: no line break and no invisible character gets through."""
    return "# " + "".join(c for c in " ".join(text.split()) if c.isprintable())


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").replace("-", "").isalnum() else _quoted(name)


def _defaults() -> list[str]:
    settings, idle, alignment = Settings(name=""), IdleSettings(), AlignmentSettings()
    lines = [f"# {key} = {json.dumps(getattr(settings, key))}" for key in _LATER]
    sizes = f"sliver_width_m = {alignment.sliver_width_m}, small_area_m2 = {alignment.small_area_m2}"
    clock = f'anniversary = "{idle.anniversary}", blank_actual_start = "{idle.blank_actual_start}"'
    return [*lines, f"# [idle] {clock}", f"# [alignment] {sizes}"]


def _no_parcels(found: Discovery, words: Mapping[str, str]) -> list[str]:
    """Say that nothing can be taken for parcels, with the layers of polygons that could be meant."""
    lines = [_comment(words["no_parcels"])]
    shapes = {source: remark.params for source, remark in found.left.items()}
    areas = [source for source, params in shapes.items() if params.get("shapes") == "polygon"]
    areas.sort(key=lambda source: -shapes[source]["rows"])
    lines += [f"# [{PARCELS}]"] + [f"# source = {_quoted(source)}" for source in areas or ["….shp"]]
    return [*lines, '# columns.parcel_id = "…"']


def _doubt(doubt: Doubt, words: Mapping[str, str]) -> list[str]:
    """Write every possibility down, none of them in force."""
    params = {"files": ", ".join(doubt.sources), "roles": ", ".join(_title(r, words) for r in doubt.roles)}
    word = "doubt_role" if len(doubt.sources) > 1 else "doubt_roles"
    lines = [_comment(words[word].format(**params))]
    for role in doubt.roles:
        lines.append(f"# [{role}]")
        for source in doubt.sources:
            lines += [f"# {key} = {_quoted(value)}" for key, value in entry(role, source).items()]
    return lines


def _title(role: str, words: Mapping[str, str]) -> str:
    group, _, name = role.partition(".")
    if group in ("plans", "constraints"):
        table = load.merged("plan_types") if group == "plans" else load.table("constraints.toml")
        title = table.get(name, {}).get("title", {})
        return f"{title.get(words['lang'], name)} ({role})"
    return f"{words.get('role_' + name, name)} ({role})"


def _section(one: Taken, words: Mapping[str, str], lang: str) -> list[str]:
    told = words["taken_" + one.how].format(file=one.look.source, word=one.word, role=_title(one.role, words))
    facts = [_comment(_sentence(r, words, lang)) for r in one.remarks if r.word.startswith("found")]
    lines = [_comment(told), *facts, f"[{one.role}]"]
    for key, value in one.entry.items():
        if isinstance(value, dict):
            lines += [f"{key}.{_key(name)} = {_quoted(text)}" for name, text in value.items()]
        else:
            lines.append(f"{key} = {_quoted(value)}")
    lines += [f"{key} = {_quoted(value)}" for key, value in one.shown.items()]
    for remark in one.remarks:
        if not remark.word.startswith("found"):
            lines.append(_comment((words["todo"] if remark.open else "") + _sentence(remark, words, lang)))
            lines += [f"# {remark.line}"] if remark.line else []
    lines += _columns(one, words)
    return lines


def _sentence(remark: Remark, words: Mapping[str, str], lang: str) -> str:
    error = remark.params.get("error")
    if remark.word == "refused" or (error is not None and not words.get(remark.word)):
        return error.text(lang) if isinstance(error, Refusal) else str(error)
    params = dict(remark.params)
    if "share" in params:
        params["share"] = f"{params['share'] * 100:.0f} %"
    for name in ("crs", "encoding"):
        params[name] = params.get(name) or words["none"]
    if params.get("shapes"):
        params["shapes"] = words["shapes_" + params["shapes"]]
    if params.get("guessed"):
        params["encoding"] += words["guessed"]
    if isinstance(error, Refusal):
        params["error"] = error.text(lang)
    return words[remark.word].format(**params)


def _columns(one: Taken, words: Mapping[str, str]) -> list[str]:
    lines = [_comment(words["columns"])] if one.matches else []
    lines += [
        f"# columns.{_key(m.spec.name)} = {_quoted(m.header)}{_how(m, one, words)}" for m in one.matches
    ]
    if one.look.raw is not None:
        taken = {match.header for match in one.matches}
        rest = [header for header in one.look.headers if header not in taken]
        if rest and one.name != "zone_figures":
            lines.append(_comment(words["unmatched"].format(columns=", ".join(rest))))
    return lines


def _how(match: Match, one: Taken, words: Mapping[str, str]) -> str:
    unit = one.entry.get("units", {}).get(match.spec.name) or (match.unit.name if match.unit else "")
    said = [words["how_" + match.how]] if match.how in ("prefix", "content") else []
    said += [words["how_unit"].format(unit=unit)] if unit else []
    return "   # " + ", ".join(said) if said else ""


def _missing(found: Discovery, words: Mapping[str, str], lang: str) -> list[str]:
    """Say which measures stay unknown for lack of a layer, a table or a column."""
    said = missing_measures(found, lang)
    return ["", _comment(words["missing"]), *(_comment("- " + text) for text in said)] if said else []


def missing_measures(found: Discovery, lang: str) -> list[str]:
    """Return one sentence for each thing that is not there and the measures that stay unknown without it."""
    there = {one.role for one in found.taken}
    there |= {f"{one.role}.{match.spec.name}" for one in found.taken for match in one.matches}
    there |= {f"tables.projects.{name}" for one in found.taken if one.role == PARCELS for name in _names(one)}
    plans = sum(1 for one in found.taken if one.role.startswith("plans.") and one.role != "plans.present_use")
    there |= {f"plans.{n}" for n in range(1, plans + 1)}
    there |= {"constraints"} if any(r.startswith("constraints.") for r in there) else set()
    offered = there | {role for doubt in found.doubts for role in doubt.roles}
    rules = load.table("file_roles.toml")["missing"]
    return [
        str(rule[lang])
        for rule in rules
        if set(rule.get("given", ())) <= there and not set(rule["lacks"]) & offered
    ]


def _names(one: Taken) -> list[str]:
    return [match.spec.name for match in one.matches]


def _left(found: Discovery, words: Mapping[str, str], lang: str) -> list[str]:
    lines = [_comment(_sentence(remark, words, lang)) for remark in found.left.values()]
    folders = [name for name in found.ignored if name.endswith("/")]
    names = [name for name in found.ignored if not name.endswith("/")]
    lines += [_comment(words["folders"].format(names=", ".join(folders)))] if folders else []
    lines += [_comment(words["ignored"].format(names=", ".join(names)))] if names else []
    return ["", _comment(words["not_taken"]), *lines] if lines else []
