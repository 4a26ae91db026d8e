"""The command line: parse, call, print, exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from landzone import interruption
from landzone.catalog.labels import labels
from landzone.catalog.messages import refusal
from landzone.console import Console
from landzone.errors import LandzoneError, LimitError, OutputError, Refusal, UsageError

if TYPE_CHECKING:
    from landzone.engine.ways import Wish

_ZH, _EN = labels("cli", "zh"), labels("cli", "en")
DEMO_AS_OF = date(2026, 6, 30)
_UNITS = {"M": 20, "G": 30, "T": 40}
_ABOUT_A_RESULT = (["render"], ["cases"], ["explain"])
LOSSES, RULE_FAILED, MOVED, INTERRUPTED, TERMINATED = 4, 10, 10, 130, 143


def _help(command: str) -> str:
    return f"{_ZH[command]}\n\n{_EN[command]}\n\nExample: {_EN[command + '_example']}"


def _opt(name: str) -> str:
    return f"{_ZH[name]} / {_EN[name]}"


app = typer.Typer(
    name="landzone",
    help=f"{_ZH['app']}\n\n{_EN['app']}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Lang = Annotated[Literal["zh", "en"], typer.Option("--lang", help=_opt("opt_lang"))]
Out = Annotated[Path | None, typer.Option("-o", "--out", help=_opt("opt_out"))]
StudyPath = Annotated[str, typer.Argument(help=_opt("arg_study"))]
Result = Annotated[Path, typer.Argument(help=_opt("arg_result"))]
LogJson = Annotated[bool, typer.Option("--log-json", help=_opt("opt_log_json"))]


@app.command(help=_help("demo"))
def demo(out: Out = None, lang: Lang = "zh", log_json: LogJson = False) -> int:
    """Audit the bundled study."""
    from landzone import pipeline
    from landzone.io.bundled import example_study
    from landzone.outputs.publish import check_target

    console = Console(lang, log_json)
    target = out or Path("landzone-demo")
    check_target(target)
    study = pipeline.open_with_progress(example_study(), console.progress)
    audit = pipeline.audit(study, as_of=DEMO_AS_OF, lang=lang, progress=console.progress)
    audit.save(target, progress=console.progress)
    console.results(target, audit.result)
    return 0


@app.command(help=_help("init"))
def init(folder: Annotated[Path, typer.Argument(help=_opt("arg_folder"))], lang: Lang = "zh") -> int:
    """Write a study file for a folder."""
    from landzone.io.study_text import missing_measures, write_study_file

    console = Console(lang)
    path, found = write_study_file(folder, lang)
    for one in found.taken:
        console.say("file_taken", file=one.look.source, role=one.role)
    for doubt in found.doubts:
        console.say("file_doubt", files=", ".join(doubt.sources), roles=", ".join(doubt.roles))
    for source in found.left:
        console.say("file_left", file=source)
    for sentence in missing_measures(found, lang):
        console.say("file_missing", text=sentence)
    console.say("file_written", path=path)
    points = found.open_points()
    console.say("file_open" if points else "file_complete", count=points, path=path)
    return 0


@app.command(help=_help("check"))
def check(study: StudyPath, out: Out = None, lang: Lang = "zh", log_json: LogJson = False) -> int:
    """Run the input gate alone."""
    from landzone import pipeline
    from landzone.model.problems import ProblemKind
    from landzone.outputs.publish import check_target

    console = Console(lang, log_json)
    target = out or Path("landzone-check")
    check_target(target)
    opened = pipeline.open_with_progress(study, console.progress)
    pipeline.check(opened, target, lang)
    counts = {f"{kind.value}s": len(opened.problems.frame(kind)) for kind in ProblemKind}
    console.say("done", out=target.resolve())
    console.say("page_at", path=(target / "check.html").resolve())
    console.say("counts", **counts)
    return LOSSES if opened.problems.has_losses() else 0


@app.command(help=_help("audit"))
def audit(
    study: StudyPath,
    *,
    as_of: Annotated[str, typer.Option("--as-of", metavar="YYYY-MM-DD", help=_opt("opt_as_of"))],
    out: Annotated[Path, typer.Option("-o", "--out", help=_opt("opt_out"))],
    lang: Lang = "zh",
    workers: Annotated[int | None, typer.Option("--workers", min=1, help=_opt("opt_workers"))] = None,
    resume: Annotated[bool, typer.Option("--resume", help=_opt("opt_resume"))] = False,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="tls://HOST:PORT", help=_opt("opt_scheduler"))
    ] = None,
    insecure: Annotated[bool, typer.Option("--insecure-scheduler", help=_opt("opt_insecure"))] = False,
    memory: Annotated[str | None, typer.Option("--memory", metavar="4GiB", help=_opt("opt_memory"))] = None,
    tables: Annotated[bool, typer.Option("--tables", help=_opt("opt_tables"))] = False,
    fail_on: Annotated[Literal["fail"] | None, typer.Option("--fail-on", help=_opt("opt_fail_on"))] = None,
    log_json: LogJson = False,
) -> int:
    """Audit a study as of a date."""
    from landzone import pipeline
    from landzone.engine.ways import Wish, within
    from landzone.outputs.publish import check_target, tasks_path

    console = Console(lang, log_json)
    day = _day(as_of, lang)
    wish = Wish(tasks_path(out.absolute()), workers, resume, _bytes(memory, lang), scheduler, insecure)
    if scheduler is not None:
        _scheduler(scheduler, insecure, lang)
    progress = within(wish.memory, console.progress)
    check_target(out)
    if tables:
        if scheduler is not None or fail_on:
            raise UsageError(refusal("TABLES_ALONE").text(lang))
        return _tables(Path(study), out, day, wish, console, progress)
    try:
        opened = pipeline.open_with_progress(study, progress)
        result = pipeline.audit(opened, as_of=day, lang=lang, progress=progress, workers=workers, wish=wish)
        result.save(out, progress=progress)
    except BaseException:
        if tasks_path(out).is_dir():
            console.say("work_kept", path=tasks_path(out).parent.resolve())
        raise
    console.results(out, result.result)
    if fail_on and (result.findings["verdict"] == "fail").any():
        return RULE_FAILED
    return LOSSES if result.has_losses else 0


def _tables(
    store: Path, out: Path, day: date, wish: Wish, console: Console, progress: Callable[..., None]
) -> int:
    from landzone.outputs.publish import tasks_path
    from landzone.tabulating import tabulate

    try:
        done = tabulate(store, out, day, console.lang, wish, progress)
    except BaseException:
        if tasks_path(out).is_dir():
            console.say("work_kept", path=tasks_path(out).parent.resolve())
        raise
    console.say("done", out=out.resolve())
    console.say("tables_done", **{name: done.counts[name] for name in ("parcels", "zones", "patches")})
    console.say("counts", **done.problems)
    return LOSSES if done.losses else 0


@app.command(help=_help("conform"))
def conform(
    boundary: Annotated[str, typer.Argument(help=_opt("arg_boundary"))],
    study: StudyPath,
    *,
    out: Annotated[Path, typer.Option("-o", "--out", help=_opt("opt_out"))],
    lang: Lang = "zh",
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="YYYY-MM-DD", help=_opt("opt_conform_as_of"))
    ] = None,
    crs: Annotated[str | None, typer.Option("--crs", help=_opt("opt_boundary_crs"))] = None,
    log_json: LogJson = False,
) -> int:
    """Judge drawn boundaries."""
    from landzone.conform import conform as judge
    from landzone.outputs.publish import check_target

    console = Console(lang, log_json)
    day = _day(as_of, lang) if as_of is not None else None
    check_target(out)
    judged = judge(boundary, study, lang=lang, as_of=day, crs=crs, progress=console.progress)
    judged.save(out, progress=console.progress)
    console.say("done", out=out.resolve())
    console.say("report_at", path=(out / "conform.html").resolve())
    answers = labels("conform", lang)
    for name, answer in judged.result.boundaries[["boundary_id", "conclusion"]].itertuples(index=False):
        console.say("boundary_answer", name=name, answer=answers[f"answer_{answer}"])
    return LOSSES if judged.has_losses else 0


@app.command(help=_help("prepare"))
def prepare(
    study: StudyPath,
    *,
    out: Annotated[Path, typer.Option("-o", "--out", help=_opt("opt_store"))],
    lang: Lang = "zh",
    log_json: LogJson = False,
) -> int:
    """Read, check and index once."""
    from landzone import pipeline
    from landzone.model.problems import ProblemKind
    from landzone.outputs.publish import check_target

    console = Console(lang, log_json)
    check_target(out, store=True)
    opened = pipeline.open_with_progress(study, console.progress)
    pipeline.prepare(opened, out)
    counts = {f"{kind.value}s": len(opened.problems.frame(kind)) for kind in ProblemKind}
    console.progress("publish", 1.0)
    console.say("store_at", out=out.resolve())
    console.say("counts", **counts)
    return LOSSES if opened.problems.has_losses() else 0


@app.command(help=_help("compare"))
def compare(
    old: Annotated[Path, typer.Argument(metavar="OUT_OLD", help=_opt("arg_old"))],
    new: Annotated[Path, typer.Argument(metavar="OUT_NEW", help=_opt("arg_new"))],
    *,
    out: Annotated[Path, typer.Option("-o", "--out", help=_opt("opt_out"))],
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


@app.command(help=_help("render"))
def render(
    out: Result,
    lang: Annotated[Literal["zh", "en"] | None, typer.Option("--lang", help=_opt("opt_lang"))] = None,
    *,
    public: Annotated[bool, typer.Option("--public", help=_opt("opt_public"))] = False,
    approval: Annotated[str, typer.Option("--approval", help=_opt("opt_approval"))] = "",
    basemap: Annotated[str, typer.Option("--basemap", help=_opt("opt_basemap"))] = "",
    maps: Annotated[bool, typer.Option("--maps", help=_opt("opt_maps"))] = False,
    atlas: Annotated[bool, typer.Option("--atlas", help=_opt("opt_atlas"))] = False,
    tiles: Annotated[
        Literal["pmtiles", "mvt"] | None, typer.Option("--tiles", help=_opt("opt_tiles"))
    ] = None,
    log_json: LogJson = False,
) -> int:
    """Make the pages of a result again."""
    from landzone import rendering
    from landzone.outputs.map_html.basemap import service_names
    from landzone.outputs.public import LIST_FILE
    from landzone.outputs.tiles import FOLDER as TILES
    from landzone.outputs.tiles import missing

    console = Console(lang or _lang_of_result(out) or "zh", log_json)
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


@app.command(help=_help("cases"))
def cases(
    out: Result,
    parcels: Annotated[
        list[str] | None, typer.Argument(metavar="[PARCEL_ID]...", help=_opt("arg_cases"))
    ] = None,
    *,
    lang: Annotated[Literal["zh", "en"] | None, typer.Option("--lang", help=_opt("opt_lang"))] = None,
    pictures: Annotated[Path | None, typer.Option("--pictures", help=_opt("opt_pictures"))] = None,
    register: Annotated[Path | None, typer.Option("--register", help=_opt("opt_register"))] = None,
    log_json: LogJson = False,
) -> int:
    """Write case files and the register of cases."""
    from landzone.cases import write_cases
    from landzone.engine.pool import workers_that_fit

    console = Console(lang or _lang_of_result(out) or "zh", log_json)
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


@app.command(help=_help("explain"))
def explain(
    out: Result,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT_ID", help=_opt("arg_subject"))],
    rule: Annotated[str, typer.Argument(metavar="[RULE_ID]", help=_opt("arg_rule"))] = "",
    lang: Annotated[Literal["zh", "en"] | None, typer.Option("--lang", help=_opt("opt_lang"))] = None,
) -> int:
    """Tell where a number comes from."""
    from landzone import explaining

    for line in explaining.explain(out, subject, rule, lang or ""):
        print(line)
    return 0


@app.command(help=_help("verify"))
def verify(out: Result, lang: Lang = "zh", log_json: LogJson = False) -> int:
    """Hash a result and run its audit again."""
    from landzone import verification

    console = Console(lang, log_json)
    moved = verification.verify(out, console.progress)
    for one in moved:
        console.say(one.word, **one.params)
    console.say("moved" if moved else "verified", count=len(moved))
    return MOVED if moved else 0


@app.command("list", help=_help("list"))
def list_(
    what: Annotated[
        Literal["measures", "rules", "plans", "outputs", "columns", "formats"],
        typer.Argument(help=_opt("arg_what")),
    ],
    lang: Lang = "zh",
) -> int:
    """List what the catalogue holds."""
    from landzone import listing

    listing.show(what, lang)
    return 0


@app.command(help=_help("doctor"))
def doctor(lang: Lang = "zh") -> int:
    """Tell what works here."""
    from landzone import listing

    return listing.doctor(lang)


def _day(text: str, lang: str) -> date:
    try:
        if len(text) != 10:
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(refusal("AS_OF_INVALID", value=text).text(lang)) from None


def _bytes(text: str | None, lang: str) -> int | None:
    """Return an amount of memory in bytes: ``4GiB``, ``4G``, ``800M``."""
    if text is None:
        return None
    number, unit = text.rstrip("iBb"), 0
    if number and number[-1].upper() in _UNITS:
        number, unit = number[:-1], _UNITS[number[-1].upper()]
    try:
        if unit == 0 or not float(number) > 0:
            raise ValueError(text)
        return int(float(number) * (1 << unit))
    except ValueError:
        raise UsageError(refusal("MEMORY_INVALID", value=text).text(lang)) from None


def _scheduler(address: str, insecure: bool, lang: str) -> None:
    from landzone.engine.cluster import check_address

    try:
        check_address(address, insecure)
    except Refusal as error:
        raise UsageError(error.text(lang)) from None


def _lang_of(args: Sequence[str]) -> str:
    """Return the language of ``--lang``; where nobody gave it, that of the result a command is about; else Chinese."""
    for before, word in zip(["", *args], args, strict=False):
        for lang in ("zh", "en"):
            if (before == "--lang" and word == lang) or word == f"--lang={lang}":
                return lang
    about = [word for word in args[1:] if not word.startswith("-")] if args[:1] in _ABOUT_A_RESULT else []
    return next((lang for word in about if (lang := _lang_of_result(Path(word)))), "zh")


def _lang_of_result(out: Path) -> str:
    """Return the language of a finished audit; empty where the folder holds none."""
    from landzone.io.audit_folder import read_run

    try:
        lang = str(read_run(out).get("lang", ""))
    except Refusal:
        return ""
    return lang if lang in ("zh", "en") else ""


def run(args: Sequence[str]) -> int:
    """Run one command and return its exit code; a bug of ours ends with its traceback and code 1."""
    with interruption.listening():
        return _run(args, _lang_of(args))


def _run(args: Sequence[str], lang: str) -> int:
    words = labels("cli", lang)
    try:
        code = int(app(list(args), prog_name="landzone", standalone_mode=False) or 0)
        if code == INTERRUPTED:
            print(words["interrupted"], file=sys.stderr)
        return code
    except typer.TyperException as error:
        error.show()  # type: ignore[attr-defined]  # each that typer raises for a wrong call has it
        return UsageError.exit_code
    except Refusal as error:
        print(error.text(lang), file=sys.stderr)
        return error.exit_code
    except OutputError as error:
        print(words["disk"].format(error=error), file=sys.stderr)
        return error.exit_code
    except LandzoneError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        print(words["interrupted"], file=sys.stderr)
        return INTERRUPTED
    except interruption.Terminated:
        print(words["interrupted"], file=sys.stderr)
        return TERMINATED
    except MemoryError:
        print(words["memory"], file=sys.stderr)
        return LimitError.exit_code
