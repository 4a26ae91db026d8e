"""The command line: parse, call, print, exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from landzone import cli_results, interruption
from landzone.catalog.labels import labels
from landzone.catalog.messages import refusal
from landzone.cli_words import (
    INTERRUPTED,
    LOSSES,
    RULE_FAILED,
    TERMINATED,
    Lang,
    LogJson,
    Out,
    StudyPath,
    help_of,
    lang_of_result,
    option,
)
from landzone.console import Console
from landzone.errors import LandzoneError, LimitError, OutputError, Refusal, UsageError

if TYPE_CHECKING:
    from landzone.engine.ways import Wish

_ZH, _EN = labels("cli", "zh"), labels("cli", "en")
DEMO_AS_OF = date(2026, 6, 30)
_UNITS = {"M": 20, "G": 30, "T": 40}
_ABOUT_A_RESULT = (["render"], ["cases"], ["explain"], ["export"])


app = typer.Typer(
    name="landzone",
    help=f"{_ZH['app']}\n\n{_EN['app']}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command(help=help_of("demo"))
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


@app.command(help=help_of("init"))
def init(folder: Annotated[Path, typer.Argument(help=option("arg_folder"))], lang: Lang = "zh") -> int:
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


@app.command(help=help_of("check"))
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
    counts = {f"{kind.value}s": opened.problems.count(kind) for kind in ProblemKind}
    console.say("done", out=target.resolve())
    console.say("page_at", path=(target / "check.html").resolve())
    console.say("counts", **counts)
    return LOSSES if opened.problems.has_losses() else 0


@app.command(help=help_of("audit"))
def audit(
    study: StudyPath,
    *,
    as_of: Annotated[str, typer.Option("--as-of", metavar="YYYY-MM-DD", help=option("opt_as_of"))],
    out: Annotated[Path, typer.Option("-o", "--out", help=option("opt_out"))],
    lang: Lang = "zh",
    workers: Annotated[int | None, typer.Option("--workers", min=1, help=option("opt_workers"))] = None,
    resume: Annotated[bool, typer.Option("--resume", help=option("opt_resume"))] = False,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="tls://HOST:PORT", help=option("opt_scheduler"))
    ] = None,
    insecure: Annotated[bool, typer.Option("--insecure-scheduler", help=option("opt_insecure"))] = False,
    memory: Annotated[str | None, typer.Option("--memory", metavar="4GiB", help=option("opt_memory"))] = None,
    tables: Annotated[bool, typer.Option("--tables", help=option("opt_tables"))] = False,
    fail_on: Annotated[Literal["fail"] | None, typer.Option("--fail-on", help=option("opt_fail_on"))] = None,
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
        if fail_on:
            raise UsageError(refusal("TABLES_ALONE").text(lang))
        return _tables(study, out, day, wish, console, progress)
    with _telling_of_parts(out, console):
        opened = pipeline.open_with_progress(study, progress)
        result = pipeline.audit(opened, as_of=day, lang=lang, progress=progress, workers=workers, wish=wish)
        result.save(out, progress=progress, memory_bytes=wish.memory)
    console.results(out, result.result)
    if fail_on and (result.findings["verdict"] == "fail").any():
        return RULE_FAILED
    return LOSSES if result.has_losses else 0


@contextmanager
def _telling_of_parts(out: Path, console: Console) -> Iterator[None]:
    """Say where the finished parts of a run lie that ends early, whatever ended it."""
    from landzone.outputs.publish import tasks_path

    ended = False
    try:
        yield
        ended = True
    finally:
        if not ended and tasks_path(out).is_dir():
            console.say("work_kept", path=tasks_path(out).parent.resolve())


def _tables(
    store: str, out: Path, day: date, wish: Wish, console: Console, progress: Callable[..., None]
) -> int:
    from landzone.tabulating import tabulate

    with _telling_of_parts(out, console):
        done = tabulate(
            store, out, day, console.lang, progress, workers=wish.workers, resume=wish.resume,
            memory=wish.memory, scheduler=wish.scheduler, insecure=wish.insecure,
        )  # fmt: skip
    console.say("done", out=out.resolve())
    console.say("tables_done", **{name: done.counts[name] for name in ("parcels", "zones", "patches")})
    console.say("counts", **done.problems)
    return LOSSES if done.losses else 0


@app.command(help=help_of("conform"))
def conform(
    boundary: Annotated[str, typer.Argument(help=option("arg_boundary"))],
    study: StudyPath,
    *,
    out: Annotated[Path, typer.Option("-o", "--out", help=option("opt_out"))],
    lang: Lang = "zh",
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="YYYY-MM-DD", help=option("opt_conform_as_of"))
    ] = None,
    crs: Annotated[str | None, typer.Option("--crs", help=option("opt_boundary_crs"))] = None,
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


@app.command(help=help_of("prepare"))
def prepare(
    study: StudyPath,
    *,
    out: Annotated[Path, typer.Option("-o", "--out", help=option("opt_store"))],
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
    counts = {f"{kind.value}s": opened.problems.count(kind) for kind in ProblemKind}
    console.progress("publish", 1.0)
    console.say("store_at", out=out.resolve())
    console.say("counts", **counts)
    return LOSSES if opened.problems.has_losses() else 0


_OF_RESULTS: dict[str, Callable[..., int]] = {
    "compare": cli_results.compare,
    "render": cli_results.render,
    "export": cli_results.export,
    "cases": cli_results.cases,
    "explain": cli_results.explain,
    "verify": cli_results.verify,
}
for name, command in _OF_RESULTS.items():
    app.command(name, help=help_of(name))(command)


@app.command("list", help=help_of("list"))
def list_(
    what: Annotated[
        Literal["measures", "rules", "plans", "outputs", "columns", "formats"],
        typer.Argument(help=option("arg_what")),
    ],
    lang: Lang = "zh",
) -> int:
    """List what the catalogue holds."""
    from landzone import listing

    listing.show(what, lang)
    return 0


@app.command(help=help_of("doctor"))
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
    return next((lang for word in about if (lang := lang_of_result(Path(word)))), "zh")


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
