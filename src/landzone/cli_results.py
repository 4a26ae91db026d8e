"""Commands about finished results: render, cases, explain, verify, compare, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from landzone.cli_words import MOVED, AnyLang, Lang, LogJson, Result, lang_of_result, option
from landzone.console import Console


def compare(
    old: Annotated[Path, typer.Argument(metavar="OUT_OLD", help=option("arg_old"))],
    new: Annotated[Path, typer.Argument(metavar="OUT_NEW", help=option("arg_new"))],
    *,
    out: Annotated[Path, typer.Option("-o", "--out", help=option("opt_out"))],
    lang: Lang = "zh",
    log_json: LogJson = False,
) -> int:
    """Tell what changed between two audits."""
    from landzone import comparing

    console = Console(lang, log_json)
    comparing.check_comparison_target(out, old, new)
    compared = comparing.compare(old, new, lang=lang, progress=console.progress)
    compared.save(out, progress=console.progress)
    console.say("done", out=out.resolve())
    console.say("report_at", path=(out / "compare.html").resolve())
    console.say("compared", **comparing.count_of(compared.result, "parcels"))
    if len(compared.result.notes):
        console.say("compare_notes", count=len(compared.result.notes))
    return 0


def render(
    out: Result,
    lang: AnyLang = None,
    *,
    public: Annotated[bool, typer.Option("--public", help=option("opt_public"))] = False,
    approval: Annotated[str, typer.Option("--approval", help=option("opt_approval"))] = "",
    basemap: Annotated[str, typer.Option("--basemap", help=option("opt_basemap"))] = "",
    maps: Annotated[bool, typer.Option("--maps", help=option("opt_maps"))] = False,
    atlas: Annotated[bool, typer.Option("--atlas", help=option("opt_atlas"))] = False,
    tiles: Annotated[
        Literal["pmtiles", "mvt"] | None, typer.Option("--tiles", help=option("opt_tiles"))
    ] = None,
    log_json: LogJson = False,
) -> int:
    """Make the pages of a result again."""
    from landzone import rendering
    from landzone.outputs.map_html.basemap import service_names
    from landzone.outputs.public import LIST_FILE
    from landzone.outputs.tiles import FOLDER as TILES
    from landzone.outputs.tiles import missing

    console = Console(lang or lang_of_result(out) or "zh", log_json)
    rendering.render(
        out,
        lang,
        public=public,
        approval=approval,
        basemap=basemap,
        maps=maps,
        atlas=atlas,
        tiles=tiles or "",
    )
    console.say("done", out=out.resolve())
    if basemap in service_names():
        console.say("basemap_asks", name=basemap)
    if tiles:
        console.say("tiles_done", path=(out / TILES).resolve(), count=missing(out))
    if public:
        console.say("public_done", path=(out / LIST_FILE).resolve())
    return 0


def cases(
    out: Result,
    parcels: Annotated[
        list[str] | None, typer.Argument(metavar="[PARCEL_ID]...", help=option("arg_cases"))
    ] = None,
    *,
    lang: AnyLang = None,
    pictures: Annotated[Path | None, typer.Option("--pictures", help=option("opt_pictures"))] = None,
    register: Annotated[Path | None, typer.Option("--register", help=option("opt_register"))] = None,
    log_json: LogJson = False,
) -> int:
    """Write case files and the register of cases."""
    from landzone.cases import write_cases
    from landzone.engine.pool import workers_that_fit

    console = Console(lang or lang_of_result(out) or "zh", log_json)
    done = write_cases(
        out,
        lang,
        parcels=parcels or (),
        pictures=pictures,
        register=register,
        workers=workers_that_fit(),
        progress=console.progress,
    )
    console.say("cases_done", count=done.count, path=done.folder.resolve())
    console.say("register_at", path=done.register.resolve(), count=len(done.checks.rows))
    for name in done.kept:
        console.say("case_kept", file=name)
    return 0


def explain(
    out: Result,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT_ID", help=option("arg_subject"))],
    rule: Annotated[str, typer.Argument(metavar="[RULE_ID]", help=option("arg_rule"))] = "",
    lang: AnyLang = None,
) -> int:
    """Tell where a number comes from."""
    from landzone import explaining

    for line in explaining.explain(out, subject, rule, lang or ""):
        print(line)
    return 0


def verify(out: Result, lang: Lang = "zh", log_json: LogJson = False) -> int:
    """Hash a result and run its audit again."""
    from landzone import verification

    console = Console(lang, log_json)
    moved = verification.verify(out, console.progress)
    for one in moved:
        console.say(one.word, **one.params)
    console.say("moved" if moved else "verified", count=len(moved))
    return MOVED if moved else 0


def export(
    out: Result,
    database: Annotated[str, typer.Argument(metavar="DATABASE", help=option("arg_database"))],
    *,
    replace: Annotated[bool, typer.Option("--replace", help=option("opt_replace"))] = False,
    lang: AnyLang = None,
    log_json: LogJson = False,
) -> int:
    """Copy the tables of a result into a database."""
    from landzone.io.postgis_target import write_postgis

    console = Console(lang or lang_of_result(out) or "zh", log_json)
    done = write_postgis(
        out, database, replace=replace, told=lambda name, share: console.progress("export", share, name)
    )
    console.progress("export", 1.0)
    console.say("exported", schema=done.schema, tables=len(done.rows), rows=sum(done.rows.values()))
    for old, new in done.renamed.items():
        console.say("export_renamed", old=old, new=new)
    return 0
