"""``atlas/index.html``: drawing and figures of all zones, and a way to every zone and every parcel."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import partial

from landzone.catalog import load
from landzone.catalog.labels import labels
from landzone.model.result import AuditResult
from landzone.model.study import Study
from landzone.outputs import map_html
from landzone.outputs.atlas.overview import drawing, heading, legend, paint, zone_themes
from landzone.outputs.grid import shown
from landzone.outputs.map_html import assets
from landzone.outputs.map_html.layer import data_block
from landzone.outputs.map_html.page import refuse_outside, script_tag, style_tag, with_policy
from landzone.outputs.map_html.themes import Theme
from landzone.outputs.result_grids import ResultGrids, zone_names
from landzone.outputs.wording import Wording

_BLOCK = "landzone-atlas"
_safe = partial(html.escape, quote=True)


@dataclass(frozen=True)
class Entry:
    """A page of the atlas with the parcels on it; ``zone_id`` is empty for what lies outside."""

    zone_id: str
    file: str
    parcels: list[str]


def page(study: Study, result: AuditResult, entries: list[Entry]) -> str:
    """Return the overview as a page that needs no network.

    Raises
    ------
    OutputError
        Where something in it would have to be fetched.
    """
    grids = ResultGrids(study, result)
    words, say = grids.words, labels("atlas", result.lang)
    themes = zone_themes(study, result)
    files = {entry.zone_id: entry.file for entry in entries}
    names = zone_names(study, result)
    ids = result.zones["zone_id"].astype(str).tolist()
    links = [(files[zone_id], names.get(zone_id) or zone_id) for zone_id in ids]
    data = {
        "themes": [[paint(entry) for entry in theme.classes] for theme in themes],
        "pages": [[entry.file, entry.parcels] for entry in entries],
        "words": {key: say[key] for key in ("nothing", "parcels_found")},
    }
    parcels = sum(len(entry.parcels) for entry in entries)
    body = (
        _head(study, result, words, say)
        + f'<main>\n<p class="note">{_safe(say["pages"].format(pages=len(entries), parcels=f"{parcels:,}"))}</p>\n'
        + f'<section class="map"><h2>{_safe(say["overview"])}</h2>\n<div class="sheet">'
        + drawing(study, result, themes, links) + _themes(themes, words, say) + "</div></section>\n"
        + _search(say) + _table(grids, links, entries, say)
        + f'</main>\n<footer>{_safe(say["footer"])}</footer>\n'
    )  # fmt: skip
    lang = "zh-CN" if result.lang == "zh" else "en"
    text = (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_safe(study.settings.name)} – {_safe(say['title'])}</title>\n"
        f"{style_tag(assets.text('atlas.css')).render()}\n</head>\n<body>\n{body}"
        f"{data_block(_BLOCK, data).render()}\n{script_tag(assets.text('atlas.js')).render()}\n</body>\n</html>\n"
    )
    refuse_outside(text)
    return with_policy(text)


def _head(study: Study, result: AuditResult, words: Wording, say: dict[str, str]) -> str:
    kind = words.word("ui", f"area_{study.settings.area_kind}")
    area = words.say("fig_area", kind=kind, base=words.word("ui", f"area_{study.settings.area}"))
    meta = f"{say['title']} · {words.word('ui', 'as_of').format(date=result.as_of.isoformat())} · {area}"
    return (
        f'<header><div><h1>{_safe(study.settings.name)}</h1><p>{_safe(meta)}</p></div>'
        f'<p class="internal" role="note">{_safe(words.banner)}</p>'
        f'<a class="whole" href="../{map_html.FILE_NAME}">{_safe(say["whole"])}</a></header>\n'
    )  # fmt: skip


def _themes(themes: list[Theme], words: Wording, say: dict[str, str]) -> str:
    """Return the choice of themes with a legend each; the first is open."""
    choices = []
    for place, theme in enumerate(themes):
        title, split = heading(theme, words)
        rows = "".join(
            f'<li><svg class="swatch" viewBox="0 0 22 14" aria-hidden="true"><rect x="1" y="1" width="20" height="12" '
            f'fill="{fill}" stroke="#5f6b76"/></svg><span>{_safe(name)}</span><em>{count:,}</em></li>'
            for fill, name, count in legend(theme, words)
        )
        note = f'<p class="note">{_safe(split)}</p>' if split else ""
        first = " checked" if place == 0 else ""
        choices.append(
            f'<div class="theme"><label><input type="radio" name="theme" value="{place}"{first}> {_safe(title)}</label>'
            f"<ul{'' if place == 0 else ' hidden'}>{rows}{f'<li>{note}</li>' if note else ''}</ul></div>"
        )
    return (
        f"<fieldset><legend>{_safe(say['colour'])}</legend>{''.join(choices)}</fieldset>" if choices else ""
    )


def _search(say: dict[str, str]) -> str:
    return (
        f'<section class="find"><input type="search" id="find" autocomplete="off" placeholder="{_safe(say["search"])}" '
        f'aria-label="{_safe(say["search_label"])}"><ul id="found" aria-live="polite"></ul></section>\n'
    )


def _table(
    grids: ResultGrids, links: list[tuple[str, str]], entries: list[Entry], say: dict[str, str]
) -> str:
    money = f"investment_intensity_{grids.study.settings.money}_per_ha"
    keys = [
        money if key == "investment_intensity_per_ha" else key for key in load.table("atlas.toml")["columns"]
    ]
    grid = grids.zones().only(*keys)
    counted = _verdicts(grids)
    heads = "".join(f'<th scope="col">{_safe(column.title)}</th>' for column in grid.columns)
    heads += f'<th scope="col">{_safe(say["failed"])}</th><th scope="col">{_safe(say["unknown"])}</th>'
    ids = grids.result.zones["zone_id"].astype(str).tolist()
    right = [column.numeric for column in grid.columns[1:]]
    texts = [shown(column, grids.words) for column in grid.columns[1:]]
    rows = [
        _row([*zip(right, cells, strict=True)], links[place], counted.get(ids[place], (0, 0)))
        for place, cells in enumerate(zip(*texts, strict=True))
    ]
    outside = [entry for entry in entries if not entry.zone_id]
    rows += [
        f'<tr><th scope="row"><a href="{entry.file}">{_safe(say["outside"])}</a></th>'
        f'<td colspan="{len(grid.columns) + 1}">{len(entry.parcels):,}</td></tr>'
        for entry in outside
    ]
    return (
        f'<section class="scroll"><table id="zones"><caption>{_safe(say["table"])}</caption>\n'
        f"<thead><tr>{heads}</tr></thead>\n"
        "<tbody>\n" + "\n".join(rows) + "\n</tbody></table></section>\n"
    )  # fmt: skip


def _verdicts(grids: ResultGrids) -> dict[str, tuple[int, int]]:
    """Return how many rules failed and how many could not be told, by zone."""
    rows = grids.result.findings
    rows = rows[rows["subject_kind"] == "zone"]
    counts = rows.groupby(["subject_id", "verdict"]).size()
    return {
        str(zone): (int(counts.get((zone, "fail"), 0)), int(counts.get((zone, "unknown"), 0)))
        for zone in rows["subject_id"].unique()
    }


def _row(texts: list[tuple[bool, str]], link: tuple[str, str], counted: tuple[int, int]) -> str:
    file, name = link
    cells = [f'<th scope="row"><a href="{file}">{_safe(name)}</a></th>']
    cells += [f"<td{' class=r' if right else ''}>{_safe(text)}</td>" for right, text in texts]
    failed, unknown = counted
    cells += [f'<td class="r{" fail" if failed else ""}">{failed:,}</td>', f'<td class="r">{unknown:,}</td>']
    return f"<tr>{''.join(cells)}</tr>"
