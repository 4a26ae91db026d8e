"""``landzone list`` and ``landzone doctor``: what the catalogue holds and what works on this machine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

from landzone.catalog import load
from landzone.catalog.columns import own_specs
from landzone.catalog.labels import labels
from landzone.catalog.measure_list import measures
from landzone.catalog.packs import list_rules
from landzone.model.rules import Rule
from landzone.run_record import versions

Rows = list[tuple[str, ...]]


def _measures(lang: str) -> Rows:
    return [(m.name, m.title[lang], m.unit, m.formula[lang], m.source) for m in measures().values()]


def _rules(lang: str) -> Rows:
    return [
        (
            pack.id,
            rule.id,
            rule.title[lang],
            _requirement(rule, lang),
            rule.clause,
        )
        for pack in list_rules()
        for rule in pack.rules
    ]


def _requirement(rule: Rule, lang: str) -> str:
    if rule.op is None:
        return rule.reason.get(lang, "") or rule.measure
    by = f" × {rule.limits_by.file}" if rule.limits_by is not None else ""
    return f"{rule.measure} {rule.op} {_limits(rule)}{by} {rule.unit}"


def _limits(rule: Rule) -> str:
    return " / ".join(f"{dated.limit:g}" for dated in rule.limits)


def _plans(lang: str) -> Rows:
    kinds: Rows = [(name, entry["title"][lang], "") for name, entry in load.merged("plan_types").items()]
    index = load.table("crosswalks/index.toml")
    return kinds + [
        (name, entry["title"][lang], str(entry.get("source", ""))) for name, entry in index.items()
    ]


def _outputs(lang: str) -> Rows:
    return [(name, text) for name, text in labels("outputs", lang).items()]


def _columns(lang: str) -> Rows:
    roles = load.table("columns.toml")
    return [(role, spec.name, spec.kind, spec.zh) for role in roles for spec in own_specs(role).values()]


def _formats(lang: str) -> Rows:
    table = load.table("formats.toml")
    files: Rows = [
        (entry["title"], " ".join(entry["suffixes"]), ", ".join(entry.get("drivers", ())))
        for entry in table["formats"].values()
    ]
    tiles: Rows = [
        (labels("doctor", lang)["tiles"] + f" {one['title']}", one["suffix"] or "z/x/y.pbf", one["driver"])
        for one in load.table("tiles.toml")["forms"].values()
    ]
    return (
        files
        + tiles
        + [(entry["title"], entry["address"], entry["package"]) for entry in table["databases"].values()]
    )


TABLES: dict[str, Callable[[str], Rows]] = {
    "measures": _measures,
    "rules": _rules,
    "plans": _plans,
    "outputs": _outputs,
    "columns": _columns,
    "formats": _formats,
}


def rows(what: str, lang: str) -> Rows:
    """Return one list of the catalogue as rows of text."""
    return TABLES[what](lang)


def show(what: str, lang: str) -> None:
    """Print one list of the catalogue on stdout, one line a row, columns parted by tabs when piped."""
    _print(rows(what, lang))


def _print(lines: Rows) -> None:
    if not sys.stdout.isatty():
        for line in lines:
            print("\t".join(line))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(show_header=False)
    for line in lines:
        table.add_row(*line)
    Console().print(table)


def _needs(entry: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Tell whether the package that a format is read with is installed."""
    package = entry.get("package")
    if package is None or find_spec(package):
        return words["works"]
    return words["package_missing"].format(name=entry.get("extra", package))


def doctor(lang: str) -> int:
    """Print versions, drivers and fonts, and what is missing for what; return 0 when everything works."""
    import pyogrio

    from landzone.outputs import tiles
    from landzone.outputs.sheet_fonts import cjk_font

    words = labels("doctor", lang)
    lines: Rows = [(name, found or words["missing"]) for name, found in versions().items()]
    drivers = pyogrio.list_drivers()
    for entry in load.table("formats.toml")["formats"].values():
        wanted = entry.get("drivers", [])
        works = not wanted or any("r" in drivers.get(name, "") for name in wanted)
        lines.append((entry["title"], _needs(entry, words) if works else words["driver_missing"]))
    for entry in load.table("formats.toml")["databases"].values():
        lines.append((entry["title"], _needs(entry, words)))
    for form, entry in load.table("tiles.toml")["forms"].items():
        name = f"{words['tiles']} {entry['title']}"
        lines.append((name, words["works" if tiles.works(form) else "not_written"]))
    font = cjk_font()
    lines.append((words["font"], font or words["font_missing"]))
    _print(lines)
    return 0
