"""The generated pages of ``docs/``: what the code and the catalogue say, written down.

``python -m landzone.docs docs`` writes them; a test holds the files against ``pages()``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import typer

from landzone.catalog import load
from landzone.catalog.columns import aliases, own_specs
from landzone.catalog.measure_list import measures
from landzone.catalog.packs import list_rules
from landzone.changes.features import sided
from landzone.model.rules import Rule, RulePack

HEAD = "<!-- Written by `make docs` from the code and the catalogue; do not edit. -->"
WIDTH = 88
UNITS = (
    ("_wan_cny_per_ha", "万元/ha"), ("_wan_cny_per_mu", "万元/mu"), ("_wan_cny", "万元"), ("_m2", "m²"),
    ("_ratio", "0…1"), ("_count", "count"), ("_date", "date"), ("_m", "m"),
)  # fmt: skip
KINDS = ("refuse", "limit", "reject", "repair", "note", "finding")
KIND_TEXTS = {
    "refuse": "The run stops; no result is written (exit code 3; 2 for a wrong call). 停止运行,不写结果。",
    "limit": "Out of time or memory; no result is written (exit code 6). 超出时间或内存限制,不写结果。",
    "reject": "A row or a cell is not used and is listed in `rejects`. 整行或该格不采用,列入 `rejects`。",
    "repair": "A value or a geometry was read or mended by a stated rule, listed in `repairs`. "
    "按说明的规则读取或修正,列入 `repairs`。",
    "note": "What a reader has to know, listed in `notes`. 需要知道的情况,列入 `notes`。",
    "finding": "The sentence of a finding. 检查结论的说明。",
}


def pages() -> dict[str, str]:
    """Return every generated page by file name.

    >>> sorted(pages())
    ['cli.md', 'columns.md', 'document-rows.md', 'errors.md', 'measures.md', 'rules.md']
    """
    built = {
        "cli.md": _cli(),
        "columns.md": _columns(),
        "measures.md": _measures(),
        "rules.md": _rules(),
        "errors.md": _errors(),
        "document-rows.md": _document_rows(),
    }
    return {name: "\n".join([HEAD, "", *lines]).rstrip() + "\n" for name, lines in built.items()}


def write(folder: Path) -> list[Path]:
    """Write the pages into a folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in pages().items():
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


def measure_table(lang: str) -> str:
    """Return the main measures with unit and source, as the READMEs show them between their markers."""
    heads = {"zh": ("指标", "列名", "单位", "来源"), "en": ("Measure", "Column", "Unit", "Source")}[lang]
    rows = [(m.title[lang], f"`{m.name}`", m.unit, m.source) for m in measures().values() if m.headline]
    return "\n".join(_table(heads, rows))


def output_columns() -> dict[str, dict[str, dict[str, str]]]:
    """Return what every written column means: by table, then by column, ``zh``, ``en`` and ``unit``.

    >>> output_columns()["parcels"]["building_density_ratio"]
    {'zh': '建筑密度', 'en': 'building density', 'unit': '0…1'}
    """
    catalogue = load.table("output_columns.toml")
    titles = {spec.name: spec.title for spec in measures().values()}
    per_mu = {"zh": "（每亩）", "en": " per mu"}
    by_mu = {
        name.replace("_per_ha", "_per_mu"): {lang: title[lang] + per_mu[lang] for lang in title}
        for name, title in titles.items()
        if name.endswith("_per_ha")
    }
    found = {}
    for table, names in catalogue["tables"].items():
        own = {**by_mu, **titles, **catalogue["shared"], **catalogue.get(table, {})}
        found[table] = {
            name: {"zh": own[name]["zh"], "en": own[name]["en"], "unit": own[name].get("unit", _unit(name))}
            for name in names
        }
    return found


def _unit(name: str) -> str:
    return next((unit for suffix, unit in UNITS if name.endswith(suffix)), "")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"

    return [line(heads), "|" + " --- |" * len(heads), *(line(row) for row in rows)]


