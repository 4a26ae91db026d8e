"""``report.html``: the report as one file that needs no network and holds no script."""

from __future__ import annotations

import base64
import html
from pathlib import Path

from landzone.catalog import load
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs.report_content import Block, Link, Map, Paragraph, Report, Section, TextTable, build

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_LONG = 40
"""Characters from which on a cell is a sentence, and its column gets room."""
_SHORT_ID = 12
"""Characters of an id up to which it fits beside sentences without room of its own."""
_STYLE = """
:root { --ink: #1c2430; --soft: #5b6673; --line: #c9d1d9; --head: #eaf0f5; --accent: #1d3557; }
* { box-sizing: border-box; }
body { margin: 0; background: #eef1f4; color: var(--ink); font: 15px/1.75 "Noto Sans CJK SC", "Microsoft YaHei",
  "PingFang SC", "WenQuanYi Micro Hei", "Segoe UI", Arial, sans-serif; }
main { max-width: 1080px; margin: 24px auto; background: #fff; padding: 40px 56px 56px; box-shadow: 0 1px 6px #0002; }
.banner { color: #a61e00; border: 1px solid #a61e00; padding: 2px 12px; display: inline-block; font-size: 13px;
  letter-spacing: .08em; }
h1 { text-align: center; font-size: 28px; margin: 28px 0 6px; letter-spacing: .06em; color: var(--accent); }
.subtitle { text-align: center; color: var(--soft); margin: 0 0 28px; }
nav { border-top: 2px solid var(--accent); border-bottom: 1px solid var(--line); padding: 12px 4px; margin-bottom: 12px;
  columns: 2; font-size: 14px; }
nav a { display: block; color: var(--accent); text-decoration: none; }
nav a:hover, nav a:focus { text-decoration: underline; }
h2 { font-size: 20px; margin: 36px 0 10px; color: var(--accent);
  border-bottom: 1px solid var(--line); padding-bottom: 4px; }
p { margin: 8px 0; overflow-wrap: anywhere; white-space: pre-line; }
p.note { color: var(--soft); font-size: 13.5px; border-left: 3px solid var(--line); padding-left: 10px; }
p.heading { font-weight: 600; font-size: 16px; margin: 26px 0 8px; color: var(--ink); }
p.end { text-align: right; margin-top: 36px; }
p.link a { color: var(--accent); font-weight: 600; }
html[lang="zh"] p.body { text-indent: 2em; }
.scroll { overflow-x: auto; margin: 14px 0 18px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; line-height: 1.5; }
caption { caption-side: top; text-align: left; font-weight: 600; padding: 6px 0; color: var(--ink); }
th, td { border: 1px solid var(--line); padding: 4px 8px; vertical-align: top; overflow-wrap: anywhere; }
th { background: var(--head); font-weight: 600; text-align: center; vertical-align: middle; overflow-wrap: normal; }
td.r { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.n { text-align: center; color: var(--soft); white-space: nowrap; }
th:first-child { white-space: nowrap; }
th.w { min-width: 20em; }
table:has(th.w) td.k { white-space: normal; min-width: 4em; }
table:has(th.w) td.i { min-width: 9.5em; }
td.k { white-space: nowrap; }
tfoot td { font-weight: 600; background: #f6f8fa; border-top: 2px solid var(--soft); }
.under { color: var(--soft); font-size: 12.5px; margin: 4px 0 0; }
figure { margin: 18px 0; text-align: center; }
figure svg { max-width: 100%; height: auto; }
figure img { max-width: 100%; border: 1px solid var(--line); }
figcaption { font-size: 13.5px; font-weight: 600; margin-top: 4px; }
.sign { display: grid; grid-template-columns: 1fr 1fr; gap: 34px 40px;
  margin: 56px 0 8px; font-size: 16px; break-inside: avoid; }
@media print {
  @page { size: A4; margin: 18mm 16mm; }
  body { background: #fff; font-size: 11pt; }
  main { box-shadow: none; margin: 0; padding: 0; max-width: none; }
  nav { display: none; }
  h2 { break-after: avoid; }
  thead { display: table-header-group; }
  tr, figure { break-inside: avoid; }
  .scroll { overflow: visible; }
  table { font-size: 8.5pt; }
  td.k { white-space: normal; }
  table:has(th.w) td.i { min-width: 8.5em; }
  th.w { min-width: 0; }
}
"""


