"""The command line: parse, call, print, exit code."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import click
import typer

from landzone.catalog.labels import labels
from landzone.catalog.messages import refusal
from landzone.console import Console
from landzone.errors import LandzoneError, OutputError, Refusal

_ZH, _EN = labels("cli", "zh"), labels("cli", "en")
DEMO_AS_OF = date(2026, 6, 30)


def _help(command: str) -> str:
    return f"{_ZH[command]}\n\n{_EN[command]}\n\nExample: {_EN[command + '_example']}"


def _opt(name: str) -> str:
    return f"{_ZH[name]} / {_EN[name]}"


app = typer.Typer(
    name="landzone",
    help=f"{_ZH['app']}\n\n{_EN['app']}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Lang = Annotated[str, typer.Option("--lang", help=_opt("opt_lang"), click_type=click.Choice(["zh", "en"]))]
Out = Annotated[Path | None, typer.Option("-o", "--out", help=_opt("opt_out"))]
LogJson = Annotated[bool, typer.Option("--log-json", help=_opt("opt_log_json"))]


@app.command(help=_help("demo"))
def demo(out: Out = None, lang: Lang = "zh", log_json: LogJson = False) -> int:
    """Audit the bundled study."""
    from landzone import pipeline
    from landzone.io.bundled import example_study

    console = Console(lang, log_json)
    target = out or Path("landzone-demo")
    study = pipeline.open_with_progress(example_study(), console.progress)
    audit = pipeline.audit(study, as_of=DEMO_AS_OF, lang=lang, progress=console.progress)
    audit.save(target, progress=console.progress)
    console.results(target, audit.result)
    return 0


@app.command(help=_help("init"))
def init(folder: Path, lang: Lang = "zh") -> int:
    """Write a study file for a folder."""
    from landzone.io.discover import write_study_file

    console = Console(lang)
    console.say("file_written", path=write_study_file(folder))
    return 0


@app.command(help=_help("check"))
def check(study: str, out: Out = None, lang: Lang = "zh", log_json: LogJson = False) -> int:
    """Run the input gate alone."""
    from landzone import pipeline

    console = Console(lang, log_json)
    opened = pipeline.open_with_progress(study, console.progress)
    target = pipeline.check(opened, out or Path("landzone-check"), lang)
    console.say("done", out=target)
    return 4 if opened.problems.has_losses() else 0


@app.command(help=_help("audit"))
def audit(
    study: str,
    *,
    as_of: Annotated[str, typer.Option("--as-of", metavar="YYYY-MM-DD", help=_opt("opt_as_of"))],
    out: Annotated[Path, typer.Option("-o", "--out", help=_opt("opt_out"))],
    lang: Lang = "zh",
    fail_on: Annotated[
        str | None, typer.Option("--fail-on", help=_opt("opt_fail_on"), click_type=click.Choice(["fail"]))
    ] = None,
    log_json: LogJson = False,
) -> int:
    """Audit a study as of a date."""
    from landzone import pipeline
    from landzone.outputs.publish import check_target

    console = Console(lang, log_json)
    day = _day(as_of)
    check_target(out)
    opened = pipeline.open_with_progress(study, console.progress)
    result = pipeline.audit(opened, as_of=day, lang=lang, progress=console.progress)
    result.save(out, progress=console.progress)
    console.results(out, result.result)
    if fail_on and (result.findings["verdict"] == "fail").any():
        return 10
    return 4 if result.has_losses else 0


@app.command("list", help=_help("list"))
def list_(
    what: Annotated[
        str,
        typer.Argument(
            click_type=click.Choice(["measures", "rules", "plans", "outputs", "columns", "formats"])
        ),
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


def _day(text: str) -> date:
    try:
        if len(text) != 10:
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            refusal("AS_OF_INVALID", value=text).text("en"), param_hint="--as-of"
        ) from None


class _Terminated(Exception):
    pass


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise _Terminated


def _lang_of(args: Sequence[str]) -> str:
    for before, word in zip(["", *args], args, strict=False):
        if (before == "--lang" and word == "en") or word == "--lang=en":
            return "en"
    return "zh"


def run(args: Sequence[str]) -> int:
    """Run one command and return its exit code; a bug of ours ends with its traceback and code 1."""
    lang = _lang_of(args)
    words = labels("cli", lang)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        code = typer.main.get_command(app).main(list(args), prog_name="landzone", standalone_mode=False)
        return int(code or 0)
    except click.exceptions.Abort:
        print(words["interrupted"], file=sys.stderr)
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except Refusal as error:
        print(error.text(lang), file=sys.stderr)
        return error.exit_code
    except OutputError as error:
        print(words["disk"].format(error=error), file=sys.stderr)
        return error.exit_code
    except LandzoneError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(words["interrupted"], file=sys.stderr)
        return 130
    except _Terminated:
        print(words["interrupted"], file=sys.stderr)
        return 143
    except MemoryError:
        print("MemoryError", file=sys.stderr)
        return 6