@cache
def _application() -> Any:
    """Return the command line as typer builds it (it lies above this module, so it is fetched when asked)."""
    return typer.main.get_command(import_module("landzone.cli").app)


def commands() -> dict[str, str]:
    """Return the help of every command, as ``landzone COMMAND --help`` prints it; "" is ``landzone --help``."""
    app = _application()
    root = app.make_context("landzone", [], resilient_parsing=True, terminal_width=WIDTH)
    found = {"": _plain(app.get_help(root))}
    for name, command in app.commands.items():
        context = command.make_context(name, [], parent=root, resilient_parsing=True)
        found[name] = _plain(command.get_help(context))
    return found


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines())


def _cli() -> list[str]:
    lines = ["# Command line / 命令行", ""]
    for name, text in commands().items():
        lines += [f"## landzone {name}".rstrip(), "", "```text", text, "```", ""]
    codes = (
        ("0", "done, every row used"),
        ("1", "a bug in landzone"),
        ("2", "wrong call"),
        ("3", "input refused, no result written"),
        ("4", "done, but rows or cells were rejected or geometries repaired (they are listed)"),
        ("5", "results could not be written"),
        ("6", "out of memory or disk limit"),
        ("10", "with `--fail-on fail`: a rule fails"),
        ("130, 143", "interrupted (Ctrl-C, SIGTERM); the earlier result is untouched"),
    )
    lines += ["## Exit codes / 退出码", "", *_table(("code", "meaning"), codes), ""]
    lines += ["`demo` exits 0 once its results are written."]
    return lines


def _columns() -> list[str]:
    lines = ["# Columns / 字段", "", "## What is read / 输入", ""]
    lines += [
        "A column is found by its canonical name or by an alias; `columns = { … }` in `study.toml` names it outright.",
        "Parcels may carry every column of projects, too.",
        "",
    ]
    for role in load.table("columns.toml"):
        found = aliases(role)
        rows = []
        for spec in own_specs(role).values():
            others = dict.fromkeys(
                a.header for a in found if a.canonical == spec.name and a.header != spec.name
            )
            need = "required" if spec.required else ""
            rows.append(
                (f"`{spec.name}`", spec.kind, need, spec.zh, " ".join(f"`{other}`" for other in others))
            )
        heads = ("column", "kind", "", "中文", "aliases / 别名")
        lines += [f"### {role}", "", *_table(heads, rows), ""]
    lines += ["## What is written / 输出", "", "Layers and tables of `audit.gpkg`. Ids are text, always.", ""]
    lines += [
        "Columns of the source that were not mapped stay under their own name with the prefix `src_`.",
        'Money stands in the unit of the study: with `money = "usd"` the columns end in `_usd`, `_usd_per_ha`.',
        "`patches` has `<plan>_code`, `<plan>_common` and `<plan>_sector` for each plan.",
        "",
    ]
    for table, columns in output_columns().items():
        told = [(f"`{name}`", own["unit"], own["zh"], own["en"]) for name, own in columns.items()]
        lines += [f"### {table}", "", *_table(("column", "unit", "中文", "meaning"), told), ""]
    return [*lines, *_conform_columns(), *_compare_columns()]


def conform_columns() -> dict[str, dict[str, dict[str, str]]]:
    """Return what every column of ``conform.gpkg`` means: by table, then by column, ``zh``, ``en`` and ``unit``.

    >>> conform_columns()["zones"]["area_m2"]
    {'zh': '面积', 'en': 'area', 'unit': 'm²'}
    """
    tables = load.table("conform_columns.toml")
    return {
        table: {name: {**said, "unit": _unit(name)} for name, said in own.items()}
        for table, own in tables.items()
    }


