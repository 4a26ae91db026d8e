"""``check.html`` and ``check.xlsx``: what the input gate found, before anything is audited."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from landzone.model.study import Study
from landzone.outputs import geopackage, run_grids
from landzone.outputs.grid import Grid
from landzone.outputs.report_content import Composer, Paragraph, Report, Section
from landzone.outputs.report_html import page
from landzone.outputs.spreadsheet import Sheet, write_book
from landzone.outputs.wording import Wording, clean

MOST_ROWS = 1_000
"""Rows of a table on the page; the workbook has all of them."""


def write(study: Study, problems: dict[str, pd.DataFrame], folder: Path, lang: str) -> Path:
    """Write ``check.html`` and ``check.xlsx`` into a folder, and return the path of the page.

    Parameters
    ----------
    study : Study
        As it was opened.
    problems : dict of DataFrame
        ``rejects``, ``repairs`` and ``notes`` with their messages, as ``shaping.problem_tables`` returns them.
    folder : Path
    lang : ``"zh"`` or ``"en"``
    """
    words = Wording(study, lang)
    frames = {words.say(f"{name}_title"): problems[name] for name in ("rejects", "repairs", "notes")}
    given = (
        run_grids.inputs(study, words),
        run_grids.operations(study, words),
        run_grids.matched(study, words),
        run_grids.hashes(study, words),
    )
    counted = run_grids.by_code(frames, words, words.say("by_code_title"))
    listed = (
        run_grids.grounds(study, words),
        run_grids.topology(study.topology.frame, words),
        *(run_grids.problems(frame, words, title) for title, frame in frames.items()),
    )
    geopackage.write_check(study, problems, folder)
    _book(words, given, (counted, *listed), folder / "check.xlsx")
    path = folder / "check.html"
    report = _report(words, given, (counted, *listed), {name: len(frame) for name, frame in problems.items()})
    path.write_text(page(report), encoding="utf-8", newline="\n")
    return path


def _report(
    words: Wording, given: tuple[Grid, ...], found: tuple[Grid, ...], counts: dict[str, int]
) -> Report:
    composer = Composer(words)
    said = [Paragraph(words.say("check_intro")), Paragraph(words.say("check_losses", **counts))]
    if not counts["rejects"]:
        said.append(Paragraph(words.say("check_clean")))
    titled = {"check_inputs": given, "check_problems": found}
    sections = [Section(words.say("check_result"), tuple(said))]
    sections += [
        Section(words.say(key), tuple(composer.table(own, MOST_ROWS) for own in grids))
        for key, grids in titled.items()
    ]
    name = clean(words.study.settings.name)
    return Report(words.lang, words.say("check_title"), name, words.say("banner"), tuple(sections))


def _book(words: Wording, given: tuple[Grid, ...], found: tuple[Grid, ...], path: Path) -> None:
    title = f"{words.say('check_title')}  {words.study.settings.name}"
    sheets = [
        Sheet(words.say("sheet_problems"), title, "", found),
        Sheet(words.say("sheet_inputs"), title, "", given),
    ]
    write_book(path, sheets, words, words.say("banner"))