def write(study: Study, result: AuditResult, folder: Path) -> Path:
    """Write ``report.html`` into a folder and return its path."""
    path = folder / "report.html"
    path.write_text(page(build(study, result)), encoding="utf-8", newline="\n")
    return path


def page(report: Report) -> str:
    """Return a report as a page; every text is escaped, nothing is a template."""
    contents = "".join(
        f'<a href="#s{place}">{_safe(section.title)}</a>' for place, section in enumerate(report.sections, 1)
    )
    body = "".join(_section(section, place) for place, section in enumerate(report.sections, 1))
    signed = "".join(f"<div>{_safe(line)}</div>" for line in report.signatures)
    sign = f'<div class="sign">{signed}</div>' if signed else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{report.lang}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_safe(report.title)} {_safe(report.subtitle)}</title>\n<style>{_STYLE}{_tones()}</style>\n</head>\n"
        f'<body>\n<main>\n<div class="banner">{_safe(report.banner)}</div>\n<h1>{_safe(report.title)}</h1>\n'
        f'<p class="subtitle">{_safe(report.subtitle)}</p>\n<nav>{contents}</nav>\n{body}{sign}\n'
        "</main>\n</body>\n</html>\n"
    )


def _tones() -> str:
    tones = load.table("labels/tones.toml")["tones"]
    return "".join(
        f".{name} {{ background: {tone['fill']}; color: {tone['ink']}; print-color-adjust: exact; }}\n"
        for name, tone in tones.items()
    )


def _section(section: Section, place: int) -> str:
    blocks = "".join(_block(block) for block in section.blocks)
    return f'<section id="s{place}">\n<h2>{_safe(section.title)}</h2>\n{blocks}</section>\n'


def _block(block: Block) -> str:
    if isinstance(block, Paragraph):
        return f'<p class="{block.kind}">{_safe(block.text)}</p>\n'
    if isinstance(block, Link):
        return f'<p class="link"><a href="{_safe(block.file)}">{_safe(block.text)}</a></p>\n'
    if isinstance(block, Map):
        caption = _safe(block.caption)
        picture = block.svg or _image(block, caption)
        return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>\n"
    return _table(block)


def _image(block: Map, caption: str) -> str:
    data = base64.b64encode(block.png).decode("ascii")
    return f'<img alt="{caption}" src="data:image/{block.kind};base64,{data}">'


def _table(table: TextTable) -> str:
    wide = [
        max((len(row[place]) for row in table.rows), default=0) > _LONG for place in range(len(table.head))
    ]
    head = "".join(
        f'<th scope="col"{" class=w" if room else ""}>{_safe(title)}</th>'
        for title, room in zip(table.head, wide, strict=True)
    )
    rows = "".join(
        "<tr>" + "".join(_cell(table, row, tones, place) for place in range(len(row))) + "</tr>\n"
        for row, tones in zip(table.rows, table.tones, strict=True)
    )
    foot = ""
    if table.totals:
        cells = "".join(
            f'<td class="{"r" if right else "n"}">{_safe(text)}</td>'
            for text, right in zip(table.totals, table.right, strict=True)
        )
        foot = f"<tfoot><tr>{cells}</tr></tfoot>\n"
    note = f'<p class="under">{_safe(table.note)}</p>' if table.note else ""
    return (
        f'<div class="scroll"><table><caption>{_safe(table.caption)}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n{foot}</table>{note}</div>\n"
    )


def _cell(table: TextTable, row: tuple[str, ...], tones: tuple[str, ...], place: int) -> str:
    text = row[place]
    short = len(text) <= 24 and " " not in text
    kind = (
        "n"
        if place == 0 and text.isdigit()
        else "r"
        if table.right[place]
        else "k"
        if (short and text.isascii()) or len(text) <= 4
        else ""
    )
    if kind == "k" and len(text) > _SHORT_ID:
        kind = "k i"
    names = " ".join(name for name in (kind, tones[place]) if name)
    return f'<td class="{names}">{_safe(text)}</td>' if names else f"<td>{_safe(text)}</td>"


def _safe(text: str) -> str:
    return html.escape(text, quote=True)