def _conform_columns() -> list[str]:
    lines = ["## What `landzone conform` writes / 合规审查的输出", ""]
    lines += [
        "Layers and tables of `conform.gpkg`; `rejects`, `repairs` and `notes` are those of an audit. Beside it:",
        "`conform.html` and `conform.docx` (the review that a person signs), `occupied.txt` (the occupied ground as a",
        "boundary survey in GBK, where the working CRS is a Gauss-Krüger zone) and `run.json`.",
        "",
    ]
    for table, columns in conform_columns().items():
        told = [(f"`{name}`", own["unit"], own["zh"], own["en"]) for name, own in columns.items()]
        lines += [f"### conform.gpkg: {table}", "", *_table(("column", "unit", "中文", "meaning"), told), ""]
    return lines


def compare_columns() -> dict[str, dict[str, dict[str, str]]]:
    """Return what every column of ``compare.gpkg`` means: by table, then by column, ``zh``, ``en`` and ``unit``.

    >>> compare_columns()["patch_changes"]["area_old_m2"]
    {'zh': '面积（旧）', 'en': 'area (old)', 'unit': 'm²'}
    """
    known = load.table("compare_columns.toml")
    found: dict[str, dict[str, dict[str, str]]] = {}
    for table, names in known["tables"].items():
        own: dict[str, dict[str, str]] = {}
        for name in names:
            said = known["shared"][name.removesuffix("*")]
            if not name.endswith("*"):
                own[name] = {**said, "unit": _unit(name)}
                continue
            for side, zh in (("old", "（旧）"), ("new", "（新）")):
                column = sided(name.removesuffix("*"), side)
                texts = {"zh": said["zh"] + zh, "en": f"{said['en']} ({side})"}
                own[column] = {**texts, "unit": _unit(column)}
        found[table] = own
    return found


def _compare_columns() -> list[str]:
    lines = ["## What `landzone compare` writes / 两次审计对照的输出", ""]
    lines += [
        "Layers and tables of `compare.gpkg`. Beside it: `compare.html` (the report that a person signs),",
        "`compare_map.html`, `compare.xlsx` and `run.json`. Shapes are those of the new audit, of the",
        "old one where a feature is gone.",
        "",
    ]
    for table, columns in compare_columns().items():
        told = [(f"`{name}`", own["unit"], own["zh"], own["en"]) for name, own in columns.items()]
        lines += [f"### compare.gpkg: {table}", "", *_table(("column", "unit", "中文", "meaning"), told), ""]
    return lines


def _measures() -> list[str]:
    lines = ["# Measures / 指标", ""]
    lines += ["A rule pack may speak of these and of nothing else (`landzone list measures`).", ""]
    for spec in measures().values():
        lines += [f"## {spec.title['zh']} / {spec.title['en']}", "", f"`{spec.name}`", ""]
        lines += [f"- unit / 单位: {spec.unit} · subjects / 对象: {', '.join(spec.subjects)}"]
        lines += [f"- {spec.formula['zh']}", f"- {spec.formula['en']}", f"- source / 来源: {spec.source}", ""]
    return lines


def _rules() -> list[str]:
    lines = ["# Rules / 规则", ""]
    lines += [
        "The bundled rule packs. `law` binds, `guidance` sets conditions, `advice` recommends; each pack is judged by",
        "itself. **Unverified**: the wording could not be checked against the official text. `percent` limits are",
        "held as ratios.",
        "",
    ]
    for pack in list_rules():
        lines += list(_pack(pack))
    return lines


def _pack(pack: RulePack) -> Iterator[str]:
    yield from (f"## {pack.title['zh']} / {pack.title['en']}", "")
    term = f"{pack.valid_from or '…'} – {pack.valid_to or '…'}"
    yield from (
        f"`{pack.id}` · {pack.source} · {pack.binding} · issued {pack.issued or '?'} · in force {term}",
        "",
    )
    heads = ("rule", "title", "measure", "limit", "unit", "clause", "quote")
    yield from _table(heads, (_rule(rule) for rule in pack.rules))
    yield ""


