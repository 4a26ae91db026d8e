"""What the commands share: their texts, their common arguments, their exit codes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from landzone.catalog.labels import labels
from landzone.errors import Refusal

_ZH, _EN = labels("cli", "zh"), labels("cli", "en")
LOSSES, RULE_FAILED, MOVED, INTERRUPTED, TERMINATED = 4, 10, 10, 130, 143


def help_of(command: str) -> str:
    """Return the help of a command in both languages, with its example."""
    return f"{_ZH[command]}\n\n{_EN[command]}\n\nExample: {_EN[command + '_example']}"


def option(name: str) -> str:
    """Return what an option or argument means, in both languages."""
    return f"{_ZH[name]} / {_EN[name]}"


Lang = Annotated[Literal["zh", "en"], typer.Option("--lang", help=option("opt_lang"))]
Out = Annotated[Path | None, typer.Option("-o", "--out", help=option("opt_out"))]
StudyPath = Annotated[str, typer.Argument(help=option("arg_study"))]
Result = Annotated[Path, typer.Argument(help=option("arg_result"))]
LogJson = Annotated[bool, typer.Option("--log-json", help=option("opt_log_json"))]


AnyLang = Annotated[Literal["zh", "en"] | None, typer.Option("--lang", help=option("opt_lang"))]
"""Language of what is said; that of the result where nobody gave one."""


def lang_of_result(out: Path) -> str:
    """Return the language of a finished audit; empty where the folder holds none."""
    from landzone.io.audit_folder import read_run

    try:
        lang = str(read_run(out).get("lang", ""))
    except Refusal:
        return ""
    return lang if lang in ("zh", "en") else ""