def _rule(rule: Rule) -> tuple[str, ...]:
    if rule.op is None:
        told = rule.reason["zh"] + " / " + rule.reason["en"] if rule.reason else "reported, no limit / 仅列示"
        title = f"{rule.title['zh']} / {rule.title['en']}"
        measure = f"`{rule.measure}`" if rule.measure else ""
        return (f"`{rule.id}`", title, measure, told, rule.unit, rule.clause, rule.quote)
    limits = _scope(rule) + " / ".join(
        f"{rule.op} {dated.limit:g}" + (f" ({dated.valid_from} –)" if dated.valid_from else "")
        for dated in rule.limits
    )
    mark = " **unverified**" if rule.unverified else ""
    title = f"{rule.title['zh']} / {rule.title['en']}"
    return (f"`{rule.id}`", title, f"`{rule.measure}`", limits, rule.unit, rule.clause + mark, rule.quote)


def _document_rows() -> list[str]:
    lines = ["# Rows of the five documents / 五份文件的条目", ""]
    lines += [
        "Every measurable row of the documents and the rules that stand for it. *judged*: compared with a dated limit;",
        "*reported*: the document names no limit, the figure is shown; *listed*: not computed, with the reason.",
        "*Stated*: the figure comes from no layer; the zone or the region gives it in `[tables.zone_figures]`.",
        "",
    ]
    known = {rule.id: (pack, rule) for pack in list_rules() for rule in pack.rules}
    rows = []
    for number, names in load.table("document_rows.toml").items():
        for name in names:
            pack, rule = known[name]
            kind = "listed" if rule.reason else "reported" if rule.op is None else "judged"
            given = {one.name for one in pack.indicators if not one.formula}
            what = rule.reason.get("en", "") or f"`{rule.measure}`" + (
                " (stated)" if rule.measure in given else ""
            )
            rows.append(
                (number, f"`{name}`", f"{rule.title['zh']} / {rule.title['en']}", rule.clause, kind, what)
            )
    return [*lines, *_table(("row", "rule", "title", "clause", "how", "measure or reason"), rows)]


def _scope(rule: Rule) -> str:
    """Say to whom a rule applies and by what its limit goes."""
    when = [
        f"{key} {'from ' + str(value) if not isinstance(value, bool) else value}"
        for key, value in rule.when.items()
    ]
    but = [
        f"not {key} {'before ' + str(value) if not isinstance(value, bool) else value}"
        for key, value in rule.unless.items()
    ]
    by = (
        [f"limit by {' and '.join(rule.limits_by.keys)} (`{rule.limits_by.file}`), times"]
        if rule.limits_by
        else []
    )
    told = "; ".join([*when, *but, *by])
    return f"{told}: " if told else ""


def _errors() -> list[str]:
    lines = ["# Codes / 代码", ""]
    lines += [
        "`CODE  file[#layer] row/column: what is wrong. what to do.` Words in braces are filled in.",
        "",
    ]
    codes = load.merged("messages")
    for kind in KINDS:
        own = sorted((code, entry) for code, entry in codes.items() if entry["kind"] == kind)
        lines += [f"## {kind}", "", KIND_TEXTS[kind], ""]
        for code, entry in own:
            lines += [f"### {code}", ""]
            lines += [f"- {_said(entry['zh'], '')}", f"- {_said(entry['en'], ' ')}", ""]
    return lines


def _said(texts: Sequence[str], joiner: str) -> str:
    what, remedy = (f"`{text}`" if "`" in text else text for text in texts)
    return joiner.join(part for part in (what, f"**{remedy}**" if remedy else "") if part).replace(
        "<", "&lt;"
    )


def main(arguments: Sequence[str]) -> int:
    """Write the pages into the folder that is named."""
    if len(arguments) != 1:
        print("python -m landzone.docs FOLDER", file=sys.stderr)
        return 2
    for path in write(Path(arguments[0])):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
